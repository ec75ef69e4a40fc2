//! ETC1S under BasisLZ: codebooks of end points and selectors, and slices that point into them.
//!
//! Clauses: KTX File Format Specification 2.0, "BasisLZ", and the bitstream of Basis Universal.

mod blocks;

use super::Wrong;
use super::bits::{Bits, Huffman};
use blocks::Blocks;

const TOO_SHORT: Wrong = "its BasisLZ global data ends too early";
const BAD_BLOCK: Wrong = "its ETC1S blocks are damaged";

/// The intensity tables of ETC1, from darkest to lightest.
const INTENSITIES: [[i32; 4]; 8] = [
    [-8, -2, 2, 8],
    [-17, -5, 5, 17],
    [-29, -9, 9, 29],
    [-42, -13, 13, 42],
    [-60, -18, 18, 60],
    [-80, -24, 24, 80],
    [-106, -33, 33, 106],
    [-183, -47, 47, 183],
];

/// The end points of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ends {
    /// The colour in the middle, 0..=31.
    pub base: [u8; 3],
    /// Which of ETC1's intensity tables, 0..=7.
    pub table: u8,
    /// The four colours that selectors choose from, the darkest first.
    pub ramp: [[u8; 3]; 4],
}

impl Ends {
    /// Of a base colour, 0..=31, and an intensity table, 0..=7.
    pub(super) fn new(base: [u8; 3], table: u8) -> Self {
        let middle = base.map(|c| i32::from(c << 3 | c >> 2));
        let steps = INTENSITIES[usize::from(table & 7)];
        Self {
            base,
            table,
            ramp: steps.map(|step| middle.map(|c| (c + step).clamp(0, 255) as u8)),
        }
    }
}

/// Codebooks, and the codes of slices.
struct Books {
    ends: Vec<Ends>,
    /// Two bits for each of a block's 16 pixels, row by row.
    selectors: Vec<u32>,
    predictors: Huffman,
    deltas: Huffman,
    choices: Huffman,
    runs: Huffman,
    history: usize,
}

/// The global data of a file: what all its levels are made of.
pub(super) struct Etc1s<'a> {
    books: Books,
    /// 20 bytes for each image.
    images: &'a [u8],
    alpha: bool,
}

impl<'a> Etc1s<'a> {
    pub(super) fn read(global: &'a [u8], levels: usize, alpha: bool) -> Result<Self, Wrong> {
        let counts = word(global, 0)?;
        let lengths = [word(global, 4)?, word(global, 8)?, word(global, 12)?];
        let mut at = 20;
        let mut part = |length: usize| -> Result<&'a [u8], Wrong> {
            let end = length.checked_add(at).ok_or(TOO_SHORT)?;
            let part = global.get(at..end).ok_or(TOO_SHORT)?;
            at = end;
            Ok(part)
        };
        let images = part(levels.checked_mul(20).ok_or(TOO_SHORT)?)?;
        let books = Books::read(
            (counts & 0xFFFF, part(lengths[0])?),
            (counts >> 16, part(lengths[1])?),
            part(lengths[2])?,
        )?;
        Ok(Self {
            books,
            images,
            alpha,
        })
    }

    /// Gives `put` the end points and selectors of every block of a level: place of the block, row by row, and whether
    /// they are those of the alpha, whose colours are grey.
    pub(super) fn blocks(
        &self,
        (index, level): (usize, &[u8]),
        (width, height): (usize, usize),
        mut put: impl FnMut(usize, bool, &Ends, u32),
    ) -> Result<(), Wrong> {
        let at = index.checked_mul(20).ok_or(TOO_SHORT)?;
        let number = |offset: usize| word(self.images, at.saturating_add(offset));
        if number(0)? & 2 != 0 {
            return Err("video is not drawn");
        }
        let slices = [(number(4)?, number(8)?), (number(12)?, number(16)?)];
        let (wide, high) = (width.div_ceil(4), height.div_ceil(4));
        for (slice, (start, length)) in slices
            .into_iter()
            .take(1 + usize::from(self.alpha))
            .enumerate()
        {
            let bytes = start
                .checked_add(length)
                .and_then(|end| level.get(start..end))
                .ok_or("an ETC1S slice ends too early")?;
            let mut blocks = Blocks::new(&self.books, bytes, wide, high);
            for place in 0..wide * high {
                let (ends, selectors) = blocks.next(place % wide, place / wide)?;
                put(place, slice == 1, ends, selectors);
            }
        }
        Ok(())
    }

    /// A level as plain pixels.
    pub(super) fn rgba8(
        &self,
        level: (usize, &[u8]),
        (width, height): (usize, usize),
    ) -> Result<Vec<u8>, Wrong> {
        let wide = width.div_ceil(4);
        let mut rgba8 = vec![255; width * height * 4];
        self.blocks(
            level,
            (width, height),
            |place, is_alpha, ends, selectors| {
                for pixel in 0..16 {
                    let (x, y) = (place % wide * 4 + pixel % 4, place / wide * 4 + pixel / 4);
                    let color = ends.ramp[(selectors >> (pixel * 2)) as usize & 3];
                    let at = (y * width + x) * 4;
                    if x < width
                        && y < height
                        && let Some(target) = rgba8.get_mut(at..at + 4)
                    {
                        if is_alpha {
                            target[3] = color[1];
                        } else {
                            target[..3].copy_from_slice(&color);
                        }
                    }
                }
            },
        )?;
        Ok(rgba8)
    }
}

