//! Files beside a content that name files in turn.

use super::support::*;
use crate::stream::*;

/// An i3dm whose model is at `uri`.
fn i3dm(uri: &str) -> Vec<u8> {
    let features = br#"{"INSTANCES_LENGTH":1,"POSITION":[0,0,0]}       "#;
    let length = 32 + features.len() + uri.len();
    let mut bytes = b"i3dm".to_vec();
    for word in [1, length, features.len(), 0, 0, 0, 0] {
        bytes.extend_from_slice(&(word as u32).to_le_bytes());
    }
    bytes.extend_from_slice(features);
    bytes.extend_from_slice(uri.as_bytes());
    bytes
}

/// A tile with one i3dm, whose model has two files of its own.
fn world(options: StreamOptions) -> World {
    let json = r#"{"asset":{"version":"1.0"},"geometricError":9,"root":{"boundingVolume":{"sphere":[0,0,0,10]},
        "geometricError":0,"content":{"uri":"trees.i3dm"}}}"#;
    let model = r#"{"asset":{"version":"2.0"},"buffers":[{"uri":"tree.bin","byteLength":4}],"images":[{"uri":"bark.png"}]}"#;
    let mut world = World::new(json, options);
    world.file("trees.i3dm", i3dm("models/tree.gltf"));
    world.file("models/tree.gltf", model);
    world.file("models/tree.bin", "aaaa");
    world.file("models/bark.png", "bbbb");
    world
}

/// Updates and answers until nothing is under way.
fn answer_all(world: &mut World, views: &[View]) {
    for _ in 0..10 {
        world.update(views);
        while !world.in_flight.is_empty() {
            world.answer(0, None);
        }
    }
}

#[test]
fn a_models_own_files_are_fetched_when_it_has_come() {
    let views = [above(0.0, 0.0, 30.0)];
    let mut world = world(StreamOptions::default());
    answer_all(&mut world, &views);
    let job = &world.decoding[0];
    assert_eq!(job.url, "http://city/trees.i3dm");
    assert_eq!(job.external.len(), 3);
    assert_eq!(
        job.external("http://city/models/bark.png").unwrap(),
        b"bbbb"
    );
    assert_eq!(world.fetched.len(), 5, "{:?}", world.fetched);
}

#[test]
fn a_model_that_is_not_there_is_the_decoders_to_judge() {
    let views = [above(0.0, 0.0, 30.0)];
    let mut world = world(StreamOptions::default());
    world.broken.insert(
        "http://city/models/tree.gltf".to_owned(),
        FetchError::NotFound,
    );
    answer_all(&mut world, &views);
    assert!(world.decoding[0].external.is_empty());
    assert_eq!(world.fetched.len(), 3, "{:?}", world.fetched);
}

#[test]
fn the_files_of_both_rounds_are_counted_together() {
    let views = [above(0.0, 0.0, 30.0)];
    let mut options = StreamOptions::default();
    options.limits.max_external_files = 2;
    let mut world = world(options);
    answer_all(&mut world, &views);
    assert!(world.decoding.is_empty());
    let problems = world.streamer.problems();
    assert!(
        problems
            .iter()
            .any(|p| p.what.contains("needs 3 files beside it, the limit is 2")),
        "{problems:?}"
    );
    assert!(world.streamer.is_complete());
}
