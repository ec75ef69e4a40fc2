use std::path::{Path, PathBuf};

use city_tiles::check::{CheckOptions, ContentSource, Severity, check};
use city_tiles::stream::FetchError;

/// The samples' folder, or none (which is said) where it is missing.
pub fn samples() -> Option<PathBuf> {
    let root = std::env::var_os("BELVEDERE_SAMPLES")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    if root.is_dir() {
        return Some(root);
    }
    println!("skipped: there is no sample data in {}", root.display());
    None
}

/// Files on disk; nothing from the network.
pub struct Disk;

impl ContentSource for Disk {
    fn read(&mut self, location: &str) -> Result<Vec<u8>, FetchError> {
        std::fs::read(location).map_err(|_| FetchError::NotFound)
    }
}

#[test]
fn real_tilesets_are_read_whole() {
    let Some(root) = samples() else { return };
    let path = root.join("bertt__wageningen/7-624-528/tileset.json");
    let result = check(&mut Disk, path.to_str().unwrap(), &CheckOptions::default());
    assert_eq!(
        (result.tiles, result.subtrees, result.contents),
        (17, 5, 13),
        "{:?}",
        result.issues
    );
    // Its writer left the schema's id out, which the standard asks for; nothing else is wrong.
    for issue in &result.issues {
        let causes: Vec<_> = issue
            .causes
            .iter()
            .map(|c| (c.kind, c.message.as_str()))
            .collect();
        assert_eq!(
            causes,
            [("PROPERTY_MISSING", "'id' is missing")],
            "{issue:#?}"
        );
    }
    assert_eq!(result.issues.len(), 13);
    // The whole one refers to a part that was left out of the samples.
    let path = root.join("bertt__wageningen/tileset.json");
    let result = check(&mut Disk, path.to_str().unwrap(), &CheckOptions::default());
    let errors: Vec<_> = result
        .issues
        .iter()
        .filter(|i| i.severity == Severity::Error)
        .collect();
    assert!(
        errors
            .iter()
            .any(|e| e.kind == "CONTENT_VALIDATION_ERROR" && e.message.contains("8-632-544")),
        "{errors:#?}"
    );
}

#[test]
fn every_sample_is_checked_without_a_crash() {
    let Some(root) = samples() else { return };
    let mut waiting = vec![root];
    let mut checked = 0;
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.file_name().is_some_and(|n| n == "tileset.json") {
                check(&mut Disk, path.to_str().unwrap(), &CheckOptions::default());
                checked += 1;
            }
        }
    }
    println!("{checked} tilesets checked");
    assert!(checked > 250);
}
