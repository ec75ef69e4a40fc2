//! From the main world to the render world, once a frame.

use std::sync::Arc;

use bevy::camera::{Camera, RenderTarget};
use bevy::ecs::prelude::*;
use bevy::render::Extract;
use city_geo::{Clip, Share};
use city_tiles::prepared::PreparedTile;
use crossbeam_channel::{Receiver, Sender, unbounded};
use glam::DMat4;

use super::clip::{SceneClip, share_of};
use super::pane::{MAX_PANES, Pane, Panes, centred};
use super::scene::{
    CityMesh, FeatureLook, HiddenFeatures, LineSet, MarkerLayer, Placement, Shown, Style, Variants,
};
use super::view::{CityView, Lighting, RenderQuality, Silhouette, WholeView};

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
    pub variants: u8,
    /// A cut goes through it, or may.
    pub is_cut: bool,
}

#[derive(Clone)]
pub(super) struct ExtractedLines {
    pub entity: Entity,
    pub set: LineSet,
    pub variants: u8,
}

/// Everything one frame draws.
#[derive(Resource, Default)]
pub(super) struct ExtractedCity {
    pub view: CityView,
    pub viewport_px: [u32; 2],
    pub panes: Vec<Pane>,
    /// What all panes together see, on the plane at distance 1: left, right, bottom, top.
    pub whole_tangents: [f64; 4],
    pub lighting: Lighting,
    pub quality: RenderQuality,
    /// What is cut away.
    pub clip: Option<Arc<Clip>>,
    /// Nothing is on the GPU yet, or any more.
    pub anew: bool,
    pub new_meshes: Vec<(Entity, CityMesh)>,
    pub removed: Vec<Entity>,
    /// Meshes whose hidden features changed.
    pub hidden: Vec<(Entity, Arc<PreparedTile>, HiddenFeatures)>,
    /// Meshes whose style changed; none where it was taken away.
    pub looks: Vec<(Entity, Option<FeatureLook>)>,
    pub meshes: Vec<ExtractedMesh>,
    pub lines: Vec<ExtractedLines>,
    pub markers: Vec<(Entity, MarkerLayer)>,
}

impl ExtractedCity {
    /// Something that is shown is to be put on the GPU anew. Tiles come there before they are shown.
    pub fn has_news(&self) -> bool {
        let shown = |entity: &Entity| {
            let found = self.meshes.binary_search_by_key(entity, |mesh| mesh.entity);
            found.is_ok()
        };
        self.anew
            || self.new_meshes.iter().any(|(entity, _)| shown(entity))
            || self.hidden.iter().any(|(entity, ..)| shown(entity))
            || self.looks.iter().any(|(entity, _)| shown(entity))
    }
}

pub(super) fn extract_city(
    mut city: ResMut<ExtractedCity>,
    cameras: Extract<Query<(&CityView, &Camera, Option<&Panes>), With<RenderTarget>>>,
    whole: Extract<Res<WholeView>>,
    lighting: Extract<Res<Lighting>>,
    quality: Extract<Res<RenderQuality>>,
    (silhouette, clip): (Extract<Res<Silhouette>>, Extract<Res<SceneClip>>),
    sources: Extract<Query<(Entity, Ref<CityMesh>)>>,
    mut removed: Extract<RemovedComponents<CityMesh>>,
    hidden: Extract<Query<(Entity, &CityMesh, Ref<HiddenFeatures>)>>,
    looks: Extract<Query<(Entity, Ref<FeatureLook>)>>,
    mut plain: Extract<RemovedComponents<FeatureLook>>,
    meshes: Extract<
        Query<(
            Entity,
            &CityMesh,
            &Placement,
            &Shown,
            Option<&Style>,
            Option<&Variants>,
        )>,
    >,
    lines: Extract<Query<(Entity, &LineSet, Option<&Variants>)>>,
    markers: Extract<Query<(Entity, &MarkerLayer)>>,
) {
    let Some((view, camera, panes)) = cameras.iter().next() else {
        return;
    };
    city.view = *view;
    if let Some(size) = camera.physical_viewport_size() {
        city.viewport_px = [size.x, size.y];
    }
    let size_px = city.viewport_px;
    city.panes.clear();
    city.panes.extend(
        panes
            .iter()
            .flat_map(|panes| &panes.0)
            .take(MAX_PANES)
            .filter_map(|pane| pane.within(size_px)),
    );
    if city.panes.is_empty() {
        city.panes.push(Pane::whole(size_px));
    }
    let [width, height] = size_px.map(|px| f64::from(px.max(1)));
    city.whole_tangents = match whole.0 {
        Some(whole) => whole.tangents,
        None => centred(view.fov_y_rad, width / height),
    };
    city.lighting = **lighting;
    city.quality = **quality;
    let anew = std::mem::take(&mut city.anew);
    let fresh = |is_changed: bool| is_changed || anew;
    city.removed.extend(removed.read());
    city.new_meshes.extend(
        sources
            .iter()
            .filter(|(_, mesh)| fresh(mesh.is_changed()))
            .map(|(entity, mesh)| (entity, (*mesh).clone())),
    );
    city.hidden.extend(
        hidden
            .iter()
            .filter(|(.., hidden)| fresh(hidden.is_changed()))
            .map(|(entity, mesh, hidden)| (entity, mesh.0.clone(), (*hidden).clone())),
    );
    city.looks.extend(plain.read().map(|entity| (entity, None)));
    city.looks.extend(
        looks
            .iter()
            .filter(|(_, look)| fresh(look.is_changed()))
            .map(|(entity, look)| (entity, Some((*look).clone()))),
    );
    city.clip = clip.0.clone().filter(|clip| !clip.is_empty());
    let cutter = city.clip.clone();
    city.meshes.clear();
    city.meshes.extend(
        meshes
            .iter()
            .filter(|(_, _, _, shown, ..)| shown.0)
            .filter_map(|(entity, mesh, placement, _, style, variants)| {
                let share = cutter
                    .as_ref()
                    .map_or(Share::All, |clip| share_of(clip, mesh, placement));
                (share != Share::None).then(|| ExtractedMesh {
                    entity,
                    local_from_mesh: placement.local_from_mesh,
                    style: style.copied().unwrap_or_default(),
                    variants: bits_of(variants),
                    is_cut: share == Share::Part,
                })
            }),
    );
    // Draw order must not depend on archetype moves, or translucent pictures would not repeat.
    city.meshes.sort_unstable_by_key(|mesh| mesh.entity);
    city.lines.clear();
    city.lines
        .extend(lines.iter().map(|(entity, set, variants)| ExtractedLines {
            entity,
            set: set.clone(),
            variants: bits_of(variants),
        }));
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

/// What says nothing of variants is in all of them.
fn bits_of(variants: Option<&Variants>) -> u8 {
    variants.map_or(u8::MAX, |variants| variants.0)
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
