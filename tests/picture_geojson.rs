//! Pictures of a GeoJSON layer: what it draws is where it should be, and can be picked there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use belvedere::app::QualityChoice;
use belvedere::clock::SimClock;
use belvedere::geojson::{OpenGeoJson, VectorLayer, VectorSource, VectorTotals};
use belvedere::headless::Headless;
use belvedere::picking::{PickRequest, Selection};
use belvedere::render::{CityMesh, LineSet, Placement, Shown, Style};
use bevy::ecs::entity::Entity;
use bevy::ecs::query::With;
use city_tiles::metadata::PropertyValue;
use city_tiles::vector::VectorStyle;
use glam::DMat4;

const SIZE: [u32; 2] = [640, 480];

/// A red point, a green line, a blue box of 60 m, and a yellow square on the ground, around 10°E 50°N.
const THINGS: &str = r##"{"type":"FeatureCollection","attribution":"Test survey","features":[
 {"type":"Feature","id":"p","geometry":{"type":"Point","coordinates":[9.9985,50.0005]},
  "properties":{"name":"Post","marker-color":"#ff0000"}},
 {"type":"Feature","id":"l","geometry":{"type":"LineString","coordinates":[[9.9975,49.9992],[10.0025,49.9992]]},
  "properties":{"name":"Path","stroke":"#00ff00","stroke-width":6}},
 {"type":"Feature","id":"b","geometry":{"type":"Polygon","coordinates":[[[10.0005,50.0003],[10.0015,50.0003],[10.0015,50.0008],[10.0005,50.0008],[10.0005,50.0003]]]},
  "properties":{"name":"Block","fill":"#0000ff","height":60}},
 {"type":"Feature","id":"s","geometry":{"type":"Polygon","coordinates":[[[9.9984,49.9996],[9.9996,49.9996],[9.9996,50.0001],[9.9984,50.0001],[9.9984,49.9996]]]},
  "properties":{"name":"Square","fill":"#ffff00","fill-opacity":1,"stroke":"#ffff00","height":0}},
 {"type":"Feature","id":"x","geometry":{"type":"Point","coordinates":[999,50]},"properties":{}}
]}"##;

fn open(json: &str, folder: &std::path::Path) -> (Headless, Entity) {
    let path = folder.join("things.geojson");
    std::fs::write(&path, json).unwrap();
    let mut headless = Headless::new(SIZE, QualityChoice::Lean).unwrap();
    let noon = city_time::SimInstant::parse_rfc3339("2026-06-21T11:20:00Z").unwrap();
    headless.app.insert_resource(SimClock::standing_at(noon));
    let source = VectorSource {
        style: VectorStyle {
            extrude_by: Some("height".into()),
            point_size_px: 14.0,
            ..VectorStyle::default()
        },
        ..VectorSource::of(&path.to_string_lossy())
    };
    headless.app.world_mut().write_message(OpenGeoJson {
        source,
        of_scene: false,
    });
    headless.frame().unwrap();
    headless.settle(Duration::from_secs(20)).unwrap();
    let world = headless.app.world_mut();
    let layer = world
        .query_filtered::<Entity, With<VectorLayer>>()
        .single(world)
        .unwrap();
    (headless, layer)
}

/// Where a place is on the picture: the place in degrees, and metres above the ground there.
fn pixel(headless: &Headless, lon: f64, lat: f64, up_m: f64) -> [f64; 2] {
    let frame = *headless
        .app
        .world()
        .resource::<belvedere::frame::SceneFrame>();
    let p = frame.local(city_geo::Geodetic::from_degrees(lon, lat, up_m));
    let view = headless.view();
    let rel = p - view.position;
    let depth = rel.dot(view.forward);
    let scale = f64::from(SIZE[1]) * 0.5 / (view.fov_y_rad * 0.5).tan();
    [
        f64::from(SIZE[0]) * 0.5 + rel.dot(view.right()) / depth * scale,
        f64::from(SIZE[1]) * 0.5 - rel.dot(view.up) / depth * scale,
    ]
}

fn color(picture: &image::RgbaImage, [x, y]: [f64; 2]) -> [u8; 4] {
    picture.get_pixel(x as u32, y as u32).0
}

fn click(headless: &mut Headless, at_px: [f64; 2]) -> Option<(Entity, u32)> {
    headless.app.world_mut().write_message(PickRequest {
        at_px,
        viewport_px: SIZE.map(f64::from),
        add: false,
    });
    headless.frame().unwrap();
    match headless.app.world().resource::<Selection>() {
        Selection::Feature { mesh, feature, .. } => Some((*mesh, *feature)),
        _ => None,
    }
}

