//! What was seen once is not fetched again while it holds, and is there without a network.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use support::{glb, tile, tileset};

/// A server whose answers carry tags, and which may go away.
struct Server {
    base: String,
    files: Arc<Mutex<Vec<(&'static str, Vec<u8>)>>>,
    whole: Arc<AtomicUsize>,
    unchanged: Arc<AtomicUsize>,
    is_gone: Arc<AtomicBool>,
}

impl Server {
    fn start(files: Vec<(&'static str, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            base: format!("http://{}", listener.local_addr().unwrap()),
            files: Arc::new(Mutex::new(files)),
            whole: Arc::default(),
            unchanged: Arc::default(),
            is_gone: Arc::default(),
        };
        let (files, whole, unchanged, is_gone) = (
            server.files.clone(),
            server.whole.clone(),
            server.unchanged.clone(),
            server.is_gone.clone(),
        );
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if is_gone.load(Ordering::SeqCst) {
                    continue;
                }
                // A viewer that hangs up is no failure of the server.
                let _ = answer(stream, &files, &whole, &unchanged);
            }
        });
        server
    }

    /// Whole answers and unchanged ones since the last call.
    fn counts(&self) -> (usize, usize) {
        let take = |counter: &AtomicUsize| counter.swap(0, Ordering::SeqCst);
        (take(&self.whole), take(&self.unchanged))
    }
}

fn answer(
    mut stream: TcpStream,
    files: &Mutex<Vec<(&'static str, Vec<u8>)>>,
    whole: &AtomicUsize,
    unchanged: &AtomicUsize,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line
        .split_whitespace()
        .nth(1)
        .unwrap_or_default()
        .to_owned();
    let (mut header, mut known) = (String::new(), String::new());
    while reader.read_line(&mut header)? > 2 {
        if let Some(tag) = header.to_lowercase().strip_prefix("if-none-match:") {
            known = tag.trim().to_owned();
        }
        header.clear();
    }
    let files = files.lock().unwrap();
    let Some((_, body)) = files.iter().find(|(name, _)| *name == path) else {
        return stream
            .write_all(b"HTTP/1.1 404 -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let tag = format!(
        "\"{:x}-{:x}\"",
        body.len(),
        body.iter().map(|b| u64::from(*b)).sum::<u64>()
    );
    let head = |status: u16, length: usize| {
        format!(
            "HTTP/1.1 {status} -\r\nContent-Length: {length}\r\nETag: {tag}\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n"
        )
    };
    if known == tag {
        unchanged.fetch_add(1, Ordering::SeqCst);
        return stream.write_all(head(304, 0).as_bytes());
    }
    whole.fetch_add(1, Ordering::SeqCst);
    stream.write_all(head(200, body.len()).as_bytes())?;
    stream.write_all(body)
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
