//! Time, checked against known dates, properties and the rules of the clock.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clock;
mod instants;
mod intervals;
mod zones;

use city_time::SimInstant;

fn at(text: &str) -> SimInstant {
    SimInstant::parse_rfc3339(text).unwrap()
}

/// So many cases, nothing written into the tree.
fn cases(count: u32) -> proptest::test_runner::Config {
    proptest::test_runner::Config {
        cases: count,
        failure_persistence: None,
        ..Default::default()
    }
}
