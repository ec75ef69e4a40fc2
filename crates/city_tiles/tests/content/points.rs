//! 3D Tiles 1.0, 10.3: point clouds.

use crate::made::{plain, positions};
use crate::tables::{Tables, floats, shorts};
use city_tiles::metadata::PropertyValue;
use city_tiles::prepared::{AlphaMode, NO_FEATURE, PreparedTile, Topology};
use serde_json::{Value, json};

fn pnts(features: Value, binary: &[u8]) -> Tables {
    Tables {
        magic: *b"pnts",
        features,
        feature_binary: binary.to_vec(),
        ..Tables::default()
    }
}

fn decoded(features: Value, binary: &[u8]) -> PreparedTile {
    plain(&pnts(features, binary).bytes()).unwrap()
}

fn told(features: Value, binary: &[u8]) -> String {
    plain(&pnts(features, binary).bytes())
        .unwrap_err()
        .to_string()
}

fn colors(tile: &PreparedTile) -> Vec<[u8; 4]> {
    tile.primitives[0]
        .vertices
        .iter()
        .map(|v| v.color)
        .collect()
}

#[test]
fn positions_keep_f64_and_are_points_without_light() {
    let binary = floats(&[0., 0., 0., 1., 2., 3.]);
    let tile = decoded(
        json!({"POINTS_LENGTH": 2, "POSITION": {"byteOffset": 0},
            "RTC_CENTER": [1215012.8828876738, -4736313.051199594, 4081605.22126042]}),
        &binary,
    );
    // One ulp of f32 there is half a metre.
    let found = positions(&tile);
    let expected = [
        1_215_013.882_887_673_8,
        -4_736_311.051_199_594,
        4_081_608.221_260_42,
    ];
    assert!(
        (0..3).all(|i| (found[1][i] - expected[i]).abs() < 1e-6),
        "{found:?}"
    );
    let primitive = &tile.primitives[0];
    assert_eq!(
        (primitive.topology, primitive.has_normals),
        (Topology::Points, false)
    );
    assert_eq!(primitive.indices, [0, 1]);
    assert!(tile.materials[0].unlit);
    // Without BATCH_ID each point is a feature.
    assert_eq!(
        primitive
            .vertices
            .iter()
            .map(|v| v.feature)
            .collect::<Vec<_>>(),
        [0, 1]
    );
    assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
}

#[test]
fn quantized_positions_fill_their_volume() {
    let binary = shorts(&[0, 0, 0, 65535, 32768, 13107, 0, 0]);
    let tile = decoded(
        json!({"POINTS_LENGTH": 2, "POSITION_QUANTIZED": {"byteOffset": 0},
            "QUANTIZED_VOLUME_OFFSET": [-5.0, 10.0, 0.0], "QUANTIZED_VOLUME_SCALE": [10.0, 2.0, 5.0]}),
        &binary,
    );
    let found = positions(&tile);
    let expected = [[-5.0, 10.0, 0.0], [5.0, 11.0, 1.0]];
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (0..3).all(|i| (found[i] - expected[i]).abs() < 1e-4),
            "{found:?}"
        );
    }
}

#[test]
fn colours_become_linear_in_their_order_of_precedence() {
    // sRGB 188 is 0.5 of the light.
    let mut binary = floats(&[0.; 6]);
    binary.extend([255, 188, 0, 255, 0, 188, 255, 128]); // RGBA at 24
    binary.extend([188, 0, 255, 0, 255, 188]); // RGB at 32
    binary.extend([0, 0]);
    binary.extend(shorts(&[0xF800, 0x07FF])); // RGB565 at 40
    let of = |names: &[&str]| {
        let mut json = json!({"POINTS_LENGTH": 2, "POSITION": {"byteOffset": 0}});
        for name in names {
            json[*name] = match *name {
                "RGBA" => json!({"byteOffset": 24}),
                "RGB" => json!({"byteOffset": 32}),
                "RGB565" => json!({"byteOffset": 40}),
                _ => json!([255, 255, 0, 51]),
            };
        }
        decoded(json, &binary)
    };
    let tile = of(&["CONSTANT_RGBA", "RGB565", "RGB", "RGBA"]);
    assert_eq!(colors(&tile), [[255, 128, 0, 255], [0, 128, 255, 128]]);
    assert_eq!(tile.materials[0].alpha_mode, AlphaMode::Blend);
    let tile = of(&["CONSTANT_RGBA", "RGB565", "RGB"]);
    assert_eq!(colors(&tile), [[128, 0, 255, 255], [0, 255, 128, 255]]);
    assert_eq!(tile.materials[0].alpha_mode, AlphaMode::Opaque);
    let tile = of(&["CONSTANT_RGBA", "RGB565"]);
    assert_eq!(colors(&tile), [[255, 0, 0, 255], [0, 255, 255, 255]]);
    let tile = of(&["CONSTANT_RGBA"]);
    assert_eq!(tile.materials[0].base_color, [1.0, 1.0, 0.0, 0.2]);
    assert_eq!(tile.materials[0].alpha_mode, AlphaMode::Blend);
    assert_eq!(colors(&tile), [[255; 4]; 2]);
    let grey = of(&[]).materials[0].base_color;
    assert!(grey[0] < 0.8 && grey[0] == grey[2], "{grey:?}");
}

