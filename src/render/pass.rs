//! The camera's schedule and its main pass.

use bevy::core_pipeline::core_3d::CORE_3D_DEPTH_FORMAT;
use bevy::ecs::prelude::*;
use bevy::ecs::schedule::{ScheduleLabel, SystemSet};
use bevy::render::render_phase::TrackedRenderPass;
use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderContext, RenderDevice, ViewQuery};
use bevy::render::texture::{CachedTexture, TextureCache};
use bevy::render::view::ViewTarget;

use super::direct::DirectPicture;
use super::extract::ExtractedCity;
use super::gpu_lines::{LineDraw, LineGpu};
use super::gpu_markers::MarkerGpu;
use super::gpu_mesh::{DrawItem, MeshGpu};
use super::pane::Pane;
use super::pipelines::{CLIP_BINDING, FrameKey, Layouts, PipelineIds, PipelineKind};
use super::shadow::ShadowGpu;
use super::view::ViewGpu;

/// The render schedule of a camera that draws the city.
#[derive(ScheduleLabel, Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct CityPass;

/// Where others hook into [`CityPass`]: the panels draw between the two.
#[derive(SystemSet, Debug, Clone, PartialEq, Eq, Hash)]
pub enum CityPassSystems {
    /// The city is drawn.
    Main,
    /// The picture is copied to its target.
    Upscaling,
}

/// The frame's depth buffer (reverse z, 0 is infinitely far).
#[derive(Resource)]
pub(super) struct Depth(CachedTexture);

pub(super) fn prepare_depth(
    mut commands: Commands,
    city: Res<ExtractedCity>,
    device: Res<RenderDevice>,
    mut textures: ResMut<TextureCache>,
) {
    let [width, height] = city.viewport_px;
    if width == 0 || height == 0 {
        return;
    }
    let texture = textures.get(
        &device,
        TextureDescriptor {
            label: Some("city_depth"),
            size: Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: city.quality.samples,
            dimension: TextureDimension::D2,
            format: CORE_3D_DEPTH_FORMAT,
            usage: TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        },
    );
    commands.insert_resource(Depth(texture));
}

/// Vertices of the lean path's sky, six for each cell of its grid: COLUMNS and ROWS in shaders/sky.wgsl.
const SKY_VERTICES: u32 = 48 * 48 * 6;

fn draw_sky<'a>(
    pass: &mut TrackedRenderPass<'a>,
    frame: FrameKey,
    pipelines: &PipelineIds,
    cache: &'a PipelineCache,
) {
    if let Some(sky) = pipelines.get(frame, PipelineKind::Sky, cache) {
        pass.set_render_pipeline(sky);
        pass.draw(0..if frame.full { 3 } else { SKY_VERTICES }, 0..1);
    }
    if let Some(sun) = pipelines.get(frame, PipelineKind::Sun, cache) {
        pass.set_render_pipeline(sun);
        pass.draw(0..4, 0..1);
    }
}

pub(super) fn main_pass(
    view: ViewQuery<Option<&ViewTarget>>,
    picture: Res<DirectPicture>,
    city: Res<ExtractedCity>,
    depth: Option<Res<Depth>>,
    gpu: Res<ViewGpu>,
    shadows: Res<ShadowGpu>,
    meshes: Res<MeshGpu>,
    lines: Res<LineGpu>,
    markers: Res<MarkerGpu>,
    layouts: Res<Layouts>,
    cache: Res<PipelineCache>,
    pipelines: Res<PipelineIds>,
    mut ctx: RenderContext,
) {
    let target = view.into_inner();
    let attachment = match target {
        _ if picture.is_on() => picture.cleared(),
        target => target.map(ViewTarget::get_color_attachment),
    };
    let (Some(depth), Some(frame), Some(attachment)) = (depth, pipelines.frame, attachment) else {
        return;
    };
    let device = ctx.render_device().clone();
    let view_groups: Vec<BindGroup> = gpu
        .uniforms
        .iter()
        .take(city.panes.len())
        .map(|uniform| {
            if frame.shadows {
                device.create_bind_group(
                    "city_view",
                    &cache.get_bind_group_layout(&layouts.view_shadow),
                    &BindGroupEntries::with_indices((
                        (0, uniform.as_entire_binding()),
                        (1, shadows.view.into_binding()),
                        (2, shadows.sampler.into_binding()),
                        (CLIP_BINDING, gpu.clip.as_entire_binding()),
                    )),
                )
            } else {
                device.create_bind_group(
                    "city_view",
                    &cache.get_bind_group_layout(&layouts.view),
                    &BindGroupEntries::with_indices((
                        (0, uniform.as_entire_binding()),
                        (CLIP_BINDING, gpu.clip.as_entire_binding()),
                    )),
                )
            }
        })
        .collect();
    let mut pass = ctx.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("city_main"),
        color_attachments: &[Some(attachment)],
        depth_stencil_attachment: Some(RenderPassDepthStencilAttachment {
            view: &depth.0.default_view,
            depth_ops: Some(Operations {
                load: LoadOp::Clear(0.0),
                store: StoreOp::Discard,
            }),
            stencil_ops: None,
        }),
        timestamp_writes: None,
        occlusion_query_set: None,
        multiview_mask: None,
    });
    for (number, (pane, view_group)) in city.panes.iter().zip(&view_groups).enumerate() {
        let [x, y, width, height] = pane.rect_px;
        let [left, top, across, down] = pane.rect_px.map(|px| px as f32);
        pass.set_viewport(left, top, across, down, 0.0, 1.0);
        pass.set_scissor_rect(x, y, width, height);
        pass.set_bind_group(0, view_group, &[]);
        draw_pane(
            &mut pass,
            (number, pane),
            frame,
            city.clip.is_some(),
            &meshes,
            &lines,
            &markers,
            &cache,
            &pipelines,
        );
    }
}

