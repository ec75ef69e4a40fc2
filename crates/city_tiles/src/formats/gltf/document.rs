//! The parts of glTF's JSON that tiles are drawn from.

use crate::formats::error::{DecodeErrorKind, Fault};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A glTF document. What is not drawn (animations, skins, cameras) is not read.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Document {
    pub asset: Asset,
    pub extensions_used: Vec<String>,
    pub extensions_required: Vec<String>,
    pub extensions: Value,
    pub scene: Option<usize>,
    pub scenes: Vec<Scene>,
    pub nodes: Vec<Node>,
    pub meshes: Vec<Mesh>,
    pub accessors: Vec<Accessor>,
    pub buffer_views: Vec<BufferView>,
    pub buffers: Vec<Buffer>,
    pub materials: Vec<Material>,
    pub textures: Vec<Texture>,
    pub images: Vec<Image>,
    pub samplers: Vec<Sampler>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asset {
    pub copyright: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Scene {
    pub nodes: Vec<usize>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Node {
    pub children: Vec<usize>,
    pub mesh: Option<usize>,
    pub skin: Option<usize>,
    /// f64: a tile's place on the Earth may be in here.
    pub matrix: Option<[f64; 16]>,
    pub translation: Option<[f64; 3]>,
    pub rotation: Option<[f64; 4]>,
    pub scale: Option<[f64; 3]>,
    pub extensions: Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Mesh {
    pub primitives: Vec<Primitive>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Primitive {
    pub attributes: BTreeMap<String, usize>,
    pub indices: Option<usize>,
    pub material: Option<usize>,
    pub mode: Option<u32>,
    pub targets: Option<Value>,
    pub extensions: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Accessor {
    pub buffer_view: Option<usize>,
    #[serde(default)]
    pub byte_offset: usize,
    pub component_type: u32,
    #[serde(default)]
    pub normalized: bool,
    pub count: usize,
    #[serde(rename = "type")]
    pub kind: String,
    pub sparse: Option<Sparse>,
}

#[derive(Deserialize)]
pub(super) struct Sparse {
    pub count: usize,
    pub indices: SparseIndices,
    pub values: SparseValues,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SparseIndices {
    pub buffer_view: usize,
    #[serde(default)]
    pub byte_offset: usize,
    pub component_type: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SparseValues {
    pub buffer_view: usize,
    #[serde(default)]
    pub byte_offset: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BufferView {
    pub buffer: usize,
    #[serde(default)]
    pub byte_offset: usize,
    pub byte_length: usize,
    pub byte_stride: Option<usize>,
    #[serde(default)]
    pub extensions: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Buffer {
    pub uri: Option<String>,
    pub byte_length: usize,
    #[serde(default)]
    pub extensions: Value,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Material {
    pub pbr_metallic_roughness: Option<Pbr>,
    pub emissive_factor: [f32; 3],
    pub emissive_texture: Option<TextureInfo>,
    pub normal_texture: Option<NormalTexture>,
    pub occlusion_texture: Option<OcclusionTexture>,
    pub alpha_mode: Option<String>,
    pub alpha_cutoff: Option<f32>,
    pub double_sided: bool,
    pub extensions: Value,
    pub extras: Value,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Pbr {
    pub base_color_factor: Option<[f32; 4]>,
    pub base_color_texture: Option<TextureInfo>,
    pub metallic_factor: Option<f32>,
    pub roughness_factor: Option<f32>,
    pub metallic_roughness_texture: Option<TextureInfo>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TextureInfo {
    pub index: usize,
    pub tex_coord: u32,
    pub extensions: Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct NormalTexture {
    #[serde(flatten)]
    pub info: TextureInfo,
    pub scale: Option<f32>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct OcclusionTexture {
    #[serde(flatten)]
    pub info: TextureInfo,
    pub strength: Option<f32>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Texture {
    pub source: Option<usize>,
    pub sampler: Option<usize>,
    pub extensions: Value,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Image {
    pub uri: Option<String>,
    pub buffer_view: Option<usize>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Sampler {
    pub wrap_s: Option<u32>,
    pub wrap_t: Option<u32>,
}

impl Document {
    pub(super) fn from_json(value: Value) -> Result<Self, Fault> {
        serde_json::from_value(value)
            .map_err(|e| Fault::new("glTF JSON", DecodeErrorKind::Json(e.to_string())))
    }

    pub(super) fn extension(&self, name: &str) -> Option<&Value> {
        self.extensions.get(name)
    }

    /// An object by index.
    pub(super) fn get<'a, T>(
        &self,
        list: &'a [T],
        name: &str,
        index: usize,
    ) -> Result<&'a T, Fault> {
        list.get(index).ok_or_else(|| {
            Fault::invalid(
                format!("{name}[{index}]"),
                format!("does not exist; there are {}", list.len()),
            )
        })
    }
}

impl Buffer {
    /// Only there for readers without meshopt; its bytes are not needed.
    pub(super) fn is_fallback(&self) -> bool {
        ["EXT_meshopt_compression", "KHR_meshopt_compression"]
            .iter()
            .any(|name| {
                let fallback = self
                    .extensions
                    .get(name)
                    .and_then(|json| json.get("fallback"));
                fallback.and_then(Value::as_bool).unwrap_or(false)
            })
    }
}

/// A list of exactly `N` numbers.
pub(super) fn numbers<const N: usize>(json: &Value) -> Option<[f64; N]> {
    let list: Option<Vec<f64>> = json.as_array()?.iter().map(Value::as_f64).collect();
    list?.try_into().ok()
}

/// A whole number that is an index or a count.
pub(super) fn whole(json: &Value, key: &str) -> Option<usize> {
    json.get(key)?
        .as_u64()
        .and_then(|number| usize::try_from(number).ok())
}
