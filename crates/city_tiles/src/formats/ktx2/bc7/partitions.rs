//! The partitions of BC7, and which of them a block of UASTC has.
//!
//! Clauses: Khronos Data Format Specification 1.3, "BPTC Compressed Texture Image Formats", partition and anchor tables.

use super::super::uastc::Shape;
use super::super::uastc::partitions::{MERGED, PAIRS, TRIPLES, partition};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Two subsets: a bit for each pixel.
const TWO: [u16; 64] = [
    0xCCCC, 0x8888, 0xEEEE, 0xECC8, 0xC880, 0xFEEC, 0xFEC8, 0xEC80, 0xC800, 0xFFEC, 0xFE80, 0xE800,
    0xFFE8, 0xFF00, 0xFFF0, 0xF000, 0xF710, 0x008E, 0x7100, 0x08CE, 0x008C, 0x7310, 0x3100, 0x8CCE,
    0x088C, 0x3110, 0x6666, 0x366C, 0x17E8, 0x0FF0, 0x718E, 0x399C, 0xAAAA, 0xF0F0, 0x5A5A, 0x33CC,
    0x3C3C, 0x55AA, 0x9696, 0xA55A, 0x73CE, 0x13C8, 0x324C, 0x3BDC, 0x6996, 0xC33C, 0x9966, 0x0660,
    0x0272, 0x04E4, 0x4E40, 0x2720, 0xC936, 0x936C, 0x39C6, 0x639C, 0x9336, 0x9CC6, 0x817E, 0xE718,
    0xCCF0, 0x0FCC, 0x7744, 0xEE22,
];

/// The anchor of the second of two subsets.
const ANCHOR_OF_TWO: [u8; 64] = [
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 2, 8, 2, 2, 8, 8, 15, 2, 8,
    2, 2, 8, 8, 2, 2, 15, 15, 6, 8, 2, 8, 15, 15, 2, 8, 2, 2, 2, 15, 15, 6, 6, 2, 6, 8, 15, 15, 2,
    2, 15, 15, 15, 15, 15, 2, 2, 15,
];

/// Three subsets: two bits for each pixel.
const THREE: [u32; 64] = [
    0xAA68_5050,
    0x6A5A_5040,
    0x5A5A_4200,
    0x5450_A0A8,
    0xA5A5_0000,
    0xA0A0_5050,
    0x5555_A0A0,
    0x5A5A_5050,
    0xAA55_0000,
    0xAA55_5500,
    0xAAAA_5500,
    0x9090_9090,
    0x9494_9494,
    0xA4A4_A4A4,
    0xA9A5_9450,
    0x2A0A_4250,
    0xA594_5040,
    0x0A42_5054,
    0xA5A5_A500,
    0x55A0_A0A0,
    0xA8A8_5454,
    0x6A6A_4040,
    0xA4A4_5000,
    0x1A1A_0500,
    0x0050_A4A4,
    0xAAA5_9090,
    0x1469_6914,
    0x6969_1400,
    0xA085_85A0,
    0xAA82_1414,
    0x50A4_A450,
    0x6A5A_0200,
    0xA9A5_8000,
    0x5090_A0A8,
    0xA8A0_9050,
    0x2424_2424,
    0x00AA_5500,
    0x2492_4924,
    0x2449_9224,
    0x50A5_0A50,
    0x500A_A550,
    0xAAAA_4444,
    0x6666_0000,
    0xA5A0_A5A0,
    0x50A0_50A0,
    0x6928_6928,
    0x44AA_AA44,
    0x6666_6600,
    0xAA44_4444,
    0x54A8_54A8,
    0x9580_9580,
    0x9696_9600,
    0xA854_54A8,
    0x8095_9580,
    0xAA14_1414,
    0x9696_0000,
    0xAAAA_1414,
    0xA050_50A0,
    0xA0A5_A5A0,
    0x9600_0000,
    0x4080_4080,
    0xA9A8_A9A8,
    0xAAAA_AA44,
    0x2A4A_5254,
];

