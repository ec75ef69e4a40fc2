//! The tileset JSON: what a `tileset.json` of 3D Tiles 1.0 or 1.1 says, read leniently.
//!
//! A tile that cannot be read is left out with a warning rather than failing the file, since a hole in the data is
//! better than no data. What makes a file useless (no JSON, no root, too large) is a [`TilesetError`].

mod read;
mod value;

use city_geo::{BoundingVolume, DMat4};

pub use crate::formats::UpAxis;
pub use read::is_tileset;
pub(crate) use value::gunzip;

/// How a tile's children relate to it (3D Tiles 1.1, "Refinement").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refine {
    /// Children are drawn with the tile.
    Add,
    /// Children are drawn instead of the tile.
    #[default]
    Replace,
}

/// How an implicit tileset divides a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subdivision {
    /// Four children, x and y halved.
    Quadtree,
    /// Eight children, x, y and z halved.
    Octree,
}

impl Subdivision {
    /// Children of a tile: 4 or 8.
    pub fn branching(self) -> u32 {
        match self {
            Self::Quadtree => 4,
            Self::Octree => 8,
        }
    }

    /// Tiles in `levels` full levels: (Nˡ − 1) / (N − 1); `None` where that exceeds 64 bits.
    pub fn tiles_in(self, levels: u32) -> Option<u64> {
        let n = u64::from(self.branching());
        n.checked_pow(levels).map(|p| (p - 1) / (n - 1))
    }
}

/// `tile.implicitTiling` (or the extension `3DTILES_implicit_tiling`).
#[derive(Clone, Debug, PartialEq)]
pub struct ImplicitTiling {
    /// How tiles divide.
    pub subdivision: Subdivision,
    /// Levels of one subtree.
    pub subtree_levels: u32,
    /// Levels of the whole; tiles are at levels below this number.
    pub available_levels: u32,
    /// Template of the subtree files: `{level}`, `{x}`, `{y}`, `{z}`.
    pub subtrees_uri: String,
}

/// One content of a tile.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// Where it is, relative to the tileset; a template under implicit tiling.
    pub uri: String,
    /// A tighter volume of the content alone, in the tile's frame.
    pub bounding_volume: Option<BoundingVolume>,
    /// Index into the tileset's groups.
    pub group: Option<u32>,
}

/// One explicit tile, or the root of an implicit tiling.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// Encloses the contents of the tile and its descendants, in the tile's frame (a region: in ECEF).
    /// `None` where the file's own cannot be used; the tile then borrows its parent's.
    pub bounding_volume: Option<BoundingVolume>,
    /// The viewer must be inside for the tile to be asked for, in the tile's frame.
    pub viewer_request_volume: Option<BoundingVolume>,
    /// Error in metres if the tile is drawn and its children are not, before the transform's scale.
    pub geometric_error: f64,
    /// As written; inherited where absent.
    pub refine: Option<Refine>,
    /// parent_from_tile.
    pub transform: DMat4,
    /// What is drawn.
    pub contents: Vec<Content>,
    /// Explicit children.
    pub children: Vec<Tile>,
    /// Children by rule instead.
    pub implicit: Option<ImplicitTiling>,
}

/// A tileset JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Tileset {
    /// `asset.version`.
    pub version: String,
    /// `asset.tilesetVersion`.
    pub tileset_version: Option<String>,
    /// `asset.copyright`, and `extras.copyright` or `asset.extras.copyright` where producers put it.
    pub copyright: Option<String>,
    /// `asset.gltfUpAxis`.
    pub gltf_up_axis: UpAxis,
    /// Error in metres if nothing is drawn.
    pub geometric_error: f64,
    /// The root tile.
    pub root: Tile,
    /// `extensionsUsed`.
    pub extensions_used: Vec<String>,
    /// `extensionsRequired`.
    pub extensions_required: Vec<String>,
    /// Number of explicit tiles.
    pub tile_count: usize,
    /// What was left out or guessed, with its place; bounded in number.
    pub warnings: Vec<String>,
}

/// Why a tileset JSON is of no use.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TilesetError {
    /// Not JSON, or nested too deeply.
    #[error("{url}: not a readable JSON file ({cause}); it may be truncated or not a tileset")]
    Json {
        /// The file.
        url: String,
        /// The parser's words, with line and column.
        cause: String,
    },
    /// JSON, but not a tileset.
    #[error("{url}: {place}: {cause}; a tileset needs 'asset' and a 'root' tile")]
    Structure {
        /// The file.
        url: String,
        /// JSON pointer.
        place: String,
        /// What is wrong.
        cause: String,
    },
    /// Beyond a limit.
    #[error("{url}: {what} exceeds the limit of {limit}; split the tileset into external ones")]
    TooLarge {
        /// The file.
        url: String,
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// It requires something unknown.
    #[error("{url}: it requires the extension '{extension}', which this program does not know")]
    Extension {
        /// The file.
        url: String,
        /// The extension's name.
        extension: String,
    },
}

impl TilesetError {
    /// The message without the file's name, for places that name it already.
    pub fn cause(&self) -> String {
        let (Self::Json { url, .. }
        | Self::Structure { url, .. }
        | Self::TooLarge { url, .. }
        | Self::Extension { url, .. }) = self;
        let whole = self.to_string();
        whole
            .strip_prefix(&format!("{url}: "))
            .map_or_else(|| whole.clone(), str::to_owned)
    }
}
