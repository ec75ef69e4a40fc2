//! Rasters made here, and imagery over them.

use std::io::Cursor;

use city_tiles::formats::{DecodeErrorKind, DecodeOptions, decode};
use city_tiles::prepared::PreparedTile;
use city_tiles::stream::FetchError;
use city_tiles::terrain::*;
use city_tiles::tileset::Tileset;
use image::{ImageFormat, Rgba, RgbaImage};

use crate::app::*;

pub fn png(side: u32, color: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    let image = RgbaImage::from_fn(side, side, |x, y| Rgba(color(x, y)));
    let mut bytes = Vec::new();
    image
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    bytes
}

/// A tile of Terrarium heights with one layer of imagery.
pub fn raster_descriptor(tile: Cell, file: Cell) -> Descriptor {
    let image = |window, url: &str| ImageFile {
        url: url.to_owned(),
        window,
        instead: None,
    };
    let mut own = image(Scheme::WebMercator.window(tile), "https://i/own.png");
    let parent = tile.at_level(tile.z - 1);
    own.instead = Some(Box::new(image(
        Scheme::WebMercator.window(parent),
        "https://i/parent.png",
    )));
    Descriptor {
        belvedere_terrain: VERSION,
        scheme: Scheme::WebMercator,
        tile,
        heights: HeightFiles {
            kind: HeightKind::Terrarium,
            files: vec![HeightFile {
                url: "https://h/a.png".to_owned(),
                tile: file,
            }],
            possible_m: [-12_000.0, 9_000.0],
            around: Vec::new(),
        },
        height_offset_m: 0.0,
        grid: 17,
        skirt_m: 10.0,
        pixels: 64,
        imagery: vec![LayerImages {
            scheme: Scheme::WebMercator,
            opacity: 1.0,
            attribution: "© Mappers".to_owned(),
            images: vec![own],
        }],
        attribution: "Heights by Somebody".to_owned(),
    }
}

fn run(descriptor: &Descriptor, files: &dyn Fn(&str) -> Option<Vec<u8>>) -> PreparedTile {
    let json = serde_json::to_vec(descriptor).unwrap();
    decode(
        &json,
        "terrain:///t/1/1/1.terrain",
        files,
        &DecodeOptions::default(),
    )
    .unwrap()
}

fn flat(height_m: f64) -> Vec<u8> {
    let units = ((height_m + 32_768.0) * 256.0) as u32;
    let [_, r, g, b] = units.to_be_bytes();
    png(16, |_, _| [r, g, b, 255])
}

fn heights(tile: &PreparedTile, count: usize) -> Vec<f64> {
    let vertices = &tile.primitives[0].vertices[..count];
    vertices
        .iter()
        .map(|v| geodetic(tile, v).height_m)
        .collect()
}

#[test]
fn colours_are_heights() {
    let cell = Cell::new(10, 836, 446);
    let mut terrarium = raster_descriptor(cell, cell);
    terrarium.height_offset_m = -2.5;
    let file = flat(123.25);
    let tile = run(&terrarium, &|url| {
        (url == "https://h/a.png").then(|| file.clone())
    });
    assert!(
        heights(&tile, 17 * 17)
            .iter()
            .all(|h| (h - 120.75).abs() < 0.02)
    );
    // Without any image there is no picture, but the ground's own colours.
    assert!(tile.images.is_empty() && tile.materials[0].base_color_image.is_none());
    assert_ne!(tile.primitives[0].vertices[0].color, [255; 4]);
    assert_eq!(tile.copyright, ["Heights by Somebody"]);

    let mut mapbox = raster_descriptor(cell, cell);
    mapbox.heights.kind = HeightKind::MapboxRgb;
    // 1 234.5 m is 112 345 units; black is a gap and counts as the sea.
    let [_, r, g, b] = 112_345u32.to_be_bytes();
    let file = png(16, |x, _| {
        if x < 8 {
            [r, g, b, 255]
        } else {
            [0, 0, 0, 255]
        }
    });
    let tile = run(&mapbox, &|url| {
        (url == "https://h/a.png").then(|| file.clone())
    });
    let found = heights(&tile, 17 * 17);
    assert!(
        (found[0] - 1234.5).abs() < 0.02 && found[16].abs() < 0.02,
        "{} {}",
        found[0],
        found[16]
    );
    assert!(
        found.iter().all(|h| (-0.1..1234.6).contains(h)),
        "gaps are not mixed into heights"
    );
}

