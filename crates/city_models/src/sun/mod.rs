//! Where the sun stands, when it rises and sets, and how dark it is.
//!
//! Positions are those of NREL's Solar Position Algorithm (Reda and Andreas 2003) in the `solar-positioning` crate.

mod day;
mod phase;
mod position;

pub use day::{SunDay, sun_day};
pub use phase::{TwilightPhase, darkness};
pub use position::{
    Atmosphere, SunError, SunOptions, SunPosition, sun_direction_enu, sun_position,
    sun_position_with,
};

use crate::{ModelInfo, Provenance};

/// What results of this model carry.
pub const PROVENANCE: Provenance = Provenance {
    model: "NREL SPA (Reda and Andreas 2003), solar-positioning",
    version: "0.7.2",
    validity: "validated: 0.0003 degrees in position without the atmosphere; flat horizon at sea level for rise and set",
};

/// The model's entry.
pub const MODEL: ModelInfo = ModelInfo {
    id: "sun",
    provenance: PROVENANCE,
    reference: "NREL/TP-560-34302, table A5.1: 2003-10-17 12:30:30 UTC-7, 39.742476 N 105.1786 W",
    help: "Azimuth and elevation of the sun, sunrise, sunset and twilight for a place and an instant.",
};
