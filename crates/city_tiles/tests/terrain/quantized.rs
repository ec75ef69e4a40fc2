//! quantized-mesh: two samples of loaders.gl, and tiles written here.

use std::path::PathBuf;

use city_geo::{DVec3, ecef_from_geodetic, geodetic_from_ecef};
use city_tiles::formats::{DecodeErrorKind, DecodeOptions, decode, list_external};
use city_tiles::prepared::PreparedTile;
use city_tiles::terrain::*;

use crate::app::geodetic;
use crate::samples;

const FOLDER: &str = "visgl__loaders.gl/modules/terrain/test/data";

pub fn descriptor(tile: Cell, file: Cell) -> Descriptor {
    Descriptor {
        belvedere_terrain: VERSION,
        scheme: Scheme::Geographic,
        tile,
        heights: HeightFiles {
            kind: HeightKind::QuantizedMesh,
            files: vec![HeightFile {
                url: "https://h/a.terrain".to_owned(),
                tile: file,
            }],
            possible_m: [-12_000.0, 9_000.0],
            around: Vec::new(),
        },
        height_offset_m: 0.0,
        grid: 33,
        skirt_m: 100.0,
        pixels: 0,
        imagery: Vec::new(),
        attribution: String::new(),
    }
}

pub fn decoded(descriptor: &Descriptor, file: &[u8]) -> Result<PreparedTile, DecodeErrorKind> {
    let json = serde_json::to_vec(descriptor).unwrap();
    let external = |_: &str| Some(file.to_vec());
    decode(
        &json,
        "terrain:///t/1/1/1.terrain",
        &external,
        &DecodeOptions::default(),
    )
    .map_err(|e| e.kind)
}

fn sample(name: &str) -> Option<Vec<u8>> {
    let folder: PathBuf = samples::folder(FOLDER)?;
    Some(std::fs::read(folder.join(name)).unwrap())
}

fn header(bytes: &[u8]) -> (f64, f64, DVec3, f64) {
    let f64_at = |at: usize| f64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let f32_at = |at: usize| f64::from(f32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()));
    let center = DVec3::new(f64_at(32), f64_at(40), f64_at(48));
    (f32_at(24), f32_at(28), center, f64_at(56))
}

/// Name, tile, vertices, triangles, vertices of the four edges: counted with a script that shares no code with this.
const SAMPLES: [(&str, Cell, usize, usize, [usize; 4]); 2] = [
    (
        "maptiler_10_1070_778.terrain",
        Cell::new(10, 1070, 1023 - 778),
        709,
        2078,
        [21, 23, 24, 20],
    ),
    (
        "tile-with-extensions.terrain",
        Cell::new(11, 3035, 2047 - 1345),
        627,
        1175,
        [25, 19, 25, 12],
    ),
];

#[test]
fn samples_have_their_counts_heights_and_places() {
    for (name, cell, vertices, triangles, edges) in SAMPLES {
        let Some(bytes) = sample(name) else { return };
        let tile = decoded(&descriptor(cell, cell), &bytes).unwrap();
        let primitive = &tile.primitives[0];
        let skirt: usize = edges.iter().sum();
        assert_eq!(primitive.vertices.len(), vertices + skirt, "{name}");
        assert_eq!(
            tile.triangles() as usize,
            triangles + 2 * (skirt - 4),
            "{name}"
        );
        let (low, high, center, radius_m) = header(&bytes);
        let (mut lowest, mut highest) = (f64::MAX, f64::MIN);
        for (k, vertex) in primitive.vertices.iter().enumerate() {
            let at = tile.origin + DVec3::from_array(vertex.position.map(f64::from));
            let normal = DVec3::from_array([0, 1, 2].map(|i| f64::from(vertex.normal[i]) / 127.0));
            assert!((normal.length() - 1.0).abs() < 0.02, "{name}: normal {k}");
            assert!(
                normal.dot(at.normalize()) > 0.2,
                "{name}: the ground looks up"
            );
            assert!(vertex.uv.iter().all(|c| (0.0..=1.0).contains(c)));
            if k < vertices {
                assert!(at.distance(center) < radius_m + 1.0, "{name}: vertex {k}");
                let height_m = geodetic_from_ecef(at).height_m;
                (lowest, highest) = (lowest.min(height_m), highest.max(height_m));
            }
        }
        println!(
            "{name}: {vertices} vertices, {triangles} triangles, {lowest:.1} to {highest:.1} m"
        );
        // The header's range may be wider than the vertices need.
        assert!(
            lowest > low - 0.1
                && lowest < low + 20.0
                && highest > high - 20.0
                && highest < high + 0.1,
            "{name}: {lowest} to {highest} in {low} to {high}"
        );
        let at = |i: u32| DVec3::from_array(primitive.vertices[i as usize].position.map(f64::from));
        for t in primitive.indices[..triangles * 3].chunks_exact(3) {
            let normal = (at(t[1]) - at(t[0])).cross(at(t[2]) - at(t[0]));
            // One of the samples has triangles without an area, which rounding turns by some square metres.
            assert!(
                normal.dot(tile.origin.normalize()) > -100.0,
                "{name}: counter-clockwise from above"
            );
        }
        // Skirts look away from the tile's middle.
        let middle = at(0) * 0.0;
        let outward = primitive.indices[triangles * 3..]
            .chunks_exact(3)
            .filter(|t| {
                let normal = (at(t[1]) - at(t[0])).cross(at(t[2]) - at(t[0]));
                normal.dot(at(t[0]) - middle) > 0.0
            })
            .count();
        assert!(outward > (skirt - 4) * 2 * 9 / 10, "{name}: {outward}");
    }
}

