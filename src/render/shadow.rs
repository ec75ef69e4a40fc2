//! The sun's shadow maps: up to four cascades in one atlas, fitted to the view and snapped to
//! whole texels, so that shadows do not crawl when the camera moves.

use std::num::NonZeroU64;

use bevy::core_pipeline::core_3d::CORE_3D_DEPTH_FORMAT;
use bevy::ecs::prelude::*;
use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderContext, RenderDevice, RenderQueue};
use glam::{DMat4, DVec3, Mat4, Vec3};

use super::extract::ExtractedCity;
use super::gpu_mesh::MeshGpu;
use super::pipelines::{CLIP_BINDING, Layouts, PipelineIds, PipelineKind};
use super::view::{CityView, ShadowQuality, ViewGpu};

/// Side of the atlas in texels.
const ATLAS: u32 = 4096;
const STRIDE: usize = 256;
/// Two matrices of a caster.
const CASTER_BYTES: u64 = 128;

/// One cascade: everything nearer than `far_m` finds its shadow here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cascade {
    pub far_m: f32,
    pub shadow_from_rel: Mat4,
}

/// x: cascades, y: one texel as a share of the map's side.
pub(super) fn info(cascades: &[Cascade]) -> [f32; 2] {
    let side = if cascades.len() > 1 { ATLAS / 2 } else { ATLAS };
    [cascades.len() as f32, 1.0 / side as f32]
}

/// Cascades for what the camera sees: `half_x` and `half_y` are the tangents of the picture's half width and height.
pub(super) fn fit(
    view: &CityView,
    half_x: f64,
    half_y: f64,
    toward_sun: Vec3,
    quality: ShadowQuality,
) -> Vec<Cascade> {
    let splits: &[f64] = match quality {
        ShadowQuality::Off => return Vec::new(),
        ShadowQuality::Single => &[1.0],
        ShadowQuality::Cascades => &[0.06, 0.18, 0.45, 1.0],
    };
    // From high up the shadows of interest are far away: reach grows with height.
    let reach_m = (view.above_ground_m * 6.0).clamp(1500.0, 9000.0);
    let light = toward_sun.as_dvec3().normalize_or(DVec3::Z);
    let side = if light.z.abs() > 0.99 {
        DVec3::X
    } else {
        light.cross(DVec3::Z).normalize()
    };
    let up = side.cross(light).normalize();
    let texels = f64::from(if splits.len() > 1 { ATLAS / 2 } else { ATLAS });
    let mut near = 0.0;
    splits
        .iter()
        .map(|share| {
            let far = reach_m * share;
            // A sphere around the slice does not change size when the camera turns.
            let corner = DVec3::new(far * half_x, far * half_y, far).length();
            let mid = (near + far) * 0.5;
            let radius = (corner * corner - mid * mid).max(0.0).sqrt().max(far - mid) * 1.05;
            near = far;
            let center = view.position + view.forward * mid;
            // Snap in world space, where the grid stands still.
            let texel = 2.0 * radius / texels;
            let snap = |axis: DVec3| (center.dot(axis) / texel).floor() * texel;
            let snapped = side * snap(side) + up * snap(up) + light * center.dot(light);
            let rel_center = snapped - view.position;
            let depth = radius + 2500.0;
            let rotate = DMat4::from_cols(
                DVec3::new(side.x, up.x, light.x).extend(0.0),
                DVec3::new(side.y, up.y, light.y).extend(0.0),
                DVec3::new(side.z, up.z, light.z).extend(0.0),
                glam::DVec4::W,
            );
            // Reverse depth: 1 nearest the sun.
            let scale = DMat4::from_scale(DVec3::new(1.0 / radius, 1.0 / radius, 0.5 / depth));
            let shift = DMat4::from_translation(DVec3::new(0.0, 0.0, 0.5));
            let m = shift * scale * rotate * DMat4::from_translation(-rel_center);
            Cascade {
                far_m: far as f32,
                shadow_from_rel: m.as_mat4(),
            }
        })
        .collect()
}

#[derive(Resource)]
pub(super) struct ShadowGpu {
    pub view: TextureView,
    pub sampler: Sampler,
    texture_side: u32,
    casters: Option<(Buffer, BindGroup, usize)>,
    scratch: Vec<u8>,
    draws: Vec<CasterDraw>,
}

/// A mesh that a cascade sees.
struct CasterDraw {
    cascade: usize,
    /// Its place in [`ExtractedCity::meshes`].
    mesh: usize,
    /// Of its matrix, bytes.
    offset: u32,
}

