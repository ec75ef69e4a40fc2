//! The checker: any tileset, subtree and content give issues with words, in bounded time.
#![no_main]

use belvedere_fuzz::PART;
use city_tiles::Limits;
use city_tiles::check::{CheckOptions, ContentSource, Issue, check};
use city_tiles::formats::DecodeOptions;
use city_tiles::stream::FetchError;

/// The first part is the tileset and every other JSON file, the second every subtree, the third every content.
struct Parts<'a>(Vec<&'a [u8]>);

impl ContentSource for Parts<'_> {
    fn read(&mut self, location: &str) -> Result<Vec<u8>, FetchError> {
        let index = if location.ends_with(".json") {
            0
        } else if location.ends_with(".subtree") {
            1
        } else {
            2
        };
        let part = self.0.get(index).ok_or(FetchError::NotFound)?;
        Ok(part.to_vec())
    }
}

fn parts(bytes: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(PART.len()).position(|w| w == PART) {
        parts.push(&rest[..at]);
        rest = &rest[at + PART.len()..];
    }
    parts.push(rest);
    parts
}

fn hold(issue: &Issue) {
    assert!(!issue.message.is_empty() && !issue.kind.is_empty());
    issue.causes.iter().for_each(hold);
}

libfuzzer_sys::fuzz_target!(init: belvedere_fuzz::plant("check"), |bytes: &[u8]| {
    let options = CheckOptions {
        limits: Limits {
            max_subtree_tiles: 1 << 14,
            max_external_depth: 4,
            ..Limits::default()
        },
        decode: DecodeOptions {
            max_decompressed_bytes: 1 << 20,
            max_vertices: 1 << 14,
            max_nodes: 256,
            max_image_pixels: 1 << 16,
            max_total_pixels: 1 << 17,
            max_features: 1 << 12,
            max_column_values: 1 << 14,
            ..DecodeOptions::default()
        },
        max_steps: 20_000,
        ..CheckOptions::default()
    };
    let result = check(&mut Parts(parts(bytes)), "fuzz/tileset.json", &options);
    result.issues.iter().for_each(hold);
    assert!(result.tiles <= options.max_steps + 2);
});
