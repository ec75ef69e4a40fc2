//! Cases d and e: a camera schedule of our own with one render pass. No meshes,
//! materials, phases or extraction of Bevy's take part.

use bevy::app::{App, Plugin};
use bevy::asset::{Assets, Handle};
use bevy::core_pipeline::upscaling::upscaling;
use bevy::ecs::prelude::*;
use bevy::ecs::schedule::{ScheduleBuildSettings, ScheduleLabel};
use bevy::mesh::VertexBufferLayout;
use bevy::render::camera::ExtractedCamera;
use bevy::render::render_resource::binding_types::uniform_buffer_sized;
use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderContext, RenderDevice, RenderQueue, ViewQuery};
use bevy::render::texture::{CachedTexture, TextureCache};
use bevy::render::view::{ExtractedView, ViewTarget};
use bevy::render::{GpuResourceAppExt, Render, RenderApp, RenderSystems};
use bevy::shader::Shader;
use bytemuck::{Pod, Zeroable};
use glam::Vec3;

use crate::glb::TileMesh;
use crate::report::Drawn;

/// Into Bevy's main texture, then `upscaling` copies it to the target (case d).
#[derive(ScheduleLabel, Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct LeanThenUpscale;

/// Straight into the target (case e).
#[derive(ScheduleLabel, Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct LeanDirect;

/// What the pass does.
#[derive(Resource, Clone, Copy)]
pub struct LeanOptions {
    /// Case e.
    pub direct: bool,
    /// Light per pixel instead of per vertex.
    pub per_pixel: bool,
    /// Clear only.
    pub empty: bool,
}

/// The lean pass.
pub struct LeanPlugin {
    /// Switches.
    pub options: LeanOptions,
    /// What is drawn.
    pub tiles: Vec<TileMesh>,
    /// Counts drawn frames.
    pub drawn: Drawn,
}

#[derive(Resource)]
struct Tiles(Vec<TileMesh>);

#[derive(Resource)]
struct LeanShader(Handle<Shader>);

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct ViewUniform {
    clip_from_world: [[f32; 4]; 4],
    eye: [f32; 4],
    to_light: [f32; 4],
    fog: [f32; 4],
}

struct GpuTile {
    vertices: Buffer,
    indices: Buffer,
    index_count: u32,
    centre: Vec3,
    radius_m: f32,
}

#[derive(Resource)]
struct LeanGpu {
    layout: BindGroupLayoutDescriptor,
    uniform: Buffer,
    tiles: Vec<GpuTile>,
}

#[derive(Component)]
struct LeanView {
    depth: CachedTexture,
    bind_group: BindGroup,
    format: TextureFormat,
    pipeline: CachedRenderPipelineId,
    visible: Vec<usize>,
}

/// Depth as Bevy has it: reverse z, float.
const DEPTH_FORMAT: TextureFormat = TextureFormat::Depth32Float;

impl Plugin for LeanPlugin {
    fn build(&self, app: &mut App) {
        let shader = app
            .world_mut()
            .resource_mut::<Assets<Shader>>()
            .add(Shader::from_wgsl(include_str!("lean.wgsl"), "lean.wgsl"));
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
            return;
        };
        render_app
            .insert_resource(self.options)
            .insert_resource(Tiles(self.tiles.clone()))
            .insert_resource(self.drawn.clone())
            .insert_resource(LeanShader(shader))
            .init_gpu_resource::<LeanGpu>()
            .add_systems(Render, prepare_view.in_set(RenderSystems::PrepareResources))
            .add_schedule(schedule(LeanThenUpscale))
            .add_schedule(schedule(LeanDirect))
            .add_systems(LeanThenUpscale, (lean_pass, upscaling).chain())
            .add_systems(LeanDirect, lean_pass);
    }
}

/// As `Core3d::base_schedule`: encoders are collected when the schedule ends, in
/// the order of its systems.
fn schedule(label: impl ScheduleLabel) -> Schedule {
    let mut schedule = Schedule::new(label);
    schedule.set_build_settings(ScheduleBuildSettings {
        auto_insert_apply_deferred: false,
        ..Default::default()
    });
    schedule
}

