//! Models of scenarios as planners' desktops bring them and everybody gets them.

use crate::support::{Answer, TestHub, ask, config, start};
use city_scene::scenario::{KeptModel, MAX_MODEL_BYTES};

/// A GLB as far as its header says, with so many bytes of something.
fn glb(length: usize, filler: u8) -> Vec<u8> {
    let mut bytes = b"glTF\x02\0\0\0".to_vec();
    bytes.extend((length as u32).to_le_bytes());
    bytes.resize(length, filler);
    bytes
}

fn put(hub: &TestHub, file: &str, headers: &str, body: &[u8]) -> Answer {
    ask(hub, "PUT", &format!("/api/models/{file}"), headers, body)
}

fn get(hub: &TestHub, file: &str, headers: &str) -> Answer {
    ask(hub, "GET", &format!("/api/models/{file}"), headers, b"")
}

fn file(bytes: &[u8]) -> String {
    KeptModel::of(bytes).file()
}

fn message(answer: &Answer) -> String {
    answer.json()["message"].as_str().unwrap().to_owned()
}

fn hub(most_bytes: u64) -> (TestHub, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let (mut config, clock) = config(dir.path());
    config.max_models_bytes = most_bytes;
    (start(config, clock, None), dir)
}

#[test]
fn a_model_is_kept_once_and_read_by_everyone_for_good() {
    let (first, dir) = hub(1 << 20);
    let kiosk = glb(5000, 7);
    let name = file(&kiosk);
    assert_eq!(get(&first, &name, "").status, 404);
    let kept = put(&first, &name, "", &kiosk);
    assert_eq!(kept.status, 201);
    assert_eq!(kept.json()["address"], format!("hub:models/{name}"));
    assert_eq!(put(&first, &name, "", &kiosk).status, 200, "again");
    let read = get(&first, &name, "");
    assert_eq!((read.status, &read.body), (200, &kiosk));
    for header in [
        "cache-control: public, max-age=31536000, immutable",
        "content-type: model/gltf-binary",
        "x-content-type-options: nosniff",
    ] {
        assert!(read.head.contains(header), "{header}: {}", read.head);
    }
    let part = get(&first, &name, "Range: bytes=0-3\r\n");
    assert_eq!((part.status, part.body.as_slice()), (206, &b"glTF"[..]));
    let folder = dir.path().join("models");
    assert_eq!(std::fs::read(folder.join(&name)).unwrap(), kiosk);
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        1,
        "nothing unfinished stays behind"
    );
    // One that was cut short is written anew.
    std::fs::write(folder.join(&name), &kiosk[..100]).unwrap();
    assert_eq!(put(&first, &name, "", &kiosk).status, 201);
    first.hub.shutdown();
    let (config, clock) = config(dir.path());
    let second = start(config, clock, None);
    assert_eq!(get(&second, &name, "").body, kiosk);
}

#[test]
fn what_is_no_model_is_refused_with_its_reason() {
    let (hub, dir) = hub(1 << 20);
    let kiosk = glb(500, 7);
    let text = b"{\"asset\": {\"version\": \"2.0\"}}";
    let answer = put(&hub, &file(text), "", text);
    assert_eq!(answer.status, 400);
    assert!(message(&answer).contains("no GLB"), "{}", message(&answer));
    let cut = &kiosk[..400];
    let answer = put(&hub, &file(cut), "", cut);
    assert_eq!(answer.status, 400);
    assert!(
        message(&answer).contains("says that it has 500 bytes"),
        "{}",
        message(&answer)
    );
    let answer = put(&hub, &file(&glb(500, 8)), "", &kiosk);
    assert_eq!(answer.status, 400);
    assert!(
        message(&answer).contains(&file(&kiosk)),
        "it says what the file is: {}",
        message(&answer)
    );
    let upper = file(&kiosk).to_uppercase();
    for name in [
        "kiosk.glb",
        upper.as_str(),
        "..%2fscenarios%2fa.glb",
        "%2e%2e",
    ] {
        let answer = put(&hub, name, "", &kiosk);
        assert_eq!(answer.status, 400, "{name}");
        assert!(message(&answer).contains("SHA-256"));
        let answer = get(&hub, name, "");
        assert_eq!(answer.status, 404, "{name}");
        assert!(answer.head.contains("cache-control: no-cache"));
    }
    assert!(!dir.path().join("models").exists(), "none of it was kept");
}

#[test]
fn what_is_too_much_is_refused_and_what_is_there_stays() {
    let (hub, _dir) = hub(10_000);
    let (one, two) = (glb(6000, 1), glb(6000, 2));
    assert_eq!(put(&hub, &file(&one), "", &one).status, 201);
    let answer = put(&hub, &file(&two), "", &two);
    assert_eq!(answer.status, 507);
    assert!(
        message(&answer).contains("10000 bytes of models at most and has 6000"),
        "{}",
        message(&answer)
    );
    assert_eq!(put(&hub, &file(&one), "", &one).status, 200, "is there");
    let small = glb(4000, 3);
    assert_eq!(put(&hub, &file(&small), "", &small).status, 201);
    assert_eq!(get(&hub, &file(&one), "").body, one);
    let huge = glb(MAX_MODEL_BYTES + 1, 4);
    let answer = put(&hub, &file(&one), "", &huge);
    assert_eq!(answer.status, 413);
    assert!(message(&answer).contains(&MAX_MODEL_BYTES.to_string()));
}

#[test]
fn models_are_kept_for_those_who_may_save() {
    let dir = tempfile::tempdir().unwrap();
    let (mut config, clock) = config(dir.path());
    config.scenario_token = Some("s3cret".to_owned());
    let hub = start(config, clock, None);
    let kiosk = glb(500, 7);
    let name = file(&kiosk);
    let by = |headers: &str| put(&hub, &name, headers, &kiosk).status;
    assert_eq!(by("Origin: http://elsewhere.example\r\n"), 403);
    assert_eq!(by("X-Forwarded-For: 192.0.2.1\r\n"), 403);
    let with =
        |token: &str| format!("X-Forwarded-For: 192.0.2.1\r\nAuthorization: Bearer {token}\r\n");
    assert_eq!(by(&with("s3cres")), 403);
    assert_eq!(by(&with("s3cret")), 201);
    assert_eq!(
        get(&hub, &name, "X-Forwarded-For: 192.0.2.1\r\n").status,
        200
    );
}
