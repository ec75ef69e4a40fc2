//! Off-axis projection of a screen that stands anywhere, from three of its corners.
//!
//! Robert Kooima, "Generalized Perspective Projection" (2009): the screen's own axes, the eye's distance from its
//! plane, and where the plane's edges are as seen from the foot of the eye on it.

use city_geo::{DMat3, DQuat, DVec3};

/// Shortest side of a screen, millimetres.
const LEAST_SIDE_MM: f64 = 1.0;
/// How far from a right angle the corner may be, as a cosine (a third of a degree): measured corners are not exact.
const SKEW: f64 = 0.006;
/// Nearest that the eye comes to a screen's plane, millimetres.
const LEAST_DISTANCE_MM: f64 = 1.0;

/// Why corners are no screen.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ProjectionError {
    /// A number is not finite or absurd.
    #[error("a corner is not a place: {0}")]
    NotAPlace(DVec3),
    /// Two corners are the same.
    #[error("the screen's corners are less than 1 mm apart")]
    Degenerate,
    /// No right angle at the lower left corner.
    #[error("the screen's sides meet at {0:.1}°, not at a right angle")]
    Skewed(f64),
    /// The eye is behind the screen or in its plane.
    #[error(
        "the screen is seen from behind or edge-on: the eye is {0:.0} mm in front of its plane"
    )]
    Behind(f64),
}

/// A screen as seen from the eye.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Projection {
    /// Left, right, bottom and top edge on the plane at distance 1 in front of the eye, along the screen's axes.
    pub tangents: [f64; 4],
    /// Turns the screen's axes (x right, y up, z out of the screen) into the wall's frame. A camera that draws the
    /// screen is the wall's camera turned by this.
    pub wall_from_screen: DQuat,
    /// From the eye to the screen's plane, millimetres.
    pub distance_mm: f64,
}

impl Projection {
    /// From the lower left, lower right and upper left corner and the eye, all in one frame, millimetres.
    ///
    /// # Errors
    /// When the corners are no rectangle, or the eye does not see its front.
    pub fn from_corners(corners_mm: [DVec3; 3], eye_mm: DVec3) -> Result<Self, ProjectionError> {
        let [a, b, c] = corners_mm;
        for place in [a, b, c, eye_mm] {
            if !place.is_finite() || place.abs().max_element() > 1e7 {
                return Err(ProjectionError::NotAPlace(place));
            }
        }
        let (across, up) = (b - a, c - a);
        if across.length() < LEAST_SIDE_MM || up.length() < LEAST_SIDE_MM {
            return Err(ProjectionError::Degenerate);
        }
        let right = across.normalize();
        let skew = right.dot(up.normalize());
        if skew.abs() > SKEW {
            return Err(ProjectionError::Skewed(
                skew.clamp(-1.0, 1.0).acos().to_degrees(),
            ));
        }
        // What is left of the skew is taken out of the upward axis, so that the axes are a rotation.
        let up_axis = (up - right * right.dot(up)).normalize();
        let out = right.cross(up_axis);
        let (to_a, to_b, to_c) = (a - eye_mm, b - eye_mm, c - eye_mm);
        let distance_mm = -out.dot(to_a);
        if distance_mm < LEAST_DISTANCE_MM {
            return Err(ProjectionError::Behind(distance_mm));
        }
        Ok(Self {
            tangents: [
                right.dot(to_a) / distance_mm,
                right.dot(to_b) / distance_mm,
                up_axis.dot(to_a) / distance_mm,
                up_axis.dot(to_c) / distance_mm,
            ],
            wall_from_screen: DQuat::from_mat3(&DMat3::from_cols(right, up_axis, out)),
            distance_mm,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_screen_straight_ahead() {
        let corners = [
            DVec3::new(-500.0, -250.0, -1000.0),
            DVec3::new(500.0, -250.0, -1000.0),
            DVec3::new(-500.0, 250.0, -1000.0),
        ];
        let seen = Projection::from_corners(corners, DVec3::ZERO).unwrap();
        assert_eq!(seen.tangents, [-0.5, 0.5, -0.25, 0.25]);
        assert!(seen.wall_from_screen.angle_between(DQuat::IDENTITY) < 1e-9);
        // The eye moves right and up: the screen moves left and down.
        let seen = Projection::from_corners(corners, DVec3::new(100.0, 50.0, 0.0)).unwrap();
        assert_eq!(seen.tangents, [-0.6, 0.4, -0.3, 0.2]);
    }

    #[test]
    fn a_screen_on_the_left_looks_left() {
        // Its left edge is nearer to the viewer.
        let corners = [
            DVec3::new(-1000.0, -500.0, 0.0),
            DVec3::new(-1000.0, -500.0, -1000.0),
            DVec3::new(-1000.0, 500.0, 0.0),
        ];
        let seen = Projection::from_corners(corners, DVec3::ZERO).unwrap();
        let forward = seen.wall_from_screen * DVec3::NEG_Z;
        assert!(forward.distance(DVec3::NEG_X) < 1e-9, "{forward}");
        assert_eq!(seen.tangents, [0.0, 1.0, -0.5, 0.5].map(|t: f64| t));
    }

    #[test]
    fn what_is_no_screen_is_refused() {
        let at = |x, y, z| DVec3::new(x, y, z);
        let cases = [
            [at(0., 0., -1.), at(0., 0., -1.), at(0., 9., -1.)],
            [at(0., 0., -9.), at(9., 0., -9.), at(9., 9., -9.)],
            [at(9., 0., -9.), at(0., 0., -9.), at(9., 9., -9.)],
            [at(f64::NAN, 0., -9.), at(0., 0., -9.), at(9., 9., -9.)],
        ];
        let errors: Vec<String> = cases
            .map(|corners| {
                Projection::from_corners(corners, DVec3::ZERO)
                    .unwrap_err()
                    .to_string()
            })
            .to_vec();
        assert!(errors[0].contains("1 mm apart"), "{errors:?}");
        assert!(errors[1].contains("45.0°"), "{errors:?}");
        assert!(errors[2].contains("from behind"), "{errors:?}");
        assert!(errors[3].contains("not a place"), "{errors:?}");
    }

    proptest! {
        /// The ray through a tangent hits the corner that the tangent came from.
        #[test]
        fn rays_hit_the_corners(
            turn in -1.4f64..1.4, tilt in -0.7f64..0.7, distance in 100.0f64..9000.0,
            w in 50.0f64..4000.0, h in 50.0f64..4000.0, ex in -50.0f64..50.0, ey in -50.0f64..50.0,
        ) {
            let turned = DQuat::from_rotation_y(turn) * DQuat::from_rotation_x(tilt);
            let corner = |x: f64, y: f64| turned * DVec3::new(x * w, y * h, -distance);
            let corners = [corner(-0.3, -0.6), corner(0.7, -0.6), corner(-0.3, 0.4)];
            let eye = DVec3::new(ex, ey, 0.0);
            let seen = Projection::from_corners(corners, eye).unwrap();
            let [l, r, b, t] = seen.tangents;
            for (corner, x, y) in [(corners[0], l, b), (corners[1], r, b), (corners[2], l, t)] {
                let hit = eye + seen.wall_from_screen * DVec3::new(x, y, -1.0) * seen.distance_mm;
                prop_assert!(hit.distance(corner) < 1e-6 * distance, "{hit} {corner}");
            }
        }
    }
}
