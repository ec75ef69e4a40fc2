//! What can be found: sensors of the catalogue, the demo city's places and buildings, features on screen.

use std::collections::BTreeSet;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_geo::Geodetic;
use city_tiles::prepared::PreparedTile;
use glam::{DVec3, Vec3};
use serde::Deserialize;

use crate::frame::SceneFrame;
use crate::overlays::{HubAddress, Readings};
use crate::platform::Fetcher;
use crate::render::{CityMesh, Placement, Shown};
use crate::scene::{DemoCity, SceneInfo, demo_folder};
use crate::schedule::FrameSet;
use crate::search::{Entry, Searcher};
use crate::tiles::TileOf;
use crate::ui::model::SearchKind;

/// Keeps the searcher's entries up to date.
pub struct SearchIndexPlugin;

impl Plugin for SearchIndexPlugin {
    fn build(&self, app: &mut App) {
        app.insert_non_send(CityReader {
            fetcher: Fetcher::new(1),
            key: 0,
            url: None,
        })
        .add_systems(Update, (sensors, city).in_set(FrameSet::ReadModel));
    }
}

fn sensors(
    readings: Res<Readings>,
    mut searcher: ResMut<Searcher>,
    mut indexed: Local<Option<(u64, usize)>>,
) {
    let Some(catalog) = &readings.catalog else {
        if indexed.take().is_some() {
            searcher.forget("sensor:");
        }
        return;
    };
    let now = Some((catalog.revision, catalog.datastreams.len()));
    if *indexed == now {
        return;
    }
    *indexed = now;
    searcher.forget("sensor:");
    searcher.add(catalog.datastreams.iter().map(|stream| {
        let layer = catalog
            .layer_of(stream)
            .map_or("", |layer| layer.name.as_str());
        // Found by what the inspector calls it, by its own name, and by the place in any language.
        let (title, detail) = match stream.place.get("en") {
            Some(place) => {
                let others: BTreeSet<&str> = stream.place.values().map(String::as_str).collect();
                let others = others.into_iter().filter(|name| *name != place.as_str());
                let detail = std::iter::once(stream.name.as_str()).chain(others);
                let detail: Vec<&str> = detail.collect();
                (format!("{layer}, {place}"), detail.join(" · "))
            }
            None => (stream.name.clone(), layer.to_owned()),
        };
        Entry {
            id: format!("sensor:{}", stream.id),
            title,
            detail,
            kind: SearchKind::Sensor,
            place: Geodetic::from_degrees(stream.lon, stream.lat, stream.height_m),
            sensor: Some(stream.id),
            building: None,
        }
    }));
}

/// Reads the demo city's list of places. Not `Send` in the browser.
struct CityReader {
    fetcher: Fetcher,
    key: u64,
    url: Option<String>,
}

/// The demo city's list: fetched when somebody searches for the first time, for it is long.
fn city(
    mut reader: NonSendMut<CityReader>,
    scene: Res<SceneInfo>,
    demo: Res<DemoCity>,
    hub: Res<HubAddress>,
    mut searcher: ResMut<Searcher>,
) {
    let wanted = demo_folder(&scene, &demo, hub.0.as_deref())
        .filter(|_| searcher.was_asked())
        .map(|folder| format!("{folder}/city.json"));
    if reader.url != wanted {
        searcher.forget("city:");
        reader.key += 1;
        let key = reader.key;
        if let Some(url) = &wanted {
            reader.fetcher.fetch(key, url);
        }
        reader.url = wanted;
    }
    for fetched in reader.fetcher.poll() {
        if fetched.key != reader.key {
            continue;
        }
        match fetched
            .result
            .map_err(|error| error.to_string())
            .and_then(|bytes| serde_json::from_slice::<City>(&bytes).map_err(|e| e.to_string()))
        {
            Ok(city) => {
                searcher.add(city.entries());
                searcher.again();
            }
            // Cities of other versions have no such list; the rest can be found all the same.
            Err(error) => tracing::info!("the city's list of places cannot be read: {error}"),
        }
    }
}

#[derive(Deserialize, Default)]
struct Name {
    #[serde(default)]
    en: String,
    #[serde(default, rename = "zh-Hant")]
    hant: String,
    #[serde(default, rename = "zh-Hans")]
    hans: String,
}

