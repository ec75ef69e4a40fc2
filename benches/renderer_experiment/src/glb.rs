//! The little of GLB that Wageningen's contents need: one buffer, indexed
//! triangles with float positions and normals, no node transform but the one
//! that cancels the y-up to z-up turn of 3D Tiles.

use bytemuck::{Pod, Zeroable};
use glam::{DMat4, DVec3, Vec3};
use serde_json::Value;

/// A vertex as it lies in the lean pass's buffers (16 bytes).
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct Vertex {
    /// Metres east, north and up of the scene's centre.
    pub position: [f32; 3],
    /// Unit vector, snorm.
    pub normal: [i8; 4],
}

/// The triangles of one tile.
#[derive(Clone, Debug, Default)]
pub struct TileMesh {
    /// Vertices in ENU.
    pub vertices: Vec<Vertex>,
    /// Three per triangle.
    pub indices: Vec<u32>,
}

/// The tileset's root transform (translation only), EPSG:4978 metres.
pub const ROOT_TRANSLATION_M: DVec3 = DVec3::new(3919786.0, 386316.53125, 4999819.5);

/// Reads one content; `enu_from_ecef` maps to the scene's frame.
pub fn read(bytes: &[u8], enu_from_ecef: &DMat4) -> Result<TileMesh, String> {
    let u32_at = |at: usize| -> Result<usize, String> {
        let four = bytes.get(at..at + 4).ok_or("GLB ends early")?;
        Ok(u32::from_le_bytes([four[0], four[1], four[2], four[3]]) as usize)
    };
    if bytes.get(..4) != Some(b"glTF") {
        return Err("not a GLB".into());
    }
    let json_len = u32_at(12)?;
    let json = bytes.get(20..20 + json_len).ok_or("GLB ends early")?;
    let json: Value = serde_json::from_slice(json).map_err(|e| e.to_string())?;
    let bin_start = 20 + json_len + 8;
    let bin = bytes.get(bin_start..).ok_or("GLB has no binary chunk")?;

    let mut mesh = TileMesh::default();
    for primitive in json["meshes"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|m| m["primitives"].as_array().into_iter().flatten())
    {
        let position = Accessor::new(&json, &primitive["attributes"]["POSITION"])?;
        let normal = Accessor::new(&json, &primitive["attributes"]["NORMAL"])?;
        let index = Accessor::new(&json, &primitive["indices"])?;
        let base = mesh.vertices.len() as u32;
        for i in 0..position.count {
            let ecef = position.vec3(bin, i)?.as_dvec3() + ROOT_TRANSLATION_M;
            let enu = enu_from_ecef.transform_point3(ecef);
            let n = enu_from_ecef.transform_vector3(normal.vec3(bin, i)?.as_dvec3());
            let n = (n.normalize_or(DVec3::Z) * 127.0).round();
            mesh.vertices.push(Vertex {
                position: enu.as_vec3().to_array(),
                normal: [n.x as i8, n.y as i8, n.z as i8, 0],
            });
        }
        for i in 0..index.count {
            mesh.indices.push(base + index.index(bin, i)?);
        }
    }
    Ok(mesh)
}

struct Accessor {
    start: usize,
    stride: usize,
    count: usize,
    component: u64,
}

impl Accessor {
    fn new(json: &Value, index: &Value) -> Result<Self, String> {
        let of = |v: &Value, key: &str| v[key].as_u64().unwrap_or(0) as usize;
        let accessor = &json["accessors"][index.as_u64().ok_or("missing accessor")? as usize];
        let view = &json["bufferViews"][of(accessor, "bufferView")];
        let component = accessor["componentType"].as_u64().unwrap_or(0);
        let width = match component {
            5126 => 12,
            5125 => 4,
            5123 => 2,
            other => return Err(format!("component type {other} is not read here")),
        };
        Ok(Self {
            start: of(view, "byteOffset") + of(accessor, "byteOffset"),
            stride: view["byteStride"].as_u64().map_or(width, |s| s as usize),
            count: of(accessor, "count"),
            component,
        })
    }

    fn at<'a>(&self, bin: &'a [u8], i: usize, len: usize) -> Result<&'a [u8], String> {
        let start = self.start + i * self.stride;
        bin.get(start..start + len)
            .ok_or_else(|| "accessor beyond the buffer".to_owned())
    }

    fn vec3(&self, bin: &[u8], i: usize) -> Result<Vec3, String> {
        let b = self.at(bin, i, 12)?;
        let f = |k: usize| f32::from_le_bytes([b[k], b[k + 1], b[k + 2], b[k + 3]]);
        Ok(Vec3::new(f(0), f(4), f(8)))
    }

    fn index(&self, bin: &[u8], i: usize) -> Result<u32, String> {
        Ok(if self.component == 5125 {
            let b = self.at(bin, i, 4)?;
            u32::from_le_bytes([b[0], b[1], b[2], b[3]])
        } else {
            let b = self.at(bin, i, 2)?;
            u32::from(u16::from_le_bytes([b[0], b[1]]))
        })
    }
}
