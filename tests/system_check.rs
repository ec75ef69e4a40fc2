//! `belvedere check`, the real program: what it says and how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use support::{Folder, glb, samples, tile, tileset};

fn check(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_belvedere"))
        .arg("check")
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The issues of `--json`, held to their shape.
fn issues(path: &Path) -> (Option<i32>, Vec<Value>) {
    let output = check(&[path.to_str().unwrap(), "--json"]);
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        all.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["issues"]
    );
    let list = all["issues"].as_array().unwrap().clone();
    for issue in &list {
        for key in ["severity", "type", "path", "message"] {
            assert!(issue[key].is_string(), "{issue}");
        }
        assert!(
            ["ERROR", "WARNING", "INFO"].contains(&issue["severity"].as_str().unwrap()),
            "{issue}"
        );
    }
    (output.status.code(), list)
}

#[test]
fn a_good_tileset_has_no_issue() {
    let folder = Folder::new();
    folder.write("a.glb", glb(3, 0.0));
    let path = folder.write(
        "tileset.json",
        tileset(tile("a.glb", 10.0, vec![tile("a.glb", 0.0, vec![])])),
    );
    assert_eq!(issues(&path), (Some(0), vec![]));
    let output = check(&[path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        text(&output.stdout).contains(
            "0 errors, 0 warnings, 0 remarks in 1 tilesets, 2 tiles, 0 subtrees and 2 contents"
        ),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let folder = Folder::new();
    folder.write("cut.glb", &glb(3, 0.0)[..100]);
    let mut wrong = tile("cut.glb", 10.0, vec![tile("gone.glb", -1.0, vec![])]);
    wrong["boundingVolume"] = serde_json::json!({"box": [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]});
    let path = folder.write("broken.json", tileset(wrong));
    let (code, list) = issues(&path);
    assert_eq!(code, Some(1));
    let volume = &list[0];
    assert_eq!(
        (volume["type"].as_str(), volume["path"].as_str()),
        (
            Some("ARRAY_LENGTH_MISMATCH"),
            Some("/root/boundingVolume/box")
        )
    );
    // Without that fault the contents are reached: one is cut off, one is not there.
    let children = vec![tile("gone.glb", 0.0, vec![])];
    let path = folder.write("tileset.json", tileset(tile("cut.glb", 10.0, children)));
    let (code, list) = issues(&path);
    assert_eq!(code, Some(1));
    let told: Vec<_> = list
        .iter()
        .map(|i| (i["type"].as_str().unwrap(), i["path"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("CONTENT_VALIDATION_ERROR", "/root/content"),
            ("CONTENT_VALIDATION_ERROR", "/root/children/0/content"),
        ]
    );
    assert!(list[0]["message"].as_str().unwrap().contains("cut.glb"));
    assert!(list[1]["message"].as_str().unwrap().contains("gone.glb"));
    // The lines for people say the same, and stderr why the program failed.
    let output = check(&[path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("ERROR CONTENT_VALIDATION_ERROR at /root/content: "));
    assert!(text(&output.stderr).contains("2 errors"));
}

#[test]
fn files_that_are_not_there_or_no_tilesets_are_the_inputs_fault() {
    let folder = Folder::new();
    let (code, list) = issues(&folder.path().join("nowhere/tileset.json"));
    assert_eq!(
        (code, list[0]["type"].as_str()),
        (Some(1), Some("IO_ERROR"))
    );
    assert!(list[0]["message"].as_str().unwrap().contains("not found"));
    for (name, bytes) in [
        ("empty.json", &b""[..]),
        ("page.json", b"<html>404</html>"),
        ("cut.json", b"{\"asset\":{\"version\":\"1.1\"},\"root\":"),
    ] {
        let path = folder.write(name, bytes);
        let (code, list) = issues(&path);
        assert_eq!((code, list.len()), (Some(1), 1), "{name}: {list:?}");
        assert!(
            list[0]["message"].as_str().unwrap().contains(name),
            "{list:?}"
        );
    }
}

#[test]
fn a_cycle_of_external_tilesets_ends() {
    let folder = Folder::new();
    folder.write("other.json", tileset(tile("tileset.json", 5.0, vec![])));
    let path = folder.write("tileset.json", tileset(tile("other.json", 5.0, vec![])));
    let (code, list) = issues(&path);
    assert_eq!(code, Some(1));
    assert_eq!(
        list[0]["type"].as_str(),
        Some("EXTERNAL_TILESET_VALIDATION_ERROR")
    );
    let cause = &list[0]["causes"][0];
    assert!(
        cause["message"]
            .as_str()
            .unwrap()
            .contains("tileset.json: it contains itself"),
        "{cause}"
    );
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [&[][..], &["--nonsense", "x"], &["a.json", "b.json"]] {
        let output = check(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains("Usage"), "{arguments:?}");
    }
    let help = check(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(text(&help.stdout).contains("--json"));
}

#[test]
fn a_real_city_is_checked() {
    let Some(samples) = samples() else { return };
    // Its writer left out a name that the standard asks for, and nothing else.
    let (_, list) = issues(&samples.join("bertt__wageningen/7-624-528/tileset.json"));
    assert_eq!(list.len(), 13);
    assert!(
        list.iter()
            .all(|i| i["causes"][0]["message"] == "'id' is missing"),
        "{list:?}"
    );
}

#[test]
fn a_database_of_tiles_is_checked_as_it_lies_there() {
    let Some(samples) = samples() else {
        return;
    };
    let packages = samples.join("CesiumGS__3d-tiles-validator/specs/data/tilesets/packages");
    for (name, types) in [
        ("validTilesetPackage.3dtiles", &[][..]),
        ("validTilesetPackageZipped.3dtiles", &[]),
        (
            "tilesetPackageWithWarnings.3dtiles",
            &["CONTENT_VALIDATION_WARNING"],
        ),
    ] {
        let (_, found) = issues(&packages.join(name));
        let found: Vec<_> = found
            .iter()
            .map(|issue| issue["type"].as_str().unwrap())
            .collect();
        assert_eq!(found, types, "{name}");
    }
}
