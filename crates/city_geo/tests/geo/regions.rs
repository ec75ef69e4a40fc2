//! Regions, against brute force over their points.

use std::f64::consts::{FRAC_PI_2, PI};

use city_geo::*;
use proptest::prelude::*;

fn region(west: f64, south: f64, east: f64, north: f64, min: f64, max: f64) -> Region {
    let d = f64::to_radians;
    Region::from_array([d(west), d(south), d(east), d(north), min, max]).unwrap()
}

/// A point of the region, from three fractions.
fn point(r: &Region, x: f64, y: f64, z: f64) -> Geodetic {
    Geodetic {
        lon_rad: wrap_pi(r.west + r.width_rad() * x),
        lat_rad: r.south + (r.north - r.south) * y,
        height_m: r.min_height_m + (r.max_height_m - r.min_height_m) * z,
    }
}

fn regions() -> impl Strategy<Value = Region> {
    // From street blocks to half a continent, anywhere, over the antimeridian and up to the poles.
    (
        -PI..PI,
        -FRAC_PI_2..FRAC_PI_2,
        -5.0..0.8f64,
        -5.0..0.5f64,
        -100.0..1000.0f64,
        0.0..4.0f64,
    )
        .prop_map(|(lon, lat, log_width, log_height, min_m, log_tall)| {
            let half_width = 10f64.powf(log_width) * 0.5;
            let half_height = 10f64.powf(log_height) * 0.5;
            let (west, east) = if half_width >= PI {
                (-PI, PI)
            } else {
                (wrap_pi(lon - half_width), wrap_pi(lon + half_width))
            };
            Region::from_array([
                west,
                (lat - half_height).max(-FRAC_PI_2),
                east,
                (lat + half_height).min(FRAC_PI_2),
                min_m,
                min_m + 10f64.powf(log_tall),
            ])
            .unwrap()
        })
}

#[test]
fn antimeridian() {
    let fiji = region(177.0, -19.0, -179.0, -16.0, 0.0, 100.0);
    assert!((fiji.width_rad().to_degrees() - 4.0).abs() < 1e-9);
    assert!((fiji.middle().lon_deg() - 179.0).abs() < 1e-9);
    for lon in [177.5, 179.9, 180.0, -180.0, -179.5] {
        let p = Geodetic::from_degrees(lon, -17.0, 50.0);
        assert!(fiji.contains_geodetic(p), "{lon}");
        assert_eq!(fiji.distance_to(ecef_from_geodetic(p)), 0.0, "{lon}");
    }
    let west_of_it = ecef_from_geodetic(Geodetic::from_degrees(176.0, -17.0, 50.0));
    assert!(
        (fiji.distance_to(west_of_it) - 106_000.0).abs() < 1000.0,
        "{}",
        fiji.distance_to(west_of_it)
    );
    let volume = BoundingVolume::Region(fiji);
    assert!(volume.contains(ecef_from_geodetic(fiji.middle())));
    assert!(
        volume.bounding_sphere().1 < 300_000.0,
        "not round the other way"
    );
}

#[test]
fn whole_globe() {
    let globe = region(-180.0, -90.0, 180.0, 90.0, -500.0, 9000.0);
    assert!((globe.width_rad() - 2.0 * PI).abs() < 1e-12);
    let space = DVec3::new(0.0, 0.0, 1e8);
    assert!((globe.distance_to(space) - (1e8 - SEMI_MINOR_M - 9000.0)).abs() < 1e-6);
    assert_eq!(
        globe.distance_to(ecef_from_geodetic(Geodetic::from_degrees(
            77.0, -33.0, 10.0
        ))),
        0.0
    );
    let (center, radius) = BoundingVolume::Region(globe).bounding_sphere();
    assert!(center.length() < 1.0 && radius > SEMI_MAJOR_M);
}

