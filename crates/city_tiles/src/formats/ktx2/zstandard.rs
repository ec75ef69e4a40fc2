//! Zstandard supercompression: one frame, whose result's length is known.

use super::Wrong;
use std::io::Read;

/// Windows of at least this many bytes are allowed: encoders choose them without looking at the
/// image's size.
const WINDOW: u64 = 8 << 20;

/// Decompresses `length` bytes.
pub(super) fn decode(bytes: &[u8], length: usize) -> Result<Vec<u8>, Wrong> {
    let wrong = "its Zstandard level does not decompress";
    // The decoder reserves the window that the frame asks for before it reads anything.
    let window = window(bytes).ok_or(wrong)?;
    if window > WINDOW.max(length as u64) {
        return Err("its Zstandard window is larger than the image");
    }
    let mut plain = Vec::new();
    let decoder = ruzstd::decoding::StreamingDecoder::new(bytes).map_err(|_| wrong)?;
    decoder
        .take(length as u64)
        .read_to_end(&mut plain)
        .map_err(|_| wrong)?;
    if plain.len() == length {
        Ok(plain)
    } else {
        Err("its level is too short")
    }
}

/// The window size of a frame (RFC 8878, 3.1.1.1).
fn window(bytes: &[u8]) -> Option<u64> {
    let rest = bytes.strip_prefix(&[0x28, 0xB5, 0x2F, 0xFD])?;
    let (descriptor, rest) = rest.split_first()?;
    let single_segment = descriptor & 0x20 != 0;
    if !single_segment {
        let code = rest.first()?;
        let base = 1_u64 << (10 + (code >> 3));
        return Some(base + base / 8 * u64::from(code & 7));
    }
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let size = [1, 2, 4, 8][usize::from(descriptor >> 6)];
    let field = rest.get(dictionary..dictionary + size)?;
    let number = field
        .iter()
        .rev()
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    Some(if size == 2 { number + 256 } else { number })
}