#[test]
fn a_raster_must_be_a_square_image() {
    let cell = Cell::new(10, 836, 446);
    let json = serde_json::to_vec(&raster_descriptor(cell, cell)).unwrap();
    let told = |file: Vec<u8>| {
        let external = |_: &str| Some(file.clone());
        decode(
            &json,
            "terrain:///t/1/1/1.terrain",
            &external,
            &DecodeOptions::default(),
        )
        .unwrap_err()
        .kind
    };
    assert!(matches!(
        told(b"<html>".to_vec()),
        DecodeErrorKind::Image(_)
    ));
    let image = RgbaImage::new(16, 8);
    let mut bytes = Vec::new();
    image
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    assert!(matches!(told(bytes), DecodeErrorKind::Invalid(_)));
}

#[test]
fn mercator_imagery_lies_right_below_a_geographic_tile() {
    // Rows of colours that say their latitude, in sixteen images of level 2 and over the whole world.
    let source = TerrainSource::new(
        "t",
        TerrainConfig {
            heights: HeightSource::Ellipsoid {
                scheme: Scheme::Geographic,
            },
            imagery: vec![ImageryLayer {
                url: "https://i/{z}/{x}/{y}.png".to_owned(),
                attribution: "© Mappers".to_owned(),
                ..ImageryLayer::default()
            }],
            ..TerrainConfig::default()
        },
    )
    .unwrap();
    let code = |lat_deg: f64| (lat_deg + 90.0) / 180.0 * 255.0;
    for cell in [
        Cell::new(0, 1, 0),
        Cell::new(3, 13, 2),
        Cell::new(8, 400, 90),
    ] {
        let address = format!("terrain:///t/{}/{}/{}.terrain", cell.z, cell.x, cell.y);
        let json = source.document(&address).unwrap();
        let files = |url: &str| {
            let numbers: Vec<u32> = url
                .strip_prefix("https://i/")?
                .strip_suffix(".png")?
                .split('/')
                .map(|n| n.parse().unwrap())
                .collect();
            let image = Cell::new(numbers[0], numbers[1], numbers[2]);
            let w = Scheme::WebMercator.window(image);
            Some(png(256, |_, y| {
                let v = w.v0 + (w.v1 - w.v0) * (f64::from(y) + 0.5) / 256.0;
                let lat = Scheme::WebMercator.lat_of(v).to_degrees();
                let value = code(lat);
                [
                    value.floor() as u8,
                    (value.fract() * 255.0) as u8,
                    image.z as u8,
                    255,
                ]
            }))
        };
        let tile = decode(&json, &address, &files, &DecodeOptions::default()).unwrap();
        let picture = &tile.images[0];
        assert_eq!((picture.width, picture.height), (512, 512));
        let rect = Scheme::Geographic.rect(cell);
        let mut worst: f64 = 0.0;
        for j in (0..512).step_by(7) {
            let lat = (rect.north + (rect.south - rect.north) * (f64::from(j) + 0.5) / 512.0)
                .to_degrees();
            if lat.abs() > 84.9 {
                continue;
            }
            let at = ((j * 512 + 300) * 4) as usize;
            // Only the whole part mixes well between rows.
            worst = worst.max((f64::from(picture.texels[at]) - code(lat).floor()).abs());
        }
        println!("{cell:?}: rows off by {worst} of 255 at most");
        assert!(worst <= 1.0);
        assert_eq!(tile.copyright, ["© Mappers"]);
        assert_eq!(tile.primitives[0].vertices[0].color, [255; 4]);
    }
}

#[test]
fn images_of_the_same_tiling_are_copied_pixel_by_pixel() {
    let cell = Cell::new(10, 836, 446);
    let mut descriptor = raster_descriptor(cell, cell);
    descriptor.pixels = 64;
    let image = png(64, |x, y| {
        [(x * 4) as u8, (y * 4) as u8, ((x ^ y) & 1) as u8 * 255, 255]
    });
    let ground = flat(0.0);
    let tile = run(&descriptor, &|url| match url {
        "https://h/a.png" => Some(ground.clone()),
        "https://i/own.png" => Some(image.clone()),
        _ => None,
    });
    let right = image::load_from_memory(&image)
        .unwrap()
        .into_rgba8()
        .into_raw();
    assert_eq!(tile.images[0].texels, right);
    assert_eq!(tile.copyright, ["Heights by Somebody", "© Mappers"]);
}

