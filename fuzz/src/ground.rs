//! Terrain: seeds, and what must hold for whatever comes of any bytes.

use city_tiles::Limits;
use city_tiles::formats::{DecodeOptions, decode};
use city_tiles::prepared::PreparedTile;
use city_tiles::terrain::{
    Cell, Descriptor, HeightFile, HeightFiles, HeightKind, HeightSource, ImageFile, LayerImages,
    LayerJson, Scheme, TerrainConfig, TerrainSource, VERSION,
};
use city_tiles::tileset::Tileset;

const LAYER: &[u8] = br#"{"format":"quantized-mesh-1.0","scheme":"tms","tiles":["{z}/{x}/{y}.terrain?v={version}"],"extensions":["metadata"],"metadataAvailability":2,"maxzoom":4,"bounds":[0,0,9,9],"available":[[{"startX":0,"startY":0,"endX":1,"endY":0}]],"parentUrl":"../p"}"#;

/// Two triangles with every extension, a descriptor, a layer.json.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut mesh = vec![0; 88];
    mesh[28..32].copy_from_slice(&9f32.to_le_bytes());
    mesh.extend(4u32.to_le_bytes());
    let zigzag = |d: i32| ((d << 1) ^ (d >> 31)) as u16;
    for axis in [
        [0, 32_767, 0, 32_767],
        [0, 0, 32_767, 32_767],
        [0, 32_767, 0, 9],
    ] {
        let mut before = 0;
        for value in axis {
            mesh.extend(zigzag(value - before).to_le_bytes());
            before = value;
        }
    }
    mesh.extend(2u32.to_le_bytes());
    mesh.extend([0u16, 0, 0, 1, 2, 0].iter().flat_map(|i| i.to_le_bytes()));
    for edge in [[0u16, 2], [1, 0], [1, 3], [2, 3]] {
        mesh.extend(2u32.to_le_bytes());
        mesh.extend(edge.iter().flat_map(|i| i.to_le_bytes()));
    }
    let bodies: [(u8, &[u8]); 3] = [
        (1, &[7; 8]),
        (2, &[255]),
        (4, b"\x10\0\0\0{\"available\":[]}"),
    ];
    for (id, body) in bodies {
        mesh.push(id);
        mesh.extend((body.len() as u32).to_le_bytes());
        mesh.extend(body);
    }
    let json = serde_json::to_vec(&descriptor(HeightKind::Ellipsoid, Cell::new(4, 12, 5)));
    vec![mesh, json.unwrap_or_default(), LAYER.to_vec()]
}

fn descriptor(kind: HeightKind, tile: Cell) -> Descriptor {
    let image = |tile: Cell, url: &str| ImageFile {
        url: url.to_owned(),
        window: Scheme::WebMercator.window(tile),
        instead: None,
    };
    let own = ImageFile {
        instead: Some(Box::new(image(Cell::new(3, 6, 2), "b.png"))),
        ..image(Cell::new(4, 12, 5), "a.png")
    };
    Descriptor {
        belvedere_terrain: VERSION,
        scheme: Scheme::Geographic,
        tile,
        heights: HeightFiles {
            kind,
            files: vec![HeightFile {
                url: "a.terrain".to_owned(),
                tile: Cell::new(4, 12, 5),
            }],
            possible_m: [-12_000.0, 9_000.0],
            around: Vec::new(),
        },
        height_offset_m: 1.0,
        grid: 9,
        skirt_m: 9.0,
        pixels: 16,
        imagery: vec![LayerImages {
            scheme: Scheme::WebMercator,
            opacity: 0.5,
            attribution: "a".to_owned(),
            images: vec![own],
        }],
        attribution: String::new(),
    }
}

/// Decodes under small limits, whole and in part, and walks what a layer.json leads to.
pub fn hold(bytes: &[u8]) {
    let own = Cell::new(4, 12, 5);
    for (kind, tile) in [
        (HeightKind::QuantizedMesh, own),
        (HeightKind::QuantizedMesh, own.children()[1]),
        (HeightKind::Terrarium, own),
        (HeightKind::MapboxRgb, own.children()[2]),
    ] {
        if let Ok(json) = serde_json::to_vec(&descriptor(kind, tile)) {
            tile_of(&json, bytes);
        }
    }
    tile_of(bytes, bytes.get(..bytes.len().min(256)).unwrap_or_default());
    if let Ok(layer) = LayerJson::parse(bytes, "https://h/layer.json") {
        let config = TerrainConfig {
            heights: HeightSource::QuantizedMesh(vec![layer]),
            ..TerrainConfig::default()
        };
        let source = TerrainSource::new("t", config).expect("one layer can be used");
        let root = source.document(&source.root_address()).expect("a root");
        Tileset::parse(&root, "t", &Limits::default()).expect("3D Tiles");
    }
}

fn tile_of(json: &[u8], file: &[u8]) {
    let options = DecodeOptions {
        max_bytes: 1 << 20,
        max_vertices: 1 << 14,
        max_image_pixels: 1 << 16,
        max_total_pixels: 1 << 17,
        ..DecodeOptions::default()
    };
    let external = |_: &str| Some(file.to_vec());
    match decode(json, "fuzz/a.terrain", &external, &options) {
        Err(e) => assert!(e.to_string().starts_with("fuzz/a.terrain: ") && !e.place.is_empty()),
        Ok(tile) => {
            for primitive in &tile.primitives {
                let count = primitive.vertices.len();
                assert!(primitive.indices.iter().all(|i| (*i as usize) < count));
                for vertex in &primitive.vertices {
                    let numbers = vertex.position.iter().chain(&vertex.uv);
                    assert!(numbers.into_iter().all(|number| number.is_finite()));
                }
            }
            assert!(PreparedTile::from_bytes(&tile.to_bytes()).is_ok());
        }
    }
}
