//! Hours of direct sun at a place on a day.

use city_geo::{DVec3, Geodetic, LocalFrame};
use city_time::{NS_PER_HOUR, NS_PER_MINUTE, SimInstant, Zone};

use super::occluders::Occluders;
use crate::Provenance;
use crate::sun::{SunError, sun_day, sun_position};

/// What results carry.
const BY: Provenance = Provenance {
    model: "Belvedere hours of sun (NREL SPA positions, ray test)",
    version: "1",
    validity: "screening: exact to one step; clear sky, only what is in the scene casts shadow, sun as a point",
};

/// Shortest step, minutes.
const MIN_STEP_MIN: u32 = 1;
/// Longest step, minutes.
const MAX_STEP_MIN: u32 = 60;
/// The upper limb appears at this true elevation: refraction at the horizon and the sun's radius, degrees.
const RISE_DEG: f64 = -50.0 / 60.0;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SunHoursError {
    /// A step that is none.
    #[error(
        "hours of sun were asked for in steps of {0} minutes: choose {MIN_STEP_MIN} to {MAX_STEP_MIN}"
    )]
    Step(u32),
    /// The sun's position cannot be computed.
    #[error(transparent)]
    Sun(#[from] SunError),
}

/// From one instant to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SunSpan {
    /// First instant.
    pub from: SimInstant,
    /// First instant after it.
    pub to: SimInstant,
}

/// Hours of sun.
#[derive(Debug, Clone, PartialEq)]
pub struct SunHours {
    /// Hours of direct sun, exact to a step.
    pub hours: f64,
    /// Hours between sunrise and sunset on an open plain, exact to a step.
    pub possible_hours: f64,
    /// When the sun shines on the place.
    pub spans: Vec<SunSpan>,
    /// The step, minutes.
    pub step_min: u32,
    /// Where this comes from.
    pub by: Provenance,
}

/// Hours of direct sun at a place on the day in which `t` lies by the clocks of `zone`. Each step of `step_min`
/// minutes counts by its middle. `frame` is that of the occluders; the place's height decides how high it looks out.
///
/// The sun is up while its upper limb is above a flat horizon, as for sunrise and sunset; rays go to its centre, but
/// never below the horizontal.
///
/// # Errors
/// For a place that is none, and a step that is none.
pub fn sun_hours(
    t: SimInstant,
    place: Geodetic,
    zone: &Zone,
    step_min: u32,
    frame: &LocalFrame,
    occluders: &dyn Occluders,
) -> Result<SunHours, SunHoursError> {
    if !(MIN_STEP_MIN..=MAX_STEP_MIN).contains(&step_min) {
        return Err(SunHoursError::Step(step_min));
    }
    let day = sun_day(t, place, zone)?;
    let step_ns = i64::from(step_min) * NS_PER_MINUTE;
    let origin = frame.local_from_geodetic(place);
    // The sun's direction is east-north-up at the place, which need not be the frame's origin.
    let here = LocalFrame::enu(place);
    let mut result = SunHours {
        hours: 0.0,
        possible_hours: 0.0,
        spans: Vec::new(),
        step_min,
        by: BY,
    };
    let (mut lit_ns, mut possible_ns) = (0, 0);
    let mut from = day.start;
    while from < day.end {
        let to = from.plus_ns(step_ns).min(day.end);
        let length_ns = to.since(from);
        if length_ns <= 0 {
            break;
        }
        let middle = from.plus_ns(length_ns / 2);
        let position = sun_position(middle, place)?;
        if position.true_elevation_rad.to_degrees() > RISE_DEG {
            possible_ns += length_ns;
            let up = position.direction_enu();
            let level = DVec3::new(up.x, up.y, up.z.max(0.0)).normalize_or(DVec3::Z);
            let direction = frame.local_direction(here.ecef_direction(level));
            if !occluders.blocked(origin, direction) {
                lit_ns += length_ns;
                match result.spans.last_mut() {
                    Some(span) if span.to == from => span.to = to,
                    _ => result.spans.push(SunSpan { from, to }),
                }
            }
        }
        from = to;
    }
    result.hours = lit_ns as f64 / NS_PER_HOUR as f64;
    result.possible_hours = possible_ns as f64 / NS_PER_HOUR as f64;
    Ok(result)
}
