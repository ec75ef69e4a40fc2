//! The way of a reading: quality control, store, then the viewers. One thread, so that order is kept.

use crate::{health::Health, hub::Hub, store::StoreError};
use city_sensors::{Observation, qc::QcState, wire::Live};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};

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

/// Stores batches until the hub stops; what waits then is stored as well. Runs on a thread of its own, in reach of
/// the runtime.
pub fn run(hub: &Hub, mut batches: mpsc::Receiver<Batch>, runtime: &Handle) {
    let mut states: HashMap<u32, QcState> = HashMap::new();
    let mut stop = hub.stop.subscribe();
    loop {
        let first = runtime.block_on(async {
            tokio::select! {
                biased;
                batch = batches.recv() => batch,
                _ = stop.wait_for(|stop| *stop) => None,
            }
        });
        let Some(first) = first else {
            return;
        };
        let mut size = first.readings.len();
        let mut group = vec![first];
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
    let mut pending = Pending::default();
    let mut repeated = Vec::with_capacity(group.len());
    for batch in &group {
        let known = batch.readings.iter();
        repeated.push(
            known
                .filter(|reading| !judge(hub, states, reading, &mut pending))
                .count(),
        );
    }
    for rows in pending.rows.chunks(STEP) {
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
    pending: &mut Pending,
) -> bool {
    let registry = hub.registry.read();
    let datastream = registry.catalog.datastream(reading.datastream);
    let Some(layer) = datastream.and_then(|d| registry.catalog.layer_of(d)) else {
        return false; // not in the catalogue any more
    };
    let known = pending.find(hub, reading.datastream, reading.key());
    if known.is_some_and(|known| known.value.to_bits() == reading.value.to_bits()) {
        return false;
    }
    let state = states
        .entry(reading.datastream)
        .or_insert_with(|| warmed_up(hub, layer, reading));
    let verdict = state.accept(&layer.limits, layer.cadence_s, reading);
    let flags = verdict.flags;
    pending.push(Observation { flags, ..*reading });
    if let Some((time_ns, seq, flags)) = verdict.revised
        && let Some(earlier) = pending.find(hub, reading.datastream, (time_ns, seq))
    {
        pending.push(Observation { flags, ..earlier });
    }
    true
}

/// Readings that are judged but not stored yet; a later row with the same key replaces an earlier one.
#[derive(Default)]
struct Pending {
    rows: Vec<Observation>,
    newest: HashMap<(u32, (i64, u32)), usize>,
}

impl Pending {
    fn push(&mut self, row: Observation) {
        let key = (row.datastream, row.key());
        self.newest.insert(key, self.rows.len());
        self.rows.push(row);
    }

    /// The reading with this key, pending or stored.
    fn find(&self, hub: &Hub, datastream: u32, key: (i64, u32)) -> Option<Observation> {
        match self.newest.get(&(datastream, key)) {
            Some(index) => self.rows.get(*index).copied(),
            // Where the store fails, storing will say so.
            None => hub.store.find(datastream, key).ok().flatten(),
        }
    }
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
