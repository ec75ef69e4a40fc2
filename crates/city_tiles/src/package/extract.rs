//! An entry's bytes: its local header, decompression, checksum.

use super::error::{Fault, PackageErrorKind, limit};
use super::zip::{self, Stored};
use super::{Entry, PackageLimits, directory};
use std::io::Read;

/// Little files may be of any ratio.
const FREE_BYTES: u64 = 1 << 20;

/// The uncompressed bytes of an entry; `bytes` are those of its range.
pub(super) fn extract(
    entry: &Entry,
    bytes: &[u8],
    limits: &PackageLimits,
) -> Result<Vec<u8>, Fault> {
    let place = entry.path.as_str();
    let local = zip::local(bytes, place)?;
    let name = String::from_utf8_lossy(local.name);
    if directory::normalize(&name).as_deref() != Some(place) {
        let what = format!("the entry there is called {:?}", crate::uri::short(&name));
        return Err(Fault::damaged(place, what));
    }
    let stored = entry.stored.unwrap_or(local.stored);
    let unsupported =
        |what: &str| Fault::new(place, PackageErrorKind::Unsupported(what.to_owned()));
    if (stored.flags | local.stored.flags) & 1 != 0 {
        return Err(unsupported("encryption"));
    }
    if entry.stored.is_none() && stored.flags & 8 != 0 && stored.compressed == 0 {
        return Err(unsupported("a local header without sizes"));
    }
    let data = usize::try_from(stored.compressed)
        .ok()
        .and_then(|length| bytes.get(local.data_at..local.data_at.checked_add(length)?))
        .ok_or_else(|| {
            let what = format!("{} bytes reach into what follows", stored.compressed);
            Fault::damaged(place, what)
        })?;
    decompress(place, data, stored, limits)
}

/// Decompresses under the limits, and holds the outcome to what the header says.
pub(super) fn decompress(
    place: &str,
    data: &[u8],
    stored: Stored,
    limits: &PackageLimits,
) -> Result<Vec<u8>, Fault> {
    let size = stored.uncompressed;
    limit(place, "bytes", size, limits.max_entry_bytes)?;
    let most = FREE_BYTES.max((data.len() as u64).saturating_mul(limits.max_ratio));
    limit(place, "bytes out of so few", size, most)?;
    let out = match stored.method {
        0 => data.to_vec(),
        8 => inflate(flate2::read::DeflateDecoder::new(data), size, place)?,
        93 => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(data)
                .map_err(|e| Fault::damaged(place, format!("Zstandard: {e}")))?;
            inflate(decoder, size, place)?
        }
        other => {
            let what = format!("compression method {other}");
            return Err(Fault::new(place, PackageErrorKind::Unsupported(what)));
        }
    };
    if out.len() as u64 != size {
        let what = format!("{} bytes came out where {size} are said", out.len());
        return Err(Fault::damaged(place, what));
    }
    let mut crc = flate2::Crc::new();
    crc.update(&out);
    if crc.sum() != stored.crc32 {
        return Err(Fault::damaged(place, "its checksum is another"));
    }
    Ok(out)
}

fn inflate(decoder: impl Read, size: u64, place: &str) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    // One byte more than said shows that more would come.
    decoder
        .take(size.saturating_add(1))
        .read_to_end(&mut out)
        .map_err(|e| Fault::damaged(place, format!("it does not decompress: {e}")))?;
    Ok(out)
}
