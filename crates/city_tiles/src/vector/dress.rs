//! Geometry on the ellipsoid, looks and the ground's heights to buffers for the screen.

use glam::{DMat4, DVec2, DVec3};

use super::drape::HeightField;
use super::look::FeatureLook;
use crate::formats::geojson::{FILL, LINE, POINT, RING};
use crate::prepared::{
    AlphaMode, PreparedMaterial, PreparedPrimitive, PreparedTile, Topology, Vertex, snorm_normal,
};

/// Where each vertex of a decoded file stands on the ellipsoid, in the scene's local frame.
#[derive(Debug, Clone, Default)]
pub struct Anchors {
    /// The file's origin in the local frame: what dressed positions are relative to.
    pub origin: DVec3,
    /// South-west and north-east corner of everything seen from above; `None` without a vertex.
    pub plan: Option<(DVec2, DVec2)>,
    /// For each primitive, for each vertex: the point, and up there.
    vertices: Vec<Vec<(DVec3, DVec3)>>,
}

impl Anchors {
    /// Places a file's vertices.
    #[must_use]
    pub fn new(tile: &PreparedTile, local_from_ecef: DMat4) -> Self {
        let vertices: Vec<Vec<(DVec3, DVec3)>> = tile
            .primitives
            .iter()
            .map(|primitive| {
                primitive
                    .vertices
                    .iter()
                    .map(|vertex| {
                        let ecef = tile.origin + DVec3::from(vertex.position.map(f64::from));
                        let up = local_from_ecef
                            .transform_vector3(city_geo::surface_normal(ecef))
                            .normalize_or(DVec3::Z);
                        (local_from_ecef.transform_point3(ecef), up)
                    })
                    .collect()
            })
            .collect();
        let plan = vertices.iter().flatten().fold(None, |plan, (p, _)| {
            let p = p.truncate();
            let (low, high): (DVec2, DVec2) = plan.unwrap_or((p, p));
            Some((low.min(p), high.max(p)))
        });
        Self {
            origin: local_from_ecef.transform_point3(tile.origin),
            plan,
            vertices,
        }
    }

    /// The points to look for the ground below; points of the file may stand on roofs.
    #[must_use]
    pub fn field(&self, tile: &PreparedTile) -> HeightField {
        HeightField::new(tile.primitives.iter().zip(&self.vertices).flat_map(
            |(primitive, vertices)| {
                let on_roofs = primitive.material == POINT;
                vertices.iter().map(move |(p, _)| (p.truncate(), on_roofs))
            },
        ))
    }

    /// The middle of the heights above the ellipsoid that were found below the points, metres.
    #[must_use]
    pub fn median_m(&self, field: &HeightField) -> Option<f64> {
        let mut found: Vec<f64> = self
            .vertices
            .iter()
            .flatten()
            .enumerate()
            .filter_map(|(index, (p, up))| Some((field.height_m(index)? - p.z) / up.z.max(0.1)))
            .collect();
        found.sort_by(f64::total_cmp);
        found.get(found.len() / 2).copied()
    }

    /// Middle and radius of everything, local frame.
    #[must_use]
    pub fn sphere(&self) -> (DVec3, f64) {
        let all = || self.vertices.iter().flatten().map(|(p, _)| *p);
        let Some(first) = all().next() else {
            return (self.origin, 0.0);
        };
        let (low, high) = all().fold((first, first), |(low, high), p| (low.min(p), high.max(p)));
        ((low + high) * 0.5, (high - low).length() * 0.5)
    }
}

/// Where the ground is.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// What was found below [`Anchors::field`]'s points.
    pub field: &'a HeightField,
    /// Height above the ellipsoid where nothing was found, metres.
    pub default_m: f64,
}

/// One thick line segment, or a point where both ends are the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    /// Start, metres from [`Anchors::origin`].
    pub a: [f32; 3],
    /// End.
    pub b: [f32; 3],
    /// Width or diameter, pixels.
    pub width_px: f32,
    /// Linear colour and alpha, 0 to 255.
    pub color: [u8; 4],
    /// Feature.
    pub feature: u32,
}

/// A layer ready to be drawn.
#[derive(Debug, Clone, Default)]
pub struct Dressed {
    /// Polygons, relative to [`Anchors::origin`] in the local frame; without a feature table.
    pub mesh: PreparedTile,
    /// Lines, then points.
    pub strokes: Vec<Stroke>,
}

/// Flat polygons are lifted by this much, so that they lie over the ground, metres.
const FILL_LIFT_M: f64 = 0.35;
/// Lines a little more.
const LINE_LIFT_M: f64 = 0.5;
/// Walls reach this deep into the ground, metres.
const ROOT_M: f64 = 0.5;

/// The ground below one feature.
#[derive(Clone, Copy)]
struct Under {
    sum_m: f64,
    count: f64,
    low_m: f64,
}

