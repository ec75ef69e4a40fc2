//! ETC1S under BasisLZ: codebooks of end points and selectors, and slices that point into them.
//!
//! Clauses: KTX File Format Specification 2.0, "BasisLZ", and the bitstream of Basis Universal.

use super::Wrong;
use super::bits::{Bits, Huffman};

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

/// The colours that a block's selectors choose from.
type Ramp = [[u8; 3]; 4];

/// Codebooks, and the codes of slices.
struct Books {
    ramps: Vec<Ramp>,
    /// Two bits for each of a block's 16 pixels, row by row.
    selectors: Vec<u32>,
    predictors: Huffman,
    deltas: Huffman,
    choices: Huffman,
    runs: Huffman,
    history: usize,
}

/// Decodes the first image of the global data.
pub(super) fn decode(
    global: &[u8],
    level: &[u8],
    levels: usize,
    size: (usize, usize),
    alpha: bool,
) -> Result<Vec<u8>, Wrong> {
    let word = |at: usize| -> Result<usize, Wrong> {
        let raw = global.get(at..at + 4).ok_or(TOO_SHORT)?;
        Ok(raw
            .iter()
            .rev()
            .fold(0, |n, byte| n << 8 | usize::from(*byte)))
    };
    let counts = word(0)?;
    let lengths = [word(4)?, word(8)?, word(12)?];
    // Image 0 is the largest level; 20 bytes for each image.
    let image = [word(20)?, word(24)?, word(28)?, word(32)?, word(36)?];
    if image[0] & 2 != 0 {
        return Err("video is not drawn");
    }
    let mut at = levels
        .checked_mul(20)
        .and_then(|length| length.checked_add(20))
        .ok_or(TOO_SHORT)?;
    let mut part = |length: usize| -> Result<&[u8], Wrong> {
        let end = at.checked_add(length).ok_or(TOO_SHORT)?;
        let part = global.get(at..end).ok_or(TOO_SHORT)?;
        at = end;
        Ok(part)
    };
    let books = Books::read(
        (counts & 0xFFFF, part(lengths[0])?),
        (counts >> 16, part(lengths[1])?),
        part(lengths[2])?,
    )?;
    let slice = |offset: usize, length: usize| {
        let end = offset.checked_add(length).ok_or(TOO_SHORT)?;
        level
            .get(offset..end)
            .ok_or("an ETC1S slice ends too early")
    };
    let mut rgba8 = vec![255; size.0 * size.1 * 4];
    let colors = slice(image[1], image[2])?;
    books.slice(colors, size, |pixel, color| {
        if let Some(target) = rgba8.get_mut(pixel * 4..pixel * 4 + 3) {
            target.copy_from_slice(&color);
        }
    })?;
    if alpha {
        let alphas = slice(image[3], image[4])?;
        books.slice(alphas, size, |pixel, color| {
            if let Some(target) = rgba8.get_mut(pixel * 4 + 3) {
                *target = color[1];
            }
        })?;
    }
    Ok(rgba8)
}

impl Books {
    fn read(
        (ramps, ramp_bytes): (usize, &[u8]),
        (selectors, selector_bytes): (usize, &[u8]),
        codes: &[u8],
    ) -> Result<Self, Wrong> {
        let mut bits = Bits::new(codes);
        Ok(Self {
            ramps: read_ramps(ramps, ramp_bytes)?,
            selectors: read_selectors(selectors, selector_bytes)?,
            predictors: Huffman::read(&mut bits)?,
            deltas: Huffman::read(&mut bits)?,
            choices: Huffman::read(&mut bits)?,
            runs: Huffman::read(&mut bits)?,
            history: bits.take(13)? as usize,
        })
    }

    /// Decodes a slice, and gives every pixel within the image to `put`.
    fn slice(
        &self,
        bytes: &[u8],
        (width, height): (usize, usize),
        mut put: impl FnMut(usize, [u8; 3]),
    ) -> Result<(), Wrong> {
        let mut blocks = Blocks::new(self, bytes, width.div_ceil(4), height.div_ceil(4));
        for block_y in 0..height.div_ceil(4) {
            for block_x in 0..width.div_ceil(4) {
                let (ramp, selectors) = blocks.next(block_x, block_y)?;
                for pixel in 0..16 {
                    let (x, y) = (block_x * 4 + pixel % 4, block_y * 4 + pixel / 4);
                    if x < width && y < height {
                        put(y * width + x, ramp[(selectors >> (pixel * 2)) as usize & 3]);
                    }
                }
            }
        }
        Ok(())
    }
}

fn read_ramps(count: usize, bytes: &[u8]) -> Result<Vec<Ramp>, Wrong> {
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
    let mut ramps = Vec::with_capacity(count);
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
        let base = color.map(|c| (c << 3 | c >> 2) as i32);
        let table = INTENSITIES[intensity as usize];
        ramps.push(table.map(|add| base.map(|c| (c + add).clamp(0, 255) as u8)));
    }
    Ok(ramps)
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

