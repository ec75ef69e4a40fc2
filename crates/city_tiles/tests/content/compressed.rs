//! Draco geometry, and KTX 2.0 and WebP images, against what their authors' own decoders make of the
//! same files.
//!
//! `draco.tsv` was made with npm `draco3d` 1.5.9: each stream decoded by `DecodeBufferToMesh` or
//! `DecodeBufferToPointCloud`, then FNV-1a (64 bits) over the triangles as little-endian u32
//! (`GetTrianglesUInt32Array`) and over each attribute's values in their own type, in order
//! (`GetAttributeDataArrayForAllPoints`). The images' hashes are over the RGBA bytes of level 0 that
//! `basis_transcoder.js` of npm `three` 0.187.0 gives for format 13 (RGBA32).

use crate::made::Made;
use crate::samples;
use city_tiles::formats::draco::{
    DracoGeometry, DracoLimits, DracoValues, decode_mesh, decode_point_cloud,
};
use city_tiles::formats::{Fault, ktx2};
use city_tiles::prepared::NO_FEATURE;
use serde_json::json;
use std::path::Path;

const LIMITS: DracoLimits = DracoLimits {
    max_points: 1 << 20,
    max_bytes: 64 << 20,
};

fn fnv(bytes: impl IntoIterator<Item = u8>, start: u64) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.into_iter().fold(start, step)
}

const FNV: u64 = 0xcbf2_9ce4_8422_2325;

fn hash(geometry: &DracoGeometry) -> u64 {
    let mut hash = fnv(geometry.indices.iter().flat_map(|i| i.to_le_bytes()), FNV);
    for attribute in &geometry.attributes {
        hash = match &attribute.values {
            DracoValues::I8(list) => fnv(list.iter().flat_map(|v| v.to_le_bytes()), hash),
            DracoValues::U8(list) => fnv(list.iter().copied(), hash),
            DracoValues::I16(list) => fnv(list.iter().flat_map(|v| v.to_le_bytes()), hash),
            DracoValues::U16(list) => fnv(list.iter().flat_map(|v| v.to_le_bytes()), hash),
            DracoValues::I32(list) => fnv(list.iter().flat_map(|v| v.to_le_bytes()), hash),
            DracoValues::U32(list) => fnv(list.iter().flat_map(|v| v.to_le_bytes()), hash),
            DracoValues::F32(list) => fnv(list.iter().flat_map(|v| v.to_le_bytes()), hash),
        };
    }
    hash
}

/// The Draco stream of a file: all of a .drc, or what a point cloud tile's header points at.
fn stream(file: &Path) -> Vec<u8> {
    let bytes = std::fs::read(file).unwrap();
    if !bytes.starts_with(b"pnts") {
        return bytes;
    }
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let body = 28 + word(12);
    let table: serde_json::Value = serde_json::from_slice(&bytes[28..body]).unwrap();
    let part = &table["extensions"]["3DTILES_draco_point_compression"];
    let number = |key: &str| part[key].as_u64().unwrap() as usize;
    let start = body + number("byteOffset");
    bytes[start..start + number("byteLength")].to_vec()
}

fn open(bytes: &[u8]) -> Result<DracoGeometry, Fault> {
    if bytes.get(7) == Some(&0) {
        decode_point_cloud(bytes, "here", LIMITS)
    } else {
        decode_mesh(bytes, "here", LIMITS)
    }
}

/// File, points, triangles, attributes, hash.
fn table() -> Vec<(&'static str, [usize; 3], &'static str)> {
    let lines = include_str!("draco.tsv").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let counts = [1, 2, 3].map(|cell| cells[cell].parse().unwrap());
            (cells[0], counts, cells[4])
        })
        .collect()
}

#[test]
fn draco_is_what_googles_decoder_makes_of_it() {
    let Some(root) = samples::folder(".") else {
        return;
    };
    let mut versions = std::collections::BTreeMap::new();
    for (name, counts, expected) in table() {
        let bytes = stream(&root.join(name));
        let geometry = open(&bytes).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        let found = [
            geometry.points,
            geometry.indices.len() / 3,
            geometry.attributes.len(),
        ];
        assert_eq!(found, counts, "{name}");
        assert_eq!(format!("{:016x}", hash(&geometry)), expected, "{name}");
        *versions.entry((bytes[7], bytes[5], bytes[6])).or_insert(0) += 1;
    }
    println!("(mesh, version): files {versions:?}");
    assert_eq!(versions.values().sum::<i32>(), 36);
}

