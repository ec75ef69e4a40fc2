//! The compiled form: variables are slots, constants are values.

use super::ast::{BinaryOperator, Method, UnaryOperator};
use super::functions::Function;
use super::outcome::PointSemantic;
use super::span::Span;
use super::value::StyleValue;
use std::collections::HashSet;

/// A compiled expression.
#[derive(Debug, Clone)]
pub(super) enum Code {
    Constant(StyleValue<'static>),
    Property(u32),
    /// A property of points, or the property of that name.
    Point(PointSemantic, u32),
    Time,
    Define(u32),
    Template(Box<[TemplateCode]>, Span),
    Array(Box<[Code]>),
    Unary(UnaryOperator, Box<Code>, Span),
    Binary(BinaryOperator, Box<[Code; 2]>, Span),
    /// A property compared with a number: what most conditions are.
    Compare(BinaryOperator, u32, f64, Span),
    /// A property that is, or is not, one of many constants.
    OneOf(Box<OneOf>),
    Any(Box<[Code]>, Span),
    All(Box<[Code]>, Span),
    Conditional(Box<[[Code; 2]]>, Box<Code>, Span),
    Member(Box<Code>, Box<str>),
    Index(Box<[Code; 2]>),
    Call(Function, Box<[Code]>, Span),
    Method(Method, Box<[Code]>, Span),
}

#[derive(Debug, Clone)]
pub(super) enum TemplateCode {
    Text(Box<str>),
    Value(Code),
}

/// Constants that a property is compared with, all at once.
#[derive(Debug, Clone)]
pub(super) struct OneOf {
    pub(super) slot: u32,
    pub(super) texts: HashSet<Box<str>>,
    pub(super) numbers: HashSet<u64>,
    /// `!== … && !== …`
    pub(super) negated: bool,
}

impl OneOf {
    /// A number such that equal ones have equal bits.
    pub(super) fn key(number: f64) -> u64 {
        (number + 0.0).to_bits()
    }

    pub(super) fn holds(&self, value: &StyleValue<'_>) -> bool {
        let found = match value {
            StyleValue::String(text) => self.texts.contains(text.as_ref()),
            StyleValue::Number(number) => {
                !number.is_nan() && self.numbers.contains(&Self::key(*number))
            }
            _ => false,
        };
        found != self.negated
    }
}

impl Code {
    pub(super) fn is_constant(&self) -> bool {
        matches!(self, Self::Constant(_))
    }
}

impl Code {
    /// Appends the slots of all properties inside.
    pub(super) fn properties(&self, slots: &mut Vec<u32>) {
        match self {
            Self::Constant(_) | Self::Time | Self::Define(_) => {}
            Self::Property(slot) | Self::Point(_, slot) | Self::Compare(_, slot, ..) => {
                slots.push(*slot);
            }
            Self::OneOf(set) => slots.push(set.slot),
            Self::Template(parts, _) => {
                for part in parts {
                    if let TemplateCode::Value(code) = part {
                        code.properties(slots);
                    }
                }
            }
            Self::Array(items)
            | Self::Any(items, _)
            | Self::All(items, _)
            | Self::Call(_, items, _)
            | Self::Method(_, items, _) => items.iter().for_each(|item| item.properties(slots)),
            Self::Unary(_, operand, _) | Self::Member(operand, _) => operand.properties(slots),
            Self::Binary(_, pair, _) | Self::Index(pair) => {
                pair.iter().for_each(|item| item.properties(slots));
            }
            Self::Conditional(branches, otherwise, _) => {
                let all = branches.iter().flatten();
                all.for_each(|item| item.properties(slots));
                otherwise.properties(slots);
            }
        }
    }
}
