//! Real sockets on this machine: two leaders, two nodes, the operator.

use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use city_wall::net::{LeaderHandle, NodeLink, run_leader};
use city_wall::{Measures, Role, Snapshot, Source, WallConfig, WallView};
use serde_json::{Value, json};

use crate::support::{SCENE, TOKEN, WALL};

/// A wall on free ports, with its scene beside it.
struct Place {
    dir: tempfile::TempDir,
    config: WallConfig,
}

fn place() -> Place {
    place_with(WALL)
}

fn place_with(wall: &str) -> Place {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("scene.toml"), SCENE).unwrap();
    let mut text = wall.to_owned();
    // Held until all are chosen, so that none is given twice.
    let udp: Vec<UdpSocket> = (0..6)
        .map(|_| UdpSocket::bind("127.0.0.1:0").unwrap())
        .collect();
    let tcp: Vec<TcpListener> = (0..2)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    let udp = udp.iter().map(|s| s.local_addr().unwrap());
    let names = ["7801", "7803", "7811", "7812", "7813", "7814"];
    for (name, address) in names.into_iter().zip(udp) {
        text = text.replace(&format!("127.0.0.1:{name}\""), &format!("{address}\""));
    }
    for (name, listener) in ["7800", "7802"].into_iter().zip(&tcp) {
        let address = listener.local_addr().unwrap();
        text = text.replace(&format!("127.0.0.1:{name}\""), &format!("{address}\""));
    }
    let file = dir.path().join("wall.toml");
    let config = WallConfig::parse(&text, file.to_str().unwrap()).unwrap();
    Place { dir, config }
}

fn start(config: &WallConfig, id: &str) -> LeaderHandle {
    LeaderHandle::start(config, Some(id), &AtomicBool::new(false)).unwrap()
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
    start.elapsed()
}

fn get(address: &str) -> (u16, ureq::http::HeaderMap, Vec<u8>) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = agent.get(address).call().unwrap();
    let body = answer.body_mut().read_to_vec().unwrap();
    (answer.status().as_u16(), answer.headers().clone(), body)
}

fn post(url: &str, token: Option<&str>, body: &str) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut request = agent.post(format!("{url}/api/command"));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut answer = request.send(body).unwrap();
    let text = answer.body_mut().read_to_vec().unwrap();
    (
        answer.status().as_u16(),
        serde_json::from_slice(&text).unwrap_or(Value::Null),
    )
}

fn live(node: &NodeLink) -> bool {
    node.present(node.now_ns()).source == Source::Live
}

