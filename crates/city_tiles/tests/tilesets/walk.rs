use city_geo::{BoundingVolume, DVec3, geodetic_from_ecef};
use city_tiles::stream::{TileState, View};

use crate::disk::{all_seeing, samples, stream};

/// From the middle of the tileset, so that viewer request volumes hold wherever they can.
fn from_the_middle(volume: Option<BoundingVolume>) -> Vec<View> {
    vec![all_seeing(volume.map_or(DVec3::ZERO, |v| v.center()))]
}

/// Tilesets of which a viewer in the middle of the root may not have everything.
const NOT_FROM_THE_MIDDLE: [&str; 1] = [
    // Its point cloud is asked for only near one building; see the last test here.
    "1.0/TilesetWithRequestVolume/tileset.json",
];

#[test]
fn every_sample_tileset_is_walked_to_its_last_content() {
    let Some(root) = samples() else { return };
    let (mut walked, mut failures) = (0, Vec::new());
    for line in include_str!("expected.tsv").lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [path, tilesets, tiles, subtrees, contents, missing] = fields[..] else {
            panic!("{line}")
        };
        if NOT_FROM_THE_MIDDLE.iter().any(|p| path.ends_with(p)) {
            continue;
        }
        let (streamer, outcome) = stream(&root.join(path), &from_the_middle);
        let requests = outcome.urls.len() - outcome.beside;
        let found = [
            streamer.stats().tiles_known.to_string(),
            (requests - outcome.contents - outcome.missing).to_string(),
            outcome.contents.to_string(),
            outcome.missing.to_string(),
        ];
        let structure = tilesets.parse::<usize>().unwrap() + subtrees.parse::<usize>().unwrap();
        let expected = [
            tiles.to_owned(),
            structure.to_string(),
            contents.to_owned(),
            missing.to_owned(),
        ];
        if found != expected {
            failures.push(format!("{path}: {found:?}, not {expected:?} (tiles, JSON and subtrees, contents, missing) {:?}", outcome.problems));
        }
        walked += 1;
    }
    assert!(
        failures.is_empty(),
        "{} of {walked}:\n{}",
        failures.len(),
        failures.join("\n")
    );
    println!("{walked} tilesets walked");
}

#[test]
fn wageningen_has_5_subtrees_and_13_contents_where_the_city_is() {
    let Some(root) = samples() else { return };
    let path = root.join("bertt__wageningen/tileset.json");
    let (streamer, outcome) = stream(&path, &from_the_middle);
    let count = |end: &str| outcome.urls.iter().filter(|u| u.ends_with(end)).count();
    assert_eq!(
        (count(".subtree"), count(".glb"), outcome.contents),
        (5, 13, 13)
    );
    // The part that was left out is told, and nothing else.
    assert_eq!(outcome.problems.len(), 1, "{:?}", outcome.problems);
    assert!(outcome.problems[0].contains("8-632-544/tileset.json: not found"));
    assert_eq!(outcome.shown, 13);
    let finest = streamer
        .visited_tiles()
        .filter(|t| t.state == TileState::Ready)
        .max_by_key(|t| t.implicit.map(|c| c.level))
        .unwrap();
    assert_eq!(finest.implicit.unwrap().level, 4);
    let place = geodetic_from_ecef(finest.bounding_volume.center());
    assert!(
        (place.lat_deg() - 51.97).abs() < 0.02 && (place.lon_deg() - 5.66).abs() < 0.02,
        "{place:?}"
    );
}

#[test]
fn a_viewer_outside_the_request_volume_gets_the_city_without_the_points() {
    let Some(root) = samples() else { return };
    let path = root.join("CesiumGS__3d-tiles-samples/1.0/TilesetWithRequestVolume/tileset.json");
    let far = |volume: Option<BoundingVolume>| {
        vec![all_seeing(
            volume.map_or(DVec3::ZERO, |v| v.center() * 1.01),
        )]
    };
    let (_, outcome) = stream(&path, &far);
    assert!(
        outcome.urls.iter().all(|u| !u.ends_with(".pnts")),
        "{:?}",
        outcome.urls
    );
    assert!(outcome.urls.iter().any(|u| u.ends_with(".b3dm")));
}
