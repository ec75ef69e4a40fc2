//! Readings through a real mosquitto.

use crate::support::{NOON_NS, TestHub, config, eventually, start};
use city_hub::{MqttFeed, SimulatedFeed};
use city_sensors::{NS_PER_S, Observation, wire::Live};
use serde_json::{Value, json};
use std::{
    io::Write,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A broker on a port of its own, killed with the test.
struct Broker {
    child: Child,
    port: u16,
}

impl Broker {
    fn start(dir: &Path, port: u16) -> Self {
        let settings = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n\
             persistence_location {}/\nmessage_size_limit 0\nmax_queued_messages 100000\n",
            dir.display()
        );
        let file = dir.join("mosquitto.conf");
        std::fs::write(&file, settings).unwrap();
        let program = ["/usr/sbin/mosquitto", "mosquitto"]
            .into_iter()
            .find(|program| Command::new(program).arg("-h").output().is_ok())
            .expect("mosquitto is missing: apt-get install mosquitto mosquitto-clients");
        let child = Command::new(program)
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        eventually("the broker listens", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Self { child, port }
    }

    fn publish(&self, topic: &str, payload: &[u8]) {
        let mut child = Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-q", "1", "-t", topic, "-s", "-p"])
            .arg(self.port.to_string())
            .stdin(Stdio::piped())
            .spawn()
            .expect("mosquitto_pub is missing: apt-get install mosquitto mosquitto-clients");
        child.stdin.take().unwrap().write_all(payload).unwrap();
        assert!(child.wait().unwrap().success());
    }

    fn publish_json(&self, topic: &str, payload: &Value) {
        self.publish(topic, payload.to_string().as_bytes());
    }

    /// Ends it as an operator would, so that it writes down what it holds.
    fn stop(mut self) {
        let pid = self.child.id().to_string();
        Command::new("kill").arg(pid).status().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
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
        }))
        .unwrap(),
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
    broker.publish_json("city/air_pm25/air_quality-0001", &payload);
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
        broker.publish_json("city/weather_wind/roof", &payload);
        eventually("the reading is stored", || {
            !stored(&hub, "weather_wind:roof").is_empty()
        });
        assert_ne!(hub.json("/api/catalog")["revision"], revision);
        let things = hub.json("/v1.1/Things?$filter=name%20eq%20%27roof%27&$expand=Locations");
        let place = &things["value"][0]["Locations"][0]["location"]["coordinates"];
        assert_eq!(*place, json!([114.2, 22.3, 0.0]));
    }
    let hub = hub(&path, broker.port);
    assert_eq!(stored(&hub, "weather_wind:roof")[0]["result"], 4.5);
    connected(&hub);
    broker.publish_json(
        "city/weather_wind/roof",
        &json!({"value": 5.5, "time": now_s() + 1}),
    );
    eventually("it is known without a place", || {
        stored(&hub, "weather_wind:roof").len() == 2
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
    broker.publish_json(topic, &json!({"value": 1, "time": "1970-01-01T00:00:00Z"}));
    broker.publish_json(topic, &json!({"value": 1, "time": "2100-01-01T00:00:00Z"}));
    broker.publish_json(topic, &json!({"value": 1, "time": "half past"}));
    broker.publish_json(topic, &json!({"time": now_s()}));
    broker.publish_json("city/air_pm25/who", &json!({"value": 1, "time": now_s()}));
    broker.publish_json(
        "city/colour/air_quality-0000",
        &json!({"value": 1, "time": now_s()}),
    );
    broker.publish_json(topic, &json!({"value": 17.5, "time": now_s()}));
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
    broker.publish_json(
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
        broker.publish_json("city/footfall/footfall-0000", &payload);
        broker.publish_json("city/footfall/footfall-0000", &payload);
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
    const READINGS: i64 = 20_000;
    let mut lines = Vec::new();
    for i in 0..READINGS {
        // Another instant each, all within the last minutes.
        let time = NOON_NS / 1_000_000 - i * 10;
        let time = city_time::SimInstant(time * 1_000_000).to_string();
        writeln!(lines, "{}", json!({"value": i, "time": time})).unwrap();
    }
    let start = Instant::now();
    let mut child = Command::new("mosquitto_pub")
        .args([
            "-h",
            "127.0.0.1",
            "-q",
            "1",
            "-l",
            "-t",
            "city/footfall/footfall-0000",
            "-p",
        ])
        .arg(broker.port.to_string())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&lines).unwrap();
    assert!(child.wait().unwrap().success());
    let deadline = Instant::now() + Duration::from_secs(60);
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
