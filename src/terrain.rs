//! The ground of a scene: terrain with imagery over it, opened as a tileset that is made on demand
//! ([`city_tiles::terrain`]).

mod layers;

pub use layers::GroundLayers;

use std::collections::HashMap;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use city_scene::{
    ImageryAddressing, ImagerySource, TerrainKind, TerrainSettings, TileMatrixSettings,
    TilingScheme,
};
use city_tiles::terrain::{
    HeightSource, ImageryKind, ImageryLayer, LayerJson, RasterEncoding, Rect, Scheme,
    TerrainConfig, TerrainError, TerrainSource, TileMatrix,
};

use crate::notices::Notices;
use crate::platform::Fetcher;
use crate::schedule::FrameSet;
use crate::tiles::{OpenTileset, TilesetSource};

/// Opens the ground of scenes.
pub struct TerrainPlugin;

impl Plugin for TerrainPlugin {
    fn build(&self, app: &mut App) {
        app.add_message::<OpenGround>()
            .init_resource::<GroundLayers>()
            .insert_non_send(LayerFiles::new())
            .add_systems(
                Update,
                (open, layers::remake).chain().in_set(FrameSet::Commands),
            );
    }
}

/// The ground of a scene is to be opened, or none where there is neither terrain nor imagery; addresses are absolute.
#[derive(Message, Clone, Debug)]
pub struct OpenGround {
    /// The scene's file, for messages.
    pub scene: String,
    /// Heights; the bare ellipsoid without.
    pub terrain: Option<TerrainSettings>,
    /// Imagery, the lowest first.
    pub imagery: Vec<ImagerySource>,
}

/// What the ground is called in the list of layers.
const NAME: &str = "Ground";

/// More `layer.json` files than so many, each a parent of the one before, are a mistake.
const MOST_PARENTS: usize = 4;

/// Grounds whose `layer.json` is under way.
struct LayerFiles {
    fetcher: Fetcher,
    pending: HashMap<u64, Pending>,
    next: u64,
}

struct Pending {
    ground: OpenGround,
    url: String,
    layers: Vec<LayerJson>,
}

impl LayerFiles {
    fn new() -> Self {
        Self {
            fetcher: Fetcher::new(1),
            pending: HashMap::new(),
            next: 0,
        }
    }

    fn ask(&mut self, pending: Pending) {
        self.next += 1;
        self.fetcher.fetch(self.next, &pending.url);
        self.pending.insert(self.next, pending);
    }
}

fn open(
    mut wanted: MessageReader<OpenGround>,
    mut files: NonSendMut<LayerFiles>,
    mut made: ResMut<GroundLayers>,
    mut tilesets: MessageWriter<OpenTileset>,
    mut notices: ResMut<Notices>,
) {
    let made = made.bypass_change_detection();
    for ground in wanted.read() {
        // A scene that is opened takes the place of the one before, and so does its ground.
        files.pending.clear();
        made.set(None);
        match &ground.terrain {
            None if ground.imagery.is_empty() => {}
            Some(terrain) if terrain.kind == TerrainKind::QuantizedMesh => files.ask(Pending {
                ground: ground.clone(),
                url: terrain.url.clone(),
                layers: Vec::new(),
            }),
            _ => finish(made, ground, Vec::new(), &mut tilesets, &mut notices),
        }
    }
    for fetched in files.fetcher.poll() {
        let Some(mut pending) = files.pending.remove(&fetched.key) else {
            continue;
        };
        let read = fetched
            .result
            .map_err(|failure| failure.to_string())
            .and_then(|bytes| {
                LayerJson::parse(&bytes, &pending.url).map_err(|error| error.to_string())
            });
        match read {
            Ok(layer) => {
                let parent = layer.parent();
                pending.layers.push(layer);
                match parent {
                    Some(url) if pending.layers.len() < MOST_PARENTS => {
                        files.ask(Pending { url, ..pending });
                    }
                    _ => finish(
                        made,
                        &pending.ground,
                        pending.layers,
                        &mut tilesets,
                        &mut notices,
                    ),
                }
            }
            // A parent that cannot be had costs what only it has.
            Err(why) => {
                let url = city_tiles::uri::short(&pending.url);
                notices.error(format!("{url}: {why}"), "check the scene's [terrain]");
                if !pending.layers.is_empty() {
                    finish(
                        made,
                        &pending.ground,
                        pending.layers,
                        &mut tilesets,
                        &mut notices,
                    );
                }
            }
        }
    }
}

