//! Numbers and vectors: operators and functions, component by component (Styling, "Built-in functions").

use super::functions::Function;
use super::value::StyleValue;

/// Applies a function of one number to a number or to each component.
pub(super) fn map<'a>(value: &StyleValue<'_>, f: impl Fn(f64) -> f64) -> Option<StyleValue<'a>> {
    Some(match value {
        StyleValue::Number(x) => StyleValue::Number(f(*x)),
        StyleValue::Vec2(x) => StyleValue::Vec2(x.map(f)),
        StyleValue::Vec3(x) => StyleValue::Vec3(x.map(f)),
        StyleValue::Vec4(x) => StyleValue::Vec4(x.map(f)),
        _ => return None,
    })
}

/// Applies a function of two numbers to operands of one type.
pub(super) fn zip<'a>(
    a: &StyleValue<'_>,
    b: &StyleValue<'_>,
    f: impl Fn(f64, f64) -> f64,
) -> Option<StyleValue<'a>> {
    Some(match (a, b) {
        (StyleValue::Number(a), StyleValue::Number(b)) => StyleValue::Number(f(*a, *b)),
        (StyleValue::Vec2(a), StyleValue::Vec2(b)) => StyleValue::Vec2(each(a, b, f)),
        (StyleValue::Vec3(a), StyleValue::Vec3(b)) => StyleValue::Vec3(each(a, b, f)),
        (StyleValue::Vec4(a), StyleValue::Vec4(b)) => StyleValue::Vec4(each(a, b, f)),
        _ => return None,
    })
}

fn each<const N: usize>(a: &[f64; N], b: &[f64; N], f: impl Fn(f64, f64) -> f64) -> [f64; N] {
    std::array::from_fn(|i| f(a[i], b[i]))
}

/// As [`zip`], or with a number for every component on the right.
pub(super) fn zip_scalar<'a>(
    a: &StyleValue<'_>,
    b: &StyleValue<'_>,
    f: impl Fn(f64, f64) -> f64,
) -> Option<StyleValue<'a>> {
    match b {
        StyleValue::Number(b) => map(a, |a| f(a, *b)),
        _ => zip(a, b, f),
    }
}

/// A function of one number.
pub(super) fn unary(function: Function) -> Option<fn(f64) -> f64> {
    Some(match function {
        Function::Abs => f64::abs,
        Function::Sqrt => f64::sqrt,
        Function::Cos => f64::cos,
        Function::Sin => f64::sin,
        Function::Tan => f64::tan,
        Function::Acos => f64::acos,
        Function::Asin => f64::asin,
        Function::Atan => f64::atan,
        Function::Radians => f64::to_radians,
        Function::Degrees => f64::to_degrees,
        Function::Sign => |x| {
            if x == 0.0 || x.is_nan() {
                x
            } else {
                x.signum()
            }
        },
        Function::Floor => f64::floor,
        Function::Ceil => f64::ceil,
        Function::Round => round,
        Function::Exp => f64::exp,
        Function::Log => f64::ln,
        Function::Exp2 => f64::exp2,
        Function::Log2 => f64::log2,
        Function::Fract => |x| x - x.floor(),
        _ => return None,
    })
}

/// To the nearest integer, halves upwards, as `Math.round` does.
fn round(x: f64) -> f64 {
    let below = x.floor();
    if x - below >= 0.5 { below + 1.0 } else { below }
}

/// The power, as `Math.pow` does it: 1 to the power of NaN is NaN.
pub(super) fn power(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (base.abs() == 1.0 && exponent.is_infinite()) {
        return f64::NAN;
    }
    base.powf(exponent)
}

/// The smaller, or NaN where one is.
pub(super) fn min(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.min(b)
    }
}

/// The larger, or NaN where one is.
pub(super) fn max(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.max(b)
    }
}

/// A value kept between two, which may be in the wrong order.
pub(super) fn clamp(x: f64, least: f64, most: f64) -> f64 {
    if x < least {
        least
    } else if x > most {
        most
    } else {
        x
    }
}

fn mix(x: f64, y: f64, a: f64) -> f64 {
    (1.0 - a) * x + a * y
}

/// `clamp` or `mix`: all of one type, or a number for every component where the standard has it.
pub(super) fn ternary<'a>(
    function: Function,
    a: &StyleValue<'_>,
    b: &StyleValue<'_>,
    c: &StyleValue<'_>,
) -> Option<StyleValue<'a>> {
    // clamp(vector, number, number) is in the standard, and not in CesiumJS.
    if let (Function::Clamp, StyleValue::Number(least), StyleValue::Number(most)) = (function, b, c)
    {
        return map(a, |x| clamp(x, *least, *most));
    }
    let f = if function == Function::Clamp {
        clamp
    } else {
        mix
    };
    if let StyleValue::Number(c) = c {
        return zip(a, b, |a, b| f(a, b, *c));
    }
    Some(match (a, b, c) {
        (StyleValue::Vec2(a), StyleValue::Vec2(b), StyleValue::Vec2(c)) => {
            StyleValue::Vec2(three(a, b, c, f))
        }
        (StyleValue::Vec3(a), StyleValue::Vec3(b), StyleValue::Vec3(c)) => {
            StyleValue::Vec3(three(a, b, c, f))
        }
        (StyleValue::Vec4(a), StyleValue::Vec4(b), StyleValue::Vec4(c)) => {
            StyleValue::Vec4(three(a, b, c, f))
        }
        _ => return None,
    })
}

fn three<const N: usize>(
    a: &[f64; N],
    b: &[f64; N],
    c: &[f64; N],
    f: impl Fn(f64, f64, f64) -> f64,
) -> [f64; N] {
    std::array::from_fn(|i| f(a[i], b[i], c[i]))
}

/// The numbers of a number or vector.
pub(super) fn components<'v>(value: &'v StyleValue<'_>) -> Option<&'v [f64]> {
    match value {
        StyleValue::Number(x) => Some(std::slice::from_ref(x)),
        StyleValue::Vec2(x) => Some(x),
        StyleValue::Vec3(x) => Some(x),
        StyleValue::Vec4(x) => Some(x),
        _ => None,
    }
}

/// The length of a vector, the absolute value of a number.
pub(super) fn length(value: &StyleValue<'_>) -> Option<f64> {
    match components(value)? {
        [x] => Some(x.abs()),
        items => Some(items.iter().map(|x| x * x).sum::<f64>().sqrt()),
    }
}

/// The dot product of two of one type.
pub(super) fn dot(a: &StyleValue<'_>, b: &StyleValue<'_>) -> Option<f64> {
    let (a, b) = (components(a)?, components(b)?);
    (a.len() == b.len()).then(|| a.iter().zip(b).map(|(a, b)| a * b).sum())
}

/// The cross product.
pub(super) fn cross(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}
