//! glTF 2.0, 3.5 to 3.7: transforms, accessors, topologies, quantisation.

use crate::made::{Made, positions};
use city_tiles::formats::{DecodeErrorKind, DecodeOptions, UpAxis, decode};
use city_tiles::prepared::Topology;
use serde_json::json;

fn close(a: [f64; 3], b: [f64; 3], within: f64) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= within)
}

#[test]
fn y_up_becomes_z_up() {
    let tile = Made::triangle().decode().unwrap();
    assert_eq!(positions(&tile), [[0., 0., 0.], [1., 0., 0.], [0., 0., 1.]]);
    // Facing +z of glTF, which is south (-y) of a tile.
    assert_eq!(tile.primitives[0].vertices[0].normal, [0, -127, 0, 0]);
}

#[test]
fn other_up_axes_of_early_tilesets() {
    for (axis, expected) in [(UpAxis::Z, [0., 1., 0.]), (UpAxis::X, [0., 1., 0.])] {
        let options = DecodeOptions {
            up_axis: axis,
            ..DecodeOptions::default()
        };
        let tile = decode(&Made::triangle().glb(), "a.glb", &|_| None, &options).unwrap();
        assert_eq!(positions(&tile)[2], expected, "{axis:?}");
    }
    let options = DecodeOptions {
        up_axis: UpAxis::X,
        ..DecodeOptions::default()
    };
    let tile = decode(&Made::triangle().glb(), "a.glb", &|_| None, &options).unwrap();
    // glTF's x points up.
    assert_eq!(positions(&tile)[1], [0., 0., 1.]);
}

#[test]
fn translations_of_the_size_of_the_earth_keep_their_millimetres() {
    let mut made = Made::triangle();
    let (x, y, z) = (3_919_786.123_4, 4_999_819.567_8, -386_316.531_2);
    made.json["nodes"][0]["matrix"] =
        json!([1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1., 0., x, y, z, 1.]);
    let tile = made.decode().unwrap();
    assert!(
        close(positions(&tile)[0], [x, -z, y], 1e-6),
        "{:?}",
        positions(&tile)[0]
    );
    let vertex = tile.primitives[0].vertices[0].position;
    assert!(
        vertex.iter().all(|v| v.abs() <= 1.0),
        "the origin holds the large part: {vertex:?}"
    );
}

#[test]
fn nested_nodes_multiply_from_the_root() {
    let mut made = Made::triangle();
    made.json["scenes"][0]["nodes"] = json!([1]);
    made.list("nodes")
        .push(json!({"translation": [10., 0., 0.], "scale": [2., 2., 2.], "children": [0]}));
    made.json["nodes"][0]["translation"] = json!([1., 0., 0.]);
    assert_eq!(positions(&made.decode().unwrap())[1], [14., 0., 0.]);
}

#[test]
fn a_mirrored_node_keeps_its_faces_outside() {
    let mut made = Made::triangle();
    made.json["nodes"][0]["scale"] = json!([-1., 1., 1.]);
    let tile = made.decode().unwrap();
    let primitive = &tile.primitives[0];
    assert_eq!(primitive.vertices[0].normal, [0, -127, 0, 0]);
    let p = positions(&tile);
    let [a, b, c] = [0, 1, 2].map(|i| glam::DVec3::from(p[primitive.indices[i] as usize]));
    assert!(
        (b - a).cross(c - a).dot(glam::DVec3::NEG_Y) > 0.0,
        "the winding turns with the mirror"
    );
}

#[test]
fn cesium_rtc_is_added_after_the_turn() {
    let mut made = Made::triangle();
    made.json["extensions"] = json!({"CESIUM_RTC": {"center": [1e6, 2e6, 3e6]}});
    made.json["extensionsRequired"] = json!(["CESIUM_RTC"]);
    assert_eq!(positions(&made.decode().unwrap())[2], [1e6, 2e6, 3e6 + 1.0]);
}

#[test]
fn a_sparse_accessor_replaces_single_elements() {
    let mut made = Made::triangle();
    let indices = made.view(&[2]);
    let values: Vec<u8> = [0_f32, 5., 0.]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let values = made.view(&values);
    made.list("accessors")[0]["sparse"] = json!({
        "count": 1,
        "indices": {"bufferView": indices, "componentType": 5121},
        "values": {"bufferView": values},
    });
    assert_eq!(positions(&made.decode().unwrap())[2], [0., 0., 5.]);
    made.list("accessors")[0]["sparse"]["indices"]["byteOffset"] = json!(1);
    assert!(made.decode().is_err(), "indices beyond their view");
}

#[test]
fn an_accessor_without_a_view_is_zeros() {
    let mut made = Made::triangle();
    made.list("accessors")
        .push(json!({"componentType": 5126, "count": 3, "type": "VEC2"}));
    made.attribute("TEXCOORD_0", 1);
    let tile = made.decode().unwrap();
    assert!(tile.primitives[0].vertices.iter().all(|v| v.uv == [0., 0.]));
}

