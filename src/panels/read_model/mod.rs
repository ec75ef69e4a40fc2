//! The panels' read model, filled from the plugins once a frame.

mod clip;
mod clock;
mod health;
mod inspector;
mod layers;
mod operations;
mod plan;
mod several;

use std::collections::VecDeque;

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use bevy::window::Window;

use super::alarms::Alarms;
use super::undo::History;
use super::{Model, State};
use crate::app::AdapterName;
use crate::clipping::Clipping;
use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::geojson::{VectorLayer, VectorTotals};
use crate::host::HostWork;
use crate::joining::{Joined, ReadingJoins, TableLayer};
use crate::measure::Measure;
use crate::notices::Notices;
use crate::overlays::{HubAddress, HubState, LayerLooks, ReadingDensity, Readings, SeriesState};
use crate::picking::region::RegionTool;
use crate::picking::{AlsoSelected, Selection};
use crate::platform::{IS_WEB, monotonic_ms, wall_clock_ns};
use crate::render::{CityMesh, CityView, RenderQuality};
use crate::scenario::Desk;
use crate::scene::{SceneInfo, SceneList};
use crate::search::Searcher;
use crate::styling::{Known, TilesetStyle};
use crate::terrain::GroundLayers;
use crate::tiles::{TileDebug, TileLayer, TileOf, TileSettings, TileTotals};
use crate::ui::model as ui;

/// Frame times of the last seconds.
#[derive(Resource, Default)]
pub(super) struct Frames {
    times_ms: VecDeque<f32>,
    last_ms: f64,
}

/// Frames kept for the health panel.
const KEPT_FRAMES: usize = 240;

#[derive(SystemParam)]
pub(super) struct Sources<'w, 's> {
    clock: Res<'w, SimClock>,
    frame: Res<'w, SceneFrame>,
    scene: Res<'w, SceneInfo>,
    totals: Res<'w, TileTotals>,
    settings: Res<'w, TileSettings>,
    debug: Res<'w, TileDebug>,
    adapter: Res<'w, AdapterName>,
    quality: Res<'w, RenderQuality>,
    notices: Res<'w, Notices>,
    address: Res<'w, HubAddress>,
    hub: Res<'w, HubState>,
    readings: Res<'w, Readings>,
    series: Res<'w, SeriesState>,
    density: Res<'w, ReadingDensity>,
    scenes: Res<'w, SceneList>,
    work: Res<'w, HostWork>,
    history: Res<'w, History>,
    selection: Res<'w, Selection>,
    also: Res<'w, AlsoSelected>,
    search: Res<'w, Searcher>,
    measure: Res<'w, Measure>,
    clipping: Res<'w, Clipping>,
    several: Res<'w, super::several::Totals>,
    marks: Res<'w, crate::marking::Marks>,
    region: Res<'w, RegionTool>,
    views: Query<'w, 's, &'static CityView>,
    windows: Query<'w, 's, &'static Window>,
    layers: Query<
        'w,
        's,
        (
            &'static TileLayer,
            Option<&'static TilesetStyle>,
            Option<&'static Known>,
        ),
    >,
    vectors: Query<'w, 's, &'static VectorLayer>,
    vector_totals: Res<'w, VectorTotals>,
    tables: Query<'w, 's, &'static TableLayer>,
    joins: Res<'w, ReadingJoins>,
    ground: Res<'w, GroundLayers>,
    meshes: Query<
        'w,
        's,
        (
            &'static CityMesh,
            Option<&'static TileOf>,
            Option<&'static Joined>,
        ),
    >,
}

