//! The panels' read model, filled from the plugins once a frame.

use std::collections::VecDeque;
use std::sync::Arc;

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use bevy::window::Window;
use city_sensors::interpolate::sample;
use city_sensors::{Area, Quality as SensorQuality};
use city_tiles::vector::Meaning;
use city_time::ClockMode;

use super::{Model, State};
use crate::app::AdapterName;
use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::geojson::{VectorLayer, VectorTotals};
use crate::notices::Notices;
use crate::overlays::{HubAddress, HubState, LayerLooks, Readings, SeriesState};
use crate::picking::Selection;
use crate::platform::monotonic_ms;
use crate::render::{CityMesh, CityView, RenderQuality};
use crate::scene::SceneInfo;
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
    selection: Res<'w, Selection>,
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
    model.scene = from.scene.model();
    model.scene.has_tiles |= !from.layers.is_empty() || !from.vectors.is_empty();
    model.clock = clock(&from);
    model.layers = layers(&from, &mut looks);
    model.inspector = inspector(&from, &looks);
    model.health = health(&from, &frames);
    model.debug = ui::DebugModel {
        freeze: from.debug.freeze,
        volumes: from.debug.volumes,
        color_by_level: from.debug.color_by_level,
        triangles: from.totals.triangles,
        features: from.totals.features,
        draw_calls: 0,
    };
    model.camera = camera(&from, state.0.settings.ui_scale);
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
            time_ns: from.clock.now().0,
            shown_s: ((now_ms - notice.raised_ms) * 1e-3) as f32,
            count: notice.count,
        })
        .collect();
    model.search = from.search.model();
}

fn clock(from: &Sources) -> ui::ClockModel {
    let state = from.clock.state();
    let civil = from.clock.zone.civil(state.now);
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
        zone: ui::Zone::fixed(from.clock.zone.name(), civil.offset_s, &civil.abbreviation),
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
        density: Arc::default(),
        events: Vec::new(),
        loop_range_ns: state.looping.map(|range| (range.start.0, range.end.0)),
        waiting: false,
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

fn layers(from: &Sources, looks: &mut LayerLooks) -> Vec<ui::LayerModel> {
    let now_ns = from.clock.now().0;
    let mut out: Vec<ui::LayerModel> = from
        .layers
        .iter()
        .map(|layer| ui::LayerModel {
            id: layer.source.name.clone(),
            name: layer.source.name.clone(),
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
    for (layer, state) in catalog.layers.iter().zip(&from.readings.layers) {
        let look = looks.of(&layer.id);
        let [good, stale, suspect, failed, missing] = state.counts;
        out.push(ui::LayerModel {
            id: layer.id.clone(),
            name: layer.name.clone(),
            area: Some(area(layer.area)),
            kind: ui::LayerKind::Sensors,
            visible: look.visible,
            opacity: look.opacity,
            count: good + stale + suspect + failed + missing,
            newest_age_s: state.newest_ns.map(|at| (now_ns - at) as f64 * 1e-9),
            quality: ui::QualityCounts {
                good,
                stale,
                suspect,
                failed,
                missing,
            },
            simulated: catalog.datastreams.iter().any(|d| d.simulated),
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

fn inspector(from: &Sources, looks: &LayerLooks) -> ui::InspectorModel {
    match &*from.selection {
        Selection::None => ui::InspectorModel::None,
        Selection::Feature {
            mesh: entity,
            feature,
            at,
        } => {
            let Ok((mesh, of)) = from.meshes.get(*entity) else {
                return ui::InspectorModel::None;
            };
            let properties = mesh.0.features.properties(*feature);
            let vector = from.vectors.get(*entity).ok();
            let named = vector.and_then(|layer| layer.title(&mesh.0.features, *feature));
            let title = named.unwrap_or_else(|| {
                ["name", "Name", "id", "identificatie"]
                    .iter()
                    .find_map(|id| properties.iter().find(|p| p.id == *id))
                    .map_or_else(|| format!("#{feature}"), |p| p.value.to_string())
            });
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
                    .map(|layer| layer.source.name.clone())
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
            if of.is_some() {
                ui::InspectorModel::Building(model)
            } else {
                ui::InspectorModel::Feature(model)
            }
        }
        Selection::Sensor(id) => sensor(from, looks, *id)
            .map_or(ui::InspectorModel::None, |model| {
                ui::InspectorModel::Sensor(Box::new(model))
            }),
    }
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
    let held = state
        .history
        .readings(id)
        .and_then(|columns| sample(columns, layer.interpolation, layer.cadence_s, now_ns));
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
                .map(|mark| mark.id().replace('_', " "))
                .collect::<Vec<_>>()
                .join(", ")
        }),
        source: stream.source.clone(),
        phenomenon_ns: held.map(|s| s.measured_at_ns),
        age_s: held.map(|s| (now_ns - s.measured_at_ns) as f64 * 1e-9),
        cadence_s: layer.cadence_s,
        simulated: stream.simulated,
        linear: layer.interpolation == city_sensors::Interpolation::Linear,
        legend: look.map(|look| legend(look, layer)),
        series: Arc::new(points),
        series_loading: from.series.loading,
    })
}

fn health(from: &Sources, frames: &Frames) -> ui::HealthModel {
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
        feeds: from.hub.health.as_ref().map(feeds).unwrap_or_default(),
        hub: from.address.0.as_ref().map(|address| ui::HubModel {
            address: address.clone(),
            connected: from.hub.connected,
        }),
    }
}

/// The hub's `/api/health` answer; what it lacks is left at its default.
fn feeds(health: &serde_json::Value) -> Vec<ui::FeedModel> {
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
            simulated: text(feed, "kind") == Some("simulated"),
            age_s: number(feed.get("reading_age_s")),
            rate_per_s: number(feed.get("readings_per_s")).unwrap_or(0.0),
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
