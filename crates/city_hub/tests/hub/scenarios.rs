//! Scenarios as a browser and a planner's desktop get and save them.

use crate::support::{Answer, TestHub, ask, config, start};
use serde_json::Value;

fn get(hub: &TestHub, path: &str) -> Answer {
    ask(hub, "GET", path, "", b"")
}

fn put(hub: &TestHub, id: &str, condition: &str, text: &str) -> Answer {
    let path = format!("/api/scenarios/{id}");
    ask(
        hub,
        "PUT",
        &path,
        &format!("{condition}\r\n"),
        text.as_bytes(),
    )
}

const NEW: &str = "If-None-Match: *";

fn matching(tag: &str) -> String {
    format!("If-Match: {tag}")
}

/// A scenario that closes these streets.
fn text(id: &str, streets: &[&str]) -> String {
    let mut text = format!("id = \"{id}\"\nname = \"The {id}\"\nbase = \"scenes/harbour.toml\"\n");
    for street in streets {
        text += &format!(
            "[[operation]]\nid = \"{street}\"\nkind = \"close-street\"\nstreet = \"{street}\"\nauthor = \"by {street}\"\n"
        );
    }
    text
}

fn hub() -> (TestHub, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let (config, clock) = config(dir.path());
    (start(config, clock, None), dir)
}

#[test]
fn a_scenario_is_saved_listed_and_read_and_outlives_the_hub() {
    let (first, dir) = hub();
    assert_eq!(get(&first, "/api/scenarios").json(), serde_json::json!([]));
    assert_eq!(get(&first, "/api/scenarios/tram").status, 404);
    let tram = text("tram", &["R1"]);
    let saved = put(&first, "tram", NEW, &tram);
    assert_eq!(
        (
            saved.status,
            saved.json()["problems"].as_array().unwrap().len()
        ),
        (201, 0)
    );
    let read = get(&first, "/api/scenarios/tram");
    assert_eq!((read.status, read.body.as_slice()), (200, tram.as_bytes()));
    assert_eq!(read.tag(), saved.tag());
    assert!(
        read.head.contains("content-type: application/toml")
            && read.head.contains("cache-control: no-cache")
    );
    let again = ask(
        &first,
        "GET",
        "/api/scenarios/tram",
        &format!("If-None-Match: {}\r\n", read.tag()),
        b"",
    );
    assert_eq!((again.status, again.body.len()), (304, 0));
    let list = get(&first, "/api/scenarios").json();
    assert_eq!(
        (&list[0]["id"], &list[0]["name"]),
        (&"tram".into(), &"The tram".into())
    );
    assert_eq!(
        format!("\"{}\"", list[0]["revision"].as_str().unwrap()),
        read.tag()
    );
    assert!(list[0]["modified"].as_str().unwrap().starts_with("20"));
    assert_eq!(
        std::fs::read_to_string(dir.path().join("scenarios/tram.toml")).unwrap(),
        tram
    );
    first.hub.shutdown();
    // One that somebody put there by hand and that cannot be read is said.
    std::fs::write(dir.path().join("scenarios/broken.toml"), "name = ").unwrap();
    let (config, clock) = config(dir.path());
    let second = start(config, clock, None);
    let list = get(&second, "/api/scenarios").json();
    assert!(
        list[0]["error"]
            .as_str()
            .unwrap()
            .starts_with("broken.toml:1:"),
        "{list}"
    );
    assert_eq!(list[1]["id"], "tram");
}

#[test]
fn the_second_to_save_is_told_what_the_first_did_and_nothing_is_lost() {
    let (hub, _dir) = hub();
    let old = put(&hub, "tram", NEW, &text("tram", &["R1"])).tag();
    let theirs = put(&hub, "tram", &matching(&old), &text("tram", &["R1", "R2"]));
    assert_eq!(theirs.status, 200);
    let mine = put(&hub, "tram", &matching(&old), &text("tram", &["R1", "R3"]));
    assert_eq!(mine.status, 412);
    let told = mine.json();
    assert_eq!(told["text"], text("tram", &["R1", "R2"]));
    assert_eq!(
        format!("\"{}\"", told["revision"].as_str().unwrap()),
        theirs.tag()
    );
    assert_eq!(mine.tag(), theirs.tag());
    assert_eq!(told["report"]["theirs"][0]["id"], "R2");
    assert_eq!(
        (
            &told["report"]["theirs"][0]["author"],
            &told["report"]["theirs"][0]["what"]
        ),
        (&"by R2".into(), &"added".into())
    );
    assert_eq!(told["report"]["mine"][0]["id"], "R3");
    assert_eq!(
        (
            &told["report"]["conflicts"],
            &told["report"]["ancestor_known"]
        ),
        (&serde_json::json!([]), &true.into())
    );
    // Both can hold, and what comes of it can be saved.
    let merged = told["merged"].as_str().unwrap().to_owned();
    assert_eq!(
        put(&hub, "tram", &matching(&mine.tag()), &merged).status,
        200
    );
    let now = String::from_utf8(get(&hub, "/api/scenarios/tram").body).unwrap();
    assert!(
        ["R1", "R2", "R3"].iter().all(|street| now.contains(street)),
        "{now}"
    );
    // The same text again is no new revision.
    let tag = get(&hub, "/api/scenarios/tram").tag();
    assert_eq!(put(&hub, "tram", &matching(&tag), &now).tag(), tag);
    // One of the same name that is there already.
    let taken = put(&hub, "tram", NEW, &text("tram", &[]));
    assert_eq!(taken.status, 412);
    assert_eq!(
        (
            &taken.json()["report"]["ancestor_known"],
            &taken.json()["merged"]
        ),
        (&false.into(), &Value::Null)
    );
    assert_eq!(
        put(&hub, "other", &matching(&old), &text("other", &[])).status,
        412
    );
    assert_eq!(
        put(&hub, "tram", "If-Match: *", &text("tram", &[])).status,
        200
    );
}

