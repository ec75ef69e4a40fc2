//! What a surface has besides its base colour: what it emits, and textures of roughness, metal, normals and occlusion.
//!
//! Clauses: glTF 2.0, 3.9.2 to 3.9.4; `KHR_materials_emissive_strength`; `KHR_texture_transform`.

use super::super::Context;
use super::super::document::{Material, TextureInfo, numbers, whole};
use super::{Images, image_of, leading_texture, unit};
use crate::prepared::{PreparedMap, PreparedMaterial};

/// The textures besides that of the base colour, as far as they are of use to who draws.
pub(super) fn read(
    context: &mut Context<'_>,
    material: &Material,
    images: &mut Images,
    prepared: &mut PreparedMaterial,
) {
    if let Some(info) = &material.emissive_texture {
        prepared.emissive_map = map(context, material, info, images, "emissive", false);
        if prepared.emissive_map.is_none() {
            // Without its texture all of it would shine.
            prepared.emissive = [0.0; 3];
        }
    }
    let wanted = context.input.options.images.maps;
    let pbr = material.pbr_metallic_roughness.as_ref();
    if let Some(info) = pbr.and_then(|pbr| pbr.metallic_roughness_texture.as_ref()) {
        if wanted {
            let what = "metallic-roughness";
            prepared.roughness_map = map(context, material, info, images, what, true);
        }
        if prepared.roughness_map.is_none() {
            // Without the texture its factors mean nothing.
            prepared.metallic = 0.0;
            prepared.roughness = 1.0;
        }
    }
    if let Some(normal) = material.normal_texture.as_ref().filter(|_| wanted) {
        prepared.normal_map = map(context, material, &normal.info, images, "normal", true);
        prepared.normal_scale = normal.scale.filter(|s| s.is_finite()).unwrap_or(1.0);
    }
    if let Some(occlusion) = material.occlusion_texture.as_ref().filter(|_| wanted) {
        let info = &occlusion.info;
        prepared.occlusion_map = map(context, material, info, images, "occlusion", true);
        prepared.occlusion_strength = unit(occlusion.strength.unwrap_or(1.0));
    }
}

fn map(
    context: &mut Context<'_>,
    material: &Material,
    info: &TextureInfo,
    images: &mut Images,
    what: &str,
    is_linear: bool,
) -> Option<PreparedMap> {
    // A vertex has one pair of coordinates.
    if leading_texture(material).is_some_and(|leading| placing(&leading) != placing(info)) {
        context.warnings.insert(format!(
            "{what} textures with other coordinates than the base colour's are not drawn"
        ));
        return None;
    }
    let (image, wrap_u, wrap_v) = image_of(context, info, images, is_linear);
    image.map(|image| PreparedMap {
        image,
        wrap_u,
        wrap_v,
    })
}

/// Which coordinates a texture has, and how `KHR_texture_transform` moves them: offset, scale, rotation.
fn placing(info: &TextureInfo) -> (usize, [[f64; 2]; 2], f64) {
    let transform = info.extensions.get("KHR_texture_transform");
    let set = transform.and_then(|json| whole(json, "texCoord"));
    let pair = |key: &str| {
        let json = transform.and_then(|json| json.get(key));
        json.and_then(numbers::<2>)
    };
    let rotation = transform.and_then(|json| json.get("rotation")?.as_f64());
    (
        set.unwrap_or(info.tex_coord as usize),
        [
            pair("offset").unwrap_or([0.0; 2]),
            pair("scale").unwrap_or([1.0; 2]),
        ],
        rotation.unwrap_or(0.0),
    )
}

/// The brightest that anything shines, in white walls at noon: beyond, nothing looks brighter.
const BRIGHTEST: f32 = 1e4;

/// The emitted colour with its strength.
pub(super) fn emitted(material: &Material) -> [f32; 3] {
    let strength = material.extensions.get("KHR_materials_emissive_strength");
    let strength = strength.and_then(|json| json.get("emissiveStrength")?.as_f64());
    let strength = strength.map_or(1.0, |strength| (strength as f32).clamp(0.0, BRIGHTEST));
    let factor = |factor: f32| {
        if factor.is_finite() {
            unit(factor)
        } else {
            0.0
        }
    };
    material
        .emissive_factor
        .map(|value| factor(value) * strength)
}
