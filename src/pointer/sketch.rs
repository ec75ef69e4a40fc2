//! An outline that is being drawn, as lines.

use std::sync::Arc;

use glam::DVec3;

use crate::render::{LineSegment, LineSet};

/// The accent, linear.
const LINE: [u8; 4] = [20, 94, 255, 255];
const CLOSING: [u8; 4] = [20, 94, 255, 110];

/// Corners (local frame) as points with sides between them, and a fainter one that would close them; none without a
/// corner.
pub(crate) fn sketch(corners: &[DVec3]) -> Option<LineSet> {
    let (origin, last) = (*corners.first()?, *corners.last()?);
    let at = |corner: DVec3| (corner - origin).as_vec3().to_array();
    let line = |a, b, width_px, color| LineSegment {
        a: at(a),
        width_px,
        b: at(b),
        color,
    };
    // A segment of no length is a point.
    let points = corners
        .iter()
        .map(|corner| line(*corner, *corner, 9.0, LINE));
    let sides = corners.windows(2);
    let sides = sides.filter_map(|pair| Some(line(*pair.first()?, *pair.last()?, 3.0, LINE)));
    let mut segments: Vec<LineSegment> = points.chain(sides).collect();
    if corners.len() > 2 {
        segments.push(line(last, origin, 3.0, CLOSING));
    }
    Some(LineSet {
        origin,
        segments: Arc::new(segments),
        opacity: 1.0,
        pull: 0.002,
        through: true,
    })
}
