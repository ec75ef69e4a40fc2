//! Measures a wall's traffic and the leader's cost: bytes per second and node, processor time per frame, at 1, 4 and
//! 16 nodes over this machine's loopback.
//!
//! `cargo run --release -p city_wall --example measure`

use std::error::Error;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use city_time::{Clock, SimInstant};
use city_wall::net::{LeaderHandle, NodeLink};
use city_wall::{
    Flags, FrameState, Key, Leader, LeaderSettings, Packet, Source, WallConfig, WallState,
};

const SCENE: &str =
    "name = \"Measure\"\ntime_zone = \"UTC\"\norigin = { lon = 114.17, lat = 22.29 }\n";

fn main() -> Result<(), Box<dyn Error>> {
    println!(
        "one frame: {} bytes, {:.2} µs to write and sign",
        frame_bytes(),
        encode_us()
    );
    for nodes in [1, 4, 16] {
        println!(
            "leader alone, {nodes} nodes: {:.2} µs a frame to decide",
            decide_us(nodes)?
        );
    }
    for (i, nodes) in [1_u16, 4, 16].into_iter().enumerate() {
        live(nodes, 47_000 + 100 * u16::try_from(i)?)?;
    }
    Ok(())
}

fn config(nodes: u16, port: u16, file: &str) -> Result<WallConfig, Box<dyn Error>> {
    let mut text = format!(
        "[wall]\npixels = [{}, 1080]\nscene = \"scene.toml\"\ntoken = \"0123456789abcdef\"\n\
         [[leader]]\nid = \"a\"\nframes = \"127.0.0.1:{port}\"\nhttp = \"127.0.0.1:{port}\"\n",
        u32::from(nodes) * 1920
    );
    for i in 0..nodes {
        text += &format!(
            "[[node]]\nid = \"n{i}\"\nlisten = \"127.0.0.1:{}\"\noutput = [{{ rect = [{}, 0, 1920, 1080] }}]\n",
            port + 1 + i,
            u32::from(i) * 1920
        );
    }
    Ok(WallConfig::parse(&text, file)?)
}

fn frame() -> FrameState {
    FrameState {
        epoch: 1,
        rank: 0,
        frame: 1,
        present_at_ns: 1,
        camera: city_geo::Camera::from_degrees(114.1, 22.3, 500.0, 10.0, -10.0),
        cuts: 0,
        clock: *Clock::live(SimInstant(0)).state(),
        revision: 1,
        digest: 1,
        flags: Flags::default(),
    }
}

fn frame_bytes() -> usize {
    Packet::Frame(frame())
        .encode(&Key::new("0123456789abcdef", "wall"))
        .len()
}

fn encode_us() -> f64 {
    let key = Key::new("0123456789abcdef", "wall");
    let start = Instant::now();
    let mut bytes = 0;
    for _ in 0..100_000 {
        bytes += Packet::Frame(frame()).encode(&key).len();
    }
    std::hint::black_box(bytes);
    start.elapsed().as_secs_f64() * 1e6 / 100_000.0
}

fn decide_us(nodes: u16) -> Result<f64, Box<dyn Error>> {
    let config = config(nodes, 47_000, "wall.toml")?;
    let settings = LeaderSettings::new(&config, "a").ok_or("no leader a")?;
    let scene = city_scene::Scene::parse(SCENE, "scene.toml")?;
    let state = WallState::from_scene(&scene, "scene.toml", None);
    let mut leader = Leader::new(settings, state, frame().camera, 0);
    let mut now_ns = 600_000_000;
    leader.tick(now_ns);
    let start = Instant::now();
    for _ in 0..100_000 {
        now_ns += 16_666_667;
        std::hint::black_box(leader.tick(now_ns));
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / 100_000.0)
}

fn live(nodes: u16, port: u16) -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    std::fs::write(dir.path().join("scene.toml"), SCENE)?;
    let file = dir.path().join("wall.toml");
    let config = config(nodes, port, &file.to_string_lossy())?;
    let before = cpu_s();
    let leader = LeaderHandle::start(&config, None, &AtomicBool::new(false))?;
    std::thread::sleep(Duration::from_secs(4));
    let alone = cpu_s() - before;
    let links = config
        .nodes
        .iter()
        .map(|node| NodeLink::start(&config, &node.id))
        .collect::<Result<Vec<_>, _>>()?;
    std::thread::sleep(Duration::from_secs(5));
    let (first, sent) = (links[0].traffic(), leader.traffic());
    let live = links
        .iter()
        .filter(|link| link.present(link.now_ns()).source == Source::Live)
        .count();
    println!(
        "{nodes} nodes ({live} live): a node receives {:.0} B/s and sends {:.0} B/s; the leader sends {:.0} B/s; \
         leader's processor {:.1} % ({:.0} µs a frame, sending included)",
        first.received_per_s(),
        first.sent_per_s(),
        sent.sent_per_s(),
        // Half a second of the four is listening.
        alone / 4.0 * 100.0,
        alone / 3.5 / 60.0 * 1e6,
    );
    Ok(())
}

/// Processor time of this process, seconds; 0 where the system does not say it this way.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}
