//! Blocks: cells of the street grids, joined where something large stands.

use glam::DVec2;

use super::districts::{self, DISTRICTS, MIX, Zone};
use crate::geom::{self, Quad};
use crate::land::Terrain;
use crate::rng::Rng;
use crate::streets::grid::Grid;
use crate::streets::{Cell, RoadClass};

/// A block between streets.
#[derive(Debug, Clone)]
pub struct Block {
    /// Its number.
    pub id: u32,
    /// What it becomes.
    pub zone: Zone,
    /// Which district it lies in.
    pub district: usize,
    /// Inside the building lines, counter-clockwise.
    pub quad: Quad,
    /// Class and name of the street along each side.
    pub sides: [(RoadClass, u32); 4],
    /// Distance of its middle to the shore, metres.
    pub shore_m: f64,
    /// Rise of the ground per metre across it.
    pub slope: f64,
}

impl Block {
    /// Its middle.
    #[must_use]
    pub fn centre(&self) -> DVec2 {
        geom::centre(&self.quad)
    }

    /// A stream of random numbers of its own.
    #[must_use]
    pub fn rng(&self, seed: u64) -> Rng {
        Rng::new(&[seed, 0xB10C, u64::from(self.id)])
    }
}

/// Places for things there are only a few of: the zone and near where.
const FORCED: [(Zone, f64, f64); 12] = [
    (Zone::Stadium, 2600.0, 1850.0),
    (Zone::Stadium, 1150.0, -1350.0),
    (Zone::Park, 900.0, -620.0),
    (Zone::Park, -550.0, 900.0),
    (Zone::Park, -2150.0, 600.0),
    (Zone::Park, -900.0, -800.0),
    (Zone::Civic, -500.0, -450.0),
    (Zone::Civic, -300.0, 420.0),
    (Zone::Hospital, -2300.0, -900.0),
    (Zone::Hospital, -100.0, 1900.0),
    (Zone::Hospital, 3900.0, 1700.0),
    (Zone::Hospital, 4300.0, -900.0),
];

/// How many cells a zone likes to have, east-west and north-south.
fn wish(zone: Zone, rng: &mut Rng) -> (usize, usize) {
    match zone {
        Zone::Estate => (2, if rng.chance(0.55) { 2 } else { 1 }),
        Zone::Port => (2, 2),
        Zone::Stadium => (3, 3),
        Zone::Hospital => (2, 2),
        Zone::School => (if rng.chance(0.5) { 2 } else { 1 }, 1),
        Zone::Park => (
            1 + usize::from(rng.chance(0.5)),
            1 + usize::from(rng.chance(0.4)),
        ),
        Zone::Industrial => (1 + usize::from(rng.chance(0.4)), 1),
        Zone::Office | Zone::Retail | Zone::Civic => (1 + usize::from(rng.chance(0.25)), 1),
        Zone::Luxury => (1 + usize::from(rng.chance(0.3)), 1),
        _ => (1, 1),
    }
}

fn zone_of(cell: &Cell, district: usize, terrain: &Terrain, rng: &mut Rng) -> Zone {
    let p = geom::centre(&cell.corners);
    for (zone, x, y) in FORCED {
        // Two blocks at most lie this near to a place.
        if geom::contains(&cell.corners, DVec2::new(x, y)) {
            return zone;
        }
    }
    let (slope, shore) = (terrain.slope(p), terrain.shore(p));
    let mut weights = DISTRICTS[district].weights().to_vec();
    for (weight, zone) in weights.iter_mut().zip(MIX) {
        let flat_only = matches!(
            zone,
            Zone::Office
                | Zone::Retail
                | Zone::Industrial
                | Zone::Port
                | Zone::Hospital
                | Zone::Civic
        );
        if slope > 0.13 && flat_only {
            *weight = 0.0;
        }
        if slope > 0.2 && matches!(zone, Zone::Estate | Zone::School) {
            *weight *= 0.2;
        }
        // Hillsides above the old streets carry towers and trees.
        if slope > 0.16 && zone == Zone::Luxury {
            *weight += 20.0;
        }
        if slope > 0.2 && zone == Zone::Park {
            *weight += 18.0;
        }
        // Containers stand at the quay.
        if zone == Zone::Port && shore > 650.0 {
            *weight *= 0.15;
        }
        // The water's edge belongs to everybody.
        if shore < 130.0 && zone == Zone::Park {
            *weight += 10.0;
        }
        if shore < 260.0 && zone == Zone::Industrial {
            *weight *= 0.4;
        }
    }
    MIX[rng.weighted(&weights)]
}