impl Default for Under {
    fn default() -> Self {
        Self {
            sum_m: 0.0,
            count: 0.0,
            low_m: f64::INFINITY,
        }
    }
}

/// Makes a layer's buffers.
#[must_use]
pub fn dress(
    tile: &PreparedTile,
    anchors: &Anchors,
    looks: &[FeatureLook],
    ground: Ground<'_>,
) -> Dressed {
    let mut number = 0usize;
    let heights: Vec<Vec<f64>> = anchors
        .vertices
        .iter()
        .map(|vertices| {
            vertices
                .iter()
                .map(|(p, up)| {
                    let found = ground.field.height_m(number);
                    number += 1;
                    found.map_or(ground.default_m, |z| (z - p.z) / up.z.max(0.1))
                })
                .collect()
        })
        .collect();
    let mut dresser = Dresser {
        anchors,
        looks,
        under: under(tile, &heights, looks.len()),
        flat: Vec::new(),
        flat_indices: Vec::new(),
        solid: Vec::new(),
        solid_indices: Vec::new(),
        strokes: Vec::new(),
    };
    for (index, primitive) in tile.primitives.iter().enumerate() {
        let (Some(vertices), Some(heights)) = (anchors.vertices.get(index), heights.get(index))
        else {
            continue;
        };
        let part = Part {
            primitive,
            vertices,
            heights,
        };
        match primitive.material {
            FILL => dresser.fill(&part),
            RING => dresser.ring(&part),
            LINE => dresser.lines(&part),
            POINT => dresser.points(&part),
            _ => {}
        }
    }
    dresser.finish()
}

fn under(tile: &PreparedTile, heights: &[Vec<f64>], features: usize) -> Vec<Under> {
    let mut under = vec![Under::default(); features];
    for (primitive, heights) in tile.primitives.iter().zip(heights) {
        if primitive.material != RING {
            continue;
        }
        for (vertex, height_m) in primitive.vertices.iter().zip(heights) {
            if let Some(under) = under.get_mut(vertex.feature as usize) {
                under.sum_m += height_m;
                under.count += 1.0;
                under.low_m = under.low_m.min(*height_m);
            }
        }
    }
    under
}

struct Part<'a> {
    primitive: &'a PreparedPrimitive,
    vertices: &'a [(DVec3, DVec3)],
    heights: &'a [f64],
}

impl Part<'_> {
    fn feature(&self, index: usize) -> u32 {
        self.primitive
            .vertices
            .get(index)
            .map_or(u32::MAX, |vertex| vertex.feature)
    }

    /// A vertex raised to a height above the ellipsoid, and up there.
    fn raised(&self, index: usize, height_m: f64) -> (DVec3, DVec3) {
        self.vertices
            .get(index)
            .map_or((DVec3::ZERO, DVec3::Z), |(p, up)| {
                (*p + *up * height_m, *up)
            })
    }

    fn ground_m(&self, index: usize) -> f64 {
        self.heights.get(index).copied().unwrap_or(0.0)
    }
}

struct Dresser<'a> {
    anchors: &'a Anchors,
    looks: &'a [FeatureLook],
    under: Vec<Under>,
    flat: Vec<Vertex>,
    flat_indices: Vec<u32>,
    solid: Vec<Vertex>,
    solid_indices: Vec<u32>,
    strokes: Vec<Stroke>,
}

