use std::fmt::Write;

use city_geo::geodetic_from_ecef;
use glam::{DVec3, Vec3};
use proptest::prelude::*;

use super::*;
use crate::formats::{DecodeErrorKind, DecodeOptions, decode};
use crate::metadata::PropertyValue;
use crate::prepared::{PreparedPrimitive, Topology};

fn tile(json: &str) -> PreparedTile {
    decode(
        json.as_bytes(),
        "a.geojson",
        &|_| None,
        &DecodeOptions::default(),
    )
    .unwrap()
}

fn of(json: &str) -> Collection {
    read(json.as_bytes(), "a.geojson", &DecodeOptions::default()).unwrap()
}

fn fault(geometry: &str) -> FeatureFault {
    let json = format!(
        r#"{{"type":"FeatureCollection","features":[
            {{"type":"Feature","geometry":{geometry},"properties":{{}}}},
            {{"type":"Feature","geometry":{{"type":"Point","coordinates":[1,2]}},"properties":null}}]}}"#
    );
    let collection = of(&json);
    assert_eq!(collection.features.len(), 1, "the good one is kept");
    assert_eq!(collection.features[0].index, 1);
    assert_eq!(collection.faults[0].index, 0);
    let warnings = tile(&json).warnings;
    assert!(warnings[0].starts_with("feature 0: "), "{warnings:?}");
    collection.faults[0].fault.clone()
}

fn primitive(tile: &PreparedTile, kind: u32) -> &PreparedPrimitive {
    tile.primitives.iter().find(|p| p.material == kind).unwrap()
}

/// Square metres of the fill on the ellipsoid, and whether every triangle faces up.
fn area_m2(tile: &PreparedTile) -> f64 {
    let fill = primitive(tile, FILL);
    fill.indices
        .chunks_exact(3)
        .map(|t| {
            let [a, b, c] = [t[0], t[1], t[2]]
                .map(|i| Vec3::from(fill.vertices[i as usize].position).as_dvec3());
            let normal = (b - a).cross(c - a) * 0.5;
            let up = (tile.origin + a).normalize();
            // At a pole, triangles of no width are left to rounding.
            let longest = (b - a).length().max((c - a).length());
            if normal.length() > 1e-4 * longest * longest {
                assert!(normal.dot(up) > 0.0, "a triangle faces down");
            }
            normal.length()
        })
        .sum()
}

