//! One entity as JSON (clauses 8.2 and 9.2.3), with `$select` and `$expand`.

use super::{
    World, collection,
    error::QueryError,
    model::{Entity, Kind, Related, observation_id},
    query::Options,
    time,
};
use crate::{feeds::SIMULATED, registry::Thing};
use city_sensors::{Datastream, Interpolation, Layer, Observation, PlaceNames};
use serde_json::{Map, Value, json};

const GEO_JSON: &str = "application/geo+json";
const MEASUREMENT: &str = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement";

/// The entity with its links, as the options ask for it.
pub(super) fn to_json(
    world: &World<'_>,
    entity: &Entity,
    options: &Options,
) -> Result<Value, QueryError> {
    world.spend(1)?;
    let own = plain_map(world, entity)?;
    let chosen = |name: &str| {
        options
            .select
            .as_ref()
            .is_none_or(|selected| selected.iter().any(|s| s == name || s == "*"))
    };
    let self_link = entity.self_link(&world.root);
    let mut document = Map::new();
    if options.select.is_none() {
        document.insert("@iot.selfLink".to_owned(), json!(self_link));
    }
    for (name, value) in own {
        if chosen(&name) {
            document.insert(name, value);
        }
    }
    for navigation in entity.kind().navigations() {
        let expand = options.expand.iter().find(|e| e.name == navigation.name);
        let link = format!("{self_link}/{}", navigation.name);
        match expand {
            Some(expand) => {
                expand_into(
                    world,
                    entity,
                    &expand.name,
                    &expand.options,
                    &link,
                    &mut document,
                )?;
            }
            None if chosen(navigation.name) => {
                let name = format!("{}@iot.navigationLink", navigation.name);
                document.insert(name, json!(link));
            }
            None => {}
        }
    }
    Ok(Value::Object(document))
}

fn expand_into(
    world: &World<'_>,
    entity: &Entity,
    name: &str,
    options: &Options,
    link: &str,
    document: &mut Map<String, Value>,
) -> Result<(), QueryError> {
    match world.related(entity, name) {
        Related::One(Some(target)) => {
            options.only_for_one()?;
            document.insert(name.to_owned(), to_json(world, &target, options)?);
        }
        Related::One(None) => {
            document.insert(name.to_owned(), Value::Null);
        }
        related => {
            let kind = entity.kind().navigation(name).map(|n| n.kind);
            let kind = kind.unwrap_or(Kind::Thing);
            let page = collection::page(world, kind, related, options)?;
            if let Some(count) = page.count {
                document.insert(format!("{name}@iot.count"), json!(count));
            }
            document.insert(name.to_owned(), Value::Array(page.entities));
            if page.more {
                let next = format!("{link}?{}", options.next_query(options.page()));
                document.insert(format!("{name}@iot.nextLink"), json!(next));
            }
        }
    }
    Ok(())
}

/// All properties of an entity, without links.
pub(super) fn plain(world: &World<'_>, entity: &Entity) -> Result<Value, QueryError> {
    plain_map(world, entity).map(Value::Object)
}

fn plain_map(world: &World<'_>, entity: &Entity) -> Result<Map<String, Value>, QueryError> {
    let inner = &world.catalog;
    let gone = || QueryError::not_found("the entity is gone");
    let value = match entity {
        Entity::Observation(observation) => observation_json(observation),
        Entity::Numbered(kind, id) => {
            let thing = || inner.things.get(id).ok_or_else(gone);
            match kind {
                Kind::Thing => thing_json(*id, thing()?),
                Kind::Location => location_json(*id, thing()?),
                Kind::FeatureOfInterest => feature_json(*id, thing()?),
                Kind::HistoricalLocation => historical_json(world, *id, thing()?),
                Kind::Datastream => {
                    let datastream = inner.catalog.datastream(*id).ok_or_else(gone)?;
                    let layer = inner.catalog.layer_of(datastream).ok_or_else(gone)?;
                    datastream_json(world, datastream, layer)?
                }
                Kind::Sensor => {
                    let make = inner.makes.get(id).ok_or_else(gone)?;
                    let layer = inner.catalog.layers.get(make.layer as usize);
                    sensor_json(*id, &make.source, layer.ok_or_else(gone)?)
                }
                _ => {
                    let index = id.checked_sub(1).ok_or_else(gone)?;
                    let layer = inner.catalog.layers.get(index as usize).ok_or_else(gone)?;
                    property_json(*id, layer)
                }
            }
        }
    };
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(gone()),
    }
}

fn point(place: [f64; 3]) -> Value {
    json!({"type": "Point", "coordinates": place})
}

/// What people call the place, in English where it has such a name.
fn place_name(names: &PlaceNames) -> Option<&str> {
    let name = names.get("en").or_else(|| names.values().next());
    name.map(String::as_str)
}

