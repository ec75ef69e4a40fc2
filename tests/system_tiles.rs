//! The whole streaming app against a server that misbehaves in every way that servers do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use belvedere::app::QualityChoice;
use belvedere::headless::Headless;
use belvedere::notices::Notices;
use belvedere::tiles::{OpenTileset, TileSettings, TileTotals, TilesetSource};
use serde_json::json;
use support::server;
use support::{glb, tile, tileset};

/// How a path is answered.
#[derive(Clone)]
enum Answer {
    Whole(Vec<u8>),
    Status(u16),
    /// Whole in the end, a few bytes at a time.
    Slowly(Vec<u8>),
    /// Says its full length and hangs up halfway.
    HalfFinished(Vec<u8>),
    /// Takes the request and says nothing.
    Never,
    /// Begins and then says nothing more.
    Stalls(Vec<u8>),
    /// 503 so many times, then the whole.
    After(u32, Vec<u8>),
    /// A header that promises more than anybody would take.
    Huge,
}

type Route = (&'static str, Answer);

/// A server on a free port; its threads end with the test's process.
struct Server {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(routes: Vec<Route>) -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (log, routes) = (asked.clone(), Arc::new(routes));
        let failures = Arc::new(AtomicU32::new(0));
        let base = server::serve(move |seen, stream| {
            answer(&seen.target, stream, &routes, &log, &failures)
        });
        Self { base, asked }
    }

    fn count(&self, path: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|p| *p == path).count()
    }
}

fn answer(
    path: &str,
    stream: &mut TcpStream,
    routes: &[Route],
    log: &Mutex<Vec<String>>,
    failures: &AtomicU32,
) -> std::io::Result<()> {
    log.lock().unwrap().push(path.to_owned());
    let head = |status: u16, length: u64| server::head(status, length, "");
    let found = routes.iter().find(|(name, _)| *name == path);
    match found.map_or(Answer::Status(404), |(_, answer)| answer.clone()) {
        Answer::Whole(body) => server::send(stream, 200, "", &body),
        Answer::Status(status) => stream.write_all(head(status, 0).as_bytes()),
        Answer::Slowly(body) => {
            stream.write_all(head(200, body.len() as u64).as_bytes())?;
            for part in body.chunks(body.len() / 8 + 1) {
                stream.write_all(part)?;
                std::thread::sleep(Duration::from_millis(300));
            }
            Ok(())
        }
        Answer::HalfFinished(body) => {
            stream.write_all(head(200, body.len() as u64).as_bytes())?;
            stream.write_all(&body[..body.len() / 2])
        }
        Answer::Never => {
            std::thread::sleep(Duration::from_secs(120));
            Ok(())
        }
        Answer::Stalls(body) => {
            stream.write_all(head(200, body.len() as u64).as_bytes())?;
            stream.write_all(&body[..body.len() / 2])?;
            std::thread::sleep(Duration::from_secs(120));
            Ok(())
        }
        Answer::After(count, body) => {
            if failures.fetch_add(1, Ordering::Relaxed) < count {
                return stream.write_all(head(503, 0).as_bytes());
            }
            server::send(stream, 200, "", &body)
        }
        Answer::Huge => {
            stream.write_all(head(200, 1 << 40).as_bytes())?;
            let zeros = vec![0u8; 1 << 20];
            loop {
                stream.write_all(&zeros)?;
            }
        }
    }
}

