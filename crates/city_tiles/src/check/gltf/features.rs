//! Feature ids (`EXT_mesh_features`, `EXT_instance_features`): their definition, and the ids themselves.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Gltf;
use super::metadata;
use crate::check::basic::{self, Kind};
use crate::check::extensions;
use crate::check::report::Report;

/// Checks the extension of one primitive or node.
pub(super) fn check(
    r: &mut Report,
    gltf: &Gltf,
    path: &str,
    extension: &Value,
    attributes: Option<&Value>,
) {
    let Some(object) = basic::object(r, path, extension) else {
        return;
    };
    let Some(ids) = basic::required(r, path, object, "featureIds") else {
        return;
    };
    let path = format!("{path}/featureIds");
    let Some(ids) = basic::array(r, &path, ids, (1, usize::MAX), Some(Kind::Object)) else {
        return;
    };
    for (index, id) in ids.iter().enumerate() {
        if let Some(id) = id.as_object() {
            check_set(r, gltf, &format!("{path}/{index}"), id, attributes);
        }
    }
}

fn check_set(
    r: &mut Report,
    gltf: &Gltf,
    path: &str,
    set: &Map<String, Value>,
    attributes: Option<&Value>,
) -> bool {
    let mut good = extensions::root_property(r, path, set);
    let count = basic::required(r, path, set, "featureCount")
        .and_then(|c| basic::integer(r, &format!("{path}/featureCount"), c, 1, None));
    let null = match set.get("nullFeatureId") {
        None => None,
        Some(value) => {
            let null = basic::integer(r, &format!("{path}/nullFeatureId"), value, 0, None);
            good &= null.is_some();
            null
        }
    };
    if let Some(label) = set.get("label") {
        let path = format!("{path}/label");
        good &=
            basic::string(r, &path, label).is_some_and(|label| basic::identifier(r, &path, label));
    }
    let table_count = match set.get("propertyTable") {
        None => None,
        Some(table) => match table_rows(r, gltf, &format!("{path}/propertyTable"), table) {
            Some(rows) => rows,
            None => return false,
        },
    };
    let Some(count) = count.filter(|_| good) else {
        return false;
    };
    let ids = match (set.get("attribute"), set.get("texture")) {
        (Some(attribute), _) => {
            from_attribute(r, gltf, &format!("{path}/attribute"), attribute, attributes)
        }
        (None, Some(texture)) => {
            from_texture(r, gltf, &format!("{path}/texture"), texture, attributes)
        }
        // Implicit: each vertex is its own feature.
        (None, None) => return true,
    };
    let Some(mut ids) = ids else { return false };
    if let Some(null) = null {
        ids.remove(&(null as u64));
    }
    if ids.len() as u64 > count as u64 {
        let what = format!(
            "there are {} different features, 'featureCount' says {count}",
            ids.len()
        );
        good = r.add("FEATURE_COUNT_MISMATCH", path, what);
    }
    if let (Some(rows), Some(last)) = (table_count, ids.last())
        && *last >= rows
    {
        good = r.add(
            "VALUE_NOT_IN_RANGE",
            path,
            format!("feature {last} is beyond its property table of {rows} rows"),
        );
    }
    good
}

/// The rows of the table that a set refers to; `Some(None)` where the table is broken and has been told.
fn table_rows(r: &mut Report, gltf: &Gltf, path: &str, table: &Value) -> Option<Option<u64>> {
    let tables = gltf
        .json
        .get("extensions")
        .and_then(|e| e.get(metadata::NAME))
        .and_then(|m| m.get("propertyTables"));
    let Some(tables) = tables.and_then(Value::as_array) else {
        let what = "it refers to a property table, but the file has none";
        r.add("INVALID_GLTF_STRUCTURE", path, what);
        return None;
    };
    let below = i64::try_from(tables.len()).ok();
    let number = basic::integer(r, path, table, 0, below)?;
    Some(
        tables
            .get(number as usize)
            .and_then(|t| t.get("count"))
            .and_then(Value::as_u64),
    )
}

