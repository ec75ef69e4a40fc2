//! Tile content, from bytes to buffers: the standards' own samples, real data, and files made here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod at_points;
mod b3dm;
mod bad_input;
mod blocks;
mod composites;
mod compressed;
mod corpus;
mod geometry;
mod instances;
mod legacy_corpus;
mod made;
mod materials;
mod metadata;
mod migration;
mod packed;
mod points;
mod prepared_bytes;
mod samples;
mod tables;
mod wageningen;
