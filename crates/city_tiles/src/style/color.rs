//! Colours: sRGB, straight alpha, components 0 to 1.

use super::css_names::NAMES;

/// Red, green, blue and alpha.
pub(super) type Rgba = [f64; 4];

/// The names of colours, for completion and suggestions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// A CSS colour: a name, `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`, `rgb()`, `rgba()`, `hsl()` or `hsla()`.
pub(super) fn parse(text: &str) -> Option<Rgba> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix('#') {
        return hex(digits);
    }
    // The longest of all ("hsla(" and four numbers) is short; nothing long is looked at.
    if text.len() > 128 {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    if lower == "transparent" {
        return Some([0.0; 4]);
    }
    if let Ok(at) = NAMES.binary_search_by_key(&lower.as_str(), |(name, _)| name) {
        let rgb = NAMES.get(at)?.1;
        let byte = |shift: u32| f64::from(rgb >> shift & 255) / 255.0;
        return Some([byte(16), byte(8), byte(0), 1.0]);
    }
    call(&lower)
}

fn hex(digits: &str) -> Option<Rgba> {
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let number = u32::from_str_radix(digits, 16).ok()?;
    let part = |at: u32, bits: u32| {
        let most = (1_u32 << bits) - 1;
        f64::from(number >> (at * bits) & most) / f64::from(most)
    };
    match digits.len() {
        3 => Some([part(2, 4), part(1, 4), part(0, 4), 1.0]),
        4 => Some([part(3, 4), part(2, 4), part(1, 4), part(0, 4)]),
        6 => Some([part(2, 8), part(1, 8), part(0, 8), 1.0]),
        8 => Some([part(3, 8), part(2, 8), part(1, 8), part(0, 8)]),
        _ => None,
    }
}

/// `rgb(255, 0, 50%)`, `hsl(120, 100%, 50%)`, each with an alpha if wanted.
fn call(text: &str) -> Option<Rgba> {
    let (name, rest) = text.split_once('(')?;
    let inside = rest.strip_suffix(')')?;
    let parts: Vec<&str> = inside
        .split([',', ' ', '/'])
        .filter(|part| !part.is_empty())
        .collect();
    let plain = |text: &str| {
        let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        digits.then(|| text.parse::<f64>().ok()).flatten()
    };
    let percent = |text: &str| Some(plain(text.strip_suffix('%')?)? / 100.0);
    let byte = |text: &str| percent(text).or_else(|| Some(plain(text)? / 255.0));
    let (a, b, c, alpha) = match parts.as_slice() {
        [a, b, c] => (a, b, c, 1.0),
        [a, b, c, alpha] => (a, b, c, plain(alpha)?),
        _ => return None,
    };
    match name.trim_end() {
        "rgb" | "rgba" => Some([byte(a)?, byte(b)?, byte(c)?, alpha]),
        "hsl" | "hsla" => {
            let [r, g, b] = from_hsl(plain(a)? / 360.0, percent(b)?, percent(c)?);
            Some([r, g, b, alpha])
        }
        _ => None,
    }
}

/// Red, green and blue of a hue (1 is a full turn), a saturation and a lightness (CSS Color 3, "HSL").
pub(super) fn from_hsl(hue: f64, saturation: f64, lightness: f64) -> [f64; 3] {
    if saturation == 0.0 {
        return [lightness; 3];
    }
    let hue = hue % 1.0;
    let upper = if lightness < 0.5 {
        lightness * (1.0 + saturation)
    } else {
        lightness + saturation - lightness * saturation
    };
    let lower = 2.0 * lightness - upper;
    let component = |hue: f64| {
        let hue = hue.rem_euclid(1.0);
        if hue * 6.0 < 1.0 {
            lower + (upper - lower) * 6.0 * hue
        } else if hue * 2.0 < 1.0 {
            upper
        } else if hue * 3.0 < 2.0 {
            lower + (upper - lower) * (2.0 / 3.0 - hue) * 6.0
        } else {
            lower
        }
    };
    [hue + 1.0 / 3.0, hue, hue - 1.0 / 3.0].map(component)
}

/// Four bytes, each component kept between 0 and 1; NaN is 0.
pub(super) fn to_bytes(color: [f32; 4]) -> [u8; 4] {
    // The cast saturates and makes 0 of NaN.
    color.map(|component| (component * 255.0).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_for_the_search() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (name, rgb) in NAMES {
            let hex = format!("#{rgb:06X}");
            assert_eq!(parse(name), parse(&hex), "{name}");
        }
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for text in [
            "",
            "#",
            "#12",
            "#12345",
            "#+12",
            "#ggg",
            "colour",
            "rgb(1,2)",
            "rgb(1,2,3,4,5)",
            "rgb(-1,2,3)",
            "hsl(1,2,3)",
            "rgb(inf,1,1)",
            "cmyk(1,2,3)",
            "rgb(1,2,3",
            "blue;",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn bytes_saturate() {
        assert_eq!(to_bytes([f32::NAN, 2.0, -1.0, 0.5]), [0, 255, 0, 128]);
    }
}
