//! Readings joined to features: what a layer's sensors say at the clock's time is a property of the features that they
//! belong to, beside how good it is.
//!
//! [`read`] finds out which readings hold and which of them changed, [`place`] keeps two columns for each join in the
//! tables of the tiles and writes changed cells into them, and styles colour again what was written. Nothing else of a
//! tile is touched when a reading comes.

mod place;
mod read;
#[cfg(test)]
mod tests;

pub(super) use place::write;
pub(super) use read::read;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use bevy::ecs::prelude::*;
use city_scene::{JoinKey, JoinSource};
use city_tiles::style::Style;

use place::Placed;

/// Joins that may be open at once.
pub const MAX_JOINS: usize = 64;

/// How good a joined reading is; what is drawn differs by pattern, not by colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadingState {
    /// Passed every check, or none applied.
    #[default]
    Good,
    /// Older than it should be.
    Stale,
    /// Failed a soft check.
    Suspect,
    /// Failed a hard check: its value is no value.
    Failed,
    /// There is no reading.
    Missing,
}

impl ReadingState {
    /// Number in columns and in [`FeatureLook::patterns`](crate::render::FeatureLook), and name in styles.
    pub const ALL: [(Self, u8, &str); 5] = [
        (Self::Good, 0, "good"),
        (Self::Stale, 1, "stale"),
        (Self::Suspect, 2, "suspect"),
        (Self::Failed, 3, "failed"),
        (Self::Missing, 4, "missing"),
    ];

    /// See [`Self::ALL`].
    #[must_use]
    pub fn code(self) -> u8 {
        let known = Self::ALL.into_iter().find(|(state, ..)| *state == self);
        known.map_or(0, |(_, code, _)| code)
    }
}

/// What a sensor says of its feature.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    /// What was measured last; NaN where nothing was that counts.
    value: f64,
    state: ReadingState,
}

/// A sensor of a join.
#[derive(Clone, Debug)]
struct Slot {
    datastream: u32,
    held: Held,
}

/// A layer whose readings are a property of features.
#[derive(Clone, Debug, Default)]
pub struct ReadingJoin {
    /// The layer's identifier.
    pub layer: String,
    /// By what sensors name features.
    pub key: JoinKey,
    /// The property by which features are found; by its name where none is given.
    pub feature_key: Option<String>,
    /// What the property is called.
    pub property: String,
    /// A scene asked for it; otherwise it goes with the last style that reads it.
    pub of_scene: bool,
    unit: String,
    slots: Vec<Slot>,
    by_feature: HashMap<String, u32>,
    /// Sensors that are left out, for their feature has one already.
    left_out: usize,
    /// Why there is nothing to join.
    problem: Option<String>,
    /// The tiles have a property of this name of their own.
    taken: bool,
    looked_at: usize,
    placed: HashMap<Entity, Vec<Placed>>,
    watch: read::Watch,
}

impl ReadingJoin {
    /// As a scene asks for it.
    #[must_use]
    pub fn of_scene(source: &JoinSource) -> Self {
        Self {
            layer: source.layer.clone(),
            key: source.key,
            feature_key: source.feature_key.clone(),
            property: (source.property.as_ref()).unwrap_or(&source.layer).clone(),
            of_scene: true,
            ..Self::default()
        }
    }

    /// The property with the state of the reading (`good`, `stale`, `suspect`, `failed`, `missing`).
    #[must_use]
    pub fn quality_property(&self) -> String {
        format!("{}_quality", self.property)
    }

    /// Whether a style reads it.
    #[must_use]
    pub fn is_read_by(&self, style: &Style) -> bool {
        let quality = self.quality_property();
        let mut read = style.properties().iter();
        read.any(|name| **name == *self.property || **name == *quality)
    }

    /// How many features have a sensor.
    #[must_use]
    pub fn datastreams(&self) -> usize {
        self.slots.len()
    }

    /// The datastream that speaks for a feature.
    #[must_use]
    pub fn datastream(&self, feature: &str) -> Option<u32> {
        let slot = *self.by_feature.get(feature)?;
        Some(self.slots.get(slot as usize)?.datastream)
    }

