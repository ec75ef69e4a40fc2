//! Plane geometry: rings of points without a closing duplicate, metres.

use glam::DVec2;

/// Four corners, counter-clockwise; side 0 runs from corner 0 to corner 1.
pub type Quad = [DVec2; 4];

/// Twice the signed area of a ring is positive when it runs counter-clockwise.
#[must_use]
pub fn signed_area(ring: &[DVec2]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| a.perp_dot(*b))
        .sum::<f64>()
        / 2.0
}

/// Mean of the corners.
#[must_use]
pub fn centre(ring: &[DVec2]) -> DVec2 {
    ring.iter().copied().sum::<DVec2>() / ring.len().max(1) as f64
}

/// Lowest and highest corner of the box around a ring.
#[must_use]
pub fn extent(ring: &[DVec2]) -> (DVec2, DVec2) {
    ring.iter().fold(
        (DVec2::splat(f64::INFINITY), DVec2::splat(f64::NEG_INFINITY)),
        |(low, high), p| (low.min(*p), high.max(*p)),
    )
}

/// The point of a quad at `s` along side 0 and `t` from side 0 to side 2.
#[must_use]
pub fn bilinear(q: &Quad, s: f64, t: f64) -> DVec2 {
    q[0].lerp(q[1], s).lerp(q[3].lerp(q[2], s), t)
}

/// The part of a quad between two fractions in both directions.
#[must_use]
pub fn part(q: &Quad, s: (f64, f64), t: (f64, f64)) -> Quad {
    [
        bilinear(q, s.0, t.0),
        bilinear(q, s.1, t.0),
        bilinear(q, s.1, t.1),
        bilinear(q, s.0, t.1),
    ]
}

/// Moves each side of a quad inwards by its own distance; `None` when nothing of
/// a useful shape is left.
#[must_use]
pub fn inset(q: &Quad, by_m: [f64; 4]) -> Option<Quad> {
    let line = |i: usize| {
        let (a, b) = (q[i], q[(i + 1) % 4]);
        let along = (b - a).normalize_or_zero();
        (a + along.perp() * by_m[i], along)
    };
    let mut corners = [DVec2::ZERO; 4];
    for (i, corner) in corners.iter_mut().enumerate() {
        let ((p, u), (r, v)) = (line((i + 3) % 4), line(i));
        let turn = u.perp_dot(v);
        if turn < 0.25 {
            return None;
        }
        *corner = p + u * ((r - p).perp_dot(v) / turn);
    }
    // A side that turned round was eaten by its neighbours.
    let upright =
        (0..4).all(|i| (corners[(i + 1) % 4] - corners[i]).dot(q[(i + 1) % 4] - q[i]) > 0.0);
    upright.then_some(corners)
}

/// A rectangle around a centre, turned so that its width runs along `axis`.
#[must_use]
pub fn rectangle(centre: DVec2, axis: DVec2, width_m: f64, depth_m: f64) -> Quad {
    let (u, v) = (axis * width_m / 2.0, axis.perp() * depth_m / 2.0);
    [
        centre - u - v,
        centre + u - v,
        centre + u + v,
        centre - u + v,
    ]
}

/// Mean width (sides 0 and 2) and depth (sides 1 and 3) of a quad.
#[must_use]
pub fn size(q: &Quad) -> (f64, f64) {
    let side = |i: usize| (q[(i + 1) % 4] - q[i]).length();
    ((side(0) + side(2)) / 2.0, (side(1) + side(3)) / 2.0)
}

/// The direction of a quad's width.
#[must_use]
pub fn axis(q: &Quad) -> DVec2 {
    (q[1] - q[0] + q[2] - q[3]).normalize_or(DVec2::X)
}

/// Whether a point lies in a ring.
#[must_use]
pub fn contains(ring: &[DVec2], p: DVec2) -> bool {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).fold(false, |inside, (a, b)| {
        inside ^ ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x))
    })
}

/// Distance from a point to a segment.
#[must_use]
pub fn point_segment(p: DVec2, a: DVec2, b: DVec2) -> f64 {
    let along = b - a;
    let t = ((p - a).dot(along) / along.length_squared().max(1e-12)).clamp(0.0, 1.0);
    (p - a - along * t).length()
}

/// Whether two segments cross.
#[must_use]
pub fn segments_cross(a: DVec2, b: DVec2, c: DVec2, d: DVec2) -> bool {
    let side = |p: DVec2, q: DVec2, r: DVec2| (q - p).perp_dot(r - p);
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
}

/// Distance between two segments.
#[must_use]
pub fn segment_segment(a: DVec2, b: DVec2, c: DVec2, d: DVec2) -> f64 {
    if segments_cross(a, b, c, d) {
        return 0.0;
    }
    point_segment(a, c, d)
        .min(point_segment(b, c, d))
        .min(point_segment(c, a, b))
        .min(point_segment(d, a, b))
}

