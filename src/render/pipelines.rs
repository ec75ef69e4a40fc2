//! Bind group layouts and the few pipelines that draw a city.

use std::collections::HashMap;

use bevy::core_pipeline::core_3d::CORE_3D_DEPTH_FORMAT;
use bevy::ecs::prelude::*;
use bevy::mesh::VertexBufferLayout;
use bevy::render::camera::ExtractedCamera;
use bevy::render::render_resource::binding_types::{
    sampler, texture_2d, texture_depth_2d, uniform_buffer_sized,
};
use bevy::render::render_resource::*;
use bevy::render::view::ExtractedView;
use bevy::shader::{Shader, ShaderDefVal};
use city_tiles::prepared::Vertex;

use super::direct;
use super::extract::ExtractedCity;
use super::pass::CityPass;
use super::scene::{LineSegment, Marker};
use super::view::ShadowQuality;
use super::{LINE, MARKER, SHADED, SHADOW, SKY, TILE};
use crate::platform::IS_WEB;

/// What a surface is made of, as far as the shader is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Surface {
    Plain,
    Facade,
    Water,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Topology {
    Triangles,
    Lines,
    Points,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Alpha {
    Opaque,
    Mask,
    Blend,
}

/// What light a surface sends back and gives, as far as the shader is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Finish {
    /// It is matt.
    Matt,
    /// It is matt and shines by itself.
    Shining,
    /// The same, as a texture says.
    ShiningByMap,
    /// Metal, gloss, bumps and nooks, by textures and factors, and what shines: light per pixel only.
    Detailed,
}

