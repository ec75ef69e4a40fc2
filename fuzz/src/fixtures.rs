//! Tiny files that reach every part of the parsers.

use city_tiles::formats::{DecodeOptions, decode};
use serde_json::json;

/// A GLB with two triangles, colours, feature IDs, a property table of many types, a sparse
/// accessor and a textured material.
pub fn glb() -> Vec<u8> {
    let (json, binary) = document();
    container(&json, &binary)
}

/// The same as JSON with a data URI.
pub fn gltf() -> Vec<u8> {
    let (mut json, binary) = document();
    let hex = binary
        .iter()
        .map(|byte| format!("%{byte:02X}"))
        .collect::<String>();
    json["buffers"][0]["uri"] = json!(format!("data:application/octet-stream,{hex}"));
    json.to_string().into_bytes()
}

/// A PNG of two by two pixels.
const PIXELS: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR42mNgYGdkZGdkYGRnYuBkAgABAwAnXn86uAAAAABJRU5ErkJggg==";

fn document() -> (serde_json::Value, Vec<u8>) {
    let positions = [0_f32, 0., 0., 1., 0., 0., 0., 1., 0., 1., 1., 0.]
        .map(f32::to_le_bytes)
        .concat();
    let ids = [0_f32, 1., 1., 0.].map(f32::to_le_bytes).concat();
    let parts: [&[u8]; 8] = [
        &positions,
        &ids,
        &[0, 1, 2, 2, 1, 3, 0, 0],
        &[255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 9, 9, 9, 9],
        b"Pier 1Pier 2\0\0\0\0",
        &[0, 0, 0, 0, 6, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0],
        &[0, 0, 0x80, 0x3F, 0, 0, 0, 0x40],
        &[2, 0, 7, 0, 0, 0, 0, 0],
    ];
    let mut binary = Vec::new();
    let mut views = Vec::new();
    for part in parts {
        views.push(json!({"buffer": 0, "byteOffset": binary.len(), "byteLength": part.len()}));
        binary.extend_from_slice(part);
    }
    let json = json!({
        "asset": {"version": "2.0", "copyright": "a;b"},
        "extensionsUsed": ["CESIUM_primitive_outline", "EXT_mesh_features", "EXT_structural_metadata", "KHR_materials_unlit"],
        "extensions": {"EXT_structural_metadata": {
            "schema": {"classes": {"b": {"properties": {
                "name": {"type": "STRING"},
                "height": {"type": "SCALAR", "componentType": "FLOAT32", "noData": 2, "offset": 1, "scale": 2},
                "use": {"type": "ENUM", "enumType": "u"},
                "flag": {"type": "BOOLEAN"},
                "pair": {"type": "VEC2", "componentType": "UINT8", "array": true, "count": 1, "normalized": true},
            }}}, "enums": {"u": {"values": [{"name": "office", "value": 2}]}}},
            "propertyTables": [{"class": "b", "count": 2, "properties": {
                "name": {"values": 4, "stringOffsets": 5}, "height": {"values": 6}, "use": {"values": 7},
                "flag": {"values": 7}, "pair": {"values": 7},
            }}],
            "propertyTextures": [{"class": "b", "properties": {
                "use": {"index": 0, "channels": [1, 0]}, "flag": {"index": 0, "channels": [2]},
                "pair": {"index": 0, "channels": [1, 2], "extensions": {"KHR_texture_transform": {"scale": [2, 2]}}},
            }}],
            "propertyAttributes": [{"class": "b", "properties": {"height": {"attribute": "_H", "scale": 3}}}],
        }},
        "scenes": [{"nodes": [0]}],
        "nodes": [
            {"children": [1], "matrix": [1, 0, 0, 0, 0, 0, -1, 0, 0, 1, 0, 0, 4e6, 2e6, 1e6, 1]},
            {"mesh": 0, "scale": [-1, 1, 1], "rotation": [0, 0, 0, 1], "translation": [1, 2, 3]},
        ],
        "meshes": [{"primitives": [
            {"attributes": {"POSITION": 0, "COLOR_0": 3, "_FEATURE_ID_0": 1}, "indices": 2, "material": 0,
             "extensions": {"EXT_mesh_features": {"featureIds": [{"attribute": 0, "featureCount": 2, "propertyTable": 0}]}}},
            {"attributes": {"POSITION": 4}, "mode": 5},
            {"attributes": {"POSITION": 0, "TEXCOORD_0": 5, "_H": 1}, "indices": 2, "extensions": {
                "CESIUM_primitive_outline": {"indices": 2},
                "EXT_mesh_features": {"featureIds": [{"featureCount": 2, "texture": {"index": 0}, "propertyTable": 0, "nullFeatureId": 9}]},
                "EXT_structural_metadata": {"propertyTextures": [0], "propertyAttributes": [0]}}},
        ]}],
        "images": [{"uri": PIXELS}],
        "textures": [{"source": 0}],
        "materials": [{"alphaMode": "MASK", "extensions": {"KHR_materials_unlit": {}}, "extras": {"belvedere_surface": "facade"}}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5126, "count": 4, "type": "SCALAR"},
            {"bufferView": 2, "componentType": 5121, "count": 6, "type": "SCALAR"},
            {"bufferView": 3, "componentType": 5121, "count": 4, "type": "VEC4", "normalized": true},
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3", "sparse": {
                "count": 1, "indices": {"bufferView": 7, "componentType": 5121}, "values": {"bufferView": 0}}},
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC2"},
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": binary.len()}],
    });
    (json, binary)
}

