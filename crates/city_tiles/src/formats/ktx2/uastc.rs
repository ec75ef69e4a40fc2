//! UASTC LDR 4x4: blocks of 16 bytes, a subset of ASTC.
//!
//! Clauses: "UASTC LDR 4x4 Texture Specification" of Basis Universal; the Khronos Data Format
//! Specification 1.3, "ASTC Compressed Texture Image Formats", for end points, weights and partitions.

pub(super) mod partitions;

use super::Wrong;
use partitions::{MERGED, PAIRS, TRIPLES, partition};

const BAD_BLOCK: Wrong = "a UASTC block has an unknown mode";

/// Mode 8: one colour.
const SOLID: usize = 8;

/// How a mode's bits are divided.
#[derive(Clone, Copy)]
struct Mode {
    /// The bits that say it, low first, and their number.
    code: (u32, u32),
    /// Bits of hints for ETC, not needed here.
    hints: u32,
    weight_bits: u32,
    subsets: usize,
    planes: usize,
    /// 2: luminance and alpha, 3: RGB, 4: RGBA.
    channels: usize,
    /// Plain bits of an end point, and the base of its high part: 3, 5, or 1 for none.
    range: (u32, u32),
}

const fn mode(
    code: (u32, u32),
    hints: u32,
    weight_bits: u32,
    subsets: usize,
    planes: usize,
    channels: usize,
    range: (u32, u32),
) -> Mode {
    Mode {
        code,
        hints,
        weight_bits,
        subsets,
        planes,
        channels,
        range,
    }
}

const MODES: [Mode; 19] = [
    mode((0x1, 4), 15, 4, 1, 1, 3, (6, 3)),
    mode((0x35, 6), 15, 2, 1, 1, 3, (8, 1)),
    mode((0x1D, 5), 15, 3, 2, 1, 3, (4, 1)),
    mode((0x3, 5), 15, 2, 3, 1, 3, (2, 3)),
    mode((0x13, 5), 15, 2, 2, 1, 3, (3, 5)),
    mode((0xB, 5), 15, 3, 1, 1, 3, (8, 1)),
    mode((0x1B, 5), 15, 2, 1, 2, 3, (5, 5)),
    mode((0x7, 5), 15, 2, 2, 1, 3, (3, 5)),
    mode((0x17, 5), 0, 0, 0, 0, 4, (8, 1)),
    mode((0xF, 5), 23, 2, 2, 1, 4, (4, 1)),
    mode((0x2, 3), 17, 4, 1, 1, 4, (4, 3)),
    mode((0x0, 2), 17, 2, 1, 2, 4, (4, 3)),
    mode((0x6, 3), 17, 3, 1, 1, 4, (6, 3)),
    mode((0x1F, 5), 23, 1, 1, 2, 4, (8, 1)),
    mode((0xD, 5), 23, 2, 1, 1, 4, (8, 1)),
    mode((0x5, 7), 23, 4, 1, 1, 2, (8, 1)),
    mode((0x15, 6), 23, 2, 2, 1, 2, (8, 1)),
    mode((0x25, 6), 23, 2, 1, 2, 2, (8, 1)),
    mode((0x9, 4), 15, 5, 1, 1, 3, (5, 1)),
];

/// Decodes a level of at least as many blocks as the size needs.
pub(super) fn decode(bytes: &[u8], (width, height): (usize, usize)) -> Result<Vec<u8>, Wrong> {
    let wide = width.div_ceil(4);
    let mut rgba8 = vec![0; width * height * 4];
    let blocks = bytes.as_chunks::<16>().0;
    for (index, raw) in blocks.iter().take(wide * height.div_ceil(4)).enumerate() {
        let pixels = pixels(&read(u128::from_le_bytes(*raw))?);
        let (left, top) = (index % wide * 4, index / wide * 4);
        for (pixel, color) in pixels.iter().enumerate() {
            let (x, y) = (left + pixel % 4, top + pixel / 4);
            if x < width && y < height {
                let at = (y * width + x) * 4;
                rgba8[at..at + 4].copy_from_slice(color);
            }
        }
    }
    Ok(rgba8)
}

/// The bits of a block, from the low end.
struct Cursor(u128);

impl Cursor {
    fn take(&mut self, bits: u32) -> u32 {
        let value = (self.0 & ((1 << bits) - 1)) as u32;
        self.0 >>= bits;
        value
    }
}

