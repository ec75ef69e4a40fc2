//! A style's JSON to a [`Style`].

use super::code::Code;
use super::compile::{Compiler, Slots};
use super::error::{StyleError, StyleWarning};
use super::outcome::EvaluationError;
use super::parser;
use super::place::{Part, Place, StyleKey};
use super::suggest::nearest;
use super::{Rule, Style};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Longest style in bytes.
pub const MAX_STYLE_BYTES: usize = 2 << 20;
/// Longest texts of all its expressions together, in bytes.
const MAX_TOTAL_BYTES: usize = 1 << 20;
/// Most conditions of one key, defines, and properties of `meta`.
const MAX_ENTRIES: usize = 4096;
/// Warnings that are kept.
const MAX_WARNINGS: usize = 64;

/// Every key that a style can have.
const KEYS: [&str; 7] = [
    "show",
    "color",
    "pointSize",
    "defines",
    "meta",
    "extensions",
    "extras",
];

/// What a value can be beside an expression's text and conditions.
#[derive(Clone, Copy)]
struct Allowed {
    boolean: bool,
    number: bool,
    conditions: bool,
    expected: &'static str,
}

const SHOW: Allowed = Allowed {
    boolean: true,
    number: false,
    conditions: true,
    expected: "an expression as text, true, false or an object with conditions",
};
const COLOR: Allowed = Allowed {
    boolean: false,
    number: false,
    conditions: true,
    expected: "an expression as text or an object with conditions",
};
const SIZE: Allowed = Allowed {
    boolean: false,
    number: true,
    conditions: true,
    expected: "an expression as text, a number or an object with conditions",
};
const PLAIN: Allowed = Allowed {
    boolean: true,
    number: true,
    conditions: false,
    expected: "an expression as text, a boolean or a number",
};

pub(super) fn from_text(text: &str) -> Result<Style, StyleError> {
    if text.len() > MAX_STYLE_BYTES {
        return Err(limit("the style", "bytes", text.len(), MAX_STYLE_BYTES));
    }
    let json: Value = serde_json::from_str(text).map_err(|error| StyleError::Json {
        line: error.line(),
        column: error.column(),
        message: error.to_string(),
    })?;
    from_json(&json)
}

pub(super) fn from_json(json: &Value) -> Result<Style, StyleError> {
    let Value::Object(object) = json else {
        return Err(shape("the style", "an object", json));
    };
    let mut reader = Reader {
        slots: Slots::default(),
        by_name: HashMap::new(),
        warnings: Vec::new(),
        bytes: 0,
    };
    for key in object.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        reader.unknown_key(key.clone(), key, KEYS);
    }
    let mut defines = Vec::new();
    let mut define_names: Vec<Arc<str>> = Vec::new();
    for (name, value) in entries(object, "defines")? {
        let name: Arc<str> = name.as_str().into();
        let key = StyleKey::Define(Arc::clone(&name));
        // by_name is still empty: a define reads the feature's properties only.
        match reader.rule(&key, value, PLAIN)? {
            Some(Rule::Single(code)) => defines.push(code),
            _ => defines.push(Code::Constant(super::StyleValue::Undefined)),
        }
        define_names.push(name);
    }
    // What the defines read, before the other expressions add to it.
    let read_by_defines = reader.slots.names.clone();
    reader.by_name = define_names
        .iter()
        .zip(0..)
        .map(|(name, index)| (Arc::clone(name), index))
        .collect();
    let rule = |reader: &mut Reader, name: &str, key, allowed| match object.get(name) {
        None => Ok(None),
        Some(value) => reader.rule(&key, value, allowed),
    };
    let show = rule(&mut reader, "show", StyleKey::Show, SHOW)?;
    let color = rule(&mut reader, "color", StyleKey::Color, COLOR)?;
    let point_size = rule(&mut reader, "pointSize", StyleKey::PointSize, SIZE)?;
    let mut meta = Vec::new();
    for (name, value) in entries(object, "meta")? {
        let name: Arc<str> = name.as_str().into();
        let key = StyleKey::Meta(Arc::clone(&name));
        if let Some(rule) = reader.rule(
            &key,
            value,
            Allowed {
                conditions: true,
                ..PLAIN
            },
        )? {
            meta.push((name, rule));
        }
    }
    reader.defines_in_defines(&define_names, &defines, &read_by_defines);
    let Reader {
        slots, warnings, ..
    } = reader;
    Ok(Style {
        show,
        color,
        point_size,
        defines,
        define_names,
        meta,
        slots,
        warnings,
    })
}

/// The members of an object of expressions.
fn entries<'j>(
    object: &'j Map<String, Value>,
    key: &'static str,
) -> Result<Vec<(&'j String, &'j Value)>, StyleError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(entries)) if entries.len() > MAX_ENTRIES => {
            Err(limit(key, "entries", entries.len(), MAX_ENTRIES))
        }
        Some(Value::Object(entries)) => Ok(entries.iter().collect()),
        Some(other) => Err(shape(key, "an object of expressions", other)),
    }
}

