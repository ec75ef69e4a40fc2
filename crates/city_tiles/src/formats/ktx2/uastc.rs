//! UASTC LDR 4x4: blocks of 16 bytes, a subset of ASTC.
//!
//! Clauses: "UASTC LDR 4x4 Texture Specification" of Basis Universal; the Khronos Data Format
//! Specification 1.3, "ASTC Compressed Texture Image Formats", for end points, weights and partitions.

use super::Wrong;

const BAD_BLOCK: Wrong = "a UASTC block has an unknown mode";

/// Mode 8: one colour.
const SOLID: usize = 8;

/// How a mode's bits are divided.
#[derive(Clone, Copy)]
struct Mode {
    /// The bits that say it, low first, and their number.
    code: (u32, u32),
    /// Bits of hints for other GPU formats, not needed here.
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

/// Partitions that ASTC and BC7 share, as seeds of ASTC: of two subsets, of three, and of two that
/// are three in BC7 (mode 7).
const PAIRS: [u32; 30] = [
    28, 20, 16, 29, 91, 9, 107, 72, 149, 204, 50, 114, 496, 17, 78, 39, 252, 828, 43, 156, 116,
    210, 476, 273, 684, 359, 246, 195, 694, 524,
];
const TRIPLES: [u32; 11] = [260, 74, 32, 156, 183, 15, 745, 0, 335, 902, 254];
const MERGED: [u32; 19] = [
    36, 48, 61, 137, 161, 183, 226, 281, 302, 307, 479, 495, 593, 594, 605, 799, 812, 988, 993,
];

/// Decodes a level of at least as many blocks as the size needs.
pub(super) fn decode(bytes: &[u8], (width, height): (usize, usize)) -> Result<Vec<u8>, Wrong> {
    let wide = width.div_ceil(4);
    let mut rgba8 = vec![0; width * height * 4];
    let blocks = bytes.as_chunks::<16>().0;
    for (index, raw) in blocks.iter().take(wide * height.div_ceil(4)).enumerate() {
        let pixels = block(u128::from_le_bytes(*raw))?;
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

fn block(bits: u128) -> Result<[[u8; 4]; 16], Wrong> {
    let index = MODES
        .iter()
        .position(|mode| bits as u32 & ((1 << mode.code.1) - 1) == mode.code.0)
        .ok_or(BAD_BLOCK)?;
    let mode = &MODES[index];
    let mut bits = Cursor(bits >> mode.code.1);
    if index == SOLID {
        return Ok([std::array::from_fn(|_| bits.take(8) as u8); 16]);
    }
    bits.take(mode.hints);
    let subsets = match index {
        2 | 4 | 9 | 16 => partition(&PAIRS, bits.take(5), 2)?,
        7 => partition(&MERGED, bits.take(5), 2)?,
        3 => partition(&TRIPLES, bits.take(4), 3)?,
        _ => [0; 16],
    };
    // The channel that has weights of its own.
    let second = match index {
        6 | 11 | 13 => bits.take(2) as usize,
        _ => 3,
    };
    let ends = end_points(&mut bits, mode);
    let weights = weights(&mut bits, mode, &subsets);
    Ok(std::array::from_fn(|pixel| {
        let ends = &ends[subsets[pixel]];
        std::array::from_fn(|channel| {
            let plane = usize::from(mode.planes == 2 && channel == second);
            let [low, high] = ends[channel];
            // Both ends as 16-bit numbers, as ASTC has it for linear colours.
            let (low, high) = (low * 257, high * 257);
            let weight = weights[plane][pixel];
            ((low * (64 - weight) + high * weight + 32) / 64 / 256) as u8
        })
    }))
}

/// Low and high end of each channel of each subset, 0..=255.
fn end_points(bits: &mut Cursor, mode: &Mode) -> [[[u32; 2]; 4]; 3] {
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
    let mut ends = [[[255; 2]; 4]; 3];
    for (index, high) in high[..count].iter().enumerate() {
        let value = unquantize(bits.take(plain), *high, plain, base);
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

/// Weights 0..=64 of each pixel, for one plane or two.
fn weights(bits: &mut Cursor, mode: &Mode, subsets: &[usize; 16]) -> [[u32; 16]; 2] {
    let mut weights = [[0; 16]; 2];
    let mut seen = [false; 3];
    for pixel in 0..16 {
        // The first pixel of each subset has one bit less: its highest is 0.
        let anchor = !std::mem::replace(&mut seen[subsets[pixel]], true);
        for plane in weights.iter_mut().take(mode.planes) {
            let raw = bits.take(mode.weight_bits - u32::from(anchor));
            plane[pixel] = weight(raw, mode.weight_bits);
        }
    }
    weights
}

/// A weight of so many bits on the scale 0..=64 (Data Format 1.3, "Weight Unquantization").
fn weight(raw: u32, bits: u32) -> u32 {
    let wide = match bits {
        1 => raw * 63,
        2 => raw * 21,
        3 => raw << 3 | raw,
        4 => raw << 2 | raw >> 2,
        _ => raw << 1 | raw >> 4,
    };
    wide + u32::from(wide > 32)
}

fn partition(seeds: &[u32], index: u32, subsets: u32) -> Result<[usize; 16], Wrong> {
    let seed = *seeds.get(index as usize).ok_or(BAD_BLOCK)?;
    Ok(std::array::from_fn(|pixel| {
        subset(seed, pixel as u32 % 4, pixel as u32 / 4, subsets)
    }))
}

/// The subset of a pixel of a small block (Data Format 1.3, "Partition Pattern Generation").
fn subset(seed: u32, x: u32, y: u32, subsets: u32) -> usize {
    let seed = seed + (subsets - 1) * 1024;
    let mut hash = seed;
    hash ^= hash >> 15;
    hash = hash.wrapping_sub(hash << 17);
    hash = hash.wrapping_add(hash << 7);
    hash = hash.wrapping_add(hash << 4);
    hash ^= hash >> 5;
    hash = hash.wrapping_add(hash << 16);
    hash ^= hash >> 7;
    hash ^= hash >> 3;
    hash ^= hash << 6;
    hash ^= hash >> 17;
    let third = if subsets == 3 { 6 } else { 5 };
    let second = if seed & 2 == 0 { 5 } else { 4 };
    let (first, other) = if seed & 1 == 0 {
        (third, second)
    } else {
        (second, third)
    };
    let part = |shift: u32, down: u32| {
        let part = hash >> shift & 15;
        (part * part) >> down
    };
    // Blocks of fewer than 31 pixels count double.
    let (x, y) = (x * 2, y * 2);
    let sum = |at: u32, offset: u32| {
        (part(at, first) * x + part(at + 4, other) * y + (hash >> offset)) & 63
    };
    let (a, b) = (sum(0, 14), sum(8, 10));
    let c = if subsets < 3 { 0 } else { sum(16, 6) };
    if a >= b && a >= c {
        0
    } else if b >= c {
        1
    } else {
        2
    }
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
        assert!(block(0x45).is_err());
    }

    #[test]
    fn partitions_are_those_of_the_standard() {
        // The first pattern of BC7: the right half.
        let halves = partition(&PAIRS, 0, 2).unwrap();
        assert_eq!(halves, [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]);
        let corner = partition(&PAIRS, 8, 2).unwrap();
        assert_eq!(corner, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1]);
        // All of them have all their subsets, so that each has its anchor.
        for (seeds, subsets) in [(&PAIRS[..], 2), (&MERGED, 2), (&TRIPLES, 3)] {
            for index in 0..seeds.len() {
                let pattern = partition(seeds, index as u32, subsets).unwrap();
                assert!((0..subsets as usize).all(|s| pattern.contains(&s)));
            }
            assert!(partition(seeds, seeds.len() as u32, subsets).is_err());
        }
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
