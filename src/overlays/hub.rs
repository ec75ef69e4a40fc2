//! The viewer's side of the hub: catalogue, windows of history, the live socket, one sensor's series.

use bevy::ecs::prelude::*;
use city_sensors::catalog::Catalog;
use city_sensors::history::LayerHistory;
use city_sensors::wire::{Live, Window};
use city_time::{ClockBounds, ClockMode, NS_PER_S, SimInstant};

use super::LayerLooks;
use crate::clock::SimClock;
use crate::notices::Notices;
use crate::picking::Selection;
use crate::platform::{Fetcher, Socket, SocketEvent, monotonic_ms};

/// Where the hub is, without a slash at the end; `None` while there is none.
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub struct HubAddress(pub Option<String>);

/// How the connection is doing.
#[derive(Resource, Clone, Debug, Default)]
pub struct HubState {
    /// The live socket is up.
    pub connected: bool,
    /// The hub's own report on its feeds, as JSON.
    pub health: Option<serde_json::Value>,
    /// The hub's clock less ours, seconds; told when it is large.
    pub last_message_ms: f64,
}

/// One layer's readings.
#[derive(Default)]
pub struct LayerState {
    /// What is kept of it.
    pub history: LayerHistory,
    /// Readings changed since the instances were made.
    pub dirty: bool,
    /// A window is on its way.
    pub(super) asked: bool,
    pub(super) entity: Option<Entity>,
    pub(super) generation: u64,
    /// Instances have to be made anew when the clock reaches this.
    pub(super) next_change_ns: i64,
    pub(super) made_for_ns: i64,
    /// Counts at the clock's time: good, stale, suspect, failed, missing.
    pub counts: [usize; 5],
    /// Newest phenomenon time at or before the clock.
    pub newest_ns: Option<i64>,
    failed_until_ms: f64,
}

/// Catalogue and readings.
#[derive(Resource, Default)]
pub struct Readings {
    /// What the hub has.
    pub catalog: Option<Catalog>,
    /// By the catalogue's layer index.
    pub layers: Vec<LayerState>,
}

impl Readings {
    /// Whether the readings of every layer that is shown are here: pictures wait for this.
    #[must_use]
    pub fn complete(&self, looks: &LayerLooks) -> bool {
        let shown = |id: &str| looks.0.iter().any(|look| look.visible && look.id == id);
        self.catalog.as_ref().is_some_and(|catalog| {
            let mut all = catalog.layers.iter().zip(&self.layers);
            all.all(|(layer, state)| {
                !shown(&layer.id)
                    || (!state.asked && !state.dirty && state.history.covered().is_some())
            })
        })
    }
}

/// The selected sensor's last 24 hours.
#[derive(Resource, Default)]
pub struct SeriesState {
    /// Datastream and the window's end.
    pub of: Option<(u32, i64)>,
    /// The readings, when they are here.
    pub window: Option<Window>,
    /// On its way.
    pub loading: bool,
}

enum Ask {
    Catalog,
    Health,
    Window { layer: usize },
    Series { datastream: u32, until_ns: i64 },
}

/// Requests and the socket. Not `Send` in the browser.
pub struct HubIo {
    fetcher: Fetcher,
    socket: Option<Socket>,
    asked: std::collections::HashMap<u64, Ask>,
    next_key: u64,
    address: Option<String>,
    retry_ms: f64,
    retries: u32,
    health_ms: f64,
    catalog_asked: bool,
    jumps: u64,
}

/// No window holds more readings than this.
const MAX_WINDOW_ROWS: usize = 4_000_000;
/// History kept on each side of the clock, in cadences at least.
const MARGIN_S: i64 = 900;
/// Bytes of history for all layers; the oldest goes first.
const MAX_HISTORY_BYTES: usize = 96 << 20;

impl HubIo {
    /// Nothing is asked until there is an address.
    #[must_use]
    pub fn new() -> Self {
        Self {
            fetcher: Fetcher::new(4),
            socket: None,
            asked: std::collections::HashMap::new(),
            next_key: 0,
            address: None,
            retry_ms: 0.0,
            retries: 0,
            health_ms: 0.0,
            catalog_asked: false,
            jumps: 0,
        }
    }

    fn ask(&mut self, path: &str, ask: Ask) {
        let Some(address) = &self.address else { return };
        self.next_key += 1;
        self.asked.insert(self.next_key, ask);
        self.fetcher
            .fetch(self.next_key, &format!("{address}{path}"));
    }
}

impl Default for HubIo {
    fn default() -> Self {
        Self::new()
    }
}

