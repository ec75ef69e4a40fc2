//! A tileset as an entity.

use std::collections::HashMap;

use bevy::ecs::prelude::*;
use city_tiles::stream::{StreamOptions, Streamer, TileId};
use city_tiles::terrain::TerrainSource;

use super::access::{Access, ION, endpoint_of};
use super::apply::Loaded;
use super::{TileIo, TileSettings};
use crate::notices::Notices;

/// Opens a tileset; every way of opening (scene, argument, URL, drop, panel) ends here.
#[derive(Message, Clone, Debug)]
pub struct OpenTileset {
    /// What and how.
    pub source: TilesetSource,
    /// Make it the scene: the frame moves to it and the camera flies there.
    pub frame_it: bool,
    /// Close the tilesets that are open.
    pub replace: bool,
}

/// Where a tileset comes from and how it is shown.
#[derive(Clone, Debug, Default)]
pub struct TilesetSource {
    /// Name in the layer list.
    pub name: String,
    /// URL or path of the `tileset.json`.
    pub url: String,
    /// Moves everything up by so many metres: producers mix orthometric and ellipsoidal heights.
    pub height_offset_m: f64,
    /// Credit of the tileset besides what its contents carry.
    pub attribution: String,
    /// How its server is asked.
    pub access: Access,
    /// Largest error on screen, pixels; the program's own where none is given.
    pub max_screen_space_error_px: Option<f64>,
    /// Not shown at first.
    pub is_hidden: bool,
    /// It is made on demand: the ground of a scene.
    pub terrain: Option<TerrainSource>,
    /// The tileset whose place it takes: that one is seen until this one is whole, and then closed.
    pub takes_over: Option<Entity>,
    /// Style of its features, JSON.
    pub style: Option<String>,
    /// How much of the style's colours replaces the content's own, 0 (they multiply) to 1.
    pub style_strength: f32,
}

/// Which tile of which layer a mesh belongs to.
#[derive(Component, Clone, Copy, Debug)]
pub struct TileOf {
    /// The layer's entity.
    pub layer: Entity,
    /// The tile.
    pub tile: TileId,
    /// Which of the tile's contents.
    pub content: u32,
}

/// An open tileset.
#[derive(Component)]
pub struct TileLayer {
    /// Where it comes from.
    pub source: TilesetSource,
    /// Selection, queue and cache.
    pub streamer: Streamer,
    /// Meshes by tile.
    pub(super) loaded: HashMap<TileId, Loaded>,
    /// Wanted tiles of the last selection.
    pub(super) shown: Vec<TileId>,
    /// Drawn at all.
    pub visible: bool,
    /// 0..1.
    pub opacity: f32,
    /// The camera still has to be framed on it.
    pub frame_it: bool,
    /// Serial of the last problem that was told.
    pub problem_told: u64,
}

impl TileLayer {
    /// A tileset with the program's own limits, of which nothing is loaded.
    #[must_use]
    pub fn of(source: TilesetSource) -> Self {
        let settings = TileSettings::default();
        Self::new(source, &settings)
    }

    fn new(source: TilesetSource, settings: &TileSettings) -> Self {
        let options = StreamOptions {
            max_screen_space_error_px: source
                .max_screen_space_error_px
                .unwrap_or(settings.max_screen_space_error_px),
            byte_budget: settings.byte_budget,
            max_requests: settings.max_requests,
            height_offset_m: source.height_offset_m,
            ..StreamOptions::default()
        };
        Self {
            streamer: Streamer::new(&source.url, options),
            loaded: HashMap::new(),
            shown: Vec::new(),
            visible: !source.is_hidden,
            opacity: 1.0,
            frame_it: false,
            problem_told: 0,
            source,
        }
    }

    /// Names of the tiles that are drawn: the contents' addresses below the tileset's own folder, which are the same
    /// on every machine that reads the same tileset.
    pub fn cut(&self) -> Vec<String> {
        let folder = match self.source.url.rsplit_once('/') {
            Some((folder, _)) => folder,
            None => "",
        };
        self.shown
            .iter()
            .filter_map(|tile| self.streamer.tile(*tile))
            .map(|tile| {
                let urls = tile.content_urls.iter();
                let short = urls.map(|url| url.strip_prefix(folder).unwrap_or(url));
                format!(
                    "{}|{}",
                    self.source.name,
                    short.collect::<Vec<_>>().join("|")
                )
            })
            .collect()
    }
}

pub(super) fn open(
    mut commands: Commands,
    mut requests: MessageReader<OpenTileset>,
    open: Query<(Entity, &TileLayer)>,
    settings: Res<TileSettings>,
    mut io: NonSendMut<TileIo>,
    mut notices: ResMut<Notices>,
) {
    for request in requests.read() {
        if request.source.url.starts_with(ION) {
            match endpoint_of(&request.source.url) {
                Ok(endpoint) => io.ask_endpoint(&endpoint, request.clone()),
                Err(why) => {
                    let asset = city_tiles::uri::short(&request.source.url);
                    notices.error(format!("{asset} cannot be opened"), why);
                }
            }
            continue;
        }
        if request.replace {
            for (entity, _) in &open {
                commands.entity(entity).despawn();
            }
        }
        tracing::info!("opening tileset {}", request.source.url);
        let mut layer = TileLayer::new(request.source.clone(), &settings);
        layer.frame_it = request.frame_it;
        // It is shown as that one is.
        if let Some(before) = (request.source.takes_over).and_then(|before| open.get(before).ok()) {
            (layer.visible, layer.opacity) = (before.1.visible, before.1.opacity);
        }
        let layer = commands.spawn(layer);
        io.set_access(layer.id(), &request.source.access, &request.source.url);
        if let Some(terrain) = &request.source.terrain {
            io.set_terrain(layer.id(), terrain.clone());
        }
    }
}

/// Frees the meshes of layers that are gone.
pub(super) fn drop_closed(
    mut commands: Commands,
    mut closed: RemovedComponents<TileLayer>,
    meshes: Query<(Entity, &TileOf)>,
    mut io: NonSendMut<TileIo>,
) {
    for layer in closed.read() {
        io.close(layer);
        for (entity, of) in &meshes {
            if of.layer == layer {
                commands.entity(entity).despawn();
            }
        }
    }
}
