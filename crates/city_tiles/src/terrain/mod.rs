//! Terrain with draped imagery, as a virtual tileset: 3D Tiles JSON that is made when it is asked for.
//!
//! A [`TerrainSource`] answers addresses `terrain:///<key>/…`: tileset documents of a few levels each, and a
//! [`Descriptor`] for each tile, which names the files that it is made of. The descriptor is a tile content like any
//! other ([`crate::formats`] decodes it), so that the [`crate::stream::Streamer`], the decode workers and the byte
//! budgets need to know nothing of terrain.
//!
//! - Open a [`crate::stream::Streamer`] at [`TerrainSource::root_address`].
//! - Answer its requests for addresses for which [`is_address`] holds by [`TerrainSource::document`], at once; all
//!   others are files as usual.
//! - Hand what was decoded to [`TerrainSource::learn`] (tighter volumes for what comes later) and jobs to
//!   [`TerrainSource::learn_job`] (availability inside quantized-mesh tiles). Both are optional.
//!
//! Frames: ECEF. Heights are above the ellipsoid once `height_offset_m` is added.

mod address;
mod config;
mod descriptor;
mod files;
mod imagery;
mod layer_json;
mod source;
mod template;
mod tiling;

pub use address::is_address;
pub use config::{HeightSource, RasterEncoding, TerrainConfig};
pub use descriptor::{
    Descriptor, HeightFile, HeightFiles, HeightKind, ImageFile, LayerImages, MAGIC, VERSION,
};
pub use imagery::{
    ImageryKind, ImageryLayer, MAX_IMAGES, MAX_IMAGES_OF_ALL, MAX_LAYERS, PICTURE_PX, TileMatrix,
};
pub use layer_json::LayerJson;
pub use source::TerrainSource;
pub use tiling::{Cell, MAX_ZOOM, MERCATOR_END_RAD, Rect, Scheme, Window, lon_of, u_of};

/// Why a terrain source cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TerrainError {
    /// A `layer.json` that cannot be read.
    #[error("{url}: {what}")]
    LayerJson {
        /// The file, without its query.
        url: String,
        /// What is wrong.
        what: String,
    },
    /// A setting that cannot be used.
    #[error("{0}")]
    Setting(String),
}
