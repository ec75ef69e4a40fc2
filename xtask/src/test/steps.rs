//! The steps of `cargo xtask test`, in their order: what fails most and soonest comes first.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::table::State;
use super::{Context, count, fuzz};
use crate::paths;
use crate::run::{self, cargo, output_of, which};
use crate::wasm::{self, BuildOptions};
use crate::web::{self, Api};

/// One step.
pub struct Step {
    /// Its name on the command line.
    pub key: &'static str,
    /// What it checks.
    pub what: &'static str,
    /// Only with `--long`, or by name.
    pub long_only: bool,
    /// Does it. An error counts as one failure.
    pub run: fn(&Context) -> Result<State>,
}

const fn step(key: &'static str, what: &'static str, run: fn(&Context) -> Result<State>) -> Step {
    Step {
        key,
        what,
        long_only: false,
        run,
    }
}

const fn long(key: &'static str, what: &'static str, run: fn(&Context) -> Result<State>) -> Step {
    Step {
        key,
        what,
        long_only: true,
        run,
    }
}

/// All of them.
pub const STEPS: &[Step] = &[
    step("format", "rustfmt changes nothing", format),
    step("clippy", "clippy has nothing to say", clippy),
    step("unit", "unit, property, conformance and panel tests", unit),
    step("doc", "examples in the documentation", doc),
    step("shaders", "every shader composes and validates", shaders),
    step("wasm", "the browser build has no warnings", wasm_build),
    step("pictures", "pictures match the accepted ones", pictures),
    step(
        "system",
        "the real program against real brokers and files",
        system,
    ),
    step("browser", "the page in Chromium on WebGL2", browser),
    step("fuzz", "hostile input, 10 s for each parser", fuzz::run),
    step(
        "licences",
        "licences, bans and sources of dependencies",
        licences,
    ),
    long("webgpu", "the page in Chromium on WebGPU", webgpu),
    long(
        "size",
        "one browser downloads at most 7 MB before tiles",
        size,
    ),
    long("soak", "tests that take long, marked as ignored", soak),
];