#[test]
fn a_part_of_a_tile_lies_on_it() {
    for (name, cell, ..) in SAMPLES {
        let Some(bytes) = sample(name) else { return };
        let whole = decoded(&descriptor(cell, cell), &bytes).unwrap();
        let known: Vec<_> = whole.primitives[0]
            .vertices
            .iter()
            .map(|v| geodetic(&whole, v))
            .collect();
        let (low, high, ..) = header(&bytes);
        let mut apart = Vec::new();
        for child in cell.children() {
            let part = decoded(&descriptor(child, cell), &bytes).unwrap();
            let rect = Scheme::Geographic.rect(child);
            for vertex in &part.primitives[0].vertices[..33 * 33] {
                let at = geodetic(&part, vertex);
                assert!(at.lon_rad >= rect.west - 1e-9 && at.lon_rad <= rect.east + 1e-9);
                assert!(at.lat_rad >= rect.south - 1e-9 && at.lat_rad <= rect.north + 1e-9);
                assert!(
                    at.height_m > low - 1.0 && at.height_m < high + 1.0,
                    "{name}: {}",
                    at.height_m
                );
                // Where a vertex of the whole lies within some metres, heights agree.
                let near = known.iter().find(|k| {
                    ((k.lon_rad - at.lon_rad) * at.lat_rad.cos()).hypot(k.lat_rad - at.lat_rad)
                        < 2e-6
                });
                if let Some(near) = near {
                    // Skirts begin at the same places, so the nearest in height counts.
                    apart.push((near.height_m - at.height_m).abs());
                }
            }
        }
        apart.sort_by(f64::total_cmp);
        let median = apart[apart.len() / 2];
        println!(
            "{name}: {} common places, median {median:.2} m apart",
            apart.len()
        );
        assert!(median < 10.0, "{name}: {median}");
    }
}

/// Two triangles, written as the specification says.
pub fn small(extensions: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let center = ecef_from_geodetic(city_geo::Geodetic::from_degrees(1.0, 1.0, 0.0));
    let mut out = Vec::new();
    for c in center.to_array() {
        out.extend(c.to_le_bytes());
    }
    out.extend(10f32.to_le_bytes());
    out.extend(110f32.to_le_bytes());
    for c in [center.x, center.y, center.z, 200_000.0, 0.0, 0.0, 0.0] {
        out.extend(c.to_le_bytes());
    }
    out.extend(4u32.to_le_bytes());
    let zigzag = |d: i32| ((d << 1) ^ (d >> 31)) as u16;
    for axis in [
        [0, 32_767, 0, 32_767],
        [0, 0, 32_767, 32_767],
        [0, 32_767, 0, 16_384],
    ] {
        let mut before = 0;
        for value in axis {
            out.extend(zigzag(value - before).to_le_bytes());
            before = value;
        }
    }
    out.extend(2u32.to_le_bytes());
    // 0 1 2, 2 1 3 by the high-water mark.
    for code in [0u16, 0, 0, 1, 2, 0] {
        out.extend(code.to_le_bytes());
    }
    for edge in [[0u16, 2], [1, 0], [1, 3], [2, 3]] {
        out.extend(2u32.to_le_bytes());
        out.extend(edge.iter().flat_map(|i| i.to_le_bytes()));
    }
    for (id, body) in extensions {
        out.push(*id);
        out.extend((body.len() as u32).to_le_bytes());
        out.extend(body);
    }
    out
}

#[test]
fn a_small_tile_reads_to_the_last_number() {
    let cell = Cell::new(6, 64, 31);
    let tile = decoded(&descriptor(cell, cell), &small(&[])).unwrap();
    let primitive = &tile.primitives[0];
    assert_eq!(primitive.indices[..6], [0, 1, 2, 2, 1, 3]);
    let heights: Vec<f64> = primitive.vertices[..4]
        .iter()
        .map(|v| geodetic(&tile, v).height_m)
        .collect();
    for (found, right) in heights.iter().zip([10.0, 110.0, 10.0, 60.0]) {
        assert!((found - right).abs() < 0.05, "{heights:?}");
    }
    let uvs: Vec<[f32; 2]> = primitive.vertices[..4].iter().map(|v| v.uv).collect();
    assert_eq!(uvs, [[0.0, 1.0], [1.0, 1.0], [0.0, 0.0], [1.0, 0.0]]);
    let rect = Scheme::Geographic.rect(cell);
    let north_east = geodetic(&tile, &primitive.vertices[3]);
    assert!(
        (north_east.lon_rad - rect.east).abs() < 1e-8
            && (north_east.lat_rad - rect.north).abs() < 1e-8
    );
    // Compressed too, as files on a disk often are.
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, &small(&[])).unwrap();
    assert_eq!(
        decoded(&descriptor(cell, cell), &gz.finish().unwrap()).unwrap(),
        tile
    );
}

