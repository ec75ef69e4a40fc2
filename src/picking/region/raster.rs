//! What is seen in each pixel of a part of the picture, worked out on the CPU: which triangle of which mesh is nearest.
//!
//! Rays would ask each triangle again for each pixel; this asks each triangle once. It is the same on every adapter,
//! stalls no GPU, and can stop between two meshes and go on in the next frame.
// `!(x > 0.0)` is how NaN is sent down the refusing branch.
#![allow(clippy::neg_cmp_op_on_partial_ord)]

use city_geo::Clip;
use city_tiles::prepared::{PreparedPrimitive, PreparedTile, Topology};
use glam::{DMat4, DVec2, DVec3, Mat4, Vec3};

use crate::render::CityView;

/// Samples at most: larger parts are looked at in every second pixel, or third.
const MOST_SAMPLES: f64 = 1.2e6;
/// No sample.
const NOTHING: u64 = u64::MAX;

/// From the scene's local frame to the samples of a rectangle of the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lens {
    view: CityView,
    right: DVec3,
    /// Pixels for a metre at a distance of one metre.
    scale_px: f64,
    /// The middle of the view.
    middle_px: DVec2,
    /// The rectangle's left upper corner.
    corner_px: DVec2,
    /// Pixels from sample to sample.
    step_px: f64,
    /// Samples across and down.
    pub size: [usize; 2],
}

impl Lens {
    /// A view that fills a rectangle (left, top, width, height), as far as it is within the bounds of a shape.
    pub fn new(view: &CityView, pane_px: [f64; 4], [low, high]: [DVec2; 2]) -> Option<Self> {
        let [left, top, width, height] = pane_px;
        let low = low.max(DVec2::new(left, top)).floor();
        let high = high.min(DVec2::new(left + width, top + height)).ceil();
        let size_px = high - low;
        if !(size_px.min_element() >= 1.0) {
            return None;
        }
        let step_px = (size_px.x * size_px.y / MOST_SAMPLES)
            .sqrt()
            .ceil()
            .max(1.0);
        Some(Self {
            view: *view,
            right: view.right(),
            scale_px: height * 0.5 / (view.fov_y_rad * 0.5).tan(),
            middle_px: DVec2::new(left + width * 0.5, top + height * 0.5),
            corner_px: low,
            step_px,
            size: [size_px.x, size_px.y].map(|px| (px / step_px).ceil() as usize),
        })
    }

    /// Samples and depth (metres along the view) of a point; none behind the camera.
    pub fn sample_of(&self, point: DVec3) -> Option<(DVec2, f64)> {
        let (px, depth_m) = self.pixel_of(point)?;
        Some(((px - self.corner_px) / self.step_px, depth_m))
    }

    /// Its pixel, and its depth.
    pub fn pixel_of(&self, point: DVec3) -> Option<(DVec2, f64)> {
        let rel = point - self.view.position;
        let depth_m = rel.dot(self.view.forward);
        let off = DVec2::new(rel.dot(self.right), -rel.dot(self.view.up));
        (depth_m > self.view.near_m)
            .then(|| (self.middle_px + off / depth_m * self.scale_px, depth_m))
    }

    /// Whether some of a box lies ahead of the camera.
    pub fn is_ahead(&self, local_from_box: &DMat4, low: DVec3, high: DVec3) -> bool {
        let middle = local_from_box.transform_point3((low + high) * 0.5);
        let half = (high - low) * 0.5;
        let reach_m = [
            local_from_box.x_axis.truncate() * half.x,
            local_from_box.y_axis.truncate() * half.y,
            local_from_box.z_axis.truncate() * half.z,
        ]
        .map(|axis| axis.dot(self.view.forward).abs());
        let ahead_m = (middle - self.view.position).dot(self.view.forward);
        ahead_m + reach_m.iter().sum::<f64>() > self.view.near_m
    }

    /// The pixel of a sample's middle.
    pub fn middle_of(&self, x: usize, y: usize) -> DVec2 {
        self.corner_px + (DVec2::new(x as f64, y as f64) + 0.5) * self.step_px
    }

    /// The point that is seen in a sample at a depth.
    pub fn point(&self, x: usize, y: usize, depth_m: f64) -> DVec3 {
        let off = (self.middle_of(x, y) - self.middle_px) / self.scale_px;
        let ray = self.view.forward + self.right * off.x - self.view.up * off.y;
        self.view.position + ray * depth_m
    }

