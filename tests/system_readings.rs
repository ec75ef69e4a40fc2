//! Readings, from the broker to the pixel: a real mosquitto, the real program as the hub, the real renderer.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say what they expect"
)]

// Only the hub's own tests use all of it.
#[allow(dead_code)]
#[path = "../crates/city_hub/tests/hub/broker.rs"]
mod broker;
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use belvedere::app::QualityChoice;
use belvedere::clock::{ClockPlugin, ClockRequest, SimClock};
use belvedere::frame::SceneFrame;
use belvedere::headless::Headless;
use belvedere::notices::Notices;
use belvedere::overlays::{HubAddress, HubState, LayerLooks, MarkerIndex, OverlayPlugin, Readings};
use belvedere::picking::{PickRequest, Selection};
use belvedere::render::{CityView, Marker, MarkerLayer, MarkerTime};
use belvedere::scene::SceneInfo;
use belvedere::startup::Startup;
use belvedere::ui::colormap;
use bevy::app::App;
use bevy::ecs::world::World;
use broker::{Broker, free_port};
use city_geo::Geodetic;
use city_hub::{Config, SimulatedFeed};
use city_sensors::{NS_PER_S, Quality, simulate};
use city_time::{ClockCommand, ClockMode, Outcome, SimInstant};
use glam::DVec3;
use serde_json::{Value, json};
use support::served::Served;

const WIDTH: u32 = 640;
const HEIGHT: u32 = 360;
const PATIENCE: Duration = Duration::from_secs(60);
/// Where the test's one sensor stands.
const SENSOR: [f64; 2] = [114.17, 22.29];

/// A scene of one layer that a broker feeds, looked at from a kilometre to the south.
fn scene(port: u16) -> String {
    format!(
        r#"
name = "One sensor"
time_zone = "Asia/Hong_Kong"
origin = {{ lon = 114.17, lat = 22.29 }}

[camera.home]
lon = 114.17
lat = 22.281
height = 300
heading = 0
pitch = -14

[[layer]]
id = "oddity"
area = "environment"
name = "Oddity"
unit = "odd"
range = [0, 100]
color_map = "cividis"
cadence_s = 600
visible = true

[[feeds.mqtt]]
name = "test broker"
broker = "mqtt://127.0.0.1:{port}"

[[feeds.mqtt.mapping]]
topic = "test/{{layer}}/{{sensor}}"
lon = "/at/0"
lat = "/at/1"
"#
    )
}

