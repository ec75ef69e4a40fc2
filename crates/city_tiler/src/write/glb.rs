//! One tile content: a binary glTF with quantised, compressed streams.
//!
//! Positions are u16 on a grid over the content (KHR_mesh_quantization), normals
//! i8, and every stream and index list goes through EXT_meshopt_compression. The
//! uncompressed buffer has no URI and says `fallback`, as that extension asks.

use glam::DVec3;

use super::json::{self, Document};
use super::meshopt::Encoder;
use super::table::{Schema, Table};
use super::{EncodeError, pad_to_8};

/// A surface's look. Colours are linear, as in glTF.
#[derive(Debug, Clone, PartialEq)]
pub struct Material {
    /// The material's name.
    pub name: &'static str,
    /// Base colour, linear RGBA.
    pub base_color: [f32; 4],
    /// 0 dielectric to 1 metal.
    pub metallic: f32,
    /// 0 mirror to 1 matt.
    pub roughness: f32,
    /// Written as `extras.belvedere_surface`: what kind of surface it is.
    pub surface: &'static str,
}

/// Triangles that share a material. All streams have one entry per vertex; an
/// empty optional stream is left out.
#[derive(Debug, Clone, Default)]
pub struct Primitive {
    /// Index into [`Content::materials`].
    pub material: usize,
    /// East, north, up in metres from the content's origin.
    pub positions: Vec<[f32; 3]>,
    /// Unit normals times 127: east, north, up.
    pub normals: Vec<[i8; 3]>,
    /// Linear RGBA; optional.
    pub colors: Vec<[u8; 4]>,
    /// Texture coordinates; optional.
    pub uvs: Vec<[f32; 2]>,
    /// Feature of each vertex, a row of the property table; optional.
    pub features: Vec<u32>,
    /// Index into [`Content::tables`] of the features' property table.
    pub table: Option<usize>,
    /// The id of what belongs to no feature: 0, or none where every vertex belongs to one.
    pub null_feature: Option<u32>,
    /// What the features are ("building").
    pub label: &'static str,
    /// Triangle list.
    pub indices: Vec<u32>,
}

/// Everything in one tile content.
#[derive(Debug, Clone)]
pub struct Content<'a> {
    /// Where the positions count from, in the tileset's z-up frame, metres.
    pub origin: DVec3,
    /// The meshes; those without triangles are left out.
    pub primitives: Vec<Primitive>,
    /// The materials that the primitives use.
    pub materials: &'a [Material],
    /// The schema of the tables.
    pub schema: &'a Schema,
    /// Property tables of the features.
    pub tables: Vec<Table>,
    /// `asset.copyright`.
    pub copyright: &'a str,
}

/// An encoded content and what is in it.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// The GLB file.
    pub bytes: Vec<u8>,
    /// Lowest corner of the content in the tileset's z-up frame, metres.
    pub min: DVec3,
    /// Highest corner of the content in the tileset's z-up frame, metres.
    pub max: DVec3,
    /// How many triangles.
    pub triangles: u64,
}

fn y_up(p: [f32; 3]) -> [f32; 3] {
    [p[0], p[2], -p[1]]
}

/// The grid that positions are rounded to: the same for all primitives.
struct Grid {
    min: [f32; 3],
    step: f32,
}

impl Grid {
    fn of(primitives: &[&Primitive]) -> Self {
        let (mut min, mut max) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
        for p in primitives.iter().flat_map(|p| &p.positions) {
            for (axis, c) in y_up(*p).into_iter().enumerate() {
                min[axis] = min[axis].min(c);
                max[axis] = max[axis].max(c);
            }
        }
        let extent = (0..3).map(|a| max[a] - min[a]).fold(0.0_f32, f32::max);
        Self {
            min,
            step: (extent / 65535.0).max(1e-6),
        }
    }

    fn round(&self, p: [f32; 3]) -> [u16; 3] {
        let p = y_up(p);
        [0, 1, 2].map(|a| {
            ((p[a] - self.min[a]) / self.step)
                .round()
                .clamp(0.0, 65535.0) as u16
        })
    }
}

