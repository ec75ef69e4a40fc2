//! A glTF and the files beside it, in one GLB: what is drawn stays the same.

use crate::made::{Made, plain};
use crate::samples;
use city_tiles::formats::gltf::{is_glb, pack};
use city_tiles::formats::{DecodeError, DecodeErrorKind, DecodeOptions, decode, list_external};
use serde_json::json;

fn packed(
    bytes: &[u8],
    external: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Result<Vec<u8>, DecodeError> {
    pack(bytes, "made/here.gltf", external, &DecodeOptions::default())
}

fn png(red: u8) -> Vec<u8> {
    let image = image::RgbaImage::from_pixel(2, 3, image::Rgba([red, 2, 3, 255]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A textured triangle whose positions are in a file, its texture coordinates in the address, its image in a file.
fn scattered() -> (Vec<u8>, Made) {
    let mut made = Made::triangle();
    let uv = made.floats("VEC2", &[0., 0., 1., 0., 0., 1.]);
    made.attribute("TEXCOORD_0", uv);
    made.primitive()["material"] = json!(0);
    let mut json = made.json.clone();
    let view = json["bufferViews"][1].clone();
    let start = view["byteOffset"].as_u64().unwrap() as usize;
    // The same bytes, in a buffer of their own.
    json["bufferViews"][1] = json!({"buffer": 1, "byteLength": view["byteLength"]});
    let data: String = made.binary[start..]
        .iter()
        .map(|byte| format!("%{byte:02x}"))
        .collect();
    json["buffers"] = json!([
        {"byteLength": start, "uri": "parts/positions%20of.bin"},
        {"byteLength": 24, "uri": format!("data:application/octet-stream,{data}")},
    ]);
    json["images"] = json!([{"uri": "bark.png"}]);
    json["textures"] = json!([{"source": 0}]);
    json["materials"] = json!([{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]);
    (serde_json::to_vec(&json).unwrap(), made)
}

#[test]
fn buffers_and_images_beside_a_model_are_inside_afterwards() {
    let (text, made) = scattered();
    let files = |address: &str| match address {
        "made/parts/positions of.bin" => Some(made.binary.clone()),
        "made/bark.png" => Some(png(200)),
        _ => None,
    };
    let options = DecodeOptions::default();
    let before = decode(&text, "made/here.gltf", &files, &options).unwrap();
    let glb = packed(&text, &files).unwrap();
    assert!(is_glb(&glb));
    assert_eq!(
        u32::from_le_bytes(glb[8..12].try_into().unwrap()) as usize,
        glb.len()
    );
    assert!(list_external(&glb, "a.glb", &options).unwrap().is_empty());
    let after = plain(&glb).unwrap();
    assert_eq!(before, after);
    assert_eq!(after.images[0].texels[0], 200);
    // What has all it needs stays as it is, and the same gives the same.
    assert_eq!(packed(&glb, &|_| None).unwrap(), glb);
    assert_eq!(packed(&text, &files).unwrap(), glb);
}

#[test]
fn what_is_missing_cut_short_or_no_image_is_said() {
    let (text, made) = scattered();
    let missing = |name: &'static str| {
        let files = |address: &str| match address {
            _ if address.ends_with(name) => None,
            "made/bark.png" => Some(png(1)),
            _ => Some(made.binary.clone()),
        };
        packed(&text, &files).unwrap_err()
    };
    for name in ["of.bin", "bark.png"] {
        let error = missing(name);
        assert!(
            matches!(&error.kind, DecodeErrorKind::MissingResource(file) if file.ends_with(name))
        );
        assert!(error.to_string().contains("here.gltf"), "{error}");
    }
    let short = packed(&text, &|_| Some(b"abc".to_vec())).unwrap_err();
    assert!(
        matches!(short.kind, DecodeErrorKind::Truncated { have: 3, .. }),
        "{short}"
    );
    let no_image = packed(&text, &|_| Some(made.binary.clone())).unwrap_err();
    assert_eq!(no_image.place, "images[0]");
    let remote = pack(
        br#"{"asset":{"version":"2.0"},"buffers":[{"byteLength":1,"uri":"file:///etc/passwd"}]}"#,
        "https://x.org/a.gltf",
        &|_| panic!("nothing local is asked for"),
        &DecodeOptions::default(),
    );
    assert!(remote.unwrap_err().to_string().contains("may not name"));
    assert!(packed(b"{}", &|_| None).is_err());
    let few = DecodeOptions {
        max_bytes: 1500,
        ..DecodeOptions::default()
    };
    let large = pack(&text, "made/here.gltf", &|_| Some(vec![0; 1400]), &few).unwrap_err();
    assert!(
        matches!(
            large.kind,
            DecodeErrorKind::Limit { .. } | DecodeErrorKind::Image(_)
        ),
        "{large}"
    );
}

#[test]
fn the_samples_draw_the_same_when_they_are_packed() {
    let folders = ["google__draco", "CesiumGS__3d-tiles-validator"];
    let mut count = 0;
    let mut refused = Vec::new();
    for folder in folders.iter().filter_map(|name| samples::folder(name)) {
        for path in samples::files(&folder, &["gltf", "glb"]) {
            let Ok(before) = samples::decode_file(&path) else {
                continue;
            };
            let bytes = std::fs::read(&path).unwrap();
            let external = |address: &str| std::fs::read(address).ok();
            let base = path.to_str().unwrap();
            let glb = match pack(&bytes, base, &external, &DecodeOptions::default()) {
                Ok(glb) => glb,
                Err(error) => {
                    refused.push(error.to_string());
                    continue;
                }
            };
            // Nothing beside it is asked for.
            let after = decode(&glb, base, &|_| None, &DecodeOptions::default());
            assert_eq!(before, after.unwrap(), "{}", path.display());
            count += 1;
        }
    }
    println!("{count} samples");
    // Made to be wrong: drawn all the same, and not fit to be packed.
    let wrong = ["ImageDataInvalid.gltf", "SchemaAndSchemaUri.gltf"];
    refused.retain(|error| wrong.iter().all(|name| !error.contains(name)));
    assert_eq!(refused, Vec::<String>::new());
}