#[derive(Deserialize)]
struct Place {
    id: String,
    name: Name,
    lon: f64,
    lat: f64,
    height_m: f64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Buildings {
    id: Vec<String>,
    name: Vec<String>,
    name_zh: Vec<String>,
    lon: Vec<f64>,
    lat: Vec<f64>,
    top_m: Vec<f64>,
    district: Vec<usize>,
}

/// The part of `city.json` that can be searched.
#[derive(Deserialize, Default)]
#[serde(default)]
struct City {
    districts: Vec<Place>,
    villages: Vec<Place>,
    stations: Vec<Place>,
    piers: Vec<Place>,
    buildings: Buildings,
}

impl City {
    fn entries(self) -> Vec<Entry> {
        let district_names: Vec<String> = self
            .districts
            .iter()
            .map(|place| place.name.en.clone())
            .collect();
        let places = [self.districts, self.villages, self.stations, self.piers];
        let mut entries: Vec<Entry> = places
            .into_iter()
            .flatten()
            .map(|place| Entry {
                id: format!("city:{}", place.id),
                detail: place.name.others(),
                title: place.name.en,
                kind: SearchKind::Place,
                place: Geodetic::from_degrees(place.lon, place.lat, place.height_m),
                sensor: None,
                building: None,
            })
            .collect();
        let b = self.buildings;
        let columns =
            b.id.into_iter()
                .zip(b.name)
                .zip(
                    b.name_zh
                        .into_iter()
                        .chain(std::iter::repeat(String::new())),
                )
                .zip(b.lon.into_iter().zip(b.lat).zip(b.top_m))
                .zip(b.district.into_iter().chain(std::iter::repeat(usize::MAX)));
        for ((((id, name), name_zh), ((lon, lat), top_m)), district) in columns {
            let district = district_names.get(district).map_or("", String::as_str);
            let detail: Vec<&str> = [name_zh.as_str(), district]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect();
            entries.push(Entry {
                id: format!("city:building:{id}"),
                detail: detail.join(" · "),
                title: if name.is_empty() { id.clone() } else { name },
                kind: SearchKind::Building,
                place: Geodetic::from_degrees(lon, lat, top_m),
                sensor: None,
                building: Some(id),
            });
        }
        entries
    }
}

impl Name {
    fn others(&self) -> String {
        if self.hans == self.hant || self.hans.is_empty() {
            self.hant.clone()
        } else {
            format!("{} · {}", self.hant, self.hans)
        }
    }
}

/// Properties by which people call a feature, the best first.
const NAMES: [&str; 4] = ["name", "Name", "id", "identificatie"];
/// Answers from the tiles on screen.
const MAX_FEATURES: usize = 12;

/// The features of the tiles that are drawn.
#[derive(SystemParam)]
pub struct FeaturesOnScreen<'w, 's> {
    frame: Res<'w, SceneFrame>,
    meshes: Query<'w, 's, (&'static CityMesh, &'static Placement, &'static Shown), With<TileOf>>,
}

impl FeaturesOnScreen<'_, '_> {
    /// Those whose name or identifier contains a text of at least two characters.
    #[must_use]
    pub fn matching(&self, text: &str) -> Vec<Entry> {
        let question = text.trim().to_lowercase();
        if question.chars().count() < 2 {
            return Vec::new();
        }
        let mut found: Vec<Entry> = Vec::new();
        for (mesh, placement, _) in self.meshes.iter().filter(|(_, _, shown)| shown.0) {
            for (feature, title) in matching_features(&mesh.0, &question) {
                // The same building may be drawn from two tiles.
                let id = format!("feature:{title}");
                if found.iter().any(|entry| entry.id == id) {
                    continue;
                }
                let Some(local) = middle(&mesh.0, feature)
                    .map(|at| placement.local_from_mesh.transform_point3(at))
                else {
                    continue;
                };
                let Some(place) = self.frame.geodetic(local) else {
                    continue;
                };
                found.push(Entry {
                    id,
                    building: mesh
                        .0
                        .features
                        .properties(feature)
                        .into_iter()
                        .find(|p| matches!(p.id.as_str(), "id" | "identificatie"))
                        .map(|p| p.value.to_string()),
                    title,
                    detail: String::new(),
                    kind: SearchKind::Building,
                    place,
                    sensor: None,
                });
                if found.len() >= MAX_FEATURES {
                    return found;
                }
            }
        }
        found
    }
}

/// Features of a tile whose name or identifier contains a lower-case text, with what they are called.
fn matching_features(tile: &PreparedTile, question: &str) -> Vec<(u32, String)> {
    let table = &tile.features;
    let mut found = Vec::new();
    for feature in 0..table.len() {
        let called = NAMES
            .iter()
            .filter_map(|name| table.lookup(feature, name))
            .map(|value| value.to_string());
        let mut title = None;
        for text in called {
            let fits = text.to_lowercase().contains(question);
            let title = title.get_or_insert(text);
            if fits {
                found.push((feature, title.clone()));
                break;
            }
        }
        if found.len() >= MAX_FEATURES {
            break;
        }
    }
    found
}

/// The middle of a feature's vertices, in the tile's own frame.
fn middle(tile: &PreparedTile, feature: u32) -> Option<DVec3> {
    let mut vertices = tile
        .primitives
        .iter()
        .flat_map(|primitive| &primitive.vertices)
        .filter(|vertex| vertex.feature == feature)
        .map(|vertex| Vec3::from(vertex.position));
    let first = vertices.next()?;
    let (low, high) = vertices.fold((first, first), |(low, high), at| {
        (low.min(at), high.max(at))
    });
    Some(((low + high) * 0.5).as_dvec3())
}

#[cfg(test)]
mod tests {
    use super::*;
    use city_tiles::metadata::{Column, ColumnValues, PropertyTable};

