//! The inspector: the building, feature or sensor that is selected.

use std::collections::BTreeMap;
use std::sync::Arc;

use city_scene::scenario::{Sourced, Value};
use city_sensors::Quality as SensorQuality;
use city_tiles::metadata::PropertyValue;

use super::Sources;
use super::layers::{legend, short_name};
use crate::joining::features_of;
use crate::overlays::LayerLooks;
use crate::picking::{Selection, feature_id};
use crate::scenario::Desk;
use crate::ui::model as ui;

/// What the inspector showed last: a building whose tile was dropped stays readable.
pub struct Shown {
    of: Selection,
    language: &'static str,
    /// The address of the table that it was read from: one that is joined later shows at once.
    table: usize,
    /// As the data has it.
    model: ui::InspectorModel,
    /// The feature's identifier, by which scenarios name it.
    id: Option<String>,
}

pub(super) type Kept = Option<Shown>;

pub(super) fn inspector(
    from: &Sources,
    looks: &LayerLooks,
    desk: &Desk,
    language: &'static str,
    kept: &mut Kept,
) -> ui::InspectorModel {
    let mut model = as_it_stands(from, looks, language, kept);
    if let ui::InspectorModel::Building(feature) = &mut model {
        let id = kept.as_ref().and_then(|kept| kept.id.as_deref());
        feature.readings = readings(from, looks, feature, id);
    }
    if let ui::InspectorModel::Building(feature) | ui::InspectorModel::Feature(feature) = &mut model
        && let Some(id) = kept.as_ref().and_then(|kept| kept.id.as_ref())
        && let Some(changes) = desk.seen_plan().attributes.get(id)
    {
        override_properties(&mut feature.properties, changes);
    }
    model
}

/// What sensors that belong to a feature say of it.
fn readings(
    from: &Sources,
    looks: &LayerLooks,
    feature: &ui::FeatureModel,
    id: Option<&str>,
) -> Vec<ui::SensorModel> {
    let joins = from.joins.list().iter();
    joins
        .filter_map(|join| {
            let id = match &join.feature_key {
                None => id?,
                Some(key) => {
                    let named = |property: &&ui::Property| property.id == *key;
                    &feature.properties.iter().find(named)?.value
                }
            };
            sensor(from, looks, join.datastream(id)?)
        })
        .collect()
}

/// Gives properties the values of a scenario, and keeps what the data says beside them.
fn override_properties(
    properties: &mut Vec<ui::Property>,
    changes: &BTreeMap<String, Sourced<Value>>,
) {
    for (id, Sourced { value, .. }) in changes {
        let kind = match value {
            Value::Flag(_) => ui::ValueKind::Flag,
            Value::Number(_) => ui::ValueKind::Number,
            Value::Text(_) => ui::ValueKind::Text,
        };
        let value = value.to_string();
        match properties.iter_mut().find(|property| property.id == *id) {
            Some(property) if property.value == value => {}
            Some(property) => {
                property.before = Some(std::mem::replace(&mut property.value, value));
                property.kind = kind;
            }
            None => properties.push(ui::Property {
                id: id.clone(),
                value,
                kind,
                before: Some(String::new()),
                ..ui::Property::default()
            }),
        }
    }
}

