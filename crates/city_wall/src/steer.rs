//! Moving a pose: by hand, and between two.

use std::f64::consts::FRAC_PI_2;

use city_geo::{Camera, Geodetic, ecef_from_geodetic, geodetic_from_ecef, surface_normal, wrap_pi};

/// Views flatter than this (1.1°) have nothing in their middle to go round.
const FLAT_RAD: f64 = 0.02;
/// Nearest and farthest that what is gone round is taken to be, metres.
const PIVOT_M: [f64; 2] = [10.0, 50_000.0];
/// Lowest eye below the scene's origin, metres. The leader does not know the ground.
const LEAST_HEIGHT_M: f64 = -50.0;
/// Highest eye, metres.
const MOST_HEIGHT_M: f64 = 5e7;

/// Between two poses, `t` from 0 to 1: place along the straight line, angles the shorter way.
pub(crate) fn mix(a: &Camera, b: &Camera, t: f64) -> Camera {
    let (from, to) = (a.position_ecef(), b.position_ecef());
    let position = if a.position == b.position {
        a.position
    } else {
        geodetic_from_ecef(from + (to - from) * t)
    };
    Camera {
        position,
        heading_rad: a.heading_rad + wrap_pi(b.heading_rad - a.heading_rad) * t,
        pitch_rad: a.pitch_rad + (b.pitch_rad - a.pitch_rad) * t,
        fov_y_rad: a.fov_y_rad + (b.fov_y_rad - a.fov_y_rad) * t,
    }
    .normalized()
}

/// Whether two poses look the same on any wall: a millimetre, a millionth of a radian.
pub(crate) fn is_near(a: &Camera, b: &Camera) -> bool {
    let turn = wrap_pi(a.heading_rad - b.heading_rad).abs();
    let rest = (a.pitch_rad - b.pitch_rad).abs() + (a.fov_y_rad - b.fov_y_rad).abs();
    turn + rest < 1e-6 && a.position_ecef().distance(b.position_ecef()) < 1e-3
}

/// Moved by metres (over the ground forward and to the right, and upwards), turned and tilted by radians.
pub(crate) fn moved(
    camera: &Camera,
    by_m: [f64; 3],
    turn_rad: f64,
    tilt_rad: f64,
    ground_m: f64,
) -> Camera {
    let eye = camera.position_ecef();
    let up = surface_normal(eye);
    let right = camera.right();
    let forward = up.cross(right);
    let [ahead, aside, upward] = by_m;
    let eye = eye + forward * ahead + right * aside;
    let place = geodetic_from_ecef(eye);
    // Over the ground at an even height, also where the earth curves away.
    let position = place.with_height(camera.position.height_m + upward);
    held(
        Camera {
            position,
            heading_rad: camera.heading_rad + turn_rad,
            pitch_rad: camera.pitch_rad + tilt_rad,
            fov_y_rad: camera.fov_y_rad,
        },
        ground_m,
    )
}

/// Turned and tilted round what is in the middle of the picture, on ground at `ground_m` above the ellipsoid, and
/// brought nearer to it by the factor `zoom`.
pub(crate) fn orbited(
    camera: &Camera,
    turn_rad: f64,
    tilt_rad: f64,
    zoom: f64,
    ground_m: f64,
) -> Camera {
    let above_m = (camera.position.height_m - ground_m).max(1.0);
    let down = (-camera.pitch_rad).sin();
    let distance_m = if down > FLAT_RAD {
        above_m / down
    } else {
        above_m / FLAT_RAD
    };
    let distance_m = distance_m.clamp(PIVOT_M[0], PIVOT_M[1].max(above_m));
    let forward = camera.forward();
    let pivot = camera.position_ecef() + forward * distance_m;
    let there = Camera::looking_along(pivot, forward, camera.heading_rad, camera.fov_y_rad);
    let steepest = -FRAC_PI_2 + 1e-3;
    let flattest = there.pitch_rad.max(-FLAT_RAD);
    let pitch_rad = (there.pitch_rad + tilt_rad).clamp(steepest, flattest);
    let distance_m = (distance_m / zoom).clamp(PIVOT_M[0], MOST_HEIGHT_M);
    let turned = Camera::orbiting(
        there.position,
        distance_m,
        there.heading_rad + turn_rad,
        pitch_rad,
        camera.fov_y_rad,
    );
    held(turned, ground_m)
}

fn held(camera: Camera, ground_m: f64) -> Camera {
    let height_m = camera.position.height_m;
    let height_m = height_m.clamp(ground_m + LEAST_HEIGHT_M, MOST_HEIGHT_M);
    Camera {
        position: camera.position.with_height(height_m),
        ..camera
    }
    .normalized()
}

/// Metres between two places, straight, at their mean height.
pub(crate) fn distance_m(a: Geodetic, b: Geodetic) -> f64 {
    let height_m = (a.height_m + b.height_m) * 0.5;
    ecef_from_geodetic(a.with_height(height_m))
        .distance(ecef_from_geodetic(b.with_height(height_m)))
}