    /// What is wrong with it, for people.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if let Some(problem) = &self.problem {
            return Some(problem.clone());
        }
        if self.taken {
            let name = &self.property;
            return Some(format!(
                "the features have a property `{name}` of their own: give the join another `property`"
            ));
        }
        if self.looked_at > 0 && self.placed.is_empty() && !self.slots.is_empty() {
            return Some(format!(
                "none of the {} sensors of {} names a feature that is loaded",
                self.slots.len(),
                self.layer
            ));
        }
        (self.left_out > 0).then(|| {
            format!(
                "{} sensors of {} are left out: their features have one already",
                self.left_out, self.layer
            )
        })
    }
}

/// All joins of readings.
#[derive(Resource, Default)]
pub struct ReadingJoins {
    joins: Vec<ReadingJoin>,
    /// Which features have a sensor changed: every tile is to be looked at again.
    anew: bool,
    /// Meshes with cells to be written.
    unwritten: VecDeque<Entity>,
    /// Features whose cells were written, by mesh: what styles have still to take in.
    written: BTreeMap<Entity, Vec<u32>>,
    writes: u64,
}

impl ReadingJoins {
    /// All of them.
    #[must_use]
    pub fn list(&self) -> &[ReadingJoin] {
        &self.joins
    }

    /// The join of a layer, made where there is none: its property is called like the layer. `None` where there are
    /// too many.
    pub fn of_layer(&mut self, layer: &str) -> Option<&ReadingJoin> {
        let found = self.joins.iter().position(|join| join.layer == layer);
        let at = match found {
            Some(at) => at,
            None if self.joins.len() >= MAX_JOINS => return None,
            None => {
                self.anew = true;
                self.joins.push(ReadingJoin {
                    layer: layer.to_owned(),
                    property: layer.to_owned(),
                    ..ReadingJoin::default()
                });
                self.joins.len() - 1
            }
        };
        self.joins.get(at)
    }

    /// The joins of a scene, instead of all that there were.
    pub fn replace(&mut self, joins: impl IntoIterator<Item = ReadingJoin>) {
        self.joins = joins.into_iter().take(MAX_JOINS).collect();
        self.unwritten.clear();
        self.written.clear();
        self.anew = true;
    }

    /// Drops what a person asked for and no style reads any more.
    pub fn drop_unread<'s>(&mut self, styles: impl Iterator<Item = &'s Style> + Clone) {
        let before = self.joins.len();
        self.joins
            .retain(|join| join.of_scene || styles.clone().any(|style| join.is_read_by(style)));
        self.anew |= self.joins.len() != before;
    }

    /// Whether readings have still to reach tiles or styles.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.anew || !self.unwritten.is_empty() || !self.written.is_empty()
    }

    /// How often readings were written into tables: who adds them up sees by it that they are others.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// Whether there is nothing to join.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.joins.is_empty()
    }

    pub(super) fn take_anew(&mut self) -> bool {
        std::mem::take(&mut self.anew)
    }

    pub(super) fn forget_meshes(&mut self, gone: &HashSet<Entity>) {
        for join in &mut self.joins {
            join.placed.retain(|mesh, _| !gone.contains(mesh));
        }
        self.written.retain(|mesh, _| !gone.contains(mesh));
    }

    /// The next mesh whose readings changed, with the features that did.
    pub fn take_written(&mut self) -> Option<(Entity, Vec<u32>)> {
        self.written.pop_first()
    }

    /// Whether a style reads any of them.
    #[must_use]
    pub fn concern(&self, style: &Style) -> bool {
        self.joins.iter().any(|join| join.is_read_by(style))
    }

    /// Features of a mesh whose readings, as far as a style reads them, are not good: ascending, with the code of the
    /// worst [`ReadingState`].
    #[must_use]
    pub fn patterns(&self, mesh: Entity, style: &Style) -> Vec<(u32, u8)> {
        let mut worst: BTreeMap<u32, u8> = BTreeMap::new();
        for join in self.joins.iter().filter(|join| join.is_read_by(style)) {
            for placed in join.placed.get(&mesh).into_iter().flatten() {
                let state = join.slots.get(placed.slot as usize);
                let code = state.map_or(0, |slot| slot.held.state.code());
                if code > 0 {
                    let kept = worst.entry(placed.feature).or_default();
                    *kept = code.max(*kept);
                }
            }
        }
        worst.into_iter().collect()
    }
}
