//! Heights in the colours of an image.

use super::super::error::Fault;
use super::super::{DecodeOptions, gltf};
use crate::terrain::{Cell, HeightKind, Scheme};

/// Most pixels along an edge of a raster of heights.
const MAX_SIDE: u64 = 1024;
/// A pixel this many times its width above or below all that is around it is an error of the data. Rasters have them:
/// Hong Kong's in the AWS terrain tiles have needles of kilometres.
const SPIKE: f64 = 4.0;
/// Steps that are left alone however small pixels are, metres.
const SPIKE_M: f64 = 30.0;

/// A raster of heights, metres; NaN where there is none.
pub(super) struct Raster {
    side: usize,
    heights_m: Vec<f32>,
}

/// Decodes an image. Colours are taken as they are: filtering them would make heights of their own.
pub(super) fn decode(
    bytes: &[u8],
    kind: HeightKind,
    possible_m: [f64; 2],
    place: &str,
    options: &DecodeOptions,
    budget: &mut u64,
) -> Result<Raster, Fault> {
    let most = options.max_image_pixels.min(MAX_SIDE * MAX_SIDE);
    let image = gltf::decode_image(bytes, place, most, budget)?;
    if image.width != image.height || image.width < 2 {
        return Err(Fault::invalid(
            place,
            format!(
                "a raster of heights must be square, this has {} by {} pixels",
                image.width, image.height
            ),
        ));
    }
    let possible = possible_m[0] as f32..=possible_m[1] as f32;
    let height = |rgba: &[u8]| {
        let &[r, g, b, a] = rgba else {
            return f32::NAN;
        };
        let [r, g, b] = [r, g, b].map(f32::from);
        let (height_m, gap) = match kind {
            // Whole and exact in f32: 24 bits.
            HeightKind::MapboxRgb => {
                let units = r * 65_536.0 + g * 256.0 + b;
                // All black is what servers write where they know nothing.
                (-10_000.0 + units * 0.1, units == 0.0)
            }
            _ => (r * 256.0 + g + b / 256.0 - 32_768.0, false),
        };
        if a == 0 || gap || !possible.contains(&height_m) {
            f32::NAN
        } else {
            height_m
        }
    };
    Ok(Raster {
        side: image.width as usize,
        heights_m: image.texels.chunks_exact(4).map(height).collect(),
    })
}

impl Raster {
    /// Takes out single pixels that stand alone like needles. `pixel_m` is the width of a pixel.
    pub(super) fn despike(&mut self, pixel_m: f64) {
        let step_m = (pixel_m * SPIKE).max(SPIKE_M);
        let mut mended = Vec::new();
        for y in 1..self.side.saturating_sub(1) {
            for x in 1..self.side - 1 {
                let (Some(own), Some(beside)) = (self.at(x, y), self.at(x - 1, y)) else {
                    continue;
                };
                if (own - beside).abs() <= step_m {
                    continue;
                }
                let mut around: Vec<f64> = (0..9)
                    .filter(|k| *k != 4)
                    .filter_map(|k| self.at(x + k % 3 - 1, y + k / 3 - 1))
                    .collect();
                if around.iter().all(|h| (own - h).abs() > step_m) {
                    around.sort_by(f64::total_cmp);
                    let middle = around.get(around.len() / 2).copied().unwrap_or(own);
                    mended.push((y * self.side + x, middle as f32));
                }
            }
        }
        for (at, height_m) in mended {
            if let Some(slot) = self.heights_m.get_mut(at) {
                *slot = height_m;
            }
        }
    }

    /// Pixels along an edge.
    pub(super) fn side(&self) -> usize {
        self.side
    }

    fn at(&self, x: usize, y: usize) -> Option<f64> {
        let height = self.heights_m.get(y * self.side + x)?;
        (!height.is_nan()).then_some(f64::from(*height))
    }
}

/// A raster and those around it, as one field of heights.
pub(super) struct Field {
    side: i64,
    /// Three rows of three; the middle one is there.
    rasters: [Option<Raster>; 9],
}

