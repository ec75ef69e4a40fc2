//! The view that every renderer in the comparison draws: a full turn around the
//! centre of the tileset's region, 1500 m out and 900 m up, 60 degrees high.

use glam::{DMat4, DVec3, DVec4};

/// Longitude and latitude of the region's centre (radians) and the height of
/// the point that is looked at (metres above the ellipsoid).
pub const CENTRE: (f64, f64, f64) = (
    (0.09765966604464496 + 0.0988168554342104) / 2.0,
    (0.9064522008528527 + 0.9071703941092876) / 2.0,
    50.0,
);
/// Horizontal distance from the centre, metres.
pub const OUT_M: f64 = 1500.0;
/// Height over the centre, metres.
pub const UP_M: f64 = 900.0;
/// Vertical field of view, radians.
pub const FOV_Y_RAD: f32 = 60.0 / 180.0 * core::f32::consts::PI;
/// Picture size, pixels.
pub const SIZE: (u32, u32) = (1280, 720);
/// Frames in a turn.
pub const FRAMES: u32 = 90;

/// Where the camera stands in frame `i`, metres in ENU around the centre.
/// Frame 0 looks north; the camera moves east first.
pub fn eye(i: u32) -> DVec3 {
    let angle = f64::from(i) / f64::from(FRAMES) * core::f64::consts::TAU;
    DVec3::new(OUT_M * angle.sin(), -OUT_M * angle.cos(), UP_M)
}

/// The ENU frame at [`CENTRE`] on WGS 84.
pub fn enu_from_ecef() -> DMat4 {
    const A: f64 = 6378137.0;
    const E2: f64 = 6.694_379_990_141_316e-3;
    let (lon, lat, height) = CENTRE;
    let n = A / (1.0 - E2 * lat.sin().powi(2)).sqrt();
    let up = DVec3::new(lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin());
    let origin = DVec3::new(
        (n + height) * up.x,
        (n + height) * up.y,
        (n * (1.0 - E2) + height) * up.z,
    );
    let east = DVec3::new(-lon.sin(), lon.cos(), 0.0);
    let north = up.cross(east);
    let ecef_from_enu = DMat4::from_cols(
        east.extend(0.0),
        north.extend(0.0),
        up.extend(0.0),
        DVec4::new(origin.x, origin.y, origin.z, 1.0),
    );
    ecef_from_enu.inverse()
}
