//! The desktop window.

use std::path::Path;

use belvedere::app::{QualityChoice, Stage, build};
use belvedere::opening::{FileKind, kind_of};
use belvedere::scene::{SceneChoice, SceneList};
use belvedere::startup::Startup;
use belvedere::ui::{Language, scale_for_viewing};
use bevy::ecs::system::Query;
use bevy::window::{MonitorSelection, Window, WindowMode};
use city_time::SimInstant;
use clap::Args;

use super::cache::CacheArgs;
use super::{host, hub};

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
    /// A scenario to open: its id on the hub, or its file.
    #[arg(long, value_name = "ID_OR_FILE")]
    scenario: Option<String>,
    /// Start as a video wall: only clock, legend, alarms and credits. `H` shows the panels.
    #[arg(long)]
    wall: bool,
    /// How far away the wall's readers stand: text grows with it.
    #[arg(long, value_name = "METRES", default_value_t = 6.0, requires = "wall")]
    viewing_distance: f64,
    /// Size of the wall's pixels.
    #[arg(
        long,
        value_name = "MILLIMETRES",
        default_value_t = 1.25,
        requires = "wall"
    )]
    pixel_pitch: f64,
    /// Language of the panels: en, zh-Hant or zh-Hans; the last one without.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Fill the screen.
    #[arg(long)]
    fullscreen: bool,
    /// auto, lean or full.
    #[arg(long, default_value = "auto")]
    quality: QualityChoice,
    #[command(flatten)]
    cache: CacheArgs,
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
    args.cache.apply();
    let is_scene = is_scene(&args.scene);
    let is_geojson = !is_scene && is_geojson(&args.scene);
    if is_scene {
        // A file that is no scene is told here, before a window opens.
        hub::read_scene(&args.scene)?;
    }
    let startup = Startup {
        tileset: (!is_scene && !is_geojson).then(|| args.scene.clone()),
        geojson: is_geojson.then(|| args.scene.clone()).into_iter().collect(),
        scene: is_scene.then(|| args.scene.clone()),
        hub: args.hub.clone(),
        quality: args.quality,
        camera: args.camera,
        time: args
            .time
            .as_deref()
            .map(SimInstant::parse_rfc3339)
            .transpose()?,
        scenario: args.scenario.clone(),
        wall: args.wall,
        ui_scale: args
            .wall
            .then(|| scale_for_viewing(args.viewing_distance, args.pixel_pitch)),
        language: args.language.as_deref().map(Language::from_tag),
        ..Startup::default()
    };
    let mut app = build(Stage::Window, args.quality);
    app.insert_resource(SceneList(scenes(args, is_scene)));
    if args.hub.is_none() {
        let data = args.data.clone().map_or_else(hub::user_data, Ok)?;
        app.insert_resource(host::start(data)?);
    }
    startup.apply(&mut app);
    if args.fullscreen {
        app.add_systems(bevy::app::Startup, fill_screen);
    }
    app.run();
    Ok(())
}

fn fill_screen(mut windows: Query<&mut Window>) {
    for mut window in &mut windows {
        window.mode = WindowMode::BorderlessFullscreen(MonitorSelection::Current);
    }
}

/// The scenes beside the one that is opened; for a tileset, those that come with the program.
fn scenes(args: &WindowArgs, is_scene: bool) -> Vec<SceneChoice> {
    let folder = match Path::new(&args.scene).parent() {
        Some(folder) if is_scene && !folder.as_os_str().is_empty() => folder,
        _ if is_scene => Path::new("."),
        _ => Path::new("scenes"),
    };
    host::scenes_in(folder)
}
