//! Every glTF and b3dm of the sample data goes through the decoder: the good ones decode, the others say why not.

use crate::samples;
use city_tiles::formats::DecodeErrorKind;
use std::path::Path;

const EXTENSIONS: [&str; 3] = ["glb", "gltf", "b3dm"];

/// Whether the error is one that says "not supported", rather than that the file is bad.
fn unsupported(kind: &DecodeErrorKind) -> bool {
    matches!(
        kind,
        DecodeErrorKind::UnsupportedExtension(_)
            | DecodeErrorKind::UnsupportedVersion(_)
            | DecodeErrorKind::UnsupportedFormat(_)
    )
}

#[test]
fn official_samples_decode() {
    let Some(folder) = samples::folder("CesiumGS__3d-tiles-samples") else {
        return;
    };
    let files = samples::files(&folder, &EXTENSIONS);
    assert!(files.len() > 80, "{}", files.len());
    for file in files {
        let tile = samples::decode_file(&file).unwrap_or_else(|e| panic!("{e}"));
        assert!(tile.vertices() > 0, "{} has no vertices", file.display());
        assert!(tile.bounds().unwrap().0.iter().all(|v| v.is_finite()));
    }
}

#[test]
fn batched_models_of_cesiumjs_decode() {
    let Some(folder) = samples::folder("visgl__loaders.gl/modules/3d-tiles/test/data/CesiumJS")
    else {
        return;
    };
    let mut decoded = 0;
    for file in samples::files(&folder, &EXTENSIONS) {
        // Some files there are zeros, for tests of loading alone.
        if std::fs::read(&file).unwrap().iter().all(|byte| *byte == 0) {
            continue;
        }
        match samples::decode_file(&file) {
            Ok(tile) => {
                decoded += 1;
                assert!(tile.vertices() > 0, "{} has no vertices", file.display());
            }
            Err(e) if unsupported(&e.kind) => println!("{e}"),
            Err(e) => panic!("{e}"),
        }
    }
    assert!(decoded > 80, "only {decoded} decoded");
}

#[test]
fn valid_files_of_the_gltf_validator_decode() {
    let Some(folder) = samples::folder("KhronosGroup__glTF-Validator/test") else {
        return;
    };
    let (mut valid, mut refused) = (0, Vec::new());
    for file in samples::files(&folder, &EXTENSIONS) {
        let report = file.with_file_name(format!(
            "{}.report.json",
            file.file_name().unwrap().to_str().unwrap()
        ));
        let errors = std::fs::read(report).ok().and_then(|bytes| {
            let report: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
            report.get("issues")?.get("numErrors")?.as_u64()
        });
        match (errors, samples::decode_file(&file)) {
            (Some(0), Ok(_)) => valid += 1,
            (Some(0), Err(e)) if !unsupported(&e.kind) => refused.push(e.to_string()),
            _ => {}
        }
    }
    println!("{valid} valid files decoded");
    for line in &refused {
        println!("valid, but refused: {line}");
    }
    assert!(valid > 80, "only {valid} valid files decoded");
    // Files that the validator lets pass and that cannot be drawn, each for a reason.
    assert!(
        refused.len() <= MAX_REFUSED,
        "{} valid files refused",
        refused.len()
    );
}

/// Two files whose meshes lie in a buffer that is not there.
const MAX_REFUSED: usize = 2;

#[test]
fn nothing_panics_whole_cut_or_changed() {
    let Some(folder) = samples::folder("") else {
        return;
    };
    let mut decoded = 0;
    let mut failed = 0;
    for file in samples::files(&folder, &["glb", "gltf", "b3dm", "i3dm", "pnts", "cmpt"]) {
        let bytes = std::fs::read(&file).unwrap();
        match samples::decode_bytes(&bytes, &file) {
            Ok(tile) => {
                decoded += 1;
                check(&tile, &file);
            }
            Err(e) => {
                failed += 1;
                assert!(!e.to_string().is_empty() && !e.place.is_empty());
            }
        }
        if bytes.len() > 200_000 {
            continue;
        }
        for part in 1..8 {
            let _ = samples::decode_bytes(&bytes[..bytes.len() * part / 8], &file);
        }
        // One byte changed at a time, at places spread by a fixed stride.
        let mut changed = bytes.clone();
        for step in 0..16 {
            let at = (step * 7919 + 13) % changed.len().max(1);
            let Some(byte) = changed.get_mut(at) else {
                continue;
            };
            let before = *byte;
            *byte = byte.wrapping_add(0x5B);
            if let Ok(tile) = samples::decode_bytes(&changed, &file) {
                check(&tile, &file);
            }
            changed[at] = before;
        }
    }
    println!("{decoded} files decoded, {failed} refused");
    assert!(decoded > 700, "only {decoded} decoded, {failed} refused");
}

/// What every prepared tile promises.
fn check(tile: &city_tiles::prepared::PreparedTile, file: &Path) {
    for primitive in &tile.primitives {
        assert!(
            (primitive.material as usize) < tile.materials.len(),
            "{}",
            file.display()
        );
        let vertices = primitive.vertices.len();
        assert!(
            primitive.indices.iter().all(|i| (*i as usize) < vertices),
            "{}",
            file.display()
        );
        for vertex in &primitive.vertices {
            assert!(
                vertex.position.iter().all(|v| v.is_finite()),
                "{}",
                file.display()
            );
            let feature = vertex.feature;
            let known = feature == city_tiles::prepared::NO_FEATURE
                || tile.features.block(feature).is_some();
            assert!(known, "{}: feature {feature}", file.display());
        }
    }
    let again = city_tiles::prepared::PreparedTile::from_bytes(&tile.to_bytes());
    assert!(again.is_ok(), "{}: {:?}", file.display(), again.err());
}

#[test]
fn meshopt_files_decode() {
    let Some(folder) = samples::folder("visgl__loaders.gl/modules/gltf/test/data/meshopt") else {
        return;
    };
    for file in samples::files(&folder, &EXTENSIONS) {
        let tile = samples::decode_file(&file).unwrap_or_else(|e| panic!("{e}"));
        let (low, high) = tile.bounds().unwrap();
        println!(
            "{}: {} triangles, {low:?} to {high:?}",
            file.display(),
            tile.triangles()
        );
        assert!(tile.triangles() >= 12, "{}", file.display());
    }
}
