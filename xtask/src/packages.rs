//! The system packages of Debian that the commands need, by name.
//!
//! Nothing is installed that is there already, whatever it came from: a package
//! counts as present when what we use of it can be found.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::run::{run, which};

/// How to see that a package is not needed.
enum Probe {
    /// A program on the PATH.
    Program(&'static str),
    /// A file.
    File(&'static str),
    /// A shared library of this machine's architecture, by its name.
    Library(&'static str),
    /// A Vulkan driver of whatever maker.
    VulkanDriver,
}

/// One package and why we want it.
pub struct Package {
    name: &'static str,
    probe: Probe,
    why: &'static str,
}

const fn package(name: &'static str, probe: Probe, why: &'static str) -> Package {
    Package { name, probe, why }
}

/// Drawing without a GPU, and in a window.
const DRAW: &[Package] = &[
    package(
        "libvulkan1",
        Probe::Library("libvulkan.so.1"),
        "the Vulkan loader",
    ),
    package(
        "mesa-vulkan-drivers",
        Probe::VulkanDriver,
        "draws on GPUs, and without one",
    ),
];
const WINDOW: &[Package] = &[
    package("libx11-6", Probe::Library("libX11.so.6"), "windows"),
    package("libx11-xcb1", Probe::Library("libX11-xcb.so.1"), "windows"),
    package(
        "libxcursor1",
        Probe::Library("libXcursor.so.1"),
        "mouse pointers",
    ),
    package("libxi6", Probe::Library("libXi.so.6"), "touch and tablets"),
    package("libxrandr2", Probe::Library("libXrandr.so.2"), "screens"),
    package(
        "libxkbcommon-x11-0",
        Probe::Library("libxkbcommon-x11.so.0"),
        "keyboards",
    ),
];
/// The browser's compiler where rustup cannot bring one.
const WASM: &[Package] = &[
    package(
        "rustc-web",
        Probe::File("/usr/bin/rustc"),
        "compiles for the browser",
    ),
    package(
        "cargo-web",
        Probe::File("/usr/bin/cargo"),
        "compiles for the browser",
    ),
    package(
        "rust-web-src",
        Probe::File("/usr/lib/rustlib/src/rust/library/std/Cargo.toml"),
        "compiles for the browser",
    ),
];
const NODE: &[Package] = &[
    package("nodejs", Probe::Program("node"), "runs JavaScript tools"),
    package("npm", Probe::Program("npm"), "fetches JavaScript tools"),
];
const BROWSER: &[Package] = &[package(
    "chromium",
    Probe::Program("chromium"),
    "browser tests and comparisons",
)];
const TEST: &[Package] = &[
    package(
        "mosquitto",
        Probe::File("/usr/sbin/mosquitto"),
        "tests with a real MQTT broker",
    ),
    package(
        "mosquitto-clients",
        Probe::Program("mosquitto_pub"),
        "tests with a real MQTT broker",
    ),
    package("xvfb", Probe::Program("Xvfb"), "tests with a window"),
    package("g++", Probe::Program("c++"), "fuzzing"),
];

/// What a package is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Need {
    /// Pictures and windows of the native app
    Draw,
    /// A compiler for the browser from Debian
    Wasm,
    /// npm and node
    Node,
    /// A browser without a screen
    Browser,
    /// Everything that the tests run
    Test,
}

fn packages_of(need: Need) -> Vec<&'static Package> {
    let groups: &[&'static [Package]] = match need {
        Need::Draw => &[DRAW, WINDOW],
        Need::Wasm => &[WASM],
        Need::Node => &[NODE],
        Need::Browser => &[BROWSER],
        Need::Test => &[DRAW, WINDOW, NODE, BROWSER, TEST],
    };
    groups.iter().flat_map(|group| group.iter()).collect()
}

/// Options of `cargo xtask packages`.
#[derive(clap::Args)]
pub struct Options {
    /// What for
    #[arg(value_enum, default_values_t = [Need::Test])]
    needs: Vec<Need>,
    /// Only say what is missing
    #[arg(long)]
    dry_run: bool,
}

/// `cargo xtask packages`.
pub fn command(options: &Options) -> Result<()> {
    if options.dry_run {
        for package in missing(&options.needs) {
            println!("{} ({})", package.name, package.why);
        }
        return Ok(());
    }
    ensure(&options.needs)
}

/// Installs what is missing when we are root, otherwise fails with the line to run.
pub fn ensure(needs: &[Need]) -> Result<()> {
    let missing = missing(needs);
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if which("apt-get").is_none() {
        bail!(
            "this system has no apt-get; please install what Debian calls: {}",
            names.join(" ")
        );
    }
    if !is_root() {
        bail!(
            "system packages are missing. Please run:\n\n    sudo apt-get install --no-install-recommends {}\n",
            names.join(" ")
        );
    }
    eprintln!(
        "Installing {} missing system packages through apt:",
        missing.len()
    );
    for package in &missing {
        eprintln!("  {} ({})", package.name, package.why);
    }
    // A fresh machine has no package lists, an old one has stale ones.
    run(apt().arg("update"))?;
    run(apt()
        .args(["install", "--yes", "--no-install-recommends"])
        .args(&names))
}

fn missing(needs: &[Need]) -> Vec<&'static Package> {
    let mut found: Vec<&'static Package> = Vec::new();
    for package in needs.iter().flat_map(|&need| packages_of(need)) {
        let known = found.iter().any(|other| other.name == package.name);
        if !known && !is_present(&package.probe) {
            found.push(package);
        }
    }
    found
}

fn is_present(probe: &Probe) -> bool {
    match *probe {
        Probe::Program(name) => which(name).is_some(),
        Probe::File(path) => Path::new(path).exists(),
        Probe::Library(name) => {
            library_directories().any(|directory| directory.join(name).exists())
        }
        Probe::VulkanDriver => ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"]
            .iter()
            .filter_map(|directory| std::fs::read_dir(directory).ok())
            .any(|mut entries| entries.next().is_some()),
    }
}

fn library_directories() -> impl Iterator<Item = &'static Path> {
    [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib64",
        "/usr/lib",
        "/usr/local/lib",
    ]
    .into_iter()
    .map(Path::new)
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("-q").env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    crate::run::output_of(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_two_needs_share_is_named_once() {
        let names: Vec<_> = missing(&[Need::Test, Need::Draw, Need::Node])
            .iter()
            .map(|package| package.name)
            .collect();
        let mut unique = names.clone();
        unique.dedup();
        assert_eq!(names, unique);
    }

    #[test]
    fn probes_see_what_is_there_and_what_is_not() {
        assert!(is_present(&Probe::Program("sh")));
        assert!(!is_present(&Probe::Program("no-such-program-here")));
        assert!(is_present(&Probe::File("/")));
        assert!(!is_present(&Probe::Library("libnothing.so.0")));
    }
}
