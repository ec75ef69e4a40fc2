//! Drawing an outline on the ground.

use bevy::ecs::prelude::*;
use city_geo::Geodetic;
use city_tiles::prepared::SurfaceClass;
use glam::DVec3;

use super::state::{Clipping, local, place};
use crate::frame::SceneFrame;
use crate::notices::Notices;
use crate::picking::{PickRequest, pane_ray, pick_feature};
use crate::pointer::sketch;
use crate::render::{CityView, Panes};
use crate::surroundings::Surroundings;

/// A click adds a corner where it meets the ground, also behind a building.
pub(super) fn click(
    mut requests: MessageReader<PickRequest>,
    mut clipping: ResMut<Clipping>,
    mut notices: ResMut<Notices>,
    views: Query<(&CityView, Option<&Panes>)>,
    world: Surroundings,
) {
    if clipping.drawing.is_none() {
        requests.clear();
        return;
    }
    let (Some(request), Some((view, panes))) = (requests.read().last(), views.iter().next()) else {
        return;
    };
    let (direction, _) = pane_ray(view, panes, request);
    if let Some(at) = ground_at(view.position, direction, &world) {
        let corner = place(&world.frame, at);
        if let Err(error) = clipping.add_corner(corner, &world.frame) {
            super::refuse(&mut notices, error);
        }
    }
}

fn ground_at(origin: DVec3, direction: DVec3, world: &Surroundings) -> Option<DVec3> {
    let is_ground = |class: SurfaceClass| {
        matches!(
            class,
            SurfaceClass::Terrain | SurfaceClass::Road | SurfaceClass::Water
        )
    };
    let ground = world.meshes().filter(|(_, mesh, _, shown)| {
        shown.0 && mesh.0.materials.iter().any(|m| is_ground(m.class))
    });
    // The ground is there for outlines where it is cut away too.
    let ground = ground.map(|(e, m, p, _)| (e, m, p, &[][..]));
    let hit = pick_feature(origin, direction, None, ground).map(|hit| hit.at);
    let flat = || world.flat_ground_at(origin, direction);
    // A city without ground, as one off the Earth, has walls and roofs.
    let anything = || {
        let shown = world.meshes().filter(|(_, _, _, shown)| shown.0);
        let shown = shown.map(|(e, m, p, _)| (e, m, p, &[][..]));
        pick_feature(origin, direction, None, shown).map(|hit| hit.at)
    };
    hit.or_else(flat).or_else(anything)
}

/// The outline that is being drawn.
#[derive(Component)]
pub(super) struct Preview;

pub(super) fn preview(
    mut commands: Commands,
    clipping: Res<Clipping>,
    frame: Res<SceneFrame>,
    drawn: Query<Entity, With<Preview>>,
    mut before: Local<Vec<Geodetic>>,
) {
    let now = clipping.drawing.as_deref().unwrap_or_default();
    if *before == now {
        return;
    }
    now.clone_into(&mut before);
    for entity in &drawn {
        commands.entity(entity).despawn();
    }
    let corners: Vec<DVec3> = now
        .iter()
        .map(|corner| local(&frame, corner.with_height(corner.height_m + 0.5)))
        .collect();
    if let Some(lines) = sketch(&corners) {
        commands.spawn((Preview, lines));
    }
}
