//! What a style says of each feature of a mesh, as a small texture that the vertex stage reads.
//!
//! The upper half holds colours (sRGB, straight alpha; alpha 0 is not drawn), the lower half the sizes of points in
//! quarters of a pixel in its alpha (0: the mesh's own). A style is worked out when it or the mesh changes, never per frame.

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
    bytes.extend((0..rows * ROW).flat_map(|feature| {
        let size = size_code(sizes.get(feature).copied());
        [replaced(feature), 0, 0, size]
    }));
    Some((bytes, ROW as u32, height))
}

fn size_code(size_px: Option<f32>) -> u8 {
    // At least a quarter of a pixel: nothing would mean the mesh's own size.
    size_px
        .filter(|size| size.is_finite() && *size > 0.0)
        .map_or(0, |size| (size * 4.0).round().clamp(1.0, 255.0) as u8)
}

pub(super) fn look_group(
    look: &FeatureLook,
    device: &RenderDevice,
    queue: &RenderQueue,
    cache: &PipelineCache,
    layouts: &Layouts,
) -> Option<BindGroup> {
    let (bytes, width, height) = texels(look)?;
    let limit = device.limits().max_texture_dimension_2d;
    if height > limit {
        tracing::warn!(
            "{} features of one tile are beyond what this GPU can colour; drawn without the style",
            look.colors.len()
        );
        return None;
    }
    let texture = device.create_texture_with_data(
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
        &bytes,
    );
    let view = texture.create_view(&TextureViewDescriptor::default());
    Some(device.create_bind_group(
        "city_feature_looks",
        &cache.get_bind_group_layout(&layouts.looks),
        &BindGroupEntries::single(&view),
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
        let none = FeatureLook {
            colors: Arc::from(vec![]),
            ..look
        };
        assert!(texels(&none).is_none());
    }
}
