//! Meshes on the GPU, and the list of draws of a frame.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::ops::Range;

use bevy::ecs::prelude::*;
use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bytemuck::{Pod, Zeroable};
use city_tiles::prepared::Topology as TileTopology;
use city_tiles::prepared::{AlphaMode, PreparedMaterial, SurfaceClass, Vertex};
use glam::{DMat4, Mat4, Vec3};

use super::extract::{ExtractedCity, ExtractedMesh, GpuNoticeSender, Uploaded};
use super::gpu_look::Look;
use super::gpu_texture::{self, MaterialTextures, TextureDefaults};
use super::hidden::Rest;
use super::pipelines::{
    Alpha, Finish, Layouts, PipelineIds, PipelineKind, Surface, TileKey, Topology,
};
use super::scene::{CityMesh, VARIANTS};
use super::shaded::{self, ShadedUniform};
use crate::platform::monotonic_ms;

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct ObjectUniform {
    rel_from_mesh: [[f32; 4]; 4],
    base_color: [f32; 4],
    params: [f32; 4],
    features: [u32; 4],
    tint: [f32; 4],
    /// Points: least size in pixels, size in metres; then the share of a style's colour that replaces.
    points: [f32; 4],
    /// What shines: linear colour; then how much metal.
    emissive: [f32; 4],
    /// How much the map of normals counts, and that of occlusion.
    maps: [f32; 4],
}

/// Dynamic offsets must be multiples of this on every adapter we meet.
const OBJECT_STRIDE: usize = 256;

const _: () = assert!(
    size_of::<ShadedUniform>() == OBJECT_STRIDE && size_of::<ObjectUniform>() <= OBJECT_STRIDE
);

struct GpuDraw {
    key: TileKey,
    first: u32,
    count: u32,
    base_color: [f32; 4],
    cutoff: f32,
    unlit: bool,
    roughness: f32,
    /// Lit by lamps at night.
    is_street: bool,
    /// Mean distance between points, metres.
    spacing_m: f32,
    textures: MaterialTextures,
    /// What shines, and how much metal there is.
    emissive: [f32; 4],
    maps: [f32; 4],
    /// Light per pixel shows more of it than its base colour.
    is_detailed: bool,
}

impl GpuDraw {
    fn finish(&self, is_full: bool) -> Finish {
        if is_full && self.is_detailed && self.textures.has_maps() {
            Finish::Detailed
        } else if self.unlit || self.emissive[..3] == [0.0; 3] {
            Finish::Matt
        } else if self.textures.shines && self.textures.has_maps() {
            Finish::ShiningByMap
        } else {
            Finish::Shining
        }
    }
}

pub(super) struct GpuMesh {
    pub vertices: Buffer,
    pub indices: Buffer,
    draws: Vec<GpuDraw>,
    /// Index range of all opaque triangles, for shadow maps.
    pub casters: Vec<(u32, u32)>,
    /// The middle of its bounds, and half their size.
    pub center: Vec3,
    pub half: Vec3,
    /// For each variant that hides features: what is left.
    rest: [Option<Rest>; VARIANTS],
    look: Option<Look>,
}

impl GpuMesh {
    /// What a variant that hides features draws; `None` where it draws all.
    pub fn without_hidden(&self, variant: u8) -> Option<&Rest> {
        self.rest.get(usize::from(variant))?.as_ref()
    }

    /// The draws that cast shadows, by number.
    pub fn opaque_draws(&self) -> impl Iterator<Item = usize> + '_ {
        let casts = |draw: &GpuDraw| {
            draw.key.alpha == Alpha::Opaque && draw.key.topology == Topology::Triangles
        };
        let numbered = self.draws.iter().enumerate();
        numbered
            .filter(move |(_, draw)| casts(draw))
            .map(|(index, _)| index)
    }

    /// The colours of its features, where a style gives them.
    pub fn look(&self) -> Option<&BindGroup> {
        self.look.as_ref().map(|look| &look.group)
    }

    /// The vertices of a draw of points, as instances.
    pub fn points(&self, item: &DrawItem) -> (BufferSlice<'_>, Range<u32>) {
        // WebGL 2 has no first instance, so the buffer is cut instead.
        let start = u64::from(item.first) * size_of::<Vertex>() as u64;
        (self.vertices.slice(start..), 0..item.count)
    }
}

