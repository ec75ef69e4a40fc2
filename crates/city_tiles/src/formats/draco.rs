//! Draco: compressed meshes and point clouds, as `KHR_draco_mesh_compression` and
//! `3DTILES_draco_point_compression` carry them.
//!
//! Bitstreams 1.1 to 2.2 of meshes and 1.1 to 2.3 of point clouds are read. The decoder is the crate
//! `draco-core`, chosen in docs/adr/0002; everything that comes out of it is checked here again.

use super::error::{DecodeErrorKind, Fault, limit};
use draco_core::{
    DataType, DecodeLimits, DecoderBuffer, DracoError, ErrorKind, Mesh, MeshDecoder,
    PointAttribute, PointCloud, PointIndex,
};

/// What a stream may grow to.
#[derive(Debug, Clone, Copy)]
pub struct DracoLimits {
    /// Most points, and most triangles.
    pub max_points: usize,
    /// Most bytes of all decoded attributes and indices.
    pub max_bytes: usize,
}

/// A decoded mesh or point cloud.
#[derive(Debug, Clone, PartialEq)]
pub struct DracoGeometry {
    /// Number of points (vertices).
    pub points: usize,
    /// Three per triangle, all below `points`; none for a point cloud.
    pub indices: Vec<u32>,
    /// Attributes, in the stream's order.
    pub attributes: Vec<DracoAttribute>,
}

/// Values by point.
#[derive(Debug, Clone, PartialEq)]
pub struct DracoAttribute {
    /// The id by which the file around the stream names it. Streams before version 2.0 give 0 to all.
    pub unique_id: u32,
    /// Numbers per point.
    pub components: usize,
    /// Whether integers stand for 0..1 or -1..1.
    pub normalized: bool,
    /// `points * components` numbers.
    pub values: DracoValues,
}

/// Numbers as the stream declares them. Integers keep their exact values; 64-bit numbers are
/// narrowed, and refused where that changes an integer.
#[derive(Debug, Clone, PartialEq)]
pub enum DracoValues {
    /// Signed bytes.
    I8(Vec<i8>),
    /// Bytes, and booleans.
    U8(Vec<u8>),
    /// Signed 16-bit numbers.
    I16(Vec<i16>),
    /// 16-bit numbers.
    U16(Vec<u16>),
    /// Signed 32-bit numbers.
    I32(Vec<i32>),
    /// 32-bit numbers.
    U32(Vec<u32>),
    /// 32-bit floats.
    F32(Vec<f32>),
}

impl DracoAttribute {
    /// All numbers as f32, integers scaled where they are normalized.
    #[must_use]
    pub fn floats(&self) -> Vec<f32> {
        fn all<T: Copy>(list: &[T], one: impl Fn(T) -> f32) -> Vec<f32> {
            list.iter().map(|value| one(*value)).collect()
        }
        let scale = |largest: f32| if self.normalized { 1.0 / largest } else { 1.0 };
        let low = if self.normalized { -1.0 } else { f32::MIN };
        match &self.values {
            DracoValues::F32(list) => list.clone(),
            DracoValues::I8(list) => all(list, |v| (f32::from(v) * scale(127.0)).max(low)),
            DracoValues::U8(list) => all(list, |v| f32::from(v) * scale(255.0)),
            DracoValues::I16(list) => all(list, |v| (f32::from(v) * scale(32767.0)).max(low)),
            DracoValues::U16(list) => all(list, |v| f32::from(v) * scale(65535.0)),
            DracoValues::I32(list) => all(list, |v| (v as f32 * scale(i32::MAX as f32)).max(low)),
            DracoValues::U32(list) => all(list, |v| v as f32 * scale(u32::MAX as f32)),
        }
    }

    /// All numbers as whole numbers; none where one is negative or not whole.
    #[must_use]
    pub fn indices(&self) -> Option<Vec<u32>> {
        fn all<T: Copy + TryInto<u32>>(list: &[T]) -> Option<Vec<u32>> {
            list.iter().map(|value| (*value).try_into().ok()).collect()
        }
        match &self.values {
            DracoValues::I8(list) => all(list),
            DracoValues::U8(list) => all(list),
            DracoValues::I16(list) => all(list),
            DracoValues::U16(list) => all(list),
            DracoValues::I32(list) => all(list),
            DracoValues::U32(list) => Some(list.clone()),
            DracoValues::F32(list) => list
                .iter()
                .map(|v| {
                    (*v >= 0.0 && v.fract() == 0.0 && *v < 4_294_967_296.0).then_some(*v as u32)
                })
                .collect(),
        }
    }
}