#[test]
fn quantised_attributes_of_every_component_type() {
    let cases: [(u32, bool, Vec<u8>, f64); 6] = [
        (
            5120,
            false,
            vec![0, 0, 0, 0, 100, 0, 0, 0, 0, 100, 0, 0],
            100.0,
        ),
        (
            5120,
            true,
            vec![0, 0, 0, 0, 127, 0, 0, 0, 0, 127, 0, 0],
            1.0,
        ),
        (
            5121,
            true,
            vec![0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0],
            1.0,
        ),
        (
            5122,
            false,
            [0_i16, 0, 0, 0, 300, 0, 0, 0, 0, 300, 0, 0]
                .map(i16::to_le_bytes)
                .concat(),
            300.0,
        ),
        (
            5122,
            true,
            [0_i16, 0, 0, 0, 32767, 0, 0, 0, 0, 32767, 0, 0]
                .map(i16::to_le_bytes)
                .concat(),
            1.0,
        ),
        (
            5123,
            true,
            [0_u16, 0, 0, 0, 65535, 0, 0, 0, 0, 65535, 0, 0]
                .map(u16::to_le_bytes)
                .concat(),
            1.0,
        ),
    ];
    for (component, normalized, bytes, expected) in cases {
        let mut made = Made::triangle();
        made.json["extensionsRequired"] = json!(["KHR_mesh_quantization"]);
        let accessor = made.accessor("VEC3", component, 3, &bytes);
        let view = made.list("bufferViews").last_mut().unwrap();
        view["byteStride"] = json!(bytes.len() / 3); // elements of 3, padded to 4
        made.list("accessors")[accessor]["normalized"] = json!(normalized);
        made.attribute("POSITION", accessor);
        let far = positions(&made.decode().unwrap())[1];
        assert!(
            close(far, [expected, 0., 0.], 1e-4),
            "{component} {normalized}: {far:?}"
        );
    }
}

#[test]
fn strips_and_fans_points_and_lines() {
    for (mode, topology, count) in [
        (0, Topology::Points, 3),
        (1, Topology::Lines, 2),
        (2, Topology::Lines, 6),
        (3, Topology::Lines, 4),
        (4, Topology::Triangles, 3),
        (5, Topology::Triangles, 3),
        (6, Topology::Triangles, 3),
    ] {
        let mut made = Made::triangle();
        made.primitive()["mode"] = json!(mode);
        let tile = made.decode().unwrap();
        assert_eq!(tile.primitives[0].topology, topology, "mode {mode}");
        assert_eq!(tile.primitives[0].indices.len(), count, "mode {mode}");
        assert_eq!(
            tile.primitives[0].has_normals,
            topology == Topology::Triangles,
            "mode {mode}"
        );
    }
    let mut made = Made::triangle();
    made.primitive()["mode"] = json!(7);
    assert!(matches!(
        made.decode().unwrap_err().kind,
        DecodeErrorKind::Invalid(_)
    ));
}

#[test]
fn primitives_that_share_a_material_become_one() {
    let mut made = Made::triangle();
    made.json["materials"] = json!([{}, {"doubleSided": true}]);
    let one = made.primitive().clone();
    let primitives = made.json["meshes"][0]["primitives"].as_array_mut().unwrap();
    for material in [0, 1, 0, 1, 0] {
        let mut primitive = one.clone();
        primitive["material"] = json!(material);
        primitives.push(primitive);
    }
    let tile = made.decode().unwrap();
    let shapes: Vec<_> = tile
        .primitives
        .iter()
        .map(|p| (p.material, p.indices.len() / 3))
        .collect();
    assert_eq!(
        shapes,
        [(0, 3), (1, 2), (2, 1)],
        "the last is glTF's default material"
    );
    assert_eq!(tile.triangles(), 6);
}

#[test]
fn buffers_inside_beside_and_in_the_address() {
    let made = Made::triangle();
    let mut json = made.json.clone();
    json["buffers"][0] = json!({"byteLength": made.binary.len(), "uri": "my%20part.bin"});
    let text = serde_json::to_vec(&json).unwrap();
    let options = DecodeOptions::default();
    let base = "https://example.org/tiles/7/a.gltf?key=1";
    let listed = city_tiles::formats::list_external(&text, base, &options).unwrap();
    assert_eq!(listed.len(), 1);
    assert!(
        listed[0].starts_with("https://example.org/tiles/7/my%20part.bin"),
        "{listed:?}"
    );
    let found = |address: &str| (address == listed[0]).then(|| made.binary.clone());
    assert_eq!(
        positions(&decode(&text, base, &found, &options).unwrap()).len(),
        3
    );
    let missing = decode(&text, base, &|_| None, &options).unwrap_err();
    assert!(matches!(missing.kind, DecodeErrorKind::MissingResource(_)));
    assert!(missing.to_string().contains("part.bin"), "{missing}");
    assert!(missing.to_string().contains("a.gltf"), "{missing}");
}