fn get(url: &str, path: &str) -> Value {
    let address = if path.starts_with("http") {
        path.to_owned()
    } else {
        format!("{url}{path}")
    };
    let mut response = ureq::get(&address).call().unwrap();
    let text = response
        .body_mut()
        .with_config()
        .limit(64 << 20)
        .read_to_string()
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Draws frames until something holds.
fn until(headless: &mut Headless, what: &str, mut holds: impl FnMut(&World) -> bool) {
    let start = Instant::now();
    while !holds(headless.app.world()) {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        headless.frame().unwrap();
    }
}

/// The pixel of a place.
fn pixel(view: &CityView, local: DVec3) -> [f64; 2] {
    let rel = local - view.position;
    let depth = rel.dot(view.forward);
    let scale = f64::from(HEIGHT) * 0.5 / (view.fov_y_rad * 0.5).tan();
    [
        f64::from(WIDTH) * 0.5 + rel.dot(view.right()) / depth * scale,
        f64::from(HEIGHT) * 0.5 - rel.dot(view.up) / depth * scale,
    ]
}

fn color_at(headless: &mut Headless, [x, y]: [f64; 2]) -> [u8; 3] {
    // One frame to place the readings, one to draw them.
    for _ in 0..3 {
        headless.frame().unwrap();
    }
    let picture = headless.picture().unwrap();
    let [r, g, b, _] = picture.get_pixel(x as u32, y as u32).0;
    [r, g, b]
}

fn difference(a: [u8; 3], b: [u8; 3]) -> u8 {
    let each = a.into_iter().zip(b).map(|(a, b)| a.abs_diff(b));
    each.max().unwrap_or(0)
}

/// The measured value that the app holds for the only sensor.
fn held(world: &World) -> Option<f64> {
    let readings = world.resource::<Readings>();
    let stream = readings.catalog.as_ref()?.datastreams.first()?;
    let columns = readings.layers.first()?.history.readings(stream.id)?;
    columns.values().last().copied()
}

#[test]
fn a_value_from_mosquitto_pub_has_its_colour_at_the_sensors_pixel() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(dir.path(), free_port());
    let file = dir.path().join("scene.toml");
    std::fs::write(&file, scene(broker.port)).unwrap();
    let hub = Served::start(&file, &dir.path().join("data"));
    let start = Instant::now();
    while get(&hub.url, "/api/health")["feeds"][0]["state"] != "connected" {
        assert!(start.elapsed() < PATIENCE, "the feed never connected");
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut headless = Headless::new([WIDTH, HEIGHT], QualityChoice::Lean).unwrap();
    Startup {
        scene: Some(file.to_string_lossy().into_owned()),
        hub: Some(hub.url.clone()),
        ..Startup::default()
    }
    .apply(&mut headless.app);
    until(&mut headless, "scene and hub are there", |world| {
        world.resource::<SceneInfo>().url.is_some()
            && world.resource::<HubState>().connected
            && world.resource::<Readings>().catalog.is_some()
    });
    let frame = *headless.app.world().resource::<SceneFrame>();
    let place = frame.local(Geodetic::from_degrees(SENSOR[0], SENSOR[1], 0.0));
    let at = pixel(&headless.view(), place);
    let nothing_yet = color_at(&mut headless, at);

    let mut publish = |value: f64| {
        let sent = Instant::now();
        let payload = json!({ "value": value, "at": SENSOR });
        broker.publish("test/oddity/gauge", payload.to_string().as_bytes());
        until(&mut headless, "the value is held", |world| {
            held(world) == Some(value)
        });
        println!("from mosquitto_pub to the app: {:?}", sent.elapsed());
        let color = color_at(&mut headless, at);
        let expected = colormap::sample("cividis", value / 100.0);
        assert!(
            difference(color, expected) <= 8,
            "{value}: {color:?} at {at:?}, expected {expected:?}"
        );
        color
    };
    let ordinary = publish(20.0);
    let odd = publish(97.0);
    assert!(difference(ordinary, odd) > 80);
    // At some hour the sky has the colour of one of them, and never of both.
    assert!(difference(nothing_yet, ordinary).max(difference(nothing_yet, odd)) > 40);

    // A click there shows that sensor.
    headless.app.world_mut().write_message(PickRequest {
        at_px: at,
        viewport_px: [f64::from(WIDTH), f64::from(HEIGHT)],
        add: false,
    });
    headless.frame().unwrap();
    let world = headless.app.world_mut();
    let number = world
        .resource::<Readings>()
        .catalog
        .as_ref()
        .unwrap()
        .datastreams[0]
        .id;
    assert_eq!(*world.resource::<Selection>(), Selection::Sensor(number));

    // A broker gives no forecast: the future is closed, and it is said why.
    let mut clock = world.resource_mut::<SimClock>();
    let reason = clock.no_forecast.clone().unwrap();
    assert!(reason.contains("forecast"), "{reason}");
    let edge = clock.state().live_edge;
    let ahead = ClockCommand::Seek(edge.plus_ns(3600 * NS_PER_S));
    assert_eq!(clock.apply(ahead), Outcome::Clamped(edge));
}

/// What tells readings apart is their shape: in shades of grey all five are still different.
#[test]
fn good_stale_suspect_failed_and_missing_readings_differ_without_colour() {
    let mut headless = Headless::new([WIDTH, HEIGHT], QualityChoice::Lean).unwrap();
    let view = CityView {
        position: DVec3::new(0.0, -1000.0, 200.0),
        forward: DVec3::Y,
        up: DVec3::Z,
        ..CityView::default()
    };
    headless.set_view(view);
    let states = [
        ("good", Quality::Good, 0.0, 0),
        ("stale", Quality::Good, -500.0, 0),
        ("suspect", Quality::Suspect, 0.0, 0),
        ("failed", Quality::Fail, 0.0, 0),
        ("missing", Quality::Missing, 0.0, 0),
        ("silent", Quality::Good, 0.0, 512),
    ];
    let position = |slot: usize| [(slot as f32 - 2.5) * 60.0, 0.0, 200.0];
    let markers = states
        .iter()
        .enumerate()
        .map(|(slot, (_, quality, age_s, flags))| Marker {
            position: position(slot),
            values: [60.0, 60.0],
            times: [*age_s, *age_s],
            flags: u32::from(quality.code()) | flags,
            index: slot as u32,
        });
    headless.app.world_mut().spawn(MarkerLayer {
        origin: DVec3::ZERO,
        markers: Arc::new(markers.collect()),
        generation: 1,
        time: MarkerTime {
            now_s: 0.0,
            cadence_s: 60.0,
            stale_after_s: 180.0,
        },
        range: [0.0, 100.0],
        size_px: 7.0,
        opacity: 1.0,
        color_map: "cividis".into(),
        selected: u32::MAX,
        visible: true,
    });
    for _ in 0..4 {
        headless.frame().unwrap();
    }
    let picture = headless.picture().unwrap();
    if let Some(folder) = std::env::var_os("BELVEDERE_KEEP_PICTURES") {
        picture
            .save(Path::new(&folder).join("marker_states.png"))
            .unwrap();
    }
    // Means over three by three pixels: what an eye some metres away makes of it.
    let patch = |slot: usize| -> Vec<f32> {
        let [x, y, _] = position(slot);
        let [x, y] = [x, y].map(f64::from);
        let [cx, cy] = pixel(&view, DVec3::new(x, y, 200.0));
        let grey = |x: u32, y: u32| {
            let [r, g, b, _] = picture.get_pixel(x, y).0;
            0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b)
        };
        let (cx, cy) = (cx as u32, cy as u32);
        (0..7)
            .flat_map(|row| (0..7).map(move |column| (row, column)))
            .map(|(row, column)| {
                let (left, top) = (cx - 10 + column * 3, cy - 10 + row * 3);
                let nine = (0..9).map(|i| grey(left + i % 3, top + i / 3));
                nine.sum::<f32>() / 9.0
            })
            .collect()
    };
    for one in 0..5 {
        for other in one + 1..5 {
            let (a, b) = (patch(one), patch(other));
            let differing = a.iter().zip(&b).filter(|(a, b)| (*a - *b).abs() > 20.0);
            let differing = differing.count();
            assert!(
                differing >= 4,
                "{} and {}: {differing} of 49 patches differ",
                states[one].0,
                states[other].0
            );
        }
    }
    // A sensor that has said nothing at all is a missing one.
    let (missing, silent) = (patch(4), patch(5));
    let differences = missing.iter().zip(&silent).map(|(a, b)| (a - b).abs());
    let mean = differences.sum::<f32>() / missing.len() as f32;
    assert!(mean < 10.0, "{mean}");
}

