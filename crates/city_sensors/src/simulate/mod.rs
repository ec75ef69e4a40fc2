//! The demo city's feed: readings, their faults and a forecast, as a pure function of (seed, datastream, time).
//!
//! Because nothing depends on what came before, a day of history is filled as fast as it can be written, and a
//! test can ask for any instant. Every value made here belongs to a datastream that says `simulated`.

mod faults;
mod hash;
pub mod kinds;
pub mod rhythm;
mod sites;

pub use faults::Fault;
pub use kinds::{KINDS, Kind, kind, kinds_at};
pub use sites::{Site, spread};

use crate::{Columns, Flags, NS_PER_S, Observation, Quality};
use faults::Faults;
use hash::{key, name_key, signed, smooth, unit};

/// How far the forecast reaches.
pub const FORECAST_S: i64 = 6 * 3600;
/// Longest time that a late reading waits before it arrives.
pub const MAX_LATE_S: i64 = faults::LONGEST_S;
/// Sensors that have never reported anything.
const SILENT_SHARE: f64 = 0.004;
/// Single readings without a value.
const DROPOUT_SHARE: f64 = 0.0006;
/// Time in which a forecast forgets the present deviation from the usual.
const FORECAST_MEMORY_S: f64 = 5400.0;

/// What all simulated datastreams share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// Everything follows from it.
    pub seed: u64,
    /// Local time less UTC, in seconds: rhythms follow the local clock.
    pub utc_offset_s: i32,
}

/// One simulated datastream.
#[derive(Clone, Copy, Debug)]
pub struct SimStream {
    /// Its number in the catalogue.
    pub datastream: u32,
    kind: &'static Kind,
    key: u64,
    layer_key: u64,
    faults: Faults,
    silent: bool,
    phase_ns: i64,
    cadence_ns: i64,
    latency_ns: i64,
}

impl Simulation {
    /// The datastream with this name, of this kind. The name decides its values, the number does not.
    #[must_use]
    pub fn stream(&self, datastream: u32, name: &str, kind: &'static Kind) -> SimStream {
        let stream_key = name_key(self.seed, name);
        let cadence_ns = i64::from(kind.cadence_s) * NS_PER_S;
        let phase_s = (unit(key(stream_key, 1)) * f64::from(kind.cadence_s)).floor();
        SimStream {
            datastream,
            kind,
            key: stream_key,
            layer_key: name_key(self.seed, kind.layer),
            faults: Faults::new(key(stream_key, 2)),
            silent: unit(key(stream_key, 3)) < SILENT_SHARE,
            phase_ns: phase_s as i64 * NS_PER_S,
            cadence_ns,
            latency_ns: (100.0 + unit(key(stream_key, 4)) * 900.0).floor() as i64 * 1_000_000,
        }
    }

    /// Adds the readings that arrive after `after_ns` and not after `until_ns`, in the order of arrival.
    /// They carry no quality flag yet: the hub's tests set it.
    pub fn arrivals(
        &self,
        stream: &SimStream,
        after_ns: i64,
        until_ns: i64,
        out: &mut Vec<Observation>,
    ) {
        if stream.silent {
            return;
        }
        let first = out.len();
        let (from_ns, to_ns) = (after_ns - stream.latency_ns, until_ns - stream.latency_ns);
        // Readings held back by an outage arrive together when it ends.
        for (start_ns, end_ns) in stream.faults.late_ending_in(from_ns, to_ns) {
            self.push_range(stream, start_ns, end_ns - 1, true, out);
        }
        self.push_range(stream, from_ns + 1, to_ns, false, out);
        let new = &mut out[first..];
        new.sort_by_key(|reading| (reading.result_time_ns, reading.phenomenon_time_ns));
    }

    /// Readings measured in `[from, to]`, either those that an outage holds back or all others.
    fn push_range(
        &self,
        stream: &SimStream,
        from_ns: i64,
        to_ns: i64,
        held_back: bool,
        out: &mut Vec<Observation>,
    ) {
        let mut time_ns = stream.first_at_or_after(from_ns);
        while time_ns <= to_ns {
            if (stream.fault_at(time_ns) == Some(Fault::Late)) == held_back
                && let Some(reading) = self.reading(stream, time_ns)
            {
                out.push(reading);
            }
            time_ns += stream.cadence_ns;
        }
    }

