//! The list of a city's buildings and streets that the tiler writes: `city.json` and `streets.json`.

use std::collections::{BTreeMap, HashMap};

use geo::BoundingRect;
use geo_types::Polygon;
use serde::Deserialize;

use crate::scenario::{
    Base, BaseFeature, BaseStreet, BuildingFacts, EnergyClass, Value, footprint,
};
use crate::schema::Place;

/// Longest file, bytes.
const MAX_BYTES: usize = 64 << 20;
/// Most buildings, and most streets.
const MAX_ROWS: usize = 1_000_000;

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

#[derive(Deserialize, Default)]
#[serde(default)]
struct Columns {
    id: Vec<String>,
    name: Vec<String>,
    lon: Vec<f64>,
    lat: Vec<f64>,
    top_m: Vec<f64>,
    height_m: Vec<f64>,
    #[serde(rename = "use")]
    usage: Vec<u32>,
    storeys: Vec<u32>,
    floor_area_m2: Vec<f64>,
    energy_class: Vec<u8>,
    footprint_m2: Vec<f64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CityFile {
    uses: Vec<String>,
    green_m2: Option<f64>,
    buildings: Columns,
}

#[derive(Deserialize, Default)]
struct NameFile {
    #[serde(default)]
    en: String,
}

#[derive(Deserialize)]
struct EdgeFile {
    #[serde(default)]
    id: String,
    a: usize,
    b: usize,
    class: String,
    kind: String,
    name: usize,
    length_m: f64,
    speed_kmh: f64,
    lanes: f64,
    #[serde(default)]
    via: Vec<[f64; 2]>,
}

#[derive(Deserialize)]
struct StreetsFile {
    names: Vec<NameFile>,
    nodes: Vec<[f64; 3]>,
    edges: Vec<EdgeFile>,
}

/// All buildings of a city, and its streets where they were read too. A [`Base`] for scenarios.
#[derive(Debug, Clone, Default)]
pub struct CityIndex {
    rows: Vec<Row>,
    by_id: HashMap<String, usize>,
    streets: Option<BTreeMap<String, BaseStreet>>,
    green_m2: Option<f64>,
    has_facts: bool,
}

#[derive(Debug, Clone)]
struct Row {
    name: String,
    top: Place,
    facts: BuildingFacts,
}

impl CityIndex {
    /// Reads a `city.json`; `file` is its name, for messages.
    ///
    /// # Errors
    /// For what is not such a list.
    pub fn parse(city_json: &[u8], file: &str) -> Result<Self, CityIndexError> {
        let city: CityFile = read(city_json, file)?;
        let columns = city.buildings;
        let content = |cause| CityIndexError::Content {
            file: file.to_owned(),
            cause,
        };
        let count = columns.id.len();
        if count > MAX_ROWS {
            return Err(content(format!(
                "there are {count} buildings, more than {MAX_ROWS}"
            )));
        }
        let needed = [
            ("lon", columns.lon.len()),
            ("lat", columns.lat.len()),
            ("top_m", columns.top_m.len()),
            ("height_m", columns.height_m.len()),
        ];
        // Cities of earlier versions lack these.
        let extra = [
            ("name", columns.name.len()),
            ("use", columns.usage.len()),
            ("storeys", columns.storeys.len()),
            ("floor_area_m2", columns.floor_area_m2.len()),
            ("energy_class", columns.energy_class.len()),
            ("footprint_m2", columns.footprint_m2.len()),
        ];
        let wrong = needed
            .into_iter()
            .find(|(_, length)| *length != count)
            .or_else(|| extra.into_iter().find(|(_, l)| *l != count && *l != 0));
        if let Some((name, length)) = wrong {
            return Err(content(format!(
                "column {name} of buildings has {length} values for {count} buildings"
            )));
        }
        let mut index = Self {
            rows: Vec::with_capacity(count),
            by_id: HashMap::with_capacity(count),
            streets: None,
            green_m2: city
                .green_m2
                .filter(|area| area.is_finite() && *area >= 0.0),
            has_facts: count > 0 && extra.iter().all(|(_, length)| *length == count),
        };
        for (i, id) in columns.id.into_iter().enumerate() {
            let usage = columns.usage.get(i);
            let usage = usage.and_then(|code| city.uses.get(*code as usize));
            let class = columns.energy_class.get(i);
            let facts = BuildingFacts {
                id: id.clone(),
                usage: usage.cloned().unwrap_or_default(),
                storeys: columns.storeys.get(i).copied().unwrap_or(0),
                floor_area_m2: columns.floor_area_m2.get(i).copied(),
                height_m: columns.height_m[i],
                energy_class: class.and_then(|c| EnergyClass::ALL.get(*c as usize).copied()),
                footprint_m2: columns.footprint_m2.get(i).copied().unwrap_or(0.0),
            };
            let top = Place {
                lon: columns.lon[i],
                lat: columns.lat[i],
                height: columns.top_m[i],
            };
            let name = columns.name.get(i).cloned().unwrap_or_default();
            insert(&mut index, id, Row { name, top, facts });
        }
        Ok(index)
    }

