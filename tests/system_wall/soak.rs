//! A wall that runs for long.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::rig::{Addresses, Running, SCREEN, alone, command, leader, node, ready, scene, wall};
use crate::support::Folder;

/// Runs for an hour, or for BELVEDERE_SOAK_S seconds: with `cargo xtask test --long`.
#[test]
#[ignore = "takes an hour"]
fn a_wall_that_runs_for_long_takes_no_more_memory() {
    let _alone = alone();
    let folder = Folder::new();
    scene(&folder);
    let at = Addresses::new(1, 4);
    let config = wall(&folder, "wall", SCREEN, 2, &at);
    let http = at.leaders[0].1;
    let mut running = Running::none();
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
