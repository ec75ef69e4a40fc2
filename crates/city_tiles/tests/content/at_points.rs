//! What is looked up at points: feature ID textures, property textures, property attributes; and outlines.

use crate::made::Made;
use crate::samples;
use city_tiles::metadata::PropertyValue;
use city_tiles::prepared::{NO_FEATURE, PreparedTile, Topology};
use serde_json::{Value, json};
use std::path::Path;

/// Primitive, corners and weights of the first triangle that has these coordinates in `Vertex::uv`.
fn at(tile: &PreparedTile, uv: [f32; 2]) -> (u32, [u32; 3], [f32; 3]) {
    for (primitive, p) in tile.primitives.iter().enumerate() {
        for corners in p.indices.as_chunks::<3>().0 {
            let [a, b, c] = corners.map(|corner| p.vertices[corner as usize].uv);
            let cross = |o: [f32; 2], p: [f32; 2], q: [f32; 2]| {
                (p[0] - o[0]) * (q[1] - o[1]) - (p[1] - o[1]) * (q[0] - o[0])
            };
            let area = cross(a, b, c);
            let weights = [cross(b, c, uv), cross(c, a, uv), cross(a, b, uv)].map(|w| w / area);
            if area != 0.0 && weights.iter().all(|w| *w >= -1e-6) {
                return (primitive as u32, *corners, weights);
            }
        }
    }
    panic!("{uv:?} is not in the tile")
}

/// Pixels of an image of a file, by another way than the decoder's.
fn pixels(file: &Path, image: usize) -> image::RgbaImage {
    let json: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let uri = json["images"][image]["uri"].as_str().unwrap();
    let bytes = city_tiles::uri::decode_data(uri).unwrap().unwrap();
    image::load_from_memory(&bytes).unwrap().into_rgba8()
}

fn properties(
    tile: &PreparedTile,
    point: (u32, [u32; 3], [f32; 3]),
) -> Vec<(String, PropertyValue)> {
    let groups = tile.surface.properties(point.0, point.1, point.2);
    let all = groups.into_iter().flat_map(|group| group.properties);
    all.map(|property| (property.id, property.value)).collect()
}

/// Through the flat buffer: everything below must hold in the browser too.
fn travelled(tile: &PreparedTile) -> PreparedTile {
    let again = PreparedTile::from_bytes(&tile.to_bytes()).unwrap();
    assert_eq!(&again, tile);
    again
}

#[test]
fn feature_id_textures_of_the_samples_are_picked_by_pixel() {
    let Some(folder) = samples::folder("CesiumGS__3d-tiles-samples/glTF") else {
        return;
    };
    for name in [
        "EXT_mesh_features/FeatureIdTexture/FeatureIdTexture.gltf",
        "EXT_structural_metadata/FeatureIdTextureAndPropertyTable/FeatureIdTextureAndPropertyTable.gltf",
    ] {
        let file = folder.join(name);
        let tile = travelled(&samples::decode_file(&file).unwrap());
        assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
        let image = pixels(&file, 1);
        let mut seen = std::collections::BTreeMap::<u32, usize>::new();
        for (x, y, pixel) in image.enumerate_pixels() {
            let uv = [
                (x as f32 + 0.5) / image.width() as f32,
                (y as f32 + 0.5) / image.height() as f32,
            ];
            let (primitive, corners, weights) = at(&tile, uv);
            let feature = tile.feature_at(primitive, corners, weights);
            assert_eq!(feature, u32::from(pixel.0[0]), "{uv:?}");
            *seen.entry(feature).or_default() += 1;
        }
        println!(
            "{name}: pixels by feature {seen:?}, {} features",
            tile.features.len()
        );
        assert_eq!((seen.len(), tile.features.len()), (4, 4));
        // A triangle is drawn by one feature: that in its middle.
        for triangle in tile.primitives[0].indices.as_chunks::<3>().0 {
            let features =
                triangle.map(|corner| tile.primitives[0].vertices[corner as usize].feature);
            assert!(
                features[0] < 4 && features.iter().all(|f| *f == features[0]),
                "{features:?}"
            );
        }
        if name.contains("PropertyTable") {
            let names: Vec<_> = (0..4)
                .map(|f| tile.features.lookup(f, "component").unwrap().to_string())
                .collect();
            assert_eq!(names, ["Wall", "Door", "Roof", "Window"]);
        }
    }
}

