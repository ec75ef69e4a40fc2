//! Scenarios are deleted, and models that no scenario names any more.

use crate::support::{Answer, TestHub, ask, config, start};
use city_scene::scenario::KeptModel;
use serde_json::{Value, json};

fn hub() -> (TestHub, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let (config, clock) = config(dir.path());
    (start(config, clock, None), dir)
}

fn get(hub: &TestHub, path: &str) -> Answer {
    ask(hub, "GET", path, "", b"")
}

fn delete(hub: &TestHub, path: &str, headers: &str) -> Answer {
    ask(hub, "DELETE", path, headers, b"")
}

fn matching(tag: &str) -> String {
    format!("If-Match: {tag}\r\n")
}

fn message(answer: &Answer) -> String {
    answer.json()["message"].as_str().unwrap().to_owned()
}

/// A scenario that closes a street and places these models.
fn text(id: &str, street: &str, models: &[&str]) -> String {
    let mut text = format!(
        "id = \"{id}\"\nname = \"The {id}\"\nbase = \"scenes/harbour.toml\"\n[[operation]]\nid = \"op-street\"\n\
         kind = \"close-street\"\nstreet = \"{street}\"\nauthor = \"Ada\"\n"
    );
    for (index, model) in models.iter().enumerate() {
        text += &format!(
            "[[operation]]\nid = \"op-{index}\"\nkind = \"place-model\"\nurl = \"hub:models/{model}#a.glb\"\n\
             position = {{ lon = 114.1, lat = 22.3, height = 5.0 }}\n"
        );
    }
    text
}

