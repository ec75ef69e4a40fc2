//! The simulation clock and what it can reach.

use std::sync::Arc;

use super::{Severity, TimeNs};

/// How the clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockMode {
    /// At the live edge, following the wall clock.
    #[default]
    Live,
    /// In the past.
    Replay,
    /// Beyond the live edge.
    Forecast,
}

/// The simulation clock.
#[derive(Debug, Clone)]
pub struct ClockModel {
    /// Live, replay or forecast.
    pub mode: ClockMode,
    /// The instant that is shown.
    pub now_ns: TimeNs,
    /// The live edge: the newest instant with readings, some moments behind the wall clock.
    pub live_edge_ns: TimeNs,
    /// Simulated seconds for each second of the wall clock, 1 to 3600.
    pub rate: f64,
    /// False when the clock is paused.
    pub playing: bool,
    /// The scene's time zone.
    pub zone: Zone,
    /// Start of the history; `None` when no history is kept.
    pub history_start_ns: Option<TimeNs>,
    /// The forecast, or the reason why there is none.
    pub forecast: Forecast,
    /// How many readings there are over the history; empty when unknown.
    pub density: Arc<DensityHistogram>,
    /// Points in time that are worth marking.
    pub events: Vec<TimelineEvent>,
    /// The part that is being looped, if any.
    pub loop_range_ns: Option<(TimeNs, TimeNs)>,
    /// True while windows of history are being fetched for this instant.
    pub waiting: bool,
}

impl Default for ClockModel {
    fn default() -> Self {
        Self {
            mode: ClockMode::Live,
            now_ns: 0,
            live_edge_ns: 0,
            rate: 1.0,
            playing: true,
            zone: Zone::default(),
            history_start_ns: None,
            forecast: Forecast::None {
                reason: String::new(),
            },
            density: Arc::default(),
            events: Vec::new(),
            loop_range_ns: None,
            waiting: false,
        }
    }
}

/// What there is beyond the live edge.
#[derive(Debug, Clone)]
pub enum Forecast {
    /// A forecast up to an instant.
    Until {
        /// The last instant of the forecast.
        end_ns: TimeNs,
        /// The model it comes from, as shown.
        source: String,
    },
    /// No forecast, and why, in words for the user.
    None {
        /// Why: "this scene has no forecast feed".
        reason: String,
    },
}

/// A time zone as far as the panels need it: offsets by time, so that summer time is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// The name in the tz database ("Asia/Hong_Kong").
    pub name: String,
    /// Offsets by start, ascending; the first holds for all earlier time. Never empty in a model
    /// that the app makes; an empty list reads as UTC.
    pub spans: Vec<ZoneSpan>,
}

/// An offset from UTC that holds from an instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneSpan {
    /// From when on.
    pub from_ns: TimeNs,
    /// Seconds east of UTC.
    pub offset_s: i32,
    /// The abbreviation shown after a time ("HKT").
    pub label: String,
}

impl Default for Zone {
    fn default() -> Self {
        Self::fixed("UTC", 0, "UTC")
    }
}

impl Zone {
    /// A zone with one offset (seconds east of UTC) for all time.
    pub fn fixed(name: &str, offset_s: i32, label: &str) -> Self {
        let span = ZoneSpan {
            from_ns: i64::MIN,
            offset_s,
            label: label.into(),
        };
        Self {
            name: name.into(),
            spans: vec![span],
        }
    }

    /// Offset from UTC in seconds and abbreviation at an instant.
    pub fn at(&self, time_ns: TimeNs) -> (i32, &str) {
        let after = self.spans.partition_point(|s| s.from_ns <= time_ns);
        let span = self.spans.get(after.saturating_sub(1));
        span.map_or((0, "UTC"), |s| (s.offset_s, s.label.as_str()))
    }
}

/// Counts of readings in bins of equal width.
#[derive(Debug, Clone, Default)]
pub struct DensityHistogram {
    /// Start of the first bin.
    pub start_ns: TimeNs,
    /// Width of a bin; 0 when there are none.
    pub bin_ns: i64,
    /// Readings in each bin.
    pub counts: Vec<u32>,
    /// Those of them that are suspect, failed or without a value; as many as `counts`, or none.
    pub bad: Vec<u32>,
}

/// A point in time that is marked on the timeline.
#[derive(Debug, Clone)]
pub struct TimelineEvent {
    /// When.
    pub time_ns: TimeNs,
    /// What, in words.
    pub label: String,
    /// How severe.
    pub severity: Severity,
}
