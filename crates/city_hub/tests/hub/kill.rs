//! A process that stores readings is killed again and again; what it had acknowledged must be there.

use crate::broker::{Broker, free_port};
use city_hub::{
    Config, MqttFeed,
    store::{HOUR_NS, Store, StoreOptions},
};
use city_sensors::{NS_PER_S, Observation, simulate};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

const DIR: &str = "BELVEDERE_TEST_KILL_DIR";
const FIRST: &str = "BELVEDERE_TEST_KILL_FIRST";
const BROKER: &str = "BELVEDERE_TEST_KILL_BROKER";
const START_NS: i64 = 490_000 * HOUR_NS;
const DATASTREAMS: u64 = 7;

fn open(dir: &Path) -> Store {
    let options = StoreOptions {
        reserve_bytes: 0,
        retention_h: 1_000_000,
        ..StoreOptions::default()
    };
    Store::open(dir, options).unwrap()
}

/// The reading with a number: half a minute after the one before, so that hours pass quickly.
fn reading(number: u64) -> Observation {
    let time_ns = START_NS + (number / DATASTREAMS) as i64 * 30 * NS_PER_S;
    let value = (number as f64 * 0.37).sin();
    Observation::new((number % DATASTREAMS) as u32 + 1, time_ns, time_ns, value)
}

/// Starts this program as one of the processes below, with what it is told in its environment.
fn start_child(test: &str, dir: &Path, name: &str, value: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(DIR, dir)
        .env(name, value)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

/// Not a test of its own: the process that the test below starts and kills.
#[test]
fn child_that_stores_until_it_is_killed() {
    let (Ok(dir), Ok(first)) = (std::env::var(DIR), std::env::var(FIRST)) else {
        return;
    };
    let store = open(Path::new(&dir));
    let mut next: u64 = first.parse().unwrap();
    let mut out = std::io::stdout();
    loop {
        let batch: Vec<Observation> = (next..next + 50).map(reading).collect();
        store.append(&batch).unwrap();
        next += 50;
        writeln!(out, "stored {next}").unwrap();
        out.flush().unwrap();
        if next.is_multiple_of(1000) {
            let newest = reading(next).phenomenon_time_ns;
            store.seal(newest).unwrap();
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for round in 0..6 {
        let (mut child, out) = start_child(
            "kill::child_that_stores_until_it_is_killed",
            dir.path(),
            FIRST,
            &acknowledged.to_string(),
        );
        let mut lines = out.lines();
        let before = acknowledged;
        // Another moment each time: in the middle of appending, of sealing, of flushing.
        while acknowledged < before + 700 + round * 433 {
            let line = lines.next().expect("the child ended by itself").unwrap();
            if let Some(number) = line.strip_prefix("stored ") {
                acknowledged = number.parse().unwrap();
            }
        }
        std::thread::sleep(Duration::from_millis(3 * round));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        // What it said in its last moments counts as well.
        for line in lines.map_while(Result::ok) {
            if let Some(number) = line.strip_prefix("stored ") {
                acknowledged = number.parse().unwrap();
            }
        }
        let store = open(dir.path());
        for number in 0..acknowledged {
            let wanted = reading(number);
            let found = store.find(wanted.datastream, wanted.key()).unwrap();
            assert_eq!(
                found,
                Some(wanted),
                "round {round}: reading {number} of {acknowledged}"
            );
        }
        // And nothing is there twice, though the child began where its last batch may have been stored already.
        let all: usize = (1..=DATASTREAMS as u32)
            .map(|d| store.range(d, 0, i64::MAX).unwrap().len())
            .sum();
        assert!(all as u64 >= acknowledged && all as u64 <= acknowledged + 50);
    }
    assert!(
        acknowledged > 8000,
        "the hours of {acknowledged} readings were sealed on the way"
    );
    assert!(open(dir.path()).size().unwrap().hot_readings < acknowledged);
}

/// Not a test of its own: the hub that the test below starts and kills.
#[test]
fn child_that_serves_until_it_is_killed() {
    let (Ok(dir), Ok(broker)) = (std::env::var(DIR), std::env::var(BROKER)) else {
        return;
    };
    let mut config = Config::new(dir);
    config.store.reserve_bytes = 0;
    config.layers = vec![simulate::kind("footfall").unwrap().layer()];
    let mapping = json!({"topic": "city/{layer}/{sensor}", "time": "/t", "lon": "/x", "lat": "/y"});
    config.mqtt = vec![MqttFeed {
        name: "city broker".to_owned(),
        broker,
        mapping: serde_json::from_value(mapping).unwrap(),
        simulated: false,
    }];
    let hub = city_hub::spawn(config, |_| {}).unwrap();
    // On a line of its own, after what the test harness writes.
    println!("\nserving {}", hub.url());
    loop {
        std::thread::park();
    }
}

/// A hub in a process of its own, which listens to the broker.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start(dir: &Path, broker: &str) -> Self {
        let test = "kill::child_that_serves_until_it_is_killed";
        let (child, out) = start_child(test, dir, BROKER, broker);
        let url = out
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.strip_prefix("serving ")?.to_owned()))
            .expect("the hub ended by itself");
        Self { child, url }
    }

    fn get(&self, path: &str) -> Value {
        let mut response = ureq::get(format!("{}{path}", self.url)).call().unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn wait(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap(); // SIGKILL
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn nothing_published_is_lost_or_doubled_when_the_hub_is_killed() {
    const ROUNDS: u64 = 6;
    const EACH: u64 = 300;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("hub");
    let broker = Broker::start(dir.path(), free_port());
    let address = format!("mqtt://127.0.0.1:{}", broker.port);
    let mut hub = Served::start(&data, &address);
    hub.wait("the feed is connected", |hub| {
        hub.get("/api/health")["feeds"][0]["state"] == "connected"
    });
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let start_ms = since_epoch.as_millis() as u64 - 60_000;
    for round in 0..ROUNDS {
        let mut lines = Vec::new();
        for number in round * EACH..(round + 1) * EACH {
            let time = city_time::SimInstant(((start_ms + number) * 1_000_000) as i64).to_string();
            let message = json!({"value": number, "t": time, "x": 114.2, "y": 22.3});
            writeln!(lines, "{message}").unwrap();
        }
        broker.publish_lines("city/footfall/gate", &lines);
        // Another moment each time: before, while and after it stores them.
        std::thread::sleep(Duration::from_millis(round * round * 4));
        hub.kill();
        hub = Served::start(&data, &address);
    }
    let count = |hub: &Served| {
        let answer = hub.get("/v1.1/Observations?$count=true&$top=0");
        answer["@iot.count"].as_u64().unwrap()
    };
    hub.wait("all are there", |hub| count(hub) == ROUNDS * EACH);
    // And each with its own value.
    let path = format!(
        "/v1.1/Observations?$orderby=phenomenonTime&$select=result&$top={}",
        ROUNDS * EACH
    );
    let mut results = Vec::new();
    let mut page = hub.get(&path);
    loop {
        for row in page["value"].as_array().unwrap() {
            results.push(row["result"].as_f64().unwrap() as u64);
        }
        let Some(next) = page["@iot.nextLink"].as_str() else {
            break;
        };
        page = hub.get(next.strip_prefix(&hub.url).unwrap());
    }
    assert_eq!(results, (0..ROUNDS * EACH).collect::<Vec<u64>>());
}
