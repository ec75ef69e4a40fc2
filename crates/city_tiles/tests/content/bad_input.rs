//! Bad input gives an error that names file, place and cause.

use crate::made::{Made, plain};
use city_tiles::formats::{DecodeErrorKind, DecodeOptions, decode};
use serde_json::json;

fn told(made: &Made) -> String {
    made.decode().unwrap_err().to_string()
}

#[test]
fn positions_that_are_no_numbers() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut made = Made::triangle();
        let accessor = made.floats("VEC3", &[0., 0., 0., 1., 0., 0., 0., bad, 0.]);
        made.attribute("POSITION", accessor);
        assert_eq!(
            made.decode().unwrap_err().kind,
            DecodeErrorKind::NotFinite(2)
        );
        assert_eq!(
            told(&made),
            "made/here.glb: meshes[0].primitives[0].attributes.POSITION: position 2 is not a finite number"
        );
    }
}

#[test]
fn normals_and_coordinates_that_are_no_numbers_are_made_harmless() {
    let mut made = Made::triangle();
    let normals = made.floats("VEC3", &[f32::NAN; 9]);
    made.attribute("NORMAL", normals);
    let uvs = made.floats("VEC2", &[f32::INFINITY; 6]);
    made.attribute("TEXCOORD_0", uvs);
    let vertex = made.decode().unwrap().primitives[0].vertices[0];
    assert_eq!((vertex.normal, vertex.uv), ([0, 0, 127, 0], [0., 0.]));
}

#[test]
fn transforms_out_of_this_world() {
    let mut made = Made::triangle();
    made.json["nodes"][0]["scale"] = json!([1e30, 1e30, 1e30]);
    assert!(told(&made).contains("large"), "{}", told(&made));
    made.json["nodes"][0]["scale"] = json!([1e300, 1e300, 1e300]);
    made.list("nodes")
        .push(json!({"scale": [1e300, 1e300, 1e300], "children": [0]}));
    made.json["scenes"][0]["nodes"] = json!([1]);
    assert!(
        told(&made).contains("nodes[0]: its transform is not finite"),
        "{}",
        told(&made)
    );
}

#[test]
fn cycles_and_endless_depths_of_nodes() {
    let mut made = Made::triangle();
    made.json["nodes"][0]["children"] = json!([0]);
    assert!(matches!(
        made.decode().unwrap_err().kind,
        DecodeErrorKind::Limit {
            what: "levels of nodes",
            ..
        }
    ));
    // Each level names the next twice: 2^60 visits, were they made.
    let nodes: Vec<_> = (0..60)
        .map(|i| json!({"children": [i + 1, i + 1]}))
        .chain([json!({"mesh": 0})])
        .collect();
    made.json["nodes"] = json!(nodes);
    assert!(matches!(
        made.decode().unwrap_err().kind,
        DecodeErrorKind::Limit { .. }
    ));
}

#[test]
fn counts_that_lie() {
    for count in [4_u64, 1 << 22, 1 << 32, u64::MAX / 16] {
        let mut made = Made::triangle();
        made.list("accessors")[0]["count"] = json!(count);
        let kind = made.decode().unwrap_err().kind;
        assert!(
            matches!(
                kind,
                DecodeErrorKind::Truncated { .. } | DecodeErrorKind::Limit { .. }
            ),
            "{kind:?}"
        );
        made.list("accessors")[0]
            .as_object_mut()
            .unwrap()
            .remove("bufferView");
        made.primitive()["mode"] = json!(0);
        let result = made.decode();
        assert!(count <= 1 << 22 || result.is_err(), "zeros without end");
    }
}

#[test]
fn indices_views_and_materials_that_do_not_exist() {
    let mut made = Made::triangle();
    let indices = made.accessor("SCALAR", 5121, 3, &[0, 1, 3]);
    made.primitive()["indices"] = json!(indices);
    assert!(
        told(&made).contains("primitives[0].indices: index 3 is beyond 3 vertices"),
        "{}",
        told(&made)
    );
    let mut made = Made::triangle();
    made.list("accessors")[0]["bufferView"] = json!(9);
    assert!(
        told(&made).contains("bufferViews[9]: does not exist"),
        "{}",
        told(&made)
    );
    let mut made = Made::triangle();
    made.primitive()["material"] = json!(5);
    let tile = made.decode().unwrap();
    assert!(
        tile.warnings[0].contains("material that does not exist"),
        "{:?}",
        tile.warnings
    );
}

#[test]
fn files_cut_short_at_every_byte() {
    let glb = Made::triangle().glb();
    for length in 0..glb.len() {
        let error = plain(&glb[..length]).expect_err("cut short");
        assert!(error.to_string().starts_with("made/here.glb: "), "{error}");
    }
}

#[test]
fn other_files_are_named_for_what_they_are() {
    for (bytes, expected) in [
        (
            &b"vctr\x01\0\0\0"[..],
            "vector tiles (vctr) cannot be drawn yet",
        ),
        (
            b"geom\x01\0\0\0",
            "geometry tiles (geom) cannot be drawn yet",
        ),
        (b"pnts\x01\0\0\0", "pnts header: cut short"),
        (b"i3dm\x02\0\0\0", "version i3dm 2 is not supported"),
        (b"cmpt\x01\0\0\0", "cmpt header: cut short"),
        (
            b"glTF\x01\0\0\0\0\0\0\0",
            "glTF 1.0 (binary) is not supported; convert the tileset to glTF 2.0 (3d-tiles-tools upgrade)",
        ),
        (b"<html>404", "not tile content: starts with \"<htm\""),
        (b"", "not tile content"),
        (
            b"{\"asset\":{\"version\":\"1.0\"}}",
            "glTF 1.0 is not supported",
        ),
        (b"{\"asset\":", "bad JSON"),
        (b"{}", "this is no glTF 2.0"),
    ] {
        let error = plain(bytes).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn limits_hold() {
    let made = Made::triangle();
    let few = DecodeOptions {
        max_vertices: 2,
        ..DecodeOptions::default()
    };
    assert!(decode(&made.glb(), "a", &|_| None, &few).is_err());
    let small = DecodeOptions {
        max_bytes: 100,
        ..DecodeOptions::default()
    };
    let error = decode(&made.glb(), "a", &|_| None, &small).unwrap_err();
    assert!(
        error.to_string().contains("are more than the limit of 100"),
        "{error}"
    );
}

#[test]
fn json_nested_without_end() {
    let deep = format!(
        "{{\"asset\":{{\"version\":\"2.0\"}},\"extras\":{}",
        "[".repeat(1_000_000)
    );
    assert!(matches!(
        plain(deep.as_bytes()).unwrap_err().kind,
        DecodeErrorKind::Json(_)
    ));
}
