//! Lawns: land in town that no block and no street has taken, mostly along the
//! water, kept as open green with a paved promenade at the edge.

use glam::DVec2;

use super::blocks::Block;
use super::massing::{Tree, tree};
use crate::bins::Bins;
use crate::geom;
use crate::land::Terrain;
use crate::land::relief::urban_shore;
use crate::noise::{fbm, smoothstep};
use crate::rng::Rng;
use crate::streets::Network;

/// How much of a lawn each corner of the ground's raster is, 0 to 1.
#[derive(Debug, Clone)]
pub struct Lawn {
    side: usize,
    values: Vec<f32>,
}

impl Lawn {
    /// Finds the open land.
    #[must_use]
    pub fn new(terrain: &Terrain, network: &Network, blocks: &[Block]) -> Self {
        let mut built = Bins::new(150.0);
        for block in blocks {
            let (low, high) = geom::extent(&block.quad);
            built.insert((low - 12.0, high + 12.0), block.id);
        }
        let domain = terrain.domain;
        let side = domain.cells() + 1;
        let rows: Vec<usize> = (0..side).collect();
        let filled = crate::parallel::map(&rows, |row| {
            let value = |column: usize| {
                let p = DVec2::new(column as f64, *row as f64) * domain.cell_m() - domain.half_m;
                let shore = terrain.shore_at(column, *row);
                if shore < 12.0 || terrain.height_at(column, *row) > 40.0 || urban_shore(p) < 0.2 {
                    return 0.0;
                }
                let free = |id: &u32| {
                    let Some(block) = blocks.get(*id as usize) else {
                        return true;
                    };
                    !geom::contains(&block.quad, p)
                        && (0..4).all(|k| {
                            geom::point_segment(p, block.quad[k], block.quad[(k + 1) % 4]) > 9.0
                        })
                };
                let spot = geom::rectangle(p, DVec2::X, 8.0, 8.0);
                if !built.at(p).all(free) || network.clearance_m(&spot) < 0.0 {
                    return 0.0;
                }
                let beds = fbm(terrain.seed() ^ 0x1A3, p / 75.0, 2);
                let edge = smoothstep(12.0, 24.0, shore);
                (edge * smoothstep(-0.55, -0.15, beds) * urban_shore(p)) as f32
            };
            (0..side).map(value).collect::<Vec<f32>>()
        });
        Self {
            side,
            values: filled.into_iter().flatten().collect(),
        }
    }

    /// How much of a lawn a corner of the raster is, 0 to 1.
    #[must_use]
    pub fn at(&self, column: usize, row: usize) -> f64 {
        let index = row.min(self.side - 1) * self.side + column.min(self.side - 1);
        self.values.get(index).copied().map_or(0.0, f64::from)
    }

    /// Trees on the lawns, and rows of them along the quays.
    #[must_use]
    pub fn trees(&self, terrain: &Terrain, network: &Network) -> Vec<Tree> {
        let mut rng = Rng::new(&[terrain.seed(), 0x1A4]);
        let domain = terrain.domain;
        let cell = domain.cell_m();
        let mut trees = Vec::new();
        for row in 0..self.side {
            for column in 0..self.side {
                let jitter = DVec2::new(rng.range(-0.5, 0.5), rng.range(-0.5, 0.5));
                let grove = fbm(
                    terrain.seed() ^ 0x1A5,
                    DVec2::new(column as f64, row as f64) / 9.0,
                    2,
                );
                let t = tree(DVec2::ZERO, &mut rng);
                if self.at(column, row) > 0.6 && rng.chance(0.1 + 0.6 * smoothstep(0.0, 0.4, grove))
                {
                    let p = (DVec2::new(column as f64, row as f64) + jitter) * cell - domain.half_m;
                    trees.push(Tree { p, ..t });
                }
            }
        }
        for (a, b) in terrain.coast.quays() {
            let along = b - a;
            let steps = (along.length() / 15.0) as u32;
            let inland = along.perp().normalize_or_zero() * 8.5;
            for i in 0..steps {
                let p = a + along * (f64::from(i) + 0.5) / f64::from(steps.max(1));
                let p = if terrain.shore(p + inland) > 0.0 {
                    p + inland
                } else {
                    p - inland
                };
                let t = tree(p, &mut rng);
                let spot = geom::rectangle(p, DVec2::X, 4.0, 4.0);
                if domain.contains(p, 10.0) && rng.chance(0.8) && network.clearance_m(&spot) > 0.0 {
                    trees.push(Tree {
                        height_m: t.height_m * 0.8,
                        radius_m: t.radius_m * 0.8,
                        ..t
                    });
                }
            }
        }
        trees
    }
}
