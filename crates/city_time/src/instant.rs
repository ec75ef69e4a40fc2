//! An instant, and its text form of RFC 3339.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Nanoseconds in a millisecond.
pub const NS_PER_MS: i64 = 1_000_000;
/// Nanoseconds in a second.
pub const NS_PER_S: i64 = 1_000_000_000;
/// Nanoseconds in a minute.
pub const NS_PER_MINUTE: i64 = 60 * NS_PER_S;
/// Nanoseconds in an hour.
pub const NS_PER_HOUR: i64 = 60 * NS_PER_MINUTE;
/// Nanoseconds in a day of 24 hours.
pub const NS_PER_DAY: i64 = 24 * NS_PER_HOUR;

/// The longest text that is read as a time, bytes.
const MAX_TEXT_BYTES: usize = 64;

/// An instant: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds. Covers 1677-09-21 to 2262-04-11;
/// arithmetic saturates at these ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimInstant(pub i64);

/// Why a text is no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeParseError {
    /// Not RFC 3339.
    #[error("\"{text}\" is not a time: {cause}; write it as 2026-11-23T18:30:00+08:00 (RFC 3339)")]
    Syntax {
        /// What was there, shortened.
        text: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Before 1677 or after 2262.
    #[error("the time {text} is out of range: years 1678 to 2261 can be used")]
    OutOfRange {
        /// What was there.
        text: String,
    },
}

impl SimInstant {
    /// The earliest instant.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest instant.
    pub const MAX: Self = Self(i64::MAX);

    /// From nanoseconds since the Unix epoch.
    pub const fn from_unix_ns(ns: i64) -> Self {
        Self(ns)
    }

    /// From milliseconds since the Unix epoch (JavaScript's `Date.now()`).
    pub const fn from_unix_ms(ms: i64) -> Self {
        Self(ms.saturating_mul(NS_PER_MS))
    }

    /// From seconds since the Unix epoch.
    pub const fn from_unix_s(s: i64) -> Self {
        Self(s.saturating_mul(NS_PER_S))
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn unix_ns(self) -> i64 {
        self.0
    }

    /// Milliseconds since the Unix epoch, rounded down.
    pub const fn unix_ms(self) -> i64 {
        self.0.div_euclid(NS_PER_MS)
    }

    /// Seconds since the Unix epoch; a quarter of a microsecond exact in this century.
    pub fn unix_s(self) -> f64 {
        self.0 as f64 / NS_PER_S as f64
    }

    /// Nanoseconds since `earlier` (negative when `earlier` is later), saturating.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This instant, moved; saturating.
    pub const fn plus_ns(self, ns: i64) -> Self {
        Self(self.0.saturating_add(ns))
    }

    /// This instant, moved; saturating. Not-finite moves do nothing.
    pub fn plus_s(self, seconds: f64) -> Self {
        let ns = seconds * NS_PER_S as f64;
        // `as` saturates and takes NaN to 0.
        self.plus_ns(ns as i64)
    }

    /// The last multiple of `step_ns` (counted from the epoch) at or before this instant.
    pub const fn floor_to(self, step_ns: i64) -> Self {
        if step_ns <= 0 {
            return self;
        }
        Self(self.0.saturating_sub(self.0.rem_euclid(step_ns)))
    }

    /// Reads RFC 3339, with any offset: `2026-11-23T18:30:00+08:00`, `2026-11-23T10:30:00.25Z`. An offset is
    /// required: a local time alone does not name an instant. A leap second (`:60`) is read as the second before.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimeParseError> {
        let shown = || text.chars().take(MAX_TEXT_BYTES).collect::<String>();
        let syntax = |cause: &str| TimeParseError::Syntax {
            text: shown(),
            cause: cause.to_owned(),
        };
        if text.len() > MAX_TEXT_BYTES {
            return Err(syntax("it is too long"));
        }
        // jiff reads more than RFC 3339 (signed years, missing seconds, bracketed zones); hold it to the standard.
        let bytes = text.as_bytes();
        let digits_at = |range: std::ops::Range<usize>| {
            bytes
                .get(range)
                .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
        };
        let byte_at = |i: usize| bytes.get(i).copied().unwrap_or(0);
        if !(digits_at(0..4)
            && byte_at(4) == b'-'
            && digits_at(5..7)
            && byte_at(7) == b'-'
            && digits_at(8..10))
        {
            return Err(syntax("it does not start with a date like 2026-11-23"));
        }
        if !matches!(byte_at(10), b'T' | b't' | b' ') {
            return Err(syntax("date and time are separated by T"));
        }
        if !(digits_at(11..13)
            && byte_at(13) == b':'
            && digits_at(14..16)
            && byte_at(16) == b':'
            && digits_at(17..19))
        {
            return Err(syntax(
                "the time of day is hours:minutes:seconds, like 18:30:00",
            ));
        }
        let utc = matches!(bytes.last(), Some(b'Z' | b'z'));
        let tail = bytes.len().saturating_sub(6);
        let offset = tail >= 19
            && matches!(byte_at(tail), b'+' | b'-')
            && digits_at(tail + 1..tail + 3)
            && byte_at(tail + 3) == b':'
            && digits_at(tail + 4..tail + 6);
        if !utc && !offset {
            return Err(syntax(
                "the offset from UTC is missing: end it with Z or with one like +08:00",
            ));
        }
        let fraction = &bytes[19..if utc { bytes.len() - 1 } else { tail }];
        let fraction_ok = fraction.is_empty()
            || (fraction.len() > 1
                && fraction[0] == b'.'
                && fraction[1..].iter().all(u8::is_ascii_digit));
        if !fraction_ok {
            return Err(syntax("parts of a second are written as .25"));
        }
        // jiff takes nine digits of a fraction; more are legal, and below what is counted here.
        let mut shortened = text.to_owned();
        if fraction.len() > 10 {
            shortened.replace_range(19 + 10..19 + fraction.len(), "");
        }
        let stamp: Timestamp = shortened
            .parse()
            .map_err(|e: jiff::Error| syntax(&e.to_string()))?;
        i64::try_from(stamp.as_nanosecond())
            .map(Self)
            .map_err(|_| TimeParseError::OutOfRange { text: shown() })
    }

