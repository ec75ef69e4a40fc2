//! The viewer, tiles and scenes as a browser gets them.

use crate::support::{config, start};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// The raw answer to a request with these header lines.
fn raw(address: std::net::SocketAddr, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    (head, answer[end + 4..].to_vec())
}

#[test]
fn the_viewer_is_served_compressed_with_its_policy_and_nothing_else_is() {
    let dir = tempfile::tempdir().unwrap();
    let (web, tiles) = (dir.path().join("web"), dir.path().join("tiles"));
    let build = web.join("v/app-0123abcd");
    std::fs::create_dir_all(&build).unwrap();
    std::fs::create_dir_all(&tiles).unwrap();
    std::fs::write(web.join("index.html"), "<p>viewer</p>").unwrap();
    std::fs::write(web.join("manifest.json"), "{}").unwrap();
    std::fs::write(build.join("app.wasm"), "plain").unwrap();
    std::fs::write(build.join("app.wasm.br"), "squeezed").unwrap();
    std::fs::write(tiles.join("tileset.json"), "{}").unwrap();
    std::fs::write(tiles.join("a.glb"), "0123456789").unwrap();
    std::fs::write(dir.path().join("secret"), "secret").unwrap();
    let (mut config, clock) = config(&dir.path().join("data"));
    config.web_dir = Some(web);
    config.tiles_dir = Some(tiles);
    let hub = start(config, clock, None);
    let get = |path: &str, headers: &str| raw(hub.hub.addr, path, headers);

    let (head, body) = get("/", "");
    assert!(head.starts_with("http/1.1 200") && body == b"<p>viewer</p>");
    assert!(head.contains("cache-control: no-cache"));
    let (head, _) = get("/manifest.json", "");
    assert!(head.contains("cache-control: no-cache"), "{head}");

    let (head, body) = get("/v/app-0123abcd/app.wasm", "Accept-Encoding: br\r\n");
    assert!(head.contains("content-encoding: br") && body == b"squeezed");
    assert!(head.contains("vary: accept-encoding"), "{head}");
    assert!(head.contains("content-type: application/wasm"), "{head}");
    assert!(head.contains("max-age=31536000, immutable"), "{head}");
    let (head, body) = get("/v/app-0123abcd/app.wasm", "");
    assert!(!head.contains("content-encoding") && body == b"plain");
    assert!(head.contains("immutable"));
    // What is not there may come with the next build.
    let (head, _) = get("/v/app-0123abcd/other.js", "");
    assert!(
        head.starts_with("http/1.1 404") && head.contains("no-cache"),
        "{head}"
    );
    let (head, _) = get(
        "/v/app-0123abcd/app.wasm",
        "If-Modified-Since: Wed, 21 Oct 2065 07:28:00 GMT\r\n",
    );
    assert!(
        head.starts_with("http/1.1 304") && head.contains("immutable"),
        "{head}"
    );

    let (head, body) = get("/tiles/a.glb", "Range: bytes=2-4\r\n");
    assert!(head.starts_with("http/1.1 206") && body == b"234", "{head}");
    let (head, _) = get("/tiles/a.glb", "");
    assert!(head.contains("max-age=3600"));
    let (head, _) = get("/tiles/tileset.json", "");
    assert!(head.contains("no-cache"));

    for path in [
        "/../secret",
        "/tiles/../secret",
        "/tiles/..%2fsecret",
        "/tiles/%2e%2e/secret",
        "/nothing",
    ] {
        let (head, body) = get(path, "");
        assert!(head.starts_with("http/1.1 4"), "{path}: {head}");
        assert!(!body.windows(6).any(|w| w == b"secret"), "{path}");
    }
    let (head, _) = get("/api/health", "Origin: http://elsewhere.example\r\n");
    assert!(!head.contains("access-control-allow-origin"));
}

