//! GeoJSON (RFC 7946): points, lines and polygons with properties, to [`PreparedTile`].
//!
//! Positions are taken on the ellipsoid: a third coordinate is not read, since draping and
//! extruding ([`crate::vector`]) decide about heights. Axes are Earth-centred, as in every tile.
//! Polygons come as triangles fine enough to be laid over terrain, besides their rings as lines.
//! The kind of a primitive is its material: [`FILL`], [`RING`], [`LINE`], [`POINT`].
//!
//! A feature that cannot be drawn is left out and named in [`PreparedTile::warnings`]; the others
//! are kept. Only a file that is no GeoJSON, or larger than the limits, is an error as a whole.

mod build;
mod divide;
mod fault;
mod read;
mod shape;
mod table;
#[cfg(test)]
mod tests;

pub use fault::{FeatureError, FeatureFault};
pub use read::{Collection, Feature, read};

use super::{Fault, Input};
use crate::prepared::PreparedTile;

/// Material of the triangles of polygons.
pub const FILL: u32 = 0;
/// Material of the rings of polygons: outer ones run counter-clockwise seen from above, holes clockwise.
pub const RING: u32 = 1;
/// Material of lines.
pub const LINE: u32 = 2;
/// Material of points.
pub const POINT: u32 = 3;

/// Most bytes of a file: larger ones belong into a tileset.
pub const MAX_BYTES: usize = 64 << 20;
/// Most positions, and most vertices made of them: beyond this it is a tileset's task too.
pub const MAX_VERTICES: usize = 2 << 20;
/// Most positions of one polygon with its holes: triangulation takes more than linear time.
pub const MAX_POLYGON_POSITIONS: usize = 100_000;
/// Deepest nesting of geometry collections.
pub const MAX_DEPTH: usize = 8;
/// Most different properties.
pub const MAX_PROPERTIES: usize = 512;
/// Most values of all properties together.
pub const MAX_VALUES: usize = 8 << 20;
/// Bad features that are named one by one; the rest is counted.
pub const MAX_FAULTS_TOLD: usize = 8;

const TYPES: [&str; 9] = [
    "FeatureCollection",
    "Feature",
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
];

/// How far into a file its kind is looked for, bytes.
const SNIFFED_BYTES: usize = 64 << 10;

/// A file without its byte order mark.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Whether bytes are GeoJSON: a JSON object in which a `type` that only GeoJSON has stands early.
#[must_use]
pub fn is_geojson(bytes: &[u8]) -> bool {
    let bytes = without_mark(bytes).trim_ascii_start();
    if bytes.first() != Some(&b'{') {
        return false;
    }
    let start = bytes
        .get(..SNIFFED_BYTES.min(bytes.len()))
        .unwrap_or_default();
    let key = b"\"type\"";
    start
        .windows(key.len())
        .enumerate()
        .filter(|(_, window)| window == key)
        .any(|(at, _)| {
            let rest = start.get(at + key.len()..).unwrap_or_default();
            let Some(rest) = rest.trim_ascii_start().strip_prefix(b":") else {
                return false;
            };
            let Some(rest) = rest.trim_ascii_start().strip_prefix(b"\"") else {
                return false;
            };
            let name = rest.split(|byte| *byte == b'"').next().unwrap_or_default();
            TYPES.iter().any(|known| known.as_bytes() == name)
        })
}

pub(crate) fn decode(input: &Input<'_>) -> Result<PreparedTile, Fault> {
    build::build(read::read_input(input)?, input.options)
}

/// GeoJSON names no files beside it.
pub(crate) fn external(_: &Input<'_>) -> Result<Vec<String>, Fault> {
    Ok(Vec::new())
}
