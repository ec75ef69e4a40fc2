//! Whatever the network, the decoder, the memory and the user do, the rules hold at every step.

use proptest::prelude::*;

use super::support::*;
use crate::stream::*;

const LEVELS: u32 = 4;

#[derive(Clone, Debug)]
enum Step {
    Update,
    Move(u16, u16, u16, u16),
    Answer(u8, Outcome),
    Decode(u8, bool),
    Upload(u8),
    Wait(u16),
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Good,
    NotFound,
    ServerError,
    Lost,
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        12 => Just(Outcome::Good),
        1 => Just(Outcome::NotFound),
        1 => Just(Outcome::ServerError),
        1 => Just(Outcome::Lost),
    ];
    prop_oneof![
        6 => Just(Step::Update),
        1 => (0..1024u16, 0..1024u16, 5..2500u16, 0..628u16).prop_map(|(x, y, h, a)| Step::Move(x, y, h, a)),
        6 => (any::<u8>(), outcome).prop_map(|(i, o)| Step::Answer(i, o)),
        6 => (any::<u8>(), prop::bool::weighted(0.97)).prop_map(|(i, ok)| Step::Decode(i, ok)),
        6 => any::<u8>().prop_map(Step::Upload),
        1 => (0..3000u16).prop_map(Step::Wait),
    ]
}

fn camera(x: u16, y: u16, height_m: u16, turn: u16) -> View {
    let angle = f64::from(turn) / 100.0;
    let forward = city_geo::DVec3::new(angle.cos(), angle.sin(), -0.7).normalize();
    let position = city_geo::DVec3::new(f64::from(x), f64::from(y), f64::from(height_m));
    looking(position, forward, city_geo::DVec3::Z)
}

