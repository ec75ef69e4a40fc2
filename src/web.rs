//! The browser's entry: parameters of the page in, the app, a status out for the page and its tests.

use std::cell::RefCell;

use bevy::app::{App, Last};
use bevy::ecs::prelude::*;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::app::{AdapterName, Stage, build};
use crate::clock::SimClock;
use crate::overlays::{HubState, Readings};
use crate::picking::Selection;
use crate::platform::{page_origin, page_parameters};
use crate::render::RenderQuality;
use crate::startup::Startup;
use crate::tiles::TileTotals;

thread_local! {
    static STATUS: RefCell<String> = const { RefCell::new(String::new()) };
}

/// What the page and its tests may ask.
#[derive(Serialize, Default)]
struct Status<'a> {
    ready: bool,
    frames: u64,
    tiles_loaded: u64,
    tiles_shown: usize,
    tiles_failed: usize,
    in_flight: usize,
    triangles: u64,
    tile_bytes: u64,
    api: &'a str,
    adapter: &'a str,
    full: bool,
    hub_connected: bool,
    sensors: usize,
    clock_ns: i64,
    first_shown_ms: Option<f64>,
    completed_ms: Option<f64>,
    selection: String,
    /// Features of all GeoJSON layers.
    vector_features: usize,
    /// The last message to the user.
    notice: &'a str,
}

/// Starts the app. Called by the loader when the module is there.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&format!("Belvedere stopped: {info}").into());
    }));
    let mut startup = Startup::from_parameters(&page_parameters());
    if startup.hub.is_none() {
        startup.hub = page_origin();
    }
    let mut app: App = build(Stage::Window, startup.quality);
    startup.apply(&mut app);
    app.add_systems(Last, report);
    app.run();
}

fn report(
    mut frames: Local<u64>,
    totals: Res<TileTotals>,
    adapter: Res<AdapterName>,
    quality: Res<RenderQuality>,
    hub: Res<HubState>,
    readings: Res<Readings>,
    clock: Res<SimClock>,
    selection: Res<Selection>,
    vectors: Query<&crate::geojson::VectorLayer>,
    notices: Res<crate::notices::Notices>,
) {
    *frames += 1;
    let status = Status {
        ready: *frames > 2,
        frames: *frames,
        tiles_loaded: totals.contents_ready,
        tiles_shown: totals.shown,
        tiles_failed: totals.failed,
        in_flight: totals.in_flight,
        triangles: totals.triangles,
        tile_bytes: totals.bytes,
        api: if cfg!(feature = "webgpu") {
            "webgpu"
        } else {
            "webgl2"
        },
        adapter: &adapter.0,
        full: quality.full,
        hub_connected: hub.connected,
        sensors: readings
            .catalog
            .as_ref()
            .map_or(0, |catalog| catalog.datastreams.len()),
        clock_ns: clock.now().0,
        first_shown_ms: totals.first_shown_ms,
        completed_ms: totals.completed_ms,
        selection: format!("{:?}", *selection),
        vector_features: vectors.iter().map(|layer| layer.count).sum(),
        notice: notices.list().last().map_or("", |notice| &notice.text),
    };
    if let Ok(text) = serde_json::to_string(&status) {
        STATUS.with_borrow_mut(|slot| *slot = text);
    }
}

/// The status as JSON.
#[wasm_bindgen]
#[must_use]
pub fn belvedere_status() -> String {
    STATUS.with_borrow(Clone::clone)
}
