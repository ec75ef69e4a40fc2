//! Geodesy, checked against published points, brute force and properties.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod camera;
mod crs;
mod ellipsoid;
mod rays;
mod regions;
mod volumes;
