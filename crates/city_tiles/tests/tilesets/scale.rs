//! A tree of sixteen million implicit tiles: only what is looked at is made, and it is freed when it is left.

use std::time::Instant;

use city_geo::{DVec3, Frustum, Geodetic, LocalFrame};
use city_tiles::stream::{Selection, StreamOptions, Streamer, View};

/// 22 million tiles in all, 16.8 million of them leaves of 10 m over 40 km.
const LEVELS: u32 = 13;
const TILESET: &str = r#"{"asset":{"version":"1.1"},"geometricError":8192,"root":{
    "boundingVolume":{"region":[1.99,0.389,1.9964,0.3954,0,200]},"geometricError":4096,"refine":"REPLACE",
    "content":{"uri":"{level}/{x}/{y}.glb"},
    "implicitTiling":{"subdivisionScheme":"QUADTREE","subtreeLevels":5,"availableLevels":13,
        "subtrees":{"uri":"{level}/{x}/{y}.subtree"}}}}"#;
const SUBTREE: &str = r#"{"tileAvailability":{"constant":1},"contentAvailability":[{"constant":1}],
    "childSubtreeAvailability":{"constant":1}}"#;
const LAST_SUBTREE: &str = r#"{"tileAvailability":{"constant":1},"contentAvailability":[{"constant":1}],
    "childSubtreeAvailability":{"constant":0}}"#;

struct Run {
    streamer: Streamer,
    now_ms: u64,
    longest_ms: f64,
    most_visited: usize,
    most_known: usize,
    most_tree_bytes: u64,
}

impl Run {
    fn step(&mut self, views: &[View]) {
        self.now_ms += 16;
        let start = Instant::now();
        let Selection { fetch, stats, .. } = self.streamer.update(views, self.now_ms).clone();
        self.longest_ms = self.longest_ms.max(start.elapsed().as_secs_f64() * 1e3);
        self.most_visited = self.most_visited.max(stats.tiles_visited);
        self.most_known = self.most_known.max(stats.tiles_known);
        self.most_tree_bytes = self.most_tree_bytes.max(stats.tree_bytes);
        for request in fetch {
            let answer = match request.url.rsplit('.').next() {
                Some("json") => TILESET,
                Some("subtree") if request.url.contains("/10/") => LAST_SUBTREE,
                Some("subtree") => SUBTREE,
                _ => "glTF",
            };
            let start = Instant::now();
            let job = self
                .streamer
                .fetched(request.id, Ok(answer.into()), self.now_ms);
            self.longest_ms = self.longest_ms.max(start.elapsed().as_secs_f64() * 1e3);
            if let Some(job) = job {
                self.streamer.decoded(job.tile, job.content, Ok(40_000));
                self.streamer.uploaded(job.tile);
            }
        }
    }
}

