//! The glTF document of a content, and the buffer views that it names.

use serde::Serialize;

use super::glb::{Material, Primitive};
use super::meshopt::Encoder;
use super::table::{Ordered, Schema, SchemaJson, Table};
use super::{EncodeError, pad_to_8};

const FLOAT: u32 = 5126;
const U8: u32 = 5121;
const I8: u32 = 5120;
const U16: u32 = 5123;
const U32: u32 = 5125;
const ARRAY_BUFFER: u32 = 34962;
const ELEMENT_ARRAY_BUFFER: u32 = 34963;

#[derive(Serialize)]
struct Asset<'a> {
    version: &'static str,
    generator: &'static str,
    copyright: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MeshoptJson {
    buffer: u32,
    byte_offset: usize,
    byte_length: usize,
    byte_stride: usize,
    mode: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct MeshoptView {
    #[serde(rename = "EXT_meshopt_compression")]
    meshopt: MeshoptJson,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BufferView {
    buffer: u32,
    byte_offset: usize,
    byte_length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_stride: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<MeshoptView>,
}

#[derive(Serialize)]
struct Fallback {
    fallback: bool,
}

#[derive(Serialize)]
struct BufferExtensions {
    #[serde(rename = "EXT_meshopt_compression")]
    meshopt: Fallback,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Buffer {
    byte_length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<BufferExtensions>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accessor {
    buffer_view: usize,
    component_type: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    normalized: bool,
    count: usize,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<[u16; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<[u16; 3]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FeatureId {
    feature_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    null_feature_id: Option<u32>,
    attribute: u32,
    label: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    property_table: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MeshFeatures {
    feature_ids: [FeatureId; 1],
}

#[derive(Serialize)]
struct PrimitiveExtensions {
    #[serde(rename = "EXT_mesh_features")]
    features: MeshFeatures,
}

#[derive(Serialize)]
struct PrimitiveJson {
    attributes: Ordered<usize>,
    indices: usize,
    material: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<PrimitiveExtensions>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pbr {
    base_color_factor: [f32; 4],
    metallic_factor: f32,
    roughness_factor: f32,
}

#[derive(Serialize)]
struct MaterialExtras {
    belvedere_surface: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MaterialJson {
    name: &'static str,
    pbr_metallic_roughness: Pbr,
    extras: MaterialExtras,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ColumnJson {
    values: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_offsets: Option<usize>,
}

#[derive(Serialize)]
struct TableJson {
    name: &'static str,
    class: &'static str,
    count: usize,
    properties: Ordered<ColumnJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetadataJson<'a> {
    schema: &'a SchemaJson,
    property_tables: &'a [TableJson],
}

#[derive(Serialize)]
struct RootExtensions<'a> {
    #[serde(rename = "EXT_structural_metadata")]
    metadata: MetadataJson<'a>,
}

#[derive(Serialize)]
struct MeshJson<'a> {
    primitives: &'a [PrimitiveJson],
}

#[derive(Serialize)]
struct NodeJson {
    mesh: u32,
    translation: [f64; 3],
    scale: [f64; 3],
}

#[derive(Serialize)]
struct SceneJson {
    nodes: [u32; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RootJson<'a> {
    asset: &'a Asset<'a>,
    extensions_used: Vec<&'static str>,
    extensions_required: [&'static str; 2],
    scene: u32,
    scenes: [SceneJson; 1],
    nodes: &'a [NodeJson],
    meshes: [MeshJson<'a>; 1],
    materials: &'a [MaterialJson],
    accessors: &'a [Accessor],
    buffer_views: &'a [BufferView],
    buffers: [Buffer; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<RootExtensions<'a>>,
}

/// Lowest and highest value per axis of a position stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub min: [u16; 3],
    pub max: [u16; 3],
}

impl Bounds {
    pub fn of(positions: &[[u16; 3]]) -> Self {
        let mut bounds = Self {
            min: [u16::MAX; 3],
            max: [0; 3],
        };
        for p in positions {
            for (axis, c) in p.iter().enumerate() {
                bounds.min[axis] = bounds.min[axis].min(*c);
                bounds.max[axis] = bounds.max[axis].max(*c);
            }
        }
        bounds
    }
}

/// A document that grows by buffer views, accessors and primitives.
pub(super) struct Document<'a> {
    asset: Asset<'a>,
    materials: Vec<MaterialJson>,
    bin: Vec<u8>,
    fallback_length: usize,
    views: Vec<BufferView>,
    accessors: Vec<Accessor>,
    primitives: Vec<PrimitiveJson>,
    tables: Vec<TableJson>,
    schema: Option<SchemaJson>,
    nodes: Vec<NodeJson>,
}

impl<'a> Document<'a> {
    pub fn new(copyright: &'a str, materials: &[Material]) -> Self {
        let materials = materials.iter().map(|m| MaterialJson {
            name: m.name,
            pbr_metallic_roughness: Pbr {
                base_color_factor: m.base_color,
                metallic_factor: m.metallic,
                roughness_factor: m.roughness,
            },
            extras: MaterialExtras {
                belvedere_surface: m.surface,
            },
        });
        Self {
            asset: Asset {
                version: "2.0",
                generator: concat!("Belvedere city_tiler ", env!("CARGO_PKG_VERSION")),
                copyright,
            },
            materials: materials.collect(),
            bin: Vec::new(),
            fallback_length: 0,
            views: Vec::new(),
            accessors: Vec::new(),
            primitives: Vec::new(),
            tables: Vec::new(),
            schema: None,
            nodes: Vec::new(),
        }
    }

    pub fn bin(&self) -> &[u8] {
        &self.bin
    }

    /// A buffer view whose bytes are compressed; its number.
    fn compressed(
        &mut self,
        encoded: &[u8],
        count: usize,
        stride: usize,
        mode: &'static str,
    ) -> usize {
        pad_to_8(&mut self.bin, 0, 0);
        let byte_offset = self.bin.len();
        self.bin.extend_from_slice(encoded);
        let attributes = mode == "ATTRIBUTES";
        self.views.push(BufferView {
            buffer: 1,
            byte_offset: self.fallback_length,
            byte_length: count * stride,
            byte_stride: attributes.then_some(stride),
            target: Some(if attributes {
                ARRAY_BUFFER
            } else {
                ELEMENT_ARRAY_BUFFER
            }),
            extensions: Some(MeshoptView {
                meshopt: MeshoptJson {
                    buffer: 0,
                    byte_offset,
                    byte_length: encoded.len(),
                    byte_stride: stride,
                    mode,
                    count,
                },
            }),
        });
        self.fallback_length += (count * stride).next_multiple_of(8);
        self.views.len() - 1
    }

    fn accessor(&mut self, accessor: Accessor) -> usize {
        self.accessors.push(accessor);
        self.accessors.len() - 1
    }

    /// The accessor of a triangle list.
    pub fn triangles(
        &mut self,
        encoder: &mut Encoder,
        indices: &[u32],
        vertex_count: usize,
    ) -> Result<usize, EncodeError> {
        let encoded = encoder.triangles(indices)?;
        // The largest value of a type is reserved for primitive restart.
        let (component_type, stride) = if vertex_count <= 65535 {
            (U16, 2)
        } else {
            (U32, 4)
        };
        let buffer_view = self.compressed(&encoded, indices.len(), stride, "TRIANGLES");
        Ok(self.accessor(Accessor {
            buffer_view,
            component_type,
            normalized: false,
            count: indices.len(),
            kind: "SCALAR",
            min: None,
            max: None,
        }))
    }

    pub fn primitive(
        &mut self,
        attributes: Ordered<usize>,
        indices: usize,
        primitive: &Primitive,
        feature_count: usize,
    ) {
        let extensions = (!primitive.features.is_empty()).then_some(PrimitiveExtensions {
            features: MeshFeatures {
                feature_ids: [FeatureId {
                    feature_count,
                    null_feature_id: primitive.null_feature,
                    attribute: 0,
                    label: primitive.label,
                    property_table: primitive.table,
                }],
            },
        });
        self.primitives.push(PrimitiveJson {
            attributes,
            indices,
            material: primitive.material,
            extensions,
        });
    }

    pub fn table(&mut self, table: &Table, schema: &Schema) -> Result<(), EncodeError> {
        let mut properties = Vec::new();
        for column in table.pack(schema, &mut self.bin)? {
            let mut view = |offset: usize, length: usize| {
                self.views.push(BufferView {
                    buffer: 0,
                    byte_offset: offset,
                    byte_length: length,
                    byte_stride: None,
                    target: None,
                    extensions: None,
                });
                self.views.len() - 1
            };
            let values = view(column.values.offset, column.values.length);
            let string_offsets = column.offsets.map(|o| view(o.offset, o.length));
            properties.push((
                column.id,
                ColumnJson {
                    values,
                    string_offsets,
                },
            ));
        }
        self.tables.push(TableJson {
            name: table.name,
            class: table.class,
            count: table.count,
            properties: Ordered(properties),
        });
        Ok(())
    }

    pub fn schema(&mut self, schema: &Schema) {
        self.schema = Some(schema.json());
    }

    pub fn node(&mut self, translation: [f64; 3], scale: f64) {
        self.nodes.push(NodeJson {
            mesh: 0,
            translation,
            scale: [scale; 3],
        });
    }

    pub fn finish_json(&mut self) -> Result<Vec<u8>, EncodeError> {
        // The buffer is as long as its chunk, padding included.
        pad_to_8(&mut self.bin, 0, 0);
        let mut extensions_used = vec!["EXT_meshopt_compression", "KHR_mesh_quantization"];
        if self.primitives.iter().any(|p| p.extensions.is_some()) {
            extensions_used.push("EXT_mesh_features");
        }
        let extensions = self.schema.as_ref().map(|schema| RootExtensions {
            metadata: MetadataJson {
                schema,
                property_tables: &self.tables,
            },
        });
        if extensions.is_some() {
            extensions_used.push("EXT_structural_metadata");
        }
        let root = RootJson {
            asset: &self.asset,
            extensions_used,
            extensions_required: ["EXT_meshopt_compression", "KHR_mesh_quantization"],
            scene: 0,
            scenes: [SceneJson { nodes: [0] }],
            nodes: &self.nodes,
            meshes: [MeshJson {
                primitives: &self.primitives,
            }],
            materials: &self.materials,
            accessors: &self.accessors,
            buffer_views: &self.views,
            buffers: [
                Buffer {
                    byte_length: self.bin.len(),
                    extensions: None,
                },
                Buffer {
                    byte_length: self.fallback_length,
                    extensions: Some(BufferExtensions {
                        meshopt: Fallback { fallback: true },
                    }),
                },
            ],
            extensions,
        };
        Ok(serde_json::to_vec(&root)?)
    }
}

/// The vertex streams of one primitive on their way into a document.
pub(super) struct Streams<'d, 'a, 'e> {
    document: &'d mut Document<'a>,
    encoder: &'e mut Encoder,
    count: usize,
    attributes: Vec<(&'static str, usize)>,
}

impl<'d, 'a, 'e> Streams<'d, 'a, 'e> {
    pub fn new(document: &'d mut Document<'a>, encoder: &'e mut Encoder, count: usize) -> Self {
        Self {
            document,
            encoder,
            count,
            attributes: Vec::new(),
        }
    }

    fn add(
        &mut self,
        name: &'static str,
        bytes: &[u8],
        stride: usize,
        component_type: u32,
        kind: &'static str,
        bounds: Option<Bounds>,
    ) -> Result<(), EncodeError> {
        let encoded = self.encoder.vertices(bytes, self.count, stride)?;
        let buffer_view = self
            .document
            .compressed(&encoded, self.count, stride, "ATTRIBUTES");
        let accessor = self.document.accessor(Accessor {
            buffer_view,
            component_type,
            normalized: name == "NORMAL" || name == "COLOR_0",
            count: self.count,
            kind,
            min: bounds.map(|b| b.min),
            max: bounds.map(|b| b.max),
        });
        self.attributes.push((name, accessor));
        Ok(())
    }

    pub fn positions(&mut self, values: &[[u16; 3]], bounds: Bounds) -> Result<(), EncodeError> {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|p| [p[0], p[1], p[2], 0])
            .flat_map(u16::to_le_bytes)
            .collect();
        self.add("POSITION", &bytes, 8, U16, "VEC3", Some(bounds))
    }

    pub fn normals(&mut self, values: &[[i8; 3]]) -> Result<(), EncodeError> {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|n| [n[0], n[2], n[1].saturating_neg(), 0])
            .map(|c| c as u8)
            .collect();
        self.add("NORMAL", &bytes, 4, I8, "VEC3", None)
    }

    pub fn colors(&mut self, values: &[[u8; 4]]) -> Result<(), EncodeError> {
        if values.is_empty() {
            return Ok(());
        }
        self.add("COLOR_0", values.as_flattened(), 4, U8, "VEC4", None)
    }

    pub fn uvs(&mut self, values: &[[f32; 2]]) -> Result<(), EncodeError> {
        if values.is_empty() {
            return Ok(());
        }
        let flat = values.as_flattened();
        let bytes: Vec<u8> = flat.iter().flat_map(|c| c.to_le_bytes()).collect();
        self.add("TEXCOORD_0", &bytes, 8, FLOAT, "VEC2", None)
    }

    /// Feature ids are u16, or floats (exact to 2^24) where there are more: glTF
    /// has no 32-bit integer vertex attributes.
    pub fn features(&mut self, values: &[u32]) -> Result<(), EncodeError> {
        if values.is_empty() {
            return Ok(());
        }
        let wide = values.iter().any(|f| *f > u32::from(u16::MAX));
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|f| {
                if wide {
                    (*f as f32).to_le_bytes()
                } else {
                    f.to_le_bytes()
                }
            })
            .collect();
        let component_type = if wide { FLOAT } else { U16 };
        self.add("_FEATURE_ID_0", &bytes, 4, component_type, "SCALAR", None)
    }

    pub fn finish(self) -> Ordered<usize> {
        Ordered(self.attributes)
    }
}
