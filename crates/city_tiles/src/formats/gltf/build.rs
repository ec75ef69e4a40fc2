//! Parts to primitives: f64 placing, one origin for the tile, one primitive per material.

use super::Context;
use super::features::Features;
use super::primitive::{self, Part};
use super::scene::Placed;
use crate::formats::error::{Fault, limit};
use crate::prepared::{
    PreparedImage, PreparedMaterial, PreparedPrimitive, PreparedTile, SurfacePart, SurfaceTable,
    Topology, Vertex, snorm_normal,
};
use glam::{DMat3, DMat4, DVec3};
use std::collections::BTreeMap;

/// Content larger than this, metres, has lost its units: f32 keeps no shape at such sizes.
const LARGEST_M: f64 = 1.0e10;

/// Collects the placed parts of a tile.
pub(super) struct Builder {
    parts: Vec<(DMat4, Part)>,
    vertices: usize,
    indices: usize,
    primitives: usize,
    outlined: bool,
    low: DVec3,
    high: DVec3,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            parts: Vec::new(),
            vertices: 0,
            indices: 0,
            primitives: 0,
            outlined: false,
            low: DVec3::INFINITY,
            high: DVec3::NEG_INFINITY,
        }
    }

    /// Reads all primitives of a mesh at its place.
    pub(super) fn add_mesh(
        &mut self,
        context: &mut Context<'_>,
        features: &mut Features,
        placed: &Placed,
    ) -> Result<(), Fault> {
        let document = context.document;
        let options = context.input.options;
        let mesh = document.get(&document.meshes, "meshes", placed.mesh)?;
        for (index, primitive) in mesh.primitives.iter().enumerate() {
            let place = format!("meshes[{}].primitives[{index}]", placed.mesh);
            self.primitives += 1;
            limit(&place, "primitives", self.primitives, options.max_nodes)?;
            let Some(mut part) = primitive::read(context, features, placed.mesh, index, primitive)?
            else {
                continue;
            };
            let outline = part.outline.take();
            self.outlined |= outline.is_some();
            for part in [Some(&part), outline.as_deref()].into_iter().flatten() {
                self.vertices += part.vertices();
                self.indices += part.indices.len();
            }
            limit(&place, "vertices", self.vertices, options.max_vertices)?;
            limit(
                &place,
                "indices",
                self.indices,
                options.max_vertices.saturating_mul(3),
            )?;
            for position in part.positions.as_chunks::<3>().0 {
                let position = placed.tile_from_mesh.transform_point3(point(*position));
                self.low = self.low.min(position);
                self.high = self.high.max(position);
            }
            let (low, high) = (self.low, self.high);
            if !low.is_finite() || !high.is_finite() || (high - low).max_element() > LARGEST_M {
                let size = (high - low).max_element();
                return Err(Fault::invalid(
                    place,
                    format!("the content is {size:e} m large; are its units metres?"),
                ));
            }
            self.parts.push((placed.tile_from_mesh, part));
            self.parts
                .extend(outline.map(|outline| (placed.tile_from_mesh, *outline)));
        }
        Ok(())
    }

    /// Whether any part is an outline.
    pub(super) fn outlined(&self) -> bool {
        self.outlined
    }

    /// The tile, without its features and texts.
    pub(super) fn finish(
        self,
        materials: Vec<PreparedMaterial>,
        images: Vec<PreparedImage>,
    ) -> Result<PreparedTile, Fault> {
        let origin = if self.parts.is_empty() {
            DVec3::ZERO
        } else {
            (self.low + self.high) / 2.0
        };
        let mut merged = Merged::new();
        let mut surface = Vec::new();
        for (tile_from_mesh, part) in self.parts {
            let has_normals = !part.normals.is_empty();
            let key = (part.material, part.topology, has_normals);
            let target = merged.entry(key).or_insert_with(|| PreparedPrimitive {
                topology: part.topology,
                vertices: Vec::new(),
                indices: Vec::new(),
                material: u32::try_from(part.material).unwrap_or(u32::MAX),
                has_normals,
            });
            let first = target.vertices.len();
            surface.extend(part.surface.map(|data| (key, first, data)));
            append(target, &tile_from_mesh, origin, &part)?;
        }
        let surface = surface_parts(&merged, surface);
        Ok(PreparedTile {
            origin,
            primitives: merged.into_values().collect(),
            materials,
            images,
            surface: SurfaceTable {
                parts: surface,
                ..SurfaceTable::default()
            },
            ..PreparedTile::default()
        })
    }
}

/// What distinguishes primitives of a tile: material, topology, whether there are normals.
type Merged = BTreeMap<(usize, Topology, bool), PreparedPrimitive>;

/// Where data of points stand, by the primitives' places in the tile, in order.
fn surface_parts(
    merged: &Merged,
    placed: Vec<((usize, Topology, bool), usize, u32)>,
) -> Vec<SurfacePart> {
    let places: BTreeMap<_, _> = merged.keys().zip(0..).collect();
    let part = |(key, first, data): ((usize, Topology, bool), usize, u32)| {
        Some(SurfacePart {
            primitive: *places.get(&key)?,
            first_vertex: u32::try_from(first).ok()?,
            data,
        })
    };
    let mut parts: Vec<SurfacePart> = placed.into_iter().filter_map(part).collect();
    parts.sort_by_key(|part| (part.primitive, part.first_vertex));
    parts
}

fn point(position: [f32; 3]) -> DVec3 {
    glam::Vec3::from_array(position).as_dvec3()
}

fn append(
    target: &mut PreparedPrimitive,
    tile_from_mesh: &DMat4,
    origin: DVec3,
    part: &Part,
) -> Result<(), Fault> {
    let linear = DMat3::from_mat4(*tile_from_mesh);
    let mirrored = linear.determinant() < 0.0;
    // The cofactors are the inverse transpose without the division, so flat matrices work too.
    let (x, y, z) = (linear.x_axis, linear.y_axis, linear.z_axis);
    let side = if mirrored { -1.0 } else { 1.0 };
    let normal_from_mesh = DMat3::from_cols(y.cross(z), z.cross(x), x.cross(y)) * side;
    let base = u32::try_from(target.vertices.len()).ok();
    let base = base.ok_or_else(|| Fault::invalid("the tile", "has too many vertices"))?;
    let normals = part.normals.as_chunks::<3>().0;
    target.vertices.reserve(part.vertices());
    for (index, position) in part.positions.as_chunks::<3>().0.iter().enumerate() {
        let position = tile_from_mesh.transform_point3(point(*position)) - origin;
        let normal = normals
            .get(index)
            .map_or(DVec3::Z, |normal| normal_from_mesh * point(*normal));
        target.vertices.push(Vertex {
            position: position.as_vec3().to_array(),
            normal: snorm_normal(normal),
            color: part.colors.get(index).copied().unwrap_or([255; 4]),
            uv: part.uvs.get(index).copied().unwrap_or_default(),
            feature: part.feature(index),
        });
    }
    target.indices.reserve(part.indices.len());
    if mirrored && part.topology == Topology::Triangles {
        let turned = part
            .indices
            .as_chunks::<3>()
            .0
            .iter()
            .flat_map(|t| [t[0], t[2], t[1]]);
        target.indices.extend(turned.map(|index| base + index));
    } else {
        target
            .indices
            .extend(part.indices.iter().map(|index| base + index));
    }
    Ok(())
}
