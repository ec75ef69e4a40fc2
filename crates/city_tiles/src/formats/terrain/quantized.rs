//! quantized-mesh 1.0 (<https://github.com/CesiumGS/quantized-mesh>): a header, vertices as differences, indices by
//! their high-water mark, the vertices of the four edges, and extensions.

use super::super::DecodeOptions;
use super::super::bytes::{slice, u32_at};
use super::super::error::{DecodeErrorKind, Fault, limit};
use super::{MAX_HEIGHT_BYTES, check_vertices};
use crate::tileset::gunzip;
use glam::DVec3;
use serde_json::Value;
use std::borrow::Cow;

/// A vertex at the eastern or northern edge, or at the highest height.
pub(super) const FULL: u16 = 32_767;
const HEADER_BYTES: usize = 88;
/// Vertices above which indices have 32 bits.
const SHORT_INDICES: usize = 65_536;
/// Heights beyond this are damage.
const POSSIBLE_M: f64 = 100_000.0;
const OCT_NORMALS: u8 = 1;
const WATER_MASK: u8 = 2;
const METADATA: u8 = 4;

/// A tile.
pub(super) struct Quantized {
    /// Of all vertices, metres above the ellipsoid.
    pub min_height_m: f64,
    /// Of all vertices, metres above the ellipsoid.
    pub max_height_m: f64,
    /// Longitude, latitude, height, each 0 to [`FULL`].
    pub vertices: Vec<[u16; 3]>,
    /// Triangles, counter-clockwise from above.
    pub indices: Vec<u32>,
    /// Vertices of the western, southern, eastern and northern edge.
    pub edges: [Vec<u32>; 4],
    /// Unit normals, ECEF; empty where the tile has none.
    pub normals: Vec<DVec3>,
    /// Water mask: nothing, one byte for all, or 256 rows from the north; 255 is water.
    pub water: Vec<u8>,
    /// The metadata extension's JSON.
    pub metadata: Option<Value>,
    /// Something that was left out.
    pub warning: Option<String>,
}

impl Quantized {
    /// A vertex's height, metres above the ellipsoid.
    pub(super) fn height_m(&self, vertex: usize) -> f64 {
        let share = self
            .vertices
            .get(vertex)
            .map_or(0.0, |v| f64::from(v[2]) / f64::from(FULL));
        self.min_height_m + (self.max_height_m - self.min_height_m) * share
    }
}

/// The metadata extension of a tile, which lists the tiles below it; none where there is none, or it is damaged.
#[must_use]
pub fn metadata(bytes: &[u8]) -> Option<Value> {
    read(bytes, "", &DecodeOptions::default()).ok()?.metadata
}

pub(super) fn read(bytes: &[u8], place: &str, options: &DecodeOptions) -> Result<Quantized, Fault> {
    let most = options.max_bytes.min(MAX_HEIGHT_BYTES);
    limit(place, "bytes", bytes.len(), most)?;
    let bytes: Cow<'_, [u8]> = if bytes.starts_with(&[0x1f, 0x8b]) {
        let plain = gunzip(bytes.to_vec(), most);
        Cow::Owned(plain.map_err(|e| Fault::new(place, DecodeErrorKind::Compression(e)))?)
    } else {
        Cow::Borrowed(bytes)
    };
    let mut input = Input {
        bytes: &bytes,
        at: HEADER_BYTES,
        place,
    };
    let [min_height_m, max_height_m] =
        [24, 28].map(|at| Ok::<_, Fault>(f64::from(f32::from_bits(u32_at(&bytes, at, place)?))));
    let (min_height_m, max_height_m) = (min_height_m?, max_height_m?);
    let possible = [min_height_m, max_height_m]
        .iter()
        .all(|h| h.is_finite() && h.abs() <= POSSIBLE_M);
    if !possible {
        return Err(Fault::invalid(
            place,
            "the header's heights are not possible; is this a quantized-mesh tile?",
        ));
    }
    let count = input.u32()? as usize;
    check_vertices(count, place, options)?;
    let vertices = vertices(&mut input, count)?;
    let wide = count > SHORT_INDICES;
    input.align(if wide { 4 } else { 2 });
    let triangles = input.u32()? as usize;
    limit(place, "triangles", triangles, options.max_vertices)?;
    let indices = high_water_mark(
        input.indices(triangles.saturating_mul(3), wide)?,
        count,
        place,
    )?;
    let mut edges: [Vec<u32>; 4] = Default::default();
    for edge in &mut edges {
        let length = input.u32()? as usize;
        limit(place, "vertices of an edge", length, count)?;
        *edge = input.indices(length, wide)?;
        if edge.iter().any(|i| *i as usize >= count) {
            return Err(Fault::invalid(
                place,
                "an edge names a vertex that is not there",
            ));
        }
    }
    let mut tile = Quantized {
        min_height_m,
        max_height_m,
        vertices,
        indices,
        edges,
        normals: Vec::new(),
        water: Vec::new(),
        metadata: None,
        warning: None,
    };
    extensions(&mut input, &mut tile);
    Ok(tile)
}

