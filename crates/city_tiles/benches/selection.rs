//! What a frame's selection costs with more than 10,000 tiles in the cut: `cargo bench -p city_tiles --bench selection`.
//!
//! `-- --once MOVES` settles the same city and updates it that often, and nothing else: for counting instructions
//! (docs/benchmarks.md).
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::hint::black_box;

use city_geo::{DVec3, Frustum};
use city_tiles::stream::{RequestId, Selection, StreamOptions, Streamer, View};
use criterion::{Criterion, criterion_group};

const LEVELS: u32 = 8;
const SIDE_M: f64 = 12_800.0;

/// An implicit quadtree, full to its last level.
fn file(url: &str) -> Vec<u8> {
    if url.ends_with("tileset.json") {
        let half = SIDE_M * 0.5;
        return format!(
            r#"{{"asset":{{"version":"1.1"}},"geometricError":4000,"root":{{"refine":"REPLACE","geometricError":2000,
            "boundingVolume":{{"box":[{half},{half},50,{half},0,0,0,{half},0,0,0,50]}},
            "content":{{"uri":"{{level}}_{{x}}_{{y}}.glb"}},
            "implicitTiling":{{"subdivisionScheme":"QUADTREE","subtreeLevels":{LEVELS},"availableLevels":{LEVELS},
            "subtrees":{{"uri":"{{level}}_{{x}}_{{y}}.json"}}}}}}}}"#
        )
        .into_bytes();
    }
    if url.ends_with(".json") {
        return br#"{"tileAvailability":{"constant":1},"contentAvailability":[{"constant":1}],
            "childSubtreeAvailability":{"constant":0}}"#
            .to_vec();
    }
    b"glTF".to_vec()
}

/// A camera over the middle, looking down at all of it, so many metres aside.
fn view(aside_m: f64) -> View {
    let position = DVec3::new(SIDE_M * 0.5 + aside_m, SIDE_M * 0.5, 14_000.0);
    let fov_y_rad = 60_f64.to_radians();
    View {
        position,
        forward: DVec3::NEG_Z,
        frustum: Frustum::from_camera(position, DVec3::NEG_Z, DVec3::Y, fov_y_rad, 1.0, 1.0),
        viewport_height_px: 1000.0,
        fov_y_rad,
    }
}

fn serve(streamer: &mut Streamer, selection: &Selection, now_ms: u64) {
    let requests: Vec<(RequestId, String)> = (selection.fetch.iter())
        .map(|request| (request.id, request.url.clone()))
        .collect();
    for (id, url) in requests {
        let Some(job) = streamer.fetched(id, Ok(file(&url)), now_ms) else {
            continue;
        };
        streamer.decoded(job.tile, job.content, Ok(10_000));
        streamer.uploaded(job.tile);
    }
}

/// The city with all that the view wants.
fn settled() -> Streamer {
    let options = StreamOptions {
        max_screen_space_error_px: 0.5,
        max_requests: 256,
        max_decodes: 256,
        ..StreamOptions::default()
    };
    let mut streamer = Streamer::new("http://city/tileset.json", options);
    for frame in 0..10_000 {
        let now_ms = frame * 16;
        let selection = streamer.update(&[view(0.0)], now_ms).clone();
        if streamer.is_complete() && selection.fetch.is_empty() {
            assert!(
                selection.show.len() > 10_000,
                "{} tiles",
                selection.show.len()
            );
            return streamer;
        }
        serve(&mut streamer, &selection, now_ms);
    }
    panic!("it does not settle: {:?}", streamer.stats());
}

fn selection(criterion: &mut Criterion) {
    let mut streamer = settled();
    let mut now_ms = 1_000_000;
    criterion.bench_function("a view that stands still", |bench| {
        bench.iter(|| {
            now_ms += 16;
            streamer.update(&[view(0.0)], now_ms).show.len()
        });
    });
    let mut frame = 0_u64;
    criterion.bench_function("a view that moves, 16,384 tiles in the cut", |bench| {
        bench.iter(|| {
            now_ms += 16;
            frame += 1;
            let aside_m = (frame % 100) as f64 * 0.1;
            streamer.update(&[view(aside_m)], now_ms).show.len()
        });
    });
}

criterion_group!(benches, selection);

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--once");
    if arguments.next().is_none() {
        benches();
        Criterion::default().configure_from_args().final_summary();
        return;
    }
    let moves: u64 = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let mut streamer = settled();
    for frame in 0..moves {
        let now_ms = 1_000_000 + frame * 16;
        black_box(
            streamer
                .update(&[view(frame as f64 * 0.1)], now_ms)
                .show
                .len(),
        );
    }
}
