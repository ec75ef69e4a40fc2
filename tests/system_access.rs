//! Servers that want keys: headers, sessions that travel in addresses, and tokens that run out while the city is open.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use belvedere::app::QualityChoice;
use belvedere::headless::Headless;
use belvedere::notices::Notices;
use belvedere::tiles::{Access, OpenTileset, TileTotals, TilesetSource};
use serde_json::json;
use support::server::{self, Seen};
use support::{glb, tile, tileset};

/// Serves what a test answers to each request: a status and a body.
fn serve(answers: impl Fn(&Seen) -> (u16, Vec<u8>) + Send + Sync + 'static) -> String {
    let answers = Arc::new(answers);
    server::serve(move |seen, stream| {
        let (status, body) = answers(seen);
        server::send(stream, status, "", &body)
    })
}

/// A root of one triangle and four children of two.
fn city() -> Vec<u8> {
    let child = |index: usize| tile(&format!("{index}.glb"), 0.0, vec![]);
    let root = tile("root.glb", 500.0, (0..4).map(child).collect());
    tileset(root).into_bytes()
}

fn content(path: &str) -> Vec<u8> {
    match path.rsplit('/').next() {
        Some("tileset.json") => city(),
        Some("root.glb") => glb(1, 0.0),
        _ => glb(2, 0.0),
    }
}

const TRIANGLES: u64 = 4 * 2;

fn open(source: TilesetSource) -> Headless {
    let mut headless = Headless::new([160, 90], QualityChoice::Lean).unwrap();
    headless.app.world_mut().write_message(OpenTileset {
        source,
        frame_it: true,
        replace: true,
    });
    headless
}

fn told(headless: &Headless) -> Vec<String> {
    let notices = headless.app.world().resource::<Notices>();
    notices.list().iter().map(|n| n.text.clone()).collect()
}

/// What is told, once something is; nothing after 400 frames.
fn until_told(headless: &mut Headless) -> Vec<String> {
    for _ in 0..400 {
        headless.frame().unwrap();
        std::thread::sleep(Duration::from_millis(5));
        if !told(headless).is_empty() {
            break;
        }
    }
    told(headless)
}

fn until_shown(headless: &mut Headless) -> u64 {
    let started = Instant::now();
    while headless.app.world().resource::<TileTotals>().shown == 0 {
        headless.frame().unwrap();
        assert!(started.elapsed().as_secs() < 30, "{:?}", told(headless));
        std::thread::sleep(Duration::from_millis(5));
    }
    headless.settle(Duration::from_secs(30)).unwrap();
    headless.app.world().resource::<TileTotals>().triangles
}