    /// Camera space (right, up, ahead; metres) from a mesh's own.
    fn camera_from(&self, local_from_mesh: &DMat4) -> Mat4 {
        let camera_from_local = DMat4::from_cols(
            DVec3::new(self.right.x, self.view.up.x, self.view.forward.x).extend(0.0),
            DVec3::new(self.right.y, self.view.up.y, self.view.forward.y).extend(0.0),
            DVec3::new(self.right.z, self.view.up.z, self.view.forward.z).extend(0.0),
            glam::DVec4::W,
        ) * DMat4::from_translation(-self.view.position);
        (camera_from_local * *local_from_mesh).as_mat4()
    }
}

/// How a mesh is drawn, as far as its samples go.
pub(super) struct Drawn<'a> {
    pub tile: &'a PreparedTile,
    pub local_from_mesh: &'a DMat4,
    /// The features that are not shown, in ascending order.
    pub hidden: &'a [u32],
    /// What is cut away, where a cut goes through the mesh.
    pub clip: Option<&'a Clip>,
    /// Pulled toward the camera by this share of its distance.
    pub pull: f32,
}

/// What is nearest in each sample.
pub(super) struct Nearest {
    pub lens: Lens,
    /// The reciprocal of the depth; 0 for sky.
    near: Vec<f32>,
    /// Mesh and triangle.
    what: Vec<u64>,
    corners: Vec<Vec3>,
}

impl Nearest {
    pub fn new(lens: Lens) -> Self {
        let samples = lens.size[0] * lens.size[1];
        Self {
            lens,
            near: vec![0.0; samples],
            what: vec![NOTHING; samples],
            corners: Vec::new(),
        }
    }

    /// Depth of what is drawn in a sample, metres along the view; infinite for sky or outside.
    pub fn depth_m(&self, sample: DVec2) -> f64 {
        let [width, height] = self.lens.size;
        if !(sample.min_element() >= 0.0) {
            return f64::INFINITY;
        }
        let (x, y) = (sample.x as usize, sample.y as usize);
        if x >= width || y >= height {
            return f64::INFINITY;
        }
        let near = self.near.get(y * width + x).copied().unwrap_or(0.0);
        f64::from(near).recip()
    }

    /// The mesh, the triangle (counted through its primitives) and the depth of a sample.
    pub fn at(&self, x: usize, y: usize) -> Option<(u32, u32, f64)> {
        let index = y * self.lens.size[0] + x;
        let what = self.what.get(index).copied().filter(|w| *w != NOTHING)?;
        let depth_m = f64::from(*self.near.get(index)?).recip();
        Some(((what >> 32) as u32, what as u32, depth_m))
    }

    /// Draws the triangles of a mesh; `slot` is its number.
    pub fn draw(&mut self, slot: u32, mesh: &Drawn) {
        let camera_from_mesh = self.lens.camera_from(mesh.local_from_mesh);
        let mut corners = std::mem::take(&mut self.corners);
        let mut first = 0u32;
        for primitive in &mesh.tile.primitives {
            if primitive.topology != Topology::Triangles {
                continue;
            }
            corners.clear();
            let positions = primitive.vertices.iter().map(|v| Vec3::from(v.position));
            corners.extend(positions.map(|p| camera_from_mesh.transform_point3(p)));
            self.primitive(slot, first, primitive, &corners, mesh);
            first = first.saturating_add((primitive.indices.len() / 3) as u32);
        }
        self.corners = corners;
    }

    fn primitive(
        &mut self,
        slot: u32,
        first: u32,
        primitive: &PreparedPrimitive,
        corners: &[Vec3],
        mesh: &Drawn,
    ) {
        let near_m = self.lens.view.near_m as f32;
        for (number, triangle) in (first..).zip(primitive.indices.chunks_exact(3)) {
            let &[a, b, c] = triangle else { continue };
            let corner = |index: u32| corners.get(index as usize).copied();
            let (Some(pa), Some(pb), Some(pc)) = (corner(a), corner(b), corner(c)) else {
                continue;
            };
            let behind = [pa, pb, pc].map(|p| !(p.z > near_m));
            if behind == [true; 3] {
                continue;
            }
            let feature = primitive.vertices.get(a as usize).map(|v| v.feature);
            if feature.is_some_and(|feature| mesh.hidden.binary_search(&feature).is_ok()) {
                continue;
            }
            let what = u64::from(slot) << 32 | u64::from(number);
            if behind == [false; 3] {
                self.triangle([pa, pb, pc], what, mesh);
                continue;
            }
            // Cut at the near plane, what is left is a triangle or a quadrilateral.
            let mut kept: Vec<Vec3> = Vec::with_capacity(4);
            for (from, to) in [(pa, pb), (pb, pc), (pc, pa)] {
                if from.z > near_m {
                    kept.push(from);
                }
                if (from.z > near_m) != (to.z > near_m) {
                    kept.push(from.lerp(to, (near_m - from.z) / (to.z - from.z)));
                }
            }
            if let [a, rest @ ..] = kept.as_slice() {
                for pair in rest.windows(2) {
                    if let [b, c] = pair {
                        self.triangle([*a, *b, *c], what, mesh);
                    }
                }
            }
        }
    }

