//! Reading numbers and ranges out of bytes that may be shorter than they say.

use super::error::{DecodeErrorKind, Fault};

/// The little-endian u32 at an offset.
pub(super) fn u32_at(bytes: &[u8], at: usize, place: &str) -> Result<u32, Fault> {
    let raw = slice(bytes, at, 4, place)?;
    let mut fixed = [0; 4];
    fixed.copy_from_slice(raw);
    Ok(u32::from_le_bytes(fixed))
}

/// `length` bytes from an offset.
pub(super) fn slice<'a>(
    bytes: &'a [u8],
    at: usize,
    length: usize,
    place: &str,
) -> Result<&'a [u8], Fault> {
    let end = at.checked_add(length);
    end.and_then(|end| bytes.get(at..end)).ok_or_else(|| {
        let need = (at as u64).saturating_add(length as u64);
        Fault::new(
            place,
            DecodeErrorKind::Truncated {
                need,
                have: bytes.len() as u64,
            },
        )
    })
}

/// JSON with what producers put around it: a byte order mark, and padding by spaces or zeros.
pub(super) fn json(bytes: &[u8], place: &str) -> Result<serde_json::Value, Fault> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    serde_json::from_slice(&bytes[..end])
        .map_err(|e| Fault::new(place, DecodeErrorKind::Json(e.to_string())))
}
