//! A ray against the drawn meshes.

use bevy::ecs::entity::Entity;
use city_tiles::prepared::{NO_FEATURE, PreparedTile, Topology};
use glam::{DVec3, Vec3};

use crate::render::{CityMesh, Placement};

/// What a ray met first.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// The mesh.
    pub mesh: Entity,
    /// The feature, where the mesh has features.
    pub feature: Option<u32>,
    /// Metres along the ray.
    pub distance_m: f64,
    /// The point, local frame.
    pub at: DVec3,
    /// The triangle's normal, local frame.
    pub normal: DVec3,
}

/// The nearest hit of a ray (local frame, unit direction). The features that each mesh does not show (ascending
/// indices) let it through.
pub fn pick_feature<'a>(
    origin: DVec3,
    direction: DVec3,
    meshes: impl Iterator<Item = (Entity, &'a CityMesh, &'a Placement, &'a [u32])>,
) -> Option<Hit> {
    let mut best: Option<Hit> = None;
    for (entity, mesh, placement, hidden) in meshes {
        let mesh_from_local = placement.local_from_mesh.inverse();
        // In the mesh's own frame f32 is exact enough: its vertices are near its origin.
        let o = mesh_from_local.transform_point3(origin);
        let d = mesh_from_local.transform_vector3(direction);
        let scale = d.length();
        if !scale.is_finite() || scale <= 0.0 {
            continue;
        }
        let d = d / scale;
        let Some(near) = enters(mesh.1, o, d) else {
            continue;
        };
        // Move the start to the mesh, so that the far camera costs no precision.
        let start = (o + d * near).as_vec3();
        let limit = best.map_or(f64::INFINITY, |hit| hit.distance_m * scale - near);
        if let Some((t, feature, normal)) =
            nearest(&mesh.0, hidden, start, d.as_vec3(), limit as f32)
        {
            let distance_m = (near + f64::from(t)) / scale;
            if best.is_none_or(|hit| distance_m < hit.distance_m) {
                let normal = placement
                    .local_from_mesh
                    .transform_vector3(normal.as_dvec3())
                    .normalize_or(DVec3::Z);
                best = Some(Hit {
                    mesh: entity,
                    feature: (feature != NO_FEATURE).then_some(feature),
                    distance_m,
                    at: origin + direction * distance_m,
                    normal,
                });
            }
        }
    }
    best
}

/// Distance at which a ray enters a tile's bounds, if it does.
fn enters(bounds: Option<(Vec3, Vec3)>, o: DVec3, d: DVec3) -> Option<f64> {
    let (low, high) = bounds?;
    let (low, high) = (low.as_dvec3() - DVec3::ONE, high.as_dvec3() + DVec3::ONE);
    let inverse = d.recip();
    let (a, b) = ((low - o) * inverse, (high - o) * inverse);
    let near = a.min(b).max_element().max(0.0);
    let far = a.max(b).min_element();
    (near <= far).then_some(near)
}

fn nearest(
    tile: &PreparedTile,
    hidden: &[u32],
    o: Vec3,
    d: Vec3,
    limit: f32,
) -> Option<(f32, u32, Vec3)> {
    let mut best: Option<(f32, u32, Vec3)> = None;
    let mut met: Option<(u32, [u32; 3])> = None;
    let mut limit = limit;
    for (index, primitive) in (0..).zip(&tile.primitives) {
        if primitive.topology != Topology::Triangles {
            continue;
        }
        let vertex = |index: u32| primitive.vertices.get(index as usize);
        for corner in primitive.indices.chunks_exact(3) {
            let &[a, b, c] = corner else { continue };
            let (Some(va), Some(vb), Some(vc)) = (vertex(a), vertex(b), vertex(c)) else {
                continue;
            };
            let (pa, pb, pc) = (
                Vec3::from(va.position),
                Vec3::from(vb.position),
                Vec3::from(vc.position),
            );
            if let Some(t) = triangle(o, d, pa, pb, pc)
                && t < limit
                && hidden.binary_search(&va.feature).is_err()
            {
                limit = t;
                met = Some((index, [a, b, c]));
                best = Some((
                    t,
                    va.feature,
                    (pb - pa).cross(pc - pa).normalize_or(Vec3::Z),
                ));
            }
        }
    }
    if let (Some((t, feature, _)), Some((primitive, corners))) = (&mut best, met)
        && !tile.surface.is_empty()
        && let Some(weights) = weights(tile, primitive, corners, o + d * *t)
    {
        // Several features may share a triangle, told apart by a texture.
        *feature = tile.feature_at(primitive, corners, weights);
    }
    best
}

