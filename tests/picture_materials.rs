//! What surfaces look like by their materials: what shines, maps of normals and the like, compressed textures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use belvedere::app::QualityChoice;
use belvedere::clock::SimClock;
use belvedere::headless::Headless;
use belvedere::render::{CityMesh, CityView, DrawnImages, Placement, Shown, Style};
use city_tiles::formats::ktx2;
use city_tiles::prepared::{
    ImageUse, PreparedImage, PreparedMap, PreparedMaterial, PreparedPrimitive, PreparedTile,
    Topology, Vertex, Wrap,
};
use city_time::SimInstant;
use glam::{DMat4, DVec3};

const SIDE: u32 = 64;

/// Where the Earth's zero meridian meets the equator: the sun high in the south, low in the east, and the night.
const NOON: &str = "2026-01-15T12:00:00Z";
const MORNING: &str = "2026-03-20T08:00:00Z";
const NIGHT: &str = "2026-06-20T00:00:00Z";

/// A wall of 6 m that faces south, its image upright on it.
fn wall(material: PreparedMaterial, images: Vec<PreparedImage>) -> PreparedTile {
    let corners = [(-3.0, -3.0), (3.0, -3.0), (3.0, 3.0), (-3.0, 3.0)];
    let vertex = |(x, z): (f32, f32)| Vertex {
        position: [x, 0.0, z],
        normal: [0, -127, 0, 0],
        color: [255; 4],
        uv: [(x + 3.0) / 6.0, (3.0 - z) / 6.0],
        feature: 0,
    };
    PreparedTile {
        primitives: vec![PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: corners.map(vertex).to_vec(),
            indices: vec![0, 1, 2, 0, 2, 3],
            material: 0,
            has_normals: true,
        }],
        materials: vec![material],
        images,
        ..Default::default()
    }
}

/// A grey that is neither metal nor glossy.
fn grey() -> PreparedMaterial {
    PreparedMaterial {
        base_color: [0.3, 0.3, 0.3, 1.0],
        metallic: 0.0,
        ..Default::default()
    }
}

fn map(image: u32) -> Option<PreparedMap> {
    Some(PreparedMap {
        image,
        wrap_u: Wrap::Clamp,
        wrap_v: Wrap::Clamp,
    })
}

/// An image of one value, as numbers.
fn numbers(texel: [u8; 3]) -> PreparedImage {
    let [red, green, blue] = texel;
    PreparedImage {
        is_linear: true,
        ..PreparedImage::new(1, 1, vec![red, green, blue, 255])
    }
}

/// A picture that the wall fills.
fn picture(quality: QualityChoice, at: &str, tile: PreparedTile) -> image::RgbaImage {
    let mut headless = Headless::new([SIDE, SIDE], quality).unwrap();
    let at = SimInstant::parse_rfc3339(at).unwrap();
    headless.app.insert_resource(SimClock::standing_at(at));
    headless.app.world_mut().spawn((
        CityMesh::new(tile),
        Placement {
            local_from_mesh: DMat4::from_translation(DVec3::new(0.0, 0.0, 50.0)),
        },
        Shown(true),
        Style::default(),
    ));
    headless.set_view(CityView {
        position: DVec3::new(0.0, -8.0, 50.0),
        forward: DVec3::Y,
        up: DVec3::Z,
        fov_y_rad: 0.6,
        ..CityView::default()
    });
    for _ in 0..4 {
        headless.frame().unwrap();
    }
    headless.picture().unwrap()
}

/// Red, green and blue in the middle of the left or the right half.
fn at(picture: &image::RgbaImage, x: u32) -> [i32; 3] {
    let [red, green, blue, _] = picture.get_pixel(x, SIDE / 2).0;
    [red, green, blue].map(i32::from)
}

const LEFT: u32 = SIDE / 4;
const RIGHT: u32 = SIDE * 3 / 4;

#[test]
fn what_shines_is_seen_at_night_on_both_paths() {
    for quality in [QualityChoice::Lean, QualityChoice::Full] {
        let dark = at(&picture(quality, NIGHT, wall(grey(), vec![])), LEFT);
        let shining = PreparedMaterial {
            emissive: [0.0, 1.0, 0.0],
            ..grey()
        };
        let lit = at(
            &picture(quality, NIGHT, wall(shining.clone(), vec![])),
            LEFT,
        );
        println!("{quality:?}: {dark:?}, shining {lit:?}");
        assert!(dark.iter().all(|c| *c < 110), "{quality:?}: {dark:?}");
        assert!(
            lit[1] > 180 && lit[1] - dark[1] > 80,
            "{quality:?}: {lit:?}"
        );
        assert!(lit[0] <= dark[0] + 6, "{quality:?}: {lit:?}");
        // By a texture, only its right half.
        let image = PreparedImage::new(2, 1, vec![0, 0, 0, 255, 255, 255, 255, 255]);
        let by_map = PreparedMaterial {
            emissive_map: map(0),
            ..shining
        };
        let halves = picture(quality, NIGHT, wall(by_map, vec![image]));
        assert!((at(&halves, 4)[1] - dark[1]).abs() < 6, "{quality:?}");
        assert!((at(&halves, SIDE - 4)[1] - lit[1]).abs() < 6, "{quality:?}");
    }
}

