//! Values of expressions.

use super::number;
use super::regexp::StyleRegExp;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Longest text that an expression makes, in bytes; a longer one is an error.
pub(super) const MAX_STRING_BYTES: usize = 1 << 20;
/// How many items of arrays one comparison looks at; longer arrays are not equal.
const MAX_COMPARED: usize = 1 << 16;

/// A value. Texts are borrowed from the style or from the feature where they can be.
#[derive(Debug, Clone)]
pub enum StyleValue<'a> {
    /// There is no value: the feature has no such property.
    Undefined,
    /// The property says that it has no value.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// Text.
    String(Cow<'a, str>),
    /// `vec2`
    Vec2([f64; 2]),
    /// `vec3`
    Vec3([f64; 3]),
    /// `vec4`; colours too: sRGB components and straight alpha, 0 to 1.
    Vec4([f64; 4]),
    /// A regular expression.
    RegExp(Arc<StyleRegExp>),
    /// An array.
    Array(Arc<[StyleValue<'a>]>),
    /// An object of a batch table: its members.
    Object(Arc<[(Cow<'a, str>, StyleValue<'a>)]>),
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// `undefined`
    Undefined,
    /// `null`
    Null,
    /// A boolean.
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// `vec2`
    Vec2,
    /// `vec3`
    Vec3,
    /// `vec4`, or a colour.
    Vec4,
    /// A regular expression.
    RegExp,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Undefined => "undefined",
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Vec2 => "a vec2",
            Self::Vec3 => "a vec3",
            Self::Vec4 => "a vec4",
            Self::RegExp => "a regular expression",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

impl<'a> StyleValue<'a> {
    /// What it is.
    #[must_use]
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Undefined => ValueType::Undefined,
            Self::Null => ValueType::Null,
            Self::Boolean(_) => ValueType::Boolean,
            Self::Number(_) => ValueType::Number,
            Self::String(_) => ValueType::String,
            Self::Vec2(_) => ValueType::Vec2,
            Self::Vec3(_) => ValueType::Vec3,
            Self::Vec4(_) => ValueType::Vec4,
            Self::RegExp(_) => ValueType::RegExp,
            Self::Array(_) => ValueType::Array,
            Self::Object(_) => ValueType::Object,
        }
    }

    /// Whether it is `undefined` or `null`.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }

    /// The same value, which borrows its text from this one.
    pub(super) fn borrowed(&'a self) -> Self {
        match self {
            Self::String(text) => Self::String(Cow::Borrowed(text)),
            other => other.clone(),
        }
    }

    /// The same value with nothing borrowed.
    #[must_use]
    pub fn into_owned(self) -> StyleValue<'static> {
        match self {
            Self::Undefined => StyleValue::Undefined,
            Self::Null => StyleValue::Null,
            Self::Boolean(value) => StyleValue::Boolean(value),
            Self::Number(value) => StyleValue::Number(value),
            Self::String(text) => StyleValue::String(Cow::Owned(text.into_owned())),
            Self::Vec2(value) => StyleValue::Vec2(value),
            Self::Vec3(value) => StyleValue::Vec3(value),
            Self::Vec4(value) => StyleValue::Vec4(value),
            Self::RegExp(value) => StyleValue::RegExp(value),
            Self::Array(items) => {
                StyleValue::Array(items.iter().cloned().map(Self::into_owned).collect())
            }
            Self::Object(members) => {
                let owned = |(name, value): &(Cow<'a, str>, Self)| {
                    (
                        Cow::Owned(name.clone().into_owned()),
                        value.clone().into_owned(),
                    )
                };
                StyleValue::Object(members.iter().map(owned).collect())
            }
        }
    }

    /// From JSON, with objects as objects. JSON's own nesting limit bounds the depth.
    #[must_use]
    pub fn from_json(json: &serde_json::Value) -> StyleValue<'static> {
        use serde_json::Value;
        match json {
            Value::Null => StyleValue::Null,
            Value::Bool(value) => StyleValue::Boolean(*value),
            Value::Number(number) => StyleValue::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => StyleValue::String(Cow::Owned(text.clone())),
            Value::Array(items) => StyleValue::Array(items.iter().map(Self::from_json).collect()),
            Value::Object(members) => StyleValue::Object(
                members
                    .iter()
                    .map(|(name, value)| (Cow::Owned(name.clone()), Self::from_json(value)))
                    .collect(),
            ),
        }
    }

    /// `Boolean(value)`, as JavaScript does it.
    #[must_use]
    pub fn to_boolean(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Boolean(value) => *value,
            Self::Number(value) => *value != 0.0 && !value.is_nan(),
            Self::String(text) => !text.is_empty(),
            _ => true,
        }
    }

    /// `Number(value)`, as JavaScript does it.
    #[must_use]
    pub fn to_number(&self) -> f64 {
        match self {
            Self::Null => 0.0,
            Self::Boolean(value) => f64::from(*value),
            Self::Number(value) => *value,
            Self::String(text) => number::read(text),
            // An array is its text: nothing, or that of its one item.
            Self::Array(items) => match items.as_ref() {
                [] => 0.0,
                [Self::Boolean(_)] => f64::NAN,
                [one] if one.is_missing() => 0.0,
                [one] => one.to_number(),
                _ => f64::NAN,
            },
            _ => f64::NAN,
        }
    }

    /// Appends `String(value)` (Styling, "String conversions"). Stops where the text is longer than
    /// [`MAX_STRING_BYTES`].
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Undefined => out.push_str("undefined"),
            Self::Null => out.push_str("null"),
            Self::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(value) => number::write(out, *value),
            Self::String(text) => out.push_str(text),
            Self::Vec2(items) => write_numbers(out, items),
            Self::Vec3(items) => write_numbers(out, items),
            Self::Vec4(items) => write_numbers(out, items),
            Self::RegExp(regexp) => out.push_str(&regexp.to_string()),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if out.len() > MAX_STRING_BYTES {
                        return;
                    }
                    out.push_str(if index > 0 { ", " } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if out.len() > MAX_STRING_BYTES {
                        return;
                    }
                    out.push_str(if index > 0 { ", " } else { "" });
                    out.push_str(name);
                    out.push_str(": ");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// A member: `.x` of a vector, `.length` of a text or array, a member of an object.
    pub(super) fn member(&self, name: &str) -> StyleValue<'a> {
        match self {
            Self::Vec2(items) => component(items, name),
            Self::Vec3(items) => component(items, name),
            Self::Vec4(items) => component(items, name),
            Self::String(text) if name == "length" => {
                Self::Number(text.encode_utf16().count() as f64)
            }
            Self::Array(items) if name == "length" => Self::Number(items.len() as f64),
            Self::Object(members) => members
                .iter()
                .find(|(own, _)| own == name)
                .map_or(Self::Undefined, |(_, value)| value.clone()),
            _ => Self::Undefined,
        }
    }

    /// An item: of a vector, an array or a text.
    pub(super) fn item(&self, index: f64) -> StyleValue<'a> {
        if index.trunc() != index || !(0.0..9e15).contains(&index) {
            return Self::Undefined;
        }
        let at = index as usize;
        let number = |item: Option<&f64>| item.map_or(Self::Undefined, |item| Self::Number(*item));
        match self {
            Self::Vec2(items) => number(items.get(at)),
            Self::Vec3(items) => number(items.get(at)),
            Self::Vec4(items) => number(items.get(at)),
            Self::Array(items) => items.get(at).cloned().unwrap_or(Self::Undefined),
            Self::String(text) => character(text, at),
            Self::Object(_) => {
                let mut name = String::new();
                number::write(&mut name, index);
                self.member(&name)
            }
            _ => Self::Undefined,
        }
    }
}