/// Saves one, and gives its tag.
fn save(hub: &TestHub, id: &str, condition: &str, text: &str) -> String {
    let path = format!("/api/scenarios/{id}");
    let answer = ask(hub, "PUT", &path, condition, text.as_bytes());
    assert!(
        matches!(answer.status, 200 | 201),
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    assert_eq!(answer.json()["problems"], json!([]));
    answer.tag()
}

const NEW: &str = "If-None-Match: *\r\n";

/// Brings a model, and gives the name of its file.
fn bring(hub: &TestHub, filler: u8) -> String {
    let mut bytes = b"glTF\x02\0\0\0\x64\0\0\0".to_vec();
    bytes.resize(100, filler);
    let file = KeptModel::of(&bytes).file();
    let path = format!("/api/models/{file}");
    let answer = ask(hub, "PUT", &path, "", &bytes);
    assert!(matches!(answer.status, 200 | 201));
    file
}

fn has(hub: &TestHub, file: &str) -> bool {
    get(hub, &format!("/api/models/{file}")).status == 200
}

#[test]
fn a_deleted_scenario_is_gone_and_its_link_says_so_after_a_restart_too() {
    let (first, dir) = hub();
    let tag = save(&first, "tram", NEW, &text("tram", "R1", &[]));
    let tag = save(&first, "tram", &matching(&tag), &text("tram", "R2", &[]));
    let gone = delete(&first, "/api/scenarios/tram", &matching(&tag));
    assert_eq!(gone.status, 200);
    assert_eq!(gone.json()["models"], json!([]));
    let told = |hub: &TestHub| {
        let answer = get(hub, "/api/scenarios/tram");
        assert_eq!(answer.status, 410);
        let text = message(&answer);
        assert!(
            text.contains("\"The tram\" (tram) was deleted on 2025-06-16T"),
            "{text}"
        );
        assert_eq!(answer.json()["name"], "The tram");
    };
    told(&first);
    assert_eq!(get(&first, "/api/scenarios").json(), json!([]));
    assert!(
        !dir.path().join("scenarios/revisions/tram").exists(),
        "earlier revisions too"
    );
    // Again, and one that never was.
    let again = delete(&first, "/api/scenarios/tram", &matching(&tag));
    assert_eq!(again.status, 410);
    let never = delete(&first, "/api/scenarios/bus", "If-Match: *\r\n");
    assert_eq!(never.status, 404);
    assert_eq!(
        delete(&first, "/api/scenarios/..%2fx", "If-Match: *\r\n").status,
        404
    );
    first.hub.shutdown();
    let (config, clock) = config(dir.path());
    let second = start(config, clock, None);
    told(&second);
    // One of the same id is a new one.
    save(&second, "tram", NEW, &text("tram", "R3", &[]));
    assert_eq!(get(&second, "/api/scenarios/tram").status, 200);
    assert!(!dir.path().join("scenarios/deleted/tram.json").exists());
}

#[test]
fn who_deletes_what_somebody_else_changed_is_told_and_it_stays() {
    let (hub, _dir) = hub();
    let old = save(&hub, "tram", NEW, &text("tram", "R1", &[]));
    let theirs = text("tram", "R2", &[]);
    let new = save(&hub, "tram", &matching(&old), &theirs);
    let refused = delete(&hub, "/api/scenarios/tram", &matching(&old));
    assert_eq!(refused.status, 412);
    assert_eq!(refused.tag(), new);
    let told = refused.json();
    assert!(message(&refused).contains("was not deleted"), "{told}");
    assert_eq!(told["text"], theirs);
    assert_eq!(told["report"]["theirs"][0]["what"], "changed");
    assert_eq!(told["report"]["mine"], json!([]));
    assert_eq!(get(&hub, "/api/scenarios/tram").body, theirs.as_bytes());
    // Who has seen it may.
    assert_eq!(
        delete(&hub, "/api/scenarios/tram", &matching(&new)).status,
        200
    );
    // And who saves what was deleted is told, and saves it anew.
    let put = |condition: &str| {
        let text = text("tram", "R3", &[]);
        ask(
            &hub,
            "PUT",
            "/api/scenarios/tram",
            condition,
            text.as_bytes(),
        )
    };
    let late = put(&matching(&new));
    assert_eq!((late.status, &late.json()["revision"]), (412, &Value::Null));
    assert!(message(&late).contains("somebody deleted this scenario on 2025-06-16"));
    assert!(
        late.json()["deleted"]
            .as_str()
            .unwrap()
            .starts_with("2025-06-16T")
    );
    assert_eq!(put(NEW).status, 201);
}

#[test]
fn deleting_asks_for_the_same_rights_and_a_revision() {
    let dir = tempfile::tempdir().unwrap();
    let (mut config, clock) = config(dir.path());
    config.scenario_token = Some("s3cret".to_owned());
    let hub = start(config, clock, None);
    let model = bring(&hub, 1);
    let tag = save(&hub, "tram", NEW, &text("tram", "R1", &[]));
    let model = format!("/api/models/{model}");
    hub.advance_s(3600);
    for strange in [
        "Origin: http://elsewhere.example\r\n",
        "X-Forwarded-For: 192.0.2.1\r\n",
        "X-Forwarded-For: 192.0.2.1\r\nAuthorization: Bearer s3cres\r\n",
    ] {
        for path in ["/api/scenarios/tram", &model, "/api/models"] {
            let answer = delete(&hub, path, &format!("{strange}{}", matching(&tag)));
            assert_eq!(answer.status, 403, "{path} {strange}");
            assert!(message(&answer).contains("deleted on the hub's own machine"));
        }
    }
    assert_eq!(delete(&hub, "/api/scenarios/tram", "").status, 428);
    assert_eq!(delete(&hub, "/api/scenarios/tram", NEW).status, 428);
    assert_eq!(get(&hub, "/api/scenarios/tram").status, 200);
    assert_eq!(get(&hub, &model).status, 200);
    let token = "X-Forwarded-For: 192.0.2.1\r\nAuthorization: Bearer s3cret\r\n";
    let by_token = format!("{token}{}", matching(&tag));
    assert_eq!(delete(&hub, "/api/scenarios/tram", &by_token).status, 200);
    assert_eq!(delete(&hub, &model, token).status, 200);
}

#[test]
fn models_go_with_the_last_scenario_that_names_them() {
    let (hub, _dir) = hub();
    let [shared, own] = [bring(&hub, 1), bring(&hub, 2)];
    let tram = save(&hub, "tram", NEW, &text("tram", "R1", &[&shared, &own]));
    let bus = save(&hub, "bus", NEW, &text("bus", "R1", &[&shared]));
    let list = get(&hub, "/api/models").json();
    let named_by = |list: &Value, file: &str| {
        let all = list.as_array().unwrap();
        let found = all.iter().find(|model| model["file"] == file).unwrap();
        assert_eq!(found["bytes"], 100);
        found["named_by"].clone()
    };
    assert_eq!(named_by(&list, &shared), json!(["bus", "tram"]));
    assert_eq!(named_by(&list, &own), json!(["tram"]));
    // One that is in use stays, and it is said where.
    let used = delete(&hub, &format!("/api/models/{shared}"), "");
    assert_eq!(used.status, 409);
    assert!(message(&used).contains("bus, tram"), "{}", message(&used));
    let gone = delete(&hub, "/api/scenarios/tram", &matching(&tram));
    assert_eq!(gone.json()["models"], json!([own]));
    assert_eq!(gone.json()["bytes"], 100);
    assert!(has(&hub, &shared) && !has(&hub, &own));
    // Who saves a scenario that names it still is told.
    let answer = ask(
        &hub,
        "PUT",
        "/api/scenarios/copy",
        NEW,
        text("copy", "R1", &[&shared, &own]).as_bytes(),
    );
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()["missing_models"], json!([own]));
    let gone = delete(&hub, "/api/scenarios/bus", &matching(&bus));
    assert_eq!(gone.json()["models"], json!([]), "the copy names it");
    assert!(has(&hub, &shared));
}