/// Small files made for these tests, by the encoders of npm `draco3d` 1.5.9 (a cube of five attributes;
/// its corners as a cloud) and `ktx2-encoder` 0.6.0 (16 x 12 pixels with alpha): also the fuzz seeds.
#[test]
fn made_streams_are_what_the_references_make_of_them() {
    for (bytes, counts, expected) in [
        (
            &include_bytes!("seeds/edge-standard.drc")[..],
            [8, 12, 5],
            0x98ed_4c53_cca0_e936_u64,
        ),
        (
            include_bytes!("seeds/edge-valence.drc"),
            [8, 12, 5],
            0x98ed_4c53_cca0_e936,
        ),
        (
            include_bytes!("seeds/sequential.drc"),
            [8, 12, 5],
            0x64b5_e928_aff3_5c0f,
        ),
        (
            include_bytes!("seeds/cloud-sequential.drc"),
            [8, 0, 2],
            0xdd05_e300_925c_638d,
        ),
        (
            include_bytes!("seeds/cloud-kd.drc"),
            [8, 0, 2],
            0xedaf_8a5c_0b84_36a5,
        ),
    ] {
        let geometry = open(bytes).unwrap();
        let found = [
            geometry.points,
            geometry.indices.len() / 3,
            geometry.attributes.len(),
        ];
        assert_eq!(found, counts);
        assert_eq!(hash(&geometry), expected);
    }
    for (bytes, expected) in [
        (
            &include_bytes!("seeds/etc1s.ktx2")[..],
            0xd539_8952_45e2_d7aa_u64,
        ),
        (include_bytes!("seeds/uastc.ktx2"), 0xf07a_0a79_59c1_1431),
        (
            include_bytes!("seeds/uastc-zstd.ktx2"),
            0xf07a_0a79_59c1_1431,
        ),
    ] {
        let image = ktx2::decode(bytes, "here", 192).unwrap();
        assert_eq!((image.width, image.height), (16, 12));
        assert_eq!(fnv(image.texels, FNV), expected);
    }
}

#[test]
fn draco_models_decode() {
    let Some(root) = samples::folder(".") else {
        return;
    };
    // Triangles and the extent of the positions, by the same decoder; vertices where the stream has
    // normals (flat normals split vertices).
    let expected = [
        (
            "CesiumGS__3d-tiles-tools/specs/data/gltf/BoxDraco.glb",
            12,
            Some(24),
            [1.0; 3],
        ),
        (
            "google__draco/testdata/Box/glTF_Binary/Box_Draco.glb",
            12,
            Some(24),
            [1.0; 3],
        ),
        (
            "google__draco/testdata/BoxMetaDraco/glTF/BoxMetaDraco.gltf",
            12,
            Some(36),
            [1.0; 3],
        ),
        (
            "visgl__loaders.gl/modules/3d-tiles/test/data/143.glb",
            23591 + 4631,
            None,
            [5_045.235_6, 8_167.048_8, 7_467.961_7],
        ),
        (
            "visgl__loaders.gl/modules/3d-tiles/test/data/143.b3dm",
            23591 + 4631,
            None,
            [5_045.235_6, 8_167.048_8, 7_467.961_7],
        ),
    ];
    for (name, triangles, vertices, extent) in expected {
        let tile = samples::decode_file(&root.join(name)).unwrap_or_else(|e| panic!("{e}"));
        let (low, high) = tile.bounds().unwrap();
        println!(
            "{name}: {} triangles, {low:?} to {high:?}",
            tile.triangles()
        );
        assert_eq!(tile.triangles(), triangles, "{name}");
        if let Some(vertices) = vertices {
            assert_eq!(tile.vertices(), vertices, "{name}");
        }
        // Turned, perhaps scaled by the nodes: the same box in another order of axes.
        let mut found = [0, 1, 2].map(|axis| f64::from(high[axis] - low[axis]));
        let mut extent = extent;
        found.sort_by(f64::total_cmp);
        extent.sort_by(f64::total_cmp);
        let scale = found[2] / extent[2];
        for axis in 0..3 {
            let error = (found[axis] / scale - extent[axis]).abs();
            assert!(error < 1e-3 * extent[axis], "{name}: {found:?} {extent:?}");
        }
        assert!(
            tile.warnings.iter().all(|w| !w.contains("raco")),
            "{:?}",
            tile.warnings
        );
    }
}

