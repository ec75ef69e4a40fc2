//! One value of one property of one feature.

use std::fmt;

/// A value, typed as the data has it. 64-bit integers stay integers: an f64 would change them.
#[derive(Debug, Clone, PartialEq)]
pub enum PropertyValue {
    /// The data says that there is no value here (`noData`, null) and the schema gives no default.
    NoData,
    /// A boolean.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// An unsigned integer.
    U64(u64),
    /// A real number.
    F64(f64),
    /// Text.
    String(String),
    /// An enum's name (its number as text where the schema has no name for it).
    Enum(String),
    /// Values in a row: an array, a vector or a matrix (by columns).
    List(Vec<PropertyValue>),
}

impl PropertyValue {
    /// The value as a number; integers beyond 2^53 are rounded.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::I64(value) => Some(*value as f64),
            Self::U64(value) => Some(*value as f64),
            Self::F64(value) => Some(*value),
            Self::Bool(value) => Some(f64::from(*value)),
            _ => None,
        }
    }

    /// The value as text, where it is text or an enum's name.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Enum(text) => Some(text),
            _ => None,
        }
    }

    /// From JSON as found in batch tables; objects stay JSON text.
    #[must_use]
    pub fn from_json(json: &serde_json::Value) -> Self {
        use serde_json::Value;
        match json {
            Value::Null => Self::NoData,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => {
                if let Some(value) = number.as_i64() {
                    Self::I64(value)
                } else if let Some(value) = number.as_u64() {
                    Self::U64(value)
                } else {
                    number.as_f64().map_or(Self::NoData, Self::F64)
                }
            }
            Value::String(text) => Self::String(text.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Value::Object(_) => Self::String(json.to_string()),
        }
    }

    /// Bytes held in main memory, about.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let inside = match self {
            Self::String(text) | Self::Enum(text) => text.len() as u64,
            Self::List(items) => items.iter().map(Self::bytes).sum(),
            _ => 0,
        };
        inside + size_of::<Self>() as u64
    }
}

impl fmt::Display for PropertyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoData => f.write_str("–"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::I64(value) => write!(f, "{value}"),
            Self::U64(value) => write!(f, "{value}"),
            Self::F64(value) => write!(f, "{value}"),
            Self::String(text) | Self::Enum(text) => f.write_str(text),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
        }
    }
}
