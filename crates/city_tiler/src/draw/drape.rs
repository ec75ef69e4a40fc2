//! Laying flat shapes on the ground mesh, exactly.
//!
//! Streets and lawns are cut along the triangles of the very mesh they lie on,
//! so they follow it at every level and never dip below it.

use glam::{DVec2, DVec3};

use crate::land::terrain::TILE_CELLS;
use crate::land::{Domain, Terrain};

/// The ground mesh of one tile: corners of its cells with heights.
#[derive(Debug)]
pub struct TileGrid<'a> {
    terrain: &'a Terrain,
    /// South-western corner of the tile.
    pub corner: DVec2,
    /// Size of a cell, metres.
    pub cell_m: DVec2,
    column: usize,
    row: usize,
    stride: usize,
    /// Cells along a side.
    pub cells: usize,
}

impl<'a> TileGrid<'a> {
    /// The grid of a tile.
    #[must_use]
    pub fn new(terrain: &'a Terrain, level: usize, x: u32, y: u32) -> Self {
        let domain: Domain = terrain.domain;
        let (corner, size) = domain.tile(level, x, y);
        let stride = 1 << (domain.levels - 1 - level);
        Self {
            terrain,
            corner,
            cell_m: size / TILE_CELLS as f64,
            column: x as usize * TILE_CELLS * stride,
            row: y as usize * TILE_CELLS * stride,
            stride,
            cells: TILE_CELLS,
        }
    }

    /// A corner's column and row in the ground's raster.
    #[must_use]
    pub fn raster(&self, i: usize, j: usize) -> (usize, usize) {
        (self.column + i * self.stride, self.row + j * self.stride)
    }

    /// A corner of a cell on the plane.
    #[must_use]
    pub fn at(&self, i: usize, j: usize) -> DVec2 {
        self.corner + self.cell_m * DVec2::new(i as f64, j as f64)
    }

    /// Land height at a corner, metres.
    #[must_use]
    pub fn height(&self, i: usize, j: usize) -> f64 {
        let (column, row) = self.raster(i, j);
        self.terrain.height_at(column, row)
    }

    /// Signed shore distance at a corner, metres.
    #[must_use]
    pub fn shore(&self, i: usize, j: usize) -> f64 {
        let (column, row) = self.raster(i, j);
        self.terrain.shore_at(column, row)
    }

    /// Whether the shore nearest to a corner is a quay.
    #[must_use]
    pub fn quay(&self, i: usize, j: usize) -> bool {
        let (column, row) = self.raster(i, j);
        self.terrain.quay_at(column, row)
    }

    /// Slope vector (rise per metre east and north) at a corner, from the mesh.
    #[must_use]
    pub fn gradient(&self, i: usize, j: usize) -> DVec2 {
        let (column, row) = self.raster(i, j);
        let (s, top) = (self.stride, self.terrain.domain.cells());
        let h = |c: usize, r: usize| self.terrain.height_at(c, r);
        let (w, e) = (column.saturating_sub(s), (column + s).min(top));
        let (n, u) = (row.saturating_sub(s), (row + s).min(top));
        let cell = self.terrain.domain.cell_m();
        DVec2::new(
            (h(e, row) - h(w, row)) / ((e - w).max(1) as f64 * cell.x),
            (h(column, u) - h(column, n)) / ((u - n).max(1) as f64 * cell.y),
        )
    }

    /// The two triangles of a cell; the diagonal runs from its south-western to
    /// its north-eastern corner.
    #[must_use]
    pub fn triangles(i: usize, j: usize) -> [[(usize, usize); 3]; 2] {
        [
            [(i, j), (i + 1, j), (i + 1, j + 1)],
            [(i, j), (i + 1, j + 1), (i, j + 1)],
        ]
    }

