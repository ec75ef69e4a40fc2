//! 3D Tiles 1.0, 10.2: instanced models; and EXT_mesh_gpu_instancing with EXT_instance_features.

use crate::made::{Made, plain, positions};
use crate::tables::{Tables, floats, shorts};
use city_tiles::formats::{DecodeErrorKind, DecodeOptions, decode, list_external_with};
use city_tiles::metadata::PropertyValue;
use city_tiles::prepared::{NO_FEATURE, PreparedTile};
use serde_json::{Value, json};

/// An i3dm around a triangle: (0,0,0), (1,0,0), (0,1,0) in glTF, so (0,0,1) last with z up.
fn i3dm(features: Value, binary: Vec<u8>) -> Tables {
    Tables {
        magic: *b"i3dm",
        features,
        feature_binary: binary,
        format: Some(1),
        body: Made::triangle().glb(),
        ..Tables::default()
    }
}

fn decoded(features: Value, binary: Vec<u8>) -> PreparedTile {
    plain(&i3dm(features, binary).bytes()).unwrap()
}

#[track_caller]
fn near(found: &[[f64; 3]], expected: &[[f64; 3]]) {
    let close = |a: &[f64; 3], b: &[f64; 3]| (0..3).all(|i| (a[i] - b[i]).abs() < 1e-4);
    assert!(
        found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| close(a, b)),
        "{found:?}, not {expected:?}"
    );
}

fn features(tile: &PreparedTile) -> Vec<u32> {
    tile.primitives
        .iter()
        .flat_map(|p| &p.vertices)
        .map(|v| v.feature)
        .collect()
}

#[test]
fn positions_and_scales() {
    let binary = floats(&[10., 0., 0., 0., 20., 0.]);
    let tile = decoded(
        json!({"INSTANCES_LENGTH": 2, "POSITION": {"byteOffset": 0}, "RTC_CENTER": [1.0, 2.0, 3.0],
            "SCALE": [1.0, 2.0], "SCALE_NON_UNIFORM": [1, 1, 1, 1, 1, 3]}),
        binary,
    );
    near(
        &positions(&tile),
        &[
            [11., 2., 3.],
            [12., 2., 3.],
            [11., 2., 4.],
            [1., 22., 3.],
            [3., 22., 3.],
            [1., 22., 9.],
        ],
    );
    assert_eq!(tile.primitives[0].indices, [0, 1, 2, 3, 4, 5]);
    // Each instance is a feature.
    assert_eq!(features(&tile), [0, 0, 0, 1, 1, 1]);
    assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
}

#[test]
fn quantized_positions_keep_f64() {
    let tile = decoded(
        json!({"INSTANCES_LENGTH": 1, "POSITION_QUANTIZED": {"byteOffset": 0},
            "QUANTIZED_VOLUME_OFFSET": [1214913.8340490046, -4736416.75897742, 4081508.4380407534],
            "QUANTIZED_VOLUME_SCALE": [65.535, 65.535, 65.535]}),
        shorts(&[1000, 0, 0]),
    );
    let x = positions(&tile)[0][0];
    assert!((x - 1_214_914.834_049_004_6).abs() < 1e-6, "{x}");
}

#[test]
fn vectors_turn_x_to_the_right_and_y_up() {
    // Right is z and up is x: x -> z, y -> x, z -> y.
    let plain_vectors = [
        floats(&[5., 0., 0.]),
        floats(&[2., 0., 0.]),
        floats(&[0., 0., 1.]),
    ]
    .concat();
    let octahedral = [floats(&[5., 0., 0.]), shorts(&[65535, 32768, 32768, 32768])].concat();
    for (names, at, binary) in [
        (["NORMAL_UP", "NORMAL_RIGHT"], [12, 24], plain_vectors),
        (
            ["NORMAL_UP_OCT32P", "NORMAL_RIGHT_OCT32P"],
            [12, 16],
            octahedral,
        ),
    ] {
        let mut json =
            json!({"INSTANCES_LENGTH": 1, "POSITION": {"byteOffset": 0}, "EAST_NORTH_UP": true});
        for (name, at) in names.iter().zip(at) {
            json[*name] = json!({"byteOffset": at});
        }
        let found = positions(&decoded(json.clone(), binary.clone()));
        near(&found, &[[5., 0., 0.], [5., 0., 1.], [5., 1., 0.]]);
        json.as_object_mut().unwrap().remove(names[1]);
        let error = plain(&i3dm(json, binary).bytes()).unwrap_err().to_string();
        assert!(error.contains("only mean something together"), "{error}");
    }
}

