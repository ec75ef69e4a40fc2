//! From operations to a plan.

use std::collections::BTreeSet;

use city_time::SimInstant;

use super::base::Base;
use super::check::{self, Fault};
use super::footprint;
use super::plan::{Added, HiddenArea, InputValue, PlacedModel, Plan, Sourced};
use super::problem::Problem;
use super::schema::{Building, Operation, OperationKind, Scenario, Value};

/// What a scenario comes to at an instant, on a base. Operations hold in their order, later ones over earlier ones;
/// those outside their time window, and wrong ones, are skipped. Nothing but the arguments decides the result.
pub fn fold(scenario: &Scenario, at: SimInstant, base: &dyn Base) -> Plan {
    let mut folding = Folding {
        plan: Plan::default(),
        base,
        own: scenario.operations.iter().map(|o| o.id.as_str()).collect(),
    };
    for (index, operation) in scenario.operations.iter().enumerate() {
        let holds = operation.window.is_none_or(|window| window.contains(at));
        let done = match check::operation(operation) {
            Ok(()) if holds => folding.apply(operation),
            Ok(()) => Ok(()),
            Err(found) => Err(vec![found]),
        };
        for Fault { cause, advice, .. } in done.err().into_iter().flatten() {
            folding.plan.problems.push(Problem {
                operation: index,
                id: operation.id.clone(),
                place: None,
                cause,
                advice,
            });
        }
    }
    folding.plan
}

impl Scenario {
    /// The instants at which what the scenario comes to may change: ends of time windows, in order. Between two of
    /// them a plan stays as it is, so that nobody needs to fold at every frame.
    pub fn turning_points(&self) -> Vec<SimInstant> {
        let windows = self.operations.iter().filter_map(|o| o.window);
        let ends: BTreeSet<SimInstant> = windows.flat_map(|w| [w.from, w.to]).flatten().collect();
        ends.into_iter().collect()
    }
}

/// Most features of one operation that are named as missing one by one.
const MAX_NAMED: usize = 5;

struct Folding<'a> {
    plan: Plan,
    base: &'a dyn Base,
    /// Ids of the scenario's operations, which are also those of the features they add.
    own: BTreeSet<&'a str>,
}

/// What a feature's id means at this point of the list.
enum Subject {
    /// Of the base, or taken for it where the base does not know.
    Base,
    /// Added by an operation that holds.
    Added,
    /// Added by an operation that does not hold now, or gone again.
    Away,
    /// Nothing.
    Missing,
}

