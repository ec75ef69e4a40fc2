//! How good a reading is: QARTOD's flags, and which tests a reading failed.

use serde::{Deserialize, Serialize};

/// The primary flag of a reading, with QARTOD's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// 1: passed every test that applies.
    Good = 1,
    /// 2: no test could be run.
    NotEvaluated = 2,
    /// 3: failed a test that asks for a look.
    Suspect = 3,
    /// 4: failed a test that condemns the value.
    Fail = 4,
    /// 9: the sensor reported, but without a value.
    Missing = 9,
}

impl Quality {
    /// QARTOD's number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The flag with QARTOD's number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Good),
            2 => Some(Self::NotEvaluated),
            3 => Some(Self::Suspect),
            4 => Some(Self::Fail),
            9 => Some(Self::Missing),
            _ => None,
        }
    }

    /// The word used in JSON and as a message key.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::NotEvaluated => "not_evaluated",
            Self::Suspect => "suspect",
            Self::Fail => "fail",
            Self::Missing => "missing",
        }
    }

    /// Roll-up order FAIL > SUSPECT > GOOD > UNKNOWN > MISSING, larger is stronger.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Fail => 4,
            Self::Suspect => 3,
            Self::Good => 2,
            Self::NotEvaluated => 1,
            Self::Missing => 0,
        }
    }

    /// The stronger of two flags in roll-up order.
    #[must_use]
    pub const fn rolled_up(self, other: Self) -> Self {
        if other.rank() > self.rank() {
            other
        } else {
            self
        }
    }

    /// May the value enter a calculation or be interpolated? (Flags 1 and 2.)
    #[must_use]
    pub const fn usable(self) -> bool {
        matches!(self, Self::Good | Self::NotEvaluated)
    }
}

/// A test or a remark that a reading carries beside its primary flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Mark {
    /// Outside the gross range.
    Range = 1 << 4,
    /// Stands out from the readings before and after it.
    Spike = 1 << 5,
    /// Changed faster than the layer allows.
    Rate = 1 << 6,
    /// Has not moved for too long.
    FlatLine = 1 << 7,
    /// Follows a gap longer than the layer allows.
    Gap = 1 << 8,
    /// Arrived long after it was measured.
    Late = 1 << 9,
    /// The sensor itself reported a fault or no value.
    Sensor = 1 << 10,
}

impl Mark {
    /// All marks, in bit order.
    pub const ALL: [Self; 7] = [
        Self::Range,
        Self::Spike,
        Self::Rate,
        Self::FlatLine,
        Self::Gap,
        Self::Late,
        Self::Sensor,
    ];

    /// The word used in JSON and as a message key.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::Spike => "spike",
            Self::Rate => "rate",
            Self::FlatLine => "flat_line",
            Self::Gap => "gap",
            Self::Late => "late",
            Self::Sensor => "sensor",
        }
    }
}

/// Primary flag and marks of one reading, in 16 bits: the flag's number below, marks above.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flags(u16);

impl Flags {
    const MARKS: u16 = 0x07f0;

    /// A flag without marks.
    #[must_use]
    pub const fn new(quality: Quality) -> Self {
        Self(quality.code() as u16)
    }

    /// From its bits; `None` where the number is no flag or a bit has no meaning.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Option<Self> {
        if bits & !(Self::MARKS | 0xf) != 0 || Quality::from_code((bits & 0xf) as u8).is_none() {
            return None;
        }
        Some(Self(bits))
    }

    /// The 16 bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The primary flag.
    #[must_use]
    pub const fn quality(self) -> Quality {
        match Quality::from_code((self.0 & 0xf) as u8) {
            Some(quality) => quality,
            None => Quality::NotEvaluated, // not constructible
        }
    }

    /// Does it carry this mark?
    #[must_use]
    pub const fn has(self, mark: Mark) -> bool {
        self.0 & mark as u16 != 0
    }

    /// With a mark added; the primary flag stays.
    #[must_use]
    pub const fn with(self, mark: Mark) -> Self {
        Self(self.0 | mark as u16)
    }

    /// With the primary flag rolled up with another.
    #[must_use]
    pub const fn worsened(self, quality: Quality) -> Self {
        Self((self.0 & !0xf) | self.quality().rolled_up(quality).code() as u16)
    }

    /// The marks it carries.
    pub fn marks(self) -> impl Iterator<Item = Mark> {
        Mark::ALL.into_iter().filter(move |mark| self.has(*mark))
    }
}

impl std::fmt::Debug for Flags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.quality().id())?;
        for mark in self.marks() {
            write!(f, "+{}", mark.id())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_keep_qartods_numbers() {
        for (quality, code) in [
            (Quality::Good, 1),
            (Quality::NotEvaluated, 2),
            (Quality::Suspect, 3),
            (Quality::Fail, 4),
            (Quality::Missing, 9),
        ] {
            assert_eq!(quality.code(), code);
            assert_eq!(Quality::from_code(code), Some(quality));
            assert_eq!(Flags::new(quality).quality(), quality);
        }
        assert_eq!(Quality::from_code(5), None);
    }

    #[test]
    fn roll_up_order_is_fail_suspect_good_unknown_missing() {
        use Quality::{Fail, Good, Missing, NotEvaluated, Suspect};
        let order = [Missing, NotEvaluated, Good, Suspect, Fail];
        for (i, a) in order.into_iter().enumerate() {
            for (j, b) in order.into_iter().enumerate() {
                assert_eq!(a.rolled_up(b), order[i.max(j)]);
            }
        }
    }

    #[test]
    fn bits_without_meaning_are_refused() {
        assert!(Flags::from_bits(1).is_some());
        assert!(Flags::from_bits(1 | Mark::Late as u16).is_some());
        assert!(Flags::from_bits(5).is_none());
        assert!(Flags::from_bits(1 | 1 << 15).is_none());
    }
}