fn as_it_stands(
    from: &Sources,
    looks: &LayerLooks,
    language: &'static str,
    kept: &mut Kept,
) -> ui::InspectorModel {
    match &*from.selection {
        Selection::None => ui::InspectorModel::None,
        Selection::Feature {
            mesh: entity,
            feature,
            at,
        } => {
            let mesh = from.meshes.get(*entity).ok();
            let joined = mesh.and_then(|(_, _, joined)| joined);
            let table = joined.map_or(0, |joined| Arc::as_ptr(&joined.0) as usize);
            if let Some(shown) = kept
                && shown.of.is_same(&from.selection)
                && (shown.language == language && shown.table == table || mesh.is_none())
            {
                return shown.model.clone();
            }
            let Some((mesh, of, _)) = mesh else {
                return ui::InspectorModel::None;
            };
            let properties = features_of(mesh, joined).properties(*feature);
            // Readings change with the clock, and are shown with their time and source.
            let joins = from.joins.list();
            let is_reading = |id: &str| {
                let mut joins = joins.iter().filter(|join| join.datastreams() > 0);
                joined.is_some()
                    && joins.any(|join| join.property == id || join.quality_property() == id)
            };
            let vector = from.vectors.get(*entity).ok();
            let class = mesh
                .0
                .features
                .block(*feature)
                .and_then(|(block, _)| block.label.clone())
                .unwrap_or_default();
            let title = match vector.and_then(|layer| layer.title(&mesh.0.features, *feature)) {
                Some(title) => title,
                // What has no name and no number of its own is called by what it is.
                None if properties.is_empty() && !class.is_empty() => String::new(),
                None => title_of(&properties, *feature, language),
            };
            let layer = of
                .and_then(|of| from.layers.get(of.layer).ok())
                .map(|(layer, ..)| layer);
            let model = ui::FeatureModel {
                title,
                class,
                layer: layer
                    .map(|layer| short_name(&layer.source.name).to_owned())
                    .or_else(|| vector.map(|layer| layer.source.name.clone()))
                    .unwrap_or_default(),
                lon_lat_deg: from.frame.geodetic(*at).map(|g| (g.lon_deg(), g.lat_deg())),
                source: layer
                    .map(|layer| layer.source.attribution.clone())
                    .or_else(|| vector.map(|layer| layer.credits.join("; ")))
                    .unwrap_or_default(),
                properties: properties
                    .into_iter()
                    .filter(|p| !is_reading(&p.id))
                    .map(|p| ui::Property {
                        kind: kind(&p.value),
                        value: p.value.to_string(),
                        unit: p.unit.unwrap_or_default(),
                        description: p.description.unwrap_or_default(),
                        id: p.id,
                        name: p.name,
                        before: None,
                    })
                    .collect(),
                readings: Vec::new(),
            };
            let model = if of.is_some() {
                ui::InspectorModel::Building(model)
            } else {
                ui::InspectorModel::Feature(model)
            };
            *kept = Some(Shown {
                of: from.selection.clone(),
                language,
                table,
                model: model.clone(),
                id: feature_id(mesh, *feature),
            });
            model
        }
        Selection::Sensor(id) => sensor(from, looks, *id)
            .map_or(ui::InspectorModel::None, |model| {
                ui::InspectorModel::Sensor(Box::new(model))
            }),
    }
}

fn kind(value: &PropertyValue) -> ui::ValueKind {
    match value {
        PropertyValue::Bool(_) => ui::ValueKind::Flag,
        PropertyValue::I64(_) | PropertyValue::U64(_) | PropertyValue::F64(_) => {
            ui::ValueKind::Number
        }
        PropertyValue::List(_) => ui::ValueKind::List,
        PropertyValue::NoData | PropertyValue::String(_) | PropertyValue::Enum(_) => {
            ui::ValueKind::Text
        }
    }
}

/// What a feature is called: its name in the language where the data has one, its name, its identifier.
fn title_of(properties: &[city_tiles::metadata::Property], feature: u32, language: &str) -> String {
    let spoken = language.split('-').next().unwrap_or(language);
    let in_language = [language, spoken]
        .into_iter()
        .flat_map(|tag| [format!("name_{tag}"), format!("name:{tag}")]);
    in_language
        .chain(["name", "Name", "id", "identificatie"].map(str::to_owned))
        .find_map(|id| properties.iter().find(|p| p.id == id))
        .map_or_else(|| format!("#{feature}"), |p| p.value.to_string())
}

/// Names beyond these are a number: nobody reads a list of thousands.
const MOST_NAMES: usize = 100;

/// Names of everything that is selected, when it is more than one thing.
pub(super) fn selected(from: &Sources, first: &ui::InspectorModel, language: &str) -> Vec<String> {
    if from.also.0.is_empty() {
        return Vec::new();
    }
    let first = match first {
        ui::InspectorModel::None => String::new(),
        ui::InspectorModel::Building(f) | ui::InspectorModel::Feature(f) => f.title.clone(),
        ui::InspectorModel::Sensor(s) => s.name.clone(),
    };
    let name = |selection: &Selection| match selection {
        Selection::None => String::new(),
        Selection::Feature { mesh, feature, .. } => from.meshes.get(*mesh).map_or_else(
            |_| format!("#{feature}"),
            |(mesh, ..)| title_of(&mesh.0.features.properties(*feature), *feature, language),
        ),
        Selection::Sensor(id) => from
            .readings
            .catalog
            .as_ref()
            .and_then(|catalog| catalog.datastream(*id))
            .map_or_else(|| format!("#{id}"), |stream| stream.name.clone()),
    };
    std::iter::once(first)
        .chain(from.also.0.iter().rev().take(MOST_NAMES - 1).map(name))
        .collect()
}