#[test]
fn east_north_up_is_of_the_position_in_ecef() {
    let here = city_geo::Geodetic::from_degrees(114.17, 22.3, 10.0);
    let center = city_geo::ecef_from_geodetic(here);
    let tile = decoded(
        json!({"INSTANCES_LENGTH": 1, "POSITION": {"byteOffset": 0}, "EAST_NORTH_UP": true,
            "RTC_CENTER": center.to_array()}),
        floats(&[0.; 3]),
    );
    let frame = city_geo::LocalFrame::enu(here);
    let local: Vec<[f64; 3]> = positions(&tile)
        .iter()
        .map(|p| {
            frame
                .local_of_ecef(city_geo::DVec3::from_array(*p))
                .to_array()
        })
        .collect();
    near(&local, &[[0., 0., 0.], [1., 0., 0.], [0., 0., 1.]]);
    assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
    // In a local frame there is no such position; the tile's own z is up.
    let tile = decoded(
        json!({"INSTANCES_LENGTH": 1, "POSITION": {"byteOffset": 0}, "EAST_NORTH_UP": true}),
        floats(&[7., 0., 0.]),
    );
    near(
        &positions(&tile),
        &[[7., 0., 0.], [8., 0., 0.], [7., 0., 1.]],
    );
    assert!(
        tile.warnings[0].contains("EAST_NORTH_UP"),
        "{:?}",
        tile.warnings
    );
}

#[test]
fn batch_ids_lead_to_the_batch_table() {
    let mut binary = floats(&[0.; 9]);
    binary.extend([2, 0, 2]);
    let mut tile = i3dm(
        json!({"INSTANCES_LENGTH": 3, "POSITION": {"byteOffset": 0},
            "BATCH_ID": {"byteOffset": 36, "componentType": "UNSIGNED_BYTE"}}),
        binary,
    );
    tile.batches = json!({"name": ["oak", "elm", "lime"]});
    // The model's own batch ids mean nothing here.
    let mut model = Made::triangle();
    let ids = model.accessor("SCALAR", 5121, 3, &[1, 1, 1]);
    model.attribute("_BATCHID", ids);
    tile.body = model.glb();
    let tile = plain(&tile.bytes()).unwrap();
    assert_eq!(features(&tile), [2, 2, 2, 0, 0, 0, 2, 2, 2]);
    assert_eq!(
        tile.features.lookup(2, "name"),
        Some(PropertyValue::String("lime".to_owned()))
    );
    assert_eq!(tile.features.len(), 3);
}

#[test]
fn a_model_beside_the_tile_brings_its_own_files() {
    let mut model = Made::triangle();
    model.json["buffers"][0] = json!({"uri": "tree.bin", "byteLength": model.binary.len()});
    let (gltf, binary) = (
        serde_json::to_vec(&model.json).unwrap(),
        model.binary.clone(),
    );
    for padding in [&b""[..], b"  ", b"\0\0\0", b" \0"] {
        let mut tile = i3dm(
            json!({"INSTANCES_LENGTH": 1, "POSITION": [1, 2, 3]}),
            Vec::new(),
        );
        tile.format = Some(0);
        tile.body = [b"models/a%20tree.gltf", padding].concat();
        let bytes = tile.bytes();
        let (base, options) = (
            "https://city.org/tiles/1.i3dm?key=k",
            DecodeOptions::default(),
        );
        let (at, beside) = (
            "https://city.org/tiles/models/a%20tree.gltf?key=k",
            "https://city.org/tiles/models/tree.bin?key=k",
        );
        let first = list_external_with(&bytes, base, &|_| None, &options).unwrap();
        assert_eq!(first, [at]);
        let come = |address: &str| (address == at).then(|| gltf.clone());
        let mut second = list_external_with(&bytes, base, &come, &options).unwrap();
        second.sort();
        assert_eq!(second, [at, beside]);
        let all =
            |address: &str| come(address).or_else(|| (address == beside).then(|| binary.clone()));
        near(
            &positions(&decode(&bytes, base, &all, &options).unwrap())[..1],
            &[[1., 2., 3.]],
        );
        for (external, missing) in [
            (
                &(|_: &str| None) as &dyn Fn(&str) -> Option<Vec<u8>>,
                "a%20tree.gltf",
            ),
            (&come, "tree.bin"),
        ] {
            let error = decode(&bytes, base, external, &options).unwrap_err();
            assert!(
                matches!(&error.kind, DecodeErrorKind::MissingResource(file) if file.contains(missing)),
                "{error}"
            );
            assert!(
                error
                    .to_string()
                    .starts_with("https://city.org/tiles/1.i3dm: model"),
                "{error}"
            );
        }
        let html = |_: &str| Some(b"<html>".to_vec());
        let error = decode(&bytes, base, &html, &options)
            .unwrap_err()
            .to_string();
        assert!(error.contains("is no glTF"), "{error}");
    }
}

