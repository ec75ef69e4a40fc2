//! What a scenario does to the city's own things: streets, attributes, and inputs of models. Knows no engine.

use std::collections::BTreeMap;

use city_geo::Geodetic;
use city_scene::scenario::{BaseStreet, OperationKind, Value};

use super::desk::{Desk, OPEN, Wish};

/// A click so near to a street's middle is on it, metres: half of a wide street.
const ON_STREET_M: f64 = 25.0;
/// Streets that are offered for one text.
const MOST_FOUND: usize = 8;

impl Desk {
    /// The street whose form is shown, as it is in the city.
    #[must_use]
    pub fn chosen_street(&self) -> Option<BaseStreet> {
        let id = self.street.as_ref()?;
        self.city().street(id)
    }

    /// Looks for streets by name or identifier.
    pub fn find_streets(&mut self, text: &str) {
        let index = self.base.as_ref();
        let found = index.map(|index| index.find_streets(text, MOST_FOUND));
        self.found_streets = found
            .unwrap_or_default()
            .into_iter()
            .map(|street| (street.id.clone(), street.name.clone()))
            .collect();
    }

    /// Chooses the street at a place.
    pub(super) fn pick_street(&mut self, place: Geodetic) {
        let Some(index) = &self.base else {
            self.wishes.push(Wish::Tell(
                "this city has no list of its streets".to_owned(),
                "streets can be closed and changed in cities that the tiler made".to_owned(),
            ));
            return;
        };
        match index.street_near(place.lon_deg(), place.lat_deg(), ON_STREET_M) {
            Some(street) => self.street = Some(street.id.clone()),
            None => self.wishes.push(Wish::Tell(
                "there is no street at this place".to_owned(),
                "click nearer to the middle of a street, or look for it by its name".to_owned(),
            )),
        }
    }

    /// Closes the chosen street.
    pub fn close_street(&mut self) {
        let Some(street) = self.chosen_street() else {
            return;
        };
        let closed = self.plan(OPEN).streets.get(&street.id);
        if closed.is_some_and(|change| change.closed.is_some()) {
            return;
        }
        if let Some(editor) = &mut self.editor {
            editor.apply(OperationKind::CloseStreet { street: street.id });
            self.touch();
        }
    }

    /// Gives the chosen street another attribute: in the operation that gave it its last one, or another one, so that
    /// speed and lanes of a street are one operation.
    pub fn change_street(&mut self, attribute: &str, value: Value) {
        let Some(id) = self.chosen_street().map(|street| street.id) else {
            return;
        };
        let origin = self.plan(OPEN).streets.get(&id).and_then(|change| {
            let of = change.attributes.get(attribute);
            let sourced = of.or_else(|| change.attributes.values().next_back())?;
            Some(sourced.origin.clone())
        });
        let Some(editor) = &mut self.editor else {
            return;
        };
        let edited = origin.is_some_and(|origin| {
            editor.edit(&origin, |operation| {
                if let OperationKind::ChangeStreet { attributes, .. } = &mut operation.kind {
                    attributes.insert(attribute.to_owned(), value.clone());
                }
            })
        });
        if !edited {
            editor.apply(OperationKind::ChangeStreet {
                street: id,
                attributes: BTreeMap::from([(attribute.to_owned(), value)]),
            });
        }
        self.touch();
    }

    /// Gives a feature another value of an attribute; in the operation that gave it its last one.
    pub fn override_attribute(&mut self, feature: &str, attribute: &str, value: Value) {
        let origin = self
            .plan(OPEN)
            .attributes
            .get(feature)
            .and_then(|attributes| attributes.get(attribute))
            .map(|sourced| sourced.origin.clone());
        let now = OperationKind::OverrideAttribute {
            feature: feature.to_owned(),
            attribute: attribute.to_owned(),
            value,
        };
        self.say_again(origin, now);
    }

    /// Sets an input of a model; in the operation that set it last.
    pub fn set_input(&mut self, model: &str, input: &str, value: f64, unit: &str) {
        let origin = self
            .plan(OPEN)
            .inputs
            .get(&(model.to_owned(), input.to_owned()))
            .map(|sourced| sourced.origin.clone());
        let now = OperationKind::SetInput {
            model: model.to_owned(),
            input: input.to_owned(),
            value,
            unit: unit.to_owned(),
        };
        self.say_again(origin, now);
    }

