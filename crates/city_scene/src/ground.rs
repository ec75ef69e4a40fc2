//! The ground in a scene: terrain, and imagery over it.

use serde::Deserialize;

use crate::schema::Names;

/// How heights come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TerrainKind {
    /// quantized-mesh 1.0, by its `layer.json`.
    QuantizedMesh,
    /// Images in web mercator: `R·256 + G + B/256 − 32768` metres.
    Terrarium,
    /// Images in web mercator: `−10000 + (R·65536 + G·256 + B)·0.1` metres.
    MapboxRgb,
    /// None: the bare ellipsoid.
    Ellipsoid,
}

/// The terrain.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerrainSettings {
    /// How heights come.
    pub kind: TerrainKind,
    /// Template of the images' addresses, or address of the `layer.json`; none for the ellipsoid.
    #[serde(default)]
    pub url: String,
    /// First level there is.
    #[serde(default)]
    pub min_zoom: u32,
    /// Last level there is; of images only.
    #[serde(default = "terrain_zoom")]
    pub max_zoom: u32,
    /// Added to every height, metres: the geoid's height where they count from the sea, as images do.
    #[serde(default)]
    pub height_offset_m: f64,
    /// Lowest and highest height to be expected, metres, before the offset; tighter ones load less.
    #[serde(default)]
    pub heights_m: Option<[f64; 2]>,
    /// West, south, east, north, degrees: outside of it there is no ground.
    #[serde(default)]
    pub bounds: Option<[f64; 4]>,
    /// Reads the images around each image too, so that edges are exactly the neighbours'.
    #[serde(default)]
    pub shared_edges: bool,
    /// Credit shown while it is visible.
    #[serde(default)]
    pub attribution: String,
    /// Shown from the start.
    #[serde(default = "yes")]
    pub visible: bool,
}

/// How images are addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageryAddressing {
    /// `{z}`, `{x}`, `{y}`; rows from the north.
    #[default]
    Xyz,
    /// `{z}`, `{x}`, `{y}`; rows from the south.
    Tms,
    /// `{TileMatrix}`, `{TileRow}`, `{TileCol}`, in a path or in a query.
    Wmts,
}

/// How images cut the Earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TilingScheme {
    /// EPSG:3857, WMTS' GoogleMapsCompatible.
    #[default]
    WebMercator,
    /// EPSG:4326, WMTS' WorldCRS84Quad.
    Geographic,
}

/// A layer of imagery.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImagerySource {
    /// Identifier in links and commands.
    pub id: String,
    /// Name, shown to people.
    pub name: String,
    /// Name in other languages.
    #[serde(default)]
    pub names: Names,
    /// How images are addressed.
    #[serde(default)]
    pub kind: ImageryAddressing,
    /// Template of their addresses.
    pub url: String,
    /// How they cut the Earth.
    #[serde(default)]
    pub scheme: TilingScheme,
    /// First level there is.
    #[serde(default)]
    pub min_zoom: u32,
    /// Last level there is.
    #[serde(default = "imagery_zoom")]
    pub max_zoom: u32,
    /// Side of an image, pixels.
    #[serde(default = "tile_px")]
    pub tile_px: u32,
    /// What `{s}` stands for.
    #[serde(default = "servers")]
    pub servers: Vec<String>,
    /// Levels of a WMTS tile matrix set of its own, coarse to fine.
    #[serde(default)]
    pub matrix: Vec<TileMatrixSettings>,
    /// 0 (clear) to 1 (solid).
    #[serde(default = "one")]
    pub opacity: f64,
    /// Shown from the start.
    #[serde(default = "yes")]
    pub visible: bool,
    /// Credit shown while it is visible.
    #[serde(default)]
    pub attribution: String,
    /// West, south, east, north, degrees: outside of it no image is asked for.
    #[serde(default)]
    pub bounds: Option<[f64; 4]>,
}

/// A level of a WMTS tile matrix set, as the service's capabilities list it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TileMatrixSettings {
    /// `{TileMatrix}`.
    pub id: String,
    /// `ScaleDenominator`, for pixels of 0.28 mm.
    pub scale_denominator: f64,
    /// `TopLeftCorner`, easting or longitude first: metres in web mercator, else degrees.
    pub top_left: [f64; 2],
    /// `TileWidth` and `TileHeight`.
    #[serde(default = "tile_size")]
    pub tile_px: [u32; 2],
    /// `MatrixWidth` and `MatrixHeight`.
    pub size: [u32; 2],
}

const fn yes() -> bool {
    true
}
const fn one() -> f64 {
    1.0
}
const fn terrain_zoom() -> u32 {
    15
}
const fn imagery_zoom() -> u32 {
    18
}
const fn tile_px() -> u32 {
    256
}
const fn tile_size() -> [u32; 2] {
    [256, 256]
}
fn servers() -> Vec<String> {
    ["a", "b", "c"].map(str::to_owned).to_vec()
}
