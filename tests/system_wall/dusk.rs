//! A city at dusk, its windows lit one by one: the four screens are one picture here too.

use std::path::PathBuf;

use image::RgbaImage;
use serde_json::Value;

use crate::pictures::{picture, psnr, stand_still, stitched};
use crate::rig::{Addresses, Running, alone, leader, node, ready, wall};
use crate::support::Folder;

/// Large enough that windows are seen one by one.
const SCREEN: [u32; 2] = [400, 225];

/// A small made city, seen from the south at half the height of its tallest building.
fn city(folder: &Folder) -> PathBuf {
    let made = folder.path().join("city");
    city_tiler::generate_small(1, &made, &|_| {}).unwrap();
    let list = std::fs::read(made.join("city.json")).unwrap();
    let list: Value = serde_json::from_slice(&list).unwrap();
    let column = |name: &str| -> Vec<f64> {
        let column = list["buildings"][name].as_array().unwrap().iter();
        column.map(|number| number.as_f64().unwrap()).collect()
    };
    let (lon, lat, top_m, height_m) = (
        column("lon"),
        column("lat"),
        column("top_m"),
        column("height_m"),
    );
    let tallest = (0..lon.len())
        .max_by(|a, b| height_m[*a].total_cmp(&height_m[*b]))
        .unwrap();
    folder.write(
        "scene.toml",
        format!(
            r#"
name = "Small harbour"
time_zone = "Asia/Hong_Kong"
synthetic = true
origin = {{ lon = {lon}, lat = {lat} }}

[[tileset]]
name = "Small harbour"
url = "city/tileset.json"

[camera.home]
lon = {lon}
lat = {south}
height = {height_m}
heading = 0
pitch = -4

[[camera.preset]]
id = "dusk"
name = "Dusk"
pose = {{ lon = {lon}, lat = {south}, height = {height_m}, heading = 0, pitch = -4 }}
time = "2026-11-23T18:20:00+08:00"
"#,
            lon = lon[tallest],
            lat = lat[tallest],
            south = lat[tallest] - 0.0022,
            height_m = top_m[tallest] - height_m[tallest] * 0.5,
        ),
    )
}

/// Pixels of lit windows: bright and warm.
fn lit(picture: &RgbaImage) -> usize {
    let is_lit = |[red, green, blue, _]: [u8; 4]| {
        red > 150 && green > 90 && i32::from(red) > i32::from(blue) + 60
    };
    picture.pixels().filter(|pixel| is_lit(pixel.0)).count()
}

/// A strip of so many pixels to both sides of the seams.
fn seams(picture: &RgbaImage, half_px: u32) -> RgbaImage {
    let [width, height] = SCREEN.map(|px| px * 2);
    let mut strip = RgbaImage::new(width + height, half_px * 2);
    for along in 0..width {
        for across in 0..half_px * 2 {
            let pixel = picture.get_pixel(along, height / 2 - half_px + across);
            strip.put_pixel(along, across, *pixel);
        }
    }
    for along in 0..height {
        for across in 0..half_px * 2 {
            let pixel = picture.get_pixel(width / 2 - half_px + across, along);
            strip.put_pixel(width + along, across, *pixel);
        }
    }
    strip
}

#[test]
fn lit_windows_at_dusk_are_the_same_on_both_sides_of_a_seam() {
    let _alone = alone();
    let folder = Folder::new();
    city(&folder);
    let (at, one) = (Addresses::new(1, 4), Addresses::new(1, 1));
    let config = wall(&folder, "wall", SCREEN, 2, &at);
    let whole = wall(&folder, "whole", SCREEN, 1, &one);
    let (http, http_whole) = (at.leaders[0].1, one.leaders[0].1);
    let mut running = Running::none();
    leader(&mut running, &folder, &config, "wall", "a");
    leader(&mut running, &folder, &whole, "whole", "a");
    for index in 0..4 {
        node(&mut running, &folder, &config, "wall", index);
    }
    node(&mut running, &folder, &whole, "whole", 0);
    ready(http, 4);
    ready(http_whole, 1);

    stand_still(&[(http, 4), (http_whole, 1)], "dusk");
    let stitched = stitched(&folder, "wall", SCREEN);
    let reference = picture(&folder, "whole", 0);
    if let Some(keep) = std::env::var_os("BELVEDERE_TEST_OUT") {
        let keep = PathBuf::from(keep);
        std::fs::create_dir_all(&keep).unwrap();
        stitched.save(keep.join("wall-dusk-stitched.png")).unwrap();
        reference.save(keep.join("wall-dusk-whole.png")).unwrap();
    }
    let windows = lit(&reference);
    let at_seams = lit(&seams(&reference, 8));
    let equal_db = psnr(&stitched, &reference);
    let seams_db = psnr(&seams(&stitched, 8), &seams(&reference, 8));
    println!(
        "at dusk, {windows} pixels of lit windows, {at_seams} of them within 8 pixels of a seam: stitched against the \
         whole {equal_db:.1} dB, along the seams {seams_db:.1} dB"
    );
    assert!(
        windows > 300,
        "facades with lit windows are in it: {windows}"
    );
    assert!(at_seams > 20, "and cross the seams: {at_seams}");
    assert!(equal_db >= 40.0, "{equal_db} dB");
    assert!(seams_db >= 40.0, "{seams_db} dB along the seams");
}
