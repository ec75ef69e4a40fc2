//! A model as a running city gives it.

use std::sync::Arc;

use crate::ui::model::*;

/// 2026-03-14 09:41:07 in Hong Kong.
pub const NOW_NS: i64 = 1_773_452_467 * NS_PER_S;
const HOUR_NS: i64 = 3600 * NS_PER_S;

fn continuous(map: &str, min: f64, max: f64, unit: &str) -> Option<LegendModel> {
    Some(LegendModel::Continuous {
        map: map.into(),
        min,
        max,
        unit: unit.into(),
    })
}

fn layer(id: &str, area: Area, visible: bool, count: usize) -> LayerModel {
    LayerModel {
        id: id.into(),
        name: id.into(),
        area: Some(area),
        visible,
        opacity: 0.9,
        count,
        newest_age_s: Some(12.0),
        quality: QualityCounts {
            good: count.saturating_sub(7),
            stale: 4,
            suspect: 2,
            failed: 0,
            missing: 1,
        },
        simulated: true,
        legend: continuous("cividis", 0.0, 80.0, "km/h"),
        ..LayerModel::default()
    }
}

/// The layers of the demo city.
pub fn layers() -> Vec<LayerModel> {
    let mut buildings = layer("buildings", Area::Mobility, true, 24_618);
    buildings.area = None;
    buildings.kind = LayerKind::Tiles;
    buildings.legend = None;
    buildings.quality = QualityCounts::default();
    buildings.newest_age_s = None;
    buildings.simulated = false;
    let mut traffic = layer("traffic_speed", Area::Mobility, true, 1100);
    traffic.quality.failed = 3;
    let mut pm25 = layer("air_pm25", Area::Environment, true, 120);
    pm25.legend = continuous("batlow", 0.0, 75.0, "µg/m³");
    let mut water = layer("water_level", Area::Environment, false, 90);
    water.problem = Some("feed “tide” has not answered for 20 min".into());
    vec![
        buildings,
        traffic,
        layer("parking_occupancy", Area::Mobility, false, 360),
        layer("ev_charging_power", Area::Mobility, false, 420),
        layer("energy_power", Area::Living, false, 640),
        pm25,
        layer("air_no2", Area::Environment, false, 120),
        layer("noise_level", Area::Environment, false, 260),
        layer("weather_temperature", Area::Environment, false, 60),
        water,
        layer("crowd_count", Area::People, false, 180),
        layer("lamp_power", Area::Government, false, 1700),
        layer("desk_waiting", Area::Government, false, 60),
        layer("footfall", Area::Economy, false, 220),
        layer("cargo_cranes", Area::Economy, false, 40),
    ]
}

/// A day of readings with a rhythm, a gap, a spike and a stuck hour.
pub fn series() -> Vec<SeriesPoint> {
    let mut points = Vec::new();
    for step in 0..288_i64 {
        let time_ns = NOW_NS - 24 * HOUR_NS + step * 300 * NS_PER_S;
        let hour = step as f64 / 12.0;
        let value = 24.0 + 14.0 * ((hour - 3.0) * 0.52).sin() + 3.0 * (hour * 7.3).sin();
        let (value, quality) = match step {
            96..=99 => (f64::NAN, Quality::Missing),
            150 => (74.0, Quality::Suspect),
            190 => (400.0, Quality::Failed),
            240..=246 => (21.0, Quality::Suspect),
            _ => (value, Quality::Good),
        };
        points.push(SeriesPoint {
            time_ns,
            value,
            quality,
        });
    }
    points
}

/// A sensor as picked.
pub fn sensor() -> InspectorModel {
    InspectorModel::Sensor(Box::new(SensorModel {
        id: 4711,
        name: "Air station, Pier Street 12".into(),
        layer_id: "air_pm25".into(),
        layer: "air_pm25".into(),
        observed_property: "PM2.5 mass concentration".into(),
        lon_lat_deg: Some((114.157_7, 22.285_5)),
        value: Some(31.4),
        decimals: 1,
        unit: "µg/m³".into(),
        quality: Quality::Good,
        source: "simulated feed".into(),
        phenomenon_ns: Some(NOW_NS - 127 * NS_PER_S),
        age_s: Some(127.0),
        cadence_s: 300.0,
        simulated: true,
        linear: true,
        legend: continuous("batlow", 0.0, 75.0, "µg/m³"),
        series: Arc::new(series()),
        ..SensorModel::default()
    }))
}

/// A building as picked.
pub fn building() -> InspectorModel {
    let property = |id: &str, value: &str, unit: &str| Property {
        id: id.into(),
        value: value.into(),
        unit: unit.into(),
        ..Property::default()
    };
    InspectorModel::Building(FeatureModel {
        title: "Harbour Tower 12".into(),
        class: "building".into(),
        layer: "buildings".into(),
        lon_lat_deg: Some((114.157_7, 22.285_5)),
        source: "Belvedere demo city, seed 7".into(),
        readings: Vec::new(),
        properties: vec![
            property("id", "b-012-4411", ""),
            property("district", "Central Shore", ""),
            property("use", "office", ""),
            property("storeys", "41", ""),
            property("height_m", "148.2", "m"),
            property("floor_area_m2", "52,300", "m²"),
            property("year_built", "1998", ""),
            property("energy_class", "C", ""),
        ],
    })
}

