//! Nodes, edges, and where the streets lie.

use glam::DVec2;

use crate::geom;

/// What a street is for, from the widest down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoadClass {
    /// Through traffic, no crossings: bridges, tunnels and their approaches.
    Motorway,
    /// The main roads of a shore.
    Arterial,
    /// Roads that gather a district's streets.
    Collector,
    /// Streets with doors on them.
    Local,
    /// Winding roads over the hills.
    Hill,
    /// Lanes between village houses.
    Lane,
}

impl RoadClass {
    /// All classes, widest first.
    pub const ALL: [Self; 6] = [
        Self::Motorway,
        Self::Arterial,
        Self::Collector,
        Self::Local,
        Self::Hill,
        Self::Lane,
    ];

    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Motorway => "motorway",
            Self::Arterial => "arterial",
            Self::Collector => "collector",
            Self::Local => "local",
            Self::Hill => "hill",
            Self::Lane => "lane",
        }
    }

    /// From the centre line to the building line, metres.
    #[must_use]
    pub fn half_width_m(self) -> f64 {
        match self {
            Self::Motorway => 15.0,
            Self::Arterial => 14.5,
            Self::Collector => 10.5,
            Self::Local => 7.0,
            Self::Hill => 6.0,
            Self::Lane => 3.0,
        }
    }

    /// From the centre line to the kerb, metres.
    #[must_use]
    pub fn carriageway_half_m(self) -> f64 {
        match self {
            Self::Motorway => 13.0,
            Self::Arterial => 10.5,
            Self::Collector => 7.0,
            Self::Local => 4.2,
            Self::Hill => 4.2,
            Self::Lane => 2.2,
        }
    }

    /// Lanes in both directions together.
    #[must_use]
    pub fn lanes(self) -> u8 {
        match self {
            Self::Motorway => 6,
            Self::Arterial => 6,
            Self::Collector => 4,
            Self::Local | Self::Hill => 2,
            Self::Lane => 1,
        }
    }

    /// Speed limit, km/h.
    #[must_use]
    pub fn speed_kmh(self) -> u8 {
        match self {
            Self::Motorway => 80,
            Self::Arterial => 60,
            Self::Collector => 50,
            Self::Local => 50,
            Self::Hill => 40,
            Self::Lane => 20,
        }
    }
}

/// How an edge meets the ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On the ground.
    Surface,
    /// Over water or a valley.
    Bridge,
    /// Under water or a hill.
    Tunnel,
}

impl Kind {
    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Surface => "surface",
            Self::Bridge => "bridge",
            Self::Tunnel => "tunnel",
        }
    }
}

/// A junction or an end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// Where.
    pub p: DVec2,
}

/// A street between two nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// First node.
    pub a: u32,
    /// Last node.
    pub b: u32,
    /// What it is for.
    pub class: RoadClass,
    /// How it meets the ground.
    pub kind: Kind,
    /// Index into the street names.
    pub name: u32,
    /// The centre line from `a` to `b`, both included.
    pub line: Vec<DVec2>,
}

impl Edge {
    /// Length of the centre line, metres.
    #[must_use]
    pub fn length_m(&self) -> f64 {
        geom::length(&self.line)
    }
}

const BIN_M: f64 = 120.0;
const BINS: i64 = 128;

/// The whole network.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// Junctions and ends.
    pub nodes: Vec<Node>,
    /// Streets.
    pub edges: Vec<Edge>,
    /// Which edges touch each bin of the plane; empty until [`Network::index`].
    bins: Vec<Vec<u32>>,
}

fn bin_range(low: DVec2, high: DVec2) -> impl Iterator<Item = usize> {
    let clamp = |v: f64| ((v / BIN_M).floor() as i64 + BINS / 2).clamp(0, BINS - 1);
    let (x0, x1, y0, y1) = (clamp(low.x), clamp(high.x), clamp(low.y), clamp(high.y));
    (y0..=y1).flat_map(move |y| (x0..=x1).map(move |x| (y * BINS + x) as usize))
}

impl Network {
    /// Adds a node; its id.
    pub fn node(&mut self, p: DVec2) -> u32 {
        self.nodes.push(Node { p });
        self.nodes.len() as u32 - 1
    }

    /// Adds a straight street.
    pub fn straight(&mut self, a: u32, b: u32, class: RoadClass, kind: Kind, name: u32) {
        let line = vec![self.nodes[a as usize].p, self.nodes[b as usize].p];
        self.edges.push(Edge {
            a,
            b,
            class,
            kind,
            name,
            line,
        });
    }

    /// Splits a surface edge at a new node near `p`, so that something can join it.
    pub fn split(&mut self, edge: usize, p: DVec2) -> u32 {
        let id = self.node(p);
        let old = self.edges[edge].clone();
        let nearest = (0..old.line.len().saturating_sub(1)).min_by(|i, j| {
            let d = |k: usize| geom::point_segment(p, old.line[k], old.line[k + 1]);
            d(*i).total_cmp(&d(*j))
        });
        let at = nearest.unwrap_or(0) + 1;
        let mut first = old.line[..at].to_vec();
        first.push(p);
        let mut second = vec![p];
        second.extend_from_slice(&old.line[at..]);
        self.edges[edge] = Edge {
            b: id,
            line: first,
            ..old.clone()
        };
        self.edges.push(Edge {
            a: id,
            line: second,
            ..old
        });
        id
    }

