//! Bits, low first, and the canonical Huffman codes of BasisLZ.

use super::Wrong;

const TOO_SHORT: Wrong = "its BasisLZ data ends too early";
const BAD_CODE: Wrong = "its BasisLZ Huffman codes are damaged";

/// Longest code.
const LONGEST: usize = 16;

/// Reads bits from the low end of each byte.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// Next bit.
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Up to 24 bits without moving on; zeros beyond the end.
    fn peek(&self) -> u32 {
        let first = self.at / 8;
        let byte = |offset: usize| u32::from(self.bytes.get(first + offset).copied().unwrap_or(0));
        let word = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
        word >> (self.at % 8)
    }

    fn skip(&mut self, bits: usize) -> Result<(), Wrong> {
        self.at += bits;
        if self.at > self.bytes.len() * 8 {
            return Err(TOO_SHORT);
        }
        Ok(())
    }

    /// Up to 24 bits as a number.
    pub(super) fn take(&mut self, bits: u32) -> Result<u32, Wrong> {
        let value = self.peek() & ((1 << bits) - 1);
        self.skip(bits as usize)?;
        Ok(value)
    }

    /// A number in groups of `chunk` bits, each followed by a bit that says whether more come.
    pub(super) fn variable(&mut self, chunk: u32) -> Result<u32, Wrong> {
        let mut value = 0_u32;
        let mut shift = 0;
        loop {
            let group = self.take(chunk + 1)?;
            value |= (group & ((1 << chunk) - 1)) << shift;
            shift += chunk;
            if group >> chunk == 0 || shift >= 32 {
                return Ok(value);
            }
        }
    }

    pub(super) fn symbol(&mut self, code: &Huffman) -> Result<u32, Wrong> {
        let slot = self.peek() as usize & code.mask;
        let &(symbol, length) = code.slots.get(slot).ok_or(BAD_CODE)?;
        if length == 0 {
            return Err(BAD_CODE);
        }
        self.skip(usize::from(length))?;
        Ok(u32::from(symbol))
    }
}

/// A canonical Huffman code as a table over its longest code's bits.
#[derive(Default)]
pub(super) struct Huffman {
    /// Symbol and length by the next bits; length 0 where no code is.
    slots: Vec<(u16, u8)>,
    mask: usize,
}

impl Huffman {
    /// Reads a code's lengths, themselves Huffman-coded with runs (Basis Universal, "Huffman table").
    /// A code without symbols is allowed, and cannot be read with.
    pub(super) fn read(bits: &mut Bits<'_>) -> Result<Self, Wrong> {
        const ORDER: [usize; 21] = [
            17, 18, 19, 20, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15, 16,
        ];
        let symbols = bits.take(14)? as usize;
        if symbols == 0 {
            return Ok(Self::default());
        }
        let given = bits.take(5)? as usize;
        let mut lengths = [0_u8; 21];
        for symbol in ORDER.get(..given).ok_or(BAD_CODE)? {
            lengths[*symbol] = bits.take(3)? as u8;
        }
        let code = Self::from_lengths(&lengths)?;
        let mut lengths: Vec<u8> = Vec::with_capacity(symbols);
        while lengths.len() < symbols {
            let symbol = bits.symbol(&code)?;
            let last = lengths.last().copied();
            let (value, run) = match symbol {
                0..=16 => (symbol as u8, 1),
                17 => (0, bits.take(3)? + 3),
                18 => (0, bits.take(7)? + 11),
                19 => (last.filter(|n| *n > 0).ok_or(BAD_CODE)?, bits.take(2)? + 3),
                _ => (last.filter(|n| *n > 0).ok_or(BAD_CODE)?, bits.take(7)? + 7),
            };
            lengths.resize(lengths.len() + run as usize, value);
        }
        if lengths.len() != symbols {
            return Err(BAD_CODE);
        }
        Self::from_lengths(&lengths)
    }

    fn from_lengths(lengths: &[u8]) -> Result<Self, Wrong> {
        let mut counts = [0_u32; LONGEST + 1];
        for length in lengths {
            *counts.get_mut(usize::from(*length)).ok_or(BAD_CODE)? += 1;
        }
        counts[0] = 0;
        let used: u32 = counts.iter().sum();
        let longest = counts
            .iter()
            .rposition(|count| *count > 0)
            .ok_or(BAD_CODE)?;
        // The first code of each length; a code is complete but for that of a single symbol.
        let mut next = [0_u32; LONGEST + 2];
        for length in 1..=longest {
            next[length + 1] = (next[length] + counts[length]) << 1;
        }
        if next[longest + 1] != 2 << longest && used != 1 {
            return Err(BAD_CODE);
        }
        let mut slots = vec![(0, 0); 1 << longest];
        for (symbol, length) in lengths.iter().enumerate().filter(|(_, n)| **n > 0) {
            let bits = usize::from(*length);
            let code = next[bits];
            next[bits] += 1;
            let reversed = (code.reverse_bits() >> (32 - bits)) as usize;
            for slot in slots.iter_mut().skip(reversed).step_by(1 << bits) {
                *slot = (symbol as u16, *length);
            }
        }
        let mask = slots.len() - 1;
        Ok(Self { slots, mask })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_low_bit_first() {
        // Lengths 1, 2, 2: codes 0, 10, 11, sent from the first bit on.
        let code = Huffman::from_lengths(&[1, 2, 2]).unwrap();
        let bytes = [0b1110_1010];
        let mut bits = Bits::new(&bytes);
        let read: Vec<u32> = (0..4).map(|_| bits.symbol(&code).unwrap()).collect();
        assert_eq!(read, [0, 1, 1, 2]);
        assert!(bits.take(8).is_err());
        assert!(Huffman::from_lengths(&[1, 2, 3]).is_err());
        assert!(Huffman::from_lengths(&[1, 1, 1]).is_err());
        assert!(Huffman::from_lengths(&[0, 5]).is_ok());
        assert!(bits.symbol(&Huffman::default()).is_err());
    }

    #[test]
    fn numbers_in_groups() {
        // 5 (0101) and a bit that says more, then 3 (0011) and none.
        let mut bits = Bits::new(&[0b0111_0101, 0b0000_0000]);
        assert_eq!(bits.variable(4).unwrap(), 5 | 3 << 4);
    }
}
