//! Parts to primitives: f64 placing, one origin for the tile, one primitive per material.

use super::Context;
use super::features::Features;
use super::instancing::{self, Instance};
use super::primitive::{self, Part};
use super::scene::Placed;
use crate::formats::DecodeOptions;
use crate::formats::error::{DecodeErrorKind, Fault, limit};
use crate::formats::extent::Extent;
use crate::prepared::{
    NO_FEATURE, PreparedImage, PreparedMaterial, PreparedPrimitive, PreparedTile, SurfacePart,
    SurfaceTable, Topology, Vertex, snorm_normal,
};
use glam::{DMat3, DMat4, DVec3};
use std::collections::BTreeMap;

/// Collects the placed parts of a tile, and expands instances into plain geometry.
pub(super) struct Builder {
    /// Where the whole model stands: once, or at each instance of an i3dm.
    copies: Vec<Instance>,
    groups: Vec<Group>,
    vertices: usize,
    indices: usize,
    primitives: usize,
    instances: usize,
    outlined: bool,
}

/// The parts of a mesh at a node, and the instances of that node.
struct Group {
    mesh: usize,
    tile_from_node: DMat4,
    instances: Vec<Instance>,
    parts: Vec<(usize, Part)>,
}

impl Builder {
    pub(super) fn new(copies: Vec<Instance>) -> Self {
        Self {
            copies,
            groups: Vec::new(),
            vertices: 0,
            indices: 0,
            primitives: 0,
            instances: 0,
            outlined: false,
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
        let instances = instancing::read(context, features, placed.node)?;
        self.instances = self.instances.saturating_add(instances.len());
        let place = format!("nodes[{}]", placed.node);
        limit(&place, "instances", self.instances, options.max_vertices)?;
        let mut parts = Vec::with_capacity(mesh.primitives.len());
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
            limit(&place, "indices", self.indices, most_indices(options))?;
            parts.push((index, part));
            parts.extend(outline.map(|outline| (index, *outline)));
        }
        self.groups.push(Group {
            mesh: placed.mesh,
            tile_from_node: placed.tile_from_mesh,
            instances,
            parts,
        });
        Ok(())
    }

    /// Whether any part is an outline.
    pub(super) fn outlined(&self) -> bool {
        self.outlined
    }

