//! [`PreparedTile`] as one flat buffer, for the browser's worker, and back.
//!
//! Little-endian, no alignment, one version number: both sides are built from the same source, so
//! a buffer of another version is a fault and not an old friend. Reading checks everything: the
//! bytes come from another thread, and a fuzzer sends worse.

mod features;
mod stream;
mod surface;

use super::{
    AlphaMode, PreparedImage, PreparedMap, PreparedMaterial, PreparedPrimitive, PreparedTile,
    SurfaceClass, TexelFormat, Topology, TriangleBoxes, Vertex, Wrap,
};
use glam::DVec3;
use stream::{Reader, Writer};

const MAGIC: [u8; 4] = *b"BVPT";
const VERSION: u32 = 6;

/// Why bytes are not a prepared tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("prepared tile, byte {at}: {what}")]
pub struct PreparedError {
    /// Offset in the buffer.
    pub at: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl PreparedTile {
    /// The tile as one flat buffer.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::with_capacity(self.cpu_bytes() as usize + 1024);
        out.raw(&MAGIC);
        out.u32(VERSION);
        out.f64(self.origin.x);
        out.f64(self.origin.y);
        out.f64(self.origin.z);
        out.list(&self.primitives, |out, primitive| {
            out.u8(match primitive.topology {
                Topology::Triangles => 0,
                Topology::Lines => 1,
                Topology::Points => 2,
            });
            out.bool(primitive.has_normals);
            out.u32(primitive.material);
            out.pods(&primitive.vertices);
            out.pods(&primitive.indices);
        });
        out.list(&self.materials, write_material);
        out.list(&self.images, write_image);
        features::write(&mut out, &self.features);
        surface::write(&mut out, &self.surface);
        out.list(&self.boxes.0, |out, boxes| out.pods(boxes));
        out.list(&self.copyright, |out, text| out.text(text));
        out.list(&self.warnings, |out, text| out.text(text));
        out.into_bytes()
    }

    /// The tile that [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// Anything that is not exactly such a buffer: cut short, of another version, or with an
    /// index, a length or a text that does not hold.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PreparedError> {
        let mut input = Reader::new(bytes);
        if input.raw(4)? != MAGIC {
            return Err(input.fault("not a prepared tile"));
        }
        if input.u32()? != VERSION {
            return Err(input.fault("made by another version of the program"));
        }
        let origin = DVec3::new(input.f64()?, input.f64()?, input.f64()?);
        if !origin.is_finite() {
            return Err(input.fault("the origin is not finite"));
        }
        let primitives = input.list(20, read_primitive)?;
        let materials = input.list(52, read_material)?;
        let images = input.list(18, read_image)?;
        let features = features::read(&mut input)?;
        let surface = surface::read(&mut input, &primitives, features.len())?;
        let boxes = TriangleBoxes(input.list(4, Reader::pods)?);
        if !boxes.fit(&primitives) {
            return Err(input.fault("the boxes do not fit the triangles"));
        }
        let copyright = input.list(4, Reader::text)?;
        let warnings = input.list(4, Reader::text)?;
        if primitives
            .iter()
            .any(|p| p.material as usize >= materials.len())
        {
            return Err(input.fault("a primitive's material does not exist"));
        }
        let image_missing = |m: &PreparedMaterial| {
            let maps = m.maps().into_iter().flatten().map(|map| map.image);
            let mut shown = m.base_color_image.into_iter().chain(maps);
            shown.any(|image| image as usize >= images.len())
        };
        if materials.iter().any(image_missing) {
            return Err(input.fault("a material's image does not exist"));
        }
        input.end()?;
        Ok(Self {
            origin,
            primitives,
            materials,
            images,
            features,
            surface,
            boxes,
            copyright,
            warnings,
        })
    }
}

fn read_primitive(input: &mut Reader<'_>) -> Result<PreparedPrimitive, PreparedError> {
    let (topology, per) = match input.u8()? {
        0 => (Topology::Triangles, 3),
        1 => (Topology::Lines, 2),
        2 => (Topology::Points, 1),
        _ => return Err(input.fault("unknown topology")),
    };
    let has_normals = input.bool()?;
    let material = input.u32()?;
    let vertices: Vec<Vertex> = input.pods()?;
    if vertices
        .iter()
        .flat_map(|v| v.position)
        .any(|c| !c.is_finite())
    {
        return Err(input.fault("a position is not finite"));
    }
    let indices: Vec<u32> = input.pods()?;
    if !indices.len().is_multiple_of(per)
        || indices
            .iter()
            .any(|index| *index as usize >= vertices.len())
    {
        return Err(input.fault("the indices do not fit the vertices"));
    }
    Ok(PreparedPrimitive {
        topology,
        vertices,
        indices,
        material,
        has_normals,
    })
}

