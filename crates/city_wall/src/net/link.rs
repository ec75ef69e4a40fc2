//! A node's connection to the wall.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::clock::SteadyClock;
use super::error::WallError;
use super::shared::{Traffic, Wire, join, lock, thread};
use super::{environment, fetch};
use crate::config::WallConfig;
use crate::node::{Node, NodeSettings, Presentation};
use crate::packet::{Key, Packet};
use crate::report::Measures;
use crate::shared::WallState;
use crate::snapshot::LeaderView;

/// Time between two reports.
const REPORT_NS: i64 = 250_000_000;
/// The same, while the leader's clock is being learned.
const FIRST_REPORTS_NS: i64 = 50_000_000;
/// How often is looked whether there is something to do.
const STEP: Duration = Duration::from_millis(20);
/// The same with barriers, where every frame is reported.
const BARRIER_STEP: Duration = Duration::from_millis(1);
/// How long after a snapshot could not be fetched it is tried again.
const RETRY: Duration = Duration::from_millis(500);

#[derive(Debug)]
struct Shared {
    wire: Wire,
    node: Mutex<Node>,
    measures: Mutex<Measures>,
    barrier: bool,
    /// Where reports go.
    leaders: Vec<SocketAddr>,
    /// Where snapshots are, by rank.
    http: Vec<SocketAddr>,
}

/// A running node. It hears the leaders, reports to them and fetches snapshots on threads of its own until it is
/// dropped.
#[derive(Debug)]
pub struct NodeLink {
    shared: Arc<Shared>,
    views: Vec<LeaderView>,
    threads: Vec<JoinHandle<()>>,
}

impl NodeLink {
    /// Starts a node of the wall. It waits for a leader as long as it takes.
    ///
    /// # Errors
    /// When the configuration has no such node, its address is taken, or there is no token.
    pub fn start(config: &WallConfig, node_id: &str) -> Result<Self, WallError> {
        let settings = NodeSettings::new(config, node_id).zip(config.node(node_id));
        let Some((settings, node)) = settings else {
            let known: Vec<&str> = config.nodes.iter().map(|node| node.id.as_str()).collect();
            return Err(WallError::UnknownId {
                file: config.file.clone(),
                what: "node",
                id: node_id.to_owned(),
                known: known.join(", "),
            });
        };
        let key = Key::new(&config.token(&environment)?, &config.name);
        let wire = Wire::open(node.listen, "listen", key, SteadyClock::free())?;
        let shared = Arc::new(Shared {
            wire,
            barrier: settings.barrier,
            node: Mutex::new(Node::new(settings)),
            measures: Mutex::new(Measures::default()),
            leaders: config.leaders.iter().map(|leader| leader.frames).collect(),
            http: config.leaders.iter().map(|leader| leader.http).collect(),
        });
        let views = config.leaders.iter().map(|leader| LeaderView {
            id: leader.id.clone(),
            url: format!("http://{}", leader.http),
        });
        let mut link = Self {
            views: views.collect(),
            threads: Vec::new(),
            shared,
        };
        for (name, run) in [
            ("wall-hear", hear as fn(&Shared)),
            ("wall-report", report),
            ("wall-fetch", fetch),
        ] {
            let shared = Arc::clone(&link.shared);
            link.threads.push(thread(name, move || run(&shared))?);
        }
        Ok(link)
    }

    /// The link's clock: nanoseconds since the Unix epoch that never jump.
    #[must_use]
    pub fn now_ns(&self) -> i64 {
        self.shared.wire.clock.now_ns()
    }

    /// What to show at a time of [`NodeLink::now_ns`]. Call it once a frame.
    #[must_use]
    pub fn present(&self, now_ns: i64) -> Presentation {
        lock(&self.shared.node).at(now_ns)
    }

    /// The wall's slow state; `None` before the first snapshot. The same `Arc` until it changes.
    #[must_use]
    pub fn state(&self) -> Option<Arc<WallState>> {
        lock(&self.shared.node).state()
    }

    /// What the next reports tell of the program.
    pub fn report(&self, measures: Measures) {
        *lock(&self.shared.measures) = measures;
    }

    /// The leader that is followed.
    #[must_use]
    pub fn leader(&self) -> Option<&LeaderView> {
        let (_, rank) = lock(&self.shared.node).leader()?;
        self.views.get(usize::from(rank))
    }

    /// By how much the leader's clock is ahead of the node's, nanoseconds.
    #[must_use]
    pub fn offset_ns(&self) -> i64 {
        lock(&self.shared.node).offset_ns()
    }

    /// Bytes over the network since the start, snapshots not counted.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.shared.wire.traffic()
    }
}

impl Drop for NodeLink {
    fn drop(&mut self) {
        self.shared.wire.stop.store(true, Ordering::Relaxed);
        join(&mut self.threads);
    }
}

fn hear(shared: &Shared) {
    while !shared.wire.stops() {
        if let Some((packet, _)) = shared.wire.hear() {
            let now_ns = shared.wire.clock.now_ns();
            lock(&shared.node).receive(&packet, now_ns);
        }
    }
}

fn report(shared: &Shared) {
    let mut last_ns = i64::MIN;
    let mut told = (0, 0);
    while !shared.wire.stops() {
        let now_ns = shared.wire.clock.now_ns();
        let measures = *lock(&shared.measures);
        let (report, settled) = {
            let node = lock(&shared.node);
            (node.report(measures, now_ns), node.is_settled())
        };
        let pause_ns = if settled { REPORT_NS } else { FIRST_REPORTS_NS };
        let news = shared.barrier && (report.epoch, report.frame) != told;
        if news || now_ns.saturating_sub(last_ns) >= pause_ns {
            told = (report.epoch, report.frame);
            last_ns = now_ns;
            shared.wire.send(&Packet::Report(report), &shared.leaders);
        }
        std::thread::sleep(if shared.barrier { BARRIER_STEP } else { STEP });
    }
}

fn fetch(shared: &Shared) {
    let client = fetch::client();
    while !shared.wire.stops() {
        let wanted = lock(&shared.node).wants_snapshot();
        let Some(address) = wanted.and_then(|rank| shared.http.get(usize::from(rank))) else {
            std::thread::sleep(STEP);
            continue;
        };
        match fetch::state_of(&client, *address) {
            Ok(state) => {
                lock(&shared.node).adopt(state);
                std::thread::sleep(STEP);
            }
            Err(error) => {
                shared
                    .wire
                    .complain(&format!("the wall's state cannot be fetched: {error}"));
                std::thread::sleep(RETRY);
            }
        }
    }
}
