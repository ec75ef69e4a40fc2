//! Imagery layers: which images lie below a tile.

use super::TerrainError;
use super::descriptor::{ImageFile, LayerImages};
use super::template::{Fill, fill};
use super::tiling::{Cell, MAX_ZOOM, Rect, Scheme, Window};

/// Side of a terrain tile's picture, pixels.
pub const PICTURE_PX: u32 = 512;
/// Most images of one layer below one tile.
pub const MAX_IMAGES: usize = 12;
/// Most images of all layers below one tile.
pub const MAX_IMAGES_OF_ALL: usize = 48;
/// Most imagery layers.
pub const MAX_LAYERS: usize = 8;
/// Metres of a pixel of scale 1 (OGC WMTS 1.0.0, 6.1: 0.28 mm).
const PIXEL_M: f64 = 0.28e-3;
/// Girth of the sphere of web mercator, and 360 times the length of a degree that WMTS takes, metres.
const GIRTH_M: f64 = std::f64::consts::TAU * city_geo::SEMI_MAJOR_M;

/// How a layer's tiles are addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ImageryKind {
    /// `{z}/{x}/{y}`, rows from the north.
    #[default]
    Xyz,
    /// `{z}/{x}/{y}`, rows from the south.
    Tms,
    /// `{TileMatrix}`, `{TileRow}`, `{TileCol}`.
    Wmts,
}

/// A level of a WMTS tile matrix set that is not one of the well-known ones.
#[derive(Clone, Debug, PartialEq)]
pub struct TileMatrix {
    /// `{TileMatrix}`.
    pub id: String,
    /// Scale, for pixels of 0.28 mm.
    pub scale_denominator: f64,
    /// North-western corner: metres in web mercator, or degrees (longitude, latitude).
    pub top_left: [f64; 2],
    /// Pixels of a tile.
    pub tile_px: [u32; 2],
    /// Columns and rows.
    pub size: [u32; 2],
}

/// A layer of imagery.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageryLayer {
    /// How tiles are addressed.
    pub kind: ImageryKind,
    /// Template of absolute addresses.
    pub url: String,
    /// Tiling: `GoogleMapsCompatible` or `WorldCRS84Quad` in WMTS' words.
    pub scheme: Scheme,
    /// First level there is.
    pub min_zoom: u32,
    /// Last level there is.
    pub max_zoom: u32,
    /// Side of an image, pixels.
    pub tile_px: u32,
    /// 0 to 1.
    pub opacity: f64,
    /// Whose it is.
    pub attribution: String,
    /// Where there is any.
    pub bounds: Option<Rect>,
    /// What `{s}` stands for.
    pub servers: Vec<String>,
    /// A tile matrix set of its own, coarse to fine; empty for the scheme's. Levels are then places in this list.
    pub matrices: Vec<TileMatrix>,
}

impl Default for ImageryLayer {
    fn default() -> Self {
        Self {
            kind: ImageryKind::Xyz,
            url: String::new(),
            scheme: Scheme::WebMercator,
            min_zoom: 0,
            max_zoom: 18,
            tile_px: 256,
            opacity: 1.0,
            attribution: String::new(),
            bounds: None,
            servers: ["a", "b", "c"].map(str::to_owned).to_vec(),
            matrices: Vec::new(),
        }
    }
}

/// A level as a lattice in the unit square.
struct Level {
    origin: [f64; 2],
    step: [f64; 2],
    size: [u32; 2],
    /// Pixels along `u` in the whole unit square.
    density: f64,
}

/// First and last column, first and last row.
type Range = [u32; 4];

