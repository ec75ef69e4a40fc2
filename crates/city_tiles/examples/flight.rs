//! Ten minutes of flight over a tileset with less memory than it would use.
//!
//! `cargo run -p city_tiles --example flight -- PATH/tileset.json [OUT.svg]` flies a loop over the middle of the tileset
//! three times: with as much memory as it takes, then with a quarter and with an eighth of that. It reads and decodes the real files, answers
//! requests a moment later as a server would, and writes a graph of memory and of the error on screen. It fails when
//! the budget does not hold, or when tiles are loaded in a loop.
#![allow(clippy::print_stdout)]

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;

use anyhow::{Context, ensure};
use city_geo::{Camera, Frustum, Geodetic, geodetic_from_ecef};
use city_tiles::formats::{DecodeOptions, decode};
use city_tiles::stream::{FetchError, RequestId, StreamOptions, Streamer, View};

const SECONDS: u64 = 600;
const FRAMES_PER_S: u64 = 30;
/// Frames that an answer takes, and contents decoded in a frame.
const LATENCY: u64 = 3;
const DECODED_PER_FRAME: usize = 2;
/// A content that comes back sooner is a sign of a loop.
const AGAIN_S: f64 = 10.0;

/// What files cost once they are decoded, by their address: every content is decoded once, however often it is loaded.
#[derive(Default)]
struct Files(HashMap<String, Result<u64, String>>);

impl Files {
    fn cost(&mut self, url: &str, bytes: &[u8]) -> Result<u64, String> {
        let decoded = || {
            let tile = decode(bytes, url, &|_| None, &DecodeOptions::default());
            tile.map(|tile| tile.byte_cost()).map_err(|e| e.to_string())
        };
        self.0.entry(url.to_owned()).or_insert_with(decoded).clone()
    }
}

/// A second of the flight.
struct Second {
    bytes: u64,
    error_px: f64,
    tiles_known: usize,
    tiles_shown: usize,
}

#[derive(Default)]
struct Flight {
    seconds: Vec<Second>,
    most_bytes: u64,
    loads: u64,
    contents: usize,
    /// Loads of a content within [`AGAIN_S`] of the one before.
    again: u64,
    most_loads_of_one: usize,
    longest_update_ms: f64,
}

fn view_at(middle: Geodetic, second: f64) -> View {
    // Three rounds, each higher and wider than the one before and back down, from 120 m to 1.5 km.
    let turn = second / SECONDS as f64 * std::f64::consts::TAU;
    let rise = 0.5 - 0.5 * turn.cos();
    let angle = turn * 3.0;
    let radius_m = 1500.0 + 3500.0 * rise;
    let (north_m, east_m) = (radius_m * angle.cos(), radius_m * angle.sin());
    let metres_per_rad = 6_371_000.0;
    let place = Geodetic {
        lon_rad: middle.lon_rad + east_m / (metres_per_rad * middle.lat_rad.cos()),
        lat_rad: middle.lat_rad + north_m / metres_per_rad,
        height_m: 120.0 + 1400.0 * rise,
    };
    let camera = Camera {
        position: place,
        // Along the way, looking from side to side.
        heading_rad: angle + std::f64::consts::FRAC_PI_2 + 0.9 * (turn * 11.0).sin(),
        pitch_rad: -0.28,
        fov_y_rad: 0.8,
    };
    let position = camera.position_ecef();
    let (forward, up) = (camera.forward(), camera.up());
    View {
        position,
        forward,
        frustum: Frustum::from_camera(position, forward, up, camera.fov_y_rad, 16.0 / 9.0, 1.0),
        viewport_height_px: 1080.0,
        fov_y_rad: camera.fov_y_rad,
    }
}

