use super::support::*;
use crate::stream::*;

fn all(_: u32, _: u32, _: u32) -> bool {
    true
}

#[test]
fn a_failed_tile_leaves_its_parent() {
    let mut world = World::new(&quadtree(3, "REPLACE", &all), StreamOptions::default());
    world
        .broken
        .insert("http://city/2_1_1.glb".to_owned(), FetchError::NotFound);
    let views = [above(512.0, 512.0, 500.0)];
    world.settle(&views);
    let names = world.shown_names();
    assert!(names.contains(&"1_0_0.glb".to_owned()), "{names:?}");
    assert!(names.contains(&"2_2_2.glb".to_owned()), "{names:?}");
    assert!(!names.contains(&"2_0_0.glb".to_owned()), "{names:?}");
    let problem = &world.streamer.problems()[0];
    assert!(
        problem.url.ends_with("2_1_1.glb")
            && problem.what.contains("not found")
            && problem.is_error
    );
    assert_eq!(world.streamer.stats().tiles_failed, 1);
}

#[test]
fn a_failed_root_gives_way_to_its_children() {
    let mut world = World::new(&quadtree(2, "REPLACE", &all), StreamOptions::default());
    world
        .broken
        .insert("http://city/0_0_0.glb".to_owned(), FetchError::NotFound);
    world.settle(&[above(512.0, 512.0, 50_000.0)]);
    assert_eq!(world.shown.len(), 4);
}

#[test]
fn a_damaged_content_fails_once() {
    let mut world = World::new(&quadtree(2, "REPLACE", &all), StreamOptions::default());
    let views = [above(512.0, 512.0, 800.0)];
    world.update(&views);
    world.answer(0, None);
    world.update(&views);
    while !world.in_flight.is_empty() {
        world.answer(0, None);
    }
    while !world.decoding.is_empty() {
        let broken = world.decoding[0].url.ends_with("1_0_0.glb");
        world.decode(
            0,
            if broken {
                Err("accessor 3 lies".to_owned())
            } else {
                Ok(())
            },
        );
    }
    world.settle(&views);
    assert_eq!(world.shown_names(), ["0_0_0.glb"]);
    assert_eq!(world.fetched_count("1_0_0.glb"), 1);
    assert!(
        world
            .streamer
            .problems()
            .iter()
            .any(|p| p.what.contains("accessor 3 lies"))
    );
}

#[test]
fn a_server_error_is_repeated_with_growing_waits_and_then_given_up_for_a_while() {
    let mut world = World::new(&quadtree(1, "REPLACE", &all), StreamOptions::default());
    world
        .broken
        .insert("http://city/0_0_0.glb".to_owned(), FetchError::Status(503));
    let views = [above(512.0, 512.0, 800.0)];
    let mut at = Vec::new();
    for _ in 0..20_000 {
        for request in world.update(&views).fetch {
            if request.url.ends_with("0_0_0.glb") {
                at.push(world.now_ms);
            }
        }
        world.serve();
        if at.len() == 4 && world.streamer.is_complete() {
            break;
        }
    }
    let waits: Vec<u64> = at.windows(2).map(|w| w[1] - w[0]).collect();
    assert_eq!(waits.len(), 3);
    for (wait, middle) in waits.iter().zip([500u64, 1000, 2000]) {
        assert!(
            (middle * 3 / 4..=middle * 5 / 4 + 32).contains(wait),
            "{waits:?}"
        );
    }
    assert_eq!(world.streamer.problems().len(), 1);
    // The server comes back: after a minute the tile does too, and is no problem any more.
    world.broken.clear();
    world.now_ms += 60_000;
    world.settle(&views);
    assert_eq!(world.shown_names(), ["0_0_0.glb"]);
    assert!(world.streamer.problems().is_empty());
}

#[test]
fn a_tileset_that_cannot_be_had_is_a_problem_with_a_name() {
    for (answer, words) in [
        (Err(FetchError::NotFound), "not found"),
        (Ok(b"{\"asset\":{".to_vec()), "truncated"),
        (Ok(Vec::new()), "empty"),
        (
            Err(FetchError::Network("connection reset".to_owned())),
            "connection reset",
        ),
    ] {
        let mut world = World::new("", StreamOptions::default());
        world.streamer = Streamer::new(
            ROOT,
            StreamOptions {
                retry: RetryPolicy {
                    attempts: 1,
                    ..Default::default()
                },
                ..Default::default()
            },
        );
        let views = [above(0.0, 0.0, 100.0)];
        let request = world.update(&views).fetch[0].clone();
        assert!(world.streamer.fetched(request.id, answer, 5).is_none());
        world.in_flight.clear();
        world.update(&views);
        let problem = &world.streamer.problems()[0];
        assert_eq!(problem.url, ROOT);
        assert!(problem.what.contains(words), "{problem:?}");
        assert!(world.streamer.is_complete());
    }
}

