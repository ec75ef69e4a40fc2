//! Roads over the hills: the cheapest way on a coarse raster.
//!
//! A step costs its length and, steeply, its grade, so a road winds along the
//! contours as built ones do.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use glam::DVec2;

use crate::land::Terrain;

/// Terrain cells along one step of the raster.
const STRIDE: usize = 4;
/// Costs are kept in millimetres, so that their order has no rounding.
const MM: f64 = 1000.0;

/// A raster for finding roads on.
#[derive(Debug)]
pub struct Router<'a> {
    terrain: &'a Terrain,
    side: usize,
    step_m: DVec2,
    /// How much dearer each raster point is; infinite in the water.
    toll: Vec<f64>,
}

/// The sixteen moves: to neighbours and, like a knight, past them.
const MOVES: [(i64, i64); 16] = [
    (1, 0),
    (0, 1),
    (-1, 0),
    (0, -1),
    (1, 1),
    (-1, 1),
    (-1, -1),
    (1, -1),
    (2, 1),
    (1, 2),
    (-1, 2),
    (-2, 1),
    (-2, -1),
    (-1, -2),
    (1, -2),
    (2, -1),
];

impl<'a> Router<'a> {
    /// A router over dry ground; `built` says where blocks stand, which roads
    /// avoid where they can.
    #[must_use]
    pub fn new(terrain: &'a Terrain, built: impl Fn(DVec2) -> bool) -> Self {
        let side = terrain.domain.cells() / STRIDE + 1;
        let step_m = terrain.domain.cell_m() * STRIDE as f64;
        let mut router = Self {
            terrain,
            side,
            step_m,
            toll: Vec::new(),
        };
        router.toll = (0..side * side)
            .map(|i| {
                let p = router.point(i);
                let shore = terrain.shore(p);
                if shore < 22.0 || !terrain.domain.contains(p, 20.0) {
                    f64::INFINITY
                } else if built(p) {
                    14.0
                } else if shore < 60.0 {
                    2.5
                } else {
                    1.0
                }
            })
            .collect();
        router
    }

    fn point(&self, index: usize) -> DVec2 {
        let (column, row) = (index % self.side, index / self.side);
        DVec2::new(column as f64, row as f64) * self.step_m - self.terrain.domain.half_m
    }

    fn index_of(&self, p: DVec2) -> usize {
        let t = ((p + self.terrain.domain.half_m) / self.step_m).round();
        let top = self.side as f64 - 1.0;
        let (column, row) = (t.x.clamp(0.0, top) as usize, t.y.clamp(0.0, top) as usize);
        row * self.side + column
    }

    fn cost_mm(&self, from: usize, to: usize) -> Option<u64> {
        let (p, q) = (self.point(from), self.point(to));
        let length = (q - p).length();
        let toll = (self.toll[from] + self.toll[to]) / 2.0;
        if !toll.is_finite() {
            return None;
        }
        let grade = (self.terrain.height(q) - self.terrain.height(p)) / length;
        let steep = grade / 0.07;
        let across = self.terrain.slope(q) / 0.5;
        Some((length * toll * (1.0 + 1.6 * steep * steep + across * across) * MM) as u64)
    }

    /// The way from a point to the first of the goals that can be reached, as
    /// raster points; the goal's number with it.
    #[must_use]
    pub fn way(&self, from: DVec2, goals: &[(u32, DVec2)]) -> Option<(u32, Vec<DVec2>)> {
        let mut targets: BTreeMap<usize, u32> = BTreeMap::new();
        for (id, p) in goals {
            targets.entry(self.index_of(*p)).or_insert(*id);
        }
        let start = self.index_of(from);
        let mut best: Vec<u64> = vec![u64::MAX; self.toll.len()];
        let mut came: Vec<u32> = vec![u32::MAX; self.toll.len()];
        let mut heap = BinaryHeap::from([Reverse((0_u64, start))]);
        best[start] = 0;
        while let Some(Reverse((cost, at))) = heap.pop() {
            if cost > best[at] {
                continue;
            }
            if let Some(goal) = targets.get(&at) {
                let mut way = vec![self.point(at)];
                let mut step = at;
                while came[step] != u32::MAX {
                    step = came[step] as usize;
                    way.push(self.point(step));
                }
                way.reverse();
                return Some((*goal, way));
            }
            let (column, row) = ((at % self.side) as i64, (at / self.side) as i64);
            for (dx, dy) in MOVES {
                let (x, y) = (column + dx, row + dy);
                let side = self.side as i64;
                if !(0..side).contains(&x) || !(0..side).contains(&y) {
                    continue;
                }
                let to = (y * side + x) as usize;
                if let Some(step) = self.cost_mm(at, to) {
                    let total = cost.saturating_add(step);
                    if total < best[to] {
                        best[to] = total;
                        came[to] = at as u32;
                        heap.push(Reverse((total, to)));
                    }
                }
            }
        }
        None
    }
}
