//! The state between inputs: what is held, where the zoom goes on to, which keys are down, the flight.

use city_geo::{Camera, DVec2, DVec3, Geodetic, geodetic_from_ecef};

use super::flight::Flight;
use super::input::{Gesture, Input, KeyAxes};
use super::pose::{self, Ground, Viewport};
use super::touch::{TouchGesture, TouchPhase, Touches};

mod keys;

/// Dragging over the picture's height turns by this much, radians.
const TURN_PER_HEIGHT_RAD: f64 = std::f64::consts::PI;
/// One notch of the wheel brings the camera to this share of its distance.
const ZOOM_PER_STEP: f64 = 0.84;
/// Time constant of the wheel, seconds.
const ZOOM_EASE_S: f64 = 0.07;
/// Longer than this between two updates counts as this, seconds.
const MAX_STEP_S: f64 = 0.25;

#[derive(Clone, Copy, Debug)]
struct Held {
    gesture: Gesture,
    /// The point held, ECEF; `None` when there is only sky.
    point: Option<DVec3>,
    cursor: DVec2,
}

#[derive(Clone, Copy, Debug)]
struct Zoom {
    toward: DVec3,
    /// Natural logarithm of the factor still to go.
    remaining: f64,
}

/// Moves a camera by inputs. See the module.
#[derive(Clone, Debug)]
pub struct CameraController {
    camera: Camera,
    viewport: Viewport,
    home: Camera,
    held: Option<Held>,
    zoom: Option<Zoom>,
    touches: Touches,
    keys: KeyAxes,
    /// Eased key values.
    motion: [f64; 6],
    flight: Option<Flight>,
    /// Flights jump to their end (less motion, or pictures).
    instant: bool,
}

impl CameraController {
    /// A controller that stands at a pose, which is also home.
    #[must_use]
    pub fn new(camera: Camera) -> Self {
        let camera = camera.normalized();
        Self {
            camera,
            viewport: Viewport {
                width_px: 1280.0,
                height_px: 720.0,
            },
            home: camera,
            held: None,
            zoom: None,
            touches: Touches::default(),
            keys: KeyAxes::default(),
            motion: [0.0; 6],
            flight: None,
            instant: false,
        }
    }

    /// The pose.
    #[must_use]
    pub fn camera(&self) -> &Camera {
        &self.camera
    }

    /// The picture's size.
    pub fn set_viewport(&mut self, viewport: Viewport) {
        self.viewport = viewport;
    }

    /// Where [`Self::go_home`] flies to.
    pub fn set_home(&mut self, home: Camera) {
        self.home = home.normalized();
    }

    /// Less motion: flights jump to their end.
    pub fn set_instant(&mut self, instant: bool) {
        self.instant = instant;
    }

    /// Puts the camera at a pose at once; a pose that is none is ignored.
    pub fn jump_to(&mut self, camera: Camera) {
        if camera.is_valid() {
            self.stop();
            self.camera = camera.normalized();
        }
    }

    /// Ends every motion.
    pub fn stop(&mut self) {
        self.held = None;
        self.zoom = None;
        self.flight = None;
        self.motion = [0.0; 6];
    }

    /// Whether a flight is under way.
    #[must_use]
    pub fn is_flying(&self) -> bool {
        self.flight.is_some()
    }

    /// The flight that is under way.
    #[must_use]
    pub fn flight(&self) -> Option<&Flight> {
        self.flight.as_ref()
    }

