//! Hong Kong from Terrarium rasters of level 12, and from coarser ones that are made of them here.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::PathBuf;
use std::rc::Rc;

use city_geo::DVec3;
use city_tiles::prepared::{PreparedTile, SurfaceClass, Topology};
use city_tiles::stream::FetchError;
use city_tiles::terrain::*;
use image::{ImageFormat, Rgba, RgbaImage};

use crate::app::*;
use crate::samples;

const FOLDER: &str = "wiiiimm__hongkong-sandbox/references/codex/hongkong-3d-model/data/hong-kong-aws-terrarium/dem_tiles";
/// The rasters there are: columns and rows of level 12, ends included.
const X: [u32; 2] = [3344, 3350];
const Y: [u32; 2] = [1784, 1789];

fn folder() -> Option<PathBuf> {
    samples::folder(FOLDER)
}

fn cells() -> Vec<Cell> {
    (Y[0]..=Y[1])
        .flat_map(|y| (X[0]..=X[1]).map(move |x| Cell::new(12, x, y)))
        .collect()
}

fn bounds() -> Rect {
    let scheme = Scheme::WebMercator;
    let first = scheme.rect(Cell::new(12, X[0], Y[0]));
    let last = scheme.rect(Cell::new(12, X[1], Y[1]));
    Rect {
        west: first.west,
        north: first.north,
        east: last.east,
        south: last.south,
    }
}

fn config(min_zoom: u32, shared_edges: bool) -> TerrainConfig {
    TerrainConfig {
        heights: HeightSource::Raster {
            encoding: RasterEncoding::Terrarium,
            url: "https://dem.example/{z}-{x}-{y}.png".to_owned(),
            min_zoom,
            max_zoom: 12,
            shared_edges,
        },
        bounds: Some(bounds()),
        // The rasters have needles of some kilometres, which are gaps then.
        heights_m: [-100.0, 1000.0],
        attribution: "Mapzen, AWS Terrain Tiles".to_owned(),
        ..TerrainConfig::default()
    }
}

fn name_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

/// The rasters of level 12, and above them means of those below; nothing is known outside.
fn network(folder: PathBuf) -> Network {
    fn raster(
        folder: &PathBuf,
        cell: Cell,
        made: &mut HashMap<Cell, Option<Rc<RgbaImage>>>,
    ) -> Option<Rc<RgbaImage>> {
        if let Some(known) = made.get(&cell) {
            return known.clone();
        }
        let image = if cell.z == 12 {
            let path = folder.join(format!("12-{}-{}.png", cell.x, cell.y));
            image::open(path).ok().map(|i| i.into_rgba8())
        } else {
            let parts = cell.children().map(|c| raster(folder, c, made));
            parts.iter().any(Option::is_some).then(|| {
                RgbaImage::from_fn(256, 256, |x, y| {
                    let Some(part) = &parts[(x / 128 + y / 128 * 2) as usize] else {
                        return Rgba([0; 4]);
                    };
                    let (x, y) = (x % 128 * 2, y % 128 * 2);
                    let units = |x: u32, y: u32| {
                        let [r, g, b, _] = part.get_pixel(x, y).0.map(u32::from);
                        r * 65_536 + g * 256 + b
                    };
                    let mean =
                        (units(x, y) + units(x + 1, y) + units(x, y + 1) + units(x + 1, y + 1)) / 4;
                    let [_, r, g, b] = mean.to_be_bytes();
                    Rgba([r, g, b, 255])
                })
            })
        };
        let image = image.map(Rc::new);
        made.insert(cell, image.clone());
        image
    }
    let made = std::cell::RefCell::new(HashMap::new());
    Box::new(move |url| {
        let numbers: Vec<u32> = name_of(url)
            .strip_suffix(".png")
            .unwrap()
            .split('-')
            .map(|n| n.parse().unwrap())
            .collect();
        let cell = Cell::new(numbers[0], numbers[1], numbers[2]);
        if cell.z == 12 {
            let path = folder.join(name_of(url));
            return std::fs::read(path).map_err(|_| FetchError::NotFound);
        }
        let image = raster(&folder, cell, &mut made.borrow_mut()).ok_or(FetchError::NotFound)?;
        let mut bytes = Vec::new();
        image
            .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
            .unwrap();
        Ok(bytes)
    })
}

