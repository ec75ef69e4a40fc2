//! Metadata entities: an instance of a class with its values (3D Metadata, "Entities").

use serde_json::{Map, Value};

use super::basic;
use super::extensions;
use super::report::Report;
use super::schema::State;
use super::value::{Type, flat_numbers};

/// Checks `metadata` of a tileset, tile, content or group. `owner` is the path of what carries it.
pub(super) fn check(r: &mut Report, owner: &str, key: &str, entity: &Value, schema: State) -> bool {
    match schema {
        State::Absent => r.add(
            "REQUIRED_VALUE_NOT_FOUND",
            owner,
            "there is metadata, but the tileset has no schema",
        ),
        State::Broken => true,
        State::Valid(schema) => {
            let path = if key.is_empty() {
                owner.to_owned()
            } else {
                format!("{owner}/{key}")
            };
            check_against(r, &path, entity, schema)
        }
    }
}

/// The class that an entity, a table, a texture or an attribute names; what is wrong with the name is reported.
pub(super) fn class_of<'a>(
    r: &mut Report,
    path: &str,
    object: &Map<String, Value>,
    schema: &'a Value,
) -> Option<&'a Value> {
    let name = basic::required(r, path, object, "class")?;
    let at = format!("{path}/class");
    let name = basic::string(r, &at, name)?;
    let class = schema.get("classes").and_then(|c| c.get(name));
    if class.is_none() {
        let what = format!("the schema has no class '{name}'");
        r.add("IDENTIFIER_NOT_FOUND", &at, what);
    }
    class
}

fn check_against(r: &mut Report, path: &str, entity: &Value, schema: &Value) -> bool {
    let Some(object) = basic::object(r, path, entity) else {
        return false;
    };
    let mut good = extensions::root_property(r, path, object);
    let Some(class) = class_of(r, path, object, schema) else {
        return false;
    };
    let nothing = Map::new();
    let properties = class
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&nothing);
    let values = match object.get("properties") {
        None => &nothing,
        Some(values) => match basic::object(r, &format!("{path}/properties"), values) {
            Some(values) => values,
            None => return false,
        },
    };
    for (name, value) in values {
        let at = format!("{path}/properties/{name}");
        good &= match properties.get(name) {
            None => r.add(
                "IDENTIFIER_NOT_FOUND",
                &at,
                format!("the class has no property '{name}'"),
            ),
            Some(property) => match Type::of(property, schema) {
                Some(of) => of.check(r, &at, value) && check_range(r, &at, value, property, &of),
                None => false,
            },
        };
    }
    for (name, property) in properties {
        if property.get("required") == Some(&Value::Bool(true))
            && values.get(name).is_none_or(Value::is_null)
        {
            let what = format!("the property '{name}' is required");
            good = r.add("METADATA_VALUE_REQUIRED_BUT_MISSING", path, what);
        }
    }
    good
}

/// `min` and `max` hold for values after normalisation, scale and offset; `noData` needs not obey them.
pub(super) fn check_range(
    r: &mut Report,
    path: &str,
    value: &Value,
    property: &Value,
    of: &Type,
) -> bool {
    if property.get("noData") == Some(value) {
        return true;
    }
    let list = |key: &str| property.get(key).map(flat_numbers);
    let (offset, scale) = (list("offset"), list("scale"));
    let at = |list: &Option<Vec<f64>>, index: usize, otherwise: f64| {
        list.as_ref()
            .and_then(|l| l.get(index % l.len().max(1)).copied())
            .unwrap_or(otherwise)
    };
    let (min, max) = (list("min"), list("max"));
    for (index, stored) in flat_numbers(value).into_iter().enumerate() {
        let number = of.normalize(stored) * at(&scale, index, 1.0) + at(&offset, index, 0.0);
        let (least, most) = (at(&min, index, f64::MIN), at(&max, index, f64::MAX));
        if number < least || number > most {
            let what = format!("{number} is outside {least} to {most}");
            return r.add("METADATA_VALUE_NOT_IN_RANGE", path, what);
        }
    }
    true
}
