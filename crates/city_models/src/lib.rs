//! Models of the city: one folder per model, each with the reference case that it is checked against.
//!
//! Every result carries its [`Provenance`]: which model made it, in which version, and what it is good for.
//! Adding a model is one folder and one line in [`MODELS`].
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod indicators;
mod provenance;
pub mod sun;

pub use provenance::{Computed, Provenance};

/// A model, as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelInfo {
    /// Identifier.
    pub id: &'static str,
    /// Name, version and validity that its results carry.
    pub provenance: Provenance,
    /// The published case that a test compares it with.
    pub reference: &'static str,
    /// One sentence about what it answers.
    pub help: &'static str,
}

/// All models.
pub const MODELS: &[ModelInfo] = &[sun::MODEL, indicators::MODEL];
