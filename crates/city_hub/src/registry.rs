//! Which layers and datastreams the hub has, and the numbers by which they are known.
//!
//! Numbers are kept in the store, so that a datastream keeps its number, and with it its history, across restarts.

use crate::{
    error::HubError,
    store::{Store, StoreError},
};
use city_sensors::{
    Catalog, Datastream, Layer, PlaceNames,
    protocols::{Reading, Reason, Reject},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// The hub's layers and datastreams.
pub struct Registry {
    /// Replaced as a whole by writers, one at a time, so that readers may take as long as they like.
    current: RwLock<Arc<Inner>>,
    writer: Mutex<()>,
    max_datastreams: usize,
}

/// The catalogue with its indices, as it stood at one moment.
#[derive(Clone, Default)]
pub struct Inner {
    /// What the viewer gets; clocks and limits in it are filled in when it is asked for.
    pub catalog: Catalog,
    by_number: BTreeMap<u32, Datastream>,
    /// (layer, thing) to number, for all that ever were.
    numbers: HashMap<(String, String), u32>,
    /// Things, by the number of their first datastream.
    pub things: BTreeMap<u32, Thing>,
    /// Makes of sensors, by the number of their first datastream.
    pub makes: BTreeMap<u32, Make>,
    thing_numbers: HashMap<String, u32>,
    make_numbers: HashMap<(u32, String), u32>,
    next_number: u32,
}

/// What carries sensors.
#[derive(Clone, Debug, Default)]
pub struct Thing {
    /// Its name.
    pub name: String,
    /// Longitude and latitude in degrees, height in metres.
    pub place: [f64; 3],
    /// What people call the place; empty where it has no name.
    pub place_names: PlaceNames,
    /// Identifier of the feature that it belongs to, where a feed says.
    pub feature: Option<String>,
    /// Numbers of its datastreams.
    pub datastreams: Vec<u32>,
}

/// A make of sensor: all that one feed says about one layer.
#[derive(Clone, Debug, Default)]
pub struct Make {
    /// Index of the layer.
    pub layer: u32,
    /// The feed's name.
    pub source: String,
    /// Numbers of its datastreams.
    pub datastreams: Vec<u32>,
}

/// A datastream that is to be there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wanted {
    /// Layer identifier.
    pub layer: String,
    /// Name of the thing that carries it.
    pub thing: String,
    /// Longitude and latitude in degrees, height in metres.
    pub place: [f64; 3],
    /// Is it simulated?
    pub simulated: bool,
    /// The feed's name.
    pub source: String,
    /// What people call the place; empty where it has no name.
    #[serde(default, skip_serializing_if = "PlaceNames::is_empty")]
    pub place_names: PlaceNames,
    /// Identifier of the feature that it belongs to, where the feed says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
}

/// Who names a sensor, and what holds for all that it names.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The feed's name.
    pub name: &'a str,
    /// Are its readings made up?
    pub simulated: bool,
}

impl Wanted {
    fn key(&self) -> (String, String) {
        (self.layer.clone(), self.thing.clone())
    }
}

impl Registry {
    /// Reads what the store knows, and sets up the layers.
    ///
    /// # Errors
    /// Where the store fails or a layer's description is wrong.
    pub fn open(
        store: &Store,
        layers: Vec<Layer>,
        feeds: &[String],
        max_datastreams: usize,
    ) -> Result<Self, HubError> {
        let mut inner = Inner {
            next_number: 1,
            ..Inner::default()
        };
        for layer in layers {
            check_layer(&layer, &inner.catalog)?;
            inner.catalog.layers.push(layer);
        }
        inner.catalog.revision = 1;
        let mut known = Vec::new();
        for (key, value) in store.meta_prefix("datastream/")? {
            let stored: Stored = serde_json::from_slice(&value).map_err(|e| HubError::Layer {
                layer: key,
                cause: format!("its entry in the store cannot be read: {e}"),
            })?;
            inner.next_number = inner.next_number.max(stored.id + 1);
            inner.numbers.insert(stored.wanted.key(), stored.id);
            known.push(stored);
        }
        // Sensors that a feed has introduced come back with their feed; those of the scene come with the scene.
        for stored in known {
            if feeds.contains(&stored.wanted.source) {
                inner.add(stored.id, &stored.wanted);
            }
        }
        inner.sort();
        Ok(Self {
            current: RwLock::new(Arc::new(inner)),
            writer: Mutex::new(()),
            max_datastreams,
        })
    }

