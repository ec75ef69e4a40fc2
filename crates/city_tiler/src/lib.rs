//! Brings a city's data into 3D Tiles 1.1, and makes the synthetic demo city.
//!
//! [`write`] knows the format and no city; everything else is the demo city, a
//! harbour between two shores that follows from a seed to the last byte.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod bins;
pub mod city;
pub mod frame;
pub mod geom;
pub mod land;
pub mod noise;
pub mod parallel;
pub mod rng;
pub mod streets;
pub mod write;
