//! The one clock: live, replay and forecast.
//!
//! A pure state machine. It is told the wall time and how much of it has passed ([`Clock::tick`]) and takes
//! [`ClockCommand`]s; the same calls give the same states. The mode follows from where the clock stands:
//! **live** follows the wall clock, **replay** is at or before it, **forecast** is after it.

use crate::clock_types::{ClockBounds, ClockCommand, ClockMode, ClockState, Outcome, Refusal};
use crate::instant::SimInstant;
use crate::interval::Interval;

/// The fastest rate.
pub const MAX_RATE: u32 = 3600;
/// The rates that [`ClockCommand::Faster`] and [`ClockCommand::Slower`] go through.
pub const RATES: [u32; 7] = [1, 5, 10, 60, 300, 900, MAX_RATE];
/// More wall time than this between two ticks counts as this (1 s): after a machine has slept, a replay goes on where
/// it was instead of jumping by hours. Live catches up at once.
pub const MAX_TICK_NS: i64 = 1_000_000_000;
/// A live clock waits when the wall clock is set back by up to this (2 s), and follows when by more.
const MAX_HOLD_NS: i64 = 2_000_000_000;

/// The clock. See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    state: ClockState,
}

impl Clock {
    /// A live clock.
    pub fn live(wall_now: SimInstant) -> Self {
        Self {
            state: ClockState {
                now: wall_now,
                mode: ClockMode::Live,
                playing: true,
                rate: 1,
                looping: None,
                live_edge: wall_now,
                bounds: ClockBounds::default(),
                jumps: 0,
            },
        }
    }

    /// A clock that stands at `t`, whatever its bounds: for pictures and tests.
    pub fn standing_at(t: SimInstant, wall_now: SimInstant) -> Self {
        let mut clock = Self::live(wall_now);
        clock.state.now = t;
        clock.state.playing = false;
        clock.state.mode = if t > wall_now {
            ClockMode::Forecast
        } else {
            ClockMode::Replay
        };
        clock
    }

    /// A clock that goes on from a state that was taken earlier or elsewhere: on a video wall's node, or in the leader
    /// that takes over from another.
    pub const fn from_state(state: ClockState) -> Self {
        Self { state }
    }

    /// The city's time.
    pub fn now(&self) -> SimInstant {
        self.state.now
    }

    /// Everything about it.
    pub fn state(&self) -> &ClockState {
        &self.state
    }

    /// Sets how far it may go. A clock that stands outside stays until it moves.
    pub fn set_bounds(&mut self, bounds: ClockBounds) {
        self.state.bounds = bounds;
    }

    /// Passes wall time: `dt_wall_ns` since the last tick, now `wall_now`.
    pub fn tick(&mut self, dt_wall_ns: i64, wall_now: SimInstant) {
        let was = self.state.live_edge;
        self.state.live_edge = wall_now;
        let s = &mut self.state;
        if s.mode == ClockMode::Live {
            let back = s.now.since(wall_now);
            if back <= 0 || back > MAX_HOLD_NS {
                s.now = wall_now;
            }
            return;
        }
        if s.playing {
            let dt = dt_wall_ns.clamp(0, MAX_TICK_NS);
            let before = s.now;
            let next = before.plus_ns(dt.saturating_mul(i64::from(s.rate)));
            self.advance(before, next, was);
        } else {
            self.place();
        }
    }

    /// Moves on from `before` to `next`, with regard to loops, the live edge and the bounds.
    fn advance(&mut self, before: SimInstant, next: SimInstant, live_edge_before: SimInstant) {
        let s = &mut self.state;
        s.now = next;
        if let Some(range) = s.looping {
            let end = range.end.min(self.latest());
            let length = end.since(range.start);
            if length > 0 && before < end && next >= end {
                let over = next.since(end) % length;
                self.state.now = range.start.plus_ns(over);
                self.state.jumps += 1;
                self.place();
                return;
            }
        }
        let s = &mut self.state;
        if before <= live_edge_before && next >= s.live_edge {
            // A replay that reaches the present has caught up.
            self.go_live();
            return;
        }
        if s.mode == ClockMode::Forecast
            && let Some(end) = s.bounds.forecast_end
            && s.now >= end
            && before <= end
        {
            s.now = end;
            s.playing = false;
        }
        self.place();
    }