fn format(context: &Context) -> Result<State> {
    single(context, "format", cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(context: &Context) -> Result<State> {
    let all = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    let first = single(context, "clippy", cargo().args(all))?;
    if matches!(&first, State::Ran { count, .. } if count.failed > 0) {
        return Ok(first);
    }
    // The packer is behind a feature, so that xtask itself compiles fast.
    let packer = [
        "clippy",
        "-p",
        "xtask",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ];
    single(context, "clippy", cargo().args(packer))
}

/// Integration tests that are steps of their own, by the start of their names.
const OWN_STEPS: &[&str] = &["shaders", "picture", "system"];

fn unit(context: &Context) -> Result<State> {
    let names = integration_tests()?;
    let others: Vec<_> = names
        .iter()
        .filter(|name| !OWN_STEPS.iter().any(|start| name.starts_with(start)))
        .collect();
    let mut arguments = vec!["--workspace", "--lib", "--bins"];
    for name in others {
        arguments.extend(["--test", name]);
    }
    tests(context, "unit", &arguments, false)
}

fn doc(context: &Context) -> Result<State> {
    counted(
        context,
        "doc",
        cargo().args(["test", "--workspace", "--doc", "--no-fail-fast"]),
    )
}

fn shaders(context: &Context) -> Result<State> {
    integration(context, "shaders", "shaders")
}

fn pictures(context: &Context) -> Result<State> {
    integration(context, "pictures", "picture")
}

fn system(context: &Context) -> Result<State> {
    integration(context, "system", "system")
}

fn soak(context: &Context) -> Result<State> {
    tests(context, "soak", &["--workspace", "--tests"], true)
}

fn wasm_build(_: &Context) -> Result<State> {
    let options = BuildOptions {
        release: false,
        deny_warnings: true,
    };
    web::build(Api::Webgl2, options)?;
    Ok(State::passed())
}

fn browser(context: &Context) -> Result<State> {
    browser_tests(context, "browser", "webgl2")
}

fn webgpu(context: &Context) -> Result<State> {
    let options = BuildOptions {
        release: false,
        deny_warnings: true,
    };
    web::build(Api::Both, options)?;
    browser_tests(context, "webgpu", "webgpu")
}

fn size(_: &Context) -> Result<State> {
    const LIMIT: u64 = 7_000_000;
    let options = BuildOptions {
        release: true,
        deny_warnings: true,
    };
    let sizes = web::build(Api::Both, options)?;
    let heavy: Vec<String> = sizes
        .iter()
        .filter(|(_, bytes)| *bytes > LIMIT)
        .map(|(api, bytes)| format!("{api}: {bytes} bytes, {LIMIT} are allowed"))
        .collect();
    Ok(if heavy.is_empty() {
        State::passed()
    } else {
        State::broken(heavy.join("; "))
    })
}

fn licences(context: &Context) -> Result<State> {
    let tools = paths::target().join("tools");
    let installed = which("cargo-deny").or_else(|| {
        let own = tools.join("bin/cargo-deny");
        own.is_file().then_some(own)
    });
    let deny = match installed {
        Some(deny) => deny,
        None if context.long => {
            run::run(
                cargo()
                    .args(["install", "cargo-deny", "--locked", "--root"])
                    .arg(&tools),
            )?;
            tools.join("bin/cargo-deny")
        }
        None => {
            return Ok(State::Skipped(
                "cargo-deny is not installed; --long installs it (some minutes)".into(),
            ));
        }
    };
    let mut command = Command::new(deny);
    command
        .current_dir(paths::root())
        .args(["check", "bans", "licenses", "sources"]);
    single(context, "licences", &mut command)
}

/// Runs the tests of `tests/browser` on one API.
fn browser_tests(context: &Context, key: &str, api: &str) -> Result<State> {
    let tests = paths::root().join("tests/browser");
    let installed = tests.join("node_modules/.package-lock.json");
    let lock = tests.join("package-lock.json");
    if modified(&installed) < modified(&lock) {
        run::run(wasm::npm_ci().current_dir(&tests))?;
    }
    let built = run::tee(
        cargo().args(["build", "--package", "belvedere", "--bin", "belvedere"]),
        &log(context, key),
    )?;
    if !built.success {
        return Ok(State::broken("the program does not build".into()));
    }
    let mut command = Command::new("node");
    command
        .current_dir(&tests)
        .args(["--test", "--test-reporter=tap", "--test-concurrency=1"])
        .args(test_scripts(&tests)?)
        .env("BELVEDERE", paths::target().join("debug/belvedere"))
        .env("BELVEDERE_GPU", api)
        .env("BELVEDERE_TEST_OUT", context.logs.join(key));
    counted(context, key, &mut command)
}

/// The `*.test.mjs` of a directory, by name: Node 18 knows no patterns.
fn test_scripts(directory: &std::path::Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn modified(path: &std::path::Path) -> Option<std::time::SystemTime> {
    std::fs::metadata(path)
        .and_then(|data| data.modified())
        .ok()
}

/// Runs the integration tests whose names start in a certain way.
fn integration(context: &Context, key: &str, start: &str) -> Result<State> {
    let names = integration_tests()?;
    let mut arguments = vec!["--workspace"];
    for name in names.iter().filter(|name| name.starts_with(start)) {
        arguments.extend(["--test", name]);
    }
    if arguments.len() == 1 {
        return Ok(State::Skipped(format!("there is no tests/{start}*.rs")));
    }
    tests(context, key, &arguments, false)
}

/// The names of the workspace's integration tests.
fn integration_tests() -> Result<BTreeSet<String>> {
    let text = output_of(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))
        .context("cargo metadata failed: is a Cargo.toml broken?")?;
    let metadata: Value = serde_json::from_str(&text)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let targets = packages.flat_map(|package| package["targets"].as_array().into_iter().flatten());
    Ok(targets
        .filter(|target| target["kind"][0] == "test")
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .collect())
}

/// Runs tests with cargo nextest where it is, otherwise with cargo test.
fn tests(context: &Context, key: &str, arguments: &[&str], only_ignored: bool) -> Result<State> {
    let mut command = cargo();
    if which("cargo-nextest").is_some() {
        command
            .args([
                "nextest",
                "run",
                "--no-fail-fast",
                "--no-tests=pass",
                "--config-file",
            ])
            .arg(paths::root().join("xtask/nextest.toml"))
            .args(arguments);
        if only_ignored {
            command.args(["--run-ignored", "ignored-only"]);
        }
    } else {
        command.args(["test", "--no-fail-fast"]).args(arguments);
        if only_ignored {
            command.args(["--", "--ignored"]);
        }
    }
    counted(context, key, &mut command)
}

/// A step that is one check: it passes when the command does.
fn single(context: &Context, key: &str, command: &mut Command) -> Result<State> {
    let outcome = run::tee(command, &log(context, key))?;
    Ok(if outcome.success {
        State::passed()
    } else {
        State::broken(format!("{} failed", run::spelled(command)))
    })
}

/// A step that is many checks, which the command's output counts.
fn counted(context: &Context, key: &str, command: &mut Command) -> Result<State> {
    let outcome = run::tee(command, &log(context, key))?;
    let (mut count, mut failures) = count::read(&outcome.output);
    if !outcome.success && count.failed == 0 {
        // It did not compile, or a runner died.
        count.failed = 1;
        failures.push(format!("{} failed", run::spelled(command)));
    }
    Ok(State::Ran { count, failures })
}

/// Where a step's output is kept.
pub fn log(context: &Context, key: &str) -> std::path::PathBuf {
    context.logs.join(format!("{key}.log"))
}
