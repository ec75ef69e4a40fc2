//! The volume a camera sees.

use glam::{DVec3, DVec4};

/// Where a volume lies with respect to a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intersection {
    /// Nothing of it can be seen.
    Outside,
    /// Some of it may be seen.
    Intersecting,
    /// All of it is in the view.
    Inside,
}

/// A view volume without a far plane (the picture is drawn with reversed, infinite depth).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frustum {
    /// Left, right, bottom, top, near: unit normals pointing inward and offsets, inside where `n·x + w ≥ 0`.
    pub planes: [DVec4; 5],
}

impl Frustum {
    /// A symmetric view. `forward` and `up` need not be exactly perpendicular; `aspect` is width over height.
    pub fn from_camera(
        position: DVec3,
        forward: DVec3,
        up: DVec3,
        fov_y_rad: f64,
        aspect: f64,
        near_m: f64,
    ) -> Self {
        let tan = (fov_y_rad * 0.5).tan();
        Self::off_axis(
            position,
            forward,
            up,
            [-tan * aspect, tan * aspect, -tan, tan],
            near_m,
        )
    }

    /// A view through any part of the picture plane, as a screen of a video wall or a selection rectangle has it:
    /// `tangents` are left, right, bottom and top on the plane at distance 1.
    pub fn off_axis(
        position: DVec3,
        forward: DVec3,
        up: DVec3,
        tangents: [f64; 4],
        near_m: f64,
    ) -> Self {
        let forward = forward.normalize_or_zero();
        let right = forward.cross(up).normalize_or_zero();
        let up = right.cross(forward);
        let [left_t, right_t, bottom_t, top_t] = tangents;
        let plane = |normal: DVec3, point: DVec3| {
            let normal = normal.normalize_or_zero();
            normal.extend(-normal.dot(point))
        };
        Self {
            planes: [
                plane(right - forward * left_t, position),
                plane(forward * right_t - right, position),
                plane(up - forward * bottom_t, position),
                plane(forward * top_t - up, position),
                plane(forward, position + forward * near_m),
            ],
        }
    }

    /// Whether a point is in the view.
    pub fn contains(&self, p: DVec3) -> bool {
        self.planes
            .iter()
            .all(|plane| plane.truncate().dot(p) + plane.w >= 0.0)
    }
}
