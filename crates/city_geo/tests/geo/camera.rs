//! Camera poses.

use std::f64::consts::{FRAC_PI_2, PI};

use city_geo::*;
use proptest::prelude::*;

fn frame_of(c: &Camera) -> LocalFrame {
    LocalFrame::enu(c.position)
}

#[test]
fn headings_and_pitches() {
    let mut c = Camera::from_degrees(114.17, 22.29, 100.0, 0.0, 0.0);
    let local = |c: &Camera, d: DVec3| frame_of(c).local_direction(d);
    assert!((local(&c, c.forward()) - DVec3::Y).length() < 1e-12);
    assert!((local(&c, c.right()) - DVec3::X).length() < 1e-12);
    assert!((local(&c, c.up()) - DVec3::Z).length() < 1e-12);
    c.heading_rad = FRAC_PI_2;
    assert!(
        (local(&c, c.forward()) - DVec3::X).length() < 1e-12,
        "90° looks east"
    );
    c.pitch_rad = -FRAC_PI_2;
    assert!(
        (local(&c, c.forward()) - DVec3::NEG_Z).length() < 1e-12,
        "-90° looks down"
    );
    assert!(
        (local(&c, c.up()) - DVec3::X).length() < 1e-12,
        "and the top of the picture is where it headed"
    );
}

#[test]
fn text_round_trip_and_errors() {
    let c: Camera = "114.165, 22.24,900,20,-15".parse().unwrap();
    assert!(
        (c.position.lon_deg() - 114.165).abs() < 1e-12
            && (c.pitch_rad.to_degrees() + 15.0).abs() < 1e-12
    );
    assert_eq!(c.to_string(), "114.1650000,22.2400000,900.00,20.00,-15.00");
    let again: Camera = c.to_string().parse().unwrap();
    assert!((again.position_ecef() - c.position_ecef()).length() < 0.02);
    let error = |text: &str| text.parse::<Camera>().unwrap_err().to_string();
    assert!(error("1,2,3").contains("but 3 were given"));
    assert!(error("1,two,3,4,5").contains("latitude is \"two\""));
    assert!(error("1,91,3,4,5").contains("latitude is 91"));
    assert!(error("1,NaN,3,4,5").contains("latitude"));
    assert!(error(&"9".repeat(100_000)).len() < 300);
}

#[test]
fn orbiting_keeps_the_target_in_the_middle() {
    let target = Geodetic::from_degrees(114.17, 22.29, 40.0);
    for heading in [0.0, 1.0, 3.0, 6.0] {
        for pitch in [-0.1, -0.8, -FRAC_PI_2] {
            let c = Camera::orbiting(target, 1500.0, heading, pitch, 0.8);
            let p = ecef_from_geodetic(target);
            assert!((p.distance(c.position_ecef()) - 1500.0).abs() < 1e-6);
            let middle = c.project(p, 1.5).unwrap();
            assert!(middle.length() < 1e-9, "{middle}");
            assert!(wrap_pi(c.heading_rad - heading).abs() < 1e-3 || pitch == -FRAC_PI_2);
        }
    }
}

#[test]
fn normalized_pose() {
    let c = Camera {
        position: Geodetic::new(4.0, 0.3, 5.0),
        heading_rad: -1.0,
        pitch_rad: 9.0,
        fov_y_rad: 1.0,
    }
    .normalized();
    assert!((-PI..PI).contains(&c.position.lon_rad));
    assert!((0.0..2.0 * PI).contains(&c.heading_rad));
    assert_eq!(c.pitch_rad, MAX_PITCH_RAD);
    assert!(c.is_valid());
}

proptest! {
    #![proptest_config(crate::cases(500))]

    #[test]
    fn rays_and_projection_agree(
        lon in -180.0..180.0f64, lat in -85.0..85.0f64, heading in 0.0..std::f64::consts::TAU, pitch in -1.5..1.5f64,
        x in -1.0..1.0f64, y in -1.0..1.0f64, depth in 1.0..1e5f64, aspect in 0.5..3.0f64,
    ) {
        let c = Camera { position: Geodetic::from_degrees(lon, lat, 300.0), heading_rad: heading, pitch_rad: pitch,
            fov_y_rad: 0.9 };
        let ray = c.ray_through(DVec2::new(x, y), aspect);
        let back = c.project(ray.at(depth), aspect).unwrap();
        prop_assert!((back - DVec2::new(x, y)).length() < 1e-7, "{back}");
        // The frustum and the projection agree on what is in the picture.
        prop_assert!(c.frustum(aspect, 0.1).contains(ray.at(depth)) || x.abs() > 0.999999 || y.abs() > 0.999999);
        let outside = c.ray_through(DVec2::new(x.signum() * (1.01 + x.abs()), y), aspect);
        prop_assert!(!c.frustum(aspect, 0.1).contains(outside.at(depth)));
    }

    #[test]
    fn looking_along_recovers_the_pose(
        lon in -180.0..180.0f64, lat in -85.0..85.0f64, heading in 0.0..std::f64::consts::TAU, pitch in -1.5..1.5f64,
    ) {
        let c = Camera { position: Geodetic::from_degrees(lon, lat, 300.0), heading_rad: heading, pitch_rad: pitch,
            fov_y_rad: 0.9 };
        let back = Camera::looking_along(c.position_ecef(), c.forward(), 0.0, 0.9);
        prop_assert!(wrap_pi(back.heading_rad - heading).abs() < 1e-7);
        prop_assert!((back.pitch_rad - pitch).abs() < 1e-9);
    }
}
