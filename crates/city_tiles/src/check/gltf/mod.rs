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
    };
    let top = json.get("extensions").and_then(|e| e.get(metadata::NAME));
    let schema = top.and_then(|top| metadata::check(r, &gltf, top));
    let meshes = json.get("meshes").and_then(Value::as_array);
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
                usage::check(r, &gltf, &path, extension, attributes, top, schema.as_ref());
            }
        }
    }
    let nodes = json.get("nodes").and_then(Value::as_array);
    for (n, node) in nodes.into_iter().flatten().enumerate() {
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
