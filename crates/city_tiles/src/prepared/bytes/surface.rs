//! The surface table's part of the flat buffer.

use super::PreparedError;
use super::features;
use super::stream::{Reader, Writer};
use crate::metadata::{ComponentType, ElementType, EnumType, ValueFormat};
use crate::prepared::{
    FeatureTexture, PreparedPrimitive, PropertyTexture, SurfaceData, SurfacePart, SurfaceTable,
    TexelFormat, TextureLookup, TextureProperty,
};

const COMPONENTS: [ComponentType; 10] = [
    ComponentType::Int8,
    ComponentType::Uint8,
    ComponentType::Int16,
    ComponentType::Uint16,
    ComponentType::Int32,
    ComponentType::Uint32,
    ComponentType::Int64,
    ComponentType::Uint64,
    ComponentType::Float32,
    ComponentType::Float64,
];

pub(super) fn write(out: &mut Writer, surface: &SurfaceTable) {
    out.list(&surface.images, super::write_image);
    out.list(&surface.data, |out, data| {
        out.pods(&data.rows);
        out.list(&data.uvs, |out, set| out.pods(set));
        out.option(data.features.as_ref(), |out, features| {
            write_lookup(out, &features.lookup);
            out.u32(features.first);
            out.u32(features.count);
            out.option(features.null.as_ref(), |out, null| out.u32(*null));
        });
        out.list(&data.textures, |out, texture| {
            out.text(&texture.class);
            out.option(texture.name.as_deref(), Writer::text);
            out.list(&texture.properties, write_property);
        });
        out.list(&data.attributes, features::write_table);
    });
    out.list(&surface.parts, |out, part| {
        out.u32(part.primitive);
        out.u32(part.first_vertex);
        out.u32(part.data);
    });
    out.list(&surface.other_sets, |out, label| out.text(label));
}

/// Reads the table of a tile with these primitives and so many features.
pub(super) fn read(
    input: &mut Reader<'_>,
    primitives: &[PreparedPrimitive],
    feature_count: u32,
) -> Result<SurfaceTable, PreparedError> {
    let images = input.list(18, super::read_image)?;
    if images
        .iter()
        .any(|image| image.format != TexelFormat::Rgba8)
    {
        return Err(input.fault("an image that holds data is compressed"));
    }
    let data = input.list(21, |input| read_data(input, images.len(), feature_count))?;
    let parts = input.list(12, |input| {
        Ok(SurfacePart {
            primitive: input.u32()?,
            first_vertex: input.u32()?,
            data: input.u32()?,
        })
    })?;
    if !parts.is_sorted_by_key(|part| (part.primitive, part.first_vertex)) {
        return Err(input.fault("parts of surfaces are not in order"));
    }
    for part in &parts {
        let rows = data
            .get(part.data as usize)
            .map(|data: &SurfaceData| data.rows.len());
        let vertices = primitives
            .get(part.primitive as usize)
            .map(|p| p.vertices.len());
        let end = rows.and_then(|rows| rows.checked_add(part.first_vertex as usize));
        if end.is_none() || vertices.is_none() || end > vertices {
            return Err(input.fault("a part of a surface is not in its primitive"));
        }
    }
    Ok(SurfaceTable {
        images,
        data,
        parts,
        other_sets: input.list(4, Reader::text)?,
    })
}

fn read_data(
    input: &mut Reader<'_>,
    images: usize,
    feature_count: u32,
) -> Result<SurfaceData, PreparedError> {
    let rows: Vec<u32> = input.pods()?;
    let uvs: Vec<Vec<[f32; 2]>> = input.list(4, Reader::pods)?;
    let lookup = |input: &mut Reader<'_>| {
        let lookup = read_lookup(input)?;
        if lookup.image as usize >= images || lookup.uv_set as usize >= uvs.len() {
            return Err(input.fault("an image or its coordinates do not exist"));
        }
        Ok(lookup)
    };
    let features = input.option(|input| {
        let features = FeatureTexture {
            lookup: lookup(input)?,
            first: input.u32()?,
            count: input.u32()?,
            null: input.option(Reader::u32)?,
        };
        match features.first.checked_add(features.count) {
            Some(end) if end <= feature_count => Ok(features),
            _ => Err(input.fault("features of a texture do not exist")),
        }
    })?;
    let textures = input.list(9, |input| {
        Ok(PropertyTexture {
            class: input.text()?,
            name: input.option(Reader::text)?,
            properties: input.list(30, |input| {
                Ok(TextureProperty {
                    id: input.text()?,
                    name: input.option(Reader::text)?,
                    description: input.option(Reader::text)?,
                    unit: input.option(Reader::text)?,
                    format: read_format(input)?,
                    lookup: lookup(input)?,
                })
            })?,
        })
    })?;
    let attributes = input.list(13, features::read_table)?;
    Ok(SurfaceData {
        rows,
        uvs,
        features,
        textures,
        attributes,
    })
}

