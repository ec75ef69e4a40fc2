//! The camera's pose: a place, a heading and a pitch.

use std::f64::consts::FRAC_PI_2;
use std::fmt;
use std::str::FromStr;

use glam::{DMat4, DVec2, DVec3};
use serde::{Deserialize, Serialize};

use crate::angle::{wrap_0_tau, wrap_pi};
use crate::ellipsoid::{Geodetic, ecef_from_geodetic, geodetic_from_ecef};
use crate::frame::enu_axes;
use crate::ray::Ray;
use crate::volume::Frustum;

/// The steepest pitch a pose takes, radians: 90°, straight up or down.
pub const MAX_PITCH_RAD: f64 = FRAC_PI_2;

/// Where the camera is and where it looks. The horizon is always level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Camera {
    /// The eye.
    pub position: Geodetic,
    /// Heading, radians clockwise from north (π/2 looks east).
    pub heading_rad: f64,
    /// Pitch, radians: 0 looks at the horizon, −π/2 straight down.
    pub pitch_rad: f64,
    /// Vertical field of view, radians.
    pub fov_y_rad: f64,
}

impl Camera {
    /// The vertical field of view that poses without one get, radians (45°).
    pub const DEFAULT_FOV_Y_RAD: f64 = std::f64::consts::FRAC_PI_4;

    /// A pose from degrees, with the default field of view.
    pub fn from_degrees(
        lon_deg: f64,
        lat_deg: f64,
        height_m: f64,
        heading_deg: f64,
        pitch_deg: f64,
    ) -> Self {
        Self {
            position: Geodetic::from_degrees(lon_deg, lat_deg, height_m),
            heading_rad: heading_deg.to_radians(),
            pitch_rad: pitch_deg.to_radians(),
            fov_y_rad: Self::DEFAULT_FOV_Y_RAD,
        }
    }

    /// A pose at an ECEF position.
    pub fn at_ecef(position_ecef: DVec3, heading_rad: f64, pitch_rad: f64, fov_y_rad: f64) -> Self {
        Self {
            position: geodetic_from_ecef(position_ecef),
            heading_rad,
            pitch_rad,
            fov_y_rad,
        }
    }

    /// A pose at an ECEF position that looks along `forward` (ECEF). Straight up or down keeps `heading_if_vertical_rad`.
    pub fn looking_along(
        position_ecef: DVec3,
        forward: DVec3,
        heading_if_vertical_rad: f64,
        fov_y_rad: f64,
    ) -> Self {
        let position = geodetic_from_ecef(position_ecef);
        let (east, north, up) = enu_axes(position);
        let local = DVec3::new(forward.dot(east), forward.dot(north), forward.dot(up));
        let flat = local.truncate().length();
        let heading_rad = if flat > 1e-9 * local.length() {
            wrap_0_tau(local.x.atan2(local.y))
        } else {
            heading_if_vertical_rad
        };
        Self {
            position,
            heading_rad,
            pitch_rad: local.z.atan2(flat),
            fov_y_rad,
        }
    }

    /// A pose at `distance_m` from `target` that has it in the middle, seen with a heading and pitch that hold at the
    /// target (so that the pose orbits the target when the heading turns).
    pub fn orbiting(
        target: Geodetic,
        distance_m: f64,
        heading_rad: f64,
        pitch_rad: f64,
        fov_y_rad: f64,
    ) -> Self {
        let (east, north, up) = enu_axes(target);
        let forward = direction(east, north, up, heading_rad, pitch_rad);
        let eye = ecef_from_geodetic(target) - forward * distance_m;
        Self::looking_along(eye, forward, heading_rad, fov_y_rad)
    }

    /// The eye in ECEF, metres.
    pub fn position_ecef(&self) -> DVec3 {
        ecef_from_geodetic(self.position)
    }

    /// Unit view direction, ECEF.
    pub fn forward(&self) -> DVec3 {
        let (east, north, up) = enu_axes(self.position);
        direction(east, north, up, self.heading_rad, self.pitch_rad)
    }

    /// Unit direction to the right of the picture, ECEF.
    pub fn right(&self) -> DVec3 {
        let (east, north, _) = enu_axes(self.position);
        let (sin_h, cos_h) = self.heading_rad.sin_cos();
        east * cos_h - north * sin_h
    }

    /// Unit direction to the top of the picture, ECEF.
    pub fn up(&self) -> DVec3 {
        self.right().cross(self.forward())
    }

    /// Camera frame (x right, y up, −z forward) to ECEF.
    pub fn ecef_from_camera(&self) -> DMat4 {
        DMat4::from_cols(
            self.right().extend(0.0),
            self.up().extend(0.0),
            (-self.forward()).extend(0.0),
            self.position_ecef().extend(1.0),
        )
    }

