//! The way of a reading: quality control, store, then the viewers. One thread, so that order is kept.

use crate::{health::Health, hub::Hub, store::StoreError};
use city_sensors::{Observation, qc::QcState, wire::Live};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::{mpsc, oneshot};

/// Most readings stored and sent in one step.
const STEP: usize = 16_384;
const RETRY: Duration = Duration::from_secs(2);
/// How far back the tests look when a datastream's first reading comes in.
const WARM_UP_NS: i64 = 2 * crate::store::HOUR_NS;

/// Readings on their way to the store.
pub struct Batch {
    /// The feed's name.
    pub feed: Arc<str>,
    /// Readings without quality flags, in the order of arrival.
    pub readings: Vec<Observation>,
    /// Told when all of them are on disk; dropped where the hub stops before.
    pub stored: Option<oneshot::Sender<()>>,
}

/// Stores batches until all senders are gone or the hub stops. Runs on a thread of its own.
pub fn run(hub: &Hub, mut batches: mpsc::Receiver<Batch>) {
    let mut states: HashMap<u32, QcState> = HashMap::new();
    while let Some(first) = batches.blocking_recv() {
        let mut group = vec![first];
        let mut size = group[0].readings.len();
        // What is waiting already shares one synchronisation of the disk.
        while size < STEP
            && let Ok(batch) = batches.try_recv()
        {
            size += batch.readings.len();
            group.push(batch);
        }
        if !store_group(hub, &mut states, group) {
            return;
        }
    }
}

fn store_group(hub: &Hub, states: &mut HashMap<u32, QcState>, group: Vec<Batch>) -> bool {
    let mut rows = Vec::new();
    let mut repeated = Vec::with_capacity(group.len());
    for batch in &group {
        let known = batch.readings.iter();
        repeated.push(
            known
                .filter(|reading| !judge(hub, states, reading, &mut rows))
                .count(),
        );
    }
    for rows in rows.chunks(STEP) {
        if !store_rows(hub, rows) {
            return false;
        }
    }
    for (batch, repeated) in group.into_iter().zip(repeated) {
        let now_ns = hub.now_ns();
        let readings = batch.readings.len();
        hub.health.stored(&batch.feed, now_ns, readings, repeated);
        if let Some(stored) = batch.stored {
            // The feed may have given up waiting.
            let _ = stored.send(());
        }
    }
    true
}

/// Adds the reading with its flags, and the one before it where its flags change; `false` where the very same
/// value is stored already (brokers deliver twice), whose flags then stay as they are.
fn judge(
    hub: &Hub,
    states: &mut HashMap<u32, QcState>,
    reading: &Observation,
    rows: &mut Vec<Observation>,
) -> bool {
    let registry = hub.registry.read();
    let datastream = registry.catalog.datastream(reading.datastream);
    let Some(layer) = datastream.and_then(|d| registry.catalog.layer_of(d)) else {
        return false; // not in the catalogue any more
    };
    let known = hub.store.find(reading.datastream, reading.key());
    if known.is_ok_and(|known| {
        known.is_some_and(|known| known.value.to_bits() == reading.value.to_bits())
    }) {
        return false;
    }
    let state = states
        .entry(reading.datastream)
        .or_insert_with(|| warmed_up(hub, layer, reading));
    let verdict = state.accept(&layer.limits, layer.cadence_s, reading);
    let flags = verdict.flags;
    rows.push(Observation { flags, ..*reading });
    if let Some((time_ns, seq, flags)) = verdict.revised {
        let key = (time_ns, seq);
        let same = |row: &&Observation| row.datastream == reading.datastream && row.key() == key;
        let earlier = rows.iter().rev().find(same).copied();
        let earlier = earlier.or_else(|| hub.store.find(reading.datastream, key).ok()?);
        rows.extend(earlier.map(|row| Observation { flags, ..row }));
    }
    true
}

/// The tests' memory of the last readings before this one.
fn warmed_up(hub: &Hub, layer: &city_sensors::Layer, reading: &Observation) -> QcState {
    let mut state = QcState::default();
    let until_ns = reading.phenomenon_time_ns - 1;
    if let Ok(before) = hub
        .store
        .range(reading.datastream, until_ns - WARM_UP_NS, until_ns)
    {
        for reading in before.iter(reading.datastream) {
            let raw = Observation::new(
                reading.datastream,
                reading.phenomenon_time_ns,
                reading.result_time_ns,
                reading.value,
            );
            state.accept(&layer.limits, layer.cadence_s, &raw);
        }
    }
    state
}

/// Stores and sends readings; on a failure keeps trying, so that a feed is acknowledged late rather than wrongly.
/// `false` when the hub stops.
fn store_rows(hub: &Hub, rows: &[Observation]) -> bool {
    while let Err(error) = hub.store.append(rows) {
        report(&hub.health, &error);
        if hub.stopping() {
            return false;
        }
        std::thread::sleep(RETRY);
        if matches!(error, StoreError::Database(_) | StoreError::Closed { .. })
            && let Err(error) = hub.store.reopen()
        {
            report(&hub.health, &error);
        }
    }
    hub.health.set_store_error(None);
    hub.send_live(&Live::Readings {
        now_ns: hub.now_ns(),
        readings: rows.to_vec(),
    });
    true
}

fn report(health: &Health, error: &StoreError) {
    tracing::error!("{error}");
    health.set_store_error(Some(error.to_string()));
}