#[test]
fn the_property_texture_of_the_samples_is_read_by_pixel() {
    let Some(folder) = samples::folder(
        "CesiumGS__3d-tiles-samples/glTF/EXT_structural_metadata/SimplePropertyTexture",
    ) else {
        return;
    };
    let file = folder.join("SimplePropertyTexture.gltf");
    let tile = travelled(&samples::decode_file(&file).unwrap());
    assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
    let image = pixels(&file, 1);
    let mut compared = 0;
    for (x, y, pixel) in image.enumerate_pixels() {
        let uv = [
            (x as f32 + 0.5) / image.width() as f32,
            (y as f32 + 0.5) / image.height() as f32,
        ];
        let found = properties(&tile, at(&tile, uv));
        let [r, g, b, _] = pixel.0;
        let expected = [
            ("insideTemperature", PropertyValue::U64(r.into())),
            ("insulation", PropertyValue::F64(f64::from(b) / 255.0)),
            ("outsideTemperature", PropertyValue::U64(g.into())),
        ];
        assert_eq!(
            found,
            expected.map(|(id, value)| (id.to_owned(), value)),
            "{uv:?}"
        );
        compared += found.len();
    }
    println!("{compared} values compared");
    let group = &tile.surface.properties(0, [0, 1, 2], [1.0, 0.0, 0.0])[0];
    assert_eq!(
        (group.class.as_str(), group.properties[0].name.as_str()),
        ("buildingComponents", "Inside Temperature")
    );
}

#[test]
fn property_attributes_of_the_samples_are_read_by_vertex() {
    let Some(folder) = samples::folder(
        "CesiumGS__3d-tiles-samples/glTF/EXT_structural_metadata/PropertyAttributesPointCloud",
    ) else {
        return;
    };
    let mut compared = 0;
    for (name, intensity_at, count, class) in
        [("Tree", 165_024, 6876, 0), ("House", 539_088, 22_462, 1)]
    {
        let tile = travelled(
            &samples::decode_file(&folder.join(format!("PropertyAttributesPointCloud{name}.gltf")))
                .unwrap(),
        );
        assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
        let bytes =
            std::fs::read(folder.join(format!("PropertyAttributesPointCloud{name}.bin"))).unwrap();
        let schema: Value =
            serde_json::from_slice(&std::fs::read(folder.join("MetadataSchema.json")).unwrap())
                .unwrap();
        let enums = schema["enums"]
            .as_object()
            .unwrap()
            .values()
            .next()
            .unwrap();
        let classes = enums["values"].as_array().unwrap();
        let named = classes.iter().find(|v| v["value"] == class).unwrap()["name"]
            .as_str()
            .unwrap();
        for vertex in 0..count {
            let found = properties(&tile, (0, [vertex; 3], [1.0, 0.0, 0.0]));
            let raw: [u8; 4] = bytes[intensity_at + vertex as usize * 4..][..4]
                .try_into()
                .unwrap();
            let intensity: f64 = f32::from_le_bytes(raw).to_string().parse().unwrap();
            let expected = [
                ("classification", PropertyValue::Enum(named.to_owned())),
                ("intensity", PropertyValue::F64(intensity)),
            ];
            assert_eq!(
                found,
                expected.map(|(id, value)| (id.to_owned(), value)),
                "{name} {vertex}"
            );
            compared += 2;
        }
    }
    println!("{compared} values compared");
}

#[test]
fn outlines_of_the_samples_are_lines() {
    let Some(folder) = samples::folder(
        "CesiumGS__3d-tiles-samples/glTF/CESIUM_primitive_outline/BoxPrimitiveOutline",
    ) else {
        return;
    };
    let tile = samples::decode_file(&folder.join("BoxPrimitiveOutline.gltf")).unwrap();
    assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
    assert_eq!(tile.triangles(), 12);
    let lines = tile
        .primitives
        .iter()
        .find(|p| p.topology == Topology::Lines)
        .unwrap();
    println!(
        "{} lines, {} vertices",
        lines.indices.len() / 2,
        lines.vertices.len()
    );
    assert_eq!(lines.indices.len(), 24);
    let material = &tile.materials[lines.material as usize];
    assert!(
        material.unlit && material.base_color[..3].iter().all(|c| *c < 0.05),
        "{material:?}"
    );
    // Every line is an edge of the unit cube.
    for line in lines.indices.as_chunks::<2>().0 {
        let [a, b] = line.map(|v| lines.vertices[v as usize].position);
        let length: f32 = (0..3).map(|i| (a[i] - b[i]).abs()).sum();
        assert!((length - 1.0).abs() < 1e-6, "{a:?} {b:?}");
    }
}

