//! GLB and glTF JSON: finding the JSON and the binary part.
//!
//! Clauses: glTF 2.0, 4 "GLB File Format".

use super::document::Document;
use crate::formats::bytes::{json, slice, u32_at};
use crate::formats::error::{DecodeErrorKind, Fault};
use serde_json::Value;

const JSON: u32 = 0x4E4F_534A;
const BIN: u32 = 0x004E_4942;

/// Whether bytes are a GLB, of any version.
#[must_use]
pub fn is_glb(bytes: &[u8]) -> bool {
    bytes.starts_with(b"glTF")
}

/// Whether bytes may be glTF's JSON: an object.
#[must_use]
pub fn is_gltf_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// The JSON, and the GLB's binary part where there is one.
pub(super) fn parts(bytes: &[u8]) -> Result<(Value, Option<&[u8]>), Fault> {
    let (text, binary) = if is_glb(bytes) {
        chunks(bytes)?
    } else {
        (bytes, None)
    };
    let mut value = json(text, "glTF JSON")?;
    whole_numbers(&mut value);
    Ok((value, binary))
}

/// A GLB of these parts; the binary one is left out where it is empty. `None` where it would be longer than a GLB can
/// say (4 GiB).
pub(super) fn glb(json: &Value, binary: &[u8]) -> Option<Vec<u8>> {
    let mut text = json.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    let padded = binary.len().next_multiple_of(4);
    let chunk = if binary.is_empty() { 0 } else { 8 + padded };
    let length = u32::try_from(12 + 8 + text.len() + chunk).ok()?;
    let mut bytes = Vec::with_capacity(length as usize);
    bytes.extend_from_slice(b"glTF");
    bytes.extend_from_slice(&2_u32.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(text.len()).ok()?.to_le_bytes());
    bytes.extend_from_slice(&JSON.to_le_bytes());
    bytes.extend_from_slice(&text);
    if !binary.is_empty() {
        bytes.extend_from_slice(&u32::try_from(padded).ok()?.to_le_bytes());
        bytes.extend_from_slice(&BIN.to_le_bytes());
        bytes.extend_from_slice(binary);
        bytes.resize(length as usize, 0);
    }
    Some(bytes)
}

/// The document, and the GLB's binary part where there is one.
pub(super) fn open(bytes: &[u8]) -> Result<(Document, Option<&[u8]>), Fault> {
    let (value, binary) = parts(bytes)?;
    let version = value.get("asset").and_then(|asset| asset.get("version"));
    match version.and_then(Value::as_str) {
        // Some early exporters wrote the version as a number; 2.x stays readable by promise.
        Some(version) if version.starts_with("2.") => {}
        other => {
            let found = match (other, version) {
                (Some(text), _) => format!("glTF {text}"),
                // glTF 1.0 keeps its objects in dictionaries, and may have no asset.
                _ if value.get("meshes").is_some_and(Value::is_object) => "glTF 1.0".to_owned(),
                _ => {
                    return Err(Fault::invalid(
                        "asset.version",
                        "missing: this is no glTF 2.0",
                    ));
                }
            };
            return Err(Fault::new(
                "asset.version",
                DecodeErrorKind::UnsupportedVersion(found),
            ));
        }
    }
    Ok((Document::from_json(value)?, binary))
}

/// Turns 3.0 into 3: some exporters write every number as a float, and the standard lets them
/// (glTF 2.0, 2.7.1.1 "JSON Encoding").
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let float = number.as_f64().unwrap_or(f64::NAN);
            if float.fract() == 0.0 && float.abs() < 9.0e15 {
                *value = Value::from(float as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(entries) => entries.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

fn chunks(bytes: &[u8]) -> Result<(&[u8], Option<&[u8]>), Fault> {
    let place = "GLB header";
    let version = u32_at(bytes, 4, place)?;
    if version != 2 {
        let found = format!("glTF {version}.0 (binary)");
        return Err(Fault::new(
            place,
            DecodeErrorKind::UnsupportedVersion(found),
        ));
    }
    // Bytes after the length are padding of whatever the GLB lies in.
    let length = u32_at(bytes, 8, place)? as usize;
    let bytes = slice(bytes, 0, length, place)?;
    let (mut text, mut binary) = (None, None);
    let mut at = 12;
    while at + 8 <= bytes.len() {
        let length = u32_at(bytes, at, "GLB chunk")? as usize;
        let kind = u32_at(bytes, at + 4, "GLB chunk")?;
        let chunk = slice(bytes, at + 8, length, "GLB chunk")?;
        match kind {
            JSON if text.is_none() => text = Some(chunk),
            BIN if binary.is_none() => binary = Some(chunk),
            _ => {} // unknown chunks are to be skipped
        }
        at += 8 + length;
    }
    let text = text.ok_or_else(|| Fault::invalid("GLB", "has no JSON chunk"))?;
    Ok((text, binary))
}
