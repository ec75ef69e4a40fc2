//! Tilesets in one file, on disk and on a server that gives parts of files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use belvedere::app::QualityChoice;
use belvedere::headless::Headless;
use belvedere::notices::Notices;
use belvedere::tiles::{OpenTileset, TileTotals, TilesetSource};
use support::server;

/// A server of one file, whole or in parts; counts the bytes that it sends.
fn serve(file: PathBuf, gives_parts: bool, sent: Arc<AtomicU64>) -> String {
    server::serve(move |seen, stream| {
        let range = seen.headers.get("range").map(|range| {
            let (first, last) = range
                .strip_prefix("bytes=")
                .unwrap()
                .split_once('-')
                .unwrap();
            (first.parse::<u64>().unwrap(), last.parse::<u64>().unwrap())
        });
        let mut file = std::fs::File::open(&file)?;
        let size = file.metadata()?.len();
        let (status, first, last) = match range.filter(|_| gives_parts) {
            Some((first, last)) => (206, first, last.min(size - 1)),
            None => (200, 0, size - 1),
        };
        file.seek(SeekFrom::Start(first))?;
        let mut body = vec![0; (last + 1 - first) as usize];
        file.read_exact(&mut body)?;
        sent.fetch_add(body.len() as u64, Ordering::Relaxed);
        let part = format!("Content-Range: bytes {first}-{last}/{size}\r\n");
        server::send(stream, status, &part, &body)
    })
}

/// What is drawn of a tileset, and what is told about it.
fn open(url: &str) -> (u64, Vec<String>) {
    let mut headless = Headless::new([160, 90], QualityChoice::Lean).unwrap();
    headless.app.world_mut().write_message(OpenTileset {
        source: TilesetSource {
            url: url.into(),
            ..TilesetSource::default()
        },
        frame_it: true,
        replace: true,
    });
    let told = |headless: &Headless| {
        let notices = headless.app.world().resource::<Notices>();
        notices
            .list()
            .iter()
            .map(|n| n.text.clone())
            .collect::<Vec<_>>()
    };
    let started = Instant::now();
    while headless.app.world().resource::<TileTotals>().shown == 0 && told(&headless).is_empty() {
        headless.frame().unwrap();
        assert!(started.elapsed().as_secs() < 30, "{url}");
        std::thread::sleep(Duration::from_millis(5));
    }
    headless.settle(Duration::from_secs(30)).unwrap();
    let ready = headless.app.world().resource::<TileTotals>().contents_ready;
    (ready, told(&headless))
}

#[test]
fn a_package_opens_from_disk_and_from_a_server_by_its_parts() {
    let Some(samples) = support::samples() else {
        return;
    };
    let file = samples
        .join("CesiumGS__3d-tiles-validator/specs/data/tilesets/packages/validTilesetPackage.3tz");
    let (on_disk, told) = open(file.to_str().unwrap());
    assert!(on_disk > 0, "{told:?}");
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    let sent = Arc::new(AtomicU64::new(0));
    let base = serve(file.clone(), true, sent.clone());
    let (served, told) = open(&format!("{base}/{name}"));
    assert_eq!(served, on_disk, "{told:?}");

    let whole = serve(file, false, Arc::default());
    let (none, told) = open(&format!("{whole}/{name}"));
    assert_eq!(none, 0);
    assert!(told[0].contains("range requests"), "{told:?}");
}

#[test]
fn a_database_of_tiles_opens_from_disk_and_says_what_is_wrong_with_it() {
    let Some(samples) = support::samples() else {
        return;
    };
    let packages = samples.join("CesiumGS__3d-tiles-validator/specs/data/tilesets/packages");
    let path = |name: &str| packages.join(name).to_str().unwrap().to_owned();
    let (archived, _) = open(&path("validTilesetPackage.3tz"));
    for name in [
        "validTilesetPackage.3dtiles",
        "validTilesetPackageZipped.3dtiles",
    ] {
        let (ready, told) = open(&path(name));
        assert_eq!(ready, archived, "{name}: {told:?}");
    }
    let others = samples.join("CesiumGS__3d-tiles-tools/specs/data/packages");
    for (name, part) in [
        ("invalidTableName.3dtiles", "media"),
        ("invalidColumnName0.3dtiles", "key"),
        ("missingColumn.3dtiles", "content"),
    ] {
        let (ready, told) = open(others.join(name).to_str().unwrap());
        assert_eq!(ready, 0, "{name}");
        assert!(told[0].contains(name) && told[0].contains(part), "{told:?}");
    }
}
