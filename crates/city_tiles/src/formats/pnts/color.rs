//! Colours of points: sRGB in the file, linear in the tile.

use super::draco::Compressed;
use super::values;
use crate::formats::error::Fault;
use crate::formats::feature_table::{Component, Semantics, Values};
use crate::prepared::{AlphaMode, PreparedMaterial};

/// Linear grey of points that no colour is said of: white ones would outshine all that is lit.
const UNCOLORED: f32 = 0.4;

/// The colours of the points, in the standard's order of precedence.
pub(super) struct Colors<'a> {
    form: Form<'a>,
    /// sRGB byte to linear byte.
    linear: [u8; 256],
}

enum Form<'a> {
    Rgba(Values<'a>),
    Rgb(Values<'a>),
    Rgb565(Values<'a>),
    /// Of all points: sRGB and alpha, 0..1.
    Constant([f64; 4]),
    None,
}

impl<'a> Colors<'a> {
    /// Reads them (3D Tiles 1.0, 10.3.3.2).
    pub(super) fn read(
        table: &'a Semantics<'_>,
        count: usize,
        compressed: &'a Compressed,
    ) -> Result<Self, Fault> {
        let list = |name: &str, width: usize, component: Component| {
            values(table, compressed, name, count, width, component)
        };
        let form = if let Some(values) = list("RGBA", 4, Component::U8)? {
            Form::Rgba(values)
        } else if let Some(values) = list("RGB", 3, Component::U8)? {
            Form::Rgb(values)
        } else if let Some(values) = list("RGB565", 1, Component::U16)? {
            Form::Rgb565(values)
        } else if let Some(color) = table.numbers::<4>("CONSTANT_RGBA", Component::U8)? {
            Form::Constant(color.map(|value| (value / 255.0).clamp(0.0, 1.0)))
        } else {
            Form::None
        };
        Ok(Self {
            form,
            linear: std::array::from_fn(|byte| (linear(byte as f64 / 255.0) * 255.0).round() as u8),
        })
    }

    /// The linear colour of a point; white where one colour of the material serves all.
    pub(super) fn get(&self, point: usize) -> [u8; 4] {
        let (values, alpha) = match &self.form {
            Form::Rgba(values) => (values, values.get(point, 3) as u8),
            Form::Rgb(values) => (values, 255),
            Form::Rgb565(values) => return self.of_565(values.get(point, 0) as u16),
            Form::Constant(_) | Form::None => return [255; 4],
        };
        let channel = |axis: usize| self.linear[usize::from(values.get(point, axis) as u8)];
        [channel(0), channel(1), channel(2), alpha]
    }

    fn of_565(&self, packed: u16) -> [u8; 4] {
        let channel = |shift: u32, bits: u32| {
            let most = (1_u32 << bits) - 1;
            let value = u32::from(packed) >> shift & most;
            self.linear[((value * 255 + most / 2) / most) as usize]
        };
        [channel(11, 5), channel(5, 6), channel(0, 5), 255]
    }

    /// The material, but for its lighting. `transparent`: some point is.
    pub(super) fn material(&self, transparent: bool) -> PreparedMaterial {
        let base_color = match self.form {
            Form::Constant([r, g, b, a]) => [
                linear(r) as f32,
                linear(g) as f32,
                linear(b) as f32,
                a as f32,
            ],
            Form::None => [UNCOLORED, UNCOLORED, UNCOLORED, 1.0],
            _ => [1.0; 4],
        };
        let alpha_mode = if transparent || base_color[3] < 1.0 {
            AlphaMode::Blend
        } else {
            AlphaMode::Opaque
        };
        PreparedMaterial {
            base_color,
            alpha_mode,
            ..PreparedMaterial::default()
        }
    }
}

/// IEC 61966-2-1.
fn linear(value: f64) -> f64 {
    if value <= 0.04045 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}
