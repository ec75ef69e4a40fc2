//! Readings through a real mosquitto.

use crate::{
    broker::{Broker, free_port},
    support::{NOON_NS, TestHub, config, eventually, start},
};
use city_hub::{MqttFeed, SimulatedFeed, store::StoreOptions};
use city_sensors::{NS_PER_S, Observation, simulate, wire::Live};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::Write,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

fn publish_json(broker: &Broker, topic: &str, payload: &Value) {
    broker.publish(topic, payload.to_string().as_bytes());
}

fn feed(port: u16) -> MqttFeed {
    MqttFeed {
        name: "city broker".to_owned(),
        broker: format!("mqtt://127.0.0.1:{port}"),
        mapping: serde_json::from_value(json!({
            "topic": "city/{layer}/{sensor}",
            "time": "/time",
            "lon": "/lon",
            "lat": "/lat",
            "feature": "/building",
        }))
        .unwrap(),
        simulated: false,
    }
}

/// A hub that listens to the broker, with two simulated weather stations that say nothing by themselves.
fn hub(dir: &Path, port: u16) -> TestHub {
    let (mut config, clock) = config(dir);
    let mut simulated = SimulatedFeed::new(7, 0, crate::support::sites(2));
    simulated.history_h = 0;
    simulated.in_process = false;
    config.simulated = Some(simulated);
    config.mqtt = vec![feed(port)];
    start(config, clock, None)
}

fn state(hub: &TestHub) -> Value {
    let health = hub.json("/api/health");
    let feeds = health["feeds"].as_array().unwrap().clone();
    feeds.into_iter().find(|f| f["kind"] == "mqtt").unwrap()
}

fn connected(hub: &TestHub) {
    eventually("the feed is connected", || {
        state(hub)["state"] == "connected"
    });
}

fn stored(hub: &TestHub, sensor: &str) -> Vec<Value> {
    let filter = crate::support::encoded(&format!("Datastream/name eq '{sensor}'"));
    let page = hub.json(&format!(
        "/v1.1/Observations?$filter={filter}&$expand=Datastream"
    ));
    page["value"].as_array().unwrap().clone()
}

/// The building that the catalogue gives the sensor "roof".
fn building_of_roof(hub: &TestHub) -> Option<String> {
    let catalog = hub.json("/api/catalog");
    let streams = catalog["datastreams"].as_array().unwrap();
    let roof = streams
        .iter()
        .find(|stream| stream["thing"] == "roof")
        .unwrap();
    roof.get("feature")?.as_str().map(str::to_owned)
}

fn now_s() -> i64 {
    NOON_NS / NS_PER_S
}

#[test]
fn a_published_value_reaches_the_live_socket_and_sensorthings() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(dir.path(), free_port());
    let hub = hub(&dir.path().join("hub"), broker.port);
    connected(&hub);
    let address = format!("ws://{}/api/live", hub.hub.addr);
    let (mut socket, _) = tungstenite::connect(address).unwrap();
    let mut next = || loop {
        if let tungstenite::Message::Binary(bytes) = socket.read().unwrap() {
            return Live::decode(&bytes).unwrap();
        }
    };
    assert!(matches!(
        next(),
        Live::Hello {
            now_ns: NOON_NS,
            ..
        }
    ));
    let sent = Instant::now();
    let payload = json!({"value": 123.456, "time": "2025-06-16T06:39:59.5Z"});
    publish_json(&broker, "city/air_pm25/air_quality-0001", &payload);
    let reading: Observation = loop {
        if let Live::Readings { readings, .. } = next() {
            break readings[0];
        }
    };
    println!("from mosquitto_pub to the socket: {:?}", sent.elapsed());
    assert_eq!(reading.value, 123.456);
    assert_eq!(reading.phenomenon_time_ns, NOON_NS - NS_PER_S / 2);
    let found = stored(&hub, "air_pm25:air_quality-0001");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["result"], 123.456);
    assert_eq!(found[0]["phenomenonTime"], "2025-06-16T06:39:59.5Z");
    assert_eq!(found[0]["Datastream"]["@iot.id"], reading.datastream);
}

