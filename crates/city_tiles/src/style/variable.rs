//! Variables, `${name}`, and the strings that they stand in.

use super::ast::{Expr, ExprKind, Template, TemplatePart, Variable};
use super::error::{ExpressionError, ExpressionErrorKind as Kind, shortened};
use super::lexer::{is_name_character, variable_end};
use super::parser::node;
use super::span::Span;

/// The word before a property's name that says that it is the feature's.
const FEATURE: &str = "feature";

impl Variable {
    pub(super) fn explicit(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            explicit: true,
        }
    }

    /// `${feature}`, which before a member means the feature itself.
    pub(super) fn is_feature(&self) -> bool {
        self.name == FEATURE && !self.explicit
    }
}

/// Whether a property's name can stand in `${name}` as it is.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_name_character)
}

/// What stands between the braces of a variable: a name, and members as `.name`, `['name']` and `[0]`.
pub(super) fn path(inside: &str, offset: usize) -> Result<Expr, ExpressionError> {
    let whole = Span::new(offset, offset + inside.len());
    let bad = |hint: String| {
        let text = shortened(inside);
        ExpressionError::new(whole, Kind::BadVariable { text, hint })
    };
    let trimmed = inside.trim();
    let brackets = || {
        if inside.contains("${") {
            return "variables cannot stand inside variables".to_owned();
        }
        let quote = if trimmed.contains('\'') { '"' } else { '\'' };
        format!("write ${{feature[{quote}{}{quote}]}}", shortened(trimmed))
    };
    if trimmed.is_empty() {
        return Err(bad("write a property's name between the braces".to_owned()));
    }
    let (head, mut rest) = name(trimmed);
    if head.is_empty() {
        return Err(bad(brackets()));
    }
    let first = Variable {
        name: head.to_owned(),
        explicit: false,
    };
    let mut value = node(ExprKind::Variable(first), whole)?;
    while !rest.is_empty() {
        let (member, after) = member(rest).ok_or_else(|| bad(brackets()))?;
        rest = after.trim_start();
        let of_feature = matches!(&value.kind, ExprKind::Variable(one) if one.is_feature());
        let kind = match member {
            Member::Name(name) | Member::Key(name) if of_feature => {
                ExprKind::Variable(Variable::explicit(name))
            }
            Member::Name(name) => ExprKind::Member(Box::new(value), name.to_owned()),
            Member::Key(key) => {
                let index = node(ExprKind::Text(key.to_owned()), whole)?;
                ExprKind::Index(Box::new([value, index]))
            }
            Member::Index(index) => {
                let index = node(ExprKind::Number(index), whole)?;
                ExprKind::Index(Box::new([value, index]))
            }
        };
        value = node(kind, whole)?;
    }
    if let Some(unknown) =
        builtin(&value).filter(|name| name.starts_with("tiles3d_") && *name != super::compile::TIME)
    {
        return Err(ExpressionError::new(
            whole,
            Kind::UnknownBuiltin(shortened(unknown)),
        ));
    }
    Ok(value)
}

fn builtin(value: &Expr) -> Option<&str> {
    match &value.kind {
        ExprKind::Variable(one) if !one.explicit => Some(&one.name),
        ExprKind::Member(object, _) => builtin(object),
        ExprKind::Index(pair) => builtin(&pair[0]),
        _ => None,
    }
}

/// The name that a text begins with, and the rest.
fn name(text: &str) -> (&str, &str) {
    let end = text.find(|c| !is_name_character(c)).unwrap_or(text.len());
    text.split_at(end)
}

enum Member<'t> {
    Name(&'t str),
    Key(&'t str),
    Index(f64),
}

/// The member that a text begins with, and the rest.
fn member(text: &str) -> Option<(Member<'_>, &str)> {
    if let Some(after) = text.strip_prefix('.') {
        let (name, rest) = name(after);
        // A member starts with no digit: `${a.0}` is no list.
        let good = name.starts_with(|c: char| !c.is_ascii_digit());
        return good.then_some((Member::Name(name), rest));
    }
    let after = text.strip_prefix('[')?.trim_start();
    if let Some(quote) = after.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let (key, rest) = after.strip_prefix(quote)?.split_once(quote)?;
        if key.contains("${") {
            return None;
        }
        return Some((Member::Key(key), rest.trim_start().strip_prefix(']')?));
    }
    let (digits, rest) = after.split_once(']')?;
    let digits = digits.trim();
    let good = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    Some((Member::Index(digits.parse().ok().filter(|_| good)?), rest))
}

/// A string: as it is, or with variables. Backslashes stand for themselves, so that patterns read as they are written.
pub(super) fn text(quote: char, raw: &str, offset: usize) -> Result<ExprKind, ExpressionError> {
    let mut parts = Vec::new();
    let mut plain = 0;
    let mut from = 0;
    while let Some(found) = raw.get(from..).and_then(|rest| rest.find("${")) {
        let start = from + found;
        // Without a closing brace it is text.
        let Some(end) = variable_end(raw, start + 2) else {
            break;
        };
        let inside = raw.get(start + 2..end).unwrap_or_default();
        let value = match path(inside, offset + start + 2) {
            Ok(value) => value,
            // In a string any name can be written as it is.
            Err(ExpressionError {
                kind: Kind::BadVariable { .. },
                ..
            }) => {
                let span = Span::new(offset + start + 2, offset + end);
                node(ExprKind::Variable(Variable::explicit(inside)), span)?
            }
            Err(other) => return Err(other),
        };
        let before = raw.get(plain..start).unwrap_or_default();
        if !before.is_empty() {
            parts.push(TemplatePart::Text(before.to_owned()));
        }
        parts.push(TemplatePart::Value(value));
        from = end + 1;
        plain = from;
    }
    if parts.is_empty() {
        return Ok(ExprKind::Text(raw.to_owned()));
    }
    let after = raw.get(plain..).unwrap_or_default();
    if !after.is_empty() {
        parts.push(TemplatePart::Text(after.to_owned()));
    }
    Ok(ExprKind::Template(Template {
        quote,
        raw: raw.to_owned(),
        parts,
    }))
}
