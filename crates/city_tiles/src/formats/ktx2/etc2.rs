//! Blocks of ETC1S as ETC2: colours bit for bit, alpha as the nearest EAC.
//!
//! Clauses: Khronos Data Format Specification 1.3, "ETC1 Compressed Texture Image Formats" and "ETC2 Compressed
//! Texture Image Formats".

use super::etc1s::Ends;
use std::collections::HashMap;

/// What EAC adds to its base, by table and index, times a factor.
const STEPS: [[i32; 8]; 16] = [
    [-3, -6, -9, -15, 2, 5, 8, 14],
    [-3, -7, -10, -13, 2, 6, 9, 12],
    [-2, -5, -8, -13, 1, 4, 7, 12],
    [-2, -4, -6, -13, 1, 3, 5, 12],
    [-3, -6, -8, -12, 2, 5, 7, 11],
    [-3, -7, -9, -11, 2, 6, 8, 10],
    [-4, -7, -8, -11, 3, 6, 7, 10],
    [-3, -5, -8, -11, 2, 4, 7, 10],
    [-2, -6, -8, -10, 1, 5, 7, 9],
    [-2, -5, -8, -10, 1, 4, 7, 9],
    [-2, -4, -8, -10, 1, 3, 7, 9],
    [-2, -5, -7, -10, 1, 4, 6, 9],
    [-3, -4, -7, -10, 2, 3, 6, 9],
    [-1, -2, -3, -10, 0, 1, 2, 9],
    [-4, -6, -8, -9, 3, 5, 7, 8],
    [-3, -5, -7, -9, 2, 4, 6, 8],
];

/// A colour block: both halves have the same end points, so the difference between them is none.
pub(super) fn color(ends: &Ends, selectors: u32) -> [u8; 8] {
    let [red, green, blue] = ends.base.map(|c| c << 3);
    const DIFFERENTIAL: u8 = 2;
    let tables = ends.table << 5 | ends.table << 2 | DIFFERENTIAL;
    // Two planes of bits, column by column: whether a step goes down, and whether it is the large one.
    let (mut down, mut large) = (0_u16, 0_u16);
    for pixel in 0..16 {
        let selector = selectors >> (pixel * 2) & 3;
        let place = pixel % 4 * 4 + pixel / 4;
        down |= u16::from(selector < 2) << place;
        large |= u16::from(selector == 0 || selector == 3) << place;
    }
    let [a, b] = down.to_be_bytes();
    let [c, d] = large.to_be_bytes();
    [red, green, blue, tables, a, b, c, d]
}

/// How a ramp of four alphas is written in EAC.
#[derive(Clone, Copy, Default)]
struct Eac {
    base: u8,
    /// Factor and table, as the second byte has them.
    scale: u8,
    /// The index for each selector.
    indices: [u8; 4],
}

/// Writes alpha blocks, and keeps what it has found: files repeat their end points.
#[derive(Default)]
pub(super) struct Alphas(HashMap<(u8, u8, u8), Eac>);

impl Alphas {
    /// An EAC block of the grey levels of an ETC1S block.
    pub(super) fn block(&mut self, ends: &Ends, selectors: u32) -> [u8; 8] {
        let used = super::used(selectors);
        let key = (ends.base[1], ends.table, used);
        let eac = *self
            .0
            .entry(key)
            .or_insert_with(|| nearest(&ends.ramp.map(|color| i32::from(color[1])), used));
        // Three bits a pixel from the top, column by column.
        let bits = (0..16).fold(0_u64, |bits, pixel| {
            let (x, y) = (pixel / 4, pixel % 4);
            let selector = selectors >> ((y * 4 + x) * 2) & 3;
            bits << 3 | u64::from(eac.indices[selector as usize])
        });
        let [_, _, rest @ ..] = bits.to_be_bytes();
        let mut block = [eac.base, eac.scale, 0, 0, 0, 0, 0, 0];
        block[2..].copy_from_slice(&rest);
        block
    }
}

/// The EAC that comes nearest to the values of a ramp that are used.
fn nearest(ramp: &[i32; 4], used: u8) -> Eac {
    let wanted = |selector: &usize| used >> selector & 1 == 1;
    let (Some(first), Some(last)) = ((0..4).find(wanted), (0..4).rfind(wanted)) else {
        return Eac::default();
    };
    let span = ramp[last] - ramp[first];
    let (mut best, mut least) = (Eac::default(), i32::MAX);
    for (table, steps) in STEPS.iter().enumerate() {
        for factor in 1..16 {
            // Where all steps together cannot reach from end to end, another factor does.
            if factor < 15 && (steps[7] - steps[3]) * factor < span {
                continue;
            }
            for step in steps {
                let base = (ramp[first] - step * factor).clamp(0, 255);
                let (mut error, mut indices) = (0, [0; 4]);
                for selector in (0..4).filter(wanted) {
                    let off = |index: &usize| {
                        let value = (base + steps[*index] * factor).clamp(0, 255);
                        (value - ramp[selector]).abs()
                    };
                    let index = (0..8).min_by_key(off).unwrap_or(0);
                    indices[selector] = index as u8;
                    error += off(&index) * off(&index);
                }
                if error < least {
                    least = error;
                    best = Eac {
                        base: base as u8,
                        scale: (factor as u8) << 4 | table as u8,
                        indices,
                    };
                }
                if least == 0 {
                    return best;
                }
            }
        }
    }
    best
}
