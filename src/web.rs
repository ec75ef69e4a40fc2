//! The browser's entry: parameters of the page in, the app, a status out for the page and its tests.

use std::cell::RefCell;

use bevy::app::{App, First, Last};
use bevy::ecs::prelude::*;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::app::{AdapterName, Stage, build};
use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::framing::{pose_of, view_from_pose};
use crate::overlays::{HubState, LayerLooks, Readings};
use crate::panels::{Commands, PanelFocus, State};
use crate::picking::Selection;
use crate::platform::{page_origin, page_parameters};
use crate::render::{CityView, RenderQuality};
use crate::startup::Startup;
use crate::tiles::{TileSettings, TileTotals, TileWork};
use crate::ui::UiCommand;

mod keys;
mod text;

thread_local! {
    static POSE: RefCell<Option<city_geo::Camera>> = const { RefCell::new(None) };
    static STATUS: RefCell<String> = const { RefCell::new(String::new()) };
    static DROPPED: RefCell<Vec<UiCommand>> = const { RefCell::new(Vec::new()) };
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
    /// Nothing more to load for this view.
    complete: bool,
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
    /// The longest that tiles kept the page busy in one go.
    tile_work_longest_ms: f64,
    /// Of the longest frame: receiving, spawning, selecting, placing, uploading; then the longest answer.
    tile_work_parts_ms: [f64; 6],
    tile_budget_bytes: u64,
    /// The pose as a link carries it.
    camera: String,
    /// The text in the search field.
    search: &'a str,
    /// A text field has the focus.
    typing: bool,
    layers_shown: Vec<&'a str>,
    /// Features of all GeoJSON layers.
    vector_features: usize,
    /// The open scenario, and what it does differently from the city as it stands.
    scenario: &'a str,
    differences: usize,
    /// Scenarios can be changed here.
    scenario_editable: bool,
    /// Files of models that the picture is still without.
    models_under_way: usize,
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
    app.add_plugins(text::WebTextPlugin)
        .add_systems(First, (open_dropped, look))
        .add_systems(Last, (report, crate::links::keep_address));
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
    tiles: (Res<TileWork>, Res<TileSettings>),
    panels: (Res<State>, Res<PanelFocus>),
    views: Query<&CityView>,
    frame: Res<SceneFrame>,
    looks: Res<LayerLooks>,
    vectors: Query<&crate::geojson::VectorLayer>,
    (notices, desk): (Res<crate::notices::Notices>, Res<crate::scenario::Desk>),
) {
    *frames += 1;
    let status = Status {
        ready: *frames > 2,
        frames: *frames,
        tiles_loaded: totals.contents_ready,
        tiles_shown: totals.shown,
        tiles_failed: totals.failed,
        in_flight: totals.in_flight,
        complete: totals.complete,
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
        tile_work_longest_ms: tiles.0.longest_ms(),
        tile_work_parts_ms: {
            let [receive, spawn, select, place, upload] = tiles.0.longest_parts_ms;
            let message = crate::platform::longest_message_ms();
            [receive, spawn, select, place, upload, message]
        },
        tile_budget_bytes: tiles.1.byte_budget,
        camera: views
            .iter()
            .next()
            .map(|view| pose_of(view, &frame).to_string())
            .unwrap_or_default(),
        search: panels.0.0.search_text(),
        typing: panels.1.typing(),
        layers_shown: looks
            .0
            .iter()
            .filter(|look| look.visible)
            .map(|look| look.id.as_str())
            .collect(),
        vector_features: vectors.iter().map(|layer| layer.count).sum(),
        scenario: desk
            .editor
            .as_ref()
            .map_or("", |editor| &editor.scenario().id),
        differences: desk.differences().len(),
        scenario_editable: desk.can_edit,
        models_under_way: desk.models_under_way,
        notice: notices.list().last().map_or("", |notice| &notice.text),
    };
    if let Ok(text) = serde_json::to_string(&status) {
        STATUS.with_borrow_mut(|slot| *slot = text);
    }
}

/// Opens what was dropped on the page: a `tileset`, a `scene` or a `geojson`.
#[wasm_bindgen]
pub fn belvedere_open(kind: &str, address: String) {
    let command = match kind {
        "scene" => UiCommand::OpenScene(address),
        "geojson" => UiCommand::OpenGeoJson(address),
        _ => UiCommand::OpenTileset(address),
    };
    DROPPED.with_borrow_mut(|dropped| dropped.push(command));
}

fn open_dropped(mut commands: ResMut<Commands>) {
    DROPPED.with_borrow_mut(|dropped| commands.0.append(dropped));
}

/// Places the camera before the next frame: `LON,LAT,HEIGHT,HEADING,PITCH`, as a link has it.
///
/// # Errors
/// A pose that is not written like that.
#[wasm_bindgen]
pub fn belvedere_look(pose: &str) -> Result<(), JsValue> {
    let pose = pose
        .parse()
        .map_err(|error| JsValue::from_str(&format!("{pose}: {error}")))?;
    POSE.with_borrow_mut(|wish| *wish = Some(pose));
    Ok(())
}

fn look(mut views: Query<&mut CityView>, frame: Res<SceneFrame>) {
    let Some(pose) = POSE.with_borrow_mut(Option::take) else {
        return;
    };
    for mut view in &mut views {
        *view = CityView {
            above_ground_m: view.above_ground_m,
            ..view_from_pose(&pose, &frame)
        };
    }
}

/// The status as JSON.
#[wasm_bindgen]
#[must_use]
pub fn belvedere_status() -> String {
    STATUS.with_borrow(Clone::clone)
}