fn container(json: &serde_json::Value, binary: &[u8]) -> Vec<u8> {
    let mut text = json.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    let mut glb = b"glTF\x02\0\0\0".to_vec();
    glb.extend_from_slice(&word(28 + text.len() + binary.len()));
    glb.extend_from_slice(&word(text.len()));
    glb.extend_from_slice(b"JSON");
    glb.extend_from_slice(&text);
    glb.extend_from_slice(&word(binary.len()));
    glb.extend_from_slice(b"BIN\0");
    glb.extend_from_slice(binary);
    glb
}

fn word(number: usize) -> [u8; 4] {
    (number as u32).to_le_bytes()
}

/// A b3dm with JSON and binary columns and a hierarchy around a small GLB.
pub fn b3dm() -> Vec<u8> {
    let (mut json, binary) = document();
    let attributes = &mut json["meshes"][0]["primitives"][0]["attributes"];
    attributes["_BATCHID"] = json!(1);
    json["meshes"][0]["primitives"][0]["extensions"] = json!({});
    let model = container(&json, &binary);
    let features = padded(&json!({"BATCH_LENGTH": 2, "RTC_CENTER": [1e6, 2e6, 3e6]}));
    let table = padded(&json!({
        "name": ["a", "b"], "size": {"byteOffset": 0, "componentType": "DOUBLE", "type": "SCALAR"},
        "extensions": {"3DTILES_batch_table_hierarchy": {
            "instancesLength": 3, "classIds": [0, 0, 1], "parentCounts": [1, 1, 0], "parentIds": [2, 2],
            "classes": [{"name": "room", "length": 2, "instances": {"door": [1, 2]}},
                        {"name": "house", "length": 1, "instances": {"owner": ["x"]}}],
        }},
    }));
    let mut file = b"b3dm\x01\0\0\0".to_vec();
    let lengths = [
        28 + features.len() + table.len() + 16 + model.len(),
        features.len(),
        0,
        table.len(),
        16,
    ];
    lengths
        .iter()
        .for_each(|length| file.extend_from_slice(&word(*length)));
    [&features, &table, &[0; 16][..], &model]
        .iter()
        .for_each(|part| file.extend_from_slice(part));
    file
}

/// An i3dm with quantized places, turned, of several batches, around a GLB with instances of its own.
pub fn i3dm() -> Vec<u8> {
    let (mut json, binary) = document();
    json["nodes"][1]["extensions"] = json!({
        "EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": 0, "_FEATURE_ID_0": 1}},
        "EXT_instance_features": {"featureIds": [{"featureCount": 2, "attribute": 0, "nullFeatureId": 1}]},
    });
    let features = json!({
        "INSTANCES_LENGTH": 2, "POSITION_QUANTIZED": {"byteOffset": 0}, "RTC_CENTER": [4e6, 2e6, 1e6],
        "QUANTIZED_VOLUME_OFFSET": [-1, 0, 1], "QUANTIZED_VOLUME_SCALE": [100, 100, 100],
        "NORMAL_UP_OCT32P": {"byteOffset": 12}, "NORMAL_RIGHT_OCT32P": {"byteOffset": 20},
        "SCALE": [1, 2], "BATCH_ID": {"byteOffset": 0, "componentType": "UNSIGNED_BYTE"}, "EAST_NORTH_UP": true,
    });
    let tables = [features, json!({"name": ["a", "b", "c"]})];
    let binary_part = [
        0, 0, 0, 128, 255, 255, 1, 0, 2, 0, 3, 0, 0, 128, 255, 255, 0, 0, 0, 0, 255, 255, 0, 128,
        0, 0, 0, 0,
    ];
    legacy(
        b"i3dm",
        &tables,
        &binary_part,
        Some(1),
        &container(&json, &binary),
    )
}

