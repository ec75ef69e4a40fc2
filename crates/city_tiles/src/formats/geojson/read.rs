//! JSON to features, one feature in memory at a time.

use std::fmt;

use geo_types::Geometry;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::fault::{FeatureError, FeatureFault};
use super::{MAX_BYTES, MAX_VERTICES, TYPES, shape, without_mark};
use crate::formats::error::{DecodeErrorKind, Fault, limit};
use crate::formats::{DecodeError, DecodeOptions, Input};

/// A feature that can be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Place in the file's list, from 0.
    pub index: usize,
    /// The `id` member as text.
    pub id: Option<String>,
    /// Longitude and latitude in degrees. What crosses the antimeridian goes on beyond 180 or -180;
    /// rings are closed, outer ones counter-clockwise.
    pub geometry: Geometry<f64>,
    /// Its properties.
    pub properties: Map<String, Value>,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Collection {
    /// The collection's `name` member.
    pub name: Option<String>,
    /// Credits: the members `attribution`, `copyright` and `license`.
    pub credits: Vec<String>,
    /// What can be drawn.
    pub features: Vec<Feature>,
    /// What cannot, up to [`MAX_FAULTS`].
    pub faults: Vec<FeatureError>,
    /// How many features cannot be drawn.
    pub faults_count: usize,
    /// Positions of all features together.
    pub positions: usize,
}

/// Faults kept.
const MAX_FAULTS: usize = 1000;

/// Reads a GeoJSON file.
///
/// # Errors
/// The file is no GeoJSON, is in another coordinate system, or is beyond the limits. Single bad
/// features are no error: they are in [`Collection::faults`].
pub fn read(bytes: &[u8], url: &str, options: &DecodeOptions) -> Result<Collection, DecodeError> {
    let input = Input {
        bytes,
        base_url: url,
        external: &|_| None,
        options,
    };
    read_input(&input).map_err(|fault| fault.in_file(url))
}

pub(super) fn read_input(input: &Input<'_>) -> Result<Collection, Fault> {
    let most = input.options.max_bytes.min(MAX_BYTES);
    limit("the file", "bytes of GeoJSON", input.bytes.len(), most)?;
    let mut reader = Reader {
        options: input.options,
        out: Collection::default(),
        index: 0,
        kind: None,
        single: Map::new(),
        stopped: None,
    };
    let mut json = serde_json::Deserializer::from_slice(without_mark(input.bytes));
    let read = TopLevel(&mut reader)
        .deserialize(&mut json)
        .and_then(|()| json.end());
    if let Some(stopped) = reader.stopped.take() {
        return Err(stopped);
    }
    read.map_err(|error| Fault::new("the file", DecodeErrorKind::Json(error.to_string())))?;
    reader.finish()
}

struct Reader<'o> {
    options: &'o DecodeOptions,
    out: Collection,
    index: usize,
    kind: Option<String>,
    /// Members of a file that is one feature or one geometry.
    single: Map<String, Value>,
    /// A limit that ended the reading.
    stopped: Option<Fault>,
}

impl Reader<'_> {
    fn feature(&mut self, json: Value) -> Result<(), Fault> {
        let index = self.index;
        self.index += 1;
        limit(
            "features",
            "features",
            self.index,
            self.options.max_features,
        )?;
        let id = json.get("id").and_then(|id| match id {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        let parsed = serde_json::from_value::<geojson::Feature>(json)
            .map_err(|error| FeatureFault::Malformed(error.to_string()))
            .and_then(|feature| {
                let geometry = feature.geometry.ok_or(FeatureFault::NoGeometry)?;
                let shape = shape::shape(&geometry.value)?;
                Ok((shape, feature.properties.unwrap_or_default()))
            });
        match parsed {
            Ok((shape, properties)) => {
                self.out.positions += shape.positions;
                limit(
                    "features",
                    "positions",
                    self.out.positions,
                    self.options.max_vertices.min(MAX_VERTICES),
                )?;
                self.out.features.push(Feature {
                    index,
                    id,
                    geometry: shape.geometry,
                    properties,
                });
            }
            Err(fault) => {
                self.out.faults_count += 1;
                if self.out.faults.len() < MAX_FAULTS {
                    self.out.faults.push(FeatureError { index, id, fault });
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Collection, Fault> {
        let kind = self.kind.take().unwrap_or_default();
        match kind.as_str() {
            "FeatureCollection" => {}
            "Feature" => {
                let mut json = std::mem::take(&mut self.single);
                json.insert("type".into(), Value::String(kind));
                self.feature(Value::Object(json))?;
            }
            geometry if TYPES.contains(&geometry) => {
                let mut json = std::mem::take(&mut self.single);
                json.insert("type".into(), Value::String(kind));
                let mut feature = Map::new();
                feature.insert("type".into(), Value::String("Feature".into()));
                feature.insert("geometry".into(), Value::Object(json));
                feature.insert("properties".into(), Value::Null);
                self.feature(Value::Object(feature))?;
            }
            other => {
                let shown: String = other.chars().take(40).collect();
                return Err(Fault::invalid(
                    "type",
                    format!("\"{shown}\" is no GeoJSON type; expected FeatureCollection"),
                ));
            }
        }
        Ok(self.out)
    }

    /// A file in another coordinate system would be drawn in the wrong place, so it is refused.
    fn coordinate_system(&mut self, crs: &Value) {
        let name = crs
            .pointer("/properties/name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let last = name.rsplit([':', '/']).next().unwrap_or_default();
        if !name.is_empty() && !matches!(last, "CRS84" | "4326" | "CRS84h" | "4979" | "WGS84") {
            let shown: String = name.chars().take(80).collect();
            self.stopped = Some(Fault::invalid(
                "crs",
                format!("coordinates are in {shown}; write them in WGS 84 longitude and latitude"),
            ));
        }
    }
}

struct TopLevel<'r, 'o>(&'r mut Reader<'o>);

impl<'de> DeserializeSeed<'de> for TopLevel<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for TopLevel<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reader = self.0;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => reader.kind = Some(map.next_value()?),
                "features" => map.next_value_seed(Features(reader))?,
                "crs" => {
                    let crs: Value = map.next_value()?;
                    reader.coordinate_system(&crs);
                }
                "name" | "attribution" | "copyright" | "license" => {
                    if let Value::String(text) = map.next_value()? {
                        let text: String = text.chars().take(500).collect();
                        match key.as_str() {
                            "name" => reader.out.name = Some(text),
                            _ => reader.out.credits.push(text),
                        }
                    }
                }
                "id" | "geometry" | "properties" | "coordinates" | "geometries" => {
                    reader.single.insert(key, map.next_value()?);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            if reader.stopped.is_some() {
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

struct Features<'r, 'o>(&'r mut Reader<'o>);

impl<'de> DeserializeSeed<'de> for Features<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(json) = list.next_element::<Value>()? {
            if let Err(fault) = self.0.feature(json) {
                self.0.stopped = Some(fault);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}
