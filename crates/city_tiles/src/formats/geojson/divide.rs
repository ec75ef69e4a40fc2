//! Triangles and lines cut fine enough to follow the ground and the Earth's curve.

use std::collections::HashMap;

/// Halves every edge longer than `max_edge` until none is left or there are `max_triangles`.
/// Neighbours stay joined: whether an edge is halved depends on the edge alone.
pub(super) fn triangles(
    points: &mut Vec<[f64; 2]>,
    indices: &mut Vec<u32>,
    max_edge: f64,
    max_triangles: usize,
) {
    // 2^20 halvings of the Earth's girth are less than 40 m: more passes are never needed.
    for _ in 0..20 {
        if indices.len() / 3 >= max_triangles {
            return;
        }
        let mut middles: HashMap<(u32, u32), u32> = HashMap::new();
        let mut next = Vec::with_capacity(indices.len() * 2);
        for corner in indices.chunks_exact(3) {
            let &[a, b, c] = corner else { continue };
            let mut middle = |a: u32, b: u32| {
                let (pa, pb) = (*points.get(a as usize)?, *points.get(b as usize)?);
                if distance(pa, pb) <= max_edge {
                    return None;
                }
                Some(*middles.entry((a.min(b), a.max(b))).or_insert_with(|| {
                    points.push([(pa[0] + pb[0]) * 0.5, (pa[1] + pb[1]) * 0.5]);
                    points.len() as u32 - 1
                }))
            };
            let halves = [middle(a, b), middle(b, c), middle(c, a)];
            match halves {
                [None, None, None] => next.extend([a, b, c]),
                [Some(ab), Some(bc), Some(ca)] => {
                    next.extend([a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca]);
                }
                [Some(ab), None, None] => next.extend([a, ab, c, ab, b, c]),
                [None, Some(bc), None] => next.extend([b, bc, a, bc, c, a]),
                [None, None, Some(ca)] => next.extend([c, ca, b, ca, a, b]),
                [Some(ab), Some(bc), None] => next.extend([ab, b, bc, a, ab, bc, a, bc, c]),
                [None, Some(bc), Some(ca)] => next.extend([bc, c, ca, b, bc, ca, b, ca, a]),
                [Some(ab), None, Some(ca)] => next.extend([ca, a, ab, c, ca, ab, c, ab, b]),
            }
        }
        let done = next.len() == indices.len();
        *indices = next;
        if done {
            return;
        }
    }
}

/// The points between two ends, without the first, in the places where [`triangles`] halves.
pub(super) fn segment(a: [f64; 2], b: [f64; 2], max_edge: f64) -> impl Iterator<Item = [f64; 2]> {
    let mut parts = 1u32;
    let length = distance(a, b);
    while length / f64::from(parts) > max_edge && parts < 1 << 20 {
        parts *= 2;
    }
    (1..=parts).map(move |part| {
        if part == parts {
            return b;
        }
        let share = f64::from(part) / f64::from(parts);
        [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]
    })
}

pub(super) fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn area(points: &[[f64; 2]], indices: &[u32]) -> f64 {
        indices
            .chunks_exact(3)
            .map(|t| {
                let [a, b, c] = [t[0], t[1], t[2]].map(|i| points[i as usize]);
                ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) * 0.5
            })
            .sum()
    }

    proptest! {
        #[test]
        fn the_area_stays_and_edges_get_short(
            corners in prop::array::uniform3(prop::array::uniform2(-100.0..100.0f64)),
            max_edge in 5.0..60.0f64,
        ) {
            let mut points = corners.to_vec();
            let mut indices = vec![0, 1, 2];
            let before = area(&points, &indices);
            triangles(&mut points, &mut indices, max_edge, usize::MAX);
            prop_assert!((area(&points, &indices) - before).abs() < 1e-6 * (1.0 + before.abs()));
            for t in indices.chunks_exact(3) {
                for (a, b) in [(0, 1), (1, 2), (2, 0)] {
                    prop_assert!(distance(points[t[a] as usize], points[t[b] as usize]) <= max_edge);
                }
            }
        }

        #[test]
        fn a_segment_ends_where_it_should(
            a in prop::array::uniform2(-100.0..100.0f64),
            b in prop::array::uniform2(-100.0..100.0f64),
            max_edge in 0.1..60.0f64,
        ) {
            let points: Vec<_> = segment(a, b, max_edge).collect();
            prop_assert_eq!(points.last(), Some(&b));
            let mut before = a;
            for point in points {
                prop_assert!(distance(before, point) <= max_edge * (1.0 + 1e-9));
                before = point;
            }
        }
    }

    #[test]
    fn neighbours_share_their_middles() {
        let mut points = vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]];
        let mut indices = vec![0, 1, 2, 0, 2, 3];
        triangles(&mut points, &mut indices, 8.0, usize::MAX);
        let mut seen: Vec<[u64; 2]> = points.iter().map(|p| p.map(f64::to_bits)).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), points.len(), "no point is there twice");
    }
}
