//! Cutting parts of a scene away: by planes, and by outlines on the ground.
//!
//! One definition decides for points and for boxes; the shader `clip.wgsl` repeats it for pixels.

use glam::{DMat4, DVec2, DVec3};

/// A clip has no more planes than this: six make a box.
pub const MAX_CLIP_PLANES: usize = 6;
/// The corners of all outlines together: what a shader looks through for each pixel near one.
pub const MAX_CLIP_CORNERS: usize = 256;

/// A plane, in the frame of its clip (metres): `normal · p + offset_m` is how far inside what stays a point lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClipPlane {
    /// Unit vector toward what stays.
    pub normal: DVec3,
    /// Metres.
    pub offset_m: f64,
}

impl ClipPlane {
    /// The plane through a point whose normal points at what stays.
    pub fn through(point: DVec3, normal: DVec3) -> Self {
        Self {
            normal,
            offset_m: -normal.dot(point),
        }
    }

    /// How far inside what stays a point lies, metres; negative where it is cut off.
    pub fn side_m(&self, point: DVec3) -> f64 {
        self.normal.dot(point) + self.offset_m
    }
}

/// Outlines seen from above, along the up of one place: walls without end above and below their edges.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlines {
    /// The place, in the clip's frame.
    pub origin: DVec3,
    /// Unit vector east of the place.
    pub east: DVec3,
    /// Unit vector north of it.
    pub north: DVec3,
    /// Edges in metres east and north of the place; rings run anticlockwise.
    pub edges: Vec<[DVec2; 2]>,
    /// The lower left and the upper right corner of all edges.
    pub bounds: [DVec2; 2],
    /// What lies inside stays; otherwise what lies outside.
    pub keeps_inside: bool,
}

impl Outlines {
    /// Outlines with these rings of corners. None where no ring has three corners.
    pub fn new(
        [origin, east, north]: [DVec3; 3],
        rings: &[Vec<DVec3>],
        keeps_inside: bool,
    ) -> Option<Self> {
        let mut outlines = Self {
            origin,
            east,
            north,
            edges: Vec::new(),
            bounds: [DVec2::INFINITY, DVec2::NEG_INFINITY],
            keeps_inside,
        };
        for ring in rings.iter().filter(|ring| ring.len() >= 3) {
            let mut corners: Vec<DVec2> = ring.iter().map(|p| outlines.plan(*p)).collect();
            if twice_area(&corners) < 0.0 {
                // All turn the same way, so that windings of rings that overlap add up and never cancel.
                corners.reverse();
            }
            let next = corners.iter().cycle().skip(1);
            let edges = corners.iter().zip(next).map(|(a, b)| [*a, *b]);
            outlines.edges.extend(edges.take(corners.len()));
            for corner in &corners {
                outlines.bounds[0] = outlines.bounds[0].min(*corner);
                outlines.bounds[1] = outlines.bounds[1].max(*corner);
            }
        }
        (!outlines.edges.is_empty()).then_some(outlines)
    }

    /// A point from above: metres east and north of the place.
    pub fn plan(&self, point: DVec3) -> DVec2 {
        let from = point - self.origin;
        DVec2::new(from.dot(self.east), from.dot(self.north))
    }

    /// Whether a point of the plan lies inside of any ring.
    pub fn contains(&self, at: DVec2) -> bool {
        let [low, high] = self.bounds;
        if at.cmplt(low).any() || at.cmpgt(high).any() {
            return false;
        }
        let mut winding = 0;
        for [a, b] in &self.edges {
            let left = (*b - *a).perp_dot(at - *a);
            if a.y <= at.y && b.y > at.y && left > 0.0 {
                winding += 1;
            } else if a.y > at.y && b.y <= at.y && left < 0.0 {
                winding -= 1;
            }
        }
        winding != 0
    }

    /// What stays of a rectangle of the plan.
    fn share_of(&self, middle: DVec2, half: DVec2) -> Share {
        let [low, high] = self.bounds;
        let apart = (middle + half).cmplt(low).any() || (middle - half).cmpgt(high).any();
        if !apart && self.edges.iter().any(|edge| meets(*edge, middle, half)) {
            return Share::Part;
        }
        if self.contains(middle) == self.keeps_inside {
            Share::All
        } else {
            Share::None
        }
    }
}

/// What stays of a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Share {
    /// Nothing.
    None,
    /// Some of it, or it is not known.
    Part,
    /// All of it.
    All,
}

