//! Video walls: one leader says what is seen and when, many nodes draw their part of it.
//!
//! - [`WallConfig`] is `wall.toml`: the wall's pixels, bezels, leaders, nodes and their screens.
//! - [`Layout`] turns it into what a camera needs: a part of the whole picture for each screen ([`SubView`]), or a
//!   projection of its own for a screen that stands at an angle ([`Projection`]).
//! - [`FrameState`] is what the leader sends 60 times a second: small, complete, harmless when lost, late or doubled.
//!   [`WallState`] is what changes seldom; nodes fetch it when a frame's digest says that theirs is old.
//! - [`Leader`] and [`Node`] are state machines: they are told the time and the packets, and touch no socket.
//! - [`net`] gives them sockets, the operator's page and the machine's clock.
//!
//! State travels, never pixels. A node never stops: without a leader it holds the camera and runs on by the clock, and
//! a standby leader takes over with a higher epoch.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod command;
mod config;
mod config_check;
mod config_read;
mod flight;
mod frame;
mod layout;
mod leader;
#[cfg(feature = "net")]
pub mod net;
mod node;
mod packet;
mod projection;
mod report;
mod shared;
mod snapshot;
mod steer;
mod wire;

pub use command::{Command, CommandError, How};
pub use config::{
    ConfigError, LeaderConfig, MAX_CONFIG_BYTES, MAX_ID_BYTES, MAX_LEADERS, MAX_NODES, MAX_OUTPUTS,
    MAX_WALL_PX, MIN_TOKEN_BYTES, NodeConfig, OutputConfig, Placement, Sync, TokenSource,
    WallConfig,
};
pub use frame::{Flags, FrameState};
pub use layout::{Layout, OutputView, SubView, Whole, ui_scale};
pub use leader::{Agreement, Leader, LeaderSettings, NodeView, Role, Standing, WallView};
pub use node::{Node, NodeSettings, Presentation, Source};
pub use packet::{Key, MAX_PACKET_BYTES, Packet, PacketError, fuzz};
pub use projection::{Projection, ProjectionError};
pub use report::{Measures, Pong, Report};
pub use shared::{LayerView, NextView, PresetView, Theme, WallState};
pub use snapshot::{LeaderView, MAX_SNAPSHOT_BYTES, Snapshot, SnapshotError};