fn word(bytes: &[u8], at: usize) -> Result<usize, Wrong> {
    let raw = bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .ok_or(TOO_SHORT)?;
    usize::try_from(u32::from_le_bytes(*raw)).map_err(|_| TOO_SHORT)
}

impl Books {
    fn read(
        (ends, end_bytes): (usize, &[u8]),
        (selectors, selector_bytes): (usize, &[u8]),
        codes: &[u8],
    ) -> Result<Self, Wrong> {
        let mut bits = Bits::new(codes);
        Ok(Self {
            ends: read_ends(ends, end_bytes)?,
            selectors: read_selectors(selectors, selector_bytes)?,
            predictors: Huffman::read(&mut bits)?,
            deltas: Huffman::read(&mut bits)?,
            choices: Huffman::read(&mut bits)?,
            runs: Huffman::read(&mut bits)?,
            history: bits.take(13)? as usize,
        })
    }
}

fn read_ends(count: usize, bytes: &[u8]) -> Result<Vec<Ends>, Wrong> {
    let mut bits = Bits::new(bytes);
    let models = [
        Huffman::read(&mut bits)?,
        Huffman::read(&mut bits)?,
        Huffman::read(&mut bits)?,
    ];
    let intensity_model = Huffman::read(&mut bits)?;
    let gray = bits.take(1)? == 1;
    let mut color = [16_u32; 3];
    let mut intensity = 0_u32;
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        intensity = (intensity + bits.symbol(&intensity_model)?) & 7;
        for channel in color.iter_mut().take(if gray { 1 } else { 3 }) {
            let model = match *channel {
                0..=9 => &models[0],
                10..=21 => &models[1],
                _ => &models[2],
            };
            *channel = (*channel + bits.symbol(model)?) & 31;
        }
        if gray {
            color = [color[0]; 3];
        }
        all.push(Ends::new(color.map(|c| c as u8), intensity as u8));
    }
    Ok(all)
}

fn read_selectors(count: usize, bytes: &[u8]) -> Result<Vec<u32>, Wrong> {
    let mut bits = Bits::new(bytes);
    if bits.take(1)? == 1 || bits.take(1)? == 1 {
        return Err("its ETC1S selectors are in a codebook elsewhere");
    }
    let raw = bits.take(1)? == 1;
    let model = if raw {
        Huffman::default()
    } else {
        Huffman::read(&mut bits)?
    };
    let mut last = [0_u8; 4];
    let mut selectors = Vec::with_capacity(count);
    for index in 0..count {
        for row in &mut last {
            *row = if raw || index == 0 {
                bits.take(8)? as u8
            } else {
                *row ^ bits.symbol(&model)? as u8
            };
        }
        selectors.push(u32::from_le_bytes(last));
    }
    Ok(selectors)
}
