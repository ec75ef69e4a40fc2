//! GeoJSON: seeds, and what must hold for whatever comes of any bytes.

use city_tiles::formats::geojson::{is_geojson, read};
use city_tiles::formats::{DecodeOptions, decode};
use city_tiles::prepared::PreparedTile;
use city_tiles::vector::{Anchors, ColorBy, Ground, Palette, VectorStyle, dress, looks};
use glam::DMat4;

/// Every geometry, styles, good and bad features.
pub fn geojson() -> Vec<Vec<u8>> {
    let mixed = r##"{"type":"FeatureCollection","name":"n","attribution":"a","features":[
{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[114.1,22.3,5]},"properties":{"h":3,"marker-color":"#f00"}},
{"type":"Feature","geometry":{"type":"LineString","coordinates":[[179.9,1],[-179.9,1.1]]},"properties":{"stroke":"#00ff00","stroke-width":4,"k":"x"}},
{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[0.01,0],[0.01,0.01],[0,0.01],[0,0]],[[0.002,0.002],[0.004,0.002],[0.004,0.004],[0.002,0.002]]]},"properties":{"h":"12.5 m","b":1}},
{"type":"Feature","geometry":null,"properties":null},
{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[{"type":"MultiPoint","coordinates":[[1,2],[3,4]]},{"type":"MultiLineString","coordinates":[[[1,2],[1.001,2]]]}]},"properties":{"o":{"a":[1,null,true]}}}]}"##;
    let multi = r#"{"type":"MultiPolygon","coordinates":[[[[-180,-90],[180,-90],[180,-85],[-180,-85],[-180,-90]]],[[[1,1],[1,1.001],[1.001,1],[1,1]]]]}"#;
    let single = r#"{"type":"Feature","properties":{"a":1e300},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}}"#;
    [mixed, multi, single]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
}

/// Reads, decodes and dresses under small limits.
pub fn hold(bytes: &[u8]) {
    let options = DecodeOptions {
        max_bytes: 1 << 20,
        max_vertices: 1 << 16,
        max_features: 1 << 10,
        ..DecodeOptions::default()
    };
    match read(bytes, "fuzz/a.geojson", &options) {
        Err(e) => assert!(e.to_string().starts_with("fuzz/a.geojson: ") && !e.place.is_empty()),
        Ok(collection) => assert!(collection.faults.len() <= collection.faults_count),
    }
    if !is_geojson(bytes) {
        return;
    }
    let Ok(tile) = decode(bytes, "fuzz/a.geojson", &|_| None, &options) else {
        return;
    };
    for primitive in &tile.primitives {
        let count = primitive.vertices.len();
        assert!(primitive.indices.iter().all(|i| (*i as usize) < count));
        for vertex in &primitive.vertices {
            assert!(vertex.position.iter().all(|number| number.is_finite()));
            assert!(vertex.feature < tile.features.len());
        }
    }
    assert!(PreparedTile::from_bytes(&tile.to_bytes()).is_ok());
    let style = VectorStyle {
        extrude_by: Some("h".into()),
        base_by: Some("b".into()),
        color_by: Some(ColorBy {
            property: "k".into(),
            map: "cividis".into(),
            range: None,
            categories: false,
        }),
        ..VectorStyle::default()
    };
    let palette = Palette {
        map: &|_, t| {
            assert!((0.0..=1.0).contains(&t));
            [0; 3]
        },
        category: &|_| [1; 3],
    };
    let looks = looks(&tile.features, &style, palette);
    let anchors = Anchors::new(&tile, DMat4::IDENTITY);
    let field = anchors.field(&tile);
    let ground = Ground {
        field: &field,
        default_m: 0.0,
    };
    let dressed = dress(&tile, &anchors, &looks.features, ground);
    for primitive in &dressed.mesh.primitives {
        let count = primitive.vertices.len();
        assert!(primitive.indices.iter().all(|i| (*i as usize) < count));
    }
    for stroke in &dressed.strokes {
        assert!(stroke.a.iter().chain(&stroke.b).all(|c| c.is_finite()));
        assert!(stroke.width_px >= 0.0);
    }
}
