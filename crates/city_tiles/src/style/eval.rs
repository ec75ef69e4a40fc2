//! Evaluation of compiled expressions.

use super::ast::{BinaryOperator, Method, UnaryOperator};
use super::call;
use super::code::{Code, TemplateCode};
use super::math;
use super::outcome::{EvaluationError, EvaluationErrorKind as Kind, FeatureProperties, Inputs};
use super::regexp::StyleRegExp;
use super::span::Span;
use super::value::{MAX_STRING_BYTES, StyleValue};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Regular expressions made while evaluating that are kept.
const MAX_REGEXPS: usize = 32;

pub(super) type Evaluated<'a> = Result<StyleValue<'a>, EvaluationError>;

/// What an evaluation looks at.
pub(super) struct Context<'a, 'f> {
    pub(super) feature: &'f dyn FeatureProperties<'a>,
    pub(super) inputs: &'f Inputs,
    pub(super) defines: &'a [Code],
    pub(super) scratch: &'f mut Scratch<'a>,
}

/// What is kept while evaluating: the defines' values for one feature, and regular expressions.
#[derive(Debug)]
pub(super) struct Scratch<'a> {
    defines: Vec<Option<Evaluated<'a>>>,
    regexps: HashMap<(String, String), Result<Arc<StyleRegExp>, Box<str>>>,
}

impl Scratch<'_> {
    pub(super) fn new(defines: usize) -> Self {
        Self {
            defines: (0..defines).map(|_| None).collect(),
            regexps: HashMap::new(),
        }
    }

    /// Forgets what belongs to the last feature.
    pub(super) fn next_feature(&mut self) {
        self.defines.iter_mut().for_each(|value| *value = None);
    }

    /// A regular expression from texts that are known only now.
    pub(super) fn regexp(
        &mut self,
        pattern: &str,
        flags: &str,
    ) -> Result<Arc<StyleRegExp>, Box<str>> {
        let key = (pattern.to_owned(), flags.to_owned());
        if let Some(known) = self.regexps.get(&key) {
            return known.clone();
        }
        if self.regexps.len() >= MAX_REGEXPS {
            self.regexps.clear();
        }
        let made = StyleRegExp::new(pattern, flags)
            .map(Arc::new)
            .map_err(String::into_boxed_str);
        self.regexps.insert(key, made.clone());
        made
    }
}

pub(super) fn error(span: Span, kind: Kind) -> EvaluationError {
    EvaluationError {
        span,
        kind,
        define: None,
    }
}

/// The value of an expression for a feature.
pub(super) fn evaluate<'a>(code: &'a Code, context: &mut Context<'a, '_>) -> Evaluated<'a> {
    match code {
        Code::Constant(value) => Ok(value.borrowed()),
        Code::Property(slot) => Ok(context.feature.property(*slot as usize)),
        Code::Point(semantic, slot) => Ok(context
            .feature
            .point(*semantic)
            .unwrap_or_else(|| context.feature.property(*slot as usize))),
        Code::Time => Ok(StyleValue::Number(context.inputs.tileset_time_s)),
        Code::Define(index) => define(*index, context),
        Code::Template(parts, span) => template(parts, *span, context),
        Code::Array(items) => {
            let items = items.iter().map(|item| evaluate(item, context));
            Ok(StyleValue::Array(items.collect::<Result<_, _>>()?))
        }
        Code::Unary(operator, operand, span) => {
            unary(*operator, &evaluate(operand, context)?, *span)
        }
        Code::Binary(operator, pair, span) => {
            let left = evaluate(&pair[0], context)?;
            let right = evaluate(&pair[1], context)?;
            binary(*operator, left, right, *span)
        }
        Code::Compare(operator, slot, right, span) => {
            match context.feature.property(*slot as usize) {
                StyleValue::Number(left) => {
                    Ok(StyleValue::Boolean(compare(*operator, left, *right)))
                }
                left => binary(*operator, left, StyleValue::Number(*right), *span),
            }
        }
        Code::OneOf(set) => {
            let value = context.feature.property(set.slot as usize);
            Ok(StyleValue::Boolean(set.holds(&value)))
        }
        Code::Any(operands, span) => {
            for operand in operands {
                if boolean(operand, "an operand of ||", *span, context)? {
                    return Ok(StyleValue::Boolean(true));
                }
            }
            Ok(StyleValue::Boolean(false))
        }
        Code::All(operands, span) => {
            for operand in operands {
                if !boolean(operand, "an operand of &&", *span, context)? {
                    return Ok(StyleValue::Boolean(false));
                }
            }
            Ok(StyleValue::Boolean(true))
        }
        Code::Conditional(branches, otherwise, span) => {
            for [test, then] in branches {
                if boolean(test, "the test before ?", *span, context)? {
                    return evaluate(then, context);
                }
            }
            evaluate(otherwise, context)
        }
        Code::Member(object, name) => Ok(evaluate(object, context)?.member(name)),
        Code::Index(pair) => {
            let object = evaluate(&pair[0], context)?;
            Ok(match evaluate(&pair[1], context)? {
                StyleValue::Number(index) => object.item(index),
                StyleValue::String(name) => object.member(&name),
                other => object.member(&text_of(&other)),
            })
        }
        Code::Call(function, arguments, span) => call::call(*function, arguments, *span, context),
        Code::Method(method, parts, span) => {
            let mut values = [StyleValue::Undefined, StyleValue::Undefined];
            for (value, part) in values.iter_mut().zip(parts) {
                *value = evaluate(part, context)?;
            }
            let [object, argument] = values;
            let argument = (parts.len() > 1).then_some(argument);
            self::method(*method, &object, argument, *span)
        }
    }
}

