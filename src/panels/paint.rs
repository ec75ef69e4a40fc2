//! Draws the panels into a picture that goes straight to the window ([`DirectPicture`]): in encoded colours, as egui means
//! them, which the pass of bevy_egui cannot do. Its textures, transforms and layouts are used as they are.

use std::ops::Range;

use bevy::ecs::prelude::*;
use bevy::math::{URect, UVec2};
use bevy::render::render_resource::{
    BufferUsages, CachedRenderPipelineId, IndexFormat, PipelineCache, RawBufferVec,
    RenderPassDescriptor, SpecializedRenderPipeline,
};
use bevy::render::renderer::{RenderContext, RenderDevice, RenderQueue};
use bevy::render::sync_world::MainEntity;
use bevy::render::view::ExtractedView;
use bevy_egui::render::systems::{EguiTextureBindGroups, EguiTextureId, EguiTransforms};
use bevy_egui::render::{EguiPipeline, EguiPipelineKey};
use bevy_egui::{EguiPixelsPerPoint, EguiRenderOutput};
use egui::epaint::{ClippedPrimitive, Primitive, Vertex};

use crate::render::{DIRECT_FORMAT, DirectPicture, PANELS};

/// The panels of this frame, on the GPU.
#[derive(Resource)]
pub(super) struct Painter {
    vertices: RawBufferVec<Vertex>,
    indices: RawBufferVec<u32>,
    draws: Vec<Draw>,
    /// The camera that they are drawn over.
    camera: Option<MainEntity>,
    pipeline: Option<CachedRenderPipelineId>,
}

struct Draw {
    scissor_px: URect,
    texture: EguiTextureId,
    indices: Range<u32>,
}

impl Default for Painter {
    fn default() -> Self {
        Self {
            vertices: RawBufferVec::new(BufferUsages::VERTEX),
            indices: RawBufferVec::new(BufferUsages::INDEX),
            draws: Vec::new(),
            camera: None,
            pipeline: None,
        }
    }
}

impl Painter {
    fn add(&mut self, job: ClippedPrimitive, camera: MainEntity, scale: f32, view: URect) {
        // There are no paint callbacks here.
        let Primitive::Mesh(mesh) = job.primitive else {
            return;
        };
        let px = |at: egui::Pos2| {
            let [x, y] = [at.x, at.y].map(|x| (x * scale).round().max(0.0) as u32);
            UVec2::new(x, y)
        };
        let scissor_px = URect {
            min: px(job.clip_rect.min),
            max: px(job.clip_rect.max),
        }
        .intersect(view);
        if scissor_px.is_empty() || mesh.indices.is_empty() {
            return;
        }
        let base = self.vertices.len() as u32;
        let first = self.indices.len() as u32;
        self.vertices.extend(mesh.vertices);
        self.indices
            .extend(mesh.indices.into_iter().map(|index| base + index));
        self.draws.push(Draw {
            scissor_px,
            texture: match mesh.texture_id {
                egui::TextureId::Managed(id) => EguiTextureId::Managed(camera, id),
                egui::TextureId::User(id) => EguiTextureId::User(id),
            },
            indices: first..self.indices.len() as u32,
        });
    }
}

/// Takes the shapes before bevy_egui does, which would bring them to the GPU as well.
pub(super) fn prepare(
    mut painter: ResMut<Painter>,
    mut outputs: Query<(&ExtractedView, &EguiPixelsPerPoint, &mut EguiRenderOutput)>,
    picture: Res<DirectPicture>,
    egui: Res<EguiPipeline>,
    cache: Res<PipelineCache>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    if !picture.is_on() {
        return;
    }
    let painter = &mut *painter;
    painter.draws.clear();
    painter.vertices.clear();
    painter.indices.clear();
    for (view, scale, mut output) in &mut outputs {
        let jobs = std::mem::take(&mut output.paint_jobs);
        if picture.attachment().is_none() {
            continue;
        }
        let camera = view.retained_view_entity.main_entity;
        painter.camera = Some(camera);
        let [x, y, width, height] = view.viewport.to_array();
        let rect = URect::new(x, y, x + width, y + height);
        for job in jobs {
            painter.add(job, camera, scale.pixels_per_point, rect);
        }
    }
    painter.vertices.write_buffer(&device, &queue);
    painter.indices.write_buffer(&device, &queue);
    painter.pipeline.get_or_insert_with(|| {
        let target_format = DIRECT_FORMAT;
        let mut pipeline = egui.specialize(EguiPipelineKey { target_format });
        pipeline.label = Some("panels".into());
        pipeline.vertex.shader = PANELS;
        if let Some(fragment) = &mut pipeline.fragment {
            fragment.shader = PANELS;
        }
        cache.queue_render_pipeline(pipeline)
    });
}

/// Draws what [`prepare`] took.
pub(super) fn paint(
    painter: Res<Painter>,
    picture: Res<DirectPicture>,
    textures: Option<Res<EguiTextureBindGroups>>,
    transforms: Res<EguiTransforms>,
    cache: Res<PipelineCache>,
    mut ctx: RenderContext,
) {
    let (Some(attachment), Some(textures), Some(camera)) =
        (picture.attachment(), textures, painter.camera)
    else {
        return;
    };
    let (Some(pipeline), Some(vertices), Some(indices)) = (
        painter
            .pipeline
            .and_then(|id| cache.get_render_pipeline(id)),
        painter.vertices.buffer(),
        painter.indices.buffer(),
    ) else {
        return;
    };
    let (Some((_, transform)), Some(offset)) =
        (&transforms.bind_group, transforms.offsets.get(&camera))
    else {
        return;
    };
    if painter.draws.is_empty() {
        return;
    }
    let mut pass = ctx.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("panels"),
        color_attachments: &[Some(attachment)],
        depth_stencil_attachment: None,
        timestamp_writes: None,
        occlusion_query_set: None,
        multiview_mask: None,
    });
    pass.set_render_pipeline(pipeline);
    pass.set_bind_group(0, transform, &[*offset]);
    pass.set_vertex_buffer(0, vertices.slice(..));
    pass.set_index_buffer(indices.slice(..), IndexFormat::Uint32);
    for draw in &painter.draws {
        let Some((texture, _)) = textures.get(&draw.texture) else {
            continue;
        };
        let at = draw.scissor_px;
        pass.set_scissor_rect(at.min.x, at.min.y, at.width(), at.height());
        pass.set_bind_group(1, texture, &[]);
        pass.draw_indexed(draw.indices.clone(), 0, 0..1);
    }
}