#[test]
fn every_kind_of_geometry_arrives_where_it_belongs() {
    let json = r#"{"type":"FeatureCollection","name":"Things","attribution":"A city","features":[
        {"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[114.17,22.28,55]},"properties":{"a":1}},
        {"type":"Feature","geometry":{"type":"MultiPoint","coordinates":[[114.17,22.28],[114.18,22.28]]},"properties":{"a":"x"}},
        {"type":"Feature","geometry":{"type":"LineString","coordinates":[[114.17,22.28],[114.171,22.28]]},"properties":{"b":2.5}},
        {"type":"Feature","geometry":{"type":"Polygon","coordinates":[
            [[114.17,22.28],[114.18,22.28],[114.18,22.29],[114.17,22.29],[114.17,22.28]],
            [[114.174,22.284],[114.176,22.284],[114.176,22.286],[114.174,22.286],[114.174,22.284]]]},"properties":null},
        {"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[
            {"type":"Point","coordinates":[114.17,22.28]}]},"properties":{"b":null}}]}"#;
    let tile = tile(json);
    assert_eq!(tile.warnings, Vec::<String>::new());
    assert_eq!(tile.copyright, ["A city"]);
    assert_eq!(tile.features.len(), 5);
    assert_eq!(tile.features.tables[0].name.as_deref(), Some("Things"));
    assert_eq!(tile.features.lookup(0, "a"), Some(PropertyValue::I64(1)));
    assert_eq!(
        tile.features.lookup(0, "id"),
        Some(PropertyValue::String("7".into()))
    );
    assert_eq!(
        tile.features.lookup(1, "a"),
        Some(PropertyValue::String("x".into()))
    );
    assert_eq!(tile.features.lookup(2, "a"), Some(PropertyValue::NoData));
    assert_eq!(tile.features.lookup(2, "b"), Some(PropertyValue::F64(2.5)));
    let points = primitive(&tile, POINT);
    assert_eq!(points.topology, Topology::Points);
    assert_eq!(
        points
            .vertices
            .iter()
            .map(|v| v.feature)
            .collect::<Vec<_>>(),
        [0, 1, 1, 4]
    );
    let place =
        geodetic_from_ecef(tile.origin + Vec3::from(points.vertices[0].position).as_dvec3());
    assert!((place.lon_deg() - 114.17).abs() < 1e-8 && (place.lat_deg() - 22.28).abs() < 1e-8);
    assert!(place.height_m.abs() < 1e-2, "the third number is not taken");
    // A hundredth of a degree there is 1030 m by 1107 m; the hole takes a 25th.
    let area = area_m2(&tile);
    assert!(
        (area / (1030.4 * 1107.4 * 0.96) - 1.0).abs() < 2e-3,
        "{area}"
    );
    // Cut finer than its corners, and the rings with it, in the same places.
    let (fill, ring) = (primitive(&tile, FILL), primitive(&tile, RING));
    assert!(fill.vertices.len() > 500 && ring.vertices.len() > 100);
    let on_fill: std::collections::HashSet<[i32; 3]> = fill
        .vertices
        .iter()
        .map(|v| v.position.map(|c| (c * 10.0).round() as i32))
        .collect();
    let missing = ring
        .vertices
        .iter()
        .filter(|v| !on_fill.contains(&v.position.map(|c| (c * 10.0).round() as i32)))
        .count();
    assert!(
        missing * 20 < ring.vertices.len(),
        "{missing} ring vertices stand alone"
    );
    let again = PreparedTile::from_bytes(&tile.to_bytes()).unwrap();
    assert_eq!(again, tile, "it travels from the worker unchanged");
}

