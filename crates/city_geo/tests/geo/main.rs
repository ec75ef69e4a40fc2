//! Geodesy, checked against published points, brute force and properties.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod camera;
mod crs;
mod ellipsoid;
mod rays;
mod regions;
mod volumes;

/// So many cases, nothing written into the tree.
fn cases(count: u32) -> proptest::test_runner::Config {
    proptest::test_runner::Config {
        cases: count,
        failure_persistence: None,
        ..Default::default()
    }
}
