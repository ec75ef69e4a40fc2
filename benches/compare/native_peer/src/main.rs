//! A tileset in bevy_3d_tiles without a window, measured as `belvedere render` measures itself:
//! every frame is ended by the read-back of one pixel.
//!
//! `native_peer JOB.json PICTURE.png STATS.json`; `compare.mjs` writes the job.

mod screen;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bevy::camera::RenderTarget;
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::math::{DMat4, DVec3};
use bevy::prelude::*;
use bevy_3d_tiles::geodesy::world_from_ecef;
use bevy_3d_tiles::{
    EcefOrigin, TileGeometry, TilePickMesh, Tiles3dAttach, Tiles3dCamera, Tiles3dConfig,
    Tiles3dDecodeStats, Tiles3dPlugin,
};
use serde::{Deserialize, Serialize};

use screen::Screen;

/// What is measured.
#[derive(Deserialize)]
struct Job {
    url: String,
    /// Middle of the tileset, ECEF, metres.
    center: [f64; 3],
    /// Near plane, metres.
    near: f32,
    fov_y_deg: f32,
    size: [u32; 2],
    error_target_px: f64,
    poses: Vec<Pose>,
    /// Fly all poses, instead of only opening at the first.
    fly: bool,
}

/// A camera, ECEF.
#[derive(Deserialize)]
struct Pose {
    eye: [f64; 3],
    direction: [f64; 3],
    up: [f64; 3],
}

/// The same names as those of `belvedere render --stats`.
#[derive(Serialize)]
struct Stats {
    first_tile_ms: f64,
    all_tiles_ms: f64,
    frame_ms_p50: Option<f64>,
    frame_ms_p95: Option<f64>,
    frame_ms_p99: Option<f64>,
    peak_rss_bytes: u64,
    triangles: usize,
    /// bevy_3d_tiles does not tell.
    tiles_failed: Option<u64>,
    adapter: String,
}

/// A view is complete when what is drawn and decoded did not change for so long; it was so from the change on.
const STILL: Duration = Duration::from_secs(3);
/// The same for a view whose time does not count.
const STILL_VISITED: Duration = Duration::from_millis(700);
/// Tiles that take longer are not waited for.
const PATIENCE: Duration = Duration::from_secs(170);
/// Every so many poses are visited before the flight is measured, so that its tiles are there.
const VISIT_EVERY: usize = 9;

fn main() -> anyhow::Result<()> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [job, picture, stats] = paths.as_slice() else {
        bail!("usage: native_peer JOB.json PICTURE.png STATS.json");
    };
    let text = std::fs::read(job).with_context(|| format!("{} cannot be read", job.display()))?;
    let job: Job =
        serde_json::from_slice(&text).with_context(|| format!("{} is no job", job.display()))?;
    let first = job.poses.first().context("the job has no poses")?;

    let mut peer = Peer::new(&job)?;
    peer.look(first);
    // Pipelines and buffers once, so that times are of the tiles.
    for _ in 0..3 {
        peer.screen.frame()?;
    }
    let opened = Instant::now();
    let world = peer.screen.app.world_mut();
    let anchor = world
        .spawn((Transform::IDENTITY, Visibility::default()))
        .id();
    world.write_message(Tiles3dAttach {
        anchor,
        url: job.url.clone(),
        label: "compared".into(),
        sse_threshold_px: Some(job.error_target_px),
        ..default()
    });
    let (first_tile, all_tiles) = peer.settle(STILL)?;
    let mut frames_ms = Vec::new();
    if job.fly {
        for pose in job.poses.iter().step_by(VISIT_EVERY) {
            peer.look(pose);
            peer.settle(STILL_VISITED)?;
        }
        for pose in &job.poses {
            peer.look(pose);
            let began = Instant::now();
            peer.screen.frame()?;
            frames_ms.push(began.elapsed().as_secs_f64() * 1e3);
        }
        peer.look(first);
        peer.settle(STILL_VISITED)?;
    }
    peer.screen.save(picture)?;
    frames_ms.sort_by(f64::total_cmp);
    let percentile = |share: f64| {
        let index = (frames_ms.len() as f64 * share).ceil() as usize;
        frames_ms.get(index.saturating_sub(1)).copied()
    };
    let since = |at: Instant| at.duration_since(opened).as_secs_f64() * 1e3;
    let measured = Stats {
        first_tile_ms: since(first_tile),
        all_tiles_ms: since(all_tiles),
        frame_ms_p50: percentile(0.5),
        frame_ms_p95: percentile(0.95),
        frame_ms_p99: percentile(0.99),
        peak_rss_bytes: peak_rss_bytes(),
        triangles: peer.drawn().triangles,
        tiles_failed: None,
        adapter: peer.screen.adapter(),
    };
    std::fs::write(stats, serde_json::to_string_pretty(&measured)?)
        .with_context(|| format!("{} cannot be written", stats.display()))
}

