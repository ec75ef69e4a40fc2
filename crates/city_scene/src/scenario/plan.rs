//! What a scenario comes to at an instant.

use std::collections::BTreeMap;

use geo_types::Polygon;

use super::problem::Problem;
use super::schema::{Building, Value};
use crate::schema::Place;

/// The result of folding a scenario. Everything names the operation that it comes from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Features of the base that do not stand, with the operation that hid or replaced them last.
    pub hidden: BTreeMap<String, String>,
    /// Areas in which nothing of the base stands, for what the base's list does not name (trees, other tilesets).
    pub hidden_areas: Vec<HiddenArea>,
    /// Buildings by feature: those added have the id of their operation, those that replace one of the base its id.
    pub added: BTreeMap<String, Added>,
    /// Models by feature, which is the id of their operation.
    pub models: BTreeMap<String, PlacedModel>,
    /// Changed streets.
    pub streets: BTreeMap<String, StreetChange>,
    /// Overridden attributes, by feature and attribute.
    pub attributes: BTreeMap<String, BTreeMap<String, Sourced<Value>>>,
    /// Inputs of models, by model and input.
    pub inputs: BTreeMap<(String, String), Sourced<InputValue>>,
    /// What could not be applied, in the order of the operations.
    pub problems: Vec<Problem>,
}

impl Plan {
    /// Whether it leaves the base as it is.
    pub fn is_empty(&self) -> bool {
        let Self {
            hidden,
            hidden_areas,
            added,
            models,
            streets,
            attributes,
            inputs,
            problems: _,
        } = self;
        hidden.is_empty()
            && hidden_areas.is_empty()
            && added.is_empty()
            && models.is_empty()
            && streets.is_empty()
            && attributes.is_empty()
            && inputs.is_empty()
    }
}

/// A value and the operation that it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Id of the operation.
    pub origin: String,
}

/// An area in which nothing of the base stands.
#[derive(Debug, Clone, PartialEq)]
pub struct HiddenArea {
    /// The area, degrees.
    pub polygon: Polygon<f64>,
    /// Id of the operation.
    pub origin: String,
}

/// A building that the scenario puts somewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Added {
    /// The building.
    pub building: Building,
    /// Whether it stands in the place of a feature of the base.
    pub replaces_base: bool,
    /// Id of the operation that gave it its present form.
    pub origin: String,
}

/// A model that the scenario puts somewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedModel {
    /// Address of the glTF.
    pub url: String,
    /// Where its origin stands.
    pub position: Place,
    /// Clockwise from north, degrees.
    pub heading_deg: f64,
    /// Size; 1 leaves it in metres.
    pub scale: f64,
    /// Id of the operation.
    pub origin: String,
}

/// What happens to a street.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StreetChange {
    /// The operation that closes it, if one does.
    pub closed: Option<String>,
    /// Its new attributes.
    pub attributes: BTreeMap<String, Sourced<Value>>,
}

/// An input of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct InputValue {
    /// The value, in `unit`.
    pub value: f64,
    /// Unit of the value.
    pub unit: String,
}