impl Finish {
    /// Whether it is drawn with the group of all maps.
    pub fn has_maps(self) -> bool {
        matches!(self, Self::ShiningByMap | Self::Detailed)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TileKey {
    pub alpha: Alpha,
    pub surface: Surface,
    pub textured: bool,
    pub finish: Finish,
    pub cull: bool,
    pub topology: Topology,
    /// Features have colours of their own.
    pub styled: bool,
    /// A cut goes through it.
    pub cut: bool,
    /// Lean, and its pixels have no colour of their own: see [`super::shaded`].
    pub shaded: bool,
}

impl TileKey {
    /// The same with what a mesh of one scale may be drawn by.
    pub fn shaded_if_it_can_be(self, full: bool) -> Self {
        let can_be = !(full || self.textured || self.cut || self.styled)
            && self.surface == Surface::Plain
            && self.finish == Finish::Matt
            && self.topology != Topology::Points;
        Self {
            shaded: can_be,
            ..self
        }
    }
}

/// What all pipelines of a frame share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FrameKey {
    pub format: TextureFormat,
    pub samples: u32,
    pub full: bool,
    pub shadows: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum PipelineKind {
    Tile(TileKey),
    Sky,
    /// The square around the sun, which the lean path draws over its sky.
    Sun,
    Line {
        through: bool,
        cut: bool,
    },
    Marker {
        cut: bool,
    },
    Shadow {
        cut: bool,
    },
}

impl PipelineKind {
    /// The same without a cut: drawn until the other is compiled. Tiles are asked before (`super::gpu_mesh`), as their
    /// objects are others then.
    pub fn whole(self) -> Self {
        match self {
            Self::Line { through, .. } => Self::Line {
                through,
                cut: false,
            },
            Self::Marker { .. } => Self::Marker { cut: false },
            Self::Shadow { .. } => Self::Shadow { cut: false },
            other => other,
        }
    }
}

/// Where [`super::view::ViewGpu::clip`] is bound, in the first group of all pipelines: CLIP in shaders/clip.wgsl.
pub(super) const CLIP_BINDING: u32 = 3;

#[derive(Resource)]
pub(super) struct Layouts {
    pub view: BindGroupLayoutDescriptor,
    pub view_shadow: BindGroupLayoutDescriptor,
    pub object: BindGroupLayoutDescriptor,
    pub texture: BindGroupLayoutDescriptor,
    /// The base colour as in `texture`, then what [`super::gpu_texture`] binds of the maps.
    pub maps: BindGroupLayoutDescriptor,
    pub looks: BindGroupLayoutDescriptor,
    pub line: BindGroupLayoutDescriptor,
    pub marker: BindGroupLayoutDescriptor,
    pub caster: BindGroupLayoutDescriptor,
}

pub(super) fn init_layouts(mut commands: Commands) {
    let both = ShaderStages::VERTEX_FRAGMENT;
    let filterable = TextureSampleType::Float { filterable: true };
    commands.insert_resource(Layouts {
        view: BindGroupLayoutDescriptor::new(
            "city_view_layout",
            &BindGroupLayoutEntries::with_indices(
                both,
                (
                    (0, uniform_buffer_sized(false, None)),
                    (CLIP_BINDING, uniform_buffer_sized(false, None)),
                ),
            ),
        ),
        view_shadow: BindGroupLayoutDescriptor::new(
            "city_view_shadow_layout",
            &BindGroupLayoutEntries::with_indices(
                both,
                (
                    (0, uniform_buffer_sized(false, None)),
                    (1, texture_depth_2d()),
                    (2, sampler(SamplerBindingType::Comparison)),
                    (CLIP_BINDING, uniform_buffer_sized(false, None)),
                ),
            ),
        ),
        object: BindGroupLayoutDescriptor::new(
            "city_object_layout",
            &BindGroupLayoutEntries::single(both, uniform_buffer_sized(true, None)),
        ),
        texture: BindGroupLayoutDescriptor::new(
            "city_texture_layout",
            &BindGroupLayoutEntries::sequential(
                ShaderStages::FRAGMENT,
                (
                    texture_2d(filterable),
                    sampler(SamplerBindingType::Filtering),
                ),
            ),
        ),
        maps: BindGroupLayoutDescriptor::new(
            "city_maps_layout",
            &BindGroupLayoutEntries::sequential(
                ShaderStages::FRAGMENT,
                (
                    texture_2d(filterable),
                    sampler(SamplerBindingType::Filtering),
                    texture_2d(filterable),
                    sampler(SamplerBindingType::Filtering),
                    texture_2d(filterable),
                    sampler(SamplerBindingType::Filtering),
                    texture_2d(filterable),
                    sampler(SamplerBindingType::Filtering),
                    texture_2d(filterable),
                    sampler(SamplerBindingType::Filtering),
                ),
            ),
        ),
        looks: BindGroupLayoutDescriptor::new(
            "city_feature_looks_layout",
            &BindGroupLayoutEntries::single(ShaderStages::VERTEX, texture_2d(filterable)),
        ),
        line: BindGroupLayoutDescriptor::new(
            "city_line_layout",
            &BindGroupLayoutEntries::single(both, uniform_buffer_sized(false, None)),
        ),
        marker: BindGroupLayoutDescriptor::new(
            "city_marker_layout",
            &BindGroupLayoutEntries::sequential(
                both,
                (
                    uniform_buffer_sized(false, None),
                    texture_2d(filterable),
                    sampler(SamplerBindingType::Filtering),
                ),
            ),
        ),
        caster: BindGroupLayoutDescriptor::new(
            "city_caster_layout",
            &BindGroupLayoutEntries::with_indices(
                both,
                (
                    (0, uniform_buffer_sized(true, None)),
                    (CLIP_BINDING, uniform_buffer_sized(false, None)),
                ),
            ),
        ),
    });
}

/// Pipelines queued so far. They compile in the background; what is not ready is not drawn yet.
#[derive(Resource, Default)]
pub(super) struct PipelineIds {
    ids: HashMap<(FrameKey, PipelineKind), CachedRenderPipelineId>,
    pub wanted: Vec<PipelineKind>,
    pub frame: Option<FrameKey>,
}

impl PipelineIds {
    pub fn get<'a>(
        &self,
        frame: FrameKey,
        kind: PipelineKind,
        cache: &'a PipelineCache,
    ) -> Option<&'a RenderPipeline> {
        let ready = |kind| cache.get_render_pipeline(*self.ids.get(&(frame, kind))?);
        ready(kind).or_else(|| ready(kind.whole()))
    }

