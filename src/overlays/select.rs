//! Which sensor is under a pixel.

use std::collections::HashMap;

use bevy::ecs::prelude::*;
use city_geo::Clip;
use glam::{DVec2, Vec3};

use crate::render::{CityView, MarkerLayer};

/// Datastream numbers by layer entity and instance.
#[derive(Resource, Default)]
pub struct MarkerIndex {
    layers: HashMap<Entity, Vec<u32>>,
}

impl MarkerIndex {
    pub(super) fn set(&mut self, layer: Entity, datastreams: Vec<u32>) {
        self.layers.insert(layer, datastreams);
    }

    /// Forgets all layers.
    pub(super) fn take(&mut self) -> Vec<Entity> {
        self.layers.drain().map(|(entity, _)| entity).collect()
    }

    /// The instance of a datastream in a layer.
    #[must_use]
    pub fn slot(&self, layer: Entity, datastream: u32) -> Option<u32> {
        // Catalogues list datastreams by ascending number.
        self.layers
            .get(&layer)?
            .binary_search(&datastream)
            .ok()
            .map(|slot| slot as u32)
    }

    /// Layer entities with the datastreams of their instances.
    pub fn layers(&self) -> impl Iterator<Item = (Entity, &[u32])> {
        self.layers
            .iter()
            .map(|(entity, datastreams)| (*entity, datastreams.as_slice()))
    }
}

/// A sensor under a pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MarkerHit {
    /// Its datastream.
    pub datastream: u32,
    /// Metres from the camera.
    pub distance_m: f64,
}

/// Radius in pixels of a marker; must agree with marker.wgsl.
fn radius_px(size_px: f32, distance_m: f64) -> f64 {
    f64::from(size_px) * (2400.0 / distance_m.max(1.0)).clamp(0.6, 1.5)
}

/// Markers are drawn nearer than they are by this factor; must agree with marker.wgsl.
pub const MARKER_PULL: f64 = 0.98;
/// A click may miss a marker by this many pixels.
const MERCY_PX: f64 = 2.0;

/// Where a pixel looks, and what a ray through it meets.
#[derive(Clone, Copy, Debug)]
pub struct Aim {
    /// The pixel, from the left and the top.
    pub at_px: [f64; 2],
    /// Width and height.
    pub viewport_px: [f64; 2],
    /// How deep the city's surface lies in the pixel: metres along the view direction, infinite for sky.
    pub surface_depth_m: f64,
}

/// The nearest sensor whose marker covers the pixel (with two pixels of mercy) and is not behind the city's surface
/// there: what the depth test hides cannot be clicked, nor what is cut away.
#[must_use]
pub fn pick_marker<'a>(
    view: &CityView,
    aim: &Aim,
    clip: Option<&Clip>,
    layers: impl Iterator<Item = (&'a MarkerLayer, &'a [u32])>,
) -> Option<MarkerHit> {
    let [width, height] = aim.viewport_px;
    let scale = height * 0.5 / (view.fov_y_rad * 0.5).tan();
    let right = view.right();
    let mut best: Option<MarkerHit> = None;
    for (layer, datastreams) in layers {
        if !layer.visible || datastreams.is_empty() {
            continue;
        }
        let rel_origin = layer.origin - view.position;
        for marker in layer.markers.iter() {
            let rel = Vec3::from(marker.position).as_dvec3() + rel_origin;
            let depth_m = rel.dot(view.forward);
            if depth_m <= view.near_m || depth_m * MARKER_PULL > aim.surface_depth_m {
                continue;
            }
            let x = width * 0.5 + rel.dot(right) / depth_m * scale;
            let y = height * 0.5 - rel.dot(view.up) / depth_m * scale;
            let distance_m = rel.length();
            let off = DVec2::new(x - aim.at_px[0], y - aim.at_px[1]).length();
            let nearer = best.is_none_or(|hit| distance_m < hit.distance_m);
            if off <= radius_px(layer.size_px, distance_m) + MERCY_PX
                && nearer
                && clip.is_none_or(|clip| clip.keeps(view.position + rel))
                && let Some(datastream) = datastreams.get(marker.index as usize)
            {
                best = Some(MarkerHit {
                    datastream: *datastream,
                    distance_m,
                });
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Marker;
    use glam::DVec3;
    use std::sync::Arc;

    fn layer(places: &[[f32; 3]]) -> MarkerLayer {
        MarkerLayer {
            origin: DVec3::ZERO,
            markers: Arc::new(
                places
                    .iter()
                    .zip(0..)
                    .map(|(position, index)| Marker {
                        position: *position,
                        index,
                        ..Marker::default()
                    })
                    .collect(),
            ),
            generation: 1,
            time: crate::render::MarkerTime::default(),
            range: [0.0, 1.0],
            size_px: 7.0,
            opacity: 1.0,
            color_map: "cividis".into(),
            selected: u32::MAX,
            visible: true,
        }
    }

    #[test]
    fn what_stands_behind_a_wall_is_not_clicked_and_what_is_on_it_is() {
        let view = CityView {
            position: DVec3::ZERO,
            forward: DVec3::Y,
            up: DVec3::Z,
            ..CityView::default()
        };
        let layer = layer(&[[0.0, 900.0, 0.0], [0.0, 500.5, 0.0], [40.0, 100.0, 0.0]]);
        let numbers = [11, 12, 13];
        let pick = |surface_depth_m: f64, x: f64| {
            let aim = Aim {
                at_px: [x, 180.0],
                viewport_px: [640.0, 360.0],
                surface_depth_m,
            };
            pick_marker(
                &view,
                &aim,
                None,
                [(&layer, numbers.as_slice())].into_iter(),
            )
            .map(|hit| hit.datastream)
        };
        // A sensor on the wall is drawn before it, since markers are pulled forward.
        assert_eq!(pick(500.0, 320.0), Some(12));
        assert_eq!(pick(490.0, 320.0), None);
        assert_eq!(pick(f64::INFINITY, 320.0), Some(12));
        assert_eq!(pick(f64::INFINITY, 340.0), None);
    }
}
