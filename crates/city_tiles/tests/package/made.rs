//! ZIP files made here, as writers make them.

use std::io::Write;
use std::ops::Range;

use city_tiles::package::{
    INDEX_NAME, PackageError, PackageErrorKind, PackageLimits, PackageReader,
};

/// How an entry is to be written.
#[derive(Clone, Copy, PartialEq)]
pub enum How {
    Stored,
    Deflated,
    /// Zstandard frame of one raw block: what the smallest encoder writes.
    Zstandard,
    /// Stored, sizes in a ZIP64 extra field.
    Wide,
    /// Deflated, sizes after the data, as streaming writers do.
    Streamed,
}

struct Written {
    name: String,
    offset: u64,
    method: u16,
    flags: u16,
    crc: u32,
    compressed: u64,
    uncompressed: u64,
}

/// A package under construction.
pub struct Made {
    pub bytes: Vec<u8>,
    written: Vec<Written>,
}

fn le(number: u64, bytes: usize) -> Vec<u8> {
    number.to_le_bytes()[..bytes].to_vec()
}

pub fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// RFC 8878: magic, a single segment with an 8-byte content size, one raw block of less than 128 KiB.
fn zstandard(bytes: &[u8]) -> Vec<u8> {
    let mut out = 0xFD2F_B528_u32.to_le_bytes().to_vec();
    out.push(0b1110_0000);
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(&((bytes.len() as u32) << 3 | 1).to_le_bytes()[..3]);
    out.extend_from_slice(bytes);
    out
}

impl Made {
    pub fn new() -> Self {
        Self {
            bytes: Vec::new(),
            written: Vec::new(),
        }
    }

    pub fn add(&mut self, name: &str, data: &[u8], how: How) -> &mut Self {
        let (method, stored) = match how {
            How::Stored | How::Wide => (0, data.to_vec()),
            How::Deflated | How::Streamed => (8, deflate(data)),
            How::Zstandard => (93, zstandard(data)),
        };
        self.add_raw(name, &stored, method, data.len() as u64, crc(data), how)
    }

    pub fn add_raw(
        &mut self,
        name: &str,
        stored: &[u8],
        method: u16,
        size: u64,
        crc: u32,
        how: How,
    ) -> &mut Self {
        let written = Written {
            name: name.to_owned(),
            offset: self.bytes.len() as u64,
            method,
            flags: if how == How::Streamed { 8 } else { 0 },
            crc,
            compressed: stored.len() as u64,
            uncompressed: size,
        };
        let mut extra = Vec::new();
        let mut sizes = [written.compressed, written.uncompressed];
        if how == How::Wide {
            extra = [le(1, 2), le(16, 2), le(size, 8), le(stored.len() as u64, 8)].concat();
            sizes = [0xFFFF_FFFF; 2];
        }
        if how == How::Streamed {
            sizes = [0; 2];
        }
        self.bytes.extend_from_slice(b"PK\x03\x04");
        for (number, width) in [
            (45, 2),
            (u64::from(written.flags), 2),
            (u64::from(method), 2),
            (0, 4),
            (
                if how == How::Streamed {
                    0
                } else {
                    u64::from(crc)
                },
                4,
            ),
            (sizes[0], 4),
            (sizes[1], 4),
            (name.len() as u64, 2),
            (extra.len() as u64, 2),
        ] {
            self.bytes.extend(le(number, width));
        }
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend(extra);
        self.bytes.extend_from_slice(stored);
        if how == How::Streamed {
            self.bytes.extend_from_slice(b"PK\x07\x08");
            for number in [u64::from(crc), stored.len() as u64, size] {
                self.bytes.extend(le(number, 4));
            }
        }
        self.written.push(written);
        self
    }

