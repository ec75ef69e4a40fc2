//! What the blocks show, by a decoder of others, against what Basis Universal says they show.

use super::*;
use crate::formats::ktx2::etc1s::Ends;

/// A xorshift generator: the same blocks on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

/// Red, green, blue, alpha of pixels that the decoder gives as blue, green, red, alpha.
fn shown(decode: impl Fn(&mut [u32])) -> [[u8; 4]; 16] {
    let mut pixels = [0; 16];
    decode(&mut pixels);
    pixels.map(|pixel| {
        let [blue, green, red, alpha] = pixel.to_le_bytes();
        [red, green, blue, alpha]
    })
}

/// The largest difference of a channel, and the mean of their squares.
fn apart(a: &[[u8; 4]; 16], b: &[[u8; 4]; 16]) -> (u8, f64) {
    let off = || {
        a.as_flattened()
            .iter()
            .zip(b.as_flattened())
            .map(|(a, b)| a.abs_diff(*b))
    };
    let squares: f64 = off().map(|off| f64::from(off) * f64::from(off)).sum();
    (off().max().unwrap_or(0), squares / 64.0)
}

/// Each mode's prefix and its length, by number.
const MODES: [(u32, u32); 19] = [
    (0x1, 4),
    (0x35, 6),
    (0x1D, 5),
    (0x3, 5),
    (0x13, 5),
    (0xB, 5),
    (0x1B, 5),
    (0x7, 5),
    (0x17, 5),
    (0xF, 5),
    (0x2, 3),
    (0x0, 2),
    (0x6, 3),
    (0x1F, 5),
    (0xD, 5),
    (0x5, 7),
    (0x15, 6),
    (0x25, 6),
    (0x9, 4),
];

#[test]
fn uastc_is_the_same_as_astc_and_near_to_it_as_bc7() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for (number, (code, length)) in MODES.iter().enumerate() {
        let (mut tried, mut worst, mut squares) = (0, 0, 0.0);
        for _ in 0..4000 {
            let bits = u128::from(random.next()) << 64 | u128::from(random.next());
            let bits = bits >> length << length | u128::from(*code);
            // Some have no partition of that number, or three digits that are none.
            let Ok(shape) = uastc::read(bits) else {
                continue;
            };
            tried += 1;
            let wanted = uastc::pixels(&shape);
            let astc = astc::pack(&shape);
            let astc = shown(|to| texture2ddecoder::decode_astc_block(&astc, 4, 4, to));
            let (most, _) = apart(&astc, &wanted);
            assert!(
                most <= 1,
                "mode {number}, {bits:#x}: {astc:?} for {wanted:?}"
            );
            let bc7 = bc7::pack(&shape);
            let bc7 = shown(|to| texture2ddecoder::decode_bc7_block(&bc7, to));
            let (most, mean) = apart(&bc7, &wanted);
            worst = worst.max(most);
            squares += mean;
        }
        let psnr = 10.0 * (255.0 * 255.0 / (squares / f64::from(tried))).log10();
        println!("mode {number}: {tried} blocks, BC7 {psnr:.1} dB, at most {worst} off");
        assert!(tried > 1000, "mode {number}");
        // Ends of five bits where there are three subsets, or two with alpha; weights of five bits in mode 18.
        let (least_db, most_off) = match number {
            3 | 7 | 9 | 16 => (42.0, 5),
            18 => (42.0, 9),
            0 | 5 | 10 | 12 | 15 => (44.0, 6),
            _ => (49.0, 3),
        };
        assert!(psnr >= least_db && worst <= most_off, "mode {number}");
    }
}

#[test]
fn etc1s_is_the_same_as_etc2_and_near_to_it_as_bc() {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let (mut alphas, mut bc) = (Alphas::default(), Colors::default());
    let (mut bc1, mut bc3, mut eac) = (0.0, 0.0, 0.0);
    const BLOCKS: u32 = 4000;
    for index in 0..BLOCKS {
        let [red, green, blue, table, ..] = random.next().to_le_bytes();
        // Where a ramp is cut off at black or white, it bends, and no line of BC1 follows it.
        let middle = |c: u8| 8 + c % 16;
        let ends = Ends::new([red, green, blue].map(middle), table & 3);
        let grey = Ends::new([green & 31; 3], table & 7);
        // Every other block uses two colours or one.
        let mask = [u32::MAX, 0x5555_5555, 0xAAAA_AAAA, 0][index as usize % 4];
        let selectors = random.next() as u32 & mask;
        let pixels = |ends: &Ends| -> [[u8; 3]; 16] {
            std::array::from_fn(|pixel| ends.ramp[(selectors >> (pixel * 2) & 3) as usize])
        };
        let colors = pixels(&ends).map(|[r, g, b]| [r, g, b, 255]);
        let etc2 = etc2::color(&ends, selectors);
        let etc2 = shown(|to| texture2ddecoder::decode_etc2_rgb_block(&etc2, to));
        assert_eq!(etc2, colors, "{ends:?} {selectors:#x}");
        let block = bc.block(&ends, selectors);
        bc1 += apart(
            &shown(|to| texture2ddecoder::decode_bc1_block(&block, to)),
            &colors,
        )
        .1;
        // Alpha before colour, in one block of 16 bytes.
        let both = |alpha: [u8; 8], color: [u8; 8]| [alpha, color].concat();
        let wanted: Vec<u8> = pixels(&grey).iter().map(|c| c[1]).collect();
        let squares = |pixels: [[u8; 4]; 16]| -> f64 {
            let off = pixels
                .iter()
                .zip(&wanted)
                .map(|(p, a)| f64::from(p[3].abs_diff(*a)));
            off.map(|off| off * off).sum::<f64>() / 16.0
        };
        let block = both(s3tc::alpha(&grey, selectors), bc.block(&ends, selectors));
        bc3 += squares(shown(|to| texture2ddecoder::decode_bc3_block(&block, to)));
        let block = both(
            alphas.block(&grey, selectors),
            etc2::color(&ends, selectors),
        );
        eac += squares(shown(|to| {
            texture2ddecoder::decode_etc2_rgba8_block(&block, to)
        }));
    }
    let db = |squares: f64| 10.0 * (255.0 * 255.0 * f64::from(BLOCKS) / squares).log10();
    let (bc1, bc3, eac) = (db(bc1), db(bc3), db(eac));
    println!("BC1 {bc1:.1} dB, alpha of BC3 {bc3:.1} dB, of ETC2 {eac:.1} dB");
    assert!(bc1 > 46.0 && bc3 > 41.5 && eac > 50.0);
}
