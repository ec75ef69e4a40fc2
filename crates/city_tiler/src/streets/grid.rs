//! Turning a patch into nodes, streets and the cells between them.

use glam::DVec2;

use super::network::{Kind, Network, RoadClass};
use super::patch::{PATCHES, Patch};
use crate::geom::{self, Quad};
use crate::land::Terrain;
use crate::rng::Rng;

/// Ground steeper than this (rise per metre) has no streets.
const STEEPEST: f64 = 0.30;
/// Nor has ground above this, metres.
const HIGHEST_M: f64 = 185.0;
/// Streets keep this far from the water, metres.
const SHORE_M: f64 = 17.0;

/// A field between four grid lines, before anything is built.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Which patch.
    pub patch: usize,
    /// Column and row in the patch's grid.
    pub at: (usize, usize),
    /// The surrounding streets' crossings, counter-clockwise.
    pub corners: Quad,
    /// Class and name of the street along each side.
    pub sides: [(RoadClass, u32); 4],
}

/// A patch laid out on the land.
#[derive(Debug, Clone)]
pub struct Grid {
    patch: usize,
    columns: Vec<(f64, RoadClass)>,
    rows: Vec<(f64, RoadClass)>,
    /// Crossings that can be built, row by row.
    points: Vec<Option<DVec2>>,
    nodes: Vec<Option<u32>>,
    /// Whether each cell can hold a block.
    pub usable: Vec<bool>,
    first_name: u32,
}

impl Grid {
    /// Lays a patch out. Names are numbered from `first_name`: one per line.
    #[must_use]
    pub fn new(index: usize, terrain: &Terrain, first_name: u32) -> Self {
        let patch: &Patch = &PATCHES[index];
        let mut rng = Rng::new(&[terrain.seed(), 0x6121D, index as u64]);
        let columns = patch.lines(0, &mut rng);
        let rows = patch.lines(1, &mut rng);
        let (w, h) = (columns.len(), rows.len());
        let points = rows
            .iter()
            .flat_map(|(v, _)| columns.iter().map(move |(u, _)| (*u, *v)));
        let points: Vec<Option<DVec2>> = points
            .map(|(u, v)| {
                let p = patch.at(terrain.seed(), u, v);
                let dry = terrain.shore(p) > SHORE_M;
                let gentle = terrain.slope(p) < STEEPEST && terrain.height(p) < HIGHEST_M;
                let inside = terrain.domain.contains(p, 40.0);
                (inside && (patch.owns)(p) && dry && gentle).then_some(p)
            })
            .collect();
        let mut grid = Self {
            patch: index,
            nodes: vec![None; points.len()],
            usable: vec![false; w.saturating_sub(1) * h.saturating_sub(1)],
            columns,
            rows,
            points,
            first_name,
        };
        for row in 0..h.saturating_sub(1) {
            for column in 0..w.saturating_sub(1) {
                grid.usable[row * (w - 1) + column] = grid.buildable(column, row, terrain);
            }
        }
        grid
    }

    /// How many names the grid uses.
    #[must_use]
    pub fn names(&self) -> u32 {
        (self.columns.len() + self.rows.len()) as u32
    }

    /// Whether a line (numbered as its name, from zero) is a wide street.
    #[must_use]
    pub fn is_wide(&self, line: u32) -> bool {
        let mut all = self.columns.iter().chain(&self.rows);
        all.nth(line as usize)
            .is_some_and(|(_, class)| *class <= RoadClass::Collector)
    }