    /// Writes RFC 3339 in UTC with as many digits of a second as it takes: `2026-11-23T10:30:00Z`.
    pub fn to_rfc3339(self) -> String {
        self.timestamp().to_string()
    }

    /// jiff's form. Every `i64` of nanoseconds is within jiff's range, so the fallback is never taken.
    pub(crate) fn timestamp(self) -> Timestamp {
        Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for SimInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

impl FromStr for SimInstant {
    type Err = TimeParseError;
    fn from_str(text: &str) -> Result<Self, TimeParseError> {
        Self::parse_rfc3339(text)
    }
}

impl Serialize for SimInstant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for SimInstant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_rfc3339(&text).map_err(de::Error::custom)
    }
}

/// A span of time in the two largest units that it has, in symbols that need no translation: `2 d 3 h`, `3 min`,
/// `12 s`, `0.4 s`. The sign is kept.
pub fn format_span(ns: i64) -> String {
    let sign = if ns < 0 { "−" } else { "" };
    let total = ns.unsigned_abs();
    let (second, minute, hour, day) = (
        NS_PER_S as u64,
        NS_PER_MINUTE as u64,
        NS_PER_HOUR as u64,
        NS_PER_DAY as u64,
    );
    let pair = |big: u64, big_name: &str, small: u64, small_name: &str| {
        let rest = total % big / small;
        if rest == 0 {
            format!("{sign}{} {big_name}", total / big)
        } else {
            format!("{sign}{} {big_name} {rest} {small_name}", total / big)
        }
    };
    if total >= day {
        pair(day, "d", hour, "h")
    } else if total >= hour {
        pair(hour, "h", minute, "min")
    } else if total >= minute {
        pair(minute, "min", second, "s")
    } else if total >= second || total == 0 {
        format!("{sign}{} s", total / second)
    } else {
        format!("{sign}{:.1} s", total as f64 / second as f64)
    }
}
