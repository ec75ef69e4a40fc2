//! Small files and folders for tests of the whole program.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod served;
pub mod server;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The samples' folder, or none (which is said) where it is missing.
pub fn samples() -> Option<PathBuf> {
    let named = std::env::var_os("BELVEDERE_SAMPLES").map(PathBuf::from);
    let path =
        named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"));
    if path.is_dir() {
        return Some(path);
    }
    println!(
        "skipped: no sample data at {} (BELVEDERE_SAMPLES names another place)",
        path.display()
    );
    None
}

/// A folder that goes away with the value.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, with the folders above it, and gives its path.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// A GLB of so many separate upright triangles, 10 m high, side by side along x from `x_m`.
pub fn glb(triangles: usize, x_m: f32) -> Vec<u8> {
    let mut binary = Vec::new();
    let (mut low, mut high) = ([f32::MAX; 3], [f32::MIN; 3]);
    for index in 0..triangles {
        let x = x_m + index as f32 * 12.0;
        for corner in [[x, 0.0, 0.0], [x + 10.0, 0.0, 0.0], [x + 5.0, 10.0, 0.0]] {
            for (axis, number) in corner.into_iter().enumerate() {
                low[axis] = low[axis].min(number);
                high[axis] = high[axis].max(number);
                binary.extend_from_slice(&number.to_le_bytes());
            }
        }
    }
    let json = json!({
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "material": 0}]}],
        "materials": [{"doubleSided": true}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": triangles * 3, "type": "VEC3",
            "min": low, "max": high}],
        "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": binary.len(), "target": 34962}],
        "buffers": [{"byteLength": binary.len()}],
    });
    let mut text = json.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    let word = |number: usize| (number as u32).to_le_bytes();
    let mut file = b"glTF\x02\0\0\0".to_vec();
    file.extend_from_slice(&word(28 + text.len() + binary.len()));
    file.extend_from_slice(&word(text.len()));
    file.extend_from_slice(b"JSON");
    file.extend_from_slice(&text);
    file.extend_from_slice(&word(binary.len()));
    file.extend_from_slice(b"BIN\0");
    file.extend_from_slice(&binary);
    file
}

/// A tile around the triangles of [`glb`], z up.
pub fn tile(content: &str, error_m: f64, children: Vec<Value>) -> Value {
    let mut tile = json!({
        "boundingVolume": {"box": [60, 0, 5, 70, 0, 0, 0, 10, 0, 0, 0, 10]},
        "geometricError": error_m, "refine": "REPLACE", "content": {"uri": content},
    });
    if !children.is_empty() {
        tile["children"] = Value::Array(children);
    }
    tile
}

/// A tileset JSON around a root tile.
pub fn tileset(root: Value) -> String {
    json!({"asset": {"version": "1.1"}, "geometricError": 1000, "root": root}).to_string()
}
