//! CESIUM_primitive_outline: the edges of a primitive that are drawn as lines.

use super::Context;
use super::accessor::{Component, Numbers};
use super::document::{Primitive, whole};
use super::primitive::Part;
use crate::formats::error::{Fault, limit};
use crate::prepared::{AlphaMode, NO_FEATURE, PreparedMaterial, Topology};
use std::collections::HashMap;

/// The extension's name.
pub(super) const NAME: &str = "CESIUM_primitive_outline";

/// What outlines are drawn with: near black, as the lines of a plan.
pub(super) fn material() -> PreparedMaterial {
    PreparedMaterial {
        base_color: [0.01, 0.01, 0.012, 1.0],
        metallic: 0.0,
        alpha_mode: AlphaMode::Opaque,
        unlit: true,
        ..PreparedMaterial::default()
    }
}

/// The lines of a part's outline. The part is still as the file has it: the outline's indices are the file's. `by` is
/// the feature of each triangle, where features go by triangles.
pub(super) fn read(
    context: &mut Context<'_>,
    primitive: &Primitive,
    place: &str,
    part: &Part,
    by: Option<&[u32]>,
) -> Option<Box<Part>> {
    let json = primitive.extensions.get(NAME)?;
    if part.topology != Topology::Triangles {
        return None;
    }
    let edges = whole(json, "indices")
        .ok_or_else(|| Fault::invalid(format!("{place}.{NAME}"), "has no indices"))
        .and_then(|accessor| edges(context, accessor, part.vertices(), place));
    match edges {
        Ok(edges) if edges.is_empty() => None,
        // After the file's materials and the default one.
        Ok(edges) => Some(Box::new(lines(
            &edges,
            part,
            by,
            context.document.materials.len() + 1,
        ))),
        Err(fault) => {
            context.warnings.insert(fault.text());
            None
        }
    }
}

fn edges(
    context: &Context<'_>,
    accessor: usize,
    vertices: usize,
    place: &str,
) -> Result<Vec<u32>, Fault> {
    let place = format!("{place}.{NAME}.indices");
    let numbers = Numbers::read(context, accessor).map_err(|fault| fault.inside(&place))?;
    if numbers.width != 1 || numbers.component == Component::F32 {
        return Err(Fault::invalid(place, "must be whole numbers"));
    }
    let most = context.input.options.max_vertices.saturating_mul(3);
    limit(&place, "indices", numbers.count, most)?;
    // Some writers use signed numbers.
    let mut edges = numbers
        .indices()
        .ok_or_else(|| Fault::invalid(&place, "an index is negative"))?;
    edges.truncate(edges.len() / 2 * 2);
    match edges.iter().find(|index| **index as usize >= vertices) {
        Some(index) => Err(Fault::invalid(
            place,
            format!("index {index} is beyond {vertices} vertices"),
        )),
        None => Ok(edges),
    }
}

fn lines(edges: &[u32], part: &Part, by: Option<&[u32]>, material: usize) -> Part {
    let of_edge = by.map(|by| edge_features(part, by));
    let mut lines = Part {
        topology: Topology::Lines,
        material,
        positions: Vec::new(),
        normals: Vec::new(),
        colors: Vec::new(),
        uvs: Vec::new(),
        features: Vec::new(),
        indices: Vec::with_capacity(edges.len()),
        rows: Vec::new(),
        surface: None,
        outline: None,
    };
    let mut known: HashMap<(u32, u32), u32> = HashMap::new();
    for edge in edges.as_chunks::<2>().0 {
        let shared = of_edge
            .as_ref()
            .map(|features| features.get(&ordered(*edge)).copied().unwrap_or(NO_FEATURE));
        for corner in edge {
            let feature = shared.unwrap_or_else(|| part.feature(*corner as usize));
            let index = *known.entry((*corner, feature)).or_insert_with(|| {
                let at = *corner as usize * 3;
                lines
                    .positions
                    .extend_from_slice(&part.positions[at..at + 3]);
                lines.features.push(feature);
                lines.features.len() as u32 - 1
            });
            lines.indices.push(index);
        }
    }
    lines
}

fn ordered([a, b]: [u32; 2]) -> [u32; 2] {
    [a.min(b), a.max(b)]
}

/// The feature of a triangle at each edge: the first one's.
fn edge_features(part: &Part, by: &[u32]) -> HashMap<[u32; 2], u32> {
    let mut features = HashMap::new();
    for (&[a, b, c], feature) in part.indices.as_chunks::<3>().0.iter().zip(by) {
        for edge in [[a, b], [b, c], [c, a]] {
            features.entry(ordered(edge)).or_insert(*feature);
        }
    }
    features
}
