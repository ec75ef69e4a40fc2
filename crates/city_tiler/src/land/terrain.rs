//! The ground as a raster of heights and distances to the shore.

use glam::{DVec2, DVec3};

use super::coast::Coast;
use super::relief::land_height_m;
use crate::noise::smoothstep;

/// Cells along the side of one tile of the ground, at every level.
pub const TILE_CELLS: usize = 32;

/// The rectangle of the plane that the city fills, and its quadtree's depth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Domain {
    /// Half its width and height, metres.
    pub half_m: DVec2,
    /// Levels of tiles; the last has the finest.
    pub levels: usize,
}

impl Domain {
    /// The whole city: 14 by 10 km.
    pub const FULL: Self = Self {
        half_m: DVec2::new(7000.0, 5000.0),
        levels: 6,
    };
    /// The middle of the harbour, for tests: 3.5 by 2.5 km, tiles of the same size.
    pub const SMALL: Self = Self {
        half_m: DVec2::new(1750.0, 1250.0),
        levels: 4,
    };

    /// Raster cells along one side.
    #[must_use]
    pub fn cells(&self) -> usize {
        TILE_CELLS << (self.levels - 1)
    }

    /// Size of a raster cell, metres.
    #[must_use]
    pub fn cell_m(&self) -> DVec2 {
        self.half_m * 2.0 / self.cells() as f64
    }

    /// South-western corner and size of a tile, metres.
    #[must_use]
    pub fn tile(&self, level: usize, x: u32, y: u32) -> (DVec2, DVec2) {
        let size = self.half_m * 2.0 / f64::from(1_u32 << level);
        (
            DVec2::new(f64::from(x), f64::from(y)) * size - self.half_m,
            size,
        )
    }

    /// The tile of a level that a point falls into; `None` outside.
    #[must_use]
    pub fn tile_at(&self, level: usize, p: DVec2) -> Option<(u32, u32)> {
        let side = f64::from(1_u32 << level);
        let t = (p + self.half_m) / (self.half_m * 2.0) * side;
        let inside = t.x >= 0.0 && t.y >= 0.0 && t.x < side && t.y < side;
        inside.then_some((t.x as u32, t.y as u32))
    }

    /// Whether a point is inside, by a margin.
    #[must_use]
    pub fn contains(&self, p: DVec2, margin_m: f64) -> bool {
        p.x.abs() <= self.half_m.x - margin_m && p.y.abs() <= self.half_m.y - margin_m
    }
}

/// Heights and shore distances on the corners of the raster's cells.
#[derive(Debug, Clone)]
pub struct Terrain {
    /// The rectangle it covers.
    pub domain: Domain,
    /// The coast that it was made with.
    pub coast: Coast,
    seed: u64,
    /// Land height at each corner, metres above the ellipsoid; under water too.
    heights: Vec<f32>,
    /// Signed distance to the shore, metres, positive on land.
    shores: Vec<f32>,
    /// Whether the nearest shore is a quay.
    quays: Vec<bool>,
}

/// The city's highest peak, metres above the ellipsoid.
pub const HIGHEST_M: f64 = 552.0;

impl Terrain {
    /// Fills the raster, on as many threads as there are processors.
    #[must_use]
    pub fn new(seed: u64, domain: Domain) -> Self {
        let coast = Coast::new(seed);
        let n = domain.cells() + 1;
        let cell = domain.cell_m();
        let rows: Vec<usize> = (0..n).collect();
        let filled = crate::parallel::map(&rows, |row| {
            let points = (0..n).map(|column| {
                let p = DVec2::new(column as f64, *row as f64) * cell - domain.half_m;
                let near = coast.near(p);
                let height = land_height_m(seed, p, near.signed_m);
                (height as f32, near.signed_m as f32, near.quay)
            });
            points.collect::<Vec<_>>()
        });
        let all = filled.into_iter().flatten();
        let mut terrain = Self {
            domain,
            coast,
            seed,
            heights: Vec::with_capacity(n * n),
            shores: Vec::with_capacity(n * n),
            quays: Vec::with_capacity(n * n),
        };
        for (height, shore, quay) in all {
            terrain.heights.push(height);
            terrain.shores.push(shore);
            terrain.quays.push(quay);
        }
        terrain
    }

