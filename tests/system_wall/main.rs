//! A video wall of real processes: a leader, a standby, four nodes, and one more that draws the whole to compare with.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dusk;
mod loss;
mod pictures;
mod rig;
mod soak;
#[path = "../support/mod.rs"]
mod support;
mod timing;
mod whole;