/// Whether a box (its middle and half its size, in the mesh's frame) reaches into a cascade.
fn reaches(shadow_from_mesh: &Mat4, middle: Vec3, half: Vec3) -> bool {
    let at = shadow_from_mesh.transform_point3(middle);
    let reach = shadow_from_mesh.x_axis.truncate().abs() * half.x
        + shadow_from_mesh.y_axis.truncate().abs() * half.y
        + shadow_from_mesh.z_axis.truncate().abs() * half.z;
    // Beyond the far end nothing is lit by this cascade; toward the sun its depth reaches over all that casts.
    at.x.abs() <= 1.0 + reach.x
        && at.y.abs() <= 1.0 + reach.y
        && at.z + reach.z >= 0.0
        && at.z - reach.z <= 1.0
}

pub(super) fn init(mut commands: Commands, device: Res<RenderDevice>) {
    commands.insert_resource(ShadowGpu {
        view: atlas(&device, 1),
        sampler: device.create_sampler(&SamplerDescriptor {
            label: Some("city_shadow"),
            mag_filter: FilterMode::Linear,
            min_filter: FilterMode::Linear,
            compare: Some(CompareFunction::GreaterEqual),
            ..Default::default()
        }),
        texture_side: 1,
        casters: None,
        scratch: Vec::new(),
        draws: Vec::new(),
    });
}

