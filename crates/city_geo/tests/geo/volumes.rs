//! Boxes, spheres and the frustum.

use city_geo::*;
use proptest::prelude::*;

fn view() -> Frustum {
    // At the origin, looking along +x, z up, 90° by 90°.
    Frustum::from_camera(
        DVec3::ZERO,
        DVec3::X,
        DVec3::Z,
        std::f64::consts::FRAC_PI_2,
        1.0,
        1.0,
    )
}

fn ball(x: f64, y: f64, z: f64, radius_m: f64) -> BoundingVolume {
    BoundingVolume::Sphere(Sphere {
        center: DVec3::new(x, y, z),
        radius_m,
    })
}

#[test]
fn frustum_has_no_far_plane() {
    let f = view();
    assert!(f.contains(DVec3::new(2.0, 0.0, 0.0)));
    assert!(f.contains(DVec3::new(1e12, 1e11, -1e11)));
    assert!(
        !f.contains(DVec3::new(0.5, 0.0, 0.0)),
        "nearer than the near plane"
    );
    assert!(!f.contains(DVec3::new(10.0, 10.1, 0.0)));
    assert!(!f.contains(DVec3::new(-10.0, 0.0, 0.0)));
}

#[test]
fn sides_are_the_right_way_round() {
    let f = view();
    // Looking along +x with z up, left is +y.
    let left = f.planes[0];
    assert!(left.truncate().dot(DVec3::new(10.0, 11.0, 0.0)) + left.w < 0.0);
    let right = f.planes[1];
    assert!(right.truncate().dot(DVec3::new(10.0, -11.0, 0.0)) + right.w < 0.0);
    let bottom = f.planes[2];
    assert!(bottom.truncate().dot(DVec3::new(10.0, 0.0, -11.0)) + bottom.w < 0.0);
}

#[test]
fn off_axis_part_of_a_view() {
    // The right half only.
    let f = Frustum::off_axis(DVec3::ZERO, DVec3::X, DVec3::Z, [0.0, 1.0, -1.0, 1.0], 1.0);
    assert!(f.contains(DVec3::new(10.0, -1.0, 0.0)));
    assert!(!f.contains(DVec3::new(10.0, 1.0, 0.0)));
}

#[test]
fn spheres_against_the_view() {
    let f = view();
    assert_eq!(
        ball(10.0, 0.0, 0.0, 1.0).intersects(&f),
        Intersection::Inside
    );
    assert_eq!(
        ball(10.0, 10.0, 0.0, 1.0).intersects(&f),
        Intersection::Intersecting
    );
    assert_eq!(
        ball(10.0, 20.0, 0.0, 1.0).intersects(&f),
        Intersection::Outside
    );
    assert_eq!(
        ball(-10.0, 0.0, 0.0, 1.0).intersects(&f),
        Intersection::Outside
    );
    assert_eq!(
        ball(0.0, 0.0, 0.0, 100.0).intersects(&f),
        Intersection::Intersecting
    );
}

#[test]
fn boxes_that_are_flat_or_have_no_extent() {
    let flat = OrientedBox {
        center: DVec3::ZERO,
        half_axes: DMat3::from_cols(DVec3::X * 2.0, DVec3::Y, DVec3::ZERO),
    };
    assert_eq!(flat.distance_to(DVec3::new(0.0, 0.0, 3.0)), 3.0);
    assert_eq!(flat.distance_to(DVec3::new(5.0, 5.0, 0.0)), 5.0);
    let point = OrientedBox {
        center: DVec3::ONE,
        half_axes: DMat3::ZERO,
    };
    assert_eq!(point.distance_to(DVec3::new(1.0, 1.0, 3.0)), 2.0);
    assert!(BoundingVolume::Box(point).contains(DVec3::ONE));
}

