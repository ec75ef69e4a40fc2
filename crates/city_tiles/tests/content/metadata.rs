//! EXT_mesh_features, EXT_structural_metadata and the 3D Metadata specification's binary tables.

use crate::made::Made;
use crate::samples;
use city_tiles::metadata::PropertyValue;
use city_tiles::prepared::NO_FEATURE;
use serde_json::{Value, json};

/// A triangle whose three vertices are three features, with one property of this class and these bytes.
fn one_property(class: Value, stored: impl Fn(&mut Made) -> Value) -> Vec<PropertyValue> {
    let (values, warnings) = read(class, stored);
    assert!(warnings.is_empty(), "{warnings:?}");
    values
}

fn read(class: Value, stored: impl Fn(&mut Made) -> Value) -> (Vec<PropertyValue>, Vec<String>) {
    let mut made = Made::triangle();
    let stored = stored(&mut made);
    made.json["extensions"] = json!({"EXT_structural_metadata": {
        "schema": {
            "classes": {"thing": {"properties": {"p": class}}},
            "enums": {"use": {"values": [{"name": "Office", "value": 7}, {"name": "Home", "value": 1}]}},
        },
        "propertyTables": [{"class": "thing", "count": 3, "properties": {"p": stored}}],
    }});
    made.primitive()["extensions"] = json!({"EXT_mesh_features": {"featureIds": [
        {"featureCount": 3, "propertyTable": 0, "label": "parts"}
    ]}});
    let tile = made.decode().unwrap();
    let values = (0..3)
        .filter_map(|feature| tile.features.lookup(feature, "p"))
        .collect();
    (values, tile.warnings)
}

#[test]
fn numbers_keep_their_type() {
    let big = [u64::MAX, 0, 1 << 63];
    let values = one_property(
        json!({"type": "SCALAR", "componentType": "UINT64"}),
        |made| json!({"values": made.view(&big.map(u64::to_le_bytes).concat())}),
    );
    assert_eq!(values, big.map(PropertyValue::U64));
    let values = one_property(
        json!({"type": "SCALAR", "componentType": "INT16"}),
        |made| json!({"values": made.view(&[-3_i16, 0, 300].map(i16::to_le_bytes).concat())}),
    );
    assert_eq!(values, [-3, 0, 300].map(PropertyValue::I64));
    let values = one_property(
        json!({"type": "SCALAR", "componentType": "FLOAT32"}),
        |made| json!({"values": made.view(&[49.3_f32, 0.1, -2.5].map(f32::to_le_bytes).concat())}),
    );
    assert_eq!(
        values,
        [49.3, 0.1, -2.5].map(PropertyValue::F64),
        "single precision reads as it was written"
    );
}

#[test]
fn normalised_scaled_and_offset() {
    let class = json!({"type": "SCALAR", "componentType": "UINT8", "normalized": true, "scale": 10.0, "offset": 1.0});
    let values = one_property(
        class.clone(),
        |made| json!({"values": made.view(&[0, 255, 51])}),
    );
    assert_eq!(values, [1.0, 11.0, 3.0].map(PropertyValue::F64));
    // The table's own factors come before the class's.
    let values = one_property(
        class,
        |made| json!({"values": made.view(&[0, 255, 51]), "offset": 5.0}),
    );
    assert_eq!(values, [5.0, 15.0, 7.0].map(PropertyValue::F64));
    let class =
        json!({"type": "VEC2", "componentType": "INT8", "normalized": true, "scale": [1.0, 2.0]});
    let values = one_property(
        class,
        |made| json!({"values": made.view(&[127, 127, 0x81, 0x81, 0x80, 0])}),
    );
    assert_eq!(values[1].to_string(), "[-1, -2]");
    assert_eq!(values[2].to_string(), "[-1, 0]");
}

