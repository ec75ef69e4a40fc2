//! Everything that differs between the desktop and the browser: threads and workers, files and
//! requests, sockets, the wall clock, the page. The only place with `cfg(target_arch)`.
//!
//! Both sides offer the same types with the same methods, so the plugins are written once:
//! [`Fetcher`], [`Saver`], [`Decoder`], [`Socket`], and the functions below.

mod keep;
#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod web;

pub use keep::*;
#[cfg(not(target_arch = "wasm32"))]
pub use native::*;
#[cfg(target_arch = "wasm32")]
pub use web::*;

use city_tiles::prepared::PreparedTile;
use city_tiles::stream::FetchError;

/// Before the addresses that a page gives to files dropped on it.
pub const DROPPED: &str = "dropped:/";

/// True in the browser.
pub const IS_WEB: bool = cfg!(target_arch = "wasm32");

/// CPU, GPU and tree bytes that tiles may take by default.
pub const DEFAULT_TILE_BUDGET_BYTES: u64 = if IS_WEB { 256 << 20 } else { 512 << 20 };

/// No single answer may be larger (bytes).
pub const MAX_RESPONSE_BYTES: usize = 256 << 20;

/// Why a request gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchFailure {
    /// The server answered with a status that is not a success, or the file does not exist (404).
    #[error("the answer was {0}")]
    Status(u16),
    /// No answer: name resolution, connection, time-out, a cut line, or CORS in the browser.
    #[error("{0}")]
    Network(String),
    /// The answer is larger than the limit.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// It cannot be had this way, however often it is tried.
    #[error("{0}")]
    Refused(String),
    /// Given up on request.
    #[error("cancelled")]
    Cancelled,
}

impl From<FetchFailure> for FetchError {
    fn from(failure: FetchFailure) -> Self {
        match failure {
            FetchFailure::Status(404) => Self::NotFound,
            FetchFailure::Status(status) => Self::Status(status),
            FetchFailure::Network(text) => Self::Network(text),
            FetchFailure::TooLarge(limit) => Self::TooLarge {
                limit: limit as u64,
            },
            FetchFailure::Refused(text) => Self::Refused(text),
            FetchFailure::Cancelled => Self::Cancelled,
        }
    }
}

/// The end of a request.
#[derive(Debug)]
pub struct Fetched {
    /// The caller's key.
    pub key: u64,
    /// The body, or why there is none.
    pub result: Result<Vec<u8>, FetchFailure>,
}

/// What a server is to do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Keep it.
    Put,
    /// Remove it.
    Delete,
}

/// A change of a file on a server.
#[derive(Debug)]
pub struct Change {
    /// What is done.
    pub verb: Verb,
    /// Where the file is.
    pub url: String,
    /// What the server is told.
    pub headers: Vec<(&'static str, String)>,
    /// The file; nothing for one that is removed.
    pub body: Vec<u8>,
}

/// The end of a decode job.
#[derive(Debug)]
pub struct Decoded {
    /// The caller's key.
    pub key: u64,
    /// The tile, or what is wrong with the file, in words.
    pub result: Result<PreparedTile, String>,
}

/// Files that were dropped together.
#[derive(Debug, Clone, Default)]
pub struct Dropped {
    /// The files, those of folders too.
    pub files: Vec<DroppedFile>,
    /// Only the files themselves can be read, nothing beside them.
    pub lone: bool,
    /// What could not be read, in words.
    pub problem: Option<String>,
}

/// One dropped file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedFile {
    /// Its path inside what was dropped, with `/`.
    pub path: String,
    /// What a [`Fetcher`] takes.
    pub url: String,
}

/// What a live socket reports.
#[derive(Debug)]
pub enum SocketEvent {
    /// Connected.
    Open,
    /// A binary message.
    Binary(Vec<u8>),
    /// The line is gone; the reason in words.
    Closed(String),
}
