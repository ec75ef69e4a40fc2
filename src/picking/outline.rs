//! The outlines of features: their borders and creases as thick lines.

use std::collections::HashMap;
use std::sync::Arc;

use city_tiles::prepared::{PreparedTile, Topology};
use glam::{DVec3, Vec3};

use crate::render::{LineSegment, LineSet, Placement};

/// Edges between faces that meet at less than this cosine are drawn (25 degrees).
const CREASE_COSINE: f32 = 0.906;
/// Accent colour of the selection, linear, opaque.
const COLOR: [u8; 4] = [20, 96, 255, 255];
/// Rim of selected lines and points, whose own colour may be any.
pub(super) const RIM: [u8; 4] = [255; 4];
/// Outlines of layers are pulled toward the camera as much as the layers, and a little more.
pub(super) const LAYER_PULL: f32 = 0.0035;
/// Hostile features may have millions of edges; more than this of one mesh is no outline any more.
const MAX_SEGMENTS: usize = 60_000;

/// A position rounded to centimetres, so that split vertices meet again.
type Corner = [i32; 3];

fn corner(p: Vec3) -> Corner {
    (p * 100.0).round().as_ivec3().to_array()
}

/// Borders and creases of features (ascending indices), each for itself.
pub(super) fn of_features(tile: &PreparedTile, placement: &Placement, features: &[u32]) -> LineSet {
    // (feature, edge) -> its ends, first normal, whether it is flat so far, and how many faces meet.
    let mut edges: HashMap<(u32, Corner, Corner), (Vec3, Vec3, Vec3, bool, u32)> = HashMap::new();
    for primitive in tile
        .primitives
        .iter()
        .filter(|p| p.topology == Topology::Triangles)
    {
        for triangle in primitive.indices.chunks_exact(3) {
            let corners: Vec<_> = triangle
                .iter()
                .filter_map(|index| primitive.vertices.get(*index as usize))
                .collect();
            let [a, b, c] = corners.as_slice() else {
                continue;
            };
            let feature = a.feature;
            if features.binary_search(&feature).is_err() {
                continue;
            }
            let [a, b, c] = [a, b, c].map(|v| Vec3::from(v.position));
            let normal = (b - a).cross(c - a).normalize_or_zero();
            if normal == Vec3::ZERO {
                continue;
            }
            for (from, to) in [(a, b), (b, c), (c, a)] {
                let (ka, kb) = (corner(from), corner(to));
                if ka == kb {
                    continue;
                }
                let key = if ka < kb {
                    (feature, ka, kb)
                } else {
                    (feature, kb, ka)
                };
                edges
                    .entry(key)
                    .and_modify(|edge| {
                        edge.4 += 1;
                        edge.3 &= edge.2.dot(normal).abs() > CREASE_COSINE;
                    })
                    .or_insert((from, to, normal, true, 1));
            }
        }
    }
    let mut kept: Vec<_> = edges
        .into_iter()
        .filter(|(_, edge)| edge.4 == 1 || !edge.3)
        .collect();
    // A stable order makes equal pictures.
    kept.sort_by_key(|(key, _)| *key);
    kept.truncate(MAX_SEGMENTS);
    let origin = placement.local_from_mesh.transform_point3(DVec3::ZERO);
    let local = |p: Vec3| {
        (placement.local_from_mesh.transform_point3(p.as_dvec3()) - origin)
            .as_vec3()
            .to_array()
    };
    let segments = kept
        .into_iter()
        .map(|(_, (a, b, ..))| LineSegment {
            a: local(a),
            width_px: 2.5,
            b: local(b),
            color: COLOR,
        })
        .collect();
    LineSet {
        origin,
        segments: Arc::new(segments),
        opacity: 1.0,
        pull: 0.002,
        through: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use city_tiles::prepared::{PreparedPrimitive, Vertex};
    use glam::DMat4;

    #[test]
    fn a_quad_of_two_triangles_has_four_edges() {
        let vertex = |x: f32, y: f32| Vertex {
            position: [x, y, 0.0],
            normal: [0, 0, 127, 0],
            color: [255; 4],
            uv: [0.0; 2],
            feature: 2,
        };
        let tile = PreparedTile {
            primitives: vec![PreparedPrimitive {
                topology: Topology::Triangles,
                vertices: vec![
                    vertex(0.0, 0.0),
                    vertex(1.0, 0.0),
                    vertex(1.0, 1.0),
                    vertex(0.0, 1.0),
                ],
                indices: vec![0, 1, 2, 0, 2, 3],
                material: 0,
                has_normals: true,
            }],
            ..Default::default()
        };
        let placement = Placement {
            local_from_mesh: DMat4::IDENTITY,
        };
        let edges = |features: &[u32]| of_features(&tile, &placement, features).segments.len();
        assert_eq!(edges(&[2]), 4);
        assert_eq!(edges(&[0, 2, 9]), 4);
        assert_eq!(edges(&[1]), 0);
    }
}
