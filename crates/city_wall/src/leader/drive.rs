//! The wall's camera and clock in the leader's hands.

use city_geo::Camera;
use city_time::{Clock, ClockState, SimInstant};

use crate::flight::Flight;
use crate::frame::FrameState;
use crate::steer::{is_near, mix};

/// Time constant with which the camera follows the operator's hand, seconds: commands come some 20 times a second,
/// frames 60 times.
const HAND_S: f64 = 0.1;
/// Longest step of a clock that catches up, nanoseconds.
const STEP_NS: i64 = 1_000_000_000;
/// Steps at most: a day and a bit.
const MAX_STEPS: usize = 100_000;

/// Lets a clock run on by `dt_ns`, however long that is; its live edge follows.
pub(crate) fn run_on(clock: &mut Clock, dt_ns: i64) {
    let mut left = dt_ns;
    for _ in 0..MAX_STEPS {
        if left <= 0 {
            break;
        }
        let step = left.min(STEP_NS);
        let edge = clock.state().live_edge.plus_ns(step);
        clock.tick(step, edge);
        left -= step;
    }
}

/// Camera and clock.
#[derive(Debug, Clone)]
pub(crate) struct Drive {
    pub(crate) camera: Camera,
    pub(crate) cuts: u32,
    pub(crate) clock: Clock,
    flight: Option<Flight>,
    /// Where the operator's hand has the camera.
    hand: Option<Camera>,
    at_ns: i64,
    /// What is shown while the picture is held.
    frozen: Option<(Camera, ClockState)>,
}

impl Drive {
    pub(crate) fn new(camera: Camera, now_ns: i64) -> Self {
        Self {
            camera,
            cuts: 0,
            clock: Clock::live(SimInstant(now_ns)),
            flight: None,
            hand: None,
            at_ns: now_ns,
            frozen: None,
        }
    }

    /// Goes on at `at_ns` from another leader's frame, which was to be shown at `shown_ns`; both by our own clock.
    pub(crate) fn resume(frame: &FrameState, shown_ns: i64, at_ns: i64) -> Self {
        let mut clock = Clock::from_state(frame.clock);
        if !frame.flags.freeze {
            run_on(&mut clock, at_ns.saturating_sub(shown_ns));
        }
        Self {
            camera: frame.camera,
            cuts: frame.cuts,
            clock,
            flight: None,
            hand: None,
            at_ns,
            frozen: frame.flags.freeze.then_some((frame.camera, frame.clock)),
        }
    }

    /// Lets time pass until a frame's presentation, by the leader's clock.
    pub(crate) fn advance(&mut self, present_at_ns: i64) {
        let dt_ns = present_at_ns.saturating_sub(self.at_ns).max(0);
        self.at_ns = present_at_ns;
        self.clock.tick(dt_ns, SimInstant(present_at_ns));
        if let Some(flight) = &self.flight {
            let (pose, over) = flight.at(present_at_ns);
            self.camera = pose;
            if over {
                self.flight = None;
            }
        } else if let Some(hand) = self.hand {
            let share = 1.0 - (-(dt_ns as f64 * 1e-9) / HAND_S).exp();
            self.camera = mix(&self.camera, &hand, share);
            if is_near(&self.camera, &hand) {
                self.camera = hand;
                self.hand = None;
            }
        }
    }

    /// What is to be seen.
    pub(crate) fn shown(&self) -> (Camera, ClockState) {
        self.frozen.unwrap_or((self.camera, *self.clock.state()))
    }

    /// Puts the camera somewhere at once.
    pub(crate) fn cut_to(&mut self, camera: Camera) {
        self.camera = camera;
        self.flight = None;
        self.hand = None;
        self.cuts = self.cuts.wrapping_add(1);
    }

    pub(crate) fn fly_to(&mut self, camera: Camera) {
        self.hand = None;
        self.flight = Some(Flight::new(self.camera, camera, self.at_ns));
    }

    /// Moves the camera by hand; a flight ends where it is.
    pub(crate) fn steer(&mut self, change: impl FnOnce(&Camera) -> Camera) {
        self.flight = None;
        let from = self.hand.unwrap_or(self.camera);
        self.hand = Some(change(&from));
    }

    /// Holds the picture, or lets it go on where camera and clock have come to meanwhile.
    pub(crate) fn freeze(&mut self, freeze: bool) {
        match (freeze, self.frozen) {
            (true, None) => self.frozen = Some(self.shown()),
            (false, Some(_)) => {
                self.frozen = None;
                self.cuts = self.cuts.wrapping_add(1);
            }
            _ => {}
        }
    }
}