fn open(url: &str) -> Headless {
    let mut headless = Headless::new([320, 180], QualityChoice::Lean).unwrap();
    headless
        .app
        .world_mut()
        .resource_mut::<TileSettings>()
        .patience_s = 1.0;
    let source = TilesetSource {
        name: "test".into(),
        url: url.into(),
        ..TilesetSource::default()
    };
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

/// Contents that fail leave their parents, each with a message; everything else is drawn.
#[test]
fn parents_stay_the_rest_loads_and_messages_say_why() {
    // Triangles tell which contents are drawn: the root has 1, the good group's parent 2 and its children 3, 4 and 5.
    // Each other group has a parent of its own, with 10 to 70 triangles, that must stay.
    let group = |name: &str, child: &str| {
        tile(
            &format!("{name}.glb"),
            200.0,
            vec![tile(child, 0.0, vec![])],
        )
    };
    let good = vec![
        tile("a.glb", 0.0, vec![]),
        tile("slow.glb", 0.0, vec![]),
        tile("later.glb", 0.0, vec![]),
    ];
    let root = tile(
        "root.glb",
        500.0,
        vec![
            tile("good.glb", 200.0, good),
            group("p1", "gone.glb"),
            group("p2", "error.glb"),
            group("p3", "half.glb"),
            group("p4", "never.glb"),
            group("p5", "stalls.glb"),
            group("p6", "page.glb"),
            group("p7", "cut.json"),
        ],
    );
    let routes: Vec<Route> = vec![
        ("/tileset.json", Answer::Whole(tileset(root).into_bytes())),
        ("/root.glb", Answer::Whole(glb(1, 0.0))),
        ("/good.glb", Answer::Whole(glb(2, 0.0))),
        ("/a.glb", Answer::Whole(glb(3, 0.0))),
        ("/slow.glb", Answer::Slowly(glb(4, 0.0))),
        ("/later.glb", Answer::After(2, glb(5, 0.0))),
        ("/p1.glb", Answer::Whole(glb(10, 0.0))),
        ("/p2.glb", Answer::Whole(glb(20, 0.0))),
        ("/p3.glb", Answer::Whole(glb(30, 0.0))),
        ("/p4.glb", Answer::Whole(glb(40, 0.0))),
        ("/p5.glb", Answer::Whole(glb(50, 0.0))),
        ("/p6.glb", Answer::Whole(glb(60, 0.0))),
        ("/p7.glb", Answer::Whole(glb(70, 0.0))),
        ("/error.glb", Answer::Status(500)),
        ("/half.glb", Answer::HalfFinished(glb(1000, 0.0))),
        ("/never.glb", Answer::Never),
        ("/stalls.glb", Answer::Stalls(glb(1000, 0.0))),
        (
            "/page.glb",
            Answer::Whole(b"<html>not found</html>".to_vec()),
        ),
        (
            "/cut.json",
            Answer::Whole(b"{\"asset\":{\"version\":\"1.1\"},\"root\":{".to_vec()),
        ),
    ];
    let server = Server::start(routes);
    let mut headless = open(&format!("{}/tileset.json", server.base));
    // The first frames know no tile yet and are complete; wait until something is drawn.
    let started = Instant::now();
    while headless.app.world().resource::<TileTotals>().shown == 0 {
        headless.frame().unwrap();
        assert!(started.elapsed().as_secs() < 30, "{:?}", told(&headless));
        std::thread::sleep(Duration::from_millis(5));
    }
    headless.settle(Duration::from_secs(90)).unwrap();

    let totals = headless.app.world().resource::<TileTotals>().clone();
    let messages = told(&headless);
    assert_eq!(
        totals.triangles,
        3 + 4 + 5 + 10 + 20 + 30 + 40 + 50 + 60 + 70,
        "{messages:#?}"
    );
    assert_eq!(totals.failed, 7, "{messages:#?}");
    for (file, cause) in [
        ("gone.glb", "not found"),
        ("error.glb", "500"),
        ("half.glb", "ended in the middle"),
        ("never.glb", "said nothing for 1 s"),
        ("stalls.glb", "said nothing for 1 s"),
        ("page.glb", "not tile content"),
        ("cut.json", "truncated"),
    ] {
        let address = format!("{}/{file}", server.base);
        let found: Vec<_> = messages.iter().filter(|m| m.contains(&address)).collect();
        assert_eq!(found.len(), 1, "{file}: {messages:#?}");
        let message = found[0].to_lowercase();
        assert!(message.contains(cause), "{message}");
        assert!(message.len() > address.len() + 10, "no cause: {message}");
    }
    assert_eq!(messages.len(), 7, "{messages:#?}");
    // What a server will not have is asked for once; what may come back, again, and not for ever.
    assert_eq!(server.count("/gone.glb"), 1);
    assert_eq!(server.count("/page.glb"), 1);
    assert_eq!(server.count("/later.glb"), 3);
    assert_eq!(server.count("/error.glb"), 4);
    assert_eq!(server.count("/half.glb"), 4);
    let picture = headless.picture().unwrap();
    let first = picture.get_pixel(0, 0);
    assert!(picture.pixels().any(|p| p.0[0].abs_diff(first.0[0]) > 40));
}

/// An answer without end stops at the limit, and the parent stays.
#[test]
fn an_answer_without_end_is_cut_off() {
    let root = tile("root.glb", 500.0, vec![tile("huge.glb", 0.0, vec![])]);
    let routes: Vec<Route> = vec![
        ("/tileset.json", Answer::Whole(tileset(root).into_bytes())),
        ("/root.glb", Answer::Whole(glb(1, 0.0))),
        ("/huge.glb", Answer::Huge),
    ];
    let server = Server::start(routes);
    let mut headless = open(&format!("{}/tileset.json", server.base));
    for _ in 0..500 {
        headless.frame().unwrap();
        if headless.app.world().resource::<TileTotals>().shown > 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    headless.settle(Duration::from_secs(60)).unwrap();
    let totals = headless.app.world().resource::<TileTotals>().clone();
    assert_eq!((totals.triangles, totals.failed), (1, 1));
    let messages = told(&headless);
    assert!(
        messages
            .iter()
            .any(|m| m.contains("/huge.glb") && m.contains("more than 268435456 bytes")),
        "{messages:?}"
    );
    assert_eq!(server.count("/huge.glb"), 1);
    let bytes = totals.bytes_fetched;
    assert!(bytes < 300 << 20, "{bytes} bytes were taken");
}

/// Tilesets that name each other are told once and end; what is beside them is drawn.
#[test]
fn a_cycle_of_tilesets_ends() {
    let a = json!({
        "boundingVolume": {"box": [60, 0, 5, 70, 0, 0, 0, 10, 0, 0, 0, 10]}, "geometricError": 500, "refine": "ADD",
        "children": [tile("b.json", 200.0, vec![]), tile("a.glb", 0.0, vec![])],
    });
    let routes: Vec<Route> = vec![
        ("/tileset.json", Answer::Whole(tileset(a).into_bytes())),
        (
            "/b.json",
            Answer::Whole(tileset(tile("tileset.json", 200.0, vec![])).into_bytes()),
        ),
        ("/a.glb", Answer::Whole(glb(3, 0.0))),
    ];
    let server = Server::start(routes);
    let mut headless = open(&format!("{}/tileset.json", server.base));
    for _ in 0..200 {
        headless.frame().unwrap();
        std::thread::sleep(Duration::from_millis(5));
    }
    headless.settle(Duration::from_secs(30)).unwrap();
    let totals = headless.app.world().resource::<TileTotals>().clone();
    let messages = told(&headless);
    assert_eq!(totals.triangles, 3, "{messages:?}");
    assert!(
        messages.iter().any(|m| m.contains("contains itself")),
        "{messages:?}"
    );
    assert!(totals.requests < 10, "{} requests", totals.requests);
}
