//! Regions: ranges of longitude, latitude and height on WGS 84, over the antimeridian and round the poles too.
//!
//! Distance and culling are exact, not by an enclosing box, because regions at the top of a tileset can be
//! half a continent and their boxes reach far into space:
//!
//! - The region is symmetric under rotation apart from its ends of longitude, so the point nearest to `p` lies in
//!   the half plane through the axis at the longitude of the range that is nearest to `p`'s. In that plane the
//!   region is a strip between two parallels of an ellipse, ended by two straight normals.
//! - The same split gives the farthest point in a direction (the support function) in closed form, hence exact
//!   tests against planes.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use glam::{DMat3, DVec2, DVec3};
use serde::{Deserialize, Serialize};

use super::{OrientedBox, VolumeError, check_finite};
use crate::angle::{clamp_to_arc, wrap_pi};
use crate::ellipsoid::{Geodetic, ecef_from_geodetic, meridian_geodetic, meridian_point};
use crate::frame::enu_axes;

/// A range of longitude, latitude (radians) and ellipsoidal height (metres). `west > east` crosses the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Western end, radians in [−π, π].
    pub west: f64,
    /// Southern end, radians in [−π/2, π/2].
    pub south: f64,
    /// Eastern end, radians in [−π, π]; less than `west` when the range crosses the antimeridian.
    pub east: f64,
    /// Northern end, radians in [−π/2, π/2].
    pub north: f64,
    /// Lowest height above the ellipsoid, metres.
    pub min_height_m: f64,
    /// Highest height above the ellipsoid, metres.
    pub max_height_m: f64,
}

/// What writers round their angles by: a region of 180.0000001° is meant as 180°.
const ANGLE_SLACK_RAD: f64 = 1e-6;

impl Region {
    /// From a tileset's six numbers (3D Tiles 1.1, `boundingVolume.region`).
    pub fn from_array(numbers: [f64; 6]) -> Result<Self, VolumeError> {
        check_finite("region", &numbers)?;
        let [west, south, east, north, min_height_m, max_height_m] = numbers;
        for (name, value, limit) in [
            ("west", west, PI),
            ("south", south, FRAC_PI_2),
            ("east", east, PI),
            ("north", north, FRAC_PI_2),
        ] {
            if value.abs() > limit + ANGLE_SLACK_RAD {
                return Err(VolumeError::Angle { name, value });
            }
        }
        if south > north {
            return Err(VolumeError::SouthAboveNorth { south, north });
        }
        if min_height_m > max_height_m {
            return Err(VolumeError::HeightsSwapped {
                min_m: min_height_m,
                max_m: max_height_m,
            });
        }
        Ok(Self {
            west: west.clamp(-PI, PI),
            south: south.clamp(-FRAC_PI_2, FRAC_PI_2),
            east: east.clamp(-PI, PI),
            north: north.clamp(-FRAC_PI_2, FRAC_PI_2),
            min_height_m,
            max_height_m,
        })
    }

    /// From a rectangle of longitude and latitude in degrees and a range of heights.
    pub fn from_degrees(
        rect: geo_types::Rect<f64>,
        min_height_m: f64,
        max_height_m: f64,
    ) -> Result<Self, VolumeError> {
        Self::from_array([
            rect.min().x.to_radians(),
            rect.min().y.to_radians(),
            rect.max().x.to_radians(),
            rect.max().y.to_radians(),
            min_height_m,
            max_height_m,
        ])
    }

    /// Extent in longitude, radians in [0, 2π].
    pub fn width_rad(&self) -> f64 {
        let width = self.east - self.west;
        if width < 0.0 {
            width + TAU
        } else {
            width.min(TAU)
        }
    }

    /// The middle of the ranges.
    pub fn middle(&self) -> Geodetic {
        Geodetic {
            lon_rad: wrap_pi(self.west + self.width_rad() * 0.5),
            lat_rad: (self.south + self.north) * 0.5,
            height_m: (self.min_height_m + self.max_height_m) * 0.5,
        }
    }

    /// Whether a place is in all three ranges.
    pub fn contains_geodetic(&self, g: Geodetic) -> bool {
        clamp_to_arc(g.lon_rad, self.west, self.width_rad()) == 0.0
            && (self.south..=self.north).contains(&g.lat_rad)
            && (self.min_height_m..=self.max_height_m).contains(&g.height_m)
    }

