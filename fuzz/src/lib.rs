//! What the fuzz targets share: small fixtures made here, for seeds.

use std::path::Path;

mod fixtures;

mod compressed;
mod ground;
mod layers;
mod live;
mod packages;
mod styles;
mod tables;
mod walls;

use fixtures::{b3dm, cmpt, glb, gltf, i3dm, pnts, prepared, subtree, tileset};
use live::{MQTT, scenes, wire};

/// One target's name and its seeds.
pub type Seeds = (&'static str, Vec<Vec<u8>>);

/// Every target's seeds. A new target adds one line here and one `[[bin]]` in Cargo.toml.
pub fn seeds() -> Vec<Seeds> {
    vec![
        ("glb", vec![glb(), gltf()]),
        ("b3dm", vec![b3dm(), i3dm(), pnts(), cmpt()]),
        ("subtree", vec![subtree(), subtree_json()]),
        ("tileset_json", vec![tileset()]),
        ("check", check_seeds()),
        ("prepared", vec![prepared()]),
        ("package", packages::seeds()),
        ("geojson", layers::geojson()),
        ("style", styles::seeds()),
        ("table", tables::seeds()),
        ("draco", compressed::draco()),
        ("ktx2", compressed::ktx2()),
        ("terrain", ground::seeds()),
        ("scene_toml", scenes()),
        ("wire", wire()),
        ("mqtt_json", vec![MQTT.to_vec()]),
        ("wall_toml", vec![walls::TOML.as_bytes().to_vec()]),
        ("wall_packet", walls::packets()),
    ]
}

/// Writes a target's seeds to `corpus/<target>/` before libFuzzer reads them.
pub fn plant(target: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let written = std::fs::create_dir_all(&folder).and_then(|()| {
        let seeds = seeds().into_iter().filter(|(name, _)| *name == target);
        for (index, seed) in seeds.flat_map(|(_, seeds)| seeds).enumerate() {
            std::fs::write(folder.join(format!("seed-{index}")), seed)?;
        }
        Ok(())
    });
    if let Err(e) = written {
        eprintln!("no seeds in {}: {e}", folder.display());
    }
}

/// Parts a fuzzed input into files.
pub const PART: &[u8] = b"\n--part--\n";

/// A tileset, a subtree and a content in one input, for the checker that goes from one to the next.
fn check_seeds() -> Vec<Vec<u8>> {
    let joined = |parts: [Vec<u8>; 3]| parts.join(PART);
    vec![
        joined([tileset(), subtree(), glb()]),
        joined([tileset(), subtree_json(), b3dm()]),
        joined([tileset(), subtree_json(), gltf()]),
        glb(),
    ]
}

fn subtree_json() -> Vec<u8> {
    br#"{"tileAvailability":{"constant":1},"contentAvailability":[{"constant":1}],"childSubtreeAvailability":{"constant":0}}"#.to_vec()
}

/// Reads bytes as a package under small limits, and its entries.
pub fn package(bytes: &[u8]) {
    packages::hold(bytes);
}

/// Reads bytes as GeoJSON under small limits, and dresses what comes of it.
pub fn layer(bytes: &[u8]) {
    layers::hold(bytes);
}

/// Reads bytes as a style and as an expression, and evaluates what they say.
pub fn style(bytes: &[u8]) {
    styles::hold(bytes);
}

/// Reads bytes as a table and joins it to features.
pub fn table(bytes: &[u8]) {
    tables::hold(bytes);
}

/// Reads bytes as everything that terrain is made of, under small limits.
pub fn terrain(bytes: &[u8]) {
    ground::hold(bytes);
}

/// Decodes bytes under small limits and holds the result to what every prepared tile promises.
pub fn content(bytes: &[u8]) {
    use city_tiles::formats::{DecodeOptions, decode, list_external};
    use city_tiles::prepared::{NO_FEATURE, PreparedTile};

    let options = DecodeOptions {
        max_bytes: 1 << 20,
        max_decompressed_bytes: 1 << 20,
        max_vertices: 1 << 14,
        max_nodes: 256,
        max_image_pixels: 1 << 16,
        max_total_pixels: 1 << 17,
        max_features: 1 << 12,
        max_column_values: 1 << 14,
        ..DecodeOptions::default()
    };
    let _ = list_external(bytes, "fuzz/a.glb", &options);
    // Every file beside it has the same few bytes.
    let external = |_: &str| Some(bytes.iter().copied().take(256).collect());
    match decode(bytes, "fuzz/a.glb", &external, &options) {
        Err(e) => assert!(e.to_string().starts_with("fuzz/a.glb: ") && !e.place.is_empty()),
        Ok(tile) => {
            for primitive in &tile.primitives {
                assert!((primitive.material as usize) < tile.materials.len());
                assert!(
                    primitive
                        .indices
                        .iter()
                        .all(|index| (*index as usize) < primitive.vertices.len())
                );
                for vertex in &primitive.vertices {
                    assert!(
                        vertex
                            .position
                            .iter()
                            .chain(&vertex.uv)
                            .all(|number| number.is_finite())
                    );
                    assert!(vertex.feature == NO_FEATURE || vertex.feature < tile.features.len());
                }
            }
            for feature in 0..tile.features.len().min(16) {
                let _ = tile.features.properties(feature);
            }
            for corner in 0..16 {
                let (corners, weights) = ([corner, corner / 2, 0], [0.2, 0.3, 0.5]);
                let feature = tile.feature_at(corner % 2, corners, weights);
                assert!(feature == NO_FEATURE || feature < tile.features.len());
                let _ = tile.surface.properties(corner % 2, corners, weights);
            }
            let again = PreparedTile::from_bytes(&tile.to_bytes());
            assert!(again.is_ok(), "{:?}", again.err());
        }
    }
}