/// Table 4. The place's names are among the properties, by language, and the feature that the thing belongs to.
fn thing_json(id: u32, thing: &Thing) -> Value {
    let count = thing.datastreams.len();
    let carries = if count == 1 {
        "Carries 1 datastream".to_owned()
    } else {
        format!("Carries {count} datastreams")
    };
    let mut properties = json!({"datastreams": count});
    let description = match place_name(&thing.place_names) {
        Some(place) => {
            properties["place"] = json!(thing.place_names);
            format!("{carries}; stands at {place}")
        }
        None => carries,
    };
    if let Some(feature) = &thing.feature {
        properties["feature"] = json!(feature);
    }
    json!({
        "@iot.id": id,
        "name": thing.name,
        "description": description,
        "properties": properties,
    })
}

/// Table 6; the location is GeoJSON with WGS 84 longitude, latitude and height above the ellipsoid.
fn location_json(id: u32, thing: &Thing) -> Value {
    json!({
        "@iot.id": id,
        "name": place_name(&thing.place_names).unwrap_or(&thing.name),
        "description": format!("Where {} stands", thing.name),
        "encodingType": GEO_JSON,
        "location": point(thing.place),
        "properties": {},
    })
}

/// Table 18.
fn feature_json(id: u32, thing: &Thing) -> Value {
    json!({
        "@iot.id": id,
        "name": thing.name,
        "description": format!("The surroundings of {}", thing.name),
        "encodingType": GEO_JSON,
        "feature": point(thing.place),
        "properties": {},
    })
}

/// Table 8: sensors here do not move, so each has been at its place since its first reading.
fn historical_json(world: &World<'_>, id: u32, thing: &Thing) -> Value {
    let first = thing
        .datastreams
        .iter()
        .filter_map(|datastream| extent(world, *datastream))
        .map(|(from, _)| from)
        .min();
    json!({"@iot.id": id, "time": time::text(first.unwrap_or(0))})
}

/// Table 10.
fn datastream_json(
    world: &World<'_>,
    datastream: &Datastream,
    layer: &Layer,
) -> Result<Value, QueryError> {
    let extent = extent(world, datastream.id);
    let interval = extent.map(|(from, to)| time::interval_text(from, to));
    let made = if datastream.simulated {
        " (simulated)"
    } else {
        ""
    };
    let interpolation = match layer.interpolation {
        Interpolation::Step => "step",
        Interpolation::Linear => "linear",
    };
    Ok(json!({
        "@iot.id": datastream.id,
        "name": datastream.name,
        "description": format!("{} at {}{made}", layer.name, datastream.thing),
        "observationType": MEASUREMENT,
        "unitOfMeasurement": layer.unit,
        "observedArea": {"type": "Point", "coordinates": [datastream.lon, datastream.lat]},
        "phenomenonTime": interval,
        "resultTime": interval,
        "properties": {
            "layer": layer.id,
            "area": layer.area.id(),
            "simulated": datastream.simulated,
            "source": datastream.source,
            "interpolation": interpolation,
            "cadence_s": layer.cadence_s,
        },
    }))
}

/// Times of the first and the last reading.
fn extent(world: &World<'_>, datastream: u32) -> Option<(i64, i64)> {
    let latest = world.store.latest(datastream)?;
    let (oldest, newest) = world.store.hours().ok()??;
    let first = (oldest..=newest).find_map(|hour| {
        let columns = world.store.one_hour(datastream, hour).ok()?;
        columns.times_ns().first().copied()
    });
    Some((
        first.unwrap_or(latest.phenomenon_time_ns),
        latest.phenomenon_time_ns,
    ))
}

/// Table 12: a make of sensor, which is all that one feed says about one layer.
fn sensor_json(id: u32, source: &str, layer: &Layer) -> Value {
    let simulated = source == SIMULATED;
    let description = if simulated {
        format!("Simulated sensor for {}", layer.observed_property.name)
    } else {
        format!(
            "Sensor for {}, through {source}",
            layer.observed_property.name
        )
    };
    json!({
        "@iot.id": id,
        "name": format!("{source}:{}", layer.id),
        "description": description,
        "encodingType": "text/html",
        "metadata": layer.observed_property.description,
        "properties": {"source": source, "simulated": simulated},
    })
}

/// Table 14.
fn property_json(id: u32, layer: &Layer) -> Value {
    json!({
        "@iot.id": id,
        "name": layer.observed_property.name,
        "definition": layer.observed_property.definition,
        "description": layer.observed_property.description,
        "properties": {"layer": layer.id, "area": layer.area.id()},
    })
}

/// Table 16; `resultQuality` holds QARTOD's flag and the tests that were failed.
fn observation_json(observation: &Observation) -> Value {
    let quality = observation.quality();
    let marks: Vec<&str> = observation.flags.marks().map(|mark| mark.id()).collect();
    let result = observation.value.is_finite().then_some(observation.value);
    json!({
        "@iot.id": observation_id(observation),
        "phenomenonTime": time::text(observation.phenomenon_time_ns),
        "result": result,
        "resultTime": time::text(observation.result_time_ns),
        "resultQuality": {
            "scheme": "QARTOD", "flag": quality.code(), "quality": quality.id(), "marks": marks,
        },
        "parameters": {"seq": observation.seq},
    })
}
