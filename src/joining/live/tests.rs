//! A layer of readings, tiles and a style, without a hub.

use std::sync::Arc;

use bevy::app::App;
use bevy::ecs::prelude::*;
use city_sensors::catalog::Catalog;
use city_sensors::wire::{Series, Window};
use city_sensors::{Area, Datastream, Flags, Layer, NS_PER_S, Observation, Quality};
use city_tiles::metadata::{Column, ColumnValues, PropertyTable};
use city_tiles::prepared::PreparedTile;
use city_tiles::stream::TileId;
use city_time::SimInstant;

use super::ReadingJoins;
use crate::clock::SimClock;
use crate::joining::{Joined, JoiningPlugin};
use crate::overlays::{LayerState, Readings};
use crate::render::{CityMesh, FeatureLook};
use crate::styling::{StylingPlugin, TilesetStyle};
use crate::tiles::TileOf;

const NOON_NS: i64 = 1_750_000_000 * NS_PER_S;

fn catalog(features: &[Option<&str>]) -> Catalog {
    let layer = Layer {
        id: "power".into(),
        area: Area::Living,
        name: "Power".into(),
        unit: city_sensors::Unit {
            name: "kilowatt".into(),
            symbol: "kW".into(),
            definition: "ucum:kW".into(),
        },
        observed_property: city_sensors::ObservedProperty {
            name: "Power".into(),
            definition: "urn:power".into(),
            description: "Power".into(),
        },
        interpolation: Default::default(),
        cadence_s: 60.0,
        range: [0.0, 100.0],
        limits: Default::default(),
    };
    let stream = |(id, feature): (u32, &Option<&str>)| Datastream {
        id,
        name: format!("power:{id}"),
        thing: format!("thing-{id}"),
        layer: 0,
        lon: 0.0,
        lat: 0.0,
        height_m: 0.0,
        simulated: false,
        source: "test".into(),
        place: Default::default(),
        feature: feature.map(str::to_owned),
    };
    Catalog {
        revision: features.len() as u64,
        layers: vec![layer],
        datastreams: (1..).zip(features).map(stream).collect(),
        ..Catalog::default()
    }
}

fn tile(ids: &[&str]) -> PreparedTile {
    let mut ends = Vec::new();
    for id in ids {
        ends.push(ends.last().unwrap_or(&0) + id.len() as u32);
    }
    let text = ids.concat();
    let mut tile = PreparedTile::default();
    tile.features.tables.push(PropertyTable {
        count: ids.len() as u32,
        columns: vec![Column::new("id", ColumnValues::Text { ends, text })],
        ..Default::default()
    });
    // Features of another kind come first.
    tile.features.push_block(2, None, Some("tree".into()));
    tile.features.push_block(ids.len() as u32, Some(0), None);
    tile
}

/// Readings of the layer: sensor, seconds after noon, value, quality.
fn tell(app: &mut App, told: &[(u32, i64, f64, Quality)]) {
    let mut readings = app.world_mut().resource_mut::<Readings>();
    let series = told.iter().map(|(datastream, at_s, value, quality)| {
        let at_ns = NOON_NS + at_s * NS_PER_S;
        let mut reading = Observation::new(*datastream, at_ns, at_ns, *value);
        reading.flags = Flags::new(*quality);
        let mut series = Series {
            datastream: *datastream,
            ..Series::default()
        };
        series.readings.insert(&reading);
        series
    });
    let window = Window {
        layer: "power".into(),
        from_ns: NOON_NS - 3600 * NS_PER_S,
        to_ns: NOON_NS + 3600 * NS_PER_S,
        now_ns: NOON_NS + 3600 * NS_PER_S,
        series: series.collect(),
    };
    let state = readings.layers.first_mut().unwrap();
    state.history.add_window(&window, None);
    state.changes += 1;
}

fn start(ids: &[&str], features: &[Option<&str>]) -> (App, Entity) {
    let mut app = App::new();
    app.add_plugins((JoiningPlugin, StylingPlugin))
        .add_message::<crate::tiles::OpenTileset>()
        .init_resource::<crate::notices::Notices>()
        .insert_resource(SimClock::standing_at(SimInstant(NOON_NS)))
        .insert_resource(Readings {
            catalog: Some(catalog(features)),
            layers: vec![LayerState::default()],
            ..Readings::default()
        });
    let mut style = TilesetStyle::default();
    let text = r#"{"color": {"conditions": [
        ["${power} === undefined", "color('gray')"],
        ["${power} > 50", "color('red')"],
        ["true", "color('blue')"]]}}"#;
    style.set(text.into(), 1.0);
    let layer = app.world_mut().spawn(style).id();
    let mut joins = app.world_mut().resource_mut::<ReadingJoins>();
    assert_eq!(joins.of_layer("power").unwrap().property, "power");
    let of = TileOf {
        layer,
        tile: TileId::from_bits(1),
        content: 0,
    };
    let mesh = CityMesh::new(tile(ids));
    let mesh = app.world_mut().spawn((mesh, of)).id();
    settle(&mut app);
    (app, mesh)
}

fn settle(app: &mut App) {
    for _ in 0..5 {
        app.update();
    }
    assert!(!app.world().resource::<ReadingJoins>().is_busy());
}

fn seek(app: &mut App, after_noon_s: i64) {
    let at = SimInstant(NOON_NS + after_noon_s * NS_PER_S);
    app.insert_resource(SimClock::standing_at(at));
    settle(app);
}

