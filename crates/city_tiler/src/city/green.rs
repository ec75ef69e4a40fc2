//! Trees along the streets and on the hills.

use glam::DVec2;

use super::blocks::Block;
use super::districts::Zone;
use super::massing::{Tree, tree};
use crate::bins::Bins;
use crate::geom;
use crate::land::Terrain;
use crate::noise::{fbm, smoothstep};
use crate::rng::Rng;
use crate::streets::{Kind, Network, RoadClass};

/// Trees at the kerbs of the wider streets.
#[must_use]
pub fn street_trees(network: &Network, seed: u64) -> Vec<Tree> {
    let mut trees = Vec::new();
    for (id, edge) in network.edges.iter().enumerate() {
        if edge.kind != Kind::Surface
            || !matches!(edge.class, RoadClass::Arterial | RoadClass::Collector)
        {
            continue;
        }
        let mut rng = Rng::new(&[seed, 0x7EE5, id as u64]);
        let total = edge.length_m();
        let offset = (edge.class.half_width_m() + edge.class.carriageway_half_m()) / 2.0;
        let lined = rng.chance(0.75);
        let mut at = 17.0;
        while lined && at < total - 16.0 {
            let (p, axis) = geom::along(&edge.line, at);
            for side in [-1.0, 1.0] {
                if rng.chance(0.85) {
                    let mut t = tree(p + axis.perp() * side * offset, &mut rng);
                    t.height_m *= 0.85;
                    t.radius_m *= 0.75;
                    trees.push(t);
                }
            }
            at += rng.range(11.0, 15.0);
        }
    }
    trees
}

/// How wooded a place is, 0 to 1.
#[must_use]
pub fn woodland(terrain: &Terrain, p: DVec2) -> f64 {
    let h = terrain.height(p);
    let slope = terrain.slope(p);
    let shore = terrain.shore(p);
    let wild =
        smoothstep(14.0, 40.0, h).max(smoothstep(0.1, 0.2, slope)) * smoothstep(12.0, 45.0, shore);
    let patchy = 0.62 + 0.75 * fbm(terrain.seed() ^ 0x600D, p / 420.0, 3);
    // Crests and cliffs are bare.
    let bare = smoothstep(470.0, 330.0, h) * 0.8 + 0.2;
    (wild * patchy * bare * smoothstep(0.95, 0.6, slope)).clamp(0.0, 1.0)
}

/// Woods on the hills, clear of blocks and roads.
#[must_use]
pub fn woods(terrain: &Terrain, network: &Network, blocks: &[Block]) -> Vec<Tree> {
    const SPACING_M: f64 = 16.5;
    let mut built = Bins::new(150.0);
    for block in blocks.iter().filter(|b| b.zone != Zone::Wild) {
        built.insert(geom::extent(&block.quad), block.id);
    }
    let half = terrain.domain.half_m;
    let rows: Vec<i64> = (0..(half.y * 2.0 / SPACING_M) as i64).collect();
    let grown = crate::parallel::map(&rows, |row| {
        let mut rng = Rng::new(&[terrain.seed(), 0x600D5, *row as u64]);
        let mut trees = Vec::new();
        for column in 0..(half.x * 2.0 / SPACING_M) as i64 {
            let jitter = DVec2::new(rng.range(-0.45, 0.45), rng.range(-0.45, 0.45));
            let draw = rng.unit();
            let size = rng.range(0.8, 1.35);
            let mut t = tree(DVec2::ZERO, &mut rng);
            let p =
                (DVec2::new(column as f64 + 0.5, *row as f64 + 0.5) + jitter) * SPACING_M - half;
            if draw > woodland(terrain, p) || terrain.shore(p) < 14.0 {
                continue;
            }
            let spot = geom::rectangle(p, DVec2::X, 5.0, 5.0);
            let block = built.at(p).any(|i| {
                blocks
                    .get(*i as usize)
                    .is_some_and(|b| geom::contains(&b.quad, p))
            });
            if block || network.clearance_m(&spot) < 0.0 {
                continue;
            }
            t.p = p;
            t.wild = true;
            t.height_m *= size;
            t.radius_m *= size * 1.6;
            trees.push(t);
        }
        trees
    });
    grown.into_iter().flatten().collect()
}
