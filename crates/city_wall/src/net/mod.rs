//! Sockets, threads, the operator's page, and the machine's clock: what [`crate::Leader`] and [`crate::Node`] are not.

mod clock;
mod error;
mod fetch;
mod http;
mod lead;
mod link;
mod shared;

pub use error::WallError;
pub use lead::{LeaderHandle, run_leader};
pub use link::NodeLink;
pub use shared::Traffic;

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
