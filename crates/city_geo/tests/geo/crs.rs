//! Projected systems against public control points.

use std::path::PathBuf;

use city_geo::*;
use geo_types::Coord;

fn samples() -> PathBuf {
    std::env::var_os("BELVEDERE_SAMPLES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    )
}

/// Distance over the ground, metres.
fn apart_m(a: Geodetic, b: Geodetic) -> f64 {
    (ecef_from_geodetic(a.with_height(0.0)) - ecef_from_geodetic(b.with_height(0.0))).length()
}

#[test]
fn hk1980_control_points() {
    let file = samples()
        .join("YANYAN-hub57__hong-kong-air-quality/data/monitoring-stations.epsg2326_wgs84.csv");
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("skipped: no sample data at {}", file.display());
        return;
    };
    let crs = ProjectedCrs::hk1980().unwrap();
    let mut count = 0;
    for line in text.lines().skip(1).filter(|l| !l.is_empty()) {
        let mut fields = line.split(',');
        let name = fields.next().unwrap();
        let [e, n, lat, lon] =
            std::array::from_fn(|_| fields.next().unwrap().parse::<f64>().unwrap());
        let published = Geodetic::from_degrees(lon, lat, 0.0);
        let place = crs
            .geodetic_from_projected(Coord { x: e, y: n }, 12.5)
            .unwrap();
        assert!(
            apart_m(place, published) < 0.01,
            "{name}: {} m",
            apart_m(place, published)
        );
        assert_eq!(place.height_m, 12.5);
        let back = crs.projected_from_geodetic(published).unwrap();
        assert!((back.x - e).hypot(back.y - n) < 0.01, "{name}: {back:?}");
        count += 1;
    }
    assert_eq!(count, 12);
}

#[test]
fn hk1980_one_point_without_sample_data() {
    // Environmental Protection Department station "Central/Western", as published in both systems.
    let crs = ProjectedCrs::hk1980().unwrap();
    let place = crs
        .geodetic_from_projected(
            Coord {
                x: 832_923.5,
                y: 816_223.0,
            },
            0.0,
        )
        .unwrap();
    assert!(
        apart_m(
            place,
            Geodetic::from_degrees(114.144_420_709_583_27, 22.284_890_887_207_478, 0.0)
        ) < 0.01
    );
}

#[test]
fn rd_new_origin() {
    // The Amersfoort origin: RD (155000, 463000) is 52°09'18.6"N, 5°23'13.9"E in ETRS89 (Kadaster, RDNAPTRANS).
    let crs = ProjectedCrs::from_epsg(28992).unwrap();
    let place = crs
        .geodetic_from_projected(
            Coord {
                x: 155_000.0,
                y: 463_000.0,
            },
            0.0,
        )
        .unwrap();
    assert!(
        apart_m(place, Geodetic::from_degrees(5.387_206, 52.155_172, 0.0)) < 1.0,
        "{place:?}"
    );
}

#[test]
fn utm_and_mercator() {
    let utm = ProjectedCrs::from_epsg(32650).unwrap();
    let on_meridian = utm
        .projected_from_geodetic(Geodetic::from_degrees(117.0, 0.0, 0.0))
        .unwrap();
    assert!(
        (on_meridian.x - 500_000.0).abs() < 1e-6 && on_meridian.y.abs() < 1e-6,
        "{on_meridian:?}"
    );
    let mercator = ProjectedCrs::from_epsg(3857).unwrap();
    let edge = mercator
        .projected_from_geodetic(Geodetic::from_degrees(180.0 - 1e-9, 0.0, 0.0))
        .unwrap();
    assert!((edge.x - 20_037_508.342_789_244).abs() < 1e-3, "{edge:?}");
    let geographic = ProjectedCrs::from_epsg(4326).unwrap();
    let same = geographic
        .geodetic_from_projected(
            Coord {
                x: 114.17,
                y: 22.29,
            },
            0.0,
        )
        .unwrap();
    assert!((same.lon_deg() - 114.17).abs() < 1e-12 && (same.lat_deg() - 22.29).abs() < 1e-12);
}

#[test]
fn bad_input_is_refused_with_its_cause() {
    let text = ProjectedCrs::from_epsg(9999).unwrap_err().to_string();
    assert!(
        text.contains("EPSG:9999") && text.contains("+proj"),
        "{text}"
    );
    let text = ProjectedCrs::from_proj("+proj=nonsense")
        .unwrap_err()
        .to_string();
    assert!(text.contains("+proj=nonsense"), "{text}");
    assert!(ProjectedCrs::from_proj(&"+proj=tmerc ".repeat(1000)).is_err());
    let crs = ProjectedCrs::hk1980().unwrap();
    assert!(
        crs.geodetic_from_projected(
            Coord {
                x: f64::NAN,
                y: 0.0
            },
            0.0
        )
        .is_err()
    );
    assert!(
        crs.projected_from_geodetic(Geodetic::new(f64::INFINITY, 0.0, 0.0))
            .is_err()
    );
    // Far outside: an error or numbers, but no panic and nothing that is not finite.
    if let Ok(place) = crs.geodetic_from_projected(Coord { x: 1e12, y: -1e12 }, 0.0) {
        assert!(place.is_valid());
    }
}
