//! What is asked of the clock, and what it answers.

use serde::{Deserialize, Serialize};

use crate::instant::SimInstant;
use crate::interval::Interval;

/// Where the clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockMode {
    /// Following the wall clock.
    Live,
    /// In the past.
    Replay,
    /// In the future.
    Forecast,
}

/// What a user or a script asks of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClockCommand {
    /// Run on.
    Play,
    /// Stand still. From live this leaves live.
    Pause,
    /// Play when paused, pause when playing.
    TogglePlay,
    /// Seconds of city time per second of wall time, 1 to 3600. From live, a rate above 1 goes into the forecast.
    SetRate(u32),
    /// The next faster of [`crate::RATES`].
    Faster,
    /// The next slower of [`crate::RATES`].
    Slower,
    /// Move by this many nanoseconds, either way, and stand still there.
    Step(i64),
    /// Go to an instant; playing goes on playing.
    Seek(SimInstant),
    /// Go to the wall clock's time and follow it.
    GoLive,
    /// Play an interval over and over, or not any more.
    Loop(Option<Interval>),
}

/// How far the clock may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClockBounds {
    /// Where history begins; `None` when it is not known (no limit).
    pub history_start: Option<SimInstant>,
    /// Where the forecast ends; `None` when the scene has no forecast (the future is closed).
    pub forecast_end: Option<SimInstant>,
}

/// Why a command was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The future of a scene without forecast.
    #[error("this scene has no forecast, so the clock cannot go past now")]
    NoForecast,
    /// Already at the end of the forecast.
    #[error("this is the end of the forecast")]
    EndOfForecast,
    /// Already at the start of history.
    #[error("this is the start of the history")]
    StartOfHistory,
    /// A rate out of range.
    #[error("the rate {0} is not between 1 and 3600")]
    Rate(u32),
    /// An interval without extent within the clock's bounds.
    #[error("there is nothing to repeat in that interval")]
    EmptyLoop,
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// Done as far as the bounds allow; the clock stands here.
    Clamped(SimInstant),
    /// Not done, and why.
    Refused(Refusal),
}

/// The clock as others see it; what a link, a video wall node and a panel get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockState {
    /// The city's time.
    pub now: SimInstant,
    /// Where that is.
    pub mode: ClockMode,
    /// Whether it runs.
    pub playing: bool,
    /// Seconds of city time per second of wall time.
    pub rate: u32,
    /// The interval being repeated.
    pub looping: Option<Interval>,
    /// The wall clock's time at the last tick: the live edge.
    pub live_edge: SimInstant,
    /// How far it may go.
    pub bounds: ClockBounds,
    /// Counts the jumps (seeks, loops, steps, going live). When it changes, what was fetched or interpolated for the
    /// time before need not fit any more.
    pub jumps: u64,
}
