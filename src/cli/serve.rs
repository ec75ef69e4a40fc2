//! `belvedere serve`.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use city_hub::HubError;
use clap::Args;

use super::hub;

/// Options of `belvedere serve`.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The scene to serve.
    #[arg(long, value_name = "SCENE", default_value = "scenes/harbour.toml")]
    scene: String,
    /// Where to listen. Another address than loopback lets others in.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where the city and the readings are kept.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let data = args.data.clone().map_or_else(hub::user_data, Ok)?;
    let scene = hub::read_scene(&args.scene)?;
    // A port that is taken is told before a city is made for it.
    let address = args.listen;
    TcpListener::bind(address).map_err(|cause| HubError::Listen { address, cause })?;
    let config = hub::config(&scene, &args.scene, args.listen, &data, &|_| {})?;
    let viewer = config
        .web_dir
        .iter()
        .any(|dir| dir.join("index.html").is_file());
    if !viewer {
        eprintln!("the browser viewer is not built: run `cargo xtask web`");
    }
    let handle = hub::start(config, |_| {})?;
    println!("{} is served at {}", scene.name, handle.url());
    // The hub runs until the program is ended; what it acknowledged is on disk by then.
    loop {
        std::thread::park();
    }
}
