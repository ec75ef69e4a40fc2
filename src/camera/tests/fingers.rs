//! Touch.

use super::*;

fn fingers(c: &mut CameraController, from: [DVec2; 2], to: [DVec2; 2]) {
    c.input(Input::Touch(1, TouchPhase::Started, from[0]), &flat());
    c.input(Input::Touch(2, TouchPhase::Started, from[1]), &flat());
    for i in 1..=30 {
        let t = f64::from(i) / 30.0;
        for (id, (a, b)) in [(1, (from[0], to[0])), (2, (from[1], to[1]))] {
            c.input(Input::Touch(id, TouchPhase::Moved, a.lerp(b, t)), &flat());
        }
    }
    c.input(Input::Touch(1, TouchPhase::Ended, to[0]), &flat());
    c.input(Input::Touch(2, TouchPhase::Ended, to[1]), &flat());
}

#[test]
fn one_finger_orbits() {
    let mut c = controller(800.0, 0.0, -40.0);
    let start = DVec2::new(640.0, 400.0);
    let point = under(&c, start);
    c.input(Input::Touch(7, TouchPhase::Started, start), &flat());
    c.input(
        Input::Touch(7, TouchPhase::Moved, start + DVec2::new(120.0, 0.0)),
        &flat(),
    );
    c.input(Input::Touch(7, TouchPhase::Ended, start), &flat());
    assert!((wrap_pi(c.camera().heading_rad).to_degrees() + 30.0).abs() < 0.1);
    assert!((pixel_of(&c, point) - start).length() < 0.01);
}

#[test]
fn two_fingers_pinch_pan_and_turn() {
    let mut c = controller(800.0, 0.0, -90.0);
    let (a, b) = (DVec2::new(540.0, 300.0), DVec2::new(740.0, 420.0));
    let middle = under(&c, (a + b) * 0.5);
    let distance = middle.distance(c.camera().position_ecef());
    // Twice as far apart, the middle moved by (60, 30).
    let to_middle = (a + b) * 0.5 + DVec2::new(60.0, 30.0);
    let half = (b - a) * 0.5;
    fingers(
        &mut c,
        [a, b],
        [to_middle - half * 2.0, to_middle + half * 2.0],
    );
    let now = middle.distance(c.camera().position_ecef());
    assert!((now / distance - 0.5).abs() < 0.03, "{}", now / distance);
    assert!(
        (pixel_of(&c, middle) - to_middle).length() < 12.0,
        "{} {to_middle}",
        pixel_of(&c, middle)
    );

    let mut c = controller(800.0, 0.0, -60.0);
    let center = DVec2::new(640.0, 360.0);
    let arm = DVec2::new(100.0, 80.0);
    fingers(
        &mut c,
        [center - arm, center + arm],
        [
            center - arm.rotate(DVec2::from_angle(0.5)),
            center + arm.rotate(DVec2::from_angle(0.5)),
        ],
    );
    // y is down: a positive angle is clockwise on the glass; the city turns with it, so the camera turns left.
    assert!(
        (wrap_pi(c.camera().heading_rad) + 0.5).abs() < 0.03,
        "{}",
        c.camera().heading_rad
    );
}

#[test]
fn two_fingers_side_by_side_tilt() {
    let mut c = controller(800.0, 0.0, -60.0);
    let (a, b) = (DVec2::new(540.0, 300.0), DVec2::new(740.0, 310.0));
    let up = DVec2::new(3.0, -120.0);
    fingers(&mut c, [a, b], [a + up, b + up]);
    assert!(
        (c.camera().pitch_rad.to_degrees() + 30.0).abs() < 3.0,
        "{}",
        c.camera().pitch_rad.to_degrees()
    );
    assert!(wrap_pi(c.camera().heading_rad).abs() < 1e-6);
}

#[test]
fn fingers_come_and_go() {
    let mut t = Touches::default();
    assert_eq!(
        t.input(1, TouchPhase::Moved, DVec2::ONE),
        TouchGesture::None
    );
    assert_eq!(
        t.input(1, TouchPhase::Started, DVec2::ONE),
        TouchGesture::Begin(DVec2::ONE)
    );
    assert!(matches!(
        t.input(2, TouchPhase::Started, DVec2::ZERO),
        TouchGesture::Begin(_)
    ));
    assert_eq!(
        t.input(3, TouchPhase::Started, DVec2::ZERO),
        TouchGesture::None
    );
    assert_eq!(t.count(), 2);
    assert_eq!(
        t.input(3, TouchPhase::Moved, DVec2::ZERO),
        TouchGesture::None
    );
    // One leaves: the other goes on alone, without a jump.
    assert_eq!(
        t.input(1, TouchPhase::Ended, DVec2::ONE),
        TouchGesture::Begin(DVec2::ZERO)
    );
    assert_eq!(
        t.input(2, TouchPhase::Moved, DVec2::X),
        TouchGesture::Orbit(DVec2::X)
    );
    assert_eq!(t.input(2, TouchPhase::Ended, DVec2::X), TouchGesture::End);
    assert_eq!(t.input(2, TouchPhase::Ended, DVec2::X), TouchGesture::None);
    t.clear();
    assert_eq!(t.count(), 0);
}