    /// The catalogue and its indices.
    pub fn read(&self) -> Arc<Inner> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Others read this from now on. For who holds `writer`.
    fn publish(&self, mut inner: Inner) {
        inner.sort();
        inner.catalog.revision += 1;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(inner);
    }

    /// Makes sure that datastreams are there, and gives their numbers in the same order.
    ///
    /// # Errors
    /// Where the store fails. Datastreams of unknown layers get no number.
    pub fn ensure(&self, store: &Store, wanted: &[Wanted]) -> Result<Vec<Option<u32>>, StoreError> {
        let _writing = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut inner = (*self.read()).clone();
        let mut numbers = Vec::with_capacity(wanted.len());
        let mut new = HashMap::new();
        let mut entries = Vec::new();
        for wanted in wanted {
            if inner.catalog.layer(&wanted.layer).is_none() {
                numbers.push(None);
                continue;
            }
            let key = wanted.key();
            let known = inner.numbers.get(&key).or_else(|| new.get(&key));
            let id = known.copied().unwrap_or_else(|| {
                let id = inner.next_number + new.len() as u32;
                new.insert(key, id);
                entries.push(Stored::entry(id, wanted));
                id
            });
            numbers.push(Some(id));
        }
        // Kept before they are used: a number that is known but not kept could be given twice after a restart.
        if !entries.is_empty() {
            store.put_meta(&entries)?;
        }
        inner.next_number += new.len() as u32;
        inner.numbers.extend(new);
        for (wanted, id) in wanted.iter().zip(&numbers) {
            if let Some(id) = id {
                inner.add(*id, wanted);
            }
        }
        self.publish(inner);
        Ok(numbers)
    }

    /// The number of a sensor that a feed names. One that says where it stands is added.
    ///
    /// # Errors
    /// A reject where the layer or the sensor is unknown or there is no room, or the store's failure.
    pub fn resolve(
        &self,
        store: &Store,
        source: Source<'_>,
        reading: &Reading,
    ) -> Result<Result<(u32, bool), Reject>, StoreError> {
        let (layer, sensor) = (reading.layer.as_str(), reading.sensor.as_str());
        {
            let inner = self.read();
            if inner.catalog.layer(layer).is_none() {
                let reject = Reject::new(Reason::UnknownLayer, layer);
                return Ok(Err(reject));
            }
            if let Some(id) = inner.active(layer, sensor) {
                let known = inner.catalog.datastream(id);
                let news =
                    known.filter(|known| known.feature.is_none() && reading.feature.is_some());
                if let Some(known) = news {
                    self.belongs_to(store, id, known, reading.feature.clone())?;
                }
                return Ok(Ok((id, false)));
            }
            if inner.catalog.datastreams.len() >= self.max_datastreams {
                let detail = format!("{} datastreams, no more allowed", self.max_datastreams);
                return Ok(Err(Reject::new(Reason::Full, detail)));
            }
        }
        let Some(place) = reading.place else {
            let detail = format!("{sensor} in layer {layer}, and the message gives no place");
            return Ok(Err(Reject::new(Reason::UnknownSensor, detail)));
        };
        let wanted = Wanted {
            layer: layer.to_owned(),
            thing: sensor.to_owned(),
            place,
            simulated: source.simulated,
            source: source.name.to_owned(),
            place_names: PlaceNames::new(),
            feature: reading.feature.clone(),
        };
        let numbers = self.ensure(store, &[wanted])?;
        Ok(match numbers.first().copied().flatten() {
            Some(id) => Ok((id, true)),
            None => Err(Reject::new(Reason::UnknownLayer, layer)),
        })
    }

    /// A sensor that was known before it said what it belongs to says so. It does so once: what changed with every
    /// message would have every viewer ask for the catalogue with every message.
    fn belongs_to(
        &self,
        store: &Store,
        id: u32,
        known: &Datastream,
        feature: Option<String>,
    ) -> Result<(), StoreError> {
        let _writing = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut inner = (*self.read()).clone();
        let wanted = Wanted {
            layer: (inner.catalog.layer_of(known))
                .map_or_else(String::new, |layer| layer.id.clone()),
            thing: known.thing.clone(),
            place: [known.lon, known.lat, known.height_m],
            simulated: known.simulated,
            source: known.source.clone(),
            place_names: known.place.clone(),
            feature,
        };
        store.put_meta(&[Stored::entry(id, &wanted)])?;
        inner.add(id, &wanted);
        self.publish(inner);
        Ok(())
    }
}

