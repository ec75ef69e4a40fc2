//! A terrain source: which tiles there are, and the documents and descriptors that say so.

use std::collections::HashMap;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

use serde_json::{Value, json};

use super::TerrainError;
use super::address::{self, Asked};
use super::descriptor::{Descriptor, HeightFile, HeightFiles, HeightKind, VERSION};
use super::imagery::{ImageryLayer, MAX_LAYERS, PICTURE_PX, below};
use super::layer_json::LayerJson;
use super::template::{Fill, fill};
use super::tiling::{Cell, MAX_ZOOM, Rect, Scheme};
use crate::prepared::PreparedTile;
use crate::stream::DecodeJob;

/// Levels of tiles in one document.
const LEVELS_PER_DOCUMENT: u32 = 3;
/// Vertices along an edge of a tile of heights (and the width of a heightmap in CesiumJS).
const GRID: u32 = 65;
/// Geometric errors are this many times those of CesiumJS, whose globe refines at 2 pixels, so that the 16 pixels that
/// are usual for tilesets give its picture with 512 instead of 256 pixels to a tile.
const ERROR_SCALE: f64 = 4.0;
/// Most tiles whose heights are remembered.
const MAX_LEARNED: usize = 65_536;
/// Tiles that a source without coarse levels may begin with; with more, it shows nothing from far away.
const MAX_FIRST_TILES: f64 = 64.0;

/// How rasters hold heights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RasterEncoding {
    /// `R·256 + G + B/256 − 32768` metres.
    #[default]
    Terrarium,
    /// `−10000 + (R·65536 + G·256 + B)·0.1` metres.
    MapboxRgb,
}

/// Where heights come from.
#[derive(Clone, Debug, PartialEq)]
pub enum HeightSource {
    /// Nowhere: the bare ellipsoid.
    Ellipsoid {
        /// Its tiling; that of the imagery is best.
        scheme: Scheme,
    },
    /// Images in web mercator.
    Raster {
        /// What their colours mean.
        encoding: RasterEncoding,
        /// Template of absolute addresses; `{y}` counts from the north.
        url: String,
        /// First level there is.
        min_zoom: u32,
        /// Last level there is. Below it tiles go on with its heights while imagery is finer.
        max_zoom: u32,
        /// Reads the eight rasters around each tile too, so that edges are exactly the neighbours'. Without it they
        /// are continued from the tile's own pixels, and skirts hide what does not match.
        shared_edges: bool,
    },
    /// quantized-mesh tilesets: a tile comes from the first that has it (`parentUrl`).
    QuantizedMesh(Vec<LayerJson>),
}

/// What a terrain is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct TerrainConfig {
    /// Heights.
    pub heights: HeightSource,
    /// Imagery, the lowest layer first.
    pub imagery: Vec<ImageryLayer>,
    /// Added to every height, metres: the geoid's height where the source counts from the sea, as rasters do.
    pub height_offset_m: f64,
    /// Lowest and highest height to be expected, metres, before the offset.
    pub heights_m: [f64; 2],
    /// Outside of this no tile is made.
    pub bounds: Option<Rect>,
    /// Whose the heights are.
    pub attribution: String,
}

impl Default for TerrainConfig {
    fn default() -> Self {
        Self {
            heights: HeightSource::Ellipsoid {
                scheme: Scheme::WebMercator,
            },
            imagery: Vec::new(),
            height_offset_m: 0.0,
            // The deepest trench and the highest summit: rasters have sea floors too.
            heights_m: [-11_000.0, 9_000.0],
            bounds: None,
            attribution: String::new(),
        }
    }
}

/// A virtual tileset of terrain.
#[derive(Clone, Debug)]
pub struct TerrainSource {
    key: String,
    config: TerrainConfig,
    /// Lowest and highest height of tiles that were decoded, metres above the ellipsoid.
    learned: HashMap<Cell, [f64; 2]>,
}

