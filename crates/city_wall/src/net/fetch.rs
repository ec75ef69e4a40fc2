//! What is fetched over HTTP: scenes and snapshots.

use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::time::Duration;

use city_scene::{MAX_FILE_BYTES, Scene};

use super::error::WallError;
use crate::shared::WallState;
use crate::snapshot::{MAX_SNAPSHOT_BYTES, Snapshot};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// An HTTP client that gives up soon, and talks to the machines of the wall itself and not to a proxy.
pub(super) fn client() -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .proxy(None)
        .build()
        .into()
}

/// The state of a leader. Whether it is the wall's is known when a signed frame has named its digest.
pub(super) fn state_of(client: &ureq::Agent, leader: SocketAddr) -> Result<WallState, String> {
    let address = format!("http://{leader}/api/state");
    let bytes = get(client, &address, MAX_SNAPSHOT_BYTES)?;
    let snapshot = Snapshot::parse(&bytes).map_err(|error| format!("{address}: {error}"))?;
    Ok(snapshot.state)
}

fn get(client: &ureq::Agent, address: &str, limit: usize) -> Result<Vec<u8>, String> {
    let answer = client.get(address).call();
    answer
        .and_then(|mut answer| {
            let body = answer.body_mut().with_config();
            body.limit(limit as u64).read_to_vec()
        })
        .map_err(|error| format!("{address}: {error}"))
}

/// Why a scene was not read, and whether it may be another time.
pub(super) enum SceneFault {
    ForNow(String),
    ForGood(WallError),
}

/// The scene at a path or URL.
pub(super) fn scene(location: &str) -> Result<Scene, SceneFault> {
    let good = |cause: String| SceneFault::ForGood(WallError::Scene { cause });
    let bytes = if location.starts_with("http://") || location.starts_with("https://") {
        let client: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        get(&client, location, MAX_FILE_BYTES).map_err(SceneFault::ForNow)?
    } else {
        let mut bytes = Vec::new();
        File::open(location)
            .and_then(|file| file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes))
            .map_err(|error| good(format!("{location}: {error}")))?;
        bytes
    };
    Scene::parse_bytes(&bytes, location).map_err(|error| good(error.to_string()))
}
