//! What features look like beside their content: styles, points of a size, and the same picture after the GPU was lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use belvedere::app::QualityChoice;
use belvedere::clock::SimClock;
use belvedere::headless::Headless;
use belvedere::render::{CityMesh, CityView, FeatureLook, LostDevices, Placement, Shown, Style};
use bevy::ecs::entity::Entity;
use bevy::render::RenderApp;
use bevy::render::renderer::RenderDevice;
use city_tiles::prepared::{
    PreparedImage, PreparedMaterial, PreparedPrimitive, PreparedTile, Topology, Vertex,
};
use city_time::SimInstant;
use glam::{DMat4, DVec3};

const SIDE: u32 = 128;

fn vertex(x: f32, z: f32, feature: u32) -> Vertex {
    Vertex {
        position: [x, 0.0, z],
        normal: [0, -127, 0, 0],
        color: [255; 4],
        uv: [0.5; 2],
        feature,
    }
}

/// A red square of 6 m in the plane y = 0: feature 0 is its left half, feature 1 its right half.
fn square() -> PreparedTile {
    let half = |left: f32, feature: u32| {
        [(0.0, -3.0), (3.0, -3.0), (3.0, 3.0), (0.0, 3.0)]
            .map(|(x, z)| vertex(left + x, z, feature))
    };
    PreparedTile {
        primitives: vec![PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: [half(-3.0, 0), half(0.0, 1)].concat(),
            indices: vec![0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7],
            material: 0,
            has_normals: true,
        }],
        materials: vec![red()],
        ..Default::default()
    }
}

fn red() -> PreparedMaterial {
    PreparedMaterial {
        base_color: [1.0, 0.0, 0.0, 1.0],
        unlit: true,
        double_sided: true,
        ..Default::default()
    }
}

/// Looks north at the square from 10 m, 6 m of it across the whole picture and a little more.
fn start(tile: PreparedTile) -> (Headless, Entity) {
    let mut headless = Headless::new([SIDE, SIDE], QualityChoice::Lean).unwrap();
    let noon = SimInstant::parse_rfc3339("2026-06-21T04:00:00Z").unwrap();
    headless.app.insert_resource(SimClock::standing_at(noon));
    let mesh = headless
        .app
        .world_mut()
        .spawn((
            CityMesh::new(tile),
            Placement {
                local_from_mesh: DMat4::from_translation(DVec3::new(0.0, 0.0, 50.0)),
            },
            Shown(true),
            Style::default(),
        ))
        .id();
    headless.set_view(CityView {
        position: DVec3::new(0.0, -10.0, 50.0),
        forward: DVec3::Y,
        up: DVec3::Z,
        fov_y_rad: 0.7,
        ..CityView::default()
    });
    for _ in 0..4 {
        headless.frame().unwrap();
    }
    (headless, mesh)
}

fn is_red([r, g, b, _]: [u8; 4]) -> bool {
    r > 150 && g < 100 && b < 100
}

fn is_green([r, g, b, _]: [u8; 4]) -> bool {
    g > 150 && r < 100 && b < 100
}

fn restyle(headless: &mut Headless, mesh: Entity, look: Option<FeatureLook>) -> image::RgbaImage {
    let mut world = headless.app.world_mut().entity_mut(mesh);
    match look {
        Some(look) => world.insert(look),
        None => world.remove::<FeatureLook>(),
    };
    headless.frame().unwrap();
    headless.frame().unwrap();
    headless.picture().unwrap()
}

fn look(colors: &[[u8; 4]], replaces: f32) -> FeatureLook {
    FeatureLook {
        colors: Arc::from(colors),
        point_sizes_px: None,
        replaces,
        replaced: Arc::from([]),
        patterns: Arc::from([]),
    }
}

