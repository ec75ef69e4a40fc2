//! Scenarios to and from the hub, and the city's list of buildings.

mod deleting;
mod upload;

use std::collections::HashMap;
use std::sync::Arc;

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_scene::CityIndex;
use city_scene::scenario::Scenario;
use serde::Deserialize;

use super::desk::{Conflict, Desk, IdleModels, OPEN, OTHER, Wish};
use super::fetching::ModelFetcher;
use crate::camera_control::{CameraRequest, FlyTarget};
use crate::notices::Notices;
use crate::overlays::HubAddress;
use crate::platform::{Change, FetchFailure, Fetcher, Saver, Verb};
use crate::scene::{DemoCity, SceneInfo, demo_folder};

/// A scenario that the program was started with: its id on the hub, or the path or URL of its file.
#[derive(Resource, Clone, Debug, Default)]
pub struct OpenScenario(pub Option<String>);

/// Where the models that a hub keeps lie on this machine, for those who have no hub: a folder that ends with `/`.
#[derive(Resource, Clone, Debug, Default)]
pub struct KeptModels(pub Option<String>);

/// What an answer is to.
enum Ask {
    List,
    /// The list first, so that the revision is never newer than the text.
    ListThen(String, usize),
    Text {
        id: String,
        revision: Option<String>,
        side: usize,
    },
    /// What the hub keeps of models.
    Models,
    City(String),
    Streets(Box<CityIndex>),
}

impl Ask {
    /// Nobody waits for it, and it is no news where there is none.
    fn is_quiet(&self) -> bool {
        matches!(
            self,
            Self::List | Self::Models | Self::City(_) | Self::Streets(_)
        )
    }
}

/// Requests. Not `Send` in the browser.
pub struct ScenarioIo {
    fetcher: Fetcher,
    saver: Saver,
    next: u64,
    asked: HashMap<u64, Ask>,
    /// What was saved, by request.
    saving: HashMap<u64, Scenario>,
    /// What is being deleted, by request.
    deleting: HashMap<u64, deleting::Deletion>,
    /// The save under way, until its scenario is sent.
    upload: Option<upload::Upload>,
    /// Models that are to be sent.
    models: ModelFetcher,
    /// Models that are being sent, by request.
    sending: HashMap<u64, String>,
    hub: Option<String>,
    city: Option<String>,
}

impl ScenarioIo {
    /// Nothing is asked until there is an address.
    #[must_use]
    pub fn new() -> Self {
        Self {
            fetcher: Fetcher::new(2),
            saver: Saver::new(),
            next: 0,
            asked: HashMap::new(),
            saving: HashMap::new(),
            deleting: HashMap::new(),
            upload: None,
            models: ModelFetcher::new(),
            sending: HashMap::new(),
            hub: None,
            city: None,
        }
    }

    fn ask(&mut self, url: &str, ask: Ask) {
        self.next += 1;
        self.asked.insert(self.next, ask);
        self.fetcher.fetch(self.next, url);
    }
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    revision: String,
}

/// The hub's answer to a save.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Answer {
    revision: Option<String>,
    text: Option<String>,
    /// Of a model that it keeps now.
    address: Option<String>,
    /// Files of models that the scenario names and the hub does not have.
    missing_models: Vec<String>,
    /// When the scenario was deleted, if it was.
    deleted: Option<String>,
    message: String,
}

/// Where things are.
#[derive(SystemParam)]
pub(super) struct Places<'w> {
    hub: Res<'w, HubAddress>,
    kept: Res<'w, KeptModels>,
    scene: Res<'w, SceneInfo>,
    demo: Res<'w, DemoCity>,
}

