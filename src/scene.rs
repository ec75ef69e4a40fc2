//! The open scene: what a scene file asks for, given to the plugins.

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use city_geo::Camera;

use crate::framing::{HomeView, frame_opened};
use crate::schedule::FrameSet;
use crate::ui::model::SceneModel;

/// Opens a scene file by path or URL.
#[derive(Message, Clone, Debug)]
pub struct OpenScene {
    /// Path or URL.
    pub url: String,
}

/// Opens a GeoJSON file or URL as a layer.
#[derive(Message, Clone, Debug)]
pub struct OpenGeoJson {
    /// Path or URL.
    pub url: String,
}

/// What is known of the open scene.
#[derive(Resource, Clone, Debug, Default)]
pub struct SceneInfo {
    /// Where it came from; `None` for a tileset opened alone.
    pub url: Option<String>,
    /// Its name.
    pub name: String,
    /// Synthetic, as a whole or its readings.
    pub simulated: bool,
    /// It names feeds.
    pub has_feeds: bool,
    /// Named poses.
    pub presets: Vec<(String, String, Camera)>,
}

impl SceneInfo {
    /// A named pose.
    #[must_use]
    pub fn preset(&self, id: &str) -> Option<Camera> {
        self.presets.iter().find(|(known, _, _)| known == id).map(|(_, _, pose)| *pose)
    }

    /// For the panels.
    #[must_use]
    pub fn model(&self) -> SceneModel {
        SceneModel {
            name: self.name.clone(),
            others: Vec::new(),
            simulated: self.simulated,
            presets: self.presets.iter().map(|(id, name, _)| (id.clone(), name.clone())).collect(),
            has_tiles: false,
            has_feeds: self.has_feeds,
        }
    }
}

/// Opens scenes and frames tilesets.
pub struct ScenePlugin;

impl Plugin for ScenePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<HomeView>()
            .init_resource::<SceneInfo>()
            .init_resource::<crate::search::Searcher>()
            .add_message::<OpenScene>()
            .add_message::<OpenGeoJson>()
            .add_systems(Update, frame_opened.in_set(FrameSet::Camera));
    }
}
