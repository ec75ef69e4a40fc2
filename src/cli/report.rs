//! `belvedere report`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use belvedere::app::QualityChoice;
use belvedere::clock::SimClock;
use belvedere::frame::SceneFrame;
use belvedere::framing::view_from_pose;
use belvedere::headless::Headless;
use belvedere::platform::monotonic_ms;
use belvedere::report::{Report, View, html};
use belvedere::scenario::{Desk, KeptModels, Wish};
use belvedere::scene::{DemoCity, SceneInfo};
use belvedere::startup::Startup;
use belvedere::tiles::TileTotals;
use city_geo::{Camera, Geodetic};
use city_scene::scenario::{Difference, DifferenceKind, Scenario};
use city_time::SimInstant;
use clap::Args;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use super::cache::CacheArgs;
use super::hub;

/// Options of `belvedere report`.
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// The scenario's file.
    #[arg(long, value_name = "FILE")]
    scenario: PathBuf,
    /// The scene that it builds on; the one that the scenario names without.
    #[arg(long, value_name = "FILE")]
    scene: Option<PathBuf>,
    /// Take the demo city and models that a hub keeps from this hub instead of the data directory.
    #[arg(long, value_name = "URL")]
    hub: Option<String>,
    /// Where the demo city is kept, and what the hub of the scene keeps.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The clock's time in the pictures; noon of a day in June without.
    #[arg(long, value_name = "RFC3339")]
    time: Option<String>,
    /// Hours of sun are worked out here: longitude, latitude, degrees, and metres above the ellipsoid.
    #[arg(long, value_name = "LON,LAT,HEIGHT", allow_hyphen_values = true, value_parser = parse_place)]
    sun: Option<Place>,
    /// Places that are shown closely, at most.
    #[arg(long, value_name = "COUNT", default_value_t = 4)]
    views: usize,
    /// The page.
    #[arg(long, value_name = "FILE.html")]
    out: PathBuf,
    /// auto, lean or full.
    #[arg(long, default_value = "auto")]
    quality: QualityChoice,
    /// Give up on a picture after so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u64,
    #[command(flatten)]
    cache: CacheArgs,
}

/// A place on the command line.
#[derive(Clone, Copy, Debug)]
struct Place(Geodetic);

fn parse_place(text: &str) -> Result<Place, String> {
    let numbers: Vec<f64> = text
        .split(',')
        .filter_map(|n| n.trim().parse().ok())
        .collect();
    match numbers[..] {
        [lon, lat, height] if text.split(',').count() == 3 => {
            Ok(Place(Geodetic::from_degrees(lon, lat, height)))
        }
        _ => Err("write it as LON,LAT,HEIGHT, for example 114.17,22.29,8".to_owned()),
    }
}

const SIZE: [u32; 2] = [1280, 720];
const JPEG_QUALITY: u8 = 86;

