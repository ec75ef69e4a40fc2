//! The panels' read model, filled from the plugins once a frame.

use std::collections::VecDeque;
use std::sync::Arc;

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use bevy::window::Window;
use city_sensors::{Area, Quality as SensorQuality};
use city_tiles::vector::Meaning;
use city_time::{ClockMode, SimInstant};

use super::alarms::Alarms;
use super::undo::History;
use super::{Model, State};
use crate::app::AdapterName;
use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::geojson::{VectorLayer, VectorTotals};
use crate::host::HostWork;
use crate::notices::Notices;
use crate::overlays::{HubAddress, HubState, LayerLooks, ReadingDensity, Readings, SeriesState};
use crate::picking::{AlsoSelected, Selection};
use crate::platform::{IS_WEB, monotonic_ms, wall_clock_ns};
use crate::render::{CityMesh, CityView, RenderQuality};
use crate::scene::{SceneInfo, SceneList};
use crate::search::Searcher;
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
    views: Query<'w, 's, &'static CityView>,
    windows: Query<'w, 's, &'static Window>,
    layers: Query<'w, 's, &'static TileLayer>,
    vectors: Query<'w, 's, &'static VectorLayer>,
    vector_totals: Res<'w, VectorTotals>,
    meshes: Query<'w, 's, (&'static CityMesh, Option<&'static TileOf>)>,
}

pub(super) fn fill(
    mut model: ResMut<Model>,
    mut looks: ResMut<LayerLooks>,
    mut frames: ResMut<Frames>,
    mut alarms: ResMut<Alarms>,
    mut zone: Local<ui::Zone>,
    mut kept: Local<Kept>,
    mut rates: Local<Rates>,
    state: Res<State>,
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
    model.scene.has_tiles |= !from.layers.is_empty() || !from.vectors.is_empty();
    refresh_zone(&mut zone, &from.clock);
    model.clock = clock(&from, &zone);
    model.layers = layers(&from, &mut looks, language);
    model.inspector = inspector(&from, &looks, &mut kept);
    model.selected = selected(&from, &model.inspector);
    model.health = health(&from, &frames, &mut rates);
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
        hide_features: false,
        undo: true,
        screenshot: !IS_WEB,
        fullscreen: !IS_WEB,
        can_undo: from.history.can_undo(),
        can_redo: from.history.can_redo(),
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
    model.search = from.search.model();
    model.progress.clone_from(&from.work.0);
}

/// Offsets are looked up a year back and a year ahead of the clock, and anew when it has gone half of that.
const ZONE_REACH_NS: i64 = 366 * 86_400 * city_time::NS_PER_S;

/// The panels' zone: the scene's, as a list of offsets by time, so that summer time is right on the timeline.
fn refresh_zone(zone: &mut ui::Zone, clock: &SimClock) {
    let now = clock.now().0;
    let fits = zone.name == clock.zone.name()
        && zone.spans.len() > 1
        && zone
            .spans
            .first()
            .is_some_and(|span| (span.from_ns + ZONE_REACH_NS - now).abs() < ZONE_REACH_NS / 2);
    if !fits {
        *zone = ui::Zone {
            name: clock.zone.name().to_owned(),
            spans: zone_spans(&clock.zone, now),
        };
    }
}