#[test]
fn bad_features_are_named_and_the_others_kept() {
    use FeatureFault as F;
    assert_eq!(fault("null"), F::NoGeometry);
    assert_eq!(
        fault(r#"{"type":"MultiPoint","coordinates":[]}"#),
        F::Empty("MultiPoint")
    );
    assert_eq!(
        fault(r#"{"type":"Polygon","coordinates":[]}"#),
        F::Empty("Polygon")
    );
    assert_eq!(
        fault(r#"{"type":"LineString","coordinates":[]}"#),
        F::Empty("LineString")
    );
    assert_eq!(
        fault(r#"{"type":"LineString","coordinates":[[1,1],[1,1]]}"#),
        F::ShortLine
    );
    assert_eq!(
        fault(r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}"#),
        F::OpenRing(0)
    );
    assert_eq!(
        fault(r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}"#),
        F::ShortRing(3)
    );
    assert_eq!(
        fault(r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[2,2],[0,0]]]}"#),
        F::FlatRing(0)
    );
    assert_eq!(
        fault(r#"{"type":"Point","coordinates":[834567.0,818000.0]}"#),
        F::Longitude(834_567.0)
    );
    assert_eq!(
        fault(r#"{"type":"Point","coordinates":[22.28,114.17]}"#),
        F::Latitude(114.17)
    );
    for malformed in [
        r#"{"type":"Circle","coordinates":[1,2]}"#,
        r#"{"type":"Point","coordinates":["1","2"]}"#,
        r#"{"type":"Point","coordinates":[null,2]}"#,
        r#"{"type":"Point","coordinates":[1]}"#,
        r#"{"type":"Point"}"#,
        r#"{"coordinates":[1,2]}"#,
        "7",
    ] {
        assert!(
            matches!(fault(malformed), F::Malformed(_) | F::ShortPosition(_)),
            "{malformed}"
        );
    }
    let mut nested = r#"{"type":"Point","coordinates":[1,2]}"#.to_owned();
    for _ in 0..MAX_DEPTH + 1 {
        nested = format!(r#"{{"type":"GeometryCollection","geometries":[{nested}]}}"#);
    }
    assert_eq!(fault(&nested), F::TooDeep(MAX_DEPTH));
    let mut huge = r#"{"type":"Polygon","coordinates":[["#.to_owned();
    for i in 0..MAX_POLYGON_POSITIONS {
        let _ = write!(huge, "[{},{}],", i % 170, i / 2000);
    }
    huge.push_str("[0,0]]]}");
    assert_eq!(
        fault(&huge),
        F::TooLarge {
            found: MAX_POLYGON_POSITIONS + 1,
            limit: MAX_POLYGON_POSITIONS
        }
    );
}

#[test]
fn many_bad_features_are_counted() {
    let bad = r#"{"type":"Feature","geometry":null,"properties":{}}"#;
    let list = vec![bad; MAX_FAULTS_TOLD + 5].join(",");
    let warnings = tile(&format!(
        r#"{{"type":"FeatureCollection","features":[{list}]}}"#
    ))
    .warnings;
    assert_eq!(warnings.len(), MAX_FAULTS_TOLD + 1);
    assert_eq!(warnings.last().unwrap(), "5 more features are left out");
}

#[test]
fn files_that_are_none_say_why() {
    let kind = |text: &str| {
        let error = read(text.as_bytes(), "b.geojson", &DecodeOptions::default()).unwrap_err();
        assert!(error.to_string().starts_with("b.geojson: "), "{error}");
        error.kind
    };
    let json = |text: &str| match kind(text) {
        DecodeErrorKind::Json(why) => why,
        other => panic!("{other:?}"),
    };
    assert!(json(r#"{"type":"FeatureCollection","features":[{"#).contains("line 1 column"));
    assert!(json(r#"{"type":"Point","coordinates":[NaN,1]}"#).contains("line 1 column"));
    assert!(json(r#"{"type":"Point","coordinates":[1e999,1]}"#).contains("out of range"));
    assert!(json("[]").contains("a GeoJSON object"));
    assert!(json(&"[".repeat(100_000)).contains("line 1"));
    let deep = format!(r#"{{"type":"Point","coordinates":{}"#, "[".repeat(100_000));
    assert!(json(&deep).contains("recursion limit"));
    assert!(matches!(
        kind(r#"{"type":"Topology"}"#),
        DecodeErrorKind::Invalid(_)
    ));
    assert!(matches!(kind("{}"), DecodeErrorKind::Invalid(_)));
    let other = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":
        {"name":"urn:ogc:def:crs:EPSG::2326"}},"features":[]}"#;
    match kind(other) {
        DecodeErrorKind::Invalid(why) => assert!(why.contains("EPSG::2326"), "{why}"),
        other => panic!("{other:?}"),
    }
    let known = other.replace("EPSG::2326", "OGC:1.3:CRS84");
    assert_eq!(of(&known).features.len(), 0);
}

#[test]
fn limits_hold() {
    let two = r#"{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}"#;
    for options in [
        DecodeOptions {
            max_bytes: 10,
            ..Default::default()
        },
        DecodeOptions {
            max_vertices: 1,
            ..Default::default()
        },
        DecodeOptions {
            max_features: 0,
            ..Default::default()
        },
    ] {
        let error = read(two.as_bytes(), "a", &options).unwrap_err();
        assert!(
            matches!(error.kind, DecodeErrorKind::Limit { .. }),
            "{error}"
        );
    }
    let row = |i: usize| {
        format!(
            r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[1,2]}},"properties":{{"p{i}":1}}}}"#
        )
    };
    let rows: Vec<String> = (0..MAX_PROPERTIES + 3).map(row).collect();
    let tile = tile(&format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        rows.join(",")
    ));
    assert_eq!(tile.features.tables[0].columns.len(), MAX_PROPERTIES);
    assert!(
        tile.warnings[0].starts_with("3 values"),
        "{:?}",
        tile.warnings
    );
}

#[test]
fn the_antimeridian_is_crossed_the_short_way() {
    let json = r#"{"type":"Polygon","coordinates":[[[179,-17],[-179,-17],[-179,-16],[179,-16],[179,-17]]]}"#;
    let tile = tile(json);
    let area = area_m2(&tile);
    assert!(
        (area / (2.0 * 106_600.0 * 110_650.0) - 1.0).abs() < 0.01,
        "{area}"
    );
    let middle = geodetic_from_ecef(tile.origin);
    assert!((middle.lon_deg().abs() - 180.0).abs() < 1e-9);
    let line = self::tile(r#"{"type":"LineString","coordinates":[[170,0],[-170,0]]}"#);
    let ring = primitive(&line, LINE);
    for vertex in &ring.vertices {
        let lon =
            geodetic_from_ecef(line.origin + Vec3::from(vertex.position).as_dvec3()).lon_deg();
        assert!(lon.abs() > 169.99, "{lon}");
    }
    // Around a pole a ring turns once and does not close; as written in the file it does.
    let pole = r#"{"type":"Polygon","coordinates":[[[-180,-90],[180,-90],[180,-80],[0,-78],[-180,-80],[-180,-90]]]}"#;
    assert!(area_m2(&self::tile(pole)) > 3e12);
}

#[test]
fn large_polygons_follow_the_curve_of_the_earth() {
    let tile = tile(r#"{"type":"Polygon","coordinates":[[[0,40],[20,40],[20,55],[0,55],[0,40]]]}"#);
    let fill = primitive(&tile, FILL);
    for corner in fill.indices.chunks_exact(3) {
        let sum: DVec3 = corner
            .iter()
            .map(|i| tile.origin + Vec3::from(fill.vertices[*i as usize].position).as_dvec3())
            .sum();
        let height_m = geodetic_from_ecef(sum / 3.0).height_m;
        assert!(height_m > -400.0, "{height_m}");
    }
}

#[test]
fn sniffing_tells_it_from_other_json() {
    for (text, is) in [
        (r#"{"type":"FeatureCollection"}"#, true),
        ("\u{feff} { \"name\" : 1, \"type\" :\n\"Polygon\" }", true),
        (r#"{"features":[{"type":"Feature"}]}"#, true),
        (
            r#"{"asset":{"version":"2.0"},"accessors":[{"type":"VEC3"}]}"#,
            false,
        ),
        (r#"{"asset":{"version":"1.1"},"root":{}}"#, false),
        (r#"["type":"Feature"]"#, false),
        ("", false),
    ] {
        assert_eq!(is_geojson(text.as_bytes()), is, "{text}");
    }
}

/// A simple ring around a middle: a star with as many corners as radii.
fn star(lon: f64, lat: f64, radii_deg: &[f64]) -> String {
    let mut corners: Vec<String> = radii_deg
        .iter()
        .enumerate()
        .map(|(i, r)| {
            let angle = i as f64 / radii_deg.len() as f64 * std::f64::consts::TAU;
            let mut x = lon + r * angle.cos();
            if x > 180.0 {
                x -= 360.0;
            }
            format!("[{x},{}]", lat + r * angle.sin())
        })
        .collect();
    corners.push(corners[0].clone());
    format!(
        r#"{{"type":"Polygon","coordinates":[[{}]]}}"#,
        corners.join(",")
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever its place and shape, a star's triangles cover its area and face up.
    #[test]
    fn stars_are_covered(
        lon in -180.0..180.0f64,
        lat in -60.0..60.0f64,
        radii in prop::collection::vec(0.001..0.2f64, 5..40),
    ) {
        let sine = (std::f64::consts::TAU / radii.len() as f64).sin();
        let flat: f64 = (0..radii.len())
            .map(|i| radii[i] * radii[(i + 1) % radii.len()] * sine * 0.5)
            .sum();
        let json = star(if lon < -179.0 { lon + 2.0 } else { lon }, lat, &radii);
        let area = area_m2(&tile(&json));
        let expected = flat * 111_320.0 * 111_320.0 * lat.to_radians().cos();
        prop_assert!((area / expected - 1.0).abs() < 0.03, "{area} for {expected}");
    }

    /// Nothing panics, every index holds, every number is finite.
    #[test]
    fn hostile_text_is_answered(text in r#"(\{"type":"(Point|Polygon|LineString|Feature)","(coordinates|geometry)":[\[\]{},:"0-9a-z.-]{0,60})"#) {
        let _ = decode(text.as_bytes(), "a", &|_| None, &DecodeOptions::default());
    }
}
