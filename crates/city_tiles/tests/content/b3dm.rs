//! 3D Tiles 1.0, 10.1: batched models, their feature and batch tables, and the older headers.

use crate::made::{Made, plain, positions};
use crate::samples;
use crate::tables::{Tables, padded};
use city_tiles::metadata::PropertyValue;
use serde_json::{Value, json};

fn b3dm(features: &Value, table: &Value, binary: &[u8], glb: &[u8]) -> Vec<u8> {
    Tables {
        magic: *b"b3dm",
        features: features.clone(),
        batches: table.clone(),
        batch_binary: binary.to_vec(),
        body: glb.to_vec(),
        ..Tables::default()
    }
    .bytes()
}

fn with_ids(name: &str) -> Vec<u8> {
    let mut made = Made::triangle();
    let ids = made.accessor("SCALAR", 5121, 3, &[0, 1, 2]);
    made.attribute(name, ids);
    made.glb()
}

#[test]
fn batch_ids_lead_to_the_batch_table() {
    for name in ["_BATCHID", "BATCHID"] {
        let features = json!({"BATCH_LENGTH": 3, "RTC_CENTER": [100.0, 200.0, 300.0]});
        let table = json!({"name": ["a", "b", "c"], "height": {"byteOffset": 0, "componentType": "FLOAT", "type": "SCALAR"}});
        let binary = [1.5_f32, 2.5, 3.5, 0.0].map(f32::to_le_bytes).concat();
        let tile = plain(&b3dm(&features, &table, &binary, &with_ids(name))).unwrap();
        assert_eq!(tile.features.len(), 3);
        assert_eq!(
            tile.primitives[0]
                .vertices
                .iter()
                .map(|v| v.feature)
                .collect::<Vec<_>>(),
            [0, 1, 2]
        );
        assert_eq!(
            tile.features.lookup(1, "name"),
            Some(PropertyValue::String("b".to_owned()))
        );
        assert_eq!(
            tile.features.lookup(2, "height"),
            Some(PropertyValue::F64(3.5))
        );
        assert_eq!(positions(&tile)[2], [100., 200., 301.]);
        assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
    }
}

#[test]
fn a_batch_length_of_zero_is_valid() {
    let tile = plain(&b3dm(
        &json!({"BATCH_LENGTH": 0}),
        &Value::Null,
        &[],
        &Made::triangle().glb(),
    ))
    .unwrap();
    assert!(tile.features.is_empty());
}

#[test]
fn an_id_beyond_the_batch_is_no_feature() {
    let tile = plain(&b3dm(
        &json!({"BATCH_LENGTH": 2}),
        &Value::Null,
        &[],
        &with_ids("_BATCHID"),
    ))
    .unwrap();
    assert_eq!(
        tile.primitives[0].vertices[2].feature,
        city_tiles::prepared::NO_FEATURE
    );
    assert!(
        tile.warnings[0].contains("beyond the 2 features"),
        "{:?}",
        tile.warnings
    );
}

#[test]
fn older_headers() {
    let glb = with_ids("_BATCHID");
    let table = padded(&json!({"name": ["a", "b", "c"]}));
    let word = |number: usize| (number as u32).to_le_bytes();
    let old20 = [
        b"b3dm".to_vec(),
        word(1).into(),
        word(20 + table.len() + glb.len()).into(),
        word(3).into(),
        word(table.len()).into(),
        table.clone(),
        glb.clone(),
    ]
    .concat();
    let old24 = [
        b"b3dm".to_vec(),
        word(1).into(),
        word(24 + table.len() + glb.len()).into(),
        word(table.len()).into(),
        word(0).into(),
        word(3).into(),
        table,
        glb.clone(),
    ]
    .concat();
    for bytes in [old20, old24] {
        let tile = plain(&bytes).unwrap();
        assert_eq!(
            tile.features.lookup(2, "name"),
            Some(PropertyValue::String("c".to_owned()))
        );
    }
}

#[test]
fn cut_short_or_lying() {
    let whole = b3dm(
        &json!({"BATCH_LENGTH": 3}),
        &json!({"n": [1, 2, 3]}),
        &[],
        &with_ids("_BATCHID"),
    );
    for length in 0..whole.len() {
        assert!(plain(&whole[..length]).is_err(), "{length}");
    }
    for word in 3..7 {
        let mut lying = whole.clone();
        lying[word * 4..word * 4 + 4].copy_from_slice(&0x1000_0000_u32.to_le_bytes());
        assert!(
            plain(&lying).unwrap_err().to_string().contains("cut short"),
            "{word}"
        );
    }
}

#[test]
fn batch_tables_of_cesiumjs() {
    let Some(folder) = samples::folder("visgl__loaders.gl/modules/3d-tiles/test/data/CesiumJS")
    else {
        return;
    };
    let mut with_properties = 0;
    for file in samples::files(&folder, &["b3dm"]) {
        let Ok(tile) = samples::decode_file(&file) else {
            continue;
        };
        let used: std::collections::BTreeSet<u32> = tile
            .primitives
            .iter()
            .flat_map(|p| p.vertices.iter().map(|v| v.feature))
            .collect();
        let properties = tile.features.properties(0);
        if !properties.is_empty() {
            with_properties += 1;
            assert!(
                used.contains(&0),
                "{}: no vertex has feature 0",
                file.display()
            );
        }
        println!(
            "{}: {} features, {properties:?}, {:?}",
            file.display(),
            tile.features.len(),
            tile.warnings
        );
    }
    assert!(with_properties > 20, "{with_properties}");
}

#[test]
fn a_hierarchy_gives_inherited_properties() {
    let Some(folder) = samples::folder("visgl__loaders.gl/modules/3d-tiles/test/data/CesiumJS")
    else {
        return;
    };
    let mut found = 0;
    for file in samples::files(&folder, &["b3dm"]) {
        if !file
            .to_str()
            .unwrap()
            .contains("Hierarchy/BatchTableHierarchy/")
        {
            continue;
        }
        let tile = samples::decode_file(&file).unwrap();
        found += 1;
        // A door of a building: the building's owner and the zone's name are its own by inheritance.
        let properties = tile.features.properties(0);
        let value = |id: &str| {
            properties
                .iter()
                .find(|p| p.id == id)
                .map(|p| p.value.clone())
        };
        assert!(
            matches!(value("class"), Some(PropertyValue::String(_))),
            "{properties:?}"
        );
        assert!(
            value("building_name").is_some_and(|v| v != PropertyValue::NoData),
            "{properties:?}"
        );
    }
    assert!(found > 0);
}
