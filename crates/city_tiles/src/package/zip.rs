//! The records of a ZIP file that reading needs (APPNOTE 6.3.9, 4.3), with ZIP64.

use super::error::{Fault, limit};

/// The end record without its comment.
pub(super) const END_BYTES: usize = 22;
/// A local header without name and extra field.
pub(super) const LOCAL_BYTES: u64 = 30;
const CENTRAL_BYTES: usize = 46;
const LOCATOR_BYTES: usize = 20;
/// The ZIP64 end record, without what may follow in it.
pub(super) const END64_BYTES: u64 = 56;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR: &[u8] = b"PK\x06\x07";

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let raw = bytes.get(at..at.checked_add(N)?)?;
    Some(
        raw.iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}

/// Where the central directory lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub entries: u64,
    pub start: u64,
    pub size: u64,
}

/// What the last bytes of the file say.
pub(super) enum Tail {
    End(End),
    /// The ZIP64 end record lies here.
    End64At(u64),
}

/// Finds the end record in the file's last bytes.
pub(super) fn find_end(tail: &[u8]) -> Option<Tail> {
    let last = tail.len().checked_sub(END_BYTES)?;
    // Backwards: the signature may also stand in a comment or in an entry.
    let at = (0..=last).rev().find(|&at| {
        tail[at..].starts_with(END)
            && number::<2>(tail, at + 20) == Some((tail.len() - at - END_BYTES) as u64)
    })?;
    let locator = at.checked_sub(LOCATOR_BYTES).and_then(|at| tail.get(at..));
    if let Some(locator) = locator.filter(|bytes| bytes.starts_with(LOCATOR)) {
        return Some(Tail::End64At(number::<8>(locator, 8)?));
    }
    Some(Tail::End(End {
        entries: number::<2>(tail, at + 10)?,
        size: number::<4>(tail, at + 12)?,
        start: number::<4>(tail, at + 16)?,
    }))
}

/// Reads the ZIP64 end record.
pub(super) fn end64(bytes: &[u8]) -> Option<End> {
    bytes.starts_with(END64).then_some(())?;
    Some(End {
        entries: number::<8>(bytes, 32)?,
        size: number::<8>(bytes, 40)?,
        start: number::<8>(bytes, 48)?,
    })
}

/// How an entry is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Compression: 0 stored, 8 deflate, 93 Zstandard.
    pub method: u16,
    /// General purpose flags: bit 0 encrypted, bit 3 sizes after the data.
    pub flags: u16,
    /// Checksum of the uncompressed bytes.
    pub crc32: u32,
    /// Bytes in the package.
    pub compressed: u64,
    /// Bytes of the file.
    pub uncompressed: u64,
}

/// A record of the central directory.
pub(super) struct Record<'a> {
    pub name: &'a [u8],
    pub stored: Stored,
    /// Where the local header lies.
    pub offset: u64,
    /// Bytes of this record.
    pub length: usize,
}

/// The record at the start of these bytes.
pub(super) fn record(bytes: &[u8]) -> Option<Record<'_>> {
    bytes.starts_with(CENTRAL).then_some(())?;
    let lengths = [28, 30, 32].map(|at| number::<2>(bytes, at));
    let [Some(name), Some(extra), Some(comment)] = lengths.map(|l| l.map(|l| l as usize)) else {
        return None;
    };
    let extra_at = CENTRAL_BYTES + name;
    let mut wide = Wide::of(bytes.get(extra_at..extra_at + extra)?);
    let uncompressed = wide.or(number::<4>(bytes, 24)?)?;
    let compressed = wide.or(number::<4>(bytes, 20)?)?;
    let offset = wide.or(number::<4>(bytes, 42)?)?;
    let length = extra_at + extra + comment;
    (length <= bytes.len()).then_some(())?;
    Some(Record {
        name: bytes.get(CENTRAL_BYTES..extra_at)?,
        stored: Stored {
            flags: number::<2>(bytes, 8)? as u16,
            method: number::<2>(bytes, 10)? as u16,
            crc32: number::<4>(bytes, 16)? as u32,
            compressed,
            uncompressed,
        },
        offset,
        length,
    })
}

/// A local header.
pub(super) struct Local<'a> {
    pub name: &'a [u8],
    pub stored: Stored,
    /// Bytes from the header's start to the data.
    pub data_at: usize,
}

/// The local header at the start of these bytes.
pub(super) fn local<'a>(bytes: &'a [u8], place: &str) -> Result<Local<'a>, Fault> {
    if !bytes.starts_with(LOCAL) {
        return Err(Fault::damaged(
            place,
            "there is no local header where the directory says",
        ));
    }
    let read = || {
        let (name, extra) = (
            number::<2>(bytes, 26)? as usize,
            number::<2>(bytes, 28)? as usize,
        );
        let extra_at = LOCAL_BYTES as usize + name;
        let mut wide = Wide::of(bytes.get(extra_at..extra_at + extra)?);
        let uncompressed = wide.or(number::<4>(bytes, 22)?)?;
        let compressed = wide.or(number::<4>(bytes, 18)?)?;
        Some(Local {
            name: bytes.get(LOCAL_BYTES as usize..extra_at)?,
            stored: Stored {
                flags: number::<2>(bytes, 6)? as u16,
                method: number::<2>(bytes, 8)? as u16,
                crc32: number::<4>(bytes, 14)? as u32,
                compressed,
                uncompressed,
            },
            data_at: extra_at + extra,
        })
    };
    read().ok_or_else(|| Fault::damaged(place, "its local header is cut short"))
}

/// The ZIP64 extra field: 64-bit numbers for those that do not fit 32, in a fixed order.
struct Wide<'a>(&'a [u8]);

impl<'a> Wide<'a> {
    fn of(mut extra: &'a [u8]) -> Self {
        // Producers pad extra fields with what is no field; the walk ends there.
        while let (Some(id), Some(size)) = (number::<2>(extra, 0), number::<2>(extra, 2)) {
            let Some(body) = extra.get(4..4 + size as usize) else {
                break;
            };
            if id == 1 {
                return Self(body);
            }
            extra = &extra[4 + size as usize..];
        }
        Self(&[])
    }

    /// The narrow number, or the next wide one where the narrow one says so.
    fn or(&mut self, narrow: u64) -> Option<u64> {
        if narrow != 0xFFFF_FFFF {
            return Some(narrow);
        }
        let wide = number::<8>(self.0, 0)?;
        self.0 = &self.0[8..];
        Some(wide)
    }
}

/// The last record of a central directory that ends where these bytes end, where it has this name and no comment.
pub(super) fn last_record<'a>(bytes: &'a [u8], name: &str) -> Option<Record<'a>> {
    let last = bytes.len().checked_sub(CENTRAL_BYTES)?;
    (0..=last)
        .rev()
        .filter_map(|at| Some((at, record(&bytes[at..])?)))
        .find(|(at, record)| record.name == name.as_bytes() && at + record.length == bytes.len())
        .map(|(_, record)| record)
}

/// Hands on the records of a central directory.
pub(super) fn records<'a>(
    mut bytes: &'a [u8],
    end: End,
    mut take: impl FnMut(Record<'a>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let place = "central directory";
    limit(
        place,
        "records",
        end.entries,
        (bytes.len() / CENTRAL_BYTES) as u64,
    )?;
    for index in 0..end.entries {
        let record = record(bytes)
            .ok_or_else(|| Fault::damaged(place, format!("record {index} is no record")))?;
        bytes = &bytes[record.length..];
        take(record)?;
    }
    Ok(())
}
