//! What is cut away is not drawn, casts no shadow and is not picked; what stays is drawn as before.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use belvedere::app::QualityChoice;
use belvedere::camera_control::CameraLed;
use belvedere::clipping::{Clipping, CutPlane};
use belvedere::clock::SimClock;
use belvedere::headless::Headless;
use belvedere::picking::{PickRequest, Selection};
use belvedere::render::{
    CityMesh, CityView, Lens, Lighting, LineSegment, LineSet, Pane, Panes, PicturesDrawn,
    Placement, Redraw, Shown, Style,
};
use bevy::ecs::entity::Entity;
use bevy::ecs::query::With;
use city_geo::Geodetic;
use city_tiles::prepared::{
    PreparedMaterial, PreparedPrimitive, PreparedTile, SurfaceClass, Topology, Vertex,
};
use city_time::SimInstant;
use glam::{DMat4, DVec3};

const SIZE: [u32; 2] = [400, 200];
const RED: [u8; 4] = [255, 0, 0, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];

/// A quadrilateral of one feature.
fn quad(corners: [[f32; 3]; 4], feature: u32, color: [u8; 4]) -> PreparedPrimitive {
    let [a, b, _, d] = corners.map(glam::Vec3::from);
    let normal = (b - a).cross(d - a).normalize() * 127.0;
    PreparedPrimitive {
        topology: Topology::Triangles,
        vertices: corners
            .map(|position| Vertex {
                position,
                normal: [normal.x as i8, normal.y as i8, normal.z as i8, 0],
                color,
                uv: [0.0; 2],
                feature,
            })
            .to_vec(),
        indices: vec![0, 1, 2, 0, 2, 3],
        material: 0,
        has_normals: true,
    }
}

/// An upright square of 20 m that looks south, its middle so many metres east and north.
fn square(east: f32, north: f32, feature: u32, color: [u8; 4]) -> PreparedPrimitive {
    let corner = |x: f32, z: f32| [east + x, north, z];
    quad(
        [
            corner(-10.0, -10.0),
            corner(10.0, -10.0),
            corner(10.0, 10.0),
            corner(-10.0, 10.0),
        ],
        feature,
        color,
    )
}

fn mesh(parts: Vec<PreparedPrimitive>, class: SurfaceClass, unlit: bool) -> CityMesh {
    CityMesh::new(PreparedTile {
        primitives: parts,
        materials: vec![PreparedMaterial {
            unlit,
            double_sided: true,
            class,
            ..PreparedMaterial::default()
        }],
        ..PreparedTile::default()
    })
}

fn spawn(headless: &mut Headless, mesh: CityMesh) -> Entity {
    let place = Placement {
        local_from_mesh: DMat4::IDENTITY,
    };
    let parts = (mesh, place, Shown(true), Style::default());
    headless.app.world_mut().spawn(parts).id()
}

/// Looks north at the plane y = 0 from 60 m.
fn start(quality: QualityChoice) -> Headless {
    let mut headless = Headless::new(SIZE, quality).unwrap();
    let noon = SimInstant::parse_rfc3339("2026-06-21T12:00:00Z").unwrap();
    headless.app.insert_resource(SimClock::standing_at(noon));
    headless.app.insert_resource(CameraLed);
    headless.set_view(CityView {
        position: DVec3::new(0.0, -60.0, 0.0),
        forward: DVec3::Y,
        up: DVec3::Z,
        ..CityView::default()
    });
    headless
}

/// Red to the left and green to the right, of different features and meshes.
fn two(quality: QualityChoice) -> (Headless, [Entity; 2]) {
    let mut headless = start(quality);
    let class = SurfaceClass::default();
    let red = spawn(
        &mut headless,
        mesh(vec![square(-20.0, 0.0, 3, RED)], class, true),
    );
    let green = spawn(
        &mut headless,
        mesh(vec![square(20.0, 0.0, 4, GREEN)], class, true),
    );
    frames(&mut headless, 4);
    (headless, [red, green])
}

fn frames(headless: &mut Headless, count: usize) {
    for _ in 0..count {
        headless.frame().unwrap();
    }
}

fn cut(headless: &mut Headless, clipping: Clipping) -> image::RgbaImage {
    headless.app.insert_resource(clipping);
    frames(headless, 3);
    headless.picture().unwrap()
}

