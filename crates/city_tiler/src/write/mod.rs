//! Writing 3D Tiles 1.1: glTF contents, subtrees and the tileset file.
//!
//! Nothing here knows the demo city; importers write with the same parts.

pub mod glb;
mod json;
pub mod meshopt;
pub mod subtree;
pub mod table;
pub mod tileset;

pub use glb::{Content, Material, Primitive};
pub use table::{ClassDef, ColumnDef, ColumnType, EnumDef, Schema, Table, Values};

/// Why a content could not be encoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// A vertex stream or index list was refused by the compressor.
    #[error("the mesh codec refused a {what}: {cause:?}")]
    Codec {
        /// Which stream.
        what: &'static str,
        /// The codec's reason.
        cause: meshopt_rs::Error,
    },
    /// Streams of one primitive disagree in length, or an index is too large.
    #[error("primitive {primitive}: {what}")]
    Mesh {
        /// Index of the primitive in its content.
        primitive: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A property table does not fit its class.
    #[error("property table of class {class}: {what}")]
    Table {
        /// The class it claims.
        class: String,
        /// What is wrong with it.
        what: String,
    },
    /// JSON could not be written.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Pads with `fill` until the length is `remainder` modulo 8.
pub(crate) fn pad_to_8(bytes: &mut Vec<u8>, remainder: usize, fill: u8) {
    while bytes.len() % 8 != remainder {
        bytes.push(fill);
    }
}
