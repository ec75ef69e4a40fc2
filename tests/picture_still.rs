//! The lean path draws a picture again only when it would be another one.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use belvedere::app::QualityChoice;
use belvedere::headless::Headless;
use belvedere::render::{PicturesDrawn, Redraw};
use belvedere::tiles::{OpenTileset, TilesetSource};
use support::{Folder, glb, tile, tileset};

fn drawn(headless: &mut Headless, frames: usize) -> u64 {
    let count = |headless: &Headless| headless.app.world().resource::<PicturesDrawn>().count();
    let before = count(headless);
    for _ in 0..frames {
        headless.frame().unwrap();
    }
    count(headless) - before
}

#[test]
fn a_city_that_nobody_moves_is_drawn_once_and_one_that_moves_every_time() {
    let folder = Folder::new();
    std::fs::write(
        folder.path().join("tileset.json"),
        tileset(tile("root.glb", 0.0, vec![])),
    )
    .unwrap();
    std::fs::write(folder.path().join("root.glb"), glb(1, 0.0)).unwrap();
    let mut headless = Headless::new([160, 90], QualityChoice::Lean).unwrap();
    let url = folder.path().join("tileset.json").display().to_string();
    headless.app.world_mut().write_message(OpenTileset {
        source: TilesetSource {
            name: url.clone(),
            url,
            ..TilesetSource::default()
        },
        frame_it: true,
        replace: true,
    });
    headless.settle(Duration::from_secs(60)).unwrap();
    let picture = headless.picture().unwrap();

    headless.app.insert_resource(Redraw::WhenChanged);
    headless.frame().unwrap();
    // Once a second it is drawn anyway.
    let quiet = drawn(&mut headless, 20);
    assert!(quiet <= 3, "{quiet} pictures of 20 frames");
    assert_eq!(headless.picture().unwrap(), picture, "what was drawn stays");

    let start = headless.view();
    for step in 1..=5 {
        let mut view = start;
        view.position.x += f64::from(step) * 0.01;
        headless.set_view(view);
        assert_eq!(drawn(&mut headless, 1), 1, "step {step}");
    }
    headless.app.insert_resource(Redraw::Always);
    assert_eq!(drawn(&mut headless, 5), 5);
}
