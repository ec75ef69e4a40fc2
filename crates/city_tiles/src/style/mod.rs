//! The 3D Tiles styling language: which features are drawn, and in which colours and sizes.
//!
//! [`Style`] is read once from JSON and applied to all features of a tile with [`Style::evaluate_table`], or to one
//! after another with [`Style::evaluator`]. [`StyleExpression`] is one expression by itself, and [`complete()`] offers
//! what can be written at a place of its text. Colours are sRGB with straight alpha, as CSS has them.
//!
//! Standard: 3D Tiles 1.1, "Styling". What differs from CesiumJS is listed in docs/styling.md.

mod ast;
mod call;
mod code;
mod color;
mod compile;
mod complete;
mod css_names;
mod error;
mod eval;
mod evaluator;
mod expression;
mod functions;
mod lexer;
mod math;
mod number;
mod outcome;
mod parser;
mod place;
mod print;
mod read;
mod regexp;
mod span;
mod suggest;
mod table;
mod value;
mod variable;

pub use ast::{
    BinaryOperator, Expr, ExprKind, MAX_DEPTH, Method, Template, TemplatePart, UnaryOperator,
    Variable,
};
pub use complete::{Completion, CompletionKind, complete};
pub use error::{ExpressionError, ExpressionErrorKind, StyleError, StyleWarning};
pub use evaluator::Evaluator;
pub use expression::StyleExpression;
pub use functions::Function;
pub use outcome::{
    ByName, EvaluationError, EvaluationErrorKind, FeatureProperties, Inputs, NoProperties, Outcome,
    PointSemantic, StyleProblem,
};
pub use parser::MAX_EXPRESSION_BYTES;
pub use place::{Part, Place, StyleKey};
pub use read::MAX_STYLE_BYTES;
pub use regexp::StyleRegExp;
pub use span::Span;
pub use table::StyledFeatures;
pub use value::{StyleValue, ValueType};

use crate::metadata::FeatureTable;
use code::Code;
use compile::Slots;
use std::sync::Arc;

/// An expression, or conditions of which the first that is met counts.
#[derive(Debug, Clone)]
enum Rule {
    Single(Code),
    Conditions(Box<[[Code; 2]]>),
}

/// A style, compiled.
#[derive(Debug, Clone)]
pub struct Style {
    show: Option<Rule>,
    color: Option<Rule>,
    point_size: Option<Rule>,
    defines: Vec<Code>,
    define_names: Vec<Arc<str>>,
    meta: Vec<(Arc<str>, Rule)>,
    slots: Slots,
    warnings: Vec<StyleWarning>,
}

impl Style {
    /// Reads a style.
    ///
    /// # Errors
    /// Which key, which condition and which byte of the expression is wrong, and what to write instead.
    pub fn parse(json: &serde_json::Value) -> Result<Self, StyleError> {
        read::from_json(json)
    }

    /// Reads a style from its JSON text.
    ///
    /// # Errors
    /// As [`Style::parse`], and where the text is not JSON.
    pub fn from_text(text: &str) -> Result<Self, StyleError> {
        read::from_text(text)
    }

    /// What is likely not meant.
    #[must_use]
    pub fn warnings(&self) -> &[StyleWarning] {
        &self.warnings
    }

    /// The names of the properties that it reads; the index is the slot of [`FeatureProperties::property`].
    #[must_use]
    pub fn properties(&self) -> &[Arc<str>] {
        &self.slots.names
    }

    /// Whether looks change with [`Inputs::tileset_time_s`]. If not, a tile is evaluated once.
    #[must_use]
    pub fn uses_time(&self) -> bool {
        self.slots.time
    }

    /// Whether it can hide features.
    #[must_use]
    pub fn has_show(&self) -> bool {
        self.show.is_some()
    }

    /// Whether it colours features.
    #[must_use]
    pub fn has_color(&self) -> bool {
        self.color.is_some()
    }

    /// Whether it sizes points.
    #[must_use]
    pub fn has_point_size(&self) -> bool {
        self.point_size.is_some()
    }

    /// The names of the properties of `meta`, for [`Evaluator::meta`].
    pub fn meta_names(&self) -> impl Iterator<Item = &str> {
        self.meta.iter().map(|(name, _)| &**name)
    }

    /// The names of the defines.
    pub fn define_names(&self) -> impl Iterator<Item = &str> {
        self.define_names.iter().map(|name| &**name)
    }

    /// Applies it to one feature after another.
    #[must_use]
    pub fn evaluator(&self, inputs: &Inputs) -> Evaluator<'_> {
        Evaluator::new(self, inputs)
    }

    /// The look of a tile without features: it counts as one feature without properties (Styling, "Overview").
    #[must_use]
    pub fn evaluate_without_features(&self, inputs: &Inputs) -> Outcome {
        self.evaluator(inputs).evaluate(0, &NoProperties)
    }

    /// The looks of all features of a tile.
    #[must_use]
    pub fn evaluate_table(&self, features: &FeatureTable, inputs: &Inputs) -> StyledFeatures {
        table::evaluate_table(self, features, inputs)
    }

    /// The looks of some features of a tile; the result's index is the place in `which`.
    #[must_use]
    pub fn evaluate_some(
        &self,
        features: &FeatureTable,
        which: &[u32],
        inputs: &Inputs,
    ) -> StyledFeatures {
        table::evaluate_some(self, features, which, inputs)
    }
}
