//! Tilesets in the scene. [`city_tiles::Streamer`] decides what is wanted; this plugin carries
//! bytes and meshes between it, the platform and the renderer, within a budget per frame.

mod access;
mod apply;
mod debug;
mod ground;
mod io;
mod layer;
mod work;

pub use access::Access;
pub use debug::TileDebug;
pub use ground::{Ground, GroundPlane};
pub(crate) use io::TileIo;
pub use layer::{OpenTileset, TileLayer, TileOf, TilesetSource};
pub use work::TileWork;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;

use crate::notices::Notices;
use crate::platform::{DEFAULT_TILE_BUDGET_BYTES, IS_WEB};
use crate::render::CityView;
use crate::schedule::FrameSet;
use work::Part;

/// Streams tilesets.
pub struct TilesPlugin;

/// Limits of the streaming, for all tilesets together.
#[derive(Resource, Clone, Copy, Debug)]
pub struct TileSettings {
    /// Largest error on screen in pixels before children are wanted.
    pub max_screen_space_error_px: f64,
    /// CPU, GPU and tree bytes.
    pub byte_budget: u64,
    /// Requests under way at once.
    pub max_requests: usize,
    /// Bytes of meshes handed to the GPU per frame; keeps frames even.
    pub upload_bytes_per_frame: usize,
    /// Seconds that a server may be silent before a request is given up (and tried again later). The browser has
    /// its own limits.
    pub patience_s: f64,
    /// Wait for everything before showing anything finer: pictures, not motion.
    pub no_upload_limit: bool,
}

impl Default for TileSettings {
    fn default() -> Self {
        Self {
            max_screen_space_error_px: 16.0,
            byte_budget: DEFAULT_TILE_BUDGET_BYTES,
            max_requests: 20,
            upload_bytes_per_frame: if IS_WEB { 1 << 20 } else { 12 << 20 },
            patience_s: 30.0,
            no_upload_limit: false,
        }
    }
}

/// Totals over all tilesets; what the health panel and `--stats` show.
#[derive(Resource, Clone, Debug, Default)]
pub struct TileTotals {
    /// Contents decoded and on the GPU.
    pub loaded: usize,
    /// Files (contents, tilesets, subtrees) that could not be had or read.
    pub failed: usize,
    /// Requests under way.
    pub in_flight: usize,
    /// Wanted and waiting.
    pub queued: usize,
    /// Tiles drawn.
    pub shown: usize,
    /// Triangles drawn.
    pub triangles: u64,
    /// Features in the drawn tiles.
    pub features: u64,
    /// Tiles drawn, by level.
    pub levels: Vec<usize>,
    /// CPU, GPU and tree bytes.
    pub bytes: u64,
    /// Requests made since the start.
    pub requests: u64,
    /// Bytes received since the start.
    pub bytes_fetched: u64,
    /// Contents that ever became ready.
    pub contents_ready: u64,
    /// Nothing more to load for this view, and everything of it is drawn.
    pub complete: bool,
    /// Credits of what is drawn.
    pub credits: Vec<String>,
    /// First content drawn, last change of the drawn cut: milliseconds of `platform::monotonic_ms`.
    pub first_shown_ms: Option<f64>,
    /// When the view was last incomplete.
    pub completed_ms: Option<f64>,
}

/// A second view whose tiles are loaded too: where the camera will be in a moment.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct AlsoLoad(pub Option<CityView>);

/// Where a flight of the camera leads: tiles for it are fetched on the way, after all that is seen.
#[derive(Resource, Clone, Debug, Default)]
pub struct LookAhead(pub Vec<CityView>);

impl Plugin for TilesPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<TileSettings>()
            .init_resource::<TileTotals>()
            .init_resource::<AlsoLoad>()
            .init_resource::<LookAhead>()
            .init_resource::<TileDebug>()
            .init_resource::<TileWork>()
            .init_resource::<Ground>()
            .init_resource::<GroundPlane>()
            .insert_non_send(TileIo::new())
            .add_message::<OpenTileset>()
            .add_systems(
                Update,
                (
                    work::begin,
                    layer::open,
                    layer::drop_closed,
                    io::learn_images,
                    io::receive,
                    work::lap(Part::Receive),
                    apply::spawn_decoded,
                    apply::note_uploaded,
                    work::lap(Part::Spawn),
                    apply::select,
                    work::lap(Part::Select),
                    apply::place,
                    ground::update,
                    debug::draw,
                    work::lap(Part::Place),
                    work::end,
                )
                    .chain()
                    .in_set(FrameSet::Tiles),
            );
    }
}
