//! The sea within one tile.

use glam::{DVec2, DVec3};

use super::drape::TileGrid;
use super::mesh::{Look, Mesh};

/// Draws the water of a tile, cut along the coast. The sea stands at height 0.
pub fn lay(grid: &TileGrid<'_>, mesh: &mut Mesh<'_>) {
    let n = grid.cells;
    // Open sea needs no fine mesh: pieces of a quarter of a tile's cells.
    let step = if open(grid, 0, 0, n) { n / 4 } else { 4 };
    let mut ids: Vec<Option<u32>> = vec![None; (n + 1) * (n + 1)];
    for j in (0..n).step_by(step) {
        for i in (0..n).step_by(step) {
            if open(grid, i, j, step) {
                let at = [(i, j), (i + step, j), (i + step, j + step), (i, j + step)];
                let q = at.map(|at| corner(grid, at, &mut ids, mesh));
                mesh.triangle(q[0], q[1], q[2]);
                mesh.triangle(q[0], q[2], q[3]);
                continue;
            }
            for (i, j) in (j..j + step).flat_map(|j| (i..i + step).map(move |i| (i, j))) {
                for triangle in TileGrid::triangles(i, j) {
                    cut(grid, triangle, &mut ids, mesh);
                }
            }
        }
    }
}

/// Whether a square of cells is all water.
fn open(grid: &TileGrid<'_>, i: usize, j: usize, step: usize) -> bool {
    (j..=j + step).all(|j| (i..=i + step).all(|i| grid.shore(i, j) < 0.0))
}

fn corner(
    grid: &TileGrid<'_>,
    (i, j): (usize, usize),
    ids: &mut [Option<u32>],
    mesh: &mut Mesh<'_>,
) -> u32 {
    *ids[j * (grid.cells + 1) + i]
        .get_or_insert_with(|| mesh.vertex(grid.at(i, j).extend(0.0), DVec3::Z, Look::default()))
}

fn cut(
    grid: &TileGrid<'_>,
    corners: [(usize, usize); 3],
    ids: &mut [Option<u32>],
    mesh: &mut Mesh<'_>,
) {
    let shores = corners.map(|(i, j)| grid.shore(i, j));
    if shores.iter().all(|s| *s < 0.0) {
        let t = corners.map(|at| corner(grid, at, ids, mesh));
        mesh.triangle(t[0], t[1], t[2]);
        return;
    }
    let mut ring: Vec<DVec2> = Vec::with_capacity(4);
    for k in 0..3 {
        let l = (k + 1) % 3;
        let [p, q] = [k, l].map(|k| grid.at(corners[k].0, corners[k].1));
        if shores[k] < 0.0 {
            ring.push(p);
        }
        if (shores[k] < 0.0) != (shores[l] < 0.0) {
            ring.push(p.lerp(q, shores[k] / (shores[k] - shores[l])));
        }
    }
    if ring.len() >= 3 {
        let points: Vec<DVec3> = ring.iter().map(|p| p.extend(0.0)).collect();
        mesh.polygon(&points, DVec3::Z, Look::default());
    }
}
