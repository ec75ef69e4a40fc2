//! Seeds for what comes from sensors, hubs and scene files.

use city_sensors::wire::{Live, Series, Window};
use city_sensors::{Columns, Observation};

/// A message as a feed sends it.
pub const MQTT: &[u8] =
    br#"{"readings":[{"id":"a","v":21.5,"t":"2026-11-23T12:00:00Z"},{"id":7,"v":-1,"t":1795435200}],"lon":114.1,"lat":22.3}"#;

/// The scenes that the project ships.
pub fn scenes() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../../scenes/harbour.toml").to_vec(),
        include_bytes!("../../scenes/wageningen.toml").to_vec(),
    ]
}

/// Every kind of live message, and a window of history.
pub fn wire() -> Vec<Vec<u8>> {
    let reading = |minute: i64| {
        Observation::new(
            7,
            minute * 60_000_000_000,
            minute * 60_000_000_001,
            20.0 + minute as f64 / 8.0,
        )
    };
    let mut readings = Columns::default();
    for minute in 0..5 {
        readings.insert(&reading(minute));
    }
    let series = Series {
        datastream: 7,
        readings,
        forecast: Columns::default(),
    };
    let window = Window {
        layer: "air".to_owned(),
        to_ns: 300_000_000_000,
        series: vec![series],
        ..Window::default()
    };
    vec![
        Live::Hello {
            now_ns: 1,
            catalog_revision: 300,
        }
        .encode(),
        Live::Readings {
            now_ns: 2,
            readings: vec![reading(1), reading(2)],
        }
        .encode(),
        Live::Beat { now_ns: -1 }.encode(),
        Live::Lagged { missed: 9 }.encode(),
        Live::CatalogChanged { revision: 2 }.encode(),
        window.encode(),
    ]
}
