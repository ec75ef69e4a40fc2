//! The one clock. Everything that moves in the city reads [`SimClock`]; only this plugin passes wall time in.

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use city_time::{Clock, ClockBounds, ClockCommand, ClockState, Outcome, Refusal, SimInstant, Zone};

use crate::notices::Notices;
use crate::platform::wall_clock_ns;
use crate::schedule::FrameSet;

/// The simulation clock and the scene's time zone.
#[derive(Resource, Clone, Debug)]
pub struct SimClock {
    clock: Clock,
    /// The scene's zone; every time on screen is in it.
    pub zone: Zone,
    /// Why there is no forecast, where there is none.
    pub no_forecast: Option<String>,
    last_wall_ns: i64,
    /// Another machine leads the clock ([`SimClock::lead`]); wall time and wishes are not passed in.
    pub led: bool,
    /// Wall time is not passed in: pictures and tests move the clock themselves.
    pub frozen: bool,
}

impl Default for SimClock {
    fn default() -> Self {
        let now = wall_clock_ns();
        Self {
            clock: Clock::live(SimInstant(now)),
            zone: Zone::utc(),
            no_forecast: None,
            last_wall_ns: now,
            led: false,
            frozen: false,
        }
    }
}

impl SimClock {
    /// A clock that stands still, for pictures.
    #[must_use]
    pub fn standing_at(time: SimInstant) -> Self {
        let now = wall_clock_ns();
        Self {
            clock: Clock::standing_at(time, SimInstant(now)),
            zone: Zone::utc(),
            no_forecast: None,
            last_wall_ns: now,
            led: false,
            frozen: true,
        }
    }

    /// The city's time.
    #[must_use]
    pub fn now(&self) -> SimInstant {
        self.clock.now()
    }

    /// Everything about the clock.
    #[must_use]
    pub fn state(&self) -> &ClockState {
        self.clock.state()
    }

    /// Hour of the day in the scene's zone, 0..24.
    #[must_use]
    pub fn local_hour(&self) -> f32 {
        self.zone.civil(self.now()).hour_of_day() as f32
    }

    /// Carries a command out.
    pub fn apply(&mut self, command: ClockCommand) -> Outcome {
        self.clock.apply(command)
    }

    /// Takes the state that another machine's clock has now. What this one's own hub said of history and forecast
    /// goes on to hold.
    pub fn lead(&mut self, state: ClockState) {
        let bounds = self.clock.state().bounds;
        self.clock = Clock::from_state(ClockState { bounds, ..state });
    }

    /// Sets how far the clock may go.
    pub fn set_bounds(&mut self, bounds: ClockBounds) {
        self.clock.set_bounds(bounds);
    }
}

/// A wish to change the clock.
#[derive(Message, Clone, Copy, Debug)]
pub struct ClockRequest(pub ClockCommand);

/// Ticks the clock.
pub struct ClockPlugin;

impl Plugin for ClockPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<SimClock>()
            .add_message::<ClockRequest>()
            .add_systems(Update, advance.in_set(FrameSet::Clock));
    }
}

fn advance(
    mut clock: ResMut<SimClock>,
    mut requests: MessageReader<ClockRequest>,
    mut notices: ResMut<Notices>,
) {
    if clock.led {
        requests.clear();
        return;
    }
    for request in requests.read() {
        if let Outcome::Refused(refusal) = clock.apply(request.0) {
            let why = match (refusal, &clock.no_forecast) {
                (Refusal::NoForecast, Some(reason)) => reason.clone(),
                _ => String::new(),
            };
            notices.info(refusal.to_string(), why);
        }
    }
    if clock.frozen {
        return;
    }
    let now = wall_clock_ns();
    let passed = now - clock.last_wall_ns;
    clock.last_wall_ns = now;
    clock.clock.tick(passed, SimInstant(now));
}