#[test]
fn strings_booleans_and_enums() {
    let values = one_property(
        json!({"type": "STRING"}),
        |made| json!({"values": made.view("añ港".as_bytes()), "stringOffsets": made.view(&[0, 1, 1, 6]), "stringOffsetType": "UINT8"}),
    );
    assert_eq!(
        values,
        ["a", "", "ñ港"].map(|t| PropertyValue::String(t.to_owned()))
    );
    let values = one_property(
        json!({"type": "BOOLEAN"}),
        |made| json!({"values": made.view(&[0b101])}),
    );
    assert_eq!(values, [true, false, true].map(PropertyValue::Bool));
    let values = one_property(
        json!({"type": "ENUM", "enumType": "use"}),
        |made| json!({"values": made.view(&[7_u16, 1, 9].map(u16::to_le_bytes).concat())}),
    );
    assert_eq!(
        values,
        ["Office", "Home", "9"].map(|t| PropertyValue::Enum(t.to_owned()))
    );
}

#[test]
fn arrays_vectors_and_matrices() {
    let values = one_property(
        json!({"type": "SCALAR", "componentType": "UINT8", "array": true}),
        |made| json!({"values": made.view(&[1, 2, 3]), "arrayOffsets": made.view(&[0_u32, 2, 2, 3].map(u32::to_le_bytes).concat())}),
    );
    assert_eq!(
        values.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["[1, 2]", "[]", "[3]"]
    );
    let values = one_property(
        json!({"type": "STRING", "array": true, "count": 2}),
        |made| json!({"values": made.view(b"abcdef"), "stringOffsets": made.view(&[0, 1, 2, 3, 4, 5, 6]), "stringOffsetType": "UINT8"}),
    );
    assert_eq!(values[2].to_string(), "[e, f]");
    let values = one_property(
        json!({"type": "MAT2", "componentType": "INT8"}),
        |made| json!({"values": made.view(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])}),
    );
    assert_eq!(values[1].to_string(), "[5, 6, 7, 8]");
    let values = one_property(
        json!({"type": "VEC2", "componentType": "UINT8", "array": true, "count": 2}),
        |made| json!({"values": made.view(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])}),
    );
    assert_eq!(values[2].to_string(), "[[9, 10], [11, 12]]");
    let values = one_property(
        json!({"type": "BOOLEAN", "array": true, "count": 3}),
        |made| json!({"values": made.view(&[0b1010_0110, 1])}),
    );
    assert_eq!(values[2].to_string(), "[false, true, true]");
}

#[test]
fn no_data_and_defaults() {
    let class = json!({"type": "SCALAR", "componentType": "INT32", "noData": -1, "scale": 0.5});
    let stored = |made: &mut Made| json!({"values": made.view(&[4_i32, -1, 6].map(i32::to_le_bytes).concat())});
    let values = one_property(class.clone(), stored);
    assert_eq!(
        values,
        [
            PropertyValue::F64(2.0),
            PropertyValue::NoData,
            PropertyValue::F64(3.0)
        ]
    );
    let mut with_default = class;
    with_default["default"] = json!(99);
    assert_eq!(
        one_property(with_default, stored)[1],
        PropertyValue::I64(99)
    );
    let class = json!({"type": "ENUM", "enumType": "use", "noData": "Home"});
    let values = one_property(
        class,
        |made| json!({"values": made.view(&[7_u16, 1, 7].map(u16::to_le_bytes).concat())}),
    );
    assert_eq!(values[1], PropertyValue::NoData);
}

#[test]
fn a_column_that_lies_is_left_out_and_said() {
    let lies: [(Value, fn(&mut Made) -> Value); 6] = [
        (
            json!({"type": "SCALAR", "componentType": "FLOAT64"}),
            |made| json!({"values": made.view(&[0; 23])}),
        ),
        (
            json!({"type": "STRING"}),
            |made| json!({"values": made.view(b"abc"), "stringOffsets": made.view(&[0; 8])}),
        ),
        (
            json!({"type": "STRING"}),
            |made| json!({"values": made.view(b"abc"), "stringOffsets": made.view(&[0, 2, 1, 3]), "stringOffsetType": "UINT8"}),
        ),
        (
            json!({"type": "STRING"}),
            |made| json!({"values": made.view("港".as_bytes()), "stringOffsets": made.view(&[0, 1, 2, 3]), "stringOffsetType": "UINT8"}),
        ),
        (
            json!({"type": "SCALAR", "componentType": "UINT8", "array": true, "count": u64::MAX}),
            |made| json!({"values": made.view(&[0; 3])}),
        ),
        (
            json!({"type": "SCALAR", "componentType": "UINT8"}),
            |_| json!({"values": 77}),
        ),
    ];
    for (class, stored) in lies {
        let (values, warnings) = read(class.clone(), stored);
        assert!(values.is_empty(), "{class}: {values:?}");
        assert!(
            warnings.len() == 1 && warnings[0].contains("thing.p"),
            "{class}: {warnings:?}"
        );
    }
}

