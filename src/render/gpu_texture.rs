//! Images of tiles on the GPU.

use std::collections::HashMap;

use bevy::ecs::resource::Resource;
use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::settings::WgpuFeatures;
use city_tiles::prepared::{
    ImageUse, PreparedImage, PreparedMap, PreparedMaterial, TexelFormat, Wrap,
};

use super::pipelines::{Finish, Layouts};

/// Which images of tiles are drawn: decoders give those, in compressed formats where they can.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrawnImages(pub ImageUse);

impl DrawnImages {
    /// What the full path draws on a device with these features.
    #[must_use]
    pub fn of(features: WgpuFeatures) -> Self {
        Self(ImageUse {
            bc: features.contains(WgpuFeatures::TEXTURE_COMPRESSION_BC),
            etc2: features.contains(WgpuFeatures::TEXTURE_COMPRESSION_ETC2),
            astc: features.contains(WgpuFeatures::TEXTURE_COMPRESSION_ASTC),
            maps: true,
        })
    }
}

const WRAPS: [Wrap; 3] = [Wrap::Repeat, Wrap::Clamp, Wrap::Mirror];

/// What all materials share.
pub(super) struct TextureDefaults {
    /// One sampler for each way of going on outside 0..1.
    samplers: HashMap<(Wrap, Wrap), Sampler>,
    white: TextureView,
    /// Normals that point out of the surface.
    level: TextureView,
}

impl TextureDefaults {
    pub fn new(device: &RenderDevice, queue: &RenderQueue) -> Self {
        let pixel = |texel: [u8; 4]| {
            let mut image = PreparedImage::new(1, 1, texel.to_vec());
            image.is_linear = true;
            create(&image, format_of(&image), device, queue)
        };
        let mode = |wrap| match wrap {
            Wrap::Repeat => AddressMode::Repeat,
            Wrap::Clamp => AddressMode::ClampToEdge,
            Wrap::Mirror => AddressMode::MirrorRepeat,
        };
        let sampler = |u, v| {
            device.create_sampler(&SamplerDescriptor {
                address_mode_u: mode(u),
                address_mode_v: mode(v),
                mag_filter: FilterMode::Linear,
                min_filter: FilterMode::Linear,
                mipmap_filter: MipmapFilterMode::Linear,
                ..Default::default()
            })
        };
        let pairs = WRAPS
            .iter()
            .flat_map(|u| WRAPS.iter().map(move |v| (*u, *v)));
        Self {
            samplers: pairs.map(|(u, v)| ((u, v), sampler(u, v))).collect(),
            white: pixel([255; 4]),
            level: pixel([128, 128, 255, 255]),
        }
    }
}

/// What a material shows of a tile's images.
#[derive(Clone, Default)]
pub(super) struct MaterialTextures {
    /// Its base colour.
    base: Option<BindGroup>,
    /// Its base colour and all its maps, white where it has none; where it has any map.
    maps: Option<BindGroup>,
    /// It shines by a texture.
    pub shines: bool,
}

impl MaterialTextures {
    pub fn new(
        images: &[Option<TextureView>],
        material: &PreparedMaterial,
        is_detailed: bool,
        device: &RenderDevice,
        cache: &PipelineCache,
        layouts: &Layouts,
        defaults: &TextureDefaults,
    ) -> Self {
        let view = |image: u32| images.get(image as usize)?.as_ref();
        let sampler = |u, v| defaults.samplers.get(&(u, v));
        let base = (material.base_color_image)
            .and_then(view)
            .zip(sampler(material.wrap_u, material.wrap_v));
        let map = |map: PreparedMap| view(map.image).zip(sampler(map.wrap_u, map.wrap_v));
        let maps = material.maps().map(|found| found.and_then(map));
        let has_maps = is_detailed || maps.iter().any(Option::is_some);
        let white = sampler(Wrap::Repeat, Wrap::Repeat).map(|any| (&defaults.white, any));
        let level = white.map(|(_, any)| (&defaults.level, any));
        let all = || {
            let [emissive, roughness, normal, occlusion] = maps;
            Some([
                base.or(white)?,
                emissive.or(white)?,
                roughness.or(white)?,
                normal.or(level)?,
                occlusion.or(white)?,
            ])
        };
        Self {
            base: base.map(|base| {
                device.create_bind_group(
                    "city_texture",
                    &cache.get_bind_group_layout(&layouts.texture),
                    &BindGroupEntries::sequential(base),
                )
            }),
            maps: has_maps.then(all).flatten().map(|[a, b, c, d, e]| {
                device.create_bind_group(
                    "city_maps",
                    &cache.get_bind_group_layout(&layouts.maps),
                    &BindGroupEntries::sequential((
                        a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1, e.0, e.1,
                    )),
                )
            }),
            shines: maps[0].is_some(),
        }
    }

