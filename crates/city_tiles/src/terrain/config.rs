//! What a terrain is made of.

use super::TerrainError;
use super::imagery::{ImageryLayer, MAX_LAYERS};
use super::layer_json::LayerJson;
use super::tiling::{MAX_ZOOM, Rect, Scheme};

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
    /// Lowest and highest height to be expected, metres, before the offset. Pixels of rasters outside of it are gaps.
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

impl TerrainConfig {
    /// Whether it can be used.
    pub(super) fn check(&self) -> Result<(), TerrainError> {
        let bad = |what: &str| Err(TerrainError::Setting(what.to_owned()));
        let [low, high] = self.heights_m;
        let finite = [low, high, self.height_offset_m]
            .iter()
            .all(|h| h.is_finite() && h.abs() <= 100_000.0);
        if !finite || low > high {
            return bad("a terrain's heights must be numbers of metres, the lower one first");
        }
        match &self.heights {
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
        if self.imagery.len() > MAX_LAYERS {
            return Err(TerrainError::Setting(format!(
                "{} imagery layers are more than {MAX_LAYERS}",
                self.imagery.len()
            )));
        }
        self.imagery.iter().try_for_each(ImageryLayer::check)?;
        Ok(())
    }
}
