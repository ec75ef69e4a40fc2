//! Windows of history show for every sensor what SensorThings answers for that instant.

use crate::support::{NOON_NS, TestHub, encoded, simulated, start};
use city_hub::SimulatedFeed;
use city_sensors::{Columns, NS_PER_S, Quality};
use serde_json::Value;

const LAYERS: [&str; 4] = ["traffic_speed", "air_pm25", "water_level", "footfall"];

/// What SensorThings says was the last observation of every datastream of a layer at an instant.
fn sensorthings_at(hub: &TestHub, layer: &str, time_ns: i64) -> Vec<(u64, Option<Value>)> {
    let time = city_time::SimInstant(time_ns).to_string();
    let mut address = format!(
        "/v1.1/Datastreams?$filter={}&$top=7&$expand=Observations({})",
        encoded(&format!("properties/layer eq '{layer}'")),
        encoded(&format!(
            "$filter=phenomenonTime le {time};$orderby=phenomenonTime desc;$top=1"
        )),
    );
    let mut found = Vec::new();
    loop {
        let page = hub.json(&address);
        for datastream in page["value"].as_array().unwrap() {
            let id = datastream["@iot.id"].as_u64().unwrap();
            let last = datastream["Observations"]
                .as_array()
                .unwrap()
                .first()
                .cloned();
            found.push((id, last));
        }
        match page["@iot.nextLink"].as_str() {
            Some(next) => address = next.to_owned(),
            None => return found,
        }
    }
}

fn held_by(window: &[(u64, Columns)], id: u64, time_ns: i64) -> Option<(i64, f64, Quality)> {
    let (_, columns) = window.iter().find(|(d, _)| *d == id)?;
    let row = columns.at_or_before(time_ns)?;
    let reading = columns.get(0, row)?;
    Some((reading.phenomenon_time_ns, reading.value, reading.quality()))
}

fn compare(hub: &TestHub, from_ns: i64, to_ns: i64, instants: &[i64]) -> usize {
    let mut compared = 0;
    for layer in LAYERS {
        let window = hub.window(layer, from_ns, to_ns);
        let series: Vec<(u64, Columns)> = window
            .series
            .into_iter()
            .map(|s| (u64::from(s.datastream), s.readings))
            .collect();
        for time_ns in instants {
            let answers = sensorthings_at(hub, layer, *time_ns);
            assert!(!answers.is_empty(), "{layer}");
            for (id, answer) in answers {
                let held = held_by(&series, id, *time_ns);
                let told = answer.map(|observation| {
                    let time = observation["phenomenonTime"].as_str().unwrap();
                    let time: city_time::SimInstant = time.parse().unwrap();
                    let value = observation["result"].as_f64().unwrap_or(f64::NAN);
                    let flag = observation["resultQuality"]["flag"].as_u64().unwrap();
                    (time.0, value, Quality::from_code(flag as u8).unwrap())
                });
                let bits = |v: Option<(i64, f64, Quality)>| v.map(|(t, v, q)| (t, v.to_bits(), q));
                assert_eq!(bits(held), bits(told), "{layer}, datastream {id}");
                compared += 1;
            }
        }
    }
    compared
}

#[test]
fn an_hour_ago_looks_as_sensorthings_says() {
    let hub = simulated(40);
    let hour_ago = NOON_NS - 3600 * NS_PER_S;
    let window = (hour_ago - 600 * NS_PER_S, hour_ago + 600 * NS_PER_S);
    let instants = [window.0, hour_ago, hour_ago + 123_456_789, window.1];
    assert_eq!(compare(&hub, window.0, window.1, &instants), 4 * 4 * 40);
}

#[test]
fn it_looks_the_same_after_the_feed_went_on_and_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_owned();
    let at = NOON_NS + 30 * NS_PER_S;
    let configured = || {
        let (mut config, clock) = crate::support::config(&path);
        let mut feed = SimulatedFeed::new(7, 8 * 3600, crate::support::sites(10));
        feed.history_h = 2;
        config.simulated = Some(feed);
        (config, clock)
    };
    let live = {
        let (config, clock) = configured();
        let hub = start(config, clock, None);
        // Two minutes of live readings, published and stored one by one.
        for _ in 0..12 {
            hub.advance_s(10);
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
        crate::support::eventually("live readings", || {
            hub.json("/api/health")["feeds"][0]["readings"].as_u64() > Some(100)
        });
        std::thread::sleep(std::time::Duration::from_secs(1));
        compare(&hub, at - 60 * NS_PER_S, at + 60 * NS_PER_S, &[at]);
        hub.window("traffic_speed", at - 60 * NS_PER_S, at + 60 * NS_PER_S)
    };
    // An hour later: the gap is filled in, what was stored live stays.
    let (config, clock) = configured();
    clock.fetch_add(3600 * NS_PER_S, std::sync::atomic::Ordering::SeqCst);
    let hub = start(config, clock, Some(dir));
    compare(&hub, at - 60 * NS_PER_S, at + 60 * NS_PER_S, &[at]);
    let later = hub.window("traffic_speed", at - 60 * NS_PER_S, at + 60 * NS_PER_S);
    for (before, after) in live.series.iter().zip(&later.series) {
        for reading in before.readings.iter(0) {
            let row = after.readings.lower_bound(reading.phenomenon_time_ns);
            assert_eq!(
                after.readings.get(0, row).unwrap().value.to_bits(),
                reading.value.to_bits()
            );
        }
    }
    let now = hub.window("traffic_speed", at + 3000 * NS_PER_S, at + 3060 * NS_PER_S);
    assert!(now.series.iter().map(|s| s.readings.len()).sum::<usize>() > 20);
}

#[test]
fn a_window_into_the_future_has_a_forecast_apart_from_the_readings() {
    let hub = simulated(3);
    let window = hub.window(
        "water_level",
        NOON_NS - 600 * NS_PER_S,
        NOON_NS + 86_400 * NS_PER_S,
    );
    for series in &window.series {
        assert!(series.readings.times_ns().iter().all(|t| *t <= NOON_NS));
        let times = series.forecast.times_ns();
        assert!(
            times
                .iter()
                .all(|t| *t > NOON_NS && *t <= NOON_NS + 6 * 3600 * NS_PER_S)
        );
        assert!(times.len() > 60);
    }
    assert_eq!(hub.json("/api/catalog")["forecast_s"], 6 * 3600);
}

#[test]
fn windows_that_ask_for_nonsense_are_refused_with_the_reason() {
    let hub = simulated(1);
    for (path, part) in [
        ("/api/window?layer=nothing&from=1&to=2", "no layer nothing"),
        ("/api/window?layer=footfall&from=2&to=1", "before from"),
        (
            "/api/window?layer=footfall&from=yesterday&to=1",
            "yesterday",
        ),
        (
            "/api/window?layer=footfall&from=0&to=1750056000000000000",
            "hours long",
        ),
        (
            "/api/series?datastream=99999&from=1&to=2",
            "no datastream 99999",
        ),
    ] {
        let (status, body) = hub.status(path);
        assert!((400..500).contains(&status), "{path}");
        assert!(
            body["message"].as_str().unwrap().contains(part),
            "{path}: {body}"
        );
    }
}
