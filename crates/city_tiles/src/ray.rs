//! What a ray meets first: picking, measuring, lines of sight and the ground below a camera all ask this.

use crate::prepared::{NO_FEATURE, PreparedTile, TRIANGLES_PER_BOX, Topology};
use city_geo::Clip;
use glam::{DMat4, DVec3, Vec3};

/// A tile that a ray may meet.
#[derive(Clone, Copy)]
pub struct Candidate<'a, K> {
    /// Whose it is.
    pub key: K,
    /// Its geometry.
    pub tile: &'a PreparedTile,
    /// Its [bounds](PreparedTile::bounds); a tile without any has nothing to meet.
    pub bounds: Option<(Vec3, Vec3)>,
    /// The ray's frame from the tile's (tile frame plus [`PreparedTile::origin`]).
    pub local_from_mesh: DMat4,
    /// Features that let the ray through, by ascending index.
    pub hidden: &'a [u32],
}

/// What a ray met first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit<K> {
    /// Whose tile it is.
    pub key: K,
    /// The feature, where the tile has features.
    pub feature: Option<u32>,
    /// Metres along the ray.
    pub distance_m: f64,
    /// The point, in the ray's frame.
    pub at: DVec3,
    /// The triangle's normal, in the ray's frame.
    pub normal: DVec3,
}

/// A candidate whose bounds the ray enters, and where.
struct Entered<'a, K> {
    candidate: Candidate<'a, K>,
    /// Where the ray starts for this tile: near it, or a far camera would cost precision.
    start: Vec3,
    direction: Vec3,
    /// Metres of the ray's frame up to `start`.
    near_m: f64,
    /// Lengths of the tile's frame in a metre of the ray's.
    scale: f64,
}

/// The nearest hit of a ray with a unit direction, from both sides of a triangle. What a clip (in the ray's frame) cuts
/// away lets the ray through.
///
/// Tiles are asked in the order in which the ray enters them, and none behind the nearest hit.
pub fn first_hit<'a, K>(
    origin: DVec3,
    direction: DVec3,
    clip: Option<&Clip>,
    candidates: impl Iterator<Item = Candidate<'a, K>>,
) -> Option<Hit<K>> {
    let mut entered: Vec<Entered<'a, K>> = candidates
        .filter_map(|candidate| enter(candidate, origin, direction))
        .collect();
    entered.sort_by(|a, b| a.near_m.total_cmp(&b.near_m));
    let mut best: Option<Hit<K>> = None;
    for Entered {
        candidate,
        start,
        direction: ahead,
        near_m,
        scale,
    } in entered
    {
        let nearest_m = best.as_ref().map_or(f64::INFINITY, |hit| hit.distance_m);
        if near_m > nearest_m {
            break;
        }
        let limit = ((nearest_m - near_m) * scale) as f32;
        let stays = |along: f32| {
            let at_m = near_m + f64::from(along) / scale;
            clip.is_none_or(|clip| clip.keeps(origin + direction * at_m))
        };
        let Some(met) = nearest(
            candidate.tile,
            candidate.hidden,
            start,
            ahead,
            limit,
            &stays,
        ) else {
            continue;
        };
        let distance_m = near_m + f64::from(met.along) / scale;
        if distance_m < nearest_m {
            let normal = (candidate.local_from_mesh).transform_vector3(met.normal.as_dvec3());
            best = Some(Hit {
                key: candidate.key,
                feature: (met.feature != NO_FEATURE).then_some(met.feature),
                distance_m,
                at: origin + direction * distance_m,
                normal: normal.normalize_or(DVec3::Z),
            });
        }
    }
    best
}

fn enter<K>(
    candidate: Candidate<'_, K>,
    origin: DVec3,
    direction: DVec3,
) -> Option<Entered<'_, K>> {
    let mesh_from_local = candidate.local_from_mesh.inverse();
    // In the tile's own frame f32 is exact enough: its vertices are near its origin.
    let start = mesh_from_local.transform_point3(origin);
    let ahead = mesh_from_local.transform_vector3(direction);
    let scale = ahead.length();
    if !scale.is_finite() || scale <= 0.0 {
        return None;
    }
    let ahead = ahead / scale;
    let (low, high) = candidate.bounds?;
    // A little more: a flat tile has no thickness.
    let (low, high) = (low.as_dvec3() - DVec3::ONE, high.as_dvec3() + DVec3::ONE);
    let inverse = ahead.recip();
    let (a, b) = ((low - start) * inverse, (high - start) * inverse);
    let near = a.min(b).max_element().max(0.0);
    let far = a.max(b).min_element();
    (near <= far).then(|| Entered {
        start: (start + ahead * near).as_vec3(),
        direction: ahead.as_vec3(),
        near_m: near / scale,
        scale,
        candidate,
    })
}

/// A triangle that was met.
struct Met {
    along: f32,
    feature: u32,
    normal: Vec3,
}

