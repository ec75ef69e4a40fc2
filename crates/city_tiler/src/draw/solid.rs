//! Solids: walls, roofs and bars.

use glam::{DVec2, DVec3};

use super::mesh::{Look, Mesh, normal_of};
use crate::city::building::Volume;
use crate::geom;

/// Draws the walls of a volume. `above_m` is where heights count from on a
/// facade: the texture coordinates are metres along the wall and above it.
pub fn walls(volume: &Volume, above_m: f64, look: Look, mesh: &mut Mesh<'_>) {
    let n = volume.ring.len();
    let mut run = 0.0;
    for i in 0..n {
        let j = (i + 1) % n;
        let (a, b) = (volume.ring[i], volume.ring[j]);
        let (ta, tb) = (volume.top[i], volume.top[j]);
        let width = (b - a).length();
        let (base, from) = (volume.base_m, run);
        run += width;
        let corners = [a.extend(base), b.extend(base), tb, ta];
        let normal = normal_of(&corners);
        if normal == DVec3::ZERO {
            continue;
        }
        let uv = |along: f64, z: f64| [along as f32, (z - above_m) as f32];
        let at = [
            uv(from, base),
            uv(from + width, base),
            uv(from + width, tb.z),
            uv(from, ta.z),
        ];
        let ids = [0, 1, 2, 3].map(|k| {
            let look = Look { uv: at[k], ..look };
            mesh.vertex(corners[k], normal, look)
        });
        if width > 1e-3 {
            mesh.triangle(ids[0], ids[1], ids[2]);
        }
        if (ta - tb).length() > 1e-3 {
            mesh.triangle(ids[0], ids[2], ids[3]);
        }
    }
}

/// Draws a volume's roof, lowered by so much (behind a parapet).
pub fn roof(volume: &Volume, lowered_m: f64, look: Look, mesh: &mut Mesh<'_>) {
    let top: Vec<DVec3> = volume
        .top
        .iter()
        .map(|p| *p - DVec3::Z * lowered_m)
        .collect();
    let flat: Vec<DVec2> = top.iter().map(|p| p.truncate()).collect();
    if geom::signed_area(&flat) < 0.01 {
        return;
    }
    let normal = normal_of(&top);
    if is_convex(&flat) {
        mesh.polygon(&top, normal, look);
        return;
    }
    let mut triangles: Vec<u32> = Vec::new();
    let points = flat.iter().map(|p| [p.x, p.y]);
    earcut::Earcut::new().earcut(points, &[], &mut triangles);
    let ids: Vec<u32> = top.iter().map(|p| mesh.vertex(*p, normal, look)).collect();
    for t in triangles.chunks_exact(3) {
        let corner = |k: usize| flat[t[k] as usize];
        let turn = (corner(1) - corner(0)).perp_dot(corner(2) - corner(0));
        let (b, c) = if turn > 0.0 {
            (t[1], t[2])
        } else {
            (t[2], t[1])
        };
        mesh.triangle(ids[t[0] as usize], ids[b as usize], ids[c as usize]);
    }
}

/// Height of a parapet above its roof, metres.
pub const PARAPET_M: f64 = 1.1;

/// Draws the inner side of a parapet.
pub fn parapet(volume: &Volume, look: Look, mesh: &mut Mesh<'_>) {
    let n = volume.top.len();
    for i in 0..n {
        let (a, b) = (volume.top[i], volume.top[(i + 1) % n]);
        let low = DVec3::Z * PARAPET_M;
        let corners = [b - low, a - low, a, b];
        mesh.polygon(&corners, normal_of(&corners), look);
    }
}

fn is_convex(ring: &[DVec2]) -> bool {
    let n = ring.len();
    (0..n).all(|i| {
        let (a, b, c) = (ring[i], ring[(i + 1) % n], ring[(i + 2) % n]);
        (b - a).perp_dot(c - b) >= -1e-6
    })
}

/// Draws a square bar between two points.
pub fn beam(a: DVec3, b: DVec3, half_m: f64, look: Look, mesh: &mut Mesh<'_>) {
    let along = (b - a).normalize_or(DVec3::Z);
    let aside = if along.z.abs() > 0.99 {
        DVec3::X
    } else {
        DVec3::Z
    };
    let u = along.cross(aside).normalize_or(DVec3::X) * half_m;
    let v = u.cross(along).normalize_or(DVec3::Y) * half_m;
    let around = [-u - v, u - v, u + v, v - u];
    for i in 0..4 {
        let (p, q) = (around[i], around[(i + 1) % 4]);
        let side = [a + p, a + q, b + q, b + p];
        let mut normal = normal_of(&side);
        let outward = (p + q).normalize_or_zero();
        if normal.dot(outward) < 0.0 {
            normal = -normal;
            mesh.polygon(&[side[3], side[2], side[1], side[0]], normal, look);
        } else {
            mesh.polygon(&side, normal, look);
        }
    }
}
