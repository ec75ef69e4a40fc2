//! The demo city's own list beside its tileset: places and buildings, whether their tiles are loaded or not.

use bevy::ecs::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, futures_lite::future};
use city_geo::Geodetic;
use city_tiles::metadata::{Column, ColumnValues, FeatureTable, PropertyTable};
use serde::Deserialize;

use super::{Entry, Folded, Searcher};
use crate::overlays::HubAddress;
use crate::platform::Fetcher;
use crate::scene::{DemoCity, SceneInfo, demo_folder};
use crate::ui::model::SearchKind;

/// Reads the demo city's list of places. Not `Send` in the browser.
pub(crate) struct CityReader {
    fetcher: Fetcher,
    key: u64,
    url: Option<String>,
    /// Off the main thread where there is another one.
    reading: Option<Task<Result<CityList, String>>>,
}

impl CityReader {
    pub(crate) fn new() -> Self {
        Self {
            fetcher: Fetcher::new(1),
            key: 0,
            url: None,
            reading: None,
        }
    }
}

/// What the list says.
pub(crate) struct CityList {
    pub entries: Vec<Folded>,
    pub buildings: Buildings,
}

/// All buildings with their attributes, called as in the tiles.
#[derive(Clone, Debug, Default)]
pub struct Buildings {
    /// One feature for each.
    pub features: FeatureTable,
    /// Where each one's top is.
    pub places: Vec<Geodetic>,
}

/// The demo city's list: fetched when somebody searches for the first time, for it is long.
pub(crate) fn city(
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
        searcher.set_buildings(None);
        reader.reading = None;
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
        let read = async move {
            let bytes = fetched.result.map_err(|error| error.to_string())?;
            CityList::read(&bytes)
        };
        reader.reading = Some(AsyncComputeTaskPool::get().spawn(read));
    }
    let done = reader
        .reading
        .as_mut()
        .and_then(|task| block_on(future::poll_once(task)));
    let Some(read) = done else { return };
    reader.reading = None;
    match read {
        Ok(list) => {
            searcher.add_folded(list.entries);
            searcher.set_buildings(Some(list.buildings));
            searcher.again();
        }
        // Cities of other versions have no such list; the rest can be found all the same.
        Err(error) => tracing::info!("the city's list of places cannot be read: {error}"),
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

/// Columns of buildings; those that an older city does not have are empty.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Columns {
    id: Vec<String>,
    name: Vec<String>,
    name_zh: Vec<String>,
    lon: Vec<f64>,
    lat: Vec<f64>,
    top_m: Vec<f64>,
    district: Vec<usize>,
    r#use: Vec<usize>,
    storeys: Vec<i64>,
    height_m: Vec<f64>,
    floor_area_m2: Vec<f64>,
    energy_class: Vec<usize>,
}

/// The part of `city.json` that can be searched.
#[derive(Deserialize, Default)]
#[serde(default)]
struct City {
    districts: Vec<Place>,
    villages: Vec<Place>,
    stations: Vec<Place>,
    piers: Vec<Place>,
    uses: Vec<String>,
    energy_classes: Vec<String>,
    buildings: Columns,
}

impl CityList {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let city: City = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let districts: Vec<String> = city
            .districts
            .iter()
            .map(|place| place.name.en.clone())
            .collect();
        let buildings = city
            .buildings
            .table(&districts, &city.uses, &city.energy_classes);
        let places = [city.districts, city.villages, city.stations, city.piers];
        let mut entries: Vec<Folded> = places
            .into_iter()
            .flatten()
            .map(|place| {
                Folded::of(Entry {
                    id: format!("city:{}", place.id),
                    detail: place.name.others(),
                    title: place.name.en,
                    kind: SearchKind::Place,
                    place: Geodetic::from_degrees(place.lon, place.lat, place.height_m),
                    sensor: None,
                    building: None,
                    values: Vec::new(),
                })
            })
            .collect();
        entries.extend(city.buildings.entries(&districts));
        Ok(Self { entries, buildings })
    }
}

impl Columns {
    fn len(&self) -> usize {
        let columns = [self.id.len(), self.name.len(), self.lon.len()];
        let columns = columns
            .into_iter()
            .chain([self.lat.len(), self.top_m.len()]);
        columns.min().unwrap_or(0)
    }

    fn place(&self, row: usize) -> Geodetic {
        let number = |column: &[f64]| column.get(row).copied().unwrap_or_default();
        Geodetic::from_degrees(number(&self.lon), number(&self.lat), number(&self.top_m))
    }