#[test]
fn a_sensor_that_says_where_it_stands_is_added_and_known_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(dir.path(), free_port());
    let path = dir.path().join("hub");
    {
        let hub = hub(&path, broker.port);
        connected(&hub);
        let revision = hub.json("/api/catalog")["revision"].clone();
        let payload = json!({"value": 4.5, "time": now_s(), "lon": 114.2, "lat": 22.3});
        publish_json(&broker, "city/weather_wind/roof", &payload);
        eventually("the reading is stored", || {
            !stored(&hub, "weather_wind:roof").is_empty()
        });
        assert_ne!(hub.json("/api/catalog")["revision"], revision);
        let things = hub.json("/v1.1/Things?$filter=name%20eq%20%27roof%27&$expand=Locations");
        let place = &things["value"][0]["Locations"][0]["location"]["coordinates"];
        assert_eq!(*place, json!([114.2, 22.3, 0.0]));
        // What it belongs to may be said later, and holds then.
        assert_eq!(building_of_roof(&hub), None);
        for (building, after_s) in [("B000009", 2), ("B000010", 3)] {
            let payload = json!({"value": 4, "time": now_s() + after_s, "building": building});
            publish_json(&broker, "city/weather_wind/roof", &payload);
        }
        eventually("its building is known", || {
            stored(&hub, "weather_wind:roof").len() == 3
        });
        assert_eq!(building_of_roof(&hub).as_deref(), Some("B000009"));
    }
    let hub = hub(&path, broker.port);
    assert_eq!(building_of_roof(&hub).as_deref(), Some("B000009"));
    assert_eq!(stored(&hub, "weather_wind:roof")[0]["result"], 4.5);
    connected(&hub);
    publish_json(
        &broker,
        "city/weather_wind/roof",
        &json!({"value": 5.5, "time": now_s() + 10}),
    );
    eventually("it is known without a place", || {
        stored(&hub, "weather_wind:roof").len() == 4
    });
}

#[test]
fn hostile_messages_are_counted_by_reason_and_everything_else_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(dir.path(), free_port());
    let hub = hub(&dir.path().join("hub"), broker.port);
    connected(&hub);
    let topic = "city/air_pm25/air_quality-0000";
    broker.publish(topic, b"on fire");
    broker.publish(topic, b"{\"value\": \xff}");
    broker.publish(topic, &vec![b'7'; 10 << 20]);
    publish_json(
        &broker,
        topic,
        &json!({"value": 1, "time": "1970-01-01T00:00:00Z"}),
    );
    publish_json(
        &broker,
        topic,
        &json!({"value": 1, "time": "2100-01-01T00:00:00Z"}),
    );
    publish_json(&broker, topic, &json!({"value": 1, "time": "half past"}));
    publish_json(&broker, topic, &json!({"time": now_s()}));
    publish_json(
        &broker,
        "city/air_pm25/who",
        &json!({"value": 1, "time": now_s()}),
    );
    publish_json(
        &broker,
        "city/colour/air_quality-0000",
        &json!({"value": 1, "time": now_s()}),
    );
    publish_json(&broker, topic, &json!({"value": 17.5, "time": now_s()}));
    eventually("the good one is stored", || {
        stored(&hub, "air_pm25:air_quality-0000").len() == 1
    });
    let state = state(&hub);
    assert_eq!(
        state["rejects"],
        json!({
            "future": 1, "no_value": 1, "not_json": 1, "not_utf8": 1, "time": 1, "too_large": 1,
            "too_old": 1, "unknown_layer": 1, "unknown_sensor": 1,
        })
    );
    assert_eq!(state["messages"], 10);
    assert_eq!(state["readings"], 1);
    assert_eq!(state["state"], "connected");
}

#[test]
fn a_broker_that_goes_away_is_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let port = free_port();
    let hub = hub(&dir.path().join("hub"), port);
    eventually("the hub says that it waits", || {
        state(&hub)["state"] == "waiting"
    });
    assert!(
        state(&hub)["why"]
            .as_str()
            .unwrap()
            .contains("cannot be reached")
    );
    let broker = Broker::start(dir.path(), port);
    connected(&hub);
    broker.stop();
    eventually("the hub notices", || state(&hub)["state"] == "waiting");
    let broker = Broker::start(dir.path(), port);
    connected(&hub);
    publish_json(
        &broker,
        "city/footfall/footfall-0001",
        &json!({"value": 12, "time": now_s()}),
    );
    eventually("readings come again", || {
        stored(&hub, "footfall:footfall-0001").len() == 1
    });
}

