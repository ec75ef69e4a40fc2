//! What each screen shows.

use std::f64::consts::FRAC_PI_4;

use city_geo::DVec3;
use city_wall::{Layout, WallConfig, ui_scale};

use crate::support::{WALL, wall};

fn near(a: [f64; 4], b: [f64; 4]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12)
}

#[test]
fn without_bezels_the_parts_are_the_rectangles() {
    let text = WALL.replace("bezel_mm = [4.0, 2.0]", "");
    let layout = Layout::new(&WallConfig::parse(&text, "wall.toml").unwrap());
    assert_eq!(layout.full_size(), [3840, 2160]);
    let sub = layout.outputs("n4").unwrap()[0].sub.unwrap();
    assert_eq!(
        (sub.full_size, sub.offset, sub.size),
        ([3840, 2160], [1920.0, 1080.0], [1920, 1080])
    );
}

#[test]
fn bezels_hide_pixels() {
    let layout = Layout::new(&wall());
    // 4 mm of 0.5 mm pixels are 8 hidden columns; 2 mm are 4 hidden rows.
    assert_eq!(layout.full_size(), [3848, 2164]);
    let offsets =
        ["n1", "n2", "n3", "n4"].map(|id| layout.outputs(id).unwrap()[0].sub.unwrap().offset);
    assert_eq!(
        offsets,
        [[0.0, 0.0], [1928.0, 0.0], [0.0, 1084.0], [1928.0, 1084.0]]
    );
    assert!(layout.outputs("n9").is_none());
}

#[test]
fn the_parts_join_to_the_whole() {
    let layout = Layout::new(&wall());
    let fov = FRAC_PI_4;
    let whole = layout.whole(fov);
    let [tl, _, bl, br] = ["n1", "n2", "n3", "n4"].map(|id| {
        let output = layout.outputs(id).unwrap()[0];
        layout.tangents(&output, fov)
    });
    let half = (fov / 2.0).tan();
    assert!(near(
        whole.tangents,
        [-half * 3848.0 / 2164.0, half * 3848.0 / 2164.0, -half, half]
    ));
    assert_eq!(whole.size_px.map(f64::round), [3848.0, 2164.0]);
    assert!((tl[0] - whole.tangents[0]).abs() < 1e-12 && (tl[3] - half).abs() < 1e-12);
    assert!((br[1] - whole.tangents[1]).abs() < 1e-12 && (br[2] + half).abs() < 1e-12);
    // Eight pixels' worth lie behind the bezel.
    let gap = (br[0] - bl[1]) / (2.0 * half / 2164.0);
    assert!((gap - 8.0).abs() < 1e-9, "{gap}");
}

#[test]
fn a_row_has_its_own_seams() {
    // Two screens above, three below.
    let head = &WALL[..WALL.find("[[node]]").unwrap()];
    let text = format!(
        "{head}[[node]]\nid = \"n\"\nlisten = \"127.0.0.1:7811\"\noutput = [\
         {{display=0, rect=[0,0,1920,1080]}}, {{display=1, rect=[1920,0,1920,1080]}},\
         {{display=2, rect=[0,1080,1280,1080]}}, {{display=3, rect=[1280,1080,1280,1080]}}, {{display=4, rect=[2560,1080,1280,1080]}}]\n"
    );
    let layout = Layout::new(&WallConfig::parse(&text, "wall.toml").unwrap());
    let x: Vec<f64> = layout
        .outputs("n")
        .unwrap()
        .iter()
        .map(|o| o.sub.unwrap().offset[0])
        .collect();
    assert_eq!(x, [0.0, 1928.0, 0.0, 1288.0, 2576.0]);
    assert_eq!(layout.full_size()[0], 3856);
}

#[test]
fn an_angled_wall_is_a_window() {
    // A flat screen of 1920 mm by 1080 mm at 2 m, and the same at its right, turned by 90 degrees about the seam.
    let head = &WALL[..WALL.find("[[leader]]").unwrap()];
    let head = head
        .replace("view_distance_m = 6", "view_distance_m = 2")
        .replace("bezel_mm = [4.0, 2.0]", "");
    let text = format!(
        "{head}[[leader]]\nid = \"a\"\nframes = \"127.0.0.1:7801\"\nhttp = \"127.0.0.1:7800\"\n\
         [[node]]\nid = \"n\"\nlisten = \"127.0.0.1:7811\"\noutput = [{{display=0, rect=[0,0,3840,2160]}},\
         {{display=1, pixels=[3840,2160], corners_mm=[[960,-540,-2000],[960,-540,-80],[960,540,-2000]]}}]\n"
    );
    let layout = Layout::new(&WallConfig::parse(&text, "wall.toml").unwrap());
    assert!(layout.is_angled());
    let [flat, side] = layout.outputs("n").unwrap() else {
        panic!()
    };
    // Whatever the camera's field of view is: the flat screen is as large as it really is.
    let seen = layout.tangents(flat, 0.3);
    assert!(near(seen, [-0.48, 0.48, -0.27, 0.27]), "{seen:?}");
    // Its right edge and the other's left edge are one line in space.
    let there = layout.tangents(side, 0.3);
    let edge = layout.wall_from_screen(side) * DVec3::new(there[0], there[2], -1.0);
    let edge = edge / -edge.z;
    assert!(
        (edge.x - seen[1]).abs() < 1e-12 && (edge.y - seen[2]).abs() < 1e-12,
        "{edge}"
    );
    let whole = layout.whole(0.3);
    assert!(
        whole.tangents[1] > 9.0 && whole.size_px[1] > 2160.0,
        "{whole:?}"
    );
}

#[test]
fn text_is_read_from_the_viewing_distance() {
    let text = WALL.replace("pixel_pitch_mm = 0.5", "pixel_pitch_mm = 1.25");
    let scale = ui_scale(&WallConfig::parse(&text, "wall.toml").unwrap()).unwrap();
    assert!((scale * 14.0 - 28.0).abs() < 0.2, "{scale}");
}