fn quality(of: SensorQuality, stale: bool) -> ui::Quality {
    match of {
        SensorQuality::Missing => ui::Quality::Missing,
        SensorQuality::Fail => ui::Quality::Failed,
        SensorQuality::Suspect => ui::Quality::Suspect,
        _ if stale => ui::Quality::Stale,
        SensorQuality::Good => ui::Quality::Good,
        SensorQuality::NotEvaluated => ui::Quality::NotEvaluated,
    }
}

fn sensor(from: &Sources, looks: &LayerLooks, id: u32) -> Option<ui::SensorModel> {
    let (stream, layer, held) = from.readings.held(id, &from.clock)?;
    let now_ns = from.clock.now().0;
    let series = from
        .series
        .window
        .as_ref()
        .filter(|_| from.series.of.is_some_and(|(of, _)| of == id));
    let points = series
        .and_then(|window| window.series.first())
        .map(|series| {
            series
                .readings
                .iter(id)
                .filter(|reading| reading.phenomenon_time_ns <= now_ns)
                .map(|reading| ui::SeriesPoint {
                    time_ns: reading.phenomenon_time_ns,
                    value: reading.value,
                    quality: quality(reading.quality(), false),
                })
                .collect()
        })
        .unwrap_or_default();
    let look = looks.0.iter().find(|look| look.id == layer.id);
    let span = (layer.range[1] - layer.range[0]).abs();
    Some(ui::SensorModel {
        id,
        name: stream.name.clone(),
        place: stream.place.clone(),
        layer_id: layer.id.clone(),
        layer: layer.name.clone(),
        observed_property: layer.observed_property.name.clone(),
        lon_lat_deg: Some((stream.lon, stream.lat)),
        value: held.filter(|s| s.measured.is_finite()).map(|s| s.measured),
        decimals: if span < 5.0 {
            2
        } else if span < 50.0 {
            1
        } else {
            0
        },
        unit: layer.unit.symbol.clone(),
        quality: held.map_or(ui::Quality::Missing, |s| {
            quality(s.flags.quality(), s.stale)
        }),
        quality_reason: held.map_or_else(String::new, |s| {
            s.flags
                .marks()
                .map(|mark| mark.id())
                .collect::<Vec<_>>()
                .join(",")
        }),
        source: stream.source.clone(),
        phenomenon_ns: held.map(|s| s.measured_at_ns),
        age_s: held.map(|s| (now_ns - s.measured_at_ns) as f64 * 1e-9),
        cadence_s: layer.cadence_s,
        simulated: stream.simulated,
        forecast: held.is_some_and(|s| s.forecast),
        linear: layer.interpolation == city_sensors::Interpolation::Linear,
        legend: look.map(|look| legend(look, layer)),
        series: Arc::new(points),
        series_loading: from.series.loading,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_scenario_changes_stands_beside_what_the_data_says() {
        let property = |id: &str, value: &str, unit: &str| ui::Property {
            id: id.to_owned(),
            value: value.to_owned(),
            unit: unit.to_owned(),
            ..ui::Property::default()
        };
        let mut properties = vec![
            property("height_m", "35", "m"),
            property("use", "Office", ""),
            property("storeys", "10", ""),
        ];
        let sourced = |value| Sourced {
            value,
            origin: "op-1".to_owned(),
        };
        let changes = [
            ("height_m".to_owned(), sourced(Value::Number(48.5))),
            ("storeys".to_owned(), sourced(Value::Number(10.0))),
            ("listed".to_owned(), sourced(Value::Flag(true))),
        ];
        override_properties(&mut properties, &changes.into());
        let seen: Vec<_> = properties
            .iter()
            .map(|p| (p.id.as_str(), p.value.as_str(), p.before.as_deref()))
            .collect();
        assert_eq!(
            seen,
            [
                ("height_m", "48.5", Some("35")),
                ("use", "Office", None),
                ("storeys", "10", None),
                ("listed", "true", Some("")),
            ]
        );
        assert_eq!(properties[0].unit, "m");
        assert_eq!(properties[3].kind, ui::ValueKind::Flag);
    }
}