impl FromWorld for LeanGpu {
    fn from_world(world: &mut World) -> Self {
        let device = world.resource::<RenderDevice>();
        let buffer = |label: &str, contents: &[u8], usage: BufferUsages| {
            device.create_buffer_with_data(&BufferInitDescriptor {
                label: Some(label),
                contents,
                usage,
            })
        };
        let tiles = world.resource::<Tiles>().0.iter().map(|tile| {
            let positions = || tile.vertices.iter().map(|v| Vec3::from_array(v.position));
            let (low, high) =
                positions().fold((Vec3::MAX, Vec3::MIN), |(l, h), p| (l.min(p), h.max(p)));
            let centre = (low + high) / 2.0;
            let radius_m = positions().map(|p| p.distance(centre)).fold(0.0, f32::max);
            GpuTile {
                centre,
                radius_m,
                vertices: buffer(
                    "tile vertices",
                    bytemuck::cast_slice(&tile.vertices),
                    BufferUsages::VERTEX,
                ),
                indices: buffer(
                    "tile indices",
                    bytemuck::cast_slice(&tile.indices),
                    BufferUsages::INDEX,
                ),
                index_count: tile.indices.len() as u32,
            }
        });
        let size = size_of::<ViewUniform>() as u64;
        Self {
            layout: BindGroupLayoutDescriptor::new(
                "lean view",
                &BindGroupLayoutEntries::single(
                    ShaderStages::VERTEX_FRAGMENT,
                    uniform_buffer_sized(false, BufferSize::new(size)),
                ),
            ),
            uniform: device.create_buffer(&BufferDescriptor {
                label: Some("lean view"),
                size,
                usage: BufferUsages::UNIFORM | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }),
            tiles: tiles.collect(),
        }
    }
}

fn prepare_view(
    mut commands: Commands,
    views: Query<(
        Entity,
        &ExtractedCamera,
        &ExtractedView,
        &ViewTarget,
        Option<&LeanView>,
    )>,
    gpu: Res<LeanGpu>,
    options: Res<LeanOptions>,
    shader: Res<LeanShader>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    cache: Res<PipelineCache>,
    mut textures: ResMut<TextureCache>,
) {
    for (entity, camera, view, target, lean) in &views {
        let Some(size) = camera.physical_target_size else {
            continue;
        };
        let format = if options.direct {
            let Some(format) = target.out_texture_view_format() else {
                continue;
            };
            format
        } else {
            target.main_texture_format()
        };
        let world_from_view = view.world_from_view.to_matrix();
        let clip_from_world = view.clip_from_view * world_from_view.inverse();
        queue.write_buffer(
            &gpu.uniform,
            0,
            bytemuck::bytes_of(&ViewUniform {
                clip_from_world: clip_from_world.to_cols_array_2d(),
                eye: view.world_from_view.translation().extend(1.0).to_array(),
                to_light: Vec3::new(-0.4, -0.5, 0.77)
                    .normalize()
                    .extend(0.0)
                    .to_array(),
                fog: [0.62, 0.72, 0.83, 1.0 / 12_000.0],
            }),
        );
        // The texture cache hands the same texture out again as long as it is
        // asked for every frame.
        let depth = textures.get(
            &device,
            TextureDescriptor {
                label: Some("lean depth"),
                size: Extent3d {
                    width: size.x,
                    height: size.y,
                    depth_or_array_layers: 1,
                },
                mip_level_count: 1,
                sample_count: 1,
                dimension: TextureDimension::D2,
                format: DEPTH_FORMAT,
                usage: TextureUsages::RENDER_ATTACHMENT,
                view_formats: &[],
            },
        );
        let (bind_group, pipeline) = match lean {
            Some(lean) if lean.format == format => (lean.bind_group.clone(), lean.pipeline),
            _ => (
                device.create_bind_group(
                    "lean view",
                    &cache.get_bind_group_layout(&gpu.layout),
                    &BindGroupEntries::single(gpu.uniform.as_entire_binding()),
                ),
                cache.queue_render_pipeline(pipeline(
                    &gpu.layout,
                    &shader.0,
                    format,
                    options.per_pixel,
                )),
            ),
        };
        let visible = (0..gpu.tiles.len())
            .filter(|i| !options.empty && in_view(&clip_from_world, &gpu.tiles[*i]))
            .collect();
        commands.entity(entity).insert(LeanView {
            depth,
            bind_group,
            format,
            pipeline,
            visible,
        });
    }
}