#[test]
fn ids_by_attribute_with_a_null_and_without_a_table() {
    let mut made = Made::triangle();
    let ids = made.floats("SCALAR", &[4., 65535., 0.]);
    made.attribute("_FEATURE_ID_0", ids);
    made.primitive()["extensions"] = json!({"EXT_mesh_features": {"featureIds": [
        {"featureCount": 2, "attribute": 0, "nullFeatureId": 65535}
    ]}});
    let tile = made.decode().unwrap();
    assert_eq!(
        tile.primitives[0]
            .vertices
            .iter()
            .map(|v| v.feature)
            .collect::<Vec<_>>(),
        [4, NO_FEATURE, 0]
    );
    assert_eq!(tile.features.len(), 5);
    assert!(tile.features.properties(4).is_empty());
}

#[test]
fn official_samples_have_their_properties() {
    let Some(folder) = samples::folder("CesiumGS__3d-tiles-samples/glTF/EXT_structural_metadata")
    else {
        return;
    };
    for file in samples::files(&folder, &["gltf", "glb"]) {
        let tile = samples::decode_file(&file).unwrap();
        let properties = tile.features.properties(0);
        println!("{}: {:?} {:?}", file.display(), properties, tile.warnings);
        let name = file.to_str().unwrap();
        // Some have properties of points, and none of features.
        let of_points =
            name.contains("SimplePropertyTexture") || name.contains("PropertyAttributes");
        assert_eq!(of_points, properties.is_empty(), "{name}");
        assert_eq!(
            of_points,
            !tile
                .surface
                .properties(0, [0; 3], [1.0, 0.0, 0.0])
                .is_empty()
        );
        assert!(tile.warnings.is_empty(), "{name}: {:?}", tile.warnings);
    }
}

#[test]
fn a_schema_in_another_file() {
    use city_tiles::formats::{DecodeOptions, decode, list_external};
    let mut made = Made::triangle();
    let values = made.view(&[7, 8, 9]);
    made.json["extensions"] = json!({"EXT_structural_metadata": {
        "schemaUri": "schemas/city.json",
        "propertyTables": [{"class": "c", "count": 3, "properties": {"n": {"values": values}}}],
    }});
    made.primitive()["extensions"] =
        json!({"EXT_mesh_features": {"featureIds": [{"featureCount": 3, "propertyTable": 0}]}});
    let (glb, options) = (made.glb(), DecodeOptions::default());
    let needed = list_external(&glb, "tiles/a.glb", &options).unwrap();
    assert_eq!(needed, ["tiles/schemas/city.json"]);
    let schema = json!({"classes": {"c": {"properties": {
        "n": {"type": "SCALAR", "componentType": "UINT8", "name": "Storeys", "extras": {"unit": "1"}}}}}});
    let found = |address: &str| (address == needed[0]).then(|| schema.to_string().into_bytes());
    let tile = decode(&glb, "tiles/a.glb", &found, &options).unwrap();
    let property = tile.features.properties(2).remove(0);
    assert_eq!(
        (property.name.as_str(), property.value),
        ("Storeys", PropertyValue::U64(9))
    );
    assert_eq!(property.unit.as_deref(), Some("1"));
    assert_eq!(
        tile.features.lookup(2, "Storeys"),
        Some(PropertyValue::U64(9))
    );
    // Without the file the tile is drawn, and says what is missing.
    let tile = decode(&glb, "tiles/a.glb", &|_| None, &options).unwrap();
    assert!(
        tile.warnings[0].contains("schemas/city.json"),
        "{:?}",
        tile.warnings
    );
}
