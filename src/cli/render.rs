//! `belvedere render`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use belvedere::app::QualityChoice;
use belvedere::clipping::Clipping;
use belvedere::clock::SimClock;
use belvedere::frame::SceneFrame;
use belvedere::framing::view_from_pose;
use belvedere::geojson::{OpenGeoJson, VectorLayer, VectorSource};
use belvedere::headless::{Headless, Stats};
use belvedere::overlays::{LayerLooks, Readings};
use belvedere::platform::monotonic_ms;
use belvedere::render::CityView;
use belvedere::scene::{DemoCity, LinkWishes, SceneInfo};
use belvedere::startup::Startup;
use belvedere::tiles::{OpenTileset, TileLayer, TileTotals, TilesetSource};
use city_geo::Camera;
use city_time::SimInstant;
use clap::Args;

use super::cache::CacheArgs;
use super::hub;

/// Options of `belvedere render`.
#[derive(Args, Debug)]
pub struct RenderArgs {
    /// A scene file.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "tileset",
        required_unless_present = "tileset"
    )]
    scene: Option<PathBuf>,
    /// A tileset.json, by path or URL.
    #[arg(long, value_name = "PATH_OR_URL")]
    tileset: Option<String>,
    /// A GeoJSON file or URL over the scene or tileset, or alone; more than one may be given.
    #[arg(long, value_name = "PATH_OR_URL")]
    geojson: Vec<String>,
    /// Layers of the scene that are drawn, by id; without this its GeoJSON layers, and none with readings.
    #[arg(long, value_name = "ID,ID", value_delimiter = ',', requires = "scene")]
    layers: Option<Vec<String>>,
    /// Take tiles and readings from this hub instead of the data directory.
    #[arg(long, value_name = "URL", requires = "scene")]
    hub: Option<String>,
    /// Where the demo city and the readings are kept.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the camera stands: degrees, metres above the ellipsoid, degrees. Without it the tileset is framed.
    #[arg(
        long,
        value_name = "LON,LAT,HEIGHT,HEADING,PITCH",
        allow_hyphen_values = true,
        value_parser = parse_camera
    )]
    camera: Option<Degrees>,
    /// Vertical field of view in degrees.
    #[arg(long, value_name = "DEGREES", default_value_t = 45.0)]
    fov: f64,
    /// The clock's time.
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    time: Option<SimInstant>,
    /// Pixels.
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = parse_size)]
    size: Size,
    /// Turn once around the middle of the view in so many frames and measure each.
    #[arg(long, value_name = "FRAMES")]
    orbit: Option<u32>,
    /// Stand at each of these poses in turn and measure the frame, once the tiles of the way are there: a file of
    /// lines LON,LAT,HEIGHT,HEADING,PITCH.
    #[arg(long, value_name = "FILE", conflicts_with = "orbit")]
    poses: Option<PathBuf>,
    /// What is cut away, as a link has it after `clip=` (docs/cutting.md).
    #[arg(long, value_name = "TEXT")]
    clip: Option<Clipping>,
    /// Draw the city alone, white on black: no ground, sky or light.
    #[arg(long)]
    silhouette: bool,
    /// The picture.
    #[arg(long, value_name = "FILE.png")]
    out: PathBuf,
    /// Write what was measured as one flat JSON object.
    #[arg(long, value_name = "FILE.json")]
    stats: Option<PathBuf>,
    /// auto, lean or full.
    #[arg(long, default_value = "auto")]
    quality: QualityChoice,
    /// Give up after so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u64,
    #[command(flatten)]
    cache: CacheArgs,
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug)]
struct Size([u32; 2]);

/// Longitude, latitude (degrees), height (metres), heading, pitch (degrees).
#[derive(Clone, Copy, Debug)]
struct Degrees([f64; 5]);

fn parse_size(text: &str) -> Result<Size, String> {
    let parsed = text
        .split_once('x')
        .and_then(|(w, h)| Some(Size([w.parse().ok()?, h.parse().ok()?])));
    parsed.ok_or_else(|| "write it as WIDTHxHEIGHT, for example 1280x720".to_owned())
}

fn parse_camera(text: &str) -> Result<Degrees, String> {
    let numbers: Vec<f64> = text
        .split(',')
        .map_while(|part| part.trim().parse().ok())
        .collect();
    match <[f64; 5]>::try_from(numbers) {
        Ok(numbers) if numbers.iter().all(|n| n.is_finite()) && text.split(',').count() == 5 => {
            Ok(Degrees(numbers))
        }
        _ => Err(
            "write it as LON,LAT,HEIGHT,HEADING,PITCH, for example 5.665,51.975,600,0,-35"
                .to_owned(),
        ),
    }
}

fn parse_time(text: &str) -> Result<SimInstant, String> {
    SimInstant::parse_rfc3339(text).map_err(|error| error.to_string())
}

