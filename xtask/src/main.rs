//! The repository's own commands. `cargo xtask --help` lists them.
//!
//! Two matter to a newcomer: `cargo xtask demo` shows the city,
//! `cargo xtask test` proves that everything works.

mod compare;
mod demo;
mod packages;
mod paths;
mod run;
mod test;
mod toolchain;
mod wasm;
mod web;

use clap::{Parser, Subcommand};

/// Builds, shows and tests Belvedere.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, make the demo city, and show it in a window and in the browser
    Demo(demo::Options),
    /// Check and test everything
    Test(test::Options),
    /// Build the browser viewer into web/dist
    Web(web::Options),
    /// Measure Belvedere beside its peers: the same tilesets, the same camera paths, one run
    Compare(compare::Options),
    /// Install the system packages that a command needs, or print how to
    Packages(packages::Options),
}

fn main() -> std::process::ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo(options) => demo::demo(&options),
        Command::Test(options) => test::test(&options),
        Command::Web(options) => web::web(&options),
        Command::Compare(options) => compare::compare(&options),
        Command::Packages(options) => packages::command(&options),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