/// Red and blue of each house's colour, and the patterns.
fn looks(app: &App, mesh: Entity) -> (Vec<[u8; 2]>, Vec<(u32, u8)>) {
    let look = app.world().get::<FeatureLook>(mesh).unwrap();
    let colors = look.colors.iter().skip(2);
    let colors = colors.map(|[r, _, b, _]| [*r, *b]).collect();
    (colors, look.patterns.to_vec())
}

const GRAY: [u8; 2] = [128, 128];
const RED: [u8; 2] = [255, 0];
const BLUE: [u8; 2] = [0, 255];

#[test]
fn a_property_follows_the_clock_with_age_and_quality() {
    let ids = ["a", "b", "c", "d"];
    let (mut app, mesh) = start(&ids, &[Some("a"), Some("b"), Some("c"), None, Some("b")]);
    // All sensors are without a reading; the last house has none, and of two sensors the first speaks.
    assert_eq!(
        looks(&app, mesh),
        (vec![GRAY; 4], vec![(2, 4), (3, 4), (4, 4)])
    );
    let joins = app.world().resource::<ReadingJoins>();
    let join = &joins.list()[0];
    assert_eq!(
        (join.datastream("b"), join.datastream("d")),
        (Some(2), None)
    );
    assert!(join.problem().unwrap().starts_with("1 sensors of power"));
    tell(
        &mut app,
        &[
            (1, -10, 80.0, Quality::Good),
            (2, -10, 20.0, Quality::Suspect),
            (3, -10, 90.0, Quality::Fail),
            (5, -10, 99.0, Quality::Good),
        ],
    );
    tell(&mut app, &[(1, 30, 20.0, Quality::Good)]);
    seek(&mut app, 0);
    assert_eq!(
        looks(&app, mesh),
        (vec![RED, BLUE, GRAY, GRAY], vec![(3, 2), (4, 3)]),
        "what failed is no value"
    );
    let unit = {
        let joined = app.world().get::<Joined>(mesh).unwrap();
        let of = joined.0.properties(2);
        let power = of.iter().find(|property| property.id == "power").unwrap();
        power.unit.clone()
    };
    assert_eq!(unit.as_deref(), Some("kW"));
    seek(&mut app, 40);
    assert_eq!(looks(&app, mesh).0[0], BLUE, "the next reading holds");
    seek(&mut app, 20);
    assert_eq!(looks(&app, mesh).0[0], RED, "and the one before it again");
    seek(&mut app, 1000);
    assert_eq!(looks(&app, mesh).1, [(2, 1), (3, 2), (4, 3)], "stale");
}

#[test]
fn a_reading_touches_its_feature_alone() {
    let (mut app, mesh) = start(&["a", "b"], &[Some("a"), Some("b")]);
    tell(
        &mut app,
        &[(1, -10, 80.0, Quality::Good), (2, -10, 80.0, Quality::Good)],
    );
    settle(&mut app);
    assert_eq!(looks(&app, mesh).0, [RED, RED]);
    // Were the tile worked out again, this colour would not stay.
    let mut look = app.world_mut().get_mut::<FeatureLook>(mesh).unwrap();
    Arc::make_mut(&mut look.colors)[3] = [1, 2, 3, 255];
    tell(&mut app, &[(1, -5, 10.0, Quality::Good)]);
    settle(&mut app);
    assert_eq!(looks(&app, mesh).0, [BLUE, [1, 3]]);
}

#[test]
fn sensors_that_come_later_and_joins_that_nobody_reads() {
    let (mut app, mesh) = start(&["a", "b"], &[Some("a")]);
    assert!(app.world().get::<Joined>(mesh).is_some());
    let mut readings = app.world_mut().resource_mut::<Readings>();
    readings.catalog = Some(catalog(&[Some("a"), Some("b")]));
    tell(&mut app, &[(2, -10, 80.0, Quality::Good)]);
    settle(&mut app);
    assert_eq!(looks(&app, mesh).0, [GRAY, RED]);
    let wanted = &app.world().resource::<Readings>().joined;
    assert!(wanted.contains("power"));
    let mut styles = app.world_mut().query::<&mut TilesetStyle>();
    for mut style in styles.iter_mut(app.world_mut()) {
        style.set(r#"{"color": "color('red')"}"#.into(), 1.0);
    }
    settle(&mut app);
    assert!(app.world().resource::<ReadingJoins>().is_empty());
    assert!(app.world().resource::<Readings>().joined.is_empty());
    assert!(app.world().get::<Joined>(mesh).is_none());
}

#[test]
fn a_join_says_why_nothing_is_coloured() {
    let problem = |app: &App| app.world().resource::<ReadingJoins>().list()[0].problem();
    let (app, _) = start(&["a"], &[None]);
    assert!(problem(&app).unwrap().contains("which feature"));
    let (app, _) = start(&["a"], &[Some("x")]);
    assert!(problem(&app).unwrap().contains("none of the 1 sensors"));
    let (mut app, mesh) = start(&["a"], &[Some("a")]);
    assert_eq!(problem(&app), None);
    // Tiles with a property of this name keep theirs.
    let mut own = tile(&["a"]);
    let column = Column::new("power", ColumnValues::F64(vec![1.0]));
    own.features.tables[0].columns.push(column);
    let of = *app.world().get::<TileOf>(mesh).unwrap();
    app.world_mut().spawn((CityMesh::new(own), of));
    settle(&mut app);
    assert!(problem(&app).unwrap().contains("of their own"));
    app.world_mut().resource_mut::<Readings>().catalog = Some(Catalog::default());
    settle(&mut app);
    assert!(problem(&app).unwrap().contains("no layer"));
}
