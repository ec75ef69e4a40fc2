//! Meshes out: hidden spawn within the frame's budget, shown in one step with their siblings.

use std::collections::{HashMap, HashSet};

use bevy::camera::Camera;
use bevy::ecs::prelude::*;
use city_geo::Frustum;
use city_tiles::stream::{TileId, View};
use glam::DMat4;

use super::io::{TileIo, Waiting};
use super::layer::{TileLayer, TileOf};
use super::{AlsoLoad, LookAhead, TileDebug, TileSettings, TileTotals, TileWork};
use crate::frame::SceneFrame;
use crate::notices::Notices;
use crate::platform::monotonic_ms;
use crate::render::{
    Arriving, CityMesh, CityView, GpuNotices, Placement, Shown, Style, Uploaded, WholeView,
};

/// What a loaded tile has in the scene.
pub(super) struct Loaded {
    pub meshes: Vec<Entity>,
    pub pending_uploads: usize,
    pub triangles: u64,
    pub features: u64,
    pub credits: Vec<String>,
}

/// Deeper levels are counted with this one.
const MAX_LEVEL: usize = 63;

/// Where taking in answers took so long, milliseconds, meshes wait for the next frame.
const LONG_RECEIVE_MS: f64 = 16.0;

fn mesh_bytes(waiting: &Waiting) -> usize {
    waiting.data.gpu_bytes() as usize
}

pub(super) fn spawn_decoded(
    mut commands: Commands,
    mut io: NonSendMut<TileIo>,
    mut layers: Query<&mut TileLayer>,
    frame: Res<SceneFrame>,
    settings: Res<TileSettings>,
    mut notices: ResMut<Notices>,
    mut totals: ResMut<TileTotals>,
    work: Res<TileWork>,
    mut has_waited: Local<bool>,
) {
    let is_long = work.received_ms() > LONG_RECEIVE_MS && !settings.no_upload_limit;
    // Never twice in a row: on a slow machine every frame may be long.
    if is_long && !std::mem::replace(&mut *has_waited, true) {
        return;
    }
    *has_waited = false;
    let mut left = settings.upload_bytes_per_frame;
    while let Some(next) = io.waiting.front() {
        // One mesh always goes, or a large one would wait for ever.
        let bytes = mesh_bytes(next);
        if bytes > left && left < settings.upload_bytes_per_frame && !settings.no_upload_limit {
            break;
        }
        left = left.saturating_sub(bytes);
        let Some(waiting) = io.waiting.pop_front() else {
            break;
        };
        let Ok(mut layer) = layers.get_mut(waiting.layer) else {
            continue;
        };
        // The content may have been given back or evicted while it waited.
        if !layer.streamer.is_held(waiting.tile, waiting.content) {
            continue;
        }
        let Some(tile) = layer.streamer.tile(waiting.tile) else {
            continue;
        };
        for warning in &waiting.data.warnings {
            notices.warn(
                format!("{}: {warning}", waiting.url),
                "the rest of the tile is drawn",
            );
        }
        totals.contents_ready += 1;
        let local_from_mesh = frame.local_from_ecef
            * tile.ecef_from_tile
            * DMat4::from_translation(waiting.data.origin);
        let triangles = waiting.data.triangles();
        let features = u64::from(waiting.data.features.len());
        let credits = waiting.data.copyright.clone();
        let entity = commands
            .spawn((
                CityMesh::new(waiting.data),
                Placement { local_from_mesh },
                Shown(false),
                Style::default(),
                TileOf {
                    layer: waiting.layer,
                    tile: waiting.tile,
                    content: waiting.content,
                },
            ))
            .id();
        let loaded = layer.loaded.entry(waiting.tile).or_insert_with(|| Loaded {
            meshes: Vec::new(),
            pending_uploads: 0,
            triangles: 0,
            features: 0,
            credits: Vec::new(),
        });
        loaded.meshes.push(entity);
        loaded.pending_uploads += 1;
        loaded.triangles += triangles;
        loaded.features += features;
        loaded.credits.extend(credits);
    }
}

pub(super) fn note_uploaded(
    gpu: Res<GpuNotices>,
    meshes: Query<&TileOf>,
    mut layers: Query<&mut TileLayer>,
    mut work: ResMut<TileWork>,
) {
    for Uploaded { entity, took_ms } in gpu.drain() {
        work.uploaded(took_ms);
        let Ok(of) = meshes.get(entity) else {
            continue;
        };
        let Ok(mut layer) = layers.get_mut(of.layer) else {
            continue;
        };
        if let Some(loaded) = layer.loaded.get_mut(&of.tile) {
            loaded.pending_uploads = loaded.pending_uploads.saturating_sub(1);
            if loaded.pending_uploads == 0 {
                layer.streamer.uploaded(of.tile);
            }
        }
    }
}