fn write_material(out: &mut Writer, material: &PreparedMaterial) {
    for value in material.base_color {
        out.f32(value);
    }
    out.option(material.base_color_image.as_ref(), |out, image| {
        out.u32(*image)
    });
    out.f32(material.metallic);
    out.f32(material.roughness);
    for value in material.emissive {
        out.f32(value);
    }
    for map in material.maps() {
        out.option(map.as_ref(), |out, map| {
            out.u32(map.image);
            write_wrap(out, map.wrap_u);
            write_wrap(out, map.wrap_v);
        });
    }
    out.f32(material.normal_scale);
    out.f32(material.occlusion_strength);
    match material.alpha_mode {
        AlphaMode::Opaque => out.u8(0),
        AlphaMode::Mask(cutoff) => {
            out.u8(1);
            out.f32(cutoff);
        }
        AlphaMode::Blend => out.u8(2),
    }
    out.bool(material.double_sided);
    out.bool(material.unlit);
    let class = SurfaceClass::NAMES
        .iter()
        .position(|(class, _)| *class == material.class);
    out.u8(class.unwrap_or(0) as u8);
    write_wrap(out, material.wrap_u);
    write_wrap(out, material.wrap_v);
}

fn write_wrap(out: &mut Writer, wrap: Wrap) {
    out.u8(match wrap {
        Wrap::Repeat => 0,
        Wrap::Clamp => 1,
        Wrap::Mirror => 2,
    });
}

fn read_material(input: &mut Reader<'_>) -> Result<PreparedMaterial, PreparedError> {
    let base_color = [input.f32()?, input.f32()?, input.f32()?, input.f32()?];
    let base_color_image = input.option(Reader::u32)?;
    let (metallic, roughness) = (input.f32()?, input.f32()?);
    let emissive = [input.f32()?, input.f32()?, input.f32()?];
    let mut map = || input.option(read_map);
    let (emissive_map, roughness_map, normal_map, occlusion_map) = (map()?, map()?, map()?, map()?);
    let (normal_scale, occlusion_strength) = (input.f32()?, input.f32()?);
    let alpha_mode = match input.u8()? {
        0 => AlphaMode::Opaque,
        1 => AlphaMode::Mask(input.f32()?),
        2 => AlphaMode::Blend,
        _ => return Err(input.fault("unknown alpha mode")),
    };
    let (double_sided, unlit) = (input.bool()?, input.bool()?);
    let class = SurfaceClass::NAMES
        .get(usize::from(input.u8()?))
        .map(|(class, _)| *class);
    let class = class.ok_or_else(|| input.fault("unknown surface class"))?;
    let (wrap_u, wrap_v) = (read_wrap(input)?, read_wrap(input)?);
    Ok(PreparedMaterial {
        base_color,
        base_color_image,
        metallic,
        roughness,
        emissive,
        emissive_map,
        roughness_map,
        normal_map,
        normal_scale,
        occlusion_map,
        occlusion_strength,
        alpha_mode,
        double_sided,
        unlit,
        class,
        wrap_u,
        wrap_v,
    })
}

fn read_map(input: &mut Reader<'_>) -> Result<PreparedMap, PreparedError> {
    Ok(PreparedMap {
        image: input.u32()?,
        wrap_u: read_wrap(input)?,
        wrap_v: read_wrap(input)?,
    })
}

fn read_wrap(input: &mut Reader<'_>) -> Result<Wrap, PreparedError> {
    match input.u8()? {
        0 => Ok(Wrap::Repeat),
        1 => Ok(Wrap::Clamp),
        2 => Ok(Wrap::Mirror),
        _ => Err(input.fault("unknown wrap mode")),
    }
}

fn write_image(out: &mut Writer, image: &PreparedImage) {
    out.u32(image.width);
    out.u32(image.height);
    let format = TexelFormat::ALL.iter().position(|f| *f == image.format);
    out.u8(format.unwrap_or(0) as u8);
    out.bool(image.is_linear);
    out.pods(&image.texels);
    out.pods(&image.smaller);
}

fn read_image(input: &mut Reader<'_>) -> Result<PreparedImage, PreparedError> {
    let (width, height) = (input.u32()?, input.u32()?);
    let format = TexelFormat::ALL.get(usize::from(input.u8()?)).copied();
    let image = PreparedImage {
        width,
        height,
        format: format.ok_or_else(|| input.fault("an image's format is not known"))?,
        is_linear: input.bool()?,
        texels: input.pods()?,
        smaller: input.pods()?,
    };
    if image.texels.is_empty() || !image.has_whole_levels() {
        return Err(input.fault("an image's size does not fit its bytes"));
    }
    Ok(image)
}
