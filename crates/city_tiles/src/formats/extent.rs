//! How far content reaches, and where its origin goes.

use super::error::Fault;
use glam::DVec3;

/// Content larger than this, metres, has lost its units: f32 keeps no shape at such sizes.
const LARGEST_M: f64 = 1.0e10;

/// The box around positions, in f64.
pub(super) struct Extent {
    low: DVec3,
    high: DVec3,
    finite: bool,
}

impl Extent {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            low: DVec3::INFINITY,
            high: DVec3::NEG_INFINITY,
            finite: true,
        }
    }

    /// Takes a position in.
    pub(super) fn add(&mut self, position: DVec3) {
        // Comparisons lose NaN, so it is remembered.
        self.finite &= position.is_finite();
        self.low = self.low.min(position);
        self.high = self.high.max(position);
    }

    /// Faults where the content so far is larger than any that can be drawn.
    pub(super) fn check(&self, place: &str) -> Result<(), Fault> {
        let size = (self.high - self.low).max_element();
        if self.finite && (size.is_finite() && size <= LARGEST_M || self.is_empty()) {
            return Ok(());
        }
        Err(Fault::invalid(
            place,
            format!("the content is {size:e} m large; are its units metres?"),
        ))
    }

    /// The middle: the best origin for positions in f32. Zero where there is nothing.
    pub(super) fn middle(&self) -> DVec3 {
        if self.is_empty() {
            DVec3::ZERO
        } else {
            (self.low + self.high) / 2.0
        }
    }

    fn is_empty(&self) -> bool {
        self.low.x > self.high.x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_none_are_not_lost() {
        let mut extent = Extent::new();
        assert!(extent.check("here").is_ok());
        assert_eq!(extent.middle(), DVec3::ZERO);
        extent.add(DVec3::new(1.0, 2.0, 3.0));
        extent.add(DVec3::new(3.0, 2.0, 3.0));
        assert_eq!(extent.middle(), DVec3::new(2.0, 2.0, 3.0));
        extent.add(DVec3::new(f64::NAN, 0.0, 0.0));
        extent.add(DVec3::ZERO);
        assert!(extent.check("here").is_err());
    }
}