fn check(index: usize, p: &Primitive, content: &Content<'_>) -> Result<(), EncodeError> {
    let n = p.positions.len();
    let optional = |len: usize| len == 0 || len == n;
    let fail = |what| {
        Err(EncodeError::Mesh {
            primitive: index,
            what,
        })
    };
    if p.normals.len() != n || !optional(p.colors.len()) || !optional(p.uvs.len()) {
        return fail("its vertex streams have different lengths");
    }
    if !optional(p.features.len()) {
        return fail("its feature ids are not one per vertex");
    }
    if !p.indices.len().is_multiple_of(3) || p.indices.iter().any(|i| *i as usize >= n) {
        return fail("its triangle list points outside its vertices");
    }
    if p.material >= content.materials.len() {
        return fail("its material does not exist");
    }
    if p.positions.iter().flatten().any(|c| !c.is_finite()) {
        return fail("a position is not a number");
    }
    if let Some(table) = p.table {
        let Some(table) = content.tables.get(table) else {
            return fail("its property table does not exist");
        };
        if p.features.iter().any(|f| *f as usize >= table.count) {
            return fail("a feature id is beyond its property table");
        }
    }
    Ok(())
}

/// Gathers one vertex stream in a new vertex order.
fn gather<T: Copy>(stream: &[T], old: &[u32]) -> Vec<T> {
    old.iter()
        .filter_map(|i| stream.get(*i as usize).copied())
        .collect()
}

/// Encodes a content. The same input gives the same bytes.
pub fn encode(content: &Content<'_>, encoder: &mut Encoder) -> Result<Encoded, EncodeError> {
    let mut document = Document::new(content.copyright, content.materials);
    let drawn: Vec<&Primitive> = content
        .primitives
        .iter()
        .filter(|p| !p.indices.is_empty())
        .collect();
    let grid = Grid::of(&drawn);
    let mut triangles = 0;
    let (mut min, mut max) = ([u16::MAX; 3], [0_u16; 3]);
    for (index, primitive) in drawn.iter().enumerate() {
        check(index, primitive, content)?;
        let (indices, old) = encoder.reorder(&primitive.indices, primitive.positions.len())?;
        triangles += indices.len() as u64 / 3;
        let positions: Vec<[u16; 3]> = gather(&primitive.positions, &old)
            .into_iter()
            .map(|p| grid.round(p))
            .collect();
        let bounds = json::Bounds::of(&positions);
        for axis in 0..3 {
            min[axis] = min[axis].min(bounds.min[axis]);
            max[axis] = max[axis].max(bounds.max[axis]);
        }
        let mut streams = json::Streams::new(&mut document, encoder, old.len());
        streams.positions(&positions, bounds)?;
        streams.normals(&gather(&primitive.normals, &old))?;
        streams.colors(&gather(&primitive.colors, &old))?;
        streams.uvs(&gather(&primitive.uvs, &old))?;
        streams.features(&gather(&primitive.features, &old))?;
        let attributes = streams.finish();
        let accessor = document.triangles(encoder, &indices, old.len())?;
        let feature_count = primitive
            .table
            .and_then(|t| content.tables.get(t))
            .map_or_else(
                || {
                    let most = primitive.features.iter().max();
                    let counted = usize::from(primitive.null_feature.is_none());
                    most.map_or(0, |most| *most as usize + counted)
                },
                |t| t.count,
            );
        document.primitive(attributes, accessor, primitive, feature_count);
    }
    for table in &content.tables {
        document.table(table, content.schema)?;
    }
    if !content.tables.is_empty() {
        document.schema(content.schema);
    }
    let o = content.origin;
    let corner = [0, 1, 2].map(|a| f64::from(grid.min[a]));
    let translation = [o.x + corner[0], o.z + corner[1], corner[2] - o.y];
    let step = f64::from(grid.step);
    document.node(translation, step);
    let at = |axis: usize, q: u16| translation[axis] + step * f64::from(q);
    let json = document.finish_json()?;
    let bytes = glb(&json, document.bin());
    Ok(Encoded {
        bytes,
        min: DVec3::new(at(0, min[0]), -at(2, max[2]), at(1, min[1])),
        max: DVec3::new(at(0, max[0]), -at(2, min[2]), at(1, max[1])),
        triangles,
    })
}

/// Puts the two chunks together. The binary chunk's data starts at a multiple of
/// 8, as EXT_structural_metadata wants of its property tables.
fn glb(json: &[u8], bin: &[u8]) -> Vec<u8> {
    let mut json = json.to_vec();
    pad_to_8(&mut json, 4, b' ');
    let total = 12 + 8 + json.len() + 8 + bin.len();
    let mut out = Vec::with_capacity(total);
    out.extend_from_slice(b"glTF");
    for word in [2, total as u32, json.len() as u32, 0x4E4F_534A] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(&json);
    for word in [bin.len() as u32, 0x004E_4942] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(bin);
    out
}
