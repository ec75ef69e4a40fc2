//! Quality control, one reading at a time: QARTOD's tests, made aware of time.
//!
//! QARTOD's text and common implementations assume even spacing; a city's sensors are not even, so every test
//! here uses the readings' own times. Flags are raised, values never changed or dropped.

use crate::{Flags, NS_PER_S, Observation, Quality, quality::Mark};
use serde::{Deserialize, Serialize};

/// Limits of the tests of one layer; a test without limits is not run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QcLimits {
    /// Gross range that the sensor can measure at all, in the layer's unit: outside it, FAIL.
    pub fail_range: Option<[f64; 2]>,
    /// Range that is plausible for the place: outside it, SUSPECT.
    pub suspect_range: Option<[f64; 2]>,
    /// How far a reading may stand out from the straight line between its neighbours.
    pub spike: Option<Spike>,
    /// Largest change per second, in the layer's unit: above it, SUSPECT.
    pub rate_per_s: Option<f64>,
    /// How long a value may stand still.
    pub flat_line: Option<FlatLine>,
    /// A pause longer than this many cadences is a gap; 5 where not given.
    pub gap_cadences: Option<f64>,
}

/// Thresholds of the spike test, in the layer's unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spike {
    /// Above it, SUSPECT.
    pub suspect: f64,
    /// Above it, FAIL.
    pub fail: f64,
}

/// Limits of the flat-line test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlatLine {
    /// Movements up to this size count as none, in the layer's unit.
    pub tolerance: f64,
    /// From this many seconds on, SUSPECT.
    pub suspect_s: f64,
    /// From this many seconds on, FAIL.
    pub fail_s: f64,
}

/// A reading that took longer than this many cadences to arrive is late (and never less than a minute).
const LATE_CADENCES: f64 = 3.0;
const LATE_AT_LEAST_S: f64 = 60.0;
/// After this many readings beyond the rate limit that agree with each other, the new level is believed.
const NEW_LEVEL_AFTER: u8 = 3;
const GAP_CADENCES: f64 = 5.0;

/// What the tests remember of one datastream.
#[derive(Clone, Debug, Default)]
pub struct QcState {
    last: Option<Point>,
    before: Option<Point>,
    /// Last reading that passed the range and rate tests.
    reference: Option<Point>,
    rate_failures: u8,
    flat: Option<Run>,
}

#[derive(Clone, Copy, Debug)]
struct Point {
    time_ns: i64,
    seq: u32,
    value: f64,
    flags: Flags,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    since_ns: i64,
    value: f64,
    readings: u32,
}

/// What the tests say about a new reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Flags of the new reading.
    pub flags: Flags,
    /// New flags of the reading before it, (phenomenon time, seq, flags): a spike shows only afterwards.
    pub revised: Option<(i64, u32, Flags)>,
}

impl QcState {
    /// Tests one reading of a layer with this cadence, in the order of arrival.
    ///
    /// A reading older than one already seen is tested against the ranges only.
    pub fn accept(&mut self, limits: &QcLimits, cadence_s: f64, reading: &Observation) -> Verdict {
        let mut flags = self.first_flags(cadence_s, reading);
        if flags.quality() == Quality::Missing {
            return Verdict {
                flags,
                revised: None,
            };
        }
        flags = range_test(limits, reading.value, flags);
        let time_ns = reading.phenomenon_time_ns;
        if self.last.is_some_and(|last| last.time_ns >= time_ns) {
            return Verdict {
                flags,
                revised: None,
            };
        }
        let gap_s = limits.gap_cadences.unwrap_or(GAP_CADENCES) * cadence_s;
        if self
            .last
            .is_some_and(|last| seconds(last.time_ns, time_ns) > gap_s)
        {
            flags = flags.with(Mark::Gap);
            *self = Self::default();
        }
        let point = |flags| Point {
            time_ns,
            seq: reading.seq,
            value: reading.value,
            flags,
        };
        flags = self.rate_test(limits, &point(flags), flags);
        flags = self.flat_line_test(limits, &point(flags), flags);
        let revised = self.spike_test(limits, &point(flags));
        self.before = self.last;
        self.last = Some(point(flags));
        Verdict { flags, revised }
    }

