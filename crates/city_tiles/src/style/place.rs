//! Which expression of a style is meant.

use std::fmt;
use std::sync::Arc;

/// A key of a style that holds expressions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StyleKey {
    /// Whether a feature is drawn.
    Show,
    /// The colour.
    Color,
    /// The size of points in pixels.
    PointSize,
    /// A define, by its name.
    Define(Arc<str>),
    /// A property of `meta`, by its name.
    Meta(Arc<str>),
}

/// Which of a key's expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The only one.
    Whole,
    /// The test of this condition, from 0.
    Condition(usize),
    /// The result of this condition, from 0.
    Result(usize),
}

/// One expression of a style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The key.
    pub key: StyleKey,
    /// Which of its expressions.
    pub part: Part,
}

impl fmt::Display for StyleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Show => f.write_str("show"),
            Self::Color => f.write_str("color"),
            Self::PointSize => f.write_str("pointSize"),
            Self::Define(name) => write!(f, "defines.{name}"),
            Self::Meta(name) => write!(f, "meta.{name}"),
        }
    }
}

impl fmt::Display for Place {
    /// `color.conditions[2][0]`: the test of the third condition, as the JSON has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::Whole => write!(f, "{}", self.key),
            Part::Condition(index) => write!(f, "{}.conditions[{index}][0]", self.key),
            Part::Result(index) => write!(f, "{}.conditions[{index}][1]", self.key),
        }
    }
}