/// Highest vertex within some metres of a place.
fn summit_m(tiles: &[(Cell, &PreparedTile)], lon: f64, lat: f64, within_m: f64) -> f64 {
    let mut highest = f64::MIN;
    for (_, tile) in tiles {
        for vertex in &tile.primitives[0].vertices {
            let at = geodetic(tile, vertex);
            let north_m = (at.lat_deg() - lat) * 110_700.0;
            let east_m = (at.lon_deg() - lon) * 103_000.0;
            if north_m.hypot(east_m) < within_m {
                highest = highest.max(at.height_m);
            }
        }
    }
    highest
}

#[test]
fn all_of_hong_kong_is_shown_at_its_heights() {
    let Some(folder) = folder() else { return };
    let mut app = App::new(config(12, true), network(folder));
    let from_above = [looking(114.2, 22.35, 90_000.0, 0.0, -90.0)];
    app.settle(&from_above);
    let tiles = app.shown_tiles();
    let shown: Vec<Cell> = tiles.iter().map(|(cell, _)| *cell).collect();
    assert_eq!(shown.len(), cells().len());
    assert_covered_once(&shown, &cells());
    assert!(
        app.streamer.problems().is_empty(),
        "{:?}",
        app.streamer.problems()
    );

    // The grid's vertices are four pixels of 35 m apart, so a summit may be missed by some tens of metres.
    for (name, lon, lat, height_m) in [
        ("Tai Mo Shan", 114.1246, 22.4107, 957.0),
        ("Victoria Peak", 114.1455, 22.2759, 552.0),
        ("Kowloon Peak", 114.2230, 22.3405, 602.0),
        ("Sunset Peak", 113.9528, 22.2572, 869.0),
    ] {
        let found_m = summit_m(&tiles, lon, lat, 400.0);
        println!("{name}: {found_m:.0} m in the mesh, {height_m} m on the map");
        assert!((found_m - height_m).abs() < 60.0, "{name}: {found_m} m");
    }
    let vertices: u64 = tiles.iter().map(|(_, tile)| tile.vertices()).sum();
    let triangles: u64 = tiles.iter().map(|(_, tile)| tile.triangles()).sum();
    println!(
        "{} tiles, {vertices} vertices, {triangles} triangles",
        tiles.len()
    );
    for (cell, tile) in &tiles {
        let primitive = &tile.primitives[0];
        assert_eq!(primitive.topology, Topology::Triangles);
        assert_eq!(primitive.vertices.len(), 65 * 65 + 4 * 65);
        assert_eq!(tile.triangles(), 64 * 64 * 2 + 4 * 64 * 2);
        assert_eq!(tile.materials[0].class, SurfaceClass::Terrain);
        assert_eq!(tile.copyright, ["Mapzen, AWS Terrain Tiles"]);
        let rect = Scheme::WebMercator.rect(*cell);
        for (k, vertex) in primitive.vertices.iter().enumerate() {
            let skirt = k >= 65 * 65;
            let at = geodetic(tile, vertex);
            assert!(at.lon_rad > rect.west - 1e-9 && at.lon_rad < rect.east + 1e-9);
            assert!(at.lat_rad > rect.south - 1e-9 && at.lat_rad < rect.north + 1e-9);
            let normal = DVec3::from_array([0, 1, 2].map(|i| f64::from(vertex.normal[i]) / 127.0));
            assert!((normal.length() - 1.0).abs() < 0.02);
            let up = city_geo::surface_normal(tile.origin);
            assert!(normal.dot(up) > 0.1, "the ground looks up");
            assert!((-101.0..1001.0).contains(&at.height_m) || skirt);
        }
        assert!(faces_up(tile) > 0.999);
    }
}