/// The camera as the selection sees it, in Earth-centred coordinates. A machine of a video wall selects for the whole
/// wall: its neighbours choose the same tiles then, and nothing parts at the seams.
pub(super) fn ecef_view(
    view: &CityView,
    frame: &SceneFrame,
    size_px: [f64; 2],
    whole: &WholeView,
) -> View {
    let ecef_from_local = frame.ecef_from_local;
    let position = ecef_from_local.transform_point3(view.position);
    let forward = ecef_from_local.transform_vector3(view.forward).normalize();
    let up = ecef_from_local.transform_vector3(view.up).normalize();
    let (frustum, viewport_height_px) = match whole.0 {
        Some(whole) => (
            Frustum::off_axis(position, forward, up, whole.tangents, view.near_m),
            whole.height_px,
        ),
        None => (
            Frustum::from_camera(
                position,
                forward,
                up,
                view.fov_y_rad,
                size_px[0] / size_px[1],
                view.near_m,
            ),
            size_px[1],
        ),
    };
    View {
        position,
        forward,
        frustum,
        viewport_height_px,
        fov_y_rad: view.fov_y_rad,
    }
}

pub(super) fn select(
    mut commands: Commands,
    mut io: NonSendMut<TileIo>,
    mut layers: Query<(Entity, &mut TileLayer)>,
    mut meshes: Query<(&mut Shown, &mut Style), With<TileOf>>,
    cameras: Query<(&CityView, &Camera)>,
    frame: Res<SceneFrame>,
    (whole, also, ahead): (Res<WholeView>, Res<AlsoLoad>, Res<LookAhead>),
    debug: Res<TileDebug>,
    settings: Res<TileSettings>,
    (mut totals, mut arriving): (ResMut<TileTotals>, ResMut<Arriving>),
    mut notices: ResMut<Notices>,
) {
    let Some((view, camera)) = cameras.iter().next() else {
        return;
    };
    let size = camera
        .physical_viewport_size()
        .unwrap_or(bevy::math::UVec2::new(1280, 720));
    let size_px = [f64::from(size.x.max(1)), f64::from(size.y.max(1))];
    let now_ms = monotonic_ms();
    let mut sum = TileTotals {
        requests: totals.requests,
        bytes_fetched: totals.bytes_fetched,
        contents_ready: totals.contents_ready,
        first_shown_ms: totals.first_shown_ms,
        completed_ms: totals.completed_ms,
        complete: true,
        ..TileTotals::default()
    };
    let mut credits: HashSet<String> = HashSet::new();
    let ecef: Vec<View> = std::iter::once(view)
        .chain(&also.0)
        .map(|view| ecef_view(view, &frame, size_px, &whole))
        .collect();
    let ahead: Vec<View> = (ahead.0.iter())
        .map(|view| ecef_view(view, &frame, size_px, &whole))
        .collect();
    let open: HashSet<Entity> = layers.iter().map(|(entity, _)| entity).collect();
    for (entity, mut layer) in &mut layers {
        let layer = &mut *layer;
        layer.source.takes_over = (layer.source.takes_over).filter(|before| open.contains(before));
        let (views, ahead): (&[View], &[View]) = match layer.visible {
            true => (&ecef, &ahead),
            false => (&[], &[]),
        };
        layer.streamer.look_ahead(ahead);
        layer.streamer.set_frozen(debug.freeze);
        let selection = layer.streamer.update(views, now_ms as u64).clone();
        for id in &selection.cancel {
            io.cancel(entity, *id);
        }
        io.set_patience(settings.patience_s);
        for request in &selection.fetch {
            io.request(entity, request.id, &request.url);
        }
        for tile in &selection.evict {
            if let Some(loaded) = layer.loaded.remove(tile) {
                for mesh in loaded.meshes {
                    commands.entity(mesh).despawn();
                }
            }
        }
        match layer.source.takes_over {
            Some(_) if layer.visible && !layer.streamer.is_complete() => {}
            Some(before) => {
                commands.entity(before).despawn();
                layer.source.takes_over = None;
                show(layer, &selection.show, &debug, &mut meshes);
            }
            None => show(layer, &selection.show, &debug, &mut meshes),
        }
        // By serial, for what is solved leaves the list.
        let told = layer.problem_told;
        for problem in layer.streamer.problems() {
            if problem.serial <= told {
                continue;
            }
            layer.problem_told = layer.problem_told.max(problem.serial);
            let text = format!("{}: {}", problem.url, problem.what);
            if problem.is_error {
                notices.error(text, "the parent tile stays on screen");
            } else {
                notices.warn(text, "");
            }
        }
        let stats = layer.streamer.stats();
        sum.loaded += stats.tiles_resident;
        let given_up = layer.streamer.problems().iter().filter(|p| p.is_error);
        sum.failed += given_up.count() + layer.streamer.problems_unsaid() as usize;
        sum.in_flight += stats.requests_in_flight;
        sum.queued += stats.tiles_waiting;
        sum.bytes += stats.bytes();
        sum.complete &= layer.streamer.is_complete();
        sum.shown += layer.shown.len();
        for tile in layer.shown.iter().filter_map(|id| layer.streamer.tile(*id)) {
            let level = (tile.level as usize).min(MAX_LEVEL);
            if sum.levels.len() <= level {
                sum.levels.resize(level + 1, 0);
            }
            sum.levels[level] += 1;
        }
        for loaded in layer.shown.iter().filter_map(|tile| layer.loaded.get(tile)) {
            sum.triangles += loaded.triangles;
            sum.features += loaded.features;
            credits.extend(loaded.credits.iter().filter(|c| !c.is_empty()).cloned());
        }
        if layer.visible && !layer.shown.is_empty() && !layer.source.attribution.is_empty() {
            credits.insert(layer.source.attribution.clone());
        }
    }
    sum.complete &= io.idle();
    sum.credits = credits.into_iter().collect();
    sum.credits.sort();
    if sum.shown > 0 && sum.first_shown_ms.is_none() {
        sum.first_shown_ms = Some(now_ms);
    }
    sum.completed_ms = match (sum.complete, totals.complete) {
        (true, false) => Some(now_ms),
        (true, true) => totals.completed_ms,
        (false, _) => None,
    };
    arriving.set_if_neq(Arriving(!sum.complete));
    *totals = sum;
}

