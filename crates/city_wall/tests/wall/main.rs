//! Walls: as described, as seen, over a bad network, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod config;
mod layout;
mod leader;
mod network;
mod packets;
mod sockets;
mod support;
mod walls;
