//! Which pixels of a block belong together.

/// Partitions that ASTC and BC7 share, as seeds of ASTC: of two subsets, of three, and of two that
/// are three in BC7 (mode 7).
pub(in super::super) const PAIRS: [u32; 30] = [
    28, 20, 16, 29, 91, 9, 107, 72, 149, 204, 50, 114, 496, 17, 78, 39, 252, 828, 43, 156, 116,
    210, 476, 273, 684, 359, 246, 195, 694, 524,
];
pub(in super::super) const TRIPLES: [u32; 11] = [260, 74, 32, 156, 183, 15, 745, 0, 335, 902, 254];
pub(in super::super) const MERGED: [u32; 19] = [
    36, 48, 61, 137, 161, 183, 226, 281, 302, 307, 479, 495, 593, 594, 605, 799, 812, 988, 993,
];

/// The subset of each pixel, by a seed of ASTC.
pub(in super::super) fn partition(seed: u32, subsets: u32) -> [usize; 16] {
    std::array::from_fn(|pixel| subset(seed, pixel as u32 % 4, pixel as u32 / 4, subsets))
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
    fn partitions_are_those_of_the_standard() {
        // The first pattern of BC7: the right half.
        let halves = partition(PAIRS[0], 2);
        assert_eq!(halves, [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]);
        let corner = partition(PAIRS[8], 2);
        assert_eq!(corner, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1]);
        // All of them have all their subsets, so that each has its anchor.
        for (seeds, subsets) in [(&PAIRS[..], 2), (&MERGED, 2), (&TRIPLES, 3)] {
            for seed in seeds {
                let pattern = partition(*seed, subsets);
                assert!((0..subsets as usize).all(|s| pattern.contains(&s)));
            }
        }
    }
}