fn fly(tileset: &str, budget: u64, files: &mut Files) -> anyhow::Result<Flight> {
    let options = StreamOptions {
        byte_budget: budget,
        ..StreamOptions::default()
    };
    let mut streamer = Streamer::new(tileset, options);
    let mut flight = Flight::default();
    let mut answers: VecDeque<(u64, RequestId, String)> = VecDeque::new();
    let mut jobs = VecDeque::new();
    let mut loaded_at: HashMap<String, Vec<f64>> = HashMap::new();
    let mut middle = None;
    for frame in 0..SECONDS * FRAMES_PER_S {
        let (second, now_ms) = (
            frame as f64 / FRAMES_PER_S as f64,
            frame * 1000 / FRAMES_PER_S,
        );
        if middle.is_none()
            && let Some(volume) = streamer.bounding_volume()
        {
            let at = geodetic_from_ecef(volume.bounding_sphere().0);
            middle = Some(Geodetic {
                height_m: 0.0,
                ..at
            });
        }
        // The root is asked for from wherever it may lie.
        let views = [view_at(middle.unwrap_or_default(), second)];
        let began = std::time::Instant::now();
        let selection = streamer.update(&views, now_ms).clone();
        flight.longest_update_ms = flight
            .longest_update_ms
            .max(began.elapsed().as_secs_f64() * 1e3);
        answers.extend((selection.fetch.iter()).map(|r| (frame + LATENCY, r.id, r.url.clone())));
        answers.retain(|(_, id, _)| !selection.cancel.contains(id));
        while answers.front().is_some_and(|(due, ..)| *due <= frame)
            && let Some((_, id, url)) = answers.pop_front()
        {
            let answer = std::fs::read(&url).map_err(|_| FetchError::NotFound);
            jobs.extend(streamer.fetched(id, answer, now_ms));
        }
        for _ in 0..DECODED_PER_FRAME {
            let Some(job) = jobs.pop_front() else { break };
            let cost = files.cost(&job.url, &job.bytes);
            let is_good = cost.is_ok();
            streamer.decoded(job.tile, job.content, cost);
            if !is_good {
                continue;
            }
            streamer.uploaded(job.tile);
            flight.loads += 1;
            let times = loaded_at.entry(job.url).or_default();
            if times.last().is_some_and(|last| second - last < AGAIN_S) {
                flight.again += 1;
            }
            times.push(second);
        }
        let stats = streamer.stats();
        flight.most_bytes = flight.most_bytes.max(stats.bytes());
        if frame % FRAMES_PER_S == 0 {
            flight.seconds.push(Second {
                bytes: stats.bytes(),
                error_px: stats.effective_error_px,
                tiles_known: stats.tiles_known,
                tiles_shown: stats.tiles_shown,
            });
        }
    }
    let unread = streamer.problems().iter().find(|problem| problem.is_error);
    ensure!(unread.is_none(), "{unread:?}");
    ensure!(flight.loads > 0, "{tileset} has no content on the way");
    flight.contents = loaded_at.len();
    flight.most_loads_of_one = loaded_at.values().map(Vec::len).max().unwrap_or(0);
    Ok(flight)
}

/// The largest step of the error target from one second to the next, as a factor.
fn largest_step(flight: &Flight) -> f64 {
    (flight.seconds.windows(2))
        .map(|pair| match pair {
            [before, after] => {
                let factor = after.error_px / before.error_px;
                factor.max(1.0 / factor)
            }
            _ => 1.0,
        })
        .fold(1.0, f64::max)
}