#[test]
fn a_layer_opened_alone_is_framed_drawn_and_picked() {
    let folder = tempfile::tempdir().unwrap();
    let (mut headless, layer) = open(THINGS, folder.path());
    let picture = headless.picture().unwrap();
    let post = pixel(&headless, 9.9985, 50.0005, 0.5);
    let path = pixel(&headless, 10.0, 49.9992, 0.5);
    let roof = pixel(&headless, 10.001, 50.000_55, 60.0);
    let wall = pixel(&headless, 10.001, 50.0003, 30.0);
    let square = pixel(&headless, 9.999, 49.999_85, 0.3);
    let [r, g, b, _] = color(&picture, post);
    assert!(r > 200 && g < 60 && b < 60, "point: {r} {g} {b}");
    let [r, g, b, _] = color(&picture, path);
    assert!(g > 200 && r < 60 && b < 60, "line: {r} {g} {b}");
    let [r, g, b, _] = color(&picture, roof);
    assert!(b > 80 && b > 2 * r && b > 2 * g, "roof: {r} {g} {b}");
    let [r, g, b, _] = color(&picture, wall);
    assert!(b > 40 && b > 2 * r && b > 2 * g, "wall: {r} {g} {b}");
    let [r, g, b, _] = color(&picture, square);
    assert!(r > 150 && g > 150 && b < 80, "square: {r} {g} {b}");

    for (at, feature, name) in [
        (post, 0, "Post"),
        (path, 1, "Path"),
        (roof, 2, "Block"),
        (wall, 2, "Block"),
        (square, 3, "Square"),
    ] {
        assert_eq!(click(&mut headless, at), Some((layer, feature)), "{name}");
        let world = headless.app.world();
        let mesh = world.get::<CityMesh>(layer).unwrap();
        let found = mesh.0.features.lookup(feature, "name");
        assert_eq!(found, Some(PropertyValue::String(name.into())));
        let vector = world.get::<VectorLayer>(layer).unwrap();
        let title = vector.title(&mesh.0.features, feature);
        assert_eq!(title.as_deref(), Some(name));
    }
    // The selected square is outlined and tinted.
    headless.frame().unwrap();
    let [r, g, b, _] = color(&headless.picture().unwrap(), square);
    assert!(b > 120, "selected: {r} {g} {b}");
    let empty = pixel(&headless, 9.9999, 50.0006, 0.0);
    assert_eq!(click(&mut headless, empty), None);

    // What is wrong with the fifth feature is told; the credit is there while the layer is.
    let notices = headless
        .app
        .world()
        .resource::<belvedere::notices::Notices>();
    assert!(
        notices
            .list()
            .iter()
            .any(|n| n.text.contains("feature 4 (id x)") && n.text.contains("999")),
        "{:?}",
        notices.list()
    );
    let credits = |headless: &Headless| {
        headless
            .app
            .world()
            .resource::<VectorTotals>()
            .credits
            .clone()
    };
    assert_eq!(credits(&headless), ["Test survey"]);
    headless
        .app
        .world_mut()
        .get_mut::<VectorLayer>(layer)
        .unwrap()
        .visible = false;
    headless.frame().unwrap();
    headless.frame().unwrap();
    assert!(credits(&headless).is_empty());
    let hidden = headless.picture().unwrap();
    for at in [post, path, roof, square] {
        let [r, g, b, _] = color(&hidden, at);
        let spread = r.max(g).max(b) - r.min(g).min(b);
        assert!(spread < 60, "still there: {r} {g} {b}");
    }
    assert_eq!(click(&mut headless, square), None);
}

/// Terrain that rises below a layer lifts it, without opening it again.
#[test]
fn a_layer_is_laid_on_terrain_that_comes_later() {
    use city_tiles::prepared::{
        PreparedMaterial, PreparedPrimitive, PreparedTile, SurfaceClass, Topology, Vertex,
    };

    let folder = tempfile::tempdir().unwrap();
    let (mut headless, layer) = open(THINGS, folder.path());
    let height = |headless: &Headless| {
        let lines = headless.app.world().get::<LineSet>(layer).unwrap();
        let post = lines.segments.iter().find(|s| s.a == s.b).unwrap();
        lines.origin.z + f64::from(post.a[2])
    };
    assert!((-1.0..2.0).contains(&height(&headless)));
    let corners = [[-2e3, -2e3], [2e3, -2e3], [2e3, 2e3], [-2e3, 2e3]];
    let hill = PreparedTile {
        primitives: vec![PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: corners
                .iter()
                .map(|[x, y]: &[f64; 2]| Vertex {
                    position: [*x as f32, *y as f32, 80.0],
                    normal: [0, 0, 127, 0],
                    color: [255; 4],
                    uv: [0.0; 2],
                    feature: u32::MAX,
                })
                .collect(),
            indices: vec![0, 1, 2, 0, 2, 3],
            material: 0,
            has_normals: true,
        }],
        materials: vec![PreparedMaterial {
            class: SurfaceClass::Terrain,
            ..PreparedMaterial::default()
        }],
        ..PreparedTile::default()
    };
    headless.app.world_mut().spawn((
        CityMesh::new(hill),
        Placement {
            local_from_mesh: DMat4::IDENTITY,
        },
        Shown(true),
        Style::default(),
    ));
    headless.frame().unwrap();
    headless.settle(Duration::from_secs(20)).unwrap();
    assert!(
        (height(&headless) - 80.5).abs() < 0.1,
        "{}",
        height(&headless)
    );
    let placement = headless.app.world().get::<Placement>(layer).unwrap();
    assert!(placement.local_from_mesh.w_axis.z.abs() < 1.0);
}
