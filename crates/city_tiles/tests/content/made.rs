//! Small files made here.

use city_tiles::formats::{DecodeError, DecodeOptions, decode};
use city_tiles::prepared::PreparedTile;
use serde_json::{Value, json};

/// A glTF under construction: JSON, and one binary buffer.
pub struct Made {
    pub json: Value,
    pub binary: Vec<u8>,
}

impl Made {
    /// One node, one mesh, one triangle in the x-y plane of glTF (standing up, facing +z of glTF).
    pub fn triangle() -> Self {
        let mut made = Self {
            json: json!({
                "asset": {"version": "2.0"},
                "scene": 0,
                "scenes": [{"nodes": [0]}],
                "nodes": [{"mesh": 0}],
                "meshes": [{"primitives": [{"attributes": {}}]}],
                "buffers": [{"byteLength": 0}],
                "bufferViews": [],
                "accessors": [],
            }),
            binary: Vec::new(),
        };
        let position = made.floats("VEC3", &[0., 0., 0., 1., 0., 0., 0., 1., 0.]);
        made.attribute("POSITION", position);
        made
    }

    pub fn list(&mut self, name: &str) -> &mut Vec<Value> {
        if self.json.get(name).is_none() {
            self.json[name] = json!([]);
        }
        self.json[name].as_array_mut().unwrap()
    }

    pub fn primitive(&mut self) -> &mut Value {
        &mut self.json["meshes"][0]["primitives"][0]
    }

    pub fn attribute(&mut self, name: &str, accessor: usize) {
        self.primitive()["attributes"][name] = json!(accessor);
    }

    /// Adds a buffer view and gives its index.
    pub fn view(&mut self, bytes: &[u8]) -> usize {
        while !self.binary.len().is_multiple_of(8) {
            self.binary.push(0);
        }
        let offset = self.binary.len();
        self.binary.extend_from_slice(bytes);
        self.list("bufferViews")
            .push(json!({"buffer": 0, "byteOffset": offset, "byteLength": bytes.len()}));
        self.list("bufferViews").len() - 1
    }

    /// Adds an accessor over its own view and gives its index.
    pub fn accessor(&mut self, kind: &str, component: u32, count: usize, bytes: &[u8]) -> usize {
        let view = self.view(bytes);
        self.list("accessors").push(
            json!({"bufferView": view, "componentType": component, "count": count, "type": kind}),
        );
        self.list("accessors").len() - 1
    }

    pub fn floats(&mut self, kind: &str, values: &[f32]) -> usize {
        let width = match kind {
            "SCALAR" => 1,
            "VEC2" => 2,
            "VEC3" => 3,
            "MAT3" => 9,
            _ => 4,
        };
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.accessor(kind, 5126, values.len() / width, &bytes)
    }

    pub fn glb(&self) -> Vec<u8> {
        let mut json = self.json.clone();
        json["buffers"][0]["byteLength"] = json!(self.binary.len());
        let mut text = serde_json::to_vec(&json).unwrap();
        text.resize(text.len().next_multiple_of(4), b' ');
        let mut binary = self.binary.clone();
        binary.resize(binary.len().next_multiple_of(4), 0);
        let mut glb = b"glTF\x02\0\0\0".to_vec();
        glb.extend_from_slice(&((12 + 8 + text.len() + 8 + binary.len()) as u32).to_le_bytes());
        for (kind, chunk) in [(b"JSON", &text), (b"BIN\0", &binary)] {
            glb.extend_from_slice(&(chunk.len() as u32).to_le_bytes());
            glb.extend_from_slice(kind);
            glb.extend_from_slice(chunk);
        }
        glb
    }

    pub fn decode(&self) -> Result<PreparedTile, DecodeError> {
        plain(&self.glb())
    }
}

/// Decodes with no files beside it.
pub fn plain(bytes: &[u8]) -> Result<PreparedTile, DecodeError> {
    decode(bytes, "made/here.glb", &|_| None, &DecodeOptions::default())
}

/// Positions in the tile's frame, f64.
pub fn positions(tile: &PreparedTile) -> Vec<[f64; 3]> {
    let vertices = tile.primitives.iter().flat_map(|p| &p.vertices);
    vertices
        .map(|v| {
            let origin = tile.origin.to_array();
            std::array::from_fn(|axis| origin[axis] + f64::from(v.position[axis]))
        })
        .collect()
}
