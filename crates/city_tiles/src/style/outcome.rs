//! What comes of evaluating: looks, and what went wrong.

use super::place::Place;
use super::span::Span;
use super::value::{MAX_STRING_BYTES, StyleValue, ValueType};

/// What an evaluation needs beside the feature.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Inputs {
    /// `${tiles3d_tileset_time}`: seconds since the tileset was loaded.
    pub tileset_time_s: f64,
}

/// Properties of points that styles can read (Styling, "Point Cloud").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointSemantic {
    /// `${POSITION}`: before the tile's transform, metres.
    Position,
    /// `${POSITION_ABSOLUTE}`: after it, metres.
    PositionAbsolute,
    /// `${COLOR}`: sRGB and alpha, 0 to 1.
    Color,
    /// `${NORMAL}`: before the tile's transform.
    Normal,
}

impl PointSemantic {
    /// Every semantic.
    pub const ALL: [Self; 4] = [
        Self::Position,
        Self::PositionAbsolute,
        Self::Color,
        Self::Normal,
    ];

    /// The name in an expression.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Position => "POSITION",
            Self::PositionAbsolute => "POSITION_ABSOLUTE",
            Self::Color => "COLOR",
            Self::Normal => "NORMAL",
        }
    }
}

/// Where an evaluation finds a feature's properties. `'a` is how long the texts that it lends live, together with the
/// style.
pub trait FeatureProperties<'a> {
    /// The value of a property; the slot is its index in [`super::Style::properties`] or
    /// [`super::StyleExpression::properties`]. `Undefined` where the feature has none.
    fn property(&self, slot: usize) -> StyleValue<'a>;

    /// The name of the feature's class, where it has one.
    fn class_name(&self) -> Option<&'a str> {
        None
    }

    /// Whether the feature is of a class or one below it.
    fn is_class(&self, name: &str) -> bool {
        self.class_name() == Some(name)
    }

    /// A property of points, where the feature is one. Without it the property of that name is read.
    fn point(&self, semantic: PointSemantic) -> Option<StyleValue<'a>> {
        let _ = semantic;
        None
    }
}

/// A feature without properties: what a tile without features counts as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoProperties;

impl<'a> FeatureProperties<'a> for NoProperties {
    fn property(&self, _: usize) -> StyleValue<'a> {
        StyleValue::Undefined
    }
}

/// Properties by name, from a function. `names` is the style's [`super::Style::properties`].
#[derive(Debug, Clone, Copy)]
pub struct ByName<'s, F> {
    /// The names that the slots stand for.
    pub names: &'s [std::sync::Arc<str>],
    /// Gives the value of a name.
    pub get: F,
}

impl<'a, F: Fn(&str) -> StyleValue<'a>> FeatureProperties<'a> for ByName<'_, F> {
    fn property(&self, slot: usize) -> StyleValue<'a> {
        self.names
            .get(slot)
            .map_or(StyleValue::Undefined, |name| (self.get)(name))
    }
}

/// How a feature looks. `None`: as it looks without the style.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Whether it is drawn.
    pub show: bool,
    /// sRGB components and straight alpha, 0 to 1. The standard blends it with the feature's own colour: multiply.
    pub color: Option<[f32; 4]>,
    /// Diameter of points, pixels.
    pub point_size_px: Option<f32>,
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            show: true,
            color: None,
            point_size_px: None,
        }
    }
}

/// Why an expression has no value for a feature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("byte {}: {kind}", span.start)]
pub struct EvaluationError {
    /// The part of the expression.
    pub span: Span,
    /// What is wrong.
    pub kind: EvaluationErrorKind,
    /// The define that the part is in, by its index.
    pub(super) define: Option<u32>,
}

/// The cause of an [`EvaluationError`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationErrorKind {
    /// An operator before a value that it does not take.
    #[error("operator {operator} does not work on {operand}")]
    Operand {
        /// The operator.
        operator: &'static str,
        /// What stands after it.
        operand: ValueType,
    },
    /// An operator between values that it does not take.
    #[error("operator {operator} does not work on {left} and {right}")]
    Operands {
        /// The operator.
        operator: &'static str,
        /// What stands before it.
        left: ValueType,
        /// What stands after it.
        right: ValueType,
    },
    /// Something that must be a boolean.
    #[error("{what} must be true or false, found {found}; compare it, or write Boolean(…)")]
    NotBoolean {
        /// What must be one.
        what: &'static str,
        /// What it is.
        found: ValueType,
    },
    /// A function of values that it does not take.
    #[error("{function} does not work on {}", types(found))]
    Arguments {
        /// The function.
        function: &'static str,
        /// What it was given.
        found: [Option<ValueType>; 3],
    },
    /// A vector of too few or too many numbers.
    #[error("{function} is made of {found} numbers")]
    Components {
        /// The function.
        function: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A text that is no colour.
    #[error("there is no colour {0:?}")]
    UnknownColor(Box<str>),
    /// A regular expression that cannot be used.
    #[error("the regular expression cannot be used: {0}")]
    RegExp(Box<str>),
    /// A text that grew too long.
    #[error("the text is longer than {MAX_STRING_BYTES} bytes")]
    TooLong,
    /// A vector of length 0.
    #[error("a vector of length 0 has no direction")]
    NoDirection,
    /// A result that is no colour.
    #[error("the result must be a colour, as color('red') or a vec4, found {0}")]
    NotAColor(ValueType),
    /// A result that is no size.
    #[error("the result must be a number of 0 or more, found {0}")]
    NotASize(ValueType),
}

fn types(found: &[Option<ValueType>]) -> String {
    let words: Vec<String> = found.iter().flatten().map(ToString::to_string).collect();
    words.join(", ")
}

/// Something that went wrong for features, said once with how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StyleProblem {
    /// Which expression of the style.
    pub place: Place,
    /// What went wrong with it.
    pub error: EvaluationError,
    /// The first feature, in the order of evaluation.
    pub feature: u32,
    /// For how many features.
    pub count: u64,
}

impl std::fmt::Display for StyleProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            place,
            error,
            feature,
            count,
        } = self;
        write!(
            f,
            "{place}, {error} ({count} times, first for feature {feature})"
        )
    }
}
