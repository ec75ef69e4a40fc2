//! A hub with a clock turned by hand, and a client.

use city_hub::{Config, HubHandle, Progress, SimulatedFeed, store::StoreOptions};
use city_sensors::{NS_PER_S, PlaceNames, simulate::Site, wire::Window};
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

/// 2025-06-16, a Monday, 06:40:00 UTC.
pub const NOON_NS: i64 = 1_750_056_000 * NS_PER_S;

/// A running hub with what belongs to it.
pub struct TestHub {
    pub hub: HubHandle,
    pub clock: Arc<AtomicI64>,
    _dir: Option<tempfile::TempDir>,
}

/// A configuration on a directory of its own, with a clock that stands still.
pub fn config(dir: &std::path::Path) -> (Config, Arc<AtomicI64>) {
    let clock = Arc::new(AtomicI64::new(NOON_NS));
    let mut config = Config::new(dir);
    config.store = StoreOptions {
        reserve_bytes: 0,
        ..StoreOptions::default()
    };
    let hand = Arc::clone(&clock);
    config.clock = Arc::new(move || hand.load(Ordering::SeqCst));
    (config, clock)
}

/// A few sites of every kind.
pub fn sites(of_each: u32) -> Vec<Site> {
    let kinds = [
        "traffic",
        "parking",
        "air_quality",
        "weather",
        "water_level",
        "footfall",
    ];
    let mut sites = Vec::new();
    for (row, kind) in kinds.into_iter().enumerate() {
        for index in 0..of_each {
            sites.push(Site {
                name: format!("{kind}-{index:04}"),
                kind: kind.to_owned(),
                lon: 114.16 + f64::from(index) * 0.001,
                lat: 22.28 + row as f64 * 0.001,
                height_m: 6.0,
                place: PlaceNames::from([("en".to_owned(), format!("{index} Harbour Road"))]),
                building: (kind == "parking").then(|| format!("B{index:06}")),
            });
        }
    }
    sites
}

/// A hub with three hours of simulated history.
pub fn simulated(of_each: u32) -> TestHub {
    let dir = tempfile::tempdir().unwrap();
    let mut hub = simulated_in(dir.path(), of_each);
    hub._dir = Some(dir);
    hub
}

/// The same, in a directory that stays.
pub fn simulated_in(dir: &std::path::Path, of_each: u32) -> TestHub {
    let (mut config, clock) = config(dir);
    let mut feed = SimulatedFeed::new(7, 8 * 3600, sites(of_each));
    feed.history_h = 3;
    config.simulated = Some(feed);
    start(config, clock, None)
}

/// Starts a hub and waits until it is ready.
pub fn start(config: Config, clock: Arc<AtomicI64>, dir: Option<tempfile::TempDir>) -> TestHub {
    let hub = city_hub::spawn(config, |_: Progress| {}).unwrap();
    assert!(hub.wait_ready());
    TestHub {
        hub,
        clock,
        _dir: dir,
    }
}

impl TestHub {
    /// Turns the clock on.
    pub fn advance_s(&self, seconds: i64) {
        self.clock.fetch_add(seconds * NS_PER_S, Ordering::SeqCst);
    }

    /// The JSON at a path; panics on anything but 200.
    pub fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    /// Status and JSON at a path.
    pub fn status(&self, path: &str) -> (u16, Value) {
        let (status, body) = self.get(path);
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// Status and bytes at a path, or at a whole address.
    pub fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let address = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{}", self.hub.url(), path)
        };
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let mut response = agent.get(&address).call().unwrap();
        let mut body = Vec::new();
        let reader = response.body_mut().as_reader();
        reader.take(64 << 20).read_to_end(&mut body).unwrap();
        (response.status().as_u16(), body)
    }

    /// A window of a layer.
    pub fn window(&self, layer: &str, from_ns: i64, to_ns: i64) -> Window {
        let path = format!("/api/window?layer={layer}&from={from_ns}&to={to_ns}");
        let (status, body) = self.get(&path);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        Window::decode(&body, 10_000_000).unwrap()
    }
}

/// An answer: status, headers in small letters, body.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn tag(&self) -> String {
        let line = self
            .head
            .lines()
            .find_map(|line| line.strip_prefix("etag: "));
        line.unwrap_or_else(|| panic!("no tag in {}", self.head))
            .to_owned()
    }
}

/// Asks by a socket of its own, with these headers and nothing else.
pub fn ask(hub: &TestHub, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
    let address = hub.hub.addr;
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // A server that refuses may close before all is sent.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    Answer {
        status: head[9..12].parse().unwrap(),
        head,
        body: answer[end + 4..].to_vec(),
    }
}

/// Waits until something holds; panics with `what` after a minute.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Encodes a query value.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => (b as char).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
