//! Extruding an outline.

use city_geo::{DVec3, Geodetic, LocalFrame};
use geo::orient::{Direction, Orient};
use geo::{MapCoords, TriangulateEarcut};
use geo_types::{Coord, LineString, Polygon};

use super::{FootprintFault, check};

/// Triangles of an upright prism: walls first, then the roof. Counter-clockwise seen from outside.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mesh {
    /// Corners in the anchor's east-north-up frame, metres.
    pub positions: Vec<[f64; 3]>,
    /// Unit normals, one per corner.
    pub normals: Vec<[f32; 3]>,
    /// Three per triangle.
    pub indices: Vec<u32>,
    /// How many of the indices are those of the walls; the others are the roof's.
    pub wall_indices: usize,
}

/// Walls and a flat roof over an outline (degrees), from `base_m` to `base_m + height_m` above the ellipsoid, in the
/// east-north-up frame of `anchor`. There is no floor.
///
/// # Errors
/// For an outline that cannot be used.
pub fn extrude(
    polygon: &Polygon<f64>,
    anchor: Geodetic,
    base_m: f64,
    height_m: f64,
) -> Result<Mesh, FootprintFault> {
    check(polygon)?;
    let frame = LocalFrame::enu(anchor);
    let oriented = polygon.orient(Direction::Default);
    let at = |p: Coord<f64>, height_m: f64| {
        frame.local_from_geodetic(Geodetic::from_degrees(p.x, p.y, height_m))
    };
    let mut mesh = Mesh::default();
    for ring in std::iter::once(oriented.exterior()).chain(oriented.interiors()) {
        mesh.walls(ring, &at, base_m, base_m + height_m);
    }
    mesh.wall_indices = mesh.indices.len();
    mesh.roof(&oriented, &at, base_m + height_m);
    Ok(mesh)
}

impl Mesh {
    fn walls(
        &mut self,
        ring: &LineString<f64>,
        at: &impl Fn(Coord<f64>, f64) -> DVec3,
        base_m: f64,
        top_m: f64,
    ) {
        for side in ring.lines() {
            let corners = [
                at(side.start, base_m),
                at(side.end, base_m),
                at(side.end, top_m),
                at(side.start, top_m),
            ];
            let along = corners[1] - corners[0];
            let Some(normal) = along.cross(corners[3] - corners[0]).try_normalize() else {
                continue;
            };
            let first = self.positions.len() as u32;
            for corner in corners {
                self.push(corner, normal);
            }
            self.indices
                .extend([0, 1, 2, 0, 2, 3].map(|corner| first + corner));
        }
    }

    fn roof(&mut self, polygon: &Polygon<f64>, at: &impl Fn(Coord<f64>, f64) -> DVec3, top_m: f64) {
        // Cut in metres: a degree of longitude is not as long as one of latitude.
        let plan = polygon.map_coords(|p| {
            let q = at(p, top_m);
            Coord { x: q.x, y: q.y }
        });
        let first = self.positions.len() as u32;
        // The corners in the order in which they are cut: ring by ring, without those that close.
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        let corners = rings.flat_map(|ring| ring.0.split_last().map_or(&[][..], |(_, rest)| rest));
        for p in corners {
            self.push(at(*p, top_m), DVec3::Z);
        }
        let corners = self.positions.len() as u32 - first;
        for triangle in plan.earcut_triangles_raw().triangle_indices.chunks_exact(3) {
            let mut triangle = [triangle[0], triangle[1], triangle[2]].map(|i| first + i as u32);
            if triangle.iter().any(|i| *i >= first + corners) {
                continue;
            }
            let [a, b, c] = triangle.map(|i| {
                let [x, y, _] = self.positions[i as usize];
                (x, y)
            });
            if (b.0 - a.0) * (c.1 - a.1) < (b.1 - a.1) * (c.0 - a.0) {
                triangle.swap(1, 2);
            }
            self.indices.extend(triangle);
        }
    }

    fn push(&mut self, position: DVec3, normal: DVec3) {
        self.positions.push(position.to_array());
        self.normals.push(normal.as_vec3().to_array());
    }
}
