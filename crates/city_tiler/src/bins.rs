//! Things sorted into square bins of the plane, for quick look-up.

use std::collections::BTreeMap;

use glam::DVec2;

/// Bins of ids. Ordered throughout, so results never depend on hashing.
#[derive(Debug, Clone)]
pub struct Bins {
    size_m: f64,
    bins: BTreeMap<(i32, i32), Vec<u32>>,
}

impl Bins {
    /// Empty bins of this size, metres.
    #[must_use]
    pub fn new(size_m: f64) -> Self {
        Self {
            size_m,
            bins: BTreeMap::new(),
        }
    }

    fn key(&self, p: DVec2) -> (i32, i32) {
        let t = (p / self.size_m).floor();
        (t.x as i32, t.y as i32)
    }

    /// Adds an id to every bin that a box touches.
    pub fn insert(&mut self, (low, high): (DVec2, DVec2), id: u32) {
        let (a, b) = (self.key(low), self.key(high));
        for y in a.1..=b.1 {
            for x in a.0..=b.0 {
                self.bins.entry((x, y)).or_default().push(id);
            }
        }
    }

    /// The ids in a point's bin.
    pub fn at(&self, p: DVec2) -> impl Iterator<Item = &u32> {
        self.bins.get(&self.key(p)).into_iter().flatten()
    }

    /// The ids in all bins that a box touches, each once, in order.
    #[must_use]
    pub fn within(&self, (low, high): (DVec2, DVec2)) -> Vec<u32> {
        let (a, b) = (self.key(low), self.key(high));
        let mut found = Vec::new();
        for y in a.1..=b.1 {
            for x in a.0..=b.0 {
                found.extend(self.bins.get(&(x, y)).into_iter().flatten());
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