    /// A triangle before the camera, in camera space.
    fn triangle(&mut self, camera: [Vec3; 3], what: u64, mesh: &Drawn) {
        let [width, height] = self.lens.size;
        let scale = (self.lens.scale_px / self.lens.step_px) as f32;
        let middle = ((self.lens.middle_px - self.lens.corner_px) / self.lens.step_px).as_vec2();
        let [a, b, c] = camera.map(|p| {
            let near = 1.0 / p.z;
            Vec3::new(
                middle.x + p.x * near * scale,
                middle.y - p.y * near * scale,
                near,
            )
        });
        let low = a.min(b).min(c);
        let high = a.max(b).max(c);
        // Sample centres lie at halves.
        let range = |low: f32, high: f32, size: usize| {
            let from = (low - 0.5).ceil().max(0.0);
            let to = (high - 0.5).floor().min(size as f32 - 1.0);
            (from <= to).then_some(from as usize..=to as usize)
        };
        let (Some(columns), Some(rows)) =
            (range(low.x, high.x, width), range(low.y, high.y, height))
        else {
            return;
        };
        let double_area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        if !(double_area.abs() > 1e-12) {
            return;
        }
        let inverse = 1.0 / double_area;
        // Weights of b and c grow evenly from sample to sample, and so does the reciprocal of the depth.
        let (u_x, u_y) = ((c.y - a.y) * inverse, -(c.x - a.x) * inverse);
        let (v_x, v_y) = (-(b.y - a.y) * inverse, (b.x - a.x) * inverse);
        let pulled = 1.0 / (1.0 - mesh.pull);
        for y in rows {
            let (dx, dy) = (*columns.start() as f32 + 0.5 - a.x, y as f32 + 0.5 - a.y);
            let mut u = dx * u_x + dy * u_y;
            let mut v = dx * v_x + dy * v_y;
            for x in columns.clone() {
                if u >= 0.0 && v >= 0.0 && u + v <= 1.0 {
                    let near = (a.z + u * (b.z - a.z) + v * (c.z - a.z)) * pulled;
                    let index = y * width + x;
                    if let Some(before) = self.near.get(index)
                        && near > *before
                        && mesh.clip.is_none_or(|clip| {
                            let depth_m = f64::from(pulled / near);
                            clip.keeps(self.lens.point(x, y, depth_m))
                        })
                    {
                        self.near[index] = near;
                        self.what[index] = what;
                    }
                }
                u += u_x;
                v += v_x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use city_geo::ClipPlane;
    use city_tiles::prepared::Vertex;

    const PANE: [f64; 4] = [100.0, 0.0, 400.0, 200.0];

    fn view() -> CityView {
        CityView {
            position: DVec3::new(50_000.0, -20_060.0, 100.0),
            forward: DVec3::Y,
            up: DVec3::Z,
            fov_y_rad: std::f64::consts::FRAC_PI_2,
            ..CityView::default()
        }
    }

    fn whole() -> Nearest {
        let lens = Lens::new(&view(), PANE, [DVec2::ZERO, DVec2::splat(1e6)]).unwrap();
        Nearest::new(lens)
    }

    /// Squares of 20 m before the camera: east and north of the view's foot.
    fn squares(places: &[[f32; 2]]) -> PreparedTile {
        let mut primitive = PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: Vec::new(),
            indices: Vec::new(),
            material: 0,
            has_normals: true,
        };
        for (feature, [east, north]) in (0..).zip(places) {
            let first = primitive.vertices.len() as u32;
            for [x, z] in [[-10.0, -10.0], [10.0, -10.0], [10.0, 10.0], [-10.0, 10.0]] {
                primitive.vertices.push(Vertex {
                    position: [east + x, *north, z],
                    normal: [0, -127, 0, 0],
                    color: [255; 4],
                    uv: [0.0; 2],
                    feature,
                });
            }
            primitive
                .indices
                .extend([0, 1, 2, 0, 2, 3].map(|i| first + i));
        }
        PreparedTile {
            primitives: vec![primitive],
            ..PreparedTile::default()
        }
    }

    fn place() -> DMat4 {
        DMat4::from_translation(DVec3::new(50_000.0, -20_000.0, 100.0))
    }

    fn draw<'a>(
        nearest: &mut Nearest,
        tile: &'a PreparedTile,
        place: &'a DMat4,
        hidden: &'a [u32],
        clip: Option<&'a Clip>,
    ) {
        let mesh = Drawn {
            tile,
            local_from_mesh: place,
            hidden,
            clip,
            pull: 0.0,
        };
        nearest.draw(7, &mesh);
    }

    /// How many samples show each square.
    fn counts(nearest: &Nearest, squares: usize) -> Vec<usize> {
        let mut counts = vec![0; squares];
        let [width, height] = nearest.lens.size;
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            if let Some((7, triangle, _)) = nearest.at(x, y) {
                counts[triangle as usize / 2] += 1;
            }
        }
        counts
    }

