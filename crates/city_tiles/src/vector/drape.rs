//! The height of what lies below many points, from meshes in memory.

use glam::{DMat4, DVec2, DVec3};

use crate::prepared::{PreparedTile, SurfaceClass, Topology};

/// Points that look for the highest surface below them. Every mesh's triangles are gone through
/// once, and meet only the points in the grid cells that they touch.
#[derive(Debug, Clone, Default)]
pub struct HeightField {
    points: Vec<Point>,
    low: DVec2,
    high: DVec2,
    cell_m: DVec2,
    cells: [usize; 2],
    /// Cell `i` has the entries `starts[i]..starts[i + 1]` of `order`.
    starts: Vec<u32>,
    order: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Point {
    at: DVec2,
    /// Roofs count too, not only the ground.
    on_roofs: bool,
    top_m: f64,
}

/// Triangles that stand upright have no height to give, square metres of their plan.
const MIN_PLAN_M2: f64 = 1e-6;
/// Cells along each side at most.
const MAX_SIDE: usize = 512;

impl HeightField {
    /// A field of points in the local frame (east, north), each with whether it may stand on roofs.
    #[must_use]
    pub fn new(points: impl IntoIterator<Item = (DVec2, bool)>) -> Self {
        let points: Vec<Point> = points
            .into_iter()
            .map(|(at, on_roofs)| Point {
                at,
                on_roofs,
                top_m: f64::NEG_INFINITY,
            })
            .collect();
        let Some(first) = points.first() else {
            return Self::default();
        };
        let (low, high) = points
            .iter()
            .fold((first.at, first.at), |(low, high), point| {
                (low.min(point.at), high.max(point.at))
            });
        let side = ((points.len() as f64).sqrt().ceil() as usize).clamp(1, MAX_SIDE);
        let mut field = Self {
            points,
            low,
            high,
            cell_m: ((high - low) / side as f64).max(DVec2::splat(1e-3)),
            cells: [side, side],
            starts: vec![0; side * side + 1],
            order: Vec::new(),
        };
        let cells: Vec<usize> = field.points.iter().map(|p| field.cell_of(p.at)).collect();
        for cell in &cells {
            if let Some(count) = field.starts.get_mut(cell + 1) {
                *count += 1;
            }
        }
        for index in 1..field.starts.len() {
            field.starts[index] += field.starts[index - 1];
        }
        let mut next = field.starts.clone();
        field.order = vec![0; field.points.len()];
        for (index, cell) in cells.iter().enumerate() {
            if let Some(place) = next.get_mut(*cell) {
                if let Some(entry) = field.order.get_mut(*place as usize) {
                    *entry = index as u32;
                }
                *place += 1;
            }
        }
        field
    }

    fn column(&self, at: DVec2) -> [usize; 2] {
        let cell = ((at - self.low) / self.cell_m).max(DVec2::ZERO);
        // Saturating casts: far triangles end in the last cell.
        [
            (cell.x as usize).min(self.cells[0].saturating_sub(1)),
            (cell.y as usize).min(self.cells[1].saturating_sub(1)),
        ]
    }

    fn cell_of(&self, at: DVec2) -> usize {
        let [x, y] = self.column(at);
        y * self.cells[0] + x
    }

    /// Looks for the points in a mesh.
    pub fn add(&mut self, mesh: &PreparedTile, local_from_mesh: DMat4) {
        if self.points.is_empty() {
            return;
        }
        for primitive in mesh
            .primitives
            .iter()
            .filter(|p| p.topology == Topology::Triangles)
        {
            let class = mesh
                .materials
                .get(primitive.material as usize)
                .map_or(SurfaceClass::Plain, |material| material.class);
            let ground = match class {
                SurfaceClass::Terrain | SurfaceClass::Water | SurfaceClass::Road => true,
                SurfaceClass::Plain | SurfaceClass::Facade => false,
                SurfaceClass::Vegetation => continue,
            };
            let local: Vec<DVec3> = primitive
                .vertices
                .iter()
                .map(|v| local_from_mesh.transform_point3(DVec3::from(v.position.map(f64::from))))
                .collect();
            for corner in primitive.indices.chunks_exact(3) {
                let &[a, b, c] = corner else { continue };
                if let (Some(a), Some(b), Some(c)) = (
                    local.get(a as usize),
                    local.get(b as usize),
                    local.get(c as usize),
                ) {
                    self.triangle(*a, *b, *c, ground);
                }
            }
        }
    }

    fn triangle(&mut self, a: DVec3, b: DVec3, c: DVec3, ground: bool) {
        let (pa, pb, pc) = (a.truncate(), b.truncate(), c.truncate());
        let (low, high) = (pa.min(pb).min(pc), pa.max(pb).max(pc));
        if low.cmpgt(self.high).any() || high.cmplt(self.low).any() {
            return;
        }
        let plan = (pb - pa).perp_dot(pc - pa);
        if !plan.is_finite() || plan.abs() < MIN_PLAN_M2 {
            return;
        }
        let ([x0, y0], [x1, y1]) = (self.column(low), self.column(high));
        for y in y0..=y1 {
            let row = y * self.cells[0];
            let (Some(from), Some(to)) = (self.starts.get(row + x0), self.starts.get(row + x1 + 1))
            else {
                continue;
            };
            for entry in *from..*to {
                let Some(point) = self
                    .order
                    .get(entry as usize)
                    .and_then(|index| self.points.get_mut(*index as usize))
                else {
                    continue;
                };
                if !ground && !point.on_roofs {
                    continue;
                }
                let q = point.at;
                let u = (pb - q).perp_dot(pc - q) / plan;
                let v = (pc - q).perp_dot(pa - q) / plan;
                let w = 1.0 - u - v;
                if u.min(v).min(w) >= -1e-9 {
                    point.top_m = point.top_m.max(a.z * u + b.z * v + c.z * w);
                }
            }
        }
    }

    /// The height (local z, metres) of what lies below a point; `None` where nothing was met.
    #[must_use]
    pub fn height_m(&self, index: usize) -> Option<f64> {
        self.points
            .get(index)
            .map(|point| point.top_m)
            .filter(|top| top.is_finite())
    }
}
