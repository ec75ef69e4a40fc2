//! Blocks of UASTC as blocks of BC7: the same ends as fine as BC7 has them, the same weights.
//!
//! Clauses: Khronos Data Format Specification 1.3, "BPTC Compressed Texture Image Formats"; "UASTC LDR 4x4 Texture
//! Specification" of Basis Universal, whose partitions are those that both formats have.

mod partitions;

use super::uastc::{self, Shape};
use partitions::Split;
use std::sync::LazyLock;

/// Weights by the number of an index's bits.
const WEIGHTS: [&[u32]; 5] = [
    &[],
    &[],
    &[0, 21, 43, 64],
    &[0, 9, 18, 27, 37, 46, 55, 64],
    &[0, 4, 9, 13, 17, 21, 26, 30, 34, 38, 43, 47, 51, 55, 60, 64],
];

/// Whether the lowest bits of an end's channels are one bit that they share.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lowest {
    Own,
    OfEachEnd,
    OfBothEnds,
}

/// A mode of BC7 with one set of indices.
struct Mode {
    number: u32,
    /// Bits of each channel of an end, without the shared one.
    bits: u32,
    channels: usize,
    lowest: Lowest,
    index_bits: u32,
}

const fn mode(number: u32, bits: u32, channels: usize, lowest: Lowest, index_bits: u32) -> Mode {
    Mode {
        number,
        bits,
        channels,
        lowest,
        index_bits,
    }
}

const MODE_1: Mode = mode(1, 6, 3, Lowest::OfBothEnds, 3);
const MODE_2: Mode = mode(2, 5, 3, Lowest::Own, 2);
const MODE_3: Mode = mode(3, 7, 3, Lowest::OfEachEnd, 2);
const MODE_6: Mode = mode(6, 7, 4, Lowest::OfEachEnd, 4);
const MODE_7: Mode = mode(7, 5, 4, Lowest::OfEachEnd, 2);

/// Bits of a block from its low end.
struct Bits {
    all: u128,
    at: u32,
}

impl Bits {
    fn of_mode(number: u32) -> Self {
        Self {
            all: 1 << number,
            at: number + 1,
        }
    }

    fn put(&mut self, value: u32, bits: u32) {
        self.all |= u128::from(value) << self.at;
        self.at += bits;
    }
}

/// The BC7 block of a UASTC block.
pub(super) fn pack(shape: &Shape) -> [u8; 16] {
    let bits = if let Some(color) = shape.solid {
        solid(color)
    } else if shape.planes == 2 {
        two_planes(shape)
    } else {
        let split = partitions::of(shape);
        let mode = match (shape.subsets, split.subsets, shape.channels) {
            (1, ..) => &MODE_6,
            (_, 3, _) => &MODE_2,
            (_, _, 3) if shape.weight_bits == 3 => &MODE_1,
            (_, _, 3) => &MODE_3,
            _ => &MODE_7,
        };
        one_plane(shape, &split, mode)
    };
    bits.all.to_le_bytes()
}

/// The index whose weight is nearest to that of a weight of UASTC.
fn index_of(raw: u32, raw_bits: u32, index_bits: u32) -> u32 {
    let weight = uastc::weight(raw, raw_bits);
    let weights = WEIGHTS[index_bits as usize];
    let nearest = (0..weights.len()).min_by_key(|index| weights[*index].abs_diff(weight));
    nearest.unwrap_or(0) as u32
}

/// What a number of so many bits stands for, 0..=255.
fn expand(value: u32, bits: u32) -> u32 {
    value << (8 - bits) | value >> (2 * bits - 8)
}

/// The channels of an end with a given lowest bit, and how far off they are.
fn quantized(end: &[u32], mode: &Mode, lowest: u32) -> ([u32; 4], u32) {
    let own = mode.lowest == Lowest::Own;
    let (bits, step) = if own {
        (mode.bits, 1)
    } else {
        (mode.bits + 1, 2)
    };
    let (mut values, mut error) = ([0; 4], 0);
    for (channel, wanted) in end.iter().enumerate().take(mode.channels) {
        let whole = |upper: u32| upper * step + if own { 0 } else { lowest };
        let near = (wanted >> (8 - mode.bits)).saturating_sub(1);
        let candidates = near..=(near + 2).min((1 << mode.bits) - 1);
        let off = |upper: &u32| expand(whole(*upper), bits).abs_diff(*wanted);
        let upper = candidates.min_by_key(off).unwrap_or(near);
        values[channel] = upper;
        // What is opaque should stay so.
        let weight = if channel == 3 { 8 } else { 1 };
        error += off(&upper) * off(&upper) * weight;
    }
    (values, error)
}

/// Both ends of a subset, and the lowest bit of each.
fn fit_ends(ends: &[[u32; 4]; 2], mode: &Mode) -> [([u32; 4], u32); 2] {
    let fit = |end: &[u32; 4], lowest: u32| quantized(end, mode, lowest);
    match mode.lowest {
        Lowest::Own => ends.map(|end| (fit(&end, 0).0, 0)),
        Lowest::OfEachEnd => ends.map(|end| {
            let lowest = u32::from(fit(&end, 1).1 < fit(&end, 0).1);
            (fit(&end, lowest).0, lowest)
        }),
        Lowest::OfBothEnds => {
            let error = |lowest| fit(&ends[0], lowest).1 + fit(&ends[1], lowest).1;
            let lowest = u32::from(error(1) < error(0));
            ends.map(|end| (fit(&end, lowest).0, lowest))
        }
    }
}

