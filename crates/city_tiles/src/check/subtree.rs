//! Subtrees (3D Tiles 1.1, "Subtrees", "Availability"): structure, bits, and metadata references.

use serde_json::{Map, Value};

use super::basic::{self, Kind};
use super::report::Report;
use super::schema::State;
use super::{Checker, buffers, entity, extensions, property_table};
use crate::implicit::{Coord, Subtree, SubtreeDocument};
use crate::tileset::{ImplicitTiling, Subdivision};

impl Checker<'_> {
    /// Checks a subtree file; gives its availability where it can be used.
    pub(super) fn subtree_bytes(
        &mut self,
        r: &mut Report,
        path: &str,
        location: &str,
        bytes: Vec<u8>,
        tiling: &ImplicitTiling,
        schema: State,
    ) -> Option<Subtree> {
        self.subtrees += 1;
        let bits = tiling
            .subdivision
            .tiles_in(tiling.subtree_levels.saturating_add(1));
        if !self.step(r, path, bits.unwrap_or(u64::MAX)) {
            return None;
        }
        let is_binary = bytes.starts_with(b"subt");
        if is_binary && !check_header(r, path, location, &bytes) {
            return None;
        }
        let mut document = match SubtreeDocument::parse(&bytes, &self.options.limits) {
            Ok(document) => document,
            Err(error) => {
                let kind = if is_binary || bytes.first() == Some(&b'{') {
                    "JSON_PARSE_ERROR"
                } else {
                    "IO_ERROR"
                };
                r.add(
                    kind,
                    path,
                    format!("{}: {error}", crate::uri::short(location)),
                );
                return None;
            }
        };
        if !check_structure(r, path, document.json(), !is_binary, schema) {
            return None;
        }
        for (index, uri) in document.missing_buffers() {
            let read = crate::uri::resolve(location, &uri)
                .map_err(|e| e.to_string())
                .and_then(|at| self.read(&at));
            match read {
                Ok(bytes) => document.set_buffer(index, bytes),
                Err(cause) => {
                    r.add(
                        "IO_ERROR",
                        &format!("{path}/buffers/{index}"),
                        format!("{uri}: {cause}"),
                    );
                    return None;
                }
            }
        }
        if !check_lengths(r, path, document.json(), tiling) {
            return None;
        }
        match document.build(tiling.subdivision, tiling.subtree_levels) {
            Ok(subtree) => check_consistency(r, path, &subtree, tiling).then_some(subtree),
            Err(error) => {
                r.add(
                    "SUBTREE_AVAILABILITY_INCONSISTENT",
                    path,
                    format!("{}: {error}", crate::uri::short(location)),
                );
                None
            }
        }
    }
}

fn check_header(r: &mut Report, path: &str, location: &str, bytes: &[u8]) -> bool {
    let name = crate::uri::short(location);
    let word = |at: usize| {
        bytes
            .get(at..at + 8)
            .and_then(|b| b.try_into().ok())
            .map(u64::from_le_bytes)
    };
    let (Some(json), Some(binary)) = (word(8), word(16)) else {
        return r.add(
            "IO_ERROR",
            path,
            format!("{name}: it ends inside its header"),
        );
    };
    let version = bytes
        .get(4..8)
        .and_then(|b| b.try_into().ok())
        .map(u32::from_le_bytes);
    if version != Some(1) {
        return r.add(
            "BINARY_INVALID_VALUE",
            path,
            format!("{name}: its version is {version:?}, not 1"),
        );
    }
    for (what, length) in [("JSON", json), ("binary part", binary)] {
        if length % 8 != 0 {
            let what = format!("{name}: its {what} of {length} bytes is not a multiple of 8");
            return r.add("BINARY_INVALID_ALIGNMENT", path, what);
        }
    }
    let expected = json.checked_add(binary).and_then(|sum| sum.checked_add(24));
    expected == Some(bytes.len() as u64) || {
        let what = format!(
            "{name}: its header announces {expected:?} bytes, it has {}",
            bytes.len()
        );
        r.add("BINARY_INVALID_LENGTH", path, what)
    }
}