#[test]
fn without_a_viewer_a_page_says_how_to_build_it() {
    let dir = tempfile::tempdir().unwrap();
    let (config, clock) = config(dir.path());
    let hub = start(config, clock, None);
    let (status, body) = hub.get("/");
    assert_eq!(status, 200);
    assert!(String::from_utf8_lossy(&body).contains("cargo xtask web"));
    assert_eq!(hub.get("/nothing").0, 404);
}

#[test]
fn other_pages_may_read_only_where_the_hub_allows_them() {
    let dir = tempfile::tempdir().unwrap();
    let (mut config, clock) = config(dir.path());
    config.allow_origins = vec!["http://friend.example".to_owned()];
    let hub = start(config, clock, None);
    let upgrade = |origin: &str| {
        let headers = format!(
            "Origin: {origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        let mut stream = TcpStream::connect(hub.hub.addr).unwrap();
        let request = format!(
            "GET /api/live HTTP/1.1\r\nHost: {}\r\n{headers}\r\n",
            hub.hub.addr
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        String::from_utf8_lossy(&first).into_owned()
    };
    assert_eq!(upgrade("http://elsewhere.example"), "HTTP/1.1 403");
    assert_eq!(upgrade("http://friend.example"), "HTTP/1.1 101");
    assert_eq!(upgrade(&format!("http://{}", hub.hub.addr)), "HTTP/1.1 101");
    let (head, _) = raw(
        hub.hub.addr,
        "/api/catalog",
        "Origin: http://friend.example\r\n",
    );
    assert!(head.contains("access-control-allow-origin: http://friend.example"));
}

/// The directives of the policy, by name.
fn policy(head: &str) -> std::collections::BTreeMap<String, String> {
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix("content-security-policy: "))
        .unwrap_or_else(|| panic!("no policy in {head}"));
    line.split(';')
        .map(|directive| {
            let (name, value) = directive.trim().split_once(' ').unwrap();
            (name.to_owned(), value.trim().to_owned())
        })
        .collect()
}

#[test]
fn every_answer_has_the_policy_and_it_lets_nothing_inline_run() {
    let dir = tempfile::tempdir().unwrap();
    let (config, clock) = config(dir.path());
    let hub = start(config, clock, None);
    for path in [
        "/",
        "/no_viewer.css",
        "/nothing",
        "/api/health",
        "/api/window",
        "/v1.1",
        "/v1.1/Nothing",
    ] {
        let (head, _) = raw(hub.hub.addr, path, "");
        let policy = policy(&head);
        assert_eq!(policy["script-src"], "'self' 'wasm-unsafe-eval'", "{path}");
        assert_eq!(policy["style-src"], "'self'", "{path}");
        assert_eq!(policy["default-src"], "'self'", "{path}");
        assert_eq!(policy["object-src"], "'none'", "{path}");
        assert_eq!(policy["frame-ancestors"], "'self'", "{path}");
        assert!(
            policy.values().all(|value| !value.contains("'unsafe-")),
            "{path}"
        );
        assert!(head.contains("x-content-type-options: nosniff"), "{path}");
        // Nothing here shares memory between threads.
        assert!(!head.contains("cross-origin-embedder-policy"), "{path}");
    }
}

/// What the policy would not let run must not be in a page.
#[test]
fn no_page_has_anything_inline() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in ["src/http/no_viewer.html", "../../web/index.html"] {
        let text = std::fs::read_to_string(root.join(page))
            .unwrap()
            .to_lowercase();
        assert!(
            !text.contains("<style") && !text.contains("style="),
            "{page}"
        );
        assert!(!text.contains("javascript:"), "{page}");
        for script in text.split("<script").skip(1) {
            let (tag, rest) = script.split_once('>').unwrap();
            assert!(tag.contains("src="), "{page}: <script{tag}>");
            assert!(rest.trim_start().starts_with("</script>"), "{page}");
        }
        let handler = text.split_whitespace().find(|word| {
            let name = word.split('=').next().unwrap_or_default();
            word.contains('=') && name.starts_with("on") && name.len() > 4
        });
        assert_eq!(handler, None, "{page}");
    }
}
