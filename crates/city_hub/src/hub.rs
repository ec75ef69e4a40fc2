//! The parts of a running hub, shared by its feeds and its pages.

use crate::{
    config::Config, error::HubError, health::Health, http::Counted, ingest::Batch, models::Models,
    registry::Registry, scenarios::Scenarios, store::Store,
};
use city_sensors::{
    qc::QcLimits,
    simulate::{SimStream, Simulation},
    wire::Live,
};
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};
use tokio::sync::{broadcast, mpsc, watch};

/// Where models lie, in the data directory.
pub const MODELS_DIR: &str = "models";
/// Messages that a slow viewer may lie behind before some are dropped for it.
const LIVE_BACKLOG: usize = 256;
/// Batches that may wait for the disk before feeds have to wait.
const INGEST_BACKLOG: usize = 64;

/// The parts of a running hub.
pub struct Hub {
    /// What it was told.
    pub config: Config,
    /// Readings.
    pub store: Store,
    /// Scenarios.
    pub scenarios: Scenarios,
    /// Models that scenarios place.
    pub models: Models,
    /// Layers and datastreams.
    pub registry: Registry,
    /// State.
    pub health: Health,
    /// Messages for viewers, encoded once for all.
    pub live: broadcast::Sender<axum::body::Bytes>,
    /// Readings on their way to the store.
    pub ingest: mpsc::Sender<Batch>,
    /// Becomes true when the hub is to stop.
    pub stop: watch::Sender<bool>,
    /// Becomes true when history is filled in and feeds run.
    pub ready: watch::Sender<bool>,
    /// The simulated datastreams, once they have their numbers.
    pub simulated: OnceLock<(Simulation, HashMap<u32, SimStream>)>,
    /// Readings counted by hour, for timelines.
    pub counted: Counted,
}

impl Hub {
    /// Opens store and registry. Readings to be stored come out of the second part.
    ///
    /// # Errors
    /// Where the store cannot be opened or a layer is described wrongly.
    pub fn open(config: Config) -> Result<(Arc<Self>, mpsc::Receiver<Batch>), HubError> {
        let store = Store::open(&config.data_dir.join("readings"), config.store)?;
        let mut layers = Vec::new();
        if config.simulated.is_some() {
            layers.extend(
                city_sensors::simulate::KINDS
                    .iter()
                    .map(|kind| kind.layer()),
            );
        }
        for layer in &config.layers {
            // The scene's own description of a layer goes before the simulated one's, but tests that the scene
            // says nothing about stay.
            match layers.iter_mut().find(|there| there.id == layer.id) {
                Some(there) => {
                    let limits = std::mem::take(&mut there.limits);
                    *there = layer.clone();
                    if there.limits == QcLimits::default() {
                        there.limits = limits;
                    }
                }
                None => layers.push(layer.clone()),
            }
        }
        let feeds: Vec<String> = config.mqtt.iter().map(|feed| feed.name.clone()).collect();
        let registry = Registry::open(&store, layers, &feeds, config.max_datastreams)?;
        let (ingest, batches) = mpsc::channel(INGEST_BACKLOG);
        let scenarios = Scenarios::new(config.data_dir.join("scenarios"));
        let models = Models::new(config.data_dir.join(MODELS_DIR), config.max_models_bytes);
        let hub = Self {
            config,
            store,
            scenarios,
            models,
            registry,
            health: Health::default(),
            live: broadcast::channel(LIVE_BACKLOG).0,
            ingest,
            stop: watch::channel(false).0,
            ready: watch::channel(false).0,
            simulated: OnceLock::new(),
            counted: Counted::default(),
        };
        Ok((Arc::new(hub), batches))
    }

    /// The hub's clock, in nanoseconds since the epoch.
    #[must_use]
    pub fn now_ns(&self) -> i64 {
        (self.config.clock)()
    }

    /// Sends a message to all viewers.
    pub fn send_live(&self, message: &Live) {
        // Nobody listening is no error.
        let _ = self.live.send(message.encode().into());
    }

    /// Tells viewers that the catalogue has changed.
    pub fn send_catalog_changed(&self) {
        let revision = self.registry.read().catalog.revision;
        self.send_live(&Live::CatalogChanged { revision });
    }

    /// Is the hub to stop?
    #[must_use]
    pub fn stopping(&self) -> bool {
        *self.stop.borrow()
    }
}
