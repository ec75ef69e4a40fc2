//! Scenarios: files, what they come to, what is said about wrong ones, and what differs.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod differ;
mod editing;
mod files;
mod folding;
mod shapes;

use std::collections::BTreeMap;

use city_scene::scenario::*;
use city_scene::{CityIndex, Place};
use city_time::SimInstant;
use geo_types::{Polygon, polygon};

/// One of every kind.
pub const ALL_KINDS: &str = include_str!("all_kinds.toml");

pub fn parse(text: &str) -> Scenario {
    let (scenario, problems) = Scenario::parse(text, "s.toml").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(problems, [], "{text}");
    scenario
}

/// An empty scenario.
pub fn empty() -> Scenario {
    parse("id = \"plan\"\nname = \"Plan\"\nbase = \"scenes/harbour.toml\"\n")
}

/// A rectangle with its south-west corner at 114.17° E 22.29° N plus an offset, in degrees.
pub fn rectangle(east: f64, north: f64, width: f64, depth: f64) -> Polygon<f64> {
    let (x, y) = (114.17 + east, 22.29 + north);
    polygon![(x: x, y: y), (x: x + width, y: y), (x: x + width, y: y + depth), (x: x, y: y + depth)]
}

pub fn building(name: &str, footprint: Polygon<f64>) -> Building {
    Building {
        name: name.to_owned(),
        footprint,
        base_height_m: Some(5.0),
        height_m: 40.0,
        storeys: 10,
        usage: "Residential".to_owned(),
        floor_area_m2: None,
        energy_class: Some(EnergyClass::A),
        wall_rgb: None,
        roof_rgb: Some([1, 2, 255]),
    }
}

pub const NOW: SimInstant = SimInstant::from_unix_s(1_800_000_000);

/// Three buildings and two streets.
pub fn city() -> CityIndex {
    let json = r#"{"uses": ["None", "Residential", "Office"], "greens": [[[114.18, 22.29], [114.181, 22.29], [114.181, 22.291], [114.18, 22.291]]], "districts": [{"x": 1}],
        "buildings": {"id": ["B1", "B2", "B3"], "name": ["One", "", "Three"], "lon": [114.1705, 114.1715, 114.19],
        "lat": [22.2905, 22.2905, 22.30], "top_m": [45.0, 35.0, 105.0], "height_m": [40.0, 30.0, 100.0],
        "use": [1, 2, 2], "storeys": [13, 7, 24], "floor_area_m2": [5000, 4000, 24000], "energy_class": [0, 3, 6],
        "footprint_m2": [400, 600, 1000]}}"#;
    let mut city = CityIndex::parse(json.as_bytes(), "city.json").unwrap();
    let streets = r#"{"names": [{"en": "Harbour Road"}], "nodes": [[114.17, 22.29, 5], [114.18, 22.29, 7]],
        "classes": [], "edges": [
        {"id": "R1", "a": 0, "b": 1, "class": "local", "kind": "surface", "name": 0, "length_m": 1030, "speed_kmh": 50, "lanes": 2},
        {"id": "R2", "a": 1, "b": 0, "class": "local", "kind": "bridge", "name": 9, "length_m": 1, "speed_kmh": 30, "lanes": 1,
         "via": [[114.175, 22.291]]}]}"#;
    city.read_streets(streets.as_bytes(), "streets.json")
        .unwrap();
    city
}

/// A scenario of operations with the ids a, b, c ...
pub fn scenario(kinds: impl IntoIterator<Item = OperationKind>) -> Scenario {
    let mut scenario = empty();
    for (kind, letter) in kinds.into_iter().zip('a'..) {
        scenario.operations.push(Operation {
            id: letter.to_string(),
            kind,
            window: None,
            author: String::new(),
            reason: String::new(),
            horizon: Horizon::Short,
        });
    }
    scenario
}

pub fn hide(ids: &[&str]) -> OperationKind {
    OperationKind::HideFeatures {
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
    }
}

pub fn add(name: &str, east: f64) -> OperationKind {
    OperationKind::AddBuilding {
        building: building(name, rectangle(east, 0.0, 0.0005, 0.0004)),
    }
}

pub fn replace(feature: &str, building: Building) -> OperationKind {
    OperationKind::ReplaceBuilding {
        feature: feature.to_owned(),
        building,
    }
}

pub fn set(feature: &str, attribute: &str, value: Value) -> OperationKind {
    OperationKind::OverrideAttribute {
        feature: feature.to_owned(),
        attribute: attribute.to_owned(),
        value,
    }
}

pub fn model(east: f64) -> OperationKind {
    OperationKind::PlaceModel {
        url: "models/tower.glb".to_owned(),
        position: Place {
            lon: 114.17 + east,
            lat: 22.29,
            height: 5.0,
        },
        heading_deg: 0.0,
        scale: 1.0,
    }
}

pub fn speed(street: &str, kmh: f64) -> OperationKind {
    OperationKind::ChangeStreet {
        street: street.to_owned(),
        attributes: BTreeMap::from([("speed_kmh".to_owned(), Value::Number(kmh))]),
    }
}

pub fn sea_level(value: f64) -> OperationKind {
    OperationKind::SetInput {
        model: "flood".to_owned(),
        input: "sea_level".to_owned(),
        value,
        unit: "m".to_owned(),
    }
}
