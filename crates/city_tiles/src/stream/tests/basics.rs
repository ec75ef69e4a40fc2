use super::support::*;
use crate::stream::*;

fn all(_: u32, _: u32, _: u32) -> bool {
    true
}

#[test]
fn a_replace_tree_refines_without_holes_and_without_overlap() {
    let mut world = World::new(&quadtree(4, "REPLACE", &all), StreamOptions::default());
    let views = [above(512.0, 512.0, 300.0)];
    for _ in 0..200 {
        let ready = world.ready.clone();
        world.update(&views);
        world.assert_no_hole(&views, 4, &ready);
        if !world.in_flight.is_empty() {
            world.answer(0, None);
        }
        if !world.decoding.is_empty() {
            world.decode(0, Ok(()));
        }
        if !world.uploading.is_empty() {
            world.upload(0);
        }
    }
    let end = world.settle(&views);
    assert!(end.show.len() > 4, "{}", end.show.len());
    assert!(world.shown_names().iter().all(|n| !n.starts_with("0_")));
    assert!(world.streamer.problems().is_empty());
}

#[test]
fn the_coarse_picture_comes_first() {
    let mut world = World::new(&quadtree(3, "REPLACE", &all), StreamOptions::default());
    let views = [above(512.0, 512.0, 200.0)];
    world.update(&views);
    world.answer(0, None);
    let first = world.update(&views);
    assert!(first.fetch[0].url.ends_with("/0_0_0.glb"));
    assert_eq!(first.fetch[0].priority, Priority::Hole);
    assert!(!world.streamer.is_complete());
}

#[test]
fn far_away_the_root_is_enough_and_near_it_is_not() {
    let mut world = World::new(&quadtree(3, "REPLACE", &all), StreamOptions::default());
    world.settle(&[above(512.0, 512.0, 50_000.0)]);
    assert_eq!(world.shown_names(), ["0_0_0.glb"]);
    world.settle(&[above(512.0, 512.0, 900.0)]);
    assert!(world.shown_names().iter().all(|n| !n.starts_with('0')));
    // Zooming out again: the coarse tile is still cached.
    let before = world.fetched.len();
    world.update(&[above(512.0, 512.0, 50_000.0)]);
    assert_eq!(world.shown_names(), ["0_0_0.glb"]);
    assert_eq!(world.fetched.len(), before);
}

#[test]
fn what_is_told_to_be_too_coarse_is_refined_from_afar_and_only_that() {
    let mut world = World::new(&quadtree(3, "REPLACE", &all), StreamOptions::default());
    let far = [above(512.0, 512.0, 50_000.0)];
    world.settle(&far);
    let shown = |world: &World, name: &str| {
        let mut all = world.shown.iter();
        *all.find(|id| world.ready[id].ends_with(name)).unwrap()
    };
    let root = shown(&world, "0_0_0.glb");
    world.streamer.set_too_coarse([root].into());
    world.settle(&far);
    let level_1 = ["1_0_0.glb", "1_0_1.glb", "1_1_0.glb", "1_1_1.glb"];
    assert_eq!(world.shown_names(), level_1);
    let quarter = shown(&world, "1_0_1.glb");
    world.streamer.set_too_coarse([root, quarter].into());
    world.settle(&far);
    assert_eq!(world.shown_names().len(), 3 + 4);
    let leaf = shown(&world, "2_0_2.glb");
    world.streamer.set_too_coarse([root, quarter, leaf].into());
    world.settle(&far);
    assert_eq!(world.shown_names().len(), 3 + 4, "there is nothing finer");
    world.streamer.set_too_coarse([].into());
    world.settle(&far);
    assert_eq!(world.shown_names(), ["0_0_0.glb"]);
}

#[test]
fn additive_children_are_shown_with_their_parent() {
    let mut world = World::new(&quadtree(2, "ADD", &all), StreamOptions::default());
    world.settle(&[above(512.0, 512.0, 900.0)]);
    assert_eq!(
        world.shown_names(),
        [
            "0_0_0.glb",
            "1_0_0.glb",
            "1_0_1.glb",
            "1_1_0.glb",
            "1_1_1.glb"
        ]
    );
}

#[test]
fn empty_tiles_pass_on_to_their_children() {
    let content = |level, _, _| level != 1;
    let mut world = World::new(&quadtree(3, "REPLACE", &content), StreamOptions::default());
    let views = [above(512.0, 512.0, 800.0)];
    world.settle(&[above(512.0, 512.0, 50_000.0)]);
    for _ in 0..100 {
        world.update(&views);
        assert!(!world.shown.is_empty());
        let names = world.shown_names();
        assert!(
            names == ["0_0_0.glb"] || names.iter().all(|n| n.starts_with("2_")),
            "{names:?}"
        );
        if !world.in_flight.is_empty() {
            world.answer(0, None);
        }
        while !world.decoding.is_empty() {
            world.decode(0, Ok(()));
            world.upload(0);
        }
    }
    assert_eq!(world.shown.len(), 16);
}

#[test]
fn several_contents_make_one_tile() {
    let json = r#"{"asset":{"version":"1.1"},"geometricError":9,"root":{"boundingVolume":{"sphere":[0,0,0,10]},
        "geometricError":0,"contents":[{"uri":"a.glb"},{"uri":"b.glb"}]}}"#;
    let mut world = World::new(json, StreamOptions::default());
    let views = [above(0.0, 0.0, 50.0)];
    world.update(&views);
    world.answer(0, None);
    assert_eq!(world.update(&views).fetch.len(), 2);
    world.answer(0, None);
    world.decode(0, Ok(()));
    assert!(world.uploading.is_empty());
    assert!(world.update(&views).show.is_empty());
    world.answer(0, None);
    world.decode(0, Ok(()));
    world.upload(0);
    assert_eq!(world.update(&views).show.len(), 1);
    assert_eq!(world.streamer.stats().contents_loaded, 2);
}

