//! The hub, inside the window or served: its configuration from a scene.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use city_geo::Geodetic;
use city_hub::{Config, HubHandle, MqttFeed, Progress, SimulatedFeed};
use city_scene::{DEMO_PREFIX, Scene};
use city_sensors::simulate::{Site, spread};
use city_time::{SimInstant, Zone};
use indicatif::{ProgressBar, ProgressStyle};

/// The seed of the demo city and its feed.
pub const DEMO_SEED: u64 = 1;

/// Where cities and readings are kept: the user's data directory.
pub fn user_data() -> anyhow::Result<PathBuf> {
    if let Some(dir) = std::env::var_os("XDG_DATA_HOME").filter(|dir| !dir.is_empty()) {
        return Ok(PathBuf::from(dir).join("belvedere"));
    }
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    let home = home.context("there is no home directory: name a directory with --data")?;
    Ok(PathBuf::from(home).join(".local/share/belvedere"))
}

/// Reads a scene file.
pub fn read_scene(path: &str) -> anyhow::Result<Scene> {
    let bytes = belvedere::platform::read_now(path)
        .with_context(|| format!("scene {path} cannot be read"))?;
    Ok(Scene::parse_bytes(&bytes, path)?)
}

/// Whether a scene shows the city that the program makes.
pub fn needs_demo_city(scene: &Scene) -> bool {
    scene
        .tilesets
        .iter()
        .any(|tileset| tileset.url.starts_with(DEMO_PREFIX))
}

/// The demo city's folder in a data directory; the city is made when it is not there.
pub fn demo_city(data: &Path) -> anyhow::Result<PathBuf> {
    let city = data.join("demo");
    if !city.join("tileset.json").exists() {
        // Made beside its place and moved there when it is whole, so that a start that was
        // interrupted leaves nothing that looks finished.
        let unfinished = data.join("demo.unfinished");
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished)
                .with_context(|| format!("{} cannot be removed", unfinished.display()))?;
        }
        std::fs::create_dir_all(data).with_context(|| {
            format!(
                "folder {} cannot be made: choose another with --data",
                data.display()
            )
        })?;
        eprintln!("making the demo city in {} (once)", city.display());
        super::import::make_demo(DEMO_SEED, &unfinished)?;
        std::fs::rename(&unfinished, &city).with_context(|| {
            format!("the finished city cannot be moved to {}", city.display())
        })?;
    }
    Ok(city)
}

/// What a hub of a scene is told.
pub fn config(
    scene: &Scene,
    scene_path: &str,
    listen: SocketAddr,
    data: &Path,
) -> anyhow::Result<Config> {
    let mut config = Config::new(data.join("hub"));
    config.name.clone_from(&scene.name);
    config.listen = listen;
    config.layers = scene
        .layers
        .iter()
        .map(city_scene::SceneLayer::catalog_layer)
        .collect();
    config.web_dir = web_dir();
    config.scenes_dir = Path::new(scene_path)
        .parent()
        .map(|dir| {
            if dir.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                dir.to_owned()
            }
        })
        .filter(|dir| dir.is_dir());
    config.scene = Path::new(scene_path)
        .file_name()
        .map(|name| format!("scenes/{}", name.to_string_lossy()));
    if needs_demo_city(scene) {
        config.tiles_dir = Some(demo_city(data)?);
    }
    if scene.feeds.simulated {
        let zone = Zone::parse(&scene.time_zone)?;
        let offset_s = zone
            .civil(SimInstant(belvedere::platform::wall_clock_ns()))
            .offset_s;
        config.simulated = Some(SimulatedFeed::new(DEMO_SEED, offset_s, sites(scene, config.tiles_dir.as_deref())?));
    }
    for feed in &scene.feeds.mqtt {
        let broker = with_credentials(feed)?;
        config
            .mqtt
            .extend(feed.mappings.iter().map(|mapping| MqttFeed {
                name: feed.name.clone(),
                broker: broker.clone(),
                mapping: mapping.clone(),
            }));
    }
    Ok(config)
}

/// Where simulated sensors stand: in the demo city where its streets and buildings are, elsewhere spread
/// around the scene's origin.
fn sites(scene: &Scene, city: Option<&Path>) -> anyhow::Result<Vec<Site>> {
    let Some(city) = city else {
        let Geodetic { height_m, .. } = scene.origin.geodetic();
        return Ok(spread(
            DEMO_SEED,
            scene.origin.lon,
            scene.origin.lat,
            height_m,
        ));
    };
    let list = city.join("sensors.json");
    let read = || anyhow::Ok(serde_json::from_slice(&std::fs::read(&list)?)?);
    read().with_context(|| {
        format!(
            "{} cannot be read: remove {} and start again, and the city is made anew",
            list.display(),
            city.display()
        )
    })
}

fn with_credentials(feed: &city_scene::MqttFeed) -> anyhow::Result<String> {
    let read = |name: &Option<String>| match name {
        Some(name) => std::env::var(name).map(Some).with_context(|| {
            format!(
                "feed {}: the environment variable {name} is not set",
                feed.name
            )
        }),
        None => Ok(None),
    };
    let (user, password) = (read(&feed.username_env)?, read(&feed.password_env)?);
    let mut broker = url::Url::parse(&feed.broker)
        .with_context(|| format!("feed {}: broker {}", feed.name, feed.broker))?;
    if let Some(user) = user
        && broker.set_username(&user).is_err()
    {
        bail!(
            "feed {}: broker {} takes no user name",
            feed.name,
            feed.broker
        );
    }
    if password.is_some() && broker.set_password(password.as_deref()).is_err() {
        bail!(
            "feed {}: broker {} takes no password",
            feed.name,
            feed.broker
        );
    }
    Ok(broker.into())
}

/// The browser viewer: beside the program's working directory, or named by the environment.
fn web_dir() -> Option<PathBuf> {
    let named = std::env::var_os("BELVEDERE_WEB").map(PathBuf::from);
    named
        .or_else(|| Some(PathBuf::from("web/dist")))
        .filter(|dir| dir.is_dir())
}

/// Starts a hub and shows how it gets ready.
pub fn start(config: Config) -> anyhow::Result<HubHandle> {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    let handle = city_hub::spawn(config, move |progress| match progress {
        Progress::Listening { address } => {
            bar.println(format!("the hub answers at http://{address}"))
        }
        Progress::Filling { done, total } => {
            bar.set_length(total);
            bar.set_position(done);
            bar.set_message("filling in history");
        }
        Progress::Ready => bar.finish_and_clear(),
    })?;
    Ok(handle)
}