    /// Carries out a command.
    pub fn apply(&mut self, command: ClockCommand) -> Outcome {
        match command {
            ClockCommand::Play => self.play(),
            ClockCommand::Pause => {
                self.pause();
                Outcome::Done
            }
            ClockCommand::TogglePlay if self.state.playing => {
                self.pause();
                Outcome::Done
            }
            ClockCommand::TogglePlay => self.play(),
            ClockCommand::SetRate(rate) => self.set_rate(rate),
            ClockCommand::Faster => {
                let rate = RATES
                    .into_iter()
                    .find(|r| *r > self.state.rate)
                    .unwrap_or(MAX_RATE);
                self.set_rate(rate)
            }
            ClockCommand::Slower => {
                let rate = RATES
                    .into_iter()
                    .rev()
                    .find(|r| *r < self.state.rate)
                    .unwrap_or(1);
                self.set_rate(rate)
            }
            ClockCommand::Step(by_ns) => self.step(by_ns),
            ClockCommand::Seek(t) => self.seek(t),
            ClockCommand::GoLive => {
                self.go_live();
                Outcome::Done
            }
            ClockCommand::Loop(range) => self.set_loop(range),
        }
    }

    fn play(&mut self) -> Outcome {
        if self.state.mode == ClockMode::Forecast
            && self
                .state
                .bounds
                .forecast_end
                .is_none_or(|end| self.state.now >= end)
        {
            return Outcome::Refused(Refusal::EndOfForecast);
        }
        self.state.playing = true;
        Outcome::Done
    }

    fn pause(&mut self) {
        self.state.playing = false;
        self.leave_live();
    }

    /// From live to a replay that stands on the live edge.
    fn leave_live(&mut self) {
        if self.state.mode == ClockMode::Live {
            self.state.mode = ClockMode::Replay;
        }
    }

    fn set_rate(&mut self, rate: u32) -> Outcome {
        if !(1..=MAX_RATE).contains(&rate) {
            return Outcome::Refused(Refusal::Rate(rate));
        }
        if self.state.mode == ClockMode::Live && rate > 1 {
            if self
                .state
                .bounds
                .forecast_end
                .is_none_or(|end| end <= self.state.now)
            {
                return Outcome::Refused(Refusal::NoForecast);
            }
            self.state.mode = ClockMode::Forecast;
            // Just past the live edge, so that the next tick does not take it for a replay that has caught up.
            self.state.now = self.state.now.max(self.state.live_edge).plus_ns(1);
        }
        self.state.rate = rate;
        Outcome::Done
    }

    fn step(&mut self, by_ns: i64) -> Outcome {
        let from = self.state.now;
        let latest = self.latest();
        if by_ns > 0 && from >= latest {
            return Outcome::Refused(if self.state.bounds.forecast_end.is_some() {
                Refusal::EndOfForecast
            } else {
                Refusal::NoForecast
            });
        }
        if by_ns < 0
            && self
                .state
                .bounds
                .history_start
                .is_some_and(|start| from <= start)
        {
            return Outcome::Refused(Refusal::StartOfHistory);
        }
        self.state.playing = false;
        self.leave_live();
        self.move_to(from.plus_ns(by_ns))
    }

    fn seek(&mut self, t: SimInstant) -> Outcome {
        self.leave_live();
        // A loop that does not contain the place the user went to is not what the user wants any more.
        if self.state.looping.is_some_and(|range| !range.contains(t)) {
            self.state.looping = None;
        }
        self.move_to(t)
    }

    fn set_loop(&mut self, range: Option<Interval>) -> Outcome {
        let Some(range) = range else {
            self.state.looping = None;
            return Outcome::Done;
        };
        let earliest = self.state.bounds.history_start.unwrap_or(SimInstant::MIN);
        let Some(range) = range.intersection(&Interval {
            start: earliest,
            end: self.latest(),
        }) else {
            return Outcome::Refused(Refusal::EmptyLoop);
        };
        self.state.looping = Some(range);
        if self.state.mode == ClockMode::Live || !range.contains(self.state.now) {
            self.leave_live();
            self.move_to(range.start);
        }
        Outcome::Done
    }

    fn go_live(&mut self) {
        let s = &mut self.state;
        if s.mode != ClockMode::Live {
            s.jumps += 1;
        }
        s.mode = ClockMode::Live;
        s.now = s.live_edge;
        s.playing = true;
        s.rate = 1;
        s.looping = None;
    }

    fn move_to(&mut self, t: SimInstant) -> Outcome {
        let clamped = t
            .max(self.state.bounds.history_start.unwrap_or(SimInstant::MIN))
            .min(self.latest());
        self.state.now = clamped;
        self.state.jumps += 1;
        self.place();
        if clamped == t {
            Outcome::Done
        } else {
            Outcome::Clamped(clamped)
        }
    }

    /// The latest instant the clock may show.
    fn latest(&self) -> SimInstant {
        self.state
            .live_edge
            .max(self.state.bounds.forecast_end.unwrap_or(SimInstant::MIN))
    }

    /// Sets the mode of a clock that is not live by where it stands.
    fn place(&mut self) {
        let s = &mut self.state;
        s.mode = if s.now > s.live_edge {
            ClockMode::Forecast
        } else {
            ClockMode::Replay
        };
    }
}