/// Decodes a triangle mesh.
///
/// # Errors
/// Damaged bytes, versions that are not known, more than the limits allow, or a point cloud.
pub fn decode_mesh(bytes: &[u8], place: &str, limits: DracoLimits) -> Result<DracoGeometry, Fault> {
    let mesh = decode(bytes, place, limits, Kind::Mesh)?;
    let points = mesh.num_points();
    let faces = mesh.faces();
    let mut indices = Vec::with_capacity(faces.len() * 3);
    indices.extend(faces.iter().flat_map(|face| face.map(|point| point.0)));
    if let Some(index) = indices.iter().find(|index| **index as usize >= points) {
        let what = format!("index {index} is beyond {points} points");
        return Err(damaged(place, what));
    }
    Ok(DracoGeometry {
        points,
        indices,
        attributes: attributes(&mesh, place)?,
    })
}

/// Decodes a point cloud.
///
/// # Errors
/// Damaged bytes, versions that are not known, more than the limits allow, or a mesh.
pub fn decode_point_cloud(
    bytes: &[u8],
    place: &str,
    limits: DracoLimits,
) -> Result<DracoGeometry, Fault> {
    let cloud = decode(bytes, place, limits, Kind::PointCloud)?;
    Ok(DracoGeometry {
        points: cloud.num_points(),
        indices: Vec::new(),
        attributes: attributes(&cloud, place)?,
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    PointCloud,
    Mesh,
}

fn damaged(place: &str, what: impl Into<String>) -> Fault {
    Fault::new(place, DecodeErrorKind::Compression(what.into()))
}

fn decode(bytes: &[u8], place: &str, limits: DracoLimits, kind: Kind) -> Result<Mesh, Fault> {
    // "DRACO", two bytes of version, kind, method (Draco bitstream, "Header").
    let (version, found) = match bytes {
        [b'D', b'R', b'A', b'C', b'O', major, minor, kind, ..] => ((*major, *minor), *kind),
        _ => return Err(damaged(place, "it does not start with DRACO")),
    };
    let (newest, wanted) = match kind {
        Kind::Mesh => ((2, 2), 1),
        Kind::PointCloud => ((2, 3), 0),
    };
    if version < (1, 1) || version > newest {
        let what = format!("{}.{} of the Draco bitstream", version.0, version.1);
        return Err(Fault::new(place, DecodeErrorKind::UnsupportedVersion(what)));
    }
    if found != wanted {
        let what = match kind {
            Kind::Mesh => "it holds no mesh",
            Kind::PointCloud => "it holds no point cloud",
        };
        return Err(damaged(place, what));
    }
    let allowed = DecodeLimits::default()
        .with_max_points(limits.max_points as u64)
        .with_max_faces(limits.max_points as u64)
        .with_max_decoded_bytes(limits.max_bytes as u64);
    let mut buffer = DecoderBuffer::new(bytes).with_limits(allowed);
    let mut mesh = Mesh::new();
    MeshDecoder::new()
        .decode(&mut buffer, &mut mesh)
        .map_err(|error| fault(place, &error))?;
    limit(place, "points", mesh.num_points(), limits.max_points)?;
    limit(place, "triangles", mesh.num_faces(), limits.max_points)?;
    let bytes = mesh.num_faces().saturating_mul(12);
    let bytes = (0..mesh.num_attributes())
        .filter_map(|index| mesh.try_attribute(index).ok())
        .map(|attribute| mesh.num_points().saturating_mul(element(attribute)))
        .fold(bytes, usize::saturating_add);
    limit(place, "decompressed bytes", bytes, limits.max_bytes)?;
    Ok(mesh)
}

fn fault(place: &str, error: &DracoError) -> Fault {
    match error.kind() {
        ErrorKind::UnsupportedVersion
        | ErrorKind::UnknownVersion
        | ErrorKind::BitstreamVersionUnsupported => Fault::new(
            place,
            DecodeErrorKind::UnsupportedVersion("of the Draco bitstream".to_owned()),
        ),
        _ => damaged(place, error.to_string()),
    }
}

/// Bytes of one point's values.
fn element(attribute: &PointAttribute) -> usize {
    attribute.data_type().byte_length() * usize::from(attribute.num_components())
}

fn attributes(cloud: &PointCloud, place: &str) -> Result<Vec<DracoAttribute>, Fault> {
    let mut read = Vec::new();
    for index in 0..cloud.num_attributes() {
        let attribute = cloud
            .try_attribute(index)
            .map_err(|error| fault(place, &error))?;
        let packed = by_point(attribute, cloud.num_points())
            .ok_or_else(|| damaged(place, format!("attribute {index} has too few values")))?;
        let values = values(attribute.data_type(), &packed)
            .ok_or_else(|| damaged(place, format!("attribute {index} has numbers too large")))?;
        read.push(DracoAttribute {
            unique_id: attribute.unique_id(),
            components: usize::from(attribute.num_components()),
            normalized: attribute.normalized(),
            values,
        });
    }
    Ok(read)
}

/// The attribute's bytes, one element for each point.
fn by_point(attribute: &PointAttribute, points: usize) -> Option<Vec<u8>> {
    let (element, stride) = (
        element(attribute),
        usize::try_from(attribute.byte_stride()).ok()?,
    );
    let data = attribute.buffer().data();
    let mut packed = Vec::with_capacity(points.checked_mul(element)?);
    for point in 0..u32::try_from(points).ok()? {
        let value = attribute.mapped_index(PointIndex(point)).0 as usize;
        let start = value.checked_mul(stride)?;
        packed.extend_from_slice(data.get(start..start.checked_add(element)?)?);
    }
    Some(packed)
}

fn values(kind: DataType, packed: &[u8]) -> Option<DracoValues> {
    fn all<const N: usize, T>(packed: &[u8], one: fn([u8; N]) -> T) -> Vec<T> {
        packed
            .as_chunks::<N>()
            .0
            .iter()
            .map(|raw| one(*raw))
            .collect()
    }
    Some(match kind {
        DataType::Int8 => DracoValues::I8(all(packed, i8::from_le_bytes)),
        DataType::Uint8 | DataType::Bool => DracoValues::U8(packed.to_vec()),
        DataType::Int16 => DracoValues::I16(all(packed, i16::from_le_bytes)),
        DataType::Uint16 => DracoValues::U16(all(packed, u16::from_le_bytes)),
        DataType::Int32 => DracoValues::I32(all(packed, i32::from_le_bytes)),
        DataType::Uint32 => DracoValues::U32(all(packed, u32::from_le_bytes)),
        DataType::Float32 => DracoValues::F32(all(packed, f32::from_le_bytes)),
        DataType::Float64 => DracoValues::F32(all(packed, |raw| f64::from_le_bytes(raw) as f32)),
        DataType::Int64 => {
            let wide = all(packed, i64::from_le_bytes).into_iter();
            DracoValues::I32(wide.map(|v| v.try_into().ok()).collect::<Option<_>>()?)
        }
        DataType::Uint64 => {
            let wide = all(packed, u64::from_le_bytes).into_iter();
            DracoValues::U32(wide.map(|v| v.try_into().ok()).collect::<Option<_>>()?)
        }
        DataType::Invalid => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: DracoLimits = DracoLimits {
        max_points: 1000,
        max_bytes: 1 << 20,
    };

    /// A sequential mesh (bitstream 2.2) of one triangle, uncompressed: u8 indices, and one generic
    /// attribute of id 7 with a 32-bit number per point.
    fn triangle() -> Vec<u8> {
        let mut bytes = b"DRACO\x02\x02\x01\x00\x00\x00".to_vec();
        bytes.extend([1, 3, 1, 0, 1, 2]);
        // One decoder, one attribute: generic, u32, one component, not normalized, id 7.
        bytes.extend([1, 1, 4, 6, 1, 0, 7]);
        // Stored as it is.
        bytes.push(0);
        for id in [5_u32, 4_000_000_001, 16_777_217] {
            bytes.extend(id.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn whole_numbers_stay_exact() {
        let mesh = decode_mesh(&triangle(), "here", LIMITS).unwrap();
        assert_eq!((mesh.points, &mesh.indices[..]), (3, &[0, 1, 2][..]));
        let [ids] = &mesh.attributes[..] else {
            panic!("{mesh:?}")
        };
        assert_eq!((ids.unique_id, ids.components), (7, 1));
        assert_eq!(ids.indices().unwrap(), [5, 4_000_000_001, 16_777_217]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let text = |bytes: &[u8]| decode_mesh(bytes, "here", LIMITS).unwrap_err().text();
        assert!(text(b"DRAC").contains("here: compressed geometry is damaged"));
        let mut newer = triangle();
        newer[6] = 9;
        assert!(text(&newer).contains("version 2.9"), "{}", text(&newer));
        let mut cloud = triangle();
        cloud[7] = 0;
        assert!(text(&cloud).contains("holds no mesh"));
        assert!(decode_point_cloud(&triangle(), "here", LIMITS).is_err());
        let bytes = triangle();
        for end in 0..bytes.len() {
            assert!(decode_mesh(&bytes[..end], "here", LIMITS).is_err(), "{end}");
        }
        for limits in [
            DracoLimits {
                max_points: 2,
                ..LIMITS
            },
            DracoLimits {
                max_bytes: 11,
                ..LIMITS
            },
        ] {
            assert!(decode_mesh(&bytes, "here", limits).is_err(), "{limits:?}");
        }
    }
}
