//! Class properties of a metadata schema (3D Metadata, "Property").

use serde_json::{Map, Value};

use super::basic;
use super::extensions;
use super::report::Report;
use super::semantics;
use super::value::{COMPONENTS, KINDS, Type, numbers_of};

/// Checks one property of a class.
pub(super) fn check(r: &mut Report, path: &str, value: &Value, schema: &Value) -> bool {
    let Some(object) = basic::object(r, path, value) else {
        return false;
    };
    let mut good = extensions::root_property(r, path, object);
    good &= basic::optional_strings(r, path, object, &["name", "description"]);
    let Some(kind) = basic::required(r, path, object, "type") else {
        return false;
    };
    let kind_path = format!("{path}/type");
    let kind =
        basic::string(r, &kind_path, kind).and_then(|_| basic::one_of(r, &kind_path, kind, KINDS));
    let Some(kind) = kind else { return false };

    good &= check_component(r, path, object, kind);
    good &= check_enum(r, path, object, kind, schema);
    good &= check_array(r, path, object);
    good &= check_normalized(r, path, object, kind);
    let required = match object.get("required") {
        None => Some(false),
        Some(v) => basic::boolean(r, &format!("{path}/required"), v),
    };
    good &= required.is_some();
    if !good {
        return false;
    }
    good &= check_values(r, path, object, value, schema);
    if required == Some(true) {
        for key in ["noData", "default"]
            .into_iter()
            .filter(|k| object.contains_key(*k))
        {
            let what = format!("a required property has no use for '{key}'");
            good = r.add("CLASS_PROPERTY_INCONSISTENT", path, what);
        }
    }
    if let Some(semantic) = object.get("semantic") {
        let path = format!("{path}/semantic");
        good &=
            basic::string(r, &path, semantic).is_some_and(|name| match Type::of(value, schema) {
                Some(of) => semantics::check(r, &path, name, &of),
                None => false,
            });
    }
    good
}

fn check_component(r: &mut Report, path: &str, object: &Map<String, Value>, kind: &str) -> bool {
    let numeric = numbers_of(kind).is_some();
    let Some(component) = object.get("componentType") else {
        return !numeric
            || r.add(
                "CLASS_PROPERTY_COMPONENT_TYPE_MISSING",
                path,
                format!("{kind} needs a componentType"),
            );
    };
    let at = format!("{path}/componentType");
    let good = basic::string(r, &at, component).is_some()
        && basic::one_of(r, &at, component, COMPONENTS).is_some();
    if good && !numeric {
        let what = format!("{kind} has no componentType");
        return r.add(
            "CLASS_PROPERTY_COMPONENT_TYPE_FOR_NON_NUMERIC_TYPE",
            path,
            what,
        );
    }
    good
}

fn check_enum(
    r: &mut Report,
    path: &str,
    object: &Map<String, Value>,
    kind: &str,
    schema: &Value,
) -> bool {
    let Some(name) = object.get("enumType") else {
        return kind != "ENUM"
            || r.add(
                "CLASS_PROPERTY_ENUM_TYPE_WITHOUT_ENUMTYPE",
                path,
                "ENUM needs an enumType",
            );
    };
    let at = format!("{path}/enumType");
    let Some(name) = basic::string(r, &at, name) else {
        return false;
    };
    if kind != "ENUM" {
        return r.add(
            "CLASS_PROPERTY_ENUMTYPE_WITH_NON_ENUM_TYPE",
            path,
            format!("{kind} has no enumType"),
        );
    }
    schema.get("enums").and_then(|e| e.get(name)).is_some()
        || r.add(
            "CLASS_PROPERTY_ENUMTYPE_NOT_FOUND",
            &at,
            format!("the schema has no enum '{name}'"),
        )
}

fn check_array(r: &mut Report, path: &str, object: &Map<String, Value>) -> bool {
    let is_array = match object.get("array") {
        None => false,
        Some(v) => match basic::boolean(r, &format!("{path}/array"), v) {
            Some(is_array) => is_array,
            None => return false,
        },
    };
    let Some(count) = object.get("count") else {
        return true;
    };
    if basic::integer(r, &format!("{path}/count"), count, 2, None).is_none() {
        return false;
    }
    is_array
        || r.add(
            "CLASS_PROPERTY_COUNT_FOR_NON_ARRAY",
            path,
            "'count' is for arrays only",
        )
}

fn check_normalized(r: &mut Report, path: &str, object: &Map<String, Value>, kind: &str) -> bool {
    let Some(normalized) = object.get("normalized") else {
        return true;
    };
    match basic::boolean(r, &format!("{path}/normalized"), normalized) {
        None => false,
        Some(false) => true,
        Some(true) => {
            let component = object
                .get("componentType")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let integer = numbers_of(kind).is_some() && component.contains("INT");
            integer || {
                let what = format!("{kind} of {component:?} cannot be normalised");
                r.add(
                    "CLASS_PROPERTY_NORMALIZED_FOR_NON_NORMALIZABLE_TYPE",
                    path,
                    what,
                )
            }
        }
    }
}

/// `offset`, `scale`, `min`, `max`, `noData` and `default` fit the type.
fn check_values(
    r: &mut Report,
    path: &str,
    object: &Map<String, Value>,
    property: &Value,
    schema: &Value,
) -> bool {
    let Some(of) = Type::of(property, schema) else {
        return false;
    };
    let numeric = numbers_of(of.kind).is_some();
    let mut good = true;
    for key in ["offset", "scale", "max", "min", "noData", "default"] {
        let Some(value) = object.get(key) else {
            continue;
        };
        let at = format!("{path}/{key}");
        good &= match key {
            "offset" | "scale" if !of.is_float() => {
                let what = format!("'{key}' is only for floating point and normalised values");
                r.add(
                    "METADATA_OFFSET_SCALE_FOR_NON_FLOATING_POINT_TYPE",
                    path,
                    what,
                )
            }
            "max" | "min" if !numeric => r.add(
                "METADATA_MIN_MAX_FOR_NON_NUMERIC_TYPE",
                path,
                format!("{} has no '{key}'", of.kind),
            ),
            "offset" | "scale" | "max" | "min" => of.check_transformed(r, &at, value),
            _ => of.check(r, &at, value),
        };
    }
    good
}
