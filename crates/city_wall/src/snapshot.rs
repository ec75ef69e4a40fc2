//! What a leader serves over HTTP: the slow state, and where the wall stands.

use city_scene::Pose;
use city_time::ClockState;
use serde::{Deserialize, Serialize};

use crate::leader::Role;
use crate::shared::WallState;

/// Longest snapshot, bytes.
pub const MAX_SNAPSHOT_BYTES: usize = 4 << 20;

/// A leader that may be active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaderView {
    /// Identifier.
    pub id: String,
    /// Address of its page, `http://192.0.2.10:7800`.
    pub url: String,
}

/// The answer to `GET /api/state`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The wall's name.
    pub wall: String,
    /// The leader that answers.
    pub leader: LeaderView,
    /// What it does.
    pub role: Role,
    /// The leader that leads, as far as it is known.
    pub active: Option<LeaderView>,
    /// The wall's epoch, as far as it is known.
    pub epoch: u32,
    /// The state's revision.
    pub revision: u64,
    /// The state's digest, 16 hexadecimal digits: scripts cannot count that far.
    pub digest: String,
    /// The slow state.
    pub state: WallState,
    /// The wall's camera, degrees and metres.
    pub camera: Pose,
    /// The city's clock.
    pub clock: ClockState,
}

/// Why a snapshot is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Larger than any.
    #[error("a snapshot of {0} bytes is none: at most {MAX_SNAPSHOT_BYTES} are taken")]
    Size(usize),
    /// Not JSON, or not a snapshot.
    #[error("the snapshot cannot be read: {0}")]
    Json(String),
    /// Holds more than a scene can.
    #[error("the snapshot holds more than a scene can, or a place that is none")]
    Limits,
    /// Its digest is not that of its state.
    #[error("the snapshot's state does not have the digest that it names")]
    Digest,
}

impl Snapshot {
    /// Reads a snapshot, which may be anything. That it is this wall's is not known before a signed frame names its
    /// digest.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, SnapshotError> {
        if bytes.len() > MAX_SNAPSHOT_BYTES {
            return Err(SnapshotError::Size(bytes.len()));
        }
        let snapshot: Self = serde_json::from_slice(bytes)
            .map_err(|error| SnapshotError::Json(error.to_string()))?;
        if !snapshot.state.is_within_limits() {
            return Err(SnapshotError::Limits);
        }
        if snapshot.digest != digest_text(snapshot.state.digest()) {
            return Err(SnapshotError::Digest);
        }
        Ok(snapshot)
    }
}

/// A digest as text.
pub(crate) fn digest_text(digest: u64) -> String {
    format!("{digest:016x}")
}