/// The app with its camera.
struct Peer {
    screen: Screen,
    camera: Entity,
    world_from_ecef: DMat4,
}

/// What is drawn; two that are equal draw the same.
#[derive(Default, PartialEq, Eq)]
struct Drawn {
    parts: Vec<Entity>,
    triangles: usize,
    /// Tiles that were ever decoded.
    decoded: u64,
}

impl Peer {
    fn new(job: &Job) -> anyhow::Result<Self> {
        let (lat, lon) = latitude_longitude_deg(DVec3::from_array(job.center));
        let world_from_ecef = world_from_ecef(lat, lon, 0.0);
        let mut screen = Screen::new(job.size, |app| {
            app.insert_resource(Tiles3dConfig {
                sse_threshold_px: job.error_target_px,
                // The error target alone decides, near and far, as with the others.
                detail_falloff_m: 0.0,
                ..default()
            })
            .insert_resource(EcefOrigin {
                world_from_ecef: Some(world_from_ecef),
            })
            .add_plugins(Tiles3dPlugin);
        })?;
        let target = screen.target();
        let world = screen.app.world_mut();
        world.insert_resource(ClearColor(Color::srgb_u8(0xcc, 0xdb, 0xe8)));
        world.spawn((
            DirectionalLight {
                illuminance: 10_000.0,
                ..default()
            },
            Transform::default().looking_to(Vec3::new(0.3, -0.6, -0.7), Vec3::Y),
        ));
        let camera = world
            .spawn((
                Camera3d::default(),
                Projection::Perspective(PerspectiveProjection {
                    fov: job.fov_y_deg.to_radians(),
                    near: job.near,
                    near_clip_plane: Vec4::new(0.0, 0.0, -1.0, -job.near),
                    far: 1e7,
                    ..default()
                }),
                RenderTarget::Image(target.into()),
                Tonemapping::None,
                Msaa::Off,
                Tiles3dCamera,
            ))
            .id();
        Ok(Self {
            screen,
            camera,
            world_from_ecef,
        })
    }

    fn look(&mut self, pose: &Pose) {
        let matrix = self.world_from_ecef;
        let turn = |ecef| matrix.transform_vector3(DVec3::from_array(ecef)).as_vec3();
        let eye = matrix
            .transform_point3(DVec3::from_array(pose.eye))
            .as_vec3();
        let placed =
            Transform::from_translation(eye).looking_to(turn(pose.direction), turn(pose.up));
        if let Some(mut transform) = self
            .screen
            .app
            .world_mut()
            .get_mut::<Transform>(self.camera)
        {
            *transform = placed;
        }
    }

    fn drawn(&mut self) -> Drawn {
        let world = self.screen.app.world_mut();
        let decoded = world.resource::<Tiles3dDecodeStats>().tiles;
        let mut tiles =
            world.query_filtered::<(Entity, &InheritedVisibility, Option<&TilePickMesh>), With<TileGeometry>>();
        let mut drawn = Drawn {
            decoded,
            ..default()
        };
        for (entity, _, mesh) in tiles.iter(world).filter(|(_, visible, _)| visible.get()) {
            drawn.parts.push(entity);
            drawn.triangles += mesh.map_or(0, TilePickMesh::triangle_count);
        }
        drawn.parts.sort_unstable();
        drawn
    }

    /// Draws until nothing has changed for `still`. Returns when the first tile and when the last change were on screen.
    fn settle(&mut self, still: Duration) -> anyhow::Result<(Instant, Instant)> {
        let began = Instant::now();
        let mut first = None;
        let mut last = began;
        let mut before = Drawn::default();
        loop {
            self.screen.frame()?;
            let drawn = self.drawn();
            let now = Instant::now();
            if drawn != before {
                before = drawn;
                last = now;
            }
            if !before.parts.is_empty() {
                let first = *first.get_or_insert(now);
                if now.duration_since(last) > still {
                    return Ok((first, last));
                }
            }
            if began.elapsed() > PATIENCE {
                bail!(
                    "after {} s {} tiles are decoded and {} parts drawn",
                    PATIENCE.as_secs(),
                    before.decoded,
                    before.parts.len()
                );
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Geodetic latitude and longitude in degrees, near the Earth's surface.
fn latitude_longitude_deg(ecef: DVec3) -> (f64, f64) {
    const E2: f64 = bevy_3d_tiles::geodesy::WGS84_ECC_SQ;
    let p = ecef.truncate().length();
    let mut lat = ecef.z.atan2(p * (1.0 - E2));
    for _ in 0..6 {
        let n = bevy_3d_tiles::geodesy::WGS84_EQUATORIAL_RADIUS_M
            / (1.0 - E2 * lat.sin().powi(2)).sqrt();
        lat = (ecef.z + E2 * n * lat.sin()).atan2(p);
    }
    (lat.to_degrees(), ecef.y.atan2(ecef.x).to_degrees())
}

fn peak_rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes * 1024)
}
