//! What a hub is told when it starts.

use crate::store::StoreOptions;
use city_sensors::{Layer, NS_PER_S, protocols::mqtt_json::Mapping, simulate::Site};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// The hub's clock; the system's unless a test turns it by hand.
pub type HubClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Everything a hub is told when it starts.
#[derive(Clone)]
pub struct Config {
    /// Name shown to people, for example the scene's.
    pub name: String,
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where the store lives; made when missing.
    pub data_dir: PathBuf,
    /// The browser viewer (`web/dist`), served at `/`; where it is missing, a page says how to build it.
    pub web_dir: Option<PathBuf>,
    /// Served under `/tiles/`.
    pub tiles_dir: Option<PathBuf>,
    /// Served under `/scenes/`.
    pub scenes_dir: Option<PathBuf>,
    /// The scene that the viewer opens by default, as an address relative to the hub's (`scenes/harbour.toml`).
    pub scene: Option<String>,
    /// Layers of the scene beside the simulated ones.
    pub layers: Vec<Layer>,
    /// The simulated feed, if there is one.
    pub simulated: Option<SimulatedFeed>,
    /// MQTT feeds.
    pub mqtt: Vec<MqttFeed>,
    /// How the store behaves.
    pub store: StoreOptions,
    /// Most datastreams that feeds may add.
    pub max_datastreams: usize,
    /// Origins of other pages that may read from this hub; `*` for all.
    pub allow_origins: Vec<String>,
    /// Who has it may save scenarios from other machines too (`Authorization: Bearer ...`). Without one, scenarios are
    /// saved on the hub's own machine only.
    pub scenario_token: Option<String>,
    /// Most bytes of all models of scenarios together.
    pub max_models_bytes: u64,
    /// Address by which clients know this hub, without a slash at the end; taken from the request where not given.
    pub public_url: Option<String>,
    /// The hub's clock, in nanoseconds since the epoch.
    pub clock: HubClock,
}

/// The simulated feed.
#[derive(Clone, Debug)]
pub struct SimulatedFeed {
    /// Everything follows from it.
    pub seed: u64,
    /// Local time less UTC, in seconds.
    pub utc_offset_s: i32,
    /// Where sensors stand.
    pub sites: Vec<Site>,
    /// How many hours of history a new store is filled with.
    pub history_h: u32,
    /// Publish new readings in process? (Tests publish them through a broker instead.)
    pub in_process: bool,
}

/// One MQTT feed.
#[derive(Clone, Debug)]
pub struct MqttFeed {
    /// Name shown to people.
    pub name: String,
    /// Broker, for example `mqtt://localhost:1883`, with user and password where it wants them.
    pub broker: String,
    /// How messages are read.
    pub mapping: Mapping,
    /// Are its readings made up? Sensors that it adds then say so.
    pub simulated: bool,
}

impl Config {
    /// A hub on a free port of the loopback interface, without feeds.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            name: "Belvedere".to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data_dir: data_dir.into(),
            web_dir: None,
            tiles_dir: None,
            scenes_dir: None,
            scene: None,
            layers: Vec::new(),
            simulated: None,
            mqtt: Vec::new(),
            store: StoreOptions::default(),
            max_datastreams: 100_000,
            allow_origins: Vec::new(),
            scenario_token: None,
            max_models_bytes: 4 << 30,
            public_url: None,
            clock: Arc::new(system_clock),
        }
    }
}

impl SimulatedFeed {
    /// A feed for these sites, with a day of history.
    #[must_use]
    pub fn new(seed: u64, utc_offset_s: i32, sites: Vec<Site>) -> Self {
        Self {
            seed,
            utc_offset_s,
            sites,
            history_h: 24,
            in_process: true,
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("name", &self.name)
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

fn system_clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| {
        d.as_secs() as i64 * NS_PER_S + i64::from(d.subsec_nanos())
    })
}
