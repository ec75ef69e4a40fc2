//! `cargo xtask demo`: from a fresh checkout to the city on screen.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::packages::{self, Need};
use crate::paths;
use crate::run::{Background, cargo, run};
use crate::wasm::{self, BuildOptions};
use crate::web::{self, Api};

/// The scene of the demo city.
const SCENE: &str = "scenes/harbour.toml";

/// Where we listen unless told otherwise; the next free port is taken.
const FIRST_PORT: u16 = 8080;

/// How long the hub may take to answer. On its first start it makes up a day of readings.
const PATIENCE: Duration = Duration::from_secs(300);

/// Pictures for machines without a screen: name and further arguments of `belvedere render`.
const PICTURES: &[(&str, &[&str])] = &[
    ("day", &["--time", "2026-06-21T11:00:00+08:00"]),
    ("dusk", &["--time", "2026-06-21T19:05:00+08:00"]),
    ("night", &["--time", "2026-06-21T21:30:00+08:00"]),
    (
        "overlay",
        &["--layers", "traffic_speed,air_pm25,energy_power"],
    ),
];

/// Options of `cargo xtask demo`.
#[derive(clap::Args)]
pub struct Options {
    /// Optimise fully: slower to build, faster to run
    #[arg(long)]
    release: bool,
    /// Leave the browser viewer out
    #[arg(long)]
    no_web: bool,
    /// Open no window, even where there is a display
    #[arg(long)]
    no_window: bool,
    /// Where the hub listens [default: the first free port of 127.0.0.1 from 8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// The demo city and the readings [default: the user's data directory]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Stop when everything is ready, instead of serving on (for tests of this command)
    #[arg(long)]
    once: bool,
}

/// `cargo xtask demo`.
pub fn demo(options: &Options) -> Result<()> {
    say("System packages");
    packages::ensure(&[Need::Draw])?;

    say("The program (some 10 minutes the first time on two cores)");
    let program = build_program(options.release)?;

    let data = match &options.data {
        Some(directory) => std::path::absolute(directory)?,
        None => paths::user_data()?,
    };
    let city = data.join("demo");
    say("The hub, with simulated feeds; the first start makes the demo city");
    let address = match options.listen {
        Some(address) => address,
        None => free_address()?,
    };
    let mut hub = start_hub(&program, &data, address)?;

    let window = if options.no_window {
        None
    } else if has_display() {
        say("The window");
        Some(open_window(&program, address)?)
    } else {
        say(
            "There is no display (neither WAYLAND_DISPLAY nor DISPLAY is set): pictures instead of a window",
        );
        draw_pictures(&program, address, &city)?;
        None
    };

    if !options.no_web {
        say("The browser viewer (some 10 minutes the first time on two cores)");
        let quick = BuildOptions {
            release: false,
            deny_warnings: false,
        };
        web::build(Api::Webgl2, quick)?;
    }

    println!();
    if !options.no_web {
        println!("The city is at   http://{address}/");
    }
    println!("Its readings at  http://{address}/v1.1");
    if options.once {
        return Ok(());
    }
    println!("Stop with Ctrl-C.");
    if !hub.wait()? {
        bail!("the hub has stopped");
    }
    drop(window);
    Ok(())
}

/// A headline of what is done next.
pub fn say(what: &str) {
    eprintln!("\n=== {what}");
}

/// Builds the program; returns its path.
pub fn build_program(release: bool) -> Result<PathBuf> {
    let mut command = cargo();
    command.args(["build", "--package", "belvedere", "--bin", "belvedere"]);
    if release {
        command.arg("--release");
    }
    run(&mut command)?;
    let profile = if release { "release" } else { "debug" };
    Ok(paths::target().join(profile).join("belvedere"))
}

/// The first port from 8080 on that nobody listens at.
fn free_address() -> Result<SocketAddr> {
    (FIRST_PORT..FIRST_PORT + 100)
        .map(|port| SocketAddr::from(([127, 0, 0, 1], port)))
        .find(|&address| TcpListener::bind(address).is_ok())
        .context("no free port between 8080 and 8179; name one with --listen")
}

fn start_hub(program: &Path, data: &Path, address: SocketAddr) -> Result<Background> {
    let mut command = Command::new(program);
    command
        .current_dir(paths::root())
        .args([
            "serve",
            "--scene",
            SCENE,
            "--listen",
            &address.to_string(),
            "--data",
        ])
        .arg(data);
    let mut hub = Background::start(&command)?;
    let start = Instant::now();
    while !answers(address) {
        if !hub.is_running() {
            bail!("the hub stopped at once; what it said is above");
        }
        if start.elapsed() > PATIENCE {
            bail!("the hub does not answer at http://{address}/api/health");
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(hub)
}

/// Whether the hub says that it is well.
fn answers(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(
            stream,
            "GET /api/health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok(answer.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

fn has_display() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn open_window(program: &Path, address: SocketAddr) -> Result<Background> {
    let mut command = Command::new(program);
    command
        .current_dir(paths::root())
        .args([SCENE, "--hub", &format!("http://{address}")]);
    Background::start(&command)
}

/// Draws the pictures that are missing or older than the program or the city.
fn draw_pictures(program: &Path, hub: SocketAddr, city: &Path) -> Result<()> {
    let directory = paths::target().join("demo");
    std::fs::create_dir_all(&directory)?;
    let modified = |path: &Path| {
        std::fs::metadata(path)
            .and_then(|data| data.modified())
            .ok()
    };
    let newest_input = modified(program).max(modified(&city.join("tileset.json")));
    for (name, arguments) in PICTURES {
        let picture = directory.join(format!("{name}.png"));
        if modified(&picture) <= newest_input {
            let bar = wasm::spinner(format!("drawing {name}"));
            run(Command::new(program)
                .current_dir(paths::root())
                .args(["render", "--scene", SCENE, "--hub"])
                .arg(format!("http://{hub}"))
                .args(*arguments)
                .arg("--out")
                .arg(&picture))?;
            bar.finish_and_clear();
        }
        println!("{}", picture.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_a_healthy_hub_answers() {
        for (answer, expected) in [
            ("HTTP/1.1 200 OK\r\n\r\n", true),
            ("HTTP/1.1 503 No\r\n\r\n", false),
            ("", false),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            });
            assert_eq!(answers(address), expected, "{answer:?}");
            server.join().unwrap();
        }
    }

    #[test]
    fn a_port_in_use_is_passed_over() {
        let address = free_address().unwrap();
        let _taken = TcpListener::bind(address).unwrap();
        assert_ne!(free_address().unwrap(), address);
    }
}
