//! A running leader.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use city_geo::Camera;
use city_scene::Scene;

use super::clock::SteadyClock;
use super::error::WallError;
use super::fetch::SceneFault;
use super::shared::{Traffic, Wire, join, lock, thread};
use super::{environment, fetch, http};
use crate::config::WallConfig;
use crate::leader::{Leader, LeaderSettings, Role};
use crate::packet::{Key, Packet};
use crate::shared::WallState;

/// Longest and shortest sleep between two looks at the clock.
const NAP_NS: [i64; 2] = [200_000, 5_000_000];
/// How often is looked whether to stop, or whether a standby needs the leader's state.
const STEP: Duration = Duration::from_millis(20);
/// How long after something could not be fetched it is tried again.
const RETRY: Duration = Duration::from_millis(500);
/// From where a scene without a home is seen: metres from its origin, and radians below the horizon.
const HOME: (f64, f64) = (3000.0, -0.5);

/// What a leader's threads share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) wire: Wire,
    pub(super) leader: Mutex<Leader>,
    /// Of the operators' token; compared in constant time.
    pub(super) token: blake3::Hash,
    /// Nodes and other leaders.
    peers: Vec<SocketAddr>,
    /// Where snapshots are, by rank.
    http: Vec<SocketAddr>,
}

/// A running leader. It stops when this is dropped.
#[derive(Debug)]
pub struct LeaderHandle {
    shared: Arc<Shared>,
    url: String,
    threads: Vec<JoinHandle<()>>,
}

impl LeaderHandle {
    /// Starts a leader of the configuration, without an identifier the first. Returns when it listens and has read
    /// the scene; a scene at a URL that does not answer is asked for again until `stop` is set.
    ///
    /// # Errors
    /// When the configuration has no such leader, an address is taken, the scene cannot be used, or there is no token.
    pub fn start(
        config: &WallConfig,
        id: Option<&str>,
        stop: &AtomicBool,
    ) -> Result<Self, WallError> {
        let own = match id {
            Some(id) => config.leaders.iter().find(|leader| leader.id == id),
            None => config.leaders.first(),
        };
        let settings = own.and_then(|own| LeaderSettings::new(config, &own.id));
        let Some((own, settings)) = own.zip(settings) else {
            let known: Vec<&str> = config.leaders.iter().map(|l| l.id.as_str()).collect();
            return Err(WallError::UnknownId {
                file: config.file.clone(),
                what: "leader",
                id: id.unwrap_or_default().to_owned(),
                known: known.join(", "),
            });
        };
        let token = config.token(&environment)?;
        let key = Key::new(&token, &config.name);
        let wire = Wire::open(own.frames, "frames", key, SteadyClock::following())?;
        let listener = TcpListener::bind(own.http).map_err(|cause| WallError::Listen {
            address: own.http,
            what: "http",
            cause,
        })?;
        let location = config.scene_location(&environment)?;
        let scene = read_scene(&location, &wire, stop)?;
        let state = WallState::from_scene(&scene, &config.scene, config.hub.as_deref());
        let nodes = config.nodes.iter().map(|node| node.listen);
        let others = config.leaders.iter().filter(|leader| leader.id != own.id);
        let leader = Leader::new(settings, state, home(&scene), wire.clock.now_ns());
        let shared = Arc::new(Shared {
            leader: Mutex::new(leader),
            token: blake3::hash(token.as_bytes()),
            peers: nodes.chain(others.map(|leader| leader.frames)).collect(),
            http: config.leaders.iter().map(|leader| leader.http).collect(),
            wire,
        });
        let mut handle = Self {
            url: format!("http://{}", own.http),
            threads: Vec::new(),
            shared,
        };
        for (name, run) in [
            ("wall-hear", hear as fn(&Shared)),
            ("wall-beat", beat),
            ("wall-fetch", follow),
        ] {
            let shared = Arc::clone(&handle.shared);
            handle.threads.push(thread(name, move || run(&shared))?);
        }
        let serving = http::serve(listener, Arc::clone(&handle.shared))?;
        handle.threads.push(serving);
        Ok(handle)
    }

    /// Address of the operator's page.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it does now.
    #[must_use]
    pub fn role(&self) -> Role {
        lock(&self.shared.leader).role()
    }

