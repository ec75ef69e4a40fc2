//! Moving and turning what is chosen, and what happens to placed models. Knows no engine.

use city_geo::Geodetic;
use city_scene::scenario::{OperationKind, PlacedModel, footprint, moved_place};

use super::desk::{Desk, OPEN};

/// A move of what is chosen: along the compass, up, and about its middle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shift {
    /// Metres.
    pub east_m: f64,
    /// Metres.
    pub north_m: f64,
    /// Metres, so that it stands on the ground where that is higher or lower.
    pub up_m: f64,
    /// Degrees, seen from above.
    pub clockwise_deg: f64,
}

impl Desk {
    /// Moves what is chosen: one change of the operation that put it there.
    pub fn carry(&mut self, by: Shift) {
        let Some(chosen) = self.chosen.clone() else {
            return;
        };
        let plan = std::sync::Arc::clone(self.plan(OPEN));
        if let Some(added) = plan.added.get(&chosen) {
            let mut building = added.building.clone();
            if by.clockwise_deg != 0.0 {
                building.footprint = footprint::turned(&building.footprint, by.clockwise_deg);
            }
            if (by.east_m, by.north_m) != (0.0, 0.0) {
                building.footprint = footprint::moved(&building.footprint, by.east_m, by.north_m);
            }
            building.base_height_m = building.base_height_m.map(|foot_m| foot_m + by.up_m);
            self.put(&chosen, building);
        } else if let Some(model) = plan.models.get(&chosen) {
            let mut position = moved_place(model.position, by.east_m, by.north_m);
            position.height += by.up_m;
            self.put_model(&PlacedModel {
                position,
                heading_deg: (model.heading_deg + by.clockwise_deg).rem_euclid(360.0),
                ..model.clone()
            });
        }
    }

    /// What is in the hand is put down where it is.
    pub fn put_down(&mut self) {
        if let Some(by) = self.held.take()
            && by != Shift::default()
        {
            self.carry(by);
        }
    }

    /// Gives a placed model another address, place, heading or size, in the operation that placed it.
    pub fn put_model(&mut self, model: &PlacedModel) {
        if let Some(editor) = &mut self.editor {
            editor.set_model(model);
            self.touch();
        }
    }

    /// Puts the model that was named on a place, and chooses it.
    pub(super) fn place_model(&mut self, place: Geodetic) {
        let url = self.model_url.trim().to_owned();
        if let (Some(editor), false) = (&mut self.editor, url.is_empty()) {
            self.chosen = editor.apply(OperationKind::PlaceModel {
                url,
                position: position(place),
                heading_deg: 0.0,
                scale: 1.0,
            });
            self.touch();
        }
    }

    /// A file that is to be placed by the next click. Beside the scenario's own file its address is relative, so that
    /// both can go elsewhere together.
    pub fn take_model(&mut self, url: &str) {
        let relative = url.strip_prefix(&self.beside).filter(|_| {
            // Without a folder the scenario is nowhere, and nothing is beside it.
            !self.beside.is_empty()
        });
        self.model_url = relative.unwrap_or(url).to_owned();
        self.tool = crate::ui::model::PlanTool::Model;
        self.corners.clear();
    }
}

/// A place as scenarios write it.
pub(super) fn position(place: Geodetic) -> city_scene::Place {
    city_scene::Place {
        lon: place.lon_deg(),
        lat: place.lat_deg(),
        height: place.height_m,
    }
}

#[cfg(test)]
mod tests {
    use city_time::SimInstant;

    use super::*;
    use crate::ui::model::PlanTool;

    fn at(lon: f64, lat: f64, height_m: f64) -> Geodetic {
        Geodetic::from_degrees(lon, lat, height_m)
    }

    /// A desk with one model on it.
    fn placed() -> (Desk, String) {
        let mut desk = Desk::default();
        desk.create("Quay");
        desk.model_url = "models/kiosk.glb".to_owned();
        desk.tool = PlanTool::Model;
        desk.click(at(114.17, 22.29, 5.0));
        desk.refresh(SimInstant(0));
        let id = desk.chosen.clone().unwrap();
        (desk, id)
    }

    fn model(desk: &Desk, id: &str) -> PlacedModel {
        desk.plan(OPEN).models[id].clone()
    }

    fn operations(desk: &Desk) -> usize {
        desk.editor.as_ref().unwrap().scenario().operations.len()
    }

    #[test]
    fn a_click_places_the_named_model_and_chooses_it() {
        let (desk, id) = placed();
        assert_eq!(desk.tool, PlanTool::None);
        let model = model(&desk, &id);
        assert_eq!(model.url, "models/kiosk.glb");
        assert!((model.position.lat - 22.29).abs() < 1e-9);
        assert_eq!(model.position.height, 5.0);
        assert_eq!(desk.differences().len(), 1);
    }

    #[test]
    fn without_a_name_nothing_is_placed_and_the_tool_stays() {
        let mut desk = Desk::default();
        desk.create("Quay");
        desk.tool = PlanTool::Model;
        desk.click(at(114.17, 22.29, 5.0));
        assert_eq!(operations(&desk), 0);
        assert_eq!(desk.tool, PlanTool::Model);
    }

    #[test]
    fn a_drag_is_one_step_of_undo() {
        let (mut desk, id) = placed();
        for east_m in [1.0, 5.0, 12.0] {
            desk.held = Some(Shift {
                east_m,
                up_m: east_m * 0.5,
                ..Shift::default()
            });
        }
        desk.put_down();
        desk.refresh(SimInstant(0));
        let moved = model(&desk, &id).position;
        let metres = (moved.lon - 114.17) * 103_000.0;
        assert!((metres - 12.0).abs() < 0.1, "{metres}");
        assert_eq!(moved.height, 11.0);
        assert_eq!(operations(&desk), 1);
        desk.editor.as_mut().unwrap().undo();
        desk.touch();
        desk.refresh(SimInstant(0));
        assert_eq!(model(&desk, &id).position.lon, 114.17);
    }

    #[test]
    fn what_is_let_go_where_it_was_is_no_change() {
        let (mut desk, _) = placed();
        desk.editor.as_mut().unwrap().mark_saved();
        desk.held = Some(Shift::default());
        desk.put_down();
        assert!(!desk.editor.as_ref().unwrap().is_dirty());
    }

    #[test]
    fn turning_keeps_headings_within_a_turn() {
        let (mut desk, id) = placed();
        for turn in [-30.0, 45.0, 350.0] {
            desk.carry(Shift {
                clockwise_deg: turn,
                ..Shift::default()
            });
            desk.refresh(SimInstant(0));
        }
        assert!((model(&desk, &id).heading_deg - 5.0).abs() < 1e-9);
    }

    #[test]
    fn a_dropped_file_beside_the_scenario_is_named_relative_to_it() {
        let (mut desk, _) = placed();
        desk.beside = "file:///plans/".to_owned();
        desk.take_model("file:///plans/m/a.glb");
        assert_eq!(desk.model_url, "m/a.glb");
        desk.take_model("file:///else/a.glb");
        assert_eq!(desk.model_url, "file:///else/a.glb");
        assert_eq!(desk.tool, PlanTool::Model);
    }
}