    /// It is compiled for what the last frame's pipelines share.
    pub fn is_ready(&self, kind: PipelineKind, cache: &PipelineCache) -> bool {
        let id = self.frame.and_then(|frame| self.ids.get(&(frame, kind)));
        id.is_some_and(|id| cache.get_render_pipeline(*id).is_some())
    }

    /// Something that was asked for is not drawn yet, and will be.
    pub fn are_compiling(&self, cache: &PipelineCache) -> bool {
        let is_compiling = |id: &CachedRenderPipelineId| {
            matches!(
                cache.get_render_pipeline_state(*id),
                CachedPipelineState::Queued | CachedPipelineState::Creating(_)
            )
        };
        self.ids.values().any(is_compiling)
    }
}

/// What most tilesets are drawn by: triangles of one colour or with a texture, with and without their backs.
const USUAL: [TileKey; 4] = {
    const fn key(textured: bool, cull: bool) -> TileKey {
        TileKey {
            alpha: Alpha::Opaque,
            surface: Surface::Plain,
            textured,
            finish: Finish::Matt,
            cull,
            topology: Topology::Triangles,
            styled: false,
            cut: false,
            shaded: false,
        }
    }
    [
        key(false, true),
        key(true, true),
        key(false, false),
        key(true, false),
    ]
};

/// Queues the pipelines that this frame's draws asked for. A page compiles them in its one thread: there one of the
/// usual ones is made whenever nothing else is, so that the first tile does not wait for it.
pub(super) fn queue(
    city: Res<ExtractedCity>,
    cameras: Query<(&ExtractedCamera, &ExtractedView)>,
    layouts: Res<Layouts>,
    cache: Res<PipelineCache>,
    mut ids: ResMut<PipelineIds>,
) {
    let format = cameras
        .iter()
        .find(|(camera, _)| {
            camera.schedule == bevy::ecs::schedule::ScheduleLabel::intern(&CityPass)
        })
        .map(|(_, view)| match city.quality.direct {
            true => direct::FORMAT,
            false => view.target_format,
        });
    let Some(format) = format else {
        return;
    };
    let frame = FrameKey {
        format,
        samples: city.quality.samples,
        full: city.quality.full,
        shadows: city.quality.shadows != ShadowQuality::Off,
    };
    let ids = &mut *ids;
    ids.frame = Some(frame);
    let line = |through, cut| PipelineKind::Line { through, cut };
    let fixed = [
        PipelineKind::Sky,
        PipelineKind::Sun,
        line(false, false),
        line(true, false),
        PipelineKind::Marker { cut: false },
        PipelineKind::Shadow { cut: false },
    ];
    let cut = [
        line(false, true),
        PipelineKind::Marker { cut: true },
        PipelineKind::Shadow { cut: true },
    ];
    let cut = cut.into_iter().filter(|_| city.clip.is_some());
    let is_idle =
        ids.wanted.is_empty() && ids.ids.len() >= fixed.len() - 2 && !ids.are_compiling(&cache);
    let usual = USUAL.map(|key| PipelineKind::Tile(key.shaded_if_it_can_be(frame.full)));
    let spare = (usual.into_iter()).find(|kind| !ids.ids.contains_key(&(frame, *kind)));
    let spare = spare.filter(|_| IS_WEB && is_idle);
    for kind in ids.wanted.drain(..).chain(fixed).chain(cut).chain(spare) {
        let is_used = match kind {
            PipelineKind::Shadow { .. } => frame.shadows,
            PipelineKind::Sun => !frame.full,
            _ => true,
        };
        if !is_used {
            continue;
        }
        ids.ids
            .entry((frame, kind))
            .or_insert_with(|| cache.queue_render_pipeline(describe(frame, kind, &layouts)));
    }
}

fn depth(write: bool, compare: CompareFunction) -> DepthStencilState {
    DepthStencilState {
        format: CORE_3D_DEPTH_FORMAT,
        depth_write_enabled: Some(write),
        depth_compare: Some(compare),
        stencil: StencilState::default(),
        bias: DepthBiasState::default(),
    }
}

fn stage_defs(frame: FrameKey, extra: &[(&str, bool)]) -> Vec<ShaderDefVal> {
    let encode = frame.format == direct::FORMAT;
    [
        ("FULL", frame.full),
        ("SHADOWS", frame.shadows),
        ("ENCODE", encode),
    ]
    .iter()
    .chain(extra)
    .filter(|(_, on)| *on)
    .map(|(name, _)| ShaderDefVal::from(*name))
    .collect()
}