    /// Whether anything moves by itself, so that the next frame will differ.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.flight.is_some()
            || self.zoom.is_some()
            || self.motion.iter().any(|m| *m != 0.0)
            || !self.keys.is_idle()
    }

    /// The compass: radians clockwise by which north lies from the top of the picture, in [0, 2π).
    #[must_use]
    pub fn north_from_top_rad(&self) -> f64 {
        city_geo::wrap_0_tau(-self.camera.heading_rad)
    }

    /// The point in the middle of the picture.
    #[must_use]
    pub fn focus(&self, ground: &Ground<'_>) -> Option<Geodetic> {
        ground
            .point_on(&self.viewport.ray(&self.camera, self.middle()))
            .map(geodetic_from_ecef)
    }

    /// Flies to a pose.
    pub fn fly_to(&mut self, to: Camera, ground: &Ground<'_>) {
        if !to.is_valid() {
            return;
        }
        let to = pose::kept_above_ground(to, ground);
        if self.instant {
            self.jump_to(to);
            return;
        }
        let here = ground.height_at(self.camera.position);
        let flight = Flight::new(self.camera, to, here, ground.height_at(to.position));
        self.stop();
        self.flight = Some(flight);
    }

    /// Flies to where a place is seen from a distance; without one, from 6 times its extent, or nearer by half.
    pub fn fly_to_place(&mut self, place: Geodetic, distance_m: Option<f64>, ground: &Ground<'_>) {
        if !place.is_valid() {
            return;
        }
        let apart = self
            .camera
            .position_ecef()
            .distance(city_geo::ecef_from_geodetic(place));
        let distance_m = distance_m
            .filter(|d| d.is_finite())
            .unwrap_or((apart * 0.5).clamp(120.0, 1500.0))
            .max(5.0);
        self.fly_to(pose::showing(&self.camera, place, distance_m), ground);
    }

    /// Flies home.
    pub fn go_home(&mut self, ground: &Ground<'_>) {
        self.fly_to(self.home, ground);
    }

    /// Turns north to the top, about the middle of the picture.
    pub fn face_north(&mut self, ground: &Ground<'_>) {
        let turn_rad = -city_geo::wrap_pi(self.camera.heading_rad);
        let to = match self.focus(ground) {
            Some(focus) => pose::orbited(
                &self.camera,
                city_geo::ecef_from_geodetic(focus),
                turn_rad,
                0.0,
            ),
            None => pose::looked(&self.camera, turn_rad, 0.0),
        };
        self.fly_to(
            Camera {
                heading_rad: 0.0,
                ..to
            },
            ground,
        );
    }

    /// Zooms by wheel notches about the middle of the picture (buttons, `+` and `-`).
    pub fn zoom_by(&mut self, steps: f64, ground: &Ground<'_>) {
        self.input(Input::Wheel(self.middle(), steps), ground);
    }

    fn middle(&self) -> DVec2 {
        DVec2::new(self.viewport.width_px, self.viewport.height_px) * 0.5
    }

    /// Takes an input. Whatever moves the camera ends a flight.
    pub fn input(&mut self, input: Input, ground: &Ground<'_>) {
        match input {
            Input::Press(gesture, cursor) => {
                self.interrupt();
                self.hold(gesture, cursor, ground);
            }
            Input::Drag(cursor) => self.drag(cursor, ground),
            Input::Release => self.held = None,
            Input::Wheel(cursor, steps) => self.wheel(cursor, steps, ground),
            Input::FlyHere(cursor) => {
                if let Some(point) = ground.point_on(&self.viewport.ray(&self.camera, cursor)) {
                    self.fly_to_place(geodetic_from_ecef(point), None, ground);
                }
            }
            Input::Touch(id, phase, position) => self.touch(id, phase, position, ground),
            Input::Keys(keys) => {
                let keys_pressed = !keys.is_idle() && keys != self.keys;
                self.keys = keys;
                if keys_pressed {
                    self.interrupt();
                }
            }
        }
    }

    fn interrupt(&mut self) {
        self.flight = None;
        self.zoom = None;
    }

    fn hold(&mut self, gesture: Gesture, cursor: DVec2, ground: &Ground<'_>) {
        let point = ground.point_on(&self.viewport.ray(&self.camera, cursor));
        self.held = Some(Held {
            gesture,
            point,
            cursor,
        });
    }

    fn drag(&mut self, cursor: DVec2, ground: &Ground<'_>) {
        let Some(held) = &mut self.held else { return };
        if !cursor.is_finite() {
            return;
        }
        let from = std::mem::replace(&mut held.cursor, cursor);
        let held = *held;
        match (held.gesture, held.point) {
            (Gesture::Orbit, Some(point)) => self.orbit(point, cursor - from, ground),
            (Gesture::Pan, Some(point)) => {
                let moved = pose::panned(&self.camera, &self.viewport, point, from, cursor);
                self.place(moved, ground);
            }
            (Gesture::Look, _) | (_, None) => {
                // The picture follows the hand: less than a turn per screen, as the field of view has it.
                let per_px = self.camera.fov_y_rad / self.viewport.height_px.max(1.0);
                let by = (cursor - from) * per_px;
                self.place(pose::looked(&self.camera, -by.x, by.y), ground);
            }
        }
    }

    fn orbit(&mut self, about: DVec3, by_px: DVec2, ground: &Ground<'_>) {
        let per_px = TURN_PER_HEIGHT_RAD / self.viewport.height_px.max(1.0);
        let (turn, tilt) = (-by_px.x * per_px, -by_px.y * per_px);
        let both = pose::orbited(&self.camera, about, turn, tilt);
        // Where tilting would go into the ground, only turn.
        let under = both.position.height_m < ground.height_at(both.position) + pose::CLEARANCE_M;
        let moved = if under && both.position.height_m < self.camera.position.height_m {
            pose::orbited(&self.camera, about, turn, 0.0)
        } else {
            both
        };
        self.place(moved, ground);
    }

    fn wheel(&mut self, cursor: DVec2, steps: f64, ground: &Ground<'_>) {
        if !steps.is_finite() || steps == 0.0 {
            return;
        }
        self.flight = None;
        let ray = self.viewport.ray(&self.camera, cursor);
        // Into the sky: by the height above the ground.
        let above =
            (self.camera.position.height_m - ground.height_at(self.camera.position)).max(10.0);
        let toward = ground.point_on(&ray).unwrap_or_else(|| ray.at(above * 4.0));
        let more = steps.clamp(-20.0, 20.0) * ZOOM_PER_STEP.ln();
        let remaining = match self.zoom {
            // Turning on adds up; turning back starts anew.
            Some(zoom) if zoom.remaining * more > 0.0 => (zoom.remaining + more).clamp(-8.0, 8.0),
            _ => more,
        };
        self.zoom = Some(Zoom { toward, remaining });
    }

    fn touch(&mut self, id: u64, phase: TouchPhase, position: DVec2, ground: &Ground<'_>) {
        match self.touches.input(id, phase, position) {
            TouchGesture::None => {}
            TouchGesture::Begin(at) => {
                self.interrupt();
                self.hold(Gesture::Orbit, at, ground);
            }
            TouchGesture::End => self.held = None,
            TouchGesture::Orbit(by) => {
                if let Some(held) = self.held {
                    self.drag(held.cursor + by, ground);
                }
            }
            TouchGesture::Tilt(by_px) => {
                if let Some(point) = self.held.and_then(|held| held.point) {
                    self.orbit(point, DVec2::new(0.0, by_px), ground);
                }
            }
            TouchGesture::PanPinchTurn {
                from,
                to,
                spread,
                turn_rad,
            } => {
                if let Some(point) = self.held.and_then(|held| held.point) {
                    let panned = pose::panned(&self.camera, &self.viewport, point, from, to);
                    let zoomed = pose::zoomed(&panned, point, 1.0 / spread);
                    // The city turns with the fingers, so the camera turns against them.
                    self.place(pose::orbited(&zoomed, point, -turn_rad, 0.0), ground);
                }
            }
        }
    }

    /// Lets time pass. True when the pose changed.
    pub fn update(&mut self, dt_s: f64, ground: &Ground<'_>) -> bool {
        let before = self.camera;
        let dt_s = if dt_s.is_finite() {
            dt_s.clamp(0.0, MAX_STEP_S)
        } else {
            0.0
        };
        if let Some(flight) = &mut self.flight {
            let (pose, done) = flight.advance(dt_s);
            if done {
                self.flight = None;
            }
            self.place(pose, ground);
        }
        if let Some(zoom) = &mut self.zoom {
            let share = 1.0 - (-dt_s / ZOOM_EASE_S).exp();
            let mut part = zoom.remaining * share;
            let mut done = false;
            if (zoom.remaining - part).abs() < 1e-3 {
                part = zoom.remaining;
                done = true;
            }
            zoom.remaining -= part;
            let moved = pose::zoomed(&self.camera, zoom.toward, part.exp());
            if done {
                self.zoom = None;
            }
            self.place(moved, ground);
        }
        self.update_keys(dt_s, ground);
        // The ground may have arrived under a camera that stands still.
        self.place(self.camera, ground);
        self.camera != before
    }

    fn place(&mut self, camera: Camera, ground: &Ground<'_>) {
        let camera = pose::kept_above_ground(camera, ground);
        if camera.is_valid() {
            self.camera = camera;
        }
    }
}
