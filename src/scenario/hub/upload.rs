//! A save: models whose files only this machine has go to the hub first, then the scenario that names them there.
//!
//! What cannot be brought keeps its address and is told; the scenario is saved all the same, so that nothing is lost.

use std::collections::BTreeMap;

use city_scene::scenario::{Editor, KeptModel, MAX_MODEL_BYTES, glb_fault};
use city_tiles::formats::DecodeOptions;
use city_tiles::formats::gltf::{is_gltf_json, pack};

use super::{Answer, ScenarioIo, put_scenario};
use crate::notices::Notices;
use crate::platform::{Change, Verb, scenario_token};
use crate::scenario::desk::Desk;
use crate::scenario::fetching::Whole;
use crate::scenario::files::{is_local, label_of};

/// The models of a save under way.
pub(super) struct Upload {
    /// Id of the scenario that is saved after them.
    scenario: String,
    /// By whole address.
    models: BTreeMap<String, Model>,
}

enum Model {
    UnderWay,
    /// The hub has it at this address.
    Kept(String),
    /// It stays where it is.
    Left,
}

impl Upload {
    /// What the scenario names that has not been looked at yet.
    fn take_new(&mut self, local: &BTreeMap<String, String>) -> Vec<String> {
        let mut new = Vec::new();
        for place in local.values() {
            if !self.models.contains_key(place) {
                self.models.insert(place.clone(), Model::UnderWay);
                new.push(place.clone());
            }
        }
        new
    }

    fn is_done(&self) -> bool {
        let mut models = self.models.values();
        !models.any(|model| matches!(model, Model::UnderWay))
    }

    /// What the hub keeps, by how the scenario names it.
    fn kept(&self, local: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let kept = |(url, place): (&String, &String)| match self.models.get(place) {
            Some(Model::Kept(address)) => Some((url.clone(), address.clone())),
            _ => None,
        };
        local.iter().filter_map(kept).collect()
    }
}

/// What the hub is told so that it lets this program save.
pub(super) fn authorization() -> Option<(&'static str, String)> {
    scenario_token().map(|token| ("Authorization", format!("Bearer {token}")))
}

/// Saves the open scenario.
pub(super) fn save(io: &mut ScenarioIo, desk: &mut Desk, notices: &mut Notices) {
    let Some(editor) = &desk.editor else {
        return;
    };
    if io.hub.is_none() {
        notices.warn(
            "this scene has no hub to keep scenarios",
            "give the scene a feed, or start with --hub",
        );
        return;
    }
    let scenario = editor.scenario().id.clone();
    if io.upload.as_ref().is_some_and(|u| u.scenario == scenario) {
        return; // it is being saved
    }
    // One that was closed meanwhile is told.
    go_on(io, desk, notices);
    io.upload = Some(Upload {
        scenario,
        models: BTreeMap::new(),
    });
    go_on(io, desk, notices);
}

/// Brings what is to be brought still, or saves the scenario once nothing is.
pub(super) fn go_on(io: &mut ScenarioIo, desk: &mut Desk, notices: &mut Notices) {
    let Some(mut upload) = io.upload.take() else {
        return;
    };
    let open = desk.editor.as_ref().map(Editor::scenario);
    if open.is_none_or(|scenario| scenario.id != upload.scenario) {
        notices.warn(
            format!(
                "the scenario is not saved: {} was closed before its models were on the hub",
                upload.scenario
            ),
            "save it again",
        );
        return;
    }
    if io.hub.is_none() {
        notices.error(
            format!(
                "the scenario is not saved: the hub of {} is gone",
                upload.scenario
            ),
            "save it again once there is one",
        );
        return;
    }
    // What was placed since the save began goes along.
    let local = desk.local_models();
    for place in upload.take_new(&local) {
        io.models.ask(&place);
    }
    if !upload.is_done() {
        io.upload = Some(upload);
        return;
    }
    let kept = upload.kept(&local);
    if !kept.is_empty() {
        desk.models_are_kept(&kept);
    }
    put_scenario(io, desk);
}

