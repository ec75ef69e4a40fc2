//! What may stand between a place and the sun.

use city_geo::DVec3;

/// Things that block rays, in a local east-north-up frame in metres.
pub trait Occluders {
    /// Whether something stands on the ray from `origin_enu` along the unit vector `direction_enu`.
    fn blocked(&self, origin_enu: DVec3, direction_enu: DVec3) -> bool;
}

/// An open plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoOccluders;

impl Occluders for NoOccluders {
    fn blocked(&self, _origin_enu: DVec3, _direction_enu: DVec3) -> bool {
        false
    }
}

impl<A: Occluders + ?Sized, B: Occluders + ?Sized> Occluders for (&A, &B) {
    fn blocked(&self, origin_enu: DVec3, direction_enu: DVec3) -> bool {
        self.0.blocked(origin_enu, direction_enu) || self.1.blocked(origin_enu, direction_enu)
    }
}

/// Triangles in a bounding volume hierarchy; both sides block.
#[derive(Debug, Clone, Default)]
pub struct Triangles {
    triangles: Vec<[DVec3; 3]>,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    min: DVec3,
    max: DVec3,
    /// First triangle of a leaf, or the second child; the first child is the next node.
    start: u32,
    /// Triangles of a leaf; 0 for a node with children.
    count: u32,
}

/// Most triangles of a leaf.
const LEAF: usize = 4;
/// Hits nearer than this are the place's own surface, metres.
const SELF_M: f64 = 1e-4;

impl Triangles {
    /// From triangles; those with numbers that are none are left out.
    pub fn new(triangles: impl IntoIterator<Item = [DVec3; 3]>) -> Self {
        let mut triangles: Vec<[DVec3; 3]> = triangles
            .into_iter()
            .filter(|corners| corners.iter().all(|p| p.is_finite()))
            .collect();
        triangles.truncate(u32::MAX as usize);
        let mut nodes = Vec::new();
        if !triangles.is_empty() {
            let count = triangles.len();
            build(&mut triangles, 0, count, &mut nodes);
        }
        Self { triangles, nodes }
    }

    /// From corners and three indices per triangle; indices beyond the corners are left out.
    pub fn from_mesh(positions: &[[f64; 3]], indices: &[u32]) -> Self {
        let corner = |i: u32| positions.get(i as usize).copied().map(DVec3::from_array);
        Self::new(
            indices
                .chunks_exact(3)
                .filter_map(|t| Some([corner(t[0])?, corner(t[1])?, corner(t[2])?])),
        )
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.triangles.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.triangles.is_empty()
    }
}

/// Divides by the median of the longest axis. Recursion is as deep as the logarithm of the count.
fn build(triangles: &mut [[DVec3; 3]], start: usize, end: usize, nodes: &mut Vec<Node>) {
    let (mut min, mut max) = (DVec3::INFINITY, DVec3::NEG_INFINITY);
    for p in triangles[start..end].iter().flatten() {
        min = min.min(*p);
        max = max.max(*p);
    }
    let node = nodes.len();
    nodes.push(Node {
        min,
        max,
        start: start as u32,
        count: (end - start) as u32,
    });
    if end - start <= LEAF {
        return;
    }
    let size = max - min;
    let axis = (0..3).fold(0, |best, a| if size[a] > size[best] { a } else { best });
    let middle = (end - start) / 2;
    let key = |t: &[DVec3; 3]| t[0][axis] + t[1][axis] + t[2][axis];
    triangles[start..end].select_nth_unstable_by(middle, |a, b| key(a).total_cmp(&key(b)));
    build(triangles, start, start + middle, nodes);
    let second = nodes.len() as u32;
    build(triangles, start + middle, end, nodes);
    nodes[node].start = second;
    nodes[node].count = 0;
}

impl Occluders for Triangles {
    fn blocked(&self, origin_enu: DVec3, direction_enu: DVec3) -> bool {
        let inverse = direction_enu.recip();
        let mut open = vec![0_usize];
        while let Some(index) = open.pop() {
            let Some(node) = self.nodes.get(index) else {
                continue;
            };
            if !meets_box(origin_enu, inverse, node) {
                continue;
            }
            if node.count == 0 {
                open.push(node.start as usize);
                open.push(index + 1);
                continue;
            }
            let (start, count) = (node.start as usize, node.count as usize);
            if self.triangles[start..start + count]
                .iter()
                .any(|triangle| meets(origin_enu, direction_enu, triangle))
            {
                return true;
            }
        }
        false
    }
}

fn meets_box(origin: DVec3, inverse: DVec3, node: &Node) -> bool {
    let (mut near, mut far) = (0.0_f64, f64::INFINITY);
    for axis in 0..3 {
        let a = (node.min[axis] - origin[axis]) * inverse[axis];
        let b = (node.max[axis] - origin[axis]) * inverse[axis];
        // NaN (a ray in the plane of a side) does not narrow the span: `max` and `min` pass it over.
        near = near.max(a.min(b));
        far = far.min(a.max(b));
    }
    near <= far * (1.0 + 1e-12)
}

/// Möller and Trumbore.
fn meets(origin: DVec3, direction: DVec3, [a, b, c]: &[DVec3; 3]) -> bool {
    let (ab, ac) = (*b - *a, *c - *a);
    let p = direction.cross(ac);
    let determinant = ab.dot(p);
    if determinant == 0.0 {
        return false;
    }
    let from_a = origin - *a;
    let u = from_a.dot(p) / determinant;
    let q = from_a.cross(ab);
    let v = direction.dot(q) / determinant;
    u >= 0.0 && v >= 0.0 && u + v <= 1.0 && ac.dot(q) / determinant > SELF_M
}