pub(super) fn receive(
    mut io: NonSendMut<HubIo>,
    mut readings: ResMut<Readings>,
    mut state: ResMut<HubState>,
    mut series: ResMut<SeriesState>,
    mut clock: ResMut<SimClock>,
    mut notices: ResMut<Notices>,
) {
    let io = &mut *io;
    for fetched in io.fetcher.poll() {
        let Some(ask) = io.asked.remove(&fetched.key) else {
            continue;
        };
        match (ask, fetched.result) {
            (Ask::Catalog, Ok(bytes)) => match serde_json::from_slice::<Catalog>(&bytes) {
                Ok(catalog) => take_catalog(&mut readings, &mut clock, catalog),
                Err(error) => notices.error(
                    format!("the hub's catalogue cannot be read: {error}"),
                    "update the hub or the viewer",
                ),
            },
            (Ask::Health, Ok(bytes)) => state.health = serde_json::from_slice(&bytes).ok(),
            (Ask::Window { layer }, result) => {
                let Some(kept) = readings.layers.get_mut(layer) else {
                    continue;
                };
                kept.asked = false;
                let window = result.map_err(|error| error.to_string()).and_then(|bytes| {
                    Window::decode(&bytes, MAX_WINDOW_ROWS).map_err(|e| e.to_string())
                });
                match window {
                    Ok(window) => {
                        kept.history.add_window(&window);
                        kept.dirty = true;
                    }
                    Err(error) => {
                        kept.failed_until_ms = monotonic_ms() + 5_000.0;
                        notices.warn(
                            format!("readings of layer {layer} could not be fetched: {error}"),
                            "trying again in 5 s",
                        );
                    }
                }
            }
            (
                Ask::Series {
                    datastream,
                    until_ns,
                },
                result,
            ) => {
                if series.of != Some((datastream, until_ns)) {
                    continue;
                }
                series.loading = false;
                series.window = result
                    .ok()
                    .and_then(|bytes| Window::decode(&bytes, MAX_WINDOW_ROWS).ok());
            }
            (Ask::Catalog, Err(error)) => {
                io.catalog_asked = false;
                io.retry_ms = io.retry_ms.max(monotonic_ms() + 2_000.0);
                notices.warn(
                    format!("the hub does not answer: {error}"),
                    "trying again; the city is shown without readings",
                );
            }
            (Ask::Health, Err(_)) => state.health = None,
        }
    }
    let events = io.socket.as_mut().map(Socket::poll).unwrap_or_default();
    for event in events {
        match event {
            SocketEvent::Open => {
                io.retries = 0;
                state.connected = true;
            }
            SocketEvent::Closed(reason) => {
                io.socket = None;
                io.retries += 1;
                let wait_s = f64::from(1u32 << io.retries.min(5));
                io.retry_ms = monotonic_ms() + wait_s * 1e3;
                if state.connected {
                    notices.warn(
                        format!("the live connection to the hub ended: {reason}"),
                        "connecting again by itself",
                    );
                }
                state.connected = false;
            }
            SocketEvent::Binary(bytes) => match Live::decode(&bytes) {
                Ok(live) => {
                    state.last_message_ms = monotonic_ms();
                    take_live(io, &mut readings, live);
                }
                Err(error) => notices.warn(
                    format!("a live message of the hub cannot be read: {error}"),
                    "it is left out",
                ),
            },
        }
    }
}

fn take_catalog(readings: &mut Readings, clock: &mut SimClock, catalog: Catalog) {
    clock.no_forecast.clone_from(&catalog.no_forecast);
    let forecast_end = (catalog.forecast_s > 0)
        .then(|| SimInstant(catalog.now_ns + i64::from(catalog.forecast_s) * NS_PER_S));
    clock.set_bounds(ClockBounds {
        history_start: Some(SimInstant(catalog.history_start_ns)),
        forecast_end,
    });
    readings
        .layers
        .resize_with(catalog.layers.len(), LayerState::default);
    for layer in &mut readings.layers {
        layer.dirty = true;
    }
    readings.catalog = Some(catalog);
}

fn take_live(io: &mut HubIo, readings: &mut Readings, live: Live) {
    let known = readings.catalog.as_ref().map(|catalog| catalog.revision);
    match live {
        Live::Hello {
            catalog_revision, ..
        } if known.is_some_and(|r| r != catalog_revision) => io.catalog_asked = false,
        Live::CatalogChanged { revision } if known != Some(revision) => io.catalog_asked = false,
        Live::Readings {
            now_ns,
            readings: new,
        } => {
            let Some(catalog) = &readings.catalog else {
                return;
            };
            for reading in &new {
                let Some(stream) = catalog.datastream(reading.datastream) else {
                    continue;
                };
                if let Some(layer) = readings.layers.get_mut(stream.layer as usize) {
                    layer.history.add_reading(reading);
                    layer.dirty = true;
                }
            }
            for layer in &mut readings.layers {
                layer.history.extend_to(now_ns);
            }
        }
        Live::Beat { now_ns } => {
            for layer in &mut readings.layers {
                layer.history.extend_to(now_ns);
            }
        }
        // What was missed is fetched like any other gap.
        Live::Lagged { .. } => {
            for layer in &mut readings.layers {
                layer.history = LayerHistory::default();
            }
        }
        Live::Hello { .. } | Live::CatalogChanged { .. } => {}
    }
}