#[test]
fn twenty_revisions_are_kept() {
    let (hub, dir) = hub();
    let first = put(&hub, "tram", NEW, &text("tram", &["R0"])).tag();
    let mut tag = first.clone();
    let mut early = String::new();
    for i in 1..=24 {
        tag = put(
            &hub,
            "tram",
            &matching(&tag),
            &text("tram", &["R0", &format!("S{i}")]),
        )
        .tag();
        if i == 20 {
            early.clone_from(&tag);
        }
    }
    let kept = std::fs::read_dir(dir.path().join("scenarios/revisions/tram"))
        .unwrap()
        .count();
    assert_eq!(kept, 20);
    let known = |tag: &str| {
        let refused = put(&hub, "tram", &matching(tag), &text("tram", &["R9"]));
        assert_eq!(refused.status, 412);
        refused.json()["report"]["ancestor_known"]
            .as_bool()
            .unwrap()
    };
    assert!(known(&early) && !known(&first));
}

#[test]
fn what_cannot_be_a_scenario_is_refused_with_its_reason() {
    let (hub, dir) = hub();
    let refused = |id: &str, condition: &str, text: &str| {
        let answer = put(&hub, id, condition, text);
        (
            answer.status,
            answer.json()["message"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let good = text("tram", &["R1"]);
    assert_eq!(refused("tram", "X: y", &good).0, 428);
    let (status, message) = refused("tram", NEW, "name = 1");
    assert!(
        status == 400 && message.starts_with("tram.toml:1:8: "),
        "{message}"
    );
    assert_eq!(
        put(&hub, "tram", NEW, "nmae = 1").json()["problems"][0]["place"],
        serde_json::json!([1, 1])
    );
    let (status, message) = refused("tram", NEW, &format!("schema = 9\n{good}"));
    assert!(
        status == 400 && message.contains("newer version"),
        "{message}"
    );
    let (status, message) = refused("bus", NEW, &good);
    assert!(
        status == 400 && message.contains("the file's id is \"tram\""),
        "{message}"
    );
    for id in ["Tram", "a.b", "..%2f..%2fx", "%2e%2e", &"a".repeat(65)] {
        assert_eq!(refused(id, NEW, &good).0, 400, "{id}");
        assert_eq!(
            get(&hub, &format!("/api/scenarios/{id}")).status,
            404,
            "{id}"
        );
    }
    let long = format!("{good}# {}", "x".repeat(1 << 20));
    assert_eq!(refused("tram", NEW, &long).0, 413);
    assert_eq!(
        get(&hub, "/api/scenarios").json(),
        serde_json::json!([]),
        "none of it was saved"
    );
    assert!(!dir.path().join("scenarios").exists());
    // One wrong operation does not keep the others from being saved, and is said.
    let answer = put(
        &hub,
        "tram",
        NEW,
        &good.replace("street = \"R1\"", "street = \"\""),
    );
    assert_eq!(answer.status, 201);
    assert!(
        answer.json()["problems"][0]["cause"]
            .as_str()
            .unwrap()
            .contains("cannot be used in street")
    );
}

#[test]
fn pages_from_elsewhere_may_not_save() {
    let (hub, _dir) = hub();
    let good = text("tram", &[]);
    let other = format!("{NEW}\r\nOrigin: http://elsewhere.example");
    assert_eq!(put(&hub, "tram", &other, &good).status, 403);
    let proxied = format!("{NEW}\r\nX-Forwarded-For: 192.0.2.1");
    assert_eq!(put(&hub, "tram", &proxied, &good).status, 403);
    let own = format!("{NEW}\r\nOrigin: http://{}", hub.hub.addr);
    assert_eq!(put(&hub, "tram", &own, &good).status, 201);
}