#[test]
fn headers_and_keys_go_with_every_request() {
    let base = serve(|seen: &Seen| {
        let has_key = seen
            .headers
            .get("x-key")
            .is_some_and(|key| key == "open sesame");
        let has_token = seen.query.get("token").is_some_and(|token| token == "t");
        if has_key && has_token {
            (200, content(&seen.path))
        } else {
            (403, Vec::new())
        }
    });
    let url = format!("{base}/tileset.json");
    let mut headless = open(TilesetSource {
        url: url.clone(),
        access: Access {
            headers: vec![("X-Key".into(), "open sesame".into())],
            query: vec![("token".into(), "t".into())],
            endpoint: None,
        },
        ..TilesetSource::default()
    });
    assert_eq!(until_shown(&mut headless), TRIANGLES);
    assert_eq!(told(&headless), Vec::<String>::new());

    let mut refused = open(TilesetSource {
        url,
        ..TilesetSource::default()
    });
    let started = Instant::now();
    while told(&refused).is_empty() && started.elapsed().as_secs() < 30 {
        refused.frame().unwrap();
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(told(&refused)[0].contains("403"), "{:?}", told(&refused));
}

/// As Google's photorealistic tiles have it: the root wants a key, and names a session that all below it want too.
#[test]
fn a_session_travels_down_the_tileset() {
    let base = serve(|seen: &Seen| {
        let key = seen.query.get("key").is_some_and(|key| key == "k");
        let session = seen
            .query
            .get("session")
            .is_some_and(|session| session == "s1");
        match seen.path.as_str() {
            "/v1/3dtiles/root.json" if key => {
                let root = json!({
                    "boundingVolume": {"box": [60, 0, 5, 70, 0, 0, 0, 10, 0, 0, 0, 10]},
                    "geometricError": 1000, "refine": "REPLACE",
                    "content": {"uri": "/v1/3dtiles/files/tileset.json?session=s1"},
                });
                (200, tileset(root).into_bytes())
            }
            path if key && session => (200, content(path)),
            _ => (403, Vec::new()),
        }
    });
    let mut headless = open(TilesetSource {
        url: format!("{base}/v1/3dtiles/root.json?key=k"),
        ..TilesetSource::default()
    });
    assert_eq!(until_shown(&mut headless), TRIANGLES);
    assert_eq!(told(&headless), Vec::<String>::new());
}

/// As Cesium ion has it: an endpoint names the tileset and a token, which runs out while the tiles load.
#[test]
fn a_token_that_runs_out_is_renewed_without_losing_the_view() {
    let tokens = Arc::new(AtomicUsize::new(0));
    let uses = Arc::new(Mutex::new(HashMap::<usize, usize>::new()));
    let base: Arc<Mutex<String>> = Arc::default();
    let (issued, used, own) = (tokens.clone(), uses.clone(), base.clone());
    let address = serve(move |seen: &Seen| {
        if seen.path == "/v1/assets/96188/endpoint" {
            if seen.query.get("access_token").map(String::as_str) != Some("account") {
                return (401, Vec::new());
            }
            let token = issued.fetch_add(1, Ordering::SeqCst) + 1;
            let answer = json!({
                "type": "3DTILES",
                "url": format!("{}/assets/tileset.json?v=1", own.lock().unwrap()),
                "accessToken": format!("token {token}"),
                "attributions": [{"html": "<b>City survey</b>", "collapsible": false}],
            });
            return (200, answer.to_string().into_bytes());
        }
        let token = seen.headers.get("authorization");
        let token = token.and_then(|token| token.strip_prefix("Bearer token ")?.parse().ok());
        let Some(token) = token else {
            return (401, Vec::new());
        };
        let mut used = used.lock().unwrap();
        let count = used.entry(token).or_default();
        *count += 1;
        // The first token is good for two files.
        if token == 1 && *count > 2 {
            return (401, Vec::new());
        }
        (200, content(&seen.path))
    });
    base.lock().unwrap().clone_from(&address);
    let mut headless = open(TilesetSource {
        url: format!("ion:96188?access_token=account&server={address}"),
        ..TilesetSource::default()
    });
    assert_eq!(until_shown(&mut headless), TRIANGLES);
    assert_eq!(told(&headless), Vec::<String>::new(), "nobody was bothered");
    assert_eq!(
        tokens.load(Ordering::SeqCst),
        2,
        "renewed once for all that waited"
    );
    let totals = headless.app.world().resource::<TileTotals>();
    assert!(
        totals.credits.iter().any(|credit| credit == "City survey"),
        "{:?}",
        totals.credits
    );

    let mut refused = open(TilesetSource {
        url: format!("ion:96188?access_token=other&server={address}"),
        ..TilesetSource::default()
    });
    let messages = until_told(&mut refused);
    assert!(
        messages[0].contains("401") && !messages[0].contains("other"),
        "{messages:?}"
    );
}

#[test]
fn a_server_that_wants_a_key_says_how_it_is_given() {
    let address = serve(|_| (403, Vec::new()));
    let mut refused = open(TilesetSource {
        url: format!("{address}/tileset.json"),
        ..TilesetSource::default()
    });
    let messages = until_told(&mut refused);
    assert!(
        messages[0].contains("403") && messages[0].contains("docs/tilesets.md"),
        "{messages:?}"
    );
}