    /// Whether its base colour is an image.
    pub fn is_textured(&self) -> bool {
        self.base.is_some()
    }

    /// Whether all its maps can be bound.
    pub fn has_maps(&self) -> bool {
        self.maps.is_some()
    }

    /// What is bound for a finish.
    pub fn group(&self, finish: Finish) -> Option<&BindGroup> {
        match finish.has_maps() {
            true => self.maps.as_ref(),
            false => self.base.as_ref(),
        }
    }
}

fn format_of(image: &PreparedImage) -> TextureFormat {
    let color = match image.format {
        TexelFormat::Rgba8 => TextureFormat::Rgba8UnormSrgb,
        TexelFormat::Bc1 => TextureFormat::Bc1RgbaUnormSrgb,
        TexelFormat::Bc3 => TextureFormat::Bc3RgbaUnormSrgb,
        TexelFormat::Bc7 => TextureFormat::Bc7RgbaUnormSrgb,
        TexelFormat::Etc2Rgb8 => TextureFormat::Etc2Rgb8UnormSrgb,
        TexelFormat::Etc2Rgba8 => TextureFormat::Etc2Rgba8UnormSrgb,
        TexelFormat::Astc4x4 => TextureFormat::Astc {
            block: AstcBlock::B4x4,
            channel: AstcChannel::UnormSrgb,
        },
    };
    match image.is_linear {
        true => color.remove_srgb_suffix(),
        false => color,
    }
}

/// Puts an image on the GPU with all its levels; none where this GPU cannot take it.
pub(super) fn upload(
    image: &PreparedImage,
    device: &RenderDevice,
    queue: &RenderQueue,
) -> Option<TextureView> {
    let (limit, format) = (device.limits().max_texture_dimension_2d, format_of(image));
    let too_large = image.width > limit || image.height > limit;
    // After a loss another GPU may be there than the one that the image was made for.
    let is_read = device.features().contains(format.required_features());
    if image.width == 0 || image.height == 0 || too_large || !is_read {
        tracing::warn!(
            "a texture of {}x{} ({format:?}) is beyond this GPU (at most {limit}); drawn without",
            image.width,
            image.height
        );
        return None;
    }
    Some(create(image, format, device, queue))
}

fn create(
    image: &PreparedImage,
    format: TextureFormat,
    device: &RenderDevice,
    queue: &RenderQueue,
) -> TextureView {
    let texture = device.create_texture(&TextureDescriptor {
        label: Some("city_texture"),
        size: Extent3d {
            width: image.width,
            height: image.height,
            depth_or_array_layers: 1,
        },
        mip_level_count: image.levels().count() as u32,
        sample_count: 1,
        dimension: TextureDimension::D2,
        format,
        usage: TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST,
        view_formats: &[],
    });
    let side = image.format.side();
    for (level, (width, height, bytes)) in image.levels().enumerate() {
        let across = width.div_ceil(side);
        queue.write_texture(
            TexelCopyTextureInfo {
                texture: &texture,
                mip_level: level as u32,
                origin: Origin3d::ZERO,
                aspect: TextureAspect::All,
            },
            bytes,
            TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(across * image.format.block_bytes() as u32),
                rows_per_image: None,
            },
            // Whole blocks, also where they reach over the edge.
            Extent3d {
                width: across * side,
                height: height.div_ceil(side) * side,
                depth_or_array_layers: 1,
            },
        );
    }
    texture.create_view(&TextureViewDescriptor::default())
}
