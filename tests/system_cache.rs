//! What was seen once is not fetched again while it holds, and is there without a network.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use support::server::{self, Seen};
use support::{glb, tile, tileset};

/// A server whose answers carry tags, and which may go away.
struct Server {
    base: String,
    whole: Arc<AtomicUsize>,
    unchanged: Arc<AtomicUsize>,
    is_gone: Arc<AtomicBool>,
}

impl Server {
    fn start(files: Vec<(&'static str, Vec<u8>)>) -> Self {
        let (whole, unchanged): (Arc<AtomicUsize>, Arc<AtomicUsize>) = Default::default();
        let is_gone: Arc<AtomicBool> = Arc::default();
        let base = server::serve({
            let (whole, unchanged) = (whole.clone(), unchanged.clone());
            let is_gone = is_gone.clone();
            move |seen, stream| {
                if is_gone.load(Ordering::SeqCst) {
                    return Ok(());
                }
                answer(seen, stream, &files, &whole, &unchanged)
            }
        });
        Self {
            base,
            whole,
            unchanged,
            is_gone,
        }
    }

    /// Whole answers and unchanged ones since the last call.
    fn counts(&self) -> (usize, usize) {
        let take = |counter: &AtomicUsize| counter.swap(0, Ordering::SeqCst);
        (take(&self.whole), take(&self.unchanged))
    }
}

fn answer(
    seen: &Seen,
    stream: &mut TcpStream,
    files: &[(&'static str, Vec<u8>)],
    whole: &AtomicUsize,
    unchanged: &AtomicUsize,
) -> std::io::Result<()> {
    let Some((_, body)) = files.iter().find(|(name, _)| *name == seen.target) else {
        return server::send(stream, 404, "", &[]);
    };
    let tag = format!(
        "\"{:x}-{:x}\"",
        body.len(),
        body.iter().map(|b| u64::from(*b)).sum::<u64>()
    );
    let more = format!("ETag: {tag}\r\nCache-Control: no-cache\r\n");
    if seen.headers.get("if-none-match") == Some(&tag) {
        unchanged.fetch_add(1, Ordering::SeqCst);
        return server::send(stream, 304, &more, &[]);
    }
    whole.fetch_add(1, Ordering::SeqCst);
    server::send(stream, 200, &more, body)
}

fn render(server: &Server, folder: &Path, more: &[&str]) -> (Output, Vec<u8>) {
    let picture = folder.join("picture.png");
    let _ = std::fs::remove_file(&picture);
    let output = Command::new(env!("CARGO_BIN_EXE_belvedere"))
        .args([
            "render",
            "--size",
            "160x90",
            "--quality",
            "lean",
            "--time",
            "2026-06-21T04:00:00Z",
        ])
        .args([
            "--tileset",
            &format!("{}/tileset.json", server.base),
            "--timeout",
            "60",
        ])
        .arg("--cache")
        .arg(folder.join("cache"))
        .arg("--out")
        .arg(&picture)
        .args(more)
        .output()
        .unwrap();
    (output, std::fs::read(&picture).unwrap_or_default())
}

fn kept_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries(&folder.join("cache"))
        .flat_map(|folder| entries(&folder.path()))
        .map(|file| file.path())
        .collect()
}

#[test]
fn the_second_visit_fetches_only_what_changed_and_the_third_needs_no_network() {
    let folder = tempfile::tempdir().unwrap();
    let json = tileset(tile("a.glb", 0.0, Vec::new()));
    let server = Server::start(vec![
        ("/tileset.json", json.into_bytes()),
        ("/a.glb", glb(10, 0.0)),
    ]);
    let (output, first) = render(&server, folder.path(), &[]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(server.counts(), (2, 0));
    assert!(!first.is_empty());

    let (_, second) = render(&server, folder.path(), &[]);
    assert_eq!(server.counts(), (0, 2), "asked, and nothing was sent again");
    assert_eq!(second, first);

    // A disk that lies: the file is fetched anew.
    let kept = kept_files(folder.path());
    assert_eq!(kept.len(), 2);
    for path in &kept {
        let mut bytes = std::fs::read(path).unwrap();
        *bytes.last_mut().unwrap() ^= 0x55;
        std::fs::write(path, bytes).unwrap();
    }
    let (_, third) = render(&server, folder.path(), &[]);
    assert_eq!((server.counts(), third), ((2, 0), first.clone()));

    server.is_gone.store(true, Ordering::SeqCst);
    let (output, fourth) = render(&server, folder.path(), &["--offline"]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!((server.counts(), fourth), ((0, 0), first.clone()));
    // Without being told: the line is down, and what was seen is better than nothing.
    let (_, fifth) = render(&server, folder.path(), &[]);
    assert_eq!(fifth, first);
}