    /// The index as the format wants it. The hashes are python's, or written in the test.
    pub fn index(&mut self, hashes: &[(&str, [u8; 16])]) -> &mut Self {
        let mut entries: Vec<([u64; 2], u64)> = hashes
            .iter()
            .map(|(name, hash)| {
                let half = |at: usize| u64::from_le_bytes(hash[at..at + 8].try_into().unwrap());
                let offset = self
                    .written
                    .iter()
                    .find(|w| w.name == *name)
                    .unwrap()
                    .offset;
                ([half(0), half(8)], offset)
            })
            .collect();
        entries.sort();
        let bytes: Vec<u8> = entries
            .iter()
            .flat_map(|(hash, offset)| [hash[0], hash[1], *offset].map(u64::to_le_bytes).concat())
            .collect();
        self.add(INDEX_NAME, &bytes, How::Stored)
    }

    /// With the central directory; `wide` writes ZIP64's records, whose numbers are the only true ones.
    pub fn finish(&self, wide: bool, comment: &str) -> Vec<u8> {
        let mut out = self.bytes.clone();
        let start = out.len() as u64;
        for w in &self.written {
            out.extend_from_slice(b"PK\x01\x02");
            let extra = if wide {
                [
                    le(1, 2),
                    le(24, 2),
                    le(w.uncompressed, 8),
                    le(w.compressed, 8),
                    le(w.offset, 8),
                ]
                .concat()
            } else {
                Vec::new()
            };
            let narrow = |number: u64| if wide { 0xFFFF_FFFF } else { number };
            for (number, width) in [
                (45, 2),
                (45, 2),
                (u64::from(w.flags), 2),
                (u64::from(w.method), 2),
                (0, 4),
                (u64::from(w.crc), 4),
                (narrow(w.compressed), 4),
                (narrow(w.uncompressed), 4),
                (w.name.len() as u64, 2),
                (extra.len() as u64, 2),
                (0, 2),
                (0, 2),
                (0, 2),
                (0, 4),
                (narrow(w.offset), 4),
            ] {
                out.extend(le(number, width));
            }
            out.extend_from_slice(w.name.as_bytes());
            out.extend(extra);
        }
        let (count, size) = (self.written.len() as u64, out.len() as u64 - start);
        if wide {
            let at = out.len() as u64;
            out.extend_from_slice(b"PK\x06\x06");
            for (number, width) in [
                (44, 8),
                (45, 2),
                (45, 2),
                (0, 4),
                (0, 4),
                (count, 8),
                (count, 8),
                (size, 8),
                (start, 8),
            ] {
                out.extend(le(number, width));
            }
            out.extend_from_slice(b"PK\x06\x07");
            for (number, width) in [(0, 4), (at, 8), (1, 4)] {
                out.extend(le(number, width));
            }
        }
        let narrow = |number: u64, all: u64| if wide { all } else { number };
        out.extend_from_slice(b"PK\x05\x06");
        for (number, width) in [
            (0, 2),
            (0, 2),
            (narrow(count, 0xFFFF), 2),
            (narrow(count, 0xFFFF), 2),
            (narrow(size, 0xFFFF_FFFF), 4),
            (narrow(start, 0xFFFF_FFFF), 4),
            (comment.len() as u64, 2),
        ] {
            out.extend(le(number, width));
        }
        out.extend_from_slice(comment.as_bytes());
        out
    }
}

/// Bytes of a range, and how many bytes were read.
pub fn ranges(bytes: &[u8]) -> impl Fn(Range<u64>) -> Result<Vec<u8>, String> {
    move |range| {
        let slice = bytes.get(range.start as usize..range.end as usize);
        slice
            .map(<[u8]>::to_vec)
            .ok_or_else(|| format!("{range:?} is beyond {}", bytes.len()))
    }
}

/// A reader that is ready.
pub fn open(bytes: &[u8], limits: PackageLimits) -> Result<PackageReader, PackageError> {
    let mut reader = PackageReader::new("made/city.3tz", bytes.len() as u64, limits)?;
    reader.fill(ranges(bytes))?;
    Ok(reader)
}

