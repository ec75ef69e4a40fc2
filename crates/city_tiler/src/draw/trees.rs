//! Trees: a crown of few triangles, rounder when near.

use glam::DVec3;

use super::look;
use super::mesh::{Look, Mesh};
use crate::city::massing::Tree;
use crate::land::Terrain;

/// The rings of a crown: share of its height, share of its radius, brightness.
type Rings = &'static [(f64, f64, f64)];

const IN_TOWN: Rings = &[(0.36, 0.82, 0.74), (0.68, 0.86, 0.98)];
const IN_WOODS: Rings = &[(0.5, 1.0, 0.92)];

/// Draws a tree, the `nth` of its tile, as a feature; far away only some are drawn, larger. Whether it was drawn.
pub fn draw(
    tree: &Tree,
    nth: usize,
    feature: u32,
    lod: usize,
    terrain: &Terrain,
    mesh: &mut Mesh<'_>,
) -> bool {
    let (every, grow, sides) = match lod {
        0 if tree.wild => (1, 1.0, 5),
        0 => (1, 1.0, 6),
        1 => (2, 1.32, 4),
        2 => (6, 2.1, 3),
        _ => return false,
    };
    if !nth.is_multiple_of(every) {
        return false;
    }
    let ground = terrain.on_ground(tree.p);
    let radius = tree.radius_m * grow;
    let height = tree.height_m * (0.5 + 0.5 * grow);
    let near_town = lod == 0 && !tree.wild;
    let rings = if near_town { IN_TOWN } else { IN_WOODS };
    let look = |light: f64| {
        let t = tree.tint;
        let rgb = [52.0 + 30.0 * t, 72.0 + 22.0 * t, 42.0 + 14.0 * t];
        Look {
            color: look::rgba(rgb.map(|c| c * light), 255),
            feature,
            ..Look::default()
        }
    };
    let at = |share: f64| ground + DVec3::Z * height * share;
    let mut below: Option<Vec<u32>> = None;
    for (k, (share, wide, light)) in rings.iter().enumerate() {
        let ring: Vec<u32> = (0..sides)
            .map(|i| {
                // An uneven crown: every corner has a reach of its own.
                let key = (tree.tint * 1e6) as i64;
                let reach = 0.84 + 0.32 * crate::rng::lattice(7, key, i64::from(i) + 8 * k as i64);
                let turn = f64::from(i) + 0.5 * k as f64;
                let angle = turn / f64::from(sides) * std::f64::consts::TAU + tree.tint * 6.0;
                let out = DVec3::new(libm::cos(angle), libm::sin(angle), 0.0);
                let lean = DVec3::Z * (share - 0.42) * 2.2;
                mesh.vertex(
                    at(*share) + out * radius * *wide * reach,
                    out + lean,
                    look(*light),
                )
            })
            .collect();
        match below {
            Some(lower) => band(&lower, &ring, mesh),
            None if lod == 0 => cap(
                &ring,
                at(if near_town { 0.2 } else { 0.05 }),
                false,
                look(0.55),
                mesh,
            ),
            None => {}
        }
        below = Some(ring);
    }
    if let Some(ring) = below {
        cap(&ring, at(1.0), true, look(1.08), mesh);
    }
    if near_town {
        trunk(ground, height * 0.3, feature, mesh);
    }
    true
}

/// Closes a ring with a point above or below it.
fn cap(ring: &[u32], p: DVec3, above: bool, look: Look, mesh: &mut Mesh<'_>) {
    let tip = mesh.vertex(p, if above { DVec3::Z } else { DVec3::NEG_Z }, look);
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        if above {
            mesh.triangle(tip, *a, b);
        } else {
            mesh.triangle(tip, b, *a);
        }
    }
}

fn band(lower: &[u32], upper: &[u32], mesh: &mut Mesh<'_>) {
    let n = lower.len();
    for i in 0..n {
        let j = (i + 1) % n;
        mesh.triangle(lower[i], lower[j], upper[i]);
        mesh.triangle(lower[j], upper[j], upper[i]);
    }
}

fn trunk(ground: DVec3, height: f64, feature: u32, mesh: &mut Mesh<'_>) {
    let bark = Look {
        color: look::rgba([84.0, 72.0, 60.0], 255),
        feature,
        ..Look::default()
    };
    let corners = [0.0, 1.0, 2.0].map(|k| {
        let angle = k / 3.0 * std::f64::consts::TAU;
        DVec3::new(libm::cos(angle), libm::sin(angle), 0.0)
    });
    let ids = corners.map(|out| {
        let low = mesh.vertex(ground + out * 0.3 - DVec3::Z * 0.4, out, bark);
        (
            low,
            mesh.vertex(ground + out * 0.2 + DVec3::Z * height, out, bark),
        )
    });
    for i in 0..3 {
        let ((a, ta), (b, tb)) = (ids[i], ids[(i + 1) % 3]);
        mesh.triangle(a, b, tb);
        mesh.triangle(a, tb, ta);
    }
}
