//! What is left of a mesh when a variant of the scene hides some of its features: the same vertices, fewer triangles.
//! No shader knows of it, so that a scene without scenarios pays nothing.

use std::ops::Range;

use bevy::render::render_resource::{Buffer, BufferInitDescriptor, BufferUsages};
use bevy::render::renderer::RenderDevice;
use city_tiles::prepared::{PreparedTile, Topology};

/// The indices that stay.
pub(super) struct Rest {
    pub indices: Buffer,
    ranges: Vec<Range<u32>>,
}

impl Rest {
    /// Leaves out the features (ascending indices); `None` when none is given.
    pub fn of(tile: &PreparedTile, hidden: &[u32], device: &RenderDevice) -> Option<Self> {
        if hidden.is_empty() {
            return None;
        }
        let (indices, ranges) = kept(tile, hidden);
        let bytes: &[u8] = bytemuck::cast_slice(&indices);
        Some(Self {
            indices: device.create_buffer_with_data(&BufferInitDescriptor {
                label: Some("city_indices_rest"),
                // A buffer may not be empty, and a mesh may be hidden as a whole.
                contents: if bytes.is_empty() { &[0; 4] } else { bytes },
                usage: BufferUsages::INDEX,
            }),
            ranges,
        })
    }

    /// The indices of one of the mesh's draws.
    pub fn range(&self, draw: usize) -> Range<u32> {
        self.ranges.get(draw).cloned().unwrap_or(0..0)
    }
}

/// Indices into the mesh's joined vertices, and a range for each draw, in the order of `gpu_mesh::upload`.
fn kept(tile: &PreparedTile, hidden: &[u32]) -> (Vec<u32>, Vec<Range<u32>>) {
    let mut indices = Vec::new();
    let mut ranges = Vec::new();
    let mut base = 0u32;
    for primitive in &tile.primitives {
        if tile.materials.get(primitive.material as usize).is_none() {
            continue;
        }
        let corners = match primitive.topology {
            Topology::Triangles => 3,
            Topology::Lines => 2,
            Topology::Points => 1,
        };
        let first = indices.len() as u32;
        for part in primitive.indices.chunks_exact(corners) {
            let feature = part
                .first()
                .and_then(|index| primitive.vertices.get(*index as usize))
                .map(|vertex| vertex.feature);
            if feature.is_none_or(|feature| hidden.binary_search(&feature).is_err()) {
                indices.extend(part.iter().map(|index| index + base));
            }
        }
        ranges.push(first..indices.len() as u32);
        // Points are drawn as instances, one vertex for each index.
        base += match primitive.topology {
            Topology::Points => primitive.indices.len(),
            _ => primitive.vertices.len(),
        } as u32;
    }
    (indices, ranges)
}

#[cfg(test)]
mod tests {
    use city_tiles::prepared::{PreparedMaterial, PreparedPrimitive, Vertex};

    use super::*;

    fn primitive(features: &[u32]) -> PreparedPrimitive {
        let corner = |feature: &u32| Vertex {
            position: [0.0; 3],
            normal: [0, 0, 127, 0],
            color: [255; 4],
            uv: [0.0; 2],
            feature: *feature,
        };
        PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: features.iter().flat_map(|f| [corner(f); 3]).collect(),
            indices: (0..features.len() as u32 * 3).collect(),
            material: 0,
            has_normals: true,
        }
    }

    #[test]
    fn triangles_of_hidden_features_go_and_the_draws_keep_their_order() {
        let tile = PreparedTile {
            materials: vec![PreparedMaterial::default()],
            primitives: vec![primitive(&[0, 7, 1]), primitive(&[7]), primitive(&[7, 2])],
            ..PreparedTile::default()
        };
        let (indices, ranges) = kept(&tile, &[7]);
        assert_eq!(ranges, [0..6, 6..6, 6..9]);
        assert_eq!(indices, [0, 1, 2, 6, 7, 8, 15, 16, 17]);
        let (all, _) = kept(&tile, &[5]);
        assert_eq!(all.len(), 18);
    }
}
