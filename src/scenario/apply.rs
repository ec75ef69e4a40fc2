//! The plans become what is drawn.

use std::collections::BTreeSet;
use std::sync::Arc;

use bevy::camera::Camera;
use bevy::ecs::prelude::*;
use city_geo::LocalFrame;
use city_scene::scenario::Added;
use glam::{DMat4, DVec3};

use super::areas::Areas;
use super::building;
use super::desk::{Desk, OPEN, OTHER};
use super::stands::Stands;
use crate::frame::SceneFrame;
use crate::hiding::HiddenByPlan;
use crate::notices::Notices;
use crate::picking::feature_ids;
use crate::render::{CityMesh, CityView, Lens, Pane, Panes, Placement, Shown, Style, Variants};
use crate::surroundings::Surroundings;
use crate::tiles::TileOf;
use crate::ui::model::Compare;

/// A building of a scenario.
#[derive(Component, Clone, Debug, PartialEq)]
pub(super) struct Proposed {
    feature: String,
    added: Added,
    /// The ground was looked for below it and this is what was found, metres above the ellipsoid.
    ground_m: Option<f64>,
}

/// Hides the features of tiles that a plan hides: those that are there when a plan changes, and those that come.
pub(super) fn hide(
    mut commands: Commands,
    desk: Res<Desk>,
    frame: Res<SceneFrame>,
    new: Query<Entity, (Added_<CityMesh>, With<TileOf>)>,
    meshes: Query<(Entity, &CityMesh, &Placement, Option<&HiddenByPlan>), With<TileOf>>,
    mut seen: Local<u64>,
) {
    let changed = std::mem::replace(&mut *seen, desk.stamp()) != desk.stamp();
    let hides = |variant: usize| {
        let plan = desk.plan(variant);
        !plan.hidden.is_empty()
            || !plan.hidden_areas.is_empty()
            || plan.added.values().any(|added| added.replaces_base)
    };
    let anything = hides(OTHER) || hides(OPEN);
    if !changed && (!anything || new.is_empty()) {
        return;
    }
    let areas = [OTHER, OPEN].map(|variant| Areas::of(desk.plan(variant), &frame));
    let apply = |commands: &mut Commands, (entity, mesh, placement, before): Item| {
        let now = hidden_of(&desk, &areas, mesh, placement, &frame);
        if before.is_none_or(|before| *before != now)
            && (before.is_some() || now != HiddenByPlan::default())
        {
            commands.entity(entity).insert(now);
        }
    };
    if changed {
        for item in &meshes {
            // Where nothing is hidden and nothing was, there is nothing to look up.
            if anything || item.3.is_some() {
                apply(&mut commands, item);
            }
        }
    } else {
        for item in new.iter().filter_map(|entity| meshes.get(entity).ok()) {
            apply(&mut commands, item);
        }
    }
}

type Added_<T> = bevy::ecs::query::Added<T>;
type Item<'a> = (
    Entity,
    &'a CityMesh,
    &'a Placement,
    Option<&'a HiddenByPlan>,
);

fn hidden_of(
    desk: &Desk,
    areas: &[Areas; 2],
    mesh: &CityMesh,
    placement: &Placement,
    frame: &SceneFrame,
) -> HiddenByPlan {
    let mut hidden = [Vec::new(), Vec::new()];
    let mut named = BTreeSet::new();
    let knows_all = desk.city().knows_all();
    for (feature, id) in feature_ids(&mesh.0) {
        if knows_all {
            // The plan has looked it up in the list.
            named.insert(feature);
        }
        for (variant, list) in hidden.iter_mut().enumerate() {
            let plan = desk.plan(variant);
            if plan.hidden.contains_key(&id) || plan.added.contains_key(&id) {
                list.push(feature);
            }
        }
    }
    for (list, areas) in hidden.iter_mut().zip(areas) {
        let inside = areas.features_in(mesh, placement, frame, &|f| named.contains(&f));
        if !inside.is_empty() {
            list.extend(inside);
            list.sort_unstable();
            list.dedup();
        }
    }
    HiddenByPlan(hidden.map(Arc::from))
}

/// Where the ground is looked for anew below buildings that name no height: finer tiles arrive, frames.
const LOOK_EVERY: u32 = 30;