#[test]
fn models_that_are_brought_for_a_scenario_that_is_not_saved_yet_stay() {
    let (hub, _dir) = hub();
    let model = bring(&hub, 1);
    let path = format!("/api/models/{model}");
    let tram = save(&hub, "tram", NEW, &text("tram", "R1", &[&model]));
    // Somebody else brings the same file for a scenario of their own.
    bring(&hub, 1);
    let gone = delete(&hub, "/api/scenarios/tram", &matching(&tram)).json();
    assert_eq!((&gone["models"], &gone["awaited"]), (&json!([]), &json!(1)));
    assert_eq!(delete(&hub, &path, "").status, 409);
    assert_eq!(delete(&hub, "/api/models", "").json()["awaited"], 1);
    assert!(has(&hub, &model));
    // They never saved.
    hub.advance_s(3600);
    let other = bring(&hub, 2);
    let tidied = delete(&hub, "/api/models", "");
    assert_eq!(tidied.status, 200);
    assert_eq!(tidied.json()["models"], json!([model]));
    assert!(!has(&hub, &model) && has(&hub, &other));
    assert_eq!(delete(&hub, &path, "").status, 404);
    assert_eq!(delete(&hub, "/api/models/kiosk.glb", "").status, 404);
}

#[test]
fn a_scenario_that_cannot_be_read_keeps_its_models_and_can_be_deleted() {
    let (hub, dir) = hub();
    let model = bring(&hub, 1);
    let broken = format!("name = # hub:models/{model}");
    std::fs::create_dir_all(dir.path().join("scenarios")).unwrap();
    std::fs::write(dir.path().join("scenarios/broken.toml"), &broken).unwrap();
    hub.advance_s(3600);
    assert_eq!(delete(&hub, "/api/models", "").json()["models"], json!([]));
    assert!(has(&hub, &model));
    let gone = delete(&hub, "/api/scenarios/broken", "If-Match: *\r\n");
    assert_eq!(gone.json()["models"], json!([model]));
    assert_eq!(get(&hub, "/api/scenarios/broken").status, 410);
}
