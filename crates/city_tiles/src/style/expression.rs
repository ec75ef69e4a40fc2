//! One expression by itself.

use super::ast::Expr;
use super::code::Code;
use super::compile::{Compiler, Slots};
use super::error::ExpressionError;
use super::eval::{Context, Scratch, evaluate};
use super::outcome::{EvaluationError, FeatureProperties, Inputs};
use super::parser;
use super::value::StyleValue;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// An expression of the styling language, read and compiled once.
#[derive(Debug, Clone)]
pub struct StyleExpression {
    ast: Expr,
    code: Code,
    slots: Slots,
    failing: Vec<EvaluationError>,
}

impl StyleExpression {
    /// Reads an expression.
    ///
    /// # Errors
    /// Where the text is wrong and what to write instead. The first thing that is wrong is told.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let ast = parser::parse(text)?;
        let mut slots = Slots::default();
        let mut compiler = Compiler {
            slots: &mut slots,
            defines: &HashMap::new(),
            failing: Vec::new(),
        };
        let code = compiler.compile(&ast)?;
        let failing = compiler.failing;
        Ok(Self {
            ast,
            code,
            slots,
            failing,
        })
    }

    /// What it says.
    #[must_use]
    pub fn ast(&self) -> &Expr {
        &self.ast
    }

    /// The names of the properties that it reads; the index is the slot of [`FeatureProperties::property`].
    #[must_use]
    pub fn properties(&self) -> &[Arc<str>] {
        &self.slots.names
    }

    /// Whether its value changes with the time.
    #[must_use]
    pub fn uses_time(&self) -> bool {
        self.slots.time
    }

    /// Parts without variables that fail for every feature. Not an error: they may stand behind an operator that skips
    /// them.
    #[must_use]
    pub fn failing(&self) -> &[EvaluationError] {
        &self.failing
    }

    /// The value for a feature.
    ///
    /// # Errors
    /// The part whose types do not fit.
    pub fn evaluate<'a>(
        &'a self,
        feature: &dyn FeatureProperties<'a>,
        inputs: &Inputs,
    ) -> Result<StyleValue<'a>, EvaluationError> {
        let mut scratch = Scratch::new(0);
        let mut context = Context {
            feature,
            inputs,
            defines: &[],
            scratch: &mut scratch,
        };
        evaluate(&self.code, &mut context)
    }
}

impl fmt::Display for StyleExpression {
    /// In one way of spacing, with the fewest parentheses. It reads as the same expression.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ast.fmt(f)
    }
}