#[test]
fn what_is_wrong_is_told() {
    let nothing = || {
        i3dm(
            json!({"INSTANCES_LENGTH": 1, "POSITION": [1, 2, 3]}),
            Vec::new(),
        )
    };
    let told = |tile: Tables| plain(&tile.bytes()).unwrap_err().to_string();
    let error = told(Tables {
        format: Some(2),
        ..nothing()
    });
    assert!(error.contains("gltfFormat is 2"), "{error}");
    let error = told(Tables {
        features: json!({"POSITION": [1, 2, 3]}),
        ..nothing()
    });
    assert!(error.contains("INSTANCES_LENGTH: is missing"), "{error}");
    let error = told(Tables {
        format: Some(0),
        body: b"   \0".to_vec(),
        ..nothing()
    });
    assert!(error.contains("model URI: is empty"), "{error}");
    let error = told(Tables {
        format: Some(0),
        body: vec![0xFF, 0xFE],
        ..nothing()
    });
    assert!(error.contains("is not UTF-8"), "{error}");
    let error = told(Tables {
        body: b"glTF\x01\0\0\0\x14\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
        ..nothing()
    });
    assert!(error.contains("3d-tiles-tools upgrade"), "{error}");
    let error = told(Tables {
        features: json!({"INSTANCES_LENGTH": 1, "POSITION": [1, 2, 3], "BATCH_ID": [4e9]}),
        ..nothing()
    });
    assert!(
        error.contains("features are more than the limit"),
        "{error}"
    );
    let whole = nothing().bytes();
    for length in 0..whole.len() {
        assert!(plain(&whole[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_forest_beyond_the_limit_is_drawn_with_gaps() {
    let places: Vec<f32> = (0..1000).flat_map(|i| [i as f32, 0., 0.]).collect();
    let bytes = i3dm(
        json!({"INSTANCES_LENGTH": 1000, "POSITION": {"byteOffset": 0}}),
        floats(&places),
    )
    .bytes();
    let options = DecodeOptions {
        max_vertices: 1000,
        ..DecodeOptions::default()
    };
    let tile = decode(&bytes, "a", &|_| None, &options).unwrap();
    assert_eq!(tile.vertices(), 999);
    assert_eq!(
        tile.warnings,
        ["333 of 1000 instances are drawn: all would be more than the limit of 1000 vertices"]
    );
    let places: Vec<f64> = positions(&tile).iter().step_by(3).map(|p| p[0]).collect();
    assert!(places.windows(2).all(|w| w[1] - w[0] < 5.0), "{places:?}");
    assert!(places[0] < 5.0 && places[332] > 994.0);
    // Each says which it is.
    assert!(
        places
            .iter()
            .zip(features(&tile).iter().step_by(3))
            .all(|(x, f)| (x - f64::from(*f)).abs() < 1e-3)
    );
    let few = DecodeOptions {
        max_vertices: 1000,
        max_nodes: 0,
        ..DecodeOptions::default()
    };
    assert!(decode(&bytes, "a", &|_| None, &few).is_err());
}

/// A triangle with instances.
fn instanced(attributes: &[(&str, &str, u32, usize, Vec<u8>)]) -> Made {
    let mut made = Made::triangle();
    let mut named = json!({});
    for (name, kind, component, count, bytes) in attributes {
        let accessor = made.accessor(kind, *component, *count, bytes);
        if *component != 5126 && *name == "ROTATION" {
            made.list("accessors")[accessor]["normalized"] = json!(true);
        }
        named[*name] = json!(accessor);
    }
    made.json["extensionsRequired"] = json!(["EXT_mesh_gpu_instancing"]);
    made.json["nodes"][0]["extensions"] = json!({"EXT_mesh_gpu_instancing": {"attributes": named}});
    made
}

#[test]
fn gpu_instances_stand_in_their_nodes_frame() {
    let half = std::f32::consts::FRAC_1_SQRT_2;
    let short = (32767.0 * half).round() as i16;
    // A quarter turn around z of glTF: x -> y, y -> -x.
    for (component, rotation) in [
        (5126, floats(&[0., 0., 0., 1., 0., 0., half, half])),
        (
            5122,
            [0, 0, 0, 32767, 0, 0, short, short]
                .iter()
                .flat_map(|v| v.to_le_bytes())
                .collect(),
        ),
        (5120, vec![0, 0, 0, 127, 0, 0, 90, 90]),
    ] {
        let mut made = instanced(&[
            (
                "TRANSLATION",
                "VEC3",
                5126,
                2,
                floats(&[0., 0., 0., 5., 0., 0.]),
            ),
            ("ROTATION", "VEC4", component, 2, rotation),
            ("SCALE", "VEC3", 5126, 2, floats(&[1., 1., 1., 2., 2., 2.])),
        ]);
        made.json["nodes"][0]["translation"] = json!([0, 10, 0]);
        let tile = made.decode().unwrap();
        near(
            &positions(&tile),
            &[
                [0., 0., 10.],
                [1., 0., 10.],
                [0., 0., 11.],
                [5., 0., 10.],
                [5., 0., 12.],
                [3., 0., 10.],
            ],
        );
        assert_eq!(features(&tile), [NO_FEATURE; 6]);
        assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
    }
}

#[test]
fn instances_have_features() {
    let three = || ("TRANSLATION", "VEC3", 5126, 3, floats(&[0.; 9]));
    let ids = ("_FEATURE_ID_0", "SCALAR", 5121, 3, vec![1, 7, 0]);
    let schema = json!({"schema": {"classes": {"t": {"properties": {"h": {"type": "SCALAR", "componentType": "UINT8"}}}}}});
    let of = |set: Value, attributes: &[_]| {
        let mut made = instanced(attributes);
        made.json["nodes"][0]["extensions"]["EXT_instance_features"] = json!({"featureIds": [set]});
        let view = made.view(&[30, 40]);
        made.json["extensions"] = json!({"EXT_structural_metadata": schema});
        made.json["extensions"]["EXT_structural_metadata"]["propertyTables"] =
            json!([{"class": "t", "count": 2, "properties": {"h": {"values": view}}}]);
        made.decode().unwrap()
    };
    let each = |tile: &PreparedTile| features(tile).into_iter().step_by(3).collect::<Vec<_>>();
    let tile = of(
        json!({"featureCount": 2, "attribute": 0, "nullFeatureId": 7, "propertyTable": 0}),
        &[three(), ids.clone()],
    );
    assert_eq!(each(&tile), [1, NO_FEATURE, 0]);
    assert_eq!(tile.features.lookup(1, "h"), Some(PropertyValue::U64(40)));
    assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
    // Implicit: the instance's own number.
    let tile = of(json!({"featureCount": 3, "label": "tree"}), &[three()]);
    assert_eq!(each(&tile), [0, 1, 2]);
    assert_eq!(tile.features.blocks[0].label.as_deref(), Some("tree"));
    // What cannot be read costs the labels and not the picture.
    let tile = of(json!({"featureCount": 3, "attribute": 4}), &[three()]);
    assert_eq!(each(&tile), [NO_FEATURE; 3]);
    assert!(
        tile.warnings[0].contains("_FEATURE_ID_4 does not exist"),
        "{:?}",
        tile.warnings
    );
    let mut made = instanced(&[three(), ("_BATCHID", "SCALAR", 5121, 3, vec![1, 0, 1])]);
    assert_eq!(each(&made.decode().unwrap()), [1, 0, 1]);
    // A vertex that has its own feature keeps it.
    let own = made.accessor("SCALAR", 5121, 3, &[0, 0, 9]);
    made.attribute("_FEATURE_ID_0", own);
    made.primitive()["extensions"] = json!({"EXT_mesh_features": {"featureIds": [{"attribute": 0, "nullFeatureId": 9, "featureCount": 1}]}});
    let tile = made.decode().unwrap();
    let found = features(&tile);
    assert_eq!(found[0], found[1]);
    assert_ne!(found[0], found[2]);
    assert_eq!(found[2], found[8]);
    assert_ne!(found[2], found[5]);
}

#[test]
fn bad_instances_are_told() {
    let error = instanced(&[
        ("TRANSLATION", "VEC3", 5126, 2, floats(&[0.; 6])),
        ("SCALE", "VEC3", 5126, 1, floats(&[1.; 3])),
    ])
    .decode()
    .unwrap_err()
    .to_string();
    assert!(
        error.contains("nodes[0].EXT_mesh_gpu_instancing.SCALE: has 1 rows"),
        "{error}"
    );
    let error = instanced(&[("TRANSLATION", "VEC3", 5126, 1, floats(&[f32::NAN; 3]))])
        .decode()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("transform of instance 0 is not finite"),
        "{error}"
    );
    let mut made = instanced(&[("TRANSLATION", "VEC3", 5126, 1, floats(&[0.; 3]))]);
    made.list("accessors")[1]["count"] = json!(1_u64 << 40);
    assert!(matches!(
        made.decode().unwrap_err().kind,
        DecodeErrorKind::Limit { .. }
    ));
    let tile = instanced(&[]).decode().unwrap();
    assert_eq!(tile.vertices(), 3);
    assert!(
        tile.warnings[0].contains("drawn once"),
        "{:?}",
        tile.warnings
    );
}