/// Plays the steps and checks every update; returns all selections.
fn play(
    steps: &[Step],
    options: &StreamOptions,
    content: &dyn Fn(u32, u32, u32) -> bool,
) -> Vec<Selection> {
    let mut world = World::new(&quadtree(LEVELS, "REPLACE", content), options.clone());
    world.cost = |url| 1000 + url.bytes().map(u64::from).sum::<u64>() % 3000;
    let mut views = vec![above(512.0, 512.0, 700.0)];
    let mut log = Vec::new();
    for step in steps {
        match *step {
            Step::Update => {
                let ready = world.ready.clone();
                let selection = world.update(&views);
                world.assert_no_hole(&views, LEVELS, &ready);
                let resident: u64 = world.held.values().sum();
                assert!(
                    resident <= options.byte_budget,
                    "{resident} bytes exceed the budget"
                );
                assert_eq!(
                    resident, selection.stats.content_bytes,
                    "both sides count the same"
                );
                log.push(selection);
            }
            Step::Move(x, y, h, a) => views = vec![camera(x, y, h, a)],
            Step::Answer(index, outcome) => {
                if !world.in_flight.is_empty() {
                    let index = usize::from(index) % world.in_flight.len();
                    let is_root = world.in_flight[index].url == ROOT;
                    world.answer(
                        index,
                        match outcome {
                            Outcome::NotFound if !is_root => Some(FetchError::NotFound),
                            Outcome::ServerError => Some(FetchError::Status(500)),
                            Outcome::Lost => Some(FetchError::Network("reset".to_owned())),
                            _ => None,
                        },
                    );
                }
            }
            Step::Decode(index, ok) => {
                if !world.decoding.is_empty() {
                    let index = usize::from(index) % world.decoding.len();
                    world.decode(
                        index,
                        if ok {
                            Ok(())
                        } else {
                            Err("damaged".to_owned())
                        },
                    );
                }
            }
            Step::Upload(index) => {
                if !world.uploading.is_empty() {
                    let index = usize::from(index) % world.uploading.len();
                    world.upload(index);
                }
            }
            Step::Wait(ms) => world.now_ms += u64::from(ms),
        }
    }
    log
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_a_hole_never_both_never_over_budget(
        steps in prop::collection::vec(step(), 50..600),
        budget in prop_oneof![Just(1u64 << 30), 150_000..250_000u64],
        requests in 1..12usize,
        gaps in any::<u64>(),
    ) {
        let options = StreamOptions { byte_budget: budget, max_requests: requests, ..StreamOptions::default() };
        // Some tiles have no content; all leaves do.
        let content = move |l: u32, x: u32, y: u32| l + 1 == LEVELS || gaps >> ((l * 16 + x * 4 + y) % 64) & 3 != 0;
        play(&steps, &options, &content);
    }

    #[test]
    fn the_same_inputs_give_the_same_outputs(steps in prop::collection::vec(step(), 50..300)) {
        let options = StreamOptions { byte_budget: 200_000, ..StreamOptions::default() };
        let content = |_: u32, _: u32, _: u32| true;
        prop_assert_eq!(play(&steps, &options, &content), play(&steps, &options, &content));
    }

    #[test]
    fn it_always_settles_on_the_wanted_cut(
        steps in prop::collection::vec(step(), 0..200),
        at in (0..1024u16, 0..1024u16, 5..2500u16, 0..628u16),
    ) {
        let mut world = World::new(&quadtree(LEVELS, "REPLACE", &|_, _, _| true), StreamOptions::default());
        for step in &steps {
            if let Step::Move(x, y, h, a) = *step {
                world.update(&[camera(x, y, h, a)]);
                if !world.in_flight.is_empty() {
                    world.answer(0, Some(FetchError::TimedOut));
                }
            }
        }
        let views = [camera(at.0, at.1, at.2, at.3)];
        world.settle(&views);
        // Every visible leaf cell is drawn by the first tile of its path whose error is small enough.
        let shown: Vec<_> = world.shown.iter().map(|id| cell_of(&world.ready[id])).collect();
        for x in 0..8u32 {
            for y in 0..8u32 {
                if !cell_visible(&views, 3, x, y) {
                    continue;
                }
                let wanted = (0..LEVELS).map(|l| (l, x >> (3 - l), y >> (3 - l))).find(|&(l, cx, cy)| {
                    let distance = city_geo::BoundingVolume::Box(cell_box(l, cx, cy)).distance_to(views[0].position);
                    let error = if l + 1 == LEVELS { 0.0 } else { 200.0 / f64::from(1 << l) };
                    error * 1000.0 / (distance.max(1e-7) * 2.0 * 30f64.to_radians().tan()) <= 16.0
                });
                prop_assert!(shown.contains(&wanted.unwrap()), "{wanted:?} not in {shown:?}");
            }
        }
    }
}

#[test]
fn under_pressure_the_picture_gets_coarser_instead_of_the_memory_fuller() {
    let mut world = World::new(
        &quadtree(6, "REPLACE", &|_, _, _| true),
        StreamOptions::default(),
    );
    let views = [above(512.0, 512.0, 120.0)];
    world.settle(&views);
    let (tiles, tree) = (world.shown.len(), world.streamer.stats().tree_bytes);
    world.streamer.set_byte_budget(tree + 30_000);
    let mut errors = Vec::new();
    for _ in 0..600 {
        let ready = world.ready.clone();
        let selection = world.update(&views);
        world.assert_no_hole(&views, 6, &ready);
        errors.push(selection.stats.effective_error_px);
        world.serve();
    }
    let end = world.settle(&views);
    assert!(
        end.stats.bytes() <= end.stats.byte_budget,
        "{:?}",
        end.stats
    );
    assert!(!end.show.is_empty() && end.show.len() < tiles);
    assert!(
        errors
            .windows(2)
            .all(|w| w[1] / w[0] <= 1.021 && w[1] / w[0] >= 0.989),
        "the error target moves smoothly"
    );
    // With memory again, and the camera moving, it becomes as fine as before.
    world.streamer.set_byte_budget(1 << 30);
    for step in 0..1000 {
        world.update(&[above(512.0 + f64::from(step % 2), 512.0, 120.0)]);
        world.serve();
    }
    world.settle(&views);
    assert_eq!(world.shown.len(), tiles);
    assert_eq!(world.streamer.stats().effective_error_px, 16.0);
}
