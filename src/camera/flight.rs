//! Flights along an arc.
//!
//! The way of van Wijk and Nuij ("Smooth and efficient zooming and panning", 2003): the camera rises as far as the
//! distance asks for, so that the ground passes at an even pace on the screen, and comes down again.

use city_geo::{Camera, DQuat, DVec3, Geodetic, wrap_pi};

use super::pose::ground_distance_m;

/// How strongly a flight trades rising against moving on; the authors' experiments prefer 1.4.
const RHO: f64 = 1.4;
/// Arc length flown per second; three seconds or so across a city.
const PACE_PER_S: f64 = 1.8;
/// Shortest and longest flight, seconds.
const DURATION_S: std::ops::RangeInclusive<f64> = 0.5..=4.0;
/// Width of what is seen per height above the ground, at the angles at which people look.
const WIDTH_PER_HEIGHT: f64 = 2.5;
/// The ends are taken to be at least this high above the lower ground, metres: below, the arc would creep.
const LEAST_HEIGHT_M: f64 = 20.0;

/// A flight from one pose to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    from: Camera,
    to: Camera,
    /// Height from which the arc counts, metres.
    base_m: f64,
    /// Distance over the ground, metres.
    distance_m: f64,
    /// The arc's parameters: start and whole length; for flights that only rise or sink `r0` is not used.
    r0: f64,
    length: f64,
    duration_s: f64,
    elapsed_s: f64,
}

impl Flight {
    /// A flight whose ends stand on ground of the given heights (metres).
    #[must_use]
    pub fn new(from: Camera, to: Camera, ground_from_m: f64, ground_to_m: f64) -> Self {
        let lowest = from.position.height_m.min(to.position.height_m) - LEAST_HEIGHT_M;
        let base_m = ground_from_m.min(ground_to_m).min(lowest);
        let distance_m = ground_distance_m(from.position, to.position);
        let (w0, w1) = widths(&from, &to, base_m);
        let (r0, length) = arc(w0, w1, distance_m);
        let turn_rad = wrap_pi(to.heading_rad - from.heading_rad)
            .abs()
            .max((to.pitch_rad - from.pitch_rad).abs());
        // A turn in place takes its time too.
        let duration_s = (length / PACE_PER_S)
            .max(turn_rad / 1.8)
            .clamp(*DURATION_S.start(), *DURATION_S.end());
        Self {
            from,
            to,
            base_m,
            distance_m,
            r0,
            length,
            duration_s,
            elapsed_s: 0.0,
        }
    }

    /// Where it ends.
    #[must_use]
    pub fn destination(&self) -> Camera {
        self.to
    }

    /// Seconds from start to end.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.duration_s
    }

    /// Lets time pass; the pose, and whether the flight is over.
    pub fn advance(&mut self, dt_s: f64) -> (Camera, bool) {
        self.elapsed_s += if dt_s.is_finite() { dt_s.max(0.0) } else { 0.0 };
        let t = self.elapsed_s / self.duration_s;
        if t >= 1.0 {
            (self.to, true)
        } else {
            (self.pose_at(t), false)
        }
    }

    /// The pose in so many seconds.
    #[must_use]
    pub fn pose_in(&self, seconds: f64) -> Camera {
        self.pose_at((self.elapsed_s + seconds.max(0.0)) / self.duration_s)
    }

    /// The pose at a fraction of the duration, 0 to 1.
    #[must_use]
    pub fn pose_at(&self, t: f64) -> Camera {
        if t >= 1.0 {
            return self.to;
        }
        let t = t.max(0.0);
        // From rest to rest, without the rush in the middle that smoother steps have.
        let eased = t * t * (3.0 - 2.0 * t);
        let (along, height_m) = self.arc_at(eased);
        let place = between(self.from.position, self.to.position, along);
        let turned = wrap_pi(self.to.heading_rad - self.from.heading_rad);
        let mix = |a: f64, b: f64| a + (b - a) * eased;
        Camera {
            position: place.with_height(height_m + self.base_m),
            heading_rad: self.from.heading_rad + turned * eased,
            pitch_rad: mix(self.from.pitch_rad, self.to.pitch_rad),
            fov_y_rad: mix(self.from.fov_y_rad, self.to.fov_y_rad),
        }
        .normalized()
    }

    /// Share of the way over the ground and height above the base at a share of the arc's length.
    fn arc_at(&self, eased: f64) -> (f64, f64) {
        let (w0, w1) = widths(&self.from, &self.to, self.base_m);
        if is_vertical(w0, w1, self.distance_m) {
            return (eased, w0 * (w1 / w0).powf(eased) / WIDTH_PER_HEIGHT);
        }
        let s = self.length * eased;
        let u = w0 / (RHO * RHO) * (self.r0.cosh() * (RHO * s + self.r0).tanh() - self.r0.sinh());
        let width = w0 * self.r0.cosh() / (RHO * s + self.r0).cosh();
        (
            (u / self.distance_m).clamp(0.0, 1.0),
            width / WIDTH_PER_HEIGHT,
        )
    }
}

/// Widths of what is seen at both ends, metres.
fn widths(from: &Camera, to: &Camera, base_m: f64) -> (f64, f64) {
    let width = |camera: &Camera| (camera.position.height_m - base_m) * WIDTH_PER_HEIGHT;
    (width(from), width(to))
}

/// Too little way over the ground to rise for.
fn is_vertical(w0: f64, w1: f64, distance_m: f64) -> bool {
    distance_m < 1e-3 * w0.max(w1)
}

/// The arc's start parameter and length (equations 9 of the paper).
fn arc(w0: f64, w1: f64, u1: f64) -> (f64, f64) {
    if is_vertical(w0, w1, u1) {
        return (0.0, (w1 / w0).ln().abs() / RHO);
    }
    let rho2 = RHO * RHO;
    let b0 = (w1 * w1 - w0 * w0 + rho2 * rho2 * u1 * u1) / (2.0 * w0 * rho2 * u1);
    let b1 = (w1 * w1 - w0 * w0 - rho2 * rho2 * u1 * u1) / (2.0 * w1 * rho2 * u1);
    // ln(√(b²+1) − b) without the cancellation for large b.
    let (r0, r1) = (-b0.asinh(), -b1.asinh());
    (r0, (r1 - r0) / RHO)
}

/// The place on the great circle between two places.
fn between(a: Geodetic, b: Geodetic, share: f64) -> Geodetic {
    let normal = |g: Geodetic| {
        let (sin_lat, cos_lat) = g.lat_rad.sin_cos();
        let (sin_lon, cos_lon) = g.lon_rad.sin_cos();
        DVec3::new(cos_lat * cos_lon, cos_lat * sin_lon, sin_lat)
    };
    let (from, to) = (normal(a), normal(b));
    let turn = DQuat::IDENTITY.slerp(DQuat::from_rotation_arc(from, to), share);
    let n = turn * from;
    Geodetic::new(n.y.atan2(n.x), n.z.atan2(n.x.hypot(n.y)), 0.0)
}