pub(super) struct DrawItem {
    pub entity: Entity,
    pub key: TileKey,
    pub first: u32,
    pub count: u32,
    /// Of its object, in the first pane.
    offset: u32,
    pub draw: usize,
    /// One bit for each variant that shows it.
    pub variants: u8,
    distance: f32,
}

impl DrawItem {
    /// Where its object lies, for one of the panes.
    pub fn offset(&self, pane: usize) -> u32 {
        let number = if self.key.shaded { pane } else { 0 };
        self.offset + (number * OBJECT_STRIDE) as u32
    }
}

#[derive(Resource)]
pub(super) struct MeshGpu {
    pub meshes: HashMap<Entity, GpuMesh>,
    pub items: Vec<DrawItem>,
    objects: Buffer,
    capacity: usize,
    pub object_group: Option<BindGroup>,
    textures: TextureDefaults,
    scratch: Vec<u8>,
}

impl MeshGpu {
    pub fn texture(&self, item: &DrawItem) -> Option<&BindGroup> {
        self.meshes
            .get(&item.entity)?
            .draws
            .get(item.draw)?
            .textures
            .group(item.key.finish)
    }
}

fn object_buffer(device: &RenderDevice, capacity: usize) -> Buffer {
    device.create_buffer(&BufferDescriptor {
        label: Some("city_objects"),
        size: (capacity * OBJECT_STRIDE) as u64,
        usage: BufferUsages::UNIFORM | BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

pub(super) fn init(mut commands: Commands, device: Res<RenderDevice>, queue: Res<RenderQueue>) {
    commands.insert_resource(MeshGpu {
        meshes: HashMap::new(),
        items: Vec::new(),
        objects: object_buffer(&device, 1),
        capacity: 1,
        object_group: None,
        textures: TextureDefaults::new(&device, &queue),
        scratch: Vec::new(),
    });
}

/// Uploads new meshes, frees removed ones and writes the frame's objects.
pub(super) fn prepare(
    mut city: ResMut<ExtractedCity>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    cache: Res<PipelineCache>,
    layouts: Res<Layouts>,
    notices: Res<GpuNoticeSender>,
    mut gpu: ResMut<MeshGpu>,
    mut ids: ResMut<PipelineIds>,
) {
    let gpu = &mut *gpu;
    for (entity, new) in std::mem::take(&mut city.new_meshes) {
        let began_ms = monotonic_ms();
        let mesh = upload(&new, &device, &queue, &cache, &layouts, &gpu.textures);
        gpu.meshes.insert(entity, mesh);
        // The receiver lives as long as the app; a closed channel means we are shutting down.
        let _ = notices.0.send(Uploaded {
            entity,
            took_ms: monotonic_ms() - began_ms,
        });
    }
    for (entity, data, hidden) in std::mem::take(&mut city.hidden) {
        if let Some(mesh) = gpu.meshes.get_mut(&entity) {
            mesh.rest = hidden.0.map(|features| Rest::of(&data, &features, &device));
        }
    }
    for (entity, look) in std::mem::take(&mut city.looks) {
        if let Some(mesh) = gpu.meshes.get_mut(&entity) {
            let before = mesh.look.take();
            mesh.look =
                look.and_then(|look| Look::of(&look, before, &device, &queue, &cache, &layouts));
        }
    }
    for entity in std::mem::take(&mut city.removed) {
        gpu.meshes.remove(&entity);
    }

    gpu.items.clear();
    gpu.scratch.clear();
    let clip_from_rel: Vec<Mat4> = (city.panes.iter())
        .map(|pane| {
            let look = pane.look(&city.view, city.viewport_px);
            look.clip_from_rel(city.view.near_m)
        })
        .collect();
    for mesh in &city.meshes {
        let Some(loaded) = gpu.meshes.get(&mesh.entity) else {
            continue;
        };
        let rel_from_mesh = relative(mesh.local_from_mesh, city.view.position);
        let scale = shaded::scale_of(&rel_from_mesh);
        let distance = rel_from_mesh.transform_point3(loaded.center).length();
        for (index, draw) in loaded.draws.iter().enumerate() {
            let mut key = draw.key;
            key.styled = loaded.look.is_some();
            key.cut = mesh.is_cut;
            key.finish = draw.finish(city.quality.full);
            key.textured |= key.finish.has_maps();
            if mesh.style.opacity < 1.0 || loaded.look.as_ref().is_some_and(|look| look.translucent)
            {
                key.alpha = Alpha::Blend;
            }
            if key.cut && !ids.is_ready(PipelineKind::Tile(key), &cache) {
                // Whole until what cuts it is compiled.
                ids.wanted.push(PipelineKind::Tile(key));
                key.cut = false;
            }
            if scale.is_some() {
                key = key.shaded_if_it_can_be(city.quality.full);
            }
            let offset = gpu.scratch.len();
            match scale.filter(|_| key.shaded) {
                Some(scale) => {
                    let object = shaded_object(mesh, draw, rel_from_mesh);
                    for clip in &clip_from_rel {
                        let (view, light) = (&city.view, &city.lighting);
                        let object = ShadedUniform::of(&object, scale, clip, view, light);
                        gpu.scratch.extend_from_slice(bytemuck::bytes_of(&object));
                    }
                }
                None => {
                    let replaces = loaded.look.as_ref().map_or(0.0, |look| look.replaces);
                    let object = object(mesh, draw, rel_from_mesh, replaces);
                    gpu.scratch.extend_from_slice(bytemuck::bytes_of(&object));
                    gpu.scratch.resize(offset + OBJECT_STRIDE, 0);
                }
            }
            gpu.items.push(DrawItem {
                entity: mesh.entity,
                key,
                first: draw.first,
                count: draw.count,
                offset: offset as u32,
                draw: index,
                variants: mesh.variants,
                distance,
            });
        }
    }
    // Opaque first by pipeline and then near to far (early depth test); translucent far to near.
    gpu.items.sort_by(|a, b| {
        a.key.alpha.cmp(&b.key.alpha).then_with(|| {
            if a.key.alpha == Alpha::Blend {
                b.distance.total_cmp(&a.distance)
            } else {
                a.key.cmp(&b.key).then(a.distance.total_cmp(&b.distance))
            }
        })
    });
    for item in &gpu.items {
        let kind = PipelineKind::Tile(item.key);
        if ids.wanted.last() != Some(&kind) {
            ids.wanted.push(kind);
        }
    }

    let needed = (gpu.scratch.len() / OBJECT_STRIDE).max(1);
    if needed > gpu.capacity {
        gpu.capacity = needed.next_power_of_two();
        gpu.objects = object_buffer(&device, gpu.capacity);
        gpu.object_group = None;
    }
    if gpu.object_group.is_none() {
        gpu.object_group = Some(device.create_bind_group(
            "city_objects",
            &cache.get_bind_group_layout(&layouts.object),
            &[BindGroupEntry {
                binding: 0,
                resource: BindingResource::Buffer(BufferBinding {
                    buffer: &gpu.objects,
                    offset: 0,
                    size: NonZeroU64::new(OBJECT_STRIDE as u64),
                }),
            }],
        ));
    }
    if !gpu.scratch.is_empty() {
        queue.write_buffer(&gpu.objects, 0, &gpu.scratch);
    }
}

fn object(
    mesh: &ExtractedMesh,
    draw: &GpuDraw,
    rel_from_mesh: Mat4,
    replaces: f32,
) -> ObjectUniform {
    let style = &mesh.style;
    ObjectUniform {
        rel_from_mesh: rel_from_mesh.to_cols_array_2d(),
        base_color: draw.base_color,
        params: [
            style.opacity,
            draw.cutoff,
            f32::from(draw.unlit),
            draw.roughness,
        ],
        features: [
            picked(style.selected_feature),
            style.pull.to_bits(),
            u32::MAX,
            u32::from(!draw.key.cull) | u32::from(draw.is_street) << 1,
        ],
        tint: style.tint,
        points: [
            style.point_px,
            // A little more than the spacing, so that a surface of points closes.
            draw.spacing_m * 1.4,
            replaces,
            0.0,
        ],
        emissive: draw.emissive,
        maps: draw.maps,
    }
}

/// The selected feature as shaders compare it: none is a number that no vertex has, also none without a feature.
fn picked(selected_feature: u32) -> u32 {
    selected_feature.min(u32::MAX - 1)
}

fn shaded_object(mesh: &ExtractedMesh, draw: &GpuDraw, rel_from_mesh: Mat4) -> shaded::Object {
    let style = &mesh.style;
    shaded::Object {
        rel_from_mesh,
        base_color: draw.base_color,
        tint: style.tint,
        selected_feature: picked(style.selected_feature),
        opacity: style.opacity,
        cutoff: draw.cutoff,
        pull: style.pull,
        is_unlit: draw.unlit,
        is_two_sided: !draw.key.cull,
        is_street: draw.is_street,
    }
}

/// Camera-relative matrix: the subtraction happens in f64, only the small rest becomes f32.
pub(super) fn relative(local_from_mesh: DMat4, camera: glam::DVec3) -> Mat4 {
    let mut rel = local_from_mesh;
    rel.w_axis -= camera.extend(0.0);
    rel.as_mat4()
}

fn upload(
    CityMesh(tile, bounds): &CityMesh,
    device: &RenderDevice,
    queue: &RenderQueue,
    cache: &PipelineCache,
    layouts: &Layouts,
    defaults: &TextureDefaults,
) -> GpuMesh {
    let vertex_count: usize = tile.primitives.iter().map(|p| p.vertices.len()).sum();
    let index_count: usize = tile.primitives.iter().map(|p| p.indices.len()).sum();
    let mut vertices = Vec::with_capacity(vertex_count);
    let mut indices: Vec<u32> = Vec::with_capacity(index_count);
    let images = tile.images.iter();
    let views: Vec<Option<TextureView>> = images
        .map(|image| gpu_texture::upload(image, device, queue))
        .collect();
    let materials = tile.materials.iter();
    let textures: Vec<MaterialTextures> = materials
        .map(|material| {
            let detailed = is_detailed(material);
            MaterialTextures::new(&views, material, detailed, device, cache, layouts, defaults)
        })
        .collect();
    let mut draws = Vec::with_capacity(tile.primitives.len());
    let mut casters = Vec::new();
    for primitive in &tile.primitives {
        let Some(material) = tile.materials.get(primitive.material as usize) else {
            continue;
        };
        let base = vertices.len() as u32;
        let mut first = indices.len() as u32;
        let mut spacing_m = 0.0;
        if primitive.topology == TileTopology::Points {
            // Points are drawn as instances, straight from the vertices.
            first = base;
            let chosen = primitive.indices.iter();
            let chosen = chosen.filter_map(|index| primitive.vertices.get(*index as usize));
            vertices.extend(chosen);
            spacing_m = spacing(&primitive.vertices);
        } else {
            vertices.extend_from_slice(&primitive.vertices);
            // WebGL2 has no base vertex, so the offset is baked in.
            indices.extend(primitive.indices.iter().map(|index| index + base));
        }
        let count = primitive.indices.len() as u32;
        let textures = textures.get(primitive.material as usize);
        let textures = textures.cloned().unwrap_or_default();
        let [red, green, blue] = material.emissive;
        let key = TileKey {
            alpha: match material.alpha_mode {
                AlphaMode::Opaque => Alpha::Opaque,
                AlphaMode::Mask(_) => Alpha::Mask,
                AlphaMode::Blend => Alpha::Blend,
            },
            surface: match material.class {
                SurfaceClass::Facade => Surface::Facade,
                SurfaceClass::Water => Surface::Water,
                _ => Surface::Plain,
            },
            textured: textures.is_textured(),
            finish: Finish::Matt,
            cull: !material.double_sided,
            topology: match primitive.topology {
                TileTopology::Triangles => Topology::Triangles,
                TileTopology::Lines => Topology::Lines,
                TileTopology::Points => Topology::Points,
            },
            styled: false,
            cut: false,
            shaded: false,
        };
        if key.alpha == Alpha::Opaque && key.topology == Topology::Triangles {
            casters.push((first, count));
        }
        draws.push(GpuDraw {
            key,
            first,
            count,
            base_color: material.base_color,
            is_street: material.class == SurfaceClass::Road,
            cutoff: match material.alpha_mode {
                AlphaMode::Mask(cutoff) => cutoff,
                _ => -1.0,
            },
            unlit: material.unlit,
            roughness: material.roughness,
            spacing_m,
            textures,
            emissive: [red, green, blue, material.metallic],
            maps: [material.normal_scale, material.occlusion_strength, 0.0, 0.0],
            is_detailed: primitive.topology == TileTopology::Triangles && is_detailed(material),
        });
    }
    let vertex_bytes: &[u8] = bytemuck::cast_slice(&vertices);
    let index_bytes: &[u8] = bytemuck::cast_slice(&indices);
    let buffer = |label, contents: &[u8], usage| {
        let padded = if contents.is_empty() {
            &[0u8; 4][..]
        } else {
            contents
        };
        device.create_buffer_with_data(&BufferInitDescriptor {
            label: Some(label),
            contents: padded,
            usage,
        })
    };
    let (center, half) = bounds.map_or((Vec3::ZERO, Vec3::ZERO), |(low, high)| {
        ((low + high) * 0.5, (high - low) * 0.5)
    });
    GpuMesh {
        vertices: buffer("city_vertices", vertex_bytes, BufferUsages::VERTEX),
        indices: buffer("city_indices", index_bytes, BufferUsages::INDEX),
        draws,
        casters,
        center,
        half,
        rest: Default::default(),
        look: None,
    }
}

/// Whether light per pixel shows more of a material than its base colour. What is metal and rough throughout is so
/// because nobody has said otherwise (glTF 2.0, 5.22): that is drawn matt, as it is meant.
fn is_detailed(material: &PreparedMaterial) -> bool {
    let is_metal = material.metallic > 0.0 && material.roughness < 1.0;
    let has_maps = (material.roughness_map.is_some())
        || material.normal_map.is_some()
        || material.occlusion_map.is_some();
    let is_of_use =
        !material.unlit && !matches!(material.class, SurfaceClass::Facade | SurfaceClass::Water);
    is_of_use && (has_maps || is_metal || material.roughness < GLOSSY)
}

/// Roughness below which the sun is seen in a surface.
const GLOSSY: f32 = 0.6;

/// Mean distance between points that lie on a surface: scanners see surfaces, not volumes. Metres.
fn spacing(vertices: &[Vertex]) -> f32 {
    let positions = || vertices.iter().map(|vertex| Vec3::from(vertex.position));
    let low = positions().fold(Vec3::INFINITY, Vec3::min);
    let high = positions().fold(Vec3::NEG_INFINITY, Vec3::max);
    if vertices.len() < 2 || !low.is_finite() || !high.is_finite() {
        return 0.0;
    }
    let size = high - low;
    // The two longer sides span the surface.
    let area = size.element_product() / size.min_element().max(1e-6);
    (area / vertices.len() as f32).sqrt()
}
