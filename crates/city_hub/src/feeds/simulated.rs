//! The simulated feed of the demo city: fills history at the first start, then publishes in process.

use super::SIMULATED;
use crate::{
    Progress,
    config::SimulatedFeed,
    error::HubError,
    health::State,
    hub::Hub,
    ingest::Batch,
    registry::Wanted,
    store::{HOUR_NS, StoreError, hour_of},
};
use city_sensors::{
    Columns, Layer, NS_PER_S, Observation,
    qc::QcState,
    simulate::{SimStream, Simulation, kind, kinds_at},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::oneshot;

const TICK: Duration = Duration::from_millis(250);
/// Longest stretch published in one batch.
const STEP_NS: i64 = 30 * NS_PER_S;
/// How often the store is told how far the feed has come.
const NOTE_NS: i64 = 60 * NS_PER_S;
/// The tests look at this much before the first reading that is kept.
const WARM_UP_NS: i64 = 2 * HOUR_NS;
const UNTIL: &str = "simulated/until";
/// Datastreams filled between two reports of progress.
const CHUNK: usize = 64;

/// Gives the simulated datastreams their numbers.
///
/// # Errors
/// Where the store fails.
pub fn register(hub: &Hub, feed: &SimulatedFeed) -> Result<(), HubError> {
    let simulation = Simulation {
        seed: feed.seed,
        utc_offset_s: feed.utc_offset_s,
    };
    let wanted: Vec<Wanted> = feed
        .sites
        .iter()
        .flat_map(|site| {
            kinds_at(&site.kind).map(|kind| Wanted {
                layer: kind.layer.to_owned(),
                thing: site.name.clone(),
                place: [site.lon, site.lat, site.height_m],
                simulated: true,
                source: SIMULATED.to_owned(),
                place_names: site.place.clone(),
                feature: site.building.clone(),
            })
        })
        .collect();
    let numbers = hub.registry.ensure(&hub.store, &wanted)?;
    let streams = wanted
        .iter()
        .zip(numbers)
        .filter_map(|(wanted, id)| {
            let (id, kind) = (id?, kind(&wanted.layer)?);
            let name = format!("{}:{}", wanted.layer, wanted.thing);
            Some((id, simulation.stream(id, &name, kind)))
        })
        .collect::<HashMap<u32, SimStream>>();
    // Set once, before any reader runs.
    let _ = hub.simulated.set((simulation, streams));
    Ok(())
}

/// Fills in what is missing between the end of the store's history, at most `history_h` back, and now.
/// Gives the instant up to which the feed is now stored.
///
/// # Errors
/// Where the store fails.
pub fn fill(
    hub: &Hub,
    feed: &SimulatedFeed,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<i64, StoreError> {
    let now_ns = hub.now_ns();
    let earliest_ns = now_ns - i64::from(feed.history_h) * HOUR_NS;
    let stored_until = hub.store.meta(UNTIL)?.and_then(|bytes| {
        let bytes: [u8; 8] = bytes.try_into().ok()?;
        Some(i64::from_le_bytes(bytes))
    });
    // A clock that was set back would otherwise leave the feed silent until it has caught up.
    let after_ns = stored_until.map_or(earliest_ns, |until| until.clamp(earliest_ns, now_ns));
    let Some((simulation, streams)) = hub.simulated.get() else {
        return Ok(now_ns);
    };
    let mut streams: Vec<&SimStream> = streams.values().collect();
    streams.sort_by_key(|stream| stream.datastream);
    let total = streams.len() as u64;
    let report = |done: u64| {
        hub.health.set_fill(Some((done, total)));
        progress(Progress::Filling { done, total });
    };
    report(0);
    let layers: HashMap<String, Layer> = {
        let registry = hub.registry.read();
        let layers = registry.catalog.layers.iter();
        layers.map(|l| (l.id.clone(), l.clone())).collect()
    };
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failure: Mutex<Option<StoreError>> = Mutex::new(None);
    let fail = |error| *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    std::thread::scope(|scope| {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..workers.min(8) {
            scope.spawn(|| {
                loop {
                    let from = next.fetch_add(CHUNK, Ordering::Relaxed);
                    let Some(chunk) = streams.get(from..(from + CHUNK).min(streams.len())) else {
                        return;
                    };
                    if chunk.is_empty() || hub.stopping() {
                        return;
                    }
                    for stream in chunk {
                        let Some(layer) = layers.get(stream.kind().layer) else {
                            continue;
                        };
                        let hours = history(simulation, stream, layer, after_ns, now_ns);
                        if let Err(error) = hub.store.put_hours(stream.datastream, &hours) {
                            fail(error);
                            return;
                        }
                    }
                    let done = done.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len();
                    report(done as u64);
                }
            });
        }
    });
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    hub.store.sync()?;
    if hub.stopping() {
        return Ok(after_ns);
    }
    note_until(hub, now_ns)?;
    Ok(now_ns)
}

/// The readings that arrive in `(after, until]`, with their quality flags, hour by hour.
fn history(
    simulation: &Simulation,
    stream: &SimStream,
    layer: &Layer,
    after_ns: i64,
    until_ns: i64,
) -> Vec<(u32, Columns)> {
    let mut arrivals = Vec::new();
    simulation.arrivals(stream, after_ns - WARM_UP_NS, until_ns, &mut arrivals);
    let mut state = QcState::default();
    let mut all = Columns::with_capacity(arrivals.len());
    for mut reading in arrivals {
        let verdict = state.accept(&layer.limits, layer.cadence_s, &reading);
        reading.flags = verdict.flags;
        if reading.result_time_ns > after_ns {
            all.insert(&reading);
        }
        if let Some((time_ns, seq, flags)) = verdict.revised {
            all.set_flags(time_ns, seq, flags);
        }
    }
    let mut hours = Vec::new();
    let mut from = 0;
    while let Some(time_ns) = all.times_ns().get(from) {
        let hour = hour_of(*time_ns);
        let to = all.lower_bound((i64::from(hour) + 1) * HOUR_NS);
        hours.push((hour, all.slice(from, to)));
        from = to;
    }
    hours
}

/// Publishes new readings until the hub stops.
pub async fn publish(hub: Arc<Hub>, mut until_ns: i64) {
    let Some((simulation, streams)) = hub.simulated.get() else {
        return;
    };
    hub.health.set_state(SIMULATED, State::Connected);
    let feed: Arc<str> = SIMULATED.into();
    let mut stop = hub.stop.subscribe();
    let mut noted_ns = until_ns;
    let mut order: Vec<&SimStream> = streams.values().collect();
    order.sort_by_key(|stream| stream.datastream);
    loop {
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let now_ns = hub.now_ns();
        while until_ns < now_ns {
            let to_ns = now_ns.min(until_ns + STEP_NS);
            let mut readings: Vec<Observation> = Vec::new();
            for stream in &order {
                simulation.arrivals(stream, until_ns, to_ns, &mut readings);
            }
            readings.sort_by_key(|reading| reading.result_time_ns);
            if !readings.is_empty() && !store(&hub, &feed, readings).await {
                return;
            }
            until_ns = to_ns;
            if until_ns - noted_ns >= NOTE_NS {
                noted_ns = until_ns;
                // A failure shows in the next batch; the note only saves filling in a minute twice.
                if let Err(error) = note_until(&hub, until_ns) {
                    tracing::warn!("{error}");
                }
            }
        }
    }
}

/// Waits until readings are stored; `false` when the hub stops.
async fn store(hub: &Hub, feed: &Arc<str>, readings: Vec<Observation>) -> bool {
    hub.health.message(feed, hub.now_ns());
    let (stored, done) = oneshot::channel();
    let batch = Batch {
        feed: Arc::clone(feed),
        readings,
        stored: Some(stored),
    };
    hub.ingest.send(batch).await.is_ok() && done.await.is_ok()
}

fn note_until(hub: &Hub, until_ns: i64) -> Result<(), StoreError> {
    let bytes = until_ns.to_le_bytes().to_vec();
    hub.store.put_meta(&[(UNTIL.to_owned(), bytes)])
}
