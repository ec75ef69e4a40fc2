//! What a ray costs in a view of ten million triangles: `cargo bench -p city_tiles --bench picking`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use city_tiles::prepared::{PreparedPrimitive, PreparedTile, Topology, Vertex};
use city_tiles::ray::{Candidate, first_hit};
use criterion::{Criterion, criterion_group, criterion_main};
use glam::{DMat4, DVec3};

/// Tiles along an edge of the city, cells along an edge of a tile; two triangles to a cell.
const TILES: u32 = 10;
const CELLS: u32 = 224;
const TILE_M: f32 = 448.0;

/// Ground and towers: a surface that goes up and down in steps.
fn height_m(x: u32, y: u32) -> f32 {
    let (block, odd) = ((x / 8, y / 8), x % 8 > 4 || y % 8 > 4);
    let storeys = (block.0.wrapping_mul(31) ^ block.1.wrapping_mul(17)) % 23;
    if odd { 0.0 } else { storeys as f32 * 3.5 }
}

fn tile() -> PreparedTile {
    let side = CELLS + 1;
    let step_m = TILE_M / CELLS as f32;
    let at = |i: u32| {
        let (x, y) = (i % side, i / side);
        Vertex {
            position: [x as f32 * step_m, y as f32 * step_m, height_m(x, y)],
            normal: [0, 0, 127, 0],
            color: [255; 4],
            uv: [0.0; 2],
            feature: i / 64,
        }
    };
    let cell = |i: u32| {
        let (x, y) = (i % CELLS, i / CELLS);
        let a = y * side + x;
        [a, a + 1, a + side + 1, a, a + side + 1, a + side]
    };
    let mut tile = PreparedTile {
        primitives: vec![PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: (0..side * side).map(at).collect(),
            indices: (0..CELLS * CELLS).flat_map(cell).collect(),
            material: 0,
            has_normals: true,
        }],
        ..Default::default()
    };
    tile.make_boxes();
    tile
}

fn cost(c: &mut Criterion) {
    let boxed = tile();
    let mut bare = boxed.clone();
    bare.boxes = Default::default();
    let bounds = boxed.bounds().map(|(low, high)| (low.into(), high.into()));
    let triangles = boxed.triangles() * u64::from(TILES * TILES);
    let city = |tile: &PreparedTile, direction: DVec3| {
        let candidates = (0..TILES * TILES).map(|i| Candidate {
            key: i,
            tile,
            bounds,
            local_from_mesh: DMat4::from_translation(
                DVec3::new(f64::from(i % TILES), f64::from(i / TILES), 0.0) * f64::from(TILE_M),
            ),
            hidden: &[],
        });
        // Half a metre over the highest roof: within the bounds of all tiles.
        first_hit(DVec3::new(-50.0, -40.0, 77.5), direction, None, candidates)
    };
    let along = DVec3::new(1.0, 0.93, 0.0).normalize();
    let down = DVec3::new(1.0, 1.1, -0.2).normalize();
    let mut group = c.benchmark_group(format!("{:.1} million triangles", triangles as f64 / 1e6));
    group.sample_size(20);
    for (name, direction) in [("over all the roofs", along), ("at a building", down)] {
        assert_eq!(city(&boxed, direction), city(&bare, direction));
        group.bench_function(name, |b| b.iter(|| city(black_box(&boxed), direction)));
        group.bench_function(format!("{name}, every triangle asked"), |b| {
            b.iter(|| city(black_box(&bare), direction));
        });
    }
    group.finish();
    c.bench_function("boxes around the triangles of a tile", |b| {
        let mut tile = bare.clone();
        b.iter(|| tile.make_boxes());
    });
}

criterion_group!(benches, cost);
criterion_main!(benches);