pub(super) fn request(
    mut io: NonSendMut<HubIo>,
    address: Res<HubAddress>,
    mut readings: ResMut<Readings>,
    mut series: ResMut<SeriesState>,
    mut state: ResMut<HubState>,
    mut looks: ResMut<LayerLooks>,
    clock: Res<SimClock>,
    selection: Res<Selection>,
) {
    let io = &mut *io;
    if io.address != address.0 {
        io.address.clone_from(&address.0);
        io.socket = None;
        io.catalog_asked = false;
        io.retry_ms = 0.0;
        *readings = Readings::default();
        *state = HubState::default();
    }
    let Some(hub) = io.address.clone() else {
        return;
    };
    let now_ms = monotonic_ms();
    if now_ms >= io.retry_ms {
        if !io.catalog_asked {
            io.catalog_asked = true;
            io.ask("/api/catalog", Ask::Catalog);
        }
        if io.socket.is_none() && !clock.frozen {
            let url = hub.replacen("http", "ws", 1) + "/api/live";
            io.socket = Some(Socket::connect(&url));
        }
    }
    if now_ms >= io.health_ms && !clock.frozen {
        io.health_ms = now_ms + 5_000.0;
        io.ask("/api/health", Ask::Health);
    }
    ask_windows(io, &mut readings, &mut looks, &clock, now_ms);
    ask_series(io, &mut series, &clock, &selection);
}

fn ask_windows(
    io: &mut HubIo,
    readings: &mut Readings,
    looks: &mut LayerLooks,
    clock: &SimClock,
    now_ms: f64,
) {
    let clock_state = clock.state();
    if clock_state.jumps != io.jumps {
        io.jumps = clock_state.jumps;
        for layer in &mut readings.layers {
            layer.dirty = true;
        }
    }
    let Readings {
        catalog: Some(catalog),
        layers,
    } = readings
    else {
        return;
    };
    let now_ns = clock.now().0;
    for (index, (layer, kept)) in catalog.layers.iter().zip(layers.iter_mut()).enumerate() {
        if kept.asked || now_ms < kept.failed_until_ms || !looks.of(&layer.id).visible {
            continue;
        }
        let margin_ns = (layer.cadence_s * 4.0) as i64 * NS_PER_S + MARGIN_S * NS_PER_S;
        // What is played ahead of the clock: two seconds of wall time, and half as much again when asked.
        let ahead_ns = match clock_state.mode {
            ClockMode::Live => 0,
            _ => i64::from(clock_state.rate) * 2 * NS_PER_S,
        };
        let covered = kept.history.covered().is_some_and(|(from, to)| {
            let until = (now_ns + ahead_ns).min(clock_state.live_edge.0 - 5 * NS_PER_S);
            from <= now_ns && (to >= until || clock_state.mode == ClockMode::Live)
        });
        let has_forecast =
            clock_state.mode != ClockMode::Forecast || kept.history.covered().is_some();
        if covered && has_forecast {
            continue;
        }
        let from = now_ns - margin_ns;
        let to = now_ns + ahead_ns * 4 + margin_ns;
        kept.asked = true;
        io.ask(
            &format!("/api/window?layer={}&from={from}&to={to}", layer.id),
            Ask::Window { layer: index },
        );
    }
    let bytes: usize = layers.iter().map(|layer| layer.history.byte_size()).sum();
    if bytes > MAX_HISTORY_BYTES {
        for layer in layers {
            layer
                .history
                .forget_before(now_ns - 2 * MARGIN_S * NS_PER_S);
        }
    }
}

fn ask_series(io: &mut HubIo, series: &mut SeriesState, clock: &SimClock, selection: &Selection) {
    let Selection::Sensor(datastream) = *selection else {
        if series.of.is_some() {
            *series = SeriesState::default();
        }
        return;
    };
    // A new window every minute of the clock, not every frame.
    let until_ns = clock.now().0.div_euclid(60 * NS_PER_S) * 60 * NS_PER_S + 60 * NS_PER_S;
    let wanted = Some((datastream, until_ns));
    if series.of == wanted || (series.loading && series.of.is_some_and(|(id, _)| id == datastream))
    {
        return;
    }
    if series.of.is_none_or(|(id, _)| id != datastream) {
        series.window = None;
    }
    series.of = wanted;
    series.loading = true;
    let from_ns = until_ns - 24 * 3600 * NS_PER_S;
    io.ask(
        &format!("/api/series?datastream={datastream}&from={from_ns}&to={until_ns}"),
        Ask::Series {
            datastream,
            until_ns,
        },
    );
}