#[test]
fn features_of_draco_primitives() {
    let Some(folder) = samples::folder("google__draco/testdata") else {
        return;
    };
    let compressed = samples::decode_file(&folder.join("BoxMetaDraco/glTF/BoxMetaDraco.gltf"));
    let plain = samples::decode_file(&folder.join("BoxMeta/glTF/BoxMeta.gltf"));
    let (compressed, plain) = (compressed.unwrap(), plain.unwrap());
    let features = |tile: &city_tiles::prepared::PreparedTile| {
        let mut features: Vec<u32> = tile
            .primitives
            .iter()
            .flat_map(|p| p.indices.iter().map(|i| p.vertices[*i as usize].feature))
            .collect();
        features.sort_unstable();
        features
    };
    let found = features(&compressed);
    assert_eq!(found, features(&plain));
    // Twelve faces, three corners each. The compressed file has no tables to compare.
    let mut faces = found.clone();
    faces.dedup();
    println!("{} corners, {} features", found.len(), faces.len());
    assert_eq!((found.len(), faces.len()), (36, 12));
    assert!(!found.contains(&NO_FEATURE));
}

#[test]
fn a_draco_stream_that_is_damaged_is_named() {
    let mut made = Made::triangle();
    let view = made.view(b"DRACO\x02\x02\x01\x01\x00\x00");
    made.json["accessors"][0]["bufferView"].take();
    made.json["extensionsRequired"] = json!(["KHR_draco_mesh_compression"]);
    made.primitive()["extensions"]["KHR_draco_mesh_compression"] =
        json!({"bufferView": view, "attributes": {"POSITION": 0}});
    let error = made.decode().unwrap_err().to_string();
    let place =
        "meshes[0].primitives[0].KHR_draco_mesh_compression: compressed geometry is damaged";
    assert!(error.contains(place), "{error}");
    // With the same numbers beside it, the damage is a warning.
    made.json["accessors"][0]["bufferView"] = json!(0);
    let tile = made.decode().unwrap();
    assert_eq!(tile.triangles(), 1);
    assert!(tile.warnings[0].contains("damaged"), "{:?}", tile.warnings);
}