fn vertices(input: &mut Input<'_>, count: usize) -> Result<Vec<[u16; 3]>, Fault> {
    let mut vertices = vec![[0u16; 3]; count];
    for axis in 0..3 {
        let raw = input.take(count.saturating_mul(2))?;
        let mut value = 0u16;
        for (vertex, raw) in vertices.iter_mut().zip(raw.chunks_exact(2)) {
            let code = u16::from_le_bytes([raw[0], raw[1]]);
            // Zig-zag: the sign is the lowest bit.
            value = value.wrapping_add((code >> 1) ^ (code & 1).wrapping_neg());
            vertex[axis] = value;
        }
    }
    if vertices.iter().flatten().any(|c| *c > FULL) {
        return Err(Fault::invalid(
            input.place,
            "a vertex is outside of the tile; is this a quantized-mesh tile?",
        ));
    }
    Ok(vertices)
}

fn high_water_mark(codes: Vec<u32>, count: usize, place: &str) -> Result<Vec<u32>, Fault> {
    let mut highest = 0u32;
    let mut indices = codes;
    for index in &mut indices {
        let code = *index;
        let value = highest.checked_sub(code).filter(|i| (*i as usize) < count);
        *index = value
            .ok_or_else(|| Fault::invalid(place, "a triangle names a vertex that is not there"))?;
        if code == 0 {
            highest += 1;
        }
    }
    Ok(indices)
}

/// Reads what follows the edges. A damaged extension is left out: the surface is whole without it.
fn extensions(input: &mut Input<'_>, tile: &mut Quantized) {
    while input.at < input.bytes.len() {
        let read = (|| {
            let id = input.take(1)?.first().copied().unwrap_or_default();
            let length = input.u32()? as usize;
            Ok::<_, Fault>((id, input.take(length)?))
        })();
        let Ok((id, body)) = read else {
            tile.warning = Some("a terrain tile's extensions are cut short".to_owned());
            return;
        };
        match id {
            OCT_NORMALS if body.len() == tile.vertices.len() * 2 => {
                tile.normals = body
                    .chunks_exact(2)
                    .map(|raw| oct_normal([raw[0], raw[1]]))
                    .collect();
            }
            WATER_MASK if body.len() == 1 || body.len() == 256 * 256 => {
                tile.water = body.to_vec();
            }
            METADATA => {
                let json = u32_at(body, 0, input.place)
                    .and_then(|length| slice(body, 4, length as usize, input.place));
                tile.metadata = json.ok().and_then(|json| serde_json::from_slice(json).ok());
            }
            OCT_NORMALS | WATER_MASK => {
                tile.warning =
                    Some("a terrain tile's normals or water mask have a wrong size".to_owned());
            }
            _ => {}
        }
    }
}

/// A unit vector from two bytes (Cigolle et al., "A Survey of Efficient Representations for Independent Unit Vectors").
fn oct_normal(raw: [u8; 2]) -> DVec3 {
    let [mut x, mut y] = raw.map(|c| f64::from(c) / 255.0 * 2.0 - 1.0);
    let z = 1.0 - x.abs() - y.abs();
    if z < 0.0 {
        let sign = |c: f64| if c < 0.0 { -1.0 } else { 1.0 };
        (x, y) = ((1.0 - y.abs()) * sign(x), (1.0 - x.abs()) * sign(y));
    }
    DVec3::new(x, y, z).normalize_or(DVec3::Z)
}

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
    place: &'a str,
}

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let taken = slice(self.bytes, self.at, length, self.place)?;
        self.at += length;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        let value = u32_at(self.bytes, self.at, self.place)?;
        self.at += 4;
        Ok(value)
    }

    fn align(&mut self, to: usize) {
        self.at = self.at.next_multiple_of(to);
    }

    fn indices(&mut self, count: usize, wide: bool) -> Result<Vec<u32>, Fault> {
        let raw = self.take(count.saturating_mul(if wide { 4 } else { 2 }))?;
        Ok(if wide {
            raw.chunks_exact(4)
                .map(|r| u32::from_le_bytes([r[0], r[1], r[2], r[3]]))
                .collect()
        } else {
            raw.chunks_exact(2)
                .map(|r| u32::from(u16::from_le_bytes([r[0], r[1]])))
                .collect()
        })
    }
}
