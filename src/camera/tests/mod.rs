//! The camera by hand, checked through its picture: what is held stays under the hand, and nothing goes underground.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use city_geo::{
    Camera, DVec2, DVec3, Geodetic, Ray, ecef_from_geodetic, geodetic_from_ecef, wrap_pi,
};

use super::*;

mod fingers;
mod flights;

const FLAT_M: f64 = 10.0;

fn no_hit(_: &Ray) -> Option<f64> {
    None
}

fn flat() -> Ground<'static> {
    Ground {
        height_m: &|_| Some(FLAT_M),
        hit: &no_hit,
        default_height_m: 0.0,
    }
}

/// A ridge of 400 m that runs east-west at 22.30° N.
fn ridge_height(g: Geodetic) -> Option<f64> {
    Some(400.0 * (-((g.lat_deg() - 22.30) / 0.005).powi(2)).exp())
}

fn ridge() -> Ground<'static> {
    Ground {
        height_m: &ridge_height,
        hit: &no_hit,
        default_height_m: 0.0,
    }
}

fn view() -> Viewport {
    Viewport {
        width_px: 1280.0,
        height_px: 720.0,
    }
}

fn controller(height_m: f64, heading_deg: f64, pitch_deg: f64) -> CameraController {
    let mut c = CameraController::new(Camera::from_degrees(
        114.17,
        22.28,
        height_m,
        heading_deg,
        pitch_deg,
    ));
    c.set_viewport(view());
    c
}

fn under(c: &CameraController, px: DVec2) -> DVec3 {
    flat().point_on(&view().ray(c.camera(), px)).unwrap()
}

fn pixel_of(c: &CameraController, point: DVec3) -> DVec2 {
    let ndc = c.camera().project(point, view().aspect()).unwrap();
    DVec2::new((ndc.x + 1.0) * 640.0, (1.0 - ndc.y) * 360.0)
}

fn settle(c: &mut CameraController, ground: &Ground<'_>) {
    for _ in 0..600 {
        c.update(1.0 / 60.0, ground);
    }
    assert!(!c.is_moving());
}

#[test]
fn the_ground_is_found_where_it_is() {
    let c = controller(800.0, 0.0, -30.0);
    let hit = geodetic_from_ecef(under(&c, DVec2::new(200.0, 600.0)));
    assert!((hit.height_m - FLAT_M).abs() < 0.01, "{}", hit.height_m);
    let up = controller(800.0, 0.0, 40.0);
    assert!(
        flat()
            .point_on(&view().ray(up.camera(), DVec2::new(640.0, 100.0)))
            .is_none(),
        "the sky is no ground"
    );
    // What is drawn comes before the ground.
    let roof = Ground {
        hit: &|_| Some(50.0),
        ..flat()
    };
    let ray = view().ray(c.camera(), DVec2::new(640.0, 360.0));
    assert!((roof.point_on(&ray).unwrap() - ray.at(50.0)).length() < 1e-6);
}

#[test]
fn orbiting_holds_the_point_under_the_cursor() {
    let mut c = controller(800.0, 20.0, -35.0);
    let cursor = DVec2::new(500.0, 450.0);
    let point = under(&c, cursor);
    let distance = point.distance(c.camera().position_ecef());
    c.input(Input::Press(Gesture::Orbit, cursor), &flat());
    for i in 1..=40 {
        c.input(
            Input::Drag(cursor + DVec2::new(5.0, 1.0) * f64::from(i)),
            &flat(),
        );
    }
    assert!(
        (pixel_of(&c, point) - cursor).length() < 0.01,
        "{}",
        pixel_of(&c, point)
    );
    assert!((point.distance(c.camera().position_ecef()) - distance).abs() < 0.01);
    // To the right by 200 px of 720 turns left by 50°; down by 40 px looks further down by 10°.
    let turned = wrap_pi(c.camera().heading_rad - 20f64.to_radians()).to_degrees();
    assert!((turned + 50.0).abs() < 0.1, "{turned}");
    assert!(
        (c.camera().pitch_rad.to_degrees() + 45.0).abs() < 0.1,
        "{}",
        c.camera().pitch_rad.to_degrees()
    );
    c.input(Input::Release, &flat());
    let before = *c.camera();
    c.input(Input::Drag(DVec2::ZERO), &flat());
    assert_eq!(*c.camera(), before, "nothing is held any more");
}