fn shape(at: &str, expected: &'static str, found: &Value) -> StyleError {
    let at = at.to_owned();
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    StyleError::Shape {
        at,
        expected,
        found,
    }
}

fn limit(at: &str, what: &'static str, found: usize, limit: usize) -> StyleError {
    let at = at.to_owned();
    StyleError::Limit {
        at,
        what,
        found,
        limit,
    }
}

struct Reader {
    slots: Slots,
    by_name: HashMap<Arc<str>, u32>,
    warnings: Vec<StyleWarning>,
    bytes: usize,
}

impl Reader {
    fn warn(&mut self, warning: StyleWarning) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(warning);
        }
    }

    fn unknown_key<const N: usize>(&mut self, at: String, key: &str, known: [&str; N]) {
        let nearest = nearest(key, known);
        self.warn(StyleWarning::UnknownKey { at, nearest });
    }

    /// The rule of a key; none where it is null or has no conditions.
    fn rule(
        &mut self,
        key: &StyleKey,
        value: &Value,
        allowed: Allowed,
    ) -> Result<Option<Rule>, StyleError> {
        let text = match value {
            Value::Null => return Ok(None),
            Value::String(text) => text.clone(),
            Value::Bool(value) if allowed.boolean => value.to_string(),
            Value::Number(value) if allowed.number => value.to_string(),
            Value::Object(object) if allowed.conditions => return self.conditions(key, object),
            other => return Err(shape(&key.to_string(), allowed.expected, other)),
        };
        let code = self.expression(key, Part::Whole, &text)?;
        Ok(Some(Rule::Single(code)))
    }

    fn conditions(
        &mut self,
        key: &StyleKey,
        object: &Map<String, Value>,
    ) -> Result<Option<Rule>, StyleError> {
        const KNOWN: [&str; 3] = ["conditions", "extensions", "extras"];
        for other in object.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
            self.unknown_key(format!("{key}.{other}"), other, KNOWN);
        }
        let at = format!("{key}.conditions");
        let list = match object.get("conditions") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Array(list)) => list,
            Some(Value::Object(empty)) if empty.is_empty() => return Ok(None),
            Some(other) => return Err(shape(&at, "an array of [condition, result] pairs", other)),
        };
        if list.len() > MAX_ENTRIES {
            return Err(limit(&at, "conditions", list.len(), MAX_ENTRIES));
        }
        let mut conditions = Vec::with_capacity(list.len());
        for (index, pair) in list.iter().enumerate() {
            let at = format!("{at}[{index}]");
            let Some([test, result]) = pair.as_array().map(Vec::as_slice) else {
                return Err(shape(&at, "an array of two expressions", pair));
            };
            let mut one = |value: &Value, part, side: usize| {
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Bool(_) | Value::Number(_) => value.to_string(),
                    other => return Err(shape(&format!("{at}[{side}]"), PLAIN.expected, other)),
                };
                self.expression(key, part, &text)
            };
            let test = one(test, Part::Condition(index), 0)?;
            let result = one(result, Part::Result(index), 1)?;
            conditions.push([test, result]);
        }
        Ok(Some(Rule::Conditions(conditions.into())))
    }

    fn expression(&mut self, key: &StyleKey, part: Part, text: &str) -> Result<Code, StyleError> {
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > MAX_TOTAL_BYTES {
            let what = "bytes of expressions";
            return Err(limit("the style", what, self.bytes, MAX_TOTAL_BYTES));
        }
        let place = Place {
            key: key.clone(),
            part,
        };
        let mut compiler = Compiler {
            slots: &mut self.slots,
            defines: &self.by_name,
            failing: Vec::new(),
        };
        let compiled = parser::parse(text).and_then(|ast| compiler.compile(&ast));
        let failing = compiler.failing;
        for EvaluationError { span, kind, .. } in failing {
            let place = place.clone();
            let message = kind.to_string();
            self.warn(StyleWarning::AlwaysFails {
                place,
                span,
                message,
            });
        }
        compiled.map_err(|error| StyleError::Expression {
            place,
            text: text.to_owned(),
            error: Box::new(error),
        })
    }

    /// Warns of defines that read a property which has the name of another define.
    fn defines_in_defines(&mut self, names: &[Arc<str>], defines: &[Code], read: &[Arc<str>]) {
        for (own, code) in names.iter().zip(defines) {
            let mut slots = Vec::new();
            code.properties(&mut slots);
            slots.sort_unstable();
            slots.dedup();
            let used = slots.iter().filter_map(|slot| read.get(*slot as usize));
            let others: Vec<_> = used
                .filter(|name| *name != own && names.contains(name))
                .cloned()
                .collect();
            for name in others {
                self.warn(StyleWarning::DefineInDefine {
                    place: Place {
                        key: StyleKey::Define(Arc::clone(own)),
                        part: Part::Whole,
                    },
                    name: name.to_string(),
                });
            }
        }
    }
}
