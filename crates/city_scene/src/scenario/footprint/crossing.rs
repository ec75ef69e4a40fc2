//! Where an outline crosses itself.

use std::fmt;

use geo::line_intersection::{LineIntersection, line_intersection};
use geo_types::{Coord, Line, LineString, Polygon};

/// Two sides of one ring that meet where they must not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// The ring: 0 is the outline, 1 and up its holes.
    pub ring: usize,
    /// One side: from this corner to the next; corners are counted from 0.
    pub first: usize,
    /// The other side, likewise.
    pub second: usize,
    /// Where they meet, degrees.
    pub at: Coord<f64>,
}

impl fmt::Display for Crossing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ring > 0 {
            write!(f, "in hole {}, ", self.ring)?;
        }
        write!(
            f,
            "the side after corner {} meets the side after corner {} at {:.6}, {:.6}",
            self.first + 1,
            self.second + 1,
            self.at.x,
            self.at.y
        )
    }
}

/// All pairs of sides that meet where they must not. Sides that follow each other may meet in their common corner;
/// corners that come twice in a row count once.
pub fn crossings(polygon: &Polygon<f64>) -> Vec<Crossing> {
    std::iter::once(polygon.exterior())
        .chain(polygon.interiors())
        .enumerate()
        .flat_map(|(index, ring)| in_ring(index, ring))
        .collect()
}

fn in_ring(ring_index: usize, ring: &LineString<f64>) -> Vec<Crossing> {
    let sides: Vec<(usize, Line<f64>)> = ring
        .lines()
        .enumerate()
        .filter(|(_, side)| side.start != side.end)
        .collect();
    let mut found = Vec::new();
    for (i, (first, a)) in sides.iter().enumerate() {
        for (j, (second, b)) in sides.iter().enumerate().skip(i + 1) {
            if apart(a, b) {
                continue;
            }
            let neighbours = j == i + 1 || (i == 0 && j + 1 == sides.len());
            let at = match line_intersection(*a, *b) {
                Some(LineIntersection::Collinear { intersection }) if neighbours => {
                    // A side that runs back over the one before; touching in the corner is a point.
                    (intersection.start != intersection.end).then_some(intersection.start)
                }
                Some(LineIntersection::Collinear { intersection }) => Some(intersection.start),
                Some(LineIntersection::SinglePoint { intersection, .. }) => {
                    (!neighbours).then_some(intersection)
                }
                None => None,
            };
            if let Some(at) = at {
                found.push(Crossing {
                    ring: ring_index,
                    first: *first,
                    second: *second,
                    at,
                });
            }
        }
    }
    found
}

/// Whether the boxes round two sides are apart, which is so for nearly all pairs and quick to see.
fn apart(a: &Line<f64>, b: &Line<f64>) -> bool {
    let apart_in =
        |a0: f64, a1: f64, b0: f64, b1: f64| a0.max(a1) < b0.min(b1) || b0.max(b1) < a0.min(a1);
    apart_in(a.start.x, a.end.x, b.start.x, b.end.x)
        || apart_in(a.start.y, a.end.y, b.start.y, b.end.y)
}
