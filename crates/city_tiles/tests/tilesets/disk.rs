//! An app without a window: answers requests from disk, "decodes" by counting, "uploads" at once.

use std::path::{Path, PathBuf};

use city_geo::{BoundingVolume, DVec3, DVec4, Frustum};
use city_tiles::stream::{FetchError, StreamOptions, Streamer, View};

/// The samples' folder, or none (which is said) where it is missing.
pub fn samples() -> Option<PathBuf> {
    let root = std::env::var_os("BELVEDERE_SAMPLES")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    if root.is_dir() {
        return Some(root);
    }
    println!("skipped: there is no sample data in {}", root.display());
    None
}

/// A view that sees everything, from so near that everything must be as fine as it gets.
pub fn all_seeing(position: DVec3) -> View {
    View {
        position,
        forward: DVec3::X,
        frustum: Frustum {
            planes: [DVec4::new(0.0, 0.0, 0.0, 1.0); 5],
        },
        viewport_height_px: 1e15,
        fov_y_rad: 1.0,
    }
}

/// What came of streaming a tileset.
#[derive(Debug, Default)]
pub struct Outcome {
    pub urls: Vec<String>,
    pub contents: usize,
    pub missing: usize,
    /// Files beside contents.
    pub beside: usize,
    pub shown: usize,
    pub problems: Vec<String>,
    pub volume: Option<BoundingVolume>,
}

fn read(url: &str) -> Result<Vec<u8>, FetchError> {
    if let Some(bytes) = city_tiles::uri::decode_data(url) {
        return bytes.map_err(|e| FetchError::Refused(e.to_string()));
    }
    let mut bytes = std::fs::read(url).map_err(|_| FetchError::NotFound)?;
    if bytes.is_empty() {
        // Some samples hold empty files in place of contents that nobody decodes.
        bytes.push(b'-');
    }
    Ok(bytes)
}

/// A glTF that is no tile's content: an i3dm names it.
fn is_model_of_instances(streamer: &Streamer, url: &str) -> bool {
    let is_model = url.ends_with(".glb") || url.ends_with(".gltf");
    let mut tiles = streamer.visited_tiles();
    is_model && !tiles.any(|t| t.content_urls.iter().any(|content| content == url))
}

/// Streams a tileset from disk until nothing more is wanted.
pub fn stream(
    path: &Path,
    views: &dyn Fn(Option<BoundingVolume>) -> Vec<View>,
) -> (Streamer, Outcome) {
    let mut streamer = Streamer::new(path.to_str().unwrap(), StreamOptions::default());
    let mut outcome = Outcome::default();
    for step in 0..10_000u64 {
        let views = views(streamer.bounding_volume());
        let selection = streamer.update(&views, step * 20).clone();
        outcome.shown = selection.show.len();
        if streamer.is_complete() && selection.fetch.is_empty() {
            break;
        }
        for request in selection.fetch {
            let answer = read(&request.url);
            let beside = [
                "Schema.json",
                ".bin",
                ".png",
                ".jpg",
                ".jpeg",
                ".ktx2",
                ".webp",
            ]
            .iter()
            .any(|end| request.url.ends_with(end))
                || is_model_of_instances(&streamer, &request.url);
            outcome.missing += usize::from(answer.is_err() && !beside);
            outcome.beside += usize::from(beside);
            if let Some(job) = streamer.fetched(request.id, answer, step * 20 + 5) {
                outcome.contents += 1;
                streamer.decoded(job.tile, job.content, Ok(job.bytes.len() as u64));
                streamer.uploaded(job.tile);
            }
            outcome.urls.push(request.url);
        }
        assert!(step < 9_999, "it does not end: {:?}", streamer.stats());
    }
    outcome.problems = streamer
        .problems()
        .iter()
        .map(|p| format!("{}: {}", p.url, p.what))
        .collect();
    outcome.volume = streamer.bounding_volume();
    (streamer, outcome)
}
