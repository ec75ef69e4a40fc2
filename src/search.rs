//! Search over places of the scene, loaded features, sensors, layers and coordinates.

use bevy::ecs::resource::Resource;
use city_geo::Geodetic;

use crate::ui::model::{SearchKind, SearchModel, SearchResult};

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
}

/// The question and its answers.
#[derive(Resource, Default)]
pub struct Searcher {
    entries: Vec<Entry>,
    model: SearchModel,
    results: Vec<Entry>,
    asked: bool,
}

/// Answers shown.
const MAX_RESULTS: usize = 12;

impl Searcher {
    /// Adds what can be found.
    pub fn add(&mut self, entries: impl IntoIterator<Item = Entry>) {
        self.entries.extend(entries);
    }

    /// Forgets what a prefix of identifiers names.
    pub fn forget(&mut self, prefix: &str) {
        self.entries.retain(|entry| !entry.id.starts_with(prefix));
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
            self.ask(query, &[]);
        }
    }

    /// Asks; answers are there at once. `more` is what is known only now (features of the tiles on screen).
    pub fn ask(&mut self, text: String, more: &[Entry]) {
        self.asked = true;
        let question = text.trim().to_lowercase();
        let mut found: Vec<(u8, &Entry)> = Vec::new();
        if !question.is_empty() {
            for entry in self.entries.iter().chain(more) {
                let title = entry.title.to_lowercase();
                let rank = if title == question {
                    0
                } else if title.starts_with(&question) {
                    1
                } else if title.contains(&question) {
                    2
                } else if entry.detail.to_lowercase().contains(&question) {
                    3
                } else {
                    continue;
                };
                found.push((rank, entry));
            }
        }
        found.sort_by(|a, b| {
            a.0.cmp(&b.0)
                .then(a.1.title.len().cmp(&b.1.title.len()))
                .then(a.1.id.cmp(&b.1.id))
        });
        self.results = coordinates(&question)
            .into_iter()
            .chain(
                found
                    .into_iter()
                    .take(MAX_RESULTS)
                    .map(|(_, entry)| entry.clone()),
            )
            .collect();
        self.model = SearchModel {
            query: text,
            results: self
                .results
                .iter()
                .map(|entry| SearchResult {
                    id: entry.id.clone(),
                    title: entry.title.clone(),
                    detail: entry.detail.clone(),
                    kind: entry.kind,
                })
                .collect(),
            searching: false,
        };
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
        self.results
            .iter()
            .chain(&self.entries)
            .find(|entry| entry.id == id)
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
        };
        searcher.add([
            entry("b:1", "North Tower 12"),
            entry("b:2", "Tower 12"),
            entry("b:3", "Pier 4"),
        ]);
        searcher.ask("tower 12".into(), &[]);
        let titles: Vec<_> = searcher
            .model()
            .results
            .into_iter()
            .map(|r| r.title)
            .collect();
        assert_eq!(titles, ["Tower 12", "North Tower 12"]);
        searcher.ask("22.29, 114.17".into(), &[]);
        let place = searcher.place("at:22.29,114.17").unwrap();
        assert!((place.lat_deg() - 22.29).abs() < 1e-9);
        searcher.ask("95, 10".into(), &[]);
        assert!(searcher.model().results.is_empty());
    }
}