/// Distance from a segment to a filled ring; 0 when they touch.
#[must_use]
pub fn segment_ring(a: DVec2, b: DVec2, ring: &[DVec2]) -> f64 {
    if contains(ring, a) || contains(ring, b) {
        return 0.0;
    }
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(c, d)| segment_segment(a, b, *c, *d))
        .fold(f64::INFINITY, f64::min)
}

/// Whether two convex rings overlap (separating axes over both rings' sides).
#[must_use]
pub fn convex_overlap(a: &[DVec2], b: &[DVec2]) -> bool {
    let separated = |ring: &[DVec2], other: &[DVec2]| {
        (0..ring.len()).any(|i| {
            let normal = -(ring[(i + 1) % ring.len()] - ring[i]).perp();
            let reach = ring
                .iter()
                .map(|p| p.dot(normal))
                .fold(f64::NEG_INFINITY, f64::max);
            other.iter().all(|p| p.dot(normal) >= reach - 1e-6)
        })
    };
    !separated(a, b) && !separated(b, a)
}

/// Cuts corners of an open line twice (Chaikin), keeping its ends.
#[must_use]
pub fn smooth(line: &[DVec2], rounds: u32) -> Vec<DVec2> {
    let mut line = line.to_vec();
    for _ in 0..rounds {
        let (Some(first), Some(last)) = (line.first().copied(), line.last().copied()) else {
            return line;
        };
        let mut next = vec![first];
        for pair in line.windows(2) {
            next.push(pair[0].lerp(pair[1], 0.25));
            next.push(pair[0].lerp(pair[1], 0.75));
        }
        next.push(last);
        line = next;
    }
    line
}

/// An open line with no step longer than this.
#[must_use]
pub fn densified(line: &[DVec2], step_m: f64) -> Vec<DVec2> {
    let mut dense: Vec<DVec2> = line.first().copied().into_iter().collect();
    for w in line.windows(2) {
        let count = ((w[1] - w[0]).length() / step_m).ceil().max(1.0);
        dense.extend((1..=count as usize).map(|i| w[0].lerp(w[1], i as f64 / count)));
    }
    dense
}

/// Length of an open line, metres.
#[must_use]
pub fn length(line: &[DVec2]) -> f64 {
    line.windows(2).map(|w| (w[1] - w[0]).length()).sum()
}

/// The point a distance along an open line, and the direction there.
#[must_use]
pub fn along(line: &[DVec2], distance_m: f64) -> (DVec2, DVec2) {
    let mut left = distance_m.max(0.0);
    let mut last = (line.last().copied().unwrap_or_default(), DVec2::X);
    for w in line.windows(2) {
        let way = w[1] - w[0];
        let d = way.length();
        if d < 1e-9 {
            continue;
        }
        if left <= d {
            return (w[0] + way * (left / d), way / d);
        }
        left -= d;
        last = (w[1], way / d);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: Quad = [
        DVec2::new(0.0, 0.0),
        DVec2::new(10.0, 0.0),
        DVec2::new(10.0, 6.0),
        DVec2::new(0.0, 6.0),
    ];

    #[test]
    fn insets_move_each_side_by_its_own_distance() {
        let q = inset(&UNIT, [1.0, 2.0, 1.0, 3.0]).unwrap();
        assert!((q[0] - DVec2::new(3.0, 1.0)).length() < 1e-12);
        assert!((q[2] - DVec2::new(8.0, 5.0)).length() < 1e-12);
        assert!(inset(&UNIT, [4.0; 4]).is_none());
    }

    #[test]
    fn overlap_and_distance_agree_with_a_drawing() {
        let r = rectangle(DVec2::new(5.0, 3.0), DVec2::X, 2.0, 2.0);
        assert!(signed_area(&r) > 0.0);
        assert!(convex_overlap(&UNIT, &r));
        let right = rectangle(DVec2::new(12.0, 3.0), DVec2::X, 2.0, 2.0);
        assert!(!convex_overlap(&UNIT, &right));
        assert_eq!(
            segment_ring(DVec2::new(12.0, -5.0), DVec2::new(12.0, 9.0), &UNIT),
            2.0
        );
        assert_eq!(
            segment_ring(DVec2::new(5.0, -5.0), DVec2::new(5.0, 9.0), &UNIT),
            0.0
        );
    }

    #[test]
    fn walking_a_line_finds_its_points() {
        let line = [DVec2::ZERO, DVec2::new(3.0, 0.0), DVec2::new(3.0, 4.0)];
        assert_eq!(length(&line), 7.0);
        assert_eq!(along(&line, 5.0), (DVec2::new(3.0, 2.0), DVec2::Y));
        assert!(length(&smooth(&line, 2)) < 7.0);
    }
}
