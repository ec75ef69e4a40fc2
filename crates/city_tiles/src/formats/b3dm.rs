//! Batched 3D models of 3D Tiles 1.0: a GLB with a feature table and a batch table before it.
//!
//! Clauses: 3D Tiles 1.0, 9 "Feature Table", 10.1 "Batched 3D Model", 11 "Batch Table". The two
//! headers of before 1.0 (20 and 24 bytes) are read too.

use super::Input;
use super::bytes::{json, slice, u32_at};
use super::error::{DecodeErrorKind, Fault};
use super::gltf::{self, Batch};
use crate::metadata::batch_table;
use crate::prepared::PreparedTile;
use glam::DVec3;
use serde_json::Value;

/// What four bytes read as where a legacy header has JSON or a GLB, and a real one a length.
const NO_LENGTH: u32 = 570_425_344; // "\0\0\0\"" as a number, the reference implementation's mark

/// Whether bytes are a b3dm.
#[must_use]
pub fn is_b3dm(bytes: &[u8]) -> bool {
    bytes.starts_with(b"b3dm")
}

struct Parts<'a> {
    feature_json: &'a [u8],
    feature_binary: &'a [u8],
    batch_json: &'a [u8],
    batch_binary: &'a [u8],
    /// Known from a legacy header; otherwise in the feature table.
    batch_length: Option<u32>,
    model: &'a [u8],
}

fn parts(bytes: &[u8]) -> Result<Parts<'_>, Fault> {
    let place = "b3dm header";
    let version = u32_at(bytes, 4, place)?;
    if version != 1 {
        return Err(Fault::new(
            place,
            DecodeErrorKind::UnsupportedVersion(format!("b3dm {version}")),
        ));
    }
    // The length may leave out padding, or count more than there is; only the parts must be there.
    let length = u32_at(bytes, 8, place)? as usize;
    let bytes = bytes.get(..length).unwrap_or(bytes);
    let word = |index: usize| u32_at(bytes, 12 + index * 4, place);
    let words = [word(0)?, word(1)?, word(2)?];
    let (start, lengths, batch_length) = if words[2] >= NO_LENGTH {
        // 20 bytes: batchLength, batchTableByteLength; then JSON or the GLB.
        (20, [0, 0, words[1], 0], Some(words[0]))
    } else if word(3).is_ok_and(|word| word >= NO_LENGTH) {
        // 24 bytes: batchTableJsonByteLength, batchTableBinaryByteLength, batchLength.
        (24, [0, 0, words[0], words[1]], Some(words[2]))
    } else {
        (28, [words[0], words[1], words[2], word(3)?], None)
    };
    let mut at = start;
    let mut next = |length: u32, place: &str| {
        let part = slice(bytes, at, length as usize, place)?;
        at += length as usize;
        Ok::<_, Fault>(part)
    };
    Ok(Parts {
        feature_json: next(lengths[0], "feature table JSON")?,
        feature_binary: next(lengths[1], "feature table binary")?,
        batch_json: next(lengths[2], "batch table JSON")?,
        batch_binary: next(lengths[3], "batch table binary")?,
        batch_length,
        model: bytes.get(at..).unwrap_or_default(),
    })
}

fn table_json(bytes: &[u8], place: &str) -> Result<Value, Fault> {
    if bytes.iter().all(|byte| matches!(byte, 0 | b' ')) {
        return Ok(Value::Null);
    }
    json(bytes, place)
}

/// A feature table's number or vector: in the JSON, or in the binary part at `byteOffset`.
fn numbers(
    json: &Value,
    binary: &[u8],
    place: &str,
    count: usize,
    float: bool,
) -> Result<Vec<f64>, Fault> {
    if let Some(offset) = json.get("byteOffset") {
        let offset = offset
            .as_u64()
            .and_then(|offset| usize::try_from(offset).ok());
        let offset =
            offset.ok_or_else(|| Fault::invalid(place, "byteOffset must be a whole number"))?;
        let raw = slice(binary, offset, count * 4, place)?;
        let each = raw.chunks_exact(4).map(|raw| u32_at(raw, 0, place));
        return each
            .map(|word| {
                Ok(if float {
                    f64::from(f32::from_bits(word?))
                } else {
                    f64::from(word?)
                })
            })
            .collect();
    }
    let list = match json {
        Value::Array(items) => items.iter().map(Value::as_f64).collect::<Option<Vec<_>>>(),
        other => other.as_f64().map(|number| vec![number]),
    };
    list.filter(|list| list.len() == count)
        .ok_or_else(|| Fault::invalid(place, format!("must be {count} number(s)")))
}

fn model_input<'a>(input: &Input<'a>, parts: &Parts<'a>) -> Result<Input<'a>, Fault> {
    if parts.model.is_empty() {
        return Err(Fault::new(
            "model",
            DecodeErrorKind::Truncated {
                need: input.bytes.len() as u64 + 12,
                have: input.bytes.len() as u64,
            },
        ));
    }
    if !gltf::is_glb(parts.model) {
        let start =
            String::from_utf8_lossy(parts.model.get(..4).unwrap_or(parts.model)).into_owned();
        let kind = DecodeErrorKind::NotTileContent(format!("the model starts with {start:?}"));
        return Err(Fault::new("model", kind));
    }
    Ok(Input {
        bytes: parts.model,
        ..*input
    })
}

pub(super) fn external(input: &Input<'_>) -> Result<Vec<String>, Fault> {
    gltf::external(&model_input(input, &parts(input.bytes)?)?)
}

pub(super) fn decode(input: &Input<'_>) -> Result<PreparedTile, Fault> {
    let parts = parts(input.bytes)?;
    let model = model_input(input, &parts)?;
    let features = table_json(parts.feature_json, "feature table JSON")?;
    let mut warnings = Vec::new();
    let batch_length = match (features.get("BATCH_LENGTH"), parts.batch_length) {
        (Some(json), _) => {
            let number = numbers(
                json,
                parts.feature_binary,
                "feature table BATCH_LENGTH",
                1,
                false,
            )?;
            number.first().map_or(0, |number| *number as usize)
        }
        (None, Some(length)) => length as usize,
        (None, None) => {
            warnings
                .push("the b3dm has no BATCH_LENGTH: its features cannot be told apart".to_owned());
            0
        }
    };
    super::error::limit(
        "feature table BATCH_LENGTH",
        "features",
        batch_length,
        input.options.max_features,
    )?;
    let rtc_center = match features.get("RTC_CENTER") {
        None => DVec3::ZERO,
        Some(json) => {
            let place = "feature table RTC_CENTER";
            let center = numbers(json, parts.feature_binary, place, 3, true)?;
            let center = DVec3::from_slice(&center);
            if !center.is_finite() {
                return Err(Fault::invalid(place, "is not finite"));
            }
            center
        }
    };
    let json = table_json(parts.batch_json, "batch table JSON")?;
    let table = if json.is_null() || batch_length == 0 {
        None
    } else {
        let limit = input.options.max_features;
        match batch_table(
            &json,
            parts.batch_binary,
            batch_length,
            limit,
            &mut warnings,
        ) {
            Ok(table) => Some(table),
            Err(fault) => {
                warnings.push(fault.to_string());
                None
            }
        }
    };
    let batch = Batch {
        rtc_center,
        count: batch_length as u32,
        table,
    };
    let mut tile = gltf::decode_batched(&model, batch)?;
    warnings.append(&mut tile.warnings);
    tile.warnings = warnings;
    Ok(tile)
}