    /// The view volume, without a far plane.
    pub fn frustum(&self, aspect: f64, near_m: f64) -> Frustum {
        Frustum::from_camera(
            self.position_ecef(),
            self.forward(),
            self.up(),
            self.fov_y_rad,
            aspect,
            near_m,
        )
    }

    /// The ray through a point of the picture in normalised device coordinates (−1..1, y up).
    pub fn ray_through(&self, ndc: DVec2, aspect: f64) -> Ray {
        let tan = (self.fov_y_rad * 0.5).tan();
        let direction =
            self.forward() + self.right() * (ndc.x * tan * aspect) + self.up() * (ndc.y * tan);
        Ray::new(self.position_ecef(), direction)
    }

    /// Where an ECEF point falls in the picture, in normalised device coordinates; `None` behind the eye.
    pub fn project(&self, p_ecef: DVec3, aspect: f64) -> Option<DVec2> {
        let to_point = p_ecef - self.position_ecef();
        let depth = to_point.dot(self.forward());
        if !(depth > 0.0) {
            return None;
        }
        let tan = (self.fov_y_rad * 0.5).tan();
        Some(DVec2::new(
            to_point.dot(self.right()) / (depth * tan * aspect),
            to_point.dot(self.up()) / (depth * tan),
        ))
    }

    /// The same pose with heading in [0, 2π), longitude in [−π, π) and pitch within ±90°.
    pub fn normalized(mut self) -> Self {
        self.heading_rad = wrap_0_tau(self.heading_rad);
        self.position.lon_rad = wrap_pi(self.position.lon_rad);
        self.pitch_rad = self.pitch_rad.clamp(-MAX_PITCH_RAD, MAX_PITCH_RAD);
        self
    }

    /// Whether every number is finite and the field of view is a real one.
    pub fn is_valid(&self) -> bool {
        self.position.is_valid()
            && self.heading_rad.is_finite()
            && self.pitch_rad.is_finite()
            && self.fov_y_rad > 0.0
            && self.fov_y_rad < std::f64::consts::PI
    }
}

fn direction(east: DVec3, north: DVec3, up: DVec3, heading_rad: f64, pitch_rad: f64) -> DVec3 {
    let (sin_h, cos_h) = heading_rad.sin_cos();
    let (sin_p, cos_p) = pitch_rad.sin_cos();
    east * (sin_h * cos_p) + north * (cos_h * cos_p) + up * sin_p
}

/// Why a camera's text was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CameraParseError {
    /// Not five numbers.
    #[error(
        "a camera is five numbers, LON,LAT,HEIGHT,HEADING,PITCH (degrees and metres), but {found} were given"
    )]
    Count {
        /// How many there were.
        found: usize,
    },
    /// A part that is no number.
    #[error("the camera's {name} is \"{text}\", which is not a number")]
    NotANumber {
        /// Which part.
        name: &'static str,
        /// What was there, shortened.
        text: String,
    },
    /// A number out of its range.
    #[error("the camera's {name} is {value}, but must be between {min} and {max}")]
    Range {
        /// Which part.
        name: &'static str,
        /// What was given.
        value: f64,
        /// Least allowed.
        min: f64,
        /// Most allowed.
        max: f64,
    },
}

const PARTS: [(&str, f64, f64); 5] = [
    ("longitude", -360.0, 360.0),
    ("latitude", -90.0, 90.0),
    ("height", -20_000.0, 100_000_000.0),
    ("heading", -360.0, 360.0),
    ("pitch", -90.0, 90.0),
];

impl FromStr for Camera {
    type Err = CameraParseError;

    /// Reads `LON,LAT,HEIGHT,HEADING,PITCH` in degrees and metres.
    fn from_str(text: &str) -> Result<Self, CameraParseError> {
        let found = text.split(',').count();
        if found != PARTS.len() {
            return Err(CameraParseError::Count { found });
        }
        let mut values = [0.0; PARTS.len()];
        for ((slot, part), (name, min, max)) in values.iter_mut().zip(text.split(',')).zip(PARTS) {
            let value: f64 = part
                .trim()
                .parse()
                .map_err(|_| CameraParseError::NotANumber {
                    name,
                    text: part.trim().chars().take(40).collect(),
                })?;
            if !(min..=max).contains(&value) {
                return Err(CameraParseError::Range {
                    name,
                    value,
                    min,
                    max,
                });
            }
            *slot = value;
        }
        let [lon, lat, height, heading, pitch] = values;
        Ok(Self::from_degrees(lon, lat, height, heading, pitch).normalized())
    }
}

impl fmt::Display for Camera {
    /// Writes what [`Camera::from_str`] reads: 1 cm in place, 0.01° in direction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.7},{:.7},{:.2},{:.2},{:.2}",
            self.position.lon_deg(),
            self.position.lat_deg(),
            self.position.height_m,
            self.heading_rad.to_degrees(),
            self.pitch_rad.to_degrees()
        )
    }
}
