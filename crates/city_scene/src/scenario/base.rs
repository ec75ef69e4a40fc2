//! What a scenario stands on: the city as it is.

use std::collections::BTreeMap;

use geo_types::Polygon;

use super::schema::Value;
use crate::schema::Place;

/// A feature of the base.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseFeature {
    /// Identifier.
    pub id: String,
    /// Name, shown to people; may be empty.
    pub name: String,
    /// The middle of its highest part, degrees and metres above the ellipsoid.
    pub centre: Place,
    /// From the ground to its top, metres.
    pub height_m: f64,
    /// What else is known of it.
    pub attributes: BTreeMap<String, Value>,
}

/// A street of the base.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseStreet {
    /// Identifier.
    pub id: String,
    /// Name, shown to people; may be empty.
    pub name: String,
    /// A place on it, degrees and metres above the ellipsoid.
    pub centre: Place,
    /// What else is known of it, for example `speed_kmh` and `lanes`.
    pub attributes: BTreeMap<String, Value>,
}

/// What is known of the city as it is. Answers must not change while a plan is made.
pub trait Base {
    /// Whether every feature is known, so that one that is not found does not exist.
    fn knows_all(&self) -> bool;

    /// A feature.
    fn feature(&self, id: &str) -> Option<BaseFeature>;

    /// The features whose middle lies in an area (degrees), in an order that is always the same.
    fn features_in(&self, polygon: &Polygon<f64>) -> Vec<String>;

    /// Whether every street is known.
    fn knows_all_streets(&self) -> bool;

    /// A street.
    fn street(&self, id: &str) -> Option<BaseStreet>;
}

/// A base of which nothing is known: every feature may exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoBase;

impl Base for NoBase {
    fn knows_all(&self) -> bool {
        false
    }

    fn feature(&self, _id: &str) -> Option<BaseFeature> {
        None
    }

    fn features_in(&self, _polygon: &Polygon<f64>) -> Vec<String> {
        Vec::new()
    }

    fn knows_all_streets(&self) -> bool {
        false
    }

    fn street(&self, _id: &str) -> Option<BaseStreet> {
        None
    }
}
