//! Clicks with a tool, the building that is chosen, and what is being drawn.

use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_geo::Geodetic;
use city_tiles::prepared::SurfaceClass;
use glam::DVec3;

use super::apply::Stands;
use super::desk::Desk;
use crate::frame::SceneFrame;
use crate::picking::{PickRequest, Selection, pane_ray, pick_feature};
use crate::render::{CityView, LineSegment, LineSet, Panes};
use crate::surroundings::Surroundings;
use crate::ui::model::PlanTool;

/// Where a click with a tool meets the ground, or the flat ground where there is no terrain.
pub(super) fn click(
    mut requests: MessageReader<PickRequest>,
    mut desk: ResMut<Desk>,
    views: Query<(&CityView, Option<&Panes>)>,
    frame: Res<SceneFrame>,
    world: Surroundings,
) {
    if desk.tool == PlanTool::None {
        requests.clear();
        return;
    }
    let (Some(request), Some((view, panes))) = (requests.read().last(), views.iter().next()) else {
        return;
    };
    let (direction, _) = pane_ray(view, panes, request);
    if let Some(place) = ground_at(view.position, direction, desk.tool, &frame, &world) {
        desk.click(place);
    }
}

fn ground_at(
    origin: DVec3,
    direction: DVec3,
    tool: PlanTool,
    frame: &SceneFrame,
    world: &Surroundings,
) -> Option<Geodetic> {
    // Hours of sun are asked for on roofs and balconies too; outlines lie on the ground, also behind a building.
    let anything = tool == PlanTool::Sun;
    let meshes = world.meshes().filter(|(_, mesh, _, shown)| {
        shown.0
            && (anything
                || mesh
                    .0
                    .materials
                    .iter()
                    .any(|m| matches!(m.class, SurfaceClass::Terrain | SurfaceClass::Road)))
    });
    let hit = pick_feature(
        origin,
        direction,
        meshes.map(|(e, m, p, _)| (e, m, p, &[][..])),
    );
    let local = match hit {
        // A little off the surface, so that it does not shade itself.
        Some(hit) if anything => hit.at + hit.normal * 0.3,
        Some(hit) => hit.at,
        None => world.flat_ground_at(origin, direction)?,
    };
    frame.geodetic(local)
}

/// A building or model of the scenario that is selected is the one whose form the panel shows.
pub(super) fn choose(selection: Res<Selection>, mut desk: ResMut<Desk>, standing: Query<&Stands>) {
    if !selection.is_changed() || desk.editor.is_none() {
        return;
    }
    if let Selection::Feature { mesh, .. } = &*selection
        && let Ok(stands) = standing.get(*mesh)
        && desk.chosen.as_ref() != Some(&stands.feature)
    {
        desk.chosen = Some(stands.feature.clone());
    }
}

/// The outline that is being drawn.
#[derive(Component)]
pub(super) struct Preview;

/// The accent, linear.
const LINE: [u8; 4] = [20, 94, 255, 255];
const CLOSING: [u8; 4] = [20, 94, 255, 110];

pub(super) fn preview(
    mut commands: Commands,
    desk: Res<Desk>,
    frame: Res<SceneFrame>,
    drawn: Query<Entity, With<Preview>>,
    mut before: Local<Vec<Geodetic>>,
) {
    if *before == desk.corners {
        return;
    }
    before.clone_from(&desk.corners);
    for entity in &drawn {
        commands.entity(entity).despawn();
    }
    let corners: Vec<DVec3> = desk
        .corners
        .iter()
        .map(|corner| frame.local(corner.with_height(corner.height_m + 0.5)))
        .collect();
    let Some(origin) = corners.first().copied() else {
        return;
    };
    let at = |corner: DVec3| (corner - origin).as_vec3().to_array();
    let line = |a, b, color| LineSegment {
        a: at(a),
        width_px: 3.0,
        b: at(b),
        color,
    };
    // A segment of no length is a point.
    let mut segments: Vec<LineSegment> = corners
        .iter()
        .map(|corner| LineSegment {
            width_px: 9.0,
            ..line(*corner, *corner, LINE)
        })
        .collect();
    segments.extend(corners.windows(2).map(|pair| line(pair[0], pair[1], LINE)));
    if let (Some(last), true) = (corners.last(), corners.len() > 2) {
        segments.push(line(*last, origin, CLOSING));
    }
    commands.spawn((
        Preview,
        LineSet {
            origin,
            segments: Arc::new(segments),
            opacity: 1.0,
            pull: 0.002,
            through: true,
        },
    ));
}
