//! Blocks of ETC1S as BC1, and their alpha as the alpha of BC3.
//!
//! Clauses: Khronos Data Format Specification 1.3, "S3TC Compressed Texture Image Formats" and "RGTC Compressed
//! Texture Image Formats".

use super::etc1s::Ends;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Bits of red, green and blue in an end point.
const BITS: [u32; 3] = [5, 6, 5];

/// The most of an end point's channel, and the value of 8 bits that it stands for.
fn most(channel: usize) -> i32 {
    (1 << BITS[channel]) - 1
}

fn expand(value: i32, channel: usize) -> i32 {
    match BITS[channel] {
        5 => value << 3 | value >> 2,
        _ => value << 2 | value >> 4,
    }
}

/// The colours between two end points, the second third of the way last: as indices 0, 1, 2, 3 mean them.
fn palette(first: i32, second: i32) -> [i32; 4] {
    [
        first,
        second,
        (2 * first + second) / 3,
        (first + 2 * second) / 3,
    ]
}

/// For each value of 8 bits, the end points whose first third comes nearest: of 5 bits, and of 6.
static SINGLE: LazyLock<[Vec<[u8; 2]>; 2]> = LazyLock::new(|| {
    [0, 1].map(|channel| {
        let nearest = |value: i32| {
            let (mut best, mut least) = ([0, 0], i32::MAX);
            let middle = value * most(channel) / 255;
            for first in (middle - 2).max(0)..=(middle + 3).min(most(channel)) {
                for second in (middle - 2).max(0)..=(middle + 3).min(most(channel)) {
                    let [_, _, third, _] = palette(expand(first, channel), expand(second, channel));
                    // Near ends, where several do: GPUs differ in how they round between them.
                    let off = (third - value).abs() * 64 + (first - second).abs();
                    if off < least {
                        (best, least) = ([first as u8, second as u8], off);
                    }
                }
            }
            best
        };
        (0..256).map(nearest).collect()
    })
});

/// Writes colour blocks, and keeps what it has found: files repeat their end points.
#[derive(Default)]
pub(super) struct Colors(HashMap<([u8; 3], u8, u8), ([[i32; 2]; 3], [u8; 4])>);

impl Colors {
    /// A BC1 block of an ETC1S block.
    pub(super) fn block(&mut self, ends: &Ends, selectors: u32) -> [u8; 8] {
        let used = super::used(selectors);
        let key = (ends.base, ends.table, used);
        let (pair, codes) = *(self.0.entry(key)).or_insert_with(|| nearest(ends, used));
        pack(pair, codes, selectors)
    }
}

/// End points by channel (first and second), and the code of each selector.
fn nearest(ends: &Ends, used: u8) -> ([[i32; 2]; 3], [u8; 4]) {
    let ramp = ends.ramp.map(|color| color.map(i32::from));
    if used.count_ones() == 1 {
        let color = ramp[used.trailing_zeros() as usize];
        let pair = [0, 1, 2].map(|c| SINGLE[c % 2][(color[c] & 255) as usize].map(i32::from));
        return (pair, [2; 4]);
    }
    // The whole ramp is a line with steps of a third, but where it was cut off at black or white.
    let (first, last) = (
        used.trailing_zeros() as usize,
        7 - used.leading_zeros() as usize,
    );
    let whole = fit(&ramp, used, (0, 3));
    let part = fit(&ramp, used, (first, last));
    let (pair, codes, _) = if part.2 < whole.2 { part } else { whole };
    (pair, codes)
}

/// The same, and the error.
type Fit = ([[i32; 2]; 3], [u8; 4], i32);