    /// The wall's epoch, as far as it is known.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        lock(&self.shared.leader).epoch()
    }

    /// Bytes over the network since the start, HTTP not counted.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.shared.wire.traffic()
    }
}

impl Drop for LeaderHandle {
    fn drop(&mut self) {
        self.shared.wire.stop.store(true, Ordering::Relaxed);
        join(&mut self.threads);
    }
}

/// Runs a leader (without an identifier, the first of the configuration) until `stop` is set.
///
/// # Errors
/// As [`LeaderHandle::start`].
pub fn run_leader(
    config: &WallConfig,
    id: Option<&str>,
    stop: &AtomicBool,
) -> Result<(), WallError> {
    let handle = LeaderHandle::start(config, id, stop)?;
    tracing::info!("the wall \"{}\" is driven at {}", config.name, handle.url());
    let mut role = None;
    while !stop.load(Ordering::Relaxed) {
        let now = (handle.role(), handle.epoch());
        if role != Some(now) {
            role = Some(now);
            match now {
                (Role::Active, epoch) => tracing::info!("leads the wall (epoch {epoch})"),
                (Role::Standby, _) => tracing::info!("stands by"),
            }
        }
        std::thread::sleep(STEP);
    }
    Ok(())
}

fn read_scene(location: &str, wire: &Wire, stop: &AtomicBool) -> Result<Scene, WallError> {
    loop {
        match fetch::scene(location) {
            Ok(scene) => return Ok(scene),
            Err(SceneFault::ForGood(error)) => return Err(error),
            Err(SceneFault::ForNow(cause)) if stop.load(Ordering::Relaxed) => {
                return Err(WallError::Scene { cause });
            }
            Err(SceneFault::ForNow(cause)) => {
                wire.complain(&format!(
                    "the wall's scene cannot be fetched, and is asked for again: {cause}"
                ));
                std::thread::sleep(RETRY);
            }
        }
    }
}

fn home(scene: &Scene) -> Camera {
    let (distance_m, pitch_rad) = HOME;
    scene.camera.home.map_or_else(
        || {
            let origin = scene.origin.geodetic();
            Camera::orbiting(
                origin,
                distance_m,
                0.0,
                pitch_rad,
                Camera::DEFAULT_FOV_Y_RAD,
            )
        },
        |pose| pose.camera(),
    )
}

fn hear(shared: &Shared) {
    while !shared.wire.stops() {
        let Some((packet, from)) = shared.wire.hear() else {
            continue;
        };
        let now_ns = shared.wire.clock.now_ns();
        let answer = lock(&shared.leader).receive(packet, now_ns);
        if let Some(mut pong) = answer {
            pong.t2_ns = shared.wire.clock.now_ns();
            shared.wire.send(&Packet::Pong(pong), &[from]);
        }
    }
}

fn beat(shared: &Shared) {
    while !shared.wire.stops() {
        let now_ns = shared.wire.clock.now_ns();
        let (frame, due_in_ns) = {
            let mut leader = lock(&shared.leader);
            let frame = leader.tick(now_ns);
            (frame, leader.due_in_ns(now_ns))
        };
        if let Some(frame) = frame {
            shared.wire.send(&Packet::Frame(frame), &shared.peers);
        }
        let [least, most] = NAP_NS;
        let nap_ns = due_in_ns.clamp(least, most).unsigned_abs();
        std::thread::sleep(Duration::from_nanos(nap_ns));
    }
}

/// As long as this leader stands by, keeps the state of the one that leads.
fn follow(shared: &Shared) {
    let client = fetch::client();
    while !shared.wire.stops() {
        let wanted = lock(&shared.leader).wants_snapshot();
        let Some(address) = wanted.and_then(|rank| shared.http.get(usize::from(rank))) else {
            std::thread::sleep(STEP);
            continue;
        };
        match fetch::state_of(&client, *address) {
            Ok(state) => {
                lock(&shared.leader).adopt(state);
                std::thread::sleep(STEP);
            }
            Err(error) => {
                shared
                    .wire
                    .complain(&format!("the leader's state cannot be fetched: {error}"));
                std::thread::sleep(RETRY);
            }
        }
    }
}