impl TerrainSource {
    /// A source whose addresses carry `key`. A source with other settings needs another key.
    ///
    /// # Errors
    /// Settings that cannot be used.
    pub fn new(key: &str, config: TerrainConfig) -> Result<Self, TerrainError> {
        let bad = |what: &str| Err(TerrainError::Setting(what.to_owned()));
        let good_key = !key.is_empty()
            && key.len() <= 128
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if !good_key {
            return bad("a terrain's key must be 1 to 128 letters, digits, - and _");
        }
        let [low, high] = config.heights_m;
        let finite = [low, high, config.height_offset_m]
            .iter()
            .all(|h| h.is_finite() && h.abs() <= 100_000.0);
        if !finite || low > high {
            return bad("a terrain's heights must be numbers of metres, the lower one first");
        }
        match &config.heights {
            HeightSource::Raster {
                min_zoom, max_zoom, ..
            } if min_zoom > max_zoom || *max_zoom > MAX_ZOOM => {
                return bad(
                    "a terrain's min_zoom must not be above its max_zoom, and both at most 24",
                );
            }
            HeightSource::QuantizedMesh(layers) => match layers.split_first() {
                None => return bad("a quantized-mesh terrain needs a layer.json"),
                Some((first, rest)) if rest.iter().any(|l| l.scheme != first.scheme) => {
                    return bad("a quantized-mesh terrain and its parent have different tilings");
                }
                Some(_) => {}
            },
            _ => {}
        }
        if config.imagery.len() > MAX_LAYERS {
            return Err(TerrainError::Setting(format!(
                "{} imagery layers are more than {MAX_LAYERS}",
                config.imagery.len()
            )));
        }
        config.imagery.iter().try_for_each(ImageryLayer::check)?;
        let mut config = config;
        if let (None, HeightSource::QuantizedMesh(layers)) = (config.bounds, &config.heights)
            && let [only] = layers.as_slice()
            && !only.lists_tiles()
        {
            config.bounds = only.bounds;
        }
        Ok(Self {
            key: key.to_owned(),
            config,
            learned: HashMap::new(),
        })
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The address to open in a [`crate::stream::Streamer`].
    #[must_use]
    pub fn root_address(&self) -> String {
        address::write(&self.key, Asked::Root)
    }

    /// The tiling.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        match &self.config.heights {
            HeightSource::Ellipsoid { scheme } => *scheme,
            HeightSource::Raster { .. } => Scheme::WebMercator,
            HeightSource::QuantizedMesh(layers) => {
                layers.first().map_or(Scheme::Geographic, |l| l.scheme)
            }
        }
    }

    /// The bytes at an address of this source; `None` where it has no such tile.
    #[must_use]
    pub fn document(&self, address: &str) -> Option<Vec<u8>> {
        let scheme = self.scheme();
        match address::read(&self.key, address)? {
            Asked::Root => Some(self.root_document()),
            Asked::Document(cell) if scheme.has(cell) && self.in_bounds(cell) => {
                let tile = self.tile(cell, LEVELS_PER_DOCUMENT);
                Some(document(tile, self.error_m(cell.z)))
            }
            Asked::Descriptor(cell) if scheme.has(cell) && self.in_bounds(cell) => {
                serde_json::to_vec(&self.descriptor(cell)?).ok()
            }
            _ => None,
        }
    }

    /// Remembers the heights of a decoded tile, so that volumes of finer ones fit closer. Other tiles are ignored.
    pub fn learn(&mut self, address: &str, tile: &PreparedTile) {
        let Some(Asked::Descriptor(cell)) = address::read(&self.key, address) else {
            return;
        };
        if self.learned.len() >= MAX_LEARNED || cell.z < 3 {
            return;
        }
        let mut range: Option<[f64; 2]> = None;
        // Some vertices are enough for a range with slack; those of skirts only make it a little deeper.
        let vertices = tile.primitives.iter().flat_map(|p| &p.vertices);
        for vertex in vertices.step_by(3) {
            let at = tile.origin + city_geo::DVec3::from_array(vertex.position.map(f64::from));
            let height_m = city_geo::geodetic_from_ecef(at).height_m;
            let [low, high] = range.unwrap_or([height_m; 2]);
            range = Some([low.min(height_m), high.max(height_m)]);
        }
        if let Some(range) = range.filter(|r| r.iter().all(|h| h.is_finite())) {
            self.learned.insert(cell, range);
        }
    }

    /// Takes in what a quantized-mesh tile says about the tiles below it (its metadata extension), from the job that
    /// decodes it. Cheap where there is nothing to learn.
    pub fn learn_job(&mut self, job: &DecodeJob) {
        let Some(Asked::Descriptor(cell)) = address::read(&self.key, &job.url) else {
            return;
        };
        let HeightSource::QuantizedMesh(layers) = &mut self.config.heights else {
            return;
        };
        // The layer that the descriptor took: the first that has the tile.
        if let Some(layer) = layers.iter_mut().find(|layer| layer.has(cell))
            && layer.asks(cell)
            && let Some(bytes) = layer.tile_url(cell).and_then(|url| job.external(&url))
            && let Some(metadata) = crate::formats::terrain::metadata(&bytes)
        {
            layer.learn(cell, &metadata);
        }
    }

    /// The error of a level, metres, after `TerrainProvider.getEstimatedLevelZeroGeometricErrorForAHeightmap` of
    /// CesiumJS: a quarter of a heightmap's cell at the equator. Halves with each level.
    fn error_m(&self, z: u32) -> f64 {
        let columns = f64::from(self.scheme().columns(0));
        let level_0_m = 0.25 * TAU * city_geo::SEMI_MAJOR_M / (f64::from(GRID) * columns);
        ERROR_SCALE * level_0_m / f64::from(1u32 << z.min(31))
    }

    fn in_bounds(&self, cell: Cell) -> bool {
        let scheme = self.scheme();
        self.config
            .bounds
            .is_none_or(|bounds| scheme.window_of(&bounds).overlaps(&scheme.window(cell)))
    }

    /// Whether a tile has heights of its own level, or whatever stands in for them.
    fn has_content(&self, cell: Cell) -> bool {
        match &self.config.heights {
            HeightSource::Ellipsoid { .. } => true,
            HeightSource::Raster { min_zoom, .. } => cell.z >= *min_zoom,
            HeightSource::QuantizedMesh(layers) => {
                (0..=cell.z).any(|z| layers.iter().any(|l| l.has(cell.at_level(z))))
            }
        }
    }

    /// Whether a tile has children: finer heights, or finer imagery.
    fn is_divided(&self, cell: Cell) -> bool {
        if cell.z >= MAX_ZOOM {
            return false;
        }
        let finer_heights = match &self.config.heights {
            // The chord of a cell of level 8 is a decimetre below the ellipsoid.
            HeightSource::Ellipsoid { .. } => cell.z < 8,
            HeightSource::Raster { max_zoom, .. } => cell.z < *max_zoom,
            HeightSource::QuantizedMesh(layers) => cell
                .children()
                .iter()
                .any(|child| layers.iter().any(|layer| layer.has(*child))),
        };
        let window = self.scheme().window(cell);
        finer_heights
            || self
                .config
                .imagery
                .iter()
                .any(|layer| layer.opacity > 0.0 && layer.has_finer_than(self.scheme(), &window))
    }

    /// Heights to be expected in a tile, metres above the ellipsoid.
    fn heights_m(&self, cell: Cell) -> [f64; 2] {
        let offset = self.config.height_offset_m;
        let [low, high] = match self.config.heights {
            HeightSource::Ellipsoid { .. } => [offset; 2],
            _ => self.config.heights_m.map(|h| h + offset),
        };
        for z in (0..=cell.z).rev() {
            if let Some([known_low, known_high]) = self.learned.get(&cell.at_level(z)) {
                // Between the vertices that are known there may be more than they show: half a cell of them.
                let slack_m = 50.0
                    + TAU * city_geo::SEMI_MAJOR_M
                        / f64::from(self.scheme().columns(z))
                        / f64::from(GRID - 1)
                        * 0.5;
                return [
                    low.max(known_low - slack_m).min(*known_low),
                    high.min(known_high + slack_m).max(*known_high),
                ];
            }
        }
        [low, high]
    }

    fn volume(&self, cell: Cell) -> Value {
        let scheme = self.scheme();
        let mut rect = scheme.rect(cell);
        // The outermost tiles reach to the poles.
        if cell.y == 0 {
            rect.north = FRAC_PI_2;
        }
        if cell.y + 1 == scheme.rows(cell.z) {
            rect.south = -FRAC_PI_2;
        }
        let [low, high] = self.heights_m(cell);
        json!({"region": [rect.west.clamp(-PI, PI), rect.south, rect.east.clamp(-PI, PI), rect.north, low, high]})
    }

    fn root_document(&self) -> Vec<u8> {
        let scheme = self.scheme();
        let [low, high] = self.heights_m(Cell::new(0, 0, 0));
        let children: Vec<Value> = (0..scheme.columns(0))
            .map(|x| Cell::new(0, x, 0))
            .filter(|cell| self.in_bounds(*cell))
            .map(|cell| self.tile(cell, LEVELS_PER_DOCUMENT))
            .collect();
        let error_m = 1e9;
        let root = json!({
            "boundingVolume": {"region": [-PI, -FRAC_PI_2, PI, FRAC_PI_2, low, high]},
            "geometricError": error_m,
            "refine": "REPLACE",
            "children": children,
        });
        document(root, error_m)
    }

    /// A tile with `levels` levels of explicit tiles, and the addresses of further documents below.
    fn tile(&self, cell: Cell, levels: u32) -> Value {
        let mut tile = json!({"boundingVolume": self.volume(cell), "refine": "REPLACE"});
        let has_content = self.has_content(cell);
        let empty_error = if self.is_small_at_first() { 1e9 } else { 0.0 };
        let error_m = self
            .error_m(cell.z)
            .max(if has_content { 0.0 } else { empty_error });
        if levels == 0 {
            tile["geometricError"] = json!(error_m);
            tile["content"] = json!({"uri": address::write(&self.key, Asked::Document(cell))});
            return tile;
        }
        if has_content {
            tile["content"] = json!({"uri": address::write(&self.key, Asked::Descriptor(cell))});
        }
        let divided = self.is_divided(cell);
        tile["geometricError"] = json!(if divided { error_m } else { 0.0 });
        if divided {
            let children: Vec<Value> = cell
                .children()
                .into_iter()
                .filter(|child| self.in_bounds(*child))
                .map(|child| self.tile(child, levels - 1))
                .collect();
            tile["children"] = json!(children);
        }
        tile
    }

    /// Whether a source that begins at a deep level has so few tiles there that they may all be shown from afar.
    fn is_small_at_first(&self) -> bool {
        let (HeightSource::Raster { min_zoom, .. }, Some(bounds)) =
            (&self.config.heights, &self.config.bounds)
        else {
            return false;
        };
        let window = self.scheme().window_of(bounds);
        let side = f64::from(self.scheme().columns(*min_zoom));
        (window.u1 - window.u0) * side * (window.v1 - window.v0) * side <= MAX_FIRST_TILES
    }

    fn descriptor(&self, cell: Cell) -> Option<Descriptor> {
        if !self.has_content(cell) {
            return None;
        }
        let (heights, attribution) = self.height_files(cell)?;
        let imagery = below(&self.config.imagery, self.scheme(), cell);
        let behind = heights
            .files
            .first()
            .map_or(0, |file| cell.z.saturating_sub(file.tile.z));
        Some(Descriptor {
            belvedere_terrain: VERSION,
            scheme: self.scheme(),
            tile: cell,
            grid: match heights.kind {
                // Fine enough for the Earth's curve at its level, and no finer than the heights are.
                HeightKind::Ellipsoid => ((GRID - 1) >> (cell.z / 2).min(2)) + 1,
                _ => ((GRID - 1) >> behind.min(3)) + 1,
            },
            heights,
            height_offset_m: self.config.height_offset_m,
            // CesiumJS: five times the error of the level.
            skirt_m: (5.0 / ERROR_SCALE * self.error_m(cell.z)).max(5.0),
            pixels: if imagery.is_empty() { 0 } else { PICTURE_PX },
            imagery,
            attribution,
        })
    }

    fn height_files(&self, cell: Cell) -> Option<(HeightFiles, String)> {
        match &self.config.heights {
            HeightSource::Ellipsoid { .. } => {
                let files = HeightFiles {
                    kind: HeightKind::Ellipsoid,
                    files: Vec::new(),
                    around: Vec::new(),
                };
                Some((files, String::new()))
            }
            HeightSource::Raster {
                encoding,
                url,
                min_zoom,
                max_zoom,
                shared_edges,
            } => {
                let own = cell.at_level(*max_zoom);
                let file = |tile| HeightFile {
                    url: raster_url(url, tile),
                    tile,
                };
                let mut files = vec![file(own)];
                if own.z > *min_zoom {
                    files.push(file(own.at_level(own.z - 1)));
                }
                let around = if *shared_edges && own == cell {
                    around(own).into_iter().map(file).collect()
                } else {
                    Vec::new()
                };
                let kind = match encoding {
                    RasterEncoding::Terrarium => HeightKind::Terrarium,
                    RasterEncoding::MapboxRgb => HeightKind::MapboxRgb,
                };
                let attribution = self.config.attribution.clone();
                Some((
                    HeightFiles {
                        kind,
                        files,
                        around,
                    },
                    attribution,
                ))
            }
            HeightSource::QuantizedMesh(layers) => {
                let mut files = Vec::new();
                let mut attribution = self.config.attribution.clone();
                for z in (0..=cell.z).rev() {
                    let tile = cell.at_level(z);
                    let Some(layer) = layers.iter().find(|layer| layer.has(tile)) else {
                        continue;
                    };
                    if files.is_empty() && attribution.is_empty() {
                        attribution.clone_from(&layer.attribution);
                    }
                    files.push(HeightFile {
                        url: layer.tile_url(tile)?,
                        tile,
                    });
                    if files.len() == 2 {
                        break;
                    }
                }
                let kind = HeightKind::QuantizedMesh;
                let around = Vec::new();
                (!files.is_empty()).then_some((
                    HeightFiles {
                        kind,
                        files,
                        around,
                    },
                    attribution,
                ))
            }
        }
    }
}

