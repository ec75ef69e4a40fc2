//! Growing one primitive, vertex by vertex, in the city's plane.

use glam::DVec3;

use crate::frame::Frame;
use crate::write::Primitive;

/// A primitive under construction. Points are given in the plane (x, y, height)
/// and kept as metres from the content's origin in the tileset's frame.
#[derive(Debug)]
pub struct Mesh<'a> {
    frame: &'a Frame,
    origin: DVec3,
    primitive: Primitive,
    with_colors: bool,
    with_uvs: bool,
    with_features: bool,
}

/// What a vertex carries beside its position.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// Linear RGBA.
    pub color: [u8; 4],
    /// Texture coordinates.
    pub uv: [f32; 2],
    /// Feature id.
    pub feature: u32,
}

impl<'a> Mesh<'a> {
    /// An empty mesh with a material and colours.
    #[must_use]
    pub fn new(frame: &'a Frame, origin: DVec3, material: usize) -> Self {
        Self {
            frame,
            origin,
            primitive: Primitive {
                material,
                ..Primitive::default()
            },
            with_colors: true,
            with_uvs: false,
            with_features: false,
        }
    }

    /// Without vertex colours: the material's colour is enough.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.with_colors = false;
        self
    }

    /// With texture coordinates.
    #[must_use]
    pub fn with_uvs(mut self) -> Self {
        self.with_uvs = true;
        self
    }

    /// With feature ids into a property table.
    #[must_use]
    pub fn with_features(mut self, table: usize, label: &'static str) -> Self {
        self.with_features = true;
        self.primitive.table = Some(table);
        self.primitive.label = label;
        self
    }

    /// With feature ids that have no properties: from 1 on; what has 0 belongs to none.
    #[must_use]
    pub fn with_bare_features(mut self, label: &'static str) -> Self {
        self.with_features = true;
        self.primitive.null_feature = Some(0);
        self.primitive.label = label;
        self
    }

    /// Adds a vertex; its index. The normal is given in the plane too: its frame
    /// and the tileset's differ by less than a tenth of a degree.
    pub fn vertex(&mut self, p: DVec3, normal: DVec3, look: Look) -> u32 {
        let q = self.frame.enu(p) - self.origin;
        let primitive = &mut self.primitive;
        primitive
            .positions
            .push([q.x as f32, q.y as f32, q.z as f32]);
        let n = normal.normalize_or(DVec3::Z) * 127.0;
        primitive
            .normals
            .push([n.x.round() as i8, n.y.round() as i8, n.z.round() as i8]);
        if self.with_colors {
            primitive.colors.push(look.color);
        }
        if self.with_uvs {
            // Eighths of a metre compress far better than full precision.
            let eighths = look.uv.map(|c| (c * 8.0).round() / 8.0);
            primitive.uvs.push(eighths);
        }
        if self.with_features {
            primitive.features.push(look.feature);
        }
        primitive.positions.len() as u32 - 1
    }

    /// Adds a triangle of earlier vertices, counter-clockwise seen from outside.
    pub fn triangle(&mut self, a: u32, b: u32, c: u32) {
        self.primitive.indices.extend([a, b, c]);
    }

    /// Adds a flat convex polygon with its own vertices.
    pub fn polygon(&mut self, points: &[DVec3], normal: DVec3, look: Look) {
        let Some(first) = points.first() else { return };
        let first = self.vertex(*first, normal, look);
        let mut last = None;
        for p in points.iter().skip(1) {
            let next = self.vertex(*p, normal, look);
            if let Some(last) = last {
                self.triangle(first, last, next);
            }
            last = Some(next);
        }
    }

    /// Whether nothing was drawn.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.primitive.indices.is_empty()
    }

    /// The finished primitive.
    #[must_use]
    pub fn finish(mut self) -> Primitive {
        let null = self.primitive.null_feature;
        if null.is_some() && self.primitive.features.iter().all(|f| Some(*f) == null) {
            // There is no set of no features.
            self.primitive.features.clear();
        }
        self.primitive
    }
}

/// The normal of a ring of points (Newell), pointing to where it runs
/// counter-clockwise; zero for a degenerate one.
#[must_use]
pub fn normal_of(points: &[DVec3]) -> DVec3 {
    let next = points.iter().cycle().skip(1);
    let sum = points.iter().zip(next).fold(DVec3::ZERO, |n, (a, b)| {
        n + DVec3::new(
            (a.y - b.y) * (a.z + b.z),
            (a.z - b.z) * (a.x + b.x),
            (a.x - b.x) * (a.y + b.y),
        )
    });
    sum.normalize_or_zero()
}