/// Puts the proposed buildings there: each once, shown in the variants that have it.
pub(super) fn build(
    mut commands: Commands,
    desk: Res<Desk>,
    frame: Res<SceneFrame>,
    world: Surroundings,
    mut standing: Query<(Entity, &mut Proposed, &mut Variants)>,
    mut notices: ResMut<Notices>,
    mut seen: Local<(u64, u32, u32)>,
) {
    let (stamp, generation, frames) = &mut *seen;
    *frames = frames.wrapping_add(1);
    let changed = (*stamp, *generation) != (desk.stamp(), frame.generation);
    let look = *frames % LOOK_EVERY == 0;
    if !changed && !look {
        return;
    }
    if *generation != frame.generation {
        for (entity, ..) in &standing {
            commands.entity(entity).despawn();
        }
    }
    let same_frame = *generation == frame.generation;
    (*stamp, *generation) = (desk.stamp(), frame.generation);
    let mut wanted: Vec<(String, Added, u8)> = Vec::new();
    for variant in [OTHER, OPEN] {
        for (id, added) in &desk.plan(variant).added {
            let bit = 1 << variant;
            match wanted
                .iter_mut()
                .find(|(known, same, _)| known == id && same == added)
            {
                Some((_, _, bits)) => *bits |= bit,
                None => wanted.push((id.clone(), added.clone(), bit)),
            }
        }
    }
    let ground = |added: &Added| match added.building.base_height_m {
        Some(_) => None,
        None => lowest_ground_m(added, &frame, &world),
    };
    if same_frame {
        for (entity, proposed, mut variants) in &mut standing {
            let place = wanted
                .iter()
                .position(|(id, added, _)| *id == proposed.feature && *added == proposed.added);
            let sunk = look && {
                let now = ground(&proposed.added);
                now.zip(proposed.ground_m)
                    .is_some_and(|(a, b)| (a - b).abs() > 0.25)
                    || now.is_some() != proposed.ground_m.is_some()
            };
            match place {
                Some(place) if !sunk => {
                    let (_, _, bits) = wanted.swap_remove(place);
                    if variants.0 != bits {
                        variants.0 = bits;
                    }
                }
                _ => commands.entity(entity).despawn(),
            }
        }
    }
    for (id, added, bits) in wanted {
        let ground_m = ground(&added);
        let base_m = added
            .building
            .base_height_m
            .or(ground_m)
            .unwrap_or_else(|| world.flat_m());
        let Some(anchor) = building::anchor(&added.building, base_m) else {
            continue;
        };
        match building::mesh(&id, &added, anchor) {
            Ok(tile) => {
                let local_from_mesh: DMat4 =
                    frame.local_from_ecef * LocalFrame::enu(anchor).ecef_from_local();
                let proposal = bits == 1 << OPEN;
                commands.spawn((
                    CityMesh::new(tile),
                    Placement { local_from_mesh },
                    Shown(true),
                    Style {
                        // A touch of the accent tells what is proposed from what stands.
                        tint: [0.25, 0.62, 1.0, if proposal { 0.16 } else { 0.0 }],
                        ..Style::default()
                    },
                    Variants(bits),
                    Stands {
                        feature: id.clone(),
                        local_from_mesh,
                        foot: local_from_mesh.transform_point3(DVec3::ZERO),
                    },
                    Proposed {
                        feature: id,
                        added,
                        ground_m,
                    },
                ));
            }
            Err(fault) => notices.warn(
                format!(
                    "the building of operation `{}` is not drawn: {fault}",
                    added.origin
                ),
                "draw its outline anew",
            ),
        }
    }
}

/// The lowest ground below a building's corners, metres above the ellipsoid.
fn lowest_ground_m(added: &Added, frame: &SceneFrame, world: &Surroundings) -> Option<f64> {
    added
        .building
        .footprint
        .exterior()
        .coords()
        .filter_map(|corner| {
            let place = city_geo::Geodetic::from_degrees(corner.x, corner.y, 0.0);
            world.terrain_m(frame.local(place))
        })
        .reduce(f64::min)
}

/// The part of the picture that no panel covers: left and right edge, pixels. Without panels it is all of it.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub struct FreeArea(pub Option<[u32; 2]>);

/// One picture or two, by how the planner compares.
pub(super) fn panes(
    mut commands: Commands,
    desk: Res<Desk>,
    free: Res<FreeArea>,
    cameras: Query<(Entity, &Camera, Option<&Panes>), With<CityView>>,
) {
    let Some((entity, camera, before)) = cameras.iter().next() else {
        return;
    };
    let Some(size) = camera.physical_viewport_size() else {
        return;
    };
    let now = Panes(layout(&desk, *free, [size.x, size.y]));
    if before.map_or(&[][..], |panes| &panes.0) != now.0.as_slice() {
        commands.entity(entity).insert(now);
    }
}

fn layout(desk: &Desk, free: FreeArea, [width, height]: [u32; 2]) -> Vec<Pane> {
    let pane = |x: u32, right: u32, lens, variant: usize| Pane {
        rect_px: [x, 0, right - x, height],
        lens,
        variant: variant as u8,
    };
    if !desk.is_used() {
        return Vec::new();
    }
    match desk.compare {
        Compare::Off => vec![pane(0, width, Lens::Centred, desk.shown())],
        Compare::Swipe => {
            let line = (f64::from(width) * f64::from(desk.swipe)).round() as u32;
            let line = line.clamp(1, width.max(2) - 1);
            vec![
                pane(0, line, Lens::Window, OTHER),
                pane(line, width, Lens::Window, OPEN),
            ]
        }
        Compare::SideBySide => {
            let [left, right] = free.0.unwrap_or([0, width]);
            let right = right.min(width).max(2);
            let left = left.min(right - 2);
            let middle = left + (right - left) / 2;
            vec![
                pane(left, middle, Lens::Centred, OTHER),
                pane(middle, right, Lens::Centred, OPEN),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_picture_a_line_between_two_or_two_beside_each_other() {
        let mut desk = Desk::default();
        assert!(layout(&desk, FreeArea(None), [1600, 900]).is_empty());
        desk.create("A");
        assert_eq!(
            layout(&desk, FreeArea(None), [1600, 900])[0].variant,
            OPEN as u8
        );
        desk.shows_other = true;
        assert_eq!(
            layout(&desk, FreeArea(None), [1600, 900])[0].variant,
            OTHER as u8
        );
        desk.compare = Compare::Swipe;
        desk.swipe = 0.25;
        let panes = layout(&desk, FreeArea(None), [1600, 900]);
        assert_eq!(panes[0].rect_px, [0, 0, 400, 900]);
        assert_eq!(panes[1].rect_px, [400, 0, 1200, 900]);
        desk.swipe = 0.0;
        assert_eq!(layout(&desk, FreeArea(None), [1600, 900])[0].rect_px[2], 1);
        desk.compare = Compare::SideBySide;
        let panes = layout(&desk, FreeArea(Some([101, 1501])), [1600, 900]);
        assert_eq!(panes[0].rect_px, [101, 0, 700, 900], "between the panels");
        assert_eq!(panes[1].rect_px, [801, 0, 700, 900]);
    }
}
