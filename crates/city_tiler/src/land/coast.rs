//! The coastline: two shores, drawn by hand, roughened where nature made it.
//!
//! Reclaimed quays stay straight; natural shores are subdivided with noise. The
//! signed distance to the coast is the field that everything else hangs on: it
//! clips the ground mesh, flattens quays and keeps buildings out of the water.

use glam::DVec2;

use crate::rng::{Rng, hash};

/// A point of a shore and whether the way to the next one is a built quay.
type Shore = [(f64, f64, bool)];

const Q: bool = true;
const N: bool = false;

/// The island in the south, clockwise from its western tip.
const ISLAND: &Shore = &[
    (-6350.0, -1750.0, N),
    (-6150.0, -1250.0, N),
    (-5750.0, -960.0, Q),
    (-5150.0, -800.0, Q),
    (-4550.0, -790.0, Q),
    (-4480.0, -690.0, Q),
    (-3950.0, -690.0, Q),
    (-3300.0, -560.0, Q),
    (-2450.0, -430.0, Q),
    (-1620.0, -410.0, Q),
    (-1560.0, -300.0, Q),
    (-1060.0, -300.0, Q),
    (-980.0, -370.0, Q),
    (-380.0, -360.0, Q),
    (-330.0, -230.0, Q),
    (250.0, -230.0, Q),
    (320.0, -350.0, Q),
    (760.0, -390.0, Q),
    (860.0, -560.0, Q),
    (1450.0, -600.0, Q),
    (1560.0, -470.0, Q),
    (2300.0, -420.0, Q),
    (3100.0, -320.0, Q),
    (3900.0, -300.0, Q),
    (4600.0, -390.0, Q),
    (5150.0, -560.0, Q),
    (5600.0, -800.0, N),
    (6050.0, -1150.0, N),
    (6300.0, -1750.0, N),
    (6050.0, -2350.0, N),
    (5500.0, -2550.0, N),
    (5650.0, -3100.0, N),
    (5950.0, -3700.0, N),
    (5500.0, -4250.0, N),
    (5050.0, -3900.0, N),
    (4800.0, -3250.0, N),
    (4250.0, -3350.0, N),
    (4150.0, -4050.0, N),
    (3700.0, -4500.0, N),
    (3250.0, -4150.0, N),
    (3050.0, -3500.0, N),
    (2350.0, -3400.0, N),
    (1900.0, -3750.0, N),
    (1650.0, -4400.0, N),
    (1000.0, -4650.0, N),
    (480.0, -4350.0, N),
    (350.0, -3750.0, Q),
    (-250.0, -3520.0, Q),
    (-800.0, -3650.0, N),
    (-1250.0, -4050.0, N),
    (-1950.0, -4200.0, N),
    (-2450.0, -3800.0, N),
    (-3150.0, -3550.0, N),
    (-3950.0, -3600.0, N),
    (-4550.0, -3250.0, N),
    (-5250.0, -2950.0, N),
    (-5650.0, -2450.0, N),
    (-6100.0, -2250.0, N),
];

/// The mainland with its peninsula, port and old runway, from the west.
const MAINLAND: &Shore = &[
    (-30000.0, 9000.0, N),
    (-16000.0, 7000.0, N),
    (-10500.0, 4600.0, N),
    (-8200.0, 3500.0, N),
    (-6900.0, 2900.0, N),
    (-6150.0, 2650.0, Q),
    (-5900.0, 1750.0, Q),
    (-4050.0, 1420.0, Q),
    (-3930.0, 1950.0, Q),
    (-3150.0, 2080.0, Q),
    (-3080.0, 1450.0, Q),
    (-2500.0, 1300.0, Q),
    (-2330.0, 620.0, Q),
    (-1950.0, 370.0, Q),
    (-1420.0, 330.0, Q),
    (-1360.0, 470.0, Q),
    (-760.0, 440.0, Q),
    (-700.0, 290.0, Q),
    (-260.0, 210.0, Q),
    (330.0, 190.0, Q),
    (450.0, 330.0, Q),
    (980.0, 470.0, Q),
    (1450.0, 760.0, Q),
    (1850.0, 1250.0, Q),
    (2450.0, 1330.0, Q),
    (3880.0, 460.0, Q),
    (4080.0, 800.0, Q),
    (2920.0, 1560.0, Q),
    (3230.0, 1720.0, Q),
    (4350.0, 1090.0, Q),
    (4980.0, 800.0, Q),
    (5350.0, 560.0, N),
    (5750.0, 260.0, N),
    (6200.0, 60.0, N),
    (6600.0, 160.0, N),
    (7200.0, 560.0, N),
    (8300.0, 420.0, N),
    (9800.0, 1600.0, N),
    (12500.0, 900.0, N),
    (16000.0, 2800.0, N),
    (30000.0, 3000.0, N),
    (30000.0, 30000.0, N),
    (-30000.0, 30000.0, N),
];

