//! What can be wrong with a style before any feature is looked at.

use super::place::Place;
use super::span::Span;
use std::ops::Range;

/// Why an expression cannot be read: where in its text, why, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("byte {}: {kind}", span.start)]
pub struct ExpressionError {
    /// The part of the text that is wrong.
    pub span: Span,
    /// What is wrong with it.
    pub kind: ExpressionErrorKind,
}

impl ExpressionError {
    pub(super) fn new(span: Span, kind: ExpressionErrorKind) -> Self {
        Self { span, kind }
    }

    /// The bytes of the text to underline. They lie on character boundaries; the range is empty where something
    /// is missing.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.span.range()
    }
}

/// The cause of an [`ExpressionError`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionErrorKind {
    /// More text than is read.
    #[error("the expression has {found} bytes, more than the limit of {limit}")]
    TooLong {
        /// Its length in bytes.
        found: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Too many things inside each other.
    #[error("nested more than {limit} deep; put parts of it into `defines`")]
    TooDeep {
        /// How deep it may be.
        limit: usize,
    },
    /// No expression at all.
    #[error("the expression is empty")]
    Empty,
    /// A character that starts nothing.
    #[error("unexpected character {0:?}")]
    UnexpectedCharacter(char),
    /// A string without its end.
    #[error("the string has no closing {0}")]
    UnterminatedString(char),
    /// A variable without its end.
    #[error("the variable has no closing }}")]
    UnterminatedVariable,
    /// A number that is none.
    #[error("{0:?} is not a number; numbers are decimal, as 12, 0.5 and 1e3")]
    BadNumber(String),
    /// A variable's name that needs brackets, or is none.
    #[error("${{{text}}} is not a variable; {hint}")]
    BadVariable {
        /// What stands between the braces.
        text: String,
        /// What to write.
        hint: String,
    },
    /// A variable of the language that does not exist.
    #[error("${{{0}}} is not known; of the names with tiles3d_ only tiles3d_tileset_time is")]
    UnknownBuiltin(String),
    /// An operator of JavaScript that styles do not have.
    #[error("operator {found} does not exist in styles{}", instead.map_or(String::new(), |i| format!("; write {i}")))]
    UnknownOperator {
        /// The operator.
        found: &'static str,
        /// What to write instead.
        instead: Option<&'static str>,
    },
    /// Something else was expected.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What should stand here.
        expected: &'static str,
        /// What stands here.
        found: String,
    },
    /// Text after the end of the expression.
    #[error("{0} follows the end of the expression; an operator is missing, or a parenthesis")]
    Trailing(String),
    /// A bare name.
    #[error("{name:?} is not defined; {hint}")]
    UnknownName {
        /// The name.
        name: String,
        /// What to write.
        hint: String,
    },
    /// A function that does not exist.
    #[error("there is no function {name:?}{}", did_you_mean(nearest.as_deref()))]
    UnknownFunction {
        /// The name.
        name: String,
        /// The nearest one that exists.
        nearest: Option<String>,
    },
    /// A call of something that is not a function.
    #[error("only functions can be called; {0} is none")]
    NotAFunction(String),
    /// Too few or too many arguments.
    #[error("{function} takes {takes}, {found} given")]
    ArgumentCount {
        /// The function.
        function: &'static str,
        /// How many it takes, in words.
        takes: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A colour's name that does not exist.
    #[error("there is no colour {name:?}{}", did_you_mean(nearest.as_deref()))]
    UnknownColor {
        /// The name.
        name: String,
        /// The nearest one that exists.
        nearest: Option<String>,
    },
    /// A regular expression that cannot be used.
    #[error("the regular expression cannot be used: {0}")]
    RegExp(String),
}

/// The end of a sentence that names the nearest known word.
pub(super) fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |word| format!("; did you mean {word:?}?"))
}

/// Why a style cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StyleError {
    /// The text is not JSON.
    #[error("line {line}, column {column}: {message}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// JSON of another shape than a style's.
    #[error("{at}: expected {expected}, found {found}")]
    Shape {
        /// Where: a key, with indices.
        at: String,
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// More of something than the limit allows.
    #[error("{at}: {found} {what} are more than the limit of {limit}")]
    Limit {
        /// Where: a key.
        at: String,
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// How much there may be.
        limit: usize,
    },
    /// An expression that cannot be read.
    #[error("{place}, {error}, in {text:?}", text = shortened(text))]
    Expression {
        /// Which expression of the style.
        place: Place,
        /// Its text.
        text: String,
        /// What is wrong with it.
        error: Box<ExpressionError>,
    },
}

/// The first characters of a text.
pub(super) fn shortened(text: &str) -> String {
    const MAX_CHARS: usize = 120;
    match text.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Something in a style that is likely not meant, though it does no harm.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StyleWarning {
    /// A key that nothing reads.
    #[error("{at} is not used{}", did_you_mean(nearest.as_deref()))]
    UnknownKey {
        /// The key, with those that it stands in.
        at: String,
        /// The nearest one that exists.
        nearest: Option<String>,
    },
    /// A part without variables whose types do not fit: it fails whenever it is looked at.
    #[error("{place}, byte {}: this fails for every feature: {message}", span.start)]
    AlwaysFails {
        /// Which expression of the style.
        place: Place,
        /// The part of its text.
        span: Span,
        /// Why.
        message: String,
    },
    /// A define that names another define, which reads the feature's property instead (Styling, "Defining
    /// variables").
    #[error(
        "{place}: ${{{name}}} is the feature's property, not the define: defines cannot use each other"
    )]
    DefineInDefine {
        /// The define.
        place: Place,
        /// The name that it uses.
        name: String,
    },
}
