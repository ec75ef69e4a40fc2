//! Intervals of time.

use serde::{Deserialize, Serialize};

use crate::instant::SimInstant;

/// From `start` (included) to `end` (excluded). `start ≤ end` holds for intervals made by [`Interval::new`];
/// others count as empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// First instant in it.
    pub start: SimInstant,
    /// First instant after it.
    pub end: SimInstant,
}

impl Interval {
    /// The interval between two instants, in either order.
    pub fn new(a: SimInstant, b: SimInstant) -> Self {
        Self {
            start: a.min(b),
            end: a.max(b),
        }
    }

    /// The `duration_ns` before `end`.
    pub fn before(end: SimInstant, duration_ns: i64) -> Self {
        Self::new(end.plus_ns(-duration_ns.max(0)), end)
    }

    /// Length, nanoseconds; never negative, saturating.
    pub fn duration_ns(&self) -> i64 {
        self.end.since(self.start).max(0)
    }

    /// Whether no instant is in it.
    pub fn is_empty(&self) -> bool {
        self.end <= self.start
    }

    /// Whether an instant is in it.
    pub fn contains(&self, t: SimInstant) -> bool {
        self.start <= t && t < self.end
    }

    /// Whether all of `other` is in it. An empty interval is in every other.
    pub fn covers(&self, other: &Self) -> bool {
        other.is_empty() || (self.start <= other.start && other.end <= self.end)
    }

    /// What is in both, if anything.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let both = Self {
            start: self.start.max(other.start),
            end: self.end.min(other.end),
        };
        (!both.is_empty()).then_some(both)
    }

    /// The smallest interval that covers both.
    pub fn hull(&self, other: &Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The instant of the interval (ends included) that is nearest to `t`.
    pub fn clamp(&self, t: SimInstant) -> SimInstant {
        t.max(self.start).min(self.end.max(self.start))
    }

    /// Where `t` is: 0 at the start, 1 at the end; 0 in an empty interval.
    pub fn fraction_of(&self, t: SimInstant) -> f64 {
        let length = self.end.0 as i128 - self.start.0 as i128;
        if length <= 0 {
            return 0.0;
        }
        (t.0 as i128 - self.start.0 as i128) as f64 / length as f64
    }

    /// The instant at a fraction, the inverse of [`Interval::fraction_of`].
    pub fn at_fraction(&self, fraction: f64) -> SimInstant {
        let length = self.end.0 as i128 - self.start.0 as i128;
        let offset = (length as f64 * fraction) as i128;
        let ns = self.start.0 as i128 + offset;
        SimInstant(ns.clamp(i64::MIN as i128, i64::MAX as i128) as i64)
    }

    /// The parts of `self` that are not covered by `covered` (any order, may overlap), in order of time.
    pub fn gaps(&self, covered: &[Self]) -> Vec<Self> {
        let mut sorted: Vec<Self> = covered
            .iter()
            .filter_map(|c| self.intersection(c))
            .collect();
        sorted.sort_by_key(|i| i.start);
        let mut gaps = Vec::new();
        let mut from = self.start;
        for part in sorted {
            if part.start > from {
                gaps.push(Self {
                    start: from,
                    end: part.start,
                });
            }
            from = from.max(part.end);
        }
        if from < self.end {
            gaps.push(Self {
                start: from,
                end: self.end,
            });
        }
        gaps
    }
}
