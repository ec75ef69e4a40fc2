//! Where street grids lie, and how they bend to the land.
//!
//! A patch is a grid of streets in its own coordinates: `u` along the shore or
//! across the peninsula, `v` inland. On the island `v` counts from the shore, so
//! that streets follow the coast and, up the slopes, the contours.

use glam::DVec2;

use super::network::RoadClass;
use crate::noise::fbm;
use crate::rng::Rng;

/// How a patch's coordinates map to the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// South of the island's northern quays: `u` is x, `v` the way inland.
    Quayside,
    /// A turned grid around an origin: `u` to the right, `v` up.
    Turned {
        /// Where u and v are zero.
        origin: DVec2,
        /// Counter-clockwise from east, radians.
        angle_rad: f64,
    },
}

/// One street grid.
#[derive(Debug, Clone, Copy)]
pub struct Patch {
    /// Its coordinates.
    pub shape: Shape,
    /// Range of `u`, metres.
    pub u: (f64, f64),
    /// Range of `v`, metres.
    pub v: (f64, f64),
    /// Spacing of streets along `u` and `v`, least and most, metres.
    pub spacing: [(f64, f64); 2],
    /// How much the streets wander, metres.
    pub warp_m: f64,
    /// Which points belong to this patch and no other.
    pub owns: fn(DVec2) -> bool,
}

/// Turned by degrees.
const fn turned(x: f64, y: f64, degrees: f64) -> Shape {
    Shape::Turned {
        origin: DVec2::new(x, y),
        angle_rad: degrees * std::f64::consts::PI / 180.0,
    }
}

/// Whether a point is right of the line between port and peninsula, and so on:
/// the patches' borders are these lines, with room for a road between.
fn west_line(p: DVec2) -> f64 {
    p.x + 2560.0 + 0.10 * (p.y - 1300.0)
}

fn east_line(p: DVec2) -> f64 {
    p.x - 2330.0 - 0.25 * (p.y - 1300.0)
}

/// The grids, the mainland's from west to east.
pub const PATCHES: [Patch; 6] = [
    Patch {
        shape: Shape::Quayside,
        u: (-6150.0, 5750.0),
        v: (30.0, 2300.0),
        spacing: [(74.0, 128.0), (58.0, 88.0)],
        warp_m: 16.0,
        owns: |p| p.y < -150.0 && p.y > -2700.0,
    },
    Patch {
        shape: turned(0.0, 0.0, 3.0),
        u: (-2900.0, 3000.0),
        v: (150.0, 4300.0),
        spacing: [(66.0, 118.0), (70.0, 128.0)],
        warp_m: 18.0,
        owns: |p| p.y > -50.0 && west_line(p) > 25.0 && east_line(p) < -25.0,
    },
    Patch {
        shape: turned(-4800.0, 1600.0, -11.0),
        u: (-2300.0, 3200.0),
        v: (-500.0, 2700.0),
        spacing: [(100.0, 165.0), (85.0, 130.0)],
        warp_m: 14.0,
        owns: |p| p.y > 900.0 && west_line(p) < -25.0,
    },
    Patch {
        shape: turned(3100.0, 1600.0, -30.0),
        u: (-900.0, 4200.0),
        v: (-1500.0, 3300.0),
        spacing: [(88.0, 150.0), (78.0, 124.0)],
        warp_m: 14.0,
        owns: |p| p.y > 80.0 && east_line(p) > 25.0,
    },
    Patch {
        shape: turned(50.0, -3500.0, 14.0),
        u: (-900.0, 900.0),
        v: (-500.0, 900.0),
        spacing: [(70.0, 110.0), (58.0, 84.0)],
        warp_m: 16.0,
        owns: |p| p.y < -2750.0 && (p - DVec2::new(50.0, -3400.0)).length() < 950.0,
    },
    Patch {
        shape: turned(4500.0, -3100.0, -20.0),
        u: (-500.0, 500.0),
        v: (-400.0, 500.0),
        spacing: [(64.0, 100.0), (54.0, 78.0)],
        warp_m: 16.0,
        owns: |p| p.y < -2750.0 && (p - DVec2::new(4500.0, -3100.0)).length() < 480.0,
    },
];

/// The shore that the island's streets follow: a smooth line just landward of
/// the quays, as y over x.
fn quayside_y(x: f64) -> f64 {
    const LINE: [(f64, f64); 13] = [
        (-6400.0, -1500.0),
        (-5750.0, -1010.0),
        (-5100.0, -850.0),
        (-4000.0, -735.0),
        (-3000.0, -560.0),
        (-2000.0, -445.0),
        (-1000.0, -390.0),
        (0.0, -370.0),
        (1100.0, -560.0),
        (2000.0, -480.0),
        (3400.0, -350.0),
        (4600.0, -420.0),
        (5900.0, -950.0),
    ];
    let at = |x: f64| {
        let i = LINE
            .iter()
            .position(|(lx, _)| x < *lx)
            .unwrap_or(12)
            .clamp(1, 12);
        let ((x0, y0), (x1, y1)) = (LINE[i - 1], LINE[i]);
        y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    };
    // A moving average rounds the corners.
    (-4..=4).map(|k| at(x + f64::from(k) * 110.0)).sum::<f64>() / 9.0
}

impl Patch {
    /// The plane's point at grid coordinates.
    #[must_use]
    pub fn at(&self, seed: u64, u: f64, v: f64) -> DVec2 {
        let p = match self.shape {
            // North at the top: v counts southwards, so the grid is mirrored
            // and its rows run from the hills to the quay.
            Shape::Quayside => DVec2::new(u, quayside_y(u) - v),
            Shape::Turned { origin, angle_rad } => {
                let (s, c) = (libm::sin(angle_rad), libm::cos(angle_rad));
                origin + DVec2::new(u * c - v * s, u * s + v * c)
            }
        };
        let wander = DVec2::new(
            fbm(seed ^ 0x51, p / 520.0, 2),
            fbm(seed ^ 0x52, p / 520.0, 2),
        );
        p + wander * self.warp_m
    }

    /// Positions and classes of the streets across one direction (0: `u`, 1: `v`).
    #[must_use]
    pub fn lines(&self, direction: usize, rng: &mut Rng) -> Vec<(f64, RoadClass)> {
        let (from, to) = if direction == 0 { self.u } else { self.v };
        let (least, most) = self.spacing[direction];
        let (collector, arterial) = if direction == 0 { (4, 9) } else { (4, 8) };
        let mut lines = Vec::new();
        let (mut at, mut since_collector, mut since_arterial) = (from, 2, 2);
        while at <= to {
            let class = if since_arterial >= arterial {
                since_arterial = 0;
                since_collector = 0;
                RoadClass::Arterial
            } else if since_collector >= collector {
                since_collector = 0;
                RoadClass::Collector
            } else {
                RoadClass::Local
            };
            since_collector += 1;
            since_arterial += 1;
            // The wider a street, the more room it takes from the next block.
            at += rng.range(least, most) + class.half_width_m();
            lines.push((at, class));
        }
        lines
    }
}
