//! The viewer's side of the hub: catalogue, windows of history, the live socket, one sensor's series.

use std::collections::BTreeSet;
use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_sensors::catalog::Catalog;
use city_sensors::history::LayerHistory;
use city_sensors::wire::{Live, Window};
use city_sensors::{Datastream, Layer, Sample};
use city_time::{ClockBounds, ClockMode, ClockState, NS_PER_S};

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
    /// How often readings changed: for those who look at them besides the markers.
    pub changes: u64,
    /// A window is on its way.
    pub(super) asked: bool,
    pub(super) entity: Option<Entity>,
    pub(super) generation: u64,
    /// Instances have to be made anew when the clock reaches this.
    pub(super) next_change_ns: i64,
    pub(super) made_for_ns: i64,
    /// Where its sensors stand, and the generation of the scene's frame that this holds for.
    pub(super) places: Option<(u32, Arc<[[f32; 3]]>)>,
    /// Counts at the clock's time: good, stale, suspect, failed, missing.
    pub counts: [usize; 5],
    /// Newest phenomenon time at or before the clock.
    pub newest_ns: Option<i64>,
    failed_until_ms: f64,
    /// A forecast is not asked for before this.
    forecast_due_ms: f64,
    /// The present is not asked for before this.
    poll_due_ms: f64,
}

impl LayerState {
    fn touch(&mut self) {
        self.dirty = true;
        self.changes += 1;
    }
}

/// Catalogue and readings.
#[derive(Resource, Default)]
pub struct Readings {
    /// What the hub has.
    pub catalog: Option<Catalog>,
    /// By the catalogue's layer index.
    pub layers: Vec<LayerState>,
    /// Layers that are wanted though they may not be shown, by their identifiers: features take their readings.
    pub joined: BTreeSet<String>,
}

impl Readings {
    /// Whether the readings of every layer that is shown or joined are here: pictures wait for this.
    #[must_use]
    pub fn complete(&self, looks: &LayerLooks) -> bool {
        let shown = |id: &str| looks.0.iter().any(|look| look.visible && look.id == id);
        self.catalog.as_ref().is_some_and(|catalog| {
            let mut all = catalog.layers.iter().zip(&self.layers);
            all.all(|(layer, state)| {
                let is_shown = shown(&layer.id);
                !(is_shown || self.joined.contains(&layer.id))
                    || !(state.asked || is_shown && state.dirty)
                        && state.history.covered().is_some()
            })
        })
    }