fn graph(free: &Flight, quarter: &Flight, eighth: &Flight) -> anyhow::Result<String> {
    const WIDTH: f64 = 760.0;
    const HEIGHT: f64 = 150.0;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let mut svg = String::from(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 430" font-family="sans-serif" font-size="12">
<rect width="860" height="430" fill="#ffffff"/>
"##,
    );
    let mut panel = |top: f64, title: &str, unit: &str, most: f64, lines: &[(&str, Vec<f64>)]| {
        let y = |value: f64| top + HEIGHT - value / most * HEIGHT;
        write!(
            svg,
            r##"<text x="60" y="{}" fill="#222">{title}</text>"##,
            top - 8.0
        )?;
        for step in 0..=4 {
            let value = most * f64::from(step) / 4.0;
            write!(
                svg,
                r##"<line x1="60" x2="{}" y1="{y:.1}" y2="{y:.1}" stroke="#ddd"/><text x="54" y="{:.1}" text-anchor="end" fill="#555">{value:.0}{unit}</text>"##,
                60.0 + WIDTH,
                y(value) + 4.0,
                y = y(value)
            )?;
        }
        for (color, values) in lines {
            let last = values.len().saturating_sub(1).max(1) as f64;
            let points: Vec<String> = (0..)
                .zip(values)
                .map(|(i, value)| {
                    let x = 60.0 + f64::from(i) / last * WIDTH;
                    format!("{x:.1},{:.1}", y(*value))
                })
                .collect();
            writeln!(
                svg,
                r#"<polyline fill="none" stroke="{color}" stroke-width="1.5" points="{}"/>"#,
                points.join(" ")
            )?;
        }
        anyhow::Ok(())
    };
    let series = |flight: &Flight, of: fn(&Second) -> f64| flight.seconds.iter().map(of).collect();
    let bytes = |second: &Second| second.bytes as f64 / f64::from(1 << 20);
    let most_mib = mib(free.most_bytes);
    panel(
        30.0,
        "Memory of tiles, MiB: as much as it takes (grey), a quarter of that (blue), an eighth (orange); the budgets are dashed",
        "",
        (most_mib / 100.0).ceil() * 100.0,
        &[
            ("#999999", series(free, bytes)),
            ("#0072b2", series(quarter, bytes)),
            ("#d55e00", series(eighth, bytes)),
            ("#0072b2\" stroke-dasharray=\"4", vec![most_mib / 4.0; 2]),
            ("#d55e00\" stroke-dasharray=\"4", vec![most_mib / 8.0; 2]),
        ],
    )?;
    let most_px = eighth
        .seconds
        .iter()
        .map(|s| s.error_px)
        .fold(16.0, f64::max);
    panel(
        235.0,
        "Error on screen that is aimed at, pixels: 16, and more where memory is short",
        "",
        (most_px / 16.0).ceil() * 16.0,
        &[
            ("#999999", series(free, |s| s.error_px)),
            ("#0072b2", series(quarter, |s| s.error_px)),
            ("#d55e00", series(eighth, |s| s.error_px)),
        ],
    )?;
    for minute in 0..=SECONDS / 60 {
        let x = 60.0 + minute as f64 * 60.0 / SECONDS as f64 * WIDTH;
        write!(
            svg,
            r##"<text x="{x:.1}" y="404" text-anchor="middle" fill="#555">{minute}</text>"##
        )?;
    }
    svg.push_str(
        "<text x=\"440\" y=\"422\" text-anchor=\"middle\" fill=\"#222\">minutes</text>\n</svg>\n",
    );
    Ok(svg)
}

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let tileset = args.next().context("name a tileset.json")?;
    let mut files = Files::default();
    let free = fly(&tileset, u64::MAX / 2, &mut files)?;
    let [quarter, eighth] = [4, 8].map(|share| fly(&tileset, free.most_bytes / share, &mut files));
    let (quarter, eighth) = (quarter?, eighth?);
    tell("as much as it takes", &free);
    tell("a quarter", &quarter);
    tell("an eighth", &eighth);
    if let Some(out) = args.next() {
        std::fs::write(&out, graph(&free, &quarter, &eighth)?).with_context(|| out.clone())?;
    }
    for (flight, share, most_again) in [(quarter, 4, 0.02), (eighth, 8, 0.1)] {
        ensure!(
            flight.most_bytes <= free.most_bytes / share,
            "a budget of 1/{share} does not hold: {} bytes",
            flight.most_bytes
        );
        ensure!(
            (flight.again as f64) < flight.loads as f64 * most_again,
            "with a budget of 1/{share}, {} of {} loads are of what was just dropped",
            flight.again,
            flight.loads
        );
    }
    Ok(())
}

fn tell(name: &str, flight: &Flight) {
    let most = |of: fn(&Second) -> f64| flight.seconds.iter().map(of).fold(0.0, f64::max);
    println!(
        "{name}: {:.0} MiB at most; {} loads of {} contents, {} within {AGAIN_S} s of the load before, one at most {} times; \
         {} tiles known and {} shown at most; the error aimed at is {:.0} px at most and changes by a factor of {:.2} in a \
         second at most; the longest update took {:.1} ms",
        flight.most_bytes as f64 / f64::from(1 << 20),
        flight.loads,
        flight.contents,
        flight.again,
        flight.most_loads_of_one,
        most(|s| s.tiles_known as f64),
        most(|s| s.tiles_shown as f64),
        most(|s| s.error_px),
        largest_step(flight),
        flight.longest_update_ms
    );
}