/// The blocks of one grid, and the block of each cell (numbered from
/// `first_id`; cells that cannot be built have none).
#[must_use]
pub fn of_grid(grid: &Grid, terrain: &Terrain, first_id: u32) -> (Vec<Block>, Vec<Option<usize>>) {
    let (w, h) = grid.size();
    let mut joined = vec![None; w * h];
    let mut blocks = Vec::new();
    for row in 0..h {
        for column in 0..w {
            let free = |at: (usize, usize), joined: &[Option<usize>]| {
                at.0 < w
                    && at.1 < h
                    && grid.usable[at.1 * w + at.0]
                    && joined[at.1 * w + at.0].is_none()
            };
            if !free((column, row), &joined) {
                continue;
            }
            let Some(cell) = grid.cell((column, row), (column, row)) else {
                continue;
            };
            let mut rng = Rng::new(&[
                terrain.seed(),
                0x20_4E,
                cell.patch as u64,
                column as u64,
                row as u64,
            ]);
            let p = geom::centre(&cell.corners);
            let district = districts::at(p);
            let zone = zone_of(&cell, district, terrain, &mut rng);
            let (mut east, mut north) = wish(zone, &mut rng);
            let fits = |east: usize, north: usize, joined: &[Option<usize>]| {
                (0..east).all(|dx| {
                    (0..north).all(|dy| {
                        let at = (column + dx, row + dy);
                        let forced_ok = (dx, dy) == (0, 0)
                            || grid.cell(at, at).is_some_and(|c| {
                                !FORCED
                                    .iter()
                                    .any(|(_, x, y)| geom::contains(&c.corners, DVec2::new(*x, *y)))
                            });
                        free(at, joined)
                            && forced_ok
                            && (dx == 0 || grid.can_merge((at.0 - 1, at.1), at))
                            && (dy == 0 || grid.can_merge((at.0, at.1 - 1), at))
                    })
                })
            };
            while (east, north) != (1, 1) && !fits(east, north, &joined) {
                if north >= east && north > 1 {
                    north -= 1;
                } else {
                    east -= 1;
                }
            }
            let Some(whole) = grid.cell((column, row), (column + east - 1, row + north - 1)) else {
                continue;
            };
            let number = first_id as usize + blocks.len();
            for dy in 0..north {
                for dx in 0..east {
                    joined[(row + dy) * w + column + dx] = Some(number);
                }
            }
            blocks.push(block(
                number as u32,
                zone,
                district,
                &whole,
                (east, north),
                terrain,
            ));
        }
    }
    (blocks, joined)
}

/// A block whose sides are as far in as their streets are wide. One that is too
/// small to build on becomes a park.
fn block(
    id: u32,
    zone: Zone,
    district: usize,
    cell: &Cell,
    (east, north): (usize, usize),
    terrain: &Terrain,
) -> Block {
    // Long sides bend at the crossings they pass, by no more than this.
    let bend = 1.0 + 2.5 * (east.max(north) as f64 - 1.0);
    let by = cell.sides.map(|(class, _)| class.half_width_m() + bend);
    let inner = geom::inset(&cell.corners, by);
    let quad = inner.unwrap_or_else(|| {
        let c = geom::centre(&cell.corners);
        cell.corners.map(|p| c.lerp(p, 0.2))
    });
    let (width, depth) = geom::size(&quad);
    let small = inner.is_none() || width < 22.0 || depth < 16.0;
    let p = geom::centre(&quad);
    let rise = quad.map(|c| terrain.height(c));
    let low = rise.iter().copied().fold(f64::INFINITY, f64::min);
    let high = rise.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Block {
        id,
        zone: if small { Zone::Park } else { zone },
        district,
        quad,
        sides: cell.sides,
        shore_m: terrain.shore(p),
        slope: (high - low) / (width * width + depth * depth).sqrt().max(1.0),
    }
}