    /// Puts another operation in the place of the one that said the same before, where it still stands; otherwise at
    /// the end.
    fn say_again(&mut self, origin: Option<String>, now: OperationKind) {
        let Some(editor) = &mut self.editor else {
            return;
        };
        let kind = now.clone();
        if !origin.is_some_and(|origin| editor.edit(&origin, |operation| operation.kind = kind)) {
            editor.apply(now);
        }
        self.touch();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use city_scene::CityIndex;
    use city_time::SimInstant;

    use super::*;
    use crate::ui::model::PlanTool;

    /// A city of one street.
    fn desk() -> Desk {
        let mut city = CityIndex::default();
        let streets = r#"{
            "names": [{"en": "Lantern Street"}],
            "nodes": [[114.17, 22.29, 4.0], [114.172, 22.29, 6.0]],
            "edges": [{"id": "R1", "a": 0, "b": 1, "class": "local", "kind": "surface",
                "name": 0, "length_m": 206, "speed_kmh": 50, "lanes": 2}]
        }"#;
        city.read_streets(streets.as_bytes(), "streets.json")
            .unwrap();
        let mut desk = Desk::default();
        desk.base = Some(Arc::new(city));
        desk.create("Quay");
        desk.refresh(SimInstant(0));
        desk
    }

    fn operations(desk: &Desk) -> Vec<OperationKind> {
        let operations = &desk.editor.as_ref().unwrap().scenario().operations;
        operations.iter().map(|o| o.kind.clone()).collect()
    }

    #[test]
    fn a_street_is_picked_by_a_click_on_it_or_found_by_name() {
        let mut desk = desk();
        desk.tool = PlanTool::Street;
        desk.click(Geodetic::from_degrees(114.171, 22.291, 0.0));
        assert_eq!(desk.street, None);
        assert!(matches!(&desk.wishes[..], [Wish::Tell(why, _)] if why.contains("no street")));
        desk.tool = PlanTool::Street;
        desk.click(Geodetic::from_degrees(114.171, 22.29005, 0.0));
        assert_eq!(desk.street.as_deref(), Some("R1"));
        assert_eq!(desk.tool, PlanTool::None);
        desk.find_streets("lant");
        let found = [("R1".to_owned(), "Lantern Street".to_owned())];
        assert_eq!(desk.found_streets, found);
    }

    #[test]
    fn speed_and_lanes_are_one_operation_and_closing_another() {
        let mut desk = desk();
        desk.change_street("lanes", Value::Number(1.0));
        assert!(operations(&desk).is_empty(), "no street is chosen");
        desk.street = Some("R1".to_owned());
        for (attribute, value) in [("speed_kmh", 30.0), ("lanes", 1.0), ("speed_kmh", 20.0)] {
            desk.change_street(attribute, Value::Number(value));
            desk.refresh(SimInstant(0));
        }
        desk.close_street();
        desk.refresh(SimInstant(0));
        desk.close_street();
        desk.refresh(SimInstant(0));
        let changed = OperationKind::ChangeStreet {
            street: "R1".to_owned(),
            attributes: BTreeMap::from([
                ("lanes".to_owned(), Value::Number(1.0)),
                ("speed_kmh".to_owned(), Value::Number(20.0)),
            ]),
        };
        let street = "R1".to_owned();
        let closed = OperationKind::CloseStreet { street };
        assert_eq!(operations(&desk), [changed, closed]);
        let said: Vec<String> = desk
            .differences()
            .iter()
            .flat_map(|difference| difference.changes.iter().map(ToString::to_string))
            .collect();
        assert_eq!(said, ["lanes: 2 → 1", "speed_kmh: 50 → 20"]);
    }

    #[test]
    fn an_attribute_and_an_input_are_set_once_however_often_they_change() {
        let mut desk = desk();
        for storeys in [5.0, 6.0] {
            desk.override_attribute("B1", "storeys", Value::Number(storeys));
            desk.set_input("flood", "sea_level", storeys * 0.1, "m");
            desk.refresh(SimInstant(0));
        }
        desk.override_attribute("B1", "use", Value::Text("School".to_owned()));
        desk.refresh(SimInstant(0));
        assert_eq!(operations(&desk).len(), 3);
        assert_eq!(
            desk.plan(OPEN).attributes["B1"]["storeys"].value,
            Value::Number(6.0)
        );
        let key = ("flood".to_owned(), "sea_level".to_owned());
        assert!((desk.plan(OPEN).inputs[&key].value.value - 0.6).abs() < 1e-12);
    }
}