fn from_attribute(
    r: &mut Report,
    gltf: &Gltf,
    path: &str,
    attribute: &Value,
    attributes: Option<&Value>,
) -> Option<BTreeSet<u64>> {
    let number = basic::integer(r, path, attribute, 0, None)?;
    let name = format!("_FEATURE_ID_{number}");
    let Some(accessor) = attributes
        .and_then(|a| a.get(&name))
        .and_then(Value::as_u64)
    else {
        r.add(
            "IDENTIFIER_NOT_FOUND",
            path,
            format!("there is no attribute {name}"),
        );
        return None;
    };
    let accessor = accessor as usize;
    let definition = gltf.accessor(accessor);
    let plain = definition.is_some_and(|a| {
        a.get("type").and_then(Value::as_str) == Some("SCALAR")
            && a.get("normalized") != Some(&Value::Bool(true))
    });
    if !plain {
        r.add(
            "INVALID_GLTF_STRUCTURE",
            path,
            format!("{name} must be SCALAR and not normalised"),
        );
        return None;
    }
    let numbers = gltf.numbers(accessor).unwrap_or_default();
    Some(numbers.into_iter().map(|n| n as u64).collect())
}

fn from_texture(
    r: &mut Report,
    gltf: &Gltf,
    path: &str,
    texture: &Value,
    attributes: Option<&Value>,
) -> Option<BTreeSet<u64>> {
    let object = basic::object(r, path, texture)?;
    let texture = check_texture(r, gltf, path, object, attributes)?;
    let channels = texture_channels(r, path, object)?;
    let pixels = match gltf.pixels(texture) {
        Ok(Some(pixels)) => pixels,
        Ok(None) => return Some(BTreeSet::new()),
        Err(cause) => {
            r.add(
                "IO_ERROR",
                path,
                format!("its image cannot be read: {cause}"),
            );
            return None;
        }
    };
    if channels.len() > pixels.channels || channels.iter().any(|c| *c >= pixels.channels) {
        let what = format!(
            "channels {channels:?} of an image that has {}",
            pixels.channels
        );
        r.add(
            "TEXTURE_CHANNELS_OUT_OF_RANGE",
            &format!("{path}/channels"),
            what,
        );
        return None;
    }
    let id = |pixel: &[u8]| {
        channels.iter().enumerate().fold(0u64, |id, (shift, c)| {
            id | u64::from(pixel.get(*c).copied().unwrap_or(0)) << (8 * shift.min(7))
        })
    };
    Some(pixels.rgba.chunks_exact(4).map(id).collect())
}

/// `index` and `texCoord` of a texture reference.
pub(super) fn check_texture(
    r: &mut Report,
    gltf: &Gltf,
    path: &str,
    object: &Map<String, Value>,
    attributes: Option<&Value>,
) -> Option<usize> {
    let below = i64::try_from(gltf.count("textures")).ok();
    let index = basic::required(r, path, object, "index")?;
    let index = basic::integer(r, &format!("{path}/index"), index, 0, below)?;
    let tex_coord = match object.get("texCoord") {
        None => 0,
        Some(value) => basic::integer(r, &format!("{path}/texCoord"), value, 0, None)?,
    };
    let name = format!("TEXCOORD_{tex_coord}");
    if attributes.is_some_and(|a| a.get(&name).is_none()) {
        r.add(
            "IDENTIFIER_NOT_FOUND",
            path,
            format!("there is no attribute {name}"),
        );
        return None;
    }
    usize::try_from(index).ok()
}

/// `channels` of a texture reference; the first one where absent.
pub(super) fn texture_channels(
    r: &mut Report,
    path: &str,
    object: &Map<String, Value>,
) -> Option<Vec<usize>> {
    let Some(channels) = object.get("channels") else {
        return Some(vec![0]);
    };
    let path = format!("{path}/channels");
    let list = basic::array(r, &path, channels, (1, usize::MAX), Some(Kind::Number))?;
    let mut out = Vec::with_capacity(list.len());
    for (index, channel) in list.iter().enumerate() {
        let channel = basic::integer(r, &format!("{path}/{index}"), channel, 0, None)?;
        out.push(usize::try_from(channel).ok()?);
    }
    Some(out)
}