/// Everything that one pane shows.
fn draw_pane<'a>(
    pass: &mut TrackedRenderPass<'a>,
    (number, pane): (usize, &Pane),
    frame: FrameKey,
    is_cut: bool,
    meshes: &'a MeshGpu,
    lines: &'a LineGpu,
    markers: &'a MarkerGpu,
    cache: &'a PipelineCache,
    pipelines: &PipelineIds,
) {
    let mut sky_drawn = false;
    if let Some(objects) = &meshes.object_group {
        let shown = |item: &&DrawItem| item.variants & (1 << pane.variant) != 0;
        for item in meshes.items.iter().filter(shown) {
            // The sky after what is opaque, so that only open pixels pay for it.
            if item.key.alpha == super::pipelines::Alpha::Blend && !sky_drawn {
                draw_sky(pass, frame, pipelines, cache);
                sky_drawn = true;
            }
            let Some(pipeline) = pipelines.get(frame, PipelineKind::Tile(item.key), cache) else {
                continue;
            };
            let Some(mesh) = meshes.meshes.get(&item.entity) else {
                continue;
            };
            pass.set_render_pipeline(pipeline);
            pass.set_bind_group(1, objects, &[item.offset(number)]);
            if let Some(texture) = meshes.texture(item) {
                pass.set_bind_group(2, texture, &[]);
            }
            if let Some(look) = mesh.look() {
                pass.set_bind_group(if item.key.textured { 3 } else { 2 }, look, &[]);
            }
            if item.key.topology == super::pipelines::Topology::Points {
                let (vertices, instances) = mesh.points(item);
                pass.set_vertex_buffer(0, vertices);
                pass.draw(0..4, instances);
                continue;
            }
            pass.set_vertex_buffer(0, mesh.vertices.slice(..));
            let (indices, range) = match mesh.without_hidden(pane.variant) {
                Some(rest) => (&rest.indices, rest.range(item.draw)),
                None => (&mesh.indices, item.first..item.first + item.count),
            };
            pass.set_index_buffer(indices.slice(..), IndexFormat::Uint32);
            pass.draw_indexed(range, 0, 0..1);
        }
    }
    if !sky_drawn {
        draw_sky(pass, frame, pipelines, cache);
    }
    let shown = |set: &&LineDraw| set.variants & (1 << pane.variant) != 0;
    for set in lines.draws.iter().filter(shown) {
        if let Some(pipeline) = pipelines.get(
            frame,
            PipelineKind::Line {
                through: set.through,
                // Tools draw through everything, and over what is cut away.
                cut: is_cut && !set.through,
            },
            cache,
        ) {
            pass.set_render_pipeline(pipeline);
            pass.set_bind_group(1, &set.group, &[]);
            pass.set_vertex_buffer(0, set.segments.slice(..));
            pass.draw(0..4, 0..set.count);
        }
    }
    for layer in &markers.draws {
        if let Some(pipeline) = pipelines.get(frame, PipelineKind::Marker { cut: is_cut }, cache) {
            pass.set_render_pipeline(pipeline);
            pass.set_bind_group(1, &layer.group, &[]);
            pass.set_vertex_buffer(0, layer.instances.slice(..));
            pass.draw(0..4, 0..layer.count);
        }
    }
}