#[test]
fn what_is_published_while_the_hub_is_away_is_delivered_when_it_is_back_and_stored_once() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(dir.path(), free_port());
    let path = dir.path().join("hub");
    {
        let hub = hub(&path, broker.port);
        connected(&hub);
    }
    for second in 0..20 {
        let payload = json!({"value": second, "time": now_s() - second});
        publish_json(&broker, "city/footfall/footfall-0000", &payload);
        publish_json(&broker, "city/footfall/footfall-0000", &payload);
    }
    let hub = hub(&path, broker.port);
    eventually("all twenty are there", || {
        stored(&hub, "footfall:footfall-0000").len() == 20
    });
    eventually("the others are known as repeated", || {
        state(&hub)["repeated"] == 20
    });
}

#[test]
fn many_readings_a_second_are_taken_in() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(dir.path(), free_port());
    let hub = hub(&dir.path().join("hub"), broker.port);
    connected(&hub);
    const READINGS: i64 = 5_000;
    let mut lines = Vec::new();
    for i in 0..READINGS {
        // Another instant each, all within the last minutes.
        let time = NOON_NS / 1_000_000 - i * 10;
        let time = city_time::SimInstant(time * 1_000_000).to_string();
        writeln!(lines, "{}", json!({"value": i, "time": time})).unwrap();
    }
    let start = Instant::now();
    broker.publish_lines("city/footfall/footfall-0000", &lines);
    let deadline = Instant::now() + Duration::from_secs(120);
    while state(&hub)["readings"] != READINGS {
        assert!(Instant::now() < deadline, "{}", state(&hub));
        std::thread::sleep(Duration::from_millis(20));
    }
    let per_s = READINGS as f64 / start.elapsed().as_secs_f64();
    println!("{per_s:.0} readings a second through mosquitto, on disk");
    assert!(per_s > 500.0, "{per_s:.0} readings a second");
    let count = hub.json("/v1.1/Observations?$count=true&$top=0")["@iot.count"].clone();
    assert_eq!(count, READINGS);
}

/// What the simulated feed says in a stretch of time, as JSON lines by layer.
fn simulated_messages(
    sites: &[simulate::Site],
    from_ns: i64,
    to_ns: i64,
) -> BTreeMap<&str, Vec<u8>> {
    let simulation = simulate::Simulation {
        seed: SEED,
        utc_offset_s: 0,
    };
    let mut lines: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for site in sites {
        for kind in simulate::kinds_at(&site.kind) {
            let name = format!("{}:{}", kind.layer, site.name);
            let stream = simulation.stream(0, &name, kind);
            let mut readings = Vec::new();
            simulation.arrivals(&stream, from_ns, to_ns, &mut readings);
            for reading in readings {
                let time = city_time::SimInstant(reading.phenomenon_time_ns).to_string();
                let value = reading.value.is_finite().then_some(reading.value);
                let message = json!({"sensor": site.name, "time": time, "value": value});
                writeln!(lines.entry(kind.layer).or_default(), "{message}").unwrap();
            }
        }
    }
    lines
}

const SEED: u64 = 7;

