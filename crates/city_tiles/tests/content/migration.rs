//! Tiles of 3D Tiles 1.0 against what the reference's tools make of them in 1.1. The golden files have no buffers, but
//! counts, and the bounds of point clouds.

use crate::samples;
use city_tiles::formats::DecodeErrorKind;
use city_tiles::prepared::PreparedTile;
use glam::{DMat4, DVec3, Vec3};
use serde_json::Value;
use std::path::Path;

fn number(json: &Value) -> usize {
    json.as_u64().unwrap() as usize
}

/// Vertices and indices of all instances, and whether all that has sides has normals: where there are none, vertices
/// are split for flat ones.
fn counts(golden: &Value) -> (usize, usize, bool) {
    let count = |accessor: &Value| number(&golden["accessors"][number(accessor)]["count"]);
    let (mut vertices, mut indices, mut normals) = (0, 0, true);
    for node in golden["nodes"].as_array().unwrap() {
        let Some(mesh) = node.get("mesh") else {
            continue;
        };
        let instances = &node["extensions"]["EXT_mesh_gpu_instancing"]["attributes"]["TRANSLATION"];
        let times = if instances.is_null() {
            1
        } else {
            count(instances)
        };
        for primitive in golden["meshes"][number(mesh)]["primitives"]
            .as_array()
            .unwrap()
        {
            let attributes = &primitive["attributes"];
            vertices += count(&attributes["POSITION"]) * times;
            indices += primitive.get("indices").map_or(0, count) * times;
            normals &= primitive["mode"] == 0 || attributes.get("NORMAL").is_some();
        }
    }
    (vertices, indices, normals)
}

fn vector(json: &Value, otherwise: f64) -> DVec3 {
    let axis = |axis: usize| json.get(axis).and_then(Value::as_f64).unwrap_or(otherwise);
    DVec3::new(axis(0), axis(1), axis(2))
}

/// The bounds of a golden point cloud in the tile's frame: its node undoes the turn from z up to y up.
fn bounds(golden: &Value) -> (DVec3, DVec3) {
    let node = &golden["nodes"][0];
    let accessor = &golden["accessors"]
        [number(&golden["meshes"][0]["primitives"][0]["attributes"]["POSITION"])];
    let step = if accessor["normalized"] == true {
        1.0 / 32767.0
    } else {
        1.0
    };
    let scale = vector(&node["scale"], 1.0) * step;
    let t = vector(&node["translation"], 0.0);
    let place = DVec3::new(t.x, -t.z, t.y);
    (
        place + vector(&accessor["min"], 0.0) * scale,
        place + vector(&accessor["max"], 0.0) * scale,
    )
}

fn bounds_of(tile: &PreparedTile, ecef_from_tile: DMat4) -> (DVec3, DVec3) {
    let each = tile.primitives.iter().flat_map(|p| &p.vertices);
    let positions = each.map(|v| {
        ecef_from_tile.transform_point3(tile.origin + Vec3::from_array(v.position).as_dvec3())
    });
    positions.fold((DVec3::INFINITY, DVec3::NEG_INFINITY), |(low, high), p| {
        (low.min(p), high.max(p))
    })
}

#[test]
fn as_many_vertices_in_the_same_place_as_the_migrated_tiles() {
    let Some(folder) = samples::folder("CesiumGS__3d-tiles-tools/specs/data/migration") else {
        return;
    };
    let (mut same, mut compressed) = (0, 0);
    for file in samples::files(&folder.join("input"), &["pnts", "i3dm", "cmpt"]) {
        let below = file.strip_prefix(folder.join("input")).unwrap();
        let golden = folder
            .join("golden_gltf")
            .join(below)
            .with_extension("gltf");
        let golden: Value = serde_json::from_slice(&std::fs::read(golden).unwrap()).unwrap();
        let tile = match samples::decode_file(&file) {
            Ok(tile) => tile,
            Err(e) if matches!(e.kind, DecodeErrorKind::UnsupportedExtension(_)) => {
                compressed += 1;
                continue;
            }
            Err(e) => panic!("{e}"),
        };
        let (vertices, indices, normals) = counts(&golden);
        if normals {
            assert_eq!(tile.vertices() as usize, vertices, "{}", below.display());
        }
        assert_eq!(
            tile.triangles() as usize,
            indices / 3,
            "{}",
            below.display()
        );
        let mut told = String::new();
        if below.extension().is_some_and(|e| e == "pnts") {
            let (found, expected) = (bounds_of(&tile, DMat4::IDENTITY), bounds(&golden));
            let off = (found.0 - expected.0)
                .abs()
                .max((found.1 - expected.1).abs())
                .max_element();
            // What the reference's 16 bits and f32 leave.
            assert!(
                off < 2e-3,
                "{}: {found:?}, not {expected:?}",
                below.display()
            );
            told = format!(", bounds {off:.1e} m off");
        }
        println!("{}: {} vertices{told}", below.display(), tile.vertices());
        same += 1;
    }
    println!("{same} tiles like their migration, {compressed} compressed");
    assert!(
        same >= 38 && same + compressed >= 41,
        "{same} and {compressed}"
    );
}

fn instances(folder: &Path, name: &str) -> PreparedTile {
    let files = samples::files(&folder.join(name), &["i3dm"]);
    samples::decode_file(&files[0]).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn the_same_instances_told_in_other_ways_stand_in_the_same_place() {
    let Some(folder) =
        samples::folder("CesiumGS__3d-tiles-tools/specs/data/migration/input/Instanced")
    else {
        return;
    };
    let tileset = std::fs::read(folder.join("InstancedWithTransform/tileset.json")).unwrap();
    let tileset: Value = serde_json::from_slice(&tileset).unwrap();
    let transform: Vec<f64> = serde_json::from_value(tileset["root"]["transform"].clone()).unwrap();
    let ecef_from_tile = DMat4::from_cols_array(&transform.try_into().unwrap());
    let by_transform = bounds_of(
        &instances(&folder, "InstancedWithTransform"),
        ecef_from_tile,
    );
    let of = |name: &str| bounds_of(&instances(&folder, name), DMat4::IDENTITY);
    let off = |a: (DVec3, DVec3), b: (DVec3, DVec3)| {
        (a.0 - b.0).abs().max((a.1 - b.1).abs()).max_element()
    };
    // Positions in f32 without RTC_CENTER are half a metre off; 16 bits of 200 m are 3 mm off.
    for (name, tolerance) in [
        ("InstancedRTC", 0.01),
        ("InstancedQuantized", 0.05),
        ("InstancedWithBatchTable", 0.6),
        ("InstancedWithBatchIds", 0.6),
        ("InstancedGltfExternal", 0.6),
    ] {
        let found = off(of(name), by_transform);
        println!("{name}: {found:.1e} m");
        assert!(found < tolerance, "{name}: {found} m");
    }
    let found = off(of("InstancedOrientation"), of("InstancedOct32POrientation"));
    println!("oct-encoded orientation: {found:.1e} m");
    assert!(found < 0.01, "{found} m");
}
