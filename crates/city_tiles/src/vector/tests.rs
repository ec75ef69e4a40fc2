use city_geo::{Geodetic, LocalFrame};
use glam::{DMat4, DVec2, DVec3, Vec3};
use proptest::prelude::*;

use super::*;
use crate::formats::{DecodeOptions, decode};
use crate::prepared::{
    PreparedMaterial, PreparedPrimitive, PreparedTile, SurfaceClass, Topology, Vertex,
};

fn tile(json: &str) -> PreparedTile {
    decode(json.as_bytes(), "a", &|_| None, &DecodeOptions::default()).unwrap()
}

fn collection(features: &[(&str, &str)]) -> PreparedTile {
    let features: Vec<String> = features
        .iter()
        .map(|(geometry, properties)| {
            format!(r#"{{"type":"Feature","geometry":{geometry},"properties":{properties}}}"#)
        })
        .collect();
    tile(&format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    ))
}

const POINT: &str = r#"{"type":"Point","coordinates":[10,50]}"#;
/// About 71 m by 111 m.
const SQUARE: &str = r#"{"type":"Polygon","coordinates":[[[10,50],[10.001,50],[10.001,50.001],[10,50.001],[10,50]]]}"#;

const PALETTE: Palette<'_> = Palette {
    map: &|_, t| [(t * 255.0).round() as u8, 0, 0],
    category: &|index| [index as u8, 1, 2],
};

fn local() -> DMat4 {
    LocalFrame::enu(Geodetic::from_degrees(10.0, 50.0, 0.0)).local_from_ecef()
}

/// A sloping ground: two triangles over two kilometres, in the local frame.
fn slope(class: SurfaceClass, height: impl Fn(f64, f64) -> f64) -> PreparedTile {
    let corners = [(-1e3, -1e3), (1e3, -1e3), (1e3, 1e3), (-1e3, 1e3)];
    PreparedTile {
        primitives: vec![PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: corners
                .iter()
                .map(|(x, y)| Vertex {
                    position: [*x as f32, *y as f32, height(*x, *y) as f32],
                    normal: [0, 0, 127, 0],
                    color: [255; 4],
                    uv: [0.0; 2],
                    feature: 0,
                })
                .collect(),
            indices: vec![0, 1, 2, 0, 2, 3],
            material: 0,
            has_normals: true,
        }],
        materials: vec![PreparedMaterial {
            class,
            ..Default::default()
        }],
        ..Default::default()
    }
}

#[test]
fn colors_are_read_as_simplestyle_writes_them() {
    assert_eq!(parse_color("#4FA3ff"), Some([0x4f, 0xa3, 0xff]));
    assert_eq!(parse_color("f0a"), Some([0xff, 0x00, 0xaa]));
    for bad in [
        "", "#", "#12", "#12345", "#1234567", "red", "#+12345", "#ü00",
    ] {
        assert_eq!(parse_color(bad), None, "{bad}");
    }
    assert_eq!([0, 188, 255].map(linear_of_srgb), [0, 128, 255]);
}