#[test]
fn checked_constructors_refuse() {
    let mut numbers = [0.0; 12];
    assert!(OrientedBox::from_array(numbers).is_ok());
    numbers[7] = f64::NAN;
    assert_eq!(
        OrientedBox::from_array(numbers),
        Err(VolumeError::NotFinite {
            kind: "box",
            index: 7
        })
    );
    assert!(Sphere::from_array([0.0, 0.0, 0.0, -1.0]).is_err());
    assert!(Sphere::from_array([0.0, f64::INFINITY, 0.0, 1.0]).is_err());
    let region = Region::from_array([0.0, 0.0, 0.1, 0.1, 0.0, 10.0]);
    assert!(region.is_ok());
    for (bad, word) in [
        ([200.0, 0.0, 0.1, 0.1, 0.0, 1.0], "west is 200"),
        ([0.0, 0.2, 0.1, 0.1, 0.0, 1.0], "south"),
        ([0.0, 0.0, 0.1, 0.1, 2.0, 1.0], "minimum height"),
        ([0.0, 0.0, f64::NAN, 0.1, 0.0, 1.0], "number 2"),
    ] {
        let text = Region::from_array(bad).unwrap_err().to_string();
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn transforms() {
    let shift_and_double = DMat4::from_scale_rotation_translation(
        DVec3::splat(2.0),
        DQuat::from_rotation_z(0.3),
        DVec3::new(100.0, 0.0, 0.0),
    );
    let (center, radius) = ball(0.0, 0.0, 0.0, 3.0)
        .transformed(&shift_and_double)
        .bounding_sphere();
    assert!((center - DVec3::X * 100.0).length() < 1e-12 && (radius - 6.0).abs() < 1e-9);
    let region =
        BoundingVolume::Region(Region::from_array([0.0, 0.0, 0.1, 0.1, 0.0, 10.0]).unwrap());
    assert_eq!(region.transformed(&shift_and_double), region);
}

fn vectors(extent: f64) -> impl Strategy<Value = DVec3> {
    (-extent..extent, -extent..extent, -extent..extent).prop_map(|(x, y, z)| DVec3::new(x, y, z))
}

proptest! {
    #![proptest_config(crate::cases(500))]

    #[test]
    fn box_distance_is_the_least_over_its_points(
        a in vectors(5.0), b in vectors(5.0), c in vectors(5.0), p in vectors(20.0),
    ) {
        // Sheared boxes too: what a transform with unequal scales makes of a turned box.
        let volume = OrientedBox { center: DVec3::new(1.0, 2.0, 3.0), half_axes: DMat3::from_cols(a, b, c) };
        prop_assume!(volume.half_axes.determinant().abs() > 0.5);
        let distance = volume.distance_to(p);
        let mut least = f64::INFINITY;
        const N: i32 = 8;
        for i in -N..=N {
            for j in -N..=N {
                for k in -N..=N {
                    let t = DVec3::new(f64::from(i), f64::from(j), f64::from(k)) / f64::from(N);
                    least = least.min((volume.center + volume.half_axes * t - p).length());
                }
            }
        }
        let spacing = (a.length() + b.length() + c.length()) / f64::from(N);
        prop_assert!(distance <= least + 1e-6, "{distance} > {least}");
        prop_assert!(distance >= least - spacing, "{distance} << {least}");
        prop_assert_eq!(BoundingVolume::Box(volume).contains(p), distance <= 1e-6);
    }

    #[test]
    fn transformed_spheres_still_enclose(
        a in vectors(3.0), b in vectors(3.0), c in vectors(3.0), direction in vectors(1.0),
    ) {
        prop_assume!(direction.length() > 0.1);
        let matrix = DMat4::from_mat3_translation(DMat3::from_cols(a, b, c), DVec3::new(7.0, 8.0, 9.0));
        let sphere = ball(1.0, 2.0, 3.0, 4.0);
        let on_it = DVec3::new(1.0, 2.0, 3.0) + direction.normalize() * 4.0;
        prop_assert!(sphere.transformed(&matrix).contains(matrix.transform_point3(on_it)));
    }

    #[test]
    fn culling_never_drops_what_is_in_the_view(
        center in vectors(30.0), a in vectors(6.0), b in vectors(6.0), c in vectors(6.0), t in vectors(1.0),
    ) {
        let volume = OrientedBox { center, half_axes: DMat3::from_cols(a, b, c) };
        let bounding = BoundingVolume::Box(volume);
        let f = view();
        let p = center + volume.half_axes * t;
        let (middle, radius) = bounding.bounding_sphere();
        prop_assert!((p - middle).length() <= radius + 1e-9);
        match bounding.intersects(&f) {
            Intersection::Outside => prop_assert!(!f.contains(p)),
            Intersection::Inside => prop_assert!(f.contains(p)),
            Intersection::Intersecting => {}
        }
    }
}