#[test]
fn a_missing_image_is_taken_from_its_parent() {
    // The tile is its parent's north-western quarter.
    let cell = Cell::new(10, 836, 446);
    let descriptor = raster_descriptor(cell, cell);
    let parent = png(64, |x, y| {
        if x < 32 && y < 32 {
            [9, 200, 9, 255]
        } else {
            [255, 0, 0, 255]
        }
    });
    let ground = flat(0.0);
    let tile = run(&descriptor, &|url| match url {
        "https://h/a.png" => Some(ground.clone()),
        "https://i/parent.png" => Some(parent.clone()),
        _ => None,
    });
    let inside = (30 * 64 + 30) * 4;
    assert_eq!(tile.images[0].texels[inside..inside + 4], [9, 200, 9, 255]);
}

#[test]
fn layers_are_laid_over_each_other() {
    let cell = Cell::new(10, 836, 446);
    let mut descriptor = raster_descriptor(cell, cell);
    let mut upper = descriptor.imagery[0].clone();
    upper.images[0].url = "https://i/upper.png".to_owned();
    upper.attribution = "© Others".to_owned();
    upper.opacity = 0.5;
    descriptor.imagery.push(upper);
    let files = |url: &str| match url {
        "https://h/a.png" => Some(flat(0.0)),
        "https://i/own.png" => Some(png(64, |_, _| [100, 100, 100, 255])),
        "https://i/upper.png" => Some(png(64, |x, _| {
            if x < 32 {
                [200, 0, 100, 255]
            } else {
                [1, 2, 3, 0]
            }
        })),
        _ => None,
    };
    let tile = run(&descriptor, &files);
    let pixel = |x: usize| tile.images[0].texels[(20 * 64 + x) * 4..][..4].to_vec();
    assert_eq!(pixel(10), [150, 50, 100, 255]);
    assert_eq!(
        pixel(50),
        [100, 100, 100, 255],
        "clear pixels leave what is below"
    );
    assert_eq!(
        tile.copyright,
        ["Heights by Somebody", "© Mappers", "© Others"]
    );
}

#[test]
fn the_globe_reaches_from_pole_to_pole_and_reads_as_3d_tiles() {
    for scheme in [Scheme::WebMercator, Scheme::Geographic] {
        let config = TerrainConfig {
            heights: HeightSource::Ellipsoid { scheme },
            ..TerrainConfig::default()
        };
        let source = TerrainSource::new("globe", config).unwrap();
        let mut documents = vec![source.root_address()];
        let (mut count, mut tiles, mut errors) = (0, 0, Vec::new());
        while let Some(address) = documents.pop() {
            let bytes = source.document(&address).unwrap();
            let tileset = Tileset::parse(&bytes, &address, &city_tiles::Limits::default()).unwrap();
            assert!(tileset.warnings.is_empty(), "{:?}", tileset.warnings);
            count += 1;
            tiles += tileset.tile_count;
            errors.push(tileset.root.geometric_error);
            let mut below = vec![&tileset.root];
            while let Some(tile) = below.pop() {
                assert!(
                    tile.children
                        .iter()
                        .all(|c| c.geometric_error <= tile.geometric_error)
                );
                let uri = tile
                    .contents
                    .first()
                    .map(|c| c.uri.clone())
                    .unwrap_or_default();
                // One branch of it is enough.
                if uri.ends_with("/0.json") && tile.children.is_empty() {
                    documents.push(uri);
                }
                below.extend(&tile.children);
            }
            assert!(count < 200, "{address}");
        }
        println!("{scheme:?}: {count} documents, {tiles} tiles");
        assert!(count > 3);
        for (y, lat) in [(0, 90.0), (7, -90.0)] {
            let address = format!("terrain:///globe/3/0/{y}.terrain");
            let json = source.document(&address).unwrap();
            let tile = decode(&json, &address, &|_| None, &DecodeOptions::default()).unwrap();
            let vertices = &tile.primitives[0].vertices;
            assert!(
                vertices
                    .iter()
                    .any(|v| (geodetic(&tile, v).lat_deg() - lat).abs() < 1e-5)
            );
        }
    }
}