/// The image of a made tile, whose texture is as given.
fn textured(texture: serde_json::Value, images: &[&[u8]]) -> (Option<Vec<u8>>, Vec<String>) {
    let mut made = Made::triangle();
    for image in images {
        let view = made.view(image);
        made.list("images").push(json!({"bufferView": view}));
    }
    made.json["textures"] = json!([texture]);
    made.json["materials"] = json!([{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]);
    made.primitive()["material"] = json!(0);
    let uv = made.floats("VEC2", &[0.; 6]);
    made.attribute("TEXCOORD_0", uv);
    let tile = made.decode().unwrap();
    let image = tile.materials[0].base_color_image;
    let image = image.map(|image| tile.images[image as usize].texels.clone());
    (image, tile.warnings)
}

#[test]
fn ktx2_is_what_the_reference_makes_of_it() {
    let Some(root) = samples::folder(".") else {
        return;
    };
    let tools = "CesiumGS__3d-tiles-tools/specs/data/KtxUtility/golden";
    let loaders = "visgl__loaders.gl/modules/textures/test/data";
    for (folder, name, size, expected) in [
        (tools, "CesiumLogoEtc1s.ktx2", 512, 0x9d54_e746_8f9e_5351),
        (tools, "CesiumLogoUastc.ktx2", 512, 0x96bb_1fb3_bf9e_8bf8),
        (loaders, "test_etc1s.ktx2", 256, 0xf9fb_a87b_0410_f829),
        (loaders, "test_uastc.ktx2", 256, 0xd87c_2f8a_114b_cdf0_u64),
    ] {
        let bytes = std::fs::read(root.join(folder).join(name)).unwrap();
        let image = ktx2::decode(&bytes, name, 1 << 24).unwrap();
        assert_eq!((image.width, image.height), (size, size), "{name}");
        let texture = json!({"extensions": {"KHR_texture_basisu": {"source": 0}}});
        let (drawn, warnings) = textured(texture, &[&bytes]);
        assert_eq!(drawn, Some(image.texels.clone()), "{name}: {warnings:?}");
        assert_eq!(fnv(image.texels, FNV), expected, "{name}");
    }
    let tile = "visgl__loaders.gl/modules/3d-tiles/test/data/CesiumJS/VNext/agi-ktx2/0/0.glb";
    let tile = samples::decode_file(&root.join(tile)).unwrap();
    println!("{} triangles, {:?}", tile.triangles(), tile.warnings);
    assert_eq!((tile.images[0].width, tile.images[0].height), (1024, 1024));
    let drawn = tile.images[0].texels.iter().copied();
    assert_eq!(fnv(drawn, FNV), 0x6baf_e4f6_2214_253c);
    assert_eq!(tile.warnings, [""; 0]);
}

#[test]
fn webp_images_decode() {
    let below = "KhronosGroup__glTF-Validator/test/ext/EXT_texture_webp/data/image";
    let Some(folder) = samples::folder(below) else {
        return;
    };
    let webp = |name: &str| std::fs::read(folder.join(name)).unwrap();
    for (name, low, high) in [
        ("VP8_red.webp", [240, 0, 0, 255], [255, 12, 12, 255]),
        ("VP8L_red.webp", [255, 0, 0, 255], [255, 0, 0, 255]),
        ("VP8L_red_transparent.webp", [0, 0, 0, 0], [255, 0, 0, 254]),
        (
            "VP8X_red_transparent.webp",
            [0, 0, 0, 0],
            [255, 12, 12, 254],
        ),
    ] {
        let texture = json!({"source": 1, "extensions": {"EXT_texture_webp": {"source": 0}}});
        let (image, warnings) = textured(texture, &[&webp(name), b"not read"]);
        let image = image.unwrap_or_else(|| panic!("{name}: {warnings:?}"));
        println!("{name}: {} pixels, {:?}", image.len() / 4, &image[..4]);
        for pixel in image.as_chunks::<4>().0 {
            let within = |c: usize| (low[c]..=high[c]).contains(&pixel[c]);
            assert!((0..4).all(within), "{name}: {pixel:?}");
        }
        assert!(warnings.is_empty(), "{name}: {warnings:?}");
    }
    // An image that cannot be read gives way to the plain one.
    let texture = json!({"source": 0, "extensions": {"EXT_texture_webp": {"source": 1}}});
    let (image, warnings) = textured(texture, &[&webp("VP8L_red.webp"), b"RIFF\0\0\0\0WEBPVP8 "]);
    assert!(image.is_some() && warnings.len() == 1, "{warnings:?}");
}

#[test]
fn avif_alone_is_told() {
    let texture = json!({"extensions": {"EXT_texture_avif": {"source": 0}}});
    let (image, warnings) = textured(texture, &[b"ftypavif"]);
    assert!(
        image.is_none() && warnings[0].contains("EXT_texture_avif"),
        "{warnings:?}"
    );
}

/// Bytes of a xorshift generator: the same hostile files on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// A copy with a few bytes changed, most of them near the start, or cut short.
    fn damage(&mut self, bytes: &[u8], from: usize) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(5) {
            let near = if self.below(2) == 0 { 400 } else { bytes.len() };
            let at = from + self.below(near.min(bytes.len().saturating_sub(from)));
            let value = [0, 1, 0x7F, 0x80, 0xFF, self.below(256)][self.below(6)] as u8;
            match (self.below(8), bytes.get_mut(at)) {
                (0, _) => bytes.truncate(at),
                (1 | 2, Some(byte)) => *byte ^= 1 << self.below(8),
                (_, Some(byte)) => *byte = value,
                _ => {}
            }
        }
        bytes
    }
}

#[test]
fn damaged_draco_is_an_error_or_a_geometry() {
    let Some(root) = samples::folder(".") else {
        return;
    };
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let (mut read, mut refused) = (0, 0);
    for (name, ..) in table() {
        let bytes = stream(&root.join(name));
        if bytes.len() > 20_000 {
            continue;
        }
        for _ in 0..100 {
            match open(&random.damage(&bytes, 5)) {
                Ok(geometry) => {
                    read += 1;
                    assert!(
                        geometry
                            .indices
                            .iter()
                            .all(|i| (*i as usize) < geometry.points)
                    );
                    for attribute in &geometry.attributes {
                        let numbers = attribute.floats().len();
                        assert_eq!(numbers, geometry.points * attribute.components, "{name}");
                    }
                }
                Err(_) => refused += 1,
            }
        }
    }
    println!("{read} read, {refused} refused");
    assert!(read > 0 && refused > read);
}

#[test]
fn damaged_ktx2_is_an_error_or_an_image() {
    let Some(root) = samples::folder(".") else {
        return;
    };
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let (mut read, mut refused) = (0, 0);
    for file in samples::files(&root, &["ktx2"]) {
        let bytes = std::fs::read(&file).unwrap();
        for _ in 0..100 {
            match ktx2::decode(&random.damage(&bytes, 12), "here", 1 << 17) {
                Ok(image) => {
                    read += 1;
                    let pixels = image.width as usize * image.height as usize;
                    assert_eq!(image.texels.len(), pixels * 4);
                }
                Err(_) => refused += 1,
            }
        }
    }
    println!("{read} read, {refused} refused");
    assert!(read > 0 && refused > 0);
}
