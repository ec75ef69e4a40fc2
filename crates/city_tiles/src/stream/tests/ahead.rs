use super::support::*;
use crate::stream::*;

fn all(_: u32, _: u32, _: u32) -> bool {
    true
}

/// A corner seen from near, and the other one.
fn here() -> View {
    above(100.0, 100.0, 60.0)
}

fn there() -> View {
    above(900.0, 900.0, 60.0)
}

#[test]
fn what_the_camera_flies_to_is_there_when_it_arrives() {
    let options = StreamOptions {
        preload_siblings: false,
        ..StreamOptions::default()
    };
    let mut world = World::new(&quadtree(5, "REPLACE", &all), options);
    world.settle(&[here()]);
    let shown = world.shown_names();
    world.streamer.look_ahead(&[there()]);
    for _ in 0..40 {
        let selection = world.update(&[here()]);
        assert!(
            selection
                .fetch
                .iter()
                .all(|request| request.priority == Priority::Preload)
        );
        assert_eq!(world.shown_names(), shown, "nothing else is shown for it");
        assert!(world.streamer.is_complete(), "nothing is missing here");
        // Longer than an unwanted request is let go on.
        world.now_ms += 1000;
        world.serve();
    }
    world.streamer.look_ahead(&[]);
    let before = world.fetched.len();
    let arrived = world.update(&[there()]);
    assert!(world.streamer.is_complete());
    assert!(arrived.fetch.is_empty(), "{:?}", arrived.fetch);
    assert_eq!(world.fetched.len(), before);
    assert!(
        world
            .shown_names()
            .iter()
            .all(|name| name.starts_with("4_"))
    );
}

#[test]
fn what_is_seen_comes_before_what_will_be() {
    let options = StreamOptions {
        max_requests: 2,
        ..StreamOptions::default()
    };
    let mut world = World::new(&quadtree(5, "REPLACE", &all), options);
    world.settle(&[above(512.0, 512.0, 50_000.0)]);
    // The jump itself is too fast for anything to be asked for.
    world.update(&[here()]);
    world.streamer.look_ahead(&[there()]);
    let mut ahead_began = false;
    for _ in 0..200 {
        let selection = world.update(&[here()]);
        let urgency = selection.fetch.iter().map(|request| request.priority);
        assert!(urgency.is_sorted(), "{:?}", selection.fetch);
        let ahead = (selection.fetch.iter()).any(|request| request.priority == Priority::Preload);
        ahead_began |= ahead;
        if ahead {
            let under_way = selection.stats.requests_in_flight;
            assert!(
                selection.stats.tiles_waiting < under_way,
                "something seen waits for it"
            );
        }
        world.serve();
    }
    assert!(ahead_began);
}

#[test]
fn where_memory_is_scarce_nothing_is_fetched_ahead() {
    let options = StreamOptions {
        byte_budget: 60_000,
        preload_siblings: false,
        ..StreamOptions::default()
    };
    let mut world = World::new(&quadtree(5, "REPLACE", &all), options);
    world.cost = |_| 4000;
    world.settle(&[here()]);
    assert!(world.streamer.stats().bytes() > 30_000);
    world.streamer.look_ahead(&[there()]);
    let before = world.fetched.len();
    for _ in 0..20 {
        world.update(&[here()]);
        world.serve();
    }
    assert_eq!(world.fetched.len(), before);
}