/// Whether a tile's sphere touches the frustum (no far plane: reverse z, infinite).
fn in_view(clip_from_world: &glam::Mat4, tile: &GpuTile) -> bool {
    let row = |i| clip_from_world.row(i);
    let planes = [
        row(3) + row(0),
        row(3) - row(0),
        row(3) + row(1),
        row(3) - row(1),
        row(3) - row(2),
    ];
    planes
        .iter()
        .all(|p| p.dot(tile.centre.extend(1.0)) >= -tile.radius_m * p.truncate().length())
}

fn pipeline(
    layout: &BindGroupLayoutDescriptor,
    shader: &Handle<Shader>,
    format: TextureFormat,
    per_pixel: bool,
) -> RenderPipelineDescriptor {
    // Where the target does not convert, the shader does.
    let shader_defs = if format.is_srgb() {
        vec![]
    } else {
        vec!["ENCODE_SRGB".into()]
    };
    let entry = |plain: &'static str, pixel: &'static str| {
        Some(if per_pixel { pixel } else { plain }.into())
    };
    RenderPipelineDescriptor {
        label: Some("lean tiles".into()),
        layout: vec![layout.clone()],
        vertex: VertexState {
            shader: shader.clone(),
            shader_defs: shader_defs.clone(),
            entry_point: entry("vertex", "vertex_pixel"),
            buffers: vec![VertexBufferLayout::from_vertex_formats(
                VertexStepMode::Vertex,
                [VertexFormat::Float32x3, VertexFormat::Snorm8x4],
            )],
        },
        fragment: Some(FragmentState {
            shader: shader.clone(),
            shader_defs,
            entry_point: entry("fragment", "fragment_pixel"),
            targets: vec![Some(ColorTargetState {
                format,
                blend: None,
                write_mask: ColorWrites::ALL,
            })],
        }),
        // The contents say doubleSided; the peers draw them so as well.
        primitive: PrimitiveState {
            cull_mode: None,
            ..Default::default()
        },
        depth_stencil: Some(DepthStencilState {
            format: DEPTH_FORMAT,
            depth_write_enabled: Some(true),
            depth_compare: Some(CompareFunction::Greater),
            stencil: StencilState::default(),
            bias: DepthBiasState::default(),
        }),
        ..Default::default()
    }
}

fn lean_pass(
    view: ViewQuery<(&ViewTarget, &LeanView)>,
    gpu: Res<LeanGpu>,
    options: Res<LeanOptions>,
    cache: Res<PipelineCache>,
    drawn: Res<Drawn>,
    mut ctx: RenderContext,
) {
    let (target, lean) = view.into_inner();
    let color = if options.direct {
        // Marks the window as to be presented; linear clear colour.
        let linear = [0.62_f32, 0.72, 0.83];
        let plain = target
            .out_texture_view_format()
            .is_some_and(|f| !f.is_srgb());
        let [r, g, b] = if plain {
            linear.map(|c| c.powf(1.0 / 2.2))
        } else {
            linear
        };
        let fog = bevy::color::LinearRgba::rgb(r, g, b);
        let Some(color) = target.out_texture_color_attachment(Some(fog)) else {
            return;
        };
        color
    } else {
        target.get_color_attachment()
    };
    let Some(pipeline) = cache.get_render_pipeline(lean.pipeline) else {
        return;
    };
    let mut pass = ctx
        .command_encoder()
        .begin_render_pass(&RenderPassDescriptor {
            label: Some("lean tiles"),
            color_attachments: &[Some(color)],
            depth_stencil_attachment: Some(RenderPassDepthStencilAttachment {
                view: &lean.depth.default_view,
                // Nobody reads the depth afterwards.
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
    pass.set_pipeline(pipeline);
    pass.set_bind_group(0, &*lean.bind_group, &[]);
    for tile in lean.visible.iter().map(|i| &gpu.tiles[*i]) {
        pass.set_vertex_buffer(0, *tile.vertices.slice(..));
        pass.set_index_buffer(*tile.indices.slice(..), IndexFormat::Uint32);
        pass.draw_indexed(0..tile.index_count, 0, 0..1);
    }
    drop(pass);
    drawn.add();
}