#[test]
fn orbiting_stops_over_the_ground_and_over_the_top() {
    let mut c = controller(300.0, 0.0, -20.0);
    let cursor = DVec2::new(640.0, 400.0);
    c.input(Input::Press(Gesture::Orbit, cursor), &flat());
    for i in 1..=300 {
        c.input(
            Input::Drag(cursor - DVec2::new(0.0, 4.0) * f64::from(i)),
            &flat(),
        );
        assert!(c.camera().position.height_m >= FLAT_M + CLEARANCE_M - 1e-6);
    }
    let mut c = controller(300.0, 0.0, -20.0);
    c.input(Input::Press(Gesture::Orbit, cursor), &flat());
    for i in 1..=300 {
        c.input(
            Input::Drag(cursor + DVec2::new(0.0, 4.0) * f64::from(i)),
            &flat(),
        );
        assert!(c.camera().pitch_rad > -FRAC_PI_2 && c.camera().is_valid());
        assert!(
            wrap_pi(c.camera().heading_rad).abs() < 0.01,
            "never over the top: {}",
            c.camera().heading_rad
        );
    }
    assert!(c.camera().pitch_rad < -1.5);
}

#[test]
fn a_view_from_a_link_straight_down_turns_without_a_jump() {
    let mut c = controller(500.0, 0.0, -90.0);
    let before = *c.camera();
    let cursor = DVec2::new(640.0, 360.0);
    c.input(Input::Press(Gesture::Orbit, cursor), &flat());
    c.input(Input::Drag(cursor + DVec2::new(72.0, 0.0)), &flat());
    assert!((wrap_pi(c.camera().heading_rad).to_degrees() + 18.0).abs() < 1e-6);
    assert!((c.camera().pitch_rad + FRAC_PI_2).abs() < 1e-9);
    assert!(c.camera().position_ecef().distance(before.position_ecef()) < 0.1);
}

#[test]
fn panning_keeps_the_ground_under_the_hand() {
    for (height, pitch) in [(800.0, -40.0), (2000.0, -90.0), (150.0, -25.0)] {
        let mut c = controller(height, 75.0, pitch);
        let start = DVec2::new(700.0, 420.0);
        let point = under(&c, start);
        c.input(Input::Press(Gesture::Pan, start), &flat());
        let mut cursor = start;
        for i in 0..50 {
            cursor += DVec2::new(3.0, if i % 2 == 0 { 2.0 } else { -1.0 });
            c.input(Input::Drag(cursor), &flat());
        }
        assert!(
            (pixel_of(&c, point) - cursor).length() < 1.0,
            "{height}: {} {cursor}",
            pixel_of(&c, point)
        );
        assert!((c.camera().position.height_m - height).abs() < 1e-6);
        assert!((c.camera().heading_rad.to_degrees() - 75.0).abs() < 1e-9);
    }
}

#[test]
fn panning_toward_the_horizon_stays_sane() {
    let mut c = controller(30.0, 0.0, -2.0);
    let start = DVec2::new(640.0, 350.0);
    let before = *c.camera();
    c.input(Input::Press(Gesture::Pan, start), &flat());
    c.input(Input::Drag(start + DVec2::new(100.0, 5.0)), &flat());
    let moved = pose::ground_distance_m(before.position, c.camera().position);
    assert!(moved > 1.0 && moved < 2000.0, "{moved}");
}

