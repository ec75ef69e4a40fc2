//! Bytes that were changed: an error or a tile that keeps its promises, in bounded time.

use city_tiles::formats::{DecodeOptions, decode};
use city_tiles::prepared::PreparedTile;
use city_tiles::terrain::*;

use crate::imagery::{png, raster_descriptor};
use crate::quantized::{descriptor, small};
use crate::samples;

/// Numbers that are the same every time (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }
}

fn changed(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.roll(4) {
        if bytes.is_empty() {
            break;
        }
        let at = dice.roll(bytes.len());
        match dice.roll(4) {
            0 => bytes[at] = dice.roll(256) as u8,
            1 => bytes[at] = [0, 255, 127, 128][dice.roll(4)],
            2 => bytes.truncate(at),
            _ => bytes.insert(at, dice.roll(256) as u8),
        }
    }
    bytes
}

fn hold(json: &[u8], file: &[u8]) -> bool {
    let options = DecodeOptions {
        max_vertices: 1 << 16,
        max_total_pixels: 1 << 20,
        ..DecodeOptions::default()
    };
    let external = |_: &str| Some(file.to_vec());
    match decode(json, "terrain:///t/1/1/1.terrain", &external, &options) {
        Err(error) => {
            assert!(!error.place.is_empty());
            false
        }
        Ok(tile) => {
            for primitive in &tile.primitives {
                let count = primitive.vertices.len();
                assert!(primitive.indices.iter().all(|i| (*i as usize) < count));
                assert!(
                    primitive
                        .vertices
                        .iter()
                        .all(|v| { v.position.iter().chain(&v.uv).all(|c| c.is_finite()) })
                );
            }
            assert_eq!(PreparedTile::from_bytes(&tile.to_bytes()).unwrap(), tile);
            true
        }
    }
}

#[test]
fn changed_meshes() {
    let mut files = vec![small(&[
        (1, vec![7; 8]),
        (2, vec![255]),
        (4, b"\x02\0\0\0{}".to_vec()),
    ])];
    if let Some(folder) = samples::folder("visgl__loaders.gl/modules/terrain/test/data") {
        for name in [
            "maptiler_10_1070_778.terrain",
            "tile-with-extensions.terrain",
        ] {
            files.push(std::fs::read(folder.join(name)).unwrap());
        }
    }
    let mut dice = Dice(1);
    let cell = Cell::new(9, 500, 200);
    let whole = serde_json::to_vec(&descriptor(cell, cell)).unwrap();
    let part = serde_json::to_vec(&descriptor(cell.children()[2], cell)).unwrap();
    let (mut good, mut all) = (0, 0);
    for _ in 0..400 {
        for file in &files {
            let file = changed(file, &mut dice);
            good += usize::from(hold(&whole, &file)) + usize::from(hold(&part, &file));
            all += 2;
        }
    }
    println!("{good} of {all} changed meshes still decode");
    assert!(good > 0 && good < all);
}

#[test]
fn changed_rasters_and_descriptors() {
    let file = png(32, |x, y| [128, (x * 8) as u8, (y * 8) as u8, 255]);
    let mut json = raster_descriptor(Cell::new(9, 417, 222), Cell::new(9, 417, 222));
    json.pixels = 32;
    json.grid = 9;
    let json = serde_json::to_vec(&json).unwrap();
    assert!(hold(&json, &file));
    let mut dice = Dice(2);
    let (mut good, mut all) = (0, 0);
    for _ in 0..1500 {
        good += usize::from(hold(&json, &changed(&file, &mut dice)));
        good += usize::from(hold(&changed(&json, &mut dice), &file));
        all += 2;
    }
    println!("{good} of {all} changed rasters and descriptors still decode");
    assert!(good > 0 && good < all);
}

#[test]
fn changed_layer_files() {
    let json = br#"{"format":"quantized-mesh-1.0","tiles":["{z}/{x}/{y}.terrain"],"maxzoom":9,"metadataAvailability":4,
        "available":[[{"startX":0,"startY":0,"endX":1,"endY":0}]],"bounds":[-180,-90,180,90]}"#;
    let mut dice = Dice(3);
    for _ in 0..2000 {
        if let Ok(layer) = LayerJson::parse(&changed(json, &mut dice), "https://h/layer.json") {
            let config = TerrainConfig {
                heights: HeightSource::QuantizedMesh(vec![layer]),
                ..TerrainConfig::default()
            };
            let source = TerrainSource::new("t", config).unwrap();
            let root = source.document(&source.root_address()).unwrap();
            city_tiles::tileset::Tileset::parse(&root, "t", &city_tiles::Limits::default())
                .unwrap();
        }
    }
}
