//! Images of tiles on the GPU.

use std::collections::HashMap;

use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderDevice, RenderQueue};
use city_tiles::prepared::{PreparedMaterial, PreparedTile, Wrap};

use super::pipelines::Layouts;

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

pub(super) fn texture_group(
    tile: &PreparedTile,
    material: &PreparedMaterial,
    device: &RenderDevice,
    queue: &RenderQueue,
    cache: &PipelineCache,
    layouts: &Layouts,
    samplers: &Samplers,
) -> Option<BindGroup> {
    let image = tile.images.get(material.base_color_image? as usize)?;
    let limit = device.limits().max_texture_dimension_2d;
    if image.width == 0 || image.height == 0 || image.width > limit || image.height > limit {
        tracing::warn!(
            "a texture of {}x{} is beyond this GPU's {limit}; drawn without",
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
        format: TextureFormat::Rgba8UnormSrgb,
        usage: TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST,
        view_formats: &[],
    });
    for (level, (width, height, bytes)) in image.levels().enumerate() {
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
                bytes_per_row: Some(width * 4),
                rows_per_image: None,
            },
            Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
        );
    }
    let view = texture.create_view(&TextureViewDescriptor::default());
    let sampler = samplers.0.get(&(material.wrap_u, material.wrap_v))?;
    Some(device.create_bind_group(
        "city_texture",
        &cache.get_bind_group_layout(&layouts.texture),
        &BindGroupEntries::sequential((&view, sampler)),
    ))
}
