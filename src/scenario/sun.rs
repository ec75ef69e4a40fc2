//! Hours of sun on a place, with both variants.

use bevy::ecs::prelude::*;
use city_geo::{Geodetic, LocalFrame};
use city_models::indicators::{Occluders, SunHours, Triangles, sun_hours};
use city_tiles::prepared::Topology;
use glam::DVec3;

use super::desk::{Desk, OPEN, OTHER, Wish};
use super::results::Sunlight;
use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::notices::Notices;
use crate::render::{CityMesh, HiddenFeatures, Placement, Shown, Variants};

/// What is farther away shades the place only when the sun is at the horizon, metres.
const REACH_M: f64 = 1_500.0;
/// Minutes between two looks at the sun.
const STEP_MIN: u32 = 10;

/// Works out what was asked for.
pub(super) fn answer(
    mut desk: ResMut<Desk>,
    clock: Res<SimClock>,
    frame: Res<SceneFrame>,
    mut notices: ResMut<Notices>,
    meshes: Query<(
        &CityMesh,
        &Placement,
        &Shown,
        Option<&HiddenFeatures>,
        Option<&Variants>,
    )>,
) {
    let asked = desk
        .wishes
        .iter()
        .rposition(|wish| matches!(wish, Wish::Sun(_)));
    let again = desk
        .sun
        .as_ref()
        .filter(|sun| sun.stamp != desk.stamp())
        .map(|sun| sun.place);
    let place = match asked.map(|index| desk.wishes.remove(index)) {
        Some(Wish::Sun(place)) => place,
        _ => match again {
            Some(place) => place,
            None => return,
        },
    };
    let here = LocalFrame::enu(place);
    let hours = |variant: usize| -> Result<SunHours, String> {
        let near = shades(&meshes, variant, place, &frame);
        let blocks: &dyn Occluders = &near;
        sun_hours(clock.now(), place, &clock.zone, STEP_MIN, &here, blocks)
            .map_err(|error| error.to_string())
    };
    match (hours(OTHER), hours(OPEN)) {
        (Ok(other), Ok(open)) => {
            let stamp = desk.stamp();
            desk.sun = Some(Sunlight {
                place,
                date: {
                    let day = clock.zone.civil(clock.now());
                    format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)
                },
                other_h: other.hours,
                open_h: open.hours,
                step_min: open.step_min,
                reach_m: REACH_M,
                by: open.by,
                stamp,
            });
        }
        (Err(error), _) | (_, Err(error)) => {
            notices.warn(error, "choose another place");
            desk.sun = None;
        }
    }
}

/// The triangles around a place that a variant shows, in the place's own east-north-up frame.
fn shades(
    meshes: &Query<(
        &CityMesh,
        &Placement,
        &Shown,
        Option<&HiddenFeatures>,
        Option<&Variants>,
    )>,
    variant: usize,
    place: Geodetic,
    frame: &SceneFrame,
) -> Triangles {
    let here = LocalFrame::enu(place);
    let here_from_local = here.ecef_from_local().inverse() * frame.ecef_from_local;
    let mut triangles = Vec::new();
    for (mesh, placement, shown, hidden, variants) in meshes {
        if !shown.0 || variants.is_some_and(|variants| variants.0 & (1 << variant) == 0) {
            continue;
        }
        let here_from_mesh = here_from_local * placement.local_from_mesh;
        for primitive in &mesh.0.primitives {
            if primitive.topology != Topology::Triangles {
                continue;
            }
            for corner in primitive.indices.chunks_exact(3) {
                let vertex = |index: u32| primitive.vertices.get(index as usize);
                let (Some(a), Some(b), Some(c)) =
                    (vertex(corner[0]), vertex(corner[1]), vertex(corner[2]))
                else {
                    continue;
                };
                if hidden.is_some_and(|hidden| hidden.hides(variant as u8, a.feature)) {
                    continue;
                }
                let at = |position: [f32; 3]| {
                    here_from_mesh.transform_point3(DVec3::from(position.map(f64::from)))
                };
                let points = [at(a.position), at(b.position), at(c.position)];
                if points.iter().any(|p| p.truncate().length() < REACH_M) {
                    triangles.push(points);
                }
            }
        }
    }
    Triangles::new(triangles)
}
