//! Sunrise, sunset and twilight of a day.

use city_geo::Geodetic;
use city_time::{NS_PER_DAY, NS_PER_HOUR, SimInstant, Zone};
use solar_positioning::{Horizon, Location, SolarEvents};

use super::PROVENANCE;
use super::position::{SunError, UNIX_EPOCH_JD, delta_t_s, julian_ut, location, model_error};
use crate::Provenance;

/// The sun's course over one day of a zone's calendar. What does not happen that day (polar day and night) is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SunDay {
    /// First instant of the day.
    pub start: SimInstant,
    /// First instant of the next.
    pub end: SimInstant,
    /// Start of civil twilight (sun at −6°).
    pub dawn: Option<SimInstant>,
    /// The upper limb appears.
    pub sunrise: Option<SimInstant>,
    /// The sun crosses the meridian.
    pub noon: Option<SimInstant>,
    /// The upper limb disappears.
    pub sunset: Option<SimInstant>,
    /// End of civil twilight (sun at −6°).
    pub dusk: Option<SimInstant>,
    /// Where this comes from.
    pub by: Provenance,
}

/// Sunrise, sunset and twilight of the day in which `t` lies by the clocks of `zone`; sea level, flat horizon.
/// The first of each, should a day have two.
///
/// # Errors
/// For a place that is none.
pub fn sun_day(t: SimInstant, place: Geodetic, zone: &Zone) -> Result<SunDay, SunError> {
    let start = zone.start_of_day(t);
    let end = zone.start_of_day(start.plus_ns(36 * NS_PER_HOUR));
    let search = Search {
        from: start,
        to: end,
        location: location(place)?,
        delta_t_s: delta_t_s(t),
    };
    Ok(SunDay {
        start,
        end,
        dawn: search.rise(Horizon::CivilTwilight)?,
        sunrise: search.rise(Horizon::SunriseSunset)?,
        noon: search.transit()?,
        sunset: search.set(Horizon::SunriseSunset)?,
        dusk: search.set(Horizon::CivilTwilight)?,
        by: PROVENANCE,
    })
}

struct Search {
    from: SimInstant,
    to: SimInstant,
    location: Location,
    delta_t_s: f64,
}

impl Search {
    fn rise(&self, horizon: Horizon) -> Result<Option<SimInstant>, SunError> {
        let (from, to) = (julian_ut(self.from), julian_ut(self.to));
        SolarEvents::new()
            .next_rise_from_julian(from, to, self.location, self.delta_t_s, horizon)
            .map(instant)
            .map_err(model_error)
    }

    fn set(&self, horizon: Horizon) -> Result<Option<SimInstant>, SunError> {
        let (from, to) = (julian_ut(self.from), julian_ut(self.to));
        SolarEvents::new()
            .next_set_from_julian(from, to, self.location, self.delta_t_s, horizon)
            .map(instant)
            .map_err(model_error)
    }

    fn transit(&self) -> Result<Option<SimInstant>, SunError> {
        let (from, to) = (julian_ut(self.from), julian_ut(self.to));
        SolarEvents::new()
            .next_transit_from_julian(from, to, self.location.longitude, self.delta_t_s)
            .map(instant)
            .map_err(model_error)
    }
}

fn instant(julian_ut: Option<f64>) -> Option<SimInstant> {
    julian_ut.map(|jd| SimInstant(((jd - UNIX_EPOCH_JD) * NS_PER_DAY as f64) as i64))
}
