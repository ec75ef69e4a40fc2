//! A neutral ground at the buildings' base, where a scene has no terrain of its own.

use bevy::ecs::prelude::*;
use city_tiles::prepared::{
    NO_FEATURE, PreparedMaterial, PreparedPrimitive, PreparedTile, SurfaceClass, Topology, Vertex,
};
use glam::{DMat4, DVec3};

use super::layer::TileOf;
use crate::frame::SceneFrame;
use crate::render::{CityMesh, Placement, Shown, Style};

/// The ground's state.
#[derive(Resource, Default)]
pub struct Ground {
    entity: Option<Entity>,
    /// Lowest points of loaded meshes: the base is their lower quartile, so that one cellar or one
    /// tower's podium does not decide.
    lows_m: Vec<f32>,
    frame_generation: u32,
    has_terrain: bool,
    placed_at_m: f32,
    /// There is nothing but layers: the ground lies at the frame's origin.
    pub alone: bool,
    /// The scene wants no ground (it is off the Earth).
    pub disabled: bool,
}

/// Height of the neutral ground above the scene's origin, metres, where there is one.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct GroundPlane(pub Option<f64>);

/// Marks the ground's mesh.
#[derive(Component)]
pub(super) struct GroundMesh;

const RADIUS_M: f64 = 60_000.0;
const RINGS: usize = 48;
const SPOKES: usize = 96;

pub(super) fn update(
    mut commands: Commands,
    mut ground: ResMut<Ground>,
    mut plane: ResMut<GroundPlane>,
    frame: Res<SceneFrame>,
    added: Query<(&CityMesh, &Placement), (With<TileOf>, Added<CityMesh>)>,
) {
    if ground.frame_generation != frame.generation {
        if let Some(entity) = ground.entity {
            commands.entity(entity).despawn();
        }
        *ground = Ground {
            frame_generation: frame.generation,
            disabled: ground.disabled,
            alone: ground.alone,
            ..Ground::default()
        };
    }
    let mut changed = false;
    for (mesh, placement) in &added {
        ground.has_terrain |=
            mesh.0.materials.iter().any(|material| {
                matches!(material.class, SurfaceClass::Terrain | SurfaceClass::Water)
            });
        if let Some(low) = lowest_m(&mesh.0, placement.local_from_mesh, &frame) {
            ground.lows_m.push(low);
            changed = true;
        }
    }
    if ground.has_terrain || ground.disabled || frame.origin.is_none() {
        if let Some(entity) = ground.entity.take() {
            commands.entity(entity).despawn();
        }
        plane.0 = None;
        return;
    }
    let missing = ground.alone && ground.entity.is_none();
    if !changed && !missing {
        return;
    }
    let mut lows = ground.lows_m.clone();
    lows.sort_by(f32::total_cmp);
    let base = lows.get(lows.len() / 4).copied().unwrap_or(0.0) - 0.3;
    if ground.entity.is_some() && (base - ground.placed_at_m).abs() < 1.0 {
        return;
    }
    ground.placed_at_m = base;
    plane.0 = Some(f64::from(base));
    let placement = Placement {
        local_from_mesh: DMat4::from_translation(DVec3::Z * f64::from(base)),
    };
    match ground.entity {
        Some(entity) => {
            commands.entity(entity).insert(placement);
        }
        None => {
            let style = Style {
                casts_shadow: false,
                ..Style::default()
            };
            let mesh = CityMesh::new(disc(&frame));
            ground.entity = Some(
                commands
                    .spawn((GroundMesh, mesh, placement, Shown(true), style))
                    .id(),
            );
        }
    }
}

/// Lowest vertex above the ellipsoid, relative to the frame's origin; curvature taken out.
fn lowest_m(tile: &PreparedTile, local_from_mesh: DMat4, frame: &SceneFrame) -> Option<f32> {
    let mut lowest: Option<f64> = None;
    let base_m = frame.origin?.height_m;
    for primitive in &tile.primitives {
        let step = (primitive.vertices.len() / 256).max(1);
        for vertex in primitive.vertices.iter().step_by(step) {
            let p = DVec3::from(vertex.position.map(f64::from));
            let local = local_from_mesh.transform_point3(p);
            let height = frame.geodetic(local)?.height_m - base_m;
            lowest = Some(lowest.map_or(height, |low: f64| low.min(height)));
        }
    }
    lowest.map(|low| low as f32)
}

/// A disc that follows the ellipsoid, finer toward the middle.
fn disc(frame: &SceneFrame) -> PreparedTile {
    let mut vertices = Vec::with_capacity(RINGS * SPOKES + 1);
    let mut indices = Vec::new();
    let height_m = frame.origin.map_or(0.0, |origin| origin.height_m);
    for ring in 0..=RINGS {
        let share = ring as f64 / RINGS as f64;
        let radius = RADIUS_M * share * share;
        for spoke in 0..SPOKES {
            let angle = spoke as f64 / SPOKES as f64 * std::f64::consts::TAU;
            let flat = DVec3::new(angle.cos() * radius, angle.sin() * radius, 0.0);
            let point = match frame.geodetic(flat) {
                Some(mut geodetic) => {
                    geodetic.height_m = height_m;
                    frame.local(geodetic)
                }
                None => flat,
            };
            vertices.push(Vertex {
                position: point.as_vec3().to_array(),
                normal: [0, 0, 127, 0],
                color: [255; 4],
                uv: [0.0; 2],
                feature: NO_FEATURE,
            });
        }
    }
    let at = |ring: usize, spoke: usize| (ring * SPOKES + spoke % SPOKES) as u32;
    for ring in 0..RINGS {
        for spoke in 0..SPOKES {
            let [a, b, c, d] = [
                at(ring, spoke),
                at(ring + 1, spoke),
                at(ring + 1, spoke + 1),
                at(ring, spoke + 1),
            ];
            indices.extend_from_slice(&[a, b, c, a, c, d]);
        }
    }
    PreparedTile {
        primitives: vec![PreparedPrimitive {
            topology: Topology::Triangles,
            vertices,
            indices,
            material: 0,
            has_normals: true,
        }],
        materials: vec![PreparedMaterial {
            base_color: [0.200, 0.205, 0.200, 1.0],
            metallic: 0.0,
            double_sided: true,
            ..PreparedMaterial::default()
        }],
        ..PreparedTile::default()
    }
}
