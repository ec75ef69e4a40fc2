//! 3D Tiles 1.0, 10.4: composites.

use crate::made::{Made, plain, positions};
use crate::tables::{Tables, composite};
use city_tiles::formats::{DecodeErrorKind, DecodeOptions, decode, list_external_with};
use serde_json::json;

fn points(center: [f64; 3], names: [&str; 2]) -> Vec<u8> {
    let mut tile = Tables {
        magic: *b"pnts",
        features: json!({"POINTS_LENGTH": 2, "POSITION": [0, 0, 0, 1, 0, 0], "RTC_CENTER": center}),
        ..Tables::default()
    };
    tile.batches = json!({"name": names});
    tile.bytes()
}

fn unknown() -> Vec<u8> {
    b"what\x01\0\0\0\x10\0\0\0\0\0\0\0".to_vec()
}

#[test]
fn inner_tiles_are_merged_at_any_depth() {
    let (here, there) = ([4e6, 2e6, 1e6], [4e6, 2e6 + 100.0, 1e6]);
    let mut made = Made::triangle();
    made.json["asset"]["copyright"] = json!("the city");
    let inner = composite(&[points(there, ["c", "d"]), made.glb()]);
    let mut glb_there = made.json.clone();
    glb_there["nodes"][0]["translation"] = json!([4e6, 1e6, -2e6]);
    made.json = glb_there;
    let tile = plain(&composite(&[
        points(here, ["a", "b"]),
        unknown(),
        made.glb(),
        composite(&[inner]),
    ]))
    .unwrap();
    assert_eq!(tile.vertices(), 2 + 3 + 2 + 3);
    let found = positions(&tile);
    assert_eq!(
        found.iter().filter(|p| p[1] == 2e6 + 100.0).count(),
        2,
        "{found:?}"
    );
    let of = |feature: u32| tile.features.lookup(feature, "name").unwrap().to_string();
    assert_eq!([of(0), of(1), of(2), of(3)], ["a", "b", "c", "d"]);
    assert_eq!(tile.copyright, ["the city"]);
    // One inner GLB lies at the Earth's centre.
    assert!(
        tile.warnings.iter().any(|w| w.contains("km apart")),
        "{:?}",
        tile.warnings
    );
    assert!(
        tile.warnings
            .iter()
            .any(|w| w.contains("tiles[1].header: tiles of the kind \"what\"")),
        "{:?}",
        tile.warnings
    );
}

#[test]
fn a_damaged_inner_tile_costs_itself() {
    let good = points([0.0; 3], ["a", "b"]);
    let mut bad = points([0.0; 3], ["a", "b"]);
    bad[12] = 0xFF;
    bad[13] = 0xFF;
    let tile = plain(&composite(&[bad.clone(), good.clone()])).unwrap();
    assert_eq!(tile.vertices(), 2);
    assert!(
        tile.warnings[0].starts_with("tiles[0].feature table JSON: cut short"),
        "{:?}",
        tile.warnings
    );
    let error = plain(&composite(&[bad])).unwrap_err();
    assert!(
        matches!(error.kind, DecodeErrorKind::Truncated { .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("made/here.glb: tiles[0]."),
        "{error}"
    );
    let error = plain(&composite(&[b"vctr\x01\0\0\0\x10\0\0\0\0\0\0\0".to_vec()])).unwrap_err();
    assert!(error.to_string().contains("vector tiles (vctr)"), "{error}");
    // A length that counts too much, and a count that does.
    let mut lying = composite(std::slice::from_ref(&good));
    lying[12] = 9;
    lying[16 + 8] = 0xFF;
    lying[16 + 9] = 0xFF;
    let tile = plain(&lying).unwrap();
    assert_eq!(tile.vertices(), 2);
    assert!(
        tile.warnings[0].contains("ends before its 9 tiles"),
        "{:?}",
        tile.warnings
    );
    assert!(plain(&composite(&[])).unwrap().primitives.is_empty());
    // As many as there may be, no more.
    let mut endless = [0; 24];
    endless[..4].copy_from_slice(b"cmpt");
    let tile = plain(&composite(&[good, endless[..16].to_vec()])).unwrap();
    assert!(
        tile.warnings[0].contains("byteLength of 0"),
        "{:?}",
        tile.warnings
    );
}

#[test]
fn depth_number_and_sum_are_limited() {
    let mut nested = points([0.0; 3], ["a", "b"]);
    for _ in 0..8 {
        nested = composite(&[nested]);
    }
    assert_eq!(plain(&nested).unwrap().vertices(), 2);
    let tile = plain(&composite(&[nested])).unwrap();
    assert_eq!(tile.vertices(), 0);
    assert!(
        tile.warnings[0].contains("no deeper"),
        "{:?}",
        tile.warnings
    );
    let many = vec![unknown(); 1100];
    let error = plain(&composite(&many)).unwrap_err().to_string();
    assert!(error.contains("what"), "{error}");
    let options = DecodeOptions {
        max_vertices: 5,
        ..DecodeOptions::default()
    };
    let three = composite(&vec![points([0.0; 3], ["a", "b"]); 3]);
    let tile = decode(&three, "a", &|_| None, &options).unwrap();
    assert_eq!(tile.vertices(), 4);
    assert!(
        tile.warnings[0].contains("more than the limit of 1"),
        "{:?}",
        tile.warnings
    );
}

#[test]
fn files_beside_inner_tiles_are_asked_for() {
    let instances = |uri: &str| {
        Tables {
            magic: *b"i3dm",
            features: json!({"INSTANCES_LENGTH": 1, "POSITION": [0, 0, 0]}),
            format: Some(0),
            body: uri.as_bytes().to_vec(),
            ..Tables::default()
        }
        .bytes()
    };
    let bytes = composite(&[
        instances("b.glb  "),
        composite(&[instances("a.glb")]),
        instances("b.glb"),
    ]);
    let options = DecodeOptions::default();
    let listed = list_external_with(&bytes, "tiles/x.cmpt", &|_| None, &options).unwrap();
    assert_eq!(listed.len(), 2, "{listed:?}");
    let glb = |_: &str| Some(Made::triangle().glb());
    let tile = decode(&bytes, "tiles/x.cmpt", &glb, &options).unwrap();
    assert_eq!(tile.vertices(), 9);
}