fn check_structure(
    r: &mut Report,
    path: &str,
    json: &Value,
    uri_required: bool,
    schema: State,
) -> bool {
    let Some(object) = basic::object(r, path, json) else {
        return false;
    };
    let mut good = extensions::root_property(r, path, object);
    good &= buffers::check(r, path, json, uri_required);
    let views = json
        .get("bufferViews")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    for key in ["tileAvailability", "childSubtreeAvailability"] {
        good &= basic::required(r, path, object, key)
            .is_some_and(|v| check_availability(r, &format!("{path}/{key}"), v, views, good));
    }
    if let Some(contents) = object.get("contentAvailability") {
        let path = format!("{path}/contentAvailability");
        good &= match basic::array(r, &path, contents, (1, usize::MAX), Some(Kind::Object)) {
            None => false,
            Some(list) => list.iter().enumerate().fold(true, |all, (i, v)| {
                check_availability(r, &format!("{path}/{i}"), v, views, good) && all
            }),
        };
    }
    good & check_metadata(r, path, object, views, schema)
}

fn check_availability(
    r: &mut Report,
    path: &str,
    value: &Value,
    views: usize,
    views_good: bool,
) -> bool {
    let Some(object) = basic::object(r, path, value) else {
        return false;
    };
    let mut good = true;
    if let Some(bitstream) = object.get("bitstream") {
        let below = if views_good {
            i64::try_from(views).ok()
        } else {
            None
        };
        good &= basic::integer(r, &format!("{path}/bitstream"), bitstream, 0, below).is_some();
    }
    if let Some(constant) = object.get("constant")
        && !matches!(constant.as_f64(), Some(0.0 | 1.0))
    {
        good = r.add(
            "VALUE_NOT_IN_LIST",
            &format!("{path}/constant"),
            format!("{constant} is neither 0 nor 1"),
        );
    }
    if let Some(count) = object.get("availableCount") {
        good &= basic::integer(r, &format!("{path}/availableCount"), count, 0, None).is_some();
    }
    match (
        object.contains_key("bitstream"),
        object.contains_key("constant"),
    ) {
        (true, true) => r.add(
            "ONE_OF_ERROR",
            path,
            "it has both 'bitstream' and 'constant'",
        ),
        (false, false) => r.add(
            "ANY_OF_ERROR",
            path,
            "it has neither 'bitstream' nor 'constant'",
        ),
        _ => good,
    }
}

fn check_metadata(
    r: &mut Report,
    path: &str,
    object: &Map<String, Value>,
    views: usize,
    schema: State,
) -> bool {
    let mut good = true;
    let mut tables = None;
    if let Some(value) = object.get("propertyTables") {
        let path = format!("{path}/propertyTables");
        let Some(list) = basic::array(r, &path, value, (1, usize::MAX), Some(Kind::Object)) else {
            return false;
        };
        tables = i64::try_from(list.len()).ok();
        match schema {
            State::Absent => {
                good = r.add(
                    "REQUIRED_VALUE_NOT_FOUND",
                    &path,
                    "there are property tables, but the tileset has no schema",
                );
            }
            State::Broken => {}
            State::Valid(schema) => {
                for (index, table) in list.iter().enumerate() {
                    good &=
                        property_table::check(r, &format!("{path}/{index}"), table, views, schema);
                }
            }
        }
    }
    let without = |r: &mut Report, key: &str| {
        r.add(
            "REQUIRED_VALUE_NOT_FOUND",
            path,
            format!("'{key}' refers to property tables, but there are none"),
        )
    };
    if let Some(value) = object.get("tileMetadata") {
        let at = format!("{path}/tileMetadata");
        good &= basic::integer(r, &at, value, 0, tables).is_some();
        good &= tables.is_some() || without(r, "tileMetadata");
    }
    if let Some(value) = object.get("contentMetadata") {
        let at = format!("{path}/contentMetadata");
        let Some(list) = basic::array(r, &at, value, (1, usize::MAX), Some(Kind::Number)) else {
            return false;
        };
        if tables.is_none() {
            return without(r, "contentMetadata");
        }
        // The number of contents limits the list, not its values; a value beyond the tables is told once.
        for (index, value) in list.iter().enumerate() {
            good &= basic::integer(r, &format!("{at}/{index}"), value, 0, tables).is_some();
        }
    }
    if let Some(metadata) = object.get("subtreeMetadata") {
        good &= entity::check(r, path, "subtreeMetadata", metadata, schema);
    }
    good
}

