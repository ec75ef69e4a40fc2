//! Boxes around a few triangles each, so that a ray looks at few of them.

use super::{PreparedPrimitive, Topology};
use glam::Vec3;

/// Triangles that share a box: neighbours in the order of the indices, which lie near each other in all that was made
/// to be drawn.
pub const TRIANGLES_PER_BOX: usize = 64;

/// Smallest and largest position, metres.
pub type Extent = [[f32; 3]; 2];

/// Boxes around the triangles of each primitive, in the order of the indices. A primitive without any has not been
/// looked at, and all its triangles count.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TriangleBoxes(pub(super) Vec<Vec<Extent>>);

impl TriangleBoxes {
    /// The boxes around the triangles of these primitives.
    #[must_use]
    pub fn around(primitives: &[PreparedPrimitive]) -> Self {
        Self(primitives.iter().map(of_primitive).collect())
    }

    /// The boxes of a primitive.
    #[must_use]
    pub fn of(&self, primitive: usize) -> &[Extent] {
        self.0.get(primitive).map_or(&[], Vec::as_slice)
    }

    /// Whether there is a box for every run of triangles of every primitive, or none for any.
    #[must_use]
    pub fn fit(&self, primitives: &[PreparedPrimitive]) -> bool {
        self.0.is_empty()
            || self.0.len() == primitives.len()
                && (self.0.iter().zip(primitives))
                    .all(|(boxes, primitive)| boxes.len() == boxes_of(primitive))
    }

    /// Bytes held in main memory.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let extents = self.0.iter().map(|boxes| size_of_val(boxes.as_slice()));
        (extents.sum::<usize>() + size_of_val(self.0.as_slice())) as u64
    }
}

fn boxes_of(primitive: &PreparedPrimitive) -> usize {
    match primitive.topology {
        Topology::Triangles => primitive.indices.len().div_ceil(3 * TRIANGLES_PER_BOX),
        Topology::Lines | Topology::Points => 0,
    }
}

fn of_primitive(primitive: &PreparedPrimitive) -> Vec<Extent> {
    if primitive.topology != Topology::Triangles {
        return Vec::new();
    }
    let around = |run: &[u32]| {
        let positions = (run.iter())
            .filter_map(|index| primitive.vertices.get(*index as usize))
            .map(|vertex| vertex.position);
        extent(positions).unwrap_or([[0.0; 3]; 2])
    };
    (primitive.indices.chunks(3 * TRIANGLES_PER_BOX))
        .map(around)
        .collect()
}

/// The extent of positions; none where there is no position.
pub(super) fn extent(mut positions: impl Iterator<Item = [f32; 3]>) -> Option<Extent> {
    let first = Vec3::from(positions.next()?);
    let (low, high) = positions
        .map(Vec3::from)
        .fold((first, first), |(low, high), at| {
            (low.min(at), high.max(at))
        });
    Some([low.to_array(), high.to_array()])
}