pub(super) fn fill(
    mut model: ResMut<Model>,
    mut looks: ResMut<LayerLooks>,
    mut frames: ResMut<Frames>,
    mut alarms: ResMut<Alarms>,
    mut zone: Local<ui::Zone>,
    mut kept: Local<inspector::Kept>,
    mut rates: Local<health::Rates>,
    state: Res<State>,
    mut desk: ResMut<Desk>,
    from: Sources,
) {
    let now_ms = monotonic_ms();
    let passed = now_ms - std::mem::replace(&mut frames.last_ms, now_ms);
    frames.times_ms.push_back(passed as f32);
    while frames.times_ms.len() > KEPT_FRAMES {
        frames.times_ms.pop_front();
    }
    let model = &mut model.0;
    let language = state.0.settings.language.tag();
    model.scene = from.scene.model(language, &from.scenes);
    let has_sensors = from
        .readings
        .catalog
        .as_ref()
        .is_some_and(|catalog| !catalog.layers.is_empty());
    model.scene.has_content |= !from.layers.is_empty() || !from.vectors.is_empty() || has_sensors;
    clock::refresh_zone(&mut zone, &from.clock);
    model.clock = clock::clock(&from, &zone);
    model.layers = layers::layers(&from, &mut looks, language);
    model.inspector = inspector::inspector(&from, &looks, &desk, language, &mut kept);
    model.selected = inspector::selected(&from, &model.inspector, language);
    model.health = health::health(&from, &frames, &mut rates);
    let store_error = from
        .hub
        .health
        .as_ref()
        .and_then(|health| health.get("store_error")?.as_str());
    alarms.update(
        model.health.hub.as_ref(),
        &model.health.feeds,
        store_error,
        now_ms,
        wall_clock_ns(),
    );
    model.alarms = alarms.model(&state.0.messages());
    model.debug = ui::DebugModel {
        freeze: from.debug.freeze,
        volumes: from.debug.volumes,
        color_by_level: from.debug.color_by_level,
        triangles: from.totals.triangles,
        features: from.totals.features,
        levels: from
            .totals
            .levels
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(level, count)| ui::LevelCount {
                level: level as u32,
                count: *count,
                color: TileDebug::level_color(level as u32),
            })
            .collect(),
    };
    model.abilities = ui::Abilities {
        hide_features: true,
        undo: true,
        screenshot: !IS_WEB,
        fullscreen: !IS_WEB,
        can_undo: from.history.can_undo()
            || desk.editor.as_ref().is_some_and(|editor| editor.can_undo()),
        can_redo: from.history.can_redo()
            || desk.editor.as_ref().is_some_and(|editor| editor.can_redo()),
    };
    model.camera = camera(&from, state.0.ui_scale());
    model.credits = from
        .totals
        .credits
        .iter()
        .chain(&from.vector_totals.credits)
        .map(|text| ui::Credit {
            text: text.clone(),
            url: String::new(),
        })
        .collect();
    model.messages = from
        .notices
        .list()
        .iter()
        .map(|notice| ui::Message {
            id: notice.id,
            severity: notice.severity,
            text: notice.text.clone(),
            advice: notice.advice.clone(),
            time_ns: notice.raised_ns,
            shown_s: if notice.closed {
                f32::INFINITY
            } else {
                ((now_ms - notice.raised_ms) * 1e-3) as f32
            },
            count: notice.count,
        })
        .collect();
    model.measure = measure(&from, state.0.ui_scale());
    clip::fill(&mut model.clip, &from);
    several::fill(model, &from, state.0.ui_scale());
    model.plan = plan::plan(desk.bypass_change_detection(), &from.clock.zone);
    model.search = from.search.model();
    model.progress.clone_from(&from.work.0);
}

fn measure(from: &Sources, ui_scale: f32) -> ui::MeasureModel {
    let measure = &from.measure;
    let mut labels = Vec::new();
    if let (Some(view), Some(window)) = (from.views.iter().next(), from.windows.iter().next()) {
        let size_px = [f64::from(window.width()), f64::from(window.height())];
        for (at, length_m) in measure.parts() {
            if let Some(at_px) = view.pixel_of(at, size_px) {
                let at_px = at_px.map(|px| px as f32 / ui_scale);
                labels.push(ui::MapLabel { at_px, length_m });
            }
        }
    }
    ui::MeasureModel {
        tool: measure.tool,
        points: measure.points.len(),
        is_done: measure.is_done,
        results: measure.results(),
        labels,
    }
}

fn camera(from: &Sources, ui_scale: f32) -> ui::CameraModel {
    let Some(view) = from.views.iter().next() else {
        return ui::CameraModel::default();
    };
    let geodetic = from.frame.geodetic(view.position).unwrap_or_default();
    let height_px = from
        .windows
        .iter()
        .next()
        .map_or(720.0, |window| f64::from(window.height()))
        / f64::from(ui_scale);
    let down = -view.forward.z;
    let distance_m = if down > 0.02 {
        view.above_ground_m / down
    } else {
        0.0
    };
    ui::CameraModel {
        lon_deg: geodetic.lon_deg(),
        lat_deg: geodetic.lat_deg(),
        height_m: geodetic.height_m,
        heading_rad: view.forward.x.atan2(view.forward.y),
        pitch_rad: view.forward.z.asin(),
        metres_per_px: distance_m * 2.0 * (view.fov_y_rad * 0.5).tan() / height_px.max(1.0),
    }
}
