//! What is cut away.

use bevy::ecs::prelude::DetectChanges;
use glam::DVec3;

use super::Sources;
use crate::measure::geometry::area_on_map_m2;
use crate::ui::model as ui;

pub(super) fn fill(model: &mut ui::ClipModel, from: &Sources) {
    let clipping = &from.clipping;
    if !clipping.is_changed() {
        return;
    }
    let area_m2 = |ring: &Vec<city_geo::Geodetic>| {
        let corners: Vec<DVec3> = ring.iter().map(|c| from.frame.local(*c)).collect();
        area_on_map_m2(&corners)
    };
    *model = ui::ClipModel {
        on: clipping.on,
        planes: clipping
            .planes
            .iter()
            .map(|plane| ui::PlaneModel {
                heading_deg: plane.heading_deg,
                tilt_deg: plane.tilt_deg,
                offset_m: plane.offset_m,
                flipped: plane.flipped,
            })
            .collect(),
        chosen: clipping.chosen,
        together: clipping.together,
        outlines: clipping
            .outlines
            .iter()
            .map(|ring| ui::OutlineModel {
                corners: ring.len(),
                area_m2: area_m2(ring),
            })
            .collect(),
        keeps_inside: clipping.keeps_inside,
        drawing: clipping.drawing.as_ref().map(Vec::len),
        corners_left: clipping.corners_left(),
    };
}
