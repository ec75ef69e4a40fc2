//! Calls of the language's functions.

use super::code::Code;
use super::color;
use super::error::shortened;
use super::eval::{Context, Evaluated, error, evaluate, text_of};
use super::functions::Function;
use super::math;
use super::outcome::{EvaluationErrorKind as Kind, FeatureProperties};
use super::span::Span;
use super::value::{MAX_STRING_BYTES, StyleValue};
use std::borrow::Cow;

/// The value of a call. The parser has counted the arguments: no function takes more than four.
pub(super) fn call<'a>(
    function: Function,
    arguments: &'a [Code],
    span: Span,
    context: &mut Context<'a, '_>,
) -> Evaluated<'a> {
    let mut values = [const { StyleValue::Undefined }; 4];
    for (value, argument) in values.iter_mut().zip(arguments) {
        *value = evaluate(argument, context)?;
    }
    let given = values.get(..arguments.len()).unwrap_or(&values);
    if let Some(f) = math::unary(function)
        && let [x] = given
        && let Some(result) = math::map(x, f)
    {
        return Ok(result);
    }
    let result = match function {
        Function::RegExp => return regexp(given, span, context),
        Function::Vec2 | Function::Vec3 | Function::Vec4 => return vector(function, given, span),
        Function::Color => return named_color(given, span),
        Function::Rgb | Function::Rgba | Function::Hsl | Function::Hsla => colour(function, given),
        Function::Normalize => return normalize(given, span),
        Function::String => return string(given, span),
        Function::IsClass | Function::IsExactClass | Function::GetExactClassName => {
            class(function, given, context.feature)
        }
        _ => of_values(function, given),
    };
    result.ok_or_else(|| mismatch(function, given, span))
}

fn mismatch(function: Function, given: &[StyleValue<'_>], span: Span) -> super::EvaluationError {
    let function = function.name();
    let mut types = given.iter().map(StyleValue::value_type);
    let found = std::array::from_fn(|_| types.next());
    error(span, Kind::Arguments { function, found })
}

/// Functions of the arguments alone. `None` where their types do not fit.
fn of_values<'a>(function: Function, given: &[StyleValue<'a>]) -> Option<StyleValue<'a>> {
    match (function, given) {
        (Function::Boolean, []) => Some(StyleValue::Boolean(false)),
        (Function::Boolean, [value]) => Some(StyleValue::Boolean(value.to_boolean())),
        (Function::Number, []) => Some(StyleValue::Number(0.0)),
        (Function::Number, [value]) => Some(StyleValue::Number(value.to_number())),
        (Function::IsNan, []) => Some(StyleValue::Boolean(true)),
        (Function::IsNan, [value]) => Some(StyleValue::Boolean(value.to_number().is_nan())),
        (Function::IsFinite, []) => Some(StyleValue::Boolean(false)),
        (Function::IsFinite, [value]) => Some(StyleValue::Boolean(value.to_number().is_finite())),
        (Function::Atan2, [y, x]) => math::zip(y, x, f64::atan2),
        (Function::Pow, [base, exponent]) => math::zip(base, exponent, math::power),
        (Function::Min, [x, y]) => math::zip_scalar(x, y, math::min),
        (Function::Max, [x, y]) => math::zip_scalar(x, y, math::max),
        (Function::Clamp | Function::Mix, [x, y, a]) => math::ternary(function, x, y, a),
        (Function::Length, [x]) => math::length(x).map(StyleValue::Number),
        (Function::Distance, [x, y]) => {
            let between = math::zip(x, y, |x, y| x - y)?;
            math::length(&between).map(StyleValue::Number)
        }
        (Function::Dot, [x, y]) => math::dot(x, y).map(StyleValue::Number),
        (Function::Cross, [StyleValue::Vec3(x), StyleValue::Vec3(y)]) => {
            Some(StyleValue::Vec3(math::cross(x, y)))
        }
        _ => None,
    }
}

fn class<'a>(
    function: Function,
    given: &[StyleValue<'a>],
    feature: &dyn FeatureProperties<'a>,
) -> Option<StyleValue<'a>> {
    match (function, given) {
        (Function::IsClass, [StyleValue::String(name)]) => {
            Some(StyleValue::Boolean(feature.is_class(name)))
        }
        (Function::IsExactClass, [StyleValue::String(name)]) => Some(StyleValue::Boolean(
            feature.class_name() == Some(name.as_ref()),
        )),
        (Function::GetExactClassName, []) => Some(
            feature
                .class_name()
                .map_or(StyleValue::Undefined, StyleValue::from),
        ),
        _ => None,
    }
}

