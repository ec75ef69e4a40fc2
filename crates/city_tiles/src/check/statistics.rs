//! `tileset.statistics` and `tileset.properties`.

use serde_json::{Map, Value};

use super::basic;
use super::extensions;
use super::report::Report;
use super::schema::State;
use super::value::Type;

/// Checks `statistics` (3D Metadata, "Statistics").
pub(super) fn check(r: &mut Report, path: &str, statistics: &Value, schema: State) -> bool {
    let Some(object) = basic::object(r, path, statistics) else {
        return false;
    };
    let good = extensions::root_property(r, path, object);
    let Some(classes) = object.get("classes") else {
        return good;
    };
    let path = format!("{path}/classes");
    let Some(classes) = basic::object(r, &path, classes) else {
        return false;
    };
    if classes.is_empty() {
        return r.add(
            "NUMBER_OF_PROPERTIES_MISMATCH",
            &path,
            "expected at least one class",
        );
    }
    let schema = match schema {
        State::Absent => {
            return r.add(
                "REQUIRED_VALUE_NOT_FOUND",
                &path,
                "there are statistics, but the tileset has no schema",
            );
        }
        State::Broken => return good,
        State::Valid(schema) => schema,
    };
    classes.iter().fold(good, |good, (name, class)| {
        check_class(r, &format!("{path}/{name}"), name, class, schema) && good
    })
}

fn check_class(r: &mut Report, path: &str, name: &str, class: &Value, schema: &Value) -> bool {
    let Some(object) = basic::object(r, path, class) else {
        return false;
    };
    let Some(definition) = schema.get("classes").and_then(|c| c.get(name)) else {
        return r.add(
            "IDENTIFIER_NOT_FOUND",
            path,
            format!("the schema has no class '{name}'"),
        );
    };
    if let Some(count) = object.get("count")
        && basic::integer(r, &format!("{path}/count"), count, 0, None).is_none()
    {
        return false;
    }
    let Some(properties) = object.get("properties") else {
        return true;
    };
    let path = format!("{path}/properties");
    let Some(properties) = basic::object(r, &path, properties) else {
        return false;
    };
    if properties.is_empty() {
        return r.add(
            "NUMBER_OF_PROPERTIES_MISMATCH",
            &path,
            "expected at least one property",
        );
    }
    let mut good = true;
    for (name, value) in properties {
        let path = format!("{path}/{name}");
        let Some(definition) = definition.get("properties").and_then(|p| p.get(name)) else {
            good = r.add(
                "IDENTIFIER_NOT_FOUND",
                &path,
                format!("the class has no property '{name}'"),
            );
            continue;
        };
        good &= basic::object(r, &path, value)
            .is_some_and(|v| check_property(r, &path, v, definition, schema));
    }
    good
}

fn check_property(
    r: &mut Report,
    path: &str,
    values: &Map<String, Value>,
    definition: &Value,
    schema: &Value,
) -> bool {
    let Some(of) = Type::of(definition, schema) else {
        return false;
    };
    let numeric = super::value::numbers_of(of.kind).is_some();
    let mut good = true;
    for key in [
        "min",
        "max",
        "mean",
        "median",
        "standardDeviation",
        "variance",
        "sum",
    ] {
        let Some(value) = values.get(key) else {
            continue;
        };
        if !numeric {
            good = r.add(
                "METADATA_MIN_MAX_FOR_NON_NUMERIC_TYPE",
                path,
                format!("{} has no '{key}'", of.kind),
            );
        } else if matches!(key, "min" | "max") && (!of.is_array || of.count.is_some()) {
            good &= of.check_transformed(r, &format!("{path}/{key}"), value);
        }
    }
    good
}

/// Checks `properties` (3D Tiles 1.0, "Properties"): ranges of batch table columns.
pub(super) fn check_properties(r: &mut Report, path: &str, properties: &Value) -> bool {
    let Some(properties) = basic::object(r, path, properties) else {
        return false;
    };
    let mut good = true;
    for (name, value) in properties {
        let path = format!("{path}/{name}");
        let Some(object) = basic::object(r, &path, value) else {
            good = false;
            continue;
        };
        good &= extensions::root_property(r, &path, object);
        let mut end = |key: &str| {
            let value = basic::required(r, &path, object, key)?;
            basic::number(r, &format!("{path}/{key}"), value)
        };
        match (end("minimum"), end("maximum")) {
            (Some(min), Some(max)) if min > max => {
                let what = format!("the minimum {min} is above the maximum {max}");
                good = r.add("PROPERTIES_MINIMUM_LARGER_THAN_MAXIMUM", &path, what);
            }
            (Some(_), Some(_)) => {}
            _ => good = false,
        }
    }
    good
}