impl ImageryLayer {
    /// Whether the layer can be used.
    ///
    /// # Errors
    /// What is wrong with its numbers.
    pub fn check(&self) -> Result<(), TerrainError> {
        let bad = |what: &str| {
            Err(TerrainError::Setting(format!(
                "imagery {}: {what}",
                crate::uri::short(&self.url)
            )))
        };
        if self.min_zoom > self.max_zoom || self.max_zoom > MAX_ZOOM {
            return bad("min_zoom must not be above max_zoom, and both at most 24");
        }
        if !(0.0..=1.0).contains(&self.opacity) {
            return bad("opacity must be between 0 and 1");
        }
        if !(1..=4096).contains(&self.tile_px) {
            return bad("tiles must have 1 to 4096 pixels");
        }
        let good = |m: &TileMatrix| {
            m.scale_denominator.is_finite()
                && m.scale_denominator > 0.0
                && m.top_left.iter().all(|c| c.is_finite())
                && m.tile_px.iter().all(|px| (1..=4096).contains(px))
                && m.size.iter().all(|n| *n >= 1)
        };
        if self.matrices.len() > MAX_ZOOM as usize + 1 || !self.matrices.iter().all(good) {
            return bad(
                "its tile matrices need positive scales, tile sizes up to 4096 pixels and at most 25 levels",
            );
        }
        Ok(())
    }

    fn levels(&self) -> (u32, u32) {
        if self.matrices.is_empty() {
            return (self.min_zoom, self.max_zoom);
        }
        let last = (self.matrices.len() as u32).saturating_sub(1);
        (self.min_zoom.min(last), self.max_zoom.min(last))
    }

    fn level(&self, z: u32) -> Level {
        let Some(matrix) = self.matrices.get(z as usize) else {
            let size = [self.scheme.columns(z), self.scheme.rows(z)];
            return Level {
                origin: [0.0; 2],
                step: size.map(|n| 1.0 / f64::from(n)),
                size,
                density: f64::from(self.tile_px) * f64::from(size[0]),
            };
        };
        let pixel_m = matrix.scale_denominator * PIXEL_M;
        let [width, height] = matrix.tile_px.map(|px| f64::from(px) * pixel_m / GIRTH_M);
        let [left, top] = matrix.top_left;
        // In degrees the unit square's v runs over 180°, its u over 360°.
        let (origin, step) = match self.scheme {
            Scheme::WebMercator => ([left / GIRTH_M + 0.5, 0.5 - top / GIRTH_M], [width, height]),
            Scheme::Geographic => (
                [(left + 180.0) / 360.0, (90.0 - top) / 180.0],
                [width, height * 2.0],
            ),
        };
        Level {
            origin,
            step,
            size: matrix.size,
            density: GIRTH_M / pixel_m,
        }
    }

    /// Whether finer images than a picture across `window` shows are there.
    pub(super) fn has_finer_than(&self, scheme: Scheme, window: &Window) -> bool {
        let rect_overlaps = self
            .bounds
            .is_none_or(|bounds| scheme.window_of(&bounds).overlaps(window));
        let needed = f64::from(PICTURE_PX) / (window.u1 - window.u0);
        rect_overlaps && self.level(self.levels().1).density > needed * 1.5
    }

    /// The images below a rectangle, or none where the layer has nothing for it.
    pub(super) fn images(&self, rect: &Rect, most: usize) -> Option<LayerImages> {
        let mut window = self.scheme.window_of(rect);
        let needed = f64::from(PICTURE_PX) / (window.u1 - window.u0);
        if let Some(bounds) = &self.bounds {
            let b = self.scheme.window_of(bounds);
            if !b.overlaps(&window) {
                return None;
            }
            window = Window {
                u0: window.u0.max(b.u0),
                v0: window.v0.max(b.v0),
                u1: window.u1.min(b.u1),
                v1: window.v1.min(b.v1),
            };
        }
        let (first, last) = self.levels();
        let mut z = (first..=last)
            .find(|z| self.level(*z).density >= needed * 0.99)
            .unwrap_or(last);
        let mut range = self.range(&self.level(z), &window)?;
        while count(range) > most {
            // From so far away the layer has nothing.
            z = z.checked_sub(1).filter(|z| *z >= first)?;
            range = self.range(&self.level(z), &window)?;
        }
        let level = self.level(z);
        let [x0, x1, y0, y1] = range;
        let mut images = Vec::with_capacity(count(range));
        for y in y0..=y1 {
            for x in x0..=x1 {
                let mut image = self.image(z, &level, x, y);
                if z > first {
                    image.instead = self.around(z - 1, &image.window).map(Box::new);
                }
                images.push(image);
            }
        }
        Some(LayerImages {
            scheme: self.scheme,
            opacity: self.opacity,
            attribution: self.attribution.clone(),
            images,
        })
    }

