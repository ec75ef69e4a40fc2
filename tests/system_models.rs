//! Models of one machine travel with their scenario: saved on a hub, they are seen where nobody has the files.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::Read;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use belvedere::app::QualityChoice;
use belvedere::headless::Headless;
use belvedere::notices::Notices;
use belvedere::scenario::{Desk, Wish};
use belvedere::startup::Startup;
use city_geo::{Geodetic, LocalFrame};
use city_scene::scenario::KeptModel;
use serde_json::json;
use support::Folder;

const PLACE: [f64; 2] = [5.66, 51.97];

fn scene(folder: &Folder) -> String {
    let place = Geodetic::from_degrees(PLACE[0], PLACE[1], 0.0);
    let mut root = support::tile("gables.glb", 0.0, vec![]);
    root["transform"] = json!(LocalFrame::enu(place).ecef_from_local().to_cols_array());
    folder.write("gables.glb", support::glb(2, 0.0));
    folder.write("tileset.json", support::tileset(root));
    let text = format!(
        "name = \"Gables\"\ntime_zone = \"Europe/Amsterdam\"\norigin = {{ lon = {}, lat = {} }}\n[[tileset]]\nname = \"Gables\"\nurl = \"tileset.json\"\n",
        PLACE[0], PLACE[1]
    );
    let path = folder.write("scene.toml", text);
    path.to_string_lossy().into_owned()
}

fn placed(id: &str, url: &str) -> String {
    format!(
        "[[operation]]\nid = \"{id}\"\nkind = \"place-model\"\nurl = \"{url}\"\nscale = 5.0\n\
         position = {{ lon = {}, lat = {}, height = 0.0 }}\n",
        PLACE[0] + 0.001,
        PLACE[1]
    )
}

fn hub(data: &Path) -> city_hub::HubHandle {
    let hub = city_hub::spawn(city_hub::Config::new(data), |_| {}).unwrap();
    assert!(hub.wait_ready());
    hub
}

fn get(url: &str) -> Vec<u8> {
    let mut response = ureq::get(url).call().unwrap();
    let mut body = Vec::new();
    let mut reader = response.body_mut().as_reader();
    reader.read_to_end(&mut body).unwrap();
    body
}

