//! The browser's decode worker: tile content in, one flat buffer out, and no engine.
//!
//! The page's worker fetches a content (and what [`external_files`] names beside it), calls the
//! module, and transfers the buffer it gets to the page, where
//! [`PreparedTile::from_bytes`](city_tiles::prepared::PreparedTile::from_bytes) reads it. Data in,
//! data out: nothing here fetches or keeps anything.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

use city_tiles::formats::{DecodeOptions, decode, list_external_with};
use std::collections::HashMap;

#[cfg(target_arch = "wasm32")]
mod web;

/// The resolved addresses of the files beside a content that [`prepare`] needs; empty for nearly all.
/// `files` are those that have come: a model that a content names may name files in turn, so this is
/// asked again until it names no new one (see [`city_tiles::formats::EXTERNAL_ROUNDS`]).
///
/// # Errors
/// The content cannot be read: a text naming file, place and cause.
pub fn external_files(
    url: &str,
    bytes: &[u8],
    files: &HashMap<String, Vec<u8>>,
) -> Result<Vec<String>, String> {
    let external = |address: &str| files.get(address).cloned();
    list_external_with(bytes, url, &external, &DecodeOptions::default()).map_err(|e| e.to_string())
}

/// Decodes a content to the flat buffer. `files` are the external files by their resolved address.
///
/// # Errors
/// The content cannot be drawn: a text naming file, place and cause.
pub fn prepare(
    url: &str,
    bytes: &[u8],
    options: &DecodeOptions,
    files: &HashMap<String, Vec<u8>>,
) -> Result<Vec<u8>, String> {
    let external = |address: &str| files.get(address).cloned();
    let tile = decode(bytes, url, &external, options).map_err(|e| e.to_string())?;
    Ok(tile.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use city_tiles::prepared::PreparedTile;

    /// Three points in a buffer beside the file.
    const POINTS: &[u8] = br#"{"asset":{"version":"2.0"},"nodes":[{"mesh":0}],
        "meshes":[{"primitives":[{"mode":0,"attributes":{"POSITION":0}}]}],
        "accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3"}],
        "bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36,"uri":"points.bin"}]}"#;
    const URL: &str = "https://example.org/city/points.gltf";

    #[test]
    fn a_content_with_a_file_beside_it_becomes_a_tile() {
        let needed = external_files(URL, POINTS, &HashMap::new()).unwrap();
        assert_eq!(needed, ["https://example.org/city/points.bin"]);
        let files = HashMap::from([(needed[0].clone(), vec![0; 36])]);
        let tile = PreparedTile::from_bytes(
            &prepare(URL, POINTS, &DecodeOptions::default(), &files).unwrap(),
        )
        .unwrap();
        assert_eq!(tile.vertices(), 3);
    }

    #[test]
    fn errors_are_texts_that_name_the_file() {
        let missing = prepare(URL, POINTS, &DecodeOptions::default(), &HashMap::new()).unwrap_err();
        assert!(
            missing.contains("points.gltf") && missing.contains("points.bin"),
            "{missing}"
        );
        let refused = external_files(URL, b"<html>", &HashMap::new()).unwrap_err();
        assert!(refused.contains(URL), "{refused}");
    }
}
