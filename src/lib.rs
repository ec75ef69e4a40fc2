//! Belvedere: an open 3D digital twin of a city.
//!
//! One code base gives a desktop program and a browser page that stream city tiles and live sensor
//! readings into one renderer, under one clock. ARCHITECTURE.md is the plan of the house.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod app;
pub mod camera;
pub mod camera_control;
pub mod clipping;
pub mod clock;
pub mod frame;
pub mod framing;
pub mod geojson;
#[cfg(not(target_arch = "wasm32"))]
pub mod headless;
pub mod hiding;
pub mod host;
pub mod joining;
pub mod links;
pub mod marking;
pub mod measure;
pub mod names;
pub mod notices;
pub mod opening;
pub mod overlays;
pub mod panels;
pub mod picking;
pub mod platform;
pub mod pointer;
pub mod registry;
pub mod render;
#[cfg(not(target_arch = "wasm32"))]
pub mod report;
pub mod scenario;
pub mod scene;
pub mod schedule;
pub mod search;
pub mod search_index;
pub mod sky;
pub mod startup;
pub mod styling;
pub mod surroundings;
pub mod terrain;
pub mod tiles;
pub mod ui;
#[cfg(not(target_arch = "wasm32"))]
pub mod wall;
#[cfg(target_arch = "wasm32")]
pub mod web;
