//! Streets that a scenario closes, and the one whose form is shown, as lines on the ground.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_scene::{CityIndex, Place};
use glam::DVec3;

use super::desk::{Desk, OPEN, OTHER};
use crate::frame::SceneFrame;
use crate::render::{LineSegment, LineSet, Variants};

/// The lines.
#[derive(Component)]
pub(super) struct Drawn;

/// The accent, and what is closed; linear.
const CHOSEN: [u8; 4] = [20, 94, 255, 255];
const CLOSED: [u8; 4] = [230, 40, 20, 255];
/// So high above the street's own heights, metres.
const ABOVE_M: f64 = 0.8;

/// What the lines were drawn of.
#[derive(Default, PartialEq, Clone)]
pub(super) struct Of {
    stamp: u64,
    generation: u32,
    chosen: Option<String>,
}

pub(super) fn draw(
    mut commands: Commands,
    desk: Res<Desk>,
    frame: Res<SceneFrame>,
    drawn: Query<Entity, With<Drawn>>,
    mut before: Local<Of>,
) {
    let now = Of {
        stamp: desk.stamp(),
        generation: frame.generation,
        chosen: desk.street.clone(),
    };
    if *before == now {
        return;
    }
    *before = now.clone();
    for entity in &drawn {
        commands.entity(entity).despawn();
    }
    let Some(city) = &desk.base else {
        return;
    };
    for (id, variants) in closed(&desk) {
        let lines = line(city, &id, CLOSED, 5.0, &frame);
        commands.spawn_batch(lines.map(|lines| (lines, Variants(variants))));
    }
    if let Some(id) = &now.chosen {
        commands.spawn_batch(line(city, id, CHOSEN, 3.0, &frame));
    }
}

/// Closed streets, each with the variants that close it.
fn closed(desk: &Desk) -> BTreeMap<String, u8> {
    let mut closed = BTreeMap::new();
    for variant in [OTHER, OPEN] {
        for (id, change) in &desk.plan(variant).streets {
            if change.closed.is_some() {
                *closed.entry(id.clone()).or_default() |= 1 << variant;
            }
        }
    }
    closed
}

fn line(
    city: &CityIndex,
    id: &str,
    color: [u8; 4],
    width_px: f32,
    frame: &SceneFrame,
) -> Option<(Drawn, LineSet)> {
    let at = |place: &Place| {
        let place = place.geodetic();
        frame.local(place.with_height(place.height_m + ABOVE_M))
    };
    let points: Vec<DVec3> = city.street_line(id).iter().map(at).collect();
    let origin = *points.first()?;
    let rel = |point: DVec3| (point - origin).as_vec3().to_array();
    let segments = points.windows(2).map(|pair| LineSegment {
        a: rel(pair[0]),
        width_px,
        b: rel(pair[1]),
        color,
    });
    let set = LineSet {
        origin,
        segments: Arc::new(segments.collect()),
        opacity: 1.0,
        pull: 0.002,
        through: true,
    };
    Some((Drawn, set))
}

#[cfg(test)]
mod tests {
    use city_scene::scenario::{Editor, OperationKind};
    use city_time::SimInstant;

    use super::*;

    #[test]
    fn a_street_is_closed_where_a_side_closes_it() {
        let close = |street: &str| OperationKind::CloseStreet {
            street: street.to_owned(),
        };
        let mut desk = Desk::default();
        desk.create("Before");
        let editor = desk.editor.as_mut().unwrap();
        editor.apply(close("S1"));
        editor.apply(close("S2"));
        desk.against = desk.editor.as_ref().map(|editor| editor.scenario().clone());
        desk.create("Open");
        let editor: &mut Editor = desk.editor.as_mut().unwrap();
        editor.apply(close("S2"));
        editor.apply(close("S3"));
        desk.touch();
        desk.refresh(SimInstant(0));
        let closed = closed(&desk);
        let closed: Vec<(&str, u8)> = closed.iter().map(|(id, v)| (id.as_str(), *v)).collect();
        assert_eq!(closed, [("S1", 0b01), ("S2", 0b11), ("S3", 0b10)]);
    }
}