    #[test]
    fn the_nearer_square_wins_whatever_is_drawn_first() {
        for places in [[[0.0, 0.0], [5.0, -30.0]], [[5.0, -30.0], [0.0, 0.0]]] {
            let mut nearest = whole();
            let (tile, place) = (squares(&places), place());
            draw(&mut nearest, &tile, &place, &[], None);
            // 100 px are 60 m far away, and 30 m at half the distance.
            let mut counts = counts(&nearest, 2);
            counts.sort_unstable();
            // The near one is 66.7 px wide; of the far one's 33.3 px all but 1.7 lie behind it, or more.
            assert!(counts[1].abs_diff(66 * 66) < 150, "{counts:?}");
            assert!(counts[0] < 80, "{counts:?}");
        }
        let mut nearest = whole();
        let (tile, place) = (squares(&[[0.0, 0.0]]), place());
        draw(&mut nearest, &tile, &place, &[], None);
        let (_, _, depth_m) = nearest.at(200, 100).unwrap();
        assert!((depth_m - 60.0).abs() < 1e-3);
        let (sample, _) = nearest
            .lens
            .sample_of(DVec3::new(50_000.0, -20_000.0, 100.0))
            .unwrap();
        assert!(sample.distance(DVec2::new(200.0, 100.0)) < 1e-6);
        assert!((nearest.depth_m(sample) - 60.0).abs() < 1e-3);
        assert!(nearest.depth_m(DVec2::new(10.0, 10.0)).is_infinite());
        assert!(nearest.depth_m(DVec2::new(-1.0, 1e9)).is_infinite());
    }

    #[test]
    fn what_is_hidden_or_cut_away_is_looked_through() {
        let (tile, place) = (squares(&[[0.0, -30.0], [0.0, 0.0]]), place());
        let mut nearest = whole();
        draw(&mut nearest, &tile, &place, &[0], None);
        let seen = counts(&nearest, 2);
        assert!(seen[0] == 0 && seen[1].abs_diff(1111) < 70, "{seen:?}");
        let clip = Clip {
            planes: vec![ClipPlane::through(DVec3::X * 50_000.0, DVec3::NEG_X)],
            ..Clip::default()
        };
        let mut nearest = whole();
        draw(&mut nearest, &tile, &place, &[], Some(&clip));
        let cut = counts(&nearest, 2);
        assert!(cut[0].abs_diff(33 * 66) < 120 && cut[1] == 0, "{cut:?}");
        assert!(nearest.at(220, 100).is_none());
    }

    #[test]
    fn a_floor_that_passes_the_camera_is_drawn_before_it() {
        let mut tile = squares(&[[0.0, 0.0]]);
        for (vertex, [x, y]) in tile.primitives[0].vertices.iter_mut().zip([
            [-500.0, -500.0],
            [500.0, -500.0],
            [500.0, 500.0],
            [-500.0, 500.0],
        ]) {
            vertex.position = [x, y, -10.0];
        }
        let place = place();
        let mut nearest = whole();
        draw(&mut nearest, &tile, &place, &[], None);
        // 50 px below the middle, at 10 m below the eye: 20 m ahead.
        let (_, _, depth_m) = nearest.at(200, 149).unwrap();
        assert!((depth_m - 20.0).abs() < 0.3, "{depth_m}");
        assert!(nearest.at(200, 90).is_none(), "sky");
    }

    #[test]
    fn large_parts_are_sampled_more_sparsely_and_parts_outside_not_at_all() {
        let lens = |bounds| Lens::new(&view(), [0.0, 0.0, 4000.0, 2000.0], bounds);
        let part = lens([DVec2::splat(-50.0), DVec2::new(100.0, 80.0)]).unwrap();
        assert_eq!(part.size, [100, 80]);
        let large = lens([DVec2::ZERO, DVec2::splat(9e9)]).unwrap();
        assert_eq!(large.size, [1334, 667]);
        assert!(lens([DVec2::new(5000.0, 0.0), DVec2::new(6000.0, 10.0)]).is_none());
        assert!(lens([DVec2::INFINITY, DVec2::NEG_INFINITY]).is_none());
    }
}
