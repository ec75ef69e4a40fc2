//! Deleting what the hub keeps: the open scenario, and models that no scenario names.

use serde::Deserialize;

use super::{Answer, ScenarioIo, upload};
use crate::notices::Notices;
use crate::platform::{Change, Verb};
use crate::scenario::desk::{Conflict, Desk, IdleModels, Wish};
use city_scene::scenario::{Editor, Scenario};

/// What is being deleted.
pub(super) enum Deletion {
    Scenario { id: String, name: String },
    Models,
}

/// A model as the hub lists it.
#[derive(Deserialize)]
struct Listed {
    bytes: u64,
    named_by: Vec<String>,
}

/// What came of it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Removed {
    models: Vec<String>,
    bytes: u64,
    awaited: usize,
}

/// Models that no scenario names, of the hub's list; none where it has no list.
pub(super) fn idle(list: &[u8]) -> IdleModels {
    let all: Vec<Listed> = serde_json::from_slice(list).unwrap_or_default();
    let idle = all.iter().filter(|model| model.named_by.is_empty());
    IdleModels {
        count: idle.clone().count(),
        bytes: idle.map(|model| model.bytes).sum(),
    }
}

fn delete(io: &mut ScenarioIo, path: &str, condition: Option<String>, deletion: Deletion) {
    let Some(hub) = &io.hub else {
        return; // what is there came from a hub
    };
    let mut headers: Vec<(&'static str, String)> = Vec::new();
    headers.extend(condition.map(|revision| ("If-Match", format!("\"{revision}\""))));
    headers.extend(upload::authorization());
    let change = Change {
        verb: Verb::Delete,
        url: format!("{hub}/api/{path}"),
        headers,
        body: Vec::new(),
    };
    io.next += 1;
    io.saver.send_made(io.next, move || Ok(change));
    io.deleting.insert(io.next, deletion);
}

/// Deletes the open scenario, as far as it is still what was opened.
pub(super) fn scenario(io: &mut ScenarioIo, desk: &Desk) {
    let (Some(editor), Some(revision)) = (&desk.editor, &desk.revision) else {
        return;
    };
    let Scenario { id, name, .. } = editor.scenario();
    let deletion = Deletion::Scenario {
        id: id.clone(),
        name: name.clone(),
    };
    let path = format!("scenarios/{id}");
    delete(io, &path, Some(revision.clone()), deletion);
}

/// Deletes all models that no scenario names.
pub(super) fn models(io: &mut ScenarioIo) {
    delete(io, "models", None, Deletion::Models);
}

/// The hub's answer.
pub(super) fn answered(
    desk: &mut Desk,
    notices: &mut Notices,
    deletion: Deletion,
    result: Result<(u16, Vec<u8>), String>,
) {
    // Whatever came of it, the lists may be others now.
    desk.wishes.push(Wish::List);
    let what = match &deletion {
        Deletion::Scenario { .. } => "the scenario cannot be deleted",
        Deletion::Models => "models cannot be deleted",
    };
    let (status, body) = match result {
        Ok(answer) => answer,
        Err(why) => return notices.error(format!("{what}: {why}"), "try again"),
    };
    let answer: Answer = serde_json::from_slice(&body).unwrap_or_default();
    match (status, deletion) {
        (200, Deletion::Models) => match freed(&body) {
            text if text.is_empty() => notices.info("no models were deleted", ""),
            text => notices.info(text, ""),
        },
        // Somebody else was faster.
        (200 | 410, Deletion::Scenario { id, name }) => {
            let open = desk.editor.as_ref().map(Editor::scenario);
            if open.is_some_and(|scenario| scenario.id == id) {
                desk.close();
            }
            notices.info(format!("the scenario is deleted: {name}"), freed(&body));
        }
        (412, Deletion::Scenario { id, name }) => {
            let theirs = answer
                .text
                .as_deref()
                .map(|text| Scenario::parse(text, &id));
            if let (Some(Ok((theirs, _))), Some(revision)) = (theirs, answer.revision) {
                desk.conflict = Some(Conflict { theirs, revision });
            }
            notices.warn(
                format!(
                    "the scenario is not deleted, since somebody else has saved it meanwhile: {name}"
                ),
                "look at what they changed, take it, and delete it then if it is still to go",
            );
        }
        (405, _) => notices.error(
            format!("{what}: the hub is of an older version"),
            "ask who keeps the hub",
        ),
        _ => notices.error(
            format!("{what}: {status} {}", answer.message),
            "ask who keeps the hub",
        ),
    }
}

/// What became of models, in words; empty where nothing did.
fn freed(body: &[u8]) -> String {
    let Removed {
        models,
        bytes,
        awaited,
    } = serde_json::from_slice(body).unwrap_or_default();
    let size = crate::ui::format::bytes(bytes);
    match (models.len(), awaited) {
        (0, 0) => String::new(),
        (n, 0) => format!("models that no scenario names any more are deleted: {n} ({size})"),
        (n, awaited) => format!(
            "models are deleted, but those stay that somebody brought within the last hour: {n} ({size}), {awaited}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(revision: &str) -> Desk {
        let mut desk = Desk::default();
        desk.scene = "scenes/harbour.toml".to_owned();
        desk.create("Quay");
        desk.revision = Some(revision.to_owned());
        desk
    }

    fn answer(desk: &mut Desk, status: u16, body: &str) -> Vec<String> {
        let mut notices = Notices::default();
        let deletion = Deletion::Scenario {
            id: "quay".to_owned(),
            name: "Quay".to_owned(),
        };
        answered(desk, &mut notices, deletion, Ok((status, body.into())));
        let said = notices.list().iter();
        said.map(|n| format!("{} / {}", n.text, n.advice)).collect()
    }

    #[test]
    fn what_is_deleted_is_closed_and_its_models_are_counted() {
        let mut desk = open("r1");
        let said = answer(
            &mut desk,
            200,
            r#"{"id": "quay", "models": ["a", "b"], "bytes": 0}"#,
        );
        assert!(desk.editor.is_none());
        assert!(desk.wishes.contains(&Wish::List));
        assert!(
            said[0].contains("is deleted: Quay") && said[0].contains("deleted: 2 ("),
            "{said:?}"
        );
        // Another one that is open by now stays.
        let mut desk = open("r1");
        desk.create("Pier");
        answer(&mut desk, 410, "{}");
        assert_eq!(desk.editor.unwrap().scenario().id, "pier");
    }

    #[test]
    fn what_somebody_else_saved_meanwhile_is_shown_and_not_deleted() {
        let mut desk = open("r1");
        let theirs = desk.editor.as_ref().unwrap().scenario().to_toml();
        let body = serde_json::json!({"revision": "r2", "text": theirs}).to_string();
        let said = answer(&mut desk, 412, &body);
        assert!(desk.editor.is_some());
        assert_eq!(desk.conflict.unwrap().revision, "r2");
        assert!(said[0].contains("is not deleted"), "{said:?}");
    }

    #[test]
    fn a_refusal_is_told_with_the_hubs_own_words() {
        let mut desk = open("r1");
        let said = answer(&mut desk, 403, r#"{"message": "with its token"}"#);
        assert!(desk.editor.is_some());
        assert!(said[0].contains("403 with its token"), "{said:?}");
    }

    #[test]
    fn only_models_that_nobody_names_are_idle() {
        let list = r#"[{"file": "a.glb", "bytes": 7, "named_by": ["quay"]},
                       {"file": "b.glb", "bytes": 5, "named_by": []},
                       {"file": "c.glb", "bytes": 4, "named_by": []}]"#;
        assert_eq!(idle(list.as_bytes()), IdleModels { count: 2, bytes: 9 });
        assert_eq!(idle(b"<html>"), IdleModels::default());
    }
}
