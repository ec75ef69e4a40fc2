//! Datagrams that are lost and late.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::rig::{Addresses, Running, SCREEN, alone, command, leader, node, ready, scene, wall};
use crate::support::Folder;
use crate::timing::assert_together;

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
    let _alone = alone();
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
    let config_leader = wall(&folder, "leaders", SCREEN, 2, &for_leader);
    let config_nodes = wall(&folder, "wall", SCREEN, 2, &for_nodes);
    // Both files describe the same wall.
    let text = std::fs::read_to_string(&config_leader)
        .unwrap()
        .replace("\"leaders\"", "\"wall\"");
    std::fs::write(&config_leader, text).unwrap();
    let _relay = Relay::start(&pairs);
    for_leader.nodes.clear();
    let mut running = Running::none();
    leader(&mut running, &folder, &config_leader, "wall", "a");
    for index in 0..4 {
        node(&mut running, &folder, &config_nodes, "wall", index);
    }
    let http = for_leader.leaders[0].1;
    ready(http, 4);
    command(http, &json!({"move_camera": {"turn_rad": 0.4}}));
    assert_together(&folder, "with 5 % lost and up to 40 ms late");
    ready(http, 4);
}
