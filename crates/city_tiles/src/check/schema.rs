//! Metadata schemas (3D Metadata, "Schemas").

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::basic::{self, Kind};
use super::extensions;
use super::property;
use super::report::Report;
use super::value::integer_range;

/// What is known of the schema that entities refer to.
#[derive(Clone, Copy, Debug)]
pub(super) enum State<'a> {
    /// There is none, so there may be no metadata.
    Absent,
    /// There is one, but it is of no use; entities are not checked against it.
    Broken,
    /// Use this.
    Valid(&'a Value),
}

impl<'a> State<'a> {
    pub fn of(schema: Option<&'a Value>) -> Self {
        schema.map_or(Self::Absent, Self::Valid)
    }
}

/// Checks a schema.
pub(super) fn check(r: &mut Report, path: &str, schema: &Value) -> bool {
    let Some(object) = basic::object(r, path, schema) else {
        return false;
    };
    let mut good = extensions::root_property(r, path, object);
    good &= basic::required(r, path, object, "id").is_some_and(|id| {
        let path = format!("{path}/id");
        basic::string(r, &path, id).is_some_and(|id| schema_id(r, &path, id))
    });
    good &= basic::optional_strings(r, path, object, &["name", "description", "version"]);
    if let Some(enums) = object.get("enums") {
        good &= each(r, &format!("{path}/enums"), enums, check_enum);
    }
    if let Some(classes) = object.get("classes") {
        good &= each(r, &format!("{path}/classes"), classes, |r, path, class| {
            check_class(r, path, class, schema)
        });
    }
    good
}

/// An identifier, in which real schemas also write hyphens and dots (`EXAMPLE-Schema-0.0.1`).
fn schema_id(r: &mut Report, path: &str, id: &str) -> bool {
    let plain: String = id
        .chars()
        .map(|c| if matches!(c, '-' | '.') { '_' } else { c })
        .collect();
    if plain.starts_with('_') {
        basic::identifier(r, path, id)
    } else {
        basic::identifier(r, path, &plain)
    }
}

/// A map from identifiers to objects.
fn each(
    r: &mut Report,
    path: &str,
    map: &Value,
    check: impl Fn(&mut Report, &str, &Map<String, Value>) -> bool,
) -> bool {
    let Some(map) = basic::object(r, path, map) else {
        return false;
    };
    let mut good = true;
    for (name, value) in map {
        let path = format!("{path}/{name}");
        good &= basic::identifier(r, &path, name);
        good &= basic::object(r, &path, value).is_some_and(|object| check(r, &path, object));
    }
    good
}

fn check_class(r: &mut Report, path: &str, class: &Map<String, Value>, schema: &Value) -> bool {
    let mut good = extensions::root_property(r, path, class);
    good &= basic::optional_strings(r, path, class, &["name", "description"]);
    let Some(properties) = class.get("properties") else {
        return good;
    };
    let path = format!("{path}/properties");
    let Some(properties) = basic::object(r, &path, properties) else {
        return false;
    };
    let mut semantics = BTreeSet::new();
    for (name, value) in properties {
        let path = format!("{path}/{name}");
        good &= basic::identifier(r, &path, name);
        good &= property::check(r, &path, value, schema);
        if let Some(semantic) = value.get("semantic").and_then(Value::as_str)
            && !semantics.insert(semantic)
        {
            let what = format!("'{semantic}' is the semantic of two properties");
            good = r.add("CLASS_PROPERTIES_DUPLICATE_SEMANTIC", &path, what);
        }
    }
    good
}

fn check_enum(r: &mut Report, path: &str, object: &Map<String, Value>) -> bool {
    let mut good = extensions::root_property(r, path, object);
    good &= basic::optional_strings(r, path, object, &["name", "description"]);
    let component = match object.get("valueType") {
        None => Some("UINT16"),
        Some(value) => {
            let path = format!("{path}/valueType");
            const INTEGERS: &[&str] = &[
                "INT8", "UINT8", "INT16", "UINT16", "INT32", "UINT32", "INT64", "UINT64",
            ];
            basic::string(r, &path, value).and_then(|_| basic::one_of(r, &path, value, INTEGERS))
        }
    };
    let Some(values) = basic::required(r, path, object, "values") else {
        return false;
    };
    let path = format!("{path}/values");
    let Some(values) = basic::array(r, &path, values, (1, usize::MAX), Some(Kind::Object)) else {
        return false;
    };
    let (mut names, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for (index, value) in values.iter().enumerate() {
        let path = format!("{path}/{index}");
        let Some(object) = value.as_object() else {
            continue;
        };
        good &= basic::optional_strings(r, &path, object, &["description"]);
        let name = basic::required(r, &path, object, "name");
        match name.and_then(|n| basic::string(r, &format!("{path}/name"), n)) {
            None => good = false,
            Some(name) if !names.insert(name) => {
                good = r.add(
                    "ENUM_VALUE_DUPLICATE_NAME",
                    &path,
                    format!("'{name}' is there twice"),
                );
            }
            Some(_) => {}
        }
        let number = basic::required(r, &path, object, "value");
        let range = component
            .and_then(integer_range)
            .unwrap_or((f64::MIN, f64::MAX));
        match number.and_then(|n| basic::integer(r, &format!("{path}/value"), n, i64::MIN, None)) {
            None => good = false,
            Some(n) if !(range.0..=range.1).contains(&(n as f64)) => {
                let what = format!(
                    "{n} is outside the range of {}",
                    component.unwrap_or_default()
                );
                good = r.add("VALUE_NOT_IN_RANGE", &format!("{path}/value"), what);
            }
            Some(n) if !numbers.insert(n) => {
                good = r.add(
                    "ENUM_VALUE_DUPLICATE_VALUE",
                    &path,
                    format!("{n} is there twice"),
                );
            }
            Some(_) => {}
        }
    }
    good && component.is_some()
}