fn describe(frame: FrameKey, kind: PipelineKind, layouts: &Layouts) -> RenderPipelineDescriptor {
    let view = if frame.shadows {
        &layouts.view_shadow
    } else {
        &layouts.view
    };
    match kind {
        PipelineKind::Tile(key) => tile(frame, key, view, layouts),
        PipelineKind::Sky => assemble(
            "city_sky",
            frame,
            SKY,
            stage_defs(frame, &[]),
            vec![view.clone()],
            vec![],
            None,
            depth(false, CompareFunction::GreaterEqual),
            PrimitiveState::default(),
        ),
        PipelineKind::Sun => assemble(
            "city_sun",
            frame,
            SKY,
            stage_defs(frame, &[("SUN", true)]),
            vec![view.clone()],
            vec![],
            None,
            depth(false, CompareFunction::GreaterEqual),
            strip(),
        ),
        PipelineKind::Line { through, cut } => assemble(
            "city_line",
            frame,
            LINE,
            stage_defs(frame, &[("CLIP", cut)]),
            vec![view.clone(), layouts.line.clone()],
            vec![VertexBufferLayout {
                array_stride: size_of::<LineSegment>() as u64,
                step_mode: VertexStepMode::Instance,
                attributes: vec![
                    attribute(VertexFormat::Float32x3, 0, 0),
                    attribute(VertexFormat::Float32, 12, 1),
                    attribute(VertexFormat::Float32x3, 16, 2),
                    attribute(VertexFormat::Unorm8x4, 28, 3),
                ],
            }],
            Some(BlendState::ALPHA_BLENDING),
            depth(
                false,
                if through {
                    CompareFunction::Always
                } else {
                    CompareFunction::GreaterEqual
                },
            ),
            strip(),
        ),
        PipelineKind::Marker { cut } => assemble(
            "city_marker",
            frame,
            MARKER,
            stage_defs(frame, &[("CLIP", cut)]),
            vec![view.clone(), layouts.marker.clone()],
            vec![VertexBufferLayout {
                array_stride: size_of::<Marker>() as u64,
                step_mode: VertexStepMode::Instance,
                attributes: vec![
                    attribute(VertexFormat::Float32x3, 0, 0),
                    attribute(VertexFormat::Float32x2, 12, 1),
                    attribute(VertexFormat::Float32x2, 20, 2),
                    attribute(VertexFormat::Uint32, 28, 3),
                    attribute(VertexFormat::Uint32, 32, 4),
                ],
            }],
            Some(BlendState::ALPHA_BLENDING),
            depth(true, CompareFunction::GreaterEqual),
            strip(),
        ),
        PipelineKind::Shadow { cut } => RenderPipelineDescriptor {
            label: Some("city_shadow".into()),
            layout: vec![layouts.caster.clone()],
            vertex: VertexState {
                shader: SHADOW,
                shader_defs: clip_def(cut),
                entry_point: Some("vertex".into()),
                buffers: vec![VertexBufferLayout {
                    array_stride: size_of::<Vertex>() as u64,
                    step_mode: VertexStepMode::Vertex,
                    attributes: vec![attribute(VertexFormat::Float32x3, 0, 0)],
                }],
            },
            primitive: PrimitiveState::default(),
            depth_stencil: Some(DepthStencilState {
                bias: DepthBiasState {
                    constant: -2,
                    slope_scale: -2.0,
                    clamp: 0.0,
                },
                ..depth(true, CompareFunction::GreaterEqual)
            }),
            fragment: cut.then(|| FragmentState {
                shader: SHADOW,
                shader_defs: clip_def(cut),
                entry_point: Some("fragment".into()),
                targets: vec![],
            }),
            ..Default::default()
        },
    }
}

