//! Blocks of UASTC as the blocks of ASTC that they stand for, bit for bit in what they decode to.
//!
//! Clauses: Khronos Data Format Specification 1.3, "ASTC Compressed Texture Image Formats": "Block Mode", "Integer
//! Sequence Encoding", "Void-Extent Blocks", "Endpoint Unquantization"; "UASTC LDR 4x4 Texture Specification" of Basis
//! Universal.

use super::uastc::Shape;
use std::sync::LazyLock;

/// Bits of a block from its low end.
struct Bits {
    all: u128,
    at: u32,
}

impl Bits {
    fn put(&mut self, value: u32, bits: u32) {
        self.all |= u128::from(value) << self.at;
        self.at += bits;
    }
}

/// The five digits of base 3 that eight bits stand for.
fn trits(packed: u32) -> [u32; 5] {
    let bit = |n: u32| packed >> n & 1;
    let two = |n: u32| packed >> n & 3;
    let (c, t4, t3) = if packed >> 2 & 7 == 7 {
        ((packed >> 5 & 7) << 2 | two(0), 2, 2)
    } else {
        let c = packed & 31;
        if two(5) == 3 {
            (c, 2, bit(7))
        } else {
            (c, bit(7), two(5))
        }
    };
    let bit = |n: u32| c >> n & 1;
    let (t2, t1, t0) = if c & 3 == 3 {
        (2, bit(4), bit(3) << 1 | (bit(2) & !bit(3) & 1))
    } else if c >> 2 & 3 == 3 {
        (2, 2, c & 3)
    } else {
        (bit(4), c >> 2 & 3, bit(1) << 1 | (bit(0) & !bit(1) & 1))
    };
    [t0, t1, t2, t3, t4]
}

/// The three digits of base 5 that seven bits stand for.
fn quints(packed: u32) -> [u32; 3] {
    let bit = |n: u32| packed >> n & 1;
    if packed >> 1 & 3 == 3 && packed >> 5 & 3 == 0 {
        let low = bit(0) << 2 | (bit(4) & !bit(0) & 1) << 1 | (bit(3) & !bit(0) & 1);
        return [4, 4, low];
    }
    let (c, q2) = if packed >> 1 & 3 == 3 {
        ((packed >> 3 & 3) << 3 | (!packed >> 5 & 3) << 1 | bit(0), 4)
    } else {
        (packed & 31, packed >> 5 & 3)
    };
    if c & 7 == 5 {
        [c >> 3 & 3, 4, q2]
    } else {
        [c & 7, c >> 3 & 3, q2]
    }
}

/// The bits for five digits of base 3, the first digit least.
static TRITS: LazyLock<[u8; 243]> = LazyLock::new(|| {
    let mut packed = [0; 243];
    // The lowest of several: what is cut off at the end of a sequence is zeros then.
    for bits in (0..256).rev() {
        let [a, b, c, d, e] = trits(bits);
        packed[(a + 3 * (b + 3 * (c + 3 * (d + 3 * e)))) as usize % 243] = bits as u8;
    }
    packed
});

/// The bits for three digits of base 5, the first digit least.
static QUINTS: LazyLock<[u8; 125]> = LazyLock::new(|| {
    let mut packed = [0; 125];
    for bits in (0..128).rev() {
        let [a, b, c] = quints(bits);
        packed[(a + 5 * (b + 5 * c)) as usize % 125] = bits as u8;
    }
    packed
});

/// Puts numbers of a plain part and a digit of base 3 or 5 behind one another.
fn put_sequence(bits: &mut Bits, values: &[(u32, u32)], (plain, base): (u32, u32)) {
    // Where the digits' bits go: after each plain part so many.
    let (group, splits): (usize, &[u32]) = match base {
        3 => (5, &[2, 2, 1, 2, 1]),
        5 => (3, &[3, 2, 2]),
        _ => (1, &[0]),
    };
    for part in values.chunks(group) {
        let digits = part
            .iter()
            .rev()
            .fold(0, |sum, (_, digit)| sum * base + digit) as usize;
        let mut packed = u32::from(match base {
            3 => TRITS[digits % 243],
            5 => QUINTS[digits % 125],
            _ => 0,
        });
        for ((low, _), split) in part.iter().zip(splits) {
            bits.put(*low, plain);
            bits.put(packed & ((1 << split) - 1), *split);
            packed >>= split;
        }
    }
}

