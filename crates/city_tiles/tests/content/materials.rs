//! glTF 2.0, 3.9: materials, textures, colours; and the extensions that tiles use.

use crate::made::Made;
use city_tiles::formats::{DecodeOptions, decode};
use city_tiles::prepared::{AlphaMode, ImageUse, PreparedTile, SurfaceClass, Wrap};
use serde_json::json;

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = image::RgbaImage::from_fn(width, height, |x, y| {
        image::Rgba([x as u8, y as u8, 7, 255])
    });
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn textured() -> Made {
    let mut made = Made::triangle();
    let view = made.view(&png(3, 2));
    made.json["images"] = json!([{"bufferView": view, "mimeType": "image/png"}]);
    made.json["samplers"] = json!([{"wrapS": 33071, "wrapT": 33648}]);
    made.json["textures"] = json!([{"source": 0, "sampler": 0}]);
    made.json["materials"] = json!([{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]);
    made.primitive()["material"] = json!(0);
    let uv = made.floats("VEC2", &[0., 0., 1., 0., 0., 1.]);
    made.attribute("TEXCOORD_0", uv);
    made
}

#[test]
fn a_base_colour_texture_is_decoded() {
    let tile = textured().decode().unwrap();
    assert_eq!((tile.images[0].width, tile.images[0].height), (3, 2));
    assert_eq!(tile.images[0].texels[4..8], [1, 0, 7, 255]);
    let material = &tile.materials[0];
    assert_eq!(material.base_color_image, Some(0));
    assert_eq!(
        (material.wrap_u, material.wrap_v),
        (Wrap::Clamp, Wrap::Mirror)
    );
    assert_eq!(tile.primitives[0].vertices[1].uv, [1., 0.]);
    assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
}

#[test]
fn a_bad_or_huge_image_is_a_warning_and_the_tile_is_drawn() {
    let mut made = textured();
    let view = made.view(b"not an image");
    made.json["images"][0]["bufferView"] = json!(view);
    let tile = made.decode().unwrap();
    assert_eq!(tile.materials[0].base_color_image, None);
    assert!(
        tile.warnings[0].contains("images[0]"),
        "{:?}",
        tile.warnings
    );
    // A PNG that promises 60,000 x 60,000 pixels in a few bytes.
    let mut lying = png(1, 1);
    lying[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let sum = crc32(&lying[12..29]);
    lying[29..33].copy_from_slice(&sum.to_be_bytes());
    let view = made.view(&lying);
    made.json["images"][0]["bufferView"] = json!(view);
    let tile = made.decode().unwrap();
    assert!(
        tile.warnings[0].contains("3600000000 pixels"),
        "{:?}",
        tile.warnings
    );
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xEDB8_8320
            } else {
                crc >> 1
            }
        })
    })
}

#[test]
fn texture_transform_moves_turns_and_scales() {
    let mut made = textured();
    made.json["extensionsRequired"] = json!(["KHR_texture_transform"]);
    made.json["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"]["extensions"] = json!({
        "KHR_texture_transform": {"offset": [0.5, 0.25], "rotation": std::f64::consts::FRAC_PI_2, "scale": [2., 3.]}
    });
    let tile = made.decode().unwrap();
    let uv = |i: usize| tile.primitives[0].vertices[i].uv;
    let near = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).abs() < 1e-5 && (a[1] - b[1]).abs() < 1e-5;
    assert!(near(uv(0), [0.5, 0.25]), "{:?}", uv(0));
    assert!(near(uv(1), [0.5, 0.25 - 2.0]), "{:?}", uv(1));
    assert!(near(uv(2), [0.5 + 3.0, 0.25]), "{:?}", uv(2));
}

