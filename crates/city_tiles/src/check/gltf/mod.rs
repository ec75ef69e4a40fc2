//! Metadata in glTF: `EXT_mesh_features`, `EXT_instance_features`, `EXT_structural_metadata`.

mod data;
mod features;
mod metadata;
mod usage;
mod values;

use serde_json::Value;

use super::report::Report;
pub(super) use data::Gltf;

/// Checks the metadata extensions of a glTF or GLB file.
pub(super) fn check(
    r: &mut Report,
    location: &str,
    bytes: &[u8],
    read: &dyn Fn(&str) -> Result<Vec<u8>, String>,
) {
    // What is no glTF at all is the decoder's to say.
    let Some((json, binary)) = data::split(bytes) else {
        return;
    };
    let gltf = Gltf {
        json: &json,
        binary,
        location,
        read,
        used: std::cell::Cell::new(0),
    };
    check_version(r, location, &json);
    let top = json.get("extensions").and_then(|e| e.get(metadata::NAME));
    let schema = top.and_then(|top| metadata::check(r, &gltf, top));
    let meshes = json.get("meshes").and_then(Value::as_array);
    let mut told_missing = false;
    for (m, mesh) in meshes.into_iter().flatten().enumerate() {
        let primitives = mesh.get("primitives").and_then(Value::as_array);
        for (p, primitive) in primitives.into_iter().flatten().enumerate() {
            let path = format!("/meshes/{m}/primitives/{p}");
            let attributes = primitive.get("attributes");
            if let Some(extension) = primitive
                .get("extensions")
                .and_then(|e| e.get("EXT_mesh_features"))
            {
                let path = format!("{path}/extensions/EXT_mesh_features");
                features::check(r, &gltf, &path, extension, attributes);
            }
            if let Some(extension) = primitive
                .get("extensions")
                .and_then(|e| e.get(metadata::NAME))
            {
                let path = format!("{path}/extensions/{}", metadata::NAME);
                // Once: every primitive of such a file says the same.
                if top.is_none() && std::mem::replace(&mut told_missing, true) {
                    continue;
                }
                usage::check(r, &gltf, &path, extension, attributes, top, schema.as_ref());
            }
        }
    }
    let nodes = json.get("nodes").and_then(Value::as_array);
    for (n, node) in nodes.into_iter().flatten().enumerate() {
        if node.as_object().is_some_and(is_empty_node) {
            let what = format!("nodes[{n}] is empty: it shows nothing and holds nothing");
            r.add("CONTENT_VALIDATION_INFO", &format!("/nodes/{n}"), what);
        }
        let Some(extensions) = node.get("extensions") else {
            continue;
        };
        if let Some(extension) = extensions.get("EXT_instance_features") {
            let attributes = extensions
                .get("EXT_mesh_gpu_instancing")
                .and_then(|i| i.get("attributes"));
            let path = format!("/nodes/{n}/extensions/EXT_instance_features");
            features::check(r, &gltf, &path, extension, attributes);
        }
    }
}

/// glTF 2.0, 3.2 "Asset": a later minor version may hold what a reader of 2.0 does not see.
fn check_version(r: &mut Report, location: &str, json: &Value) {
    let version = json
        .get("asset")
        .and_then(|asset| asset.get("version"))
        .and_then(Value::as_str);
    if let Some(version) = version
        && version.starts_with("2.")
        && version != "2.0"
    {
        r.add(
            "CONTENT_VALIDATION_WARNING",
            location,
            format!("glTF {version} is not known; it is read as 2.0"),
        );
    }
}

/// A node that draws, places and holds nothing.
fn is_empty_node(node: &serde_json::Map<String, Value>) -> bool {
    const USES: [&str; 6] = ["mesh", "camera", "children", "skin", "extensions", "extras"];
    USES.iter().all(|key| !node.contains_key(*key))
}
