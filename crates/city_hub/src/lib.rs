//! The hub: takes readings in, keeps them, and serves readings, tiles and the browser viewer.
//!
//! [`serve`] runs a hub in a tokio runtime, [`spawn`] on a thread of its own for programs that have none:
//!
//! ```no_run
//! # fn main() -> Result<(), city_hub::HubError> {
//! let mut config = city_hub::Config::new("data");
//! config.simulated = Some(city_hub::SimulatedFeed::new(
//!     1,
//!     8 * 3600,
//!     city_sensors::simulate::spread(1, 114.17, 22.29, 0.0),
//! ));
//! let hub = city_hub::spawn(config, |progress| println!("{progress}"))?;
//! println!("{}", hub.url());
//! hub.wait_ready();
//! hub.shutdown();
//! # Ok(()) }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod config;
mod error;
pub mod feeds;
mod health;
mod http;
mod hub;
mod ingest;
mod models;
mod registry;
mod run;
mod scenarios;
pub mod sensorthings;
pub mod store;

pub use config::{Config, HubClock, MqttFeed, SimulatedFeed};
pub use error::HubError;
pub use hub::MODELS_DIR;
pub use run::{HubHandle, Progress, serve, spawn};
