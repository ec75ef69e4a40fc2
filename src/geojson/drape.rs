//! Laying layers on the ground: looked for in the drawn tiles, again when these change.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_tiles::vector::{Anchors, Ground as Below, HeightField, Stroke, dress};
use glam::{DMat4, DVec2, DVec3};

use super::layer::{Content, VectorLayer, VectorTotals};
use crate::frame::SceneFrame;
use crate::platform::monotonic_ms;
use crate::render::{CityMesh, LineSegment, LineSet, Placement, Shown};
use crate::tiles::{GroundPlane, TileSettings, TileTotals};

/// Flat polygons are pulled toward the camera by this share of their distance, so that ground between
/// two of their corners does not break through.
pub(super) const PULL: f32 = 0.002;

/// Milliseconds of a frame for looking through tiles.
const BUDGET_MS: f64 = 3.0;
/// While finer tiles come in, a layer is laid anew this often, milliseconds.
const EVERY_MS: f64 = 700.0;

/// A draping under way.
pub(super) struct Job {
    field: HeightField,
    meshes: VecDeque<Entity>,
    /// What was drawn when it began.
    seen: u64,
}

type Tiles<'w, 's> = Query<
    'w,
    's,
    (
        Entity,
        &'static CityMesh,
        &'static Placement,
        &'static Shown,
    ),
    Without<VectorLayer>,
>;

pub(super) fn drape(
    mut layers: Query<(
        &mut VectorLayer,
        &mut CityMesh,
        &mut Placement,
        &mut LineSet,
    )>,
    waiting: Query<&VectorLayer, Without<CityMesh>>,
    tiles: Tiles,
    frame: Res<SceneFrame>,
    plane: Res<GroundPlane>,
    settings: Res<TileSettings>,
    totals: Res<TileTotals>,
    mut status: ResMut<VectorTotals>,
) {
    let began_ms = monotonic_ms();
    let unhurried = settings.no_upload_limit;
    status.busy = waiting
        .iter()
        .any(|layer| layer.problem.is_none() && layer.content.is_none());
    for (mut layer, mut mesh, mut placement, mut lines) in &mut layers {
        let layer = &mut *layer;
        let Some(content) = &mut layer.content else {
            continue;
        };
        if content.frame_generation != frame.generation {
            content.anchors = Anchors::new(&content.tile, frame.local_from_ecef);
            content.frame_generation = frame.generation;
            content.job = None;
            content.draped = None;
        }
        let first = content.draped.is_none();
        if content.job.is_none() {
            let below = below(content.anchors.plan, &tiles);
            let seen = signature(&below, &frame, &plane);
            if content.draped == Some(seen) {
                continue;
            }
            status.busy = true;
            // A picture waits for the tiles; a window shows what there is, but not every frame anew.
            let due = match unhurried {
                true => totals.complete,
                false => began_ms - content.draped_ms > EVERY_MS,
            };
            if !first && !due {
                continue;
            }
            content.job = Some(Job {
                field: content.anchors.field(&content.tile),
                meshes: below.into(),
                seen,
            });
        }
        status.busy = true;
        let Some(job) = &mut content.job else {
            continue;
        };
        while let Some(entity) = job.meshes.pop_front() {
            if let Ok((_, tile, place, shown)) = tiles.get(entity)
                && shown.0
            {
                job.field.add(&tile.0, place.local_from_mesh);
            }
            if !unhurried && monotonic_ms() - began_ms > BUDGET_MS {
                break;
            }
        }
        if !job.meshes.is_empty() {
            continue;
        }
        let Some(job) = content.job.take() else {
            continue;
        };
        content.draped = Some(job.seen);
        content.draped_ms = began_ms;
        let default_m = default_m(content, &job.field, &frame, &plane);
        let ground = Below {
            field: &job.field,
            default_m,
        };
        let mut dressed = dress(&content.tile, &content.anchors, &content.looks, ground);
        dressed.mesh.features = match Arc::try_unwrap(std::mem::take(&mut mesh.0)) {
            Ok(old) => old.features,
            // The renderer has not taken the last one yet.
            Err(shared) => shared.features.clone(),
        };
        let origin = content.anchors.origin;
        *mesh = CityMesh::new(dressed.mesh);
        placement.local_from_mesh = DMat4::from_translation(origin);
        let per_stroke = size_of::<Stroke>() + 2 * size_of::<LineSegment>();
        layer.bytes = content.tile.cpu_bytes()
            + mesh.0.byte_cost()
            + (dressed.strokes.len() * per_stroke) as u64;
        lines.origin = origin;
        lines.segments = Arc::new(dressed.strokes.iter().map(segment).collect());
        layer.strokes = Arc::new(dressed.strokes);
    }
}

pub(super) fn segment(stroke: &Stroke) -> LineSegment {
    LineSegment {
        a: stroke.a,
        width_px: stroke.width_px,
        b: stroke.b,
        color: stroke.color,
    }
}

/// Where nothing lies below: the neutral ground, or as high as the ground elsewhere in the layer.
fn default_m(
    content: &Content,
    field: &HeightField,
    frame: &SceneFrame,
    plane: &GroundPlane,
) -> f64 {
    let origin_m = frame.origin.map_or(0.0, |origin| origin.height_m);
    match plane.0 {
        Some(plane_m) => origin_m + plane_m,
        None => content.anchors.median_m(field).unwrap_or(origin_m),
    }
}

/// The drawn tiles over or under a layer.
fn below(of: Option<(DVec2, DVec2)>, tiles: &Tiles) -> Vec<Entity> {
    let Some((low, high)) = of else {
        return Vec::new();
    };
    let mut found: Vec<Entity> = tiles
        .iter()
        .filter(|(_, _, _, shown)| shown.0)
        .filter(|(_, mesh, placement, _)| {
            plan(mesh, placement).is_some_and(|(l, h)| !(l.cmpgt(high).any() || h.cmplt(low).any()))
        })
        .map(|(entity, ..)| entity)
        .collect();
    found.sort_unstable();
    found
}

/// A mesh's extent seen from above, local frame.
fn plan(mesh: &CityMesh, placement: &Placement) -> Option<(DVec2, DVec2)> {
    let (low, high) = mesh.1?;
    let mut plan: Option<(DVec2, DVec2)> = None;
    for corner in 0..8u8 {
        let pick =
            |bit: u8, low: f32, high: f32| f64::from(if corner & bit == 0 { low } else { high });
        let p = placement.local_from_mesh.transform_point3(DVec3::new(
            pick(1, low.x, high.x),
            pick(2, low.y, high.y),
            pick(4, low.z, high.z),
        ));
        let p = p.truncate();
        plan = Some(plan.map_or((p, p), |(l, h)| (l.min(p), h.max(p))));
    }
    plan
}

fn signature(below: &[Entity], frame: &SceneFrame, plane: &GroundPlane) -> u64 {
    let mut hasher = DefaultHasher::new();
    below.hash(&mut hasher);
    frame.generation.hash(&mut hasher);
    plane.0.map(f64::to_bits).hash(&mut hasher);
    hasher.finish()
}
