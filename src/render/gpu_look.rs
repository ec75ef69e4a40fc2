//! What a style says of each feature of a mesh, as a small texture that the vertex stage reads.
//!
//! The upper half holds colours (sRGB, straight alpha; alpha 0 is not drawn), the lower half the sizes of points in
//! quarters of a pixel in its alpha (0: the mesh's own), in its red whether the colour replaces the content's own, and in
//! its green the pattern of a reading that is not good. A style is worked out when it, the mesh or a reading changes,
//! never per frame; of a texture that is there, only the rows that differ are written.

use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderDevice, RenderQueue};

use super::pipelines::Layouts;
use super::scene::FeatureLook;

/// Features in a row; tile.wgsl counts by the same number. WebGL 2 promises textures of 2048 texels.
const ROW: usize = 1024;

/// The texture's bytes, its width and its height in texels; none where there is no feature.
fn texels(look: &FeatureLook) -> Option<(Vec<u8>, u32, u32)> {
    let rows = look.colors.len().div_ceil(ROW);
    let height = u32::try_from(rows * 2).ok()?;
    if rows == 0 {
        return None;
    }
    let mut bytes: Vec<u8> = bytemuck::cast_slice(&look.colors).to_vec();
    bytes.resize(rows * ROW * 4, 255);
    let sizes = look.point_sizes_px.as_deref().unwrap_or_default();
    let replaced = |feature: usize| {
        let found = u32::try_from(feature).map(|feature| look.replaced.binary_search(&feature));
        if matches!(found, Ok(Ok(_))) { 255 } else { 0 }
    };
    let lower = bytes.len();
    bytes.extend((0..rows * ROW).flat_map(|feature| {
        let size = size_code(sizes.get(feature).copied());
        [replaced(feature), 0, 0, size]
    }));
    for (feature, pattern) in look.patterns.iter() {
        if let Some(green) = bytes.get_mut(lower + *feature as usize * 4 + 1) {
            *green = pattern_code(*pattern);
        }
    }
    Some((bytes, ROW as u32, height))
}

/// The texture's values are sRGB: tile.wgsl reads 0, 0.05, 0.22, 0.53 and 1.
fn pattern_code(pattern: u8) -> u8 {
    pattern.min(4).saturating_mul(64)
}

fn size_code(size_px: Option<f32>) -> u8 {
    // At least a quarter of a pixel: nothing would mean the mesh's own size.
    size_px
        .filter(|size| size.is_finite() && *size > 0.0)
        .map_or(0, |size| (size * 4.0).round().clamp(1.0, 255.0) as u8)
}

/// Colours of features, where a style gives them.
pub(super) struct Look {
    pub group: BindGroup,
    /// The share of a colour that replaces the content's own.
    pub replaces: f32,
    /// Something shines through.
    pub translucent: bool,
    texture: Texture,
    /// What the texture holds.
    bytes: Vec<u8>,
}

impl Look {
    /// What a mesh looks like now; `before` is how it looked, for a texture of the same size is kept.
    pub fn of(
        look: &FeatureLook,
        before: Option<Self>,
        device: &RenderDevice,
        queue: &RenderQueue,
        cache: &PipelineCache,
        layouts: &Layouts,
    ) -> Option<Self> {
        let (bytes, width, height) = texels(look)?;
        let (texture, group) = match before.filter(|before| before.bytes.len() == bytes.len()) {
            Some(before) => {
                for row in differing(&before.bytes, &bytes) {
                    write_row(queue, &before.texture, &bytes, row);
                }
                (before.texture, before.group)
            }
            None => {
                let size = [width, height];
                let texture = new_texture(look, &bytes, size, device, queue)?;
                let view = texture.create_view(&TextureViewDescriptor::default());
                let group = device.create_bind_group(
                    "city_feature_looks",
                    &cache.get_bind_group_layout(&layouts.looks),
                    &BindGroupEntries::single(&view),
                );
                (texture, group)
            }
        };
        Some(Self {
            group,
            replaces: look.replaces,
            translucent: look.colors.iter().any(|color| (1..255).contains(&color[3])),
            texture,
            bytes,
        })
    }
}

