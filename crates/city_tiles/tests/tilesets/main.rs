//! Whole tilesets, streamed: the standards' sample data from disk, and what selection costs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod cost;
mod disk;
mod scale;
mod walk;
