//! Drawing the city: from the plan to tile contents at every level of detail.
//!
//! A level of detail counts from the finest: 0 shows everything, 5 the districts.

pub mod buildings;
pub mod drape;
pub mod ground;
pub mod look;
pub mod mesh;
pub mod roads;
pub mod solid;
pub mod surroundings;
pub mod trees;
pub mod water;

pub use buildings::buildings;
pub use ground::ground;
