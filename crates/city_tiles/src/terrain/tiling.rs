//! Tiling schemes: where the tile (z, x, y) lies. Rows are counted from the north; whoever writes TMS turns them.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use serde::{Deserialize, Serialize};

/// The latitude at which the square of web mercator ends: atan(sinh π), 85.0511°.
pub const MERCATOR_END_RAD: f64 = 1.484_422_229_745_332_4;
/// Deepest level of any source: its columns fit 32 bits, its pixels are a centimetre.
pub const MAX_ZOOM: u32 = 24;

/// How the Earth is cut into tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// EPSG:3857: one square at level 0, up to ±85.0511°.
    #[default]
    WebMercator,
    /// EPSG:4326 (CRS84): two squares of 180° at level 0.
    Geographic,
}

/// A tile of a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// Level.
    pub z: u32,
    /// Column from −180°.
    pub x: u32,
    /// Row from the north.
    pub y: u32,
}

impl Cell {
    /// The tile at (z, x, y).
    #[must_use]
    pub const fn new(z: u32, x: u32, y: u32) -> Self {
        Self { z, x, y }
    }

    /// The tile that holds this one, at an earlier level (itself at its own).
    #[must_use]
    pub fn at_level(self, z: u32) -> Self {
        let up = self.z.saturating_sub(z).min(31);
        Self::new(self.z - up, self.x >> up, self.y >> up)
    }

    /// The four tiles of the next level.
    #[must_use]
    pub fn children(self) -> [Self; 4] {
        [(0, 0), (1, 0), (0, 1), (1, 1)]
            .map(|(x, y)| Self::new(self.z + 1, self.x * 2 + x, self.y * 2 + y))
    }
}

/// A rectangle in a scheme's unit square: `u` from −180° to 180°, `v` from the scheme's northern end to its southern.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Western end.
    pub u0: f64,
    /// Northern end.
    pub v0: f64,
    /// Eastern end.
    pub u1: f64,
    /// Southern end.
    pub v1: f64,
}

impl Window {
    /// Whether two windows share an area, and not merely an edge.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let slack = 1e-12;
        self.u0 + slack < other.u1
            && other.u0 + slack < self.u1
            && self.v0 + slack < other.v1
            && other.v0 + slack < self.v1
    }

    /// Whether all four numbers are finite and in order.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        [self.u0, self.v0, self.u1, self.v1]
            .iter()
            .all(|c| c.is_finite() && c.abs() <= 16.0)
            && self.u0 < self.u1
            && self.v0 < self.v1
    }
}

/// Longitudes and latitudes, radians. Never across the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Western end.
    pub west: f64,
    /// Southern end.
    pub south: f64,
    /// Eastern end.
    pub east: f64,
    /// Northern end.
    pub north: f64,
}

impl Rect {
    /// From `[west, south, east, north]` in degrees; `None` where they are out of range or out of order.
    #[must_use]
    pub fn from_degrees([west, south, east, north]: [f64; 4]) -> Option<Self> {
        let good = (-180.0..=180.0).contains(&west)
            && (-180.0..=180.0).contains(&east)
            && (-90.0..=90.0).contains(&south)
            && (-90.0..=90.0).contains(&north)
            && west < east
            && south < north;
        good.then(|| Self {
            west: west.to_radians(),
            south: south.to_radians(),
            east: east.to_radians(),
            north: north.to_radians(),
        })
    }
}

impl Scheme {
    /// Columns of a level.
    #[must_use]
    pub fn columns(self, z: u32) -> u32 {
        match self {
            Self::WebMercator => 1 << z.min(31),
            Self::Geographic => 2 << z.min(30),
        }
    }

    /// Rows of a level.
    #[must_use]
    pub fn rows(self, z: u32) -> u32 {
        1 << z.min(31)
    }

    /// Whether the scheme has this tile.
    #[must_use]
    pub fn has(self, cell: Cell) -> bool {
        cell.z <= MAX_ZOOM && cell.x < self.columns(cell.z) && cell.y < self.rows(cell.z)
    }