#[test]
fn a_wall_plays_through_a_lost_leader() {
    let place = place();
    let a = start(&place.config, "a");
    let b = start(&place.config, "b");
    let nodes = ["n1", "n2"].map(|id| NodeLink::start(&place.config, id).unwrap());
    assert_eq!(nodes[0].present(nodes[0].now_ns()).source, Source::Waiting);
    eventually("both nodes live", || nodes.iter().all(live));
    assert_eq!((a.role(), b.role()), (Role::Active, Role::Standby));
    for node in &nodes {
        node.report(Measures {
            cut_digest: 9,
            ..Measures::default()
        });
    }

    // The operator drives, with the token only.
    let (status, answer) = post(a.url(), None, r#"{"identify":true}"#);
    assert_eq!(status, 401);
    assert!(
        answer["message"]
            .as_str()
            .unwrap()
            .contains("Authorization: Bearer"),
        "{answer}"
    );
    assert_eq!(
        post(
            a.url(),
            Some("0123456789abcdef-tesd"),
            r#"{"identify":true}"#
        )
        .0,
        401
    );
    let (status, answer) = post(a.url(), Some(TOKEN), r#"{"identify":true}"#);
    assert_eq!((status, &answer["revision"]), (200, &json!(2)));
    assert_eq!(post(a.url(), Some(TOKEN), "{").0, 400);
    let (status, answer) = post(a.url(), Some(TOKEN), r#"{"go_preset":{"id":"moon"}}"#);
    assert_eq!(status, 422);
    assert!(
        answer["message"].as_str().unwrap().contains("moon"),
        "{answer}"
    );
    let (status, answer) = post(b.url(), Some(TOKEN), r#"{"identify":true}"#);
    assert_eq!((status, &answer["active"]["id"]), (409, &json!("a")));

    // Everybody has what was set.
    eventually("the state at both nodes and the standby", || {
        let at_b = Snapshot::parse(&get(&format!("{}/api/state", b.url())).2).unwrap();
        nodes
            .iter()
            .all(|node| node.state().is_some_and(|s| s.identify))
            && at_b.state.identify
    });
    eventually("both nodes known to the leader", || {
        let view: WallView =
            serde_json::from_slice(&get(&format!("{}/api/nodes", a.url())).2).unwrap();
        view.live == 2 && view.tiles == city_wall::Agreement::Same && view.nodes[0].has_state
    });

    // The page runs nothing but its own files.
    for path in ["/", "/wall.js", "/wall.css", "/icon.svg"] {
        let (status, headers, body) = get(&format!("{}{path}", a.url()));
        assert_eq!(status, 200);
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        let text = String::from_utf8(body).unwrap();
        assert!(
            !text.contains("style=") && !text.contains("onclick") && !text.contains("innerHTML")
        );
    }
    assert_eq!(get(&format!("{}/nothing", a.url())).0, 404);

    // The leader goes. Frames are looked at all the time, and none is missing.
    drop(a);
    let took = eventually("the standby leads", || {
        let shown: Vec<_> = nodes
            .iter()
            .map(|node| node.present(node.now_ns()))
            .collect();
        assert!(
            shown
                .iter()
                .all(|p| p.camera.is_some() && p.clock.is_some())
        );
        shown
            .iter()
            .all(|p| p.epoch == 2 && p.source == Source::Live)
    });
    // A second and a half, and what a busy machine takes.
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert!(nodes.iter().all(|node| node.leader().unwrap().id == "b"));
    assert_eq!(post(b.url(), Some(TOKEN), r#"{"identify":false}"#).0, 200);

    // It comes back, and stands by.
    let a = start(&place.config, "a");
    eventually("the old leader has the state", || {
        let at_a = Snapshot::parse(&get(&format!("{}/api/state", a.url())).2).unwrap();
        at_a.epoch == 2 && !at_a.state.identify && at_a.revision == 3
    });
    assert_eq!((a.role(), b.role()), (Role::Standby, Role::Active));

    let traffic = nodes[0].traffic();
    assert!(traffic.received_per_s() < 20_000.0, "{traffic:?}");
    assert!(traffic.received_bytes > 0 && traffic.sent_bytes > 0);
    drop(place.dir);
}

#[test]
fn what_cannot_start_says_why() {
    let place = place();
    let stop = AtomicBool::new(false);
    let a = start(&place.config, "a");
    let again = LeaderHandle::start(&place.config, Some("a"), &stop)
        .unwrap_err()
        .to_string();
    assert!(
        again.contains("frames") && again.contains("the port is in use"),
        "{again}"
    );
    let unknown = LeaderHandle::start(&place.config, Some("z"), &stop)
        .unwrap_err()
        .to_string();
    assert!(
        unknown.contains("has no leader \"z\". It has: a, b"),
        "{unknown}"
    );
    let unknown = NodeLink::start(&place.config, "z").unwrap_err().to_string();
    assert!(
        unknown.contains("has no node \"z\". It has: n1, n2, n3, n4"),
        "{unknown}"
    );
    drop(a);
    let mut elsewhere = place.config.clone();
    elsewhere.nodes[0].listen = "192.0.2.1:7811".parse().unwrap();
    let message = NodeLink::start(&elsewhere, "n1").unwrap_err().to_string();
    assert!(
        message.contains("this machine has no such address"),
        "{message}"
    );
    std::fs::remove_file(place.dir.path().join("scene.toml")).unwrap();
    let message = LeaderHandle::start(&place.config, None, &stop)
        .unwrap_err()
        .to_string();
    assert!(message.contains("scene.toml"), "{message}");
}

#[test]
fn nodes_of_another_token_are_not_heard() {
    let place = place();
    let a = start(&place.config, "a");
    let mut other = place.config.clone();
    other.name = "Another wall".to_owned();
    let node = NodeLink::start(&other, "n1").unwrap();
    eventually("the leader leads", || a.role() == Role::Active);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(node.present(node.now_ns()).source, Source::Waiting);
}

#[test]
fn a_barrier_goes_on_over_real_sockets() {
    let place = place_with(&WALL.replace("[wall]", "[wall]\nsync = \"barrier\""));
    let a = start(&place.config, "a");
    let nodes = ["n1", "n2"].map(|id| NodeLink::start(&place.config, id).unwrap());
    eventually("both nodes live", || nodes.iter().all(live));
    let first = nodes[0].present(nodes[0].now_ns()).frame;
    let start = Instant::now();
    let mut worst = 0;
    while start.elapsed() < Duration::from_secs(1) {
        let frames = nodes
            .each_ref()
            .map(|node| node.present(node.now_ns()).frame);
        worst = worst.max(frames[0].abs_diff(frames[1]));
        std::thread::sleep(Duration::from_millis(4));
    }
    // One has its frame a moment before the other. (Numbers follow the time, so that a stall counts as frames.)
    assert!(worst <= 8, "{worst} frames apart");
    assert!(nodes[0].present(nodes[0].now_ns()).frame - first > 20);
    drop(a);
}

#[test]
fn a_leader_waits_for_a_scene_that_is_served_later_and_stops_when_told() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/scene.toml", server.local_addr().unwrap());
    let place = place_with(&WALL.replace("scene = \"scene.toml\"", &format!("scene = \"{url}\"")));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let running = scope.spawn(|| run_leader(&place.config, None, &stop));
        // The first to ask is sent away.
        drop(server.accept().unwrap());
        let (mut client, _) = server.accept().unwrap();
        let _ = client.read(&mut [0; 2048]).unwrap();
        let length = SCENE.len();
        write!(
            client,
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{SCENE}"
        )
        .unwrap();
        let node = NodeLink::start(&place.config, "n1").unwrap();
        eventually("the node is live", || live(&node));
        eventually("the node has the state", || {
            node.state().is_some_and(|state| state.scene == url)
        });
        stop.store(true, Ordering::Relaxed);
        running.join().unwrap().unwrap();
        // The leader's addresses are free again, and the node goes on.
        assert!(node.present(node.now_ns()).camera.is_some());
        assert!(UdpSocket::bind(place.config.leaders[0].frames).is_ok());
    });
}
