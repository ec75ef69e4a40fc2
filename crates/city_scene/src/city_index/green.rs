//! Green area, and what a plan builds on.

use city_geo::{DVec2, Geodetic, LocalFrame};
use geo::BoundingRect;
use geo_types::{LineString, Polygon};

use super::CityIndex;
use crate::scenario::{Plan, footprint};

impl CityIndex {
    /// Parks, square metres, where the city says them.
    pub fn green_m2(&self) -> Option<f64> {
        let pieces = self.greens.as_ref()?;
        Some(pieces.iter().map(footprint::area_m2).sum())
    }

    /// Parks less what the plan's buildings stand on, square metres. Buildings that stand on each other count each.
    pub fn green_m2_under(&self, plan: &Plan) -> Option<f64> {
        let pieces = self.greens.as_ref()?;
        let taken: f64 = plan
            .added
            .values()
            .flat_map(|added| {
                pieces
                    .iter()
                    .map(|p| overlap_m2(p, &added.building.footprint))
            })
            .sum();
        Some((self.green_m2()? - taken).max(0.0))
    }
}

/// Area that a convex piece shares with an outline, square metres.
fn overlap_m2(piece: &Polygon<f64>, outline: &Polygon<f64>) -> f64 {
    let (Some(a), Some(b)) = (piece.bounding_rect(), outline.bounding_rect()) else {
        return 0.0;
    };
    if a.min().x > b.max().x
        || b.min().x > a.max().x
        || a.min().y > b.max().y
        || b.min().y > a.max().y
    {
        return 0.0;
    }
    let frame = LocalFrame::enu(Geodetic::from_degrees(a.center().x, a.center().y, 0.0));
    let metres = |ring: &LineString<f64>| -> Vec<DVec2> {
        let corners = ring.0.split_last().map_or(&[][..], |(_, rest)| rest);
        corners
            .iter()
            .map(|p| {
                let place = Geodetic::from_degrees(p.x, p.y, 0.0);
                frame.local_from_geodetic(place).truncate()
            })
            .collect()
    };
    let mut knife = metres(piece.exterior());
    if signed_area(&knife) < 0.0 {
        knife.reverse();
    }
    let shared = |ring: &LineString<f64>| signed_area(&cut(metres(ring), &knife)).abs();
    let holes: f64 = outline.interiors().iter().map(shared).sum();
    let area = shared(outline.exterior()) - holes;
    if area.is_finite() { area.max(0.0) } else { 0.0 }
}

/// Sutherland and Hodgman: what of a ring is inside a convex, counter-clockwise one. Parts that come apart stay joined
/// by edges of no width, which have no area.
fn cut(mut ring: Vec<DVec2>, knife: &[DVec2]) -> Vec<DVec2> {
    for (i, from) in knife.iter().enumerate() {
        let along = knife[(i + 1) % knife.len()] - *from;
        let side = |p: DVec2| along.perp_dot(p - *from);
        let mut kept = Vec::with_capacity(ring.len() + 4);
        for (j, p) in ring.iter().enumerate() {
            let next = ring[(j + 1) % ring.len()];
            let (here, there) = (side(*p), side(next));
            if here >= 0.0 {
                kept.push(*p);
            }
            if (here > 0.0 && there < 0.0) || (here < 0.0 && there > 0.0) {
                kept.push(*p + (next - *p) * (here / (here - there)));
            }
        }
        ring = kept;
    }
    ring
}

fn signed_area(ring: &[DVec2]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| a.perp_dot(*b))
        .sum::<f64>()
        / 2.0
}