fn ellipsoid_with(url: &str) -> TerrainConfig {
    TerrainConfig {
        imagery: vec![ImageryLayer {
            url: url.to_owned(),
            max_zoom: 9,
            ..ImageryLayer::default()
        }],
        ..TerrainConfig::default()
    }
}

#[test]
fn terrain_comes_though_the_imagery_does_not() {
    for answer in [
        FetchError::TimedOut,
        FetchError::Status(403),
        FetchError::NotFound,
    ] {
        let failing = answer.clone();
        let network: Network = Box::new(move |_| Err(failing.clone()));
        let mut app = App::new(ellipsoid_with("https://i/{z}/{x}/{y}.png"), network);
        let view = [looking(114.2, 22.3, 12_000_000.0, 0.0, -90.0)];
        app.settle(&view);
        let tiles = app.shown_tiles();
        assert!(!tiles.is_empty(), "{answer}");
        assert!(
            tiles
                .iter()
                .all(|(_, tile)| tile.images.is_empty() && tile.copyright.is_empty())
        );
        assert_eq!(app.streamer.stats().tiles_failed, 0, "{answer}");
    }
    // An empty answer is none, at once.
    let mut app = App::new(
        ellipsoid_with("https://i/{z}/{x}/{y}.png"),
        Box::new(|_| Ok(Vec::new())),
    );
    app.settle(&[looking(114.2, 22.3, 12_000_000.0, 0.0, -90.0)]);
    assert!(app.streamer.problems().is_empty());
}

#[test]
fn parents_of_images_are_asked_for_only_where_one_is_missing() {
    let image = png(256, |_, _| [10, 20, 30, 255]);
    let network: Network = Box::new(move |url| {
        if url == "https://i/1/0/0.png" {
            return Err(FetchError::NotFound);
        }
        Ok(image.clone())
    });
    let mut app = App::new(ellipsoid_with("https://i/{z}/{x}/{y}.png"), network);
    app.settle(&[looking(114.2, 22.3, 60_000_000.0, 0.0, -90.0)]);
    let asked = |url: &str| app.fetched.iter().filter(|u| *u == url).count();
    assert_eq!(asked("https://i/0/0/0.png"), 1, "{:?}", app.fetched);
    let root = app.shown_tiles()[0].1;
    assert_eq!(root.images[0].texels[..4], [10, 20, 30, 255]);
}

#[test]
fn imagery_goes_on_where_heights_end() {
    let image = png(256, |_, _| [10, 20, 30, 255]);
    let ground = flat(40.0);
    let network: Network = Box::new(move |url| {
        Ok(if url.starts_with("https://dem/") {
            ground.clone()
        } else {
            image.clone()
        })
    });
    let config = TerrainConfig {
        heights: HeightSource::Raster {
            encoding: RasterEncoding::Terrarium,
            url: "https://dem/{z}/{x}/{y}.png".to_owned(),
            min_zoom: 0,
            max_zoom: 10,
            shared_edges: false,
        },
        imagery: vec![ImageryLayer {
            url: "https://i/{z}/{x}/{y}.png".to_owned(),
            max_zoom: 17,
            ..ImageryLayer::default()
        }],
        ..TerrainConfig::default()
    };
    let mut app = App::new(config, network);
    app.settle(&[looking(114.17, 22.28, 1_500.0, 0.0, -80.0)]);
    let tiles = app.shown_tiles();
    let deepest = tiles.iter().map(|(cell, _)| cell.z).max().unwrap();
    println!(
        "{} tiles shown, the deepest of level {deepest}",
        tiles.len()
    );
    assert!((14..=16).contains(&deepest));
    assert!(
        app.fetched
            .iter()
            .all(|url| !url.starts_with("https://dem/11/"))
    );
    let fine = tiles.iter().find(|(cell, _)| cell.z == deepest).unwrap().1;
    assert!(
        fine.primitives[0].vertices.len() < 200,
        "no more vertices than there are heights"
    );
    assert!((geodetic(fine, &fine.primitives[0].vertices[0]).height_m - 40.0).abs() < 0.1);
    assert!(app.streamer.problems().is_empty());
}
