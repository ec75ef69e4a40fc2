//! The city's plane and its place on the earth.
//!
//! The generator thinks in a plane: x east, y north, both in metres, and a
//! height in metres above the WGS 84 ellipsoid. The plane is a plain
//! equirectangular map whose scale is true at the origin, so a rectangle of the
//! plane is a rectangle of longitude and latitude. Everything that is written
//! goes plane -> geodetic -> ECEF -> the tileset's east-north-up frame in f64,
//! so heights are right over the whole city: at 7 km the plane and the curved
//! earth are already 3.8 m apart.
//!
//! `city_geo` does the same conversions for everyone else; this copy uses libm,
//! whose sines have the same bits on every platform (a test compares the two).

use glam::{DMat3, DMat4, DVec2, DVec3};

/// WGS 84 semi-major axis, metres.
const A_M: f64 = 6_378_137.0;
/// WGS 84 flattening.
const F: f64 = 1.0 / 298.257_223_563;
const E2: f64 = F * (2.0 - F);

/// The plane's origin and its east-north-up frame.
#[derive(Debug, Clone)]
pub struct Frame {
    lon_rad: f64,
    lat_rad: f64,
    /// Metres per radian, east and north, at the origin.
    metres_per_rad: DVec2,
    origin_ecef: DVec3,
    /// Rows are east, north and up in ECEF.
    enu_from_ecef: DMat3,
}

fn ecef(lon_rad: f64, lat_rad: f64, height_m: f64) -> DVec3 {
    let (sin_lat, cos_lat) = (libm::sin(lat_rad), libm::cos(lat_rad));
    let n = A_M / (1.0 - E2 * sin_lat * sin_lat).sqrt();
    DVec3::new(
        (n + height_m) * cos_lat * libm::cos(lon_rad),
        (n + height_m) * cos_lat * libm::sin(lon_rad),
        (n * (1.0 - E2) + height_m) * sin_lat,
    )
}

impl Frame {
    /// A frame whose origin lies on the ellipsoid.
    #[must_use]
    pub fn new(lon_deg: f64, lat_deg: f64) -> Self {
        let (lon_rad, lat_rad) = (lon_deg.to_radians(), lat_deg.to_radians());
        let (sin_lat, cos_lat) = (libm::sin(lat_rad), libm::cos(lat_rad));
        let (sin_lon, cos_lon) = (libm::sin(lon_rad), libm::cos(lon_rad));
        let w2 = 1.0 - E2 * sin_lat * sin_lat;
        let prime_vertical = A_M / w2.sqrt();
        let meridian = A_M * (1.0 - E2) / (w2 * w2.sqrt());
        let east = DVec3::new(-sin_lon, cos_lon, 0.0);
        let north = DVec3::new(-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat);
        let up = DVec3::new(cos_lat * cos_lon, cos_lat * sin_lon, sin_lat);
        Self {
            lon_rad,
            lat_rad,
            metres_per_rad: DVec2::new(prime_vertical * cos_lat, meridian),
            origin_ecef: ecef(lon_rad, lat_rad, 0.0),
            enu_from_ecef: DMat3::from_cols(east, north, up).transpose(),
        }
    }

    /// Longitude and latitude in degrees of a point of the plane.
    #[must_use]
    pub fn lon_lat_deg(&self, p: DVec2) -> (f64, f64) {
        (
            (self.lon_rad + p.x / self.metres_per_rad.x).to_degrees(),
            (self.lat_rad + p.y / self.metres_per_rad.y).to_degrees(),
        )
    }

    /// ECEF of a point of the plane with its ellipsoidal height.
    #[must_use]
    pub fn ecef(&self, p: DVec3) -> DVec3 {
        ecef(
            self.lon_rad + p.x / self.metres_per_rad.x,
            self.lat_rad + p.y / self.metres_per_rad.y,
            p.z,
        )
    }

    /// East, north, up of a point of the plane (x, y, ellipsoidal height).
    #[must_use]
    pub fn enu(&self, p: DVec3) -> DVec3 {
        self.enu_from_ecef * (self.ecef(p) - self.origin_ecef)
    }

    /// The tileset's transform: ECEF from east-north-up.
    #[must_use]
    pub fn ecef_from_enu(&self) -> DMat4 {
        let mut m = DMat4::from_mat3(self.enu_from_ecef.transpose());
        m.w_axis = self.origin_ecef.extend(1.0);
        m
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_ellipsoidal_across_the_city() {
        let frame = Frame::new(114.17, 22.29);
        for (x, y, h) in [
            (0.0, 0.0, 0.0),
            (7000.0, -5000.0, 12.0),
            (-7000.0, 5000.0, 550.0),
        ] {
            let p = DVec3::new(x, y, h);
            let back = frame.ecef_from_enu().transform_point3(frame.enu(p));
            assert!((back - frame.ecef(p)).length() < 1e-6);
            // Bowring's first iterate is exact to well under a millimetre here.
            let r = back.truncate().length();
            let b = A_M * (1.0 - F);
            let theta = libm::atan2(back.z * A_M, r * b);
            let (s, c) = (libm::sin(theta), libm::cos(theta));
            let lat = libm::atan2(
                back.z + E2 / (1.0 - E2) * b * s * s * s,
                r - E2 * A_M * c * c * c,
            );
            let n = A_M / (1.0 - E2 * libm::sin(lat) * libm::sin(lat)).sqrt();
            let height = r / libm::cos(lat) - n;
            assert!((height - h).abs() < 1e-3, "{height} for {h}");
            let (lon_deg, lat_deg) = frame.lon_lat_deg(p.truncate());
            assert!((lat.to_degrees() - lat_deg).abs() < 1e-9);
            assert!((libm::atan2(back.y, back.x).to_degrees() - lon_deg).abs() < 1e-9);
        }
    }

    #[test]
    fn the_earth_curves_away() {
        let frame = Frame::new(114.17, 22.29);
        let drop = frame.enu(DVec3::new(7000.0, 0.0, 0.0)).z;
        assert!((drop + 3.84).abs() < 0.05, "{drop}");
    }
}