#[test]
fn a_request_volume_keeps_a_tile_for_those_inside() {
    let json = r#"{"asset":{"version":"1.1"},"geometricError":99,"root":{"boundingVolume":{"sphere":[0,0,0,100]},
        "geometricError":50,"content":{"uri":"0_0_0.glb"},"refine":"REPLACE","children":[{"boundingVolume":{"sphere":[0,0,0,100]},
        "viewerRequestVolume":{"sphere":[0,0,0,200]},"geometricError":0,"content":{"uri":"1_0_0.glb"}}]}}"#;
    let mut world = World::new(json, StreamOptions::default());
    world.settle(&[above(0.0, 0.0, 300.0)]);
    assert_eq!(world.shown_names(), ["0_0_0.glb"]);
    assert_eq!(world.fetched_count("1_0_0.glb"), 0);
    world.settle(&[above(0.0, 0.0, 150.0)]);
    assert_eq!(world.shown_names(), ["1_0_0.glb"]);
}

#[test]
fn a_content_volume_out_of_sight_is_not_asked_for() {
    let json = r#"{"asset":{"version":"1.1"},"geometricError":99,"root":{"boundingVolume":{"sphere":[0,0,0,1000]},
        "geometricError":0,"content":{"uri":"0_0_0.glb","boundingVolume":{"sphere":[900,0,0,5]}}}}"#;
    let mut world = World::new(json, StreamOptions::default());
    world.settle(&[above(0.0, 0.0, 100.0)]);
    assert_eq!(world.fetched_count(".glb"), 0);
    world.settle(&[above(900.0, 0.0, 100.0)]);
    assert_eq!(world.shown.len(), 1);
}

#[test]
fn external_tilesets_inherit_and_cycles_are_cut() {
    let holder = r#"{"asset":{"version":"1.0"},"geometricError":99,"root":{"boundingVolume":{"sphere":[0,0,0,50]},
        "geometricError":50,"refine":"ADD","transform":[2,0,0,0, 0,2,0,0, 0,0,2,0, 10,0,0,1],
        "content":{"uri":"sub/inner.json"}}}"#;
    let inner = r#"{"asset":{"version":"1.0"},"geometricError":9,"root":{"boundingVolume":{"sphere":[0,0,0,50]},
        "geometricError":5,"transform":[1,0,0,0, 0,1,0,0, 0,0,1,0, 1,0,0,1],"content":{"uri":"x.glb"},
        "children":[{"boundingVolume":{"sphere":[0,0,0,50]},"geometricError":1,"content":{"uri":"../tileset.json"}}]}}"#;
    let mut world = World::new(holder, StreamOptions::default());
    world.file("sub/inner.json", inner);
    let selection = world.settle(&[above(10.0, 0.0, 60.0)]);
    let tile = world.streamer.tile(selection.show[0]).unwrap();
    assert_eq!(tile.content_urls, ["http://city/sub/x.glb"]);
    assert_eq!(
        tile.ecef_from_tile.w_axis.truncate().to_array(),
        [12.0, 0.0, 0.0]
    );
    assert_eq!(tile.geometric_error, 10.0);
    assert_eq!(tile.refine, crate::tileset::Refine::Add);
    assert!(
        world
            .streamer
            .problems()
            .iter()
            .any(|p| p.what.contains("contains itself"))
    );
}

#[test]
fn a_bare_content_can_be_opened() {
    let mut world = World::new("", StreamOptions::default());
    world.streamer = Streamer::new("http://city/0_0_0.glb", StreamOptions::default());
    world.settle(&[above(0.0, 0.0, 50.0)]);
    assert_eq!(world.shown_names(), ["0_0_0.glb"]);
}

#[test]
fn frozen_selection_stays() {
    let mut world = World::new(&quadtree(3, "REPLACE", &all), StreamOptions::default());
    let far = world.settle(&[above(512.0, 512.0, 50_000.0)]);
    world.streamer.set_frozen(true);
    let frozen = world.update(&[above(512.0, 512.0, 100.0)]);
    assert_eq!(frozen.show, far.show);
    assert!(frozen.fetch.is_empty());
    world.streamer.set_frozen(false);
    world.settle(&[above(512.0, 512.0, 100.0)]);
    assert_ne!(world.shown_names(), ["0_0_0.glb"]);
}

#[test]
fn nothing_is_shown_without_views_but_the_cache_stays() {
    let mut world = World::new(&quadtree(2, "REPLACE", &all), StreamOptions::default());
    let views = [above(512.0, 512.0, 800.0)];
    world.settle(&views);
    let before = world.fetched.len();
    assert!(world.update(&[]).show.is_empty());
    assert_eq!(world.update(&views).show.len(), 4);
    assert_eq!(world.fetched.len(), before);
}

#[test]
fn two_views_share_one_tree() {
    let mut world = World::new(&quadtree(4, "REPLACE", &all), StreamOptions::default());
    world.settle(&[above(100.0, 100.0, 60.0), above(900.0, 900.0, 60.0)]);
    let names = world.shown_names();
    assert!(
        names.contains(&"3_0_0.glb".to_owned()) && names.contains(&"3_7_7.glb".to_owned()),
        "{names:?}"
    );
}