fn string<'a>(given: &[StyleValue<'a>], span: Span) -> Evaluated<'a> {
    let text = match given {
        [StyleValue::String(text)] => return Ok(StyleValue::String(text.clone())),
        [value] => text_of(value),
        _ => String::new(),
    };
    if text.len() > MAX_STRING_BYTES {
        return Err(error(span, Kind::TooLong));
    }
    Ok(StyleValue::String(Cow::Owned(text)))
}

fn regexp<'a>(
    given: &[StyleValue<'a>],
    span: Span,
    context: &mut Context<'a, '_>,
) -> Evaluated<'a> {
    // As the constructor of JavaScript: what is no text becomes one.
    let text = |value: Option<&StyleValue<'_>>| match value {
        None | Some(StyleValue::Undefined) => String::new(),
        Some(value) => text_of(value),
    };
    let (pattern, flags) = (text(given.first()), text(given.get(1)));
    let made = context.scratch.regexp(&pattern, &flags);
    made.map(StyleValue::RegExp)
        .map_err(|reason| error(span, Kind::RegExp(reason)))
}

/// Numbers and vectors in a row make a vector; one number fills it, one longer vector is cut.
fn vector<'a>(function: Function, given: &[StyleValue<'a>], span: Span) -> Evaluated<'a> {
    // Four arguments of four numbers at most.
    let mut items = [0.0; 16];
    let mut count = 0;
    for value in given {
        let Some(components) = math::components(value) else {
            return Err(mismatch(function, given, span));
        };
        for component in components {
            if let Some(item) = items.get_mut(count) {
                *item = *component;
            }
            count += 1;
        }
    }
    let size = match function {
        Function::Vec2 => 2,
        Function::Vec3 => 3,
        _ => 4,
    };
    if (count < size && count > 1) || (count > size && given.len() > 1) {
        let function = function.name();
        return Err(error(
            span,
            Kind::Components {
                function,
                found: count,
            },
        ));
    }
    if count == 1 {
        items = [items[0]; 16];
    }
    let [x, y, z, w, ..] = items;
    Ok(match size {
        2 => StyleValue::Vec2([x, y]),
        3 => StyleValue::Vec3([x, y, z]),
        _ => StyleValue::Vec4([x, y, z, w]),
    })
}

fn named_color<'a>(given: &[StyleValue<'a>], span: Span) -> Evaluated<'a> {
    let parse = |text: &str| {
        color::parse(text)
            .ok_or_else(|| error(span, Kind::UnknownColor(shortened(text).into_boxed_str())))
    };
    match given {
        [] => Ok(StyleValue::Vec4([1.0; 4])),
        [StyleValue::String(text)] => Ok(StyleValue::Vec4(parse(text)?)),
        [StyleValue::String(text), StyleValue::Number(alpha)] => {
            let [r, g, b, _] = parse(text)?;
            Ok(StyleValue::Vec4([r, g, b, *alpha]))
        }
        _ => Err(mismatch(Function::Color, given, span)),
    }
}

fn colour<'a>(function: Function, given: &[StyleValue<'a>]) -> Option<StyleValue<'a>> {
    let mut items = [0.0, 0.0, 0.0, 1.0];
    for (item, value) in items.iter_mut().zip(given) {
        let StyleValue::Number(number) = value else {
            return None;
        };
        *item = *number;
    }
    let [a, b, c, alpha] = items;
    let [r, g, b] = match function {
        Function::Hsl | Function::Hsla => color::from_hsl(a, b, c),
        _ => [a, b, c].map(|component| component / 255.0),
    };
    Some(StyleValue::Vec4([r, g, b, alpha]))
}

fn normalize<'a>(given: &[StyleValue<'a>], span: Span) -> Evaluated<'a> {
    let [value] = given else {
        return Err(mismatch(Function::Normalize, given, span));
    };
    match (value, math::length(value)) {
        (StyleValue::Number(_), _) => Ok(StyleValue::Number(1.0)),
        (_, Some(0.0)) => Err(error(span, Kind::NoDirection)),
        (value, Some(length)) => math::map(value, |x| x / length)
            .ok_or_else(|| mismatch(Function::Normalize, given, span)),
        (_, None) => Err(mismatch(Function::Normalize, given, span)),
    }
}