#[test]
fn the_simulated_feed_through_the_broker_is_the_one_in_process() {
    const SPAN_S: i64 = 60;
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(dir.path(), free_port());
    let sites = simulate::spread(SEED, 114.17, 22.29, 0.0);
    let hub = |name: &str, through_broker: bool| {
        let (mut config, clock) = config(&dir.path().join(name));
        let mut simulated = SimulatedFeed::new(SEED, 0, sites.clone());
        simulated.history_h = 0;
        simulated.in_process = !through_broker;
        config.simulated = Some(simulated);
        if through_broker {
            let mut feed = feed(broker.port);
            feed.mapping = serde_json::from_value(json!({
                "topic": "simulated/{layer}", "sensor": "/sensor", "time": "/time",
            }))
            .unwrap();
            config.mqtt = vec![feed];
        }
        start(config, clock, None)
    };
    let in_process = hub("in_process", false);
    in_process.advance_s(SPAN_S);
    let through_broker = hub("through_broker", true);
    connected(&through_broker);
    through_broker.advance_s(SPAN_S);
    let messages = simulated_messages(&sites, NOON_NS, NOON_NS + SPAN_S * NS_PER_S);
    let count: usize = messages
        .values()
        .map(|lines| lines.iter().filter(|byte| **byte == b'\n').count())
        .sum();
    assert!(
        count as i64 > 100 * SPAN_S,
        "{count} readings in {SPAN_S} s"
    );
    for (layer, lines) in &messages {
        broker.publish_lines(&format!("simulated/{layer}"), lines);
    }
    let stored = |hub: &TestHub, kind: &str| {
        let health = hub.json("/api/health");
        let feeds = health["feeds"].as_array().unwrap().clone();
        let feed = feeds.into_iter().find(|f| f["kind"] == kind).unwrap();
        feed["readings"].as_u64().unwrap() as usize
    };
    eventually("all are stored", || {
        stored(&through_broker, "mqtt") == count && stored(&in_process, "simulated") == count
    });
    assert_eq!(state(&through_broker)["rejects"], json!({}));
    let mut compared = 0;
    for layer in messages.keys() {
        let (from_ns, to_ns) = (NOON_NS - 7200 * NS_PER_S, NOON_NS + SPAN_S * NS_PER_S);
        let held = |hub: &TestHub| -> Vec<(u32, i64, u64, city_sensors::Quality)> {
            let series = hub.window(layer, from_ns, to_ns).series;
            let of_one = |series: &city_sensors::wire::Series| -> Vec<_> {
                let rows = series.readings.iter(series.datastream);
                rows.map(|o| {
                    let bits = o.value.to_bits();
                    (o.datastream, o.phenomenon_time_ns, bits, o.quality())
                })
                .collect()
            };
            series.iter().flat_map(of_one).collect()
        };
        let (one, other) = (held(&in_process), held(&through_broker));
        assert!(!one.is_empty(), "{layer}");
        assert_eq!(one, other, "{layer}");
        compared += one.len();
    }
    assert_eq!(compared, count);
    let catalog = through_broker.json("/api/catalog");
    let datastreams = catalog["datastreams"].as_array().unwrap();
    assert!(datastreams.iter().all(|d| d["simulated"] == true));
}

#[test]
fn what_a_simulated_broker_adds_says_that_it_is_simulated() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(dir.path(), free_port());
    let (mut config, clock) = config(&dir.path().join("hub"));
    config.layers = vec![simulate::kind("weather_wind").unwrap().layer()];
    config.mqtt = vec![MqttFeed {
        simulated: true,
        ..feed(broker.port)
    }];
    let hub = start(config, clock, None);
    connected(&hub);
    let payload = json!({"value": 4.5, "time": now_s(), "lon": 114.2, "lat": 22.3});
    publish_json(&broker, "city/weather_wind/roof", &payload);
    eventually("the reading is stored", || {
        !stored(&hub, "weather_wind:roof").is_empty()
    });
    assert_eq!(
        hub.json("/api/catalog")["datastreams"][0]["simulated"],
        true
    );
    let datastream = hub.json("/v1.1/Datastreams")["value"][0].clone();
    assert_eq!(datastream["properties"]["simulated"], true);
}

/// Room on the disk of the next test, in bytes.
static ROOM: AtomicU64 = AtomicU64::new(u64::MAX);

#[test]
fn a_full_disk_is_said_nothing_is_acknowledged_and_all_is_stored_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(dir.path(), free_port());
    let (mut config, clock) = config(&dir.path().join("hub"));
    config.layers = vec![simulate::kind("footfall").unwrap().layer()];
    config.mqtt = vec![feed(broker.port)];
    config.store = StoreOptions {
        reserve_bytes: 1 << 20,
        free_bytes: |_| Some(ROOM.load(Ordering::SeqCst)),
        ..config.store
    };
    let hub = start(config, clock, None);
    connected(&hub);
    let send = |second: i64| {
        let payload = json!({"value": second, "time": now_s() - second, "lon": 114.2, "lat": 22.3});
        publish_json(&broker, "city/footfall/gate", &payload);
    };
    send(1);
    eventually("the first is stored", || {
        stored(&hub, "footfall:gate").len() == 1
    });
    ROOM.store(1000, Ordering::SeqCst);
    send(2);
    send(3);
    eventually("it is said", || {
        let health = hub.json("/api/health");
        let error = health["store_error"].as_str().unwrap_or_default();
        health["status"] == "failing"
            && error.contains("is full (1000 bytes free")
            && error.contains(dir.path().to_str().unwrap())
    });
    // Everything else runs on.
    assert_eq!(state(&hub)["state"], "connected");
    assert_eq!(stored(&hub, "footfall:gate").len(), 1);
    assert_eq!(hub.get("/").0, 200);
    ROOM.store(u64::MAX, Ordering::SeqCst);
    eventually("the others are stored", || {
        stored(&hub, "footfall:gate").len() == 3
    });
    eventually("it is well again", || {
        hub.json("/api/health")["status"] == "ok"
    });
}
