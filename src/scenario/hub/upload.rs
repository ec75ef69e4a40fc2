//! A save: models whose files only this machine has go to the hub first, then the scenario that names them there.
//!
//! What cannot be brought keeps its address and is told; the scenario is saved all the same, so that nothing is lost.

use std::collections::BTreeMap;

use city_scene::scenario::{Editor, KeptModel, MAX_MODEL_BYTES, glb_fault};

use super::{Answer, Ask, ScenarioIo, put_scenario};
use crate::notices::Notices;
use crate::platform::{FetchFailure, Put, scenario_token};
use crate::scenario::desk::Desk;
use crate::scenario::files::label_of;

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
    // What was placed since the save began goes along.
    let local = desk.local_models();
    for place in upload.take_new(&local) {
        io.ask(&place, Ask::Model(place.clone()));
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
    result: Result<Vec<u8>, FetchFailure>,
) {
    let bytes = match result {
        Ok(bytes) => bytes,
        Err(FetchFailure::Status(404)) => {
            return leave(io, notices, &place, "its file is not there");
        }
        Err(error) => return leave(io, notices, &place, &error.to_string()),
    };
    let (Some(hub), Some(_)) = (io.hub.clone(), &io.upload) else {
        return;
    };
    let mut headers = vec![("Content-Type", "model/gltf-binary".to_owned())];
    headers.extend(authorization());
    io.next += 1;
    io.sending.insert(io.next, place);
    // Not on this thread: a large file takes its time.
    io.saver.put_made(io.next, move || {
        let body = packed(bytes)?;
        let file = KeptModel::of(&body).file();
        Ok(Put {
            url: format!("{hub}/api/models/{file}"),
            headers,
            body,
        })
    });
}

/// A model as the hub takes it: one GLB.
fn packed(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if let Some(fault) = glb_fault(&bytes) {
        return Err(fault);
    }
    if bytes.len() > MAX_MODEL_BYTES {
        return Err(format!(
            "it has {} bytes, and a hub keeps models of {MAX_MODEL_BYTES} bytes at most",
            bytes.len()
        ));
    }
    Ok(bytes)
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
            let address = kept.named(&label_of(place)).address();
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

    #[test]
    fn only_a_glb_of_a_bearable_size_is_brought() {
        let glb = |length: usize| {
            let mut bytes = b"glTF\x02\0\0\0".to_vec();
            bytes.extend((length as u32).to_le_bytes());
            bytes.resize(length, 0);
            bytes
        };
        assert!(packed(glb(100)).is_ok());
        assert!(
            packed(glb(MAX_MODEL_BYTES + 1))
                .unwrap_err()
                .contains("at most")
        );
        assert!(packed(b"{}".to_vec()).unwrap_err().contains("no GLB"));
    }
}