    /// Drops what cannot be reached: keeps the largest connected part, with its
    /// nodes renumbered in order. Returns each old node's new number.
    pub fn keep_largest_part(&mut self) -> Vec<Option<u32>> {
        let n = self.nodes.len();
        let mut parent: Vec<usize> = (0..n).collect();
        fn find(parent: &mut [usize], mut i: usize) -> usize {
            while parent[i] != i {
                parent[i] = parent[parent[i]];
                i = parent[i];
            }
            i
        }
        for edge in &self.edges {
            let (a, b) = (
                find(&mut parent, edge.a as usize),
                find(&mut parent, edge.b as usize),
            );
            parent[a.max(b)] = a.min(b);
        }
        let mut sizes = vec![0_usize; n];
        for i in 0..n {
            sizes[find(&mut parent, i)] += 1;
        }
        let largest = (0..n).max_by_key(|i| (sizes[*i], n - i)).unwrap_or(0);
        let mut renumbered = vec![None; n];
        let mut kept = Vec::new();
        for (i, (new, node)) in renumbered.iter_mut().zip(&self.nodes).enumerate() {
            if find(&mut parent, i) == largest {
                *new = Some(kept.len() as u32);
                kept.push(*node);
            }
        }
        self.nodes = kept;
        self.edges.retain_mut(|edge| {
            let ends = (renumbered[edge.a as usize], renumbered[edge.b as usize]);
            if let (Some(a), Some(b)) = ends {
                (edge.a, edge.b) = (a, b);
                return true;
            }
            false
        });
        renumbered
    }

    /// Sorts the edges into bins for [`Network::near`]. Call after the last change.
    pub fn index(&mut self) {
        self.bins = vec![Vec::new(); (BINS * BINS) as usize];
        for (id, edge) in self.edges.iter().enumerate() {
            let (low, high) = geom::extent(&edge.line);
            for bin in bin_range(low, high) {
                self.bins[bin].push(id as u32);
            }
        }
    }

    /// Edges whose bins come within `reach_m` of a box; each once, in order.
    #[must_use]
    pub fn near(&self, low: DVec2, high: DVec2, reach_m: f64) -> Vec<u32> {
        let reach = DVec2::splat(reach_m);
        let mut found: Vec<u32> = bin_range(low - reach, high + reach)
            .filter_map(|bin| self.bins.get(bin))
            .flatten()
            .copied()
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// How far a filled ring stays clear of every street's building line, metres;
    /// negative where it reaches into a street. Streets further than 30 m away
    /// do not count.
    #[must_use]
    pub fn clearance_m(&self, ring: &[DVec2]) -> f64 {
        let (low, high) = geom::extent(ring);
        let mut clearance = f64::INFINITY;
        for id in self.near(low, high, 30.0) {
            let edge = &self.edges[id as usize];
            if edge.kind == Kind::Tunnel {
                continue;
            }
            for w in edge.line.windows(2) {
                let gap = geom::segment_ring(w[0], w[1], ring) - edge.class.half_width_m();
                clearance = clearance.min(gap);
            }
        }
        clearance
    }

    /// The surface edge nearest to a point, and how far it is, within 400 m.
    #[must_use]
    pub fn nearest_edge(&self, p: DVec2) -> Option<(u32, f64)> {
        self.near(p, p, 400.0)
            .into_iter()
            .filter(|id| self.edges[*id as usize].kind == Kind::Surface)
            .map(|id| {
                let line = &self.edges[id as usize].line;
                let d = line.windows(2).map(|w| geom::point_segment(p, w[0], w[1]));
                (id, d.fold(f64::INFINITY, f64::min))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cross() -> Network {
        let mut n = Network::default();
        let a = n.node(DVec2::new(-100.0, 0.0));
        let b = n.node(DVec2::new(100.0, 0.0));
        n.straight(a, b, RoadClass::Local, Kind::Surface, 0);
        let c = n.node(DVec2::new(500.0, 500.0));
        let d = n.node(DVec2::new(600.0, 500.0));
        n.straight(c, d, RoadClass::Local, Kind::Surface, 0);
        n
    }

    #[test]
    fn splitting_keeps_the_way_through() {
        let mut n = cross();
        let m = n.split(0, DVec2::new(10.0, 0.0));
        assert_eq!((n.edges[0].a, n.edges[0].b), (0, m));
        let total = n.edges[0].length_m() + n.edges[2].length_m();
        assert_eq!(total, 200.0);
        let renumbered = n.keep_largest_part();
        assert_eq!(n.nodes.len(), 3);
        assert_eq!(renumbered[2], None);
        assert_eq!(renumbered[m as usize], Some(2));
    }

    #[test]
    fn clearance_counts_from_the_building_line() {
        let mut n = cross();
        n.index();
        let house = geom::rectangle(DVec2::new(0.0, 20.0), DVec2::X, 10.0, 10.0);
        assert_eq!(n.clearance_m(&house), 15.0 - 7.0);
        assert_eq!(n.nearest_edge(DVec2::new(0.0, 20.0)), Some((0, 20.0)));
    }
}