/// Fits end points near two colours of a ramp.
fn fit(ramp: &[[i32; 3]; 4], used: u8, (dark, light): (usize, usize)) -> Fit {
    let wanted = |selector: &usize| used >> selector & 1 == 1;
    let nearest = |pair: &[[i32; 2]; 3]| {
        let palettes = [0, 1, 2].map(|c| palette(expand(pair[c][0], c), expand(pair[c][1], c)));
        let (mut codes, mut error) = ([0_u8; 4], 0);
        for selector in (0..4).filter(wanted) {
            let off = |code: &u8| -> i32 {
                let channel = |c: usize| ramp[selector][c] - palettes[c][usize::from(*code)];
                (0..3).map(|c| channel(c) * channel(c)).sum()
            };
            let code = (0..4).min_by_key(off).unwrap_or(0);
            codes[selector] = code;
            error += off(&code);
        }
        (codes, error)
    };
    let round = |value: i32, c: usize| (value * most(c) + 127) / 255;
    let mut pair = [0, 1, 2].map(|c| [round(ramp[light][c], c), round(ramp[dark][c], c)]);
    let (codes, _) = nearest(&pair);
    // With these codes, each channel's ends may do better a step beside.
    for (c, ends) in pair.iter_mut().enumerate() {
        let around = |value: i32| (value - 1).max(0)..=(value + 1).min(most(c));
        let off = |[first, second]: [i32; 2]| -> i32 {
            let palette = palette(expand(first, c), expand(second, c));
            let channel = |s: usize| ramp[s][c] - palette[usize::from(codes[s])];
            (0..4).filter(wanted).map(|s| channel(s) * channel(s)).sum()
        };
        let [first, second] = *ends;
        let candidates = around(first).flat_map(|a| around(second).map(move |b| [a, b]));
        *ends = candidates.min_by_key(|pair| off(*pair)).unwrap_or(*ends);
    }
    let (codes, error) = nearest(&pair);
    (pair, codes, error)
}

fn pack(pair: [[i32; 2]; 3], codes: [u8; 4], selectors: u32) -> [u8; 8] {
    let joined = |end: usize| (pair[0][end] << 11 | pair[1][end] << 5 | pair[2][end]) as u16;
    let (mut first, mut second) = (joined(0), joined(1));
    // The larger one first: otherwise the block has three colours and a hole.
    let mut turn = 0;
    let mut mask = 3;
    if first < second {
        std::mem::swap(&mut first, &mut second);
        turn = 1;
    } else if first == second {
        mask = 0;
    }
    let bits = (0..16).fold(0_u32, |bits, pixel| {
        let selector = selectors >> (pixel * 2) & 3;
        let code = u32::from((codes[selector as usize] ^ turn) & mask);
        bits | code << (pixel * 2)
    });
    let [a, b] = first.to_le_bytes();
    let [c, d] = second.to_le_bytes();
    let [e, f, g, h] = bits.to_le_bytes();
    [a, b, c, d, e, f, g, h]
}

/// An alpha block of the grey levels of an ETC1S block: the ends exact, six steps between.
pub(super) fn alpha(ends: &Ends, selectors: u32) -> [u8; 8] {
    let used = super::used(selectors);
    let ramp = ends.ramp.map(|color| color[1]);
    let (first, last) = (
        used.trailing_zeros().min(3) as usize,
        7_u32.saturating_sub(used.leading_zeros()) as usize,
    );
    let (low, high) = (ramp[first], ramp[last]);
    let codes = ramp.map(|value| {
        let value_at = |code: u32| match code {
            0 => u32::from(high),
            1 => u32::from(low),
            _ => ((8 - code) * u32::from(high) + (code - 1) * u32::from(low)) / 7,
        };
        let nearest = (0..8).min_by_key(|code| value_at(*code).abs_diff(u32::from(value)));
        if low == high { 0 } else { nearest.unwrap_or(0) }
    });
    let bits = (0..16).fold(0_u64, |bits, pixel| {
        let selector = selectors >> (pixel * 2) & 3;
        bits | u64::from(codes[selector as usize]) << (pixel * 3)
    });
    let [a, b, c, d, e, f, _, _] = bits.to_le_bytes();
    [high, low, a, b, c, d, e, f]
}
