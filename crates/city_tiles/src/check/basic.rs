//! Checks of JSON shapes. Each adds an issue and gives `None` where the value is not what it should be.

use serde_json::{Map, Value};

use super::report::Report;

/// What an array's elements must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Number,
    String,
}

fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn mismatch(r: &mut Report, path: &str, expected: &str, value: &Value) {
    r.add(
        "TYPE_MISMATCH",
        path,
        format!("expected {expected}, found {}", name(value)),
    );
}

/// A member that must be there.
pub(super) fn required<'a>(
    r: &mut Report,
    path: &str,
    object: &'a Map<String, Value>,
    key: &str,
) -> Option<&'a Value> {
    let value = object.get(key);
    if value.is_none() {
        r.add("PROPERTY_MISSING", path, format!("'{key}' is missing"));
    }
    value
}

pub(super) fn object<'a>(
    r: &mut Report,
    path: &str,
    value: &'a Value,
) -> Option<&'a Map<String, Value>> {
    if !value.is_object() {
        mismatch(r, path, "an object", value);
    }
    value.as_object()
}

pub(super) fn string<'a>(r: &mut Report, path: &str, value: &'a Value) -> Option<&'a str> {
    if !value.is_string() {
        mismatch(r, path, "a string", value);
    }
    value.as_str()
}

pub(super) fn boolean(r: &mut Report, path: &str, value: &Value) -> Option<bool> {
    if !value.is_boolean() {
        mismatch(r, path, "a boolean", value);
    }
    value.as_bool()
}

pub(super) fn number(r: &mut Report, path: &str, value: &Value) -> Option<f64> {
    if !value.is_number() {
        mismatch(r, path, "a number", value);
    }
    value.as_f64()
}

/// A number not below `min`.
pub(super) fn number_from(r: &mut Report, path: &str, value: &Value, min: f64) -> Option<f64> {
    let number = number(r, path, value)?;
    if number < min {
        r.add(
            "VALUE_NOT_IN_RANGE",
            path,
            format!("{number} is below {min}"),
        );
        return None;
    }
    Some(number)
}

/// An integer, from `min` and (where given) below `below`.
pub(super) fn integer(
    r: &mut Report,
    path: &str,
    value: &Value,
    min: i64,
    below: Option<i64>,
) -> Option<i64> {
    // 3.0 is an integer in JSON Schema.
    let integer = value.as_i64().or_else(|| {
        value
            .as_f64()
            .filter(|v| v.fract() == 0.0)
            .map(|v| v as i64)
    });
    let Some(integer) = integer else {
        r.add(
            "TYPE_MISMATCH",
            path,
            format!("expected an integer, found {value}"),
        );
        return None;
    };
    if integer < min || below.is_some_and(|b| integer >= b) {
        let upper = below.map_or_else(String::new, |b| format!(" and below {b}"));
        r.add(
            "VALUE_NOT_IN_RANGE",
            path,
            format!("{integer} should be at least {min}{upper}"),
        );
        return None;
    }
    Some(integer)
}

/// An array with a number of elements in a range, all of one kind.
pub(super) fn array<'a>(
    r: &mut Report,
    path: &str,
    value: &'a Value,
    (min, max): (usize, usize),
    kind: Option<Kind>,
) -> Option<&'a Vec<Value>> {
    let Some(array) = value.as_array() else {
        mismatch(r, path, "an array", value);
        return None;
    };
    if array.len() < min || array.len() > max {
        let expected = match (min, max) {
            (min, max) if min == max => format!("{min}"),
            (min, usize::MAX) => format!("at least {min}"),
            (min, max) => format!("{min} to {max}"),
        };
        r.add(
            "ARRAY_LENGTH_MISMATCH",
            path,
            format!("expected {expected} elements, found {}", array.len()),
        );
        return None;
    }
    let fits = |v: &Value| match kind {
        Some(Kind::Object) => v.is_object(),
        Some(Kind::Number) => v.is_number(),
        Some(Kind::String) => v.is_string(),
        None => true,
    };
    let mut all = true;
    for (index, element) in array.iter().enumerate().filter(|(_, v)| !fits(v)) {
        let path = format!("{path}/{index}");
        r.add(
            "ARRAY_ELEMENT_TYPE_MISMATCH",
            &path,
            format!("unexpectedly {}", name(element)),
        );
        all = false;
    }
    all.then_some(array)
}

/// Exactly `N` numbers.
pub(super) fn numbers<const N: usize>(
    r: &mut Report,
    path: &str,
    value: &Value,
) -> Option<[f64; N]> {
    let array = array(r, path, value, (N, N), Some(Kind::Number))?;
    let mut out = [0.0; N];
    for (slot, value) in out.iter_mut().zip(array) {
        *slot = value.as_f64()?;
    }
    Some(out)
}

/// One of a list of strings; anything else, of whatever type, is not in the list.
pub(super) fn one_of<'a>(
    r: &mut Report,
    path: &str,
    value: &'a Value,
    list: &[&str],
) -> Option<&'a str> {
    let found = value.as_str().filter(|s| list.contains(s));
    if found.is_none() {
        r.add(
            "VALUE_NOT_IN_LIST",
            path,
            format!("{value} is none of {}", list.join(", ")),
        );
    }
    found
}

/// An identifier: a letter or underscore, then letters, digits and underscores.
pub(super) fn identifier(r: &mut Report, path: &str, id: &str) -> bool {
    let mut chars = id.chars();
    let good = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    good || r.add(
        "STRING_PATTERN_MISMATCH",
        path,
        format!("'{id}' is not an identifier ([A-Za-z_][A-Za-z0-9_]*)"),
    )
}

/// Optional strings such as name and description.
pub(super) fn optional_strings(
    r: &mut Report,
    path: &str,
    object: &Map<String, Value>,
    keys: &[&str],
) -> bool {
    let mut good = true;
    for key in keys {
        if let Some(value) = object.get(*key) {
            good &= string(r, &format!("{path}/{key}"), value).is_some();
        }
    }
    good
}
