//! Property tables (3D Metadata, "Binary Table Format"): their definition, not their bytes.

use serde_json::{Map, Value};

use super::basic;
use super::entity;
use super::extensions;
use super::report::Report;
use super::value::Type;

const OFFSET_TYPES: &[&str] = &["UINT8", "UINT16", "UINT32", "UINT64"];

/// Checks a table against its schema; `buffer_views` is how many there are to refer to.
pub(super) fn check(
    r: &mut Report,
    path: &str,
    table: &Value,
    buffer_views: usize,
    schema: &Value,
) -> bool {
    let Some(object) = basic::object(r, path, table) else {
        return false;
    };
    let mut good = extensions::root_property(r, path, object);
    good &= basic::optional_strings(r, path, object, &["name"]);
    let count = basic::required(r, path, object, "count");
    good &=
        count.is_some_and(|c| basic::integer(r, &format!("{path}/count"), c, 1, None).is_some());
    let Some(class) = entity::class_of(r, path, object, schema) else {
        return false;
    };
    let nothing = Map::new();
    let definitions = class
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&nothing);
    let columns = match object.get("properties") {
        None => &nothing,
        Some(columns) => {
            let path = format!("{path}/properties");
            let Some(columns) = basic::object(r, &path, columns) else {
                return false;
            };
            if columns.is_empty() {
                return r.add(
                    "NUMBER_OF_PROPERTIES_MISMATCH",
                    &path,
                    "expected at least one property",
                );
            }
            columns
        }
    };
    for (name, column) in columns {
        let path = format!("{path}/properties/{name}");
        good &= match definitions.get(name) {
            None => r.add(
                "IDENTIFIER_NOT_FOUND",
                &path,
                format!("the class has no property '{name}'"),
            ),
            Some(definition) => check_column(r, &path, column, buffer_views, definition, schema),
        };
    }
    for (name, definition) in definitions {
        if definition.get("required") == Some(&Value::Bool(true)) && !columns.contains_key(name) {
            let what = format!("the property '{name}' is required");
            good = r.add("METADATA_VALUE_REQUIRED_BUT_MISSING", path, what);
        }
    }
    good
}

fn check_column(
    r: &mut Report,
    path: &str,
    column: &Value,
    buffer_views: usize,
    definition: &Value,
    schema: &Value,
) -> bool {
    let Some(object) = basic::object(r, path, column) else {
        return false;
    };
    let Some(of) = Type::of(definition, schema) else {
        return false;
    };
    let mut good = extensions::root_property(r, path, object);
    let below = i64::try_from(buffer_views).ok();
    good &= basic::required(r, path, object, "values")
        .is_some_and(|v| basic::integer(r, &format!("{path}/values"), v, 0, below).is_some());
    let needs = [
        (
            "arrayOffsets",
            of.is_array && of.count.is_none(),
            "a variable-length array",
        ),
        ("stringOffsets", of.kind == "STRING", "a string"),
    ];
    for (key, needed, what) in needs {
        match object.get(key) {
            Some(value) => {
                good &= basic::integer(r, &format!("{path}/{key}"), value, 0, below).is_some()
            }
            None if needed => {
                good = r.add(
                    "REQUIRED_VALUE_NOT_FOUND",
                    path,
                    format!("{what} needs '{key}'"),
                );
            }
            None => {}
        }
    }
    for key in ["arrayOffsetType", "stringOffsetType"] {
        if let Some(value) = object.get(key) {
            good &= basic::one_of(r, &format!("{path}/{key}"), value, OFFSET_TYPES).is_some();
        }
    }
    for key in ["offset", "scale", "max", "min"] {
        let Some(value) = object.get(key) else {
            continue;
        };
        let at = format!("{path}/{key}");
        good &= if of.is_array && of.count.is_none() {
            let what = format!("a variable-length array has no '{key}'");
            r.add(
                "METADATA_PROPERTY_INVALID_FOR_VARIABLE_LENGTH_ARRAY",
                path,
                what,
            )
        } else if matches!(key, "offset" | "scale") && !of.is_float() {
            let what = format!("'{key}' is only for floating point and normalised values");
            r.add(
                "METADATA_OFFSET_SCALE_FOR_NON_FLOATING_POINT_TYPE",
                path,
                what,
            )
        } else if super::value::numbers_of(of.kind).is_none() {
            r.add(
                "METADATA_MIN_MAX_FOR_NON_NUMERIC_TYPE",
                path,
                format!("{} has no '{key}'", of.kind),
            )
        } else {
            of.check_transformed(r, &at, value)
        };
    }
    good
}