/// Rows of availability: where they are in the JSON and how many bits they have.
fn rows<'a>(json: &'a Value, tiling: &ImplicitTiling) -> Vec<(String, &'a Value, u64)> {
    let tiles = tiling
        .subdivision
        .tiles_in(tiling.subtree_levels)
        .unwrap_or(0);
    let children = u64::from(tiling.subdivision.branching()).saturating_pow(tiling.subtree_levels);
    let mut rows = Vec::new();
    let mut add = |key: &str, value: Option<&'a Value>, bits: u64| {
        if let Some(value) = value {
            rows.push((key.to_owned(), value, bits));
        }
    };
    add("tileAvailability", json.get("tileAvailability"), tiles);
    let contents = json.get("contentAvailability").and_then(Value::as_array);
    for (index, value) in contents.into_iter().flatten().enumerate() {
        add(&format!("contentAvailability/{index}"), Some(value), tiles);
    }
    add(
        "childSubtreeAvailability",
        json.get("childSubtreeAvailability"),
        children,
    );
    rows
}

/// Each bitstream has exactly the bytes for its bits, and each count fits.
fn check_lengths(r: &mut Report, path: &str, json: &Value, tiling: &ImplicitTiling) -> bool {
    let mut good = true;
    for (key, value, bits) in rows(json, tiling) {
        let at = format!("{path}/{key}");
        let view = value
            .get("bitstream")
            .and_then(Value::as_u64)
            .and_then(|v| json.get("bufferViews")?.get(v as usize));
        let length = view
            .and_then(|v| v.get("byteLength"))
            .and_then(Value::as_u64);
        let needed = bits.div_ceil(8);
        if let Some(length) = length.filter(|l| *l != needed) {
            let what = format!("{bits} bits are {needed} bytes, the bitstream has {length}");
            good = r.add("SUBTREE_AVAILABILITY_INCONSISTENT", &at, what);
        }
        if let Some(count) = value
            .get("availableCount")
            .and_then(Value::as_u64)
            .filter(|c| *c > bits)
        {
            good = r.add(
                "SUBTREE_AVAILABILITY_INCONSISTENT",
                &at,
                format!("{count} are more than the {bits} there can be"),
            );
        }
    }
    good
}

/// Counts say what the bits say; no tile without its parent, no content or child subtree without its tile.
fn check_consistency(
    r: &mut Report,
    path: &str,
    subtree: &Subtree,
    tiling: &ImplicitTiling,
) -> bool {
    let mut good = true;
    for warning in subtree
        .warnings
        .iter()
        .filter(|w| w.contains("availableCount"))
    {
        good = r.add("SUBTREE_AVAILABILITY_INCONSISTENT", path, warning.as_str());
    }
    let subdivision = tiling.subdivision;
    let mut told = [false; 3];
    let mut tell = |r: &mut Report, which: usize, at: Coord, what: &str| {
        if let Some(told) = told.get_mut(which).filter(|t| !**t) {
            *told = true;
            r.add(
                "SUBTREE_AVAILABILITY_INCONSISTENT",
                path,
                format!("{at}: {what}"),
            );
        }
    };
    let contents = subtree.content_rows();
    for level in 0..=tiling.subtree_levels {
        let count = u64::from(subdivision.branching()).saturating_pow(level);
        for morton in 0..count {
            let at = Coord::from_morton(level, morton, subdivision);
            let parent = level == 0
                || subtree.tile(Coord {
                    level: level - 1,
                    x: at.x / 2,
                    y: at.y / 2,
                    z: half_z(at, subdivision),
                });
            if level == tiling.subtree_levels {
                if subtree.child_subtree(at) && !parent {
                    tell(
                        r,
                        2,
                        at,
                        "this child subtree exists, but its parent tile does not",
                    );
                }
                continue;
            }
            if subtree.tile(at) && !parent {
                tell(r, 0, at, "this tile exists, but its parent does not");
            }
            if !subtree.tile(at) && (0..contents).any(|c| subtree.content_bit(at, c)) {
                tell(r, 1, at, "this content exists, but its tile does not");
            }
        }
    }
    good & !told.contains(&true)
}

fn half_z(at: Coord, subdivision: Subdivision) -> u32 {
    if subdivision == Subdivision::Octree {
        at.z / 2
    } else {
        0
    }
}
