//! The blocks of a slice, one after another, each told by those before it.

use super::super::Wrong;
use super::super::bits::Bits;
use super::{BAD_BLOCK, Books, Ends};

/// The state between the blocks of a slice.
pub(super) struct Blocks<'a> {
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
    ends: usize,
    history: History,
    history_repeats: usize,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(books: &'a Books, bytes: &'a [u8], wide: usize, high: usize) -> Self {
        Self {
            books,
            bits: Bits::new(bytes),
            total: wide * high,
            above: vec![0; wide],
            row: vec![0; wide],
            groups: vec![0; wide.div_ceil(2)],
            group: 0,
            group_repeats: 0,
            ends: 0,
            history: History::new(books.history),
            history_repeats: 0,
        }
    }

    /// End points and selectors of the block at x, y; asked for row by row.
    pub(super) fn next(&mut self, x: usize, y: usize) -> Result<(&'a Ends, u32), Wrong> {
        if x == 0 {
            std::mem::swap(&mut self.above, &mut self.row);
        }
        let ends = self.ends_index(x, y)?;
        let selector = self.selector_index()?;
        let ends = self.books.ends.get(ends).ok_or(BAD_BLOCK)?;
        let selector = self.books.selectors.get(selector).ok_or(BAD_BLOCK)?;
        Ok((ends, *selector))
    }

    /// The end points: those of the block to the left, above, above left, or a step from the last.
    fn ends_index(&mut self, x: usize, y: usize) -> Result<usize, Wrong> {
        if x.is_multiple_of(2) && y.is_multiple_of(2) {
            self.groups[x / 2] = self.next_group()?;
        }
        let predictor = self.groups[x / 2] >> (y % 2 * 4 + x % 2 * 2) & 3;
        let known = match predictor {
            0 => x.checked_sub(1).map(|_| self.ends),
            1 => (y > 0).then(|| self.above[x]),
            2 => x
                .checked_sub(1)
                .filter(|_| y > 0)
                .map(|left| self.above[left]),
            _ => {
                let step = self.bits.symbol(&self.books.deltas)? as usize;
                let count = self.books.ends.len();
                let index = self.ends + step;
                Some(if index >= count { index - count } else { index })
            }
        };
        self.ends = known.ok_or(BAD_BLOCK)?;
        self.row[x] = self.ends;
        Ok(self.ends)
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
