//! Which readings hold at the clock's time, and which of them changed.

use std::collections::{BTreeSet, HashMap};

use bevy::ecs::prelude::*;
use city_scene::JoinKey;
use city_sensors::catalog::Catalog;
use city_sensors::history::LayerHistory;
use city_sensors::interpolate::Segment;
use city_sensors::{Layer, Quality};

use super::{Held, ReadingJoin, ReadingJoins, ReadingState, Slot};
use crate::clock::SimClock;
use crate::overlays::Readings;

const NOTHING: Held = Held {
    value: f64::NAN,
    state: ReadingState::Missing,
};

/// When a join has to be looked at again.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    /// The catalogue that its sensors are from: revision and number of datastreams.
    catalog: Option<(u64, usize)>,
    /// The layer's count of changes that was seen.
    changes: u64,
    made_for_ns: i64,
    next_change_ns: i64,
}

pub(in crate::joining) fn read(
    mut joins: ResMut<ReadingJoins>,
    mut readings: ResMut<Readings>,
    clock: Res<SimClock>,
) {
    let joins = joins.bypass_change_detection();
    let wanted: BTreeSet<&String> = joins.joins.iter().map(|join| &join.layer).collect();
    if !readings.joined.iter().eq(wanted.iter().copied()) {
        readings.joined = wanted.into_iter().cloned().collect();
    }
    let (now_ns, edge_ns) = (clock.now().0, clock.state().live_edge.0);
    let ReadingJoins {
        joins,
        anew,
        unwritten,
        ..
    } = joins;
    for join in joins {
        let found = (readings.catalog.as_ref())
            .and_then(|catalog| Some((catalog, catalog.layer(&join.layer)?)));
        let Some((catalog, (index, layer))) = found else {
            join.problem = (readings.catalog.is_some())
                .then(|| format!("the hub has no layer `{}`", join.layer));
            *anew |= !join.slots.is_empty();
            join.slots.clear();
            join.by_feature.clear();
            join.watch = Watch::default();
            continue;
        };
        *anew |= join.take_catalog(catalog, index, layer);
        let Some(state) = readings.layers.get(index as usize) else {
            continue;
        };
        let watch = &join.watch;
        let due = watch.changes != state.changes
            || now_ns >= watch.next_change_ns
            || now_ns < watch.made_for_ns;
        if !due {
            continue;
        }
        let changed = join.hold(&state.history, layer, now_ns, edge_ns);
        join.watch.changes = state.changes;
        join.watch.made_for_ns = now_ns;
        for (mesh, placed) in &join.placed {
            let is_changed = |slot: u32| changed.get(slot as usize).is_some_and(|is| *is);
            if placed.iter().any(|at| is_changed(at.slot)) && !unwritten.contains(mesh) {
                unwritten.push_back(*mesh);
            }
        }
    }
}

impl ReadingJoin {
    /// Takes in the catalogue's sensors; whether other features have one now.
    fn take_catalog(&mut self, catalog: &Catalog, index: u32, layer: &Layer) -> bool {
        let now = Some((catalog.revision, catalog.datastreams.len()));
        if self.watch.catalog == now {
            return false;
        }
        self.watch = Watch {
            catalog: now,
            ..Watch::default()
        };
        self.unit.clone_from(&layer.unit.symbol);
        let mut slots = Vec::new();
        let mut by_feature = HashMap::new();
        self.left_out = 0;
        // By ascending number: of several sensors of one feature it is always the same that speaks.
        for stream in catalog.of_layer(index) {
            let feature = match self.key {
                JoinKey::Feature => stream.feature.as_ref(),
                JoinKey::Thing => Some(&stream.thing),
            };
            let Some(feature) = feature else { continue };
            if by_feature.contains_key(feature) {
                self.left_out += 1;
                continue;
            }
            by_feature.insert(feature.clone(), slots.len() as u32);
            slots.push(Slot {
                datastream: stream.id,
                held: NOTHING,
            });
        }
        self.problem = slots.is_empty().then(|| {
            format!(
                "no sensor of `{}` says which feature it belongs to",
                self.layer
            )
        });
        self.slots = slots;
        let is_other = by_feature != self.by_feature;
        self.by_feature = by_feature;
        // Cells keep what they had until it is known what holds.
        is_other
    }

    /// Notes what holds, and gives for each sensor whether that is something else than before.
    fn hold(
        &mut self,
        history: &LayerHistory,
        layer: &Layer,
        now_ns: i64,
        edge_ns: i64,
    ) -> Vec<bool> {
        let mut next_ns = i64::MAX;
        let changed = self.slots.iter_mut().map(|slot| {
            let segment = history.segment(
                slot.datastream,
                layer.interpolation,
                layer.cadence_s,
                now_ns,
                edge_ns,
            );
            let held = segment.as_ref().map_or(NOTHING, |segment| {
                next_ns = next_ns.min(segment.end_ns);
                if segment.stale_from_ns > now_ns {
                    next_ns = next_ns.min(segment.stale_from_ns);
                }
                held(segment, now_ns)
            });
            let is_other =
                held.state != slot.held.state || held.value.to_bits() != slot.held.value.to_bits();
            slot.held = held;
            is_other
        });
        let changed = changed.collect();
        self.watch.next_change_ns = next_ns;
        changed
    }
}

/// What was measured last, never what lies between two readings: a property is a fact.
fn held(segment: &Segment, now_ns: i64) -> Held {
    let state = match segment.flags.quality() {
        Quality::Missing => ReadingState::Missing,
        Quality::Fail => ReadingState::Failed,
        Quality::Suspect => ReadingState::Suspect,
        Quality::Good | Quality::NotEvaluated if segment.stale_from_ns <= now_ns => {
            ReadingState::Stale
        }
        Quality::Good | Quality::NotEvaluated => ReadingState::Good,
    };
    let counts = !matches!(state, ReadingState::Failed | ReadingState::Missing);
    let value = segment.start_value;
    Held {
        // One kind of NaN: cells are compared by their bits.
        value: if counts && value.is_finite() {
            value
        } else {
            f64::NAN
        },
        state,
    }
}
