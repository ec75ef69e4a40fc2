//! Images of tiles on the GPU.

use std::collections::HashMap;

use bevy::ecs::resource::Resource;
use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::settings::WgpuFeatures;
use city_tiles::prepared::{BlockFormats, PreparedImage, PreparedMaterial, TexelFormat, Wrap};

use super::pipelines::Layouts;

/// The compressed images that what draws reads: decoders give images in these formats where they can.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextureBlocks(pub BlockFormats);

impl TextureBlocks {
    /// What a device with these features reads.
    #[must_use]
    pub fn of(features: WgpuFeatures) -> Self {
        Self(BlockFormats {
            bc: features.contains(WgpuFeatures::TEXTURE_COMPRESSION_BC),
            etc2: features.contains(WgpuFeatures::TEXTURE_COMPRESSION_ETC2),
            astc: features.contains(WgpuFeatures::TEXTURE_COMPRESSION_ASTC),
        })
    }
}

const WRAPS: [Wrap; 3] = [Wrap::Repeat, Wrap::Clamp, Wrap::Mirror];

/// One sampler for each way of going on outside 0..1.
pub(super) struct Samplers(HashMap<(Wrap, Wrap), Sampler>);

impl Samplers {
    pub fn new(device: &RenderDevice) -> Self {
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
        Self(pairs.map(|(u, v)| ((u, v), sampler(u, v))).collect())
    }
}

/// What a material shows of a tile's images.
pub(super) fn texture_group(
    views: &[Option<TextureView>],
    material: &PreparedMaterial,
    device: &RenderDevice,
    cache: &PipelineCache,
    layouts: &Layouts,
    samplers: &Samplers,
) -> Option<BindGroup> {
    let view = views.get(material.base_color_image? as usize)?.as_ref()?;
    let sampler = samplers.0.get(&(material.wrap_u, material.wrap_v))?;
    Some(device.create_bind_group(
        "city_texture",
        &cache.get_bind_group_layout(&layouts.texture),
        &BindGroupEntries::sequential((view, sampler)),
    ))
}

fn format_of(image: &PreparedImage) -> TextureFormat {
    match image.format {
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
    Some(texture.create_view(&TextureViewDescriptor::default()))
}
