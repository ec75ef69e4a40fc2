//! `belvedere import`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

/// Options of `belvedere import`.
#[derive(Args, Debug)]
pub struct ImportArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Make the synthetic demo city: DIR/tileset.json and its tiles.
    Demo {
        /// Where to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Another city for every number; the same city for the same number.
        #[arg(long, value_name = "N", default_value_t = super::hub::DEMO_SEED)]
        seed: u64,
    },
}

pub fn run(args: &ImportArgs) -> anyhow::Result<()> {
    let What::Demo { out, seed } = &args.what;
    make_demo(*seed, out, &|_| {})
}

/// Makes the demo city with progress.
pub fn make_demo(seed: u64, out: &Path, tell: super::hub::CityProgress) -> anyhow::Result<()> {
    let bar = ProgressBar::new(0);
    if let Ok(style) =
        ProgressStyle::with_template("{msg:24} {wide_bar} {percent:>3}% {eta:>4} left")
    {
        bar.set_style(style);
    }
    let started = belvedere::platform::monotonic_ms();
    let report = city_tiler::generate(seed, out, &|progress: city_tiler::Progress| {
        tell(&progress);
        bar.set_message(progress.stage);
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
    })
    .with_context(|| format!("the demo city could not be made in {}", out.display()))?;
    bar.finish_and_clear();
    println!(
        "{report} in {:.1} s: {}",
        (belvedere::platform::monotonic_ms() - started) * 1e-3,
        out.join("tileset.json").display()
    );
    Ok(())
}