fn tile(
    frame: FrameKey,
    key: TileKey,
    view: &BindGroupLayoutDescriptor,
    layouts: &Layouts,
) -> RenderPipelineDescriptor {
    let points = key.topology == Topology::Points;
    let mut defs = stage_defs(
        frame,
        &[
            ("POINTS", points),
            ("STYLED", key.styled),
            ("FACADE", key.surface == Surface::Facade),
            ("WATER", key.surface == Surface::Water),
            ("TEXTURED", key.textured),
            ("EMISSIVE", key.finish != Finish::Matt),
            ("EMISSIVE_MAP", key.finish.has_maps()),
            ("DETAIL", key.finish == Finish::Detailed),
            ("MASK", key.alpha == Alpha::Mask),
            ("BLEND", key.alpha == Alpha::Blend),
            ("CLIP", key.cut),
        ],
    );
    let mut groups = vec![view.clone(), layouts.object.clone()];
    if key.finish.has_maps() {
        groups.push(layouts.maps.clone());
    } else if key.textured {
        groups.push(layouts.texture.clone());
    }
    if key.styled {
        defs.push(ShaderDefVal::UInt("LOOK_GROUP".into(), groups.len() as u32));
        groups.push(layouts.looks.clone());
    }
    let blend = (key.alpha == Alpha::Blend).then_some(BlendState::ALPHA_BLENDING);
    let buffers = vec![VertexBufferLayout {
        array_stride: size_of::<Vertex>() as u64,
        // A point is a square of four corners, one instance each.
        step_mode: if points {
            VertexStepMode::Instance
        } else {
            VertexStepMode::Vertex
        },
        attributes: vec![
            attribute(VertexFormat::Float32x3, 0, 0),
            attribute(VertexFormat::Snorm8x4, 12, 1),
            attribute(VertexFormat::Unorm8x4, 16, 2),
            attribute(VertexFormat::Float32x2, 20, 3),
            attribute(VertexFormat::Uint32, 28, 4),
        ],
    }];
    let primitive = PrimitiveState {
        topology: match key.topology {
            Topology::Triangles => PrimitiveTopology::TriangleList,
            Topology::Lines => PrimitiveTopology::LineList,
            Topology::Points => PrimitiveTopology::TriangleStrip,
        },
        // Through a cut one sees into bodies.
        cull_mode: (key.cull && !key.cut && key.topology == Topology::Triangles)
            .then_some(Face::Back),
        ..Default::default()
    };
    let depth = depth(key.alpha != Alpha::Blend, CompareFunction::GreaterEqual);
    assemble(
        "city_tile",
        frame,
        if key.shaded { SHADED } else { TILE },
        defs,
        groups,
        buffers,
        blend,
        depth,
        primitive,
    )
}

fn clip_def(cut: bool) -> Vec<ShaderDefVal> {
    cut.then(|| ShaderDefVal::from("CLIP"))
        .into_iter()
        .collect()
}

fn strip() -> PrimitiveState {
    PrimitiveState {
        topology: PrimitiveTopology::TriangleStrip,
        ..Default::default()
    }
}

fn attribute(format: VertexFormat, offset: u64, shader_location: u32) -> VertexAttribute {
    VertexAttribute {
        format,
        offset,
        shader_location,
    }
}

fn assemble(
    label: &'static str,
    frame: FrameKey,
    shader: bevy::asset::Handle<Shader>,
    defs: Vec<ShaderDefVal>,
    layout: Vec<BindGroupLayoutDescriptor>,
    buffers: Vec<VertexBufferLayout>,
    blend: Option<BlendState>,
    depth_stencil: DepthStencilState,
    primitive: PrimitiveState,
) -> RenderPipelineDescriptor {
    RenderPipelineDescriptor {
        label: Some(label.into()),
        layout,
        vertex: VertexState {
            shader: shader.clone(),
            shader_defs: defs.clone(),
            entry_point: Some("vertex".into()),
            buffers,
        },
        primitive,
        depth_stencil: Some(depth_stencil),
        multisample: MultisampleState {
            count: frame.samples,
            ..Default::default()
        },
        fragment: Some(FragmentState {
            shader,
            shader_defs: defs,
            entry_point: Some("fragment".into()),
            targets: vec![Some(ColorTargetState {
                format: frame.format,
                blend,
                write_mask: ColorWrites::ALL,
            })],
        }),
        ..Default::default()
    }
}
