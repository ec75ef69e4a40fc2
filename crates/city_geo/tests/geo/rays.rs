//! Rays against the ellipsoid, planes, spheres, boxes and triangles.

use city_geo::*;
use proptest::prelude::*;

#[test]
fn straight_down_hits_below() {
    for height_m in [-50.0, 0.0, 120.0, 8000.0] {
        let eye = Geodetic::from_degrees(5.68, 51.99, 20_000.0);
        let p = ecef_from_geodetic(eye);
        let ray = Ray::new(p, -surface_normal(p));
        let t = ray.ellipsoid_hit(height_m).unwrap();
        assert!((t - (20_000.0 - height_m)).abs() < 1e-7, "{t}");
    }
}

#[test]
fn misses_and_insides() {
    let eye = ecef_from_geodetic(Geodetic::from_degrees(10.0, 45.0, 1000.0));
    let up = surface_normal(eye);
    assert_eq!(Ray::new(eye, up).ellipsoid_hit(0.0), None);
    // Level at 1 km the horizon is missed.
    assert_eq!(Ray::new(eye, up.cross(DVec3::Z)).ellipsoid_hit(0.0), None);
    // From below, the way out.
    let below = ecef_from_geodetic(Geodetic::from_degrees(10.0, 45.0, -100.0));
    assert!((Ray::new(below, up).ellipsoid_hit(0.0).unwrap() - 100.0).abs() < 1e-6);
    assert_eq!(
        Ray::new(DVec3::splat(f64::NAN), up).ellipsoid_hit(0.0),
        None
    );
    assert_eq!(Ray::new(eye, up).ellipsoid_hit(-1e9), None);
}

#[test]
fn planes_spheres_boxes_triangles() {
    let ray = Ray::new(DVec3::new(0.0, 0.0, 10.0), DVec3::NEG_Z);
    assert_eq!(ray.plane_hit(DVec3::ZERO, DVec3::Z), Some(10.0));
    assert_eq!(ray.plane_hit(DVec3::ZERO, DVec3::X), None);
    assert_eq!(ray.plane_hit(DVec3::Z * 20.0, DVec3::Z), None);
    assert_eq!(ray.sphere_hit(DVec3::ZERO, 2.0), Some(8.0));
    assert_eq!(ray.sphere_hit(DVec3::X * 3.0, 2.0), None);
    let cube = OrientedBox {
        center: DVec3::ZERO,
        half_axes: DMat3::IDENTITY,
    };
    assert_eq!(ray.box_hit(&cube), Some(9.0));
    assert_eq!(Ray::new(DVec3::ZERO, DVec3::X).box_hit(&cube), Some(0.0));
    assert_eq!(
        Ray::new(DVec3::new(2.0, 0.0, 10.0), DVec3::NEG_Z).box_hit(&cube),
        None
    );
    assert_eq!(
        Ray::new(DVec3::new(0.0, 0.0, 10.0), DVec3::Z).box_hit(&cube),
        None
    );
    let (a, b, c) = (
        DVec3::new(-1.0, -1.0, 0.0),
        DVec3::new(1.0, -1.0, 0.0),
        DVec3::new(0.0, 1.0, 0.0),
    );
    assert_eq!(ray.triangle_hit(a, b, c), Some(10.0));
    assert_eq!(ray.triangle_hit(c, b, a), Some(10.0));
    assert_eq!(
        Ray::new(DVec3::new(2.0, 0.0, 1.0), DVec3::NEG_Z).triangle_hit(a, b, c),
        None
    );
    assert_eq!(ray.triangle_hit(a, a, a), None);
}

proptest! {
    #![proptest_config(crate::cases(500))]

    #[test]
    fn hits_lie_on_the_surface(
        lon in -180.0..180.0f64, lat in -89.0..89.0f64, eye_m in 10.0..1e6f64,
        heading in 0.0..std::f64::consts::TAU, pitch in -1.57..-0.2f64, height_m in -100.0..5.0f64,
    ) {
        let camera = Camera { position: Geodetic::from_degrees(lon, lat, eye_m), heading_rad: heading, pitch_rad: pitch,
            fov_y_rad: 1.0 };
        let ray = Ray::new(camera.position_ecef(), camera.forward());
        if let Some(t) = ray.ellipsoid_hit(height_m) {
            let hit = geodetic_from_ecef(ray.at(t));
            prop_assert!((hit.height_m - height_m).abs() < 1e-6, "{}", hit.height_m);
            // And nothing nearer.
            let halfway = geodetic_from_ecef(ray.at(t * 0.5));
            prop_assert!(halfway.height_m > height_m);
        } else {
            prop_assert!(eye_m > 1e4, "a camera near the ground that looks down must hit it");
        }
    }
}