/// A plane through a point east and north of the origin that cuts off what lies in a direction.
fn plane(heading_deg: f64, tilt_deg: f64, offset_m: f64) -> CutPlane {
    CutPlane {
        at: Geodetic::from_degrees(0.0, 0.0, 0.0),
        heading_deg,
        tilt_deg,
        offset_m,
        flipped: false,
    }
}

fn planes(planes: &[CutPlane]) -> Clipping {
    Clipping {
        planes: planes.to_vec(),
        ..Clipping::default()
    }
}

/// A ring around a rectangle on the ground, metres east and north.
fn outline([west, south, east, north]: [f64; 4]) -> Vec<Geodetic> {
    let frame = city_geo::LocalFrame::enu(Geodetic::from_degrees(0.0, 0.0, 0.0));
    [[west, south], [east, south], [east, north], [west, north]]
        .map(|[x, y]| {
            let ecef = frame
                .ecef_from_local()
                .transform_point3(DVec3::new(x, y, 0.0));
            city_geo::geodetic_from_ecef(ecef)
        })
        .to_vec()
}

/// The pixel column of a point of the plane y = 0.
fn column(east_m: f64) -> u32 {
    let scale = 100.0 / (city_geo::Camera::DEFAULT_FOV_Y_RAD * 0.5).tan();
    (200.0 + east_m / 60.0 * scale).round() as u32
}

/// What is at a point of the middle row: red, green, the edge's blue, or something else.
fn seen(picture: &image::RgbaImage, east_m: f64) -> char {
    let [r, g, b, _] = picture
        .get_pixel(column(east_m), SIZE[1] / 2)
        .0
        .map(u32::from);
    match () {
        () if r > 150 && r > 2 * g && r > 2 * b => 'r',
        () if g > 150 && g > 2 * r && g > 2 * b => 'g',
        () if b > 200 && r < 100 => 'e',
        () => '.',
    }
}

fn click(headless: &mut Headless, east_m: f64) -> Option<u32> {
    *headless.app.world_mut().resource_mut::<Selection>() = Selection::None;
    headless.app.world_mut().write_message(PickRequest {
        at_px: [f64::from(column(east_m)), f64::from(SIZE[1] / 2)],
        viewport_px: SIZE.map(f64::from),
        add: false,
    });
    frames(headless, 1);
    // What is selected has another colour.
    let selection = headless.app.world_mut().resource_mut::<Selection>();
    let picked = std::mem::take(selection.into_inner());
    frames(headless, 1);
    match picked {
        Selection::Feature { feature, .. } => Some(feature),
        _ => None,
    }
}

#[test]
fn a_plane_cuts_on_both_paths_and_what_it_cuts_off_is_not_picked() {
    for quality in [QualityChoice::Lean, QualityChoice::Full] {
        let (mut headless, _) = two(quality);
        let whole = headless.picture().unwrap();
        let row = |picture: &image::RgbaImage| {
            [-25.0, -15.0, 15.0, 25.0].map(|east_m| seen(picture, east_m))
        };
        assert_eq!(row(&whole), ['r', 'r', 'g', 'g'], "{quality:?}");
        // East of 20 m is cut off: half of green.
        let picture = cut(&mut headless, planes(&[plane(90.0, 0.0, 20.0)]));
        assert_eq!(row(&picture), ['r', 'r', 'g', '.'], "{quality:?}");
        assert_eq!(seen(&picture, 19.7), 'e', "the edge is marked");
        assert_eq!(click(&mut headless, 25.0), None);
        assert_eq!(click(&mut headless, 15.0), Some(4));
        // Turned around it cuts the rest.
        let turned = CutPlane {
            flipped: true,
            ..plane(90.0, 0.0, 20.0)
        };
        let picture = cut(&mut headless, planes(&[turned]));
        assert_eq!(row(&picture), ['.', '.', '.', 'g']);
        // Each of two cuts, or only where both do.
        let both = [plane(90.0, 0.0, 20.0), plane(270.0, 0.0, 20.0)];
        let picture = cut(&mut headless, planes(&both));
        assert_eq!(row(&picture), ['.', 'r', 'g', '.']);
        let together = Clipping {
            together: true,
            ..planes(&[plane(90.0, 0.0, 20.0), plane(0.0, 90.0, -5.0)])
        };
        let picture = cut(&mut headless, together);
        assert_eq!(row(&picture), ['r', 'r', 'g', '.']);
        let off = Clipping {
            on: false,
            ..planes(&both)
        };
        let picture = cut(&mut headless, off);
        assert_eq!(picture, whole, "{quality:?}: shown again as it was");
        // A plane that nothing touches changes no pixel.
        let picture = cut(&mut headless, planes(&[plane(90.0, 0.0, 500.0)]));
        assert_eq!(picture, whole, "{quality:?}: far away");
    }
}

