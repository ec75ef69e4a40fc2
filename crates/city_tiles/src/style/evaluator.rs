//! A style applied to one feature after another.

use super::code::Code;
use super::eval::{Context, Scratch, evaluate};
use super::outcome::{
    EvaluationError, EvaluationErrorKind as Kind, FeatureProperties, Inputs, Outcome, StyleProblem,
};
use super::place::{Part, Place, StyleKey};
use super::span::Span;
use super::value::StyleValue;
use super::{Rule, Style};
use std::mem::discriminant;
use std::sync::Arc;

/// Problems that are kept; later ones are only counted.
const MAX_PROBLEMS: usize = 32;

/// Applies a style to features and keeps what went wrong. An expression that fails for a feature has no effect on it: a
/// condition is not met, and a result leaves the feature as it is without the style.
#[derive(Debug)]
pub struct Evaluator<'a> {
    style: &'a Style,
    inputs: Inputs,
    scratch: Scratch<'a>,
    problems: Vec<StyleProblem>,
    left_out: u64,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(style: &'a Style, inputs: &Inputs) -> Self {
        Self {
            style,
            inputs: *inputs,
            scratch: Scratch::new(style.defines.len()),
            problems: Vec::new(),
            left_out: 0,
        }
    }

    /// How a feature looks. The index is only for [`StyleProblem::feature`].
    pub fn evaluate(&mut self, index: u32, feature: &dyn FeatureProperties<'a>) -> Outcome {
        self.scratch.next_feature();
        let style = self.style;
        let mut outcome = Outcome::default();
        if let Some(rule) = &style.show
            && let Some((value, _)) = self.rule(&StyleKey::Show, rule, index, feature)
        {
            // As in CesiumJS, undefined and null leave it shown and other values count as Boolean() has them.
            outcome.show = value.is_missing() || value.to_boolean();
        }
        // What is hidden needs no look.
        if !outcome.show {
            return outcome;
        }
        if let Some(rule) = &style.color {
            outcome.color = self.color(rule, index, feature);
        }
        if let Some(rule) = &style.point_size {
            outcome.point_size_px = self.point_size(rule, index, feature);
        }
        outcome
    }

    /// The value of a property of `meta`; `None` where the style has none of that name, or it fails.
    pub fn meta(
        &mut self,
        name: &str,
        index: u32,
        feature: &dyn FeatureProperties<'a>,
    ) -> Option<StyleValue<'a>> {
        self.scratch.next_feature();
        let (name, rule) = self.style.meta.iter().find(|(own, _)| &**own == name)?;
        let key = StyleKey::Meta(Arc::clone(name));
        self.rule(&key, rule, index, feature)
            .map(|(value, _)| value)
    }

    /// What went wrong so far, each thing once.
    #[must_use]
    pub fn problems(&self) -> &[StyleProblem] {
        &self.problems
    }

    /// What went wrong, and how often something went wrong that is not in the list.
    #[must_use]
    pub fn into_problems(self) -> (Vec<StyleProblem>, u64) {
        (self.problems, self.left_out)
    }

    fn color(
        &mut self,
        rule: &'a Rule,
        index: u32,
        feature: &dyn FeatureProperties<'a>,
    ) -> Option<[f32; 4]> {
        let (value, part) = self.rule(&StyleKey::Color, rule, index, feature)?;
        match value {
            StyleValue::Vec4(color) => Some(color.map(unit)),
            StyleValue::Undefined | StyleValue::Null => None,
            other => {
                let kind = Kind::NotAColor(other.value_type());
                self.result_problem(StyleKey::Color, part, kind, index);
                None
            }
        }
    }

    fn point_size(
        &mut self,
        rule: &'a Rule,
        index: u32,
        feature: &dyn FeatureProperties<'a>,
    ) -> Option<f32> {
        let (value, part) = self.rule(&StyleKey::PointSize, rule, index, feature)?;
        match value {
            StyleValue::Number(size) if size >= 0.0 && (size as f32).is_finite() => {
                Some(size as f32)
            }
            StyleValue::Undefined | StyleValue::Null => None,
            other => {
                let kind = Kind::NotASize(other.value_type());
                self.result_problem(StyleKey::PointSize, part, kind, index);
                None
            }
        }
    }

    /// The value of a rule, and which of its expressions gave it. `None` where no condition is met or it fails.
    fn rule(
        &mut self,
        key: &StyleKey,
        rule: &'a Rule,
        index: u32,
        feature: &dyn FeatureProperties<'a>,
    ) -> Option<(StyleValue<'a>, Part)> {
        match rule {
            Rule::Single(code) => {
                let value = self.value(key, Part::Whole, code, index, feature)?;
                Some((value, Part::Whole))
            }
            Rule::Conditions(conditions) => {
                for (at, [test, result]) in conditions.iter().enumerate() {
                    let met = self.value(key, Part::Condition(at), test, index, feature);
                    if met.is_some_and(|met| met.to_boolean()) {
                        let part = Part::Result(at);
                        let value = self.value(key, part, result, index, feature)?;
                        return Some((value, part));
                    }
                }
                None
            }
        }
    }

    fn value(
        &mut self,
        key: &StyleKey,
        part: Part,
        code: &'a Code,
        index: u32,
        feature: &dyn FeatureProperties<'a>,
    ) -> Option<StyleValue<'a>> {
        let mut context = Context {
            feature,
            inputs: &self.inputs,
            defines: &self.style.defines,
            scratch: &mut self.scratch,
        };
        match evaluate(code, &mut context) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(key, part, error, index);
                None
            }
        }
    }

    fn result_problem(&mut self, key: StyleKey, part: Part, kind: Kind, index: u32) {
        let error = EvaluationError {
            span: Span::default(),
            kind,
            define: None,
        };
        self.problem(&key, part, error, index);
    }

    fn problem(&mut self, key: &StyleKey, part: Part, error: EvaluationError, feature: u32) {
        let define = error
            .define
            .and_then(|index| self.style.define_names.get(index as usize));
        let (key, part) = match define {
            Some(name) => (StyleKey::Define(Arc::clone(name)), Part::Whole),
            None => (key.clone(), part),
        };
        // Types and texts differ from feature to feature; the place and the kind of fault make it the same problem.
        let known = self.problems.iter_mut().find(|known| {
            known.place.part == part
                && known.error.span.range() == error.span.range()
                && discriminant(&known.error.kind) == discriminant(&error.kind)
                && known.place.key == key
        });
        if let Some(known) = known {
            known.count += 1;
        } else if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(StyleProblem {
                place: Place { key, part },
                error,
                feature,
                count: 1,
            });
        } else {
            self.left_out += 1;
        }
    }
}

/// A component kept between 0 and 1; NaN is 0.
fn unit(component: f64) -> f32 {
    if component.is_nan() {
        0.0
    } else {
        component.clamp(0.0, 1.0) as f32
    }
}
