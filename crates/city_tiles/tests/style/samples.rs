//! Every style of the sample data can be read.

use city_tiles::style::Style;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn root() -> Option<PathBuf> {
    let root = std::env::var_os("BELVEDERE_SAMPLES")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    if root.is_dir() {
        return Some(root);
    }
    println!("skipped: there is no sample data in {}", root.display());
    None
}

/// Styles anywhere in a JSON: objects with a `show` or `color` that are expressions, or with conditions.
fn styles<'j>(json: &'j Value, found: &mut Vec<&'j Value>) {
    let expression = |value: &Value| match value {
        Value::String(text) => text.contains("color(") || text.contains("${"),
        Value::Object(object) => object.contains_key("conditions"),
        _ => false,
    };
    match json {
        Value::Object(object) => {
            if ["show", "color", "pointSize"]
                .iter()
                .any(|key| object.get(*key).is_some_and(expression))
            {
                found.push(json);
            }
            object.values().for_each(|value| styles(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| styles(item, found)),
        _ => {}
    }
}

#[test]
fn styles_of_the_sample_data_are_read() {
    let Some(root) = root() else { return };
    let (mut files, mut read) = (0, 0);
    let cesium = root
        .join("visgl__loaders.gl/modules/3d-tiles/test/data/CesiumJS/Style")
        .is_dir();
    let mut waiting = vec![root];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .to_lowercase();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let wanted =
                name.ends_with(".json") && (name.contains("style") || name.contains("tileset"));
            let small = path.metadata().is_ok_and(|meta| meta.len() < 1 << 20);
            let Some(json) = std::fs::read(&path)
                .ok()
                .filter(|_| wanted && small)
                .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
            else {
                continue;
            };
            files += 1;
            let mut found = Vec::new();
            styles(&json, &mut found);
            for style in found {
                let style =
                    Style::parse(style).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                read += 1;
                println!("{}: reads {:?}", path.display(), style.properties());
                style
                    .warnings()
                    .iter()
                    .for_each(|warning| println!("  {warning}"));
            }
        }
    }
    println!("{read} styles in {files} files");
    assert!(read > 0 || !cesium);
}
