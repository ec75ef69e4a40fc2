//! Tables and readings joined to tilesets: a file's rows and what sensors measure become properties of the features that
//! they name, for the inspector, for styles and for whoever colours by a property.
//!
//! Reading and joining are [`city_tiles::metadata::join`]'s. This plugin carries the file in and gives every tile, once
//! it is there, its features with the columns added ([`Joined`]), within a budget per frame.

mod apply;
mod live;
mod open;

pub use apply::Waiting;
pub use live::{MAX_JOINS, ReadingJoin, ReadingJoins, ReadingState};
pub use open::OpenTable;

use std::collections::HashSet;
use std::sync::Arc;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use city_tiles::metadata::FeatureTable;
use city_tiles::metadata::join::JoinTable;

use crate::render::CityMesh;
use crate::schedule::FrameSet;

/// Joins tables to features.
pub struct JoiningPlugin;

impl Plugin for JoiningPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Waiting>()
            .init_resource::<ReadingJoins>()
            .add_message::<OpenTable>()
            .insert_non_send(open::TableIo::new())
            .add_systems(
                Update,
                (
                    open::open,
                    open::receive,
                    live::read,
                    apply::queue,
                    apply::apply,
                    live::write,
                )
                    .chain()
                    .in_set(FrameSet::Overlays)
                    .before(crate::styling::learn),
            );
    }
}

/// A table that is open; an entity of its own.
#[derive(Component, Clone, Debug)]
pub struct TableLayer {
    /// Its name in the panel and in commands: that of its file, without its ending.
    pub id: String,
    /// Path or URL.
    pub url: String,
    /// The property by which features are found; by its name where none is given.
    pub feature_key: Option<String>,
    /// Its columns are joined.
    pub visible: bool,
    /// A scene asked for it.
    pub of_scene: bool,
    /// Its rows, once read.
    pub table: Option<Arc<JoinTable>>,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// Meshes that have a feature with a row.
    found_in: HashSet<Entity>,
    /// Meshes that were looked at.
    looked_at: usize,
}

impl TableLayer {
    /// Whether tiles were looked at and none has a feature that the table names.
    #[must_use]
    pub fn finds_nothing(&self) -> bool {
        self.visible && self.table.is_some() && self.looked_at > 0 && self.found_in.is_empty()
    }
}

/// A tile's features with the columns of tables and readings.
#[derive(Component, Clone, Debug)]
pub struct Joined(pub Arc<FeatureTable>);

/// The features of a tile, with the columns of tables where it has been given any.
#[must_use]
pub fn features_of<'a>(mesh: &'a CityMesh, joined: Option<&'a Joined>) -> &'a FeatureTable {
    joined.map_or(&mesh.0.features, |joined| &joined.0)
}
