//! What a node is told when it starts, and what it says.

use city_geo::Camera;
use city_time::ClockState;

use crate::config::{Sync, WallConfig};
use crate::frame::Flags;

/// What a node is told when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSettings {
    /// The node's identifier.
    pub id: String,
    /// From sending a frame to showing it, nanoseconds.
    pub lead_ns: i64,
    /// Show frames on arrival.
    pub barrier: bool,
}

impl NodeSettings {
    /// Those of a node of the configuration; `None` when it has none of this name.
    #[must_use]
    pub fn new(config: &WallConfig, id: &str) -> Option<Self> {
        config.node(id).map(|node| Self {
            id: node.id.clone(),
            lead_ns: config.lead_ns(),
            barrier: config.sync == Sync::Barrier,
        })
    }
}

/// Where what is shown comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// No leader has been heard yet: there is no camera and no clock.
    Waiting,
    /// The leader's frames.
    Live,
    /// The leader is lost: the camera holds and the clock runs on.
    FreeRunning {
        /// Since when, nanoseconds by the node's own clock.
        since_ns: i64,
    },
}

/// What to show now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Presentation {
    /// The wall's camera; `None` only while [`Source::Waiting`].
    pub camera: Option<Camera>,
    /// The city's clock; `None` only while [`Source::Waiting`]. [`city_time::Clock::from_state`] makes a clock of it.
    pub clock: Option<ClockState>,
    /// Epoch of the frame.
    pub epoch: u32,
    /// Number of the frame; between two when one was lost.
    pub frame: u64,
    /// Switches.
    pub flags: Flags,
    /// Where it comes from.
    pub source: Source,
}
