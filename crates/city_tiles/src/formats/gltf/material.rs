//! Materials: the parts of glTF's metallic-roughness model that tiles are drawn with.

mod maps;

use super::document::{Material, Pbr, Texture, TextureInfo, numbers, whole};
use super::{Context, image, techniques};
use crate::formats::error::Fault;
use crate::prepared::{AlphaMode, PreparedImage, PreparedMaterial, SurfaceClass, Wrap};
use std::collections::BTreeMap;

/// The texture whose coordinates the mesh gets: which ones, and how moved. It is that of the base colour, or where a
/// material has none, the first of those that it has.
pub(super) fn leading_texture(material: &Material) -> Option<TextureInfo> {
    base_color_texture(material).or_else(|| {
        let pbr = material.pbr_metallic_roughness.as_ref();
        let roughness = pbr.and_then(|pbr| pbr.metallic_roughness_texture.as_ref());
        let normal = material.normal_texture.as_ref().map(|normal| &normal.info);
        let occlusion = material.occlusion_texture.as_ref();
        let occlusion = occlusion.map(|occlusion| &occlusion.info);
        let textures = [
            material.emissive_texture.as_ref(),
            roughness,
            normal,
            occlusion,
        ];
        textures.into_iter().flatten().next().cloned()
    })
}

fn base_color_texture(material: &Material) -> Option<TextureInfo> {
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
    /// Source image and whether it is linear -> index in `read`, or none where it cannot be read.
    by_source: BTreeMap<(usize, bool), Option<u32>>,
}

impl Images {
    /// A tile without its picture is better than a hole, so a bad image is a warning.
    fn get(&mut self, context: &mut Context<'_>, source: usize, is_linear: bool) -> Option<u32> {
        let key = (source, is_linear);
        if let Some(known) = self.by_source.get(&key) {
            return *known;
        }
        let blocks = context.input.options.images;
        let index = match image::read(context, source, &mut self.budget, blocks) {
            Ok(mut image) => {
                image.is_linear = is_linear;
                self.read.push(image);
                u32::try_from(self.read.len() - 1).ok()
            }
            Err(fault) => {
                context.warnings.insert(fault.text());
                None
            }
        };
        self.by_source.insert(key, index);
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
        emissive: maps::emitted(material),
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
        // What mirrors nothing is matt, however smooth it is.
        let specular = json.get("specularFactor").and_then(numbers::<3>);
        if specular.is_some_and(|mirrored| mirrored == [0.0; 3]) {
            prepared.roughness = 1.0;
        }
    }
    techniques::shade(context, material, &mut prepared);
    prepared.alpha_mode = match material.alpha_mode.as_deref() {
        Some("MASK") => AlphaMode::Mask(unit(material.alpha_cutoff.unwrap_or(0.5))),
        Some("BLEND") => AlphaMode::Blend,
        _ => AlphaMode::Opaque,
    };
    if let Some(texture) = texture {
        let (image, wrap_u, wrap_v) = image_of(context, &texture, images, false);
        prepared.base_color_image = image;
        prepared.wrap_u = wrap_u;
        prepared.wrap_v = wrap_v;
    }
    maps::read(context, material, images, &mut prepared);
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

/// The image of a texture, and how it goes on outside 0..1.
fn image_of(
    context: &mut Context<'_>,
    info: &TextureInfo,
    images: &mut Images,
    is_linear: bool,
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
        .find_map(|source| images.get(context, source, is_linear));
    (
        image,
        wrap(sampler.and_then(|s| s.wrap_s)),
        wrap(sampler.and_then(|s| s.wrap_t)),
    )
}