#[test]
fn the_wheel_goes_to_the_cursor() {
    let mut c = controller(1000.0, 30.0, -45.0);
    let cursor = DVec2::new(900.0, 500.0);
    let point = under(&c, cursor);
    let distance = point.distance(c.camera().position_ecef());
    c.input(Input::Wheel(cursor, 3.0), &flat());
    c.input(Input::Wheel(cursor, 1.0), &flat());
    settle(&mut c, &flat());
    let now = point.distance(c.camera().position_ecef());
    assert!(
        (now / distance - 0.84f64.powi(4)).abs() < 1e-3,
        "{}",
        now / distance
    );
    assert!(
        (pixel_of(&c, point) - cursor).length() < 1.0,
        "{}",
        pixel_of(&c, point)
    );
    // And back to where it was.
    c.input(Input::Wheel(cursor, -4.0), &flat());
    settle(&mut c, &flat());
    assert!((point.distance(c.camera().position_ecef()) / distance - 1.0).abs() < 0.01);
}

#[test]
fn zooming_does_not_depend_on_the_frame_rate() {
    let run = |frames: u32| {
        let mut c = controller(1000.0, 30.0, -45.0);
        c.input(Input::Wheel(DVec2::new(900.0, 500.0), 3.0), &flat());
        for _ in 0..frames {
            c.update(1.2 / f64::from(frames), &flat());
        }
        c.camera().position_ecef()
    };
    assert!(
        run(24).distance(run(300)) < 0.5,
        "{}",
        run(24).distance(run(300))
    );
}

#[test]
fn zooming_far_in_and_out_stays_above_the_ground_and_below_the_stars() {
    let mut c = controller(1000.0, 0.0, -60.0);
    for _ in 0..60 {
        c.zoom_by(5.0, &flat());
        settle(&mut c, &flat());
    }
    assert!(c.camera().position.height_m >= FLAT_M + CLEARANCE_M - 1e-9);
    for _ in 0..100 {
        c.zoom_by(-8.0, &flat());
        settle(&mut c, &flat());
    }
    assert!(c.camera().position.height_m > 1e6 && c.camera().position.height_m <= MAX_HEIGHT_M);
    // The wheel over the sky moves too.
    let mut sky = controller(100.0, 0.0, 60.0);
    let before = *sky.camera();
    sky.zoom_by(2.0, &flat());
    settle(&mut sky, &flat());
    assert!(
        sky.camera()
            .position_ecef()
            .distance(before.position_ecef())
            > 10.0
    );
}

#[test]
fn looking_around_follows_the_hand() {
    let mut c = controller(300.0, 0.0, 10.0);
    let at = *c.camera();
    let ray = view().ray(&at, DVec2::new(640.0, 360.0));
    let star = ray.at(1e6);
    c.input(
        Input::Press(Gesture::Look, DVec2::new(640.0, 360.0)),
        &flat(),
    );
    c.input(Input::Drag(DVec2::new(740.0, 400.0)), &flat());
    assert!(
        (pixel_of(&c, star) - DVec2::new(740.0, 400.0)).length() < 12.0,
        "{}",
        pixel_of(&c, star)
    );
    assert!(c.camera().position_ecef().distance(at.position_ecef()) < 1e-6);
}

#[test]
fn keys_move_turn_and_stop() {
    let mut c = controller(100.0, 90.0, -10.0);
    let start = c.camera().position;
    c.input(
        Input::Keys(KeyAxes {
            forward: 1.0,
            ..KeyAxes::default()
        }),
        &flat(),
    );
    for _ in 0..60 {
        c.update(1.0 / 60.0, &flat());
    }
    let moved = pose::ground_distance_m(start, c.camera().position);
    // 90 m above the ground: some 99 m/s, less the easing at the start.
    assert!(moved > 75.0 && moved < 105.0, "{moved}");
    assert!(
        c.camera().position.lon_deg() > start.lon_deg() + 0.0005,
        "heading 90° is east"
    );
    assert!((c.camera().position.lat_deg() - start.lat_deg()).abs() < 1e-5);
    c.input(Input::Keys(KeyAxes::default()), &flat());
    settle(&mut c, &flat());
    c.input(
        Input::Keys(KeyAxes {
            turn: 1.0,
            up: 1.0,
            tilt: -1.0,
            ..KeyAxes::default()
        }),
        &flat(),
    );
    let before = *c.camera();
    for _ in 0..30 {
        c.update(1.0 / 60.0, &flat());
    }
    assert!(
        wrap_pi(c.camera().heading_rad - before.heading_rad) > 0.2,
        "E turns clockwise"
    );
    assert!(
        c.camera().pitch_rad < before.pitch_rad
            && c.camera().position.height_m > before.position.height_m
    );
}

