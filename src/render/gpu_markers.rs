//! Sensor layers on the GPU: instances are uploaded when readings change, a small uniform every frame.

use std::collections::HashMap;

use bevy::ecs::prelude::*;
use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bytemuck::{Pod, Zeroable};

use super::extract::ExtractedCity;
use super::pipelines::Layouts;
use crate::ui::colormap;

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct LayerUniform {
    rel_origin: [f32; 4],
    time: [f32; 4],
    range: [f32; 4],
    pick: [u32; 4],
}

pub(super) struct MarkerDraw {
    pub group: BindGroup,
    pub instances: Buffer,
    pub count: u32,
}

struct Resident {
    generation: u64,
    instances: Buffer,
    capacity: usize,
    uniform: Buffer,
    group: BindGroup,
    color_map: std::sync::Arc<str>,
}

#[derive(Resource)]
pub(super) struct MarkerGpu {
    resident: HashMap<Entity, Resident>,
    color_maps: HashMap<String, TextureView>,
    sampler: Sampler,
    pub draws: Vec<MarkerDraw>,
}

pub(super) fn init(mut commands: Commands, device: Res<RenderDevice>) {
    let sampler = device.create_sampler(&SamplerDescriptor {
        mag_filter: FilterMode::Linear,
        min_filter: FilterMode::Linear,
        ..Default::default()
    });
    commands.insert_resource(MarkerGpu {
        resident: HashMap::new(),
        color_maps: HashMap::new(),
        sampler,
        draws: Vec::new(),
    });
}

pub(super) fn prepare(
    city: Res<ExtractedCity>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    cache: Res<PipelineCache>,
    layouts: Res<Layouts>,
    mut gpu: ResMut<MarkerGpu>,
) {
    let gpu = &mut *gpu;
    let live: std::collections::HashSet<Entity> =
        city.markers.iter().map(|(entity, _)| *entity).collect();
    gpu.resident.retain(|entity, _| live.contains(entity));
    gpu.draws.clear();
    for (entity, layer) in &city.markers {
        if layer.markers.is_empty() {
            continue;
        }
        let bytes: &[u8] = bytemuck::cast_slice(&layer.markers);
        let stale = gpu
            .resident
            .get(entity)
            .is_none_or(|old| old.capacity < bytes.len() || old.color_map != layer.color_map);
        if stale {
            let map = gpu
                .color_maps
                .entry(layer.color_map.to_string())
                .or_insert_with(|| color_map_texture(&layer.color_map, &device, &queue));
            let capacity = bytes.len().next_power_of_two();
            let instances = device.create_buffer(&BufferDescriptor {
                label: Some("city_markers"),
                size: capacity as u64,
                usage: BufferUsages::VERTEX | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            let uniform = device.create_buffer(&BufferDescriptor {
                label: Some("city_marker_layer"),
                size: size_of::<LayerUniform>() as u64,
                usage: BufferUsages::UNIFORM | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            let group = device.create_bind_group(
                "city_marker_layer",
                &cache.get_bind_group_layout(&layouts.marker),
                &BindGroupEntries::sequential((uniform.as_entire_binding(), &*map, &gpu.sampler)),
            );
            gpu.resident.insert(
                *entity,
                Resident {
                    generation: u64::MAX,
                    instances,
                    capacity,
                    uniform,
                    group,
                    color_map: layer.color_map.clone(),
                },
            );
        }
        let Some(resident) = gpu.resident.get_mut(entity) else {
            continue;
        };
        if resident.generation != layer.generation {
            queue.write_buffer(&resident.instances, 0, bytes);
            resident.generation = layer.generation;
        }
        let rel = (layer.origin - city.view.position).as_vec3();
        let uniform = LayerUniform {
            rel_origin: [rel.x, rel.y, rel.z, 0.0],
            time: [
                layer.time.now_s,
                0.0,
                layer.time.cadence_s,
                layer.time.stale_after_s,
            ],
            range: [layer.range[0], layer.range[1], layer.size_px, layer.opacity],
            pick: [layer.selected, 0, 0, 0],
        };
        queue.write_buffer(&resident.uniform, 0, bytemuck::bytes_of(&uniform));
        gpu.draws.push(MarkerDraw {
            group: resident.group.clone(),
            instances: resident.instances.clone(),
            count: layer.markers.len() as u32,
        });
    }
}

fn color_map_texture(name: &str, device: &RenderDevice, queue: &RenderQueue) -> TextureView {
    let mut pixels = Vec::with_capacity(1024);
    for i in 0..256u16 {
        let [r, g, b] = colormap::sample(name, f64::from(i) / 255.0);
        pixels.extend_from_slice(&[r, g, b, 255]);
    }
    let texture = device.create_texture_with_data(
        queue,
        &TextureDescriptor {
            label: Some("city_color_map"),
            size: Extent3d {
                width: 256,
                height: 1,
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
        &pixels,
    );
    texture.create_view(&TextureViewDescriptor::default())
}
