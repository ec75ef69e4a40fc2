//! Single moves of a camera's pose.

use city_geo::{
    Camera, DQuat, DVec2, DVec3, Geodetic, Ray, ecef_from_geodetic, geodetic_from_ecef,
    surface_normal,
};

/// The camera stays this far above the ground, metres.
pub const CLEARANCE_M: f64 = 1.6;
/// And at most this high, metres.
pub const MAX_HEIGHT_M: f64 = 20_000_000.0;
/// Moves by hand keep the pitch this far from straight up and down, where the heading has no meaning, radians.
const PITCH_MARGIN_RAD: f64 = 0.003;
/// The steepest pitch upward that hands can give, radians.
const MAX_UP_RAD: f64 = 1.2;
/// Nearer than this zooming does not go, metres.
const MIN_DISTANCE_M: f64 = 1.0;
/// Below this angle between ray and ground (its sine) the point under the cursor runs away from the hand.
const GRAZING_SINE: f64 = 0.08;

/// The picture's size in the pixels that inputs count in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Width, pixels.
    pub width_px: f64,
    /// Height, pixels.
    pub height_px: f64,
}

impl Viewport {
    /// Width over height; 1 while there is no size yet.
    #[must_use]
    pub fn aspect(&self) -> f64 {
        let aspect = self.width_px / self.height_px;
        if aspect.is_finite() && aspect > 0.0 {
            aspect
        } else {
            1.0
        }
    }

    /// Normalised device coordinates (−1..1, y up) of a pixel (y down).
    #[must_use]
    pub fn ndc(&self, cursor_px: DVec2) -> DVec2 {
        let ndc = cursor_px / DVec2::new(self.width_px, self.height_px) * 2.0 - 1.0;
        if ndc.is_finite() {
            DVec2::new(ndc.x, -ndc.y)
        } else {
            DVec2::ZERO
        }
    }

    /// The ray through a pixel, ECEF.
    #[must_use]
    pub fn ray(&self, camera: &Camera, cursor_px: DVec2) -> Ray {
        camera.ray_through(self.ndc(cursor_px), self.aspect())
    }
}

/// What the camera stands on and looks at.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// Height of the ground at a place, metres above the ellipsoid; `None` where nothing is known (yet).
    pub height_m: &'a dyn Fn(Geodetic) -> Option<f64>,
    /// Distance along an ECEF ray to the first thing drawn (buildings too), metres; `None` where the ray meets nothing
    /// or picking is not possible. Then the ground's heights are asked.
    pub hit: &'a dyn Fn(&Ray) -> Option<f64>,
    /// The height where nothing is known, metres.
    pub default_height_m: f64,
}

impl Ground<'_> {
    /// Height at a place, metres.
    #[must_use]
    pub fn height_at(&self, place: Geodetic) -> f64 {
        (self.height_m)(place)
            .filter(|h| h.is_finite())
            .unwrap_or(self.default_height_m)
    }

    /// The point that a ray meets first, ECEF.
    #[must_use]
    pub fn point_on(&self, ray: &Ray) -> Option<DVec3> {
        if let Some(t) = (self.hit)(ray).filter(|t| t.is_finite() && *t > 0.0) {
            return Some(ray.at(t));
        }
        // The height at the point depends on the point: a few rounds settle it on all but cliffs.
        let mut height_m = self.default_height_m;
        let mut point = None;
        for _ in 0..6 {
            let Some(t) = ray.ellipsoid_hit(height_m) else {
                break;
            };
            let hit = ray.at(t);
            point = Some(hit);
            let actual_m = self.height_at(geodetic_from_ecef(hit));
            if (actual_m - height_m).abs() < 0.01 {
                break;
            }
            height_m = actual_m;
        }
        point
    }
}

/// The pose lifted to the least height above the ground, brought down to the greatest, with angles in their ranges.
#[must_use]
pub fn kept_above_ground(camera: Camera, ground: &Ground<'_>) -> Camera {
    let least_m = ground.height_at(camera.position) + CLEARANCE_M;
    let height_m = camera
        .position
        .height_m
        .max(least_m)
        .min(MAX_HEIGHT_M.max(least_m));
    Camera {
        position: camera.position.with_height(height_m),
        ..camera
    }
    .normalized()
}

/// Looks around from where the camera stands.
#[must_use]
pub fn looked(camera: &Camera, turn_rad: f64, tilt_rad: f64) -> Camera {
    Camera {
        heading_rad: camera.heading_rad + turn_rad,
        pitch_rad: hand_pitch(camera.pitch_rad, tilt_rad),
        ..*camera
    }
    .normalized()
}

/// A pitch changed by hand: within the hand's range, but never moved by the range alone (a pose from a link may look
/// straight down and must not jump when it is turned).
fn hand_pitch(pitch_rad: f64, change_rad: f64) -> f64 {
    let low = (-std::f64::consts::FRAC_PI_2 + PITCH_MARGIN_RAD).min(pitch_rad);
    let high = MAX_UP_RAD.max(pitch_rad);
    (pitch_rad + change_rad).clamp(low, high)
}

