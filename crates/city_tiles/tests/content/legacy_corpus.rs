//! Every i3dm, pnts and cmpt of the sample data, against counts that this file reads from their headers itself.

use crate::samples;
use city_tiles::formats::DecodeErrorKind;
use city_tiles::prepared::{NO_FEATURE, PreparedTile};
use serde_json::Value;
use std::path::Path;

const FOLDERS: [&str; 3] = [
    "CesiumGS__3d-tiles-samples",
    "CesiumGS__3d-tiles-tools",
    "visgl__loaders.gl/modules/3d-tiles/test/data/CesiumJS",
];

/// What a file says that it holds.
#[derive(Debug, Default)]
struct Told {
    points: u64,
    instances: u64,
    vertices: u64,
    inner: usize,
    /// Inner tiles with glTF 1, and with compressed points.
    old: usize,
    compressed: usize,
}

fn word(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

impl Told {
    fn read(&mut self, bytes: &[u8], file: &Path) {
        if &bytes[..4] == b"cmpt" {
            let mut at = 16;
            for _ in 0..word(bytes, 12) {
                let length = word(bytes, at + 8);
                self.read(&bytes[at..at + length], file);
                at += length;
            }
            return;
        }
        self.inner += 1;
        let header = if &bytes[..4] == b"i3dm" { 32 } else { 28 };
        let json: Value = serde_json::from_slice(&bytes[header..header + word(bytes, 12)]).unwrap();
        let body = header
            + [12, 16, 20, 24]
                .map(|at| word(bytes, at))
                .iter()
                .sum::<usize>();
        let count = |name: &str| json[name].as_u64().unwrap();
        if &bytes[..4] == b"pnts" {
            self.points += count("POINTS_LENGTH");
            self.vertices += count("POINTS_LENGTH");
            self.compressed += usize::from(json.get("extensions").is_some());
            return;
        }
        let beside;
        let model = if header == 32 && word(bytes, 28) == 0 {
            let name = std::str::from_utf8(&bytes[body..]).unwrap();
            beside = std::fs::read(file.with_file_name(name.trim_matches([' ', '\0']))).unwrap();
            &beside
        } else {
            &bytes[body..]
        };
        if model[4] == 1 {
            self.old += 1;
            return;
        }
        let once = samples::decode_bytes(model, file).unwrap().vertices();
        let times = if header == 32 {
            count("INSTANCES_LENGTH")
        } else {
            1
        };
        self.instances += if header == 32 { times } else { 0 };
        self.vertices += once * times;
    }
}

fn check(tile: &PreparedTile, file: &Path) {
    for vertex in tile.primitives.iter().flat_map(|p| &p.vertices) {
        let known = vertex.feature == NO_FEATURE || tile.features.block(vertex.feature).is_some();
        assert!(known, "{}: feature {}", file.display(), vertex.feature);
    }
    let again = PreparedTile::from_bytes(&tile.to_bytes()).unwrap();
    assert!(again == *tile, "{}", file.display());
}

#[test]
fn every_legacy_tile_has_the_points_and_instances_that_it_tells() {
    let mut totals = Told::default();
    let (mut decoded, mut refused) = (0, 0);
    for folder in FOLDERS {
        let Some(folder) = samples::folder(folder) else {
            return;
        };
        for file in samples::files(&folder, &["pnts", "i3dm", "cmpt"]) {
            let bytes = std::fs::read(&file).unwrap();
            if bytes.starts_with(&[0x1F, 0x8B]) {
                continue; // the streamer unpacks these before they come here
            }
            let mut told = Told::default();
            told.read(&bytes, &file);
            let name = file.strip_prefix(&folder).unwrap().display();
            match samples::decode_bytes(&bytes, &file) {
                Ok(tile) => {
                    println!(
                        "{name}: {} points, {} instances, {} vertices {:?}",
                        told.points, told.instances, told.vertices, tile.warnings
                    );
                    assert_eq!(told.old, 0, "{name}");
                    assert_eq!(tile.vertices(), told.vertices, "{name}");
                    check(&tile, &file);
                    decoded += 1;
                    totals.points += told.points;
                    totals.instances += told.instances;
                    totals.vertices += told.vertices;
                }
                Err(e) => {
                    println!("{e}");
                    assert!(told.old + told.compressed > 0, "{e}");
                    match e.kind {
                        DecodeErrorKind::UnsupportedVersion(_) => {
                            assert!(
                                told.old > 0 && e.to_string().contains("3d-tiles-tools upgrade"),
                                "{e}"
                            );
                        }
                        DecodeErrorKind::UnsupportedExtension(_) => {
                            assert!(told.compressed > 0, "{e}")
                        }
                        _ => panic!("{e}"),
                    }
                    refused += 1;
                }
            }
        }
    }
    println!("{decoded} files decoded, {refused} refused; {totals:?}");
    assert!(
        decoded >= 114 && refused <= 18,
        "{decoded} decoded, {refused} refused"
    );
}

#[test]
fn invalid_files_are_told_and_nothing_panics() {
    let Some(folder) = samples::folder("CesiumGS__3d-tiles-validator/specs/data") else {
        return;
    };
    for file in samples::files(&folder, &["pnts", "i3dm", "cmpt"]) {
        match samples::decode_file(&file) {
            Ok(tile) => {
                println!(
                    "{}: {} vertices {:?}",
                    file.display(),
                    tile.vertices(),
                    tile.warnings
                );
                check(&tile, &file);
            }
            Err(e) => println!("{e}"),
        }
    }
}
