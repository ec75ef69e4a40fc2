//! 3D Tiles without an engine: tileset model, selection, load queue, byte budgets, and the decoders that turn
//! tile content into plain buffers.
//!
//! Nothing here opens a file, a socket or a window, reads a clock or starts a thread. A [`stream::Streamer`] is
//! told what the viewer sees and what has arrived, and says what to show, fetch, decode and drop; the same inputs
//! give the same outputs. Frames: ECEF in metres, `f64` (see [`city_geo`]).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod beside;
pub mod check;
pub mod formats;
pub mod implicit;
pub mod limits;
pub mod metadata;
pub mod package;
pub mod prepared;
pub mod ray;
pub mod stream;
pub mod style;
pub mod terrain;
pub mod tileset;
pub mod uri;
pub mod vector;

pub use limits::Limits;