/// What is cut away of a scene. Without planes and outlines nothing is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Clip {
    /// Planes.
    pub planes: Vec<ClipPlane>,
    /// Only what all planes cut off is cut away; otherwise what any of them cuts off.
    pub together: bool,
    /// Outlines, which cut beside the planes.
    pub outlines: Option<Outlines>,
}

impl Clip {
    /// Whether nothing is cut away.
    pub fn is_empty(&self) -> bool {
        self.planes.is_empty() && self.outlines.is_none()
    }

    /// Whether a point stays.
    pub fn keeps(&self, point: DVec3) -> bool {
        let sides = self.planes.iter().map(|plane| plane.side_m(point) >= 0.0);
        let outlined =
            |outlines: &Outlines| outlines.contains(outlines.plan(point)) == outlines.keeps_inside;
        self.by_planes(sides, true, |a, b| a && b, |a, b| a || b)
            && self.outlines.as_ref().is_none_or(outlined)
    }

    /// What stays of an upright box between two corners of a frame of its own.
    pub fn share_of_box(&self, clip_from_box: &DMat4, low: DVec3, high: DVec3) -> Share {
        let (middle, half) = ((low + high) * 0.5, (high - low) * 0.5);
        let middle = clip_from_box.transform_point3(middle);
        let axes = [
            clip_from_box.x_axis.truncate() * half.x,
            clip_from_box.y_axis.truncate() * half.y,
            clip_from_box.z_axis.truncate() * half.z,
        ];
        let reach =
            |direction: DVec3| -> f64 { axes.iter().map(|axis| axis.dot(direction).abs()).sum() };
        if !middle.is_finite() || !reach(DVec3::ONE).is_finite() {
            return Share::Part;
        }
        let sides = self.planes.iter().map(|plane| {
            let (side_m, reach_m) = (plane.side_m(middle), reach(plane.normal));
            match () {
                () if side_m >= reach_m => Share::All,
                () if side_m < -reach_m => Share::None,
                () => Share::Part,
            }
        });
        let by_planes = self.by_planes(sides, Share::All, Share::min, Share::max);
        let by_outlines = self.outlines.as_ref().map_or(Share::All, |outlines| {
            let half = DVec2::new(reach(outlines.east), reach(outlines.north));
            outlines.share_of(outlines.plan(middle), half)
        });
        by_planes.min(by_outlines)
    }

    /// What the planes say together; `without` where there is none.
    fn by_planes<T>(
        &self,
        sides: impl Iterator<Item = T>,
        without: T,
        any: impl Fn(T, T) -> T,
        all: impl Fn(T, T) -> T,
    ) -> T {
        sides
            .reduce(|a, b| if self.together { all(a, b) } else { any(a, b) })
            .unwrap_or(without)
    }
}

fn twice_area(ring: &[DVec2]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    let pairs = ring.iter().zip(next);
    pairs.map(|(a, b)| a.perp_dot(*b)).sum()
}

