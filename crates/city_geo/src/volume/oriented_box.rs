//! Oriented boxes, also flat, sheared or with no extent at all, as transforms make them.

use glam::{DMat3, DMat4, DVec3};
use serde::{Deserialize, Serialize};

use super::{VolumeError, check_finite};

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
    ///
    /// Least squares within bounds by cyclic descent: one round is exact for orthogonal axes, sheared boxes take
    /// a few.
    pub fn closest_point(&self, p: DVec3) -> DVec3 {
        let axes = [
            self.half_axes.x_axis,
            self.half_axes.y_axis,
            self.half_axes.z_axis,
        ];
        let mut t = [0.0f64; 3];
        let mut rest = p - self.center;
        for _ in 0..64 {
            let mut change = 0.0f64;
            for (axis, t) in axes.iter().zip(t.iter_mut()) {
                let square = axis.length_squared();
                if !(square > 0.0) {
                    continue;
                }
                let next = (*t + rest.dot(*axis) / square).clamp(-1.0, 1.0);
                let step = next - *t;
                rest -= *axis * step;
                change = change.max((step * step * square).abs());
                *t = next;
            }
            if !(change > 1e-18) {
                break;
            }
        }
        p - rest
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
