//! The command line. Exit codes: 0 done, 1 the input is at fault, 2 usage.

mod render;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// An open 3D digital twin of a city.
#[derive(Parser, Debug)]
#[command(name = "belvedere", version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Draw a scene or a tileset without a window, as a PNG.
    Render(render::RenderArgs),
}

/// Runs the program.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Some(Command::Render(args)) => render::run(&args),
        None => Err(anyhow::anyhow!("the window is not built yet")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("belvedere: {error:#}");
            ExitCode::from(1)
        }
    }
}
