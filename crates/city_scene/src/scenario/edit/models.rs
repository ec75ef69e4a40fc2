//! What is done to placed models with the mouse, as operations.

use std::collections::BTreeMap;

use city_geo::{DVec3, Geodetic, LocalFrame, geodetic_from_ecef};

use super::{Editor, Step};
use crate::scenario::plan::{PlacedModel, Plan};
use crate::scenario::schema::{Operation, OperationKind};
use crate::schema::Place;

impl Editor {
    /// Gives a placed model another address, place, heading or size, in the operation that placed it; `false` where
    /// that is no longer there.
    pub fn set_model(&mut self, model: &PlacedModel) -> bool {
        self.edit(&model.origin, |operation| {
            if let OperationKind::PlaceModel { .. } = operation.kind {
                operation.kind = placing(model);
            }
        })
    }

    /// Places a copy of a model of the plan, moved by metres; the operation's id, which the copy has too.
    pub fn copy_model(
        &mut self,
        plan: &Plan,
        feature: &str,
        east_m: f64,
        north_m: f64,
    ) -> Option<String> {
        let model = plan.models.get(feature)?;
        self.apply(placing(&PlacedModel {
            position: moved_place(model.position, east_m, north_m),
            ..model.clone()
        }))
    }

    /// Files of models are somewhere else now, by the addresses that they had. They are what they were, so this is no
    /// step of the history: undoing leads to where they are now, too.
    pub fn readdress_models(&mut self, moved: &BTreeMap<String, String>) {
        let steps = self.done.iter_mut().chain(&mut self.undone);
        let in_steps = steps.flat_map(Step::operations_mut);
        for operation in self.scenario.operations.iter_mut().chain(in_steps) {
            readdress(operation, moved);
        }
        self.note_dirty();
    }
}

fn readdress(operation: &mut Operation, moved: &BTreeMap<String, String>) {
    if let OperationKind::PlaceModel { url, .. } = &mut operation.kind
        && let Some(now) = moved.get(url)
    {
        url.clone_from(now);
    }
}

fn placing(model: &PlacedModel) -> OperationKind {
    OperationKind::PlaceModel {
        url: model.url.clone(),
        position: model.position,
        heading_deg: model.heading_deg,
        scale: model.scale,
    }
}

/// A place, moved by metres along the compass; its height stays. What gives no place leaves it as it was.
pub fn moved_place(place: Place, east_m: f64, north_m: f64) -> Place {
    let frame = LocalFrame::enu(Geodetic::from_degrees(place.lon, place.lat, place.height));
    let there = frame
        .ecef_from_local()
        .transform_point3(DVec3::new(east_m, north_m, 0.0));
    let there = geodetic_from_ecef(there);
    let (lon, lat) = (there.lon_deg(), there.lat_deg());
    if lon.is_finite() && lat.is_finite() {
        Place { lon, lat, ..place }
    } else {
        place
    }
}