    /// Where a tile lies in the unit square.
    #[must_use]
    pub fn window(self, cell: Cell) -> Window {
        let (columns, rows) = (
            f64::from(self.columns(cell.z)),
            f64::from(self.rows(cell.z)),
        );
        Window {
            u0: f64::from(cell.x) / columns,
            v0: f64::from(cell.y) / rows,
            u1: (f64::from(cell.x) + 1.0) / columns,
            v1: (f64::from(cell.y) + 1.0) / rows,
        }
    }

    /// Where a tile lies on the Earth.
    #[must_use]
    pub fn rect(self, cell: Cell) -> Rect {
        let w = self.window(cell);
        Rect {
            west: lon_of(w.u0),
            south: self.lat_of(w.v1),
            east: lon_of(w.u1),
            north: self.lat_of(w.v0),
        }
    }

    /// A rectangle in the unit square, cut at the scheme's ends.
    #[must_use]
    pub fn window_of(self, rect: &Rect) -> Window {
        Window {
            u0: u_of(rect.west),
            v0: self.v_of(rect.north),
            u1: u_of(rect.east),
            v1: self.v_of(rect.south),
        }
    }

    /// Latitude at a row of the unit square, radians.
    #[must_use]
    pub fn lat_of(self, v: f64) -> f64 {
        match self {
            Self::WebMercator => (PI * (1.0 - 2.0 * v)).sinh().atan(),
            Self::Geographic => FRAC_PI_2 - v * PI,
        }
    }

    /// Row of the unit square at a latitude; beyond the scheme's ends the end.
    #[must_use]
    pub fn v_of(self, lat_rad: f64) -> f64 {
        match self {
            Self::WebMercator => {
                let lat = lat_rad.clamp(-MERCATOR_END_RAD, MERCATOR_END_RAD);
                (0.5 - lat.tan().asinh() / TAU).clamp(0.0, 1.0)
            }
            Self::Geographic => ((FRAC_PI_2 - lat_rad) / PI).clamp(0.0, 1.0),
        }
    }
}

/// Longitude at a column of the unit square, radians.
#[must_use]
pub fn lon_of(u: f64) -> f64 {
    u * TAU - PI
}

/// Column of the unit square at a longitude.
#[must_use]
pub fn u_of(lon_rad: f64) -> f64 {
    (lon_rad + PI) / TAU
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_mercator_is_where_the_standard_has_it() {
        let scheme = Scheme::WebMercator;
        let world = scheme.rect(Cell::new(0, 0, 0));
        assert!((world.north.to_degrees() - 85.051_128_779_806_6).abs() < 1e-9);
        assert!((world.south + world.north).abs() < 1e-12);
        assert!((scheme.lat_of(0.0) - MERCATOR_END_RAD).abs() < 1e-12);
        // Victoria Peak's tile, by the formula of the slippy map wiki.
        let window = scheme.window_of(&Rect {
            west: 114.1455_f64.to_radians(),
            south: 22.0_f64.to_radians(),
            east: 2.0,
            north: 22.2759_f64.to_radians(),
        });
        assert!((window.u0 * 4096.0 - 3_346.722_133).abs() < 1e-5);
        assert!((window.v0 * 4096.0 - 1_787.912_263).abs() < 1e-5);
        for lat in [-1.4, -0.3, 0.0, 0.7, 1.48] {
            assert!((scheme.lat_of(scheme.v_of(lat)) - lat).abs() < 1e-12);
        }
        assert_eq!(scheme.v_of(FRAC_PI_2), 0.0);
    }

    #[test]
    fn geographic_has_two_squares_at_the_top() {
        let scheme = Scheme::Geographic;
        assert_eq!((scheme.columns(0), scheme.rows(0)), (2, 1));
        let east = scheme.rect(Cell::new(0, 1, 0));
        assert!(east.west.abs() < 1e-12 && (east.north - FRAC_PI_2).abs() < 1e-12);
        assert!(!scheme.has(Cell::new(0, 2, 0)));
        assert_eq!(Cell::new(3, 7, 5).at_level(1), Cell::new(1, 1, 1));
        assert_eq!(Cell::new(3, 7, 5).at_level(9), Cell::new(3, 7, 5));
    }
}
