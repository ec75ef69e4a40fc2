//! Packages that lie: a typed error, bounded time and memory.

use city_tiles::package::{PackageErrorKind, PackageLimits, PackageReader};

use crate::made::{HASHES, How, Made, crc, deflate, open, ranges};

fn sound() -> Vec<u8> {
    let mut made = Made::new();
    made.add("tileset.json", b"{}", How::Deflated)
        .add("t/0.glb", &[3; 300], How::Deflated);
    made.index(&HASHES).finish(false, "")
}

fn both(bytes: &[u8]) -> Vec<Result<Vec<u8>, PackageErrorKind>> {
    let reader = match open(bytes, PackageLimits::default()) {
        Ok(reader) => reader,
        Err(e) => return vec![Err(e.kind)],
    };
    ["tileset.json", "t/0.glb"]
        .iter()
        .map(|path| reader.read(path, ranges(bytes)).map_err(|e| e.kind))
        .collect()
}

#[test]
fn every_byte_changed_or_cut_is_an_error_or_the_same_file() {
    let whole = sound();
    let good = both(&whole);
    assert!(good.iter().all(Result::is_ok));
    let mut wrong = 0;
    for at in 0..whole.len() {
        for flip in [0x01, 0x80, 0xFF] {
            let mut changed = whole.clone();
            changed[at] ^= flip;
            for (now, before) in both(&changed).iter().zip(&good) {
                // The checksum lets nothing else through.
                assert!(now.is_err() || now == before, "byte {at}");
                wrong += usize::from(now.is_err());
            }
        }
        for result in both(&whole[..at]) {
            assert!(result.is_err(), "cut at {at}");
        }
    }
    println!("{wrong} changes were told");
    assert!(wrong > 100);
}

#[test]
fn a_damaged_index_gives_way_to_the_directory() {
    let mut made = Made::new();
    made.add("tileset.json", b"{}", How::Stored)
        .add("t/0.glb", b"glTF", How::Stored);
    let mut twice = HASHES;
    twice[1].1 = twice[0].1;
    let bytes = made.index(&twice).finish(false, "");
    let reader = open(&bytes, PackageLimits::default()).unwrap();
    assert!(
        reader.note().unwrap().contains("share a hash"),
        "{:?}",
        reader.note()
    );
    assert_eq!(reader.read("t/0.glb", ranges(&bytes)).unwrap(), b"glTF");
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let zeros = deflate(&vec![0; 64 << 20]);
    let tight = PackageLimits {
        max_ratio: 100,
        ..PackageLimits::default()
    };
    let small = PackageLimits {
        max_entry_bytes: 1 << 20,
        ..PackageLimits::default()
    };
    // It says its size, and it lies about its size.
    for (said, limits) in [(64 << 20, tight), (64 << 20, small), (10, tight)] {
        let mut made = Made::new();
        made.add_raw("t/0.glb", &zeros, 8, said, crc(b""), How::Deflated);
        let bytes = made.finish(false, "");
        let reader = open(&bytes, limits).unwrap();
        let error = reader.read("t/0.glb", ranges(&bytes)).unwrap_err();
        let expected = match error.kind {
            PackageErrorKind::Limit { .. } => said > 10,
            PackageErrorKind::Damaged(_) => said == 10,
            _ => false,
        };
        assert!(expected, "{error}");
    }
}

#[test]
fn entries_may_not_share_bytes() {
    // Two records of the directory over one run of data, the first reaching into the second.
    let mut made = Made::new();
    made.add_raw("a", &[0; 10], 0, 60, 0, How::Stored)
        .add("b", &[0; 50], How::Stored);
    let mut bytes = made.finish(false, "");
    let record = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[record + 20..record + 24].copy_from_slice(&60_u32.to_le_bytes());
    let reader = open(&bytes, PackageLimits::default()).unwrap();
    let error = reader.read("a", ranges(&bytes)).unwrap_err().to_string();
    assert!(error.contains("reach into what follows"), "{error}");
}

#[test]
fn names_that_lead_out_are_no_files() {
    let mut made = Made::new();
    made.add("../up.json", b"{}", How::Stored)
        .add("a/../../up.json", b"{}", How::Stored);
    made.add("folder/", b"", How::Stored)
        .add("ok.json", b"{}", How::Stored);
    let reader = open(&made.finish(false, ""), PackageLimits::default()).unwrap();
    assert_eq!(reader.paths().unwrap().collect::<Vec<_>>(), ["ok.json"]);
    assert_eq!(reader.locate("../up.json"), None);
}

#[test]
fn counts_and_lengths_that_lie() {
    let whole = sound();
    let end = whole.len() - 22;
    for at in [end + 12, end + 16] {
        let mut lying = whole.clone();
        lying[at..at + 4].fill(0xFE);
        assert!(both(&lying)[0].is_err(), "{at}");
    }
    let few = PackageLimits {
        max_entries: 1,
        ..PackageLimits::default()
    };
    let error = open(&whole, few).err().unwrap();
    assert!(
        matches!(
            error.kind,
            PackageErrorKind::Limit {
                what: "entries",
                ..
            }
        ),
        "{error}"
    );
    assert!(PackageReader::new("a", 21, PackageLimits::default()).is_err());
    // Whoever hands in other bytes than were asked for is told.
    let mut reader = PackageReader::new("a", whole.len() as u64, PackageLimits::default()).unwrap();
    let error = reader.supply(vec![0; 5]).unwrap_err();
    assert!(
        matches!(error.kind, PackageErrorKind::WrongRange { have: 5, .. }),
        "{error}"
    );
}

#[test]
fn what_is_not_supported_is_named() {
    let mut made = Made::new();
    made.add_raw("t/0.glb", b"xx", 12, 2, 0, How::Stored);
    let bytes = made.finish(false, "");
    let error = open(&bytes, PackageLimits::default())
        .unwrap()
        .read("t/0.glb", ranges(&bytes))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "made/city.3tz: t/0.glb: compression method 12 is not supported; store the entry, or deflate it"
    );
}