/// MD5 of "tileset.json" and of "t/0.glb".
pub const HASHES: [(&str, [u8; 16]); 2] = [("tileset.json", TILESET_HASH), ("t/0.glb", TILE_HASH)];
const TILESET_HASH: [u8; 16] = [
    0xc0, 0x9b, 0xde, 0xa7, 0xe7, 0x45, 0x89, 0x4f, 0x49, 0x9a, 0x75, 0x17, 0xdb, 0x9a, 0x77, 0x09,
];
const TILE_HASH: [u8; 16] = [
    0x2b, 0xdf, 0x01, 0xae, 0x74, 0x08, 0xee, 0x91, 0x69, 0x39, 0xac, 0xb2, 0xf3, 0xe1, 0xd1, 0xce,
];

#[test]
fn every_way_of_storing_is_read_by_index_and_by_directory() {
    let data = "0123456789".repeat(5000);
    for how in [How::Stored, How::Deflated, How::Zstandard, How::Wide] {
        for wide in [false, true] {
            let mut made = Made::new();
            made.add("tileset.json", b"{}", How::Stored)
                .add("t/0.glb", data.as_bytes(), how);
            let plain = made.finish(wide, "");
            let indexed = made.index(&HASHES).finish(wide, "");
            for (bytes, with_index) in [(plain, false), (indexed, true)] {
                let reader = open(&bytes, PackageLimits::default()).unwrap();
                assert_eq!(reader.note().is_none(), with_index);
                assert_eq!(reader.paths().is_none(), with_index);
                assert_eq!(reader.entries(), Some(2));
                for path in ["t/0.glb", "/t\\0.glb", "t/./x/../0.glb"] {
                    assert_eq!(reader.read(path, ranges(&bytes)).unwrap(), data.as_bytes());
                }
                assert_eq!(reader.read("tileset.json", ranges(&bytes)).unwrap(), b"{}");
                for missing in ["t/1.glb", "../t/0.glb", "", "T/0.glb"] {
                    assert_eq!(reader.locate(missing), None, "{missing}");
                }
            }
        }
    }
}

#[test]
fn large_packages_are_read_in_few_ranges() {
    let mut made = Made::new();
    made.add("tileset.json", b"{}", How::Stored)
        .add("t/0.glb", &[7; 1 << 20], How::Stored)
        .index(&HASHES);
    let bytes = made.finish(false, "");
    let mut reader = PackageReader::new("a", bytes.len() as u64, PackageLimits::default()).unwrap();
    let mut asked = Vec::new();
    reader
        .fill(|range| {
            asked.push(range.end - range.start);
            ranges(&bytes)(range)
        })
        .unwrap();
    assert!(asked.len() == 1 && asked[0] < 70_000, "{asked:?}");
    let entry = reader.locate("t/0.glb").unwrap();
    assert_eq!(
        entry.range.end - entry.range.start,
        (1 << 20) + 30 + 7,
        "exactly header and data"
    );
    // A package with a long comment, and a directory that is not in its last bytes.
    let mut made = Made::new();
    for index in 0..2000 {
        made.add(
            &format!("tiles/with/a/long/name/{index:032}.glb"),
            &[1; 9],
            How::Stored,
        );
    }
    let bytes = made.finish(true, &"c".repeat(60_000));
    let reader = open(&bytes, PackageLimits::default()).unwrap();
    assert_eq!(reader.entries(), Some(2000));
    let path = format!("tiles/with/a/long/name/{:032}.glb", 1999);
    assert_eq!(reader.read(&path, ranges(&bytes)).unwrap(), [1; 9]);
}

#[test]
fn sizes_after_the_data_need_the_directory() {
    let mut made = Made::new();
    made.add("tileset.json", b"{}", How::Streamed)
        .add("t/0.glb", b"glTF", How::Streamed);
    let bytes = made.finish(false, "");
    let reader = open(&bytes, PackageLimits::default()).unwrap();
    assert_eq!(reader.read("t/0.glb", ranges(&bytes)).unwrap(), b"glTF");
    let bytes = made.index(&HASHES).finish(false, "");
    let reader = open(&bytes, PackageLimits::default()).unwrap();
    let error = reader.read("t/0.glb", ranges(&bytes)).unwrap_err();
    assert!(
        matches!(error.kind, PackageErrorKind::Unsupported(_)),
        "{error}"
    );
}