pub fn run(args: &RenderArgs) -> anyhow::Result<()> {
    args.cache.apply();
    let camera = args
        .camera
        .map(|Degrees([lon, lat, height, heading, pitch])| {
            let mut pose = Camera::from_degrees(lon, lat, height, heading, pitch);
            pose.fov_y_rad = args.fov.to_radians();
            pose
        });
    let limit = Duration::from_secs(args.timeout);
    let mut headless = Headless::new(args.size.0, args.quality)?;
    if let Some(time) = args.time {
        headless.app.insert_resource(SimClock::standing_at(time));
    }
    if args.silhouette {
        headless.draw_silhouette();
    }
    if let Some(clip) = &args.clip {
        headless.app.insert_resource(clip.clone());
    }
    // Pipelines and buffers once, so that times are of the tiles.
    for _ in 0..3 {
        headless.frame()?;
    }
    let opened_ms = monotonic_ms();
    // Kept until the picture is drawn: the hub stops with it.
    let _hub = match (&args.tileset, &args.scene) {
        (Some(tileset), _) => {
            open_tileset(&mut headless, tileset, camera, limit)?;
            None
        }
        (None, Some(scene)) => open_scene(&mut headless, scene, camera, args, limit)?,
        (None, None) if !args.geojson.is_empty() => {
            headless.app.world_mut().resource_mut::<LinkWishes>().camera = camera;
            None
        }
        (None, None) => {
            bail!("give --scene FILE, --tileset PATH_OR_URL or --geojson PATH_OR_URL")
        }
    };
    open_geojson(&mut headless, &args.geojson, limit)?;
    headless.settle(limit)?;
    // The view's own: what the way around it needs comes later.
    let all_tiles_ms = (headless.stats(opened_ms, Vec::new(), Vec::new())).all_tiles_ms;
    let (mut frames, mut cpu) = (Vec::new(), Vec::new());
    let mut measure = |headless: &mut Headless| -> anyhow::Result<()> {
        let began = monotonic_ms();
        headless.app.update();
        let submitted = monotonic_ms() - began;
        headless.finish_frame()?;
        frames.push(monotonic_ms() - began);
        cpu.push(submitted);
        Ok(())
    };
    if let Some(path) = &args.poses {
        let start = headless.view();
        let poses = read_poses(path, args.fov)?;
        // The tiles of the way are there first: frames are measured, not what streams beside them.
        for pose in poses.iter().step_by(VISITED_EVERY) {
            headless.set_view(standing(&headless, pose));
            headless.settle(limit)?;
        }
        for pose in &poses {
            headless.set_view(standing(&headless, pose));
            measure(&mut headless)?;
        }
        headless.set_view(start);
        headless.settle(limit)?;
    } else if let Some(count) = args.orbit.filter(|count| *count > 0) {
        let start = headless.view();
        for step in 0..count {
            headless.set_view(turned(&start, f64::from(step) / f64::from(count)));
            measure(&mut headless)?;
        }
        headless.set_view(start);
        headless.settle(limit)?;
    } else {
        for _ in 0..10 {
            measure(&mut headless)?;
        }
    }
    headless.save(&args.out)?;
    let stats = Stats {
        all_tiles_ms,
        ..headless.stats(opened_ms, frames, cpu)
    };
    if let Some(path) = &args.stats {
        let text = serde_json::to_string_pretty(&stats)?;
        std::fs::write(path, text + "\n")
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    if stats.tiles_failed > 0 {
        eprintln!(
            "belvedere: {} tiles could not be had; their parents are drawn (messages above)",
            stats.tiles_failed
        );
    }
    Ok(())
}

fn open_tileset(
    headless: &mut Headless,
    tileset: &str,
    camera: Option<Camera>,
    limit: Duration,
) -> anyhow::Result<()> {
    let source = TilesetSource {
        name: tileset.to_owned(),
        url: tileset.to_owned(),
        ..TilesetSource::default()
    };
    // From the first tile on: a view of the whole would ask for tiles that nobody looks at.
    headless.app.world_mut().resource_mut::<LinkWishes>().camera = camera;
    headless.app.world_mut().write_message(OpenTileset {
        source,
        frame_it: true,
        replace: true,
    });
    wait_for_root(headless, tileset, limit)?;
    if let Some(pose) = camera {
        headless.set_view(standing(headless, &pose));
    }
    Ok(())
}

/// The view from a pose on the Earth.
fn standing(headless: &Headless, pose: &Camera) -> CityView {
    let frame = *headless.app.world().resource::<SceneFrame>();
    let mut view = view_from_pose(pose, &frame);
    view.above_ground_m = pose.position.height_m;
    view
}

/// Of the poses of a file, every so many are visited before any is measured.
const VISITED_EVERY: usize = 9;

/// The poses of a file, one a line; empty lines and those that start with `#` are left out.
fn read_poses(path: &Path, fov_degrees: f64) -> anyhow::Result<Vec<Camera>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(index, line)| {
            let mut pose: Camera = line
                .parse()
                .with_context(|| format!("{}, line {}", path.display(), index + 1))?;
            pose.fov_y_rad = fov_degrees.to_radians();
            Ok(pose)
        })
        .collect()
}

