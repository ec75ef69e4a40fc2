//! What a mesh primitive takes of `EXT_structural_metadata`: property textures and attributes, and their values.

use serde_json::Value;

use super::metadata::NAME;
use super::values::{Range, stored_size};
use super::{Gltf, data, features};
use crate::check::basic::{self, Kind};
use crate::check::report::Report;
use crate::check::value::{Type, numbers_of};

/// Checks a primitive's extension object. `schema` is present where the top-level object is in order.
pub(super) fn check(
    r: &mut Report,
    gltf: &Gltf,
    path: &str,
    extension: &Value,
    attributes: Option<&Value>,
    top: Option<&Value>,
    schema: Option<&Value>,
) {
    let Some(object) = basic::object(r, path, extension) else {
        return;
    };
    let Some(top) = top else {
        r.add(
            "INVALID_GLTF_STRUCTURE",
            path,
            format!("the file has no top-level {NAME}"),
        );
        return;
    };
    for key in ["propertyTextures", "propertyAttributes"] {
        let Some(list) = object.get(key) else {
            continue;
        };
        let path = format!("{path}/{key}");
        let Some(list) = basic::array(r, &path, list, (1, usize::MAX), Some(Kind::Number)) else {
            continue;
        };
        let definitions = top.get(key).and_then(Value::as_array);
        let below = i64::try_from(definitions.map_or(0, Vec::len)).ok();
        for (index, number) in list.iter().enumerate() {
            let path = format!("{path}/{index}");
            let Some(number) = basic::integer(r, &path, number, 0, below) else {
                continue;
            };
            let definition = definitions.and_then(|d| d.get(number as usize));
            let (Some(definition), Some(schema)) = (definition, schema) else {
                continue;
            };
            check_one(r, gltf, &path, key, definition, attributes, schema);
        }
    }
}

fn check_one(
    r: &mut Report,
    gltf: &Gltf,
    path: &str,
    key: &str,
    definition: &Value,
    attributes: Option<&Value>,
    schema: &Value,
) {
    let class = definition
        .get("class")
        .and_then(Value::as_str)
        .and_then(|c| schema.get("classes")?.get(c));
    let properties = definition.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let path = format!("{path}/{name}");
        let Some(class_property) = class.and_then(|c| c.get("properties")?.get(name)) else {
            continue;
        };
        let Some(of) = Type::of(class_property, schema) else {
            continue;
        };
        let Some(range) = Range::of(class_property, property, &of, schema) else {
            continue;
        };
        let rows = if key == "propertyAttributes" {
            from_attribute(r, gltf, &path, property, attributes)
        } else {
            from_texture(
                r,
                gltf,
                &path,
                property,
                attributes,
                &of,
                schema,
                class_property,
            )
        };
        if let Some((rows, per_row)) = rows {
            range.check(r, &path, &rows, per_row);
        }
    }
}

fn from_attribute(
    r: &mut Report,
    gltf: &Gltf,
    path: &str,
    property: &Value,
    attributes: Option<&Value>,
) -> Option<(Vec<f64>, usize)> {
    let name = property.get("attribute").and_then(Value::as_str)?;
    let Some(accessor) = attributes.and_then(|a| a.get(name)).and_then(Value::as_u64) else {
        r.add(
            "IDENTIFIER_NOT_FOUND",
            path,
            format!("there is no attribute {name}"),
        );
        return None;
    };
    let per_row = gltf
        .accessor(accessor as usize)?
        .get("type")
        .and_then(Value::as_str)
        .and_then(numbers_of)?;
    Some((gltf.numbers(accessor as usize)?, per_row))
}

fn from_texture(
    r: &mut Report,
    gltf: &Gltf,
    path: &str,
    property: &Value,
    attributes: Option<&Value>,
    of: &Type,
    schema: &Value,
    class_property: &Value,
) -> Option<(Vec<f64>, usize)> {
    let object = property.as_object()?;
    let texture = features::check_texture(r, gltf, path, object, attributes)?;
    let channels = features::texture_channels(r, path, object)?;
    let pixels = match gltf.pixels(texture) {
        Ok(pixels) => pixels?,
        Err(cause) => {
            r.add(
                "IO_ERROR",
                path,
                format!("its image cannot be read: {cause}"),
            );
            return None;
        }
    };
    if channels.iter().any(|c| *c >= pixels.channels) {
        let what = format!(
            "channels {channels:?} of an image that has {}",
            pixels.channels
        );
        r.add("TEXTURE_CHANNELS_OUT_OF_RANGE", path, what);
        return None;
    }
    let (component, per_row) = stored_size(of, schema, class_property)?;
    let size = data::size_of_component(component)?;
    if size.checked_mul(per_row) != Some(channels.len()) {
        let what = format!(
            "{per_row} × {component} do not fit {} channels",
            channels.len()
        );
        r.add("TEXTURE_CHANNELS_SIZE_MISMATCH", path, what);
        return None;
    }
    let mut rows = Vec::new();
    let mut stored = Vec::with_capacity(channels.len());
    for pixel in pixels.rgba.chunks_exact(4) {
        stored.clear();
        stored.extend(channels.iter().map(|c| pixel.get(*c).copied().unwrap_or(0)));
        for number in stored.chunks_exact(size) {
            rows.push(data::number_at(number, component)?);
        }
    }
    Some((rows, per_row))
}