/// The block mode of 4 x 4 weights of so many bits.
fn block_mode(weight_bits: u32, planes: usize) -> u32 {
    // "R" of the standard, and whether weights are of the finer half of the ranges.
    let (range, fine) = match weight_bits {
        1 => (0b010, 0),
        2 => (0b100, 0),
        3 => (0b111, 0),
        4 => (0b100, 1),
        _ => (0b111, 1),
    };
    let dual = u32::from(planes == 2);
    const HEIGHT: u32 = 2 << 5;
    dual << 10 | fine << 9 | HEIGHT | (range & 1) << 4 | range >> 1
}

/// The ASTC block of a UASTC block.
pub(super) fn pack(shape: &Shape) -> [u8; 16] {
    if let Some(color) = shape.solid {
        // A void-extent block without an extent.
        let start = 0xFFFF_FFFF_FFFF_FDFC_u128;
        let color = color.iter().rev();
        let color = color.fold(0_u128, |all, c| (all << 16) | (u128::from(*c) * 257));
        return (start | color << 64).to_le_bytes();
    }
    // Ends whose second is the darker one would be read as blue-contracted.
    let mut ends = shape.raw_ends;
    let per = shape.channels * 2;
    let mut is_turned = [false; 3];
    for (subset, is_turned) in is_turned.iter_mut().enumerate().take(shape.subsets) {
        let sum = |end: usize| -> u32 { shape.ends[subset][..3].iter().map(|c| c[end]).sum() };
        *is_turned = shape.channels > 2 && sum(1) < sum(0);
        if *is_turned {
            for pair in ends[subset * per..][..per].as_chunks_mut::<2>().0 {
                pair.swap(0, 1);
            }
        }
    }
    let mut bits = Bits { all: 0, at: 0 };
    bits.put(block_mode(shape.weight_bits, shape.planes), 11);
    bits.put(shape.subsets as u32 - 1, 2);
    // Luminance and alpha, RGB or RGBA, each end by itself.
    let ends_mode = match shape.channels {
        2 => 4,
        3 => 8,
        _ => 12,
    };
    if shape.subsets == 1 {
        bits.put(ends_mode, 4);
    } else {
        bits.put(shape.seed, 10);
        bits.put(ends_mode << 2, 6);
    }
    put_sequence(&mut bits, &ends[..shape.ends_used], shape.range);
    // Weights stand at the other end of the block, from the last bit backwards.
    let mut weights = Bits { all: 0, at: 0 };
    let most = (1 << shape.weight_bits) - 1;
    for (pixel, subset) in shape.pattern.iter().enumerate() {
        for plane in shape.raw_weights.iter().take(shape.planes) {
            let weight = if is_turned[*subset] {
                most - plane[pixel]
            } else {
                plane[pixel]
            };
            weights.put(weight, shape.weight_bits);
        }
    }
    let mut all = bits.all | weights.all.reverse_bits();
    if shape.planes == 2 {
        all |= (shape.second as u128) << (128 - weights.at - 2);
    }
    all.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_back_and_short_sequences_end_in_zeros() {
        for (digits, packed) in TRITS.iter().enumerate() {
            let mut rest = digits as u32;
            let wanted = [(); 5].map(|()| {
                let digit = rest % 3;
                rest /= 3;
                digit
            });
            assert_eq!(trits(u32::from(*packed)), wanted);
            let used = wanted
                .iter()
                .rposition(|digit| *digit > 0)
                .map_or(0, |n| n + 1);
            let bits = [0, 2, 4, 5, 7, 8][used];
            assert!(u32::from(*packed) < 1 << bits, "{wanted:?}: {packed:#b}");
        }
        for (digits, packed) in QUINTS.iter().enumerate() {
            let digits = digits as u32;
            let wanted = [digits % 5, digits / 5 % 5, digits / 25];
            assert_eq!(quints(u32::from(*packed)), wanted);
            let used = wanted
                .iter()
                .rposition(|digit| *digit > 0)
                .map_or(0, |n| n + 1);
            let bits = [0, 3, 5, 7][used];
            assert!(u32::from(*packed) < 1 << bits, "{wanted:?}: {packed:#b}");
        }
    }
}
