//! Why a hub cannot start or stopped.

use crate::store::StoreError;
use std::{io, net::SocketAddr, path::PathBuf};

/// Why a hub cannot start or stopped.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The address is taken or not allowed.
    #[error("cannot listen on {address}: {}", listen_advice(.cause))]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// The store cannot be opened or used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A directory to serve is not there.
    #[error("the {what} directory {path} cannot be served: {cause}", path = path.display())]
    Directory {
        /// What it holds.
        what: &'static str,
        /// The directory.
        path: PathBuf,
        /// Why not.
        cause: String,
    },
    /// A feed is described wrongly.
    #[error("the feed \"{feed}\" cannot be used: {cause}")]
    Feed {
        /// The feed's name.
        feed: String,
        /// What is wrong, and with which setting.
        cause: String,
    },
    /// A layer is described wrongly.
    #[error("the layer \"{layer}\" cannot be used: {cause}")]
    Layer {
        /// The layer's identifier.
        layer: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The system refuses threads or sockets.
    #[error("the hub cannot run: {0}")]
    System(#[from] io::Error),
}

fn listen_advice(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::AddrInUse => {
            "the port is in use; stop the program that has it, or choose another with --listen"
                .to_owned()
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; choose another with --listen".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "the system does not allow this port; choose one above 1023 with --listen".to_owned()
        }
        _ => cause.to_string(),
    }
}
