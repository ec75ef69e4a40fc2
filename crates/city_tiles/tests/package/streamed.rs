//! Tilesets in packages, streamed to their last content.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use city_geo::{DVec3, DVec4, Frustum};
use city_tiles::formats::{DecodeOptions, decode};
use city_tiles::package::{PackageLimits, PackageReader};
use city_tiles::stream::{FetchError, StreamOptions, Streamer, View};
use city_tiles::uri::package_of;

use crate::samples::root;

/// What a fetcher has to do: packages stay open, their files are ranges.
#[derive(Default)]
struct Disk {
    open: HashMap<String, PackageReader>,
}

fn range(path: &str, range: Range<u64>) -> std::io::Result<Vec<u8>> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = std::fs::File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

impl Disk {
    fn read(&mut self, location: &str) -> Result<Vec<u8>, FetchError> {
        let Some(place) = package_of(location) else {
            return std::fs::read(location).map_err(|_| FetchError::NotFound);
        };
        let refused = |e: &dyn std::fmt::Display| FetchError::Refused(e.to_string());
        if !self.open.contains_key(&place.package) {
            let size = std::fs::metadata(&place.package)
                .map_err(|_| FetchError::NotFound)?
                .len();
            let mut reader = PackageReader::new(&place.package, size, PackageLimits::default())
                .map_err(|e| refused(&e))?;
            reader
                .fill(|r| range(&place.package, r))
                .map_err(|e| refused(&e))?;
            self.open.insert(place.package.clone(), reader);
        }
        let reader = &self.open[&place.package];
        reader
            .read(&place.path, |r| range(&place.package, r))
            .map_err(|e| refused(&e))
    }
}

/// Contents, vertices, and what went wrong.
fn stream(path: &Path) -> (usize, u64, Vec<String>) {
    let mut disk = Disk::default();
    let mut streamer = Streamer::new(path.to_str().unwrap(), StreamOptions::default());
    let (mut contents, mut vertices) = (0, 0);
    for step in 0..1000_u64 {
        let view = View {
            position: streamer
                .bounding_volume()
                .map_or(DVec3::ZERO, |v| v.center()),
            forward: DVec3::X,
            frustum: Frustum {
                planes: [DVec4::new(0.0, 0.0, 0.0, 1.0); 5],
            },
            viewport_height_px: 1e15,
            fov_y_rad: 1.0,
        };
        let selection = streamer.update(&[view], step * 20).clone();
        if streamer.is_complete() && selection.fetch.is_empty() {
            break;
        }
        for request in selection.fetch {
            let answer = disk.read(&request.url);
            if let Some(job) = streamer.fetched(request.id, answer, step * 20 + 5) {
                contents += 1;
                let external = |address: &str| Disk::default().read(address).ok();
                let decoded = decode(&job.bytes, &job.url, &external, &DecodeOptions::default());
                vertices += decoded.as_ref().map_or(0, |tile| tile.vertices());
                let result = decoded
                    .map(|tile| tile.byte_cost())
                    .map_err(|e| e.to_string());
                streamer.decoded(job.tile, job.content, result);
                streamer.uploaded(job.tile);
            }
        }
    }
    let problems = streamer
        .problems()
        .iter()
        .map(|p| format!("{}: {}", p.url, p.what));
    (contents, vertices, problems.collect())
}

#[test]
fn packages_are_streamed_like_folders() {
    let Some(root) = root() else { return };
    let tests = root.join("CesiumGS__3d-tiles-tools/specs/data/packageServer/3tzTests");
    for name in [
        "3tz_basic/tileset.json",
        "3tz_direct/tileset.json",
        "3tz_chained/tileset.json",
        "3tz_chained_subdirs/tileset.json",
        "3tz_chained_subdirs_direct/tileset.json",
        "3tz_chained_deep/tileset.json",
        "3tz_flat/tileset.3tz",
        "3tz_inner_subdirs/tileset.json",
    ] {
        let (contents, vertices, problems) = stream(&tests.join(name));
        println!("{name}: {contents} contents, {vertices} vertices, {problems:?}");
        // One model each of A to D.
        assert!(
            contents == 4 && vertices > 0 && problems.is_empty(),
            "{name}: {contents} {problems:?}"
        );
    }
    let data = root.join("CesiumGS__3d-tiles-tools/specs/data");
    for (path, expected) in [
        (data.join("tileset.3tz"), 5),
        (data.join("tilesetProcessing/implicitProcessing.3tz"), 21),
    ] {
        let (contents, vertices, problems) = stream(&path);
        println!(
            "{}: {contents} contents, {vertices} vertices, {problems:?}",
            path.display()
        );
        assert_eq!(contents, expected, "{problems:?}");
        // The models of one of them are glTF 1.0; they came out of the package, and are said.
        assert!(vertices > 0 || problems.iter().all(|p| p.contains("glTF 1.0")));
    }
}
