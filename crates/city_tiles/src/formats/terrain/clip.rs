//! A part of an ancestor's heights, for tiles that have none of their own.

use super::lattice::Lattice;
use super::quantized::{FULL, Quantized};
use crate::terrain::{Cell, Descriptor, Scheme};

/// Where a tile lies in an ancestor: 0 to 1 in the tile to 0 to 1 in the ancestor, both from the north-western corner.
pub(super) struct Part {
    from: [f64; 2],
    scale: f64,
}

impl Part {
    pub(super) fn u(&self, u: f64) -> f64 {
        self.from[0] + u * self.scale
    }

    pub(super) fn v(&self, v: f64) -> f64 {
        self.from[1] + v * self.scale
    }
}

pub(super) fn place_in(scheme: Scheme, ancestor: Cell, cell: Cell) -> Part {
    let (a, c) = (scheme.window(ancestor), scheme.window(cell));
    let side = [a.u1 - a.u0, a.v1 - a.v0];
    Part {
        from: [(c.u0 - a.u0) / side[0], (c.v0 - a.v0) / side[1]],
        scale: (c.u1 - c.u0) / side[0],
    }
}

/// The heights of a tile's part of an ancestor's mesh.
pub(super) fn sample(descriptor: &Descriptor, ancestor: Cell, tile: &Quantized) -> Lattice {
    let n = descriptor.grid.max(2) as usize;
    let wide = n + 2;
    let scheme = descriptor.scheme;
    let whole = scheme.rect(ancestor);
    let window = scheme.window(descriptor.tile);
    let part = place_in(scheme, ancestor, descriptor.tile);
    // Vertices count latitude evenly, rows of the lattice the scheme's v: in web mercator these differ.
    let full = f64::from(FULL);
    let height = whole.north - whole.south;
    let xs: Vec<f64> = (0..wide)
        .map(|i| part.u((i as f64 - 1.0) / (n - 1) as f64) * full)
        .collect();
    let ys: Vec<f64> = (0..wide)
        .map(|j| {
            let v = window.v0 + (window.v1 - window.v0) * (j as f64 - 1.0) / (n - 1) as f64;
            (scheme.lat_of(v) - whole.south) / height * full
        })
        .collect();
    let mut found: Vec<Option<f64>> = vec![None; wide * wide];
    for corners in tile.indices.chunks_exact(3) {
        let &[a, b, c] = corners else { continue };
        let corner = |i: u32| {
            let v = tile.vertices.get(i as usize)?;
            Some((v.map(f64::from), tile.height_m(i as usize)))
        };
        let (Some(a), Some(b), Some(c)) = (corner(a), corner(b), corner(c)) else {
            continue;
        };
        fill(&mut found, &xs, &ys, [a, b, c]);
    }
    Lattice::sample(descriptor.grid, |u, v| {
        let at = |c: f64| (c * (n - 1) as f64).round() + 1.0;
        let (i, j) = (at(u), at(v));
        found.get(j as usize * wide + i as usize).copied().flatten()
    })
}

type Corner = ([f64; 3], f64);

fn fill(found: &mut [Option<f64>], xs: &[f64], ys: &[f64], corners: [Corner; 3]) {
    let [(a, ha), (b, hb), (c, hc)] = corners;
    // A vertex may stand half a step beside the line that it means.
    let slack = 0.5;
    let low = |axis: usize| a[axis].min(b[axis]).min(c[axis]) - slack;
    let high = |axis: usize| a[axis].max(b[axis]).max(c[axis]) + slack;
    let doubled = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
    if doubled.abs() < 1e-9 {
        return;
    }
    // xs run up, ys down.
    let (x0, x1) = (
        xs.partition_point(|x| *x < low(0)),
        xs.partition_point(|x| *x <= high(0)),
    );
    let (y0, y1) = (
        ys.partition_point(|y| *y > high(1)),
        ys.partition_point(|y| *y >= low(1)),
    );
    for j in y0..y1 {
        for i in x0..x1 {
            let (Some(x), Some(y)) = (xs.get(i), ys.get(j)) else {
                continue;
            };
            let wb = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / doubled;
            let wc = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / doubled;
            let wa = 1.0 - wb - wc;
            let least = -1e-3;
            if wa >= least
                && wb >= least
                && wc >= least
                && let Some(slot) = found.get_mut(j * xs.len() + i)
            {
                *slot = Some(wa * ha + wb * hb + wc * hc);
            }
        }
    }
}