    /// Distance from an ECEF point, metres; 0 inside.
    pub fn distance_to(&self, p_ecef: DVec3) -> f64 {
        let r = p_ecef.x.hypot(p_ecef.y);
        let delta = clamp_to_arc(p_ecef.y.atan2(p_ecef.x), self.west, self.width_rad());
        let (sin_delta, cos_delta) = delta.sin_cos();
        let in_plane = DVec2::new(r * cos_delta, p_ecef.z);
        self.strip_distance(in_plane).hypot(r * sin_delta)
    }

    /// Distance within the half plane of a meridian, `p` = (from the axis, z); `p.x` may be negative.
    fn strip_distance(&self, p: DVec2) -> f64 {
        if p.x >= 0.0 {
            let (lat_rad, height_m) = meridian_geodetic(p.x, p.y);
            if (self.south..=self.north).contains(&lat_rad) {
                // Heights are measured along the normals, so this is a distance.
                return (self.min_height_m - height_m)
                    .max(height_m - self.max_height_m)
                    .max(0.0);
            }
        }
        self.end_distance(self.south, p)
            .min(self.end_distance(self.north, p))
    }

    /// Distance to the straight end of the strip at a latitude.
    fn end_distance(&self, lat_rad: f64, p: DVec2) -> f64 {
        let (sin_lat, cos_lat) = lat_rad.sin_cos();
        let normal = DVec2::new(cos_lat, sin_lat);
        let foot = meridian_point(lat_rad, 0.0);
        let along = (p - foot)
            .dot(normal)
            .clamp(self.min_height_m, self.max_height_m.max(self.min_height_m));
        (foot + normal * along - p).length()
    }

    /// The greatest `direction · x` over the region (ECEF): its support function.
    pub fn support(&self, direction: DVec3) -> f64 {
        let flat = direction.x.hypot(direction.y);
        let delta = clamp_to_arc(direction.y.atan2(direction.x), self.west, self.width_rad());
        // The direction seen in the half plane whose longitude serves it best.
        let d = DVec2::new(flat * delta.cos(), direction.z);
        let at = |lat_rad: f64, height_m: f64| d.dot(meridian_point(lat_rad, height_m));
        let mut best = f64::NEG_INFINITY;
        for lat_rad in [self.south, self.north] {
            best = best
                .max(at(lat_rad, self.min_height_m))
                .max(at(lat_rad, self.max_height_m));
        }
        // Along a parallel of the ellipse the only interior extremum is where the normal points along `d`, or
        // (a maximum of the inner bound, never the region's greatest) against it.
        let facing = d.y.atan2(d.x);
        if facing > self.south && facing < self.north {
            best = best.max(at(facing, self.max_height_m));
        }
        best
    }

    /// A tight box around the region, aligned with east, north and up in its middle.
    pub fn enclosing_box(&self) -> OrientedBox {
        // A range wider than half the globe has no useful middle meridian at high latitudes: stand on the equator.
        let middle = self.middle();
        let stand = if self.width_rad() > PI {
            Geodetic {
                lat_rad: 0.0,
                ..middle
            }
        } else {
            middle
        };
        let (east, north, up) = enu_axes(stand);
        let mut center = DVec3::ZERO;
        let mut half_axes = DMat3::ZERO;
        for (i, axis) in [east, north, up].into_iter().enumerate() {
            let (greatest, least) = (self.support(axis), -self.support(-axis));
            center += axis * ((greatest + least) * 0.5);
            *half_axes.col_mut(i) = axis * ((greatest - least) * 0.5);
        }
        OrientedBox { center, half_axes }
    }

    /// The corners of the ranges; bit 0 is east, bit 1 north, bit 2 up.
    pub fn corners(&self) -> [DVec3; 8] {
        std::array::from_fn(|i| {
            ecef_from_geodetic(Geodetic {
                lon_rad: if i & 1 == 1 { self.east } else { self.west },
                lat_rad: if i & 2 == 2 { self.north } else { self.south },
                height_m: if i & 4 == 4 {
                    self.max_height_m
                } else {
                    self.min_height_m
                },
            })
        })
    }
}