/// Islets and the far islands that close the view: centre and radii.
const ISLETS: [(f64, f64, f64, f64); 9] = [
    (-4700.0, 420.0, 330.0, 190.0),
    (4500.0, -4650.0, 260.0, 170.0),
    (-900.0, -4780.0, 240.0, 130.0),
    (-10500.0, -900.0, 1900.0, 1200.0),
    (-9300.0, -6200.0, 2100.0, 1500.0),
    (-14500.0, -3600.0, 3500.0, 2500.0),
    (600.0, -9800.0, 1700.0, 900.0),
    (10500.0, -4300.0, 1500.0, 1900.0),
    (13500.0, -8300.0, 1300.0, 900.0),
];

/// One closed ring of the coast, with its bounding box.
#[derive(Debug, Clone)]
struct Ring {
    points: Vec<DVec2>,
    /// Whether the way from each point to the next is a built quay.
    quay: Vec<bool>,
}

/// A piece of the coast, binned for fast look-up.
#[derive(Debug, Clone, Copy)]
struct Segment {
    a: DVec2,
    b: DVec2,
    quay: bool,
}

/// The coast of the whole demo world.
#[derive(Debug, Clone)]
pub struct Coast {
    rings: Vec<Ring>,
    segments: Vec<Segment>,
    bins: Vec<Vec<u32>>,
    /// The segments that touch each row of bins.
    rows: Vec<Vec<u32>>,
}

/// Bins cover the demo city and its surroundings; further out is brute force.
const BIN_M: f64 = 250.0;
const BINS_X: i64 = 80;
const BINS_Y: i64 = 64;

/// What the coast is like near a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// Distance to the coast, metres; positive on land.
    pub signed_m: f64,
    /// Whether the nearest shore is a built quay.
    pub quay: bool,
}

fn roughen(shore: &Shore, seed: u64) -> Ring {
    let (mut points, mut quay) = (Vec::new(), Vec::new());
    for (i, &(x, y, built)) in shore.iter().enumerate() {
        let (nx, ny, _) = shore[(i + 1) % shore.len()];
        let (a, b) = (DVec2::new(x, y), DVec2::new(nx, ny));
        let mut way = vec![a, b];
        // Midpoint displacement down to some 25 m on natural shores near the city.
        let near = a.abs().max_element() < 9500.0;
        let mut rng = Rng::new(&[seed, i as u64]);
        while !built && near && way.len() > 1 && (way[0] - way[1]).length() > 30.0 {
            let mut finer = Vec::with_capacity(way.len() * 2);
            for pair in way.windows(2) {
                let (p, q) = (pair[0], pair[1]);
                let reach = (p - q).length() * 0.22;
                finer.push(p);
                finer.push(
                    (p + q) / 2.0 + (q - p).perp().normalize_or_zero() * rng.bell(0.0, reach * 0.6),
                );
            }
            finer.push(b);
            way = finer;
        }
        way.pop();
        quay.extend(way.iter().map(|_| built));
        points.extend(way);
    }
    Ring { points, quay }
}

fn islet(index: usize, (x, y, rx, ry): (f64, f64, f64, f64), seed: u64) -> Ring {
    let count = 96;
    let points = (0..count).map(|i| {
        let angle = f64::from(i) / f64::from(count) * std::f64::consts::TAU;
        let (s, c) = (libm::sin(angle), libm::cos(angle));
        let around = DVec2::new(c, s) * 2.2 + DVec2::splat(index as f64 * 17.3);
        let r = 1.0 + 0.35 * crate::noise::fbm(seed, around, 4);
        DVec2::new(x + rx * r * c, y + ry * r * s)
    });
    Ring {
        points: points.collect(),
        quay: vec![false; count as usize],
    }
}

fn distance_to(p: DVec2, s: &Segment) -> f64 {
    let along = s.b - s.a;
    let t = ((p - s.a).dot(along) / along.length_squared().max(1e-9)).clamp(0.0, 1.0);
    (p - s.a - along * t).length()
}

fn bin_of(p: DVec2) -> (i64, i64) {
    (
        (p.x / BIN_M).floor() as i64 + BINS_X / 2,
        (p.y / BIN_M).floor() as i64 + BINS_Y / 2,
    )
}

