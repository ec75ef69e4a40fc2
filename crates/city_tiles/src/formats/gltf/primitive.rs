//! One primitive of a mesh: its attributes as plain lists, its indices as a plain list.

use super::accessor::{Component, Numbers};
use super::document::{Primitive, TextureInfo, numbers, whole};
use super::features::Features;
use super::{Context, draco, material, outline, shape, surface};
use crate::formats::error::{DecodeErrorKind, Fault, limit};
use crate::prepared::{NO_FEATURE, Topology};

/// A primitive in its mesh's frame. Lists are by vertex; empty where the content has none.
pub(super) struct Part {
    pub topology: Topology,
    /// Index of the material; the default material comes after the file's own.
    pub material: usize,
    /// Three per vertex, finite.
    pub positions: Vec<f32>,
    /// Three per vertex.
    pub normals: Vec<f32>,
    pub colors: Vec<[u8; 4]>,
    pub uvs: Vec<[f32; 2]>,
    pub features: Vec<u32>,
    pub indices: Vec<u32>,
    /// Which vertex of the file each vertex is, where `surface` needs it.
    pub rows: Vec<u32>,
    /// Index of what is looked up at points.
    pub surface: Option<u32>,
    /// Its outline: another part at the same place.
    pub outline: Option<Box<Part>>,
}

impl Part {
    pub(super) fn vertices(&self) -> usize {
        self.positions.len() / 3
    }

    pub(super) fn feature(&self, vertex: usize) -> u32 {
        self.features.get(vertex).copied().unwrap_or(NO_FEATURE)
    }

    /// The same vertices in another order, some more than once.
    fn gather(&mut self, source: &[u32]) {
        fn pick<T: Copy>(list: &mut Vec<T>, source: &[u32], width: usize) {
            if !list.is_empty() {
                let from = |&old: &u32| &list[old as usize * width..(old as usize + 1) * width];
                *list = source.iter().flat_map(from).copied().collect();
            }
        }
        pick(&mut self.positions, source, 3);
        pick(&mut self.normals, source, 3);
        pick(&mut self.colors, source, 1);
        pick(&mut self.uvs, source, 1);
        pick(&mut self.features, source, 1);
        pick(&mut self.rows, source, 1);
    }
}

/// Reads a primitive; none where there is nothing to draw.
pub(super) fn read(
    context: &mut Context<'_>,
    features: &mut Features,
    mesh: usize,
    index: usize,
    primitive: &Primitive,
) -> Result<Option<Part>, Fault> {
    let part = read_entered(context, features, mesh, index, primitive);
    draco::leave(context);
    part
}

fn read_entered(
    context: &mut Context<'_>,
    features: &mut Features,
    mesh: usize,
    index: usize,
    primitive: &Primitive,
) -> Result<Option<Part>, Fault> {
    let place = format!("meshes[{mesh}].primitives[{index}]");
    let document = context.document;
    if primitive.targets.is_some() {
        context
            .warnings
            .insert("morph targets are not drawn yet".to_owned());
    }
    let Some(&position) = primitive.attributes.get("POSITION") else {
        context.warnings.insert(format!("{place} has no positions"));
        return Ok(None);
    };
    if let Err(fault) = draco::enter(context, primitive, &place) {
        // The accessors may have the same numbers uncompressed.
        let stored = document.get(&document.accessors, "accessors", position)?;
        if stored.buffer_view.is_none() && stored.sparse.is_none() {
            return Err(fault);
        }
        context.warnings.insert(fault.text());
    }
    let positions = positions(context, position, &place)?;
    let vertices = positions.len() / 3;
    let (topology, indices) = indices(context, primitive, vertices, &place)?;
    if indices.is_empty() {
        return Ok(None);
    }
    let found = primitive
        .material
        .and_then(|material| document.materials.get(material));
    if primitive.material.is_some() && found.is_none() {
        context
            .warnings
            .insert(format!("{place} has a material that does not exist"));
    }
    let texture = found.and_then(material::leading_texture);
    let mut part = Part {
        topology,
        material: primitive
            .material
            .filter(|_| found.is_some())
            .unwrap_or(document.materials.len()),
        normals: attribute(context, primitive, "NORMAL", &[3], vertices, &place)?
            .map_or_else(Vec::new, |n| n.unit_floats()),
        colors: colors(context, primitive, vertices, &place)?,
        uvs: texture_coordinates(context, primitive, texture.as_ref(), vertices, &place)?,
        features: features
            .of_primitive(context, (mesh, index), primitive, vertices)
            .unwrap_or_default(),
        positions,
        indices,
        rows: Vec::new(),
        surface: features.surface(context, (mesh, index), primitive, vertices),
        outline: None,
    };
    if part.surface.is_some() {
        part.rows = (0..u32::try_from(vertices).unwrap_or(u32::MAX)).collect();
    }
    let by_texture = features.points().by_texture(&part);
    part.outline = outline::read(context, primitive, &place, &part, by_texture.as_deref());
    if let Some(by) = by_texture {
        let split = shape::by_feature(&part.indices, surface::corners(part.topology), &by);
        part.gather(&split.source);
        part.features = split.features;
        part.indices = split.indices;
    }
    if part.topology == Topology::Triangles && part.normals.is_empty() {
        let flat = shape::flat(&part.positions, &part.indices);
        part.gather(&flat.source);
        part.normals = flat.normals.into_flattened();
        part.indices = flat.indices;
    }
    features.points().keep_rows(&part);
    Ok(Some(part))
}