#[test]
fn an_outline_cuts_its_inside_out_or_leaves_only_that() {
    for quality in [QualityChoice::Lean, QualityChoice::Full] {
        let (mut headless, _) = two(quality);
        let row = |picture: &image::RgbaImage| {
            [-25.0, -15.0, 15.0, 25.0].map(|east_m| seen(picture, east_m))
        };
        let mut clipping = Clipping {
            outlines: vec![
                outline([20.0, -5.0, 40.0, 5.0]),
                outline([-40.0, -5.0, -20.0, 5.0]),
            ],
            ..Clipping::default()
        };
        let picture = cut(&mut headless, clipping.clone());
        assert_eq!(row(&picture), ['.', 'r', 'g', '.'], "{quality:?}");
        assert_eq!(seen(&picture, 19.7), 'e');
        assert_eq!(click(&mut headless, 25.0), None);
        assert_eq!(click(&mut headless, -15.0), Some(3));
        clipping.keeps_inside = true;
        let picture = cut(&mut headless, clipping.clone());
        assert_eq!(row(&picture), ['r', '.', '.', 'g'], "{quality:?}");
        assert_eq!(click(&mut headless, -15.0), None);
        // What an outline holds as a whole is drawn as without one.
        clipping.outlines = vec![outline([-99.0, -50.0, 99.0, 50.0])];
        let picture = cut(&mut headless, clipping);
        assert_eq!(row(&picture), ['r', 'r', 'g', 'g']);
    }
}

#[test]
fn through_a_cut_one_sees_what_is_behind_and_bodies_are_closed() {
    for quality in [QualityChoice::Lean, QualityChoice::Full] {
        let mut headless = start(quality);
        // A red wall that is drawn from the south alone, and a green one behind it that is drawn from the north alone.
        let corner = |x: f32, z: f32| [x, 10.0, z];
        let back = [
            corner(10.0, -10.0),
            corner(-10.0, -10.0),
            corner(-10.0, 10.0),
            corner(10.0, 10.0),
        ];
        let mut body = mesh(
            vec![square(0.0, 0.0, 1, RED), quad(back, 1, GREEN)],
            SurfaceClass::default(),
            true,
        );
        let mut tile = PreparedTile::clone(&body.0);
        tile.materials[0].double_sided = false;
        body.0 = Arc::new(tile);
        spawn(&mut headless, body);
        frames(&mut headless, 4);
        assert_eq!(seen(&headless.picture().unwrap(), 0.0), 'r');
        let picture = cut(&mut headless, planes(&[plane(180.0, 0.0, -5.0)]));
        let [r, g, b, _] = picture.get_pixel(200, 100).0;
        assert!(r < 80 && g < 80 && b < 90, "{quality:?}: {r} {g} {b}");
        // Nothing is behind where no wall is.
        let open = picture.get_pixel(column(30.0), 100).0;
        assert!(open[2] > 100, "{open:?}");
    }
}

