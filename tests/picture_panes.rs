//! Panes, variants and hidden features, as pixels.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use belvedere::app::QualityChoice;
use belvedere::camera_control::CameraLed;
use belvedere::headless::Headless;
use belvedere::render::{
    CityMesh, CityView, HiddenFeatures, Lens, LineSegment, LineSet, Pane, Panes, Placement, Shown,
    Style, Variants,
};
use bevy::ecs::entity::Entity;
use bevy::ecs::query::With;
use city_tiles::prepared::{PreparedMaterial, PreparedPrimitive, PreparedTile, Topology, Vertex};
use glam::{DMat4, DVec3};

const SIZE: [u32; 2] = [400, 200];

/// An upright square of 20 m in front of the camera, to the east by so many metres.
fn square(feature: u32, east_m: f32, color: [u8; 4]) -> PreparedPrimitive {
    let corner = |x: f32, z: f32| Vertex {
        position: [east_m + x, 0.0, z],
        normal: [0, -127, 0, 0],
        color,
        uv: [0.0; 2],
        feature,
    };
    PreparedPrimitive {
        topology: Topology::Triangles,
        vertices: vec![
            corner(-10.0, -10.0),
            corner(10.0, -10.0),
            corner(10.0, 10.0),
            corner(-10.0, 10.0),
        ],
        indices: vec![0, 1, 2, 0, 2, 3],
        material: 0,
        has_normals: true,
    }
}

fn mesh(parts: Vec<PreparedPrimitive>) -> CityMesh {
    CityMesh::new(PreparedTile {
        primitives: parts,
        materials: vec![PreparedMaterial {
            unlit: true,
            double_sided: true,
            ..PreparedMaterial::default()
        }],
        ..PreparedTile::default()
    })
}

const RED: [u8; 4] = [255, 0, 0, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];
const BLUE: [u8; 4] = [0, 0, 255, 255];

/// Which of the three squares is at a pixel.
fn seen(headless: &mut Headless, x: u32) -> char {
    let picture = headless.picture().unwrap();
    let [r, g, b, _] = picture.get_pixel(x, SIZE[1] / 2).0;
    match (
        r > 150 && r > 2 * g && r > 2 * b,
        g > 150 && g > 2 * r,
        b > 150 && b > 2 * r,
    ) {
        (true, ..) => 'r',
        (_, true, _) => 'g',
        (.., true) => 'b',
        _ => '.',
    }
}

fn set_panes(headless: &mut Headless, panes: Vec<Pane>) {
    let world = headless.app.world_mut();
    let camera = world
        .query_filtered::<Entity, With<CityView>>()
        .single(world)
        .unwrap();
    world.entity_mut(camera).insert(Panes(panes));
    for _ in 0..3 {
        headless.frame().unwrap();
    }
}

fn pane(rect_px: [u32; 4], lens: Lens, variant: u8) -> Pane {
    Pane {
        rect_px,
        lens,
        variant,
    }
}

#[test]
fn each_pane_shows_its_variant_through_its_lens() {
    let mut headless = Headless::new(SIZE, QualityChoice::Lean).unwrap();
    // The test sets the panes.
    headless.app.insert_resource(CameraLed);
    headless.set_view(CityView {
        position: DVec3::new(0.0, -60.0, 0.0),
        forward: DVec3::Y,
        up: DVec3::Z,
        ..CityView::default()
    });
    let place = || {
        (
            Placement {
                local_from_mesh: DMat4::IDENTITY,
            },
            Shown(true),
            Style::default(),
        )
    };
    let none: Arc<[u32]> = Arc::from([]);
    let world = headless.app.world_mut();
    // Red to the left and green to the right; the second variant does without green, and has blue instead.
    world.spawn((
        mesh(vec![square(0, -20.0, RED), square(1, 20.0, GREEN)]),
        place(),
        HiddenFeatures([none, Arc::from([1])]),
    ));
    world.spawn((mesh(vec![square(0, 20.0, BLUE)]), place(), Variants(0b10)));
    for _ in 0..3 {
        headless.frame().unwrap();
    }
    // Pixels of the middles of both squares in one picture of the whole.
    let scale = 100.0 / std::f64::consts::FRAC_PI_8.tan();
    let (left, right) = (
        (200.0 - 20.0 / 60.0 * scale) as u32,
        (200.0 + 20.0 / 60.0 * scale) as u32,
    );
    let row = |headless: &mut Headless| [seen(headless, left), seen(headless, right)];
    assert_eq!(row(&mut headless), ['r', 'g']);

    let [w, h] = SIZE;
    set_panes(&mut headless, vec![pane([0, 0, w, h], Lens::Centred, 1)]);
    assert_eq!(row(&mut headless), ['r', 'b']);

    // A swipe: the picture is whole, its right part is the other variant.
    let line = right - 4;
    set_panes(
        &mut headless,
        vec![
            pane([0, 0, line, h], Lens::Window, 0),
            pane([line, 0, w - line, h], Lens::Window, 1),
        ],
    );
    assert_eq!(row(&mut headless), ['r', 'b']);
    assert_eq!(seen(&mut headless, line - 2), 'g');

    // Side by side: each half is a picture of its own.
    let half = w / 2;
    set_panes(
        &mut headless,
        vec![
            pane([0, 0, half, h], Lens::Centred, 0),
            pane([half, 0, half, h], Lens::Centred, 1),
        ],
    );
    assert_eq!(seen(&mut headless, left - 100), 'r');
    assert_eq!(seen(&mut headless, right - 100), 'g');
    assert_eq!(seen(&mut headless, left + 100), 'r');
    assert_eq!(seen(&mut headless, right + 100), 'b');
}

/// A line across the picture, 60 m in front of the camera and so many metres above its middle.
fn across(up_m: f32, color: [u8; 4]) -> LineSet {
    LineSet {
        origin: DVec3::ZERO,
        segments: Arc::new(vec![LineSegment {
            a: [-100.0, 0.0, up_m],
            width_px: 16.0,
            b: [100.0, 0.0, up_m],
            color,
        }]),
        opacity: 1.0,
        pull: 0.0,
        through: true,
    }
}

#[test]
fn lines_are_drawn_in_the_panes_of_their_variants() {
    let mut headless = Headless::new(SIZE, QualityChoice::Lean).unwrap();
    headless.app.insert_resource(CameraLed);
    headless.set_view(CityView {
        position: DVec3::new(0.0, -60.0, 0.0),
        forward: DVec3::Y,
        up: DVec3::Z,
        ..CityView::default()
    });
    let world = headless.app.world_mut();
    let first = world.spawn((across(0.0, RED), Variants(0b01))).id();
    world.spawn((across(0.0, BLUE), Variants(0b10)));
    let [w, h] = SIZE;
    let half = w / 2;
    let sides = |lens| {
        vec![
            pane([0, 0, half, h], lens, 0),
            pane([half, 0, w - half, h], lens, 1),
        ]
    };
    for lens in [Lens::Window, Lens::Centred] {
        set_panes(&mut headless, sides(lens));
        let seen = [half / 2, half + half / 2].map(|x| seen(&mut headless, x));
        assert_eq!(seen, ['r', 'b'], "{lens:?}");
    }
    set_panes(&mut headless, vec![pane([0, 0, w, h], Lens::Centred, 0)]);
    assert_eq!(seen(&mut headless, half), 'r');
    // What says nothing of variants is in all of them.
    headless
        .app
        .world_mut()
        .entity_mut(first)
        .remove::<Variants>();
    set_panes(&mut headless, vec![pane([0, 0, w, h], Lens::Centred, 0)]);
    assert_eq!(seen(&mut headless, half), 'r');
}
