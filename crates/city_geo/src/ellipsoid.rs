//! The WGS 84 ellipsoid (NIMA TR 8350.2) and the conversions between geodetic and ECEF coordinates.

use glam::{DVec2, DVec3};
use serde::{Deserialize, Serialize};

/// WGS 84 semi-major axis, metres.
pub const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// WGS 84 flattening.
pub const FLATTENING: f64 = 1.0 / 298.257_223_563;
/// WGS 84 semi-minor axis, metres.
pub const SEMI_MINOR_M: f64 = SEMI_MAJOR_M * (1.0 - FLATTENING);
/// WGS 84 first eccentricity, squared.
pub const ECCENTRICITY_SQUARED: f64 = FLATTENING * (2.0 - FLATTENING);
/// Second eccentricity, squared.
const SECOND_ECCENTRICITY_SQUARED: f64 = ECCENTRICITY_SQUARED / (1.0 - ECCENTRICITY_SQUARED);

/// A place on or above the WGS 84 ellipsoid (EPSG:4979, but longitude first and in radians).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Geodetic {
    /// Longitude, radians, east positive.
    pub lon_rad: f64,
    /// Geodetic latitude, radians, north positive.
    pub lat_rad: f64,
    /// Height above the ellipsoid (not above sea level), metres.
    pub height_m: f64,
}

impl Geodetic {
    /// From radians.
    pub const fn new(lon_rad: f64, lat_rad: f64, height_m: f64) -> Self {
        Self {
            lon_rad,
            lat_rad,
            height_m,
        }
    }

    /// From degrees.
    pub fn from_degrees(lon_deg: f64, lat_deg: f64, height_m: f64) -> Self {
        Self {
            lon_rad: lon_deg.to_radians(),
            lat_rad: lat_deg.to_radians(),
            height_m,
        }
    }

    /// Longitude in degrees.
    pub fn lon_deg(&self) -> f64 {
        self.lon_rad.to_degrees()
    }

    /// Latitude in degrees.
    pub fn lat_deg(&self) -> f64 {
        self.lat_rad.to_degrees()
    }

    /// The same place at another height.
    pub fn with_height(self, height_m: f64) -> Self {
        Self { height_m, ..self }
    }

    /// Whether all three numbers are finite and the latitude is between the poles.
    pub fn is_valid(&self) -> bool {
        self.lon_rad.is_finite()
            && self.lat_rad.is_finite()
            && self.height_m.is_finite()
            && self.lat_rad.abs() <= std::f64::consts::FRAC_PI_2 + 1e-12
    }
}

/// Radius of curvature in the prime vertical at a latitude given by its sine, metres.
pub(crate) fn prime_vertical_radius(sin_lat: f64) -> f64 {
    SEMI_MAJOR_M / (1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat).sqrt()
}

/// The point (distance from the axis, z) of a meridian plane at a latitude and height.
pub(crate) fn meridian_point(lat_rad: f64, height_m: f64) -> DVec2 {
    let (sin_lat, cos_lat) = lat_rad.sin_cos();
    let n = prime_vertical_radius(sin_lat);
    DVec2::new(
        (n + height_m) * cos_lat,
        (n * (1.0 - ECCENTRICITY_SQUARED) + height_m) * sin_lat,
    )
}

/// Latitude (radians) and height (metres) of a point of a meridian plane, `r` ≥ 0 from the axis.
///
/// Bowring's iteration on the reduced latitude, without angles inside the loop: it converges to rounding error in
/// two or three rounds anywhere outside the evolute (some 43 km around the centre of the earth); inside it the
/// answer is finite but of no use.
pub(crate) fn meridian_geodetic(r: f64, z: f64) -> (f64, f64) {
    let axis_ratio = 1.0 - FLATTENING;
    // (cos, sin) of the reduced latitude; exact for height 0.
    let mut reduced = DVec2::new(r * axis_ratio, z)
        .try_normalize()
        .unwrap_or(DVec2::X);
    let mut lat = DVec2::new(r, z);
    for _ in 0..6 {
        lat = DVec2::new(
            r - ECCENTRICITY_SQUARED * SEMI_MAJOR_M * reduced.x.powi(3),
            z + SECOND_ECCENTRICITY_SQUARED * SEMI_MINOR_M * reduced.y.powi(3),
        );
        lat.x = lat.x.max(0.0);
        let next = DVec2::new(lat.x, lat.y * axis_ratio)
            .try_normalize()
            .unwrap_or(reduced);
        let change = (next - reduced).abs().max_element();
        reduced = next;
        if change < 1e-16 {
            break;
        }
    }
    let direction = lat.try_normalize().unwrap_or(DVec2::X);
    // This form of the height is stationary in the latitude, so that no error of the latitude shows in it.
    let height_m = r * direction.x + z * direction.y
        - SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED * direction.y * direction.y).sqrt();
    (lat.y.atan2(lat.x), height_m)
}

/// ECEF position of a place.
pub fn ecef_from_geodetic(g: Geodetic) -> DVec3 {
    let meridian = meridian_point(g.lat_rad, g.height_m);
    let (sin_lon, cos_lon) = g.lon_rad.sin_cos();
    DVec3::new(meridian.x * cos_lon, meridian.x * sin_lon, meridian.y)
}

/// The place of an ECEF position. Longitude is 0 on the axis.
pub fn geodetic_from_ecef(p: DVec3) -> Geodetic {
    let (lat_rad, height_m) = meridian_geodetic(p.x.hypot(p.y), p.z);
    Geodetic {
        lon_rad: p.y.atan2(p.x),
        lat_rad,
        height_m: if p.is_finite() { height_m } else { f64::NAN },
    }
}

/// Unit normal of the ellipsoid ("up") at the foot of an ECEF position.
pub fn surface_normal(p_ecef: DVec3) -> DVec3 {
    normal_at(geodetic_from_ecef(p_ecef))
}

/// Unit normal of the ellipsoid at a place.
pub(crate) fn normal_at(g: Geodetic) -> DVec3 {
    let (sin_lat, cos_lat) = g.lat_rad.sin_cos();
    let (sin_lon, cos_lon) = g.lon_rad.sin_cos();
    DVec3::new(cos_lat * cos_lon, cos_lat * sin_lon, sin_lat)
}