impl Field {
    pub(super) fn new(middle: Raster) -> Self {
        let mut rasters = [const { None }; 9];
        let side = middle.side as i64;
        rasters[4] = Some(middle);
        Self { side, rasters }
    }

    /// Puts in a neighbour; one of another size is left out.
    pub(super) fn set(&mut self, nth: usize, raster: Raster) {
        if raster.side as i64 == self.side
            && let Some(slot) = self.rasters.get_mut(nth)
        {
            *slot = Some(raster);
        }
    }

    fn pixel(&self, x: i64, y: i64) -> Option<f64> {
        let (column, row) = (x.div_euclid(self.side) + 1, y.div_euclid(self.side) + 1);
        let nth = usize::try_from(row * 3 + column).ok()?;
        let raster = self.rasters.get(nth)?.as_ref()?;
        let within = |c: i64| usize::try_from(c.rem_euclid(self.side)).ok();
        raster.at(within(x)?, within(y)?)
    }

    fn has(&self, x: i64, y: i64) -> bool {
        let (column, row) = (x.div_euclid(self.side) + 1, y.div_euclid(self.side) + 1);
        (0..3).contains(&column)
            && (0..3).contains(&row)
            && usize::try_from(row * 3 + column)
                .ok()
                .and_then(|nth| self.rasters.get(nth))
                .is_some_and(Option::is_some)
    }

    /// A pixel, or beyond what is known the surface carried on: twice the last pixel less the one as far inside.
    /// Where only one of the two directions leads out, the other is left alone, so that two tiles that know each other
    /// carry on the same pixels.
    fn carried_on(&self, x: i64, y: i64) -> Option<f64> {
        if self.has(x, y) {
            return self.pixel(x, y);
        }
        let last = self.side - 1;
        let (near_x, near_y) = (x.clamp(0, last), y.clamp(0, last));
        let (near_x, near_y) = if self.has(x, near_y) {
            (x, near_y)
        } else if self.has(near_x, y) {
            (near_x, y)
        } else {
            (near_x, near_y)
        };
        let edge = self.pixel(near_x, near_y)?;
        let (far_x, far_y) = (2 * near_x - x, 2 * near_y - y);
        let inside = self.has(far_x, far_y).then(|| self.pixel(far_x, far_y));
        Some(inside.flatten().map_or(edge, |far| 2.0 * edge - far))
    }

    /// The height at a place, 0 to 1 across the middle raster. Pixels stand for their middles (pixel is area); gaps
    /// are left out of the mean.
    pub(super) fn height_m(&self, u: f64, v: f64) -> Option<f64> {
        let side = self.side as f64;
        let (x, y) = (u * side - 0.5, v * side - 0.5);
        let (x0, y0) = (x.floor(), y.floor());
        let (fx, fy) = (x - x0, y - y0);
        let (x0, y0) = (x0 as i64, y0 as i64);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (dx, dy, weight) in [
            (0, 0, (1.0 - fx) * (1.0 - fy)),
            (1, 0, fx * (1.0 - fy)),
            (0, 1, (1.0 - fx) * fy),
            (1, 1, fx * fy),
        ] {
            if weight > 0.0
                && let Some(height_m) = self.carried_on(x0 + dx, y0 + dy)
            {
                sum += height_m * weight;
                weights += weight;
            }
        }
        (weights > 0.0).then(|| sum / weights)
    }
}

/// The tiles around one with their places in a [`Field`]; round the antimeridian, not beyond the ends.
pub(super) fn neighbours(scheme: Scheme, cell: Cell) -> Vec<(usize, Cell)> {
    let (columns, rows) = (
        i64::from(scheme.columns(cell.z)),
        i64::from(scheme.rows(cell.z)),
    );
    let mut cells = Vec::with_capacity(8);
    for (nth, (dx, dy)) in (-1..=1)
        .flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)))
        .enumerate()
    {
        let x = (i64::from(cell.x) + dx).rem_euclid(columns);
        let y = i64::from(cell.y) + dy;
        if nth == 4 || !(0..rows).contains(&y) {
            continue;
        }
        if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) {
            cells.push((nth, Cell::new(cell.z, x, y)));
        }
    }
    cells
}