fn write_lookup(out: &mut Writer, lookup: &TextureLookup) {
    out.u32(lookup.image);
    out.pods(&lookup.channels);
    out.u32(lookup.uv_set);
    super::write_wrap(out, lookup.wrap_u);
    super::write_wrap(out, lookup.wrap_v);
}

fn read_lookup(input: &mut Reader<'_>) -> Result<TextureLookup, PreparedError> {
    let lookup = TextureLookup {
        image: input.u32()?,
        channels: input.pods()?,
        uv_set: input.u32()?,
        wrap_u: super::read_wrap(input)?,
        wrap_v: super::read_wrap(input)?,
    };
    if lookup.channels.len() > 4 || lookup.channels.iter().any(|channel| *channel > 3) {
        return Err(input.fault("a channel does not exist"));
    }
    Ok(lookup)
}

fn write_property(out: &mut Writer, property: &TextureProperty) {
    out.text(&property.id);
    out.option(property.name.as_deref(), Writer::text);
    out.option(property.description.as_deref(), Writer::text);
    out.option(property.unit.as_deref(), Writer::text);
    write_format(out, &property.format);
    write_lookup(out, &property.lookup);
}

fn write_component(out: &mut Writer, component: ComponentType) {
    let index = COMPONENTS.iter().position(|known| *known == component);
    out.u8(index.unwrap_or(0) as u8);
}

fn read_component(input: &mut Reader<'_>) -> Result<ComponentType, PreparedError> {
    let component = COMPONENTS.get(usize::from(input.u8()?)).copied();
    component.ok_or_else(|| input.fault("unknown type of number"))
}

fn write_format(out: &mut Writer, format: &ValueFormat) {
    let (kind, size) = match &format.element {
        ElementType::Scalar(_) => (0, 1),
        ElementType::Vector(_, size) => (1, *size),
        ElementType::Matrix(_, size) => (2, *size),
        ElementType::String => (3, 1),
        ElementType::Boolean => (4, 1),
        ElementType::Enum(_) => (5, 1),
    };
    out.u8(kind);
    out.u8(size as u8);
    match &format.element {
        ElementType::Scalar(component)
        | ElementType::Vector(component, _)
        | ElementType::Matrix(component, _) => write_component(out, *component),
        ElementType::Enum(id) => out.text(id),
        ElementType::String | ElementType::Boolean => {}
    }
    out.option(format.array.as_ref(), |out, count| out.u64(*count as u64));
    out.bool(format.normalized);
    out.pods(&format.scale);
    out.pods(&format.offset);
    out.option(format.no_data.as_ref(), features::write_value);
    out.option(format.default.as_ref(), features::write_value);
    out.option(format.enumeration.as_ref(), |out, enumeration| {
        write_component(out, enumeration.value_type);
        features::write_names(out, &enumeration.names);
    });
}

fn read_format(input: &mut Reader<'_>) -> Result<ValueFormat, PreparedError> {
    let (kind, size) = (input.u8()?, usize::from(input.u8()?));
    let element = match (kind, size) {
        (0, 1) => ElementType::Scalar(read_component(input)?),
        (1, 2..=4) => ElementType::Vector(read_component(input)?, size),
        (2, 4 | 9 | 16) => ElementType::Matrix(read_component(input)?, size),
        (3, 1) => ElementType::String,
        (4, 1) => ElementType::Boolean,
        (5, 1) => ElementType::Enum(input.text()?),
        _ => return Err(input.fault("unknown type of value")),
    };
    let array = input.option(|input| {
        let count = usize::try_from(input.u64()?);
        count.map_err(|_| input.fault("an array is too long"))
    })?;
    Ok(ValueFormat {
        element,
        array,
        normalized: input.bool()?,
        scale: input.pods()?,
        offset: input.pods()?,
        no_data: input.option(|input| features::read_value(input, 0))?,
        default: input.option(|input| features::read_value(input, 0))?,
        enumeration: input.option(|input| {
            Ok(EnumType {
                value_type: read_component(input)?,
                names: features::read_names(input)?,
            })
        })?,
    })
}