fn define<'a>(index: u32, context: &mut Context<'a, '_>) -> Evaluated<'a> {
    let at = index as usize;
    if let Some(Some(known)) = context.scratch.defines.get(at) {
        return match known {
            Ok(value) => Ok(value.clone()),
            Err(error) => Err(error.clone()),
        };
    }
    let Some(code) = context.defines.get(at) else {
        return Ok(StyleValue::Undefined);
    };
    let value = evaluate(code, context).map_err(|error| EvaluationError {
        define: Some(index),
        ..error
    });
    if let Some(place) = context.scratch.defines.get_mut(at) {
        *place = Some(value.clone());
    }
    value
}

fn template<'a>(
    parts: &'a [TemplateCode],
    span: Span,
    context: &mut Context<'a, '_>,
) -> Evaluated<'a> {
    let mut text = String::new();
    for part in parts {
        match part {
            TemplateCode::Text(part) => text.push_str(part),
            TemplateCode::Value(code) => {
                let value = evaluate(code, context)?;
                // A missing property leaves nothing, as in CesiumJS.
                if !value.is_missing() {
                    value.write(&mut text);
                }
            }
        }
        if text.len() > MAX_STRING_BYTES {
            return Err(error(span, Kind::TooLong));
        }
    }
    Ok(StyleValue::String(Cow::Owned(text)))
}

fn boolean<'a>(
    code: &'a Code,
    what: &'static str,
    span: Span,
    context: &mut Context<'a, '_>,
) -> Result<bool, EvaluationError> {
    match evaluate(code, context)? {
        StyleValue::Boolean(value) => Ok(value),
        other => {
            let found = other.value_type();
            Err(error(span, Kind::NotBoolean { what, found }))
        }
    }
}

/// `String(value)`.
pub(super) fn text_of(value: &StyleValue<'_>) -> String {
    let mut text = String::new();
    value.write(&mut text);
    text
}

fn unary<'a>(operator: UnaryOperator, value: &StyleValue<'a>, span: Span) -> Evaluated<'a> {
    let result = match (operator, value) {
        (UnaryOperator::Not, StyleValue::Boolean(value)) => Some(StyleValue::Boolean(!value)),
        (UnaryOperator::Not, _) => None,
        (UnaryOperator::Minus, value) => math::map(value, |x| -x),
        (UnaryOperator::Plus, value) => math::map(value, |x| x),
    };
    result.ok_or_else(|| {
        let (operator, operand) = (operator.symbol(), value.value_type());
        error(span, Kind::Operand { operator, operand })
    })
}

