//! Line sets on the GPU.

use std::collections::HashMap;
use std::sync::Arc;

use bevy::ecs::prelude::*;
use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderDevice, RenderQueue};

use super::extract::{ExtractedCity, ExtractedLines};
use super::pipelines::Layouts;
use super::scene::LineSegment;

pub(super) struct LineDraw {
    pub group: BindGroup,
    pub segments: Buffer,
    pub count: u32,
    pub through: bool,
    pub variants: u8,
}

struct Resident {
    source: Arc<Vec<LineSegment>>,
    segments: Buffer,
    uniform: Buffer,
    group: BindGroup,
}

#[derive(Resource, Default)]
pub(super) struct LineGpu {
    resident: HashMap<Entity, Resident>,
    pub draws: Vec<LineDraw>,
}

pub(super) fn init(mut commands: Commands) {
    commands.insert_resource(LineGpu::default());
}

pub(super) fn prepare(
    city: Res<ExtractedCity>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    cache: Res<PipelineCache>,
    layouts: Res<Layouts>,
    mut gpu: ResMut<LineGpu>,
) {
    let gpu = &mut *gpu;
    let live: std::collections::HashSet<Entity> =
        city.lines.iter().map(|lines| lines.entity).collect();
    gpu.resident.retain(|entity, _| live.contains(entity));
    gpu.draws.clear();
    for ExtractedLines {
        entity,
        set,
        variants,
    } in &city.lines
    {
        if set.segments.is_empty() || set.opacity <= 0.0 {
            continue;
        }
        let fresh = gpu
            .resident
            .get(entity)
            .is_none_or(|old| !Arc::ptr_eq(&old.source, &set.segments));
        if fresh {
            let segments = device.create_buffer_with_data(&BufferInitDescriptor {
                label: Some("city_lines"),
                contents: bytemuck::cast_slice(&set.segments),
                usage: BufferUsages::VERTEX,
            });
            let uniform = device.create_buffer(&BufferDescriptor {
                label: Some("city_line_set"),
                size: 32,
                usage: BufferUsages::UNIFORM | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            let group = device.create_bind_group(
                "city_line_set",
                &cache.get_bind_group_layout(&layouts.line),
                &BindGroupEntries::single(uniform.as_entire_binding()),
            );
            gpu.resident.insert(
                *entity,
                Resident {
                    source: set.segments.clone(),
                    segments,
                    uniform,
                    group,
                },
            );
        }
        let Some(resident) = gpu.resident.get(entity) else {
            continue;
        };
        let rel = (set.origin - city.view.position).as_vec3();
        let data = [rel.x, rel.y, rel.z, set.pull, set.opacity, 1.0, 0.0, 0.0];
        queue.write_buffer(&resident.uniform, 0, bytemuck::cast_slice(&data));
        gpu.draws.push(LineDraw {
            group: resident.group.clone(),
            segments: resident.segments.clone(),
            count: set.segments.len() as u32,
            through: set.through,
            variants: *variants,
        });
    }
}
