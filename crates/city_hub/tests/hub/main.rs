//! The hub from outside: real sockets, a real broker, a real process that is killed.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say what they expect"
)]

mod bgs;
mod broker;
mod deleting;
mod files;
mod kill;
mod models;
mod mqtt;
mod replay;
mod scenarios;
mod sensorthings;
mod start;
mod support;
