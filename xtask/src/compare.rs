//! `cargo xtask compare`: Belvedere beside its peers, in one run.
//!
//! What is measured, and how, says `benches/compare/README.md`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::demo::{build_program, say};
use crate::packages::{self, Need};
use crate::paths;
use crate::run::{cargo, run, spelled};
use crate::wasm::{self, BuildOptions};
use crate::web::{self, Api};

/// Options of `cargo xtask compare`.
#[derive(clap::Args)]
pub struct Options {
    /// Optimise fully, as for numbers that are kept (the first time over an hour on two cores)
    #[arg(long)]
    release: bool,
    /// This program instead of building it
    #[arg(long, value_name = "PROGRAM")]
    belvedere: Option<PathBuf>,
    /// This browser viewer instead of building it into web/dist
    #[arg(long, value_name = "DIR")]
    dist: Option<PathBuf>,
    /// This program for bevy_3d_tiles instead of building it
    #[arg(long, value_name = "PROGRAM")]
    peer: Option<PathBuf>,
    /// Leave bevy_3d_tiles out
    #[arg(long, conflicts_with = "peer")]
    no_peer: bool,
    /// The demo city [default: where `cargo xtask demo` made it]
    #[arg(long, value_name = "DIR")]
    city: Option<PathBuf>,
    /// Only these tilesets, by their names in benches/compare/lib/tilesets.mjs
    #[arg(long, value_name = "NAME,NAME")]
    tilesets: Option<String>,
    /// Only these renderers: cesium, three, belvedere-webgl2, ...
    #[arg(long, value_name = "NAME,NAME")]
    only: Option<String>,
    /// How often everything is loaded; medians count
    #[arg(long, value_name = "ROUNDS", default_value_t = 3)]
    repeat: u32,
    /// Fail when a target is missed
    #[arg(long)]
    strict: bool,
    /// Where the table goes [default: benches/compare/out]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// `cargo xtask compare`.
pub fn compare(options: &Options) -> Result<()> {
    say("System packages");
    packages::ensure(&[Need::Draw, Need::Node, Need::Browser])?;

    let belvedere = match &options.belvedere {
        Some(program) => existing(program)?,
        None => {
            say("The program (some 10 minutes the first time on two cores)");
            build_program(options.release)?
        }
    };
    let dist = match &options.dist {
        Some(directory) => existing(directory)?,
        None => {
            say("The browser viewer, for both APIs (some 20 minutes the first time on two cores)");
            let how = BuildOptions {
                release: options.release,
                deny_warnings: false,
            };
            web::build(Api::Both, how)?;
            paths::dist()
        }
    };
    let peer = match &options.peer {
        Some(program) => Some(existing(program)?),
        None if options.no_peer => None,
        None => {
            say("bevy_3d_tiles (some 10 minutes the first time on two cores)");
            // Other people's code: the rest can be compared without it.
            build_peer(options.release)
                .inspect_err(|error| eprintln!("bevy_3d_tiles is left out: {error:#}"))
                .ok()
        }
    };

    say("Peers in the browser");
    let directory = paths::root().join("benches/compare");
    let modified = |path: PathBuf| {
        std::fs::metadata(path)
            .and_then(|data| data.modified())
            .ok()
    };
    if modified(directory.join("node_modules/.package-lock.json"))
        < modified(directory.join("package-lock.json"))
    {
        run(wasm::npm_ci().current_dir(&directory))?;
    }

    say("Measuring; keep the machine free of other work");
    let out = match &options.out {
        Some(out) => std::path::absolute(out)?,
        None => directory.join("out"),
    };
    let city = city(options)?;
    let mut command = Command::new("node");
    command
        .current_dir(&directory)
        .arg("compare.mjs")
        .args(["--repeat", &options.repeat.to_string()]);
    let paths: [(&str, Option<&Path>); 5] = [
        ("--belvedere", Some(&belvedere)),
        ("--dist", Some(&dist)),
        ("--out", Some(&out)),
        ("--peer", peer.as_deref()),
        ("--city", city.as_deref()),
    ];
    for (name, path) in paths {
        if let Some(path) = path {
            command.arg(name).arg(path);
        }
    }
    for (name, value) in [("--tilesets", &options.tilesets), ("--only", &options.only)] {
        if let Some(value) = value {
            command.args([name, value]);
        }
    }
    if options.no_peer {
        command.args(["--without", "bevy_3d_tiles"]);
    }
    if options.strict {
        command.arg("--strict");
    }
    eprintln!("$ {}", spelled(&command));
    let status = command.status().context("cannot start node")?;
    if !status.success() {
        bail!("something could not be measured, or a target is missed with --strict: see above");
    }
    Ok(())
}

/// A path that someone named, absolute.
fn existing(path: &Path) -> Result<PathBuf> {
    if !path.exists() {
        bail!("{} does not exist", path.display());
    }
    Ok(std::path::absolute(path)?)
}

/// The demo city, where there is one.
fn city(options: &Options) -> Result<Option<PathBuf>> {
    if let Some(city) = &options.city {
        return existing(city).map(Some);
    }
    let made = paths::user_data()?.join("demo");
    Ok(made.join("tileset.json").is_file().then_some(made))
}

/// Builds the program that shows a tileset with bevy_3d_tiles; it is outside the workspace, with a lock of its own.
fn build_peer(release: bool) -> Result<PathBuf> {
    let target = paths::target().join("native_peer");
    let mut command = cargo();
    command
        .args(["build", "--locked", "--manifest-path"])
        .arg(paths::root().join("benches/compare/native_peer/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target);
    if release {
        command.arg("--release");
    }
    run(&mut command)?;
    let profile = if release { "release" } else { "debug" };
    Ok(target.join(profile).join("native_peer"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn named_paths_must_exist_and_become_absolute() {
        assert!(existing(Path::new("src")).unwrap().is_absolute());
        let error = existing(Path::new("no-such-program")).unwrap_err();
        assert!(error.to_string().contains("no-such-program"));
    }
}