/// A square of two triangles without normals, whose coordinates are its corners.
fn square() -> Made {
    let mut made = Made::triangle();
    let positions = made.floats("VEC3", &[0., 0., 0., 1., 0., 0., 1., 1., 0., 0., 1., 0.]);
    made.attribute("POSITION", positions);
    let uvs = made.floats("VEC2", &[0., 1., 1., 1., 1., 0., 0., 0.]);
    made.attribute("TEXCOORD_0", uvs);
    let indices = made.accessor("SCALAR", 5121, 6, &[0, 1, 2, 0, 2, 3]);
    made.primitive()["indices"] = json!(indices);
    made
}

/// Adds a PNG of these pixels as image and texture.
fn texture(made: &mut Made, width: u32, pixels: &[[u8; 4]]) -> usize {
    let image =
        image::RgbaImage::from_raw(width, pixels.len() as u32 / width, pixels.concat()).unwrap();
    let mut png = std::io::Cursor::new(Vec::new());
    image.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let view = made.view(&png.into_inner());
    made.list("images")
        .push(json!({"bufferView": view, "mimeType": "image/png"}));
    let source = made.list("images").len() - 1;
    made.list("textures").push(json!({"source": source}));
    made.list("textures").len() - 1
}

#[test]
fn vertices_split_where_the_texture_changes() {
    let mut made = square();
    // Above the diagonal from bottom left to top right is feature 0x0105, below it is none.
    let [high, low] = [[5, 9, 1, 255], [255, 9, 255, 255]];
    let index = texture(&mut made, 2, &[high, low, low, low]);
    made.primitive()["extensions"] = json!({"EXT_mesh_features": {"featureIds": [
        {"featureCount": 1, "texture": {"index": index, "channels": [0, 2]}, "nullFeatureId": 0xFFFF, "label": "parts"},
        {"featureCount": 4, "label": "corners"},
    ]}});
    let tile = travelled(&made.decode().unwrap());
    assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
    assert_eq!(tile.features.len(), 0x0106);
    assert_eq!(tile.surface.other_sets, ["corners"]);
    let primitive = &tile.primitives[0];
    assert_eq!(
        primitive.vertices.len(),
        6,
        "the shared corners are there twice"
    );
    let by_triangle: Vec<u32> = primitive
        .indices
        .chunks(3)
        .map(|t| primitive.vertices[t[0] as usize].feature)
        .collect();
    assert_eq!(by_triangle, [NO_FEATURE, 0x0105]);
    // Of the triangle that is drawn as feature 0x0105 only the texel's quarter is.
    let (p, corners, weights) = at(&tile, [0.2, 0.2]);
    assert_eq!(tile.feature_at(p, corners, weights), 0x0105);
    let (p, corners, weights) = at(&tile, [0.2, 0.7]);
    assert_eq!(tile.feature_at(p, corners, weights), NO_FEATURE);
}

#[test]
fn a_texture_is_moved_and_a_mesh_stands_twice() {
    let mut made = square();
    let index = texture(
        &mut made,
        2,
        &[
            [0, 0, 0, 255],
            [1, 0, 0, 255],
            [2, 0, 0, 255],
            [3, 0, 0, 255],
        ],
    );
    made.primitive()["extensions"] = json!({"EXT_mesh_features": {"featureIds": [{
        "featureCount": 4,
        "texture": {"index": index, "extensions": {"KHR_texture_transform": {"offset": [0.5, 0.0], "scale": [0.25, 0.25]}}},
    }]}});
    made.list("nodes")
        .push(json!({"mesh": 0, "translation": [10, 0, 0]}));
    made.json["scenes"][0]["nodes"] = json!([0, 1]);
    let tile = travelled(&made.decode().unwrap());
    assert_eq!(
        (
            tile.surface.parts.len(),
            tile.surface.data.len(),
            tile.surface.images.len()
        ),
        (2, 1, 1)
    );
    let primitive = &tile.primitives[0];
    for corners in primitive.indices.as_chunks::<3>().0 {
        assert_eq!(
            tile.feature_at(0, *corners, [0.3, 0.3, 0.4]),
            1,
            "{corners:?}"
        );
    }
    // Corners of two places are no point.
    assert_eq!(
        tile.surface.feature(
            0,
            [0, 1, primitive.vertices.len() as u32 - 1],
            [1.0, 0.0, 0.0]
        ),
        None
    );
    assert_eq!(tile.surface.feature(1, [0, 1, 2], [1.0, 0.0, 0.0]), None);
}

