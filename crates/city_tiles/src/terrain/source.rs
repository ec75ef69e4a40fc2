//! A terrain source: which tiles there are, and the documents and descriptors that say so.

use std::collections::HashMap;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

use serde_json::{Value, json};

use super::TerrainError;
use super::address::{self, Asked};
use super::config::{HeightSource, TerrainConfig};
use super::tiling::{Cell, MAX_ZOOM, Scheme};
use crate::prepared::PreparedTile;
use crate::stream::DecodeJob;

/// Levels of tiles in one document.
const LEVELS_PER_DOCUMENT: u32 = 3;
/// Vertices along an edge of a tile of heights (and the width of a heightmap in CesiumJS).
pub(super) const GRID: u32 = 65;
/// Geometric errors are this many times those of CesiumJS, whose globe refines at 2 pixels, so that the 16 pixels that
/// are usual for tilesets give its picture with 512 instead of 256 pixels to a tile.
pub(super) const ERROR_SCALE: f64 = 4.0;
/// Most tiles whose heights are remembered.
const MAX_LEARNED: usize = 65_536;
/// Tiles that a source without coarse levels may begin with; with more, it shows nothing from far away.
const MAX_FIRST_TILES: f64 = 64.0;

/// A virtual tileset of terrain.
#[derive(Clone, Debug)]
pub struct TerrainSource {
    key: String,
    pub(super) config: TerrainConfig,
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
        config.check()?;
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
    pub(super) fn error_m(&self, z: u32) -> f64 {
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
    pub(super) fn has_content(&self, cell: Cell) -> bool {
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
                let high = high.min(known_high + slack_m).max(*known_high);
                return [low.max(known_low - slack_m).min(high), high];
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
}

fn document(root: Value, error_m: f64) -> Vec<u8> {
    let document = json!({
        "asset": {"version": "1.1"},
        "geometricError": error_m,
        "root": root,
    });
    document.to_string().into_bytes()
}