    /// The attributes as the tiles have them.
    fn table(&self, districts: &[String], uses: &[String], classes: &[String]) -> Buildings {
        let rows = self.len();
        let named = |codes: &[usize], names: &[String]| {
            let name = |row: usize| codes.get(row).and_then(|code| names.get(*code)).cloned();
            (0..rows)
                .map(|row| name(row).unwrap_or_default())
                .collect::<Vec<_>>()
        };
        let texts = [
            ("id", self.id.clone()),
            ("name", self.name.clone()),
            ("name_zh", self.name_zh.clone()),
            ("district", named(&self.district, districts)),
            ("use", named(&self.r#use, uses)),
            ("energy_class", named(&self.energy_class, classes)),
        ];
        let mut columns: Vec<Column> = texts
            .into_iter()
            .map(|(id, rows)| text_column(id, &rows))
            .collect();
        let storeys: Vec<f64> = self.storeys.iter().map(|n| *n as f64).collect();
        for (id, unit, numbers) in [
            ("storeys", None, &storeys),
            ("height_m", Some("m"), &self.height_m),
            ("floor_area_m2", Some("m²"), &self.floor_area_m2),
        ] {
            columns.push(Column {
                unit: unit.map(str::to_owned),
                ..Column::new(id, ColumnValues::F64(numbers.clone()))
            });
        }
        columns.retain(|column| !column.values.is_empty());
        let mut features = FeatureTable::default();
        features.tables.push(PropertyTable {
            class: "building".to_owned(),
            count: rows as u32,
            columns,
            ..PropertyTable::default()
        });
        features.push_block(rows as u32, Some(0), None);
        Buildings {
            features,
            places: (0..rows).map(|row| self.place(row)).collect(),
        }
    }

    fn entries(self, districts: &[String]) -> Vec<Folded> {
        let building = |row: usize| {
            let id = self.id.get(row)?;
            let name = self.name.get(row)?;
            let name_zh = self.name_zh.get(row).map_or("", String::as_str);
            let district = self.district.get(row).and_then(|at| districts.get(*at));
            let district = district.map_or("", String::as_str);
            let detail: Vec<&str> = [name_zh, district]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect();
            Some(Folded::of(Entry {
                id: format!("city:building:{id}"),
                detail: detail.join(" · "),
                title: if name.is_empty() { id } else { name }.clone(),
                kind: SearchKind::Building,
                place: self.place(row),
                sensor: None,
                building: Some(id.clone()),
                values: Vec::new(),
            }))
        };
        (0..self.len()).filter_map(building).collect()
    }
}

fn text_column(id: &str, rows: &[String]) -> Column {
    let mut text = String::new();
    let mut no_data = Vec::new();
    let ends = rows.iter().zip(0..).map(|(row, index)| {
        if row.is_empty() {
            no_data.push(index);
        }
        text.push_str(row);
        text.len() as u32
    });
    let ends = ends.collect();
    Column {
        no_data,
        ..Column::new(id, ColumnValues::Text { ends, text })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_citys_list_gives_places_and_buildings_with_their_attributes() {
        let list = CityList::read(
            r#"{"seed": 1, "districts": [{"id": "central", "name": {"en": "Central", "zh-Hant": "中環",
                "zh-Hans": "中环"}, "lon": 114.1, "lat": 22.2, "height_m": 4.0}],
              "stations": [{"id": "S01", "name": {"en": "Harbour", "zh-Hant": "海港", "zh-Hans": "海港"},
                "lon": 114.2, "lat": 22.3, "height_m": 5.0, "lines": ["red"]}],
              "uses": ["Residential", "Office"],
              "buildings": {"id": ["B7"], "name": ["Tower 7"], "name_zh": ["七號大廈"], "lon": [114.15],
                "lat": [22.25], "top_m": [88.0], "district": [0], "use": [1], "height_m": [80.5]}}"#
                .as_bytes(),
        )
        .unwrap();
        let rows: Vec<_> = list
            .entries
            .iter()
            .map(|Folded { entry: e, .. }| (e.id.as_str(), e.title.as_str(), e.detail.as_str()))
            .collect();
        assert_eq!(
            rows,
            [
                ("city:central", "Central", "中環 · 中环"),
                ("city:S01", "Harbour", "海港"),
                ("city:building:B7", "Tower 7", "七號大廈 · Central"),
            ]
        );
        assert_eq!(list.entries[2].entry.building.as_deref(), Some("B7"));
        let place = list.buildings.places[0];
        assert!((place.lon_deg() - 114.15).abs() < 1e-9);
        let told = |name: &str| {
            list.buildings
                .features
                .lookup(0, name)
                .map(|v| v.to_string())
        };
        assert_eq!(told("use").as_deref(), Some("Office"));
        assert_eq!(told("height_m").as_deref(), Some("80.5"));
        assert_eq!(told("district").as_deref(), Some("Central"));
        assert_eq!(told("storeys"), None, "an older city does not say");
        let nothing = CityList::read(b"{}").unwrap();
        assert!(nothing.entries.is_empty() && nothing.buildings.places.is_empty());
    }
}