    #[test]
    fn the_demo_citys_list_gives_places_and_buildings() {
        let city: City = serde_json::from_str(
            r#"{"seed": 1, "districts": [{"id": "central", "name": {"en": "Central", "zh-Hant": "中環",
                "zh-Hans": "中环"}, "lon": 114.1, "lat": 22.2, "height_m": 4.0}],
              "stations": [{"id": "S01", "name": {"en": "Harbour", "zh-Hant": "海港", "zh-Hans": "海港"},
                "lon": 114.2, "lat": 22.3, "height_m": 5.0, "lines": ["red"]}],
              "buildings": {"id": ["B7"], "name": ["Tower 7"], "name_zh": ["七號大廈"], "lon": [114.15],
                "lat": [22.25], "top_m": [88.0], "district": [0]}}"#,
        )
        .unwrap();
        let entries = city.entries();
        let rows: Vec<_> = entries
            .iter()
            .map(|e| (e.id.as_str(), e.title.as_str(), e.detail.as_str()))
            .collect();
        assert_eq!(
            rows,
            [
                ("city:central", "Central", "中環 · 中环"),
                ("city:S01", "Harbour", "海港"),
                ("city:building:B7", "Tower 7", "七號大廈 · Central"),
            ]
        );
        assert_eq!(entries[2].building.as_deref(), Some("B7"));
        assert!((entries[2].place.lon_deg() - 114.15).abs() < 1e-9);
        let nothing: City = serde_json::from_str("{}").unwrap();
        assert!(nothing.entries().is_empty());
    }

    #[test]
    fn features_are_found_by_name_and_by_identifier() {
        let column = |id: &str, rows: [&str; 2]| {
            let ends = vec![rows[0].len() as u32, (rows[0].len() + rows[1].len()) as u32];
            let text = rows.concat();
            Column::new(id, ColumnValues::Text { ends, text })
        };
        let mut tile = PreparedTile::default();
        tile.features.tables.push(PropertyTable {
            count: 2,
            columns: vec![
                column("identificatie", ["NL.IMBAG.17", "NL.IMBAG.42"]),
                column("name", ["Town hall", "Old mill"]),
            ],
            ..Default::default()
        });
        tile.features.push_block(2, Some(0), None);
        assert_eq!(
            matching_features(&tile, "mill"),
            [(1, "Old mill".to_owned())]
        );
        assert_eq!(
            matching_features(&tile, "imbag.17"),
            [(0, "Town hall".to_owned())]
        );
        assert!(matching_features(&tile, "church").is_empty());
        assert_eq!(middle(&tile, 0), None);
    }
}