    /// Reads the city's `streets.json` too.
    ///
    /// # Errors
    /// For what is not such a list; the index is then as it was.
    pub fn read_streets(&mut self, streets_json: &[u8], file: &str) -> Result<(), CityIndexError> {
        let streets: StreetsFile = read(streets_json, file)?;
        let content = |cause| CityIndexError::Content {
            file: file.to_owned(),
            cause,
        };
        if streets.edges.len() > MAX_ROWS {
            let count = streets.edges.len();
            return Err(content(format!(
                "there are {count} streets, more than {MAX_ROWS}"
            )));
        }
        let mut all = BTreeMap::new();
        for (i, edge) in streets.edges.into_iter().enumerate() {
            let ends = (streets.nodes.get(edge.a), streets.nodes.get(edge.b));
            let (Some(a), Some(b)) = ends else {
                return Err(content(format!(
                    "edge {i} runs from node {} to node {}, and there are {}",
                    edge.a,
                    edge.b,
                    streets.nodes.len()
                )));
            };
            let height = (a[2] + b[2]) / 2.0;
            let middle = edge.via.get(edge.via.len() / 2).copied();
            let [lon, lat] = middle.unwrap_or([(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0]);
            let text = |text: String| Value::Text(text);
            let attributes = BTreeMap::from([
                ("class".to_owned(), text(edge.class)),
                ("kind".to_owned(), text(edge.kind)),
                ("length_m".to_owned(), Value::Number(edge.length_m)),
                ("speed_kmh".to_owned(), Value::Number(edge.speed_kmh)),
                ("lanes".to_owned(), Value::Number(edge.lanes)),
            ]);
            let id = if edge.id.is_empty() {
                i.to_string()
            } else {
                edge.id
            };
            let street = BaseStreet {
                id: id.clone(),
                name: streets
                    .names
                    .get(edge.name)
                    .map(|name| name.en.clone())
                    .unwrap_or_default(),
                centre: Place { lon, lat, height },
                attributes,
            };
            all.insert(id, street);
        }
        self.streets = Some(all);
        Ok(())
    }

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

    /// What is known of every building, in the order of the file.
    pub fn facts(&self) -> impl Iterator<Item = BuildingFacts> + '_ {
        self.rows.iter().map(|row| row.facts.clone())
    }

    /// Parks and lawns, square metres, where the city says it.
    pub fn green_m2(&self) -> Option<f64> {
        self.green_m2
    }

    /// All streets, by id; none where they were not read.
    pub fn streets(&self) -> impl Iterator<Item = &BaseStreet> + '_ {
        self.streets.iter().flat_map(BTreeMap::values)
    }
}

fn insert(index: &mut CityIndex, id: String, row: Row) {
    // The first of an id counts; the tiler writes no id twice.
    if let std::collections::hash_map::Entry::Vacant(free) = index.by_id.entry(id) {
        free.insert(index.rows.len());
        index.rows.push(row);
    }
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8], file: &str) -> Result<T, CityIndexError> {
    if bytes.len() > MAX_BYTES {
        return Err(CityIndexError::TooLong {
            file: file.to_owned(),
            bytes: bytes.len(),
        });
    }
    serde_json::from_slice(bytes).map_err(|error| CityIndexError::Syntax {
        file: file.to_owned(),
        line: error.line(),
        column: error.column(),
        cause: crate::read::shorten(&error.to_string()),
    })
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
