//! Numbers as JavaScript writes and reads them (ECMAScript, "Number::toString" and "StringToNumber").

use std::fmt::Write;

/// Appends a number: `5`, `0.1`, `1e+21`, `NaN`, `-Infinity`.
pub(super) fn write(out: &mut String, value: f64) {
    let size = value.abs();
    let written = if value.is_nan() {
        out.write_str("NaN")
    } else if value.is_infinite() {
        out.write_str(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else if value == 0.0 {
        // Minus zero too.
        out.write_str("0")
    } else if (1e-6..1e21).contains(&size) {
        write!(out, "{value}")
    } else {
        let text = format!("{value:e}");
        match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                write!(out, "{digits}e+{exponent}")
            }
            _ => out.write_str(&text),
        }
    };
    // Writing to a String does not fail.
    debug_assert!(written.is_ok());
}

/// The number that a text says; NaN where it says none, 0 where it says nothing.
pub(super) fn read(text: &str) -> f64 {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return 0.0;
    }
    for (prefix, radix) in [
        ("0x", 16),
        ("0X", 16),
        ("0o", 8),
        ("0O", 8),
        ("0b", 2),
        ("0B", 2),
    ] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return whole(digits, radix);
        }
    }
    match text {
        "Infinity" | "+Infinity" => return f64::INFINITY,
        "-Infinity" => return f64::NEG_INFINITY,
        _ => {}
    }
    // Rust reads "inf" and "nan" as well.
    let decimal = |byte: u8| byte.is_ascii_digit() || b".eE+-".contains(&byte);
    if !text.bytes().all(decimal) {
        return f64::NAN;
    }
    text.parse().unwrap_or(f64::NAN)
}

fn whole(digits: &str, radix: u32) -> f64 {
    let mut value = 0.0;
    for c in digits.chars() {
        match c.to_digit(radix) {
            Some(digit) => value = value * f64::from(radix) + f64::from(digit),
            None => return f64::NAN,
        }
    }
    if digits.is_empty() { f64::NAN } else { value }
}

/// The f64 that reads like the f32 does: 49.3f32 as 49.3, not as 49.29999923706055. What
/// [`crate::metadata::Column::value`] gives, without making a text of most numbers.
pub(super) fn shortest(value: f32) -> f64 {
    let wide = f64::from(value);
    let size = wide.abs();
    // Integers below 2^24 are what they are. Up to ten decimals, products and quotients here are exact or rounded
    // once, as reading the decimal text would: 24 bits of the number and 5^10 fit 53 bits, and the whole is below 2^53.
    if wide == wide.trunc() && size < 16_777_216.0 {
        return wide;
    }
    if (1e-3..1e5).contains(&size) {
        let mut scale = 10.0;
        for _ in 0..10 {
            let rounded = (wide * scale).round() / scale;
            if rounded as f32 == value {
                return rounded;
            }
            scale *= 10.0;
        }
    }
    value.to_string().parse().unwrap_or(wide)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(value: f64) -> String {
        let mut out = String::new();
        write(&mut out, value);
        out
    }

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        let cases = [
            (0.1 + 0.2, "0.30000000000000004"),
            (1e21, "1e+21"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (-0.0, "0"),
            (f64::NEG_INFINITY, "-Infinity"),
            (5e-324, "5e-324"),
        ];
        for (value, expected) in cases {
            assert_eq!(text(value), expected);
        }
    }

    #[test]
    fn only_what_javascript_reads_is_read() {
        for bad in [
            "inf", "nan", "1_000", "1e", "0x", "0xg", "-0x1", "1,5", "١", "++1", ".",
        ] {
            assert!(read(bad).is_nan(), "{bad}");
        }
        assert_eq!(read(" \t\u{feff}0x1F\n"), 31.0);
        assert_eq!(read("-Infinity"), f64::NEG_INFINITY);
        assert_eq!(read(""), 0.0);
        assert_eq!(read("5."), 5.0);
    }

    proptest! {
        #[test]
        fn the_short_way_to_the_shortest_number_is_the_long_way(bits: u32, value in -1e5_f32..1e5, tenths in -20_000_i32..20_000) {
            for value in [f32::from_bits(bits), value, tenths as f32 / 10.0, tenths as f32 / 1000.0] {
                let long: f64 = value.to_string().parse().unwrap();
                let short = shortest(value);
                prop_assert!(short.to_bits() == long.to_bits() || (short.is_nan() && long.is_nan()), "{}", value);
            }
        }
    }
}