fn zone_spans(zone: &city_time::Zone, around_ns: i64) -> Vec<ui::ZoneSpan> {
    /// No zone changes twice within this.
    const STEP_NS: i64 = 7 * 86_400 * city_time::NS_PER_S;
    let start = around_ns.saturating_sub(ZONE_REACH_NS);
    let end = around_ns.saturating_add(ZONE_REACH_NS);
    let at = |time_ns: i64| {
        let civil = zone.civil(SimInstant(time_ns));
        (civil.offset_s, civil.abbreviation)
    };
    let span = |from_ns: i64, (offset_s, label): (i32, String)| ui::ZoneSpan {
        from_ns,
        offset_s,
        label,
    };
    let mut spans = vec![span(start, at(start))];
    let mut from = start;
    while from < end {
        let to = from.saturating_add(STEP_NS);
        let (before, after) = (at(from), at(to));
        if before != after {
            // The change lies between: to the second.
            let (mut low, mut high) = (from, to);
            while high - low > city_time::NS_PER_S {
                let middle = low + (high - low) / 2;
                if at(middle) == before {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            let second = high.div_euclid(city_time::NS_PER_S) * city_time::NS_PER_S;
            spans.push(span(second, after));
        }
        from = to;
    }
    // A second entry says that this list was made, even where the zone never changes.
    if spans.len() == 1 {
        spans.push(span(end, at(end)));
    }
    spans
}

/// What happened, on the timeline: warnings and errors by the time they came.
fn events(from: &Sources) -> Vec<ui::TimelineEvent> {
    from.notices
        .list()
        .iter()
        .filter(|notice| notice.severity != ui::Severity::Info)
        .map(|notice| ui::TimelineEvent {
            time_ns: notice.raised_ns,
            label: notice.text.clone(),
            severity: notice.severity,
        })
        .collect()
}

fn clock(from: &Sources, zone: &ui::Zone) -> ui::ClockModel {
    let state = from.clock.state();
    ui::ClockModel {
        mode: match state.mode {
            ClockMode::Live => ui::ClockMode::Live,
            ClockMode::Replay => ui::ClockMode::Replay,
            ClockMode::Forecast => ui::ClockMode::Forecast,
        },
        now_ns: state.now.0,
        live_edge_ns: state.live_edge.0,
        rate: f64::from(state.rate),
        playing: state.playing,
        zone: zone.clone(),
        history_start_ns: state.bounds.history_start.map(|start| start.0),
        forecast: match (state.bounds.forecast_end, &from.clock.no_forecast) {
            (Some(end), _) => ui::Forecast::Until {
                end_ns: end.0,
                source: "simulated feed".into(),
            },
            (None, Some(reason)) => ui::Forecast::None {
                reason: reason.clone(),
            },
            (None, None) => ui::Forecast::None {
                reason: "no feed of this scene gives a forecast".into(),
            },
        },
        density: Arc::clone(&from.density.0),
        events: events(from),
        loop_range_ns: state.looping.map(|range| (range.start.0, range.end.0)),
        waiting: false,
    }
}

/// What a tileset is called: its own name, or for one that was opened by its address the folder or file there.
fn short_name(name: &str) -> &str {
    let bare = name.split(['?', '#']).next().unwrap_or(name);
    let mut parts = bare.rsplit(['/', '\\']).filter(|part| !part.is_empty());
    match parts.next() {
        Some("tileset.json") => parts.next().unwrap_or(name),
        Some(file) if file.ends_with(".json") => file,
        _ => name,
    }
}

fn area(area: Area) -> ui::Area {
    match area {
        Area::Mobility => ui::Area::Mobility,
        Area::Living => ui::Area::Living,
        Area::Environment => ui::Area::Environment,
        Area::People => ui::Area::People,
        Area::Government => ui::Area::Government,
        Area::Economy => ui::Area::Economy,
    }
}

fn legend(look: &crate::overlays::LayerLook, layer: &city_sensors::Layer) -> ui::LegendModel {
    let [min, max] = look.range.unwrap_or(layer.range);
    ui::LegendModel::Continuous {
        map: look.color_map.clone(),
        min,
        max,
        unit: layer.unit.symbol.clone(),
    }
}

fn layers(from: &Sources, looks: &mut LayerLooks, language: &str) -> Vec<ui::LayerModel> {
    let now_ns = from.clock.now().0;
    let mut out: Vec<ui::LayerModel> = from
        .layers
        .iter()
        .map(|layer| ui::LayerModel {
            id: layer.source.name.clone(),
            name: short_name(&layer.source.name).to_owned(),
            kind: ui::LayerKind::Tiles,
            visible: layer.visible,
            opacity: layer.opacity,
            count: layer.streamer.stats().tiles_shown,
            ..ui::LayerModel::default()
        })
        .collect();
    out.extend(from.vectors.iter().map(vector_layer));
    let Some(catalog) = &from.readings.catalog else {
        return out;
    };
    let mut counts = vec![(0, false); catalog.layers.len()];
    for stream in &catalog.datastreams {
        if let Some((count, simulated)) = counts.get_mut(stream.layer as usize) {
            *count += 1;
            *simulated |= stream.simulated;
        }
    }
    let scene = from.scene.scene.as_deref();
    for ((layer, state), (count, simulated)) in
        catalog.layers.iter().zip(&from.readings.layers).zip(counts)
    {
        let look = looks.of(&layer.id);
        let own_name = scene
            .and_then(|scene| scene.layer(&layer.id))
            .and_then(|layer| layer.names.get(language));
        let [good, stale, suspect, failed, missing] = state.counts;
        out.push(ui::LayerModel {
            id: layer.id.clone(),
            name: own_name.unwrap_or(&layer.name).clone(),
            area: Some(area(layer.area)),
            kind: ui::LayerKind::Sensors,
            visible: look.visible,
            opacity: look.opacity,
            count,
            newest_age_s: state.newest_ns.map(|at| (now_ns - at) as f64 * 1e-9),
            quality: ui::QualityCounts {
                good,
                stale,
                suspect,
                failed,
                missing,
            },
            simulated,
            legend: Some(legend(look, layer)),
            problem: None,
        });
    }
    out
}

fn vector_layer(layer: &VectorLayer) -> ui::LayerModel {
    let by = layer.source.style.color_by.as_ref();
    ui::LayerModel {
        id: layer.source.id.clone(),
        name: layer.source.name.clone(),
        kind: ui::LayerKind::Features,
        visible: layer.visible,
        opacity: layer.opacity,
        count: layer.count,
        problem: layer.problem.clone(),
        legend: match &layer.meaning {
            Meaning::None => None,
            Meaning::Range { map, low, high } => Some(ui::LegendModel::Continuous {
                map: map.clone(),
                min: *low,
                max: *high,
                // The property takes the place of a unit, which GeoJSON does not know.
                unit: by.map_or_else(String::new, |by| by.property.clone()),
            }),
            Meaning::Categories(list) => Some(ui::LegendModel::Categories(list.clone())),
        },
        ..ui::LayerModel::default()
    }
}

/// What the inspector showed last: a building whose tile was dropped stays readable.
type Kept = Option<(Selection, ui::InspectorModel)>;

fn inspector(from: &Sources, looks: &LayerLooks, kept: &mut Kept) -> ui::InspectorModel {
    match &*from.selection {
        Selection::None => ui::InspectorModel::None,
        Selection::Feature {
            mesh: entity,
            feature,
            at,
        } => {
            if let Some((of, model)) = kept
                && of.is_same(&from.selection)
            {
                return model.clone();
            }
            let Ok((mesh, of)) = from.meshes.get(*entity) else {
                return ui::InspectorModel::None;
            };
            let properties = mesh.0.features.properties(*feature);
            let vector = from.vectors.get(*entity).ok();
            let title = vector
                .and_then(|layer| layer.title(&mesh.0.features, *feature))
                .unwrap_or_else(|| title_of(&properties, *feature));
            let class = mesh
                .0
                .features
                .block(*feature)
                .and_then(|(block, _)| block.label.clone())
                .unwrap_or_default();
            let layer = of.and_then(|of| from.layers.get(of.layer).ok());
            let model = ui::FeatureModel {
                title,
                class,
                layer: layer
                    .map(|layer| short_name(&layer.source.name).to_owned())
                    .or_else(|| vector.map(|layer| layer.source.name.clone()))
                    .unwrap_or_default(),
                lon_lat_deg: from.frame.geodetic(*at).map(|g| (g.lon_deg(), g.lat_deg())),
                source: layer
                    .map(|layer| layer.source.attribution.clone())
                    .or_else(|| vector.map(|layer| layer.credits.join("; ")))
                    .unwrap_or_default(),
                properties: properties
                    .into_iter()
                    .map(|p| ui::Property {
                        value: p.value.to_string(),
                        unit: p.unit.unwrap_or_default(),
                        description: p.description.unwrap_or_default(),
                        id: p.id,
                        name: p.name,
                    })
                    .collect(),
            };
            let model = if of.is_some() {
                ui::InspectorModel::Building(model)
            } else {
                ui::InspectorModel::Feature(model)
            };
            *kept = Some((from.selection.clone(), model.clone()));
            model
        }
        Selection::Sensor(id) => sensor(from, looks, *id)
            .map_or(ui::InspectorModel::None, |model| {
                ui::InspectorModel::Sensor(Box::new(model))
            }),
    }
}

fn title_of(properties: &[city_tiles::metadata::Property], feature: u32) -> String {
    ["name", "Name", "id", "identificatie"]
        .iter()
        .find_map(|id| properties.iter().find(|p| p.id == *id))
        .map_or_else(|| format!("#{feature}"), |p| p.value.to_string())
}

/// Names of everything that is selected, when it is more than one thing.
fn selected(from: &Sources, first: &ui::InspectorModel) -> Vec<String> {
    if from.also.0.is_empty() {
        return Vec::new();
    }
    let first = match first {
        ui::InspectorModel::None => String::new(),
        ui::InspectorModel::Building(f) | ui::InspectorModel::Feature(f) => f.title.clone(),
        ui::InspectorModel::Sensor(s) => s.name.clone(),
    };
    let name = |selection: &Selection| match selection {
        Selection::None => String::new(),
        Selection::Feature { mesh, feature, .. } => from.meshes.get(*mesh).map_or_else(
            |_| format!("#{feature}"),
            |(mesh, _)| title_of(&mesh.0.features.properties(*feature), *feature),
        ),
        Selection::Sensor(id) => from
            .readings
            .catalog
            .as_ref()
            .and_then(|catalog| catalog.datastream(*id))
            .map_or_else(|| format!("#{id}"), |stream| stream.name.clone()),
    };
    std::iter::once(first)
        .chain(from.also.0.iter().rev().map(name))
        .collect()
}

fn quality(of: SensorQuality, stale: bool) -> ui::Quality {
    match of {
        SensorQuality::Missing => ui::Quality::Missing,
        SensorQuality::Fail => ui::Quality::Failed,
        SensorQuality::Suspect => ui::Quality::Suspect,
        _ if stale => ui::Quality::Stale,
        SensorQuality::Good => ui::Quality::Good,
        SensorQuality::NotEvaluated => ui::Quality::NotEvaluated,
    }
}

fn sensor(from: &Sources, looks: &LayerLooks, id: u32) -> Option<ui::SensorModel> {
    let catalog = from.readings.catalog.as_ref()?;
    let stream = catalog.datastream(id)?;
    let layer = catalog.layer_of(stream)?;
    let state = from.readings.layers.get(stream.layer as usize)?;
    let now_ns = from.clock.now().0;
    let edge_ns = from.clock.state().live_edge.0;
    let held = state
        .history
        .segment(id, layer.interpolation, layer.cadence_s, now_ns, edge_ns)
        .map(|segment| segment.at(now_ns));
    let series = from
        .series
        .window
        .as_ref()
        .filter(|_| from.series.of.is_some_and(|(of, _)| of == id));
    let points = series
        .and_then(|window| window.series.first())
        .map(|series| {
            series
                .readings
                .iter(id)
                .filter(|reading| reading.phenomenon_time_ns <= now_ns)
                .map(|reading| ui::SeriesPoint {
                    time_ns: reading.phenomenon_time_ns,
                    value: reading.value,
                    quality: quality(reading.quality(), false),
                })
                .collect()
        })
        .unwrap_or_default();
    let look = looks.0.iter().find(|look| look.id == layer.id);
    let span = (layer.range[1] - layer.range[0]).abs();
    Some(ui::SensorModel {
        id,
        name: stream.name.clone(),
        place: stream.place.clone(),
        layer_id: layer.id.clone(),
        layer: layer.name.clone(),
        observed_property: layer.observed_property.name.clone(),
        lon_lat_deg: Some((stream.lon, stream.lat)),
        value: held.filter(|s| s.measured.is_finite()).map(|s| s.measured),
        decimals: if span < 5.0 {
            2
        } else if span < 50.0 {
            1
        } else {
            0
        },
        unit: layer.unit.symbol.clone(),
        quality: held.map_or(ui::Quality::Missing, |s| {
            quality(s.flags.quality(), s.stale)
        }),
        quality_reason: held.map_or_else(String::new, |s| {
            s.flags
                .marks()
                .map(|mark| mark.id())
                .collect::<Vec<_>>()
                .join(",")
        }),
        source: stream.source.clone(),
        phenomenon_ns: held.map(|s| s.measured_at_ns),
        age_s: held.map(|s| (now_ns - s.measured_at_ns) as f64 * 1e-9),
        cadence_s: layer.cadence_s,
        simulated: stream.simulated,
        forecast: held.is_some_and(|s| s.forecast),
        linear: layer.interpolation == city_sensors::Interpolation::Linear,
        legend: look.map(|look| legend(look, layer)),
        series: Arc::new(points),
        series_loading: from.series.loading,
    })
}

fn health(from: &Sources, frames: &Frames, rates: &mut Rates) -> ui::HealthModel {
    let totals = &from.totals;
    ui::HealthModel {
        tiles_in_flight: totals.in_flight,
        tiles_queued: totals.queued,
        tiles_loaded: totals.loaded,
        tiles_shown: totals.shown,
        tiles_failed: totals.failed,
        memory_bytes: totals.bytes + from.vector_totals.bytes,
        memory_budget_bytes: from.settings.byte_budget,
        frame_ms: frames.times_ms.iter().copied().collect(),
        frame_budget_ms: 1000.0 / 60.0,
        adapter: from.adapter.0.clone(),
        render_path: if from.quality.full {
            ui::RenderPath::Full
        } else {
            ui::RenderPath::Lean
        },
        feeds: from
            .hub
            .health
            .as_ref()
            .map(|health| feeds(health, rates))
            .unwrap_or_default(),
        hub: from.address.0.as_ref().map(|address| ui::HubModel {
            address: address.clone(),
            connected: from.hub.connected,
        }),
    }
}

/// Readings of each feed at the hub's last report, and their rate since the one before.
#[derive(Default)]
pub(super) struct Rates(std::collections::HashMap<String, Rate>);

#[derive(Clone, Copy, Default)]
struct Rate {
    at_ns: i64,
    readings: u64,
    per_s: f64,
}

impl Rates {
    fn of(&mut self, feed: &str, at_ns: i64, readings: u64) -> f64 {
        let last = self.0.entry(feed.to_owned()).or_insert(Rate {
            at_ns,
            readings,
            per_s: 0.0,
        });
        let passed_s = (at_ns - last.at_ns) as f64 * 1e-9;
        if passed_s > 0.5 {
            *last = Rate {
                at_ns,
                readings,
                per_s: readings.saturating_sub(last.readings) as f64 / passed_s,
            };
        }
        last.per_s
    }
}

/// The hub's `/api/health` answer; what it lacks is left at its default.
fn feeds(health: &serde_json::Value, rates: &mut Rates) -> Vec<ui::FeedModel> {
    let now_ns = health
        .get("now")
        .and_then(serde_json::Value::as_str)
        .and_then(|text| SimInstant::parse_rfc3339(text).ok())
        .map_or(0, |now| now.0);
    fn text<'j>(feed: &'j serde_json::Value, key: &str) -> Option<&'j str> {
        feed.get(key)?.as_str()
    }
    let number = |value: Option<&serde_json::Value>| value.and_then(serde_json::Value::as_f64);
    let Some(list) = health.get("feeds").and_then(serde_json::Value::as_array) else {
        return Vec::new();
    };
    list.iter()
        .map(|feed| ui::FeedModel {
            name: text(feed, "name").unwrap_or("feed").to_owned(),
            connected: text(feed, "state") == Some("connected"),
            starting: text(feed, "state") == Some("starting"),
            why: text(feed, "why").unwrap_or_default().to_owned(),
            simulated: text(feed, "kind") == Some("simulated"),
            age_s: number(feed.get("reading_age_s")),
            rate_per_s: rates.of(
                text(feed, "name").unwrap_or("feed"),
                now_ns,
                number(feed.get("readings")).unwrap_or(0.0) as u64,
            ),
            accepted: number(feed.get("readings")).unwrap_or(0.0) as u64,
            rejects: feed
                .get("rejects")
                .and_then(serde_json::Value::as_object)
                .map(|rejects| {
                    rejects
                        .iter()
                        .map(|(why, count)| (why.clone(), count.as_u64().unwrap_or(0)))
                        .collect()
                })
                .unwrap_or_default(),
        })
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_of_a_feed_is_that_between_two_reports_of_the_hub() {
        let report = |second: u32, readings: u64| {
            serde_json::json!({
                "now": format!("2026-11-25T09:00:{second:02}Z"),
                "feeds": [{"name": "tide", "kind": "mqtt", "state": "connected",
                    "readings": readings, "rejects": {"value out of range": 3}}],
            })
        };
        let mut rates = Rates::default();
        let first = feeds(&report(0, 1_000), &mut rates);
        assert_eq!((first[0].rate_per_s, first[0].accepted), (0.0, 1_000));
        assert_eq!(first[0].rejects, [("value out of range".to_owned(), 3)]);
        for _ in 0..3 {
            // The same report is read in every frame until the next comes.
            assert_eq!(feeds(&report(5, 1_600), &mut rates)[0].rate_per_s, 120.0);
        }
        assert_eq!(feeds(&report(10, 1_600), &mut rates)[0].rate_per_s, 0.0);
        assert!(feeds(&serde_json::json!({}), &mut rates).is_empty());
    }

    #[test]
    fn a_tileset_that_was_opened_by_its_address_is_called_by_its_folder() {
        for (name, want) in [
            ("/data/wageningen/tileset.json", "wageningen"),
            ("https://example.org/a/b.json?token=1", "b.json"),
            ("C:\\city\\tileset.json", "city"),
            ("3DBAG", "3DBAG"),
            ("Roads/rails", "Roads/rails"),
            ("", ""),
        ] {
            assert_eq!(short_name(name), want);
        }
    }

    #[test]
    fn summer_time_is_on_the_timeline_and_a_zone_without_it_is_not_looked_up_again() {
        let around = SimInstant::parse_rfc3339("2026-11-25T12:00:00Z").unwrap().0;
        let spans = zone_spans(&city_time::Zone::parse("Europe/Amsterdam").unwrap(), around);
        let zone = ui::Zone {
            name: "Europe/Amsterdam".into(),
            spans,
        };
        let at = |text: &str| {
            let (offset_s, label) = zone.at(SimInstant::parse_rfc3339(text).unwrap().0);
            (offset_s, label.to_owned())
        };
        // Summer time ended on 25 October 2026 at 01:00 UTC.
        assert_eq!(at("2026-10-25T00:59:59Z"), (7200, "CEST".to_owned()));
        assert_eq!(at("2026-10-25T01:00:00Z"), (3600, "CET".to_owned()));
        assert_eq!(at("2027-07-01T00:00:00Z").0, 7200);
        let fixed = zone_spans(&city_time::Zone::parse("Asia/Hong_Kong").unwrap(), around);
        assert_eq!(fixed.len(), 2);
        assert!(fixed.iter().all(|span| span.offset_s == 8 * 3600));
    }
}
