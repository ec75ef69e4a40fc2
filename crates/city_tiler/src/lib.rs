//! Brings a city's data into 3D Tiles 1.1, and makes the synthetic demo city.
//!
//! [`write`] knows the format and no city; everything else is the demo city, a
//! harbour between two shores that follows from a seed to the last byte.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod bins;
pub mod city;
pub mod draw;
pub mod frame;
pub mod generate;
pub mod geom;
pub mod land;
pub mod noise;
pub mod parallel;
pub mod rng;
pub mod sensors;
mod stamp;
pub mod streets;
mod summary;
pub mod write;

pub use generate::{Error, Progress, Report, generate, generate_small};
pub use sensors::{SensorSite, sensors};
pub use stamp::{CITY_FORMAT, STAMP_FILE, is_current};