impl Folding<'_> {
    fn subject(&self, id: &str) -> Subject {
        if self.plan.added.contains_key(id) || self.plan.models.contains_key(id) {
            Subject::Added
        } else if self.own.contains(id) {
            Subject::Away
        } else if !self.base.knows_all() || self.base.feature(id).is_some() {
            Subject::Base
        } else {
            Subject::Missing
        }
    }

    fn apply(&mut self, operation: &Operation) -> Result<(), Vec<Fault>> {
        let origin = operation.id.as_str();
        match &operation.kind {
            OperationKind::HideFeatures { ids } => self.hide_features(ids, origin),
            OperationKind::HidePolygon { polygon } => {
                for id in self.base.features_in(polygon) {
                    self.hide(&id, origin);
                }
                let inside = |lon, lat| footprint::contains(polygon, lon, lat);
                let middle = |b: &Building| footprint::centroid(&b.footprint);
                self.plan
                    .added
                    .retain(|_, a| middle(&a.building).is_none_or(|p| !inside(p.x, p.y)));
                self.plan
                    .models
                    .retain(|_, m| !inside(m.position.lon, m.position.lat));
                self.plan.hidden_areas.push(HiddenArea {
                    polygon: polygon.clone(),
                    origin: origin.to_owned(),
                });
                Ok(())
            }
            OperationKind::ReplaceBuilding { feature, building } => {
                let replaces_base = match self.subject(feature) {
                    Subject::Base => true,
                    Subject::Added => self
                        .plan
                        .added
                        .get(feature)
                        .is_some_and(|added| added.replaces_base),
                    Subject::Away => return Ok(()),
                    Subject::Missing => return Err(vec![missing("feature", feature)]),
                };
                if replaces_base {
                    self.plan.hidden.insert(feature.clone(), origin.to_owned());
                }
                self.plan.models.remove(feature);
                self.add(feature, building, replaces_base, origin);
                Ok(())
            }
            OperationKind::AddBuilding { building } => {
                self.add(origin, building, false, origin);
                Ok(())
            }
            OperationKind::PlaceModel {
                url,
                position,
                heading_deg,
                scale,
            } => {
                let model = PlacedModel {
                    url: url.clone(),
                    position: *position,
                    heading_deg: *heading_deg,
                    scale: *scale,
                    origin: origin.to_owned(),
                };
                self.plan.models.insert(origin.to_owned(), model);
                Ok(())
            }
            OperationKind::CloseStreet { street } => {
                self.known_street(street)?;
                let change = self.plan.streets.entry(street.clone()).or_default();
                change.closed = Some(origin.to_owned());
                Ok(())
            }
            OperationKind::ChangeStreet { street, attributes } => {
                self.known_street(street)?;
                let change = self.plan.streets.entry(street.clone()).or_default();
                for (key, value) in attributes {
                    change
                        .attributes
                        .insert(key.clone(), sourced(value, origin));
                }
                Ok(())
            }
            OperationKind::OverrideAttribute {
                feature,
                attribute,
                value,
            } => {
                match self.subject(feature) {
                    Subject::Base | Subject::Added => {}
                    Subject::Away => return Ok(()),
                    Subject::Missing => return Err(vec![missing("feature", feature)]),
                }
                let attributes = self.plan.attributes.entry(feature.clone()).or_default();
                attributes.insert(attribute.clone(), sourced(value, origin));
                Ok(())
            }
            OperationKind::SetInput {
                model,
                input,
                value,
                unit,
            } => {
                let value = InputValue {
                    value: *value,
                    unit: unit.clone(),
                };
                let origin = origin.to_owned();
                self.plan
                    .inputs
                    .insert((model.clone(), input.clone()), Sourced { value, origin });
                Ok(())
            }
        }
    }

    /// Those that exist are hidden, whatever the others are.
    fn hide_features(&mut self, ids: &[String], origin: &str) -> Result<(), Vec<Fault>> {
        let mut gone = Vec::new();
        for id in ids {
            match self.subject(id) {
                Subject::Base | Subject::Added => self.hide(id, origin),
                Subject::Away => {}
                Subject::Missing => gone.push(id),
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        let mut faults: Vec<Fault> = gone
            .iter()
            .take(MAX_NAMED)
            .map(|id| missing("feature", id))
            .collect();
        if let Some(more) = gone.len().checked_sub(MAX_NAMED).filter(|more| *more > 0) {
            faults.push(Fault {
                path: Vec::new(),
                cause: format!("{more} more of its features do not exist"),
                advice: String::new(),
            });
        }
        Err(faults)
    }

    fn hide(&mut self, id: &str, origin: &str) {
        self.plan.models.remove(id);
        let added = self.plan.added.remove(id);
        if added.as_ref().is_none_or(|added| added.replaces_base) && !self.own.contains(id) {
            self.plan.hidden.insert(id.to_owned(), origin.to_owned());
        }
    }

    fn add(&mut self, feature: &str, building: &Building, replaces_base: bool, origin: &str) {
        let added = Added {
            building: building.clone(),
            replaces_base,
            origin: origin.to_owned(),
        };
        self.plan.added.insert(feature.to_owned(), added);
    }

    fn known_street(&self, street: &str) -> Result<(), Vec<Fault>> {
        if self.base.knows_all_streets() && self.base.street(street).is_none() {
            return Err(vec![missing("street", street)]);
        }
        Ok(())
    }
}

fn sourced(value: &Value, origin: &str) -> Sourced<Value> {
    Sourced {
        value: value.clone(),
        origin: origin.to_owned(),
    }
}

fn missing(what: &str, id: &str) -> Fault {
    Fault {
        path: Vec::new(),
        cause: format!("there is no {what} \"{id}\" in the base"),
        advice: format!("Pick the {what} again, or remove the operation"),
    }
}
