//! Readings as a property of buildings, from the broker to the pixel: a real mosquitto, the real program as the hub, the
//! real renderer.
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

use std::collections::HashSet;
use std::time::{Duration, Instant};

use belvedere::app::QualityChoice;
use belvedere::headless::Headless;
use belvedere::joining::{Joined, ReadingJoins};
use belvedere::overlays::Readings;
use belvedere::render::{CityMesh, CityView, FeatureLook, Placement, Shown, Style};
use belvedere::startup::Startup;
use belvedere::styling::{TilesetStyle, style_by_reading};
use belvedere::tiles::TileOf;
use belvedere::ui::colormap;
use bevy::ecs::entity::Entity;
use bevy::ecs::world::World;
use broker::{Broker, free_port};
use city_tiles::metadata::{Column, ColumnValues, PropertyTable, PropertyValue};
use city_tiles::prepared::{PreparedMaterial, PreparedPrimitive, PreparedTile, Topology, Vertex};
use city_tiles::stream::TileId;
use glam::{DMat4, DVec3};
use serde_json::json;
use support::served::Served;

const SIDE: u32 = 120;
const PATIENCE: Duration = Duration::from_secs(60);

fn scene(port: u16) -> String {
    format!(
        r#"
name = "Meters"
time_zone = "Asia/Hong_Kong"
origin = {{ lon = 114.17, lat = 22.29 }}

[[layer]]
id = "power"
area = "living"
name = "Power"
unit = "kW"
range = [0, 100]
cadence_s = 600

[[join]]
layer = "power"
feature_key = "bag"
property = "kw"

[[feeds.mqtt]]
name = "test broker"
broker = "mqtt://127.0.0.1:{port}"

[[feeds.mqtt.mapping]]
topic = "meters/{{sensor}}"
layer = "power"
time = "/time"
lon = "/at/0"
lat = "/at/1"
feature = "/building"
"#
    )
}

/// Three squares of 4 m side by side in the plane y = 0; their numbers are integers, as some registers have them.
fn houses() -> PreparedTile {
    let square = |feature: u32| {
        let left = -6.0 + feature as f32 * 4.0;
        [(0.0, -6.0), (4.0, -6.0), (4.0, 6.0), (0.0, 6.0)].map(|(x, z)| Vertex {
            position: [left + x, 0.0, z],
            normal: [0, -127, 0, 0],
            color: [255; 4],
            uv: [0.0; 2],
            feature,
        })
    };
    let indices = [0, 4, 8].map(|first| [0, 1, 2, 0, 2, 3].map(|index: u32| first + index));
    let mut tile = PreparedTile {
        primitives: vec![PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: [0, 1, 2].map(square).concat(),
            indices: indices.concat(),
            material: 0,
            has_normals: true,
        }],
        materials: vec![PreparedMaterial {
            base_color: [1.0, 0.0, 0.0, 1.0],
            unlit: true,
            double_sided: true,
            ..Default::default()
        }],
        ..Default::default()
    };
    tile.features.tables.push(PropertyTable {
        count: 3,
        columns: vec![Column::new("bag", ColumnValues::I64(vec![17, 18, 19]))],
        ..Default::default()
    });
    tile.features.push_block(3, Some(0), None);
    tile
}

/// Draws frames until something holds.
fn until(headless: &mut Headless, what: &str, mut holds: impl FnMut(&World) -> bool) {
    let start = Instant::now();
    while !holds(headless.app.world()) {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        headless.frame().unwrap();
    }
}

fn property(world: &World, mesh: Entity, feature: u32, name: &str) -> Option<String> {
    let joined = world.get::<Joined>(mesh)?;
    Some(joined.0.lookup(feature, name)?.to_string())
}

/// The colours in the middle of each of the three squares.
fn colors(headless: &mut Headless) -> [HashSet<[u8; 3]>; 3] {
    for _ in 0..3 {
        headless.frame().unwrap();
    }
    let picture = headless.picture().unwrap();
    [20, 60, 100].map(|x| {
        let places = (x - 8..x + 8).flat_map(|x| (50..70).map(move |y| (x, y)));
        places
            .map(|(x, y)| {
                let [r, g, b, _] = picture.get_pixel(x, y).0;
                [r, g, b]
            })
            .collect()
    })
}

fn is_near(a: [u8; 3], b: [u8; 3]) -> bool {
    // Between the colour of a style and the screen lies the tone curve; dark blue, yellow and grey are further apart.
    a.into_iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 60)
}

