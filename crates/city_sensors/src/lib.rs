//! Readings of a city: what is measured where, how good a value is, and how it travels.
//!
//! This crate decides; it never reads a clock, a socket or a file, and compiles for the browser.
//! Times are nanoseconds since the Unix epoch, UTC (`*_ns`, the content of `city_time::SimInstant`);
//! places are WGS 84 degrees and metres above the ellipsoid.
//!
//! - [`model`]: layers, datastreams, observations (names follow OGC SensorThings 1.1 and SOSA);
//! - [`quality`] and [`qc`]: QARTOD flags and the tests that set them;
//! - [`interpolate`]: which value holds at an instant, and how it may be drawn;
//! - [`columns`] and [`wire`]: the compact binary form in the store, in windows and on the live socket;
//! - [`protocols`]: messages from outside, turned into observations or into a reject with its reason;
//! - [`simulate`]: the demo city's feed, a pure function of (seed, datastream, time).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod area;
pub mod catalog;
pub mod columns;
pub mod history;
pub mod interpolate;
pub mod model;
pub mod protocols;
pub mod qc;
pub mod quality;
pub mod simulate;
mod varint;
pub mod wire;

pub use area::Area;
pub use catalog::Catalog;
pub use columns::Columns;
pub use history::LayerHistory;
pub use interpolate::{Sample, Segment};
pub use model::{
    Datastream, Interpolation, Layer, Observation, ObservedProperty, PlaceNames, Unit,
};
pub use quality::{Flags, Quality};

/// Nanoseconds in a second.
pub const NS_PER_S: i64 = 1_000_000_000;