/// The overlays without a renderer: the same systems, a hub, and the markers they make.
struct Overlays {
    app: App,
    url: String,
}

impl Overlays {
    fn new(url: String, layers: &[&str]) -> Self {
        let mut app = App::new();
        belvedere::schedule::configure(&mut app);
        app.init_resource::<Notices>()
            .init_resource::<SceneFrame>()
            .init_resource::<Selection>()
            .add_plugins((ClockPlugin, OverlayPlugin))
            .insert_resource(HubAddress(Some(url.clone())));
        let mut looks = app.world_mut().resource_mut::<LayerLooks>();
        for layer in layers {
            looks.of(layer).visible = true;
        }
        Self { app, url }
    }

    fn update(&mut self) {
        self.app.update();
        std::thread::sleep(Duration::from_millis(2));
    }

    fn clock(&mut self, command: ClockCommand) {
        self.app.world_mut().write_message(ClockRequest(command));
        self.update();
    }

    fn now(&self) -> SimInstant {
        self.app.world().resource::<SimClock>().now()
    }

    fn mode(&self) -> ClockMode {
        self.app.world().resource::<SimClock>().state().mode
    }

    /// Waits until all that the clock's time shows is here.
    fn settle(&mut self) {
        let start = Instant::now();
        // What is asked for is known after one update.
        self.update();
        loop {
            self.update();
            let world = self.app.world();
            let readings = world.resource::<Readings>();
            let at = self.now().0;
            let covered = |state: &belvedere::overlays::LayerState| {
                let covered = state.history.covered();
                covered.is_some_and(|(from, to)| from <= at && to >= at - 5 * NS_PER_S)
            };
            if readings.complete(world.resource::<LayerLooks>())
                && readings.layers.iter().all(covered)
            {
                break;
            }
            assert!(start.elapsed() < PATIENCE, "readings never came");
        }
        self.update();
    }