/// A pnts with colours, normals, batches and a reference to compressed points.
pub fn pnts() -> Vec<u8> {
    let features = json!({
        "POINTS_LENGTH": 2, "POSITION": {"byteOffset": 0}, "RTC_CENTER": {"byteOffset": 0},
        "RGB565": {"byteOffset": 24}, "NORMAL_OCT16P": {"byteOffset": 24}, "CONSTANT_RGBA": [1, 2, 3, 4],
        "BATCH_ID": {"byteOffset": 24}, "BATCH_LENGTH": 2,
    });
    let tables = [features, json!({"name": ["a", "b"]})];
    legacy(b"pnts", &tables, &[1; 32], None, &[])
}

/// A composite of a composite, and of a tile that nobody knows.
pub fn cmpt() -> Vec<u8> {
    let composite = |tiles: &[Vec<u8>]| {
        let body = tiles.concat();
        let head = [
            &b"cmpt\x01\0\0\0"[..],
            &word(16 + body.len()),
            &word(tiles.len()),
        ]
        .concat();
        [head, body].concat()
    };
    let unknown = [&b"what\x01\0\0\0"[..], &word(16), &[0; 4]].concat();
    composite(&[pnts(), unknown, composite(&[b3dm(), i3dm()]), glb()])
}

/// A tile with tables: header, JSON and binary part of the feature table, JSON of the batch table, body.
fn legacy(
    magic: &[u8; 4],
    [features, batches]: &[serde_json::Value; 2],
    binary: &[u8],
    format: Option<usize>,
    body: &[u8],
) -> Vec<u8> {
    let (features, batches) = (padded(features), padded(batches));
    let header = if format.is_some() { 32 } else { 28 };
    let length = header + features.len() + binary.len() + batches.len() + body.len();
    let words = [1, length, features.len(), binary.len(), batches.len(), 0];
    let mut file = magic.to_vec();
    for number in words.into_iter().chain(format) {
        file.extend_from_slice(&word(number));
    }
    [&features[..], binary, &batches[..], body]
        .iter()
        .for_each(|part| file.extend_from_slice(part));
    file
}

fn padded(json: &serde_json::Value) -> Vec<u8> {
    let mut text = json.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(8), b' ');
    text
}

/// A binary subtree of two levels of a quadtree.
pub fn subtree() -> Vec<u8> {
    let json = padded(&json!({
        "buffers": [{"byteLength": 16}],
        "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": 1}, {"buffer": 0, "byteOffset": 8, "byteLength": 2}],
        "tileAvailability": {"bitstream": 0, "availableCount": 4},
        "contentAvailability": [{"bitstream": 0, "availableCount": 4}],
        "childSubtreeAvailability": {"bitstream": 1},
    }));
    let mut file = b"subt\x01\0\0\0".to_vec();
    file.extend_from_slice(&(json.len() as u64).to_le_bytes());
    file.extend_from_slice(&16_u64.to_le_bytes());
    file.extend_from_slice(&json);
    file.extend_from_slice(&[0b10111, 0, 0, 0, 0, 0, 0, 0, 0x0F, 0xF0, 0, 0, 0, 0, 0, 0]);
    file
}

/// A tileset with every kind of volume, an implicit tile and several contents.
pub fn tileset() -> Vec<u8> {
    json!({
        "asset": {"version": "1.1", "gltfUpAxis": "Y", "copyright": "c"}, "geometricError": 500,
        "root": {
            "geometricError": 100, "refine": "ADD", "boundingVolume": {"region": [0.1, 0.2, 0.11, 0.21, 0, 100]},
            "transform": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 6378137, 0, 0, 1],
            "viewerRequestVolume": {"sphere": [0, 0, 0, 1000]},
            "content": {"uri": "root.glb", "boundingVolume": {"box": [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]}},
            "children": [
                {"geometricError": 1, "refine": "replace", "boundingVolume": {"sphere": [0, 0, 0, 5]},
                 "contents": [{"uri": "a.b3dm"}, {"url": "b%20c.json?k=1"}]},
                {"geometricError": 9, "boundingVolume": {"box": [0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 9]},
                 "content": {"uri": "{level}/{x}/{y}.glb"},
                 "implicitTiling": {"subdivisionScheme": "QUADTREE", "subtreeLevels": 2, "availableLevels": 4,
                                    "subtrees": {"uri": "{level}.{x}.{y}.subtree"}}},
            ],
        },
    })
    .to_string()
    .into_bytes()
}

/// The flat buffer of the GLB above.
pub fn prepared() -> Vec<u8> {
    decode(&glb(), "seed.glb", &|_| None, &DecodeOptions::default())
        .map(|tile| tile.to_bytes())
        .unwrap_or_default()
}
