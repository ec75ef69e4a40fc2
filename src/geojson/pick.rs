//! Lines and points under a pixel: on the screen, since they have no width in the world.

use bevy::ecs::prelude::*;
use city_geo::Clip;
use city_tiles::vector::Stroke;
use glam::{DVec2, DVec3, Vec3};

use super::drape::segment;
use super::layer::VectorLayer;
use crate::picking::PickRequest;
use crate::render::{CityView, LineSegment, Placement};

/// A line or point under a pixel.
#[derive(Clone, Copy, Debug)]
pub struct StrokeHit {
    /// The layer.
    pub layer: Entity,
    /// The feature.
    pub feature: u32,
    /// Metres from the camera.
    pub distance_m: f64,
    /// The place, local frame.
    pub at: DVec3,
}

/// Thin lines are easier to hit than they are wide, pixels to each side.
const MERCY_PX: f64 = 3.0;

/// The line or point that is drawn over a pixel, or nearly. What lies behind `hidden_from_m`, where a
/// surface is, is not there for the eye either, nor what is cut away.
pub fn pick_stroke<'a>(
    view: &CityView,
    request: &PickRequest,
    hidden_from_m: f64,
    clip: Option<&Clip>,
    layers: impl Iterator<Item = (Entity, &'a VectorLayer, &'a Placement)>,
) -> Option<StrokeHit> {
    let screen = Screen::new(view, request);
    // On screen lines lie over the ground even where the ground's triangles are a little nearer.
    let limit_m = hidden_from_m * 1.01 + 3.0;
    let mut best: Option<(f64, StrokeHit)> = None;
    for (layer, vector, placement) in layers.filter(|(_, layer, _)| layer.visible) {
        let origin = placement.local_from_mesh.transform_point3(DVec3::ZERO);
        for stroke in vector.strokes.iter() {
            let [a, b] = [stroke.a, stroke.b].map(|p| origin + Vec3::from(p).as_dvec3());
            let Some((off_px, at)) = screen.distance_px(a, b) else {
                continue;
            };
            let half_px = f64::from(stroke.width_px) * 0.5;
            let beyond_px = (off_px - half_px).max(0.0);
            let distance_m = at.distance(view.position);
            // What is drawn later lies on top.
            if beyond_px <= MERCY_PX
                && distance_m <= limit_m
                && clip.is_none_or(|clip| clip.keeps(at))
                && best.is_none_or(|(least, _)| beyond_px <= least)
            {
                let hit = StrokeHit {
                    layer,
                    feature: stroke.feature,
                    distance_m,
                    at,
                };
                best = Some((beyond_px, hit));
            }
        }
    }
    best.map(|(_, hit)| hit)
}

struct Screen {
    position: DVec3,
    forward: DVec3,
    right: DVec3,
    up: DVec3,
    near_m: f64,
    scale_px: f64,
    center_px: DVec2,
    at_px: DVec2,
}

impl Screen {
    fn new(view: &CityView, request: &PickRequest) -> Self {
        let [width, height] = request.viewport_px;
        Self {
            position: view.position,
            forward: view.forward,
            right: view.right(),
            up: view.up,
            near_m: view.near_m.max(0.05),
            scale_px: height * 0.5 / (view.fov_y_rad * 0.5).tan(),
            center_px: DVec2::new(width, height) * 0.5,
            at_px: DVec2::from(request.at_px),
        }
    }