#[test]
fn factors_modes_and_surface_classes() {
    let mut made = Made::triangle();
    made.json["extensionsRequired"] = json!(["KHR_materials_unlit"]);
    made.json["materials"] = json!([
        {"pbrMetallicRoughness": {"baseColorFactor": [0.1, 0.2, 0.3, 0.4], "metallicFactor": 0, "roughnessFactor": 0.5},
         "alphaMode": "MASK", "emissiveFactor": [0.5, 0, 0], "extensions": {"KHR_materials_unlit": {}}},
        {"alphaMode": "BLEND", "doubleSided": true, "extras": {"belvedere_surface": "facade"}},
        {"extensions": {"KHR_materials_pbrSpecularGlossiness": {"diffuseFactor": [0, 1, 0, 1], "glossinessFactor": 0.25}}},
    ]);
    let tile = made.decode().unwrap();
    let [first, second, third, default] = tile.materials.as_slice() else {
        panic!()
    };
    assert_eq!(first.base_color, [0.1, 0.2, 0.3, 0.4]);
    assert_eq!(
        (first.metallic, first.roughness, first.emissive[0]),
        (0.0, 0.5, 0.5)
    );
    assert_eq!(first.alpha_mode, AlphaMode::Mask(0.5));
    assert!(first.unlit && !first.double_sided);
    assert_eq!(
        (second.alpha_mode, second.class),
        (AlphaMode::Blend, SurfaceClass::Facade)
    );
    assert!(second.double_sided);
    assert_eq!(
        (third.base_color, third.roughness),
        ([0., 1., 0., 1.], 0.75)
    );
    assert_eq!(default, &city_tiles::prepared::PreparedMaterial::default());
}

#[test]
fn vertex_colours_of_every_form() {
    let cases: [(&str, u32, Vec<u8>); 3] = [
        (
            "VEC3",
            5126,
            [1_f32, 0.5, 0., 1., 0.5, 0., 1., 0.5, 0.]
                .map(f32::to_le_bytes)
                .concat(),
        ),
        ("VEC4", 5121, [255, 128, 0, 255].repeat(3)),
        (
            "VEC4",
            5123,
            [65535_u16, 32896, 0, 65535]
                .map(u16::to_le_bytes)
                .concat()
                .repeat(3),
        ),
    ];
    for (kind, component, bytes) in cases {
        let mut made = Made::triangle();
        let accessor = made.accessor(kind, component, 3, &bytes);
        made.list("accessors")[accessor]["normalized"] = json!(component != 5126);
        made.attribute("COLOR_0", accessor);
        let tile = made.decode().unwrap();
        assert_eq!(
            tile.primitives[0].vertices[2].color,
            [255, 128, 0, 255],
            "{kind} {component}"
        );
    }
    assert_eq!(
        Made::triangle().decode().unwrap().primitives[0].vertices[0].color,
        [255; 4]
    );
}

#[test]
fn credits_are_split_and_told_once() {
    let mut made = Made::triangle();
    made.json["asset"]["copyright"] = json!("PDOK; 3DBAG ;PDOK;");
    assert_eq!(made.decode().unwrap().copyright, ["PDOK", "3DBAG"]);
}

#[test]
fn what_is_not_drawn_is_said() {
    let mut made = Made::triangle();
    made.json["extensionsUsed"] = json!([
        "KHR_materials_pbrNeural",
        "MADE_up_extension",
        "KHR_materials_ior"
    ]);
    let warnings = made.decode().unwrap().warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    made.json["extensionsRequired"] = json!(["MADE_up_extension"]);
    let error = made.decode().unwrap_err().to_string();
    assert!(
        error.contains("made/here.glb: extensionsRequired: requires MADE_up_extension"),
        "{error}"
    );
}

#[test]
fn shaders_of_a_models_own_give_way_to_the_diffuse_colour() {
    let mut made = textured();
    made.json["extensionsRequired"] = json!(["KHR_techniques_webgl"]);
    made.json["materials"] = json!([
        {"extensions": {"KHR_techniques_webgl": {"technique": 0, "values": {"u_diffuse": {"index": 0, "texCoord": 0}}}}},
        {"extensions": {"KHR_techniques_webgl": {"technique": 0, "values": {"u_diffuse": [0.1, 0.2, 0.3, 1]}}}},
    ]);
    let tile = made.decode().unwrap();
    assert_eq!(tile.materials[0].base_color_image, Some(0));
    assert_eq!(tile.materials[1].base_color, [0.1, 0.2, 0.3, 1.0]);
    assert_eq!(tile.materials[1].metallic, 0.0);
    assert!(
        tile.warnings[0].contains("own shaders"),
        "{:?}",
        tile.warnings
    );
}