#[test]
fn what_is_cut_off_casts_no_shadow() {
    let mut headless = start(QualityChoice::Full);
    let ground = quad(
        [
            [-300.0, -300.0, -10.0],
            [300.0, -300.0, -10.0],
            [300.0, 300.0, -10.0],
            [-300.0, 300.0, -10.0],
        ],
        7,
        [200, 200, 200, 255],
    );
    let ground = spawn(
        &mut headless,
        mesh(vec![ground], SurfaceClass::Terrain, false),
    );
    headless
        .app
        .world_mut()
        .get_mut::<Style>(ground)
        .unwrap()
        .casts_shadow = false;
    // A roof over the camera's view of the ground, above the picture.
    let roof = quad(
        [
            [-60.0, -40.0, 60.0],
            [60.0, -40.0, 60.0],
            [60.0, 60.0, 60.0],
            [-60.0, 60.0, 60.0],
        ],
        8,
        [200, 200, 200, 255],
    );
    spawn(
        &mut headless,
        mesh(vec![roof], SurfaceClass::default(), false),
    );
    frames(&mut headless, 4);
    let light = |picture: &image::RgbaImage| {
        let at = |x: u32| u32::from(picture.get_pixel(x, 175).0[1]);
        at(190) + at(200) + at(210)
    };
    assert!(headless.app.world().resource::<Lighting>().toward_light.z > 0.5);
    let shaded = light(&headless.picture().unwrap());
    let cut_off = light(&cut(&mut headless, planes(&[plane(0.0, 90.0, 40.0)])));
    assert!(
        cut_off > shaded + 60,
        "{shaded} in shadow, {cut_off} without the roof"
    );
    // Cut through, the part that is gone lets the sun in too: what is left of the roof lies to the west.
    let through = Clipping {
        together: true,
        ..planes(&[plane(90.0, 0.0, -50.0), plane(0.0, 90.0, 40.0)])
    };
    let half = light(&cut(&mut headless, through));
    assert!(
        half > shaded + 60,
        "{shaded} in shadow, {half} without most of the roof"
    );
    headless.app.insert_resource(Clipping::default());
    frames(&mut headless, 3);
    assert!(light(&headless.picture().unwrap()).abs_diff(shaded) < 12);
}

#[test]
fn lines_on_things_go_with_them_and_lines_of_tools_stay() {
    let (mut headless, _) = two(QualityChoice::Lean);
    let line = |up_m: f32, through: bool| LineSet {
        origin: DVec3::ZERO,
        segments: Arc::new(vec![LineSegment {
            a: [-30.0, -1.0, up_m],
            width_px: 10.0,
            b: [30.0, -1.0, up_m],
            color: [255, 255, 255, 255],
        }]),
        opacity: 1.0,
        pull: 0.0,
        through,
    };
    for set in [line(5.0, false), line(-5.0, true)] {
        headless.app.world_mut().spawn(set);
    }
    let picture = cut(&mut headless, planes(&[plane(90.0, 0.0, 5.0)]));
    let row = |up_m: f64| (100.0 - up_m / 60.0 * (column(60.0) - 200) as f64) as u32;
    let is_white = |east_m: f64, up_m: f64| {
        let pixel = picture.get_pixel(column(east_m), row(up_m)).0;
        pixel[..3].iter().all(|c| *c > 230)
    };
    assert_eq!([is_white(-20.0, 5.0), is_white(20.0, 5.0)], [true, false]);
    assert_eq!([is_white(-20.0, -5.0), is_white(20.0, -5.0)], [true, true]);
}

#[test]
fn all_panes_are_cut_and_a_picture_is_drawn_again_for_it() {
    let (mut headless, _) = two(QualityChoice::Lean);
    let world = headless.app.world_mut();
    let camera = world
        .query_filtered::<Entity, With<CityView>>()
        .single(world)
        .unwrap();
    let [w, h] = SIZE;
    let pane = |x, width, variant| Pane {
        rect_px: [x, 0, width, h],
        lens: Lens::Window,
        variant,
    };
    let sides = vec![pane(0, w / 2, 0), pane(w / 2, w / 2, 1)];
    world.entity_mut(camera).insert(Panes(sides));
    let clipping = planes(&[plane(90.0, 0.0, 20.0), plane(270.0, 0.0, 20.0)]);
    let picture = cut(&mut headless, clipping.clone());
    let row = [-25.0, -15.0, 15.0, 25.0].map(|east_m| seen(&picture, east_m));
    assert_eq!(row, ['.', 'r', 'g', '.']);

    headless.app.insert_resource(Redraw::WhenChanged);
    frames(&mut headless, 2);
    let drawn = |headless: &Headless| headless.app.world().resource::<PicturesDrawn>().count();
    for offset_m in [21.0, 22.0] {
        let before = drawn(&headless);
        let mut moved = clipping.clone();
        moved.planes[0].offset_m = offset_m;
        headless.app.insert_resource(moved);
        frames(&mut headless, 1);
        assert_eq!(drawn(&headless) - before, 1, "moved to {offset_m} m");
    }
}
