//! Clicks with a tool, the building that is chosen, and what is being drawn.

use bevy::ecs::prelude::*;
use city_geo::Geodetic;
use city_tiles::prepared::SurfaceClass;
use glam::DVec3;

use super::desk::{Desk, OPEN};
use super::stands::Stands;
use crate::frame::SceneFrame;
use crate::picking::{PickRequest, Selection, pane_ray, pick_feature};
use crate::pointer::sketch;
use crate::render::{CityView, Panes, Variants};
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
        world.clip(),
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

/// A building or model of the scenario that is selected is the one whose form the panel shows. It stays selected when
/// its form changes, which makes its mesh anew.
pub(super) fn choose(
    mut selection: ResMut<Selection>,
    mut desk: ResMut<Desk>,
    standing: Query<(Entity, &Stands, &Variants)>,
    mut followed: Local<Option<(Entity, String)>>,
) {
    let Selection::Feature { mesh, at, .. } = *selection else {
        return;
    };
    let Ok((_, stands, _)) = standing.get(mesh) else {
        let again = followed.as_ref().filter(|(gone, _)| *gone == mesh);
        let again = again.and_then(|(_, feature)| {
            standing.iter().find(|(_, stands, variants)| {
                stands.feature == *feature && variants.0 & (1 << OPEN) != 0
            })
        });
        if let Some((mesh, stands, _)) = again {
            *followed = Some((mesh, stands.feature.clone()));
            // The same thing under another mesh is no new selection.
            *selection.bypass_change_detection() = Selection::Feature {
                mesh,
                feature: 0,
                at,
            };
        }
        return;
    };
    if followed.as_ref().is_none_or(|(known, _)| *known != mesh) {
        *followed = Some((mesh, stands.feature.clone()));
    }
    if selection.is_changed()
        && desk.editor.is_some()
        && desk.chosen.as_ref() != Some(&stands.feature)
    {
        desk.chosen = Some(stands.feature.clone());
    }
}

/// The outline that is being drawn.
#[derive(Component)]
pub(super) struct Preview;

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
    if let Some(lines) = sketch(&corners) {
        commands.spawn((Preview, lines));
    }
}

#[cfg(test)]
mod tests {
    use bevy::app::{App, Update};
    use glam::DMat4;

    use super::*;

    fn stands(feature: &str) -> (Stands, Variants) {
        let stands = Stands {
            feature: feature.to_owned(),
            local_from_mesh: DMat4::IDENTITY,
            foot: DVec3::ZERO,
        };
        (stands, Variants(1 << OPEN))
    }

    #[test]
    fn what_is_clicked_is_chosen_and_stays_selected_when_its_form_changes() {
        let mut app = App::new();
        let mut desk = Desk::default();
        desk.create("Quay");
        app.insert_resource(desk)
            .init_resource::<Selection>()
            .add_systems(Update, choose);
        let mesh = app.world_mut().spawn(stands("op-1")).id();
        let at = DVec3::X;
        app.insert_resource(Selection::Feature {
            mesh,
            feature: 0,
            at,
        });
        app.update();
        let chosen = |app: &App| app.world().resource::<Desk>().chosen.clone();
        assert_eq!(chosen(&app).as_deref(), Some("op-1"));
        app.world_mut().despawn(mesh);
        app.update();
        let anew = app.world_mut().spawn(stands("op-1")).id();
        app.update();
        let selected = Selection::Feature {
            mesh: anew,
            feature: 0,
            at,
        };
        assert_eq!(*app.world().resource::<Selection>(), selected);
        // Choosing another by its line in the list is not undone by what is selected.
        app.world_mut().resource_mut::<Desk>().chosen = Some("op-2".to_owned());
        app.update();
        app.update();
        assert_eq!(chosen(&app).as_deref(), Some("op-2"));
    }
}