fn with_properties(made: &mut Made, class: Value, kind: &str, stored: Value) {
    made.json["extensions"] = json!({"EXT_structural_metadata": {
        "schema": {"classes": {"thing": {"properties": class}}, "enums": {"use": {"valueType": "UINT8", "values": [
            {"name": "Office", "value": 7}, {"name": "Home", "value": 1}]}}},
        kind: [{"class": "thing", "name": "all", "properties": stored}],
    }});
    made.primitive()["extensions"] = json!({"EXT_structural_metadata": {kind: [0]}});
}

#[test]
fn textures_have_every_type_that_fits() {
    let mut made = square();
    let index = texture(&mut made, 1, &[[7, 0x80, 0x02, 0x01]]);
    let cases = [
        (
            "enum",
            json!({"type": "ENUM", "enumType": "use"}),
            json!([0]),
            "Office",
        ),
        ("flag", json!({"type": "BOOLEAN"}), json!([3]), "true"),
        (
            "signed",
            json!({"type": "SCALAR", "componentType": "INT8"}),
            json!([1]),
            "-128",
        ),
        (
            "unit",
            json!({"type": "SCALAR", "componentType": "INT8", "normalized": true}),
            json!([1]),
            "-1",
        ),
        (
            "wide",
            json!({"type": "SCALAR", "componentType": "UINT16", "offset": 1, "scale": 2}),
            json!([3, 2]),
            "1027",
        ),
        (
            "real",
            json!({"type": "SCALAR", "componentType": "FLOAT32"}),
            json!([0, 1, 2, 3]),
            &f32::from_le_bytes([7, 0x80, 2, 1]).to_string(),
        ),
        (
            "vector",
            json!({"type": "VEC2", "componentType": "UINT8"}),
            json!([0, 3]),
            "[7, 1]",
        ),
        (
            "array",
            json!({"type": "SCALAR", "componentType": "UINT8", "array": true, "count": 3}),
            json!([3, 2, 0]),
            "[1, 2, 7]",
        ),
        (
            "none",
            json!({"type": "SCALAR", "componentType": "UINT8", "noData": 7}),
            json!([0]),
            "–",
        ),
        (
            "default",
            json!({"type": "SCALAR", "componentType": "UINT8", "noData": 7, "default": 5}),
            json!([0]),
            "5",
        ),
        (
            "own",
            json!({"type": "SCALAR", "componentType": "UINT8", "scale": 9}),
            json!([0]),
            "70",
        ),
    ];
    let (mut class, mut stored) = (json!({}), json!({}));
    for (id, property, channels, _) in &cases {
        class[id] = property.clone();
        stored[id] = json!({"index": index, "channels": channels});
    }
    stored["own"]["scale"] = json!(10);
    with_properties(&mut made, class, "propertyTextures", stored);
    let tile = travelled(&made.decode().unwrap());
    assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
    let found = properties(&tile, at(&tile, [0.5, 0.5]));
    assert_eq!(found.len(), cases.len());
    for (id, _, _, expected) in cases {
        let (_, value) = found.iter().find(|(known, _)| known == id).unwrap();
        assert_eq!(value.to_string(), expected, "{id}");
    }
}

