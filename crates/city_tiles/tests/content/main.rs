//! Tile content, from bytes to buffers: the standards' own samples, real data, and files made here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod b3dm;
mod bad_input;
mod compressed;
mod corpus;
mod geometry;
mod made;
mod materials;
mod metadata;
mod prepared_bytes;
mod samples;
mod wageningen;
