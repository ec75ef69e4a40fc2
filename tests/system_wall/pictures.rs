//! What nodes drew, put together and compared.

use image::RgbaImage;
use serde_json::json;

use crate::rig::{command, ready, until};
use crate::support::Folder;

pub fn picture(folder: &Folder, wall: &str, index: usize) -> RgbaImage {
    let path = folder.path().join(wall);
    let prefix = format!("n{index}-");
    let file = until(&format!("a picture of {wall} {index}"), || {
        let names = std::fs::read_dir(&path).ok()?;
        names
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .find(|file| {
                let name = file
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                name.starts_with(&prefix) && name.ends_with(".png")
            })
    });
    until("the picture is whole", || image::open(&file).ok()).to_rgba8()
}

/// Peak signal to noise ratio of two pictures, dB; 99 for equal ones.
pub fn psnr(a: &RgbaImage, b: &RgbaImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let squares: f64 = a
        .as_raw()
        .iter()
        .zip(b.as_raw())
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
        .sum();
    let mean = squares / a.as_raw().len() as f64;
    if mean == 0.0 {
        99.0
    } else {
        10.0 * (255.0f64.powi(2) / mean).log10()
    }
}

/// Brings walls to a preset with its time, and lets the picture stand still: the same on all of them. Each is named by
/// its leader's port and its number of nodes.
pub fn stand_still(walls: &[(u16, usize)], preset: &str) {
    for (http, _) in walls {
        command(*http, &json!({"clock": "Pause"}));
        command(
            *http,
            &json!({"go_preset": {"id": preset, "how": "cut", "time": true}}),
        );
    }
    for (http, count) in walls {
        ready(*http, *count);
    }
    for (http, _) in walls {
        command(*http, &json!({"freeze": true}));
    }
}

/// The pictures of a wall of two by two screens, as one.
pub fn stitched(folder: &Folder, wall: &str, screen: [u32; 2]) -> RgbaImage {
    let mut all = RgbaImage::new(screen[0] * 2, screen[1] * 2);
    for index in 0..4u32 {
        let part = picture(folder, wall, index as usize);
        assert_eq!(part.dimensions(), (screen[0], screen[1]));
        let (x, y) = (index % 2 * screen[0], index / 2 * screen[1]);
        image::imageops::replace(&mut all, &part, i64::from(x), i64::from(y));
    }
    all
}
