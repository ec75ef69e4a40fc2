//! Bounding volumes and transforms (3D Tiles 1.1, "Bounding volumes", "Tile transforms").

use std::f64::consts::{FRAC_PI_2, PI};

use city_geo::{BoundingVolume, DMat4, DVec3, OrientedBox, Region, Sphere};
use serde_json::Value;

use super::basic;
use super::extensions;
use super::report::Report;

/// π as some writers round it must pass.
const ANGLE_SLACK_RAD: f64 = 1e-6;
const S2: &str = "3DTILES_bounding_volume_S2";

/// Checks a `boundingVolume`.
pub(super) fn check(r: &mut Report, path: &str, value: &Value) -> bool {
    let Some(object) = basic::object(r, path, value) else {
        return false;
    };
    let mut good = extensions::root_property(r, path, object);
    let s2 = object.get("extensions").and_then(|e| e.get(S2));
    if let Some(s2) = s2 {
        good &= check_s2(r, &format!("{path}/extensions/{S2}"), s2);
    }
    if s2.is_none()
        && !["box", "region", "sphere"]
            .iter()
            .any(|k| object.contains_key(*k))
    {
        return r.add(
            "ANY_OF_ERROR",
            path,
            "it has neither 'box' nor 'region' nor 'sphere'",
        );
    }
    if let Some(v) = object.get("box") {
        good &= basic::numbers::<12>(r, &format!("{path}/box"), v).is_some();
    }
    if let Some(v) = object.get("region") {
        let path = format!("{path}/region");
        good &= basic::numbers::<6>(r, &path, v).is_some_and(|n| check_region(r, &path, n));
    }
    if let Some(v) = object.get("sphere") {
        let path = format!("{path}/sphere");
        good &= basic::numbers::<4>(r, &path, v).is_some_and(|n| {
            n[3] >= 0.0
                || r.add(
                    "BOUNDING_VOLUME_INVALID",
                    &path,
                    format!("the radius {} is negative", n[3]),
                )
        });
    }
    good
}

fn check_region(
    r: &mut Report,
    path: &str,
    [west, south, east, north, min_height, max_height]: [f64; 6],
) -> bool {
    let mut good = true;
    let limits = [
        ("west", west, PI),
        ("south", south, FRAC_PI_2),
        ("east", east, PI),
        ("north", north, FRAC_PI_2),
    ];
    for (name, value, limit) in limits {
        if value.abs() > limit + ANGLE_SLACK_RAD {
            let what = format!("{name} is {value}, beyond ±{limit}; angles are in radians");
            good = r.add("BOUNDING_VOLUME_INVALID", path, what);
        }
    }
    if south > north {
        good = r.add(
            "BOUNDING_VOLUME_INVALID",
            path,
            format!("south {south} is above north {north}"),
        );
    }
    if min_height > max_height {
        let what = format!("the minimum height {min_height} is above the maximum {max_height}");
        good = r.add("BOUNDING_VOLUME_INVALID", path, what);
    }
    good
}

fn check_s2(r: &mut Report, path: &str, value: &Value) -> bool {
    let Some(object) = value.as_object() else {
        return false;
    };
    let token = basic::required(r, path, object, "token");
    let mut good = token.is_some_and(|t| basic::string(r, &format!("{path}/token"), t).is_some());
    let mut height = |key: &str| {
        let value = basic::required(r, path, object, key)?;
        basic::number(r, &format!("{path}/{key}"), value)
    };
    match (height("minimumHeight"), height("maximumHeight")) {
        (Some(min), Some(max)) if min > max => {
            let what = format!("the minimum height {min} is above the maximum {max}");
            good = r.add("BOUNDING_VOLUME_INVALID", path, what);
        }
        (Some(_), Some(_)) => {}
        _ => good = false,
    }
    good
}

/// The volume, where it can be used.
pub(super) fn read(value: &Value) -> Option<BoundingVolume> {
    fn list<const N: usize>(value: &Value) -> Option<[f64; N]> {
        let numbers: Vec<f64> = value.as_array()?.iter().filter_map(Value::as_f64).collect();
        numbers.try_into().ok()
    }
    if let Some(n) = value.get("box").and_then(list::<12>) {
        return OrientedBox::from_array(n).ok().map(BoundingVolume::Box);
    }
    if let Some(n) = value.get("region").and_then(list::<6>) {
        return Region::from_array(n).ok().map(BoundingVolume::Region);
    }
    let n = value.get("sphere").and_then(list::<4>)?;
    Sphere::from_array(n).ok().map(BoundingVolume::Sphere)
}

/// Whether one volume lies inside another, with some slack; both in the frame of `ecef_from_tile`.
pub(super) fn contains(
    outer: &BoundingVolume,
    inner: &BoundingVolume,
    ecef_from_tile: &DMat4,
) -> bool {
    let (outer, inner) = (
        outer.transformed(ecef_from_tile),
        inner.transformed(ecef_from_tile),
    );
    let points: Vec<DVec3> = match inner {
        // The corners of the box around a sphere stick out of it.
        BoundingVolume::Sphere(s) => [DVec3::X, DVec3::Y, DVec3::Z]
            .iter()
            .flat_map(|&axis| [s.center + axis * s.radius_m, s.center - axis * s.radius_m])
            .collect(),
        _ => inner.corners().to_vec(),
    };
    let slack_m = 0.01 + outer.bounding_sphere().1 * 1e-3;
    points.into_iter().all(|p| outer.distance_to(p) <= slack_m)
}

/// Checks a `transform`: 16 numbers, column-major, affine.
pub(super) fn check_transform(r: &mut Report, path: &str, value: &Value) -> bool {
    let Some(n) = basic::numbers::<16>(r, path, value) else {
        return false;
    };
    if [n[3], n[7], n[11], n[15]] != [0.0, 0.0, 0.0, 1.0] {
        let what = format!(
            "the last row is {:?}, not 0, 0, 0, 1; the numbers are column by column",
            [n[3], n[7], n[11], n[15]]
        );
        return r.add("TRANSFORM_INVALID", path, what);
    }
    true
}
