//! A real city: node matrices that cancel the turn to z up, feature IDs, building ids and heights.

use crate::samples;
use city_geo::{DVec3, geodetic_from_ecef};
use city_tiles::metadata::PropertyValue;
use city_tiles::prepared::{NO_FEATURE, PreparedTile};

/// `root.transform` of the tileset: a translation.
const ECEF_FROM_TILE: DVec3 = DVec3::new(3_919_786.0, 386_316.531_25, 4_999_819.5);

/// Lowest and highest vertex above the ellipsoid, metres.
fn heights(tile: &PreparedTile) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for vertex in tile.primitives.iter().flat_map(|p| &p.vertices) {
        let position = DVec3::from(vertex.position.map(f64::from));
        let height = geodetic_from_ecef(ECEF_FROM_TILE + tile.origin + position).height_m;
        low = low.min(height);
        high = high.max(height);
    }
    (low, high)
}

#[test]
fn all_contents_stand_on_the_ground() {
    let Some(folder) = samples::folder("bertt__wageningen/7-624-528/content") else {
        return;
    };
    let files = samples::files(&folder, &["glb"]);
    assert_eq!(files.len(), 13);
    let (mut triangles, mut features) = (0, 0);
    for file in &files {
        let tile = samples::decode_file(file).unwrap();
        let (low, high) = heights(&tile);
        let name = file.file_name().unwrap().to_str().unwrap();
        println!(
            "{name}: {low:.1} to {high:.1} m, {} triangles, {} features",
            tile.triangles(),
            tile.features.len()
        );
        // Ground 10 m + geoid 43 m; skipping the node's matrix scatters heights from -1051 to 388 m.
        assert!(low > 40.0 && low < 60.0, "{name}: lowest {low}");
        assert!(high > 55.0 && high < 130.0, "{name}: highest {high}");
        assert!(tile.warnings.is_empty(), "{name}: {:?}", tile.warnings);
        assert_eq!(
            tile.primitives.len(),
            1,
            "{name}: one material, one primitive"
        );
        triangles += tile.triangles();
        features += tile.features.len();
    }
    assert!(
        triangles > 100_000 && features > 2_000,
        "{triangles} triangles, {features} features"
    );
}

#[test]
fn known_good_heights() {
    let Some(folder) = samples::folder("bertt__wageningen/7-624-528/content") else {
        return;
    };
    // Sampled vertices of these two files, placed by other software.
    for (name, lowest, highest) in [("1_0_0.glb", 49.3, 65.5), ("4_12_13.glb", 51.1, 64.9)] {
        let (low, high) = heights(&samples::decode_file(&folder.join(name)).unwrap());
        assert!((low - lowest).abs() < 0.1, "{name}: lowest {low}");
        // A sample may miss the one tower.
        assert!(high > highest - 0.1, "{name}: highest {high}");
    }
    let tile = samples::decode_file(&folder.join("4_12_13.glb")).unwrap();
    assert!((heights(&tile).1 - 64.9).abs() < 0.1);
}

/// The attribute and the geometry say the same: each building is as high as its `max_height` says.
#[test]
fn geometry_agrees_with_the_height_attribute() {
    let Some(folder) = samples::folder("bertt__wageningen/7-624-528/content") else {
        return;
    };
    let tile = samples::decode_file(&folder.join("1_0_0.glb")).unwrap();
    let up = city_geo::surface_normal(ECEF_FROM_TILE + tile.origin);
    let mut spans = vec![(f64::INFINITY, f64::NEG_INFINITY); tile.features.len() as usize];
    for vertex in tile.primitives.iter().flat_map(|p| &p.vertices) {
        let height = DVec3::from(vertex.position.map(f64::from)).dot(up);
        let span = &mut spans[vertex.feature as usize];
        *span = (span.0.min(height), span.1.max(height));
    }
    let mut close = 0;
    for (feature, (low, high)) in spans.iter().enumerate() {
        let said = tile
            .features
            .lookup(feature as u32, "max_height")
            .and_then(|h| h.as_f64());
        println!("{feature}: {:.2} m of geometry, {said:?} said", high - low);
        close += usize::from((high - low - said.unwrap()).abs() < 0.5);
    }
    assert!(close > 190, "only {close} of {} agree", spans.len());
}

#[test]
fn buildings_have_ids_and_heights() {
    let Some(folder) = samples::folder("bertt__wageningen/7-624-528/content") else {
        return;
    };
    let tile = samples::decode_file(&folder.join("1_0_0.glb")).unwrap();
    assert_eq!(tile.features.len(), 212);
    let vertices = || tile.primitives.iter().flat_map(|p| &p.vertices);
    assert!(
        vertices().all(|v| v.feature < 212),
        "every vertex has a building"
    );
    for feature in 0..212 {
        let id = tile.features.lookup(feature, "identificatie");
        let Some(PropertyValue::String(id)) = id else {
            panic!("{feature}: {id:?}")
        };
        assert!(id.starts_with("NL.IMBAG.Pand."), "{feature}: {id}");
        let height = tile
            .features
            .lookup(feature, "max_height")
            .and_then(|h| h.as_f64())
            .unwrap();
        assert!((0.0..100.0).contains(&height), "{feature}: {height} m");
    }
    // The attribute agrees with the geometry: the tallest building's roof is the highest, to some metres of ground.
    let properties = tile.features.properties(0);
    assert_eq!(properties.len(), 2);
    assert_eq!(properties[0].name, "identificatie");
    assert!(
        tile.features.properties(212).is_empty() && tile.features.properties(NO_FEATURE).is_empty()
    );
}
