//! Flights, home, places and the compass.

use super::super::flight::Flight;
use super::*;

#[test]
fn flights_arrive_exactly_rise_between_and_can_be_interrupted() {
    let mut c = controller(120.0, 350.0, -10.0);
    let to = Camera::from_degrees(114.21, 22.31, 150.0, 20.0, -30.0);
    c.fly_to(to, &flat());
    assert!(c.is_flying());
    let (mut highest, mut last, mut seconds) = (0.0f64, *c.camera(), 0.0);
    while c.is_flying() {
        c.update(1.0 / 60.0, &flat());
        seconds += 1.0 / 60.0;
        highest = highest.max(c.camera().position.height_m);
        let step = c.camera().position_ecef().distance(last.position_ecef());
        assert!(step < 200.0, "a jump of {step} m");
        assert!(
            wrap_pi(c.camera().heading_rad - last.heading_rad).abs() < 0.05,
            "the short way round"
        );
        last = *c.camera();
        assert!(seconds < 5.0);
    }
    assert!(c.camera().position_ecef().distance(to.position_ecef()) < 1e-6);
    assert!((c.camera().pitch_rad - to.pitch_rad).abs() < 1e-12);
    assert!(highest > 600.0 && highest < 5000.0, "an arc: {highest}");

    c.go_home(&flat());
    c.update(0.4, &flat());
    let on_the_way = *c.camera();
    c.input(
        Input::Press(Gesture::Orbit, DVec2::new(640.0, 500.0)),
        &flat(),
    );
    c.update(0.4, &flat());
    assert!(!c.is_flying());
    assert_eq!(*c.camera(), on_the_way, "it stops where it is");
}

#[test]
fn flights_of_all_lengths() {
    let from = Camera::from_degrees(114.17, 22.28, 120.0, 0.0, -10.0);
    for (lon, lat, height) in [
        (114.17, 22.28, 120.0),
        (114.17, 22.28, 9000.0),
        (114.170001, 22.28, 120.0),
        (114.18, 22.28, 20.0),
        (5.63, 51.95, 1500.0),
        (-65.83, -22.28, 1000.0),
    ] {
        let to = Camera::from_degrees(lon, lat, height, 180.0, -45.0);
        let mut flight = Flight::new(from, to, 10.0, 10.0);
        assert!((0.5..=4.0).contains(&flight.duration_s()));
        for i in 0..=200 {
            let pose = flight.pose_at(f64::from(i) / 200.0);
            assert!(pose.is_valid() && pose.position.height_m > 10.0, "{pose:?}");
        }
        assert!(
            flight
                .pose_at(0.0)
                .position_ecef()
                .distance(from.position_ecef())
                < 1e-3
        );
        assert_eq!(flight.pose_at(1.0), to);
        // And it gets there on the arc, not by a last jump.
        let apart = flight
            .pose_at(1.0 - 1e-6)
            .position_ecef()
            .distance(to.position_ecef());
        assert!(apart < 1.0, "{apart} m");
        let (now, _) = flight.advance(0.2);
        assert_eq!(flight.pose_in(0.0), now);
        assert_eq!(flight.pose_in(100.0), to);
        let (end, done) = flight.advance(100.0);
        assert!(done && end == to && flight.destination() == to);
    }
}

#[test]
fn places_compass_home_and_double_click() {
    let mut c = controller(900.0, 200.0, -40.0);
    let place = Geodetic::from_degrees(114.18, 22.29, 30.0);
    c.set_instant(true);
    c.fly_to_place(place, Some(400.0), &flat());
    let p = ecef_from_geodetic(place);
    assert!((p.distance(c.camera().position_ecef()) - 400.0).abs() < 1e-3);
    assert!((pixel_of(&c, p) - DVec2::new(640.0, 360.0)).length() < 0.01);
    assert!((c.north_from_top_rad() - (TAU - c.camera().heading_rad)).abs() < 1e-9);

    let focus = c.focus(&flat()).unwrap();
    c.face_north(&flat());
    assert_eq!(c.camera().heading_rad, 0.0);
    let after = c.focus(&flat()).unwrap();
    assert!(
        pose::ground_distance_m(focus, after) < 1.0,
        "about the middle of the picture"
    );

    let cursor = DVec2::new(300.0, 600.0);
    let clicked = under(&c, cursor);
    c.input(Input::FlyHere(cursor), &flat());
    assert!((pixel_of(&c, clicked) - DVec2::new(640.0, 360.0)).length() < 0.01);
    c.go_home(&flat());
    assert!((c.camera().heading_rad.to_degrees() - 200.0).abs() < 1e-9);
}