#[test]
fn poles() {
    let cap = region(-180.0, 80.0, 180.0, 90.0, 0.0, 10.0);
    let over_pole = DVec3::new(0.0, 0.0, SEMI_MINOR_M + 110.0);
    assert!((cap.distance_to(over_pole) - 100.0).abs() < 1e-6);
    // A wedge that ends at the pole, seen from beyond it.
    let wedge = region(0.0, 80.0, 10.0, 90.0, 0.0, 10.0);
    let beyond = ecef_from_geodetic(Geodetic::from_degrees(180.0, 89.999, 5.0));
    assert!(
        (wedge.distance_to(beyond) - 111.69).abs() < 0.1,
        "{}",
        wedge.distance_to(beyond)
    );
}

#[test]
fn above_and_below() {
    let r = region(114.1, 22.2, 114.2, 22.3, 10.0, 60.0);
    let at = |lon, lat, h| r.distance_to(ecef_from_geodetic(Geodetic::from_degrees(lon, lat, h)));
    assert!((at(114.15, 22.25, 1060.0) - 1000.0).abs() < 1e-6);
    assert!((at(114.15, 22.25, -90.0) - 100.0).abs() < 1e-6);
    assert_eq!(at(114.15, 22.25, 30.0), 0.0);
    let east_m = (0.1f64).to_radians() * 6_384_000.0 * 22.25f64.to_radians().cos();
    assert!((at(114.3, 22.25, 30.0) / east_m - 1.0).abs() < 2e-3);
}

#[test]
fn enclosing_box_of_a_city_is_tight() {
    let r = region(114.1, 22.2, 114.2, 22.3, 0.0, 500.0);
    let b = r.enclosing_box();
    let half = DVec3::new(
        b.half_axes.x_axis.length(),
        b.half_axes.y_axis.length(),
        b.half_axes.z_axis.length(),
    );
    assert!(
        (half.x - 5155.0).abs() < 10.0 && (half.y - 5537.0).abs() < 10.0,
        "{half}"
    );
    assert!(half.z > 250.0 && half.z < 255.0, "{half}");
}

#[test]
fn a_view_from_the_street_culls_what_is_behind() {
    let camera = Camera::from_degrees(114.15, 22.25, 30.0, 0.0, 0.0);
    let f = camera.frustum(16.0 / 9.0, 0.5);
    let at = |r: Region| BoundingVolume::Region(r).intersects(&f);
    assert_eq!(
        at(region(114.149, 22.26, 114.151, 22.27, 0.0, 60.0)),
        Intersection::Inside
    );
    assert_eq!(
        at(region(114.149, 22.20, 114.151, 22.24, 0.0, 60.0)),
        Intersection::Outside
    );
    assert_eq!(
        at(region(114.1, 22.2, 114.2, 22.3, 0.0, 60.0)),
        Intersection::Intersecting
    );
    assert_eq!(
        at(region(113.0, 22.26, 113.1, 22.27, 0.0, 60.0)),
        Intersection::Outside
    );
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn distance_is_the_least_over_its_points(
        r in regions(), x in 0.0..1.0f64, y in 0.0..1.0f64, z in 0.0..1.0f64,
        lon in -PI..PI, lat in -FRAC_PI_2..FRAC_PI_2, log_height in 1.0..7.5f64,
    ) {
        let p = ecef_from_geodetic(Geodetic::new(lon, lat, 10f64.powf(log_height)));
        let distance = r.distance_to(p);
        prop_assert!(distance >= 0.0);
        let some_point = ecef_from_geodetic(point(&r, x, y, z));
        prop_assert!(distance <= (some_point - p).length() + 1e-6, "no point of it is nearer");
        // And a point at that distance exists: search a grid, then ever closer around the best.
        let mut best = (f64::INFINITY, 0.5, 0.5, 0.5);
        let mut span = 0.5;
        for round in 0..40 {
            let (_, bx, by, bz) = best;
            let n = if round == 0 { 16 } else { 2 };
            for i in -n..=n {
                for j in -n..=n {
                    for k in -2..=2 {
                        let f = |b: f64, i: i32, n: i32| (b + span * f64::from(i) / f64::from(n)).clamp(0.0, 1.0);
                        let (fx, fy, fz) = (f(bx, i, n), f(by, j, n), f(bz, k, 2));
                        let d = (ecef_from_geodetic(point(&r, fx, fy, fz)) - p).length();
                        if d < best.0 {
                            best = (d, fx, fy, fz);
                        }
                    }
                }
            }
            span = if round == 0 { 0.125 } else { span * 0.7 };
        }
        // The search ends near the best point, not at it: nearer the smaller the region.
        let coarse_m = 1.0 + 10.0 * r.width_rad().max(r.north - r.south);
        prop_assert!(distance >= best.0 * (1.0 - 1e-3) - coarse_m || r.width_rad() > 5.0,
            "says {distance}, but the nearest point found is at {}", best.0);
    }

}