    /// The seed of the noise.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    fn index(&self, column: usize, row: usize) -> usize {
        let n = self.domain.cells();
        row.min(n) * (n + 1) + column.min(n)
    }

    /// Land height at a raster corner, metres.
    #[must_use]
    pub fn height_at(&self, column: usize, row: usize) -> f64 {
        f64::from(self.heights[self.index(column, row)])
    }

    /// Signed shore distance at a raster corner, metres.
    #[must_use]
    pub fn shore_at(&self, column: usize, row: usize) -> f64 {
        f64::from(self.shores[self.index(column, row)])
    }

    /// Whether the nearest shore of a raster corner is a quay.
    #[must_use]
    pub fn quay_at(&self, column: usize, row: usize) -> bool {
        self.quays[self.index(column, row)]
    }

    fn sample(&self, values: &[f32], p: DVec2) -> f64 {
        let n = self.domain.cells() as f64;
        let t =
            ((p + self.domain.half_m) / self.domain.cell_m()).clamp(DVec2::ZERO, DVec2::splat(n));
        let (column, row) = (
            (t.x as usize).min(n as usize - 1),
            (t.y as usize).min(n as usize - 1),
        );
        let (fx, fy) = (t.x - column as f64, t.y - row as f64);
        let at = |dx: usize, dy: usize| f64::from(values[self.index(column + dx, row + dy)]);
        // The same two triangles as the ground mesh: the diagonal runs from the
        // south-western to the north-eastern corner.
        if fx >= fy {
            at(0, 0) + (at(1, 0) - at(0, 0)) * fx + (at(1, 1) - at(1, 0)) * fy
        } else {
            at(0, 0) + (at(0, 1) - at(0, 0)) * fy + (at(1, 1) - at(0, 1)) * fx
        }
    }

    /// Land height on the finest ground mesh, metres above the ellipsoid.
    #[must_use]
    pub fn height(&self, p: DVec2) -> f64 {
        self.sample(&self.heights, p)
    }

    /// Signed distance to the shore, metres, positive on land.
    #[must_use]
    pub fn shore(&self, p: DVec2) -> f64 {
        self.sample(&self.shores, p)
    }

    /// A point on the ground.
    #[must_use]
    pub fn on_ground(&self, p: DVec2) -> DVec3 {
        p.extend(self.height(p))
    }

    /// Cuts a bench for a road into the slope: the ground within `half_m` of the
    /// line takes the line's height, and meets the slope again within `blend_m`.
    pub fn bench(&mut self, line: &[DVec3], half_m: f64, blend_m: f64) {
        let cell = self.domain.cell_m();
        let n = self.domain.cells() as f64;
        let reach = DVec2::splat(half_m + blend_m);
        let mut nearest: std::collections::BTreeMap<usize, (f64, f64)> =
            std::collections::BTreeMap::new();
        for w in line.windows(2) {
            let (a, b) = (w[0].truncate(), w[1].truncate());
            let index =
                |p: DVec2| ((p + self.domain.half_m) / cell).clamp(DVec2::ZERO, DVec2::splat(n));
            let (low, high) = (
                index(a.min(b) - reach).floor(),
                index(a.max(b) + reach).ceil(),
            );
            for row in low.y as usize..=high.y as usize {
                for column in low.x as usize..=high.x as usize {
                    let p = DVec2::new(column as f64, row as f64) * cell - self.domain.half_m;
                    let t =
                        ((p - a).dot(b - a) / (b - a).length_squared().max(1e-9)).clamp(0.0, 1.0);
                    let d = (p - a.lerp(b, t)).length();
                    let entry = nearest
                        .entry(self.index(column, row))
                        .or_insert((f64::INFINITY, 0.0));
                    if d < entry.0 {
                        *entry = (d, w[0].z + (w[1].z - w[0].z) * t);
                    }
                }
            }
        }
        for (index, (distance, height)) in nearest {
            let keep = smoothstep(half_m, half_m + blend_m, distance);
            let old = f64::from(self.heights[index]);
            self.heights[index] = (height + (old - height) * keep) as f32;
        }
    }

    /// Upward gradient of the ground: rise per metre, east and north.
    #[must_use]
    pub fn gradient(&self, p: DVec2) -> DVec2 {
        let d = 14.0;
        DVec2::new(
            self.height(p + DVec2::X * d) - self.height(p - DVec2::X * d),
            self.height(p + DVec2::Y * d) - self.height(p - DVec2::Y * d),
        ) / (2.0 * d)
    }

    /// Steepness of the ground: rise per metre.
    #[must_use]
    pub fn slope(&self, p: DVec2) -> f64 {
        self.gradient(p).length()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_domain() {
        let d = Domain::FULL;
        let (corner, size) = d.tile(5, 31, 31);
        assert!((corner + size - d.half_m).length() < 1e-9);
        assert_eq!(d.tile_at(5, corner + size * 0.5), Some((31, 31)));
        assert_eq!(d.tile_at(5, d.half_m * 1.001), None);
        assert_eq!(d.cells(), 1024);
        // Small tiles are as big as full ones.
        assert_eq!(Domain::SMALL.tile(3, 0, 0).1, d.tile(5, 0, 0).1);
    }

    #[test]
    fn the_land_is_dry_and_the_harbour_wet() {
        let t = Terrain::new(1, Domain::SMALL);
        assert!(t.shore(DVec2::new(0.0, 0.0)) < -100.0);
        let quay = DVec2::new(0.0, -300.0);
        assert!((3.0..8.0).contains(&t.height(quay)), "{}", t.height(quay));
        assert!(t.slope(quay) < 0.02);
        for row in 0..=t.domain.cells() {
            for column in 0..=t.domain.cells() {
                if t.shore_at(column, row) > 0.0 {
                    assert!(t.height_at(column, row) > 0.2);
                }
            }
        }
    }
}