    /// By datastream: value and quality of the marker, and the exact reading behind it.
    fn shown(&mut self) -> BTreeMap<u64, Shown> {
        let now_ns = self.now().0;
        let world = self.app.world_mut();
        let mut query = world.query::<&MarkerLayer>();
        let world = self.app.world();
        let (index, readings) = (
            world.resource::<MarkerIndex>(),
            world.resource::<Readings>(),
        );
        let catalog = readings.catalog.as_ref().unwrap();
        let mut shown = BTreeMap::new();
        for (entity, numbers) in index.layers() {
            let layer = query.get(world, entity).unwrap();
            assert_eq!(layer.markers.len(), numbers.len());
            for (marker, number) in layer.markers.iter().zip(numbers) {
                let stream = catalog.datastream(*number).unwrap();
                let kind = catalog.layer_of(stream).unwrap();
                let history = &readings.layers[stream.layer as usize].history;
                let (rule, cadence_s) = (kind.interpolation, kind.cadence_s);
                let segment = history.segment(*number, rule, cadence_s, now_ns, i64::MAX);
                let held = segment.map(|s| (s.start_ns, s.start_value, s.flags.quality()));
                let reading = marker.flags & 512 == 0;
                let of_marker = reading.then(|| (marker.values[0], marker.flags & 15));
                shown.insert(u64::from(*number), Shown { held, of_marker });
            }
        }
        shown
    }

    /// Compares every marker with what SensorThings answers for the clock's time; gives the number of sensors by layer.
    fn compare(&mut self) -> BTreeMap<String, usize> {
        let shown = self.shown();
        let told = sensorthings_at(&self.url, self.now());
        assert_eq!(shown.len(), told.len());
        let mut compared = BTreeMap::new();
        for (number, (layer, answer)) in &told {
            let Shown { held, of_marker } = shown[number];
            let bits = |of: Option<(i64, f64, Quality)>| of.map(|(t, v, q)| (t, v.to_bits(), q));
            assert_eq!(bits(held), bits(*answer), "datastream {number} of {layer}");
            let expected = answer.map(|(_, value, quality)| {
                let value = if value.is_finite() { value as f32 } else { 0.0 };
                (value, u32::from(quality.code()))
            });
            assert_eq!(of_marker, expected, "marker {number} of {layer}");
            *compared.entry(layer.clone()).or_default() += 1;
        }
        compared
    }
}

#[derive(Clone, Copy)]
struct Shown {
    held: Option<(i64, f64, Quality)>,
    of_marker: Option<(f32, u32)>,
}

type Told = BTreeMap<u64, (String, Option<(i64, f64, Quality)>)>;

/// What SensorThings says was the last observation of every datastream at an instant.
fn sensorthings_at(url: &str, time: SimInstant) -> Told {
    let expand = format!(
        "Observations($filter=phenomenonTime le {time};$orderby=phenomenonTime desc;$top=1)"
    );
    let mut address = format!(
        "/v1.1/Datastreams?$top=1000&$expand={}",
        expand.replace(' ', "%20").replace('+', "%2B")
    );
    let mut told = Told::new();
    loop {
        let page = get(url, &address);
        for datastream in page["value"].as_array().unwrap() {
            let last = datastream["Observations"].as_array().unwrap().first();
            let answer = last.map(|observation| {
                let time = observation["phenomenonTime"].as_str().unwrap();
                let time = SimInstant::parse_rfc3339(time).unwrap();
                let value = observation["result"].as_f64().unwrap_or(f64::NAN);
                let flag = observation["resultQuality"]["flag"].as_u64().unwrap();
                (time.0, value, Quality::from_code(flag as u8).unwrap())
            });
            let layer = datastream["properties"]["layer"].as_str().unwrap();
            let number = datastream["@iot.id"].as_u64().unwrap();
            told.insert(number, (layer.to_owned(), answer));
        }
        match page["@iot.nextLink"].as_str() {
            Some(next) => address = next.to_owned(),
            None => return told,
        }
    }
}

