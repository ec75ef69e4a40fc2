//! `extensions`, `extras`, and whether what is used has been declared (3D Tiles 1.1, "Extensions and extras").

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::basic::{self, Kind};
use super::report::Report;

/// Extensions whose objects are checked, and the key of the objects that may carry them.
const CHECKED: &[&str] = &[
    "3DTILES_bounding_volume_S2",
    "3DTILES_content_gltf",
    "MAXAR_extent",
];

/// Checks `extensions` and `extras` of any object, and notes the extensions found.
pub(super) fn root_property(r: &mut Report, path: &str, object: &Map<String, Value>) -> bool {
    let mut good = true;
    if let Some(extensions) = object.get("extensions") {
        let path = format!("{path}/extensions");
        match basic::object(r, &path, extensions) {
            None => good = false,
            Some(extensions) => {
                for (name, value) in extensions {
                    let path = format!("{path}/{name}");
                    if basic::object(r, &path, value).is_some() {
                        r.found.insert(name.clone());
                    } else {
                        good = false;
                    }
                }
                for name in extensions.keys().filter(|n| !CHECKED.contains(&n.as_str())) {
                    r.add(
                        "EXTENSION_NOT_SUPPORTED",
                        &path,
                        format!("'{name}' is not checked by this program"),
                    );
                }
            }
        }
    }
    if let Some(extras) = object.get("extras").filter(|e| !e.is_object()) {
        r.add(
            "TYPE_UNEXPECTED",
            &format!("{path}/extras"),
            format!("{extras} should be an object"),
        );
    }
    good
}

/// A list of extension names: strings, at least one, none twice.
pub(super) fn names(r: &mut Report, path: &str, value: &Value) -> Option<BTreeSet<String>> {
    let list = basic::array(r, path, value, (1, usize::MAX), Some(Kind::String))?;
    let mut set = BTreeSet::new();
    for name in list.iter().filter_map(Value::as_str) {
        if !set.insert(name.to_owned()) {
            r.add(
                "ARRAY_ELEMENT_NOT_UNIQUE",
                path,
                format!("'{name}' is listed twice"),
            );
            return None;
        }
    }
    Some(set)
}

/// `extensionsUsed` and `extensionsRequired` of an object: the first must contain the second.
fn declarations(
    r: &mut Report,
    path: &str,
    object: &Map<String, Value>,
) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
    let mut good = true;
    let mut list = |key: &str, r: &mut Report| match object.get(key) {
        None => BTreeSet::new(),
        Some(value) => names(r, &format!("{path}/{key}"), value).unwrap_or_else(|| {
            good = false;
            BTreeSet::new()
        }),
    };
    let used = list("extensionsUsed", r);
    let required = list("extensionsRequired", r);
    if !good {
        return None;
    }
    for name in required.difference(&used) {
        let what = format!("'{name}' is required, but not among 'extensionsUsed'");
        good = r.add(
            "EXTENSION_REQUIRED_BUT_NOT_USED",
            &format!("{path}/extensionsRequired"),
            what,
        );
    }
    good.then_some((used, required))
}

/// The object of `3DTILES_content_gltf`, which declares the glTF extensions of contents.
pub(super) fn content_gltf(r: &mut Report, path: &str, value: &Value) -> bool {
    value
        .as_object()
        .is_none_or(|object| declarations(r, path, object).is_some())
}

/// Whether a tileset declares what it uses; called last, when all that it uses has been seen.
pub(super) fn check_declared(r: &mut Report, tileset: &Map<String, Value>) {
    let Some((used, required)) = declarations(r, "", tileset) else {
        return;
    };
    let version = tileset
        .get("asset")
        .and_then(|a| a.get("version"))
        .and_then(Value::as_str);
    let not_declared = |r: &mut Report, name: &str| {
        let what =
            format!("'{name}' decides what contents are, so it must be among 'extensionsRequired'");
        r.add(
            "EXTENSION_REQUIRED_BUT_NOT_DECLARED",
            "/extensionsRequired",
            what,
        );
    };
    const GLTF: &str = "3DTILES_content_gltf";
    if version == Some("1.0") && used.contains(GLTF) && !required.contains(GLTF) {
        not_declared(r, GLTF);
    }
    for name in ["MAXAR_content_3tz", "MAXAR_content_geojson"] {
        if used.contains(name) && !required.contains(name) {
            not_declared(r, name);
        }
    }
    let mut found = r.found.clone();
    // glTF is an ordinary content since 1.1; the extension then only counts where its object is present.
    if version == Some("1.1")
        && tileset
            .get("extensions")
            .and_then(|e| e.get(GLTF))
            .is_none()
    {
        found.remove(GLTF);
    }
    for name in found.difference(&used) {
        let what = format!("'{name}' is used, but not among 'extensionsUsed'");
        r.add("EXTENSION_FOUND_BUT_NOT_USED", "/extensionsUsed", what);
    }
    for name in used.difference(&found) {
        let what = format!("'{name}' is declared, but not used anywhere");
        r.add("EXTENSION_USED_BUT_NOT_FOUND", "/extensionsUsed", what);
    }
}
