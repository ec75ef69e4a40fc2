//! Checked features to buffers.

use city_geo::{Geodetic, ecef_from_geodetic, surface_normal};
use earcut::Earcut;
use geo_types::{Coord, Geometry, LineString, Polygon};
use glam::DVec3;

use super::read::Collection;
use super::{FILL, LINE, MAX_FAULTS_TOLD, MAX_VERTICES, POINT, RING, divide, table};
use crate::formats::error::{Fault, limit};
use crate::formats::{DecodeErrorKind, DecodeOptions};
use crate::metadata::FeatureTable;
use crate::prepared::{
    PreparedMaterial, PreparedPrimitive, PreparedTile, Topology, Vertex, snorm_normal,
};

/// Length of a degree of latitude, metres: exact enough to choose how fine to cut.
const DEGREE_M: f64 = 111_320.0;
/// Edges are cut to this share of a polygon's size, so that it follows the ground below.
const CUTS: f64 = 48.0;
/// Edges shorter than this are not cut, metres.
const MIN_EDGE_M: f64 = 30.0;
/// Longer ones always are, metres: on a chord of 100 km the middle is 200 m below the Earth's curve.
const MAX_EDGE_M: f64 = 100_000.0;
/// Triangles that cutting may make of all polygons together.
const MAX_CUT_TRIANGLES: f64 = 400_000.0;

pub(super) fn build(
    mut collection: Collection,
    options: &DecodeOptions,
) -> Result<PreparedTile, Fault> {
    let mut warnings: Vec<String> = collection
        .faults
        .iter()
        .take(MAX_FAULTS_TOLD)
        .map(ToString::to_string)
        .collect();
    if let Some(more) = collection.faults_count.checked_sub(MAX_FAULTS_TOLD + 1) {
        warnings.push(format!("{} more features are left out", more + 1));
    }
    let mut bounds = Bounds::default();
    let mut wanted_cuts = 0.0;
    for feature in &collection.features {
        visit(&feature.geometry, &mut |part| match part {
            Part::Point(c) => bounds.take(c),
            Part::Line(l) => l.0.iter().for_each(|c| bounds.take(*c)),
            Part::Polygon(p) => {
                p.exterior().0.iter().for_each(|c| bounds.take(*c));
                let plane = Plane::of(p.exterior());
                let edge_m = plane.edge_m(p.exterior());
                wanted_cuts += 2.0 * plane.area_m2(p.exterior()) / (edge_m * edge_m);
            }
        });
    }
    let coarser = (wanted_cuts / MAX_CUT_TRIANGLES).sqrt().max(1.0);
    let mut builder = Builder {
        origin: ecef(bounds.middle()),
        primitives: [
            (Topology::Triangles, FILL),
            (Topology::Lines, RING),
            (Topology::Lines, LINE),
            (Topology::Points, POINT),
        ]
        .map(|(topology, material)| PreparedPrimitive {
            topology,
            vertices: Vec::new(),
            indices: Vec::new(),
            material,
            has_normals: true,
        }),
        earcut: Earcut::new(),
        coarser,
        triangles_left: 2 * MAX_CUT_TRIANGLES as usize,
    };
    let mut rows = Vec::with_capacity(collection.features.len());
    for (number, feature) in collection.features.drain(..).enumerate() {
        visit(&feature.geometry, &mut |part| {
            builder.add(part, number as u32)
        });
        rows.push((feature.id, feature.properties));
        limit(
            "features",
            "vertices",
            builder.vertices(),
            options.max_vertices.min(MAX_VERTICES),
        )?;
    }
    let mut features = FeatureTable::default();
    let count = rows.len() as u32;
    let table = table::table(collection.name.take(), rows, &mut warnings);
    features.tables.push(table);
    if features.push_block(count, Some(0), None).is_none() {
        return Err(Fault::new(
            "features",
            DecodeErrorKind::Limit {
                what: "features",
                found: u64::from(count),
                limit: u64::from(u32::MAX - 1),
            },
        ));
    }
    let origin = builder.origin;
    Ok(PreparedTile {
        origin,
        primitives: builder
            .primitives
            .into_iter()
            .filter(|primitive| !primitive.indices.is_empty())
            .collect(),
        materials: vec![
            PreparedMaterial {
                unlit: true,
                double_sided: true,
                metallic: 0.0,
                ..PreparedMaterial::default()
            };
            4
        ],
        features,
        copyright: collection.credits,
        warnings,
        ..PreparedTile::default()
    })
}

