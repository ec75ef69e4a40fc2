//! Which files a tile is made of.

use super::config::{HeightSource, RasterEncoding};
use super::descriptor::{Descriptor, HeightFile, HeightFiles, HeightKind, VERSION};
use super::imagery::{PICTURE_PX, below};
use super::source::{ERROR_SCALE, GRID, TerrainSource};
use super::template::{Fill, fill};
use super::tiling::{Cell, Scheme};

impl TerrainSource {
    /// A tile's descriptor; none where it has no content.
    pub(super) fn descriptor(&self, cell: Cell) -> Option<Descriptor> {
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
                    possible_m: self.config.heights_m,
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
                        possible_m: self.config.heights_m,
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
                        possible_m: self.config.heights_m,
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