/// Rows of the texture that are not the same.
fn differing<'b>(before: &'b [u8], now: &'b [u8]) -> impl Iterator<Item = usize> + 'b {
    let rows = before.chunks(ROW * 4).zip(now.chunks(ROW * 4));
    rows.enumerate()
        .filter(|(_, (before, now))| before != now)
        .map(|(row, _)| row)
}

fn write_row(queue: &RenderQueue, texture: &Texture, bytes: &[u8], row: usize) {
    let Some(texels) = bytes.get(row * ROW * 4..(row + 1) * ROW * 4) else {
        return;
    };
    let target = TexelCopyTextureInfo {
        texture,
        mip_level: 0,
        origin: Origin3d {
            x: 0,
            y: row as u32,
            z: 0,
        },
        aspect: TextureAspect::All,
    };
    let layout = TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some(ROW as u32 * 4),
        rows_per_image: None,
    };
    let size = Extent3d {
        width: ROW as u32,
        height: 1,
        depth_or_array_layers: 1,
    };
    queue.write_texture(target, texels, layout, size);
}

fn new_texture(
    look: &FeatureLook,
    bytes: &[u8],
    [width, height]: [u32; 2],
    device: &RenderDevice,
    queue: &RenderQueue,
) -> Option<Texture> {
    let limit = device.limits().max_texture_dimension_2d;
    if height > limit {
        tracing::warn!(
            "{} features of one tile are beyond what this GPU can colour; drawn without the style",
            look.colors.len()
        );
        return None;
    }
    Some(device.create_texture_with_data(
        queue,
        &TextureDescriptor {
            label: Some("city_feature_looks"),
            size: Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: TextureDimension::D2,
            format: TextureFormat::Rgba8UnormSrgb,
            usage: TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST,
            view_formats: &[],
        },
        TextureDataOrder::default(),
        bytes,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn colours_lie_above_and_sizes_below() {
        let look = FeatureLook {
            colors: Arc::from(vec![[1, 2, 3, 4]; 1025]),
            point_sizes_px: Some(Arc::from(vec![0.1, 5.0, f32::NAN])),
            replaces: 0.0,
            replaced: Arc::from(vec![1]),
            patterns: Arc::from(vec![(2, 2), (1024, 4), (9999, 1)]),
        };
        let (bytes, width, height) = texels(&look).unwrap();
        assert_eq!((width, height, bytes.len()), (1024, 4, 1024 * 4 * 4));
        assert_eq!(bytes[1024 * 4..1025 * 4], [1, 2, 3, 4]);
        assert_eq!(
            bytes[1025 * 4],
            255,
            "features that the style does not know stay as they are"
        );
        let lower = &bytes[1024 * 2 * 4..];
        assert_eq!([lower[3], lower[7], lower[11], lower[15]], [1, 20, 0, 0]);
        assert_eq!([lower[0], lower[4], lower[8]], [0, 255, 0]);
        assert_eq!([lower[1], lower[9], lower[4097]], [0, 128, 255]);
        // A reading later: of four rows those two are written that hold its colour and its pattern.
        let mut colors = look.colors.to_vec();
        colors[1024] = [9, 9, 9, 255];
        let later = FeatureLook {
            colors: colors.into(),
            patterns: Arc::from(vec![(2, 2)]),
            ..look.clone()
        };
        let (now, ..) = texels(&later).unwrap();
        assert_eq!(differing(&bytes, &now).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(differing(&bytes, &bytes).count(), 0);
        let none = FeatureLook {
            colors: Arc::from(vec![]),
            ..look
        };
        assert!(texels(&none).is_none());
    }
}
