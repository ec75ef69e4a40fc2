//! What a leader is told when it starts.

use serde::{Deserialize, Serialize};

use crate::config::{Sync, WallConfig};
use crate::snapshot::LeaderView;

/// What a leader does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Leads the wall.
    Active,
    /// Listens, ready to take over.
    Standby,
}

/// What a leader is told when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaderSettings {
    /// The wall's name.
    pub wall: String,
    /// Its rank, 0 the preferred one.
    pub rank: u8,
    /// All leaders by rank.
    pub leaders: Vec<LeaderView>,
    /// The nodes' identifiers.
    pub nodes: Vec<String>,
    /// From sending a frame to showing it, nanoseconds.
    pub lead_ns: i64,
    /// Wait for all nodes before the next frame.
    pub barrier: bool,
}

impl LeaderSettings {
    /// Those of a leader of the configuration; `None` when it has none of this name.
    #[must_use]
    pub fn new(config: &WallConfig, id: &str) -> Option<Self> {
        let leaders = config.leaders.iter().map(|leader| LeaderView {
            id: leader.id.clone(),
            url: format!("http://{}", leader.http),
        });
        Some(Self {
            wall: config.name.clone(),
            rank: config.leader_rank(id)?,
            leaders: leaders.collect(),
            nodes: config.nodes.iter().map(|node| node.id.clone()).collect(),
            lead_ns: config.lead_ns(),
            barrier: config.sync == Sync::Barrier,
        })
    }
}
