//! Scenarios: proposals for the city, as an ordered list of operations on a base scene.
//!
//! - [`Scenario::parse`] reads a file, [`Scenario::to_toml`] writes it; equal scenarios give equal bytes.
//! - [`fold`] makes the [`Plan`] that holds at an instant: what is hidden, added, closed and overridden, each with
//!   the operation that it comes from. It is pure: equal inputs give equal plans.
//! - [`Editor`] changes a scenario; its list of operations is the history.
//! - [`differences`] says object by object what two plans do differently, [`merge_report`] what two people did to
//!   the same scenario.
//! - [`KeptModel`] is the address of a model that a hub keeps.
//! - [`footprint`] has the geometry: areas, moving, turning, crossing edges, extrusion.
//!
//! Longitudes and latitudes are degrees on WGS 84, heights metres above its ellipsoid unless a name says otherwise.

mod base;
mod check;
mod diff;
mod edit;
mod facts;
mod fold;
pub mod footprint;
mod kept;
mod limits;
mod merge;
mod plan;
mod problem;
mod raw;
mod read;
mod schema;
mod window;
mod write;

pub use base::{Base, BaseFeature, BaseStreet, NoBase};
pub use diff::{Change, Difference, DifferenceKind, differences};
pub use edit::{Editor, moved_place, numbered_slug, slug};
pub use facts::{BuildingFacts, facts_of_plan};
pub use fold::fold;
pub use kept::{KEPT_MODELS, KeptModel, MAX_MODEL_BYTES, glb_fault, hash_of_file, model_label};
pub use limits::*;
pub use merge::{
    HeadField, MergeReport, OperationChange, OperationField, WhatHappened, merge, merge_report,
};
pub use plan::{Added, HiddenArea, InputValue, PlacedModel, Plan, Sourced, StreetChange};
pub use problem::Problem;
pub use schema::{
    Building, CURRENT_SCENARIO_SCHEMA, EnergyClass, Horizon, Operation, OperationKind, Scenario,
    Value, Window,
};
pub use window::WindowFault;