fn positions(context: &Context<'_>, accessor: usize, place: &str) -> Result<Vec<f32>, Fault> {
    let place = format!("{place}.attributes.POSITION");
    let numbers = Numbers::read(context, accessor).map_err(|fault| fault.inside(&place))?;
    if numbers.width != 3 {
        return Err(Fault::invalid(place, "must be VEC3"));
    }
    limit(
        &place,
        "vertices",
        numbers.count,
        context.input.options.max_vertices,
    )?;
    let positions = numbers.floats();
    match positions.iter().position(|number| !number.is_finite()) {
        Some(at) => Err(Fault::new(place, DecodeErrorKind::NotFinite(at as u64 / 3))),
        None => Ok(positions),
    }
}

fn indices(
    context: &Context<'_>,
    primitive: &Primitive,
    vertices: usize,
    place: &str,
) -> Result<(Topology, Vec<u32>), Fault> {
    let place = format!("{place}.indices");
    let compressed = context.draco.indices();
    // A stream has a list of triangles, also where the primitive's mode is a strip.
    let mode = match compressed {
        Some(_) => 4,
        None => primitive.mode.unwrap_or(4),
    };
    let indices = match (compressed, primitive.indices) {
        (Some(indices), _) => indices,
        (None, None) => (0..u32::try_from(vertices).unwrap_or(u32::MAX)).collect(),
        (None, Some(accessor)) => {
            let numbers = Numbers::read(context, accessor).map_err(|fault| fault.inside(&place))?;
            if numbers.width != 1
                || !matches!(
                    numbers.component,
                    Component::U8 | Component::U16 | Component::U32
                )
            {
                return Err(Fault::invalid(place, "must be unsigned whole numbers"));
            }
            numbers.indices().unwrap_or_default()
        }
    };
    if let Some(index) = indices.iter().find(|index| **index as usize >= vertices) {
        return Err(Fault::invalid(
            place,
            format!("index {index} is beyond {vertices} vertices"),
        ));
    }
    let (topology, indices) = shape::list(mode, indices)
        .ok_or_else(|| Fault::invalid(&place, format!("mode {mode} is not known")))?;
    limit(
        &place,
        "indices",
        indices.len(),
        context.input.options.max_vertices.saturating_mul(3),
    )?;
    Ok((topology, indices))
}

fn attribute(
    context: &Context<'_>,
    primitive: &Primitive,
    name: &str,
    widths: &[usize],
    vertices: usize,
    place: &str,
) -> Result<Option<Numbers>, Fault> {
    let Some(&accessor) = primitive.attributes.get(name) else {
        return Ok(None);
    };
    let place = format!("{place}.attributes.{name}");
    let numbers = Numbers::read(context, accessor).map_err(|fault| fault.inside(&place))?;
    if !widths.contains(&numbers.width) {
        return Err(Fault::invalid(
            place,
            format!("has {} numbers per vertex", numbers.width),
        ));
    }
    if numbers.count != vertices {
        return Err(Fault::invalid(
            place,
            format!("{} elements for {vertices} vertices", numbers.count),
        ));
    }
    Ok(Some(numbers))
}

fn colors(
    context: &Context<'_>,
    primitive: &Primitive,
    vertices: usize,
    place: &str,
) -> Result<Vec<[u8; 4]>, Fault> {
    let Some(numbers) = attribute(context, primitive, "COLOR_0", &[3, 4], vertices, place)? else {
        return Ok(Vec::new());
    };
    let byte = |value: f32| (value * 255.0).round() as u8;
    let color = |c: &[f32]| {
        [
            byte(c[0]),
            byte(c[1]),
            byte(c[2]),
            c.get(3).map_or(255, |a| byte(*a)),
        ]
    };
    Ok(numbers
        .unit_floats()
        .chunks_exact(numbers.width)
        .map(color)
        .collect())
}

/// The coordinates that the base colour texture asks for, moved as it asks; without a texture the
/// first set as it stands, which shaders of [`crate::prepared::SurfaceClass`] read.
pub(super) fn texture_coordinates(
    context: &Context<'_>,
    primitive: &Primitive,
    texture: Option<&TextureInfo>,
    vertices: usize,
    place: &str,
) -> Result<Vec<[f32; 2]>, Fault> {
    let transform = texture.and_then(|texture| texture.extensions.get("KHR_texture_transform"));
    let own = texture.map_or(0, |texture| texture.tex_coord as usize);
    let set = transform
        .and_then(|json| whole(json, "texCoord"))
        .unwrap_or(own);
    let name = format!("TEXCOORD_{set}");
    let Some(numbers) = attribute(context, primitive, &name, &[2], vertices, place)? else {
        return Ok(Vec::new());
    };
    let flat = numbers.floats();
    let pairs = flat
        .as_chunks::<2>()
        .0
        .iter()
        .map(|uv| uv.map(|n| if n.is_finite() { n } else { 0.0 }));
    let Some(json) = transform else {
        return Ok(pairs.collect());
    };
    let pair = |key: &str, otherwise: f32| {
        let pair = json.get(key).and_then(self::numbers::<2>);
        pair.map_or([otherwise; 2], |pair| pair.map(|n| n as f32))
    };
    let (offset, scale) = (pair("offset", 0.0), pair("scale", 1.0));
    let rotation = json
        .get("rotation")
        .and_then(serde_json::Value::as_f64)
        .unwrap_or(0.0);
    let (sin, cos) = (rotation as f32).sin_cos();
    Ok(pairs
        .map(|[u, v]| {
            // Counter-clockwise in an image whose v points down (KHR_texture_transform).
            let (u, v) = (u * scale[0], v * scale[1]);
            [cos * u + sin * v + offset[0], cos * v - sin * u + offset[1]]
        })
        .collect())
}