/// What a block says: colours between ends, by weights.
pub(super) struct Shape {
    /// The colour of all pixels where they have only one; it is at both ends then, and nothing else is said.
    pub solid: Option<[u8; 4]>,
    /// 2: luminance and alpha, 3: RGB, 4: RGBA.
    pub channels: usize,
    /// Plain bits of an end point, and the base of its high part.
    pub range: (u32, u32),
    /// The ends as they are quantised, in the order of ASTC: low part and high part.
    pub raw_ends: [(u32, u32); 18],
    /// How many of `raw_ends` there are.
    pub ends_used: usize,
    /// Low and high end of each channel of each subset, 0..=255.
    pub ends: [[[u32; 2]; 4]; 3],
    pub weight_bits: u32,
    /// Weights of each plane and pixel, as they are quantised.
    pub raw_weights: [[u32; 16]; 2],
    pub planes: usize,
    /// The channel that has the weights of the second plane, where there is one.
    pub second: usize,
    pub subsets: usize,
    /// The subset of each pixel.
    pub pattern: [usize; 16],
    /// The seed of the pattern in ASTC.
    pub seed: u32,
}

impl Shape {
    fn solid(color: [u8; 4]) -> Self {
        Self {
            solid: Some(color),
            channels: 4,
            range: (8, 1),
            raw_ends: [(0, 0); 18],
            ends_used: 0,
            ends: [color.map(|c| [u32::from(c); 2]); 3],
            weight_bits: 2,
            raw_weights: [[0; 16]; 2],
            planes: 1,
            second: 3,
            subsets: 1,
            pattern: [0; 16],
            seed: 0,
        }
    }
}

/// Reads a block.
pub(super) fn read(bits: u128) -> Result<Shape, Wrong> {
    let index = MODES
        .iter()
        .position(|mode| bits as u32 & ((1 << mode.code.1) - 1) == mode.code.0)
        .ok_or(BAD_BLOCK)?;
    let mode = &MODES[index];
    let mut bits = Cursor(bits >> mode.code.1);
    if index == SOLID {
        return Ok(Shape::solid(std::array::from_fn(|_| bits.take(8) as u8)));
    }
    bits.take(mode.hints);
    let seeds: Option<(&[u32], u32)> = match index {
        2 | 4 | 9 | 16 => Some((&PAIRS, 5)),
        7 => Some((&MERGED, 5)),
        3 => Some((&TRIPLES, 4)),
        _ => None,
    };
    let seed = match seeds {
        Some((seeds, length)) => *seeds.get(bits.take(length) as usize).ok_or(BAD_BLOCK)?,
        None => 0,
    };
    let pattern = match mode.subsets {
        1 => [0; 16],
        subsets => partition(seed, subsets as u32),
    };
    // The channel that has weights of its own.
    let second = match index {
        6 | 11 | 13 => bits.take(2) as usize,
        _ => 3,
    };
    let raw_ends = end_points(&mut bits, mode);
    Ok(Shape {
        solid: None,
        channels: mode.channels,
        range: mode.range,
        ends: unquantized(&raw_ends, mode),
        raw_ends,
        ends_used: mode.channels * 2 * mode.subsets,
        weight_bits: mode.weight_bits,
        raw_weights: weights(&mut bits, mode, &pattern),
        planes: mode.planes,
        second,
        subsets: mode.subsets,
        pattern,
        seed,
    })
}

/// The pixels of a block, row by row: red, green, blue, alpha.
pub(super) fn pixels(shape: &Shape) -> [[u8; 4]; 16] {
    std::array::from_fn(|pixel| {
        let ends = &shape.ends[shape.pattern[pixel]];
        std::array::from_fn(|channel| {
            let plane = usize::from(shape.planes == 2 && channel == shape.second);
            let [low, high] = ends[channel];
            // Both ends as 16-bit numbers, as ASTC has it for linear colours.
            let (low, high) = (low * 257, high * 257);
            let weight = weight(shape.raw_weights[plane][pixel], shape.weight_bits);
            ((low * (64 - weight) + high * weight + 32) / 64 / 256) as u8
        })
    })
}

/// Low and high part of each end.
fn end_points(bits: &mut Cursor, mode: &Mode) -> [(u32, u32); 18] {
    let (plain, base) = mode.range;
    let count = mode.channels * 2 * mode.subsets;
    // High parts come first, five of base 3 or three of base 5 in a group; the last group has only
    // the bits that it needs.
    let group = match base {
        3 => 5,
        5 => 3,
        _ => count,
    };
    let mut high = [0_u32; 18];
    if base > 1 {
        for part in high[..count].chunks_mut(group) {
            let length = match (base, part.len()) {
                (3, n) => [0, 2, 4, 5, 7, 8][n],
                (_, n) => [0, 3, 5, 7][n],
            };
            let mut packed = bits.take(length);
            for value in part {
                *value = packed % base;
                packed /= base;
            }
        }
    }
    let mut ends = [(0, 0); 18];
    for (end, high) in ends[..count].iter_mut().zip(high) {
        *end = (bits.take(plain), high);
    }
    ends
}

