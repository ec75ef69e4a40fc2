//! What a scene says about the look of a layer.

/// How a layer looks where its features do not say otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorStyle {
    /// Colour, sRGB.
    pub color: [u8; 3],
    /// How solid polygons on the ground are, 0 to 1.
    pub fill_opacity: f32,
    /// Width of lines and of outlines, pixels.
    pub line_width_px: f32,
    /// Diameter of points, pixels.
    pub point_size_px: f32,
    /// Colours by a property; wins over `color` and over what the features say.
    pub color_by: Option<ColorBy>,
    /// Property with the height of a polygon's top above the ground; without it polygons lie flat.
    pub extrude_by: Option<String>,
    /// Property with the height of its bottom above the ground.
    pub base_by: Option<String>,
    /// Metres for one unit of these two (3.2 for storeys, say).
    pub extrude_scale: f64,
}

impl Default for VectorStyle {
    fn default() -> Self {
        Self {
            color: [0x4f, 0xa3, 0xff],
            fill_opacity: 0.5,
            line_width_px: 2.0,
            point_size_px: 8.0,
            color_by: None,
            extrude_by: None,
            base_by: None,
            extrude_scale: 1.0,
        }
    }
}

/// Colours by a property.
#[derive(Debug, Clone, PartialEq)]
pub struct ColorBy {
    /// The property. Numbers are coloured by a range, texts as categories.
    pub property: String,
    /// Colour map of a range.
    pub map: String,
    /// Values at its ends; those found in the data when `None`.
    pub range: Option<[f64; 2]>,
    /// Numbers too are categories.
    pub categories: bool,
}

/// An sRGB colour as simplestyle writes it: `#rgb` or `#rrggbb`, the hash optional.
#[must_use]
pub fn parse_color(text: &str) -> Option<[u8; 3]> {
    let digits = text.trim();
    let digits = digits.strip_prefix('#').unwrap_or(digits);
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let number = u32::from_str_radix(digits, 16).ok()?;
    match digits.len() {
        3 => Some([number >> 8 & 15, number >> 4 & 15, number & 15].map(|d| (d * 17) as u8)),
        6 => Some([number >> 16, number >> 8, number].map(|b| (b & 255) as u8)),
        _ => None,
    }
}

/// A linear component 0 to 255 of an sRGB one (IEC 61966-2-1).
#[must_use]
pub fn linear_of_srgb(byte: u8) -> u8 {
    let c = f64::from(byte) / 255.0;
    let linear = if c <= 0.040_45 {
        c / 12.92
    } else {
        ((c + 0.055) / 1.055).powf(2.4)
    };
    (linear * 255.0).round() as u8
}
