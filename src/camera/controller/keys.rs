//! Keys that are held down move the camera, the faster the higher it is.

use city_geo::surface_normal;

use super::super::pose::{self, Ground};
use super::{CameraController, ZOOM_PER_STEP};

/// Time constant of the keys, seconds.
const KEY_EASE_S: f64 = 0.12;
/// Keys move by this share of the height above the ground per second, but at least by a walk.
const SPEED_PER_HEIGHT: f64 = 1.1;
const LEAST_SPEED_M_PER_S: f64 = 5.0;
const FAST: f64 = 4.0;
/// Keys turn and tilt by this much per second, radians.
const TURN_PER_S_RAD: f64 = 1.1;
const TILT_PER_S_RAD: f64 = 0.7;
/// Keys zoom by this many wheel notches per second.
const STEPS_PER_S: f64 = 8.0;

impl CameraController {
    /// Lets time pass for the keys.
    pub(super) fn update_keys(&mut self, dt_s: f64, ground: &Ground<'_>) {
        let share = 1.0 - (-dt_s / KEY_EASE_S).exp();
        for (motion, wanted) in self.motion.iter_mut().zip(self.keys.values()) {
            let wanted = if wanted.is_finite() {
                wanted.clamp(-1.0, 1.0)
            } else {
                0.0
            };
            *motion += (wanted - *motion) * share;
            if (*motion - wanted).abs() < 1e-3 {
                *motion = wanted;
            }
        }
        let [forward, right, up, turn, tilt, zoom] = self.motion;
        if self.motion.iter().all(|m| *m == 0.0) {
            return;
        }
        let above = self.camera.position.height_m - ground.height_at(self.camera.position);
        let pace = if self.keys.fast { FAST } else { 1.0 };
        let way = (above * SPEED_PER_HEIGHT).max(LEAST_SPEED_M_PER_S) * pace * dt_s;
        let sky = surface_normal(self.camera.position_ecef());
        let ahead = sky.cross(self.camera.right());
        let mut moved = pose::slid(
            &self.camera,
            (ahead * forward + self.camera.right() * right) * way,
        );
        moved.position.height_m += up * way;
        moved = pose::looked(
            &moved,
            turn * TURN_PER_S_RAD * dt_s,
            tilt * TILT_PER_S_RAD * dt_s,
        );
        if zoom != 0.0
            && let Some(point) = ground.point_on(&self.viewport.ray(&moved, self.middle()))
        {
            moved = pose::zoomed(&moved, point, ZOOM_PER_STEP.powf(zoom * STEPS_PER_S * dt_s));
        }
        self.place(moved, ground);
    }
}
