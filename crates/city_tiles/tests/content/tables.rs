//! Tiles of 3D Tiles 1.0, made here.

use serde_json::Value;

/// A tile with tables: what is left out is empty.
#[derive(Default, Clone)]
pub struct Tables {
    pub magic: [u8; 4],
    pub features: Value,
    pub feature_binary: Vec<u8>,
    pub batches: Value,
    pub batch_binary: Vec<u8>,
    /// `gltfFormat` of an i3dm.
    pub format: Option<u32>,
    pub body: Vec<u8>,
}

/// JSON padded with spaces to 8 bytes; nothing for null.
pub fn padded(json: &Value) -> Vec<u8> {
    let mut text = if json.is_null() {
        Vec::new()
    } else {
        serde_json::to_vec(json).unwrap()
    };
    text.resize(text.len().next_multiple_of(8), b' ');
    text
}

impl Tables {
    pub fn bytes(&self) -> Vec<u8> {
        let (features, batches) = (padded(&self.features), padded(&self.batches));
        let parts = [
            features,
            self.feature_binary.clone(),
            batches,
            self.batch_binary.clone(),
        ];
        let header = if self.format.is_some() { 32 } else { 28 };
        let length = header + parts.iter().map(Vec::len).sum::<usize>() + self.body.len();
        let mut bytes = self.magic.to_vec();
        let words = [1, length].into_iter().chain(parts.iter().map(Vec::len));
        for word in words.chain(self.format.map(|format| format as usize)) {
            bytes.extend_from_slice(&(word as u32).to_le_bytes());
        }
        bytes.extend(parts.concat());
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// Little-endian bytes of numbers.
pub fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// Little-endian bytes of numbers.
pub fn shorts(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// A composite of tiles.
pub fn composite(tiles: &[Vec<u8>]) -> Vec<u8> {
    let body = tiles.concat();
    let mut bytes = b"cmpt\x01\0\0\0".to_vec();
    for word in [16 + body.len(), tiles.len()] {
        bytes.extend_from_slice(&(word as u32).to_le_bytes());
    }
    bytes.extend(body);
    bytes
}
