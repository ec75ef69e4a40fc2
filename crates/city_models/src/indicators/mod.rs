//! Indicators of a scenario against its base: buildings, floor area, dwellings, jobs, green area, operational carbon.
//!
//! Sums over buildings with stated factors ([`Factors`]): screening values for comparing proposals, not forecasts.
//! Hours of sun are in [`sun_hours`].

mod factors;
mod occluders;
mod sources;
mod sums;
mod sun_hours;

use crate::{ModelInfo, Provenance};

pub use city_scene::scenario::{BuildingFacts, EnergyClass};
pub use factors::{Factor, Factors, UseFactors, is_dwelling};
pub use occluders::{NoOccluders, Occluders, Triangles};
pub use sources::{Source, SourceOf};
pub use sums::{Indicator, Totals, indicators, totals};
pub use sun_hours::{SunHours, SunHoursError, SunSpan, sun_hours};

/// What results of this model carry.
pub const PROVENANCE: Provenance = Provenance {
    model: "Belvedere indicators",
    version: "1",
    validity: "screening: sums over buildings with stated factors; not a forecast",
};

/// The model's entry.
pub const MODEL: ModelInfo = ModelInfo {
    id: "indicators",
    provenance: PROVENANCE,
    reference: "sums by hand, and hours of sun against a box whose shadow is known in closed form",
    help: "Buildings, floor area, dwellings, jobs, green area, operational carbon and hours of sun of a scenario \
           against its base.",
};