/// The simple geometries that everything is made of.
enum Part<'g> {
    Point(Coord<f64>),
    Line(&'g LineString<f64>),
    Polygon(&'g Polygon<f64>),
}

fn visit(geometry: &Geometry<f64>, on: &mut dyn FnMut(Part<'_>)) {
    match geometry {
        Geometry::Point(p) => on(Part::Point(p.0)),
        Geometry::MultiPoint(points) => points.0.iter().for_each(|p| on(Part::Point(p.0))),
        Geometry::LineString(l) => on(Part::Line(l)),
        Geometry::MultiLineString(lines) => lines.0.iter().for_each(|l| on(Part::Line(l))),
        Geometry::Polygon(p) => on(Part::Polygon(p)),
        Geometry::MultiPolygon(polygons) => polygons.0.iter().for_each(|p| on(Part::Polygon(p))),
        Geometry::GeometryCollection(parts) => parts.0.iter().for_each(|g| visit(g, on)),
        // Not among GeoJSON's geometries.
        Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {}
    }
}

fn ecef(c: Coord<f64>) -> DVec3 {
    ecef_from_geodetic(Geodetic::from_degrees(c.x, c.y, 0.0))
}

struct Bounds {
    low: Coord<f64>,
    high: Coord<f64>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            low: Coord {
                x: f64::INFINITY,
                y: f64::INFINITY,
            },
            high: Coord {
                x: f64::NEG_INFINITY,
                y: f64::NEG_INFINITY,
            },
        }
    }
}

impl Bounds {
    fn take(&mut self, c: Coord<f64>) {
        self.low = Coord {
            x: self.low.x.min(c.x),
            y: self.low.y.min(c.y),
        };
        self.high = Coord {
            x: self.high.x.max(c.x),
            y: self.high.y.max(c.y),
        };
    }

    fn middle(&self) -> Coord<f64> {
        if self.low.x > self.high.x {
            return Coord { x: 0.0, y: 0.0 };
        }
        Coord {
            x: (self.low.x + self.high.x) * 0.5,
            y: (self.low.y + self.high.y) * 0.5,
        }
    }
}

/// A plane in metres around a geometry: for triangulating and measuring, not for placing.
struct Plane {
    origin: Coord<f64>,
    lon_m: f64,
}

impl Plane {
    fn of(line: &LineString<f64>) -> Self {
        let mut bounds = Bounds::default();
        line.0.iter().for_each(|c| bounds.take(*c));
        let origin = bounds.middle();
        Self {
            origin,
            // At a pole a degree of longitude has no length, but triangles need one.
            lon_m: DEGREE_M * origin.y.to_radians().cos().max(0.01),
        }
    }

    fn to(&self, c: Coord<f64>) -> [f64; 2] {
        [
            (c.x - self.origin.x) * self.lon_m,
            (c.y - self.origin.y) * DEGREE_M,
        ]
    }

    fn back(&self, [x, y]: [f64; 2]) -> Coord<f64> {
        Coord {
            x: self.origin.x + x / self.lon_m,
            y: self.origin.y + y / DEGREE_M,
        }
    }

    fn area_m2(&self, ring: &LineString<f64>) -> f64 {
        let doubled: f64 = ring
            .0
            .windows(2)
            .map(|pair| match pair {
                [a, b] => {
                    let ([ax, ay], [bx, by]) = (self.to(*a), self.to(*b));
                    ax * by - bx * ay
                }
                _ => 0.0,
            })
            .sum();
        doubled.abs() * 0.5
    }

    fn edge_m(&self, ring: &LineString<f64>) -> f64 {
        (self.area_m2(ring).sqrt() / CUTS).clamp(MIN_EDGE_M, MAX_EDGE_M)
    }
}

