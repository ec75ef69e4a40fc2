//! Azimuth and elevation of the sun.

use city_geo::{DVec3, Geodetic, wrap_0_tau, wrap_pi};
use city_time::{NS_PER_DAY, SimInstant};
use solar_positioning::time::JulianDate;
use solar_positioning::{Location, RefractionCorrection, SolarPositions, delta_t};

use super::{PROVENANCE, TwilightPhase};
use crate::Provenance;

/// Julian date of the Unix epoch.
pub(super) const UNIX_EPOCH_JD: f64 = 2_440_587.5;
/// TT − UT1 in seconds where no estimate can be had; that of 2020.
const FALLBACK_DELTA_T_S: f64 = 69.2;
/// Below this true elevation SPA takes the sun as set and leaves refraction out (upper limb under the horizon), degrees.
const REFRACTION_LIMIT_DEG: f64 = -0.833_37;
/// By this true elevation the refraction of drawn light has faded out, degrees.
const FADED_DEG: f64 = -6.0;

/// The air that bends the light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Atmosphere {
    /// Pressure at the place, hPa.
    pub pressure_hpa: f64,
    /// Temperature at the place, degrees Celsius.
    pub temperature_c: f64,
}

impl Atmosphere {
    /// 1013.25 hPa and 15 °C.
    pub const STANDARD: Self = Self {
        pressure_hpa: 1013.25,
        temperature_c: 15.0,
    };
}

/// What a position may be computed with besides place and instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SunOptions {
    /// Terrestrial minus universal time, seconds; estimated from the date when not given.
    pub delta_t_s: Option<f64>,
    /// The air; `None` for a sun seen without any.
    pub atmosphere: Option<Atmosphere>,
}

impl Default for SunOptions {
    fn default() -> Self {
        Self {
            delta_t_s: None,
            atmosphere: Some(Atmosphere::STANDARD),
        }
    }
}

/// Where the sun stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SunPosition {
    /// Azimuth, radians clockwise from north.
    pub azimuth_rad: f64,
    /// Elevation of the sun's centre as seen (with refraction, as SPA defines it), radians.
    pub elevation_rad: f64,
    /// Elevation of the sun's centre without the atmosphere, radians.
    pub true_elevation_rad: f64,
    /// Distance, astronomical units.
    pub distance_au: f64,
    /// Where this comes from.
    pub by: Provenance,
}

/// Why there is no position.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SunError {
    /// A place that is not finite or beyond the poles.
    #[error(
        "the sun's position was asked for at a place that is none ({lon_deg}, {lat_deg}, {height_m} m)"
    )]
    Place {
        /// Longitude, degrees.
        lon_deg: f64,
        /// Latitude, degrees.
        lat_deg: f64,
        /// Height, metres.
        height_m: f64,
    },
    /// Something that the model does not take.
    #[error("the sun's position cannot be computed: {0}")]
    Model(String),
}

impl SunPosition {
    /// Unit vector to the sun as seen, east-north-up.
    pub fn direction_enu(&self) -> DVec3 {
        direction(self.azimuth_rad, self.elevation_rad)
    }

    /// How far into the night it is.
    pub fn phase(&self) -> TwilightPhase {
        TwilightPhase::of_elevation(self.true_elevation_rad)
    }
}

/// East-north-up unit vector of an azimuth and elevation.
fn direction(azimuth_rad: f64, elevation_rad: f64) -> DVec3 {
    let (sin_a, cos_a) = azimuth_rad.sin_cos();
    let (sin_e, cos_e) = elevation_rad.sin_cos();
    DVec3::new(sin_a * cos_e, cos_a * cos_e, sin_e)
}

/// UT as a Julian date: 40 µs exact.
pub(super) fn julian_ut(t: SimInstant) -> f64 {
    t.unix_ns() as f64 / NS_PER_DAY as f64 + UNIX_EPOCH_JD
}

