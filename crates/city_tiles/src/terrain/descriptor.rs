//! The content of a virtual tile: which files it is made of. Made by [`super::TerrainSource`], read by the decoder.

use serde::{Deserialize, Serialize};

use super::tiling::{Cell, Scheme, Window};

/// What every descriptor begins with; [`crate::formats`] knows it by that.
pub const MAGIC: &[u8] = b"{\"belvedere_terrain\":";
/// The version of [`Descriptor`].
pub const VERSION: u32 = 1;

/// What a virtual tile is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Descriptor {
    /// [`VERSION`]; the first key, so that bytes are known by it.
    pub belvedere_terrain: u32,
    /// The tiling of the tile and of its heights.
    pub scheme: Scheme,
    /// The tile.
    pub tile: Cell,
    /// Where its heights come from.
    pub heights: HeightFiles,
    /// Added to every height, metres.
    pub height_offset_m: f64,
    /// Vertices along an edge, where the heights are a grid.
    pub grid: u32,
    /// How far skirts reach down, metres.
    pub skirt_m: f64,
    /// Pixels along an edge of the picture; 0 without one.
    pub pixels: u32,
    /// Layers of imagery, the lowest first.
    pub imagery: Vec<LayerImages>,
    /// Whose the heights are; may be empty.
    pub attribution: String,
}

/// How heights are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeightKind {
    /// Nothing is read; heights are zero.
    Ellipsoid,
    /// Terrarium: `R·256 + G + B/256 − 32768` metres.
    Terrarium,
    /// Mapbox terrain-RGB: `−10000 + (R·65536 + G·256 + B)·0.1` metres.
    MapboxRgb,
    /// quantized-mesh 1.0.
    QuantizedMesh,
}

/// The files of a tile's heights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeightFiles {
    /// How they are written.
    pub kind: HeightKind,
    /// The file to use, then the one to use where that is missing. Each may be an ancestor's, of which the tile's
    /// part is taken.
    pub files: Vec<HeightFile>,
    /// Lowest and highest height that rasters may hold, metres; pixels outside of it are gaps.
    #[serde(default = "anything")]
    pub possible_m: [f64; 2],
    /// Rasters around the first file, for edges that are exactly the neighbours'.
    #[serde(default)]
    pub around: Vec<HeightFile>,
}

const fn anything() -> [f64; 2] {
    [-1e5, 1e5]
}

/// A file of heights and the tile that it covers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeightFile {
    /// Absolute address.
    pub url: String,
    /// In the descriptor's scheme.
    pub tile: Cell,
}

/// One layer's images below a tile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerImages {
    /// The tiling that `window`s refer to.
    pub scheme: Scheme,
    /// 0 to 1.
    pub opacity: f64,
    /// Whose it is; may be empty.
    pub attribution: String,
    /// The images.
    pub images: Vec<ImageFile>,
}

/// An image and where it lies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageFile {
    /// Absolute address.
    pub url: String,
    /// In the layer's scheme.
    pub window: Window,
    /// A coarser image, used where this one is missing.
    #[serde(default)]
    pub instead: Option<Box<ImageFile>>,
}