/// Asks for what the desk wants, and takes in what comes.
pub(super) fn talk(
    mut io: NonSendMut<ScenarioIo>,
    mut desk: ResMut<Desk>,
    mut wanted: ResMut<OpenScenario>,
    mut notices: ResMut<Notices>,
    mut camera: MessageWriter<CameraRequest>,
    places: Places,
) {
    let io = &mut *io;
    let scene = places.scene.url.clone().unwrap_or_default();
    if desk.scene != scene {
        // Scenarios belong to their scene.
        desk.scene = scene;
        desk.close();
        desk.base = None;
        io.city = None;
        io.hub = None;
    }
    if io.hub != places.hub.0 {
        io.hub.clone_from(&places.hub.0);
        desk.list.clear();
        desk.idle_models = IdleModels::default();
        desk.wishes.push(Wish::List);
    }
    let kept_models = match &io.hub {
        Some(hub) => Some(format!("{hub}/api/models/")),
        None => places.kept.0.clone(),
    };
    if desk.kept_models != kept_models {
        desk.kept_models = kept_models;
        desk.touch();
    }
    let ready = places.scene.scene.is_some() && !places.scene.loading;
    if ready && let Some(named) = wanted.0.take() {
        if named.contains(['/', '.']) {
            let ask = Ask::Text {
                id: named.clone(),
                revision: None,
                side: OPEN,
            };
            io.ask(&named, ask);
        } else if io.hub.is_some() {
            desk.wishes.push(Wish::Load(named, OPEN));
        } else {
            // The hub is on its way.
            wanted.0 = Some(named);
        }
    }
    if desk.is_used() {
        fetch_city(io, &places);
    }
    let wishes: Vec<Wish> = {
        let (mine, rest) = std::mem::take(&mut desk.wishes)
            .into_iter()
            .partition(|wish| !matches!(wish, Wish::Sun(_)));
        desk.wishes = rest;
        mine
    };
    for wish in wishes {
        match wish {
            Wish::List => {
                if let Some(hub) = io.hub.clone() {
                    io.ask(&format!("{hub}/api/scenarios"), Ask::List);
                    if desk.can_edit {
                        io.ask(&format!("{hub}/api/models"), Ask::Models);
                    }
                }
            }
            Wish::Load(id, side) => match io.hub.clone() {
                Some(hub) => io.ask(&format!("{hub}/api/scenarios"), Ask::ListThen(id, side)),
                None => notices.warn("this scene has no hub, so it has no scenarios", ""),
            },
            Wish::Save => upload::save(io, &mut desk, &mut notices),
            Wish::Delete => deleting::scenario(io, &desk),
            Wish::DeleteModels => deleting::models(io),
            Wish::Fly(place) => {
                camera.write(CameraRequest::FlyTo(FlyTarget::Place(place)));
            }
            Wish::Tell(what, advice) => notices.warn(what, advice),
            Wish::Sun(_) => {}
        }
    }
    for fetched in io.fetcher.poll() {
        let Some(ask) = io.asked.remove(&fetched.key) else {
            continue;
        };
        match fetched.result {
            Ok(bytes) => take(io, &mut desk, &mut notices, ask, &bytes),
            // An older hub has no scenarios; that is no news until somebody asks for one.
            Err(error) if ask.is_quiet() => {
                tracing::info!("scenarios: {error}");
                if let Ask::Streets(index) = ask {
                    desk.base = Some(Arc::from(index));
                    desk.touch();
                }
            }
            Err(error) => notices.error(unreadable(&ask, &error), kept(&desk)),
        }
    }
    for (place, result) in io.models.poll() {
        upload::read(io, &mut notices, place, result);
        upload::go_on(io, &mut desk, &mut notices);
    }
    for (key, result) in io.saver.poll() {
        if let Some(scenario) = io.saving.remove(&key) {
            saved(&mut desk, &mut notices, scenario, result);
        } else if let Some(place) = io.sending.remove(&key) {
            upload::sent(io, &mut notices, &place, result);
            upload::go_on(io, &mut desk, &mut notices);
        } else if let Some(deletion) = io.deleting.remove(&key) {
            deleting::answered(&mut desk, &mut notices, deletion, result);
        }
    }
    let busy = io.saving.len()
        + io.deleting.len()
        + usize::from(io.upload.is_some())
        + io.asked
            .values()
            .filter(|ask| matches!(ask, Ask::List) || !ask.is_quiet())
            .count();
    if desk.busy != busy {
        desk.busy = busy;
    }
}

/// What is seen where a scenario does not open.
fn kept(desk: &Desk) -> &'static str {
    if desk.editor.is_some() {
        "what was open stays open"
    } else {
        "the city is shown as it is"
    }
}

/// Why a scenario is not opened.
fn unreadable(ask: &Ask, error: &FetchFailure) -> String {
    match (ask, error) {
        // The hub says it with a status, and when in its body, which nobody sees here.
        (Ask::Text { id, .. }, FetchFailure::Status(410)) => {
            format!("this scenario was deleted, so its link leads to nothing any more: {id}")
        }
        (Ask::Text { id, .. }, FetchFailure::Status(404)) => {
            format!("there is no such scenario: {id}")
        }
        _ => format!("the scenario cannot be read: {error}"),
    }
}

fn fetch_city(io: &mut ScenarioIo, places: &Places) {
    let folder = demo_folder(&places.scene, &places.demo, io.hub.as_deref());
    if io.city != folder {
        io.city.clone_from(&folder);
        if let Some(folder) = folder {
            io.ask(&format!("{folder}/city.json"), Ask::City(folder.clone()));
        }
    }
}