/// Over all simulated sensors, what the markers show an hour ago, after a while at sixty times the speed, and back at
/// the present is what SensorThings answers for those instants.
#[test]
fn an_hour_ago_every_marker_shows_what_sensorthings_answers() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::new(dir.path());
    let sites = simulate::spread(3, 114.17, 22.29, 0.0);
    let mut feed = SimulatedFeed::new(3, 8 * 3600, sites);
    feed.history_h = 4;
    // Late readings of the past would go on arriving between the two questions.
    feed.in_process = false;
    config.simulated = Some(feed);
    config.store.reserve_bytes = 0;
    let hub = city_hub::spawn(config, |_| {}).unwrap();
    assert!(hub.wait_ready());
    let layers: Vec<&str> = simulate::KINDS.iter().map(|kind| kind.layer).collect();
    let mut overlays = Overlays::new(hub.url(), &layers);
    overlays.settle();
    let edge = overlays.now();

    overlays.clock(ClockCommand::Seek(edge.plus_ns(-3600 * NS_PER_S)));
    overlays.clock(ClockCommand::Pause);
    overlays.settle();
    let compared = overlays.compare();
    println!("{compared:?}");
    assert_eq!(compared.len(), layers.len());
    assert!(compared.values().sum::<usize>() >= 5000);
    assert!(compared["traffic_speed"] >= 1000 && compared["lamp_power"] >= 1000);

    overlays.clock(ClockCommand::SetRate(60));
    overlays.clock(ClockCommand::Play);
    let from = overlays.now();
    let start = Instant::now();
    while overlays.now().since(from) < 240 * NS_PER_S {
        overlays.update();
        assert!(start.elapsed() < PATIENCE);
    }
    assert_eq!(overlays.mode(), ClockMode::Replay);
    overlays.clock(ClockCommand::Pause);
    overlays.settle();
    overlays.compare();

    overlays.clock(ClockCommand::GoLive);
    overlays.settle();
    assert_eq!(overlays.mode(), ClockMode::Live);
    overlays.clock(ClockCommand::Pause);
    overlays.update();
    overlays.compare();

    // And what is ahead is a forecast for everyone who is heard of, of which nothing is stored.
    overlays.clock(ClockCommand::Seek(
        overlays.now().plus_ns(3 * 3600 * NS_PER_S),
    ));
    assert_eq!(overlays.mode(), ClockMode::Forecast);
    let start = Instant::now();
    let forecasts = |overlays: &Overlays| {
        let world = overlays.app.world();
        let readings = world.resource::<Readings>();
        let catalog = readings.catalog.as_ref().unwrap();
        let now_ns = overlays.now().0;
        let edge_ns = world.resource::<SimClock>().state().live_edge.0;
        let forecast = |stream: &&city_sensors::Datastream| {
            let layer = catalog.layer_of(stream).unwrap();
            let history = &readings.layers[stream.layer as usize].history;
            let segment = history.segment(
                stream.id,
                layer.interpolation,
                layer.cadence_s,
                now_ns,
                edge_ns,
            );
            segment.is_some_and(|segment| segment.forecast && segment.stale_from_ns > now_ns)
        };
        let all = catalog.datastreams.len();
        (catalog.datastreams.iter().filter(forecast).count(), all)
    };
    loop {
        overlays.update();
        let (there, all) = forecasts(&overlays);
        if there * 100 >= all * 99 {
            println!("{there} of {all} sensors have a forecast");
            break;
        }
        assert!(start.elapsed() < PATIENCE, "{there} of {all}");
    }
    hub.shutdown();
}
