//! WGS 84 conversions and local frames.

use std::f64::consts::{FRAC_PI_2, PI};

use city_geo::*;
use proptest::prelude::*;

/// Half a unit in the last place of an ECEF coordinate and of an angle times the earth's radius, a few times over.
const ROUNDING_M: f64 = 6e-9;

#[test]
fn known_points() {
    let p = ecef_from_geodetic(Geodetic::from_degrees(0.0, 0.0, 0.0));
    assert!((p - DVec3::new(SEMI_MAJOR_M, 0.0, 0.0)).length() < 1e-9);
    let p = ecef_from_geodetic(Geodetic::from_degrees(0.0, 90.0, 0.0));
    assert!(
        (p - DVec3::new(0.0, 0.0, SEMI_MINOR_M)).length() < 1e-9,
        "{p}"
    );
    assert!((SEMI_MINOR_M - 6_356_752.314_245_179).abs() < 1e-8);
    // The worked example of EPSG guidance note 7-2, "Geographic/geocentric conversions":
    // 53°48'33.820"N 02°07'46.380"E, 73.0 m.
    let place = Geodetic::from_degrees(
        2.0 + 7.0 / 60.0 + 46.380 / 3600.0,
        53.0 + 48.0 / 60.0 + 33.820 / 3600.0,
        73.0,
    );
    let p = ecef_from_geodetic(place);
    assert!(
        (p - DVec3::new(3_771_793.968, 140_253.342, 5_124_304.349)).length() < 2e-3,
        "{p}"
    );
}

#[test]
fn degenerate_points_stay_finite() {
    for p in [
        DVec3::ZERO,
        DVec3::Z * 6.4e6,
        DVec3::NEG_Z * 1.0,
        DVec3::X * 1e-9,
        DVec3::splat(1e12),
    ] {
        let g = geodetic_from_ecef(p);
        assert!(g.is_valid(), "{p} -> {g:?}");
        assert!((surface_normal(p).length() - 1.0).abs() < 1e-12);
    }
    assert!(geodetic_from_ecef(DVec3::splat(f64::NAN)).height_m.is_nan());
    assert!(!geodetic_from_ecef(DVec3::new(f64::INFINITY, 0.0, 0.0)).is_valid());
}

fn places(min_height_m: f64, max_height_m: f64) -> impl Strategy<Value = Geodetic> {
    (-PI..PI, -FRAC_PI_2..FRAC_PI_2, min_height_m..max_height_m)
        .prop_map(|(lon, lat, h)| Geodetic::new(lon, lat, h))
}

proptest! {
    #![proptest_config(crate::cases(10_000))]

    #[test]
    fn ecef_round_trip(place in places(-10_000.0, 20_000.0)) {
        let p = ecef_from_geodetic(place);
        let back = geodetic_from_ecef(p);
        let error_m = (ecef_from_geodetic(back) - p).length();
        prop_assert!(error_m < ROUNDING_M, "{error_m:e} m");
        prop_assert!((back.height_m - place.height_m).abs() < ROUNDING_M, "{:e} m", back.height_m - place.height_m);
    }

    #[test]
    fn ecef_round_trip_from_space(place in places(20_000.0, 5e7)) {
        let p = ecef_from_geodetic(place);
        let error_m = (ecef_from_geodetic(geodetic_from_ecef(p)) - p).length();
        prop_assert!(error_m < 1e-15 * p.length() * 4.0 + ROUNDING_M, "{error_m:e} m");
    }

    #[test]
    fn geodetic_round_trip(place in places(-1_000.0, 10_000.0)) {
        let back = geodetic_from_ecef(ecef_from_geodetic(place));
        prop_assert!((back.lat_rad - place.lat_rad).abs() * SEMI_MAJOR_M < ROUNDING_M);
        let lon_error_m = wrap_pi(back.lon_rad - place.lon_rad).abs() * SEMI_MAJOR_M * place.lat_rad.cos();
        prop_assert!(lon_error_m < ROUNDING_M, "{lon_error_m:e} m");
    }

    #[test]
    fn local_frame_round_trip(origin in places(-100.0, 3_000.0), e in -1e5..1e5f64, n in -1e5..1e5f64, u in -1e4..1e4f64) {
        let frame = LocalFrame::enu(origin);
        let local = DVec3::new(e, n, u);
        let back = frame.local_of_ecef(frame.ecef_of_local(local));
        prop_assert!((back - local).length() < 5e-9, "{:e}", (back - local).length());
        let identity = frame.local_from_ecef() * frame.ecef_from_local();
        for (i, column) in [identity.x_axis, identity.y_axis, identity.z_axis].into_iter().enumerate() {
            let mut unit = DVec4::ZERO;
            unit[i] = 1.0;
            prop_assert!((column - unit).length() < 1e-14);
        }
        prop_assert!(identity.w_axis.truncate().length() < 5e-9);
    }
}

#[test]
fn local_axes_point_east_north_up() {
    let origin = Geodetic::from_degrees(114.17, 22.29, 10.0);
    let frame = LocalFrame::enu(origin);
    assert!(frame.local_from_geodetic(origin).length() < 2e-9);
    let east = frame.local_from_geodetic(Geodetic {
        lon_rad: origin.lon_rad + 1e-6,
        ..origin
    });
    let north = frame.local_from_geodetic(Geodetic {
        lat_rad: origin.lat_rad + 1e-6,
        ..origin
    });
    let up = frame.local_from_geodetic(origin.with_height(11.0));
    assert!(
        east.x > 5.0 && east.y.abs() < 1e-4 && east.z.abs() < 1e-4,
        "{east}"
    );
    assert!(
        north.y > 5.0 && north.x.abs() < 1e-4 && north.z.abs() < 1e-4,
        "{north}"
    );
    assert!((up - DVec3::Z).length() < 2e-9, "{up}");
}

#[test]
fn curvature_at_twenty_kilometres() {
    let frame = LocalFrame::enu(Geodetic::from_degrees(114.17, 22.29, 0.0));
    let place = frame.geodetic_from_local(DVec3::new(20_000.0, 0.0, 0.0));
    assert!((place.height_m - 31.3).abs() < 0.3, "{}", place.height_m);
}
