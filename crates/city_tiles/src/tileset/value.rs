//! Small readers over JSON values that say where something is wrong.

use std::fmt;
use std::io::Read as _;

use serde_json::Value;

/// A place in a JSON document, for messages: a linked list of steps on the stack.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    Root,
    Key(&'a Place<'a>, &'a str),
    Index(&'a Place<'a>, usize),
}

impl<'a> Place<'a> {
    pub(crate) fn key(&'a self, key: &'a str) -> Place<'a> {
        Place::Key(self, key)
    }

    pub(crate) fn index(&'a self, index: usize) -> Place<'a> {
        Place::Index(self, index)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Root => Ok(()),
            Place::Key(parent, key) => {
                let cut: String = key.chars().take(64).collect();
                write!(f, "{parent}/{cut}")
            }
            Place::Index(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}

/// A short name of a value's kind, for messages.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// An array of exactly `N` finite numbers.
pub(crate) fn numbers<const N: usize>(value: &Value) -> Result<[f64; N], String> {
    let array = value
        .as_array()
        .ok_or_else(|| format!("expected an array of {N} numbers, found {}", kind(value)))?;
    if array.len() != N {
        return Err(format!("expected {N} numbers, found {}", array.len()));
    }
    let mut out = [0.0; N];
    for (index, (slot, value)) in out.iter_mut().zip(array).enumerate() {
        *slot = value
            .as_f64()
            .filter(|v| v.is_finite())
            .ok_or_else(|| format!("element {index} is not a number"))?;
    }
    Ok(out)
}

/// Strips gzip where the bytes begin with it; `Err` holds what went wrong.
pub(crate) fn gunzip(bytes: Vec<u8>, limit: usize) -> Result<Vec<u8>, String> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return if bytes.len() > limit {
            Err(format!("{} bytes exceed the limit of {limit}", bytes.len()))
        } else {
            Ok(bytes)
        };
    }
    let mut out = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(limit as u64 + 1);
    reader
        .read_to_end(&mut out)
        .map_err(|e| format!("its gzip compression is damaged: {e}"))?;
    if out.len() > limit {
        Err(format!(
            "it unpacks to more than the limit of {limit} bytes"
        ))
    } else {
        Ok(out)
    }
}