impl Dresser<'_> {
    fn look(&self, feature: u32) -> Option<FeatureLook> {
        self.looks.get(feature as usize).copied()
    }

    /// Bottom and top of a feature that stands up, metres above the ellipsoid. It stands on the
    /// mean of the ground around it and is rooted in the lowest of it.
    fn span_m(&self, feature: u32, look: &FeatureLook) -> (f64, f64) {
        let under = self
            .under
            .get(feature as usize)
            .copied()
            .unwrap_or_default();
        if under.count == 0.0 {
            return (look.base_m, look.top_m);
        }
        let mean_m = under.sum_m / under.count;
        let bottom_m = if look.base_m > 0.0 {
            mean_m + look.base_m
        } else {
            under.low_m + look.base_m - ROOT_M
        };
        (bottom_m, mean_m + look.top_m)
    }

    fn relative(&self, p: DVec3) -> [f32; 3] {
        (p - self.anchors.origin).as_vec3().to_array()
    }

    fn fill(&mut self, part: &Part<'_>) {
        let mut placed = vec![u32::MAX; part.vertices.len()];
        for corner in part.primitive.indices.chunks_exact(3) {
            let feature = part.feature(corner.first().map_or(0, |i| *i as usize));
            let Some(look) = self.look(feature) else {
                continue;
            };
            for index in corner {
                let index = *index as usize;
                let at = match placed.get(index) {
                    Some(at) if *at != u32::MAX => *at,
                    _ => self.fill_vertex(part, index, feature, &look),
                };
                if let Some(place) = placed.get_mut(index) {
                    *place = at;
                }
                match look.extruded() {
                    true => self.solid_indices.push(at),
                    false => self.flat_indices.push(at),
                }
            }
        }
    }

    fn fill_vertex(
        &mut self,
        part: &Part<'_>,
        index: usize,
        feature: u32,
        look: &FeatureLook,
    ) -> u32 {
        let [r, g, b, _] = look.fill;
        if look.extruded() {
            let (_, top_m) = self.span_m(feature, look);
            let (p, up) = part.raised(index, top_m);
            let vertex = self.vertex(p, up, [r, g, b, 255], feature);
            self.solid.push(vertex);
            return self.solid.len() as u32 - 1;
        }
        let (p, up) = part.raised(index, part.ground_m(index) + FILL_LIFT_M);
        let vertex = self.vertex(p, up, look.fill, feature);
        self.flat.push(vertex);
        self.flat.len() as u32 - 1
    }

    fn vertex(&self, p: DVec3, normal: DVec3, color: [u8; 4], feature: u32) -> Vertex {
        Vertex {
            position: self.relative(p),
            normal: snorm_normal(normal),
            color,
            uv: [0.0; 2],
            feature,
        }
    }

    /// Rings are walls where the polygon stands up, and lines on its edge.
    fn ring(&mut self, part: &Part<'_>) {
        for pair in part.primitive.indices.chunks_exact(2) {
            let &[a, b] = pair else { continue };
            let (a, b) = (a as usize, b as usize);
            let feature = part.feature(a);
            let Some(look) = self.look(feature) else {
                continue;
            };
            if !look.extruded() {
                self.segment(part, a, b, feature, &look);
                continue;
            }
            let (bottom_m, top_m) = self.span_m(feature, &look);
            let ends = [
                part.raised(a, bottom_m),
                part.raised(b, bottom_m),
                part.raised(b, top_m),
                part.raised(a, top_m),
            ];
            let [(pa, up), (pb, _), (_, _), (_, _)] = ends;
            // Outer rings run counter-clockwise, so this points out of the polygon.
            let normal = (pb - pa).cross(up);
            let [r, g, b, _] = look.fill;
            let first = self.solid.len() as u32;
            for (p, _) in ends {
                let vertex = self.vertex(p, normal, [r, g, b, 255], feature);
                self.solid.push(vertex);
            }
            self.solid_indices
                .extend([0, 1, 2, 0, 2, 3].map(|i| first + i));
        }
    }

    fn segment(&mut self, part: &Part<'_>, a: usize, b: usize, feature: u32, look: &FeatureLook) {
        if look.stroke_px <= 0.0 || look.stroke[3] == 0 {
            return;
        }
        let end = |index| part.raised(index, part.ground_m(index) + LINE_LIFT_M).0;
        self.strokes.push(Stroke {
            a: self.relative(end(a)),
            b: self.relative(end(b)),
            width_px: look.stroke_px,
            color: look.stroke,
            feature,
        });
    }

    fn lines(&mut self, part: &Part<'_>) {
        for pair in part.primitive.indices.chunks_exact(2) {
            let &[a, b] = pair else { continue };
            let feature = part.feature(a as usize);
            if let Some(look) = self.look(feature) {
                self.segment(part, a as usize, b as usize, feature, &look);
            }
        }
    }

    fn points(&mut self, part: &Part<'_>) {
        for index in &part.primitive.indices {
            let index = *index as usize;
            let feature = part.feature(index);
            let Some(look) = self.look(feature) else {
                continue;
            };
            let (p, _) = part.raised(index, part.ground_m(index) + LINE_LIFT_M);
            let at = self.relative(p);
            self.strokes.push(Stroke {
                a: at,
                b: at,
                width_px: look.point_px,
                color: look.point,
                feature,
            });
        }
    }

    fn finish(self) -> Dressed {
        let primitive = |vertices, indices, material| PreparedPrimitive {
            topology: Topology::Triangles,
            vertices,
            indices,
            material,
            has_normals: true,
        };
        let primitives = [
            primitive(self.flat, self.flat_indices, 0),
            primitive(self.solid, self.solid_indices, 1),
        ];
        let flat = PreparedMaterial {
            alpha_mode: AlphaMode::Blend,
            unlit: true,
            double_sided: true,
            metallic: 0.0,
            ..PreparedMaterial::default()
        };
        let solid = PreparedMaterial {
            metallic: 0.0,
            double_sided: true,
            ..PreparedMaterial::default()
        };
        Dressed {
            mesh: PreparedTile {
                primitives: primitives
                    .into_iter()
                    .filter(|p| !p.indices.is_empty())
                    .collect(),
                materials: vec![flat, solid],
                ..PreparedTile::default()
            },
            strokes: self.strokes,
        }
    }
}