#[test]
fn a_style_colours_and_hides_features() {
    let (mut headless, mesh) = start(square());
    let (left, right) = ((SIDE / 4, SIDE / 3), (SIDE * 3 / 4, SIDE / 3));
    let at = |picture: &image::RgbaImage, (x, y)| picture.get_pixel(x, y).0;
    let plain = headless.picture().unwrap();
    assert!(is_red(at(&plain, left)) && is_red(at(&plain, right)));

    let styled = look(&[[0, 255, 0, 255], [0, 0, 0, 0]], 1.0);
    let picture = restyle(&mut headless, mesh, Some(styled));
    assert!(is_green(at(&picture, left)), "{:?}", at(&picture, left));
    let open = at(&picture, right);
    assert!(!is_red(open) && !is_green(open), "hidden, but {open:?}");

    // The highlight mode multiplies: green times red is black.
    let picture = restyle(&mut headless, mesh, Some(look(&[[0, 255, 0, 255]], 0.0)));
    assert!(at(&picture, left)[..3].iter().all(|c| *c < 40));
    assert!(
        is_red(at(&picture, right)),
        "a feature that the style does not know"
    );

    // Half see-through: the sky behind shines in.
    let picture = restyle(
        &mut headless,
        mesh,
        Some(look(&[[255, 255, 255, 128]], 0.0)),
    );
    let [r, g, ..] = at(&picture, left);
    assert!(
        (120..210).contains(&r) && g > 15,
        "{:?}",
        at(&picture, left)
    );

    let picture = restyle(&mut headless, mesh, None);
    let other = picture.pixels().zip(plain.pixels()).filter(|(a, b)| a != b);
    assert_eq!(other.count(), 0, "the style left something behind");
}

#[test]
fn points_are_squares_of_their_size() {
    let tile = PreparedTile {
        primitives: vec![PreparedPrimitive {
            topology: Topology::Points,
            // The second one is not named by an index and so not there.
            vertices: vec![
                vertex(-1.5, 0.0, 0),
                vertex(0.0, 1.0, 0),
                vertex(1.5, 0.0, 1),
            ],
            indices: vec![0, 2],
            material: 0,
            has_normals: false,
        }],
        materials: vec![red()],
        ..Default::default()
    };
    let (mut headless, mesh) = start(tile);
    let count = |picture: &image::RgbaImage, is: fn([u8; 4]) -> bool| {
        picture.pixels().filter(|pixel| is(pixel.0)).count()
    };
    let sized = |sizes: &[f32], colors: &[[u8; 4]]| FeatureLook {
        colors: Arc::from(colors),
        point_sizes_px: Some(Arc::from(sizes)),
        replaces: 1.0,
        replaced: Arc::from([]),
        patterns: Arc::from([]),
    };
    let both = sized(&[8.0, 4.0], &[[255, 0, 0, 255], [0, 255, 0, 255]]);
    let picture = restyle(&mut headless, mesh, Some(both));
    let (red, green) = (count(&picture, is_red), count(&picture, is_green));
    assert!(red.abs_diff(64) <= 16, "{red} pixels of 8 x 8");
    assert!(green.abs_diff(16) <= 8, "{green} pixels of 4 x 4");
    let one = sized(&[8.0, 4.0], &[[255, 0, 0, 0], [0, 255, 0, 255]]);
    let picture = restyle(&mut headless, mesh, Some(one));
    assert_eq!(count(&picture, is_red), 0, "hidden");
    // Far apart as they are, points without a style stay small.
    let picture = restyle(&mut headless, mesh, None);
    let red = count(&picture, is_red);
    assert!((8..=2 * 14 * 14).contains(&red), "{red}");
}

#[test]
fn the_view_comes_back_after_the_gpu_was_lost() {
    let mut tile = square();
    let white = [255, 255, 255, 255].repeat(4);
    tile.images.push(PreparedImage::new(2, 2, white));
    tile.materials[0].base_color_image = Some(0);
    let (mut headless, mesh) = start(tile);
    let styled = look(&[[0, 255, 0, 255]], 1.0);
    let before = restyle(&mut headless, mesh, Some(styled));
    for lost in 1..=2 {
        let device = headless
            .app
            .sub_app(RenderApp)
            .world()
            .resource::<RenderDevice>();
        device.wgpu_device().destroy();
        for _ in 0..20 {
            headless.app.update();
        }
        assert_eq!(headless.app.world().resource::<LostDevices>().0, lost);
        let now = headless.picture().unwrap();
        let other = now.pixels().zip(before.pixels()).filter(|(a, b)| a != b);
        assert_eq!(other.count(), 0, "another picture after {lost} losses");
    }
}
