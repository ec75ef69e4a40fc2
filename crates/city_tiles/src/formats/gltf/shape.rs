//! Strips, fans and loops to plain lists, and flat normals where there are none.

use crate::prepared::Topology;
use glam::Vec3;
use std::collections::HashMap;

/// The topology and the plain list of indices of a `mode` of glTF 2.0, 3.7.2.1. Incomplete
/// triangles and lines at the end are left out.
pub(super) fn list(mode: u32, indices: Vec<u32>) -> Option<(Topology, Vec<u32>)> {
    let mut indices = indices;
    let windows = |indices: &[u32]| indices.windows(2).flatten().copied().collect::<Vec<_>>();
    Some(match mode {
        0 => (Topology::Points, indices),
        1 => {
            indices.truncate(indices.len() / 2 * 2);
            (Topology::Lines, indices)
        }
        2 => {
            let mut lines = windows(&indices);
            if let (Some(first), Some(last), 3..) = (indices.first(), indices.last(), indices.len())
            {
                lines.extend([*last, *first]);
            }
            (Topology::Lines, lines)
        }
        3 => (Topology::Lines, windows(&indices)),
        4 => {
            indices.truncate(indices.len() / 3 * 3);
            (Topology::Triangles, indices)
        }
        5 => {
            let strip = indices.windows(3).enumerate();
            // Every second triangle of a strip turns the other way.
            let triangles = strip.flat_map(|(i, t)| {
                if i % 2 == 0 {
                    [t[0], t[1], t[2]]
                } else {
                    [t[0], t[2], t[1]]
                }
            });
            (Topology::Triangles, triangles.collect())
        }
        6 => {
            let hub = indices.first().copied().unwrap_or(0);
            let rim = indices.get(1..).unwrap_or_default();
            (
                Topology::Triangles,
                rim.windows(2).flat_map(|t| [t[0], t[1], hub]).collect(),
            )
        }
        _ => return None,
    })
}

/// Vertices split so that every triangle has its own flat normal: which old vertex each new one
/// copies, its normal, and the new indices. Corners of coplanar triangles stay shared.
pub(super) struct Flat {
    /// Old index of each new vertex.
    pub source: Vec<u32>,
    /// Normal of each new vertex, in the mesh's frame; zero where a triangle has no area.
    pub normals: Vec<[f32; 3]>,
    /// New indices.
    pub indices: Vec<u32>,
}

/// Flat normals for triangles whose indices are all within `positions` (three numbers each).
pub(super) fn flat(positions: &[f32], indices: &[u32]) -> Flat {
    const END: u32 = u32::MAX;
    let corner = |index: u32| {
        let at = index as usize * 3;
        Vec3::new(positions[at], positions[at + 1], positions[at + 2])
    };
    let mut flat = Flat {
        source: Vec::with_capacity(indices.len()),
        normals: Vec::with_capacity(indices.len()),
        indices: Vec::with_capacity(indices.len()),
    };
    // Chains from an old vertex to the new ones made of it.
    let mut newest = vec![END; positions.len() / 3];
    let mut older: Vec<u32> = Vec::with_capacity(indices.len());
    for triangle in indices.as_chunks::<3>().0 {
        let [a, b, c] = triangle.map(corner);
        // In f64: a sliver in f32 has a normal of noise.
        let cross = (b - a).as_dvec3().cross((c - a).as_dvec3());
        let normal = cross.normalize_or_zero().as_vec3();
        for &old in triangle {
            let head = newest[old as usize];
            let mut found = head;
            while found != END
                && Vec3::from_array(flat.normals[found as usize]).distance_squared(normal) > 1e-8
            {
                found = older[found as usize];
            }
            if found == END {
                found = flat.source.len() as u32;
                flat.source.push(old);
                flat.normals.push(normal.to_array());
                older.push(head);
                newest[old as usize] = found;
            }
            flat.indices.push(found);
        }
    }
    flat
}

/// Vertices split so that each belongs to one feature.
pub(super) struct ByFeature {
    /// Old index of each new vertex.
    pub source: Vec<u32>,
    /// Feature of each new vertex.
    pub features: Vec<u32>,
    /// New indices.
    pub indices: Vec<u32>,
}

/// Splits where triangles (lines, points) of `corners` indices each belong to these features.
pub(super) fn by_feature(indices: &[u32], corners: usize, features: &[u32]) -> ByFeature {
    let mut split = ByFeature {
        source: Vec::new(),
        features: Vec::new(),
        indices: Vec::with_capacity(indices.len()),
    };
    let mut known: HashMap<(u32, u32), u32> = HashMap::new();
    for (corners, &feature) in indices.chunks_exact(corners).zip(features) {
        for &old in corners {
            let index = *known.entry((old, feature)).or_insert_with(|| {
                split.source.push(old);
                split.features.push(feature);
                split.source.len() as u32 - 1
            });
            split.indices.push(index);
        }
    }
    split
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_and_fans_keep_their_winding() {
        let (_, strip) = list(5, vec![0, 1, 2, 3]).unwrap();
        assert_eq!(strip, [0, 1, 2, 1, 3, 2]);
        let (_, fan) = list(6, vec![0, 1, 2, 3]).unwrap();
        assert_eq!(fan, [1, 2, 0, 2, 3, 0]);
        let (_, ring) = list(2, vec![0, 1, 2]).unwrap();
        assert_eq!(ring, [0, 1, 1, 2, 2, 0]);
        assert!(list(7, vec![]).is_none());
        assert!(list(6, vec![]).unwrap().1.is_empty());
    }

    #[test]
    fn vertices_split_where_features_meet() {
        let split = by_feature(&[0, 1, 2, 0, 2, 3, 2, 3, 4], 3, &[7, 8, 8]);
        assert_eq!(split.source, [0, 1, 2, 0, 2, 3, 4]);
        assert_eq!(split.features, [7, 7, 7, 8, 8, 8, 8]);
        assert_eq!(split.indices, [0, 1, 2, 3, 4, 5, 4, 5, 6]);
    }

    #[test]
    fn coplanar_corners_stay_shared_and_others_split() {
        // A square of two triangles, and a third triangle standing on one of its edges.
        let positions = [0., 0., 0., 1., 0., 0., 1., 1., 0., 0., 1., 0., 0., 0., 1.];
        let flat = flat(&positions, &[0, 1, 2, 0, 2, 3, 0, 4, 1]);
        assert_eq!(flat.source.len(), 4 + 3);
        assert_eq!(flat.normals[flat.indices[0] as usize], [0., 0., 1.]);
        assert_eq!(flat.normals[flat.indices[6] as usize], [0., 1., 0.]);
    }
}
