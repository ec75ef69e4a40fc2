//! What is done to buildings with the mouse, as operations.

use geo_types::Polygon;

use super::Editor;
use crate::scenario::footprint;
use crate::scenario::plan::Plan;
use crate::scenario::schema::{Building, OperationKind};

impl Editor {
    /// Moves a building of the plan by metres; the operation's id. `None` for what is no building of the scenario's.
    pub fn move_building(
        &mut self,
        plan: &Plan,
        feature: &str,
        east_m: f64,
        north_m: f64,
    ) -> Option<String> {
        self.reshape(plan, feature, |outline| {
            footprint::moved(outline, east_m, north_m)
        })
    }

    /// Turns a building of the plan about its middle; the operation's id.
    pub fn turn_building(
        &mut self,
        plan: &Plan,
        feature: &str,
        clockwise_deg: f64,
    ) -> Option<String> {
        self.reshape(plan, feature, |outline| {
            footprint::turned(outline, clockwise_deg)
        })
    }

    /// Puts another form of a building in its place (height, use, outline ...); the operation's id.
    pub fn replace_building(&mut self, feature: &str, building: Building) -> Option<String> {
        let feature = feature.to_owned();
        self.apply(OperationKind::ReplaceBuilding { feature, building })
    }

    /// Adds a copy of a building of the plan, moved by metres; the operation's id, which the copy has too.
    pub fn copy_building(
        &mut self,
        plan: &Plan,
        feature: &str,
        east_m: f64,
        north_m: f64,
    ) -> Option<String> {
        let mut building = plan.added.get(feature)?.building.clone();
        building.footprint = footprint::moved(&building.footprint, east_m, north_m);
        self.apply(OperationKind::AddBuilding { building })
    }

    /// Hides a feature, the base's or an added one; the operation's id.
    pub fn delete(&mut self, feature: &str) -> Option<String> {
        let ids = vec![feature.to_owned()];
        self.apply(OperationKind::HideFeatures { ids })
    }

    fn reshape(
        &mut self,
        plan: &Plan,
        feature: &str,
        shape: impl FnOnce(&Polygon<f64>) -> Polygon<f64>,
    ) -> Option<String> {
        let mut building = plan.added.get(feature)?.building.clone();
        building.footprint = shape(&building.footprint);
        // Its foot was measured where it stood.
        self.replace_building(feature, building)
    }
}
