//! A video wall of real processes: a leader, a standby, four nodes, and one more that draws the whole to compare with.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::HashMap;
use std::fs::File;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use city_geo::{Geodetic, LocalFrame};
use image::RgbaImage;
use serde_json::{Value, json};
use support::Folder;

const PATIENCE: Duration = Duration::from_secs(120);
/// Pixels of one of the four screens.
const SCREEN: [u32; 2] = [192, 108];
const TOKEN: &str = "a token of this test";
const PLACE: [f64; 2] = [5.66, 51.97];

/// Processes that end with the test.
struct Running(HashMap<String, Child>);

impl Running {
    fn start(&mut self, name: &str, log: &Path, args: &[&str]) {
        let log = File::create(log.join(format!("{name}.log"))).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_belvedere"))
            .args(args)
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        self.0.insert(name.to_owned(), child);
    }

    /// SIGKILL: nothing is said to anybody.
    fn kill(&mut self, name: &str) {
        if let Some(mut child) = self.0.remove(name) {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for child in self.0.values_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn udp_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

fn tcp_port() -> u16 {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

/// A street of gables at a place on the Earth, seen from sixty metres away.
fn scene(folder: &Folder) -> PathBuf {
    let place = Geodetic::from_degrees(PLACE[0], PLACE[1], 0.0);
    let transform = LocalFrame::enu(place).ecef_from_local().to_cols_array();
    let mut root = support::tile(
        "coarse.glb",
        40.0,
        vec![support::tile("fine.glb", 0.0, vec![])],
    );
    root["transform"] = json!(transform);
    folder.write("coarse.glb", support::glb(4, 0.0));
    folder.write("fine.glb", support::glb(10, 0.0));
    folder.write("tileset.json", support::tileset(root));
    folder.write(
        "scene.toml",
        format!(
            r#"
name = "Gables"
time_zone = "Europe/Amsterdam"
origin = {{ lon = {lon}, lat = {lat} }}

[[tileset]]
name = "Gables"
url = "tileset.json"

[camera.home]
lon = {east}
lat = {south}
height = 12
heading = 2
pitch = -4

[[camera.preset]]
id = "noon"
name = "Noon"
pose = {{ lon = {east}, lat = {south}, height = 14, heading = 352, pitch = -6 }}
time = "2026-06-21T13:30:00+02:00"
"#,
            lon = PLACE[0],
            lat = PLACE[1],
            east = PLACE[0] + 0.000_87,
            south = PLACE[1] - 0.000_9,
        ),
    )
}

/// Where a wall's machines are.
struct Addresses {
    leaders: Vec<(u16, u16)>,
    nodes: Vec<u16>,
}

impl Addresses {
    fn new(leaders: usize, nodes: usize) -> Self {
        Self {
            leaders: (0..leaders).map(|_| (udp_port(), tcp_port())).collect(),
            nodes: (0..nodes).map(|_| udp_port()).collect(),
        }
    }
}

/// Writes a wall of so many screens beside and above each other.
fn wall(folder: &Folder, name: &str, grid: u32, at: &Addresses) -> String {
    let [width, height] = SCREEN.map(|px| px * 2);
    let mut text = format!(
        "[wall]\nname = \"{name}\"\npixels = [{width}, {height}]\nview_distance_m = 6.0\npixel_pitch_mm = 1.25\n\
         scene = \"scene.toml\"\ntoken = \"{TOKEN}\"\n"
    );
    for (id, (frames, http)) in ["a", "b"].iter().zip(&at.leaders) {
        text += &format!(
            "[[leader]]\nid = \"{id}\"\nframes = \"127.0.0.1:{frames}\"\nhttp = \"127.0.0.1:{http}\"\n"
        );
    }
    let (w, h) = (width / grid, height / grid);
    for (index, listen) in at.nodes.iter().enumerate() {
        let index = index as u32;
        let (x, y) = (index % grid * w, index / grid * h);
        text += &format!(
            "[[node]]\nid = \"n{index}\"\nlisten = \"127.0.0.1:{listen}\"\n\
             output = [{{ display = 0, rect = [{x}, {y}, {w}, {h}] }}]\n"
        );
    }
    folder
        .write(&format!("{name}.toml"), text)
        .to_string_lossy()
        .into_owned()
}

fn node(running: &mut Running, folder: &Folder, config: &str, wall: &str, index: usize) {
    let out = folder.path().to_string_lossy().into_owned();
    let id = format!("n{index}");
    let trace = format!("{out}/{wall}-{id}.trace");
    let pictures = format!("{out}/{wall}");
    running.start(
        &format!("{wall}-{id}"),
        folder.path(),
        &[
            "wall",
            "--config",
            config,
            "node",
            &id,
            "--headless",
            "--save",
            &pictures,
            "--trace",
            &trace,
        ],
    );
}

fn leader(running: &mut Running, folder: &Folder, config: &str, wall: &str, id: &str) {
    let args = ["wall", "--config", config, "leader", "--id", id];
    running.start(&format!("{wall}-{id}"), folder.path(), &args);
}

fn nodes(http: u16) -> Option<Value> {
    let mut answer = ureq::get(format!("http://127.0.0.1:{http}/api/nodes"))
        .call()
        .ok()?;
    serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
}

fn until<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = holds() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until so many nodes are there, with all tiles, and the same.
fn ready(http: u16, count: usize) -> Value {
    until(&format!("{count} nodes with the same tiles"), || {
        let state = nodes(http)?;
        // A leader that has just started listens for others before it leads.
        let live = state["live"].as_u64()? as usize == count && state["epoch"].as_u64()? > 0;
        let complete = state["nodes"]
            .as_array()?
            .iter()
            .filter(|node| node["standing"] == "live")
            .all(|node| node["tiles_pending"] == 0);
        (live && complete && state["tiles"] == "same").then_some(state)
    })
}

fn command(http: u16, command: &Value) {
    let mut answer = ureq::post(format!("http://127.0.0.1:{http}/api/command"))
        .header("Authorization", &format!("Bearer {TOKEN}"))
        .config()
        .http_status_as_error(false)
        .build()
        .send(command.to_string())
        .unwrap();
    let said = answer.body_mut().read_to_string().unwrap();
    assert!(said.contains("revision"), "{command}: {said}");
}

fn picture(folder: &Folder, wall: &str, index: usize) -> RgbaImage {
    let path = folder.path().join(wall);
    let prefix = format!("n{index}-");
    let file = until(&format!("a picture of {wall} {index}"), || {
        let names = std::fs::read_dir(&path).ok()?;
        names
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .find(|file| {
                let name = file
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                name.starts_with(&prefix) && name.ends_with(".png")
            })
    });
    until("the picture is whole", || image::open(&file).ok()).to_rgba8()
}

/// Peak signal to noise ratio of two pictures, dB; 99 for equal ones.
fn psnr(a: &RgbaImage, b: &RgbaImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let squares: f64 = a
        .as_raw()
        .iter()
        .zip(b.as_raw())
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
        .sum();
    let mean = squares / a.as_raw().len() as f64;
    if mean == 0.0 {
        99.0
    } else {
        10.0 * (255.0f64.powi(2) / mean).log10()
    }
}

/// Time (ns), epoch and frame number of everything that a node showed.
fn trace(folder: &Folder, index: usize) -> Vec<(i64, u64, u64)> {
    let path = folder.path().join(format!("wall-n{index}.trace"));
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((
                words.next()?.parse().ok()?,
                words.next()?.parse().ok()?,
                words.next()?.parse().ok()?,
            ))
        })
        .collect()
}

/// Frames between what two nodes show, wherever both showed something within a millisecond: 99th percentile.
fn skew(folder: &Folder, from_ns: i64) -> (u64, usize) {
    let traces: Vec<_> = (0..4).map(|index| trace(folder, index)).collect();
    let mut apart: Vec<u64> = Vec::new();
    for (index, one) in traces.iter().enumerate() {
        for other in traces.iter().skip(index + 1) {
            let mut second = other.iter().peekable();
            for (at, epoch, frame) in one.iter().filter(|(at, ..)| *at >= from_ns) {
                while second
                    .next_if(|(then, ..)| *then + 1_000_000 < *at)
                    .is_some()
                {}
                if let Some((then, same, number)) = second.peek()
                    && (then - at).abs() <= 1_000_000
                    && epoch == same
                {
                    apart.push(frame.abs_diff(*number));
                }
            }
        }
    }
    apart.sort_unstable();
    let place = (apart.len() as f64 * 0.99).ceil() as usize;
    (
        apart.get(place.saturating_sub(1)).copied().unwrap_or(0),
        apart.len(),
    )
}

fn now_ns() -> i64 {
    belvedere::platform::wall_clock_ns()
}

#[test]
fn four_screens_are_one_picture_and_outlive_a_node_and_the_leader() {
    let folder = Folder::new();
    scene(&folder);
    let at = Addresses::new(2, 4);
    let config = wall(&folder, "wall", 2, &at);
    let one = Addresses::new(1, 1);
    let whole = wall(&folder, "whole", 1, &one);
    let mut running = Running(HashMap::new());
    let (first, second) = (at.leaders[0].1, at.leaders[1].1);
    leader(&mut running, &folder, &config, "wall", "a");
    leader(&mut running, &folder, &config, "wall", "b");
    leader(&mut running, &folder, &whole, "whole", "a");
    for index in 0..4 {
        node(&mut running, &folder, &config, "wall", index);
    }
    node(&mut running, &folder, &whole, "whole", 0);
    ready(first, 4);
    ready(one.leaders[0].1, 1);

    // A preset with its time, and the picture stands still: the same on both walls.
    for http in [first, one.leaders[0].1] {
        command(http, &json!({"clock": "Pause"}));
        command(
            http,
            &json!({"go_preset": {"id": "noon", "how": "cut", "time": true}}),
        );
    }
    ready(first, 4);
    ready(one.leaders[0].1, 1);
    for http in [first, one.leaders[0].1] {
        command(http, &json!({"freeze": true}));
    }
    let mut stitched = RgbaImage::new(SCREEN[0] * 2, SCREEN[1] * 2);
    for index in 0..4u32 {
        let part = picture(&folder, "wall", index as usize);
        assert_eq!(part.dimensions(), (SCREEN[0], SCREEN[1]));
        let (x, y) = (index % 2 * SCREEN[0], index / 2 * SCREEN[1]);
        image::imageops::replace(&mut stitched, &part, i64::from(x), i64::from(y));
    }
    let reference = picture(&folder, "whole", 0);
    running.kill("whole-n0");
    running.kill("whole-a");
    let colours: std::collections::HashSet<_> = reference.pixels().map(|pixel| pixel.0).collect();
    assert!(
        colours.len() > 20,
        "the gables are in the picture: {}",
        colours.len()
    );
    let equal_db = psnr(&stitched, &reference);
    println!("stitched against the whole: {equal_db:.1} dB");
    assert!(equal_db >= 40.0, "{equal_db} dB");

    // All run for a while.
    command(first, &json!({"freeze": false}));
    command(first, &json!({"move_camera": {"turn_rad": 0.2}}));
    let steady_ns = now_ns();
    std::thread::sleep(Duration::from_secs(5));
    let (frames, samples) = skew(&folder, steady_ns);
    println!("skew at the 99th percentile: {frames} frames of {samples} moments");
    assert!(samples > 20, "{samples} moments are too few to tell");
    assert!(frames <= 1, "{frames} frames");

    // A node dies and comes back by itself.
    running.kill("wall-n1");
    ready(first, 3);
    node(&mut running, &folder, &config, "wall", 1);
    ready(first, 4);

    // The leader dies: the standby leads with a higher epoch, and no screen stands still for long.
    let killed_ns = now_ns();
    running.kill("wall-a");
    until("the standby leads", || {
        let state = nodes(second)?;
        (state["epoch"].as_u64()? >= 2 && state["live"] == 4).then_some(())
    });
    until("all nodes show the new epoch", || {
        let newest = |index| Some(trace(&folder, index).last()?.1);
        (0..4).all(|index| newest(index) >= Some(2)).then_some(())
    });
    for index in 0..4 {
        let shown = trace(&folder, index);
        let times: Vec<i64> = shown
            .iter()
            .map(|(at, ..)| *at)
            .filter(|at| *at > killed_ns - 2_000_000_000)
            .collect();
        let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max();
        let longest_ms = longest.unwrap_or(i64::MAX) / 1_000_000;
        println!("node {index}: {longest_ms} ms between two pictures at most");
        assert!(longest_ms < 2_000, "node {index} stood for {longest_ms} ms");
    }

    // The old leader comes back, and stands by.
    leader(&mut running, &folder, &config, "wall", "a");
    command(second, &json!({"identify": true}));
    until("one leader leads", || {
        let (old, new) = (nodes(first)?, nodes(second)?);
        (old["epoch"] == new["epoch"] && new["live"] == 4).then_some(())
    });
}

/// Carries datagrams between two addresses and loses and delays some of them on the way.
struct Relay {
    stop: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Relay {
    /// From `from` to `to`: one of twenty is lost, the others come up to 40 ms late and out of order.
    fn start(pairs: &[(u16, u16)]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let threads = pairs
            .iter()
            .map(|(from, to)| {
                let socket = UdpSocket::bind(("127.0.0.1", *from)).unwrap();
                socket
                    .set_read_timeout(Some(Duration::from_millis(2)))
                    .unwrap();
                let (stop, to) = (Arc::clone(&stop), *to);
                std::thread::spawn(move || carry(&socket, to, &stop))
            })
            .collect();
        Self { stop, threads }
    }
}

fn carry(socket: &UdpSocket, to: u16, stop: &AtomicBool) {
    let mut waiting: Vec<(Instant, Vec<u8>)> = Vec::new();
    let mut dice = 0x2545_f491_4f6c_dd1du64 ^ u64::from(to);
    let mut throw = || {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice
    };
    let mut buffer = [0; 2048];
    while !stop.load(Ordering::Relaxed) {
        if let Ok((length, _)) = socket.recv_from(&mut buffer)
            && throw() % 20 != 0
        {
            let late = Duration::from_micros(throw() % 40_000);
            waiting.push((Instant::now() + late, buffer[..length].to_vec()));
        }
        waiting.retain(|(due, bytes)| {
            let wait = *due > Instant::now();
            if !wait {
                let _ = socket.send_to(bytes, ("127.0.0.1", to));
            }
            wait
        });
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

#[test]
fn lost_and_late_datagrams_part_the_screens_by_a_frame_at_most() {
    let folder = Folder::new();
    scene(&folder);
    // What the leader believes to be the nodes, and they to be the leader, are the relay's ends.
    let (seen_by_leader, seen_by_nodes) = (Addresses::new(1, 4), Addresses::new(1, 4));
    let mut for_leader = Addresses {
        leaders: seen_by_leader.leaders.clone(),
        nodes: seen_by_leader.nodes.clone(),
    };
    let mut for_nodes = Addresses {
        leaders: seen_by_nodes.leaders.clone(),
        nodes: seen_by_nodes.nodes.clone(),
    };
    // Snapshots go straight: they are HTTP, and TCP mends what is lost.
    for_nodes.leaders[0].1 = for_leader.leaders[0].1;
    let mut pairs: Vec<(u16, u16)> = for_leader
        .nodes
        .iter()
        .copied()
        .zip(for_nodes.nodes.iter().copied())
        .collect();
    pairs.push((for_nodes.leaders[0].0, for_leader.leaders[0].0));
    let config_leader = wall(&folder, "leaders", 2, &for_leader);
    let config_nodes = wall(&folder, "wall", 2, &for_nodes);
    // Both files describe the same wall.
    let text = std::fs::read_to_string(&config_leader)
        .unwrap()
        .replace("\"leaders\"", "\"wall\"");
    std::fs::write(&config_leader, text).unwrap();
    let _relay = Relay::start(&pairs);
    for_leader.nodes.clear();
    let mut running = Running(HashMap::new());
    leader(&mut running, &folder, &config_leader, "wall", "a");
    for index in 0..4 {
        node(&mut running, &folder, &config_nodes, "wall", index);
    }
    let http = for_leader.leaders[0].1;
    ready(http, 4);
    command(http, &json!({"move_camera": {"turn_rad": 0.4}}));
    let steady_ns = now_ns();
    std::thread::sleep(Duration::from_secs(6));
    let (frames, samples) = skew(&folder, steady_ns);
    println!("with 5 % lost and up to 40 ms late: skew {frames} frames of {samples} moments");
    assert!(samples > 20, "{samples} moments are too few to tell");
    assert!(frames <= 1, "{frames} frames");
    ready(http, 4);
}

/// Runs for an hour, or for BELVEDERE_SOAK_S seconds: with `cargo xtask test --long`.
#[test]
#[ignore = "takes an hour"]
fn a_wall_that_runs_for_long_takes_no_more_memory() {
    let folder = Folder::new();
    scene(&folder);
    let at = Addresses::new(1, 4);
    let config = wall(&folder, "wall", 2, &at);
    let http = at.leaders[0].1;
    let mut running = Running(HashMap::new());
    leader(&mut running, &folder, &config, "wall", "a");
    for index in 0..4 {
        node(&mut running, &folder, &config, "wall", index);
    }
    ready(http, 4);
    let length = std::env::var("BELVEDERE_SOAK_S").map_or(3600, |text| text.parse().unwrap());
    let leader_bytes = |running: &Running| {
        let id = running.0["wall-a"].id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
            * 1024
    };
    let memory = |running: &Running| {
        let state = ready(http, 4);
        let nodes = state["nodes"].as_array().unwrap().iter();
        let mut all: Vec<u64> = nodes
            .map(|node| node["rss_bytes"].as_u64().unwrap())
            .collect();
        all.push(leader_bytes(running));
        all
    };
    let start = Instant::now();
    let mut early = Vec::new();
    while start.elapsed() < Duration::from_secs(length) {
        // It is driven, as in a control room: round and round, and to the preset and back.
        command(http, &json!({"orbit_camera": {"turn_rad": 0.3}}));
        std::thread::sleep(Duration::from_secs(2));
        command(http, &json!({"go_preset": {"id": "noon"}}));
        std::thread::sleep(Duration::from_secs(3));
        if early.is_empty() && start.elapsed() > Duration::from_secs(length / 10) {
            early = memory(&running);
        }
    }
    let late = memory(&running);
    println!("bytes after a tenth of the time {early:?}, at its end {late:?}");
    for (early, late) in early.iter().zip(&late) {
        assert!(
            *late < early + early / 10 + (8 << 20),
            "{early} became {late} bytes"
        );
    }
}
