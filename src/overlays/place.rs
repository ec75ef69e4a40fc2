//! Instances from readings: what each sensor shows at the clock's time.

use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_geo::Geodetic;
use city_sensors::{Interpolation, Quality};
use city_time::NS_PER_S;
use glam::DVec3;

use super::hub::{LayerState, Readings};
use super::select::MarkerIndex;
use super::{LayerLook, LayerLooks};
use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::picking::Selection;
use crate::render::{Marker, MarkerLayer, MarkerTime};

/// Times further than this from the clock are clamped; f32 seconds stay exact to milliseconds.
const FAR_S: f32 = 50_000.0;

pub(super) fn update(
    mut commands: Commands,
    mut readings: ResMut<Readings>,
    mut looks: ResMut<LayerLooks>,
    mut index: ResMut<MarkerIndex>,
    mut drawn: Query<&mut MarkerLayer>,
    clock: Res<SimClock>,
    frame: Res<SceneFrame>,
    selection: Res<Selection>,
    mut frame_seen: Local<u32>,
) {
    let moved = std::mem::replace(&mut *frame_seen, frame.generation) != frame.generation;
    let Readings {
        catalog: Some(catalog),
        layers,
        ..
    } = &mut *readings
    else {
        // Another hub: the markers of the one before it go.
        for entity in index.take() {
            commands.entity(entity).despawn();
        }
        return;
    };
    let now_ns = clock.now().0;
    let live_edge_ns = clock.state().live_edge.0;
    for (slot, (layer, state)) in catalog.layers.iter().zip(layers.iter_mut()).enumerate() {
        let look = looks.of(&layer.id).clone();
        let due =
            moved || state.dirty || now_ns >= state.next_change_ns || now_ns < state.made_for_ns;
        if state.entity.is_none() || (due && look.visible) {
            let streams: Vec<_> = catalog.of_layer(slot as u32).collect();
            let places = places(&streams, state, &frame);
            let (markers, change_ns) =
                instances(&streams, &places, layer, state, now_ns, live_edge_ns);
            state.dirty = false;
            state.made_for_ns = now_ns;
            state.next_change_ns = change_ns;
            state.generation += 1;
            let entity = *state
                .entity
                .get_or_insert_with(|| commands.spawn_empty().id());
            index.set(entity, streams.iter().map(|stream| stream.id).collect());
            commands.entity(entity).insert(MarkerLayer {
                origin: DVec3::ZERO,
                markers: Arc::new(markers),
                generation: state.generation,
                time: time_of(state, layer.cadence_s, now_ns),
                range: range_of(&look, layer.range),
                size_px: 7.0,
                opacity: look.opacity,
                color_map: look.color_map.as_str().into(),
                selected: selected(&index, entity, &selection),
                visible: look.visible,
            });
        } else if let Some(entity) = state.entity
            && let Ok(mut marker_layer) = drawn.get_mut(entity)
        {
            marker_layer.time = time_of(state, layer.cadence_s, now_ns);
            marker_layer.visible = look.visible;
            marker_layer.opacity = look.opacity;
            marker_layer.range = range_of(&look, layer.range);
            marker_layer.selected = selected(&index, entity, &selection);
        }
    }
}

fn range_of(look: &LayerLook, of_catalog: [f64; 2]) -> [f32; 2] {
    look.range.unwrap_or(of_catalog).map(|value| value as f32)
}

fn time_of(state: &LayerState, cadence_s: f64, now_ns: i64) -> MarkerTime {
    MarkerTime {
        now_s: seconds(now_ns - state.made_for_ns),
        cadence_s: cadence_s as f32,
        stale_after_s: (cadence_s * city_sensors::interpolate::STALE_CADENCES) as f32,
    }
}

fn selected(index: &MarkerIndex, layer: Entity, selection: &Selection) -> u32 {
    match selection {
        Selection::Sensor(id) => index.slot(layer, *id).unwrap_or(u32::MAX),
        _ => u32::MAX,
    }
}

fn seconds(ns: i64) -> f32 {
    ((ns as f64 / NS_PER_S as f64) as f32).clamp(-FAR_S, FAR_S)
}

/// Where sensors stand, local frame. Readings come many times a second; sensors and the frame stay.
fn places(
    streams: &[&city_sensors::Datastream],
    state: &mut LayerState,
    frame: &SceneFrame,
) -> Arc<[[f32; 3]]> {
    match &state.places {
        Some((generation, places))
            if *generation == frame.generation && places.len() == streams.len() =>
        {
            Arc::clone(places)
        }
        _ => {
            let place = |stream: &&city_sensors::Datastream| {
                let at = Geodetic::from_degrees(stream.lon, stream.lat, stream.height_m);
                frame.local(at).as_vec3().to_array()
            };
            let places: Arc<[[f32; 3]]> = streams.iter().map(place).collect();
            state.places = Some((frame.generation, Arc::clone(&places)));
            places
        }
    }
}

/// Instances relative to `now_ns`, and when the first of them has to change.
fn instances(
    streams: &[&city_sensors::Datastream],
    places: &[[f32; 3]],
    layer: &city_sensors::Layer,
    state: &mut LayerState,
    now_ns: i64,
    live_edge_ns: i64,
) -> (Vec<Marker>, i64) {
    let mut next_change = i64::MAX;
    state.counts = [0; 5];
    state.newest_ns = None;
    let markers = streams
        .iter()
        .zip(places)
        .enumerate()
        .map(|(slot, (stream, position))| {
            let mut marker = Marker {
                position: *position,
                flags: 512,
                index: slot as u32,
                ..Marker::default()
            };
            let segment = state.history.segment(
                stream.id,
                layer.interpolation,
                layer.cadence_s,
                now_ns,
                live_edge_ns,
            );
            let Some(segment) = segment else {
                state.counts[4] += 1;
                return marker;
            };
            next_change = next_change.min(segment.end_ns);
            if segment.stale_from_ns > now_ns {
                next_change = next_change.min(segment.stale_from_ns);
            }
            state.newest_ns = Some(
                state
                    .newest_ns
                    .map_or(segment.start_ns, |at| at.max(segment.start_ns)),
            );
            let quality = segment.flags.quality();
            let linear = layer.interpolation == Interpolation::Linear
                && segment.end_value.to_bits() != segment.start_value.to_bits();
            let slot = match quality {
                Quality::Missing => 4,
                Quality::Fail => 3,
                Quality::Suspect => 2,
                _ if segment.stale_from_ns <= now_ns => 1,
                _ => 0,
            };
            state.counts[slot] += 1;
            marker.values = [finite(segment.start_value), finite(segment.end_value)];
            marker.times = [
                seconds(segment.start_ns.saturating_sub(now_ns)),
                seconds(segment.end_ns.saturating_sub(now_ns)),
            ];
            let code = u32::from(quality.code()) & 15;
            marker.flags = code | code << 4 | u32::from(linear) << 8;
            marker
        })
        .collect();
    (markers, next_change)
}

fn finite(value: f64) -> f32 {
    if value.is_finite() { value as f32 } else { 0.0 }
}
