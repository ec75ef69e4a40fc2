//! From the main world to the render world, once a frame.

use std::sync::Arc;

use bevy::camera::{Camera, RenderTarget};
use bevy::ecs::prelude::*;
use bevy::render::Extract;
use city_tiles::prepared::PreparedTile;
use crossbeam_channel::{Receiver, Sender, unbounded};
use glam::DMat4;

use super::scene::{CityMesh, LineSet, MarkerLayer, Placement, Shown, Style};
use super::view::{CityView, Lighting, RenderQuality, Silhouette};

/// A mesh that has reached the GPU.
#[derive(Clone, Copy, Debug)]
pub struct Uploaded {
    /// Its entity.
    pub entity: Entity,
    /// How long the thread that draws was busy with it, milliseconds.
    pub took_ms: f64,
}

/// Tells the main world which meshes have reached the GPU.
#[derive(Resource)]
pub struct GpuNotices {
    uploaded: Receiver<Uploaded>,
}

/// The render world's end of [`GpuNotices`].
#[derive(Resource)]
pub(super) struct GpuNoticeSender(pub Sender<Uploaded>);

impl GpuNotices {
    pub(super) fn pair() -> (Self, GpuNoticeSender) {
        let (sender, uploaded) = unbounded();
        (Self { uploaded }, GpuNoticeSender(sender))
    }

    /// Meshes that are on the GPU since the last call.
    pub fn drain(&self) -> impl Iterator<Item = Uploaded> + '_ {
        self.uploaded.try_iter()
    }
}

pub(super) struct ExtractedMesh {
    pub entity: Entity,
    pub local_from_mesh: DMat4,
    pub style: Style,
}

/// Everything one frame draws.
#[derive(Resource, Default)]
pub(super) struct ExtractedCity {
    pub view: CityView,
    pub viewport_px: [u32; 2],
    pub lighting: Lighting,
    pub quality: RenderQuality,
    pub new_meshes: Vec<(Entity, Arc<PreparedTile>)>,
    pub removed: Vec<Entity>,
    pub meshes: Vec<ExtractedMesh>,
    pub lines: Vec<(Entity, LineSet)>,
    pub markers: Vec<(Entity, MarkerLayer)>,
}

pub(super) fn extract_city(
    mut city: ResMut<ExtractedCity>,
    cameras: Extract<Query<(&CityView, &Camera), With<RenderTarget>>>,
    lighting: Extract<Res<Lighting>>,
    quality: Extract<Res<RenderQuality>>,
    silhouette: Extract<Res<Silhouette>>,
    added: Extract<Query<(Entity, &CityMesh), Changed<CityMesh>>>,
    mut removed: Extract<RemovedComponents<CityMesh>>,
    meshes: Extract<Query<(Entity, &Placement, &Shown, Option<&Style>), With<CityMesh>>>,
    lines: Extract<Query<(Entity, &LineSet)>>,
    markers: Extract<Query<(Entity, &MarkerLayer)>>,
) {
    let Some((view, camera)) = cameras.iter().next() else {
        return;
    };
    city.view = *view;
    if let Some(size) = camera.physical_viewport_size() {
        city.viewport_px = [size.x, size.y];
    }
    city.lighting = **lighting;
    city.quality = **quality;
    city.new_meshes
        .extend(added.iter().map(|(entity, mesh)| (entity, mesh.0.clone())));
    city.removed.extend(removed.read());
    city.meshes.clear();
    city.meshes
        .extend(meshes.iter().filter(|(_, _, shown, _)| shown.0).map(
            |(entity, placement, _, style)| ExtractedMesh {
                entity,
                local_from_mesh: placement.local_from_mesh,
                style: style.copied().unwrap_or_default(),
            },
        ));
    // Draw order must not depend on archetype moves, or translucent pictures would not repeat.
    city.meshes.sort_unstable_by_key(|mesh| mesh.entity);
    city.lines.clear();
    city.lines
        .extend(lines.iter().map(|(entity, set)| (entity, set.clone())));
    city.markers.clear();
    city.markers.extend(
        markers
            .iter()
            .filter(|(_, layer)| layer.visible)
            .map(|(entity, layer)| (entity, layer.clone())),
    );
    if silhouette.0 {
        draw_silhouette(&mut city);
    }
}

fn draw_silhouette(city: &mut ExtractedCity) {
    city.lighting = Lighting::silhouette();
    city.lines.clear();
    city.markers.clear();
    for mesh in &mut city.meshes {
        mesh.style.tint = [1.0; 4];
        mesh.style.selected_feature = u32::MAX;
    }
}
