//! Materials: the parts of glTF's metallic-roughness model that tiles are drawn with.

use super::document::{Material, Pbr, Texture, TextureInfo, numbers, whole};
use super::{Context, image, techniques};
use crate::formats::error::Fault;
use crate::prepared::{AlphaMode, PreparedImage, PreparedMaterial, SurfaceClass, Wrap};
use std::collections::BTreeMap;

/// The base colour texture of a material, as the mesh needs it: which coordinates, and how moved.
pub(super) fn base_color_texture(material: &Material) -> Option<TextureInfo> {
    if let Some(json) = material
        .extensions
        .get("KHR_materials_pbrSpecularGlossiness")
    {
        let info = json.get("diffuseTexture")?;
        return Some(TextureInfo {
            index: whole(info, "index")?,
            tex_coord: whole(info, "texCoord")
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(0),
            extensions: info.get("extensions").cloned().unwrap_or_default(),
        });
    }
    if let Some(info) = techniques::texture(material) {
        return Some(info);
    }
    material
        .pbr_metallic_roughness
        .as_ref()?
        .base_color_texture
        .clone()
}

/// All materials, then glTF's default material, and the images that they show.
pub(super) fn read(
    context: &mut Context<'_>,
) -> Result<(Vec<PreparedMaterial>, Vec<PreparedImage>), Fault> {
    let mut images = Images {
        budget: context.input.options.max_total_pixels,
        read: Vec::new(),
        by_source: BTreeMap::new(),
    };
    let document = context.document;
    let mut materials = Vec::with_capacity(document.materials.len() + 1);
    for material in &document.materials {
        materials.push(one(context, material, &mut images));
    }
    materials.push(PreparedMaterial::default());
    Ok((materials, images.read))
}

struct Images {
    budget: u64,
    read: Vec<PreparedImage>,
    /// Source image -> index in `read`, or none where it cannot be read.
    by_source: BTreeMap<usize, Option<u32>>,
}

impl Images {
    /// A tile without its picture is better than a hole, so a bad image is a warning.
    fn get(&mut self, context: &mut Context<'_>, source: usize) -> Option<u32> {
        if let Some(known) = self.by_source.get(&source) {
            return *known;
        }
        let blocks = context.input.options.blocks;
        let index = match image::read(context, source, &mut self.budget, blocks) {
            Ok(image) => {
                self.read.push(image);
                u32::try_from(self.read.len() - 1).ok()
            }
            Err(fault) => {
                context.warnings.insert(fault.text());
                None
            }
        };
        self.by_source.insert(source, index);
        index
    }
}

fn one(context: &mut Context<'_>, material: &Material, images: &mut Images) -> PreparedMaterial {
    let default_pbr = Pbr::default();
    let pbr = material
        .pbr_metallic_roughness
        .as_ref()
        .unwrap_or(&default_pbr);
    let specular = material
        .extensions
        .get("KHR_materials_pbrSpecularGlossiness");
    let texture = base_color_texture(material);
    let mut prepared = PreparedMaterial {
        base_color: pbr.base_color_factor.unwrap_or([1.0; 4]).map(unit),
        metallic: unit(pbr.metallic_factor.unwrap_or(1.0)),
        roughness: unit(pbr.roughness_factor.unwrap_or(1.0)),
        emissive: material.emissive_factor.map(unit),
        double_sided: material.double_sided,
        unlit: material.extensions.get("KHR_materials_unlit").is_some(),
        class: surface_class(material),
        ..PreparedMaterial::default()
    };
    if let Some(json) = specular {
        let diffuse = json
            .get("diffuseFactor")
            .and_then(numbers::<4>)
            .unwrap_or([1.0; 4]);
        let gloss = json
            .get("glossinessFactor")
            .and_then(serde_json::Value::as_f64)
            .unwrap_or(1.0);
        prepared.base_color = diffuse.map(|value| unit(value as f32));
        prepared.metallic = 0.0;
        prepared.roughness = 1.0 - unit(gloss as f32);
    }
    techniques::shade(context, material, &mut prepared);
    if pbr.metallic_roughness_texture.is_some() {
        // Without the texture its factors mean nothing, and metal without surroundings is black.
        context
            .warnings
            .insert("metallic-roughness textures are not drawn yet".to_owned());
        prepared.metallic = 0.0;
    }
    if material.emissive_texture.is_some() {
        context
            .warnings
            .insert("emissive textures are not drawn yet".to_owned());
        prepared.emissive = [0.0; 3];
    }
    prepared.alpha_mode = match material.alpha_mode.as_deref() {
        Some("MASK") => AlphaMode::Mask(unit(material.alpha_cutoff.unwrap_or(0.5))),
        Some("BLEND") => AlphaMode::Blend,
        _ => AlphaMode::Opaque,
    };
    if let Some(texture) = texture {
        let (image, wrap_u, wrap_v) = base_color_image(context, &texture, images);
        prepared.base_color_image = image;
        prepared.wrap_u = wrap_u;
        prepared.wrap_v = wrap_v;
    }
    prepared
}

fn unit(value: f32) -> f32 {
    if value.is_finite() {
        value.clamp(0.0, 1.0)
    } else {
        1.0
    }
}

fn surface_class(material: &Material) -> SurfaceClass {
    let name = material
        .extras
        .get("belvedere_surface")
        .and_then(serde_json::Value::as_str);
    name.map_or(SurfaceClass::Plain, SurfaceClass::from_name)
}

/// A sampler's `wrapS` or `wrapT`.
pub(super) fn wrap(code: Option<u32>) -> Wrap {
    match code {
        Some(33071) => Wrap::Clamp,
        Some(33648) => Wrap::Mirror,
        _ => Wrap::Repeat,
    }
}

/// The images that a texture may show, the one that its file prefers first.
fn sources(texture: &Texture) -> Vec<usize> {
    ["KHR_texture_basisu", "EXT_texture_webp"]
        .iter()
        .filter_map(|name| whole(texture.extensions.get(name)?, "source"))
        .chain(texture.source)
        .collect()
}

fn base_color_image(
    context: &mut Context<'_>,
    info: &TextureInfo,
    images: &mut Images,
) -> (Option<u32>, Wrap, Wrap) {
    let document = context.document;
    let Some(texture) = document.textures.get(info.index) else {
        context
            .warnings
            .insert(format!("textures[{}] does not exist", info.index));
        return (None, Wrap::Repeat, Wrap::Repeat);
    };
    let sampler = texture
        .sampler
        .and_then(|sampler| document.samplers.get(sampler));
    let sources = sources(texture);
    if sources.is_empty() {
        let what = match texture.extensions.get("EXT_texture_avif") {
            Some(_) => "EXT_texture_avif is not supported, and a texture has no other image",
            None => "a texture has no image",
        };
        context.warnings.insert(what.to_owned());
    }
    // Where the better image cannot be read, the next may be.
    let image = sources
        .into_iter()
        .find_map(|source| images.get(context, source));
    (
        image,
        wrap(sampler.and_then(|s| s.wrap_s)),
        wrap(sampler.and_then(|s| s.wrap_t)),
    )
}