    /// A datastream with its layer, and what it holds at the clock's time; none where the hub has no such one.
    #[must_use]
    pub fn held(&self, id: u32, clock: &SimClock) -> Option<(&Datastream, &Layer, Option<Sample>)> {
        let catalog = self.catalog.as_ref()?;
        let stream = catalog.datastream(id)?;
        let layer = catalog.layer_of(stream)?;
        let state = self.layers.get(stream.layer as usize)?;
        let (now_ns, edge_ns) = (clock.now().0, clock.state().live_edge.0);
        let held = state
            .history
            .segment(id, layer.interpolation, layer.cadence_s, now_ns, edge_ns)
            .map(|segment| segment.at(now_ns));
        Some((stream, layer, held))
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
    Window { layer: usize, forecast: bool },
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
    /// The hub's clock since when the socket carries every new reading.
    live_since_ns: Option<i64>,
    /// Why the socket closed, until it is open again or that was told.
    lost: Option<String>,
    skew_told: bool,
}

/// No window holds more readings than this.
const MAX_WINDOW_ROWS: usize = 4_000_000;
/// History asked for on each side of the clock, beside some cadences.
const MARGIN_S: i64 = 900;
/// While live readings do not come, the present is asked for this often.
const POLL_S: i64 = 5;
/// And not more often than this, however the clocks differ.
const POLL_EVERY_MS: f64 = 2_000.0;
/// A forecast older than this is asked for anew while it is shown.
const FORECAST_AGE_S: i64 = 300;
/// A forecast is asked for at most this often.
const FORECAST_EVERY_MS: f64 = 60_000.0;
/// A hub's clock that differs by more than this from ours is told.
const MAX_SKEW_S: i64 = 5;
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
            live_since_ns: None,
            lost: None,
            skew_told: false,
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
            (Ask::Window { layer, forecast }, result) => {
                let Some(kept) = readings.layers.get_mut(layer) else {
                    continue;
                };
                kept.asked = false;
                let window = result.map_err(|error| error.to_string()).and_then(|bytes| {
                    Window::decode(&bytes, MAX_WINDOW_ROWS).map_err(|e| e.to_string())
                });
                match window {
                    Ok(window) => {
                        kept.history.add_window(&window, io.live_since_ns);
                        let now_ms = monotonic_ms();
                        kept.forecast_due_ms = if forecast {
                            now_ms + FORECAST_EVERY_MS
                        } else {
                            0.0
                        };
                        kept.poll_due_ms = if clock.state().mode == ClockMode::Live {
                            now_ms + POLL_EVERY_MS
                        } else {
                            0.0
                        };
                        kept.touch();
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
                io.lost = None;
                state.connected = true;
            }
            SocketEvent::Closed(reason) => {
                io.socket = None;
                lose_touch(io, &mut readings);
                io.retries += 1;
                let wait_s = f64::from(1u32 << io.retries.min(5));
                io.retry_ms = monotonic_ms() + wait_s * 1e3;
                if state.connected {
                    io.lost = Some(reason);
                } else if let Some(reason) = io.lost.take() {
                    // Told when it does not come back at once: a hub that is changed with the scene is no news.
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
                    if let Live::Hello { now_ns, .. } = live {
                        tell_skew(io, &clock, now_ns, &mut notices);
                    }
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

/// Times on screen are ours, readings carry the hub's.
fn tell_skew(io: &mut HubIo, clock: &SimClock, hub_now_ns: i64, notices: &mut Notices) {
    let ahead_s = (hub_now_ns - clock.state().live_edge.0) / NS_PER_S;
    if !clock.frozen && ahead_s.abs() > MAX_SKEW_S && !io.skew_told {
        io.skew_told = true;
        let direction = if ahead_s > 0 { "ahead of" } else { "behind" };
        notices.warn(
            format!(
                "the hub's clock is {} s {direction} this machine's",
                ahead_s.abs()
            ),
            "ages of readings are off by that: set both clocks by the network",
        );
    }
}

fn take_catalog(readings: &mut Readings, clock: &mut SimClock, catalog: Catalog) {
    clock.no_forecast.clone_from(&catalog.no_forecast);
    readings
        .layers
        .resize_with(catalog.layers.len(), LayerState::default);
    for layer in &mut readings.layers {
        layer.touch();
        layer.places = None;
        // Readings of sensors that were not known yet have been left out.
        layer.history.lose_touch();
        layer.poll_due_ms = 0.0;
    }
    readings.catalog = Some(catalog);
}

/// Live readings may have been missed: what follows is joined to windows answered after the next message.
fn lose_touch(io: &mut HubIo, readings: &mut Readings) {
    io.live_since_ns = None;
    for layer in &mut readings.layers {
        layer.history.lose_touch();
    }
}

fn take_live(io: &mut HubIo, readings: &mut Readings, live: Live) {
    let known = readings.catalog.as_ref().map(|catalog| catalog.revision);
    if let Live::Hello { now_ns, .. } | Live::Readings { now_ns, .. } | Live::Beat { now_ns } = live
    {
        io.live_since_ns.get_or_insert(now_ns);
    }
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
                    layer.history.add_reading(now_ns, reading);
                    layer.touch();
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
        Live::Lagged { .. } => lose_touch(io, readings),
        Live::Hello { .. } | Live::CatalogChanged { .. } => {}
    }
}

/// How far the clock may go. The forecast moves on with the present.
fn set_bounds(clock: &mut SimClock, catalog: Option<&Catalog>) {
    let bounds = catalog.map_or_else(ClockBounds::default, |catalog| {
        let edge = clock.state().live_edge;
        let forecast_end = (catalog.forecast_s > 0)
            .then(|| edge.plus_ns(i64::from(catalog.forecast_s) * NS_PER_S));
        ClockBounds {
            history_start: Some(city_time::SimInstant(catalog.history_start_ns)),
            forecast_end,
        }
    });
    clock.set_bounds(bounds);
}

pub(super) fn request(
    mut io: NonSendMut<HubIo>,
    address: Res<HubAddress>,
    mut readings: ResMut<Readings>,
    mut series: ResMut<SeriesState>,
    mut state: ResMut<HubState>,
    mut looks: ResMut<LayerLooks>,
    mut clock: ResMut<SimClock>,
    selection: Res<Selection>,
) {
    let io = &mut *io;
    if io.address != address.0 {
        io.address.clone_from(&address.0);
        io.socket = None;
        io.catalog_asked = false;
        io.retry_ms = 0.0;
        io.live_since_ns = None;
        io.lost = None;
        io.asked.clear();
        *readings = Readings::default();
        *state = HubState::default();
    }
    set_bounds(&mut clock, readings.catalog.as_ref());
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
            layer.touch();
        }
    }
    let Readings {
        catalog: Some(catalog),
        layers,
        joined,
    } = readings
    else {
        return;
    };
    let now_ns = clock.now().0;
    for (index, (layer, kept)) in catalog.layers.iter().zip(layers.iter_mut()).enumerate() {
        let is_wanted = looks.of(&layer.id).visible || joined.contains(&layer.id);
        if kept.asked || now_ms < kept.failed_until_ms || !is_wanted {
            continue;
        }
        let heard = io.live_since_ns.is_some();
        let Some(wanted) = wanted(&kept.history, layer.cadence_s, clock_state, heard) else {
            continue;
        };
        let due_ms = match clock_state.mode {
            ClockMode::Live => kept.poll_due_ms,
            ClockMode::Replay => 0.0,
            ClockMode::Forecast => kept.forecast_due_ms,
        };
        if now_ms < due_ms {
            continue;
        }
        kept.asked = true;
        let Wanted {
            from_ns,
            to_ns,
            forecast,
        } = wanted;
        io.ask(
            &format!(
                "/api/window?layer={}&from={from_ns}&to={to_ns}&forecast={forecast}",
                layer.id
            ),
            Ask::Window {
                layer: index,
                forecast,
            },
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

/// A window to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    from_ns: i64,
    to_ns: i64,
    forecast: bool,
}

/// The window that a layer lacks for what the clock shows now and soon; `None` where all is here. `heard` says that
/// live readings come: the present is then to be carried on by them, and otherwise asked for now and then.
fn wanted(
    history: &LayerHistory,
    cadence_s: f64,
    clock: &ClockState,
    heard: bool,
) -> Option<Wanted> {
    let (now_ns, edge_ns) = (clock.now.0, clock.live_edge.0);
    let margin_ns = (cadence_s * 4.0) as i64 * NS_PER_S + MARGIN_S * NS_PER_S;
    // What is played ahead of the clock: two seconds of wall time, and four times as much when asked.
    let ahead_ns = i64::from(clock.rate) * 2 * NS_PER_S;
    let covers = |from_ns: i64, to_ns: i64| {
        let covered = history.covered();
        covered.is_some_and(|(from, to)| from <= from_ns && to >= to_ns)
    };
    match clock.mode {
        ClockMode::Live => {
            let carried_on = history.in_touch() && covers(now_ns, i64::MIN);
            let recent = !heard && covers(now_ns, now_ns - POLL_S * NS_PER_S);
            (!carried_on && !recent).then_some(Wanted {
                from_ns: now_ns - margin_ns,
                to_ns: now_ns + margin_ns,
                forecast: false,
            })
        }
        ClockMode::Replay => {
            let until_ns = (now_ns + ahead_ns).min(edge_ns - POLL_S * NS_PER_S);
            (!covers(now_ns, until_ns)).then_some(Wanted {
                from_ns: now_ns - margin_ns,
                to_ns: now_ns + ahead_ns * 4 + margin_ns,
                forecast: false,
            })
        }
        // The whole of it at once; the readings that it starts from come with it.
        ClockMode::Forecast => {
            let due = history.forecast().is_none_or(|forecast| {
                forecast.until_ns < now_ns
                    || edge_ns - forecast.issued_ns > FORECAST_AGE_S * NS_PER_S
            });
            due.then(|| {
                let end_ns = clock.bounds.forecast_end.map_or(edge_ns, |end| end.0);
                Wanted {
                    from_ns: edge_ns - margin_ns,
                    to_ns: now_ns.max(end_ns) + margin_ns,
                    forecast: true,
                }
            })
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

#[cfg(test)]
mod tests {
    use super::*;
    use city_time::SimInstant;

    const EDGE: i64 = 10_000_000 * NS_PER_S;

    fn clock(mode: ClockMode, behind_s: i64, rate: u32) -> ClockState {
        ClockState {
            now: SimInstant(EDGE - behind_s * NS_PER_S),
            mode,
            playing: true,
            rate,
            looping: None,
            live_edge: SimInstant(EDGE),
            bounds: ClockBounds {
                history_start: None,
                forecast_end: Some(SimInstant(EDGE + 6 * 3600 * NS_PER_S)),
            },
            jumps: 0,
        }
    }

    fn answered(wanted: Wanted, history: &mut LayerHistory, live_since_ns: Option<i64>) {
        let mut series = city_sensors::wire::Series {
            datastream: 1,
            ..Default::default()
        };
        if wanted.forecast {
            let at = EDGE + NS_PER_S;
            let point = city_sensors::Observation::new(1, at, EDGE, 1.0);
            series.forecast.insert(&point);
        }
        let window = Window {
            layer: "x".into(),
            from_ns: wanted.from_ns,
            to_ns: wanted.to_ns,
            now_ns: EDGE,
            series: vec![series],
        };
        history.add_window(&window, live_since_ns);
    }

    #[test]
    fn live_asks_once_and_again_when_the_socket_was_away() {
        let mut history = LayerHistory::default();
        let live = clock(ClockMode::Live, 0, 1);
        answered(
            wanted(&history, 20.0, &live, true).unwrap(),
            &mut history,
            Some(EDGE),
        );
        let later = ClockState {
            now: SimInstant(EDGE + 60 * NS_PER_S),
            live_edge: SimInstant(EDGE + 60 * NS_PER_S),
            ..live
        };
        assert_eq!(wanted(&history, 20.0, &later, true), None);
        history.lose_touch();
        assert!(wanted(&history, 20.0, &later, true).is_some());
        assert!(wanted(&history, 20.0, &later, false).is_some());
        // Without the socket, what is a few seconds old will do.
        let soon = ClockState {
            now: SimInstant(EDGE + 3 * NS_PER_S),
            ..live
        };
        assert!(wanted(&history, 20.0, &soon, true).is_some());
        assert_eq!(wanted(&history, 20.0, &soon, false), None);
    }

    #[test]
    fn a_replay_at_sixty_times_asks_for_what_comes_while_live_readings_go_on() {
        let mut history = LayerHistory::default();
        let replay = clock(ClockMode::Replay, 3600, 60);
        let first = wanted(&history, 20.0, &replay, true).unwrap();
        answered(first, &mut history, Some(EDGE - 7200 * NS_PER_S));
        assert_eq!(wanted(&history, 20.0, &replay, true), None);
        history.extend_to(EDGE + 10 * NS_PER_S);
        let end = ClockState {
            now: SimInstant(first.to_ns - NS_PER_S),
            ..replay
        };
        let next = wanted(&history, 20.0, &end, true).unwrap();
        assert!(next.from_ns <= first.to_ns && next.to_ns > first.to_ns);
    }

    #[test]
    fn the_forecast_is_asked_for_whole_and_again_when_it_is_old() {
        let mut history = LayerHistory::default();
        answered(
            wanted(&history, 20.0, &clock(ClockMode::Live, 0, 1), true).unwrap(),
            &mut history,
            Some(EDGE),
        );
        let ahead = clock(ClockMode::Forecast, -3 * 3600, 1);
        let whole = wanted(&history, 20.0, &ahead, true).unwrap();
        assert!(whole.forecast && whole.to_ns >= EDGE + 6 * 3600 * NS_PER_S);
        answered(whole, &mut history, Some(EDGE));
        assert_eq!(wanted(&history, 20.0, &ahead, true), None);
        let later = ClockState {
            live_edge: SimInstant(EDGE + 400 * NS_PER_S),
            ..ahead
        };
        assert!(wanted(&history, 20.0, &later, true).is_some());
    }
}
