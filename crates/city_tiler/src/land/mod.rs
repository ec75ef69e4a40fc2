//! The ground: where land meets water, and how high it stands.

pub mod coast;
pub mod relief;
pub mod terrain;

pub use coast::Coast;
pub use terrain::{Domain, Terrain};
