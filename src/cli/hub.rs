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

/// The demo city's folder in a data directory; the city is made when it is not there, or is of an earlier version.
pub fn demo_city(data: &Path, progress: CityProgress) -> anyhow::Result<PathBuf> {
    let city = data.join("demo");
    if !city_tiler::is_current(&city) {
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
        super::import::make_demo(DEMO_SEED, &unfinished, progress)?;
        if city.exists() {
            std::fs::remove_dir_all(&city)
                .with_context(|| format!("{} cannot be removed", city.display()))?;
        }
        std::fs::rename(&unfinished, &city)
            .with_context(|| format!("the finished city cannot be moved to {}", city.display()))?;
    }
    Ok(city)
}

/// Hears how far the making of the demo city is, besides the terminal.
pub type CityProgress<'a> = &'a (dyn Fn(&city_tiler::Progress) + Sync);

/// Where the hub of a scene keeps what it keeps: each has its own; the demo city's is where it has always been.
pub fn kept_in(scene: &Scene, scene_path: &str, data: &Path) -> PathBuf {
    if needs_demo_city(scene) {
        data.join("hub")
    } else {
        data.join("hubs").join(file_stem(scene_path))
    }
}

/// What a hub of a scene is told.
pub fn config(
    scene: &Scene,
    scene_path: &str,
    listen: SocketAddr,
    data: &Path,
    progress: CityProgress,
) -> anyhow::Result<Config> {
    let mut config = Config::new(kept_in(scene, scene_path, data));
    config.name.clone_from(&scene.name);
    config.listen = listen;
    config.layers = scene
        .layers
        .iter()
        .map(city_scene::SceneLayer::catalog_layer)
        .collect();
    config.web_dir = Some(web_dir());
    config.scenario_token = belvedere::platform::scenario_token();
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
        config.tiles_dir = Some(demo_city(data, progress)?);
    }
    if scene.feeds.simulated {
        let zone = Zone::parse(&scene.time_zone)?;
        let offset_s = zone
            .civil(SimInstant(belvedere::platform::wall_clock_ns()))
            .offset_s;
        config.simulated = Some(SimulatedFeed::new(
            DEMO_SEED,
            offset_s,
            sites(scene, config.tiles_dir.as_deref())?,
        ));
    }
    for feed in &scene.feeds.mqtt {
        let broker = with_credentials(feed)?;
        config
            .mqtt
            .extend(feed.mappings.iter().map(|mapping| MqttFeed {
                name: feed.name.clone(),
                broker: broker.clone(),
                mapping: mapping.clone(),
                simulated: feed.simulated,
            }));
    }
    Ok(config)
}

/// The name of a scene file without its ending.
fn file_stem(path: &str) -> String {
    Path::new(path).file_stem().map_or_else(
        || "scene".to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    )
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
fn web_dir() -> PathBuf {
    let named = std::env::var_os("BELVEDERE_WEB").map(PathBuf::from);
    named.unwrap_or_else(|| PathBuf::from("web/dist"))
}

/// Starts a hub, shows in the terminal how it gets ready, and tells `tell` too.
pub fn start(
    config: Config,
    tell: impl Fn(&Progress) + Send + Sync + 'static,
) -> anyhow::Result<HubHandle> {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    let show = move |progress: Progress| match progress {
        Progress::Listening { address } => {
            bar.println(format!("the hub answers at http://{address}"))
        }
        Progress::Filling { done, total } => {
            bar.set_length(total);
            bar.set_position(done);
            bar.set_message("filling in history");
        }
        Progress::Ready => bar.finish_and_clear(),
    };
    let handle = city_hub::spawn(config, move |progress| {
        tell(&progress);
        show(progress);
    })?;
    Ok(handle)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use city_tiler::{city::names::Name, sensors::SensorSite};

    #[test]
    fn the_citys_list_of_sensors_is_read_with_the_names_of_their_places() {
        let dir = tempfile::tempdir().unwrap();
        let listed = SensorSite {
            name: "traffic-0412".into(),
            kind: "traffic",
            area: "mobility",
            place: Name::new("Harbour Road", "海港道", "海港道"),
            district: "central",
            building: Some("B000123".into()),
            street: Some(17),
            lon: 114.17,
            lat: 22.29,
            height_m: 9.5,
        };
        let list = serde_json::to_vec(&[listed]).unwrap();
        std::fs::write(dir.path().join("sensors.json"), list).unwrap();
        let scene = Scene::parse_bytes(
            b"name = \"x\"\ntime_zone = \"UTC\"\norigin = { lon = 0, lat = 0 }\n",
            "x.toml",
        )
        .unwrap();
        let sites = sites(&scene, Some(dir.path())).unwrap();
        assert_eq!(sites.len(), 1);
        assert_eq!(
            (sites[0].name.as_str(), sites[0].kind.as_str()),
            ("traffic-0412", "traffic")
        );
        assert_eq!(sites[0].place["en"], "Harbour Road");
        assert_eq!(sites[0].place["zh-Hant"], "海港道");
        assert_eq!(sites[0].height_m, 9.5);
        assert_eq!(sites[0].building.as_deref(), Some("B000123"));
        let error = super::sites(&scene, Some(&dir.path().join("gone"))).unwrap_err();
        assert!(format!("{error:#}").contains("sensors.json"));
    }
}
