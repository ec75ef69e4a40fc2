//! The desktop window.

use std::path::Path;

use belvedere::app::{QualityChoice, Stage, build};
use belvedere::opening::{FileKind, kind_of};
use belvedere::scene::DemoCity;
use belvedere::startup::Startup;
use city_time::SimInstant;
use clap::Args;

use super::hub;

/// Options of the window.
#[derive(Args, Debug)]
pub struct WindowArgs {
    /// A scene file (`.toml`), a tileset (`.json`) or a GeoJSON file, by path or URL.
    #[arg(value_name = "SCENE", default_value = "scenes/harbour.toml")]
    scene: String,
    /// Use this hub instead of one inside the program.
    #[arg(long, value_name = "URL")]
    hub: Option<String>,
    /// Where the camera starts: degrees, metres above the ellipsoid, degrees.
    #[arg(
        long,
        value_name = "LON,LAT,HEIGHT,HEADING,PITCH",
        allow_hyphen_values = true
    )]
    camera: Option<city_geo::Camera>,
    /// Where the city and the readings are kept.
    #[arg(long, value_name = "DIR")]
    data: Option<std::path::PathBuf>,
    /// The clock's time; live without.
    #[arg(long, value_name = "RFC3339")]
    time: Option<String>,
    /// auto, lean or full.
    #[arg(long, default_value = "auto")]
    quality: QualityChoice,
}

/// Whether a path or URL names a scene file rather than a tileset.
pub fn is_scene(address: &str) -> bool {
    let bare = address.split(['?', '#']).next().unwrap_or(address);
    Path::new(bare)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
}

/// Whether a path or URL is GeoJSON. What is called `.geojson` is; of anything else the content decides.
fn is_geojson(address: &str) -> bool {
    let bare = address.split(['?', '#']).next().unwrap_or(address);
    Path::new(bare)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("geojson"))
        // What cannot be read is told in the window.
        || belvedere::platform::read_now(address)
            .is_ok_and(|bytes| kind_of(&bytes) == Ok(FileKind::GeoJson))
}

pub fn run(args: &WindowArgs) -> anyhow::Result<()> {
    let scene = is_scene(&args.scene);
    let geojson = !scene && is_geojson(&args.scene);
    let mut hub = args.hub.clone();
    let mut demo = None;
    // Kept until the window closes: the hub stops with it.
    let mut inside = None;
    if scene && hub.is_none() {
        let data = args.data.clone().map_or_else(hub::user_data, Ok)?;
        let read = hub::read_scene(&args.scene)?;
        let listen = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
        let handle = hub::start(hub::config(&read, &args.scene, listen, &data)?)?;
        if hub::needs_demo_city(&read) {
            demo = Some(hub::demo_city(&data)?.to_string_lossy().into_owned());
        }
        hub = Some(handle.url());
        inside = Some(handle);
    }
    let startup = Startup {
        tileset: (!scene && !geojson).then(|| args.scene.clone()),
        geojson: geojson.then(|| args.scene.clone()).into_iter().collect(),
        scene: scene.then(|| args.scene.clone()),
        hub,
        quality: args.quality,
        camera: args.camera,
        time: args
            .time
            .as_deref()
            .map(SimInstant::parse_rfc3339)
            .transpose()?,
        ..Startup::default()
    };
    let mut app = build(Stage::Window, args.quality);
    startup.apply(&mut app);
    app.insert_resource(DemoCity(demo));
    app.run();
    drop(inside);
    Ok(())
}
