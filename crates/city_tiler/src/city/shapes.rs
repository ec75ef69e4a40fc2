//! Footprints: rings of corners, counter-clockwise, around a centre.

use glam::DVec2;

use crate::geom::{self, Quad};

/// A turned frame on the plane: x along `axis`.
#[derive(Debug, Clone, Copy)]
pub struct Pose {
    /// Its origin.
    pub centre: DVec2,
    /// Its x direction, a unit vector.
    pub axis: DVec2,
}

impl Pose {
    /// The pose of a quad.
    #[must_use]
    pub fn of(quad: &Quad) -> Self {
        Self {
            centre: geom::centre(quad),
            axis: geom::axis(quad),
        }
    }

    /// A point given in the frame, on the plane.
    #[must_use]
    pub fn at(&self, x: f64, y: f64) -> DVec2 {
        self.centre + self.axis * x + self.axis.perp() * y
    }

    /// The same frame about another point of it.
    #[must_use]
    pub fn moved(&self, x: f64, y: f64) -> Self {
        Self {
            centre: self.at(x, y),
            axis: self.axis,
        }
    }

    fn ring(&self, points: &[(f64, f64)]) -> Vec<DVec2> {
        points.iter().map(|(x, y)| self.at(*x, *y)).collect()
    }

    /// A rectangle.
    #[must_use]
    pub fn rectangle(&self, w: f64, d: f64) -> Vec<DVec2> {
        geom::rectangle(self.centre, self.axis, w, d).to_vec()
    }

    /// A rectangle with its corners cut off.
    #[must_use]
    pub fn chamfered(&self, w: f64, d: f64, cut: f64) -> Vec<DVec2> {
        let (x, y, c) = (w / 2.0, d / 2.0, cut.min(w.min(d) * 0.45));
        self.ring(&[
            (-x + c, -y),
            (x - c, -y),
            (x, -y + c),
            (x, y - c),
            (x - c, y),
            (-x + c, y),
            (-x, y - c),
            (-x, -y + c),
        ])
    }

    /// A cross: four wings around a core.
    #[must_use]
    pub fn cross(&self, w: f64, d: f64, arm: f64) -> Vec<DVec2> {
        let (x, y) = (w / 2.0, d / 2.0);
        let (a, b) = (x * arm, y * arm);
        self.ring(&[
            (-a, -y),
            (a, -y),
            (a, -b),
            (x, -b),
            (x, b),
            (a, b),
            (a, y),
            (-a, y),
            (-a, b),
            (-x, b),
            (-x, -b),
            (-a, -b),
        ])
    }

    /// Two bars joined in the middle.
    #[must_use]
    pub fn aitch(&self, w: f64, d: f64, bar: f64) -> Vec<DVec2> {
        let (x, y) = (w / 2.0, d / 2.0);
        let (a, b) = (x * (1.0 - bar), y * 0.3);
        self.ring(&[
            (-x, -y),
            (-a, -y),
            (-a, -b),
            (a, -b),
            (a, -y),
            (x, -y),
            (x, y),
            (a, y),
            (a, b),
            (-a, b),
            (-a, y),
            (-x, y),
        ])
    }

    /// An angle of two bars.
    #[must_use]
    pub fn ell(&self, w: f64, d: f64, bar: f64) -> Vec<DVec2> {
        let (x, y) = (w / 2.0, d / 2.0);
        self.ring(&[
            (-x, -y),
            (x, -y),
            (x, -y + bar),
            (-x + bar, -y + bar),
            (-x + bar, y),
            (-x, y),
        ])
    }

    /// Three wings, as of a trident block.
    #[must_use]
    pub fn trident(&self, reach: f64, wing: f64) -> Vec<DVec2> {
        let third = std::f64::consts::TAU / 3.0;
        let inner = wing / libm::sqrt(3.0);
        let mut ring = Vec::with_capacity(9);
        for k in 0..3 {
            let angle = f64::from(k) * third + std::f64::consts::FRAC_PI_2;
            let (s, c) = (libm::sin(angle), libm::cos(angle));
            let (side_x, side_y) = (-s * wing / 2.0, c * wing / 2.0);
            ring.push(self.at(c * reach - side_x, s * reach - side_y));
            ring.push(self.at(c * reach + side_x, s * reach + side_y));
            let (s2, c2) = (
                libm::sin(angle + third / 2.0),
                libm::cos(angle + third / 2.0),
            );
            ring.push(self.at(c2 * inner, s2 * inner));
        }
        ring
    }

    /// A many-sided oval.
    #[must_use]
    pub fn oval(&self, w: f64, d: f64, sides: u32) -> Vec<DVec2> {
        (0..sides)
            .map(|i| {
                let angle = f64::from(i) / f64::from(sides) * std::f64::consts::TAU;
                self.at(libm::cos(angle) * w / 2.0, libm::sin(angle) * d / 2.0)
            })
            .collect()
    }
}

/// A ring drawn towards its middle.
#[must_use]
pub fn scaled(ring: &[DVec2], by: f64) -> Vec<DVec2> {
    let c = geom::centre(ring);
    ring.iter().map(|p| c.lerp(*p, by)).collect()
}

/// A ring turned about its middle.
#[must_use]
pub fn turned(ring: &[DVec2], angle_rad: f64) -> Vec<DVec2> {
    let c = geom::centre(ring);
    let by = DVec2::new(libm::cos(angle_rad), libm::sin(angle_rad));
    ring.iter().map(|p| c + by.rotate(*p - c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_footprint_runs_counter_clockwise() {
        let pose = Pose {
            centre: DVec2::new(5.0, 6.0),
            axis: DVec2::new(0.6, 0.8),
        };
        for ring in [
            pose.rectangle(20.0, 10.0),
            pose.chamfered(20.0, 10.0, 2.0),
            pose.cross(20.0, 18.0, 0.4),
            pose.aitch(20.0, 18.0, 0.3),
            pose.ell(20.0, 18.0, 5.0),
            pose.trident(20.0, 9.0),
            pose.oval(20.0, 18.0, 16),
            turned(&scaled(&pose.rectangle(8.0, 8.0), 0.5), 0.3),
        ] {
            assert!(geom::signed_area(&ring) > 10.0, "{ring:?}");
        }
    }
}