/// TT − UT1 in seconds for an instant.
pub(super) fn delta_t_s(t: SimInstant) -> f64 {
    let decimal_year = 1970.0 + t.unix_s() / (365.242_5 * 86_400.0);
    delta_t::estimate(decimal_year).unwrap_or(FALLBACK_DELTA_T_S)
}

pub(super) fn location(place: Geodetic) -> Result<Location, SunError> {
    if !place.is_valid() {
        return Err(SunError::Place {
            lon_deg: place.lon_deg(),
            lat_deg: place.lat_deg(),
            height_m: place.height_m,
        });
    }
    Ok(Location {
        latitude: place.lat_deg().clamp(-90.0, 90.0),
        longitude: wrap_pi(place.lon_rad).to_degrees().clamp(-180.0, 180.0),
    })
}

pub(super) fn model_error(error: solar_positioning::Error) -> SunError {
    SunError::Model(error.to_string())
}

/// The sun's position with standard air and an estimated ΔT.
///
/// # Errors
/// For a place that is none.
pub fn sun_position(t: SimInstant, place: Geodetic) -> Result<SunPosition, SunError> {
    sun_position_with(t, place, &SunOptions::default())
}

/// The sun's position.
///
/// # Errors
/// For a place that is none, and for air or ΔT out of any reason.
pub fn sun_position_with(
    t: SimInstant,
    place: Geodetic,
    options: &SunOptions,
) -> Result<SunPosition, SunError> {
    let location = location(place)?;
    let time = JulianDate::new(
        julian_ut(t),
        options.delta_t_s.unwrap_or_else(|| delta_t_s(t)),
    )
    .map_err(model_error)?;
    let prepared = SolarPositions::new()
        .for_time_from_julian(time)
        .map_err(model_error)?;
    let bare = prepared
        .at(location, place.height_m, None)
        .map_err(model_error)?;
    let seen = match options.atmosphere {
        None => bare,
        Some(air) => {
            let air = RefractionCorrection::new(air.pressure_hpa, air.temperature_c)
                .map_err(model_error)?;
            prepared
                .at(location, place.height_m, Some(air))
                .map_err(model_error)?
        }
    };
    Ok(SunPosition {
        azimuth_rad: wrap_0_tau(seen.azimuth().to_radians()),
        elevation_rad: seen.elevation_angle().to_radians(),
        true_elevation_rad: bare.elevation_angle().to_radians(),
        distance_au: prepared.earth_radius_vector().unwrap_or(1.0),
        by: PROVENANCE,
    })
}

/// Unit vector to the sun for drawing, east-north-up at the place (metres and heights do not matter to it); straight
/// up for a place that is none.
///
/// As seen through standard air. SPA drops the refraction at once when the upper limb sets, a jump of 0.6° that
/// would show in the sky; here what refraction there is at that moment fades to nothing at the end of civil twilight.
pub fn sun_direction_enu(t: SimInstant, place: Geodetic) -> DVec3 {
    let Ok(position) = sun_position(t, place) else {
        return DVec3::Z;
    };
    let true_deg = position.true_elevation_rad.to_degrees();
    if true_deg > REFRACTION_LIMIT_DEG {
        return position.direction_enu();
    }
    let share = ((true_deg - FADED_DEG) / (REFRACTION_LIMIT_DEG - FADED_DEG)).clamp(0.0, 1.0);
    let lifted_deg = true_deg + share * refraction_deg(REFRACTION_LIMIT_DEG);
    direction(position.azimuth_rad, lifted_deg.to_radians())
}

/// SPA's refraction (equation 42) in standard air, degrees.
fn refraction_deg(true_elevation_deg: f64) -> f64 {
    let air = Atmosphere::STANDARD;
    let angle = true_elevation_deg + 10.3 / (true_elevation_deg + 5.11);
    air.pressure_hpa / 1010.0 * 283.0 / (273.0 + air.temperature_c) * 1.02
        / (60.0 * angle.to_radians().tan())
}