/// Low and high end of each channel of each subset, 0..=255.
fn unquantized(raw: &[(u32, u32); 18], mode: &Mode) -> [[[u32; 2]; 4]; 3] {
    let (plain, base) = mode.range;
    let mut ends = [[[255; 2]; 4]; 3];
    let count = mode.channels * 2 * mode.subsets;
    for (index, (low, high)) in raw[..count].iter().enumerate() {
        let value = unquantize(*low, *high, plain, base);
        let (subset, rest) = (index / (mode.channels * 2), index % (mode.channels * 2));
        let (channel, end) = (rest / 2, rest % 2);
        match (mode.channels, channel) {
            (2, 0) => ends[subset][..3].iter_mut().for_each(|c| c[end] = value),
            (2, _) => ends[subset][3][end] = value,
            _ => ends[subset][channel][end] = value,
        }
    }
    ends
}

/// An end point as a number of 8 bits (Data Format 1.3, "Endpoint Unquantization").
fn unquantize(low: u32, high: u32, plain: u32, base: u32) -> u32 {
    if base == 1 {
        // The bits, repeated.
        return match plain {
            4 => low * 0x11,
            5 => low << 3 | low >> 2,
            _ => low,
        };
    }
    let bit = |n: u32| low >> n & 1;
    let spread =
        |places: &[(u32, u32)]| -> u32 { places.iter().map(|(from, to)| bit(*from) << to).sum() };
    // Where the bits above the lowest go, and the factor of the high part.
    let (spread, factor) = match (plain, base) {
        (2, _) => (spread(&[(1, 8), (1, 4), (1, 2), (1, 1)]), 93),
        (3, _) => (spread(&[(2, 8), (1, 7), (2, 2), (1, 1), (2, 0)]), 26),
        (4, _) => (
            spread(&[(3, 8), (2, 7), (1, 6), (3, 2), (2, 1), (1, 0)]),
            22,
        ),
        (5, _) => (spread(&[(4, 8), (3, 7), (2, 6), (1, 5), (4, 0)]), 6),
        _ => (spread(&[(5, 8), (4, 7), (3, 6), (2, 5), (1, 4), (5, 0)]), 5),
    };
    let lowest = if bit(0) == 1 { 0x1FF } else { 0 };
    let value = (high * factor + spread) ^ lowest;
    (lowest & 0x80) | value >> 2
}

/// Quantised weights of each pixel, for one plane or two.
fn weights(bits: &mut Cursor, mode: &Mode, subsets: &[usize; 16]) -> [[u32; 16]; 2] {
    let mut weights = [[0; 16]; 2];
    let mut seen = [false; 3];
    for pixel in 0..16 {
        // The first pixel of each subset has one bit less: its highest is 0.
        let anchor = !std::mem::replace(&mut seen[subsets[pixel]], true);
        for plane in weights.iter_mut().take(mode.planes) {
            plane[pixel] = bits.take(mode.weight_bits - u32::from(anchor));
        }
    }
    weights
}

/// A weight of so many bits on the scale 0..=64 (Data Format 1.3, "Weight Unquantization").
pub(super) fn weight(raw: u32, bits: u32) -> u32 {
    let wide = match bits {
        1 => raw * 63,
        2 => raw * 21,
        3 => raw << 3 | raw,
        4 => raw << 2 | raw >> 2,
        _ => raw << 1 | raw >> 4,
    };
    wide + u32::from(wide > 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_first_byte_has_one_mode_or_none() {
        for byte in 0..128_u32 {
            let fit = |mode: &&Mode| byte & ((1 << mode.code.1) - 1) == mode.code.0;
            let modes = MODES.iter().filter(fit).count();
            // 1000101 is reserved.
            assert_eq!(modes, usize::from(byte != 0x45), "{byte:#x}");
        }
        assert!(read(0x45).is_err());
    }

    #[test]
    fn end_points_and_weights_reach_both_ends() {
        for (plain, base) in [
            (6, 3),
            (8, 1),
            (4, 1),
            (2, 3),
            (3, 5),
            (5, 5),
            (4, 3),
            (5, 1),
        ] {
            let mut all: Vec<u32> = (0..base)
                .flat_map(|high| (0..1 << plain).map(move |low| (low, high)))
                .map(|(low, high)| unquantize(low, high, plain, base))
                .collect();
            all.sort_unstable();
            assert_eq!((all[0], all[all.len() - 1]), (0, 255), "{plain} {base}");
            all.dedup();
            assert_eq!(all.len(), (base << plain) as usize, "{plain} {base}");
        }
        assert_eq!([0, 1, 2, 3].map(|raw| weight(raw, 2)), [0, 21, 43, 64]);
        assert_eq!([0, 3, 4, 7].map(|raw| weight(raw, 3)), [0, 27, 37, 64]);
        assert_eq!([7, 8, 15].map(|raw| weight(raw, 4)), [29, 35, 64]);
        assert_eq!([15, 16, 31].map(|raw| weight(raw, 5)), [30, 34, 64]);
    }
}