impl Inner {
    /// The number of a datastream in the catalogue, by layer and thing.
    fn active(&self, layer: &str, thing: &str) -> Option<u32> {
        let id = self.numbers.get(&(layer.to_owned(), thing.to_owned()))?;
        self.by_number.contains_key(id).then_some(*id)
    }

    fn add(&mut self, id: u32, wanted: &Wanted) {
        let Some((layer, _)) = self.catalog.layer(&wanted.layer) else {
            return;
        };
        let [lon, lat, height_m] = wanted.place;
        let datastream = Datastream {
            id,
            name: format!("{}:{}", wanted.layer, wanted.thing),
            thing: wanted.thing.clone(),
            layer,
            lon,
            lat,
            height_m,
            simulated: wanted.simulated,
            source: wanted.source.clone(),
            place: wanted.place_names.clone(),
            feature: wanted.feature.clone(),
        };
        self.by_number.insert(id, datastream);
    }

    /// Brings datastreams into order, and things and makes up to date.
    fn sort(&mut self) {
        self.catalog.datastreams = self.by_number.values().cloned().collect();
        self.things.clear();
        self.makes.clear();
        self.thing_numbers.clear();
        self.make_numbers.clear();
        for datastream in self.by_number.values() {
            let thing = datastream.thing.clone();
            let number = *self.thing_numbers.entry(thing).or_insert(datastream.id);
            let thing = self.things.entry(number).or_insert_with(|| Thing {
                name: datastream.thing.clone(),
                place: [datastream.lon, datastream.lat, datastream.height_m],
                place_names: datastream.place.clone(),
                feature: None,
                datastreams: Vec::new(),
            });
            if thing.feature.is_none() {
                thing.feature.clone_from(&datastream.feature);
            }
            thing.datastreams.push(datastream.id);
            let make = (datastream.layer, datastream.source.clone());
            let number = *self.make_numbers.entry(make).or_insert(datastream.id);
            let make = self.makes.entry(number).or_insert_with(|| Make {
                layer: datastream.layer,
                source: datastream.source.clone(),
                datastreams: Vec::new(),
            });
            make.datastreams.push(datastream.id);
        }
    }

    /// The number of a datastream's make of sensor.
    #[must_use]
    pub fn make_of(&self, datastream: &Datastream) -> u32 {
        let key = (datastream.layer, datastream.source.clone());
        let number = self.make_numbers.get(&key);
        number.copied().unwrap_or(datastream.id)
    }

    /// The number of the thing that carries a datastream.
    #[must_use]
    pub fn thing_of(&self, datastream: &Datastream) -> u32 {
        let number = self.thing_numbers.get(&datastream.thing);
        number.copied().unwrap_or(datastream.id)
    }
}

/// A datastream as the store keeps it.
#[derive(Serialize, Deserialize)]
struct Stored {
    id: u32,
    #[serde(flatten)]
    wanted: Wanted,
}

impl Stored {
    fn entry(id: u32, wanted: &Wanted) -> (String, Vec<u8>) {
        let stored = Self {
            id,
            wanted: wanted.clone(),
        };
        let bytes = serde_json::to_vec(&stored).unwrap_or_default();
        (format!("datastream/{id:010}"), bytes)
    }
}

fn check_layer(layer: &Layer, catalog: &Catalog) -> Result<(), HubError> {
    let cause = if layer.id.is_empty() {
        "it has no identifier"
    } else if catalog.layer(&layer.id).is_some() {
        "another layer has the same identifier"
    } else if !(layer.cadence_s.is_finite() && layer.cadence_s > 0.0) {
        "cadence_s must be a number of seconds above 0"
    } else if layer.range[0].partial_cmp(&layer.range[1]) != Some(std::cmp::Ordering::Less) {
        "range must have a lower and a higher end"
    } else {
        return Ok(());
    };
    Err(HubError::Layer {
        layer: layer.id.clone(),
        cause: cause.to_owned(),
    })
}
