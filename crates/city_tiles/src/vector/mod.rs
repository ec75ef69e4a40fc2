//! Vector layers: features of a decoded GeoJSON file dressed for the screen.
//!
//! [`formats::geojson`](crate::formats::geojson) gives geometry on the ellipsoid and a table of
//! properties. From those, [`looks`] decides how each feature looks, [`HeightField`] finds the
//! ground below it in meshes that are in memory, and [`dress`] makes the buffers: triangles that
//! lie on the ground or stand on it as walls and roofs, thick lines, and points.
//!
//! Frame: everything after [`Anchors`] is in the scene's local frame, metres, f64, z about up.

mod drape;
mod dress;
mod look;
mod style;

pub use drape::HeightField;
pub use dress::{Anchors, Dressed, Ground, Stroke, dress};
pub use look::{FeatureLook, Looks, Meaning, Palette, looks};
pub use style::{ColorBy, VectorStyle, linear_of_srgb, parse_color};

#[cfg(test)]
mod tests;