    /// Pixels from the pixel to a segment, and the segment's point there; none behind the camera.
    fn distance_px(&self, a: DVec3, b: DVec3) -> Option<(f64, DVec3)> {
        let (mut a, mut b) = (a - self.position, b - self.position);
        let (da, db) = (a.dot(self.forward), b.dot(self.forward));
        if da < self.near_m && db < self.near_m {
            return None;
        }
        let share = (self.near_m - da) / (db - da);
        if da < self.near_m {
            a = a.lerp(b, share);
        } else if db < self.near_m {
            b = a.lerp(b, share);
        }
        let (da, db) = (a.dot(self.forward), b.dot(self.forward));
        let pixel = |rel: DVec3, depth: f64| {
            self.center_px
                + DVec2::new(rel.dot(self.right), -rel.dot(self.up)) / depth * self.scale_px
        };
        let (pa, pb) = (pixel(a, da), pixel(b, db));
        let along = pb - pa;
        let length_2 = along.length_squared();
        let t = if length_2 > 0.0 {
            ((self.at_px - pa).dot(along) / length_2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let off_px = self.at_px.distance(pa + along * t);
        // Even steps on screen are not even in depth: the reciprocal of the depth is.
        let depth = 1.0 / ((1.0 - t) / da + t / db);
        let s = if (db - da).abs() > 1e-9 {
            ((depth - da) / (db - da)).clamp(0.0, 1.0)
        } else {
            t
        };
        Some((off_px, self.position + a.lerp(b, s)))
    }
}

/// The lines and points of features (ascending indices) with a rim in a colour, for the selection.
#[must_use]
pub fn highlight(strokes: &[Stroke], features: &[u32], rim: [u8; 4]) -> Vec<LineSegment> {
    let is_own = |stroke: &&Stroke| features.binary_search(&stroke.feature).is_ok();
    let own = || strokes.iter().filter(is_own);
    let wide = own().map(|stroke| LineSegment {
        width_px: stroke.width_px + 5.0,
        color: rim,
        ..segment(stroke)
    });
    wide.chain(own().map(segment)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geojson::VectorSource;
    use glam::DMat4;
    use std::sync::Arc;

    fn view() -> CityView {
        CityView {
            position: DVec3::new(0.0, -100.0, 0.0),
            forward: DVec3::Y,
            up: DVec3::Z,
            fov_y_rad: std::f64::consts::FRAC_PI_2,
            near_m: 0.1,
            above_ground_m: 10.0,
        }
    }

    fn stroke(a: [f32; 3], b: [f32; 3], feature: u32) -> Stroke {
        Stroke {
            a,
            b,
            width_px: 4.0,
            color: [255; 4],
            feature,
        }
    }

    fn pick(strokes: Vec<Stroke>, at_px: [f64; 2], hidden_from_m: f64) -> Option<StrokeHit> {
        let mut layer = VectorLayer::for_tests(VectorSource::of("a"));
        layer.strokes = Arc::new(strokes);
        let placement = Placement {
            local_from_mesh: DMat4::IDENTITY,
        };
        // 100 px are 100 m at the distance of 100 m.
        let request = PickRequest {
            at_px,
            viewport_px: [400.0, 200.0],
            add: false,
        };
        let entity = Entity::PLACEHOLDER;
        pick_stroke(
            &view(),
            &request,
            hidden_from_m,
            None,
            [(entity, &layer, &placement)].into_iter(),
        )
    }

    #[test]
    fn a_point_is_hit_within_its_size_and_some_mercy() {
        let point = || vec![stroke([30.0, 0.0, 20.0], [30.0, 0.0, 20.0], 4)];
        let hit = pick(point(), [230.0, 80.0], f64::INFINITY).unwrap();
        assert_eq!(hit.feature, 4);
        assert!(hit.at.distance(DVec3::new(30.0, 0.0, 20.0)) < 1e-6);
        assert!(pick(point(), [234.0, 80.0], f64::INFINITY).is_some());
        assert!(pick(point(), [236.0, 80.0], f64::INFINITY).is_none());
        assert!(
            pick(point(), [230.0, 80.0], 50.0).is_none(),
            "behind a wall"
        );
    }

    #[test]
    fn a_line_that_passes_the_camera_is_hit_before_it() {
        let line = vec![stroke([0.0, -300.0, -10.0], [0.0, 300.0, -10.0], 1)];
        let hit = pick(line, [200.0, 120.0], f64::INFINITY).unwrap();
        // 20 px down at 10 m below: 50 m ahead.
        assert!(
            (hit.at - DVec3::new(0.0, -50.0, -10.0)).length() < 1e-6,
            "{hit:?}"
        );
        let behind = vec![stroke([0.0, -300.0, 0.0], [0.0, -200.0, 0.0], 1)];
        assert!(pick(behind, [200.0, 100.0], f64::INFINITY).is_none());
    }

    #[test]
    fn what_is_drawn_last_is_on_top() {
        let two = vec![
            stroke([0.0; 3], [50.0, 0.0, 0.0], 1),
            stroke([20.0, 0.0, 0.0], [20.0, 0.0, 0.0], 2),
        ];
        assert_eq!(pick(two, [220.0, 100.0], f64::INFINITY).unwrap().feature, 2);
    }
}