/// A material with all its textures, decoded for who draws maps, or not.
fn with_maps(material: serde_json::Value, maps: bool) -> PreparedTile {
    let mut made = textured();
    made.json["textures"] = json!([{"source": 0, "sampler": 0}, {"source": 0}]);
    made.json["materials"] = json!([material]);
    let options = DecodeOptions {
        images: ImageUse {
            maps,
            ..ImageUse::default()
        },
        ..DecodeOptions::default()
    };
    decode(&made.glb(), "made/here.glb", &|_| None, &options).unwrap()
}

#[test]
fn maps_are_read_for_who_draws_them_as_linear_images() {
    let material = json!({
        "pbrMetallicRoughness": {
            "baseColorTexture": {"index": 0}, "metallicRoughnessTexture": {"index": 1}, "roughnessFactor": 0.5},
        "emissiveTexture": {"index": 1}, "emissiveFactor": [1, 0.5, 0],
        "extensions": {"KHR_materials_emissive_strength": {"emissiveStrength": 4}},
        "normalTexture": {"index": 1, "scale": 0.5}, "occlusionTexture": {"index": 1, "strength": 0.25},
    });
    let tile = with_maps(material.clone(), true);
    assert!(tile.warnings.is_empty(), "{:?}", tile.warnings);
    let first = &tile.materials[0];
    assert_eq!((first.metallic, first.roughness), (1.0, 0.5));
    assert_eq!(first.emissive, [4.0, 2.0, 0.0]);
    assert_eq!((first.normal_scale, first.occlusion_strength), (0.5, 0.25));
    // One image as colours, the same as numbers; each texture with its own sampler.
    let maps = first.maps().map(Option::unwrap);
    assert_eq!(
        maps.map(|map| tile.images[map.image as usize].is_linear),
        [false, true, true, true]
    );
    assert_eq!(tile.images.len(), 2);
    assert_eq!((maps[1].wrap_u, first.wrap_u), (Wrap::Repeat, Wrap::Clamp));
    let again = PreparedTile::from_bytes(&tile.to_bytes()).unwrap();
    assert_eq!(
        (&again.materials, &again.images),
        (&tile.materials, &tile.images)
    );

    let lean = with_maps(material, false);
    let first = &lean.materials[0];
    assert!(first.emissive_map.is_some() && lean.images.len() == 1);
    assert_eq!(first.maps().iter().flatten().count(), 1);
    // Without its texture, metal would be everywhere.
    assert_eq!((first.metallic, first.roughness), (0.0, 1.0));
}

#[test]
fn a_vertex_has_one_pair_of_coordinates() {
    let moved = json!({"KHR_texture_transform": {"offset": [0.5, 0]}});
    let tile = with_maps(
        json!({
            "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}},
            "emissiveTexture": {"index": 1, "texCoord": 1}, "emissiveFactor": [1, 1, 1],
            "normalTexture": {"index": 1, "extensions": moved},
            "occlusionTexture": {"index": 1, "extensions": {"KHR_texture_transform": {"scale": [1, 1]}}},
        }),
        true,
    );
    let first = &tile.materials[0];
    assert_eq!((first.emissive_map, first.normal_map), (None, None));
    assert_eq!(first.emissive, [0.0; 3], "all of it would shine");
    assert!(first.occlusion_map.is_some(), "moved by nothing");
    assert_eq!(tile.warnings.len(), 2, "{:?}", tile.warnings);
    // Where nothing has a base colour, the first of the others leads.
    let tile = with_maps(
        json!({"emissiveTexture": {"index": 1, "extensions": moved}, "emissiveFactor": [1, 1, 1]}),
        false,
    );
    assert_eq!(tile.primitives[0].vertices[1].uv, [1.5, 0.0]);
    assert!(tile.materials[0].emissive_map.is_some() && tile.warnings.is_empty());
}
