//! What is wrong with an operation by itself, whatever the city is.

use std::collections::BTreeMap;

use geo_types::Polygon;

use super::footprint;
use super::limits::{
    MAX_BUILDING_HEIGHT_M, MAX_FOOTPRINT_M2, MAX_NAME_BYTES, MAX_OPERATION_ATTRIBUTES,
    MAX_OPERATION_FEATURES, MAX_POLYGON_VERTICES, MAX_STOREYS, MIN_FOOTPRINT_M2,
};
use super::schema::{Building, Operation, OperationKind, Value};
use crate::limits::MAX_TEXT_BYTES;
use crate::locate::Step::{self, Key};
use crate::read::shorten;

/// A fault and the path to it below the operation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    pub(super) path: Vec<Step<'static>>,
    pub(super) cause: String,
    pub(super) advice: String,
}

type Checked = Result<(), Fault>;

fn fault(path: &[&'static str], cause: impl Into<String>, advice: impl Into<String>) -> Fault {
    Fault {
        path: path.iter().copied().map(Key).collect(),
        cause: cause.into(),
        advice: advice.into(),
    }
}

/// Corners of the operation's polygons.
pub(super) fn vertices(operation: &Operation) -> usize {
    let polygon = match &operation.kind {
        OperationKind::HidePolygon { polygon } => Some(polygon),
        kind => kind.building().map(|building| &building.footprint),
    };
    polygon.map_or(0, footprint::vertices)
}

/// The first thing that is wrong with an operation.
pub(super) fn operation(operation: &Operation) -> Checked {
    name(&["id"], &operation.id)?;
    text(&["author"], &operation.author)?;
    text(&["reason"], &operation.reason)?;
    if let Some(window) = operation.window
        && let (Some(from), Some(to)) = (window.from, window.to)
        && from >= to
    {
        return Err(fault(
            &["window"],
            format!("its time window ends ({to}) before it begins ({from})"),
            "Swap from and to",
        ));
    }
    match &operation.kind {
        OperationKind::HideFeatures { ids } => {
            if ids.is_empty() || ids.len() > MAX_OPERATION_FEATURES {
                return Err(fault(
                    &["ids"],
                    format!("it names {} features", ids.len()),
                    format!("Name 1 to {MAX_OPERATION_FEATURES}"),
                ));
            }
            ids.iter().try_for_each(|id| name(&["ids"], id))
        }
        OperationKind::HidePolygon { polygon } => outline(&["polygon"], polygon, f64::INFINITY),
        OperationKind::ReplaceBuilding { feature, building } => {
            name(&["feature"], feature)?;
            check_building(building)
        }
        OperationKind::AddBuilding { building } => check_building(building),
        OperationKind::PlaceModel {
            url,
            position,
            heading_deg,
            scale,
        } => {
            text(&["url"], url)?;
            if url.trim().is_empty() {
                return Err(fault(
                    &["url"],
                    "the model has no address",
                    "Name a .glb or .gltf",
                ));
            }
            number(&["position", "lon"], position.lon, -180.0, 180.0)?;
            number(&["position", "lat"], position.lat, -90.0, 90.0)?;
            number(
                &["position", "height"],
                position.height,
                -12_000.0,
                100_000.0,
            )?;
            number(&["heading_deg"], *heading_deg, -3600.0, 3600.0)?;
            number(&["scale"], *scale, 1e-4, 1e4)
        }
        OperationKind::CloseStreet { street } => name(&["street"], street),
        OperationKind::ChangeStreet { street, attributes } => {
            name(&["street"], street)?;
            check_attributes(attributes)
        }
        OperationKind::OverrideAttribute {
            feature,
            attribute,
            value,
        } => {
            name(&["feature"], feature)?;
            name(&["attribute"], attribute)?;
            check_value(&["value"], value)
        }
        OperationKind::SetInput {
            model,
            input,
            value,
            unit,
        } => {
            name(&["model"], model)?;
            name(&["input"], input)?;
            text(&["unit"], unit)?;
            number(&["value"], *value, -1e15, 1e15)
        }
    }
}

fn check_building(building: &Building) -> Checked {
    text(&["building", "name"], &building.name)?;
    text(&["building", "use"], &building.usage)?;
    outline(
        &["building", "footprint"],
        &building.footprint,
        MAX_FOOTPRINT_M2,
    )?;
    let height_m = building.height_m;
    if !(height_m > 0.0 && height_m <= MAX_BUILDING_HEIGHT_M) {
        return Err(fault(
            &["building", "height_m"],
            format!("the building is {height_m} m high"),
            format!("Give it a height above 0 and up to {MAX_BUILDING_HEIGHT_M} m"),
        ));
    }
    if let Some(base_m) = building.base_height_m {
        number(&["building", "base_height_m"], base_m, -12_000.0, 10_000.0)?;
    }
    if !(1..=MAX_STOREYS).contains(&building.storeys) {
        return Err(fault(
            &["building", "storeys"],
            format!("the building has {} storeys", building.storeys),
            format!("Give it 1 to {MAX_STOREYS}"),
        ));
    }
    if let Some(area_m2) = building.floor_area_m2 {
        number(&["building", "floor_area_m2"], area_m2, 0.0, 1e9)?;
    }
    Ok(())
}

fn outline(path: &[&'static str], polygon: &Polygon<f64>, largest_m2: f64) -> Checked {
    let vertices = footprint::vertices(polygon);
    if vertices > MAX_POLYGON_VERTICES {
        return Err(fault(
            path,
            format!("the outline has {vertices} corners"),
            format!("At most {MAX_POLYGON_VERTICES} are taken: draw a simpler one"),
        ));
    }
    footprint::check(polygon).map_err(|found| fault(path, found.to_string(), found.advice()))?;
    let area_m2 = footprint::area_m2(polygon);
    if !(area_m2 >= MIN_FOOTPRINT_M2 && area_m2 <= largest_m2) {
        return Err(fault(
            path,
            format!("the outline encloses {area_m2:.2} m²"),
            format!("It must be {MIN_FOOTPRINT_M2} to {largest_m2} m²"),
        ));
    }
    Ok(())
}

fn check_attributes(attributes: &BTreeMap<String, Value>) -> Checked {
    if attributes.is_empty() || attributes.len() > MAX_OPERATION_ATTRIBUTES {
        return Err(fault(
            &["attributes"],
            format!("it sets {} attributes", attributes.len()),
            format!("Set 1 to {MAX_OPERATION_ATTRIBUTES}"),
        ));
    }
    attributes.iter().try_for_each(|(key, value)| {
        name(&["attributes"], key)?;
        check_value(&["attributes"], value)
    })
}

fn check_value(path: &[&'static str], value: &Value) -> Checked {
    match value {
        Value::Flag(_) => Ok(()),
        Value::Number(number) if number.is_finite() => Ok(()),
        Value::Number(number) => Err(fault(
            path,
            format!("the value is {number}"),
            "Give it a number",
        )),
        Value::Text(value) => text(path, value),
    }
}

fn number(path: &[&'static str], value: f64, min: f64, max: f64) -> Checked {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    let key = path.last().copied().unwrap_or("value");
    Err(fault(
        path,
        format!("{key} is {value}"),
        format!("It must be between {min} and {max}"),
    ))
}

fn text(path: &[&'static str], value: &str) -> Checked {
    if value.len() <= MAX_TEXT_BYTES {
        return Ok(());
    }
    let key = path.last().copied().unwrap_or("text");
    Err(fault(
        path,
        format!("{key} has {} bytes", value.len()),
        format!("At most {MAX_TEXT_BYTES} are taken"),
    ))
}

fn name(path: &[&'static str], value: &str) -> Checked {
    let good = !value.trim().is_empty()
        && value.len() <= MAX_NAME_BYTES
        && !value.chars().any(char::is_control);
    if good {
        return Ok(());
    }
    let key = path.last().copied().unwrap_or("name");
    Err(fault(
        path,
        format!("\"{}\" cannot be used in {key}", shorten(value)),
        format!("Give it 1 to {MAX_NAME_BYTES} bytes of text on one line"),
    ))
}
