//! The camera's flight to a preset: two seconds along an arc, from rest to rest.

use city_geo::{Camera, DQuat, Geodetic, surface_normal, wrap_pi};

use crate::steer::distance_m;

/// How long a flight takes, nanoseconds.
pub(crate) const FLIGHT_NS: i64 = 2_000_000_000;
/// How far the arc rises per metre of distance, and at most.
const RISE: f64 = 0.2;
const MOST_RISE_M: f64 = 20_000.0;

/// A flight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Flight {
    from: Camera,
    to: Camera,
    start_ns: i64,
}

impl Flight {
    pub(crate) fn new(from: Camera, to: Camera, start_ns: i64) -> Self {
        Self { from, to, start_ns }
    }

    /// The pose at a time, and whether the flight is over.
    pub(crate) fn at(&self, now_ns: i64) -> (Camera, bool) {
        let elapsed = now_ns.saturating_sub(self.start_ns).max(0);
        if elapsed >= FLIGHT_NS {
            return (self.to, true);
        }
        let t = elapsed as f64 / FLIGHT_NS as f64;
        // From rest to rest (smootherstep): the acceleration has no jump either.
        let eased = t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
        (self.pose(eased), false)
    }

    fn pose(&self, eased: f64) -> Camera {
        let (a, b) = (self.from.position, self.to.position);
        let mix = |a: f64, b: f64| a + (b - a) * eased;
        // The normals of the ellipsoid turn into each other along a great circle, and give latitudes exactly.
        let (from, to) = (
            surface_normal(self.from.position_ecef()),
            surface_normal(self.to.position_ecef()),
        );
        let arc = DQuat::from_rotation_arc(from, to);
        let normal = DQuat::IDENTITY.slerp(arc, eased) * from;
        let rise_m = (RISE * distance_m(a, b)).min(MOST_RISE_M) * 4.0 * eased * (1.0 - eased);
        let height_m = mix(a.height_m, b.height_m) + rise_m;
        let position = Geodetic::new(
            normal.y.atan2(normal.x),
            normal.z.clamp(-1.0, 1.0).asin(),
            height_m,
        );
        Camera {
            position,
            heading_rad: self.from.heading_rad
                + wrap_pi(self.to.heading_rad - self.from.heading_rad) * eased,
            pitch_rad: mix(self.from.pitch_rad, self.to.pitch_rad),
            fov_y_rad: mix(self.from.fov_y_rad, self.to.fov_y_rad),
        }
        .normalized()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_and_ends_where_it_should_and_does_not_jump() {
        let from = Camera::from_degrees(114.14, 22.27, 640.0, 350.0, -11.0);
        let to = Camera::from_degrees(114.17, 22.29, 60.0, 20.0, -1.0);
        let flight = Flight::new(from, to, 1000);
        let start = flight.at(1000).0;
        assert!(
            start.position_ecef().distance(from.position_ecef()) < 1e-3,
            "{start}"
        );
        assert_eq!(flight.at(1000 + FLIGHT_NS), (to, true));
        let mut last = start;
        for step in 1..=120 {
            let (pose, _) = flight.at(1000 + FLIGHT_NS * step / 120);
            // 3.5 km in two seconds: at most 120 m a frame in the middle.
            assert!(
                pose.position_ecef().distance(last.position_ecef()) < 130.0,
                "{step}"
            );
            assert!(wrap_pi(pose.heading_rad - last.heading_rad).abs() < 0.03);
            last = pose;
        }
        let middle = flight.at(1000 + FLIGHT_NS / 2).0;
        assert!(middle.position.height_m > 640.0, "{middle}");
    }

    #[test]
    fn a_turn_in_place_stays_in_its_place() {
        let from = Camera::from_degrees(114.14, 22.27, 640.0, 350.0, -11.0);
        let to = Camera {
            heading_rad: 1.0,
            ..from
        };
        let pose = Flight::new(from, to, 0).at(FLIGHT_NS / 3).0;
        assert!(
            pose.position_ecef().distance(from.position_ecef()) < 1e-3,
            "{pose}"
        );
    }
}
