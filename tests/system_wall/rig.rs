//! The processes of a wall, and how tests talk to them.

use std::collections::HashMap;
use std::fs::File;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use city_geo::{Geodetic, LocalFrame};
use serde_json::{Value, json};

use crate::support::{self, Folder};

pub const PATIENCE: Duration = Duration::from_secs(120);
/// Pixels of one of the four screens.
pub const SCREEN: [u32; 2] = [192, 108];
pub const TOKEN: &str = "a token of this test";
pub const PLACE: [f64; 2] = [5.66, 51.97];

/// Walls that run side by side take each other's time, and some tests measure it: one at a time, also where each test
/// has a process of its own. Holds until the value is dropped.
pub fn alone() -> File {
    let file = File::create(concat!(env!("CARGO_TARGET_TMPDIR"), "/wall.lock")).unwrap();
    file.lock().unwrap();
    file
}

/// Processes that end with the test.
pub struct Running(pub HashMap<String, Child>);

impl Running {
    pub fn none() -> Self {
        Self(HashMap::new())
    }
}

impl Running {
    pub fn start(&mut self, name: &str, log: &Path, args: &[&str]) {
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
    pub fn kill(&mut self, name: &str) {
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

pub fn udp_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

pub fn tcp_port() -> u16 {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

/// A street of gables at a place on the Earth, seen from sixty metres away.
pub fn scene(folder: &Folder) -> PathBuf {
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
pub struct Addresses {
    pub leaders: Vec<(u16, u16)>,
    pub nodes: Vec<u16>,
}

impl Addresses {
    pub fn new(leaders: usize, nodes: usize) -> Self {
        Self {
            leaders: (0..leaders).map(|_| (udp_port(), tcp_port())).collect(),
            nodes: (0..nodes).map(|_| udp_port()).collect(),
        }
    }
}

/// Writes a wall of so many screens beside and above each other.
pub fn wall(folder: &Folder, name: &str, screen: [u32; 2], grid: u32, at: &Addresses) -> String {
    let [width, height] = screen.map(|px| px * 2);
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

pub fn node(running: &mut Running, folder: &Folder, config: &str, wall: &str, index: usize) {
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

pub fn leader(running: &mut Running, folder: &Folder, config: &str, wall: &str, id: &str) {
    let args = ["wall", "--config", config, "leader", "--id", id];
    running.start(&format!("{wall}-{id}"), folder.path(), &args);
}

pub fn nodes(http: u16) -> Option<Value> {
    let mut answer = ureq::get(format!("http://127.0.0.1:{http}/api/nodes"))
        .call()
        .ok()?;
    serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
}

pub fn until<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
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
pub fn ready(http: u16, count: usize) -> Value {
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

pub fn command(http: u16, command: &Value) {
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
