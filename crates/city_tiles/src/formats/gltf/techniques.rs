//! KHR_techniques_webgl (archived): models with shaders of their own, as converters from glTF 1.0 wrote
//! them. The shaders are not run; the diffuse colour that they are given stands for the material.

use super::Context;
use super::document::{Material, TextureInfo, numbers, whole};
use crate::prepared::PreparedMaterial;
use serde_json::Value;

const EXTENSION: &str = "KHR_techniques_webgl";

/// What converters call the diffuse colour or texture, which no standard names.
const DIFFUSE: [&str; 4] = ["u_diffuse", "u_diffuse_tex", "u_tex", "u_diffuse_mat"];

fn values(material: &Material) -> Option<&Value> {
    material.extensions.get(EXTENSION)?.get("values")
}

/// The diffuse texture, where there is one.
pub(super) fn texture(material: &Material) -> Option<TextureInfo> {
    let values = values(material)?;
    let info = DIFFUSE.iter().find_map(|name| {
        let info = values.get(*name)?;
        whole(info, "index").map(|index| (index, info))
    });
    let (index, info) = info?;
    Some(TextureInfo {
        index,
        tex_coord: whole(info, "texCoord")
            .and_then(|set| u32::try_from(set).ok())
            .unwrap_or(0),
        extensions: Value::Null,
    })
}

/// The diffuse colour, on a surface that is matt: nobody knows what the shaders would do.
pub(super) fn shade(
    context: &mut Context<'_>,
    material: &Material,
    prepared: &mut PreparedMaterial,
) {
    if material.extensions.get(EXTENSION).is_none() {
        return;
    }
    context
        .warnings
        .insert("a model's own shaders are not run: its diffuse colour is drawn".to_owned());
    prepared.metallic = 0.0;
    let color = values(material)
        .and_then(|values| DIFFUSE.iter().find_map(|name| values.get(*name)))
        .and_then(numbers::<4>);
    if let Some(color) = color {
        prepared.base_color = color.map(|value| (value as f32).clamp(0.0, 1.0));
    }
}