/// Opens GeoJSON layers and waits until they are read.
fn open_geojson(headless: &mut Headless, urls: &[String], limit: Duration) -> anyhow::Result<()> {
    for url in urls {
        headless.app.world_mut().write_message(OpenGeoJson {
            source: VectorSource::of(url),
            of_scene: false,
        });
    }
    let started = monotonic_ms();
    loop {
        headless.frame()?;
        let world = headless.app.world_mut();
        let mut layers = world.query::<&VectorLayer>();
        let mut missing = false;
        for layer in layers.iter(world) {
            if let Some(problem) = &layer.problem {
                bail!("{problem}");
            }
            missing |= layer.count == 0;
        }
        if !missing {
            return Ok(());
        }
        if monotonic_ms() - started > limit.as_secs_f64() * 1e3 {
            bail!("GeoJSON layers could not be had in time: try --timeout");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Opens a scene and waits until it is read. Its readings come from the hub that is named, or from one inside
/// when layers are asked for; that one is returned.
fn open_scene(
    headless: &mut Headless,
    path: &Path,
    camera: Option<Camera>,
    args: &RenderArgs,
    limit: Duration,
) -> anyhow::Result<Option<city_hub::HubHandle>> {
    let path = path.to_string_lossy().into_owned();
    let scene = hub::read_scene(&path)?;
    let data = args.data.clone().map_or_else(hub::user_data, Ok)?;
    let mut layers: Vec<String> = args.layers.clone().unwrap_or_default();
    let known: Vec<&str> = (scene.layers.iter().map(|layer| layer.id.as_str()))
        .chain(scene.geojson.iter().map(|layer| layer.id.as_str()))
        .collect();
    for layer in &layers {
        if !known.contains(&layer.as_str()) {
            bail!(
                "--layers: {path} has no layer {layer}; it has {}",
                known.join(", ")
            );
        }
    }
    let mut inside = None;
    let mut address = args.hub.clone();
    let wants_readings =
        !scene.joins.is_empty() || layers.iter().any(|id| scene.layer(id).is_some());
    if args.layers.is_none() {
        let shown = scene.geojson.iter().filter(|layer| layer.visible);
        layers.extend(shown.map(|layer| layer.id.clone()));
    }
    if wants_readings && address.is_none() {
        let listen = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
        let handle = hub::start(hub::config(&scene, &path, listen, &data, &|_| {})?, |_| {})?;
        if !handle.wait_ready() {
            bail!("the hub inside stopped; its message is above");
        }
        address = Some(handle.url());
        inside = Some(handle);
    }
    let demo = if hub::needs_demo_city(&scene) && args.hub.is_none() {
        Some(
            hub::demo_city(&data, &|_| {})?
                .to_string_lossy()
                .into_owned(),
        )
    } else {
        None
    };
    headless.app.insert_resource(DemoCity(demo));
    Startup {
        scene: Some(path.clone()),
        hub: address,
        camera,
        layers: Some(layers),
        ..Startup::default()
    }
    .apply(&mut headless.app);
    let started = monotonic_ms();
    let late = || monotonic_ms() - started > limit.as_secs_f64() * 1e3;
    loop {
        headless.frame()?;
        let world = headless.app.world();
        let info = world.resource::<SceneInfo>();
        if let Some(error) = &info.failed {
            bail!("{error}");
        }
        let readings_here = || {
            let looks = world.resource::<LayerLooks>();
            world.resource::<Readings>().complete(looks)
        };
        if info.url.is_some() && (!wants_readings || readings_here()) {
            return Ok(inside);
        }
        if late() {
            bail!("{path} or its readings could not be had in time: try --timeout");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until the root tileset is read; an unreadable one is the input's fault.
fn wait_for_root(headless: &mut Headless, url: &str, limit: Duration) -> anyhow::Result<()> {
    let started = monotonic_ms();
    loop {
        headless.frame()?;
        let world = headless.app.world_mut();
        let mut layers = world.query::<&TileLayer>();
        if let Some(layer) = layers.iter(world).next() {
            if !layer.frame_it {
                return Ok(());
            }
            if let Some(problem) = layer
                .streamer
                .problems()
                .iter()
                .find(|problem| problem.is_error)
            {
                bail!("{}: {}", problem.url, problem.what);
            }
        }
        if world.resource::<TileTotals>().failed > 0
            || monotonic_ms() - started > limit.as_secs_f64() * 1e3
        {
            bail!("{url} could not be opened: check the path or address");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The view turned around the point on the ground in its middle by a share of a full circle.
fn turned(view: &CityView, share: f64) -> CityView {
    let down = -view.forward.z;
    let reach = if down > 0.02 {
        view.above_ground_m / down
    } else {
        view.above_ground_m * 3.0
    };
    let center = view.position + view.forward * reach;
    let turn = glam::DQuat::from_rotation_z(share * std::f64::consts::TAU);
    CityView {
        position: center + turn * (view.position - center),
        forward: turn * view.forward,
        up: turn * view.up,
        ..*view
    }
}