fn raster_url(template: &str, cell: Cell) -> String {
    let number = cell.z.to_string();
    let servers = ["a", "b", "c"].map(str::to_owned);
    let with = Fill {
        z: cell.z,
        x: cell.x,
        y: cell.y,
        rows: Scheme::WebMercator.rows(cell.z),
        from_south: false,
        matrix: &number,
        servers: &servers,
        version: "",
    };
    fill(template, &with)
}

/// The neighbours of a tile of web mercator, round the antimeridian too.
fn around(cell: Cell) -> Vec<Cell> {
    let side = i64::from(Scheme::WebMercator.columns(cell.z));
    let mut cells = Vec::with_capacity(8);
    for dy in -1..=1 {
        for dx in -1..=1 {
            let y = i64::from(cell.y) + dy;
            if (dx, dy) == (0, 0) || !(0..side).contains(&y) {
                continue;
            }
            let x = (i64::from(cell.x) + dx).rem_euclid(side);
            let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
                continue;
            };
            cells.push(Cell::new(cell.z, x, y));
        }
    }
    // At the first levels west and east are the same tile.
    cells.sort_unstable();
    cells.dedup();
    cells
}

fn document(root: Value, error_m: f64) -> Vec<u8> {
    let document = json!({
        "asset": {"version": "1.1"},
        "geometricError": error_m,
        "root": root,
    });
    document.to_string().into_bytes()
}