    /// Cuts a convex ring along the mesh: calls `draw` with each piece, lifted by
    /// `lift_m` above the ground, and the ground's normal.
    pub fn drape(&self, ring: &[DVec2], lift_m: f64, draw: &mut dyn FnMut(&[DVec3], DVec3)) {
        let (low, high) = crate::geom::extent(ring);
        let top = self.cells as f64;
        let from = ((low - self.corner) / self.cell_m).floor();
        let to = ((high - self.corner) / self.cell_m).ceil();
        if to.x <= 0.0 || to.y <= 0.0 || from.x >= top || from.y >= top {
            return;
        }
        let range = |a: f64, b: f64| (a.max(0.0) as usize, b.min(top) as usize);
        let ((i0, i1), (j0, j1)) = (range(from.x, to.x), range(from.y, to.y));
        let mut piece = Vec::new();
        let mut spare = Vec::new();
        for j in j0..j1 {
            for i in i0..i1 {
                for corners in Self::triangles(i, j) {
                    let flat = corners.map(|(i, j)| self.at(i, j));
                    piece.clear();
                    piece.extend_from_slice(ring);
                    for k in 0..3 {
                        cut(&piece, flat[k], flat[(k + 1) % 3], &mut spare);
                        std::mem::swap(&mut piece, &mut spare);
                    }
                    if piece.len() < 3 || crate::geom::signed_area(&piece) < 0.02 {
                        continue;
                    }
                    let heights = corners.map(|(i, j)| self.height(i, j));
                    let plane = Plane::through(flat, heights);
                    let lifted: Vec<DVec3> = piece
                        .iter()
                        .map(|p| p.extend(plane.height(*p) + lift_m))
                        .collect();
                    draw(&lifted, plane.normal);
                }
            }
        }
    }
}

/// A triangle's plane.
struct Plane {
    at: DVec2,
    height: f64,
    slope: DVec2,
    normal: DVec3,
}

impl Plane {
    fn through(p: [DVec2; 3], h: [f64; 3]) -> Self {
        let (u, v) = (p[1] - p[0], p[2] - p[0]);
        let (du, dv) = (h[1] - h[0], h[2] - h[0]);
        let det = u.perp_dot(v);
        let slope = DVec2::new(du * v.y - dv * u.y, dv * u.x - du * v.x) / det;
        Self {
            at: p[0],
            height: h[0],
            slope,
            normal: DVec3::new(-slope.x, -slope.y, 1.0).normalize_or(DVec3::Z),
        }
    }

    fn height(&self, p: DVec2) -> f64 {
        self.height + self.slope.dot(p - self.at)
    }
}

/// The part of a convex ring left of a line (Sutherland and Hodgman).
fn cut(ring: &[DVec2], a: DVec2, b: DVec2, out: &mut Vec<DVec2>) {
    out.clear();
    let side = |p: DVec2| (b - a).perp_dot(p - a);
    for (i, p) in ring.iter().enumerate() {
        let q = ring[(i + 1) % ring.len()];
        let (sp, sq) = (side(*p), side(q));
        if sp >= 0.0 {
            out.push(*p);
        }
        if (sp > 0.0 && sq < 0.0) || (sp < 0.0 && sq > 0.0) {
            out.push(p.lerp(q, sp / (sp - sq)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom;

    #[test]
    fn draped_pieces_cover_the_ring_and_lie_on_the_ground() {
        let terrain = Terrain::new(1, Domain::SMALL);
        let (corner, size) = terrain.domain.tile(3, 3, 1);
        let grid = TileGrid::new(&terrain, 3, 3, 1);
        let ring = geom::rectangle(corner + size * 0.5, DVec2::new(0.8, 0.6), 140.0, 30.0);
        let mut area = 0.0;
        grid.drape(&ring, 0.25, &mut |piece, normal| {
            let flat: Vec<DVec2> = piece.iter().map(|p| p.truncate()).collect();
            area += geom::signed_area(&flat);
            assert!(normal.z > 0.5);
            for p in piece {
                let ground = terrain.height(p.truncate());
                assert!((p.z - 0.25 - ground).abs() < 1e-6, "{} {ground}", p.z);
            }
        });
        assert!((area - 140.0 * 30.0).abs() < 1.0, "{area}");
    }
}
