//! Small files that describe more than anybody can read.

use std::collections::BTreeMap;
use std::time::Instant;

use city_tiles::check::{CheckOptions, CheckResult, ContentSource, check};
use city_tiles::stream::FetchError;
use serde_json::json;

struct Files(BTreeMap<String, Vec<u8>>);

impl ContentSource for Files {
    fn read(&mut self, location: &str) -> Result<Vec<u8>, FetchError> {
        self.0.get(location).cloned().ok_or(FetchError::NotFound)
    }
}

fn checked(files: &[(&str, &[u8])], max_steps: u64) -> CheckResult {
    let mut files = Files(
        files
            .iter()
            .map(|(name, bytes)| (format!("http://city/{name}"), bytes.to_vec()))
            .collect(),
    );
    let options = CheckOptions {
        max_steps,
        ..CheckOptions::default()
    };
    check(&mut files, "http://city/tileset.json", &options)
}

fn tileset(root: &serde_json::Value) -> Vec<u8> {
    json!({"asset": {"version": "1.1"}, "geometricError": 10, "root": root})
        .to_string()
        .into_bytes()
}

fn implicit(subtree_levels: u32, available_levels: u32) -> Vec<u8> {
    tileset(&json!({
        "boundingVolume": {"box": [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]}, "geometricError": 5, "refine": "REPLACE",
        "content": {"uri": "all.glb"},
        "implicitTiling": {"subdivisionScheme": "QUADTREE", "subtreeLevels": subtree_levels,
            "availableLevels": available_levels, "subtrees": {"uri": "all.subtree"}},
    }))
}

const EVERYTHING: &[u8] = br#"{"tileAvailability":{"constant":1},"contentAvailability":[{"constant":1}],"childSubtreeAvailability":{"constant":1}}"#;

#[test]
fn tiles_without_end_stop_at_the_limit() {
    let start = Instant::now();
    let result = checked(
        &[
            ("tileset.json", &implicit(5, 30)),
            ("all.subtree", EVERYTHING),
        ],
        200_000,
    );
    let last = result.issues.iter().find(|i| i.kind == "INTERNAL_ERROR");
    assert!(
        last.is_some_and(|i| i.message.contains("after 200000 tiles")),
        "{:?}",
        result.issues.len()
    );
    assert!(
        (1_000..=200_000).contains(&result.tiles),
        "{} tiles, {} subtrees",
        result.tiles,
        result.subtrees
    );
    assert!(start.elapsed().as_secs() < 20);
}

#[test]
fn levels_that_nobody_can_count_are_told_before_they_are_tried() {
    for (subtree, available, key) in [(40, 40, "subtreeLevels"), (3, 60, "availableLevels")] {
        let result = checked(
            &[
                ("tileset.json", &implicit(subtree, available)),
                ("all.subtree", EVERYTHING),
            ],
            u64::MAX,
        );
        let issue = result
            .issues
            .iter()
            .find(|i| i.kind == "VALUE_NOT_IN_RANGE")
            .unwrap();
        assert_eq!(issue.path, format!("/root/implicitTiling/{key}"));
    }
}

#[test]
fn a_cycle_of_tilesets_is_told_where_it_closes() {
    let node = |uri: &str| {
        tileset(&json!({
            "boundingVolume": {"box": [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]}, "geometricError": 5, "refine": "ADD",
            "content": {"uri": uri},
        }))
    };
    let result = checked(
        &[
            ("tileset.json", &node("b.json")),
            ("b.json", &node("c.json")),
            ("c.json", &node("tileset.json")),
        ],
        1000,
    );
    let all: Vec<_> = result.issues.iter().flat_map(|i| i.flattened()).collect();
    let closing = all
        .iter()
        .find(|i| i.message.contains("contains itself"))
        .unwrap();
    assert!(closing.message.contains("tileset.json"), "{closing:?}");
    assert_eq!(all[0].kind, "EXTERNAL_TILESET_VALIDATION_ERROR");
    assert_eq!(result.tilesets, 3);
}

#[test]
fn tilesets_that_fan_out_stop_at_the_limit() {
    // Each names the next sixteen times: 16^20 tilesets, were they read.
    let names: Vec<String> = (0..20)
        .map(|i| {
            if i == 0 {
                "tileset.json".to_owned()
            } else {
                format!("t{i}.json")
            }
        })
        .collect();
    let files: Vec<(String, Vec<u8>)> = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let contents: Vec<_> = (0..16).map(|_| json!({"uri": format!("t{}.json", i + 1)})).collect();
            let root = json!({
                "boundingVolume": {"box": [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]}, "geometricError": 5, "refine": "ADD",
                "contents": contents,
            });
            (name.clone(), tileset(&root))
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    let result = checked(&files, 5_000);
    assert!(result.tilesets <= 5_000);
    let all: Vec<_> = result.issues.iter().flat_map(|i| i.flattened()).collect();
    assert_eq!(all.iter().filter(|i| i.kind == "INTERNAL_ERROR").count(), 1);
}