#[test]
fn never_under_a_ridge() {
    let mut c = controller(50.0, 0.0, -5.0);
    c.input(
        Input::Keys(KeyAxes {
            forward: 1.0,
            fast: true,
            ..KeyAxes::default()
        }),
        &ridge(),
    );
    let mut highest = 0.0f64;
    for _ in 0..2000 {
        c.update(1.0 / 30.0, &ridge());
        let clear = c.camera().position.height_m - ridge_height(c.camera().position).unwrap();
        assert!(clear >= CLEARANCE_M - 1e-6, "{clear}");
        highest = highest.max(c.camera().position.height_m);
    }
    assert!(highest > 400.0, "it went over the ridge: {highest}");
    // Terrain that arrives late lifts a camera that stands still.
    let mut still = controller(50.0, 0.0, -5.0);
    let late = Ground {
        height_m: &|_| Some(200.0),
        ..flat()
    };
    assert!(still.update(0.016, &late));
    assert!((still.camera().position.height_m - 200.0 - CLEARANCE_M).abs() < 1e-9);
    assert!(!still.update(0.016, &late), "and then it rests");
}

/// A small generator of its own, so that the same moves come every time.
fn random(state: &mut u64) -> f64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1u64 << 53) as f64
}

#[test]
fn whatever_hands_do_the_pose_stays_good() {
    let mut state = 7;
    for _ in 0..60 {
        let mut c = controller(500.0, 0.0, -30.0);
        for _ in 0..120 {
            let mut r = || random(&mut state);
            let at = DVec2::new(r() * 1400.0 - 60.0, r() * 800.0 - 40.0);
            let input = match (r() * 9.0) as u32 {
                0 => Input::Press(Gesture::Orbit, at),
                1 => Input::Press(Gesture::Pan, at),
                2 => Input::Press(Gesture::Look, at),
                3 | 4 => Input::Drag(at),
                5 => Input::Wheel(at, r() * 20.0 - 10.0),
                6 => Input::FlyHere(at),
                7 => Input::Touch(
                    (r() * 3.0) as u64,
                    [TouchPhase::Started, TouchPhase::Moved, TouchPhase::Ended]
                        [(r() * 3.0) as usize],
                    at,
                ),
                _ => Input::Keys(KeyAxes {
                    forward: r() * 2.0 - 1.0,
                    up: r() * 2.0 - 1.0,
                    turn: r(),
                    tilt: r() - 0.5,
                    zoom: r() - 0.5,
                    ..KeyAxes::default()
                }),
            };
            c.input(input, &ridge());
            c.update(r() * 0.3, &ridge());
            let camera = c.camera();
            assert!(camera.is_valid(), "{input:?} -> {camera:?}");
            assert!((0.0..TAU).contains(&camera.heading_rad) && camera.pitch_rad.abs() <= PI / 2.0);
            let clear = camera.position.height_m - ridge_height(camera.position).unwrap();
            assert!(
                clear >= CLEARANCE_M - 1e-6 && camera.position.height_m <= MAX_HEIGHT_M + 1.0,
                "{input:?}: {clear}"
            );
        }
    }
    // And numbers that are none.
    let mut c = controller(500.0, 0.0, -30.0);
    let before = *c.camera();
    let nan = DVec2::splat(f64::NAN);
    for input in [
        Input::Press(Gesture::Orbit, nan),
        Input::Drag(nan),
        Input::Wheel(nan, f64::NAN),
        Input::FlyHere(nan),
        Input::Keys(KeyAxes {
            forward: f64::NAN,
            ..KeyAxes::default()
        }),
    ] {
        c.input(input, &flat());
        c.update(f64::NAN, &flat());
        c.update(0.1, &flat());
    }
    assert!(c.camera().is_valid());
    c.jump_to(Camera {
        pitch_rad: f64::NAN,
        ..before
    });
    assert!(c.camera().is_valid());
}
