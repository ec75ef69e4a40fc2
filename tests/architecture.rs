//! The direction of the house's arrows, read from what is really there.
//!
//! `city_geo, city_time` <- `city_tiles, city_sensors, city_scene` <- `city_models, city_tiler,
//! city_hub, city_wall` <- the app. No library knows the engine, only the servers know an async
//! runtime, and only the platform layer, the servers and the build tool read the machine's clock.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which of our own crates each may use. An arrow inside a layer says why it is there.
const ALLOWED: &[(&str, &[&str])] = &[
    ("city_geo", &[]),
    ("city_time", &[]),
    ("city_tiles", &["city_geo", "city_time"]),
    ("city_sensors", &["city_geo", "city_time"]),
    // A scene names the areas and units of its sensor layers.
    ("city_scene", &["city_geo", "city_time", "city_sensors"]),
    (
        "city_models",
        &[
            "city_geo",
            "city_time",
            "city_tiles",
            "city_sensors",
            "city_scene",
        ],
    ),
    (
        "city_tiler",
        &[
            "city_geo",
            "city_time",
            "city_tiles",
            "city_sensors",
            "city_scene",
        ],
    ),
    // The hub makes the demo city on first use, and its feeds run on models.
    (
        "city_hub",
        &[
            "city_geo",
            "city_time",
            "city_tiles",
            "city_sensors",
            "city_scene",
            "city_models",
            "city_tiler",
        ],
    ),
    // A wall shows scenes, and is led by a server of its own.
    ("city_wall", &["city_geo", "city_time", "city_scene"]),
    // Runs in the browser's workers: decoders, and nothing else.
    ("city_worker", &["city_tiles", "city_geo"]),
    (
        "belvedere",
        &[
            "city_geo",
            "city_time",
            "city_tiles",
            "city_sensors",
            "city_scene",
            "city_models",
            "city_tiler",
            "city_hub",
            "city_wall",
        ],
    ),
    ("xtask", &[]),
];

/// Beginnings of the names of packages that only the app may use.
const ENGINE: &[&str] = &["bevy", "egui", "wgpu", "winit", "eframe", "naga"];

/// The servers: the hub, and the leader of a video wall.
const SERVERS: &[&str] = &["city_hub", "city_wall"];

/// Packages that only servers may use.
const RUNTIME: &[&str] = &[
    "tokio",
    "axum",
    "rumqttc",
    "fjall",
    "tower-http",
    "hyper",
    "async-nats",
    "sqlx",
];

/// package -> the packages it names in its manifest, of whatever kind and target
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let names = package["dependencies"].as_array().unwrap().iter();
            let names = names.map(|dependency| dependency["name"].as_str().unwrap().to_owned());
            (
                package["name"].as_str().unwrap().to_owned(),
                names.collect(),
            )
        })
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn arrows_run_one_way() {
    let dependencies = dependencies();
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let mut wrong = Vec::new();
    for (package, names) in &dependencies {
        let Some(allowed) = allowed.get(package.as_str()) else {
            wrong.push(format!(
                "{package} is a crate that tests/architecture.rs does not know"
            ));
            continue;
        };
        for name in names.iter().filter(|name| dependencies.contains_key(*name)) {
            if !allowed.contains(&name.as_str()) {
                wrong.push(format!("{package} must not use {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_of_the_plan_exists() {
    let dependencies = dependencies();
    for (package, _) in ALLOWED {
        assert!(
            dependencies.contains_key(*package),
            "{package} is gone: take it out of the plan"
        );
    }
}

#[test]
fn no_library_knows_the_engine() {
    let mut wrong = Vec::new();
    for (package, names) in dependencies()
        .iter()
        .filter(|(package, _)| *package != "belvedere")
    {
        for name in names {
            if ENGINE.iter().any(|start| name.starts_with(start)) {
                wrong.push(format!("{package} must not use {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_servers_know_the_async_runtime() {
    let mut wrong = Vec::new();
    for (package, names) in dependencies()
        .iter()
        .filter(|(package, _)| !SERVERS.contains(&package.as_str()))
    {
        for name in names.iter().filter(|name| RUNTIME.contains(&name.as_str())) {
            wrong.push(format!("{package} must not use {name}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Ways to ask the machine for the time.
const CLOCKS: &[&str] = &[
    "SystemTime::now",
    "SystemTime::UNIX_EPOCH",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "Utc::now",
    "Local::now",
    "Date::now",
    "performance.now",
    "Performance::now",
];

/// Where asking is allowed: the platform layer, the servers, and programs around the app. A wall's
/// decisions are told the time; only its sockets know it.
const MAY_READ_CLOCKS: &[&str] = &[
    "src/platform",
    "crates/city_hub/src",
    "crates/city_wall/src/net",
    "xtask/src",
];

#[test]
fn only_the_platform_layer_reads_the_clock() {
    let mut wrong = Vec::new();
    let files = sources(&["src", "crates", "xtask/src"]);
    assert!(files.len() > 20, "only {} source files found", files.len());
    for file in files {
        let relative = file.strip_prefix(root()).unwrap();
        if MAY_READ_CLOCKS
            .iter()
            .any(|place| relative.starts_with(place))
        {
            continue;
        }
        for (number, line) in code_of(&file).lines().enumerate() {
            if CLOCKS.iter().any(|clock| line.contains(clock)) {
                wrong.push(format!(
                    "{}:{}: {}",
                    relative.display(),
                    number + 1,
                    line.trim()
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "the simulation clock is the only one outside the platform layer:\n{}",
        wrong.join("\n")
    );
}

/// Rust source files that are part of a program: no tests, benches or examples.
fn sources(directories: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = directories
        .iter()
        .map(|directory| root().join(directory))
        .collect();
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["tests", "benches", "examples", "target"].contains(&name.as_str()) {
                    open.push(path);
                }
            } else if name.ends_with(".rs") && name != "tests.rs" && !name.ends_with("_tests.rs") {
                found.push(path);
            }
        }
    }
    found
}

/// A file's text without comments and without what follows its `#[cfg(test)]`.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let program = text.split("#[cfg(test)]").next().unwrap();
    let lines = program.lines();
    lines
        .map(|line| line.split("//").next().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}
