//! Packages: seeds, and what must hold for whatever comes of any bytes.

use std::ops::Range;

use city_tiles::package::{PackageLimits, PackageReader};

const NAMES: [&str; 3] = ["tileset.json", "t/0.glb", "@3dtilesIndex1@"];

/// MD5 of the first two names.
const HASHES: [[u8; 16]; 2] = [
    [0xC0, 0x9B, 0xDE, 0xA7, 0xE7, 0x45, 0x89, 0x4F, 0x49, 0x9A, 0x75, 0x17, 0xDB, 0x9A, 0x77, 0x09],
    [0x2B, 0xDF, 0x01, 0xAE, 0x74, 0x08, 0xEE, 0x91, 0x69, 0x39, 0xAC, 0xB2, 0xF3, 0xE1, 0xD1, 0xCE],
];

/// Stored, deflated and Zstandard, with and without an index, with the records of ZIP64 and without.
pub fn seeds() -> Vec<Vec<u8>> {
    let deflated = [0x03, 0x00];
    let zstandard = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 2, 0x11, 0, 0, b'{', b'}'];
    vec![
        package((0, b"{}", 2), false, false),
        package((8, &deflated, 0), true, false),
        package((93, &zstandard, 2), true, true),
    ]
}

fn package(second: (u16, &[u8], u32), index: bool, wide: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut offsets = Vec::new();
    let mut entries = vec![(0_u16, b"{}".to_vec(), 2_u32), (second.0, second.1.to_vec(), second.2)];
    let mut directory = Vec::new();
    for at in 0..2 + usize::from(index) {
        if at == 2 {
            // The second name's hash is the smaller one where its first eight bytes are.
            let mut rows: Vec<(u64, Vec<u8>)> = HASHES
                .iter()
                .zip(&offsets)
                .map(|(hash, offset): (&[u8; 16], &u64)| {
                    let first = hash.iter().take(8).rev().fold(0, |n, byte| n << 8 | u64::from(*byte));
                    (first, [&hash[..], &offset.to_le_bytes()].concat())
                })
                .collect();
            rows.sort();
            let bytes: Vec<u8> = rows.into_iter().flat_map(|(_, row)| row).collect();
            entries.push((0, bytes, 48));
        }
        let (method, data, size) = &entries[at];
        let crc = match (at, size) {
            (_, 0) => 0,
            (2, _) => crc32(data),
            _ => crc32(b"{}"),
        };
        let offset = out.len() as u64;
        offsets.push(offset);
        let name = NAMES[at];
        let middle = [
            &crc.to_le_bytes()[..],
            &(data.len() as u32).to_le_bytes(),
            &size.to_le_bytes(),
            &(name.len() as u16).to_le_bytes(),
        ]
        .concat();
        let method = method.to_le_bytes();
        out.extend([b"PK\x03\x04-\0\0\0", &method[..], &[0; 4], &middle, &[0; 2], name.as_bytes(), data].concat());
        let position = (offset as u32).to_le_bytes();
        directory.extend(
            [b"PK\x01\x02-\0-\0\0\0", &method[..], &[0; 4], &middle, &[0; 12], &position, name.as_bytes()].concat(),
        );
    }
    let (start, count) = (out.len() as u64, offsets.len() as u64);
    let size = directory.len() as u64;
    out.extend(directory);
    if wide {
        let at = out.len() as u64;
        out.extend_from_slice(b"PK\x06\x06");
        out.extend_from_slice(&[44, 0, 0, 0, 0, 0, 0, 0, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        out.extend([count, count, size, start].map(u64::to_le_bytes).concat());
        out.extend([b"PK\x06\x07\0\0\0\0", &at.to_le_bytes()[..], &[1, 0, 0, 0]].concat());
    }
    let count = (count as u16).to_le_bytes();
    let places = [(size as u32).to_le_bytes(), (start as u32).to_le_bytes()].concat();
    out.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count, &places, &[0; 2]].concat());
    out
}

/// CRC-32 of ZIP (reversed polynomial EDB88320).
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// Reads a package under small limits.
pub fn hold(bytes: &[u8]) {
    let limits = PackageLimits {
        max_entries: 1 << 10,
        max_directory_bytes: 1 << 16,
        max_name_bytes: 256,
        max_entry_bytes: 1 << 20,
        max_ratio: 64,
    };
    let read = |range: Range<u64>| -> Result<Vec<u8>, String> {
        assert!(range.start <= range.end && range.end <= bytes.len() as u64);
        Ok(bytes[range.start as usize..range.end as usize].to_vec())
    };
    let opened = PackageReader::new("fuzz/a.3tz", bytes.len() as u64, limits)
        .and_then(|mut reader| reader.fill(read).map(|()| reader));
    match opened {
        Err(e) => assert!(e.to_string().starts_with("fuzz/a.3tz: ") && !e.place.is_empty()),
        Ok(reader) => {
            let paths: Vec<String> = reader
                .paths()
                .map(|paths| paths.take(16).map(str::to_owned).collect())
                .unwrap_or_default();
            for path in NAMES.iter().map(|name| (*name).to_owned()).chain(paths) {
                if let Ok(file) = reader.read(&path, read) {
                    assert!(file.len() as u64 <= limits.max_entry_bytes);
                }
            }
        }
    }
}