/// The character that begins at a UTF-16 index, as JavaScript counts.
fn character<'a>(text: &str, at: usize) -> StyleValue<'a> {
    let mut units = 0;
    for c in text.chars() {
        if units == at {
            return StyleValue::String(Cow::Owned(c.to_string()));
        }
        units += c.len_utf16();
        if units > at {
            break;
        }
    }
    StyleValue::Undefined
}

fn component<'a>(items: &[f64], name: &str) -> StyleValue<'a> {
    let at = match name {
        "x" | "r" => 0,
        "y" | "g" => 1,
        "z" | "b" => 2,
        "w" | "a" => 3,
        _ => return StyleValue::Undefined,
    };
    items
        .get(at)
        .map_or(StyleValue::Undefined, |item| StyleValue::Number(*item))
}

fn write_numbers(out: &mut String, items: &[f64]) {
    out.push('(');
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        number::write(out, *item);
    }
    out.push(')');
}

impl PartialEq for StyleValue<'_> {
    /// `===`: never across types, NaN not to itself, arrays and regular expressions by content.
    fn eq(&self, other: &Self) -> bool {
        let mut budget = MAX_COMPARED;
        equal(self, other, &mut budget)
    }
}

fn equal(a: &StyleValue<'_>, b: &StyleValue<'_>, budget: &mut usize) -> bool {
    match (a, b) {
        (StyleValue::Undefined, StyleValue::Undefined) | (StyleValue::Null, StyleValue::Null) => {
            true
        }
        (StyleValue::Boolean(a), StyleValue::Boolean(b)) => a == b,
        (StyleValue::Number(a), StyleValue::Number(b)) => a == b,
        (StyleValue::String(a), StyleValue::String(b)) => a == b,
        (StyleValue::Vec2(a), StyleValue::Vec2(b)) => a == b,
        (StyleValue::Vec3(a), StyleValue::Vec3(b)) => a == b,
        (StyleValue::Vec4(a), StyleValue::Vec4(b)) => a == b,
        (StyleValue::RegExp(a), StyleValue::RegExp(b)) => a == b,
        (StyleValue::Array(a), StyleValue::Array(b)) => {
            let mut pairs = a.iter().zip(b.iter());
            a.len() == b.len() && spend(budget, a.len()) && pairs.all(|(a, b)| equal(a, b, budget))
        }
        (StyleValue::Object(a), StyleValue::Object(b)) => {
            let mut pairs = a.iter().zip(b.iter());
            a.len() == b.len()
                && spend(budget, a.len())
                && pairs.all(|((name, a), (other, b))| name == other && equal(a, b, budget))
        }
        _ => false,
    }
}

/// Takes from a budget, where enough is left.
fn spend(budget: &mut usize, items: usize) -> bool {
    let left = budget.checked_sub(items);
    *budget = left.unwrap_or(0);
    left.is_some()
}

impl fmt::Display for StyleValue<'_> {
    /// As `String(value)` writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text);
        f.write_str(&text)
    }
}

impl From<f64> for StyleValue<'_> {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<bool> for StyleValue<'_> {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl<'a> From<&'a str> for StyleValue<'a> {
    fn from(value: &'a str) -> Self {
        Self::String(Cow::Borrowed(value))
    }
}
