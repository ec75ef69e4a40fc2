//! Buffers and buffer views, wherever their bytes are: in the GLB, in the URI, in another file, or
//! compressed.

use super::document::{BufferView, Document};
use super::meshopt;
use crate::formats::Input;
use crate::formats::bytes::slice;
use crate::formats::error::{DecodeErrorKind, Fault, limit};
use std::borrow::Cow;

/// The file's bytes by buffer view. Faults are kept until the buffer is asked for: a tile may name
/// buffers that it never needs.
pub(super) struct Buffers<'a> {
    views: &'a [BufferView],
    buffers: Vec<Result<Cow<'a, [u8]>, Fault>>,
    /// Views that were compressed.
    decompressed: Vec<Option<Result<Vec<u8>, Fault>>>,
}

impl<'a> Buffers<'a> {
    pub(super) fn load(
        document: &'a Document,
        binary: Option<&'a [u8]>,
        input: &Input<'a>,
    ) -> Result<Self, Fault> {
        let mut total = 0_usize;
        let mut buffers = Vec::with_capacity(document.buffers.len());
        for (index, buffer) in document.buffers.iter().enumerate() {
            let place = format!("buffers[{index}]");
            let bytes = match &buffer.uri {
                None if index == 0 && binary.is_some() => {
                    Ok(Cow::Borrowed(binary.unwrap_or_default()))
                }
                None => Err(Fault::invalid(&place, "has no bytes")),
                Some(_) if buffer.is_fallback() => {
                    Err(Fault::invalid(&place, "is a fallback buffer"))
                }
                Some(uri) => resource(uri, input, &place).map(Cow::Owned),
            };
            if let Ok(Cow::Owned(bytes)) = &bytes {
                total = total.saturating_add(bytes.len());
                limit(&place, "bytes of buffers", total, input.options.max_bytes)?;
            }
            // A GLB's binary part may be padded; a lying length shows when a view is cut.
            let bytes = bytes.map(|bytes| match bytes {
                Cow::Borrowed(bytes) => {
                    Cow::Borrowed(&bytes[..bytes.len().min(buffer.byte_length)])
                }
                Cow::Owned(mut bytes) => {
                    bytes.truncate(buffer.byte_length);
                    Cow::Owned(bytes)
                }
            });
            buffers.push(bytes);
        }
        let mut loaded = Self {
            views: &document.buffer_views,
            buffers,
            decompressed: Vec::new(),
        };
        let mut decompressed = Vec::with_capacity(loaded.views.len());
        let mut budget = input.options.max_decompressed_bytes;
        for (index, view) in loaded.views.iter().enumerate() {
            decompressed.push(match meshopt::Compressed::of(view) {
                None => None,
                Some(compressed) => {
                    let place = format!("bufferViews[{index}]");
                    Some(
                        compressed
                            .and_then(|compressed| {
                                let source = loaded.range(
                                    compressed.buffer,
                                    compressed.offset,
                                    compressed.length,
                                    &place,
                                )?;
                                compressed.decode(source, &mut budget)
                            })
                            .map_err(|fault| fault.inside(&place)),
                    )
                }
            });
        }
        loaded.decompressed = decompressed;
        Ok(loaded)
    }

    fn range(
        &self,
        buffer: usize,
        offset: usize,
        length: usize,
        place: &str,
    ) -> Result<&[u8], Fault> {
        let bytes = self
            .buffers
            .get(buffer)
            .ok_or_else(|| Fault::invalid(place, format!("buffers[{buffer}] does not exist")))?;
        slice(bytes.as_ref().map_err(Clone::clone)?, offset, length, place)
    }

    /// The view's own description.
    pub(super) fn description(&self, index: usize) -> Result<&'a BufferView, Fault> {
        self.views
            .get(index)
            .ok_or_else(|| Fault::invalid(format!("bufferViews[{index}]"), "does not exist"))
    }

    /// The bytes of a view.
    pub(super) fn view(&self, index: usize) -> Result<&[u8], Fault> {
        let view = self.description(index)?;
        match self.decompressed.get(index) {
            Some(Some(decompressed)) => decompressed.as_deref().map_err(Clone::clone),
            _ => self.range(
                view.buffer,
                view.byte_offset,
                view.byte_length,
                &format!("bufferViews[{index}]"),
            ),
        }
    }
}

impl crate::metadata::TableSource for Buffers<'_> {
    fn buffer_view(&self, index: usize) -> Result<Cow<'_, [u8]>, String> {
        self.view(index)
            .map(Cow::Borrowed)
            .map_err(|fault| fault.text())
    }
}

/// The bytes that a URI stands for: `data:` inside, anything else through the caller.
pub(super) fn resource(uri: &str, input: &Input<'_>, place: &str) -> Result<Vec<u8>, Fault> {
    if let Some(data) = crate::uri::decode_data(uri) {
        return data.map_err(|e| Fault::invalid(place, e.to_string()));
    }
    let address = crate::uri::resolve(input.base_url, uri)
        .map_err(|e| Fault::invalid(place, e.to_string()))?;
    (input.external)(&address).ok_or_else(|| {
        Fault::new(
            place,
            DecodeErrorKind::MissingResource(crate::uri::short(&address)),
        )
    })
}
