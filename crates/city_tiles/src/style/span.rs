//! Where in an expression's text something stands.

use std::ops::Range;

/// Bytes of an expression's text. Equal to every other span, so that expressions compare by what they say and not by
/// how they are spaced; compare [`Span::range`] for the place.
#[derive(Debug, Clone, Copy, Default, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Span {
    /// From the first byte to the one after the last.
    pub(super) fn new(start: usize, end: usize) -> Self {
        // Texts are shorter than 4 GiB: MAX_EXPRESSION_BYTES.
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            start: number(start),
            end: number(end),
        }
    }

    /// From the start of this to the end of another.
    pub(super) fn to(self, end: Self) -> Self {
        Self {
            start: self.start,
            end: end.end,
        }
    }

    /// As a range of bytes.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}
