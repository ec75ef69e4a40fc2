//! What is known of the properties of a tileset's features, from the tiles that were loaded.

use std::collections::{BTreeMap, BTreeSet};

use bevy::ecs::prelude::*;
use city_tiles::metadata::{Column, FeatureTable, PropertyValue};

use crate::joining::{Joined, features_of};
use crate::render::CityMesh;
use crate::tiles::TileOf;

/// The properties that a tileset's features have; on the tileset's entity.
#[derive(Component, Clone, Debug, Default, PartialEq)]
pub struct Known(pub BTreeMap<String, Property>);

/// What is known of one property.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Property {
    /// Smallest and largest number.
    pub range: Option<[f64; 2]>,
    /// Texts and enums' names that occur, a few of them.
    pub words: BTreeSet<String>,
    /// More words occur than are kept: it names things rather than kinds of things.
    pub has_many_words: bool,
    /// The unit, where the schema names one.
    pub unit: Option<String>,
}

/// Kinds of things are few.
const MOST_WORDS: usize = 24;
/// Rows that are looked at in a tile: a sample, so that a large one costs no frame.
const MOST_ROWS: usize = 512;
/// Properties that are kept.
const MOST_PROPERTIES: usize = 200;

impl Known {
    /// Takes in what a tile tells.
    pub fn add(&mut self, features: &FeatureTable) {
        for column in features.tables.iter().flat_map(|table| &table.columns) {
            if self.0.len() >= MOST_PROPERTIES && !self.0.contains_key(&column.id) {
                continue;
            }
            self.0.entry(column.id.clone()).or_default().add(column);
        }
    }
}

impl Property {
    fn add(&mut self, column: &Column) {
        self.unit.clone_from(&column.unit);
        let rows = column.values.len();
        let step = rows.div_ceil(MOST_ROWS).max(1);
        for row in (0..rows).step_by(step) {
            match column.value(row) {
                PropertyValue::String(word) | PropertyValue::Enum(word) => {
                    if self.words.len() < MOST_WORDS || self.words.contains(&word) {
                        self.words.insert(word);
                    } else {
                        self.has_many_words = true;
                    }
                }
                value => {
                    let Some(number) = value.as_f64().filter(|number| number.is_finite()) else {
                        continue;
                    };
                    let [low, high] = self.range.get_or_insert([number, number]);
                    *low = low.min(number);
                    *high = high.max(number);
                }
            }
        }
    }
}

/// Looks into tiles as they come.
pub(crate) fn learn(
    new: Query<(&CityMesh, Option<&Joined>, &TileOf), Or<(Added<CityMesh>, Changed<Joined>)>>,
    mut known: Query<&mut Known>,
) {
    for (mesh, joined, of) in &new {
        let features = features_of(mesh, joined);
        if features.tables.is_empty() {
            continue;
        }
        if let Ok(mut known) = known.get_mut(of.layer) {
            known.add(features);
        }
    }
}