#[test]
fn buildings_have_the_colours_of_their_meters_and_show_what_is_stale_and_missing() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(dir.path(), free_port());
    let file = dir.path().join("scene.toml");
    std::fs::write(&file, scene(broker.port)).unwrap();
    let hub = Served::start(&file, &dir.path().join("data"));
    let health = || -> serde_json::Value {
        let mut answer = ureq::get(format!("{}/api/health", hub.url)).call().unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    };
    let start = Instant::now();
    while health()["feeds"][0]["state"] != "connected" {
        assert!(start.elapsed() < PATIENCE, "the feed never connected");
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut headless = Headless::new([SIDE, SIDE], QualityChoice::Lean).unwrap();
    Startup {
        scene: Some(file.to_string_lossy().into_owned()),
        hub: Some(hub.url.clone()),
        ..Startup::default()
    }
    .apply(&mut headless.app);
    until(&mut headless, "scene and hub are there", |world| {
        !world.resource::<ReadingJoins>().is_empty()
            && world.resource::<Readings>().catalog.is_some()
    });
    headless.set_view(CityView {
        position: DVec3::new(0.0, -16.0, 50.0),
        forward: DVec3::Y,
        up: DVec3::Z,
        fov_y_rad: 0.7,
        ..CityView::default()
    });
    let mut style = TilesetStyle::default();
    style.set(style_by_reading("kw", [0.0, 100.0], "cividis"), 1.0);
    let world = headless.app.world_mut();
    let layer = world.spawn(style).id();
    let tile = TileId::from_bits(1);
    let mesh = world
        .spawn((
            CityMesh::new(houses()),
            Placement {
                local_from_mesh: DMat4::from_translation(DVec3::new(0.0, 0.0, 50.0)),
            },
            Shown(true),
            Style::default(),
            TileOf {
                layer,
                tile,
                content: 0,
            },
        ))
        .id();
    let now_s = || {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        since.as_secs()
    };
    let publish = |meter: &str, building: serde_json::Value, value: f64, age_s: u64| {
        let payload = json!({
            "value": value, "time": now_s() - age_s, "at": [114.17, 22.29], "building": building,
        });
        broker.publish(&format!("meters/{meter}"), payload.to_string().as_bytes());
    };
    publish("main", json!(17), 20.0, 60);
    publish("old", json!("18"), 97.0, 3000);
    until(&mut headless, "two houses have a reading", |world| {
        property(world, mesh, 0, "kw").as_deref() == Some("20")
            && property(world, mesh, 1, "kw_quality").as_deref() == Some("stale")
    });
    let problems = headless.app.world().get::<TilesetStyle>(layer).unwrap();
    assert_eq!(problems.warnings, [""; 0]);
    let [first, second, third] = colors(&mut headless);
    let expected = colormap::sample("cividis", 0.2);
    assert!(
        first.len() == 1 && first.iter().all(|color| is_near(*color, expected)),
        "{first:?}, expected {expected:?}"
    );
    let bright = colormap::sample("cividis", 1.0);
    assert!(
        second.len() > 1 && second.iter().any(|color| is_near(*color, bright)),
        "stale is striped: {second:?}"
    );
    assert_eq!(third.len(), 1, "no sensor, no pattern: {third:?}");
    assert!(third.iter().all(|[r, g, b]| r == g && g == b), "{third:?}");

    // A newer one: what is coloured again is that house, in the same list of colours.
    publish("main", json!(17), 97.0, 5);
    until(&mut headless, "the newer reading is there", |world| {
        property(world, mesh, 0, "kw").as_deref() == Some("97")
    });
    let [newer, stale, none] = colors(&mut headless);
    assert!(
        newer.iter().all(|color| is_near(*color, bright)),
        "{newer:?}"
    );
    assert_eq!((stale, none), (second, third));

    // A third meter comes, without a value.
    broker.publish(
        "meters/new",
        json!({ "value": null, "time": now_s(), "at": [114.17, 22.29], "building": 19 })
            .to_string()
            .as_bytes(),
    );
    until(
        &mut headless,
        "the third house misses its reading",
        |world| property(world, mesh, 2, "kw_quality").as_deref() == Some("missing"),
    );
    let [_, _, missing] = colors(&mut headless);
    assert!(missing.len() > 1, "missing is crossed: {missing:?}");
    let world = headless.app.world();
    let value = world.get::<Joined>(mesh).unwrap().0.lookup(2, "kw");
    assert_eq!(value, Some(PropertyValue::NoData));
    let look = world.get::<FeatureLook>(mesh).unwrap();
    assert_eq!(look.patterns[..], [(1, 1), (2, 4)]);
}
