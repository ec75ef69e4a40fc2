//! Pictures of the real renderer, drawn without a window.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use belvedere::app::QualityChoice;
use belvedere::framing::view_from_pose;
use belvedere::headless::Headless;
use belvedere::render::{CityMesh, CityView, Placement, Shown, Style};
use belvedere::tiles::{OpenTileset, TileTotals, TilesetSource};
use city_tiles::prepared::{
    NO_FEATURE, PreparedMaterial, PreparedPrimitive, PreparedTile, Topology, Vertex,
};
use glam::{DMat4, DVec3};
use support::samples;

/// A bright wall in the plane y = 0 that ends at x = 0.
fn wall() -> PreparedTile {
    let vertex = |x: f32, z: f32| Vertex {
        position: [x, 0.0, z],
        normal: [0, -127, 0, 0],
        color: [255; 4],
        uv: [0.0; 2],
        feature: NO_FEATURE,
    };
    PreparedTile {
        primitives: vec![PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: vec![
                vertex(-3.0, -3.0),
                vertex(0.0, -3.0),
                vertex(0.0, 3.0),
                vertex(-3.0, 3.0),
            ],
            indices: vec![0, 1, 2, 0, 2, 3],
            material: 0,
            has_normals: true,
        }],
        materials: vec![PreparedMaterial {
            base_color: [1.0, 0.0, 0.0, 1.0],
            unlit: true,
            double_sided: true,
            ..Default::default()
        }],
        ..Default::default()
    }
}

/// The wall is red, sky and ground are not.
fn is_wall([r, g, _, _]: [u8; 4]) -> bool {
    r > 150 && g < 100
}

/// One metre from a wall 20 km from the origin, a slow walk along it moves its edge evenly: never
/// more than a pixel from where it belongs, never backwards.
#[test]
fn no_jitter_far_from_the_origin() {
    let (width, height) = (512u32, 64u32);
    let mut headless = Headless::new([width, height], QualityChoice::Lean).unwrap();
    let at = DVec3::new(20_000.37, 1_234.567, 12.3);
    let placement = Placement {
        local_from_mesh: DMat4::from_translation(at),
    };
    headless.app.world_mut().spawn((
        CityMesh::new(wall()),
        placement,
        Shown(true),
        Style::default(),
    ));
    let base = CityView {
        position: at - DVec3::Y,
        forward: DVec3::Y,
        up: DVec3::Z,
        near_m: 0.05,
        ..CityView::default()
    };
    for _ in 0..4 {
        headless.set_view(base);
        headless.frame().unwrap();
    }
    let pixels_per_m = f64::from(height) * 0.5 / (base.fov_y_rad * 0.5).tan();
    let mut last = None;
    for step in 0..60 {
        // 0.8 mm: the step of f32 at 20 km is 2 mm.
        let aside_m = f64::from(step) * 0.0008;
        headless.set_view(CityView {
            position: base.position + DVec3::X * aside_m,
            ..base
        });
        headless.frame().unwrap();
        let picture = headless.picture().unwrap();
        let edge = (0..width)
            .rev()
            .find(|x| is_wall(picture.get_pixel(*x, height / 2).0))
            .unwrap();
        let expected = f64::from(width) * 0.5 - aside_m * pixels_per_m;
        assert!(
            (f64::from(edge) + 0.5 - expected).abs() <= 1.0,
            "step {step}: edge at {edge}, expected {expected:.2}"
        );
        assert!(
            last.is_none_or(|last| edge <= last),
            "step {step}: the edge went back"
        );
        last = Some(edge);
    }
}

/// A real city opens with what it is known to hold, and stands where it should.
#[test]
fn wageningen_opens_whole() {
    let Some(samples) = samples() else { return };
    let url = samples
        .join("bertt__wageningen/7-624-528/tileset.json")
        .to_string_lossy()
        .into_owned();
    let mut headless = Headless::new([640, 360], QualityChoice::Lean).unwrap();
    let source = TilesetSource {
        name: "wageningen".into(),
        url,
        ..Default::default()
    };
    headless.app.world_mut().write_message(OpenTileset {
        source,
        frame_it: true,
        replace: true,
    });
    for _ in 0..200 {
        headless.frame().unwrap();
        if headless.app.world().resource::<TileTotals>().shown > 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let frame = *headless
        .app
        .world()
        .resource::<belvedere::frame::SceneFrame>();
    let pose = city_geo::Camera::from_degrees(5.655, 51.955, 700.0, 0.0, -40.0);
    let mut view = view_from_pose(&pose, &frame);
    view.above_ground_m = 650.0;
    headless.set_view(view);
    headless.settle(Duration::from_secs(60)).unwrap();
    let totals = headless.app.world().resource::<TileTotals>().clone();
    assert_eq!(totals.failed, 0, "no tile may fail");
    assert!(
        totals.contents_ready >= 8,
        "{} contents of 13",
        totals.contents_ready
    );
    let picture = headless.picture().unwrap();
    // Sunlit or not, buildings differ from the even ground beside them.
    let ground = picture.get_pixel(2, 355).0;
    let differing = picture
        .enumerate_pixels()
        .filter(|(_, y, pixel)| {
            *y > 120 && pixel.0.iter().zip(ground).any(|(a, b)| a.abs_diff(b) > 24)
        })
        .count();
    let share = differing as f64 / (640.0 * 240.0);
    assert!(
        (0.02..0.7).contains(&share),
        "buildings cover {share:.3} of the lower picture"
    );
}
