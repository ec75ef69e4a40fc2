//! Scenes: what a `scenes/*.toml` file opens, in which layers, with which feeds.
//!
//! - [`Scene::parse`] reads a file's text. What is wrong is said with file, line, column, cause and what to do
//!   ([`SceneError`]); keys that are not known are errors, so that a misspelt one is not silently nothing.
//! - [`resolve_location`] makes addresses in a scene absolute.
//! - [`scenario`] has proposals for a city: their files, what they come to, and what they change.
//! - [`CityIndex`] reads the list of a city's buildings and streets, on which scenarios stand.
//! - [`LayerTree`] is the state of the layer panel: the six areas, visibility, opacity, search, and its form in links.
//!
//! Reads no file itself: the text may come from a disk, a server or a drop onto the window.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod city_index;
mod error;
mod ground;
mod limits;
mod locate;
mod migrate;
mod read;
mod resolve;
pub mod scenario;
mod schema;
mod tree;
mod validate;

pub use city_index::{CityIndex, CityIndexError};
pub use city_sensors::Area;
pub use error::{SceneError, place_of};
pub use ground::{
    ImageryAddressing, ImagerySource, TerrainKind, TerrainSettings, TileMatrixSettings,
    TilingScheme,
};
pub use limits::*;
pub use migrate::{CURRENT_SCHEMA, MIGRATIONS, Migration};
pub use read::explain;
pub use resolve::{DEMO_PREFIX, ResolveError, expand as expand_variables, resolve_location};
pub use schema::*;
pub use tree::{AreaNode, LayerState, LayerTree};
