//! Fuzzing: random input, guided by coverage, for every parser that reads what others send.
//!
//! The targets are in `fuzz/`, in the form that cargo-fuzz expects. They are
//! built here without it and without a nightly compiler, so that everyone runs
//! them; cargo-fuzz adds address sanitising, for whoever looks into a finding.

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, available_parallelism};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::count::Count;
use super::table::State;
use super::{Context, steps};
use crate::paths;
use crate::run::{cargo, output_of, tee};

/// What libFuzzer needs compiled in: counters at every edge, and comparisons reported.
const INSTRUMENTED: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0 \
    -Ccodegen-units=1 -Cdebug-assertions -Coverflow-checks -Cforce-frame-pointers";

/// The step.
pub fn run(context: &Context) -> Result<State> {
    let fuzz = paths::root().join("fuzz");
    if !fuzz.join("Cargo.toml").exists() {
        return Ok(State::Skipped("there is no fuzz/Cargo.toml".into()));
    }
    let targets = targets(&fuzz)?;
    let built = build(context, &fuzz)?;
    let seconds = if context.long { 300 } else { 10 };
    let perform = |target: &String| -> Result<Option<String>> {
        let outcome = tee(
            &mut one(&fuzz, &built, target, seconds)?,
            &steps::log(context, &format!("fuzz-{target}")),
        )?;
        if outcome.success {
            return Ok(None);
        }
        let input = outcome
            .output
            .lines()
            .find_map(|line| line.split("Test unit written to ").nth(1));
        Ok(Some(match input {
            Some(path) => format!("{target}: {path}"),
            None => format!("{target}: see fuzz-{target}.log"),
        }))
    };
    // A target keeps one core busy: as many at once as there are cores.
    let next = AtomicUsize::new(0);
    let cores = available_parallelism().map_or(1, NonZero::get);
    let outcomes = thread::scope(|scope| {
        let work = || {
            let mut outcomes = Vec::new();
            while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                let failure = perform(target);
                outcomes.push(failure.unwrap_or_else(|error| Some(format!("{target}: {error:#}"))));
            }
            outcomes
        };
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                let died = |_| vec![Some("a worker of this step died".into())];
                worker.join().unwrap_or_else(died)
            })
            .collect::<Vec<Option<String>>>()
    });
    let failures: Vec<String> = outcomes.iter().flatten().cloned().collect();
    let count = Count {
        passed: outcomes.len() - failures.len(),
        failed: failures.len(),
        skipped: 0,
    };
    Ok(State::Ran { count, failures })
}

/// The names of the fuzz targets.
fn targets(fuzz: &Path) -> Result<Vec<String>> {
    let text = output_of(cargo().current_dir(fuzz).args([
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
    ]))
    .context("cargo metadata failed in fuzz/")?;
    let metadata: Value = serde_json::from_str(&text)?;
    let targets = metadata["packages"][0]["targets"].as_array();
    let names: Vec<String> = targets
        .into_iter()
        .flatten()
        .filter(|target| target["kind"][0] == "bin")
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .collect();
    if names.is_empty() {
        bail!("fuzz/Cargo.toml names no target");
    }
    Ok(names)
}

/// Builds all targets; returns the directory of the programs.
fn build(context: &Context, fuzz: &Path) -> Result<PathBuf> {
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let directory = paths::target().join("fuzz");
    // With --target, the flags do not reach build scripts and macros.
    let outcome = tee(
        cargo()
            .current_dir(fuzz)
            .args(["build", "--release", "--bins", "--target", &triple])
            .env("CARGO_TARGET_DIR", &directory)
            .env("RUSTFLAGS", INSTRUMENTED),
        &steps::log(context, "fuzz"),
    )?;
    if !outcome.success {
        bail!("the fuzz targets do not build");
    }
    Ok(directory.join(triple).join("release"))
}

/// One target for some seconds, from the committed seeds and from what earlier runs found.
fn one(fuzz: &Path, built: &Path, target: &str, seconds: u32) -> Result<Command> {
    let found = paths::target().join("fuzz-corpus").join(target);
    let artifacts = paths::target().join("fuzz-artifacts").join(target);
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&artifacts)?;
    let mut command = Command::new(built.join(target));
    command
        .current_dir(fuzz)
        .arg(format!("-max_total_time={seconds}"))
        .args([
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-max_len=65536",
            "-verbosity=0",
            "-print_final_stats=1",
        ])
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(&found);
    for seeds in ["corpus", "seeds"] {
        let seeds = fuzz.join(seeds).join(target);
        if seeds.is_dir() {
            command.arg(seeds);
        }
    }
    let dictionary = fuzz.join("dictionaries").join(format!("{target}.dict"));
    if dictionary.is_file() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    Ok(command)
}