#[test]
fn requests_nobody_wants_any_more_are_aborted() {
    let options = StreamOptions {
        max_requests: 4,
        ..StreamOptions::default()
    };
    let mut world = World::new(&quadtree(5, "REPLACE", &all), options);
    world.update(&[above(100.0, 100.0, 50.0)]);
    world.answer(0, None);
    let near = world.update(&[above(100.0, 100.0, 50.0)]);
    assert_eq!(near.fetch.len(), 4);
    // Elsewhere, with all slots taken: what is not wanted goes at once.
    let elsewhere = world.update(&[above(900.0, 900.0, 50.0)]);
    assert!(!elsewhere.cancel.is_empty());
    let late = near
        .fetch
        .iter()
        .find(|r| elsewhere.cancel.contains(&r.id))
        .unwrap();
    assert!(
        world
            .streamer
            .fetched(late.id, Ok(b"glTF".to_vec()), 99)
            .is_none(),
        "late answers are ignored"
    );
    world.settle(&[above(900.0, 900.0, 50.0)]);
}

#[test]
fn a_glance_aside_aborts_nothing() {
    let mut world = World::new(&quadtree(2, "REPLACE", &all), StreamOptions::default());
    let views = [above(512.0, 512.0, 900.0)];
    world.update(&views);
    world.answer(0, None);
    world.update(&views);
    assert!(world.update(&[]).cancel.is_empty());
    assert!(world.update(&views).cancel.is_empty());
    world.now_ms += 10;
    world.update(&[]);
    world.now_ms += 600;
    assert_eq!(world.update(&[]).cancel.len(), 5);
}

#[test]
fn limits_cut_deep_nesting_and_wide_trees() {
    let limits = crate::Limits {
        max_external_depth: 3,
        ..crate::Limits::default()
    };
    let mut world = World::new(
        "",
        StreamOptions {
            limits,
            ..StreamOptions::default()
        },
    );
    // Every level is another file, without end.
    for level in 0..20 {
        let json = format!(
            r#"{{"asset":{{"version":"1.1"}},"geometricError":9,"root":{{"boundingVolume":{{"sphere":[0,0,0,10]}},
            "geometricError":5,"content":{{"uri":"t{}.json"}}}}}}"#,
            level + 1
        );
        world.file(&format!("t{level}.json"), json);
    }
    world.streamer = Streamer::new("http://city/t0.json", world.streamer.options().clone());
    world.settle(&[above(0.0, 0.0, 20.0)]);
    assert!(
        world.streamer.problems()[0]
            .what
            .contains("inside each other")
    );
}

#[test]
fn files_beside_a_content_come_with_it_or_not_at_all() {
    let json = r#"{"asset":{"version":"1.1"},"geometricError":9,"root":{"boundingVolume":{"sphere":[0,0,0,10]},
        "geometricError":0,"content":{"uri":"a.gltf"}}}"#;
    let gltf = r#"{"asset":{"version":"2.0"},"buffers":[{"uri":"a.bin","byteLength":4},{"uri":"b.bin","byteLength":4}],
        "bufferViews":[{"buffer":0,"byteLength":4},{"buffer":1,"byteLength":4}]}"#;
    let views = [above(0.0, 0.0, 30.0)];
    let ask = |broken: &str, error: FetchError| {
        let mut world = World::new(json, StreamOptions::default());
        world.file("a.gltf", gltf);
        world.file("a.bin", "aaaa");
        world.file("b.bin", "bbbb");
        world.broken.insert(format!("http://city/{broken}"), error);
        world.update(&views);
        world.answer(0, None);
        world.update(&views);
        world.answer(0, None);
        assert!(world.decoding.is_empty(), "not before its files are there");
        world.update(&views);
        while !world.in_flight.is_empty() {
            world.answer(0, None);
        }
        world
    };
    let whole = ask("nothing", FetchError::NotFound);
    let job = &whole.decoding[0];
    assert_eq!(job.url, "http://city/a.gltf");
    assert_eq!(job.external("http://city/a.bin").unwrap(), b"aaaa");
    assert_eq!(job.external.len(), 2);
    // A file that is not there is the decoder's to judge; one that may come is waited for with the content.
    let missing = ask("b.bin", FetchError::NotFound);
    assert_eq!(missing.decoding[0].external.len(), 1);
    let mut late = ask("b.bin", FetchError::Status(500));
    assert!(late.decoding.is_empty());
    late.broken.clear();
    late.settle(&views);
    assert_eq!(late.streamer.stats().contents_loaded, 1);
    assert_eq!(late.fetched_count("a.gltf"), 2);
}
