//! The command line. Exit codes: 0 done, 1 the input is at fault, 2 usage.

mod cache;
mod check;
mod host;
mod hub;
mod import;
mod render;
mod report;
mod serve;
mod wall;
mod window;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// An open 3D digital twin of a city.
///
/// Without a command it opens a window on a scene, with a hub inside.
#[derive(Parser, Debug)]
#[command(
    name = "belvedere",
    version,
    about,
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    window: window::WindowArgs,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Draw a scene or a tileset without a window, as a PNG.
    Render(Box<render::RenderArgs>),
    /// Bring a city in: make the demo city.
    Import(import::ImportArgs),
    /// Say what is wrong with a tileset.
    Check(check::CheckArgs),
    /// Write a scenario as a page: pictures before and after, changes, indicators.
    Report(Box<report::ReportArgs>),
    /// Serve a scene, its readings and the browser viewer.
    Serve(serve::ServeArgs),
    /// Drive a video wall, or show a part of it.
    Wall(wall::WallArgs),
}

/// Runs the program.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Some(Command::Import(args)) => import::run(args),
        Some(Command::Check(args)) => check::run(args),
        Some(Command::Render(args)) => render::run(args),
        Some(Command::Report(args)) => report::run(args),
        Some(Command::Serve(args)) => serve::run(args),
        Some(Command::Wall(args)) => wall::run(args),
        None => window::run(&cli.window),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("belvedere: {error:#}");
            ExitCode::from(1)
        }
    }
}