fn one_plane(shape: &Shape, split: &Split, mode: &Mode) -> Bits {
    let mut indices = [0; 16];
    for (index, raw) in indices.iter_mut().zip(shape.raw_weights[0]) {
        *index = index_of(raw, shape.weight_bits, mode.index_bits);
    }
    let top = 1 << (mode.index_bits - 1);
    let mut ends = [[([0; 4], 0); 2]; 3];
    for subset in 0..split.subsets {
        let of = &shape.ends[split.from[subset]];
        let pair = [0, 1].map(|end| of.map(|channel| channel[end]));
        ends[subset] = fit_ends(&pair, mode);
        // The index of a subset's anchor is written without its highest bit.
        if indices[split.anchors[subset]] & top != 0 {
            ends[subset].swap(0, 1);
            for (index, _) in (indices.iter_mut().zip(split.pattern)).filter(|(_, s)| *s == subset)
            {
                *index = 2 * top - 1 - *index;
            }
        }
    }
    let mut bits = Bits::of_mode(mode.number);
    if split.subsets > 1 {
        bits.put(split.number, 6);
    }
    let used = &ends[..split.subsets];
    for channel in 0..mode.channels {
        for (values, _) in used.iter().flatten() {
            bits.put(values[channel], mode.bits);
        }
    }
    for pair in used {
        match mode.lowest {
            Lowest::Own => {}
            Lowest::OfEachEnd => pair.iter().for_each(|(_, lowest)| bits.put(*lowest, 1)),
            Lowest::OfBothEnds => bits.put(pair[0].1, 1),
        }
    }
    for (pixel, index) in indices.iter().enumerate() {
        let is_anchor = split.anchors[..split.subsets].contains(&pixel);
        bits.put(*index, mode.index_bits - u32::from(is_anchor));
    }
    bits
}

/// Mode 5: three channels of 7 bits, one of 8 with weights of its own.
fn two_planes(shape: &Shape) -> Bits {
    let own = shape.second;
    // Alpha takes the place of the channel that has weights of its own.
    let channel_at = |place: usize| match place {
        3 => own,
        _ if place == own => 3,
        _ => place,
    };
    let ends = [0, 1, 2, 3].map(|place| shape.ends[0][channel_at(place)]);
    let seven = |value: u32| {
        let near = (value >> 1).saturating_sub(1);
        let candidates = near..=(near + 2).min(127);
        candidates
            .min_by_key(|v| expand(*v, 7).abs_diff(value))
            .unwrap_or(near)
    };
    let mut colors = [ends[0], ends[1], ends[2]].map(|pair| pair.map(seven));
    let mut alphas = ends[3];
    let indices =
        |plane: usize| shape.raw_weights[plane].map(|raw| index_of(raw, shape.weight_bits, 2));
    let (mut first, mut second) = (indices(0), indices(1));
    if first[0] & 2 != 0 {
        colors.iter_mut().for_each(|pair| pair.swap(0, 1));
        first = first.map(|index| 3 - index);
    }
    if second[0] & 2 != 0 {
        alphas.swap(0, 1);
        second = second.map(|index| 3 - index);
    }
    let rotation = if own == 3 { 0 } else { own as u32 + 1 };
    mode_5(rotation, colors, alphas, [first, second])
}

fn mode_5(rotation: u32, colors: [[u32; 2]; 3], alphas: [u32; 2], planes: [[u32; 16]; 2]) -> Bits {
    let mut bits = Bits::of_mode(5);
    bits.put(rotation, 2);
    colors
        .iter()
        .flatten()
        .for_each(|value| bits.put(*value, 7));
    alphas.iter().for_each(|value| bits.put(*value, 8));
    for plane in planes {
        for (pixel, index) in plane.iter().enumerate() {
            bits.put(*index, 2 - u32::from(pixel == 0));
        }
    }
    bits
}

/// For each value, ends of 7 bits whose first step between is it.
static BETWEEN: LazyLock<Vec<[u32; 2]>> = LazyLock::new(|| {
    let off = |[low, high]: [u32; 2], value: u32| {
        ((expand(low, 7) * 43 + expand(high, 7) * 21 + 32) >> 6).abs_diff(value)
    };
    let nearest = |value: u32| {
        let low = (value >> 1).saturating_sub(1);
        let pairs = (low..=(low + 2).min(127)).flat_map(|low| {
            (low.saturating_sub(1)..=(low + 2).min(127)).map(move |high| [low, high])
        });
        pairs
            .min_by_key(|pair| off(*pair, value))
            .unwrap_or_default()
    };
    (0..256).map(nearest).collect()
});

/// One colour, exactly.
fn solid([red, green, blue, alpha]: [u8; 4]) -> Bits {
    let colors = [red, green, blue].map(|c| BETWEEN[usize::from(c)]);
    mode_5(0, colors, [u32::from(alpha); 2], [[1; 16], [0; 16]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_colours_are_exact() {
        for (value, [low, high]) in BETWEEN.iter().enumerate() {
            let drawn = (expand(*low, 7) * 43 + expand(*high, 7) * 21 + 32) >> 6;
            assert_eq!(drawn as usize, value);
        }
    }

    #[test]
    fn weights_that_both_formats_have_stay_the_same() {
        for bits in [2, 3] {
            for raw in 0..1 << bits {
                assert_eq!(index_of(raw, bits, bits), raw);
            }
        }
        assert_eq!([0, 1].map(|raw| index_of(raw, 1, 2)), [0, 3]);
    }
}