fn show(
    layer: &mut TileLayer,
    wanted: &[TileId],
    debug: &TileDebug,
    meshes: &mut Query<(&mut Shown, &mut Style), With<TileOf>>,
) {
    let keep: HashSet<TileId> = wanted.iter().copied().collect();
    for tile in layer.shown.iter().filter(|tile| !keep.contains(tile)) {
        set_shown(&layer.loaded, *tile, meshes, false, |_| {});
    }
    for tile in wanted {
        let tint = debug.tint(&layer.streamer, *tile);
        let opacity = layer.opacity;
        set_shown(&layer.loaded, *tile, meshes, true, |style| {
            if style.tint != tint {
                style.tint = tint;
            }
            if style.opacity.to_bits() != opacity.to_bits() {
                style.opacity = opacity;
            }
        });
    }
    layer.shown.clear();
    layer.shown.extend_from_slice(wanted);
}

fn set_shown(
    loaded: &HashMap<TileId, Loaded>,
    tile: TileId,
    meshes: &mut Query<(&mut Shown, &mut Style), With<TileOf>>,
    on: bool,
    mut restyle: impl FnMut(&mut Style),
) {
    let Some(loaded) = loaded.get(&tile) else {
        return;
    };
    for mesh in &loaded.meshes {
        if let Ok((mut shown, mut style)) = meshes.get_mut(*mesh) {
            shown.set_if_neq(Shown(on));
            restyle(&mut style);
        }
    }
}

/// Places meshes anew when the scene's frame has moved.
pub(super) fn place(
    frame: Res<SceneFrame>,
    layers: Query<&TileLayer>,
    mut meshes: Query<(&TileOf, &CityMesh, &mut Placement)>,
    mut seen: Local<Option<u32>>,
) {
    if seen.replace(frame.generation) == Some(frame.generation) {
        return;
    }
    for (of, mesh, mut placement) in &mut meshes {
        let Ok(layer) = layers.get(of.layer) else {
            continue;
        };
        if let Some(tile) = layer.streamer.tile(of.tile) {
            placement.local_from_mesh = frame.local_from_ecef
                * tile.ecef_from_tile
                * DMat4::from_translation(mesh.0.origin);
        }
    }
}