#[test]
fn vertices_are_the_rasters_own_heights() {
    let Some(folder) = folder() else { return };
    let raster = image::open(folder.join("12-3346-1787.png"))
        .unwrap()
        .into_rgb8();
    let height_m = |x: u32, y: u32| {
        let [r, g, b] = raster.get_pixel(x, y).0.map(f64::from);
        r * 256.0 + g + b / 256.0 - 32_768.0
    };
    let source = TerrainSource::new("test", config(12, false)).unwrap();
    let address = "terrain:///test/12/3346/1787.terrain";
    let json = source.document(address).unwrap();
    let files = |url: &str| std::fs::read(folder.join(name_of(url))).ok();
    let tile = city_tiles::formats::decode(&json, address, &files, &Default::default()).unwrap();
    let (mut worst_m, mut spikes): (f64, u32) = (0.0, 0);
    for j in 1..64 {
        for i in 1..64 {
            // A vertex lies where four pixels meet.
            let (x, y) = (i * 4, j * 4);
            let mean_m = [(0, 0), (1, 0), (0, 1), (1, 1)]
                .map(|(dx, dy)| height_m(x - dx, y - dy))
                .iter()
                .sum::<f64>()
                / 4.0;
            let vertex = &tile.primitives[0].vertices[(j * 65 + i) as usize];
            let off_m = (geodetic(&tile, vertex).height_m - mean_m).abs();
            if off_m > 10.0 {
                spikes += 1;
            } else {
                worst_m = worst_m.max(off_m);
            }
        }
    }
    println!("heights off by {worst_m:.4} m at most, but for spikes");
    assert!(worst_m < 0.01 && spikes < 4, "{spikes}");
}

/// Share of the surface's triangles (without skirts) that look upwards.
fn faces_up(tile: &PreparedTile) -> f64 {
    let primitive = &tile.primitives[0];
    let up = city_geo::surface_normal(tile.origin);
    let at = |i: u32| DVec3::from_array(primitive.vertices[i as usize].position.map(f64::from));
    let surface = 64 * 64 * 2;
    let good = primitive.indices[..surface * 3]
        .chunks_exact(3)
        .filter(|t| (at(t[1]) - at(t[0])).cross(at(t[2]) - at(t[0])).dot(up) > 0.0)
        .count();
    good as f64 / surface as f64
}

/// The largest distance between the edges of neighbours, metres.
fn edge_gap_m(app: &App) -> f64 {
    let tiles: HashMap<Cell, &PreparedTile> = app.shown_tiles().into_iter().collect();
    let at = |tile: &PreparedTile, i: usize, j: usize| {
        let vertex = &tile.primitives[0].vertices[j * 65 + i];
        tile.origin + DVec3::from_array(vertex.position.map(f64::from))
    };
    let (mut widest_m, mut pairs) = (0.0_f64, 0);
    for (cell, tile) in &tiles {
        let east = tiles.get(&Cell::new(cell.z, cell.x + 1, cell.y));
        let south = tiles.get(&Cell::new(cell.z, cell.x, cell.y + 1));
        for k in 0..65 {
            if let Some(east) = east {
                widest_m = widest_m.max(at(tile, 64, k).distance(at(east, 0, k)));
                pairs += 1;
            }
            if let Some(south) = south {
                widest_m = widest_m.max(at(tile, k, 64).distance(at(south, k, 0)));
                pairs += 1;
            }
        }
    }
    assert!(pairs > 4000, "{pairs}");
    widest_m
}

#[test]
fn neighbours_share_their_edges() {
    let Some(folder) = folder() else { return };
    let view = [looking(114.2, 22.35, 90_000.0, 0.0, -90.0)];
    let mut shared = App::new(config(12, true), network(folder.clone()));
    shared.settle(&view);
    let gap_m = edge_gap_m(&shared);
    println!("widest gap with shared edges: {gap_m:.4} m");
    assert!(gap_m < 0.005, "{gap_m}");
    let mut alone = App::new(config(12, false), network(folder));
    alone.settle(&view);
    let gap_m = edge_gap_m(&alone);
    println!("widest gap where each tile stands alone: {gap_m:.1} m");
    // Less than the skirts reach down.
    assert!(gap_m > 0.0 && gap_m < 188.0, "{gap_m}");
    assert!(alone.fetched.len() * 5 < shared.fetched.len());
}