struct Builder {
    origin: DVec3,
    /// Indexed by [`FILL`], [`RING`], [`LINE`], [`POINT`].
    primitives: [PreparedPrimitive; 4],
    earcut: Earcut<f64>,
    /// Factor on the length of cut edges that keeps the whole within its budget.
    coarser: f64,
    triangles_left: usize,
}

impl Builder {
    fn vertices(&self) -> usize {
        self.primitives.iter().map(|p| p.vertices.len()).sum()
    }

    fn push(&mut self, kind: u32, c: Coord<f64>, feature: u32) -> u32 {
        let at = ecef(c);
        let vertex = Vertex {
            position: (at - self.origin).as_vec3().to_array(),
            normal: snorm_normal(surface_normal(at)),
            color: [255; 4],
            uv: [0.0; 2],
            feature,
        };
        let Some(primitive) = self.primitives.get_mut(kind as usize) else {
            return 0;
        };
        primitive.vertices.push(vertex);
        primitive.vertices.len() as u32 - 1
    }

    fn index(&mut self, kind: u32, indices: &[u32]) {
        if let Some(primitive) = self.primitives.get_mut(kind as usize) {
            primitive.indices.extend_from_slice(indices);
        }
    }

    fn add(&mut self, part: Part<'_>, feature: u32) {
        match part {
            Part::Point(c) => {
                let index = self.push(POINT, c, feature);
                self.index(POINT, &[index]);
            }
            Part::Line(line) => {
                let plane = Plane::of(line);
                let length_m: f64 = line
                    .0
                    .windows(2)
                    .map(|pair| match pair {
                        [a, b] => divide::distance(plane.to(*a), plane.to(*b)),
                        _ => 0.0,
                    })
                    .sum();
                let edge_m = (length_m / 1000.0).clamp(MIN_EDGE_M * 0.5, MAX_EDGE_M);
                self.strip(LINE, line, &plane, edge_m, feature);
            }
            Part::Polygon(polygon) => self.polygon(polygon, feature),
        }
    }

    fn strip(
        &mut self,
        kind: u32,
        line: &LineString<f64>,
        plane: &Plane,
        edge_m: f64,
        feature: u32,
    ) {
        let Some(first) = line.0.first() else {
            return;
        };
        let mut before = self.push(kind, *first, feature);
        for pair in line.0.windows(2) {
            let [a, b] = pair else { continue };
            for point in divide::segment(plane.to(*a), plane.to(*b), edge_m) {
                let next = self.push(kind, plane.back(point), feature);
                self.index(kind, &[before, next]);
                before = next;
            }
        }
    }

    fn polygon(&mut self, polygon: &Polygon<f64>, feature: u32) {
        let plane = Plane::of(polygon.exterior());
        let edge_m = (plane.edge_m(polygon.exterior()) * self.coarser).min(MAX_EDGE_M);
        let mut points: Vec<[f64; 2]> = Vec::new();
        let mut holes: Vec<u32> = Vec::new();
        for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            if !points.is_empty() {
                holes.push(points.len() as u32);
            }
            // The last position is the first again.
            let open = ring.0.get(..ring.0.len().saturating_sub(1));
            points.extend(open.unwrap_or_default().iter().map(|c| plane.to(*c)));
            self.strip(RING, ring, &plane, edge_m, feature);
        }
        let mut indices: Vec<u32> = Vec::new();
        self.earcut
            .earcut(points.iter().copied(), &holes, &mut indices);
        divide::triangles(&mut points, &mut indices, edge_m, self.triangles_left);
        self.triangles_left = self.triangles_left.saturating_sub(indices.len() / 3);
        let base = match self.primitives.get(FILL as usize) {
            Some(fill) => fill.vertices.len() as u32,
            None => return,
        };
        for point in &points {
            self.push(FILL, plane.back(*point), feature);
        }
        for corner in indices.chunks_exact(3) {
            let &[a, b, c] = corner else { continue };
            let at = |i: u32| points.get(i as usize).copied().unwrap_or_default();
            let ([ax, ay], [bx, by], [cx, cy]) = (at(a), at(b), at(c));
            let up = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay) > 0.0;
            let [b, c] = if up { [b, c] } else { [c, b] };
            self.index(FILL, &[base + a, base + b, base + c]);
        }
    }
}