#[test]
fn sixteen_million_tiles_cost_what_is_seen_of_them() {
    let options = StreamOptions {
        byte_budget: 256 << 20,
        max_requests: 64,
        max_decodes: 64,
        ..StreamOptions::default()
    };
    let mut run = Run {
        streamer: Streamer::new("http://city/tileset.json", options),
        now_ms: 0,
        longest_ms: 0.0,
        most_visited: 0,
        most_known: 0,
        most_tree_bytes: 0,
    };
    let middle = Geodetic {
        lon_rad: 1.9932,
        lat_rad: 0.3922,
        height_m: 0.0,
    };
    let frame = LocalFrame::enu(middle).ecef_from_local();
    let view = |east_m: f64, height_m: f64| {
        let position = frame.transform_point3(DVec3::new(east_m, 0.0, height_m));
        let forward = frame
            .transform_vector3(DVec3::new(0.8, 0.0, -0.6))
            .normalize();
        let up = frame.transform_vector3(DVec3::new(0.6, 0.0, 0.8));
        View {
            position,
            forward,
            frustum: Frustum::from_camera(position, forward, up, 1.0, 1.6, 1.0),
            viewport_height_px: 1080.0,
            fov_y_rad: 1.0,
        }
    };
    // 30 km at 400 m height, 5 m a frame at first and standing still now and then.
    for step in 0..3_000u32 {
        let moved = step - step % 100 + (step % 100).min(50);
        run.step(&[view(-15_000.0 + f64::from(moved) * 10.0, 400.0)]);
    }
    println!(
        "{} tiles visited at most in a step, {} known, {} kB of tree; the longest step took {:.1} ms",
        run.most_visited,
        run.most_known,
        run.most_tree_bytes / 1000,
        run.longest_ms
    );
    let all = (4u64.pow(LEVELS) - 1) / 3;
    assert!(all > 16_000_000);
    assert!(run.most_visited > 300 && run.most_visited < 20_000);
    // The flight saw a strip of 30 km; what is kept is what was seen in the last 20 s and what is in the budget.
    assert!(run.most_known < 60_000, "{}", run.most_known);
    let per_tile = run.most_tree_bytes / run.most_known as u64;
    assert!(per_tile < 2_000, "{per_tile} bytes a tile");

    // From far away the fine tiles are not wanted any more, and the tree lets them go.
    for _ in 0..4_000 {
        run.step(&[view(0.0, 60_000.0)]);
        run.now_ms += 20;
    }
    run.streamer.set_byte_budget(8 << 20);
    for step in 0..2_000u32 {
        run.step(&[view(f64::from(step % 7), 60_000.0)]);
        run.now_ms += 20;
    }
    let stats = run.streamer.stats();
    println!("{} tiles known from far away", stats.tiles_known);
    assert!(
        stats.tiles_known < run.most_known / 4,
        "{}",
        stats.tiles_known
    );
    assert!(run.streamer.is_complete());
}

#[test]
fn a_view_that_stands_still_looks_at_no_tile_and_wakes_when_something_changes() {
    let mut streamer = Streamer::new("http://city/tileset.json", StreamOptions::default());
    let middle = Geodetic {
        lon_rad: 1.9932,
        lat_rad: 0.3922,
        height_m: 0.0,
    };
    let frame = LocalFrame::enu(middle).ecef_from_local();
    let position = frame.transform_point3(DVec3::new(0.0, 0.0, 3_000.0));
    let forward = -frame.transform_vector3(DVec3::Z).normalize();
    let view = View {
        position,
        forward,
        frustum: Frustum::from_camera(
            position,
            forward,
            frame.transform_vector3(DVec3::Y),
            1.0,
            1.6,
            1.0,
        ),
        viewport_height_px: 1080.0,
        fov_y_rad: 1.0,
    };
    let step = |streamer: &mut Streamer, now_ms: u64| {
        let selection = streamer.update(std::slice::from_ref(&view), now_ms).clone();
        for request in &selection.fetch {
            let answer = match request.url.rsplit('.').next() {
                Some("json") => TILESET,
                Some("subtree") => SUBTREE,
                _ => "glTF",
            };
            if let Some(job) = streamer.fetched(request.id, Ok(answer.into()), now_ms) {
                streamer.decoded(job.tile, job.content, Ok(1_000));
                streamer.uploaded(job.tile);
            }
        }
        selection
    };
    for now_ms in 0..2_000 {
        step(&mut streamer, now_ms * 16);
    }
    assert!(streamer.is_complete());
    let shown = step(&mut streamer, 40_000).show;
    assert!(shown.len() > 20, "{}", shown.len());
    // Measured by what it does: stamps of a walk would say that the tiles were looked at.
    let before = streamer.stats();
    for now_ms in 0..100 {
        assert_eq!(step(&mut streamer, 41_000 + now_ms).show, shown);
    }
    assert_eq!(streamer.stats(), before);
    streamer.set_max_screen_space_error_px(32.0);
    let coarser = step(&mut streamer, 42_000).show;
    assert!(
        coarser.len() < shown.len(),
        "{} of {}",
        coarser.len(),
        shown.len()
    );
}
