//! What a hub has: layers and their datastreams, as the viewer gets them from `/api/catalog`.

use crate::{Datastream, Layer};
use serde::{Deserialize, Serialize};

/// All layers and datastreams of a hub.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// Changes whenever a layer or a datastream is added.
    pub revision: u64,
    /// The hub's clock when it answered.
    pub now_ns: i64,
    /// Oldest instant of which anything is kept.
    pub history_start_ns: i64,
    /// How far ahead a forecast reaches, in seconds; 0 where there is none.
    pub forecast_s: u32,
    /// Why there is no forecast, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_forecast: Option<String>,
    /// Layers; a datastream names its layer by the index here.
    pub layers: Vec<Layer>,
    /// Datastreams, by ascending number.
    pub datastreams: Vec<Datastream>,
}

impl Catalog {
    /// The layer of a datastream.
    #[must_use]
    pub fn layer_of(&self, datastream: &Datastream) -> Option<&Layer> {
        self.layers.get(datastream.layer as usize)
    }

    /// The layer with this identifier, and its index.
    #[must_use]
    pub fn layer(&self, id: &str) -> Option<(u32, &Layer)> {
        let index = self.layers.iter().position(|layer| layer.id == id)?;
        Some((index as u32, &self.layers[index]))
    }

    /// The datastream with this number.
    #[must_use]
    pub fn datastream(&self, id: u32) -> Option<&Datastream> {
        let index = self
            .datastreams
            .binary_search_by_key(&id, |datastream| datastream.id)
            .ok()?;
        self.datastreams.get(index)
    }

    /// Datastreams of a layer, given by its index.
    pub fn of_layer(&self, layer: u32) -> impl Iterator<Item = &Datastream> {
        self.datastreams.iter().filter(move |d| d.layer == layer)
    }
}
