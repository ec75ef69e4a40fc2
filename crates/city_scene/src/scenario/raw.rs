//! The file form, key by key, before it is sorted into kinds.
//!
//! All kinds share one flat table: a tagged enum of serde would lose the places of errors and could not refuse
//! unknown keys.

use std::collections::BTreeMap;

use geo_types::{Coord, LineString, Polygon};
use serde::Deserialize;

use super::schema::{Building, EnergyClass, Horizon, Operation, OperationKind, Value, Window};
use crate::schema::Place;

/// Corners, `[longitude, latitude]` each.
type Ring = Vec<[f64; 2]>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScenario {
    #[allow(dead_code, reason = "read before, so that newer files are told apart")]
    pub(super) schema: Option<u32>,
    pub(super) id: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) base: String,
    pub(super) parent: Option<String>,
    #[serde(default, rename = "operation")]
    pub(super) operations: Vec<RawOperation>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawKind {
    HideFeatures,
    HidePolygon,
    ReplaceBuilding,
    AddBuilding,
    PlaceModel,
    CloseStreet,
    ChangeStreet,
    OverrideAttribute,
    SetInput,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOperation {
    pub(super) id: Option<String>,
    pub(super) kind: RawKind,
    window: Option<Window>,
    #[serde(default)]
    author: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    horizon: Horizon,
    ids: Option<Vec<String>>,
    polygon: Option<Ring>,
    holes: Option<Vec<Ring>>,
    building: Option<RawBuilding>,
    feature: Option<String>,
    street: Option<String>,
    url: Option<String>,
    position: Option<Place>,
    heading_deg: Option<f64>,
    scale: Option<f64>,
    attributes: Option<BTreeMap<String, Value>>,
    attribute: Option<String>,
    value: Option<Value>,
    model: Option<String>,
    input: Option<String>,
    unit: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBuilding {
    #[serde(default)]
    name: String,
    footprint: Ring,
    #[serde(default)]
    holes: Vec<Ring>,
    base_height_m: Option<f64>,
    height_m: f64,
    #[serde(default = "one")]
    storeys: u32,
    #[serde(default, rename = "use")]
    usage: String,
    floor_area_m2: Option<f64>,
    energy_class: Option<EnergyClass>,
    wall_color: Option<String>,
    roof_color: Option<String>,
}

const fn one() -> u32 {
    1
}

/// A key that a kind needs, does not know, or that holds something else.
#[derive(Debug, PartialEq)]
pub(super) struct KeyFault {
    pub(super) path: Vec<&'static str>,
    pub(super) cause: String,
    pub(super) advice: String,
}

impl RawOperation {
    /// Sorts the keys into the kind; `fallback_id` names an operation that has no id.
    pub(super) fn sort(mut self, fallback_id: String) -> Result<Operation, KeyFault> {
        let kind = match self.kind {
            RawKind::HideFeatures => OperationKind::HideFeatures {
                ids: need(self.ids.take(), "ids", self.kind)?,
            },
            RawKind::HidePolygon => OperationKind::HidePolygon {
                polygon: polygon(
                    need(self.polygon.take(), "polygon", self.kind)?,
                    self.holes.take().unwrap_or_default(),
                ),
            },
            RawKind::ReplaceBuilding => OperationKind::ReplaceBuilding {
                feature: need(self.feature.take(), "feature", self.kind)?,
                building: need(self.building.take(), "building", self.kind)?.sort()?,
            },
            RawKind::AddBuilding => OperationKind::AddBuilding {
                building: need(self.building.take(), "building", self.kind)?.sort()?,
            },
            RawKind::PlaceModel => OperationKind::PlaceModel {
                url: need(self.url.take(), "url", self.kind)?,
                position: need(self.position.take(), "position", self.kind)?,
                heading_deg: self.heading_deg.take().unwrap_or(0.0),
                scale: self.scale.take().unwrap_or(1.0),
            },
            RawKind::CloseStreet => OperationKind::CloseStreet {
                street: need(self.street.take(), "street", self.kind)?,
            },
            RawKind::ChangeStreet => OperationKind::ChangeStreet {
                street: need(self.street.take(), "street", self.kind)?,
                attributes: need(self.attributes.take(), "attributes", self.kind)?,
            },
            RawKind::OverrideAttribute => OperationKind::OverrideAttribute {
                feature: need(self.feature.take(), "feature", self.kind)?,
                attribute: need(self.attribute.take(), "attribute", self.kind)?,
                value: need(self.value.take(), "value", self.kind)?,
            },
            RawKind::SetInput => OperationKind::SetInput {
                model: need(self.model.take(), "model", self.kind)?,
                input: need(self.input.take(), "input", self.kind)?,
                value: match need(self.value.take(), "value", self.kind)? {
                    Value::Number(number) => number,
                    other => {
                        return Err(KeyFault {
                            path: vec!["value"],
                            cause: format!("the input's value is {other}, not a number"),
                            advice: "Write a number; its unit goes into unit".to_owned(),
                        });
                    }
                },
                unit: self.unit.take().unwrap_or_default(),
            },
        };
        if let Some(key) = self.left_over() {
            return Err(KeyFault {
                path: vec![key],
                cause: format!("the key \"{key}\" does not belong to {}", kind.id()),
                advice: "Remove it, or choose another kind".to_owned(),
            });
        }
        Ok(Operation {
            id: self.id.unwrap_or(fallback_id),
            kind,
            window: self.window,
            author: self.author,
            reason: self.reason,
            horizon: self.horizon,
        })
    }

    /// A key that the kind has not taken.
    fn left_over(&self) -> Option<&'static str> {
        let keys = [
            ("ids", self.ids.is_some()),
            ("polygon", self.polygon.is_some()),
            ("holes", self.holes.is_some()),
            ("building", self.building.is_some()),
            ("feature", self.feature.is_some()),
            ("street", self.street.is_some()),
            ("url", self.url.is_some()),
            ("position", self.position.is_some()),
            ("heading_deg", self.heading_deg.is_some()),
            ("scale", self.scale.is_some()),
            ("attributes", self.attributes.is_some()),
            ("attribute", self.attribute.is_some()),
            ("value", self.value.is_some()),
            ("model", self.model.is_some()),
            ("input", self.input.is_some()),
            ("unit", self.unit.is_some()),
        ];
        keys.into_iter()
            .find_map(|(key, there)| there.then_some(key))
    }
}

impl RawBuilding {
    fn sort(self) -> Result<Building, KeyFault> {
        let color = |key: &'static str, text: Option<String>| match text {
            None => Ok(None),
            Some(text) => rgb(&text).map(Some).ok_or_else(|| KeyFault {
                path: vec!["building", key],
                cause: format!("\"{}\" is not a colour", crate::read::shorten(&text)),
                advice: "Write it as #rrggbb".to_owned(),
            }),
        };
        Ok(Building {
            name: self.name,
            footprint: polygon(self.footprint, self.holes),
            base_height_m: self.base_height_m,
            height_m: self.height_m,
            storeys: self.storeys,
            usage: self.usage,
            floor_area_m2: self.floor_area_m2,
            energy_class: self.energy_class,
            wall_rgb: color("wall_color", self.wall_color)?,
            roof_rgb: color("roof_color", self.roof_color)?,
        })
    }
}

fn need<T>(value: Option<T>, key: &'static str, kind: RawKind) -> Result<T, KeyFault> {
    value.ok_or_else(|| KeyFault {
        path: Vec::new(),
        cause: format!(
            "the key \"{key}\" is missing, which {} needs",
            OperationKind::IDS[kind as usize]
        ),
        advice: format!("Add a line {key} = ..."),
    })
}

fn polygon(outer: Ring, holes: Vec<Ring>) -> Polygon<f64> {
    let line =
        |ring: Ring| -> LineString<f64> { ring.into_iter().map(|[x, y]| Coord { x, y }).collect() };
    // Closes rings that are open.
    Polygon::new(line(outer), holes.into_iter().map(line).collect())
}

fn rgb(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#')?;
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let [_, r, g, b] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some([r, g, b])
}
