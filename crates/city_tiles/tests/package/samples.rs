//! All packages of the samples, each entry compared with what another reader makes of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use city_tiles::package::{PackageLimits, PackageReader};

use crate::made::ranges;

pub fn root() -> Option<PathBuf> {
    let root = std::env::var_os("BELVEDERE_SAMPLES")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    if root.is_dir() {
        return Some(root);
    }
    println!("skipped: there is no sample data in {}", root.display());
    None
}

fn packages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            packages(&path, found);
        } else if path.extension().is_some_and(|e| e == "3tz") {
            found.push(path);
        }
    }
}

/// Name, length, CRC-32 and bytes as hexadecimal digits, by python's zipfile; none where there is no python.
const SCRIPT: &str = "
import sys, zipfile, zlib
zipfile.ZipInfo._decodeExtra = lambda self, *rest: None
for name in sys.stdin.read().split('\\n'):
    if not name: continue
    print('#', name)
    try:
        with zipfile.ZipFile(name) as z:
            for i in z.infolist():
                data = z.read(i)
                print(i.filename, len(data), zlib.crc32(data), sep='\\t')
    except zipfile.BadZipFile:
        print('!')
";

fn by_python(files: &[PathBuf]) -> Option<String> {
    use std::io::Write;
    let mut child = Command::new("python3")
        .args(["-c", SCRIPT])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .ok()?;
    let names: String = files.iter().map(|f| format!("{}\n", f.display())).collect();
    child.stdin.take()?.write_all(names.as_bytes()).ok()?;
    let out = child.wait_with_output().ok()?;
    out.status
        .success()
        .then(|| String::from_utf8(out.stdout).unwrap())
}

#[test]
fn every_entry_of_every_sample_is_what_another_reader_says() {
    let Some(root) = root() else { return };
    let mut files = Vec::new();
    packages(&root, &mut files);
    files.sort();
    let Some(listing) = by_python(&files) else {
        println!("skipped: there is no python3 to compare with");
        return;
    };
    let (mut entries, mut tilesets, mut indexed, mut unreadable) = (0, 0, 0, Vec::new());
    for block in listing.split("# ").skip(1) {
        let mut lines = block.lines();
        let file = lines.next().unwrap();
        let bytes = std::fs::read(file).unwrap();
        let opened = PackageReader::new(file, bytes.len() as u64, PackageLimits::default())
            .and_then(|mut reader| reader.fill(ranges(&bytes)).map(|()| reader));
        let rest: Vec<&str> = lines.collect();
        if rest == ["!"] {
            let error = opened
                .err()
                .unwrap_or_else(|| panic!("{file} is no ZIP file"));
            unreadable.push(error.to_string());
            continue;
        }
        let reader = opened.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(reader.note(), None, "{file}");
        indexed += 1;
        for line in rest {
            let [name, length, crc] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            if name == city_tiles::package::INDEX_NAME {
                continue;
            }
            let data = reader
                .read(name, ranges(&bytes))
                .unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(data.len().to_string(), length, "{file}: {name}");
            assert_eq!(crate::made::crc(&data).to_string(), crc, "{file}: {name}");
            entries += 1;
            if name == "tileset.json" {
                // Some samples for tests of the container alone hold a word instead.
                let json = serde_json::from_slice(&data);
                tilesets +=
                    usize::from(json.is_ok_and(|json| city_tiles::tileset::is_tileset(&json)));
            }
        }
    }
    println!(
        "{indexed} packages, {entries} entries, {tilesets} tilesets; not packages: {unreadable:?}"
    );
    assert!(
        indexed >= 60 && entries >= 150 && tilesets >= 50,
        "{indexed} {entries} {tilesets}"
    );
    assert_eq!(unreadable.len(), 1, "{unreadable:?}");
}
