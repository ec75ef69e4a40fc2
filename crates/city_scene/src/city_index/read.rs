//! Reading `city.json` and `streets.json`.

use std::collections::{BTreeMap, HashMap};

use geo_types::{Coord, Polygon};
use serde::Deserialize;

use super::{CityIndex, CityIndexError, MAX_BYTES, Row};
use crate::scenario::{BaseStreet, BuildingFacts, EnergyClass, Value};
use crate::schema::Place;

/// Most buildings, most streets, and most parks.
const MAX_ROWS: usize = 1_000_000;

/// Longest credit that is kept, characters.
const MAX_COPYRIGHT: usize = 200;

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
    copyright: String,
    synthetic: bool,
    uses: Vec<String>,
    greens: Option<Vec<Vec<[f64; 2]>>>,
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
        if city.greens.as_ref().is_some_and(|g| g.len() > MAX_ROWS) {
            return Err(content(format!("there are more than {MAX_ROWS} parks")));
        }
        let mut index = Self {
            rows: Vec::with_capacity(count),
            by_id: HashMap::with_capacity(count),
            streets: None,
            street_lines: BTreeMap::new(),
            greens: city
                .greens
                .map(|pieces| pieces.into_iter().map(piece).collect()),
            copyright: city.copyright.chars().take(MAX_COPYRIGHT).collect(),
            synthetic: city.synthetic,
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
        let mut lines = BTreeMap::new();
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
            lines.insert(id.clone(), line(*a, &edge.via, *b));
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
        self.street_lines = lines;
        Ok(())
    }
}

/// From one end by way of others to the other end; what lies between rises evenly.
fn line(a: [f64; 3], via: &[[f64; 2]], b: [f64; 3]) -> Vec<Place> {
    let steps = via.len() as f64 + 1.0;
    let between = via.iter().zip(1..).map(|([lon, lat], step)| Place {
        lon: *lon,
        lat: *lat,
        height: a[2] + (b[2] - a[2]) * f64::from(step) / steps,
    });
    let end = |[lon, lat, height]: [f64; 3]| Place { lon, lat, height };
    std::iter::once(end(a))
        .chain(between)
        .chain(std::iter::once(end(b)))
        .collect()
}

fn piece(ring: Vec<[f64; 2]>) -> Polygon<f64> {
    let ring = ring.into_iter().map(|[x, y]| Coord { x, y }).collect();
    Polygon::new(ring, Vec::new())
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
