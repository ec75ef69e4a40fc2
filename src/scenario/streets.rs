//! Streets that a scenario closes, and the one whose form is shown, as lines on the ground.

use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_scene::{CityIndex, Place};
use glam::DVec3;

use super::desk::{Desk, OPEN};
use crate::frame::SceneFrame;
use crate::render::{LineSegment, LineSet};
use crate::ui::model::Compare;

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
    shows_closed: bool,
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
        // Lines are in every part of the picture: of two sides only one has them.
        shows_closed: desk.compare == Compare::Off && desk.shown() == OPEN,
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
    let closed = desk.plan(OPEN).streets.iter();
    let closed = closed.filter(|(_, change)| change.closed.is_some() && now.shows_closed);
    for (id, _) in closed {
        commands.spawn_batch(line(city, id, CLOSED, 5.0, &frame));
    }
    if let Some(id) = &now.chosen {
        commands.spawn_batch(line(city, id, CHOSEN, 3.0, &frame));
    }
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