/// `belvedere report`.
pub fn run(args: &ReportArgs) -> anyhow::Result<()> {
    args.cache.apply();
    let file = args.scenario.display().to_string();
    let bytes = std::fs::read(&args.scenario)
        .with_context(|| format!("the scenario {file} cannot be read"))?;
    let (scenario, _) = Scenario::parse_bytes(&bytes, &file)?;
    let scene_path = match &args.scene {
        Some(path) => path.clone(),
        None => base_of(&scenario, &args.scenario),
    };
    let time = match &args.time {
        Some(text) => SimInstant::parse_rfc3339(text)?,
        None => SimInstant::parse_rfc3339("2026-06-21T12:00:00+08:00")?,
    };
    let limit = Duration::from_secs(args.timeout);
    let mut headless = Headless::new(SIZE, args.quality)?;
    headless.app.insert_resource(SimClock::standing_at(time));
    open(&mut headless, &scene_path, args, limit)?;
    let differences = headless
        .app
        .world()
        .resource::<Desk>()
        .differences()
        .to_vec();
    let views = draw(&mut headless, &differences, args.views, limit)?;
    if let Some(Place(place)) = args.sun {
        let world = headless.app.world_mut();
        world.resource_mut::<Desk>().wish(Wish::Sun(place));
        for _ in 0..2 {
            headless.frame()?;
        }
    }
    let world = headless.app.world_mut();
    let scene = world.resource::<SceneInfo>().name.clone();
    let credits = world.resource::<TileTotals>().credits.clone();
    let clock = world.resource::<SimClock>().clone();
    let mut desk = world.resource_mut::<Desk>();
    let indicators = if desk.base.as_ref().is_some_and(|base| base.has_facts()) {
        desk.figures().list.clone()
    } else {
        Vec::new()
    };
    let problems = desk.plan(belvedere::scenario::OPEN).problems.clone();
    let missing = missing_models(&desk);
    for line in &missing {
        eprintln!("{line}");
    }
    let zone = &clock.zone;
    let words = |at: SimInstant| {
        let civil = zone.civil(at);
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02} {}",
            civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.abbreviation
        )
    };
    let page = html(&Report {
        scenario: &scenario,
        scene,
        made: words(SimInstant(belvedere::platform::wall_clock_ns())),
        time: words(clock.now()),
        views,
        differences,
        indicators: &indicators,
        sun: desk.sun.as_ref(),
        problems: &problems,
        missing: &missing,
        credits,
    });
    std::fs::write(&args.out, page)
        .with_context(|| format!("the report {} cannot be written", args.out.display()))?;
    println!("{}", args.out.display());
    Ok(())
}

/// Models that the pictures are without, and why.
fn missing_models(desk: &Desk) -> Vec<String> {
    let faults = desk.model_faults.iter();
    faults
        .map(|(place, why)| format!("the model {place} is not shown: {why}"))
        .collect()
}

/// Where the scene is that a scenario names: as it stands, or beside the scenario.
fn base_of(scenario: &Scenario, file: &Path) -> PathBuf {
    let named = PathBuf::from(&scenario.base);
    let beside = file.parent().map(|folder| folder.join(&named));
    match beside {
        Some(beside) if !named.exists() && beside.exists() => beside,
        _ => named,
    }
}

