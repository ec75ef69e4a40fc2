//! The demo city as others read it: whole, valid, rich in attributes and the same every time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use city_tiler::city::City;
use city_tiler::land::Domain;
use city_tiles::check::{CheckOptions, ContentSource, check};
use city_tiles::formats::{DecodeOptions, decode};
use city_tiles::stream::FetchError;

struct Disk;

impl ContentSource for Disk {
    fn read(&mut self, location: &str) -> Result<Vec<u8>, FetchError> {
        std::fs::read(location).map_err(|error| FetchError::Network(error.to_string()))
    }
}

/// Every file under a folder with its bytes, by its path from there.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn small(seed: u64) -> (tempfile::TempDir, city_tiler::Report) {
    let folder = tempfile::tempdir().unwrap();
    let report = city_tiler::generate_small(seed, folder.path(), &|_| {}).unwrap();
    (folder, report)
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_another_city() {
    let (first, second, other) = (small(1), small(1), small(2));
    let bytes = files(first.0.path());
    assert_eq!(first.1, second.1);
    assert!(bytes == files(second.0.path()), "the bytes differ");
    assert!(bytes != files(other.0.path()), "the seed decides nothing");
    let sum: usize = bytes.values().map(Vec::len).sum();
    assert_eq!(first.1.bytes, sum as u64, "the report counts every byte");
}

#[test]
fn nothing_is_wrong_with_its_tileset_and_its_surroundings() {
    let (folder, report) = small(1);
    for name in ["tileset.json", "surroundings/tileset.json"] {
        let root = folder.path().join(name);
        let result = check(&mut Disk, root.to_str().unwrap(), &CheckOptions::default());
        assert_eq!(result.issues, [], "{name}");
        assert!(result.contents > 0);
    }
    assert!(report.contents > 60, "{report:?}");
}

#[test]
fn every_building_carries_its_attributes() {
    let (folder, _) = small(1);
    let contents = files(folder.path());
    let finest = contents
        .iter()
        .filter(|(path, _)| path.starts_with("buildings/3"));
    let mut seen = BTreeSet::new();
    for (path, bytes) in finest {
        let nothing = |_: &str| None;
        let url = path.to_string_lossy();
        let tile = decode(bytes, &url, &nothing, &DecodeOptions::default()).unwrap();
        for feature in 0..tile.features.len() {
            let attributes: BTreeMap<String, String> = tile
                .features
                .properties(feature)
                .into_iter()
                .map(|property| (property.id, property.value.to_string()))
                .collect();
            for name in [
                "id",
                "name",
                "district",
                "use",
                "storeys",
                "height_m",
                "floor_area_m2",
                "year_built",
                "energy_class",
            ] {
                let value = attributes.get(name);
                assert!(
                    value.is_some_and(|v| !v.is_empty()),
                    "{url}: {name} {attributes:?}"
                );
            }
            assert!(seen.insert(attributes["id"].clone()), "an id comes twice");
            let (height_m, storeys): (f64, f64) = (
                attributes["height_m"].parse().unwrap(),
                attributes["storeys"].parse().unwrap(),
            );
            assert!(
                (2.0..=600.0).contains(&height_m) && storeys >= 1.0,
                "{attributes:?}"
            );
        }
    }
    assert!(seen.len() > 1000, "{} buildings", seen.len());
}

#[test]
fn the_whole_city_is_as_large_as_it_is_said_to_be() {
    let city = City::plan(1, Domain::FULL, &|_| {});
    assert!(city.buildings.len() >= 24_000, "{}", city.buildings.len());
    let cells = city.terrain.domain.cells();
    let peak_m = (0..=cells)
        .flat_map(|row| (0..=cells).map(move |column| (column, row)))
        .map(|(column, row)| city.terrain.height_at(column, row))
        .fold(0.0, f64::max);
    assert!((480.0..=600.0).contains(&peak_m), "{peak_m} m");
    let uses: BTreeSet<_> = city
        .buildings
        .iter()
        .map(|building| format!("{:?}", building.usage))
        .collect();
    assert!(uses.len() >= 9, "{uses:?}");
    assert!(!city.stations.is_empty() && !city.ferries.is_empty() && !city.villages.is_empty());

    let sensors = city_tiler::sensors::of_city(&city);
    assert!(sensors.len() >= 5000, "{} sensors", sensors.len());
    let names: BTreeSet<_> = sensors.iter().map(|site| site.name.as_str()).collect();
    assert_eq!(names.len(), sensors.len());
    let areas: BTreeSet<_> = sensors.iter().map(|site| site.area).collect();
    assert_eq!(areas.len(), 6, "{areas:?}");
}