fn atlas(device: &RenderDevice, side: u32) -> TextureView {
    device
        .create_texture(&TextureDescriptor {
            label: Some("city_shadow_atlas"),
            size: Extent3d {
                width: side,
                height: side,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: TextureDimension::D2,
            format: CORE_3D_DEPTH_FORMAT,
            usage: TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING,
            view_formats: &[],
        })
        .create_view(&TextureViewDescriptor::default())
}

pub(super) fn prepare_casters(
    city: Res<ExtractedCity>,
    view: Res<ViewGpu>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    cache: Res<PipelineCache>,
    layouts: Res<Layouts>,
    meshes: Res<MeshGpu>,
    mut gpu: ResMut<ShadowGpu>,
) {
    let gpu = &mut *gpu;
    gpu.draws.clear();
    if view.cascades.is_empty() {
        return;
    }
    if gpu.texture_side != ATLAS {
        gpu.view = atlas(&device, ATLAS);
        gpu.texture_side = ATLAS;
    }
    gpu.scratch.clear();
    // Panes share the maps, so the first one's variant casts the shadows.
    let variant = city.panes.first().map_or(0, |pane| pane.variant);
    for (slot, mesh) in city.meshes.iter().enumerate() {
        let casts = mesh.style.casts_shadow
            && mesh.style.opacity >= 1.0
            && mesh.variants & (1 << variant) != 0;
        let Some(loaded) = meshes.meshes.get(&mesh.entity).filter(|_| casts) else {
            continue;
        };
        let rel = super::gpu_mesh::relative(mesh.local_from_mesh, city.view.position);
        for (index, cascade) in view.cascades.iter().enumerate() {
            let m = cascade.shadow_from_rel * rel;
            if !reaches(&m, loaded.center, loaded.half) {
                continue;
            }
            gpu.draws.push(CasterDraw {
                cascade: index,
                mesh: slot,
                offset: gpu.scratch.len() as u32,
            });
            let offset = gpu.scratch.len();
            gpu.scratch
                .extend_from_slice(bytemuck::cast_slice(&[m, rel].map(|m| m.to_cols_array())));
            gpu.scratch.resize(offset + STRIDE, 0);
        }
    }
    if gpu.scratch.is_empty() {
        return;
    }
    gpu.draws.sort_by_key(|draw| draw.cascade);
    if gpu
        .casters
        .as_ref()
        .is_none_or(|(_, _, capacity)| *capacity < gpu.scratch.len())
    {
        let capacity = gpu.scratch.len().next_power_of_two();
        let buffer = device.create_buffer(&BufferDescriptor {
            label: Some("city_casters"),
            size: capacity as u64,
            usage: BufferUsages::UNIFORM | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let group = device.create_bind_group(
            "city_casters",
            &cache.get_bind_group_layout(&layouts.caster),
            &[
                BindGroupEntry {
                    binding: 0,
                    resource: BindingResource::Buffer(BufferBinding {
                        buffer: &buffer,
                        offset: 0,
                        size: NonZeroU64::new(CASTER_BYTES),
                    }),
                },
                BindGroupEntry {
                    binding: CLIP_BINDING,
                    resource: view.clip.as_entire_binding(),
                },
            ],
        );
        gpu.casters = Some((buffer, group, capacity));
    }
    if let Some((buffer, _, _)) = &gpu.casters {
        queue.write_buffer(buffer, 0, &gpu.scratch);
    }
}

pub(super) fn shadow_pass(
    city: Res<ExtractedCity>,
    view: Res<ViewGpu>,
    gpu: Res<ShadowGpu>,
    meshes: Res<MeshGpu>,
    cache: Res<PipelineCache>,
    pipelines: Res<PipelineIds>,
    mut ctx: RenderContext,
) {
    let (Some(frame), false) = (pipelines.frame, view.cascades.is_empty()) else {
        return;
    };
    let mut pass = ctx.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("city_shadow"),
        color_attachments: &[],
        depth_stencil_attachment: Some(RenderPassDepthStencilAttachment {
            view: &gpu.view,
            depth_ops: Some(Operations {
                load: LoadOp::Clear(0.0),
                store: StoreOp::Store,
            }),
            stencil_ops: None,
        }),
        timestamp_writes: None,
        occlusion_query_set: None,
        multiview_mask: None,
    });
    let pipeline = |cut| pipelines.get(frame, PipelineKind::Shadow { cut }, &cache);
    let (Some(whole), Some((_, group, _))) = (pipeline(false), &gpu.casters) else {
        return;
    };
    let cut = pipeline(true).unwrap_or(whole);
    let many = view.cascades.len() > 1;
    let variant = city.panes.first().map_or(0, |pane| pane.variant);
    let mut drawn = None;
    for draw in &gpu.draws {
        let index = draw.cascade;
        if many && drawn.replace(index) != Some(index) {
            let side = (ATLAS / 2) as f32;
            let (x, y) = ((index % 2) as f32 * side, (index / 2) as f32 * side);
            pass.set_viewport(x, y, side, side, 0.0, 1.0);
        }
        let mesh = city.meshes.get(draw.mesh);
        let loaded = mesh.and_then(|mesh| Some((mesh, meshes.meshes.get(&mesh.entity)?)));
        let Some((mesh, loaded)) = loaded else {
            continue;
        };
        pass.set_render_pipeline(if mesh.is_cut { cut } else { whole });
        pass.set_bind_group(0, group, &[draw.offset]);
        pass.set_vertex_buffer(0, loaded.vertices.slice(..));
        if let Some(rest) = loaded.without_hidden(variant) {
            pass.set_index_buffer(rest.indices.slice(..), IndexFormat::Uint32);
            for draw in loaded.opaque_draws() {
                pass.draw_indexed(rest.range(draw), 0, 0..1);
            }
            continue;
        }
        pass.set_index_buffer(loaded.indices.slice(..), IndexFormat::Uint32);
        for (first, count) in &loaded.casters {
            pass.draw_indexed(*first..*first + *count, 0, 0..1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mesh_is_drawn_into_the_cascades_that_its_shadow_can_fall_into() {
        let view = CityView {
            position: DVec3::new(100.0, 200.0, 300.0),
            forward: DVec3::new(0.0, 1.0, -0.2).normalize(),
            up: DVec3::Z,
            above_ground_m: 300.0,
            ..CityView::default()
        };
        let sun = Vec3::new(0.5, 0.0, 0.8).normalize();
        let cascades = fit(&view, 0.7, 0.4, sun, ShadowQuality::Cascades);
        let drawn = |rel: Vec3, half: Vec3| -> Vec<bool> {
            let see = |cascade: &Cascade| reaches(&cascade.shadow_from_rel, rel, half);
            cascades.iter().map(see).collect()
        };
        let house = Vec3::splat(10.0);
        let ahead = view.forward.as_vec3();
        assert_eq!(cascades.len(), 4);
        assert!(drawn(ahead * 50.0, house)[0], "near, in the first");
        assert!(!drawn(ahead * 1700.0, house)[0], "far, not in the first");
        assert!(drawn(ahead * 1700.0, house)[3], "but in the last");
        assert!(
            drawn(ahead * 50.0 + sun * 2000.0, house)[0],
            "toward the sun, however far"
        );
        assert_eq!(drawn(Vec3::Y * -9000.0, house), [false; 4], "behind all");
        assert_eq!(
            drawn(Vec3::ZERO, Vec3::splat(9000.0)),
            [true; 4],
            "around all"
        );
    }
}
