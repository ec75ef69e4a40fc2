//! The list of a city's buildings and streets that the tiler writes: `city.json` and `streets.json`.

mod green;
mod read;
mod streets;

use std::collections::{BTreeMap, HashMap};

use geo::BoundingRect;
use geo_types::Polygon;

use crate::scenario::{Base, BaseFeature, BaseStreet, BuildingFacts, Value, footprint};
use crate::schema::Place;

/// Longest file, bytes.
const MAX_BYTES: usize = 64 << 20;

/// Why a city's list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CityIndexError {
    /// Longer than is read.
    #[error("{file}: the list has {bytes} bytes, more than {MAX_BYTES}. Is this the right file?")]
    TooLong {
        /// Name of the file.
        file: String,
        /// Its length.
        bytes: usize,
    },
    /// Not JSON, or not of this form.
    #[error("{file}:{line}:{column}: {cause}. Make the city anew")]
    Syntax {
        /// Name of the file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        cause: String,
    },
    /// A column that is not as long as the others, or a number that is none.
    #[error("{file}: {cause}. Make the city anew")]
    Content {
        /// Name of the file.
        file: String,
        /// What is wrong.
        cause: String,
    },
}

/// All buildings of a city, and its streets where they were read too. A [`Base`] for scenarios.
#[derive(Debug, Clone, Default)]
pub struct CityIndex {
    rows: Vec<Row>,
    by_id: HashMap<String, usize>,
    streets: Option<BTreeMap<String, BaseStreet>>,
    /// Their ways, by id.
    street_lines: BTreeMap<String, Vec<Place>>,
    /// Parks as convex pieces, where the city says them.
    greens: Option<Vec<Polygon<f64>>>,
    copyright: String,
    synthetic: bool,
    has_facts: bool,
}

#[derive(Debug, Clone)]
struct Row {
    name: String,
    top: Place,
    facts: BuildingFacts,
}

impl CityIndex {
    /// Buildings.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no building.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether use, storeys, areas and energy classes are known. Cities made by earlier versions do not say them.
    pub fn has_facts(&self) -> bool {
        self.has_facts
    }

    /// Whose list it is, as the file says; may be empty.
    pub fn copyright(&self) -> &str {
        &self.copyright
    }

    /// Whether the city is made up, as the file says.
    pub fn is_synthetic(&self) -> bool {
        self.synthetic
    }

    /// What is known of every building, in the order of the file.
    pub fn facts(&self) -> impl Iterator<Item = BuildingFacts> + '_ {
        self.rows.iter().map(|row| row.facts.clone())
    }

    /// All streets, by id; none where they were not read.
    pub fn streets(&self) -> impl Iterator<Item = &BaseStreet> + '_ {
        self.streets.iter().flat_map(BTreeMap::values)
    }
}

impl Base for CityIndex {
    fn knows_all(&self) -> bool {
        !self.rows.is_empty()
    }

    fn feature(&self, id: &str) -> Option<BaseFeature> {
        let row = self.rows.get(*self.by_id.get(id)?)?;
        let facts = &row.facts;
        let number = |value: f64| Some(Value::Number(value));
        let text = |text: &str| (!text.is_empty()).then(|| Value::Text(text.to_owned()));
        let attributes = [
            ("use", text(&facts.usage)),
            (
                "storeys",
                number(f64::from(facts.storeys)).filter(|_| facts.storeys > 0),
            ),
            ("height_m", number(facts.height_m)),
            ("floor_area_m2", facts.floor_area_m2.and_then(number)),
            (
                "energy_class",
                facts.energy_class.and_then(|c| text(c.letter())),
            ),
            (
                "footprint_m2",
                number(facts.footprint_m2).filter(|_| facts.footprint_m2 > 0.0),
            ),
        ];
        Some(BaseFeature {
            id: id.to_owned(),
            name: row.name.clone(),
            centre: row.top,
            height_m: facts.height_m,
            attributes: attributes
                .into_iter()
                .filter_map(|(key, value)| Some((key.to_owned(), value?)))
                .collect(),
        })
    }

    fn features_in(&self, polygon: &Polygon<f64>) -> Vec<String> {
        let Some(bounds) = polygon.bounding_rect() else {
            return Vec::new();
        };
        let (min, max) = (bounds.min(), bounds.max());
        self.rows
            .iter()
            .filter(|row| {
                (min.x..=max.x).contains(&row.top.lon) && (min.y..=max.y).contains(&row.top.lat)
            })
            .filter(|row| footprint::contains(polygon, row.top.lon, row.top.lat))
            .map(|row| row.facts.id.clone())
            .collect()
    }

    fn knows_all_streets(&self) -> bool {
        self.streets.is_some()
    }

    fn street(&self, id: &str) -> Option<BaseStreet> {
        self.streets.as_ref()?.get(id).cloned()
    }
}