fn finish(
    made: &mut GroundLayers,
    ground: &OpenGround,
    layers: Vec<LayerJson>,
    tilesets: &mut MessageWriter<OpenTileset>,
    notices: &mut Notices,
) {
    match tileset(&made.next_key(), ground, layers.clone()) {
        Ok(source) => {
            made.set(Some((ground.clone(), layers)));
            tilesets.write(OpenTileset {
                source,
                frame_it: false,
                replace: false,
            });
        }
        Err(error) => notices.error(
            format!("{}: {error}", ground.scene),
            "the scene is shown without its ground",
        ),
    }
}

/// The ground as a tileset.
fn tileset(
    key: &str,
    ground: &OpenGround,
    layers: Vec<LayerJson>,
) -> Result<TilesetSource, TerrainError> {
    let source = TerrainSource::new(key, config(ground, layers))?;
    Ok(TilesetSource {
        name: NAME.to_owned(),
        url: source.root_address(),
        is_hidden: ground
            .terrain
            .as_ref()
            .is_some_and(|terrain| !terrain.visible),
        terrain: Some(source),
        ..TilesetSource::default()
    })
}

fn config(ground: &OpenGround, layers: Vec<LayerJson>) -> TerrainConfig {
    let imagery: Vec<ImageryLayer> = ground
        .imagery
        .iter()
        .filter(|layer| layer.visible)
        .map(imagery)
        .collect();
    // Over the bare ellipsoid the lowest layer's own tiling is best.
    let bare = HeightSource::Ellipsoid {
        scheme: imagery
            .first()
            .map_or(Scheme::WebMercator, |layer| layer.scheme),
    };
    let mut config = TerrainConfig {
        heights: bare,
        imagery,
        ..TerrainConfig::default()
    };
    let Some(terrain) = &ground.terrain else {
        // There is nothing above or below it.
        config.heights_m = [-1.0, 1.0];
        return config;
    };
    let raster = |encoding| HeightSource::Raster {
        encoding,
        url: terrain.url.clone(),
        min_zoom: terrain.min_zoom,
        max_zoom: terrain.max_zoom,
        shared_edges: terrain.shared_edges,
    };
    match terrain.kind {
        TerrainKind::Terrarium => config.heights = raster(RasterEncoding::Terrarium),
        TerrainKind::MapboxRgb => config.heights = raster(RasterEncoding::MapboxRgb),
        TerrainKind::QuantizedMesh => config.heights = HeightSource::QuantizedMesh(layers),
        TerrainKind::Ellipsoid => config.heights_m = [-1.0, 1.0],
    }
    config.height_offset_m = terrain.height_offset_m;
    if let Some(heights_m) = terrain.heights_m {
        config.heights_m = heights_m;
    }
    config.bounds = terrain.bounds.and_then(Rect::from_degrees);
    config.attribution.clone_from(&terrain.attribution);
    config
}

fn imagery(source: &ImagerySource) -> ImageryLayer {
    ImageryLayer {
        kind: match source.kind {
            ImageryAddressing::Xyz => ImageryKind::Xyz,
            ImageryAddressing::Tms => ImageryKind::Tms,
            ImageryAddressing::Wmts => ImageryKind::Wmts,
        },
        url: source.url.clone(),
        scheme: match source.scheme {
            TilingScheme::WebMercator => Scheme::WebMercator,
            TilingScheme::Geographic => Scheme::Geographic,
        },
        min_zoom: source.min_zoom,
        max_zoom: source.max_zoom,
        tile_px: source.tile_px,
        opacity: source.opacity,
        attribution: source.attribution.clone(),
        bounds: source.bounds.and_then(Rect::from_degrees),
        servers: source.servers.clone(),
        matrices: source.matrix.iter().map(matrix).collect(),
    }
}

fn matrix(settings: &TileMatrixSettings) -> TileMatrix {
    TileMatrix {
        id: settings.id.clone(),
        scale_denominator: settings.scale_denominator,
        top_left: settings.top_left,
        tile_px: settings.tile_px,
        size: settings.size,
    }
}