/// A model's file has been read, or cannot be.
pub(super) fn read(
    io: &mut ScenarioIo,
    notices: &mut Notices,
    place: String,
    result: Result<Whole, String>,
) {
    let whole = match result {
        Ok(whole) => whole,
        Err(why) => return leave(io, notices, &place, &why),
    };
    // Without a hub, or a save, going on says what there is to say.
    let (Some(hub), Some(_)) = (io.hub.clone(), &io.upload) else {
        return;
    };
    let mut headers = vec![("Content-Type", "model/gltf-binary".to_owned())];
    headers.extend(authorization());
    io.next += 1;
    io.sending.insert(io.next, place.clone());
    // Not on this thread: a large file takes its time.
    io.saver.send_made(io.next, move || {
        let body = packed(&place, &whole)?;
        let file = KeptModel::of(&body).file();
        Ok(Change {
            verb: Verb::Put,
            url: format!("{hub}/api/models/{file}"),
            headers,
            body,
        })
    });
}

/// A model as the hub takes it: one GLB, with what lies beside it inside.
fn packed(place: &str, whole: &Whole) -> Result<Vec<u8>, String> {
    // A file that somebody gave must not take along what lies elsewhere on this machine.
    let is_elsewhere = |url: &&String| is_local(url) && !is_beside(place, url);
    if let Some(file) = whole.external.iter().map(|(url, _)| url).find(is_elsewhere) {
        return Err(format!(
            "it names {file}, and only files in its own folder go along"
        ));
    }
    let external = |address: &str| whole.external(address);
    let body = if glb_fault(&whole.bytes).is_some() && !is_gltf_json(&whole.bytes) {
        whole.bytes.clone()
    } else {
        pack(&whole.bytes, place, &external, &DecodeOptions::default())
            .map_err(|error| Whole::fault(&whole.missing, &error.to_string()))?
    };
    if let Some(fault) = glb_fault(&body) {
        return Err(fault);
    }
    if body.len() > MAX_MODEL_BYTES {
        return Err(format!(
            "it has {} bytes, and a hub keeps models of {MAX_MODEL_BYTES} bytes at most",
            body.len()
        ));
    }
    Ok(body)
}

/// Whether a file of this machine is in the folder of another, or below it; both as whole addresses.
fn is_beside(place: &str, file: &str) -> bool {
    let folder = place.rfind(['/', '\\']).map_or("", |end| &place[..=end]);
    let Some(below) = file.strip_prefix(folder) else {
        return false;
    };
    let has_root = below.starts_with(['/', '\\']) || below.contains(':');
    !has_root && below.split(['/', '\\']).all(|part| part != "..")
}

/// The hub's answer to a model.
pub(super) fn sent(
    io: &mut ScenarioIo,
    notices: &mut Notices,
    place: &str,
    result: Result<(u16, Vec<u8>), String>,
) {
    let (status, body) = match result {
        Ok(answer) => answer,
        Err(why) => return leave(io, notices, place, &why),
    };
    let answer: Answer = serde_json::from_slice(&body).unwrap_or_default();
    let kept = answer.address.as_deref().and_then(KeptModel::parse);
    match (status, kept) {
        (200 | 201, Some(kept)) => {
            let label = label_of(place).replace(".gltf", ".glb");
            let address = kept.named(&label).address();
            settle(io, place, Model::Kept(address));
        }
        (404 | 405, _) => leave(
            io,
            notices,
            place,
            "the hub keeps no models: it is of an older version",
        ),
        _ => {
            let why = format!("the hub answered {status} {}", answer.message);
            leave(io, notices, place, &why);
        }
    }
}

fn leave(io: &mut ScenarioIo, notices: &mut Notices, place: &str, why: &str) {
    if io.upload.is_none() {
        return;
    }
    notices.error(
        format!("a model is not on the hub: {place}: {why}"),
        "it stays where it is, where others do not see it; correct its address or file and save again",
    );
    settle(io, place, Model::Left);
}

