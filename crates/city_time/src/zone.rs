//! Time zones, by the IANA database bundled with the crate.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use crate::instant::SimInstant;

/// A time zone by its IANA name ("Asia/Hong_Kong"), or a fixed offset ("+08:00").
#[derive(Clone)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A zone that is not known, or a local time that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// No such zone.
    #[error(
        "there is no time zone \"{name}\": use a name of the IANA database such as \"Asia/Hong_Kong\", \"UTC\", \
         or an offset such as \"+08:00\""
    )]
    Unknown {
        /// What was asked for, shortened.
        name: String,
    },
    /// No such date or time of day.
    #[error(
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} is not a date and time that can be used"
    )]
    NoSuchTime {
        /// Year.
        year: i16,
        /// Month.
        month: i8,
        /// Day.
        day: i8,
        /// Hour.
        hour: i8,
        /// Minute.
        minute: i8,
        /// Second.
        second: i8,
    },
}

/// What a clock on the wall in a zone shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Civil {
    /// Year.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: i8,
    /// Day of the month, 1 to 31.
    pub day: i8,
    /// Hour, 0 to 23.
    pub hour: i8,
    /// Minute, 0 to 59.
    pub minute: i8,
    /// Second, 0 to 59.
    pub second: i8,
    /// Nanosecond of the second.
    pub subsecond_ns: i32,
    /// Day of the week, 1 (Monday) to 7 (Sunday).
    pub weekday: i8,
    /// Offset from UTC, seconds, east positive.
    pub offset_s: i32,
    /// The zone's abbreviation then, such as "HKT" or "CEST".
    pub abbreviation: String,
}

impl Civil {
    /// Time of day as `09:41`.
    pub fn hh_mm(&self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }

    /// Time of day as `09:41:07`.
    pub fn hh_mm_ss(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }

    /// Date as `2026-11-23` (ISO 8601).
    pub fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// Hours since midnight on the clock, with their fraction: what a daily rhythm needs.
    pub fn hour_of_day(&self) -> f64 {
        f64::from(self.hour)
            + f64::from(self.minute) / 60.0
            + (f64::from(self.second) + f64::from(self.subsecond_ns) * 1e-9) / 3600.0
    }
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            zone: TimeZone::UTC,
        }
    }

    /// A fixed offset in seconds east of UTC; clamped to what a zone can have (a day).
    pub fn fixed(offset_s: i32) -> Self {
        let offset_s = offset_s.clamp(-93_599, 93_599);
        let offset = Offset::from_seconds(offset_s).unwrap_or(Offset::UTC);
        let (sign, s) = (
            if offset_s < 0 { '-' } else { '+' },
            offset_s.unsigned_abs(),
        );
        Self {
            name: format!("{sign}{:02}:{:02}", s / 3600, s / 60 % 60),
            zone: TimeZone::fixed(offset),
        }
    }

    /// A zone by its IANA name (any case), or an offset like `+08:00`.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        let unknown = || ZoneError::Unknown {
            name: name.chars().take(64).collect(),
        };
        if name.len() > 64 {
            return Err(unknown());
        }
        if let Some(offset_s) = parse_offset(name) {
            return Ok(Self::fixed(offset_s));
        }
        let zone = TimeZoneDatabase::bundled()
            .get(name)
            .map_err(|_| unknown())?;
        Ok(Self {
            name: zone.iana_name().unwrap_or(name).to_owned(),
            zone,
        })
    }

    /// The zone's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the clocks of the zone show at an instant.
    pub fn civil(&self, t: SimInstant) -> Civil {
        let info = self.zone.to_offset_info(t.timestamp());
        let offset = info.offset();
        let local = offset.to_datetime(t.timestamp());
        Civil {
            year: local.year(),
            month: local.month(),
            day: local.day(),
            hour: local.hour(),
            minute: local.minute(),
            second: local.second(),
            subsecond_ns: local.subsec_nanosecond(),
            weekday: local.weekday().to_monday_one_offset(),
            offset_s: offset.seconds(),
            abbreviation: info.abbreviation().to_owned(),
        }
    }

    /// The instant at which the clocks show a date and time. Of a time that clocks show twice (end of summer
    /// time) the first; one that they skip is moved by the length of the gap, as RFC 5545 says.
    pub fn instant(
        &self,
        (year, month, day): (i16, i8, i8),
        (hour, minute, second): (i8, i8, i8),
    ) -> Result<SimInstant, ZoneError> {
        let refuse = || ZoneError::NoSuchTime {
            year,
            month,
            day,
            hour,
            minute,
            second,
        };
        let local =
            DateTime::new(year, month, day, hour, minute, second, 0).map_err(|_| refuse())?;
        self.instant_of(local).ok_or_else(refuse)
    }

    fn instant_of(&self, local: DateTime) -> Option<SimInstant> {
        let stamp = self.zone.to_ambiguous_timestamp(local).compatible().ok()?;
        i64::try_from(stamp.as_nanosecond()).ok().map(SimInstant)
    }

    /// The first instant of the day in which `t` lies, by the zone's clocks.
    pub fn start_of_day(&self, t: SimInstant) -> SimInstant {
        self.start_of_civil(t, |c| (c.year, c.month, c.day))
    }

    /// The first instant of the month in which `t` lies.
    pub fn start_of_month(&self, t: SimInstant) -> SimInstant {
        self.start_of_civil(t, |c| (c.year, c.month, 1))
    }

    /// The first instant of the year in which `t` lies.
    pub fn start_of_year(&self, t: SimInstant) -> SimInstant {
        self.start_of_civil(t, |c| (c.year, 1, 1))
    }

    fn start_of_civil(&self, t: SimInstant, date: impl Fn(&Civil) -> (i16, i8, i8)) -> SimInstant {
        self.instant(date(&self.civil(t)), (0, 0, 0))
            .unwrap_or(SimInstant::MIN)
    }

    /// RFC 3339 with the zone's offset: `2026-11-23T18:30:00+08:00`.
    pub fn format_rfc3339(&self, t: SimInstant) -> String {
        t.timestamp()
            .display_with_offset(self.zone.to_offset(t.timestamp()))
            .to_string()
    }
}

/// Seconds east of UTC of `+08:00`, `-03:30` or `Z`.
fn parse_offset(text: &str) -> Option<i32> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let two = |part: &str| {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<i32>().ok())?
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}