#[test]
fn normals_of_a_map_turn_to_the_sun() {
    let green = |at_time: &str, texel: [u8; 3]| {
        let bumpy = PreparedMaterial {
            normal_map: map(0),
            ..grey()
        };
        let tile = wall(bumpy, vec![numbers(texel)]);
        at(&picture(QualityChoice::Full, at_time, tile), LEFT)[1]
    };
    let (level, up, down) = (
        green(NOON, [128, 128, 255]),
        green(NOON, [128, 200, 230]),
        green(NOON, [128, 56, 230]),
    );
    println!("noon: level {level}, up {up}, down {down}");
    assert!(up > level + 3 && level > down + 3);
    let (east, west) = (
        green(MORNING, [200, 128, 230]),
        green(MORNING, [56, 128, 230]),
    );
    println!("morning: east {east}, west {west}");
    assert!(east > west + 8);
    let matt = picture(QualityChoice::Full, NOON, wall(grey(), vec![]));
    let matt = at(&matt, LEFT)[1];
    assert!((matt - level).abs() < 12, "{matt} without maps, {level}");
}

#[test]
fn metal_and_nooks_are_darker_than_what_is_matt() {
    let green = |material: PreparedMaterial, texel: [u8; 3]| {
        let tile = wall(material, vec![numbers(texel)]);
        at(&picture(QualityChoice::Full, NOON, tile), LEFT)[1]
    };
    let metal = || PreparedMaterial {
        metallic: 1.0,
        roughness_map: map(0),
        ..grey()
    };
    let nook = PreparedMaterial {
        occlusion_map: map(0),
        ..grey()
    };
    let (stone, rough_metal) = (green(metal(), [0, 255, 0]), green(metal(), [0, 255, 255]));
    let (open, closed) = (green(nook.clone(), [255; 3]), green(nook, [0; 3]));
    println!("stone {stone}, metal {rough_metal}; open {open}, closed {closed}");
    assert!(rough_metal < stone - 8);
    assert!(closed < open - 8);
    assert!((stone - open).abs() < 6);
    // The lean path draws neither.
    let lean = |material| {
        at(
            &picture(
                QualityChoice::Lean,
                NOON,
                wall(material, vec![numbers([0; 3])]),
            ),
            LEFT,
        )
    };
    assert_eq!(lean(metal()), lean(grey()));
}

#[test]
fn compressed_textures_are_the_same_picture() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/crates/city_tiles/tests/content/seeds"
    );
    let textured = PreparedMaterial {
        base_color_image: Some(0),
        base_color: [1.0; 4],
        unlit: true,
        wrap_u: Wrap::Clamp,
        wrap_v: Wrap::Clamp,
        ..grey()
    };
    let show = |image: PreparedImage| {
        let tile = wall(textured.clone(), vec![image]);
        picture(QualityChoice::Full, NOON, tile)
    };
    // What this machine's adapter reads.
    let reads = {
        let mut headless = Headless::new([SIDE, SIDE], QualityChoice::Full).unwrap();
        headless.frame().unwrap();
        headless.app.world().resource::<DrawnImages>().0
    };
    let none = ImageUse::default();
    let families = [
        ImageUse { bc: true, ..none },
        ImageUse { etc2: true, ..none },
        ImageUse { astc: true, ..none },
    ];
    let mut compared = 0;
    for name in ["etc1s.ktx2", "uastc.ktx2"] {
        let bytes = std::fs::read(format!("{folder}/{name}")).unwrap();
        let plain = show(ktx2::decode(&bytes, name, 192).unwrap());
        assert_ne!(
            at(&plain, LEFT),
            at(&plain, RIGHT),
            "{name} is of one colour"
        );
        for family in families {
            if reads.to_bits() & family.to_bits() == 0 {
                println!("skipped: this adapter does not read {family:?}");
                continue;
            }
            let Some(image) = ktx2::transcode(&bytes, name, 192, family).unwrap() else {
                continue;
            };
            let format = image.format;
            let drawn = show(image);
            let off = plain.as_raw().iter().zip(drawn.as_raw());
            let off = off.map(|(a, b)| f64::from(a.abs_diff(*b)));
            let mean = off.sum::<f64>() / plain.as_raw().len() as f64;
            println!("{name} as {format:?}: {mean:.2} of 255 off");
            // This ETC1S is noise of full colours, whose ramps bend at black and white.
            let most = if family.bc && name.starts_with("etc1s") {
                9.0
            } else {
                3.0
            };
            assert!(mean < most, "{name} as {format:?}: {mean}");
            compared += 1;
        }
    }
    assert!(compared > 0 || reads.to_bits() & 7 == 0);
}