/// How much of each corner of a triangle a point in it has.
fn weights(tile: &PreparedTile, primitive: u32, corners: [u32; 3], at: Vec3) -> Option<[f32; 3]> {
    let vertices = &tile.primitives.get(primitive as usize)?.vertices;
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
mod tests {
    use super::*;
    use city_tiles::prepared::{PreparedPrimitive, Vertex};
    use glam::DMat4;

    #[test]
    fn a_point_of_a_triangle_is_told_by_its_corners() {
        let tile = PreparedTile {
            primitives: vec![wall(0, 4.0)],
            ..Default::default()
        };
        // Corners at (-5, 0), (5, 0), (5, 10) in y and z.
        let at = |y: f32, z: f32| weights(&tile, 0, [0, 1, 2], Vec3::new(4.0, y, z)).unwrap();
        let near = |a: [f32; 3], b: [f32; 3]| (0..3).all(|i| (a[i] - b[i]).abs() < 1e-5);
        assert!(near(at(-5.0, 0.0), [1.0, 0.0, 0.0]));
        assert!(near(at(5.0, 0.0), [0.0, 1.0, 0.0]));
        assert!(near(at(5.0, 10.0), [0.0, 0.0, 1.0]));
        assert!(near(at(2.5, 5.0), [0.25, 0.25, 0.5]));
        assert!(weights(&tile, 1, [0, 1, 2], Vec3::ZERO).is_none());
    }

    fn wall(feature: u32, x: f32) -> PreparedPrimitive {
        let vertex = |y: f32, z: f32| Vertex {
            position: [x, y, z],
            normal: [-127, 0, 0, 0],
            color: [255; 4],
            uv: [0.0; 2],
            feature,
        };
        PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: vec![
                vertex(-5.0, 0.0),
                vertex(5.0, 0.0),
                vertex(5.0, 10.0),
                vertex(-5.0, 10.0),
            ],
            indices: vec![0, 1, 2, 0, 2, 3],
            material: 0,
            has_normals: true,
        }
    }

    #[test]
    fn the_nearer_wall_wins_far_from_the_origin() {
        let tile = CityMesh::new(PreparedTile {
            primitives: vec![wall(7, 4.0), wall(3, 2.0)],
            ..Default::default()
        });
        let placement = Placement {
            local_from_mesh: DMat4::from_translation(DVec3::new(20_000.0, -9_000.0, 40.0)),
        };
        let eye = DVec3::new(19_990.0, -9_000.0, 45.0);
        let entity = Entity::from_raw_u32(1).unwrap();
        let hit = pick_feature(
            eye,
            DVec3::X,
            [(entity, &tile, &placement, &[][..])].into_iter(),
        )
        .unwrap();
        assert_eq!(hit.feature, Some(3));
        assert!((hit.distance_m - 12.0).abs() < 1e-3);
        assert!(
            pick_feature(
                eye,
                DVec3::NEG_X,
                [(entity, &tile, &placement, &[][..])].into_iter()
            )
            .is_none()
        );
        let behind = [(entity, &tile, &placement, &[3][..])].into_iter();
        assert_eq!(
            pick_feature(eye, DVec3::X, behind).unwrap().feature,
            Some(7),
            "what is hidden is seen through"
        );
        let above = DVec3::new(0.0, 0.0, 20.0);
        assert!(
            pick_feature(
                eye + above,
                DVec3::X,
                [(entity, &tile, &placement, &[][..])].into_iter()
            )
            .is_none()
        );
    }
}
