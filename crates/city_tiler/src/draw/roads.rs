//! Streets, draped over the ground.

use glam::DVec2;

use super::drape::TileGrid;
use super::look::{self, ASPHALT};
use super::mesh::{Look, Mesh};
use crate::city::City;
use crate::geom;
use crate::streets::{Edge, Kind, RoadClass};

/// Which streets show at a level of detail, and how much wider they are drawn
/// there to stay visible.
fn shown(class: RoadClass, lod: usize) -> Option<f64> {
    match (lod, class) {
        (0, _) => Some(1.0),
        (1, RoadClass::Lane) => None,
        (1, _) => Some(1.0),
        (2, RoadClass::Motorway | RoadClass::Arterial | RoadClass::Collector) => Some(1.0),
        (2, RoadClass::Hill) => Some(1.3),
        (2, RoadClass::Local) => Some(1.15),
        (3, RoadClass::Motorway | RoadClass::Arterial) => Some(1.2),
        _ => None,
    }
}

/// Draws the streets that cross a tile.
pub fn lay(city: &City, grid: &TileGrid<'_>, lod: usize, mesh: &mut Mesh<'_>) {
    let low = grid.corner;
    let high = grid.corner + grid.cell_m * grid.cells as f64;
    let look = Look {
        color: look::rgba(ASPHALT, 255),
        ..Look::default()
    };
    let lift = 0.3 * (0.5 + 0.5 * f64::from(1_u32 << lod));
    let mut ends: std::collections::BTreeMap<u32, f64> = std::collections::BTreeMap::new();
    let mut draw = |ring: &[DVec2]| {
        grid.drape(ring, lift, &mut |piece, normal| {
            mesh.polygon(piece, normal, look)
        });
    };
    for id in city.network.near(low, high, 20.0) {
        let edge = &city.network.edges[id as usize];
        let Some(wider) = shown(edge.class, lod).filter(|_| edge.kind == Kind::Surface) else {
            continue;
        };
        let half = edge.class.carriageway_half_m() * wider;
        for node in [edge.a, edge.b] {
            let widest = ends.entry(node).or_insert(0.0);
            *widest = widest.max(half);
        }
        strip(edge, half, &mut draw);
    }
    // Junctions: a disc closes the gap between streets that meet at an angle.
    for (node, half) in ends {
        if let Some(node) = city.network.nodes.get(node as usize) {
            draw(&octagon(node.p, half));
        }
    }
}

fn octagon(p: DVec2, r: f64) -> [DVec2; 8] {
    let c = r * std::f64::consts::FRAC_1_SQRT_2;
    [
        (r, 0.0),
        (c, c),
        (0.0, r),
        (-c, c),
        (-r, 0.0),
        (-c, -c),
        (0.0, -r),
        (c, -c),
    ]
    .map(|(x, y)| p + DVec2::new(x, y))
}

/// The pieces of a street: mitred at its bends, so that none overlap.
fn strip(edge: &Edge, half: f64, draw: &mut dyn FnMut(&[DVec2])) {
    let line = if edge.line.len() > 2 {
        thinned(&edge.line)
    } else {
        edge.line.clone()
    };
    let directions: Vec<DVec2> = line
        .windows(2)
        .map(|w| (w[1] - w[0]).normalize_or(DVec2::X))
        .collect();
    let across = |k: usize| {
        let before = directions[k.saturating_sub(1).min(directions.len() - 1)];
        let after = directions[k.min(directions.len() - 1)];
        let mid = (before + after).normalize_or(after);
        mid.perp() * (half / mid.dot(after).max(0.5))
    };
    for k in 0..directions.len() {
        let (a, b) = (across(k), across(k + 1));
        let ring = [line[k] - a, line[k + 1] - b, line[k + 1] + b, line[k] + a];
        if geom::signed_area(&ring) > 0.05 {
            draw(&ring);
        }
    }
}

/// A winding line without the points that change little.
fn thinned(line: &[DVec2]) -> Vec<DVec2> {
    let mut kept: Vec<DVec2> = Vec::with_capacity(line.len());
    for (i, p) in line.iter().enumerate() {
        let last = i + 1 == line.len();
        if last || kept.last().is_none_or(|q| (*q - *p).length() > 9.0) {
            kept.push(*p);
        }
    }
    kept
}