fn compare(operator: BinaryOperator, left: f64, right: f64) -> bool {
    match operator {
        BinaryOperator::Less => left < right,
        BinaryOperator::LessOrEqual => left <= right,
        BinaryOperator::Greater => left > right,
        BinaryOperator::GreaterOrEqual => left >= right,
        BinaryOperator::NotEqual => left != right,
        _ => left == right,
    }
}

fn binary<'a>(
    operator: BinaryOperator,
    left: StyleValue<'a>,
    right: StyleValue<'a>,
    span: Span,
) -> Evaluated<'a> {
    use BinaryOperator as Op;
    let result = match operator {
        Op::Equal => Some(StyleValue::Boolean(left == right)),
        Op::NotEqual => Some(StyleValue::Boolean(left != right)),
        Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => match (&left, &right) {
            (StyleValue::Number(left), StyleValue::Number(right)) => {
                Some(StyleValue::Boolean(compare(operator, *left, *right)))
            }
            _ => None,
        },
        Op::Matches | Op::MatchesNot => match (&left, &right) {
            (StyleValue::RegExp(regexp), StyleValue::String(text))
            | (StyleValue::String(text), StyleValue::RegExp(regexp)) => Some(StyleValue::Boolean(
                regexp.test(text) == (operator == Op::Matches),
            )),
            _ => None,
        },
        Op::Add => match (&left, &right) {
            (StyleValue::String(_), _) | (_, StyleValue::String(_)) => {
                return concatenate(&left, &right, span);
            }
            _ => math::zip(&left, &right, |a, b| a + b),
        },
        Op::Subtract => math::zip(&left, &right, |a, b| a - b),
        Op::Multiply => match &left {
            StyleValue::Number(a) => math::map(&right, |b| a * b),
            _ => math::zip_scalar(&left, &right, |a, b| a * b),
        },
        Op::Divide => math::zip_scalar(&left, &right, |a, b| a / b),
        Op::Remainder => math::zip(&left, &right, |a, b| a % b),
    };
    result.ok_or_else(|| {
        let (operator, left, right) = (operator.symbol(), left.value_type(), right.value_type());
        error(
            span,
            Kind::Operands {
                operator,
                left,
                right,
            },
        )
    })
}

fn concatenate<'a>(left: &StyleValue<'_>, right: &StyleValue<'_>, span: Span) -> Evaluated<'a> {
    let mut text = text_of(left);
    right.write(&mut text);
    if text.len() > MAX_STRING_BYTES {
        return Err(error(span, Kind::TooLong));
    }
    Ok(StyleValue::String(Cow::Owned(text)))
}

fn method<'a>(
    method: Method,
    object: &StyleValue<'a>,
    argument: Option<StyleValue<'a>>,
    span: Span,
) -> Evaluated<'a> {
    let found = [
        Some(object.value_type()),
        argument.as_ref().map(StyleValue::value_type),
        None,
    ];
    let value = match (method, object, argument) {
        (Method::Test, StyleValue::RegExp(_), None) => Some(StyleValue::Boolean(false)),
        (Method::Exec, StyleValue::RegExp(_), None) => Some(StyleValue::Null),
        (Method::Test, StyleValue::RegExp(regexp), Some(StyleValue::String(text))) => {
            Some(StyleValue::Boolean(regexp.test(&text)))
        }
        (Method::Exec, StyleValue::RegExp(regexp), Some(StyleValue::String(text))) => {
            Some(match regexp.exec(&text) {
                None => StyleValue::Null,
                Some(None) => StyleValue::Undefined,
                Some(Some(group)) => StyleValue::String(Cow::Owned(group.to_owned())),
            })
        }
        (
            Method::ToString,
            StyleValue::RegExp(_) | StyleValue::Vec2(_) | StyleValue::Vec3(_) | StyleValue::Vec4(_),
            None,
        ) => Some(StyleValue::String(Cow::Owned(text_of(object)))),
        _ => None,
    };
    let function = method.name();
    value.ok_or_else(|| error(span, Kind::Arguments { function, found }))
}
