//! Sea and far hills around the city, so that the view does not end at its edge.

use glam::{DVec2, DVec3};

use super::look;
use super::mesh::{Look, Mesh};
use crate::city::City;
use crate::land::relief::land_height_m;
use crate::write::Primitive;

/// How far out the sea reaches, metres.
const REACH_M: f64 = 60_000.0;

/// Lines of the mesh along one axis: the city's edge, then ever wider steps out.
fn lines(half: f64) -> Vec<f64> {
    let inside = (-16..=16).map(|i| half * f64::from(i) / 16.0);
    let mut out = Vec::new();
    let (mut at, mut step) = (half, 330.0);
    while at < REACH_M {
        at += step;
        out.push(at);
        step *= if at < half + 9000.0 { 1.0 } else { 1.35 };
    }
    let west: Vec<f64> = out.iter().rev().map(|x| -x).collect();
    west.into_iter().chain(inside).chain(out).collect()
}

/// The primitives of the surroundings.
#[must_use]
pub fn surroundings(city: &City, origin: DVec3) -> Vec<Primitive> {
    let half = city.terrain.domain.half_m;
    let (xs, ys) = (lines(half.x), lines(half.y));
    let rows = crate::parallel::map(&ys, |y| {
        let point = |x: &f64| {
            let p = DVec2::new(*x, *y);
            let shore = city.terrain.coast.near(p).signed_m;
            (p, shore, land_height_m(city.seed, p, shore))
        };
        xs.iter().map(point).collect::<Vec<_>>()
    });
    let mut land = Mesh::new(&city.frame, origin, look::TERRAIN);
    let mut sea = Mesh::new(&city.frame, origin, look::WATER).plain();
    let mut rock = |corners: &[(DVec2, f64, f64); 3]| {
        let ids = corners.map(|(p, shore, height)| {
            // Below the sea, land sinks under the water's plane.
            let z = if shore > 0.0 { height } else { -30.0 };
            let [a, b, c] = corners.map(|(p, s, h)| p.extend(if s > 0.0 { h } else { -30.0 }));
            let normal = (b - a).cross(c - a).normalize_or(DVec3::Z);
            let slope = (1.0 - normal.z * normal.z).max(0.0).sqrt() / normal.z.max(0.2);
            let place = look::Place {
                p,
                height_m: height.max(30.0),
                shore_m: shore.max(60.0),
                slope: slope.max(0.25),
                lawn: 0.0,
            };
            let rgb = look::ground(&city.terrain, &place);
            let look = Look {
                color: look::rgba(rgb, 255),
                ..Look::default()
            };
            land.vertex(p.extend(z), normal, look)
        });
        land.triangle(ids[0], ids[1], ids[2]);
    };
    for j in 1..ys.len() {
        for i in 1..xs.len() {
            let at = [
                rows[j - 1][i - 1],
                rows[j - 1][i],
                rows[j][i],
                rows[j][i - 1],
            ];
            let middle = (at[0].0 + at[2].0) / 2.0;
            if city.terrain.domain.contains(middle, 0.0) {
                continue;
            }
            for t in [[at[0], at[1], at[2]], [at[0], at[2], at[3]]] {
                if t.iter().any(|(_, shore, _)| *shore > 0.0) {
                    rock(&t);
                }
                if t.iter().any(|(_, shore, _)| *shore <= 0.0) {
                    let ids =
                        t.map(|(p, _, _)| sea.vertex(p.extend(0.0), DVec3::Z, Look::default()));
                    sea.triangle(ids[0], ids[1], ids[2]);
                }
            }
        }
    }
    vec![land.finish(), sea.finish()]
}
