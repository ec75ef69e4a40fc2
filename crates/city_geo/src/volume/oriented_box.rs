//! Oriented boxes, also flat, sheared or with no extent at all, as transforms make them.

use glam::{DMat3, DMat4, DVec3};
use serde::{Deserialize, Serialize};

use super::{VolumeError, check_finite};

/// Cosine between half axes up to which a box counts as rectangular: rotations written as `f32` are off by 1e-7.
const MAX_SKEW: f64 = 1e-5;

/// A box given by its middle and three half axes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OrientedBox {
    /// Middle, metres.
    pub center: DVec3,
    /// Half axes as columns, metres; usually orthogonal, any of them may be zero.
    pub half_axes: DMat3,
}

impl OrientedBox {
    /// From a tileset's twelve numbers: middle, then the x, y and z half axes.
    pub fn from_array(numbers: [f64; 12]) -> Result<Self, VolumeError> {
        check_finite("box", &numbers)?;
        let [cx, cy, cz, a @ ..] = numbers;
        Ok(Self {
            center: DVec3::new(cx, cy, cz),
            half_axes: DMat3::from_cols_array(&a),
        })
    }

    /// The box with both middle and axes taken through a matrix.
    pub fn transformed(&self, matrix: &DMat4) -> Self {
        Self {
            center: matrix.transform_point3(self.center),
            half_axes: DMat3::from_mat4(*matrix) * self.half_axes,
        }
    }

    /// Half the box's extent along a direction, metres.
    pub fn half_extent_along(&self, direction: DVec3) -> f64 {
        direction.dot(self.half_axes.x_axis).abs()
            + direction.dot(self.half_axes.y_axis).abs()
            + direction.dot(self.half_axes.z_axis).abs()
    }

    /// Half the longest diagonal, metres.
    pub fn half_diagonal(&self) -> f64 {
        let DMat3 {
            x_axis,
            y_axis,
            z_axis,
        } = self.half_axes;
        [
            x_axis + y_axis + z_axis,
            x_axis + y_axis - z_axis,
            x_axis - y_axis + z_axis,
            x_axis - y_axis - z_axis,
        ]
        .iter()
        .map(|d| d.length())
        .fold(0.0, f64::max)
    }

    /// The point of the box that is nearest to `p`.
    pub fn closest_point(&self, p: DVec3) -> DVec3 {
        let axes = [
            self.half_axes.x_axis,
            self.half_axes.y_axis,
            self.half_axes.z_axis,
        ];
        let squares = axes.map(|axis| axis.length_squared());
        let skewed = |i: usize, j: usize| {
            axes[i].dot(axes[j]).abs() > MAX_SKEW * (squares[i] * squares[j]).sqrt()
        };
        if skewed(0, 1) || skewed(1, 2) || skewed(2, 0) {
            return self.closest_point_if_sheared(p, &axes);
        }
        let to_p = p - self.center;
        let mut closest = self.center;
        for (axis, square) in axes.into_iter().zip(squares) {
            if square > 0.0 {
                closest += axis * (to_p.dot(axis) / square).clamp(-1.0, 1.0);
            }
        }
        closest
    }

    /// Least squares within bounds by looking at everything the nearest point can lie on: the inside, six faces,
    /// twelve edges, eight corners. Exact, also for slivers on which descent takes for ever.
    fn closest_point_if_sheared(&self, p: DVec3, axes: &[DVec3; 3]) -> DVec3 {
        let to_p = p - self.center;
        let mut best = (f64::INFINITY, self.center);
        for combination in 0..27 {
            // Each axis is free (0) or held at one of its ends.
            let state = [combination % 3, combination / 3 % 3, combination / 9];
            let mut t = state.map(|s| [0.0, 1.0, -1.0][s]);
            let rest = to_p - axes[0] * t[0] - axes[1] * t[1] - axes[2] * t[2];
            // Normal equations of the free axes; rows of held ones read "no change".
            let entry = |i: usize, j: usize| match (state[i], state[j]) {
                (0, 0) => axes[i].dot(axes[j]),
                _ if i == j => 1.0,
                _ => 0.0,
            };
            let column = |j: usize| DVec3::new(entry(0, j), entry(1, j), entry(2, j));
            let normal = DMat3::from_cols(column(0), column(1), column(2));
            let right = DVec3::from_array(std::array::from_fn(|i| {
                if state[i] == 0 {
                    rest.dot(axes[i])
                } else {
                    0.0
                }
            }));
            if normal.determinant() == 0.0 {
                continue;
            }
            let change = normal.inverse() * right;
            for (value, change) in t.iter_mut().zip(change.to_array()) {
                *value += change;
            }
            if !t.iter().all(|value| value.abs() <= 1.0 + 1e-12) {
                continue;
            }
            let candidate = axes[0] * t[0] + axes[1] * t[1] + axes[2] * t[2];
            let distance = (to_p - candidate).length_squared();
            if distance < best.0 {
                best = (distance, self.center + candidate);
            }
        }
        best.1
    }

    /// Distance from a point to the box, metres; 0 inside.
    pub fn distance_to(&self, p: DVec3) -> f64 {
        (p - self.closest_point(p)).length()
    }

    /// Corners; bit 0 is +x, bit 1 +y, bit 2 +z.
    pub fn corners(&self) -> [DVec3; 8] {
        std::array::from_fn(|i| {
            let sign = |bit: usize| if i >> bit & 1 == 1 { 1.0 } else { -1.0 };
            self.center + self.half_axes * DVec3::new(sign(0), sign(1), sign(2))
        })
    }
}
