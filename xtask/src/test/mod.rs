//! `cargo xtask test`: every check there is, one after the other, timed and counted.

mod count;
mod fuzz;
mod steps;
mod table;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::packages::{self, Need};
use crate::paths;
use table::{Report, State};

/// Options of `cargo xtask test`.
#[derive(clap::Args)]
pub struct Options {
    /// Only these steps (see --list)
    steps: Vec<String>,
    /// Also what takes long: WebGPU, release size, soaks, long fuzzing, load, peers
    #[arg(long)]
    long: bool,
    /// List the steps
    #[arg(long)]
    list: bool,
    /// Do not look for missing system packages
    #[arg(long)]
    no_install: bool,
}

/// What the steps share.
pub struct Context {
    /// `--long` was given.
    pub long: bool,
    /// Each step has one log here.
    pub logs: PathBuf,
}

/// `cargo xtask test`.
pub fn test(options: &Options) -> Result<()> {
    if options.list {
        for step in steps::STEPS {
            let when = if step.long_only { "   (--long)" } else { "" };
            println!("{:<12} {}{when}", step.key, step.what);
        }
        return Ok(());
    }
    if let Some(unknown) = options
        .steps
        .iter()
        .find(|key| !steps::STEPS.iter().any(|step| step.key == key.as_str()))
    {
        bail!("no step is called {unknown}; `cargo xtask test --list` shows them");
    }
    if !options.no_install {
        packages::ensure(&[Need::Test])?;
    }
    let context = Context {
        long: options.long,
        logs: paths::target().join("test-logs"),
    };
    if context.logs.exists() {
        std::fs::remove_dir_all(&context.logs)?;
    }
    std::fs::create_dir_all(&context.logs)?;

    let mut reports = Vec::new();
    for step in steps::STEPS {
        let is_named = options.steps.iter().any(|key| key == step.key);
        let is_wanted = if options.steps.is_empty() {
            context.long || !step.long_only
        } else {
            is_named
        };
        if is_wanted {
            reports.push(perform(step, &context));
        }
    }
    table::print(&reports, &context.logs);
    let failed: usize = reports.iter().map(Report::failed).sum();
    if failed > 0 {
        // The table has said everything, and its last line must stay the last.
        std::process::exit(1);
    }
    Ok(())
}

fn perform(step: &'static steps::Step, context: &Context) -> Report {
    eprintln!("\n=== {}: {}", step.key, step.what);
    let start = Instant::now();
    let state = match (step.run)(context) {
        Ok(state) => state,
        Err(error) => {
            eprintln!("{error:#}");
            State::broken(format!("{error:#}"))
        }
    };
    Report {
        key: step.key,
        duration: start.elapsed(),
        state,
    }
}
