//! Rays: what is under the cursor.

use glam::DVec3;

use crate::ellipsoid::{SEMI_MAJOR_M, SEMI_MINOR_M, geodetic_from_ecef, normal_at};
use crate::volume::OrientedBox;

/// A half line. Frame: whatever both vectors are in; the ellipsoid tests take it as ECEF.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ray {
    /// Start, metres.
    pub origin: DVec3,
    /// Unit direction.
    pub direction: DVec3,
}

impl Ray {
    /// A ray with its direction normalised; a zero or not-finite direction becomes −z.
    pub fn new(origin: DVec3, direction: DVec3) -> Self {
        Self {
            origin,
            direction: direction.try_normalize().unwrap_or(DVec3::NEG_Z),
        }
    }

    /// The point at a distance along the ray, metres.
    pub fn at(&self, distance_m: f64) -> DVec3 {
        self.origin + self.direction * distance_m
    }

    /// Distance to the nearest point ahead at which the (ECEF) ray meets the surface `height_m` above the WGS 84
    /// ellipsoid, metres. From below the surface that is where the ray leaves it.
    pub fn ellipsoid_hit(&self, height_m: f64) -> Option<f64> {
        let radii = DVec3::new(
            SEMI_MAJOR_M + height_m,
            SEMI_MAJOR_M + height_m,
            SEMI_MINOR_M + height_m,
        );
        if !(radii.min_element() > 0.0) {
            return None;
        }
        // The surface of constant height is an ellipsoid only at height 0; this is the start for a refinement.
        let mut t = nearest_ahead(unit_sphere_roots(
            self.origin / radii,
            self.direction / radii,
        )?)?;
        for _ in 0..4 {
            let place = geodetic_from_ecef(self.at(t));
            let climb = self.direction.dot(normal_at(place));
            let error = place.height_m - height_m;
            // A grazing ray has no well-defined crossing to refine.
            if climb.abs() < 1e-6 || error.abs() < 1e-9 || !error.is_finite() {
                break;
            }
            t -= error / climb;
        }
        (t.is_finite() && t >= 0.0).then_some(t)
    }

    /// Distance ahead to a plane through `point` with any `normal`; `None` when parallel or behind.
    pub fn plane_hit(&self, point: DVec3, normal: DVec3) -> Option<f64> {
        let rate = self.direction.dot(normal);
        let t = (point - self.origin).dot(normal) / rate;
        (t.is_finite() && t >= 0.0).then_some(t)
    }

    /// Distance ahead to a sphere's surface.
    pub fn sphere_hit(&self, center: DVec3, radius_m: f64) -> Option<f64> {
        if !(radius_m > 0.0) {
            return None;
        }
        let roots =
            unit_sphere_roots((self.origin - center) / radius_m, self.direction / radius_m)?;
        nearest_ahead(roots)
    }

    /// Distance to where the ray enters a box (0 when it starts inside).
    pub fn box_hit(&self, volume: &OrientedBox) -> Option<f64> {
        let (mut enter, mut leave) = (0.0f64, f64::INFINITY);
        let to_center = volume.center - self.origin;
        for axis in [
            volume.half_axes.x_axis,
            volume.half_axes.y_axis,
            volume.half_axes.z_axis,
        ] {
            let half = axis.length();
            let unit = axis.try_normalize()?;
            let (offset, rate) = (to_center.dot(unit), self.direction.dot(unit));
            if rate.abs() < 1e-15 {
                if offset.abs() > half {
                    return None;
                }
                continue;
            }
            let (a, b) = ((offset - half) / rate, (offset + half) / rate);
            enter = enter.max(a.min(b));
            leave = leave.min(a.max(b));
        }
        (enter <= leave).then_some(enter)
    }

    /// Distance ahead to a triangle (either side), by Möller and Trumbore.
    pub fn triangle_hit(&self, a: DVec3, b: DVec3, c: DVec3) -> Option<f64> {
        let (ab, ac) = (b - a, c - a);
        let p = self.direction.cross(ac);
        let det = ab.dot(p);
        let from_a = self.origin - a;
        let u = from_a.dot(p) / det;
        let q = from_a.cross(ab);
        let v = self.direction.dot(q) / det;
        let t = ac.dot(q) / det;
        (u >= 0.0 && v >= 0.0 && u + v <= 1.0 && t >= 0.0 && t.is_finite()).then_some(t)
    }
}

/// Where a line meets the unit sphere, nearer first.
fn unit_sphere_roots(origin: DVec3, direction: DVec3) -> Option<(f64, f64)> {
    let a = direction.length_squared();
    let b = origin.dot(direction);
    // |origin × direction|² instead of b² − a·c: far less cancellation from far away.
    let discriminant = a - origin.cross(direction).length_squared();
    if !(discriminant >= 0.0) || !(a > 0.0) {
        return None;
    }
    let root = discriminant.sqrt();
    Some(((-b - root) / a, (-b + root) / a))
}

fn nearest_ahead((near, far): (f64, f64)) -> Option<f64> {
    if near >= 0.0 {
        Some(near)
    } else if far >= 0.0 {
        Some(far)
    } else {
        None
    }
}