/// The anchors of the second and the third of three subsets.
const ANCHORS_OF_THREE: [[u8; 64]; 2] = [
    [
        3, 3, 15, 15, 8, 3, 15, 15, 8, 8, 6, 6, 6, 5, 3, 3, 3, 3, 8, 15, 3, 3, 6, 10, 5, 8, 8, 6,
        8, 5, 15, 15, 8, 15, 3, 5, 6, 10, 8, 15, 15, 3, 15, 5, 15, 15, 15, 15, 3, 15, 5, 5, 5, 8,
        5, 10, 5, 10, 8, 13, 15, 12, 3, 3,
    ],
    [
        15, 8, 8, 3, 15, 15, 3, 8, 15, 15, 15, 15, 15, 15, 15, 8, 15, 8, 15, 3, 15, 8, 15, 8, 3,
        15, 6, 10, 15, 15, 10, 8, 15, 3, 15, 10, 10, 8, 9, 10, 6, 15, 8, 15, 3, 6, 6, 8, 15, 3, 15,
        15, 15, 15, 15, 15, 15, 15, 15, 15, 3, 15, 15, 8,
    ],
];

/// A partition of BC7, and what its subsets are in UASTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// Its place in the table.
    pub number: u32,
    pub subsets: usize,
    /// The subset of each pixel.
    pub pattern: [usize; 16],
    /// The pixel of each subset whose index has a bit less.
    pub anchors: [usize; 3],
    /// The subset of UASTC that each subset is, or is part of.
    pub from: [usize; 3],
}

const WHOLE: Split = Split {
    number: 0,
    subsets: 1,
    pattern: [0; 16],
    anchors: [0; 3],
    from: [0; 3],
};

/// The partitions of UASTC by seed and number of subsets.
static SPLITS: LazyLock<HashMap<(u32, usize), Split>> = LazyLock::new(|| {
    let pairs = PAIRS.iter().map(|seed| (*seed, 2, 2));
    let merged = MERGED.iter().map(|seed| (*seed, 2, 3));
    let triples = TRIPLES.iter().map(|seed| (*seed, 3, 3));
    let all = pairs.chain(merged).chain(triples);
    all.filter_map(|(seed, subsets, wanted)| {
        let pattern = partition(seed, subsets as u32);
        let split = (0..64).find_map(|number| split(number, wanted).within(&pattern));
        Some(((seed, subsets), split?))
    })
    .collect()
});

fn split(number: usize, subsets: usize) -> Split {
    let anchor = |table: &[u8; 64]| usize::from(table[number % 64]);
    let (pattern, anchors): ([usize; 16], _) = match subsets {
        2 => (
            std::array::from_fn(|pixel| usize::from(TWO[number % 64] >> pixel & 1)),
            [0, anchor(&ANCHOR_OF_TWO), 0],
        ),
        _ => (
            std::array::from_fn(|pixel| (THREE[number % 64] >> (pixel * 2) & 3) as usize),
            [
                0,
                anchor(&ANCHORS_OF_THREE[0]),
                anchor(&ANCHORS_OF_THREE[1]),
            ],
        ),
    };
    Split {
        number: number as u32,
        subsets,
        pattern,
        anchors,
        from: [0; 3],
    }
}

impl Split {
    /// Itself, where each of its subsets is within one of the given ones.
    fn within(mut self, outer: &[usize; 16]) -> Option<Self> {
        for subset in 0..self.subsets {
            self.from[subset] = *outer.get(self.anchors[subset])?;
        }
        let fits = |(own, outer): (&usize, &usize)| self.from[*own] == *outer;
        self.pattern.iter().zip(outer).all(fits).then_some(self)
    }
}

/// The partition that a block has in BC7.
pub(super) fn of(shape: &Shape) -> Split {
    let found = SPLITS.get(&(shape.seed, shape.subsets));
    found
        .copied()
        .filter(|_| shape.subsets > 1)
        .unwrap_or(WHOLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_of_uastc_is_one_of_bc7() {
        assert_eq!(SPLITS.len(), PAIRS.len() + MERGED.len() + TRIPLES.len());
        for split in SPLITS.values() {
            for (subset, anchor) in split.anchors.iter().take(split.subsets).enumerate() {
                assert_eq!(split.pattern[*anchor], subset, "{split:?}");
            }
        }
    }
}
