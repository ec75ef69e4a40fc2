//! EXT_meshopt_compression: vertex streams and triangle lists.
//!
//! The extension allows version 0 of the vertex codec and version 1 of the
//! index codec, whatever newer versions the encoder knows.

use meshopt_rs::codec::{IndexEncoding, VertexEncoding, encode_index_buffer, encode_vertex_buffer};
use meshopt_rs::{FetchedMesh, VertexStream, Workspace, optimize_vertex_cache};

use super::EncodeError;

/// One encoder, with scratch memory that is kept between calls.
#[derive(Debug, Default)]
pub struct Encoder {
    workspace: Workspace,
}

impl Encoder {
    /// Encodes `count` elements of `stride` bytes (a multiple of 4).
    pub fn vertices(
        &mut self,
        bytes: &[u8],
        count: usize,
        stride: usize,
    ) -> Result<Vec<u8>, EncodeError> {
        let codec = |cause| EncodeError::Codec {
            what: "vertex stream",
            cause,
        };
        let encoding = VertexEncoding::new(0, 0).map_err(codec)?;
        encode_vertex_buffer(bytes, count, stride, encoding, &mut self.workspace).map_err(codec)
    }

    /// Encodes a triangle list. Triangles keep their order and winding; their
    /// first corner may change.
    pub fn triangles(&mut self, indices: &[u32]) -> Result<Vec<u8>, EncodeError> {
        encode_index_buffer(indices, IndexEncoding::DEFAULT, &mut self.workspace).map_err(|cause| {
            EncodeError::Codec {
                what: "triangle list",
                cause,
            }
        })
    }

    /// Orders triangles for the vertex cache, then vertices by first use: both
    /// draw and compress better. Returns the new triangle list and, for every
    /// new vertex, the old one.
    pub fn reorder(
        &mut self,
        indices: &[u32],
        vertex_count: usize,
    ) -> Result<(Vec<u32>, Vec<u32>), EncodeError> {
        let codec = |cause| EncodeError::Codec {
            what: "triangle order",
            cause,
        };
        let ordered =
            optimize_vertex_cache(indices, vertex_count, &mut self.workspace).map_err(codec)?;
        let numbers: Vec<u8> = (0..vertex_count as u32)
            .flat_map(u32::to_le_bytes)
            .collect();
        let stream = VertexStream::packed(&numbers, 4).map_err(codec)?;
        let FetchedMesh {
            indices, vertices, ..
        } = meshopt_rs::optimize_vertex_fetch(&ordered, stream, &mut self.workspace)
            .map_err(codec)?;
        let old = vertices
            .chunks_exact(4)
            .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        Ok((indices, old))
    }
}
