//! Terrain, from virtual tilesets through the streamer to meshes: real samples, and files made here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod app;
mod hongkong;
mod hostile;
mod imagery;
mod quantized;
#[path = "../content/samples.rs"]
#[allow(dead_code)]
mod samples;
