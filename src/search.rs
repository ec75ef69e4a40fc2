//! Search over places of the scene, sensors, coordinates, and attributes of features.
//!
//! What has a name is an [`Entry`] and is found at once; attributes ([`query`] says what is asked of them) are looked
//! through by [`scan`], a few milliseconds a frame.

pub(crate) mod city;
mod query;
pub(crate) mod scan;

use std::sync::Arc;

use bevy::ecs::resource::Resource;
use city_geo::Geodetic;
use city_tiles::metadata::Property;

use crate::ui::model::{FoundValue, SearchKind, SearchModel, SearchNote, SearchResult};
pub use city::Buildings;

/// Something that can be found.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Unique.
    pub id: String,
    /// Name as shown.
    pub title: String,
    /// What and where.
    pub detail: String,
    /// Icon.
    pub kind: SearchKind,
    /// Where.
    pub place: Geodetic,
    /// Datastream, where it is a sensor.
    pub sensor: Option<u32>,
    /// Identifier in the tiles, where it is a building.
    pub building: Option<String>,
    /// Attributes for which it is an answer.
    pub values: Vec<Property>,
}

/// An entry with its words in lower case, made once and not with every question.
#[derive(Clone, Debug)]
pub struct Folded {
    /// The entry.
    pub entry: Entry,
    title: String,
    detail: String,
}

impl Folded {
    /// Folds an entry's words.
    #[must_use]
    pub fn of(entry: Entry) -> Self {
        Self {
            title: entry.title.to_lowercase(),
            detail: entry.detail.to_lowercase(),
            entry,
        }
    }
}

/// The question and its answers.
#[derive(Resource, Default)]
pub struct Searcher {
    entries: Vec<Folded>,
    model: SearchModel,
    results: Vec<Entry>,
    asked: bool,
    /// The city's own list of buildings, where it has one.
    buildings: Option<Arc<Buildings>>,
    /// What attributes are to be looked through for.
    wanted: Option<String>,
    scan: Option<scan::Scan>,
}

/// Answers shown.
const MAX_RESULTS: usize = 12;

impl Searcher {
    /// Adds what can be found.
    pub fn add(&mut self, entries: impl IntoIterator<Item = Entry>) {
        self.entries.extend(entries.into_iter().map(Folded::of));
    }

    /// The same where the work is done already.
    pub fn add_folded(&mut self, entries: Vec<Folded>) {
        self.entries.extend(entries);
    }

    /// Takes the city's own list of buildings, or gives it up.
    pub fn set_buildings(&mut self, buildings: Option<Buildings>) {
        self.buildings = buildings.map(Arc::new);
    }

    /// Forgets what a prefix of identifiers names.
    pub fn forget(&mut self, prefix: &str) {
        self.entries
            .retain(|folded| !folded.entry.id.starts_with(prefix));
    }

