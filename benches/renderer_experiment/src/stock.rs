//! Cases b and c: Bevy's mesh and material system.

use bevy::asset::{Asset, Assets, RenderAssetUsages};
use bevy::mesh::{Indices, Mesh, Mesh3d, PrimitiveTopology};
use bevy::prelude::*;
use bevy::reflect::TypePath;
use bevy::render::render_resource::AsBindGroup;
use bevy::shader::{Shader, ShaderRef};
use bevy_light::DirectionalLight;
use bevy_pbr::{Material, MaterialPlugin, MeshMaterial3d, PbrPlugin, StandardMaterial};

use crate::glb::TileMesh;

fn mesh(tile: &TileMesh) -> Mesh {
    let positions: Vec<_> = tile.vertices.iter().map(|v| v.position).collect();
    let normals: Vec<_> = tile
        .vertices
        .iter()
        .map(|v| [v.normal[0], v.normal[1], v.normal[2]].map(|c| f32::from(c) / 127.0))
        .collect();
    Mesh::new(
        PrimitiveTopology::TriangleList,
        RenderAssetUsages::RENDER_WORLD,
    )
    .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
    .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals)
    .with_inserted_indices(Indices::U32(tile.indices.clone()))
}

fn spawn<M: Material>(app: &mut App, tiles: &[TileMesh], material: M) {
    let material = app.world_mut().resource_mut::<Assets<M>>().add(material);
    for tile in tiles {
        let mesh = app
            .world_mut()
            .resource_mut::<Assets<Mesh>>()
            .add(mesh(tile));
        app.world_mut().spawn((
            Mesh3d(mesh),
            MeshMaterial3d(material.clone()),
            Transform::default(),
        ));
    }
}

fn add_pbr(app: &mut App) {
    app.add_plugins((bevy_light::LightPlugin, PbrPlugin::default()));
}

/// Case b.
pub fn add_standard(app: &mut App, tiles: &[TileMesh]) {
    add_pbr(app);
    app.world_mut().spawn((
        DirectionalLight {
            illuminance: 6_000.0,
            ..default()
        },
        Transform::from_xyz(-0.4, -0.5, 0.77).looking_at(Vec3::ZERO, Vec3::Z),
    ));
    let material = StandardMaterial {
        double_sided: true,
        cull_mode: None,
        metallic: 0.0,
        perceptual_roughness: 0.5,
        ..default()
    };
    spawn(app, tiles, material);
}

/// One light, no tonemapping, no textures.
#[derive(Asset, TypePath, AsBindGroup, Clone, Default)]
struct OneLight {}

/// Where the shader is kept; set once before the plugin is built.
static SHADER: std::sync::OnceLock<Handle<Shader>> = std::sync::OnceLock::new();

fn shader() -> ShaderRef {
    SHADER
        .get()
        .map_or(ShaderRef::Default, |s| ShaderRef::Handle(s.clone()))
}

impl Material for OneLight {
    fn vertex_shader() -> ShaderRef {
        shader()
    }
    fn fragment_shader() -> ShaderRef {
        shader()
    }
    fn enable_prepass() -> bool {
        false
    }
    fn enable_shadows() -> bool {
        false
    }
    fn specialize(
        _: &bevy_pbr::MaterialPipeline,
        descriptor: &mut bevy::render::render_resource::RenderPipelineDescriptor,
        _: &bevy::mesh::MeshVertexBufferLayoutRef,
        _: bevy_pbr::MaterialPipelineKey<Self>,
    ) -> Result<(), bevy::render::render_resource::SpecializedMeshPipelineError> {
        descriptor.primitive.cull_mode = None;
        Ok(())
    }
}

/// Case c.
pub fn add_one_light(app: &mut App, tiles: &[TileMesh]) {
    let handle = app
        .world_mut()
        .resource_mut::<Assets<Shader>>()
        .add(Shader::from_wgsl(
            include_str!("one_light.wgsl"),
            "one_light.wgsl",
        ));
    let _ = SHADER.set(handle);
    add_pbr(app);
    app.add_plugins(MaterialPlugin::<OneLight>::default());
    spawn(app, tiles, OneLight::default());
}
