//! Where readings come from.

pub mod mqtt;
pub mod simulated;

/// Name of the simulated feed, in health and as the source of its datastreams.
pub const SIMULATED: &str = "simulated";