#[test]
fn extensions_are_read() {
    let cell = Cell::new(6, 64, 31);
    // Normals that point along x (128, 255 is y's end): the oct encoding's corner cases.
    let normals = vec![255, 128, 255, 128, 255, 128, 255, 128];
    let json = br#"{"available":[[{"startX":1,"startY":2,"endX":3,"endY":4}]]}"#;
    let mut metadata = (json.len() as u32).to_le_bytes().to_vec();
    metadata.extend(json);
    let bytes = small(&[
        (1, normals),
        (2, vec![255]),
        (4, metadata),
        (9, vec![1, 2, 3]),
    ]);
    let tile = decoded(&descriptor(cell, cell), &bytes).unwrap();
    assert_eq!(tile.primitives[0].vertices[0].normal[0], 127);
    let dry = decoded(&descriptor(cell, cell), &small(&[])).unwrap();
    assert_ne!(
        tile.primitives[0].vertices[0].color, dry.primitives[0].vertices[0].color,
        "water"
    );
    let read = city_tiles::formats::terrain::metadata(&bytes).unwrap();
    assert_eq!(read["available"][0][0]["endY"], 4);
    // A damaged extension costs itself alone.
    let cut = &bytes[..bytes.len() - 2];
    let tile = decoded(&descriptor(cell, cell), cut).unwrap();
    assert!(
        tile.warnings[0].contains("cut short"),
        "{:?}",
        tile.warnings
    );
}

#[test]
fn more_than_65536_vertices_have_wide_aligned_indices() {
    // A strip of 32 769 pairs.
    let pairs = 32_769u32;
    let mut out = small(&[])[..88].to_vec();
    out.extend((pairs * 2).to_le_bytes());
    let zigzag = |d: i32| ((d << 1) ^ (d >> 31)) as u16;
    for axis in 0..3 {
        let mut before = 0;
        for k in 0..pairs {
            for row in 0..2 {
                let value = match axis {
                    0 => k.min(32_767) as i32,
                    1 => row * 32_767,
                    _ => 0,
                };
                out.extend(zigzag(value - before).to_le_bytes());
                before = value;
            }
        }
    }
    while !out.len().is_multiple_of(4) {
        out.push(0);
    }
    out.extend(1u32.to_le_bytes());
    for code in [0u32, 0, 0] {
        out.extend(code.to_le_bytes());
    }
    for _ in 0..4 {
        out.extend(1u32.to_le_bytes());
        out.extend((pairs * 2 - 1).to_le_bytes());
    }
    let cell = Cell::new(6, 64, 31);
    let tile = decoded(&descriptor(cell, cell), &out).unwrap();
    assert_eq!(tile.primitives[0].vertices.len(), pairs as usize * 2);
    assert_eq!(tile.primitives[0].indices, [0, 1, 2]);
}

#[test]
fn what_is_wrong_is_said() {
    let cell = Cell::new(6, 64, 31);
    let json = serde_json::to_vec(&descriptor(cell, cell)).unwrap();
    let address = "terrain:///t/6/64/31.terrain";
    assert_eq!(
        list_external(&json, address, &DecodeOptions::default()).unwrap(),
        ["https://h/a.terrain"]
    );
    let told = decode(&json, address, &|_| None, &DecodeOptions::default()).unwrap_err();
    assert_eq!(
        told.to_string(),
        "terrain:///t/6/64/31.terrain: heights: the file https://h/a.terrain that belongs to it could not be read"
    );
    let cut = decoded(&descriptor(cell, cell), &small(&[])[..120]);
    assert!(
        matches!(cut, Err(DecodeErrorKind::Truncated { .. })),
        "{cut:?}"
    );
    let html = decoded(
        &descriptor(cell, cell),
        "<!DOCTYPE html>".repeat(40).as_bytes(),
    );
    assert!(
        matches!(
            html,
            Err(DecodeErrorKind::Invalid(_) | DecodeErrorKind::Limit { .. })
        ),
        "{html:?}"
    );
    let mut bad_index = small(&[]);
    bad_index[88 + 4 + 24 + 4] = 9;
    assert!(matches!(
        decoded(&descriptor(cell, cell), &bad_index),
        Err(DecodeErrorKind::Invalid(_))
    ));
    // A descriptor that came over the network may name no local file.
    let mut remote = descriptor(cell, cell);
    remote.heights.files[0].url = "file:///etc/hosts".to_owned();
    let json = serde_json::to_vec(&remote).unwrap();
    assert!(list_external(&json, "https://h/x.terrain", &DecodeOptions::default()).is_err());
    remote.heights.files[0].url = "/etc/hosts".to_owned();
    let json = serde_json::to_vec(&remote).unwrap();
    assert_eq!(
        list_external(&json, "https://h/x.terrain", &DecodeOptions::default()).unwrap(),
        ["https://h/etc/hosts"]
    );
}