/// Turns the camera about a point by `turn_rad` (clockwise from above) and `tilt_rad` (positive looks further up, and
/// so goes lower). What stands at the point stays where it is in the picture.
#[must_use]
pub fn orbited(camera: &Camera, about_ecef: DVec3, turn_rad: f64, tilt_rad: f64) -> Camera {
    let up = surface_normal(about_ecef);
    // Clockwise from above is negative about "up".
    let turn = DQuat::from_axis_angle(up, -turn_rad);
    let tilt_rad = hand_pitch(camera.pitch_rad, tilt_rad) - camera.pitch_rad;
    let tilt = DQuat::from_axis_angle(turn * camera.right(), tilt_rad);
    let rotation = tilt * turn;
    let eye = about_ecef + rotation * (camera.position_ecef() - about_ecef);
    let moved = Camera::at_ecef(eye, 0.0, 0.0, camera.fov_y_rad);
    // Direction from the rotation; the heading directly where the direction is too steep to have one.
    let steep =
        (camera.pitch_rad + tilt_rad).abs() > std::f64::consts::FRAC_PI_2 - PITCH_MARGIN_RAD * 0.5;
    if steep {
        return Camera {
            heading_rad: camera.heading_rad + turn_rad,
            pitch_rad: camera.pitch_rad,
            ..moved
        }
        .normalized();
    }
    Camera::looking_along(
        eye,
        rotation * camera.forward(),
        camera.heading_rad + turn_rad,
        camera.fov_y_rad,
    )
    .normalized()
}

/// Moves the camera by an ECEF vector, but keeps its height, heading and pitch: along the ground, over the curve of the
/// earth.
#[must_use]
pub fn slid(camera: &Camera, by_ecef: DVec3) -> Camera {
    let moved = geodetic_from_ecef(camera.position_ecef() + by_ecef);
    if !moved.is_valid() {
        return *camera;
    }
    Camera {
        position: moved.with_height(camera.position.height_m),
        ..*camera
    }
}

/// Moves the camera so that the point grabbed comes under the cursor.
#[must_use]
pub fn panned(
    camera: &Camera,
    viewport: &Viewport,
    grabbed_ecef: DVec3,
    from_px: DVec2,
    to_px: DVec2,
) -> Camera {
    let up = surface_normal(grabbed_ecef);
    let ray = viewport.ray(camera, to_px);
    let sine = -ray.direction.dot(up);
    let distance = grabbed_ecef.distance(camera.position_ecef());
    if sine > GRAZING_SINE
        && let Some(t) = ray.plane_hit(grabbed_ecef, up)
        && t < distance * 8.0
    {
        return slid(camera, grabbed_ecef - ray.at(t));
    }
    // Toward the horizon: by pixels, as far as the grabbed point is away.
    let metres_per_px =
        2.0 * distance * (camera.fov_y_rad * 0.5).tan() / viewport.height_px.max(1.0);
    let drag = to_px - from_px;
    let ahead = up.cross(camera.right());
    slid(
        camera,
        -camera.right() * (drag.x * metres_per_px)
            + ahead * (drag.y * metres_per_px / sine.max(0.25)),
    )
}

/// Moves the camera toward a point until its distance is `factor` of what it was.
#[must_use]
pub fn zoomed(camera: &Camera, toward_ecef: DVec3, factor: f64) -> Camera {
    let eye = camera.position_ecef();
    let away = eye - toward_ecef;
    let distance = away.length();
    if !(distance > 1e-6 && factor.is_finite() && factor > 0.0) {
        return *camera;
    }
    // Near the point the way in ends; the way out never does.
    let target = (distance * factor).max(MIN_DISTANCE_M.min(distance));
    let moved = geodetic_from_ecef(toward_ecef + away * (target / distance));
    if !moved.is_valid() || moved.height_m > MAX_HEIGHT_M {
        return *camera;
    }
    Camera {
        position: moved,
        ..*camera
    }
}

/// A pose that shows a place from a distance, seen from where the camera looks now but at a comfortable angle.
#[must_use]
pub fn showing(camera: &Camera, place: Geodetic, distance_m: f64) -> Camera {
    const COMFORTABLE: std::ops::RangeInclusive<f64> = -1.0..=-0.45;
    let pitch_rad = camera
        .pitch_rad
        .clamp(*COMFORTABLE.start(), *COMFORTABLE.end());
    Camera::orbiting(
        place,
        distance_m,
        camera.heading_rad,
        pitch_rad,
        camera.fov_y_rad,
    )
}

/// Distance over the ground between two places, metres.
#[must_use]
pub fn ground_distance_m(a: Geodetic, b: Geodetic) -> f64 {
    ecef_from_geodetic(a.with_height(0.0)).distance(ecef_from_geodetic(b.with_height(0.0)))
}
