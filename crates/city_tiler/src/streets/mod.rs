//! The street network: a graph with classes, lengths and speed limits.

pub mod connect;
pub mod grid;
pub mod network;
pub mod patch;
pub mod route;

pub use grid::Cell;
pub use network::{Edge, Kind, Network, Node, RoadClass};
