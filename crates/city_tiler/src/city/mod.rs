//! The demo city as data, before anything is drawn.

pub mod blocks;
pub mod building;
pub mod districts;
pub mod green;
pub mod harbour;
pub mod lawn;
pub mod massing;
pub mod names;
pub mod plan;
pub mod shapes;
pub mod transit;
pub mod waterfront;

pub use plan::City;