    fn first_flags(&self, cadence_s: f64, reading: &Observation) -> Flags {
        let base = match reading.quality() {
            Quality::NotEvaluated if reading.value.is_finite() => {
                Flags::from_bits(reading.flags.bits() & !0xf | u16::from(Quality::Good.code()))
                    .unwrap_or(Flags::new(Quality::Good))
            }
            _ if !reading.value.is_finite() => Flags::new(Quality::Missing).with(Mark::Sensor),
            _ => reading.flags,
        };
        let late_s = seconds(reading.phenomenon_time_ns, reading.result_time_ns);
        if late_s > (LATE_CADENCES * cadence_s).max(LATE_AT_LEAST_S) {
            base.with(Mark::Late)
        } else {
            base
        }
    }

    fn rate_test(&mut self, limits: &QcLimits, new: &Point, flags: Flags) -> Flags {
        let Some(limit_per_s) = limits.rate_per_s else {
            return flags;
        };
        if flags.has(Mark::Range) {
            return flags;
        }
        let too_fast = |from: &Point| {
            let elapsed_s = seconds(from.time_ns, new.time_ns);
            (new.value - from.value).abs() > limit_per_s * elapsed_s
        };
        let Some(reference) = self.reference else {
            self.reference = Some(*new);
            return flags;
        };
        if !too_fast(&reference) {
            self.reference = Some(*new);
            self.rate_failures = 0;
            return flags;
        }
        let agrees = self.last.is_some_and(|last| !too_fast(&last));
        self.rate_failures = if agrees { self.rate_failures + 1 } else { 1 };
        if self.rate_failures >= NEW_LEVEL_AFTER {
            self.reference = Some(*new);
            self.rate_failures = 0;
            return flags;
        }
        flags.with(Mark::Rate).worsened(Quality::Suspect)
    }

    fn flat_line_test(&mut self, limits: &QcLimits, new: &Point, flags: Flags) -> Flags {
        let Some(limit) = limits.flat_line else {
            return flags;
        };
        let run = match self.flat {
            Some(run) if (new.value - run.value).abs() <= limit.tolerance => Run {
                readings: run.readings.saturating_add(1),
                ..run
            },
            _ => Run {
                since_ns: new.time_ns,
                value: new.value,
                readings: 1,
            },
        };
        self.flat = Some(run);
        let still_s = seconds(run.since_ns, new.time_ns);
        if run.readings < 3 || still_s < limit.suspect_s {
            flags
        } else if still_s < limit.fail_s {
            flags.with(Mark::FlatLine).worsened(Quality::Suspect)
        } else {
            flags.with(Mark::FlatLine).worsened(Quality::Fail)
        }
    }

    /// Judges the reading before `new`: |x(n-1) - line from x(n-2) to x(n) at t(n-1)|, and only where it also
    /// stands out beyond both neighbours, so that the foot of a real step is not called a spike.
    fn spike_test(&self, limits: &QcLimits, new: &Point) -> Option<(i64, u32, Flags)> {
        let limit = limits.spike?;
        let (middle, first) = (self.last?, self.before?);
        let first_is_bad = first.flags.has(Mark::Range) || first.flags.has(Mark::Spike);
        if new.flags.has(Mark::Range) || first_is_bad {
            return None;
        }
        let above = middle.value - first.value.max(new.value);
        let below = first.value.min(new.value) - middle.value;
        if above.max(below) <= limit.suspect {
            return None;
        }
        let along =
            seconds(first.time_ns, middle.time_ns) / seconds(first.time_ns, new.time_ns).max(1e-9);
        let expected = first.value + (new.value - first.value) * along;
        let quality = if (middle.value - expected).abs() > limit.fail {
            Quality::Fail
        } else {
            Quality::Suspect
        };
        let flags = middle.flags.with(Mark::Spike).worsened(quality);
        Some((middle.time_ns, middle.seq, flags))
    }
}

fn range_test(limits: &QcLimits, value: f64, flags: Flags) -> Flags {
    let outside = |range: Option<[f64; 2]>| range.is_some_and(|[lo, hi]| value < lo || value > hi);
    if outside(limits.fail_range) {
        flags.with(Mark::Range).worsened(Quality::Fail)
    } else if outside(limits.suspect_range) {
        flags.with(Mark::Range).worsened(Quality::Suspect)
    } else {
        flags
    }
}

fn seconds(from_ns: i64, to_ns: i64) -> f64 {
    to_ns.saturating_sub(from_ns) as f64 / NS_PER_S as f64
}

#[cfg(test)]
mod tests;