    /// The tile, without its features and texts. Where all instances would pass the limits, as many
    /// are drawn as fit, spread over all, and a warning says so.
    pub(super) fn finish(
        mut self,
        context: &mut Context<'_>,
        materials: Vec<PreparedMaterial>,
        images: Vec<PreparedImage>,
    ) -> Result<PreparedTile, Fault> {
        if let Some(warning) = self.thin_out(context.input.options)? {
            context.warnings.insert(warning);
        }
        let mut extent = Extent::new();
        for group in &self.groups {
            for (index, part) in &group.parts {
                for (tile_from_mesh, _) in group.places(&self.copies) {
                    for position in part.positions.as_chunks::<3>().0 {
                        extent.add(tile_from_mesh.transform_point3(point(*position)));
                    }
                }
                extent.check(&format!("meshes[{}].primitives[{index}]", group.mesh))?;
            }
        }
        let origin = extent.middle();
        let mut merged = Merged::new();
        let mut surface = Vec::new();
        for group in &self.groups {
            for (_, part) in &group.parts {
                let has_normals = !part.normals.is_empty();
                let key = (part.material, part.topology, has_normals);
                for (tile_from_mesh, feature) in group.places(&self.copies) {
                    let target = merged.entry(key).or_insert_with(|| PreparedPrimitive {
                        topology: part.topology,
                        vertices: Vec::new(),
                        indices: Vec::new(),
                        material: u32::try_from(part.material).unwrap_or(u32::MAX),
                        has_normals,
                    });
                    let first = target.vertices.len();
                    surface.extend(part.surface.map(|data| (key, first, data)));
                    append(target, &tile_from_mesh, feature, origin, part)?;
                }
            }
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

    /// Drops instances until what is left is within the limits; the warning that says so.
    fn thin_out(&mut self, options: &DecodeOptions) -> Result<Option<String>, Fault> {
        let whole = self.copies.len() > 1;
        let weighed = |count: fn(&Part) -> usize, most: usize| {
            let mut load = Load {
                fixed: 0,
                instanced: 0,
                most: most as u128,
            };
            for group in &self.groups {
                let once: usize = group.parts.iter().map(|(_, part)| count(part)).sum();
                let all = once as u128 * group.instances.len() as u128 * self.copies.len() as u128;
                if whole || group.instances.len() > 1 {
                    load.instanced += all;
                } else {
                    load.fixed += all;
                }
            }
            load
        };
        let loads = [
            ("vertices", weighed(Part::vertices, options.max_vertices)),
            (
                "indices",
                weighed(|p| p.indices.len(), most_indices(options)),
            ),
        ];
        let Some((what, load)) = loads.iter().find(|(_, load)| load.is_too_much()) else {
            return Ok(None);
        };
        let fault = || {
            let found = u64::try_from(load.fixed + load.instanced).unwrap_or(u64::MAX);
            let limit = load.most as u64;
            Fault::new("instances", DecodeErrorKind::Limit { what, found, limit })
        };
        let kept = |all: usize| loads.iter().map(|(_, load)| load.kept(all)).min();
        let (mut drawn, mut of) = (0, 0);
        let mut thin = |list: &mut Vec<Instance>| {
            let fit = kept(list.len()).unwrap_or(0);
            (drawn, of) = (drawn + fit, of + list.len());
            spread(list, fit);
        };
        if whole {
            thin(&mut self.copies);
        } else {
            let instanced = self.groups.iter_mut().filter(|g| g.instances.len() > 1);
            instanced.for_each(|group| thin(&mut group.instances));
        }
        if drawn == 0 && load.fixed == 0 {
            return Err(fault());
        }
        Ok(Some(format!(
            "{drawn} of {of} instances are drawn: all would be more than the limit of {} {what}",
            load.most
        )))
    }
}

impl Group {
    /// Each place of the group's parts: where, and the instance's feature.
    fn places<'a>(&'a self, copies: &'a [Instance]) -> impl Iterator<Item = (DMat4, u32)> + 'a {
        copies.iter().flat_map(move |copy| {
            self.instances.iter().map(move |instance| {
                let tile_from_mesh =
                    copy.parent_from_instance * self.tile_from_node * instance.parent_from_instance;
                let feature = match instance.feature {
                    NO_FEATURE => copy.feature,
                    own => own,
                };
                (tile_from_mesh, feature)
            })
        })
    }
}

/// How much of one thing the parts come to, against how much there may be.
struct Load {
    /// Of what stands once.
    fixed: u128,
    /// Of all instances.
    instanced: u128,
    most: u128,
}

impl Load {
    fn is_too_much(&self) -> bool {
        self.fixed + self.instanced > self.most
    }

    /// How many of `all` instances fit.
    fn kept(&self, all: usize) -> usize {
        if !self.is_too_much() || self.instanced == 0 {
            return all;
        }
        let room = self.most.saturating_sub(self.fixed);
        usize::try_from(all as u128 * room / self.instanced).unwrap_or(all)
    }
}

/// Keeps `count` items, evenly spread: a forest with gaps, and not with a side missing.
fn spread<T>(list: &mut Vec<T>, count: usize) {
    let all = list.len();
    let mut index = 0;
    list.retain(|_| {
        // Item i is kept where i * count / all steps up.
        let step = |i: usize| i as u128 * count as u128 / all as u128;
        index += 1;
        step(index) > step(index - 1)
    });
}

fn most_indices(options: &DecodeOptions) -> usize {
    options.max_vertices.saturating_mul(3)
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
    instance_feature: u32,
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
            // A vertex's own feature says more than that of its instance.
            feature: match part.feature(index) {
                NO_FEATURE => instance_feature,
                own => own,
            },
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_spread_evenly() {
        for (all, count) in [(10, 3), (10, 10), (1, 0), (1000, 7), (3, 2)] {
            let mut list: Vec<usize> = (0..all).collect();
            spread(&mut list, count);
            assert_eq!(list.len(), count, "{all}");
            let gap = list.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(1);
            assert!(gap <= all.div_ceil(count.max(1)), "{list:?}");
        }
    }
}