/// The clock at the live edge with a day of history and six hours of forecast.
pub fn clock() -> ClockModel {
    let bins = 288;
    let counts: Vec<u32> = (0..bins)
        .map(|i| {
            let hour = f64::from(i) / 12.0;
            if (100..108).contains(&i) {
                0
            } else {
                (30_000.0 + 9_000.0 * (hour * 0.26).sin()) as u32
            }
        })
        .collect();
    ClockModel {
        now_ns: NOW_NS,
        live_edge_ns: NOW_NS,
        zone: Zone::fixed("Asia/Hong_Kong", 8 * 3600, "HKT"),
        history_start_ns: Some(NOW_NS - 24 * HOUR_NS),
        forecast: Forecast::Until {
            end_ns: NOW_NS + 6 * HOUR_NS,
            source: "demo persistence".into(),
        },
        density: Arc::new(DensityHistogram {
            start_ns: NOW_NS - 24 * HOUR_NS,
            bin_ns: 300 * NS_PER_S,
            bad: counts.iter().map(|count| count / 40).collect(),
            counts,
        }),
        events: vec![TimelineEvent {
            time_ns: NOW_NS - 5 * HOUR_NS,
            label: "Water level above 2.5 m at Pier 3".into(),
            severity: Severity::Warning,
        }],
        ..ClockModel::default()
    }
}

/// A healthy program with one unhealthy feed.
pub fn health() -> HealthModel {
    HealthModel {
        tiles_in_flight: 6,
        tiles_queued: 31,
        tiles_loaded: 412,
        tiles_shown: 187,
        tiles_failed: 1,
        memory_bytes: 301 << 20,
        memory_budget_bytes: 512 << 20,
        frame_ms: (0..180)
            .map(|i| 9.0 + (i as f32 * 0.7).sin() * 3.0 + if i % 41 == 0 { 14.0 } else { 0.0 })
            .collect(),
        frame_budget_ms: 16.7,
        adapter: "llvmpipe (LLVM 15, 256 bits), Vulkan".into(),
        render_path: RenderPath::Lean,
        hub: Some(HubModel {
            address: "127.0.0.1:8080".into(),
            connected: true,
        }),
        feeds: vec![
            FeedModel {
                name: "demo city".into(),
                connected: true,
                simulated: true,
                age_s: Some(1.2),
                rate_per_s: 118.0,
                accepted: 10_233_411,
                rejects: vec![
                    ("value out of range".into(), 12),
                    ("time in the future".into(), 2),
                ],
                ..FeedModel::default()
            },
            FeedModel {
                name: "mqtt tide".into(),
                age_s: Some(1260.0),
                accepted: 310,
                ..FeedModel::default()
            },
        ],
    }
}

/// Everything, with a sensor selected.
pub fn model() -> UiModel {
    UiModel {
        scene: SceneModel {
            name: "Harbour".into(),
            simulated: true,
            has_content: true,
            has_feeds: true,
            others: vec![("wageningen".into(), "Wageningen".into())],
            presets: vec![
                ("peak".into(), "From the peak".into()),
                ("piers".into(), "The piers".into()),
            ],
            loading: false,
        },
        layers: layers(),
        clock: clock(),
        inspector: sensor(),
        health: health(),
        camera: CameraModel {
            lon_deg: 114.157_7,
            lat_deg: 22.285_5,
            height_m: 640.0,
            heading_rad: 0.6,
            pitch_rad: -0.5,
            metres_per_px: 1.7,
        },
        credits: vec![
            Credit {
                text: "© Belvedere demo city".into(),
                url: String::new(),
            },
            Credit {
                text: "readings simulated".into(),
                url: String::new(),
            },
        ],
        ..UiModel::default()
    }
}

/// Answers to a search.
pub fn search(query: &str) -> SearchModel {
    let result = |id: &str, title: &str, detail: &str, kind| SearchResult {
        id: id.into(),
        title: title.into(),
        detail: detail.into(),
        kind,
        values: Vec::new(),
    };
    SearchModel {
        query: query.into(),
        searching: false,
        note: SearchNote::default(),
        results: vec![
            result(
                "d-1",
                "Pier Street",
                "street, Central Shore",
                SearchKind::Place,
            ),
            result(
                "b-012-4411",
                "Harbour Tower 12",
                "office, Central Shore",
                SearchKind::Building,
            ),
            result(
                "s-4711",
                "Air station, Pier Street 12",
                "PM2.5",
                SearchKind::Sensor,
            ),
        ],
    }
}