#[test]
fn levels_follow_the_camera_without_holes() {
    let Some(folder) = folder() else { return };
    let mut app = App::new(config(9, false), network(folder));
    let far = [looking(114.2, 22.35, 900_000.0, 0.0, -90.0)];
    app.settle(&far);
    let shown: Vec<Cell> = app.shown_tiles().iter().map(|(c, _)| *c).collect();
    assert!(shown.iter().all(|c| c.z <= 10), "{shown:?}");
    assert_covered_once(&shown, &cells());

    // Down to the ground, with answers coming in one at a time.
    let near = [looking(114.2, 22.25, 4_000.0, 0.0, -25.0)];
    let seen = |cell: &Cell| {
        let rect = Scheme::WebMercator.rect(*cell);
        let middle = city_geo::ecef_from_geodetic(city_geo::Geodetic::new(
            (rect.west + rect.east) * 0.5,
            (rect.south + rect.north) * 0.5,
            100.0,
        ));
        near[0].frustum.contains(middle)
    };
    let visible: Vec<Cell> = cells().into_iter().filter(seen).collect();
    assert!(visible.len() > 6, "{visible:?}");
    let mut frames = 0;
    loop {
        app.frame(&near, 1);
        let shown: Vec<Cell> = app.shown_tiles().iter().map(|(c, _)| *c).collect();
        assert_covered_once(&shown, &visible);
        frames += 1;
        if app.streamer.is_complete() {
            break;
        }
        assert!(frames < 2000);
    }
    let shown: Vec<Cell> = app.shown_tiles().iter().map(|(c, _)| *c).collect();
    let finest = shown.iter().filter(|c| c.z == 12).count();
    println!(
        "{frames} frames, {} tiles, {finest} of level 12",
        shown.len()
    );
    assert!(finest >= 4 && shown.iter().any(|c| c.z < 12), "{shown:?}");
    assert!(
        app.streamer.problems().is_empty(),
        "{:?}",
        app.streamer.problems()
    );
}

#[test]
fn learnt_heights_make_volumes_fit() {
    let Some(folder) = folder() else { return };
    let mut app = App::new(config(9, false), network(folder));
    app.settle(&[looking(114.2, 22.3, 3_000.0, 0.0, -60.0)]);
    let address = "terrain:///test/12/3346/1787.json";
    let learnt = app.source.document(address).unwrap();
    let fresh = TerrainSource::new("test", config(9, false)).unwrap();
    let range = |json: &[u8]| {
        let json: serde_json::Value = serde_json::from_slice(json).unwrap();
        let region = json["root"]["boundingVolume"]["region"].clone();
        [4, 5].map(|i| region[i].as_f64().unwrap())
    };
    assert_eq!(range(&fresh.document(address).unwrap()), [-100.0, 1000.0]);
    let [low, high] = range(&learnt);
    println!("volume of 12/3346/1787: {low:.0} to {high:.0} m");
    assert!((-100.0..=0.0).contains(&low) && (500.0..800.0).contains(&high));
}

#[test]
fn tiles_that_are_missing_take_their_parents_heights() {
    let Some(folder) = folder() else { return };
    let whole = network(folder);
    let missing = Cell::new(12, 3346, 1787);
    let holed: Network = Box::new(move |url| {
        if url.ends_with("/12-3346-1787.png") {
            return Err(FetchError::NotFound);
        }
        whole(url)
    });
    let mut app = App::new(config(9, false), holed);
    // Above the edge between it and its neighbour.
    let (_, lat) = window_middle(Scheme::WebMercator, missing);
    let lon = Scheme::WebMercator.rect(missing).east.to_degrees();
    app.settle(&[looking(lon, lat, 6_000.0, 0.0, -90.0)]);
    let tiles = app.shown_tiles();
    let tile = tiles.iter().find(|(cell, _)| *cell == missing).unwrap().1;
    // Its neighbour's edge is met as well as a level coarser can: not a step to nothing.
    let other = tiles
        .iter()
        .find(|(cell, _)| *cell == Cell::new(12, 3347, 1787))
        .unwrap()
        .1;
    let height = |tile: &PreparedTile, i: usize, j: usize| {
        geodetic(tile, &tile.primitives[0].vertices[j * 65 + i]).height_m
    };
    let apart: f64 = (0..65)
        .map(|j| (height(tile, 64, j) - height(other, 0, j)).abs())
        .sum::<f64>()
        / 65.0;
    println!("mean step beside a tile that is missing: {apart:.1} m");
    assert!(apart < 25.0);
    assert!((0..65).any(|j| height(tile, 64, j) > 20.0));
    assert!(
        app.fetched
            .iter()
            .filter(|url| url.ends_with("/12-3346-1787.png"))
            .count()
            == 1
    );
}
