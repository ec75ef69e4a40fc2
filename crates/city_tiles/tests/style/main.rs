//! The styling language: against CesiumJS, the sample data, whole styles, and texts that nobody would write.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod conformance;
mod errors;
mod samples;
mod soup;
mod speed;
mod styles;
mod tables;
