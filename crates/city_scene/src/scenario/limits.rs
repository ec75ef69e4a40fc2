//! How much a scenario may hold. Generous for people, a stop for files that are not scenarios.

/// Longest scenario file, bytes.
pub const MAX_SCENARIO_BYTES: usize = 1 << 20;
/// Most operations of a scenario.
pub const MAX_OPERATIONS: usize = 2000;
/// Most corners of one polygon.
pub const MAX_POLYGON_VERTICES: usize = 1000;
/// Most corners of all polygons of a scenario together.
pub const MAX_SCENARIO_VERTICES: usize = 20_000;
/// Most features that one operation names.
pub const MAX_OPERATION_FEATURES: usize = 5000;
/// Most attributes that one operation sets.
pub const MAX_OPERATION_ATTRIBUTES: usize = 64;
/// Longest identifier of a feature, street, attribute, model or input, bytes.
pub const MAX_NAME_BYTES: usize = 200;
/// Tallest building, metres.
pub const MAX_BUILDING_HEIGHT_M: f64 = 2000.0;
/// Most storeys of a building.
pub const MAX_STOREYS: u32 = 500;
/// Largest footprint, square metres.
pub const MAX_FOOTPRINT_M2: f64 = 4e6;
/// Smallest footprint, square metres.
pub const MIN_FOOTPRINT_M2: f64 = 0.5;
