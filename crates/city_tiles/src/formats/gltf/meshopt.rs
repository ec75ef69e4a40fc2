//! EXT_meshopt_compression, and KHR_meshopt_compression which adds vertex codec 1 and colours.

use super::document::{BufferView, whole};
use crate::formats::error::{DecodeErrorKind, Fault, limit};
use meshopt_rs::{Workspace, codec};
use serde_json::Value;

#[derive(Clone, Copy)]
enum Mode {
    Attributes,
    Triangles,
    Indices,
}

#[derive(Clone, Copy)]
enum Filter {
    None,
    Octahedral,
    Quaternion,
    Exponential,
    Color,
}

/// What the extension says about a view.
pub(super) struct Compressed {
    pub buffer: usize,
    pub offset: usize,
    pub length: usize,
    mode: Mode,
    filter: Filter,
    count: usize,
    stride: usize,
    /// The view's own length, which the decompressed bytes must have.
    expected: usize,
}

impl Compressed {
    /// The view's compression, where it has one.
    pub(super) fn of(view: &BufferView) -> Option<Result<Self, Fault>> {
        let names = ["EXT_meshopt_compression", "KHR_meshopt_compression"];
        let (name, json) = names
            .iter()
            .find_map(|name| Some((name, view.extensions.get(name)?)))?;
        Some(Self::read(json, view).map_err(|fault| fault.inside(name)))
    }

    fn read(json: &Value, view: &BufferView) -> Result<Self, Fault> {
        let number = |key: &str| {
            whole(json, key).ok_or_else(|| Fault::invalid(key, "missing or not a whole number"))
        };
        let text = |key: &str| json.get(key).and_then(Value::as_str);
        let mode = match text("mode") {
            Some("ATTRIBUTES") => Mode::Attributes,
            Some("TRIANGLES") => Mode::Triangles,
            Some("INDICES") => Mode::Indices,
            other => return Err(Fault::invalid("mode", format!("{other:?} is not known"))),
        };
        let filter = match text("filter") {
            None | Some("NONE") => Filter::None,
            Some("OCTAHEDRAL") => Filter::Octahedral,
            Some("QUATERNION") => Filter::Quaternion,
            Some("EXPONENTIAL") => Filter::Exponential,
            Some("COLOR") => Filter::Color,
            other => return Err(Fault::invalid("filter", format!("{other:?} is not known"))),
        };
        Ok(Self {
            buffer: number("buffer")?,
            offset: whole(json, "byteOffset").unwrap_or(0),
            length: number("byteLength")?,
            mode,
            filter,
            count: number("count")?,
            stride: number("byteStride")?,
            expected: view.byte_length,
        })
    }

    /// Decompresses, taking the result's size out of the file's budget first.
    pub(super) fn decode(&self, source: &[u8], budget: &mut usize) -> Result<Vec<u8>, Fault> {
        let Self { count, stride, .. } = *self;
        let bytes = count.saturating_mul(stride);
        limit("decompressed", "bytes", bytes, *budget)?;
        if bytes < self.expected {
            return Err(Fault::invalid(
                "byteLength",
                format!(
                    "{count} times {stride} bytes do not fill the view's {} bytes",
                    self.expected
                ),
            ));
        }
        *budget -= bytes;
        let damaged =
            |e: meshopt_rs::Error| Fault::new("data", DecodeErrorKind::Compression(e.to_string()));
        let workspace = &mut Workspace::default();
        let mut data = match self.mode {
            Mode::Attributes => codec::decode_vertex_buffer(count, stride, source, workspace),
            Mode::Triangles => codec::decode_index_buffer(count, stride, source, workspace),
            Mode::Indices => codec::decode_index_sequence(count, stride, source, workspace),
        }
        .map_err(damaged)?;
        match self.filter {
            Filter::None => Ok(()),
            Filter::Octahedral => codec::decode_filter_oct(&mut data, count, stride, workspace),
            Filter::Quaternion => codec::decode_filter_quat(&mut data, count, stride, workspace),
            Filter::Exponential => codec::decode_filter_exp(&mut data, count, stride, workspace),
            Filter::Color => codec::decode_filter_color(&mut data, count, stride, workspace),
        }
        .map_err(damaged)?;
        Ok(data)
    }
}
