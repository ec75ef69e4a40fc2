//! What indicators are computed from: one row per building.

use super::footprint;
use super::plan::Plan;
use super::schema::{Building, EnergyClass, Value};

/// What is known of a building.
#[derive(Debug, Clone, PartialEq)]
pub struct BuildingFacts {
    /// Identifier of the feature.
    pub id: String,
    /// What it is used for (`Residential`, `Office`, ...).
    pub usage: String,
    /// Storeys above the ground; 0 where not known.
    pub storeys: u32,
    /// Floor area of all storeys, square metres; footprint times storeys where not given.
    pub floor_area_m2: Option<f64>,
    /// From the ground to its top, metres.
    pub height_m: f64,
    /// Energy class, where known.
    pub energy_class: Option<EnergyClass>,
    /// Area of its outline, square metres; 0 where not known.
    pub footprint_m2: f64,
}

impl BuildingFacts {
    /// Floor area, square metres: as given, or footprint times storeys.
    pub fn floor_m2(&self) -> f64 {
        let computed = || self.footprint_m2 * f64::from(self.storeys);
        let area = self.floor_area_m2.unwrap_or_else(computed);
        if area.is_finite() { area.max(0.0) } else { 0.0 }
    }

    /// Those of a building of a scenario.
    pub fn of_building(id: &str, building: &Building) -> Self {
        Self {
            id: id.to_owned(),
            usage: building.usage.clone(),
            storeys: building.storeys,
            floor_area_m2: building.floor_area_m2,
            height_m: building.height_m,
            energy_class: building.energy_class,
            footprint_m2: footprint::area_m2(&building.footprint),
        }
    }

    /// Takes an attribute that these facts are made of; others change nothing.
    fn set(&mut self, attribute: &str, value: &Value) {
        let number = match value {
            Value::Number(number) if number.is_finite() && *number >= 0.0 => Some(*number),
            _ => None,
        };
        match (attribute, value, number) {
            ("use", Value::Text(text), _) => self.usage.clone_from(text),
            ("energy_class", Value::Text(text), _) => self.energy_class = EnergyClass::parse(text),
            // `as` saturates.
            ("storeys", _, Some(number)) => self.storeys = number.round() as u32,
            ("floor_area_m2", _, Some(number)) => self.floor_area_m2 = Some(number),
            ("height_m", _, Some(number)) => self.height_m = number,
            ("footprint_m2", _, Some(number)) => self.footprint_m2 = number,
            _ => {}
        }
    }
}

/// The buildings that stand under a plan: the base's without those hidden, and the scenario's own, with the
/// overridden attributes. An overridden number of storeys does not change a floor area that is given.
pub fn facts_of_plan(
    base: impl IntoIterator<Item = BuildingFacts>,
    plan: &Plan,
) -> Vec<BuildingFacts> {
    let standing = base.into_iter().filter(|facts| {
        !plan.hidden.contains_key(&facts.id) && !plan.added.contains_key(&facts.id)
    });
    let added = plan
        .added
        .iter()
        .map(|(id, added)| BuildingFacts::of_building(id, &added.building));
    standing
        .chain(added)
        .map(|mut facts| {
            for (attribute, sourced) in plan.attributes.get(&facts.id).into_iter().flatten() {
                facts.set(attribute, &sourced.value);
            }
            facts
        })
        .collect()
}
