//! Heights on a square grid over a tile, with one row more all around for the normals.

/// A grid of heights, metres, before the offset.
pub(super) struct Lattice {
    /// Vertices along an edge.
    pub n: usize,
    /// `(n + 2)²`, rows from the north.
    heights_m: Vec<f64>,
}

impl Lattice {
    /// Asks for the height at every vertex: `u`, `v` are 0 to 1 across the tile from its north-western corner, a
    /// little more for the row around. Where there is none, the surface is carried on; where all around there is
    /// none either, it is the sea.
    pub(super) fn sample(n: u32, height_m: impl Fn(f64, f64) -> Option<f64>) -> Self {
        let n = n.max(2) as usize;
        let wide = n + 2;
        let step = 1.0 / (n - 1) as f64;
        let at = |i: usize| (i as f64 - 1.0) * step;
        let known: Vec<Option<f64>> = (0..wide * wide)
            .map(|k| height_m(at(k % wide), at(k / wide)).filter(|h| h.is_finite()))
            .collect();
        let get = |i: usize, j: usize| known.get(j * wide + i).copied().flatten();
        let heights_m = (0..wide * wide)
            .map(|k| {
                let (i, j) = (k % wide, k / wide);
                get(i, j)
                    .or_else(|| {
                        let (ci, cj) = (i.clamp(1, n), j.clamp(1, n));
                        let edge = get(ci, cj)?;
                        let inside = get((2 * ci).saturating_sub(i), (2 * cj).saturating_sub(j));
                        Some(inside.map_or(edge, |inside| 2.0 * edge - inside))
                    })
                    .unwrap_or(0.0)
            })
            .collect();
        Self { n, heights_m }
    }

    /// The height of a vertex; −1 and `n` are the row around.
    pub(super) fn at(&self, i: isize, j: isize) -> f64 {
        let wide = self.n as isize + 2;
        usize::try_from((j + 1) * wide + i + 1)
            .ok()
            .and_then(|k| self.heights_m.get(k))
            .copied()
            .unwrap_or(0.0)
    }

    /// The mean height.
    pub(super) fn mean_m(&self) -> f64 {
        self.heights_m.iter().sum::<f64>() / self.heights_m.len().max(1) as f64
    }
}