fn settle(io: &mut ScenarioIo, place: &str, model: Model) {
    if let Some(upload) = &mut io.upload {
        upload.models.insert(place.to_owned(), model);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_waits_for_every_model_and_takes_only_what_is_kept() {
        let mut upload = Upload {
            scenario: "quay".to_owned(),
            models: BTreeMap::new(),
        };
        let mut local: BTreeMap<String, String> = [
            ("a.glb".to_owned(), "/plans/a.glb".to_owned()),
            ("/plans/a.glb".to_owned(), "/plans/a.glb".to_owned()),
            ("b.glb".to_owned(), "/plans/b.glb".to_owned()),
        ]
        .into();
        assert!(upload.is_done());
        assert_eq!(upload.take_new(&local), ["/plans/a.glb", "/plans/b.glb"]);
        assert!(!upload.is_done() && upload.take_new(&local).is_empty());
        upload
            .models
            .insert("/plans/a.glb".to_owned(), Model::Kept("hub:a".to_owned()));
        upload.models.insert("/plans/b.glb".to_owned(), Model::Left);
        assert!(upload.is_done());
        let kept = upload.kept(&local);
        assert_eq!(kept["a.glb"], "hub:a");
        assert_eq!(kept["/plans/a.glb"], "hub:a", "however it is named");
        assert!(!kept.contains_key("b.glb"));
        local.insert("c.glb".to_owned(), "/plans/c.glb".to_owned());
        assert_eq!(upload.take_new(&local), ["/plans/c.glb"]);
        assert!(!upload.is_done());
    }

    fn whole(bytes: &[u8]) -> Whole {
        Whole {
            bytes: bytes.to_vec(),
            ..Whole::default()
        }
    }

    #[test]
    fn a_model_goes_as_one_glb_of_a_bearable_size() {
        let text = br#"{"asset":{"version":"2.0"},"buffers":[{"uri":"a.bin","byteLength":4}]}"#;
        let mut model = whole(text);
        model.external.push(("/plans/a.bin".to_owned(), vec![7; 4]));
        let glb = packed("/plans/a.gltf", &model).unwrap();
        assert_eq!(glb_fault(&glb), None);
        assert_eq!(packed("/plans/b.glb", &whole(&glb)).unwrap(), glb);
        let fault = |model: &Whole| packed("/plans/a.gltf", model).unwrap_err();
        assert!(fault(&whole(b"OFF 8 6 12")).contains("no GLB"));
        let mut bare = whole(text);
        bare.missing.push("a.bin: it is not there".to_owned());
        let why = fault(&bare);
        assert!(
            why.contains("a.bin") && why.contains("it is not there"),
            "{why}"
        );
        model.external[0].1 = vec![0; MAX_MODEL_BYTES];
        let large = text.to_vec();
        let large = String::from_utf8(large).unwrap();
        model.bytes = large.replace(":4", &format!(":{MAX_MODEL_BYTES}")).into();
        assert!(fault(&model).contains("at most"));
    }

    #[test]
    fn files_beside_a_model_are_told_from_others() {
        for (place, file, is) in [
            ("/plans/m/a.gltf", "/plans/m/a.bin", true),
            ("/plans/m/a.gltf", "/plans/m/t/a.png", true),
            ("/plans/m/a.gltf", "/plans/a.bin", false),
            ("/plans/m/a.gltf", "/plans/m2/a.bin", false),
            ("/plans/m/a.gltf", "/plans/m/../a.bin", false),
            ("file:///p/a.gltf", "file:///p/a.bin", true),
            ("file:///p/a.gltf", "file:///etc/x", false),
            ("a.gltf", "a.bin", true),
            ("a.gltf", "../a.bin", false),
            ("a.gltf", "/etc/x", false),
            ("a.gltf", "file:///etc/x", false),
        ] {
            assert_eq!(is_beside(place, file), is, "{place} {file}");
        }
    }

    #[test]
    fn what_lies_elsewhere_on_this_machine_does_not_go_along() {
        let text =
            br#"{"asset":{"version":"2.0"},"buffers":[{"uri":"../../etc/x","byteLength":1}]}"#;
        let mut model = whole(text);
        model.external.push(("/etc/x".to_owned(), vec![7]));
        let why = packed("/plans/m/a.gltf", &model).unwrap_err();
        assert!(
            why.contains("/etc/x") && why.contains("own folder"),
            "{why}"
        );
        model.external[0].0 = "https://x.org/x".to_owned();
        assert!(packed("/plans/m/a.gltf", &model).unwrap_err().contains("x"));
    }
}