#[test]
fn attributes_have_every_type_that_fits() {
    let mut made = square();
    // Columns of two bytes are padded to four.
    let mat2 = made.accessor("MAT2", 5121, 4, &[1, 2, 0, 0, 3, 4, 0, 0].repeat(4));
    let unit = made.accessor(
        "VEC2",
        5122,
        4,
        &[0x7FFF_u16, 0x8001, 0, 0, 0, 0, 0, 0]
            .map(u16::to_le_bytes)
            .concat(),
    );
    made.list("accessors")[unit]["normalized"] = json!(true);
    let code = made.floats("SCALAR", &[1., 7., 9., 7.]);
    let mat3 = made.floats("MAT3", &[0.5; 36]);
    for (name, accessor) in [
        ("_M2", mat2),
        ("_UNIT", unit),
        ("_CODE", code),
        ("_M3", mat3),
    ] {
        made.attribute(name, accessor);
    }
    let class = json!({
        "m2": {"type": "MAT2", "componentType": "UINT8"},
        "unit": {"type": "VEC2", "componentType": "INT16", "normalized": true, "scale": [2.0, 3.0]},
        "code": {"type": "ENUM", "enumType": "use"},
        "m3": {"type": "MAT3", "componentType": "FLOAT32"},
    });
    let stored = json!({"m2": {"attribute": "_M2"}, "unit": {"attribute": "_UNIT"}, "code": {"attribute": "_CODE"}, "m3": {"attribute": "_M3"}});
    with_properties(&mut made, class, "propertyAttributes", stored);
    let tile = travelled(&made.decode().unwrap());
    assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
    let text = |uv| {
        let found = properties(&tile, at(&tile, uv));
        found
            .into_iter()
            .map(|(_, value)| value.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        text([0.01, 0.98]),
        [
            "Home",
            "[1, 2, 3, 4]",
            "[0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]",
            "[2, -3]"
        ]
    );
    assert_eq!(text([0.98, 0.98])[0], "Office", "the nearest vertex's");
    assert_eq!(text([0.98, 0.01])[0], "9");
}

#[test]
fn what_does_not_fit_is_said_and_the_tile_is_drawn() {
    let byte = json!({"type": "SCALAR", "componentType": "UINT8"});
    let wide = json!({"type": "SCALAR", "componentType": "UINT16"});
    let text = json!({"type": "STRING"});
    for (kind, class, stored, said) in [
        (
            "propertyTextures",
            &wide,
            json!({"index": 0}),
            "does not fit 1 channels",
        ),
        (
            "propertyTextures",
            &text,
            json!({"index": 0}),
            "does not fit 1 channels",
        ),
        (
            "propertyTextures",
            &byte,
            json!({"index": 0, "channels": [4]}),
            "channels must be",
        ),
        (
            "propertyTextures",
            &byte,
            json!({"index": 7}),
            "textures[7]: does not exist",
        ),
        (
            "propertyTextures",
            &byte,
            json!({"index": 0, "texCoord": 3}),
            "coordinates do not exist",
        ),
        (
            "propertyAttributes",
            &byte,
            json!({"attribute": "_NO"}),
            "\"_NO\" does not exist",
        ),
        (
            "propertyAttributes",
            &byte,
            json!({"attribute": "POSITION"}),
            "does not fit 3 numbers",
        ),
        (
            "propertyAttributes",
            &text,
            json!({"attribute": "_X"}),
            "does not exist",
        ),
    ] {
        let mut made = square();
        texture(&mut made, 1, &[[0; 4]]);
        with_properties(&mut made, json!({"p": class}), kind, json!({"p": stored}));
        let tile = made.decode().unwrap();
        assert_eq!(tile.triangles(), 2);
        assert!(
            tile.warnings.len() == 1 && tile.warnings[0].contains(said),
            "{said}: {:?}",
            tile.warnings
        );
    }
    let mut made = square();
    made.primitive()["extensions"] = json!({"EXT_mesh_features": {"featureIds": [{"featureCount": 1, "texture": {"index": 0}}]}});
    let tile = made.decode().unwrap();
    assert!(
        tile.warnings[0].contains("textures[0]"),
        "{:?}",
        tile.warnings
    );
}

#[test]
fn outlines_follow_the_file_and_not_what_was_split() {
    let mut made = square();
    let edges = made.accessor("SCALAR", 5121, 8, &[0, 1, 1, 2, 2, 3, 3, 0]);
    let ids = made.floats("SCALAR", &[0., 1., 1., 0.]);
    made.attribute("_FEATURE_ID_0", ids);
    made.primitive()["extensions"] = json!({
        "CESIUM_primitive_outline": {"indices": edges},
        "EXT_mesh_features": {"featureIds": [{"featureCount": 2, "attribute": 0}]},
    });
    made.json["extensionsUsed"] = json!(["CESIUM_primitive_outline"]);
    made.json["extensionsRequired"] = json!(["CESIUM_primitive_outline"]);
    let tile = travelled(&made.decode().unwrap());
    assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
    let lines = tile
        .primitives
        .iter()
        .find(|p| p.topology == Topology::Lines)
        .unwrap();
    assert_eq!((lines.indices.len(), lines.vertices.len()), (8, 4));
    let features: Vec<u32> = lines.vertices.iter().map(|v| v.feature).collect();
    assert_eq!(features, [0, 1, 1, 0]);
    // By a texture, an edge has the feature of its triangle.
    let index = texture(&mut made, 1, &[[3, 0, 0, 255]]);
    made.primitive()["extensions"]["EXT_mesh_features"] =
        json!({"featureIds": [{"featureCount": 4, "texture": {"index": index}}]});
    let tile = made.decode().unwrap();
    let lines = tile
        .primitives
        .iter()
        .find(|p| p.topology == Topology::Lines)
        .unwrap();
    assert!(lines.vertices.iter().all(|v| v.feature == 3));
    for bad in [json!({}), json!({"indices": 99})] {
        made.primitive()["extensions"]["CESIUM_primitive_outline"] = bad;
        let tile = made.decode().unwrap();
        assert!(
            tile.warnings.len() == 1 && tile.triangles() == 2,
            "{:?}",
            tile.warnings
        );
    }
}