fn until(headless: &mut Headless, what: &str, holds: impl Fn(&Desk) -> bool) {
    let started = Instant::now();
    loop {
        headless.frame().unwrap();
        if holds(headless.app.world().resource::<Desk>()) {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn report(scenario: &Path, data: &Path, more: &[&str]) -> (Output, String) {
    let out = data.join("report.html");
    let done = Command::new(env!("CARGO_BIN_EXE_belvedere"))
        .args(["report", "--views", "0", "--scenario"])
        .arg(scenario)
        .arg("--data")
        .arg(data)
        .args(more)
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    (done, std::fs::read_to_string(&out).unwrap())
}

fn pictures(page: &str) -> Vec<&str> {
    let pictures = page.split("data:image/jpeg;base64,").skip(1);
    pictures.filter_map(|rest| rest.split('"').next()).collect()
}

/// The triangles of [`support::glb`] as a glTF with a file beside it.
fn gltf(triangles: usize) -> (String, Vec<u8>) {
    let glb = support::glb(triangles, 0.0);
    let word = |at: usize| u32::from_le_bytes(glb[at..at + 4].try_into().unwrap()) as usize;
    let end = 20 + word(12);
    let mut json: serde_json::Value = serde_json::from_slice(&glb[20..end]).unwrap();
    json["buffers"][0]["uri"] = "parts/tree.bin".into();
    (json.to_string(), glb[end + 8..].to_vec())
}

#[test]
fn a_saved_scenario_brings_its_models_along() {
    let (here, data) = (Folder::new(), Folder::new());
    let hub = hub(data.path());
    let scene_here = scene(&here);
    let kiosk = support::glb(3, 0.0);
    let whole = here.write("plans/models/kiosk.glb", &kiosk);
    let (tree, beside) = gltf(4);
    here.write("plans/models/tree.gltf", tree);
    here.write("plans/models/parts/tree.bin", beside);
    let text = [
        "id = \"quay\"\nname = \"Quay\"\nbase = \"../scene.toml\"\n".to_owned(),
        placed("op-1", &format!("file://{}", whole.display())),
        placed("op-2", "models/kiosk.glb"),
        placed("op-3", "models/none.glb"),
        placed("op-4", "models/tree.gltf"),
    ];
    let file = here.write("plans/quay.toml", text.concat());

    let mut headless = Headless::new([160, 90], QualityChoice::Lean).unwrap();
    Startup {
        scene: Some(scene_here),
        hub: Some(hub.url()),
        scenario: Some(file.to_string_lossy().into_owned()),
        ..Startup::default()
    }
    .apply(&mut headless.app);
    until(&mut headless, "the scenario is open", |desk| {
        desk.editor.is_some() && desk.models_under_way == 0
    });
    let faults = &headless.app.world().resource::<Desk>().model_faults;
    let faults: Vec<&String> = faults.keys().collect();
    assert!(
        matches!(faults[..], [one] if one.ends_with("models/none.glb")),
        "the tree is drawn with the file beside it: {faults:?}"
    );
    let mut desk = headless.app.world_mut().resource_mut::<Desk>();
    desk.wish(Wish::Save);
    until(&mut headless, "it is saved", |desk| {
        desk.revision.is_some() && desk.busy == 0
    });
    let desk = headless.app.world().resource::<Desk>();
    let editor = desk.editor.as_ref().unwrap();
    assert!(!editor.is_dirty());
    assert!(!editor.can_redo());
    let kept = KeptModel::of(&kiosk);
    let address = kept.clone().named("kiosk.glb").address();
    let saved = get(&format!("{}/api/scenarios/quay", hub.url()));
    let saved = String::from_utf8(saved).unwrap();
    assert_eq!(saved.matches(&address).count(), 2, "{saved}");
    assert_eq!(saved, editor.scenario().to_toml());
    assert!(saved.contains("\"models/none.glb\""), "it stays as it was");
    let notices = headless.app.world().resource::<Notices>();
    let told = |part: &str| notices.list().iter().any(|n| n.text.contains(part));
    assert!(told("models/none.glb: it is not there"));
    assert!(!told("kiosk.glb:"));
    let model = format!("{}/api/models/{}", hub.url(), kept.file());
    assert_eq!(get(&model), kiosk);
    // What lay beside the tree is inside now.
    let line = saved.lines().find(|line| line.ends_with("#tree.glb\""));
    let line = line.unwrap_or_else(|| panic!("{saved}"));
    let tree = KeptModel::parse(line.split('"').nth(1).unwrap()).unwrap();
    let tree = get(&format!("{}/api/models/{}", hub.url(), tree.file()));
    let tree = city_tiles::formats::decode(&tree, "tree.glb", &|_| None, &Default::default());
    assert_eq!(tree.unwrap().triangles(), 4);
    drop(headless);

    // Elsewhere, where there are no such files.
    let there = Folder::new();
    scene(&there);
    let file = there.write("quay.toml", saved.replace("../scene.toml", "scene.toml"));
    let (_, page) = report(&file, there.path(), &["--hub", &hub.url()]);
    let both = pictures(&page);
    assert_eq!(both.len(), 2);
    assert_ne!(both[0], both[1], "the kiosk is in the second");
    assert!(page.contains("none.glb is not shown"), "{}", &page[..4000]);
    assert!(!page.contains(&kept.file()), "the kiosk is shown");
    // Without the hub it is said.
    let (done, page) = report(&file, there.path(), &[]);
    let both = pictures(&page);
    assert_eq!(both[0], both[1]);
    let said = String::from_utf8_lossy(&done.stderr);
    for text in [&page, &said.into_owned()] {
        let line = format!("{} is not shown: a hub keeps it", kept.file());
        assert!(text.contains(&line), "{text}");
    }
    // What the scene's own hub keeps is found without asking it.
    there.write(&format!("hubs/scene/models/{}", kept.file()), &kiosk);
    let (_, page) = report(&file, there.path(), &[]);
    let both = pictures(&page);
    assert_ne!(both[0], both[1]);
}