fn take(io: &mut ScenarioIo, desk: &mut Desk, notices: &mut Notices, ask: Ask, bytes: &[u8]) {
    match ask {
        Ask::List => list(desk, bytes),
        Ask::ListThen(id, side) => {
            list(desk, bytes);
            let revision = revision_in(bytes, &id);
            if let Some(hub) = io.hub.clone() {
                let url = format!("{hub}/api/scenarios/{id}");
                io.ask(&url, Ask::Text { id, revision, side });
            }
        }
        Ask::Text { id, revision, side } => match Scenario::parse_bytes(bytes, &id) {
            Ok((scenario, problems)) => {
                for problem in problems.iter().take(5) {
                    notices.warn(format!("{id}: {problem}"), "the rest of the scenario holds");
                }
                // Files name what is beside them; what the hub keeps is beside the scene.
                let home = if revision.is_some() { &desk.scene } else { &id };
                desk.beside = home
                    .rsplit_once('/')
                    .map_or(String::new(), |(folder, _)| format!("{folder}/"));
                if side == OTHER {
                    desk.against = Some(scenario);
                    desk.touch();
                } else {
                    desk.open(scenario, revision);
                }
            }
            Err(error) => notices.error(error.to_string(), kept(desk)),
        },
        Ask::Models => desk.idle_models = deleting::idle(bytes),
        Ask::City(folder) => {
            let url = format!("{folder}/city.json");
            match CityIndex::parse(bytes, &url) {
                Ok(index) => {
                    let streets = format!("{folder}/streets.json");
                    io.ask(&streets, Ask::Streets(Box::new(index)));
                }
                Err(error) => notices.warn(error.to_string(), "indicators are not worked out"),
            }
        }
        Ask::Streets(mut index) => {
            if let Err(error) = index.read_streets(bytes, "streets.json") {
                tracing::info!("{error}");
            }
            desk.base = Some(Arc::from(index));
            desk.touch();
        }
    }
}

fn list(desk: &mut Desk, bytes: &[u8]) {
    let all: Vec<Listed> = serde_json::from_slice(bytes).unwrap_or_default();
    desk.list = all
        .into_iter()
        .map(|listed| {
            let name = if listed.name.is_empty() {
                listed.id.clone()
            } else {
                listed.name
            };
            (listed.id, name)
        })
        .collect();
}

fn revision_in(bytes: &[u8], id: &str) -> Option<String> {
    let all: Vec<Listed> = serde_json::from_slice(bytes).ok()?;
    let found = all.into_iter().find(|listed| listed.id == id)?;
    Some(found.revision)
}

/// Sends the open scenario to the hub.
fn put_scenario(io: &mut ScenarioIo, desk: &Desk) {
    let (Some(editor), Some(hub)) = (&desk.editor, &io.hub) else {
        return;
    };
    let scenario = editor.scenario().clone();
    let condition = match &desk.revision {
        Some(revision) => ("If-Match", format!("\"{revision}\"")),
        None => ("If-None-Match", "*".to_owned()),
    };
    let mut headers = vec![condition, ("Content-Type", "application/toml".to_owned())];
    headers.extend(upload::authorization());
    let put = Change {
        verb: Verb::Put,
        url: format!("{hub}/api/scenarios/{}", scenario.id),
        headers,
        body: scenario.to_toml().into_bytes(),
    };
    io.next += 1;
    io.saver.send_made(io.next, move || Ok(put));
    io.saving.insert(io.next, scenario);
}

fn saved(
    desk: &mut Desk,
    notices: &mut Notices,
    scenario: Scenario,
    result: Result<(u16, Vec<u8>), String>,
) {
    let (status, bytes) = match result {
        Ok(answer) => answer,
        Err(error) => {
            notices.error(format!("the scenario is not saved: {error}"), "try again");
            return;
        }
    };
    let answer: Answer = serde_json::from_slice(&bytes).unwrap_or_default();
    match (status, answer.revision, answer.text) {
        (200 | 201, Some(revision), _) => {
            desk.revision = Some(revision);
            if let Some(editor) = &mut desk.editor
                && editor.scenario() == &scenario
            {
                editor.mark_saved();
            }
            desk.ancestor = Some(scenario);
            desk.conflict = None;
            desk.wishes.push(Wish::List);
            notices.info("the scenario is saved", "");
            if !answer.missing_models.is_empty() {
                notices.warn(
                    format!(
                        "models that this scenario places were deleted on the hub meanwhile: {}",
                        answer.missing_models.join(", ")
                    ),
                    "name their files in the plan panel again, and save",
                );
            }
        }
        (412, None, _) if answer.deleted.is_some() => {
            // The next save makes it anew.
            desk.revision = None;
            desk.ancestor = None;
            notices.warn(
                "somebody deleted this scenario on the hub meanwhile; it stays open here, so nothing is lost",
                "save it once more to put it there again, or close it",
            );
        }
        (412, Some(revision), Some(text)) => match Scenario::parse(&text, &scenario.id) {
            Ok((theirs, _)) => desk.conflict = Some(Conflict { theirs, revision }),
            Err(error) => notices.error(error.to_string(), "save under another name"),
        },
        _ => {
            notices.error(
                format!("the scenario is not saved: {status} {}", answer.message),
                "save under another name, or ask who keeps the hub",
            );
        }
    }
}