/// Whether a segment touches a rectangle (Liang and Barsky, 1984).
fn meets([a, b]: [DVec2; 2], middle: DVec2, half: DVec2) -> bool {
    let along = b - a;
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for axis in 0..2 {
        let (low, high) = (middle[axis] - half[axis], middle[axis] + half[axis]);
        if along[axis].abs() < 1e-12 {
            if a[axis] < low || a[axis] > high {
                return false;
            }
            continue;
        }
        let (s, t) = (
            (low - a[axis]) / along[axis],
            (high - a[axis]) / along[axis],
        );
        enter = enter.max(s.min(t));
        leave = leave.min(s.max(t));
    }
    enter <= leave
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AXES: [DVec3; 3] = [DVec3::ZERO, DVec3::X, DVec3::Y];

    fn ring(corners: &[[f64; 2]]) -> Vec<DVec3> {
        let corner = |[x, y]: &[f64; 2]| DVec3::new(*x, *y, 3.0);
        corners.iter().map(corner).collect()
    }

    fn square(side: f64) -> Vec<DVec3> {
        ring(&[[0.0, 0.0], [side, 0.0], [side, side], [0.0, side]])
    }

    fn outlined(rings: &[Vec<DVec3>], keeps_inside: bool) -> Clip {
        Clip {
            outlines: Outlines::new(AXES, rings, keeps_inside),
            ..Clip::default()
        }
    }

    #[test]
    fn a_plane_keeps_the_side_that_its_normal_points_at() {
        let above = ClipPlane::through(DVec3::new(5.0, 5.0, 10.0), DVec3::Z);
        let east = ClipPlane::through(DVec3::X * 2.0, DVec3::X);
        let mut clip = Clip {
            planes: vec![above, east],
            ..Clip::default()
        };
        let kept = |clip: &Clip| {
            [[9.0, 20.0], [9.0, 0.0], [0.0, 20.0], [0.0, 0.0]]
                .map(|[x, z]| clip.keeps(DVec3::new(x, 0.0, z)))
        };
        assert_eq!(kept(&clip), [true, false, false, false]);
        clip.together = true;
        assert_eq!(kept(&clip), [true, true, true, false]);
        assert!(Clip::default().keeps(DVec3::ZERO));
    }

    #[test]
    fn outlines_cut_inside_or_outside_whatever_way_they_turn_and_where_they_overlap() {
        let mut turned = square(10.0);
        turned.reverse();
        for rings in [
            vec![square(10.0)],
            vec![turned.clone()],
            vec![square(10.0), turned],
        ] {
            let clip = outlined(&rings, false);
            assert!(!clip.keeps(DVec3::new(5.0, 5.0, -40.0)));
            assert!(clip.keeps(DVec3::new(15.0, 5.0, 0.0)));
            let clip = outlined(&rings, true);
            assert!(clip.keeps(DVec3::new(5.0, 5.0, 400.0)));
            assert!(!clip.keeps(DVec3::new(-0.1, 5.0, 0.0)));
        }
        let bay = ring(&[
            [0.0, 0.0],
            [30.0, 0.0],
            [30.0, 30.0],
            [15.0, 5.0],
            [0.0, 30.0],
        ]);
        let clip = outlined(&[bay], false);
        assert!(clip.keeps(DVec3::new(15.0, 20.0, 0.0)), "in the bay");
        assert!(!clip.keeps(DVec3::new(2.0, 20.0, 0.0)));
        assert!(Outlines::new(AXES, &[ring(&[[0.0, 0.0], [1.0, 1.0]])], true).is_none());
    }

    #[test]
    fn a_box_is_told_as_a_whole_where_that_is_sure() {
        let clip = outlined(&[square(100.0)], false);
        let share = |x: f64, half: f64| {
            let half = DVec3::splat(half);
            let middle = DVec3::new(x, 50.0, 0.0);
            clip.share_of_box(&DMat4::from_translation(middle), -half, half)
        };
        assert_eq!(share(50.0, 10.0), Share::None);
        assert_eq!(share(50.0, 400.0), Share::Part, "an outline within the box");
        assert_eq!(share(95.0, 10.0), Share::Part);
        assert_eq!(share(200.0, 10.0), Share::All);
        assert_eq!(share(f64::NAN, 10.0), Share::Part);
    }

    proptest! {
        /// A box that stays or goes as a whole has no point that says otherwise.
        #[test]
        fn boxes_and_points_agree(
            planes in prop::collection::vec(([-1.0..1.0f64, -1.0..1.0, -1.0..1.0], -30.0..30.0f64), 0..4),
            together: bool,
            corners in prop::collection::vec([-50.0..50.0f64, -50.0..50.0], 0..7),
            keeps_inside: bool,
            at in [-60.0..60.0f64, -60.0..60.0, -20.0..20.0],
            turn in 0.0..7.0f64,
            half in [0.5..20.0f64, 0.5..20.0, 0.5..20.0],
            inside in prop::collection::vec([-1.0..1.0f64, -1.0..1.0, -1.0..1.0], 20),
        ) {
            let planes = planes.into_iter().filter_map(|(normal, offset_m)| {
                let normal = DVec3::from(normal).try_normalize()?;
                Some(ClipPlane { normal, offset_m })
            });
            let clip = Clip {
                planes: planes.collect(),
                together,
                outlines: Outlines::new(AXES, &[ring(&corners)], keeps_inside),
            };
            let half = DVec3::from(half);
            let place = DMat4::from_translation(at.into()) * DMat4::from_rotation_z(turn);
            let share = clip.share_of_box(&place, -half, half);
            for point in inside {
                let point = place.transform_point3(DVec3::from(point) * half);
                match share {
                    Share::All => prop_assert!(clip.keeps(point)),
                    Share::None => prop_assert!(!clip.keeps(point)),
                    Share::Part => {}
                }
            }
        }
    }
}