impl Coast {
    /// The coast for a seed. Its shape is drawn; only its roughness is drawn by lot.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rings = vec![
            roughen(ISLAND, hash(&[seed, 0xC0A5])),
            roughen(MAINLAND, hash(&[seed, 0xC0A6])),
        ];
        for (index, shape) in ISLETS.into_iter().enumerate() {
            rings.push(islet(index, shape, hash(&[seed, 0xC0A7])));
        }
        let mut coast = Self {
            rings,
            segments: Vec::new(),
            bins: vec![Vec::new(); (BINS_X * BINS_Y) as usize],
            rows: vec![Vec::new(); BINS_Y as usize],
        };
        for ring in &coast.rings {
            let n = ring.points.len();
            for i in 0..n {
                coast.segments.push(Segment {
                    a: ring.points[i],
                    b: ring.points[(i + 1) % n],
                    quay: ring.quay[i],
                });
            }
        }
        for (index, segment) in coast.segments.iter().enumerate() {
            let (a, b) = (
                bin_of(segment.a.min(segment.b)),
                bin_of(segment.a.max(segment.b)),
            );
            for y in a.1.max(0)..=b.1.min(BINS_Y - 1) {
                coast.rows[y as usize].push(index as u32);
                for x in a.0.max(0)..=b.0.min(BINS_X - 1) {
                    coast.bins[(y * BINS_X + x) as usize].push(index as u32);
                }
            }
        }
        coast
    }

    /// The built quays, piece by piece.
    pub fn quays(&self) -> impl Iterator<Item = (DVec2, DVec2)> + '_ {
        self.segments.iter().filter(|s| s.quay).map(|s| (s.a, s.b))
    }

    /// Whether a point is land (even-odd over all rings).
    #[must_use]
    pub fn is_land(&self, p: DVec2) -> bool {
        let crosses = |s: &Segment| {
            (s.a.y > p.y) != (s.b.y > p.y)
                && p.x < s.a.x + (p.y - s.a.y) / (s.b.y - s.a.y) * (s.b.x - s.a.x)
        };
        let row = usize::try_from(bin_of(p).1)
            .ok()
            .and_then(|y| self.rows.get(y));
        let count = match row {
            Some(row) => row
                .iter()
                .filter(|i| crosses(&self.segments[**i as usize]))
                .count(),
            None => self.segments.iter().filter(|s| crosses(s)).count(),
        };
        count % 2 == 1
    }

    /// The nearest shore.
    #[must_use]
    pub fn near(&self, p: DVec2) -> Near {
        let sign = if self.is_land(p) { 1.0 } else { -1.0 };
        let (distance_m, quay) = self.nearest_binned(p).unwrap_or_else(|| {
            self.segments
                .iter()
                .fold((f64::INFINITY, false), |best, s| nearer(best, p, s))
        });
        Near {
            signed_m: sign * distance_m,
            quay,
        }
    }

    /// Looks ring by ring through the bins; `None` outside them or far off shore.
    fn nearest_binned(&self, p: DVec2) -> Option<(f64, bool)> {
        let (bx, by) = bin_of(p);
        if !(0..BINS_X).contains(&bx) || !(0..BINS_Y).contains(&by) {
            return None;
        }
        let mut best = (f64::INFINITY, false);
        for ring in 0_i64..24 {
            for y in by - ring..=by + ring {
                let whole_row = (y - by).abs() == ring;
                let step = if whole_row || ring == 0 { 1 } else { 2 * ring };
                for x in (bx - ring..=bx + ring).step_by(step as usize) {
                    if (0..BINS_X).contains(&x) && (0..BINS_Y).contains(&y) {
                        for index in &self.bins[(y * BINS_X + x) as usize] {
                            best = nearer(best, p, &self.segments[*index as usize]);
                        }
                    }
                }
            }
            // Nothing in the rings not yet seen can be nearer than this. Beyond the bins lies coast that they
            // do not hold, so near their border only the full search knows.
            if best.0 <= ring as f64 * BIN_M {
                let inside = bx >= ring && by >= ring && bx + ring < BINS_X && by + ring < BINS_Y;
                return inside.then_some(best);
            }
        }
        None
    }
}

fn nearer(best: (f64, bool), p: DVec2, segment: &Segment) -> (f64, bool) {
    let distance_m = distance_to(p, segment);
    if distance_m < best.0 {
        (distance_m, segment.quay)
    } else {
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_harbour_lies_between_two_shores() {
        let coast = Coast::new(1);
        assert!(coast.is_land(DVec2::new(0.0, -1000.0)), "island");
        assert!(!coast.is_land(DVec2::new(0.0, 0.0)), "harbour");
        assert!(coast.is_land(DVec2::new(0.0, 1500.0)), "peninsula");
        assert!(!coast.is_land(DVec2::new(-3000.0, -5000.0)), "open sea");
        let quay = coast.near(DVec2::new(0.0, -250.0));
        assert!(quay.quay);
        assert!((quay.signed_m - 20.0).abs() < 1e-9);
        assert!((coast.near(DVec2::new(0.0, -200.0)).signed_m + 30.0).abs() < 1e-9);
    }

    #[test]
    fn bins_and_brute_force_agree() {
        let coast = Coast::new(9);
        let mut rng = Rng::new(&[5]);
        for _ in 0..300 {
            let p = DVec2::new(rng.range(-9000.0, 9000.0), rng.range(-7500.0, 7500.0));
            let brute = coast
                .segments
                .iter()
                .fold((f64::INFINITY, false), |best, s| nearer(best, p, s));
            assert_eq!(coast.near(p).signed_m.abs(), brute.0, "{p}");
        }
    }
}