/// The state between the blocks of a slice.
struct Blocks<'a> {
    books: &'a Books,
    bits: Bits<'a>,
    total: usize,
    /// End points of the row above, and of this row so far.
    above: Vec<usize>,
    row: Vec<usize>,
    /// Predictors of two rows of blocks, four for each 2 x 2 blocks.
    groups: Vec<u32>,
    group: u32,
    group_repeats: u32,
    ramp: usize,
    history: History,
    history_repeats: usize,
}

impl<'a> Blocks<'a> {
    fn new(books: &'a Books, bytes: &'a [u8], wide: usize, high: usize) -> Self {
        Self {
            books,
            bits: Bits::new(bytes),
            total: wide * high,
            above: vec![0; wide],
            row: vec![0; wide],
            groups: vec![0; wide.div_ceil(2)],
            group: 0,
            group_repeats: 0,
            ramp: 0,
            history: History::new(books.history),
            history_repeats: 0,
        }
    }

    fn next(&mut self, x: usize, y: usize) -> Result<(&'a Ramp, u32), Wrong> {
        if x == 0 {
            std::mem::swap(&mut self.above, &mut self.row);
        }
        let ramp = self.ramp_index(x, y)?;
        let selector = self.selector_index()?;
        let ramp = self.books.ramps.get(ramp).ok_or(BAD_BLOCK)?;
        let selector = self.books.selectors.get(selector).ok_or(BAD_BLOCK)?;
        Ok((ramp, *selector))
    }

    /// The end points: those of the block to the left, above, above left, or a step from the last.
    fn ramp_index(&mut self, x: usize, y: usize) -> Result<usize, Wrong> {
        if x.is_multiple_of(2) && y.is_multiple_of(2) {
            self.groups[x / 2] = self.next_group()?;
        }
        let predictor = self.groups[x / 2] >> (y % 2 * 4 + x % 2 * 2) & 3;
        let known = match predictor {
            0 => x.checked_sub(1).map(|_| self.ramp),
            1 => (y > 0).then(|| self.above[x]),
            2 => x
                .checked_sub(1)
                .filter(|_| y > 0)
                .map(|left| self.above[left]),
            _ => {
                let step = self.bits.symbol(&self.books.deltas)? as usize;
                let count = self.books.ramps.len();
                let index = self.ramp + step;
                Some(if index >= count { index - count } else { index })
            }
        };
        self.ramp = known.ok_or(BAD_BLOCK)?;
        self.row[x] = self.ramp;
        Ok(self.ramp)
    }

    fn next_group(&mut self) -> Result<u32, Wrong> {
        const REPEAT: u32 = 256;
        if self.group_repeats > 0 {
            self.group_repeats -= 1;
            return Ok(self.group);
        }
        match self.bits.symbol(&self.books.predictors)? {
            REPEAT => self.group_repeats = self.bits.variable(4)?.saturating_add(2),
            group => self.group = group,
        }
        Ok(self.group)
    }

    fn selector_index(&mut self) -> Result<usize, Wrong> {
        let count = self.books.selectors.len();
        let mut symbol = count;
        if self.history_repeats > 0 {
            self.history_repeats -= 1;
        } else {
            symbol = self.bits.symbol(&self.books.choices)? as usize;
            if symbol == count + self.books.history {
                let run = match self.bits.symbol(&self.books.runs)? {
                    63 => self.bits.variable(7)?,
                    run => run,
                };
                // A run is three blocks and more, this one included.
                let run = (run as usize).saturating_add(3);
                if run > self.total {
                    return Err(BAD_BLOCK);
                }
                self.history_repeats = run - 1;
                symbol = count;
            }
        }
        match symbol.checked_sub(count) {
            Some(place) => self.history.again(place).ok_or(BAD_BLOCK),
            None => {
                self.history.add(symbol);
                Ok(symbol)
            }
        }
    }
}

/// Selectors used lately; what is used again moves half way to the front.
struct History {
    values: Vec<usize>,
    next: usize,
}

impl History {
    fn new(size: usize) -> Self {
        Self {
            values: vec![0; size],
            next: size / 2,
        }
    }

    fn again(&mut self, place: usize) -> Option<usize> {
        let value = *self.values.get(place)?;
        self.values.swap(place, place / 2);
        Some(value)
    }

    /// New ones only ever come into the second half.
    fn add(&mut self, value: usize) {
        if let Some(slot) = self.values.get_mut(self.next) {
            *slot = value;
            self.next += 1;
            if self.next == self.values.len() {
                self.next /= 2;
            }
        }
    }
}