    /// The reading that the sensor makes at one of its times; `None` where a fault keeps it from reporting.
    #[must_use]
    pub fn reading(&self, stream: &SimStream, time_ns: i64) -> Option<Observation> {
        let fault = stream.faults.at(time_ns);
        let mut value = self.value(stream, time_ns);
        let mut arrival_ns = time_ns + stream.latency_ns;
        match fault {
            Some((Fault::Missing, _)) => return None,
            Some((Fault::Stuck, from_to)) => value = self.value(stream, from_to.0),
            Some((Fault::Spikes, _)) if unit(key(stream.key, !time_ns as u64)) < 0.12 => {
                value += stream.kind.spike;
            }
            Some((Fault::Late, from_to)) => arrival_ns = from_to.1 + stream.latency_ns,
            _ => {}
        }
        if unit(key(key(stream.key, 5), time_ns as u64)) < DROPOUT_SHARE {
            value = f64::NAN;
        }
        Some(Observation::new(
            stream.datastream,
            time_ns,
            arrival_ns,
            rounded(value, stream.kind.decimals),
        ))
    }

    /// The forecast made at `issued_ns` for a stretch of time, clipped to six hours from then.
    #[must_use]
    pub fn forecast(
        &self,
        stream: &SimStream,
        issued_ns: i64,
        from_ns: i64,
        to_ns: i64,
    ) -> Columns {
        let mut columns = Columns::default();
        if stream.silent {
            return columns;
        }
        let issued_s = issued_ns as f64 / NS_PER_S as f64;
        let deviation = self.slow_noise(stream, issued_s);
        let end_ns = to_ns.min(issued_ns.saturating_add(FORECAST_S * NS_PER_S));
        // Five minutes apart at least: a forecast knows no more.
        let step_ns = stream.cadence_ns.max(300 * NS_PER_S);
        let first = from_ns.max(issued_ns + 1);
        let mut time_ns = first.div_euclid(step_ns) * step_ns;
        while time_ns <= end_ns {
            if time_ns >= first {
                let ahead_s = (time_ns - issued_ns) as f64 / NS_PER_S as f64;
                let usual = self.usual(stream, time_ns);
                let value = usual + deviation * (-ahead_s / FORECAST_MEMORY_S).exp();
                let value = value.clamp(stream.kind.clamp[0], stream.kind.clamp[1]);
                let value = rounded(value, stream.kind.decimals);
                let mut reading = Observation::new(stream.datastream, time_ns, issued_ns, value);
                reading.flags = Flags::new(Quality::NotEvaluated);
                columns.insert(&reading);
            }
            time_ns += step_ns;
        }
        columns
    }

    /// What the sensor would measure without any fault, before rounding.
    fn value(&self, stream: &SimStream, time_ns: i64) -> f64 {
        let time_s = time_ns as f64 / NS_PER_S as f64;
        let noise = stream.kind.noise;
        let value = self.usual(stream, time_ns)
            + self.slow_noise(stream, time_s)
            + noise[1] * smooth(key(stream.key, 8), time_s, 1200.0)
            + noise[2] * signed(key(key(stream.key, 9), time_ns as u64));
        value.clamp(stream.kind.clamp[0], stream.kind.clamp[1])
    }

    fn slow_noise(&self, stream: &SimStream, time_s: f64) -> f64 {
        let shared = stream.kind.shared;
        let common = smooth(key(stream.layer_key, 7), time_s, 10_800.0);
        let own = smooth(key(stream.key, 7), time_s, 10_800.0);
        stream.kind.noise[0] * (common * shared + own * (1.0 - shared))
    }

    /// The rhythm of the site, without noise.
    fn usual(&self, stream: &SimStream, time_ns: i64) -> f64 {
        let time_s = time_ns as f64 / NS_PER_S as f64;
        // Neighbours do not do the same thing in the same minute.
        let shift_s = 1200.0 * signed(key(stream.key, 10));
        let local_s = time_s + f64::from(self.utc_offset_s) + shift_s;
        let spread = stream.kind.site_spread * signed(key(stream.key, 11));
        let [low, high] = stream.kind.level;
        low + (high - low) * stream.kind.profile.at(local_s) * (1.0 + spread)
    }
}

impl SimStream {
    /// The sensor's first time at or after an instant.
    #[must_use]
    pub const fn first_at_or_after(&self, time_ns: i64) -> i64 {
        let since = time_ns - self.phase_ns;
        let behind = since.rem_euclid(self.cadence_ns);
        if behind == 0 {
            time_ns
        } else {
            time_ns + (self.cadence_ns - behind)
        }
    }

    /// Its layer's entry.
    #[must_use]
    pub const fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// The fault that holds at an instant.
    #[must_use]
    pub fn fault_at(&self, time_ns: i64) -> Option<Fault> {
        self.faults.at(time_ns).map(|(fault, _)| fault)
    }
}

fn rounded(value: f64, decimals: u8) -> f64 {
    let power = [1.0, 10.0, 100.0, 1e3, 1e4][usize::from(decimals).min(4)];
    (value * power).round() / power
}

#[cfg(test)]
mod tests;