fn open(
    headless: &mut Headless,
    scene_path: &Path,
    args: &ReportArgs,
    limit: Duration,
) -> anyhow::Result<()> {
    let path = scene_path.to_string_lossy().into_owned();
    let scene = hub::read_scene(&path).with_context(|| {
        format!("the scenario's scene {path} cannot be opened: name it with --scene")
    })?;
    let needs_city = hub::needs_demo_city(&scene);
    let data = args.data.clone().map_or_else(hub::user_data, Ok);
    let models = data.as_ref().ok().and_then(|data| {
        let folder = hub::kept_in(&scene, &path, data).join(city_hub::MODELS_DIR);
        folder
            .is_dir()
            .then(|| format!("{}/", folder.to_string_lossy()))
    });
    let demo = if needs_city && args.hub.is_none() {
        let city = hub::demo_city(&data?, &|_| {})?;
        Some(city.to_string_lossy().into_owned())
    } else {
        None
    };
    headless.app.insert_resource(DemoCity(demo));
    headless.app.insert_resource(KeptModels(models));
    Startup {
        scene: Some(path.clone()),
        hub: (args.hub.as_ref()).map(|url| url.trim_end_matches('/').to_owned()),
        layers: Some(Vec::new()),
        // With a separator it is a file and no id.
        scenario: Some(
            std::path::absolute(&args.scenario)?
                .to_string_lossy()
                .into_owned(),
        ),
        ..Startup::default()
    }
    .apply(&mut headless.app);
    let started = monotonic_ms();
    loop {
        headless.frame()?;
        let world = headless.app.world();
        if let Some(error) = &world.resource::<SceneInfo>().failed {
            bail!("{error}");
        }
        let desk = world.resource::<Desk>();
        if desk.editor.is_some() && (desk.base.is_some() || !needs_city) {
            break;
        }
        if monotonic_ms() - started > limit.as_secs_f64() * 1e3 {
            bail!("{path} or the scenario could not be had in time: try --timeout");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    headless.frame()
}

/// All of it at once, and the first places closely.
fn draw(
    headless: &mut Headless,
    differences: &[Difference],
    count: usize,
    limit: Duration,
) -> anyhow::Result<Vec<View>> {
    let placed: Vec<(&Difference, Geodetic)> = differences
        .iter()
        .filter_map(|difference| {
            let place = difference.place?;
            let at = Geodetic::from_degrees(place.lon, place.lat, place.height);
            Some((difference, at))
        })
        .collect();
    let mut poses = vec![("The whole".to_owned(), overview(&placed))];
    for (difference, at) in worth_seeing(&placed).into_iter().take(count) {
        poses.push((difference.name.clone(), Some(closely(at))));
    }
    let mut views = Vec::new();
    for (title, pose) in poses {
        if let Some(pose) = pose {
            let frame = *headless.app.world().resource::<SceneFrame>();
            let mut view = view_from_pose(&pose, &frame);
            view.above_ground_m = pose.position.height_m.max(1.0);
            headless.set_view(view);
        }
        let mut picture = |other: bool| -> anyhow::Result<Vec<u8>> {
            let world = headless.app.world_mut();
            world.resource_mut::<Desk>().shows_other = other;
            headless.settle(limit)?;
            headless.frame()?;
            jpeg(&headless.picture()?)
        };
        views.push(View {
            title,
            before: picture(true)?,
            after: picture(false)?,
        });
    }
    Ok(views)
}

/// Nearer to each other than this, places are in each other's pictures, metres.
const SAME_PICTURE_M: f64 = 200.0;

/// What is built before what goes, and no place twice.
fn worth_seeing<'a>(placed: &[(&'a Difference, Geodetic)]) -> Vec<(&'a Difference, Geodetic)> {
    let mut sorted = placed.to_vec();
    sorted.sort_by_key(|(difference, _)| {
        !matches!(
            difference.kind,
            DifferenceKind::Added | DifferenceKind::Replaced | DifferenceKind::Changed
        )
    });
    let mut chosen: Vec<(&Difference, Geodetic)> = Vec::new();
    for (difference, at) in sorted {
        let here = city_geo::ecef_from_geodetic(at.with_height(0.0));
        let near = chosen.iter().any(|(_, other)| {
            let there = city_geo::ecef_from_geodetic(other.with_height(0.0));
            here.distance(there) < SAME_PICTURE_M
        });
        if !near {
            chosen.push((difference, at));
        }
    }
    chosen
}

/// From the south, with every changed place in the picture; the scene's home where nothing is placed.
fn overview(placed: &[(&Difference, Geodetic)]) -> Option<Camera> {
    let (first, rest) = placed.split_first()?;
    let (mut west, mut south) = (first.1.lon_deg(), first.1.lat_deg());
    let (mut east, mut north) = (west, south);
    for (_, at) in rest {
        west = west.min(at.lon_deg());
        east = east.max(at.lon_deg());
        south = south.min(at.lat_deg());
        north = north.max(at.lat_deg());
    }
    let middle = Geodetic::from_degrees((west + east) / 2.0, (south + north) / 2.0, 0.0);
    let across_m = (east - west) * 111_320.0 * middle.lat_rad.cos();
    let along_m = (north - south) * 110_600.0;
    let distance_m = (across_m.max(along_m) * 1.3).clamp(600.0, 20_000.0);
    Some(pose(middle, distance_m, 0.35, -0.52))
}

fn closely(at: Geodetic) -> Camera {
    let target = at.with_height(at.height_m * 0.5);
    pose(target, 260.0 + at.height_m.max(0.0), 0.6, -0.42)
}

fn pose(target: Geodetic, distance_m: f64, heading_rad: f64, pitch_rad: f64) -> Camera {
    Camera::orbiting(
        target,
        distance_m,
        heading_rad,
        pitch_rad,
        Camera::DEFAULT_FOV_Y_RAD,
    )
}

fn jpeg(picture: &image::RgbaImage) -> anyhow::Result<Vec<u8>> {
    let rgb = image::DynamicImage::ImageRgba8(picture.clone()).to_rgb8();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).encode(
        rgb.as_raw(),
        rgb.width(),
        rgb.height(),
        ExtendedColorType::Rgb8,
    )?;
    Ok(bytes)
}
