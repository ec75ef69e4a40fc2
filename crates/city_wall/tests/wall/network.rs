//! A network in a box: losses, jitter, doubling, overtaking; clocks that are wrong and drift. Everything follows from
//! one seed.

use std::collections::BTreeMap;

use city_wall::*;

use crate::support::{TOKEN, home, state, wall};

pub const MS: i64 = 1_000_000;
pub const S: i64 = 1_000 * MS;
/// The true time at which the box is opened.
pub const START_NS: i64 = 1_795_000_000 * S;

/// Numbers that look random (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: i64) -> i64 {
        (self.next() % end.unsigned_abs().max(1)) as i64
    }
}

/// A machine's clock.
#[derive(Clone, Copy)]
pub struct Clock {
    wrong_ns: i64,
    /// Parts per million.
    drift: i64,
}

impl Clock {
    pub fn at(&self, true_ns: i64) -> i64 {
        let passed = true_ns - START_NS;
        true_ns + self.wrong_ns + passed / 1_000_000 * self.drift
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Who {
    Leader(usize),
    Node(usize),
}

pub struct LeaderBox {
    pub leader: Leader,
    pub clock: Clock,
    pub runs: bool,
    fetched_ns: i64,
}

pub struct NodeBox {
    pub node: Node,
    pub clock: Clock,
    pub runs: bool,
    pub measures: Measures,
    reported_ns: i64,
    fetched_ns: i64,
}

pub struct Network {
    pub now_ns: i64,
    pub leaders: Vec<LeaderBox>,
    pub nodes: Vec<NodeBox>,
    pub loss_percent: i64,
    pub jitter_ns: i64,
    pub double_percent: i64,
    pub sent_bytes: u64,
    pub to_nodes_bytes: u64,
    pub barrier: bool,
    dice: Dice,
    key: Key,
    sent: u64,
    /// (when it arrives, order) -> (whence, whither, bytes)
    under_way: BTreeMap<(i64, u64), (Who, Who, Vec<u8>)>,
}

impl Network {
    pub fn new(seed: u64) -> Self {
        Self::with(seed, false)
    }

    pub fn with(seed: u64, barrier: bool) -> Self {
        let mut network = Self {
            now_ns: START_NS,
            leaders: Vec::new(),
            nodes: Vec::new(),
            loss_percent: 5,
            jitter_ns: 20 * MS,
            double_percent: 2,
            sent_bytes: 0,
            to_nodes_bytes: 0,
            barrier,
            dice: Dice(seed),
            key: Key::new(TOKEN, "Test wall"),
            sent: 0,
            under_way: BTreeMap::new(),
        };
        for rank in 0..2 {
            let fresh = network.fresh_leader(rank);
            network.leaders.push(fresh);
        }
        for index in 0..4 {
            let fresh = network.fresh_node(index);
            network.nodes.push(fresh);
        }
        network
    }

    fn clock(&mut self) -> Clock {
        Clock {
            wrong_ns: self.dice.below(4 * S) - 2 * S,
            drift: self.dice.below(100) - 50,
        }
    }

    fn fresh_leader(&mut self, rank: usize) -> LeaderBox {
        let clock = self.clock();
        let mut settings = LeaderSettings::new(&wall(), ["a", "b"][rank]).unwrap();
        settings.barrier = self.barrier;
        if self.barrier {
            settings.lead_ns = 0;
        }
        LeaderBox {
            leader: Leader::new(settings, state(), home(), clock.at(self.now_ns)),
            clock,
            runs: true,
            fetched_ns: 0,
        }
    }

    fn fresh_node(&mut self, index: usize) -> NodeBox {
        let mut settings = NodeSettings::new(&wall(), ["n1", "n2", "n3", "n4"][index]).unwrap();
        settings.barrier = self.barrier;
        if self.barrier {
            settings.lead_ns = 0;
        }
        NodeBox {
            node: Node::new(settings),
            clock: self.clock(),
            runs: true,
            measures: Measures::default(),
            reported_ns: 0,
            fetched_ns: 0,
        }
    }

    /// Starts a leader afresh, with nothing in its memory.
    pub fn restart_leader(&mut self, rank: usize) {
        self.leaders[rank] = self.fresh_leader(rank);
    }

    pub fn restart_node(&mut self, index: usize) {
        self.nodes[index] = self.fresh_node(index);
    }

    fn send(&mut self, from: Who, to: Who, packet: &Packet) {
        let bytes = packet.encode(&self.key);
        self.sent_bytes += bytes.len() as u64 + 28;
        if matches!(to, Who::Node(_)) {
            self.to_nodes_bytes += bytes.len() as u64 + 28;
        }
        if self.dice.below(100) < self.loss_percent {
            return;
        }
        let copies = 1 + u64::from(self.dice.below(100) < self.double_percent);
        for _ in 0..copies {
            let delay = MS / 5 + self.dice.below(self.jitter_ns);
            self.sent += 1;
            self.under_way
                .insert((self.now_ns + delay, self.sent), (from, to, bytes.clone()));
        }
    }

    /// Lets a millisecond pass.
    pub fn step(&mut self) {
        self.now_ns += MS;
        let later = self.under_way.split_off(&(self.now_ns + 1, 0));
        let arrived = std::mem::replace(&mut self.under_way, later);
        for ((at_ns, _), (from, to, bytes)) in arrived {
            let packet = Packet::decode(&bytes, &self.key).unwrap();
            self.arrive(at_ns, from, to, packet);
        }
        for rank in 0..self.leaders.len() {
            self.lead(rank);
        }
        for index in 0..self.nodes.len() {
            self.tell(index);
        }
    }

    fn arrive(&mut self, at_ns: i64, from: Who, to: Who, packet: Packet) {
        match to {
            Who::Leader(rank) => {
                let leader = &mut self.leaders[rank];
                if !leader.runs {
                    return;
                }
                let now = leader.clock.at(at_ns);
                if let Some(pong) = leader.leader.receive(packet, now) {
                    self.send(to, from, &Packet::Pong(pong));
                }
            }
            Who::Node(index) => {
                let node = &mut self.nodes[index];
                if node.runs {
                    node.node.receive(&packet, node.clock.at(at_ns));
                }
            }
        }
    }

    fn lead(&mut self, rank: usize) {
        if !self.leaders[rank].runs {
            return;
        }
        let now = self.leaders[rank].clock.at(self.now_ns);
        if let Some(frame) = self.leaders[rank].leader.tick(now) {
            let from = Who::Leader(rank);
            for index in 0..self.nodes.len() {
                self.send(from, Who::Node(index), &Packet::Frame(frame));
            }
            for other in (0..self.leaders.len()).filter(|other| *other != rank) {
                self.send(from, Who::Leader(other), &Packet::Frame(frame));
            }
        }
        let wanted = self.leaders[rank].leader.wants_snapshot();
        if let Some(state) = self.fetch(wanted, self.leaders[rank].fetched_ns) {
            self.leaders[rank].fetched_ns = self.now_ns;
            self.leaders[rank].leader.adopt(state);
        }
    }

    fn tell(&mut self, index: usize) {
        let node = &self.nodes[index];
        if !node.runs {
            return;
        }
        let now = node.clock.at(self.now_ns);
        let pause = if self.barrier {
            MS
        } else if node.node.is_settled() {
            250 * MS
        } else {
            50 * MS
        };
        if self.now_ns - node.reported_ns >= pause {
            let report = Packet::Report(node.node.report(node.measures, now));
            self.nodes[index].reported_ns = self.now_ns;
            for rank in 0..self.leaders.len() {
                self.send(Who::Node(index), Who::Leader(rank), &report);
            }
        }
        let node = &self.nodes[index];
        let wanted = node.node.wants_snapshot();
        if let Some(state) = self.fetch(wanted, node.fetched_ns) {
            self.nodes[index].fetched_ns = self.now_ns;
            self.nodes[index].node.adopt(state);
        }
    }

    /// A snapshot, every 30 ms at most, from a leader that runs; over JSON, as it really goes.
    fn fetch(&self, wanted: Option<u8>, last_ns: i64) -> Option<WallState> {
        let from = &self.leaders[usize::from(wanted?)];
        if !from.runs || self.now_ns - last_ns < 30 * MS {
            return None;
        }
        let text = serde_json::to_vec(&from.leader.snapshot()).unwrap();
        Some(Snapshot::parse(&text).unwrap().state)
    }

    /// What all running nodes show at this instant.
    pub fn shown(&mut self) -> Vec<Presentation> {
        let now_ns = self.now_ns;
        let nodes = self.nodes.iter_mut().filter(|node| node.runs);
        nodes
            .map(|node| node.node.at(node.clock.at(now_ns)))
            .collect()
    }

    pub fn run(&mut self, for_ns: i64, mut look: impl FnMut(&mut Self)) {
        let end = self.now_ns + for_ns;
        while self.now_ns < end {
            self.step();
            if (self.now_ns / MS) % 4 == 0 {
                look(self);
            }
        }
    }

    pub fn active(&self) -> Vec<usize> {
        let running = self
            .leaders
            .iter()
            .enumerate()
            .filter(|(_, leader)| leader.runs);
        running
            .filter(|(_, leader)| leader.leader.role() == Role::Active)
            .map(|(rank, _)| rank)
            .collect()
    }

    pub fn command(&mut self, rank: usize, command: &Command) -> Result<(), CommandError> {
        let now = self.leaders[rank].clock.at(self.now_ns);
        self.leaders[rank].leader.command(command, now)
    }
}

/// Frames between the earliest and the latest.
pub fn skew(shown: &[Presentation]) -> u64 {
    let frames = shown.iter().map(|p| p.frame);
    frames.clone().max().unwrap_or(0) - frames.min().unwrap_or(0)
}