    fn range(&self, level: &Level, window: &Window) -> Option<Range> {
        let along = |axis: usize, from: f64, to: f64| {
            let last = f64::from(level.size[axis]) - 1.0;
            let at = |c: f64| (c - level.origin[axis]) / level.step[axis];
            // An image that only touches is not taken.
            let (from, to) = ((at(from) + 1e-6).floor(), (at(to) - 1e-6).floor());
            (to >= 0.0 && from <= last && from <= to)
                .then(|| [from.max(0.0) as u32, to.min(last) as u32])
        };
        let [x0, x1] = along(0, window.u0, window.u1)?;
        let [y0, y1] = along(1, window.v0, window.v1)?;
        Some([x0, x1, y0, y1])
    }

    fn image(&self, z: u32, level: &Level, x: u32, y: u32) -> ImageFile {
        let at = |axis: usize, n: f64| level.origin[axis] + n * level.step[axis];
        let number = z.to_string();
        let with = Fill {
            z,
            x,
            y,
            rows: level.size[1],
            from_south: self.kind == ImageryKind::Tms,
            matrix: self
                .matrices
                .get(z as usize)
                .map_or(number.as_str(), |m| m.id.as_str()),
            servers: &self.servers,
            version: "",
        };
        ImageFile {
            url: fill(&self.url, &with),
            window: Window {
                u0: at(0, f64::from(x)),
                v0: at(1, f64::from(y)),
                u1: at(0, f64::from(x) + 1.0),
                v1: at(1, f64::from(y) + 1.0),
            },
            instead: None,
        }
    }

    /// The image of a level that holds the middle of a window.
    fn around(&self, z: u32, window: &Window) -> Option<ImageFile> {
        let (u, v) = ((window.u0 + window.u1) * 0.5, (window.v0 + window.v1) * 0.5);
        let level = self.level(z);
        let middle = Window {
            u0: u - 1e-12,
            v0: v - 1e-12,
            u1: u + 1e-12,
            v1: v + 1e-12,
        };
        let [u0, v0] = [0, 1].map(|axis| {
            let c = if axis == 0 { middle.u0 } else { middle.v0 };
            ((c - level.origin[axis]) / level.step[axis]).floor()
        });
        let inside = u0 >= 0.0
            && v0 >= 0.0
            && u0 < f64::from(level.size[0])
            && v0 < f64::from(level.size[1]);
        inside.then(|| self.image(z, &level, u0 as u32, v0 as u32))
    }
}

fn count([x0, x1, y0, y1]: Range) -> usize {
    (x1 - x0 + 1) as usize * (y1 - y0 + 1) as usize
}

/// The images of all layers below a tile.
pub(super) fn below(layers: &[ImageryLayer], scheme: Scheme, cell: Cell) -> Vec<LayerImages> {
    let layers: Vec<_> = layers
        .iter()
        .filter(|layer| layer.opacity > 0.0)
        .take(MAX_LAYERS)
        .collect();
    let most = MAX_IMAGES.min(MAX_IMAGES_OF_ALL / layers.len().max(1));
    let rect = scheme.rect(cell);
    layers
        .iter()
        .filter_map(|layer| layer.images(&rect, most))
        .collect()
}

#[cfg(test)]
mod tests;