proptest! {
    #![proptest_config(crate::cases(2000))]

    #[test]
    fn inside_is_zero(r in regions(), x in 0.0..1.0f64, y in 0.0..1.0f64, z in 0.0..1.0f64) {
        let p = ecef_from_geodetic(point(&r, x, y, z));
        prop_assert!(r.distance_to(p) < 1e-6);
        prop_assert!(BoundingVolume::Region(r).contains(p));
    }

    #[test]
    fn support_bounds_every_point(
        r in regions(), x in 0.0..1.0f64, y in 0.0..1.0f64, z in 0.0..1.0f64,
        dx in -1.0..1.0f64, dy in -1.0..1.0f64, dz in -1.0..1.0f64,
    ) {
        let d = DVec3::new(dx, dy, dz);
        prop_assume!(d.length() > 0.1);
        let d = d.normalize();
        let support = r.support(d);
        let p = ecef_from_geodetic(point(&r, x, y, z));
        prop_assert!(d.dot(p) <= support + 1e-6);
        // Reached: some grid point comes near (within what the grid's spacing allows).
        let mut most = f64::NEG_INFINITY;
        for i in 0..=24 {
            for j in 0..=24 {
                for k in [0.0, 1.0] {
                    let g = point(&r, f64::from(i) / 24.0, f64::from(j) / 24.0, k);
                    most = most.max(d.dot(ecef_from_geodetic(g)));
                }
            }
        }
        let spacing = r.width_rad().max(r.north - r.south) / 24.0;
        prop_assert!(support <= most + SEMI_MAJOR_M * spacing * spacing + 1e-6, "{support} {most}");
    }

    #[test]
    fn culling_never_drops_what_is_in_the_view(
        r in regions(), x in 0.0..1.0f64, y in 0.0..1.0f64, z in 0.0..1.0f64,
        lon in -PI..PI, lat in -1.5..1.5f64, log_height in 1.0..7.0f64, heading in 0.0..std::f64::consts::TAU, pitch in -1.57..0.5f64,
    ) {
        let camera = Camera { position: Geodetic::new(lon, lat, 10f64.powf(log_height)), heading_rad: heading,
            pitch_rad: pitch, fov_y_rad: 0.8 };
        let f = camera.frustum(1.6, 0.5);
        let p = ecef_from_geodetic(point(&r, x, y, z));
        match BoundingVolume::Region(r).intersects(&f) {
            Intersection::Outside => prop_assert!(!f.contains(p)),
            Intersection::Inside => prop_assert!(f.contains(p)),
            Intersection::Intersecting => {}
        }
    }

    #[test]
    fn boxes_and_spheres_enclose(r in regions(), x in 0.0..1.0f64, y in 0.0..1.0f64, z in 0.0..1.0f64) {
        let p = ecef_from_geodetic(point(&r, x, y, z));
        prop_assert!(r.enclosing_box().distance_to(p) < 1e-6);
        let (center, radius) = BoundingVolume::Region(r).bounding_sphere();
        prop_assert!((p - center).length() <= radius + 1e-6);
    }
}
