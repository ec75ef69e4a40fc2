//! Third-party sample data, where it is there: BELVEDERE_SAMPLES, or `../shared/data` beside the repository.

use city_tiles::formats::{DecodeError, DecodeOptions, decode};
use city_tiles::prepared::PreparedTile;
use std::path::{Path, PathBuf};

/// The folder below the samples, or none (which is said) where it is missing.
pub fn folder(below: &str) -> Option<PathBuf> {
    let root = std::env::var_os("BELVEDERE_SAMPLES")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    let folder = root.join(below);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there is no sample data in {}", folder.display());
    None
}

/// Decodes a file, reading what lies beside it.
pub fn decode_file(path: &Path) -> Result<PreparedTile, DecodeError> {
    let bytes = std::fs::read(path).unwrap();
    decode_bytes(&bytes, path)
}

/// Decodes bytes as if they were the file.
pub fn decode_bytes(bytes: &[u8], path: &Path) -> Result<PreparedTile, DecodeError> {
    let external = |address: &str| std::fs::read(address).ok();
    decode(
        bytes,
        path.to_str().unwrap(),
        &external,
        &DecodeOptions::default(),
    )
}

/// All files below a folder with one of these extensions, in order.
pub fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path
                .extension()
                .is_some_and(|e| extensions.iter().any(|known| e == *known))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