#[test]
fn normals_light_the_points() {
    let mut binary = floats(&[0., 0., 0., 0., -2., 0.]);
    binary.extend([128, 0, 0, 0]); // -y, -z
    for (json, expected) in [
        (
            json!({"POINTS_LENGTH": 1, "POSITION": {"byteOffset": 0}, "NORMAL": {"byteOffset": 12}}),
            [0, -127, 0, 0],
        ),
        (
            json!({"POINTS_LENGTH": 1, "POSITION": {"byteOffset": 0}, "NORMAL_OCT16P": {"byteOffset": 24}}),
            [0, -127, 0, 0],
        ),
        (
            json!({"POINTS_LENGTH": 1, "POSITION": {"byteOffset": 0}, "NORMAL_OCT16P": {"byteOffset": 26}}),
            [0, 0, -127, 0],
        ),
    ] {
        let tile = decoded(json, &binary);
        assert!(tile.primitives[0].has_normals && !tile.materials[0].unlit);
        let normal = tile.primitives[0].vertices[0].normal;
        assert!(
            normal
                .iter()
                .zip(expected)
                .all(|(a, b): (&i8, i8)| (i32::from(*a) - i32::from(b)).abs() <= 1),
            "{normal:?}"
        );
    }
}

#[test]
fn batch_ids_of_every_width_lead_to_the_batch_table() {
    for (kind, ids) in [
        (Some("UNSIGNED_BYTE"), vec![1, 0, 5]),
        (None, shorts(&[1, 0, 5])),
        (
            Some("UNSIGNED_INT"),
            [1_u32, 0, 5].map(u32::to_le_bytes).concat(),
        ),
    ] {
        let mut binary = floats(&[0.; 9]);
        binary.extend(ids);
        let mut id = json!({"byteOffset": 36});
        if let Some(kind) = kind {
            id["componentType"] = json!(kind);
        }
        let mut tile = pnts(
            json!({"POINTS_LENGTH": 3, "BATCH_LENGTH": 2, "POSITION": {"byteOffset": 0}, "BATCH_ID": id}),
            &binary,
        );
        tile.batches = json!({"name": ["roof", "wall"]});
        let tile = plain(&tile.bytes()).unwrap();
        let ids: Vec<u32> = tile.primitives[0]
            .vertices
            .iter()
            .map(|v| v.feature)
            .collect();
        assert_eq!(ids, [1, 0, NO_FEATURE]);
        assert_eq!(tile.features.len(), 2);
        assert_eq!(
            tile.features.lookup(1, "name"),
            Some(PropertyValue::String("wall".to_owned()))
        );
        assert!(
            tile.warnings[0].contains("beyond the 2 features"),
            "{:?}",
            tile.warnings
        );
    }
}

#[test]
fn without_batch_ids_the_batch_table_has_a_row_per_point() {
    let mut tile = pnts(
        json!({"POINTS_LENGTH": 2, "POSITION": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}),
        &[],
    );
    tile.batches = json!({"intensity": {"byteOffset": 0, "componentType": "UNSIGNED_SHORT", "type": "SCALAR"}});
    tile.batch_binary = shorts(&[7, 9, 0, 0]);
    let tile = plain(&tile.bytes()).unwrap();
    assert_eq!(positions(&tile), [[1., 2., 3.], [4., 5., 6.]]);
    assert_eq!(
        tile.features.lookup(1, "intensity"),
        Some(PropertyValue::U64(9))
    );
}

#[test]
fn what_is_wrong_is_told() {
    let good = floats(&[0.; 6]);
    for (json, expected) in [
        (
            json!({"POSITION": {"byteOffset": 0}}),
            "POINTS_LENGTH: is missing",
        ),
        (
            json!({"POINTS_LENGTH": 2}),
            "has neither POSITION nor POSITION_QUANTIZED",
        ),
        (
            json!({"POINTS_LENGTH": 3, "POSITION": {"byteOffset": 0}}),
            "POSITION: cut short",
        ),
        (
            json!({"POINTS_LENGTH": 4e9, "POSITION": {"byteOffset": 0}}),
            "points are more than the limit",
        ),
        (
            json!({"POINTS_LENGTH": 1, "POSITION_QUANTIZED": {"byteOffset": 0}}),
            "QUANTIZED_VOLUME_SCALE: is missing",
        ),
        (
            json!({"POINTS_LENGTH": 1, "POSITION": {"byteOffset": 0}, "BATCH_ID": {"byteOffset": 0}}),
            "BATCH_LENGTH: is missing",
        ),
        (
            json!({"POINTS_LENGTH": 1, "POSITION": {"byteOffset": 0}, "RGB": [1, "a", 2]}),
            "RGB: must be 3 number(s)",
        ),
        (json!([1]), "POINTS_LENGTH: is missing"),
        (
            json!({"POINTS_LENGTH": 1, "POSITION": {"byteOffset": 0}, "extensions": {"3DTILES_draco_point_compression": {"byteOffset": 0, "byteLength": 99}}}),
            "cut short",
        ),
    ] {
        let error = told(json, &good);
        assert!(error.contains(expected), "{error}");
    }
    let error = told(
        json!({"POINTS_LENGTH": 2, "POSITION": {"byteOffset": 0}}),
        &floats(&[0., 0., 0., 0., f32::NAN, 0.]),
    );
    assert!(
        error.contains("position 1 is not a finite number"),
        "{error}"
    );
}

#[test]
fn no_points_are_an_empty_tile() {
    let tile = decoded(
        json!({"POINTS_LENGTH": 0, "POSITION": {"byteOffset": 0}}),
        &[],
    );
    assert!(tile.primitives.is_empty() && tile.features.is_empty());
    let again = PreparedTile::from_bytes(&tile.to_bytes()).unwrap();
    assert_eq!(again, tile);
}