    /// Whether anything was ever asked: what is long to fetch is fetched then.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        self.asked
    }

    /// Asks the last question again: there is more to be found now.
    pub fn again(&mut self) {
        if !self.model.query.is_empty() {
            let query = std::mem::take(&mut self.model.query);
            self.ask(query);
        }
    }

    /// Asks. What has such a name is there at once; attributes are looked through in the frames that follow.
    pub fn ask(&mut self, text: String) {
        self.asked = true;
        let question = text.trim().to_lowercase();
        let mut found: Vec<(u8, &Folded)> = Vec::new();
        if !question.is_empty() {
            for folded in &self.entries {
                let rank = if folded.title == question {
                    0
                } else if folded.title.starts_with(&question) {
                    1
                } else if folded.title.contains(&question) {
                    2
                } else if folded.detail.contains(&question) {
                    3
                } else {
                    continue;
                };
                found.push((rank, folded));
            }
        }
        found.sort_by(|(rank, a), (other, b)| {
            rank.cmp(other)
                .then(a.title.len().cmp(&b.title.len()))
                .then(a.entry.id.cmp(&b.entry.id))
        });
        let named = found.into_iter().take(MAX_RESULTS);
        self.results = coordinates(&question)
            .into_iter()
            .chain(named.map(|(_, folded)| folded.entry.clone()))
            .collect();
        self.scan = None;
        self.model = SearchModel {
            results: self.results.iter().map(shown).collect(),
            searching: !question.is_empty(),
            note: SearchNote::default(),
            query: text.clone(),
        };
        self.wanted = (!question.is_empty()).then_some(text);
    }

    fn found(&mut self, entry: Entry) {
        self.model.results.push(shown(&entry));
        self.results.push(entry);
    }

    fn clear_results(&mut self) {
        self.model.results.clear();
        self.results.clear();
    }

    /// The answers for the panels.
    #[must_use]
    pub fn model(&self) -> SearchModel {
        self.model.clone()
    }

    /// Where an answer is.
    #[must_use]
    pub fn place(&self, id: &str) -> Option<Geodetic> {
        self.find(id).map(|entry| entry.place)
    }

    /// The identifier of an answer that is a building.
    #[must_use]
    pub fn building(&self, id: &str) -> Option<String> {
        self.find(id)?.building.clone()
    }

    /// The datastream of an answer.
    #[must_use]
    pub fn sensor(&self, id: &str) -> Option<u32> {
        self.find(id)?.sensor
    }

    fn find(&self, id: &str) -> Option<&Entry> {
        let entries = self.entries.iter().map(|folded| &folded.entry);
        self.results
            .iter()
            .chain(entries)
            .find(|entry| entry.id == id)
    }
}

fn shown(entry: &Entry) -> SearchResult {
    let value = |property: &Property| FoundValue {
        id: property.id.clone(),
        name: property.name.clone(),
        value: property.value.to_string(),
        unit: property.unit.clone().unwrap_or_default(),
    };
    SearchResult {
        id: entry.id.clone(),
        title: entry.title.clone(),
        detail: entry.detail.clone(),
        kind: entry.kind,
        values: entry.values.iter().map(value).collect(),
    }
}

/// Two numbers are latitude and longitude, as people write them.
fn coordinates(question: &str) -> Option<Entry> {
    let mut parts = question.split([',', ' ']).filter(|part| !part.is_empty());
    let lat: f64 = parts.next()?.parse().ok()?;
    let lon: f64 = parts.next()?.parse().ok()?;
    if parts.next().is_some() || !(-90.0..=90.0).contains(&lat) || !(-180.0..=180.0).contains(&lon)
    {
        return None;
    }
    Some(Entry {
        id: format!("at:{lat},{lon}"),
        title: format!("{lat}, {lon}"),
        detail: String::new(),
        kind: SearchKind::Place,
        place: Geodetic::from_degrees(lon, lat, 0.0),
        sensor: None,
        building: None,
        values: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_by_name_best_first_and_by_coordinates() {
        let mut searcher = Searcher::default();
        let entry = |id: &str, title: &str| Entry {
            id: id.into(),
            title: title.into(),
            detail: "office".into(),
            kind: SearchKind::Building,
            place: Geodetic::from_degrees(114.0, 22.0, 0.0),
            sensor: None,
            building: None,
            values: Vec::new(),
        };
        searcher.add([
            entry("b:1", "North Tower 12"),
            entry("b:2", "Tower 12"),
            entry("b:3", "Pier 4"),
        ]);
        searcher.ask("tower 12".into());
        let titles: Vec<_> = searcher
            .model()
            .results
            .into_iter()
            .map(|r| r.title)
            .collect();
        assert_eq!(titles, ["Tower 12", "North Tower 12"]);
        searcher.ask("22.29, 114.17".into());
        let place = searcher.place("at:22.29,114.17").unwrap();
        assert!((place.lat_deg() - 22.29).abs() < 1e-9);
        searcher.ask("95, 10".into());
        assert!(searcher.model().results.is_empty());
    }
}