    /// Cells along a row, and rows.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (
            self.columns.len().saturating_sub(1),
            self.rows.len().saturating_sub(1),
        )
    }

    fn point(&self, column: usize, row: usize) -> Option<DVec2> {
        *self.points.get(row * self.columns.len() + column)?
    }

    fn corners(&self, from: (usize, usize), to: (usize, usize)) -> Option<Quad> {
        Some([
            self.point(from.0, from.1)?,
            self.point(to.0, from.1)?,
            self.point(to.0, to.1)?,
            self.point(from.0, to.1)?,
        ])
    }

    fn buildable(&self, column: usize, row: usize, terrain: &Terrain) -> bool {
        let Some(q) = self.corners((column, row), (column + 1, row + 1)) else {
            return false;
        };
        (0..=4)
            .flat_map(|i| (0..=4).map(move |j| (f64::from(i) / 4.0, f64::from(j) / 4.0)))
            .all(|(s, t)| {
                let p = geom::bilinear(&q, s, t);
                terrain.shore(p) > SHORE_M - 4.0 && terrain.slope(p) < STEEPEST + 0.06
            })
    }

    /// The field from one cell to another, both included, as a cell whose corners
    /// run counter-clockwise.
    #[must_use]
    pub fn cell(&self, from: (usize, usize), to: (usize, usize)) -> Option<Cell> {
        let (east, north) = (to.0 + 1, to.1 + 1);
        if east >= self.columns.len() || north >= self.rows.len() {
            return None;
        }
        let mut corners = self.corners(from, (east, north))?;
        let column = |c: usize| (self.columns[c].1, self.first_name + c as u32);
        let row = |r: usize| {
            (
                self.rows[r].1,
                self.first_name + (self.columns.len() + r) as u32,
            )
        };
        let mut sides = [row(from.1), column(east), row(north), column(from.0)];
        if geom::signed_area(&corners) < 0.0 {
            // A mirrored grid: turn top and bottom round.
            corners = [corners[3], corners[2], corners[1], corners[0]];
            sides = [sides[2], sides[1], sides[0], sides[3]];
        }
        Some(Cell {
            patch: self.patch,
            at: from,
            corners,
            sides,
        })
    }

    /// Whether two neighbouring cells are parted by a local street only.
    #[must_use]
    pub fn can_merge(&self, a: (usize, usize), b: (usize, usize)) -> bool {
        if a.0 == b.0 {
            self.rows[a.1.max(b.1)].1 == RoadClass::Local
        } else {
            self.columns[a.0.max(b.0)].1 == RoadClass::Local
        }
    }

    /// Builds the streets around usable cells. `joined[cell]` numbers the block
    /// that each usable cell went to: no street runs inside a block.
    pub fn build(&mut self, network: &mut Network, joined: &[Option<usize>]) {
        let (w, h) = self.size();
        let block = |c: isize, r: isize| -> Option<usize> {
            let inside = c >= 0 && r >= 0 && (c as usize) < w && (r as usize) < h;
            if inside {
                joined[r as usize * w + c as usize]
            } else {
                None
            }
        };
        for row in 0..=h {
            for column in 0..=w {
                let (c, r) = (column as isize, row as isize);
                // Along the row, between the cells below and above.
                let sides = (block(c, r - 1), block(c, r));
                if column < w && wanted(sides) {
                    let name = self.first_name + (self.columns.len() + row) as u32;
                    self.street(
                        (column, row),
                        (column + 1, row),
                        self.rows[row].1,
                        name,
                        network,
                    );
                }
                let sides = (block(c - 1, r), block(c, r));
                if row < h && wanted(sides) {
                    let name = self.first_name + column as u32;
                    self.street(
                        (column, row),
                        (column, row + 1),
                        self.columns[column].1,
                        name,
                        network,
                    );
                }
            }
        }
    }

    fn street(
        &mut self,
        from: (usize, usize),
        to: (usize, usize),
        class: RoadClass,
        name: u32,
        network: &mut Network,
    ) {
        let (Some(p), Some(q)) = (self.point(from.0, from.1), self.point(to.0, to.1)) else {
            return;
        };
        let width = self.columns.len();
        let mut id = |at: (usize, usize), p: DVec2| {
            *self.nodes[at.1 * width + at.0].get_or_insert_with(|| network.node(p))
        };
        let (a, b) = (id(from, p), id(to, q));
        network.straight(a, b, class, Kind::Surface, name);
    }
}

/// A street is wanted where a block begins or ends, not inside one.
fn wanted((a, b): (Option<usize>, Option<usize>)) -> bool {
    match (a, b) {
        (None, None) => false,
        (Some(a), Some(b)) => a != b,
        _ => true,
    }
}
