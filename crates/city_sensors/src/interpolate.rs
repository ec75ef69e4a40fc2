//! Which value holds at an instant.
//!
//! A step layer keeps the last reading; a linear one may be drawn straight between two good readings that are at
//! most twice the cadence apart. Nothing is ever drawn past the last reading: it stays, and grows stale.

use crate::{Columns, Flags, Interpolation, NS_PER_S, Observation};

/// A linear segment may be at most this many cadences long.
pub const LINEAR_CADENCES: f64 = 2.0;
/// A reading older than this many cadences is stale.
pub const STALE_CADENCES: f64 = 3.0;

/// What a datastream shows over a stretch of time, in the form that one overlay instance carries:
/// two timed values between which the shader interpolates. For a step, both values are the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Row of the measured reading that holds.
    pub row: usize,
    /// When that reading was measured.
    pub start_ns: i64,
    /// Its value; NaN when missing.
    pub start_value: f64,
    /// Where the line ends, and where the next segment begins; `i64::MAX` after the last reading.
    pub end_ns: i64,
    /// Value at the end of the line; equals `start_value` for a step.
    pub end_value: f64,
    /// Flags of the measured reading.
    pub flags: Flags,
    /// From here on the reading is stale.
    pub stale_from_ns: i64,
    /// Is this a forecast, and no reading?
    pub forecast: bool,
}

/// What holds at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The value to draw; NaN when missing.
    pub value: f64,
    /// Was the value drawn between two readings?
    pub interpolated: bool,
    /// The measured value behind it.
    pub measured: f64,
    /// When that was measured.
    pub measured_at_ns: i64,
    /// Its flags.
    pub flags: Flags,
    /// Older than [`STALE_CADENCES`] cadences?
    pub stale: bool,
    /// Is this a forecast? Then `measured` is the forecast's last point.
    pub forecast: bool,
}

/// The segment that holds at an instant; `None` before the first reading.
#[must_use]
pub fn segment_at(
    columns: &Columns,
    rule: Interpolation,
    cadence_s: f64,
    time_ns: i64,
) -> Option<Segment> {
    let row = columns.at_or_before(time_ns)?;
    let here = columns.get(0, row)?;
    let next = columns.get(0, row + 1);
    let end_value = match (rule, &next) {
        (Interpolation::Linear, Some(next)) if may_join(&here, next, cadence_s) => next.value,
        _ => here.value,
    };
    Some(Segment {
        row,
        start_ns: here.phenomenon_time_ns,
        start_value: here.value,
        end_ns: next.map_or(i64::MAX, |next| next.phenomenon_time_ns),
        end_value,
        flags: here.flags,
        stale_from_ns: here
            .phenomenon_time_ns
            .saturating_add(cadences_ns(STALE_CADENCES, cadence_s)),
        forecast: false,
    })
}

/// What holds at an instant; `None` before the first reading.
#[must_use]
pub fn sample(
    columns: &Columns,
    rule: Interpolation,
    cadence_s: f64,
    time_ns: i64,
) -> Option<Sample> {
    segment_at(columns, rule, cadence_s, time_ns).map(|segment| segment.at(time_ns))
}

impl Segment {
    /// What the segment shows at an instant within it.
    #[must_use]
    pub fn at(&self, time_ns: i64) -> Sample {
        let interpolated = self.end_value.to_bits() != self.start_value.to_bits();
        let value = if interpolated {
            let passed = time_ns.saturating_sub(self.start_ns) as f64;
            let whole = self.end_ns.saturating_sub(self.start_ns).max(1) as f64;
            let along = (passed / whole).clamp(0.0, 1.0);
            self.start_value + (self.end_value - self.start_value) * along
        } else {
            self.start_value
        };
        Sample {
            value,
            interpolated,
            measured: self.start_value,
            measured_at_ns: self.start_ns,
            flags: self.flags,
            stale: time_ns >= self.stale_from_ns,
            forecast: self.forecast,
        }
    }
}

fn may_join(here: &Observation, next: &Observation, cadence_s: f64) -> bool {
    here.quality().usable()
        && next.quality().usable()
        && next
            .phenomenon_time_ns
            .saturating_sub(here.phenomenon_time_ns)
            <= cadences_ns(LINEAR_CADENCES, cadence_s)
}

fn cadences_ns(count: f64, cadence_s: f64) -> i64 {
    (count * cadence_s * NS_PER_S as f64) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Quality;

    fn columns(readings: &[(i64, f64, Quality)]) -> Columns {
        let mut columns = Columns::default();
        for (time_s, value, quality) in readings {
            let time_ns = time_s * NS_PER_S;
            let mut reading = Observation::new(0, time_ns, time_ns, *value);
            reading.flags = Flags::new(*quality);
            columns.insert(&reading);
        }
        columns
    }

    fn value(columns: &Columns, rule: Interpolation, time_s: i64) -> Option<f64> {
        sample(columns, rule, 10.0, time_s * NS_PER_S).map(|s| s.value)
    }

    #[test]
    fn a_step_holds_until_the_next_reading() {
        let c = columns(&[(0, 1.0, Quality::Good), (10, 3.0, Quality::Good)]);
        assert_eq!(value(&c, Interpolation::Step, -1), None);
        assert_eq!(value(&c, Interpolation::Step, 9), Some(1.0));
        assert_eq!(value(&c, Interpolation::Step, 10), Some(3.0));
        assert_eq!(value(&c, Interpolation::Step, 1000), Some(3.0));
    }

    #[test]
    fn a_line_joins_two_good_readings_and_keeps_the_measured_value() {
        let c = columns(&[(0, 1.0, Quality::Good), (10, 3.0, Quality::Good)]);
        let middle = sample(&c, Interpolation::Linear, 10.0, 5 * NS_PER_S).unwrap();
        assert_eq!((middle.value, middle.measured), (2.0, 1.0));
        assert!(middle.interpolated);
        assert_eq!(middle.measured_at_ns, 0);
    }

    #[test]
    fn a_line_is_at_most_two_cadences_long() {
        let c = columns(&[
            (0, 1.0, Quality::Good),
            (20, 3.0, Quality::Good),
            (41, 9.0, Quality::Good),
        ]);
        assert_eq!(value(&c, Interpolation::Linear, 10), Some(2.0));
        assert_eq!(
            value(&c, Interpolation::Linear, 40),
            Some(3.0),
            "21 s apart: a step"
        );
    }

    #[test]
    fn a_line_never_touches_a_reading_that_is_not_good() {
        for bad in [Quality::Suspect, Quality::Fail, Quality::Missing] {
            let c = columns(&[
                (0, 1.0, Quality::Good),
                (10, 3.0, bad),
                (20, 5.0, Quality::Good),
            ]);
            assert_eq!(value(&c, Interpolation::Linear, 5), Some(1.0), "{bad:?}");
            let after = value(&c, Interpolation::Linear, 15).unwrap();
            assert!(
                after.is_nan() == (bad == Quality::Missing) && (after.is_nan() || after == 3.0)
            );
        }
    }

    #[test]
    fn the_last_reading_stays_and_grows_stale() {
        let c = columns(&[(0, 1.0, Quality::Good), (10, 3.0, Quality::Good)]);
        let at = |s: i64| sample(&c, Interpolation::Linear, 10.0, s * NS_PER_S).unwrap();
        assert_eq!((at(39).value, at(39).stale), (3.0, false));
        assert_eq!((at(40).value, at(40).stale), (3.0, true));
    }
}
