//! Why a leader or a node cannot start.

use std::io;
use std::net::SocketAddr;

use crate::config::ConfigError;

/// Why a leader or a node cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WallError {
    /// The configuration cannot be used here.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The configuration has no such leader or node.
    #[error("{file} has no {what} \"{id}\". It has: {known}")]
    UnknownId {
        /// The configuration.
        file: String,
        /// "leader" or "node".
        what: &'static str,
        /// What was asked for.
        id: String,
        /// Those that there are.
        known: String,
    },
    /// An address is taken or not this machine's.
    #[error("cannot listen on {address} ({what}): {}", listen_advice(.cause, what))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The key in the configuration.
        what: &'static str,
        /// What the system says.
        cause: io::Error,
    },
    /// The scene cannot be read.
    #[error("the wall's scene cannot be opened: {cause}")]
    Scene {
        /// Which file, where and why.
        cause: String,
    },
    /// The system refuses threads or sockets.
    #[error("the wall cannot run: {0}")]
    System(#[from] io::Error),
}

fn listen_advice(cause: &io::Error, what: &str) -> String {
    match cause.kind() {
        io::ErrorKind::AddrInUse => format!(
            "the port is in use; stop the program that has it (perhaps this one, started twice), or choose another \
             for {what} in the configuration, on all machines"
        ),
        io::ErrorKind::AddrNotAvailable => {
            format!(
                "this machine has no such address; start here what the configuration gives this machine's {what}"
            )
        }
        io::ErrorKind::PermissionDenied => {
            format!("the system does not allow this port; choose one above 1023 for {what}")
        }
        _ => cause.to_string(),
    }
}
