//! Unit vectors as a point of an unfolded octahedron.
//!
//! Clauses: 3D Tiles 1.0, 10.2.3.4.3.2 and 10.3.3.4 "Oct-encoded"; Cigolle et al., "A Survey of
//! Efficient Representations for Independent Unit Vectors".

use glam::DVec3;

/// The unit vector of two numbers in 0..=`largest` (255 for OCT16P, 65535 for OCT32P).
pub(super) fn decode(u: f64, v: f64, largest: f64) -> DVec3 {
    let (x, y) = (u / largest * 2.0 - 1.0, v / largest * 2.0 - 1.0);
    let z = 1.0 - x.abs() - y.abs();
    let folded = |a: f64, b: f64| (1.0 - b.abs()) * if a < 0.0 { -1.0 } else { 1.0 };
    let vector = if z < 0.0 {
        DVec3::new(folded(x, y), folded(y, x), z)
    } else {
        DVec3::new(x, y, z)
    };
    vector.normalize_or(DVec3::Z)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corners_of_the_octahedron() {
        let near = |a: DVec3, b: DVec3| assert!(a.distance(b) < 0.02, "{a} {b}");
        near(decode(127.5, 127.5, 255.0), DVec3::Z);
        near(decode(255.0, 127.5, 255.0), DVec3::X);
        near(decode(127.5, 0.0, 255.0), DVec3::NEG_Y);
        for corner in [(0.0, 0.0), (0.0, 255.0), (255.0, 0.0), (255.0, 255.0)] {
            near(decode(corner.0, corner.1, 255.0), DVec3::NEG_Z);
        }
        // Halfway over an edge of the lower half.
        let below = decode(65535.0 * 0.875, 65535.0 * 0.875, 65535.0);
        near(below, DVec3::new(0.25, 0.25, -0.5).normalize());
    }
}
