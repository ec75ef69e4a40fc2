//! What the worker's script calls.

use city_tiles::formats::{DecodeOptions, UpAxis};
use city_tiles::prepared::ImageUse;
use std::collections::HashMap;
use wasm_bindgen::prelude::*;

/// The addresses of the files to fetch before [`decode`]; empty for nearly all contents. Asked again
/// with what has come (as [`decode`] is given it) until it names no new file.
///
/// # Errors
/// The content cannot be read.
#[wasm_bindgen]
pub fn list_external(
    url: &str,
    bytes: &[u8],
    names: Vec<String>,
    blobs: Vec<js_sys::Uint8Array>,
) -> Result<Vec<String>, JsError> {
    crate::external_files(url, bytes, &files(names, &blobs)).map_err(|e| JsError::new(&e))
}

/// Decodes a content with the files that [`list_external`] named: `names[i]` has the bytes `blobs[i]`.
/// A file that could not be fetched is left out of both. `up` is the axis that points up in its models: 0 is x, 2 is z,
/// anything else y. `images` are the bits of [`ImageUse`]: what is of use to the page. The result's buffer is its own and
/// can be transferred.
///
/// # Errors
/// The content cannot be drawn.
#[wasm_bindgen]
pub fn decode(
    url: &str,
    bytes: &[u8],
    up: u8,
    images: u8,
    names: Vec<String>,
    blobs: Vec<js_sys::Uint8Array>,
) -> Result<js_sys::Uint8Array, JsError> {
    let up_axis = match up {
        0 => UpAxis::X,
        2 => UpAxis::Z,
        _ => UpAxis::Y,
    };
    let options = DecodeOptions {
        up_axis,
        images: ImageUse::from_bits(images),
        ..DecodeOptions::default()
    };
    finish(crate::prepare(url, bytes, &options, &files(names, &blobs)))
}

fn files(names: Vec<String>, blobs: &[js_sys::Uint8Array]) -> HashMap<String, Vec<u8>> {
    names
        .into_iter()
        .zip(blobs.iter().map(js_sys::Uint8Array::to_vec))
        .collect()
}

fn finish(result: Result<Vec<u8>, String>) -> Result<js_sys::Uint8Array, JsError> {
    let bytes = result.map_err(|e| JsError::new(&e))?;
    Ok(js_sys::Uint8Array::from(bytes.as_slice()))
}