#[test]
fn a_feature_says_how_it_looks() {
    let tile = collection(&[
        (
            POINT,
            r##"{"marker-color":"#ff0000","marker-size":"large"}"##,
        ),
        (
            SQUARE,
            r##"{"fill":"#0f0","fill-opacity":0.25,"stroke":"#00f","stroke-width":5,"stroke-opacity":0.5}"##,
        ),
        (SQUARE, r#"{"fill":7,"fill-opacity":"x","stroke-width":-4}"#),
    ]);
    let style = VectorStyle::default();
    let looks = looks(&tile.features, &style, PALETTE);
    let [a, b, c] = looks.features.as_slice() else {
        panic!()
    };
    assert_eq!((a.point, a.point_px), ([255, 0, 0, 255], 12.0));
    assert_eq!((b.fill, b.stroke), ([0, 255, 0, 64], [0, 0, 255, 128]));
    assert_eq!(b.stroke_px, 5.0);
    // What cannot be read is the layer's; a negative width is none.
    assert_eq!(c.fill, [20, 93, 255, 128]);
    assert_eq!(c.stroke_px, 0.0);
    assert_eq!(looks.warnings, Vec::<String>::new());
}

#[test]
fn colors_by_a_number() {
    let tile = collection(&[
        (POINT, r##"{"n":0,"marker-color":"#00ff00"}"##),
        (POINT, r#"{"n":"50"}"#),
        (POINT, r#"{"n":100}"#),
        (POINT, "{}"),
    ]);
    let mut style = VectorStyle {
        color_by: Some(ColorBy {
            property: "n".into(),
            map: "cividis".into(),
            range: None,
            categories: false,
        }),
        ..Default::default()
    };
    let found = looks(&tile.features, &style, PALETTE);
    assert_eq!(
        found.meaning,
        Meaning::Range {
            map: "cividis".into(),
            low: 0.0,
            high: 100.0
        }
    );
    let red = |index: usize| found.features[index].point[0];
    assert_eq!([red(0), red(1), red(2)], [0, 55, 255]);
    assert_eq!(found.features[0].point[1], 0, "the scene wins");
    assert_eq!(
        found.features[3].point,
        [20, 93, 255, 255],
        "no value, no colour"
    );
    if let Some(by) = &mut style.color_by {
        by.property = "none".into();
    }
    let found = looks(&tile.features, &style, PALETTE);
    assert_eq!(found.meaning, Meaning::None);
    assert!(found.warnings[0].contains("none"));
}

#[test]
fn colors_by_a_text_are_categories() {
    let names = ["b", "a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let rows: Vec<String> = names.iter().map(|n| format!(r#"{{"k":"{n}"}}"#)).collect();
    let tile = collection(&rows.iter().map(|r| (POINT, r.as_str())).collect::<Vec<_>>());
    let style = VectorStyle {
        color_by: Some(ColorBy {
            property: "k".into(),
            map: "cividis".into(),
            range: None,
            categories: false,
        }),
        ..Default::default()
    };
    let Meaning::Categories(legend) = looks(&tile.features, &style, PALETTE).meaning else {
        panic!()
    };
    let shown: Vec<&str> = legend.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(shown, ["b", "a", "c", "d", "e", "f", "g", "+ 2"]);
    assert_eq!((legend[0].1[0], legend[7].1[0]), (0, 7));
}

fn dressed(
    tile: &PreparedTile,
    style: &VectorStyle,
    ground: &[PreparedTile],
) -> (Anchors, Dressed) {
    let anchors = Anchors::new(tile, local());
    let mut field = anchors.field(tile);
    for mesh in ground {
        field.add(mesh, DMat4::IDENTITY);
    }
    let looks = looks(&tile.features, style, PALETTE);
    let made = dress(
        tile,
        &anchors,
        &looks.features,
        Ground {
            field: &field,
            default_m: 7.0,
        },
    );
    (anchors, made)
}

#[test]
fn polygons_lie_on_the_ground_and_lines_with_them() {
    let tile = collection(&[(SQUARE, "{}")]);
    let plane = |x: f64, y: f64| 40.0 + x * 0.1 - y * 0.05;
    let ground = [
        slope(SurfaceClass::Terrain, plane),
        slope(SurfaceClass::Facade, |x, y| plane(x, y) + 30.0),
        slope(SurfaceClass::Vegetation, |x, y| plane(x, y) + 9.0),
    ];
    let (anchors, made) = dressed(&tile, &VectorStyle::default(), &ground);
    let [flat] = made.mesh.primitives.as_slice() else {
        panic!("only a flat one")
    };
    for vertex in &flat.vertices {
        let p = anchors.origin + Vec3::from(vertex.position).as_dvec3();
        assert!((p.z - plane(p.x, p.y) - 0.35).abs() < 0.01, "{p}");
        assert_eq!(vertex.feature, 0);
    }
    assert!(!made.strokes.is_empty());
    for stroke in &made.strokes {
        let p = anchors.origin + Vec3::from(stroke.a).as_dvec3();
        assert!((p.z - plane(p.x, p.y) - 0.5).abs() < 0.01, "{p}");
    }
}

#[test]
fn points_stand_on_roofs_and_without_ground_on_the_default() {
    let tile = collection(&[(POINT, "{}")]);
    let roof = [
        slope(SurfaceClass::Terrain, |_, _| 5.0),
        slope(SurfaceClass::Plain, |_, _| 60.0),
    ];
    let (anchors, made) = dressed(&tile, &VectorStyle::default(), &roof);
    let z = |anchors: &Anchors, made: &Dressed| anchors.origin.z + f64::from(made.strokes[0].a[2]);
    assert!((z(&anchors, &made) - 60.5).abs() < 1e-3);
    assert_eq!(made.strokes[0].a, made.strokes[0].b);
    let (anchors, made) = dressed(&tile, &VectorStyle::default(), &[]);
    assert!((z(&anchors, &made) - 7.5).abs() < 1e-3);
}

#[test]
fn a_height_makes_walls_and_a_roof() {
    let tile = collection(&[
        (SQUARE, r#"{"storeys":10,"from":2}"#),
        (SQUARE, r#"{"storeys":"none"}"#),
    ]);
    let style = VectorStyle {
        extrude_by: Some("storeys".into()),
        base_by: Some("from".into()),
        extrude_scale: 3.0,
        ..Default::default()
    };
    let ground = [slope(SurfaceClass::Terrain, |_, _| 100.0)];
    let (anchors, made) = dressed(&tile, &style, &ground);
    let [flat, solid] = made.mesh.primitives.as_slice() else {
        panic!("one of each")
    };
    assert!(flat.vertices.iter().all(|v| v.feature == 1));
    assert!(solid.vertices.iter().all(|v| v.feature == 0));
    // The six sides enclose 20 storeys' less 2 volume: the divergence theorem, bottom missing.
    let corner = |i: u32| {
        anchors.origin + Vec3::from(solid.vertices[i as usize].position).as_dvec3()
            - DVec3::Z * (100.0 + 6.0)
    };
    let volume: f64 = solid
        .indices
        .chunks_exact(3)
        .map(|t| corner(t[0]).dot(corner(t[1]).cross(corner(t[2]))) / 6.0)
        .sum();
    let plan = 71.70 * 111.25;
    assert!((volume / (plan * 24.0) - 1.0).abs() < 0.01, "{volume}");
    for t in solid.indices.chunks_exact(3) {
        let [a, b, c] = [t[0], t[1], t[2]].map(corner);
        let normal = (b - a).cross(c - a).normalize();
        let told = DVec3::from(
            solid.vertices[t[0] as usize].normal[..3]
                .iter()
                .map(|n| f64::from(*n) / 127.0)
                .collect::<Vec<_>>()
                .try_into()
                .map(|v: [f64; 3]| v)
                .unwrap(),
        );
        assert!(normal.dot(told) > 0.99, "{normal} {told}");
    }
}

#[test]
fn a_height_that_nobody_has_is_told() {
    let tile = collection(&[(SQUARE, r#"{"h":"high"}"#)]);
    let style = VectorStyle {
        extrude_by: Some("h".into()),
        ..Default::default()
    };
    let looks = looks(&tile.features, &style, PALETTE);
    assert!(looks.warnings[0].contains('h') && !looks.features[0].extruded());
}

proptest! {
    /// The grid finds what going through every triangle for every point finds.
    #[test]
    fn heights_are_those_of_the_highest_triangle(
        corners in prop::collection::vec(prop::array::uniform3(-50.0..50.0f64), 3..60),
        points in prop::collection::vec(prop::array::uniform2(-60.0..60.0f64), 1..60),
    ) {
        let count = corners.len() / 3 * 3;
        let mesh = PreparedTile {
            primitives: vec![PreparedPrimitive {
                topology: Topology::Triangles,
                vertices: corners
                    .iter()
                    .map(|p| Vertex {
                        position: p.map(|c| c as f32),
                        normal: [0, 0, 127, 0],
                        color: [255; 4],
                        uv: [0.0; 2],
                        feature: 0,
                    })
                    .collect(),
                indices: (0..count as u32).collect(),
                material: 0,
                has_normals: true,
            }],
            materials: vec![PreparedMaterial {
                class: SurfaceClass::Terrain,
                ..Default::default()
            }],
            ..Default::default()
        };
        let mut field = HeightField::new(points.iter().map(|p| (DVec2::from(*p), false)));
        field.add(&mesh, DMat4::IDENTITY);
        for (index, point) in points.iter().enumerate() {
            let q = DVec2::from(*point);
            let expected = corners[..count]
                .chunks_exact(3)
                .filter_map(|t| {
                    let [a, b, c] = [t[0], t[1], t[2]].map(|p| DVec3::from(p.map(|c| f64::from(c as f32))));
                    let (pa, pb, pc) = (a.truncate(), b.truncate(), c.truncate());
                    let plan = (pb - pa).perp_dot(pc - pa);
                    let u = (pb - q).perp_dot(pc - q) / plan;
                    let v = (pc - q).perp_dot(pa - q) / plan;
                    let w = 1.0 - u - v;
                    (plan.abs() > 1e-6 && u.min(v).min(w) >= -1e-9)
                        .then_some(a.z * u + b.z * v + c.z * w)
                })
                .reduce(f64::max);
            prop_assert_eq!(field.height_m(index), expected);
        }
    }
}