fn nearest(
    tile: &PreparedTile,
    hidden: &[u32],
    start: Vec3,
    ahead: Vec3,
    mut limit: f32,
    stays: &dyn Fn(f32) -> bool,
) -> Option<Met> {
    let inverse = ahead.recip();
    let mut met: Option<(Met, usize, [u32; 3])> = None;
    for (index, primitive) in tile.primitives.iter().enumerate() {
        if primitive.topology != Topology::Triangles {
            continue;
        }
        let vertex = |index: u32| primitive.vertices.get(index as usize);
        let boxes = tile.boxes.of(index);
        let runs = primitive.indices.chunks(3 * TRIANGLES_PER_BOX);
        for (number, run) in runs.enumerate() {
            let is_passed = |[low, high]: &[[f32; 3]; 2]| {
                passes((*low).into(), (*high).into(), start, inverse, limit)
            };
            if boxes.get(number).is_some_and(is_passed) {
                continue;
            }
            for corner in run.chunks_exact(3) {
                let &[a, b, c] = corner else { continue };
                let (Some(va), Some(vb), Some(vc)) = (vertex(a), vertex(b), vertex(c)) else {
                    continue;
                };
                let (pa, pb, pc) = (
                    Vec3::from(va.position),
                    Vec3::from(vb.position),
                    Vec3::from(vc.position),
                );
                if let Some(along) = triangle(start, ahead, pa, pb, pc)
                    && along < limit
                    && hidden.binary_search(&va.feature).is_err()
                    && stays(along)
                {
                    limit = along;
                    let normal = (pb - pa).cross(pc - pa).normalize_or(Vec3::Z);
                    let feature = va.feature;
                    met = Some((
                        Met {
                            along,
                            feature,
                            normal,
                        },
                        index,
                        [a, b, c],
                    ));
                }
            }
        }
    }
    let (mut met, primitive, corners) = met?;
    if !tile.surface.is_empty()
        && let Some(weights) = weights(tile, primitive, corners, start + ahead * met.along)
    {
        // Several features may share a triangle, told apart by a texture.
        met.feature = tile.feature_at(primitive as u32, corners, weights);
    }
    Some(met)
}

/// Whether a ray does not enter a box before `limit`: it passes by, or meets something nearer. Rounding never makes a
/// box smaller than what is in it: the box is held a little larger.
fn passes(low: Vec3, high: Vec3, start: Vec3, inverse: Vec3, limit: f32) -> bool {
    let slack = (high - low).max_element() * 1e-4 + 1e-4;
    let (a, b) = (
        (low - slack - start) * inverse,
        (high + slack - start) * inverse,
    );
    let near = a.min(b).max_element();
    let far = a.max(b).min_element();
    // What is not a number compares with nothing, and hides no triangle.
    near > far || far < 0.0 || near > limit
}

/// The feature of a triangle (counted through the primitives of triangles) at a point in it, in the tile's own frame.
#[must_use]
pub fn feature_of(tile: &PreparedTile, triangle: u32, at: Vec3) -> Option<u32> {
    let mut left = triangle as usize;
    for (index, primitive) in tile.primitives.iter().enumerate() {
        if primitive.topology != Topology::Triangles {
            continue;
        }
        let count = primitive.indices.len() / 3;
        if left >= count {
            left -= count;
            continue;
        }
        let corners: [u32; 3] = primitive.indices.get(left * 3..)?.first_chunk().copied()?;
        let own = primitive.vertices.get(corners[0] as usize)?.feature;
        if tile.surface.is_empty() {
            return Some(own);
        }
        let weights = weights(tile, index, corners, at);
        return Some(weights.map_or(own, |weights| {
            tile.feature_at(index as u32, corners, weights)
        }));
    }
    None
}

/// How much of each corner of a triangle a point in it has.
fn weights(tile: &PreparedTile, primitive: usize, corners: [u32; 3], at: Vec3) -> Option<[f32; 3]> {
    let vertices = &tile.primitives.get(primitive)?.vertices;
    let corner = |index: u32| Some(Vec3::from(vertices.get(index as usize)?.position));
    let [a, b, c] = corners;
    let (a, b, c) = (corner(a)?, corner(b)?, corner(c)?);
    let normal = (b - a).cross(c - a);
    let whole = normal.length_squared();
    let part = |p: Vec3, q: Vec3| normal.dot((q - p).cross(at - p)) / whole;
    let (u, v) = (part(c, a), part(a, b));
    (whole > 0.0).then_some([1.0 - u - v, u, v])
}

/// Möller and Trumbore, "Fast, minimum storage ray/triangle intersection" (1997), both sides.
fn triangle(o: Vec3, d: Vec3, a: Vec3, b: Vec3, c: Vec3) -> Option<f32> {
    let (e1, e2) = (b - a, c - a);
    let p = d.cross(e2);
    let det = e1.dot(p);
    if det.abs() < 1e-12 {
        return None;
    }
    let inverse = 1.0 / det;
    let s = o - a;
    let u = s.dot(p) * inverse;
    if !(0.0..=1.0).contains(&u) {
        return None;
    }
    let q = s.cross(e1);
    let v = d.dot(q) * inverse;
    if v < 0.0 || u + v > 1.0 {
        return None;
    }
    let t = e2.dot(q) * inverse;
    (t > 0.0).then_some(t)
}

#[cfg(test)]
mod tests;
