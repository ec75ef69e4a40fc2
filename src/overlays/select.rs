//! Which sensor is under a pixel.

use std::collections::HashMap;

use bevy::ecs::prelude::*;
use glam::{DVec3, Vec3};

use crate::picking::PickRequest;
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

    fn datastream(&self, layer: Entity, slot: u32) -> Option<u32> {
        self.layers.get(&layer)?.get(slot as usize).copied()
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

/// The nearest sensor whose marker covers the pixel (with two pixels of mercy).
#[must_use]
pub fn pick_marker(
    view: &CityView,
    request: &PickRequest,
    layers: &Query<&MarkerLayer>,
    index: &MarkerIndex,
) -> Option<MarkerHit> {
    let [width, height] = request.viewport_px;
    let scale = height * 0.5 / (view.fov_y_rad * 0.5).tan();
    let right = view.right();
    let mut best: Option<MarkerHit> = None;
    for (entity, datastreams) in &index.layers {
        let Ok(layer) = layers.get(*entity) else {
            continue;
        };
        if !layer.visible || datastreams.is_empty() {
            continue;
        }
        let rel_origin = layer.origin - view.position;
        for marker in layer.markers.iter() {
            let rel = Vec3::from(marker.position).as_dvec3() + rel_origin;
            let depth = rel.dot(view.forward);
            if depth <= view.near_m {
                continue;
            }
            let x = width * 0.5 + rel.dot(right) / depth * scale;
            let y = height * 0.5 - rel.dot(view.up) / depth * scale;
            let distance_m = rel.length();
            let off = DVec3::new(x - request.at_px[0], y - request.at_px[1], 0.0).length();
            let nearer = best.is_none_or(|hit| distance_m < hit.distance_m);
            if off <= radius_px(layer.size_px, distance_m) + 2.0
                && nearer
                && let Some(datastream) = index.datastream(*entity, marker.index)
            {
                best = Some(MarkerHit {
                    datastream,
                    distance_m,
                });
            }
        }
    }
    best
}
