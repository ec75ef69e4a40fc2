//! The open scene: what a scene file asks for, given to the plugins.

use std::sync::Arc;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use city_geo::Camera;
use city_scene::{DEMO_PREFIX, Scene, resolve_location};
use city_time::Zone;

use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::framing::{HomeView, frame_opened, view_from_pose};
use crate::geojson::{OpenGeoJson, VectorLayer, VectorSource, search_prefix};
use crate::joining::{OpenTable, ReadingJoin, ReadingJoins, TableLayer};
use crate::notices::Notices;
use crate::overlays::{HubAddress, LayerLook, LayerLooks};
use crate::platform::Fetcher;
use crate::render::CityView;
use crate::schedule::FrameSet;
use crate::search::{Entry, Searcher};
use crate::terrain::OpenGround;
use crate::tiles::{Access, OpenTileset, TileLayer, TilesetSource};
use crate::ui::model::{SceneModel, SearchKind};

/// Opens a scene file by path or URL.
#[derive(Message, Clone, Debug)]
pub struct OpenScene {
    /// Path or URL.
    pub url: String,
}

/// What a link asked for besides the scene; wins over the scene file once.
#[derive(Resource, Clone, Debug, Default)]
pub struct LinkWishes {
    /// Pose.
    pub camera: Option<Camera>,
    /// Layers shown.
    pub layers: Option<Vec<String>>,
}

/// The folder of the demo city (path or URL, without a slash at the end), when it is not asked of the hub.
#[derive(Resource, Clone, Debug, Default)]
pub struct DemoCity(pub Option<String>);

/// A scene that can be opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SceneChoice {
    /// Path or URL of its file.
    pub url: String,
    /// Its name.
    pub name: String,
    /// Its name in other languages, by BCP 47 tag.
    pub names: city_scene::Names,
}

/// The scenes that this machine, or the hub, has.
#[derive(Resource, Clone, Debug, Default)]
pub struct SceneList(pub Vec<SceneChoice>);

/// What is known of the open scene.
#[derive(Resource, Clone, Debug, Default)]
pub struct SceneInfo {
    /// Where it came from; `None` for a tileset opened alone.
    pub url: Option<String>,
    /// Its name.
    pub name: String,
    /// Synthetic, as a whole or its readings.
    pub simulated: bool,
    /// It names feeds.
    pub has_feeds: bool,
    /// Named poses: identifier, name, pose.
    pub presets: Vec<(String, String, Camera)>,
    /// A scene file is on its way.
    pub loading: bool,
    /// Why the last scene could not be opened.
    pub failed: Option<String>,
    /// The scene file, for its names in other languages.
    pub scene: Option<Arc<Scene>>,
}

impl SceneInfo {
    /// A named pose.
    #[must_use]
    pub fn preset(&self, id: &str) -> Option<Camera> {
        self.presets
            .iter()
            .find(|(known, _, _)| known == id)
            .map(|(_, _, pose)| *pose)
    }

    /// For the panels, with the names in a language (BCP 47 tag).
    #[must_use]
    pub fn model(&self, language: &str, others: &SceneList) -> SceneModel {
        let scene = self.scene.as_deref();
        let preset_name = |id: &str, name: &str| {
            scene
                .and_then(|scene| scene.preset(id))
                .and_then(|preset| preset.names.get(language))
                .map_or_else(|| name.to_owned(), Clone::clone)
        };
        SceneModel {
            name: scene.map_or_else(
                || self.name.clone(),
                |scene| scene.name_in(language).to_owned(),
            ),
            others: others
                .0
                .iter()
                .filter(|other| self.url.as_deref() != Some(other.url.as_str()))
                .map(|other| {
                    let name = other.names.get(language).unwrap_or(&other.name);
                    (other.url.clone(), name.clone())
                })
                .collect(),
            simulated: self.simulated,
            presets: self
                .presets
                .iter()
                .map(|(id, name, _)| (id.clone(), preset_name(id, name)))
                .collect(),
            has_content: false,
            has_feeds: self.has_feeds,
            loading: self.loading,
        }
    }
}

/// The folder of the demo city (path or URL), where the open scene shows it.
#[must_use]
pub fn demo_folder(scene: &SceneInfo, demo: &DemoCity, hub: Option<&str>) -> Option<String> {
    let shows_demo = scene.scene.as_ref().is_some_and(|scene| {
        let mut tilesets = scene.tilesets.iter();
        tilesets.any(|tileset| tileset.url.starts_with(DEMO_PREFIX))
    });
    demo.0
        .clone()
        .or_else(|| hub.map(|hub| format!("{hub}/tiles")))
        .filter(|_| shows_demo)
}

/// A page that names no scene asks the hub which one it serves.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct AskHubForScene(pub bool);

/// Reads scene files. Not `Send` in the browser.
struct SceneReader {
    fetcher: Fetcher,
    asked: Option<(u64, String)>,
    next: u64,
}

/// Opens scenes and frames tilesets.
pub struct ScenePlugin;

impl Plugin for ScenePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<HomeView>()
            .init_resource::<SceneInfo>()
            .init_resource::<SceneList>()
            .init_resource::<LinkWishes>()
            .init_resource::<DemoCity>()
            .init_resource::<AskHubForScene>()
            .init_resource::<Searcher>()
            .insert_non_send(SceneReader {
                fetcher: Fetcher::new(1),
                asked: None,
                next: 0,
            })
            .add_message::<OpenScene>()
            .add_systems(
                Update,
                (name_tileset, ask_hub, read, frame_opened)
                    .chain()
                    .in_set(FrameSet::Camera),
            );
    }
}

/// A tileset opened alone is the scene, named by its folder.
fn name_tileset(mut opened: MessageReader<OpenTileset>, mut info: ResMut<SceneInfo>) {
    for request in opened.read().filter(|request| request.replace) {
        let url = request
            .source
            .url
            .split(['?', '#'])
            .next()
            .unwrap_or_default();
        let mut parts = url.rsplit('/').filter(|part| !part.is_empty());
        let file = parts.next().unwrap_or(url);
        let name = if file == "tileset.json" {
            parts.next().unwrap_or(file)
        } else {
            file
        };
        *info = SceneInfo {
            name: name.to_owned(),
            ..SceneInfo::default()
        };
    }
}

/// The answer of `/api/scene`.
#[derive(serde::Deserialize)]
struct ServedScene {
    scene: Option<String>,
}

/// Keys of scene files count up from 1; this is the hub's answer.
const HUB_ANSWER: u64 = 0;

fn ask_hub(
    mut reader: NonSendMut<SceneReader>,
    mut ask: ResMut<AskHubForScene>,
    hub: Res<HubAddress>,
) {
    if !ask.0 {
        return;
    }
    if let Some(hub) = &hub.0 {
        ask.0 = false;
        reader
            .fetcher
            .fetch(HUB_ANSWER, &format!("{hub}/api/scene"));
    }
}

fn read(
    mut reader: NonSendMut<SceneReader>,
    mut requests: MessageReader<OpenScene>,
    mut info: ResMut<SceneInfo>,
    mut notices: ResMut<Notices>,
    mut apply: Applier,
    mut served: Local<Option<String>>,
) {
    let from_hub = served.take().map(|url| OpenScene { url });
    for request in requests.read().cloned().chain(from_hub) {
        reader.next += 1;
        let key = reader.next;
        reader.asked = Some((key, request.url.clone()));
        reader.fetcher.fetch(key, &request.url);
        info.loading = true;
        info.failed = None;
    }
    for fetched in reader.fetcher.poll() {
        if fetched.key == HUB_ANSWER {
            let answer = fetched
                .result
                .ok()
                .and_then(|bytes| serde_json::from_slice::<ServedScene>(&bytes).ok());
            let hub = apply.hub.0.clone().unwrap_or_default();
            *served = answer
                .and_then(|answer| answer.scene)
                .map(|scene| format!("{hub}/{scene}"));
            continue;
        }
        let Some((key, url)) = reader.asked.clone() else {
            continue;
        };
        if key != fetched.key {
            continue;
        }
        reader.asked = None;
        info.loading = false;
        let parsed = fetched
            .result
            .map_err(|error| format!("{url}: {error}"))
            .and_then(|bytes| Scene::parse_bytes(&bytes, &url).map_err(|error| error.to_string()));
        match parsed {
            Ok(scene) => {
                *info = SceneInfo {
                    url: Some(url.clone()),
                    name: scene.name.clone(),
                    simulated: scene.synthetic || scene.feeds.simulated,
                    has_feeds: !scene.feeds.is_empty(),
                    presets: scene
                        .camera
                        .presets
                        .iter()
                        .map(|preset| {
                            (preset.id.clone(), preset.name.clone(), preset.pose.camera())
                        })
                        .collect(),
                    loading: false,
                    failed: None,
                    scene: Some(Arc::new(scene.clone())),
                };
                apply.open(&scene, &url, &mut notices);
            }
            Err(error) => {
                notices.error(error.clone(), "the scene that was open stays open");
                info.failed = Some(error);
            }
        }
    }
}

/// Everything a scene sets.
#[derive(bevy::ecs::system::SystemParam)]
struct Applier<'w, 's> {
    frame: ResMut<'w, SceneFrame>,
    home: ResMut<'w, HomeView>,
    clock: ResMut<'w, SimClock>,
    looks: ResMut<'w, LayerLooks>,
    searcher: ResMut<'w, Searcher>,
    wishes: ResMut<'w, LinkWishes>,
    demo: Res<'w, DemoCity>,
    hub: Res<'w, HubAddress>,
    tilesets: MessageWriter<'w, OpenTileset>,
    geojson: MessageWriter<'w, OpenGeoJson>,
    joins: MessageWriter<'w, OpenTable>,
    readings: ResMut<'w, ReadingJoins>,
    grounds: MessageWriter<'w, OpenGround>,
    cameras: Query<'w, 's, &'static mut CityView>,
    open: Query<'w, 's, Entity, With<TileLayer>>,
    layers: Query<'w, 's, (Entity, &'static VectorLayer)>,
    tables: Query<'w, 's, (Entity, &'static TableLayer)>,
    commands: Commands<'w, 's>,
}

impl Applier<'_, '_> {
    fn open(&mut self, scene: &Scene, url: &str, notices: &mut Notices) {
        for layer in &self.open {
            self.commands.entity(layer).despawn();
        }
        // What a person opened over the last scene stays.
        for (entity, layer) in self.layers.iter().filter(|(_, layer)| layer.of_scene) {
            self.searcher.forget(&search_prefix(&layer.source.id));
            self.commands.entity(entity).despawn();
        }
        for (entity, _) in self.tables.iter().filter(|(_, table)| table.of_scene) {
            self.commands.entity(entity).despawn();
        }
        let generation = self.frame.generation + 1;
        *self.frame = SceneFrame {
            generation,
            ..SceneFrame::at(scene.origin.geodetic())
        };
        match Zone::parse(&scene.time_zone) {
            Ok(zone) => self.clock.zone = zone,
            Err(error) => notices.warn(format!("{url}: {error}"), "times are shown in UTC"),
        }
        let wanted = self.wishes.layers.take();
        self.set_looks(scene, wanted.as_deref());
        let home = self
            .wishes
            .camera
            .take()
            .or_else(|| scene.camera.home.map(|pose| pose.camera()));
        let framed = home.is_none();
        if let Some(pose) = home {
            let mut view = view_from_pose(&pose, &self.frame);
            view.above_ground_m = pose.position.height_m - scene.origin.height;
            self.home.0 = scene
                .camera
                .home
                .map(|pose| view_from_pose(&pose.camera(), &self.frame))
                .or(Some(view));
            for mut camera in &mut self.cameras {
                *camera = view;
            }
        }
        for (index, tileset) in scene.tilesets.iter().enumerate() {
            let Some(address) = self.address(&tileset.url, url, notices) else {
                continue;
            };
            let source = TilesetSource {
                name: tileset.name.clone(),
                url: address,
                height_offset_m: tileset.height_offset_m,
                attribution: tileset.attribution.clone(),
                access: access(tileset, url, notices),
                max_screen_space_error_px: tileset.max_screen_space_error_px,
                is_hidden: !tileset.visible,
                style: tileset.style.as_ref().map(ToString::to_string),
                style_strength: tileset.style_strength as f32,
                terrain: None,
                takes_over: None,
            };
            self.tilesets.write(OpenTileset {
                source,
                frame_it: framed && index == 0,
                replace: false,
            });
        }
        self.open_ground(scene, url, notices);
        for geojson in &scene.geojson {
            if let Some(address) = self.address(&geojson.url, url, notices) {
                let mut source = VectorSource::of_scene(geojson, address);
                if let Some(layers) = &wanted {
                    source.visible = layers.contains(&source.id);
                }
                self.geojson.write(OpenGeoJson {
                    source,
                    of_scene: true,
                });
            }
        }
        for table in &scene.tables {
            if let Some(address) = self.address(&table.url, url, notices) {
                self.joins.write(OpenTable {
                    url: address,
                    key: table.key.clone(),
                    feature_key: table.feature_key.clone(),
                    of_scene: true,
                });
            }
        }
        let joins = scene.joins.iter().map(ReadingJoin::of_scene);
        self.readings.replace(joins);
        self.searcher.forget("preset:");
        self.searcher
            .add(scene.camera.presets.iter().map(|preset| Entry {
                id: format!("preset:{}", preset.id),
                title: preset.name.clone(),
                detail: String::new(),
                kind: SearchKind::Place,
                place: preset.pose.camera().position,
                sensor: None,
                building: None,
                values: Vec::new(),
            }));
    }

    fn set_looks(&mut self, scene: &Scene, wanted: Option<&[String]>) {
        self.looks.0 = scene
            .layers
            .iter()
            .map(|layer| LayerLook {
                id: layer.id.clone(),
                visible: wanted
                    .as_ref()
                    .map_or(layer.visible, |ids| ids.contains(&layer.id)),
                opacity: layer.opacity as f32,
                color_map: layer.color_map.name().to_owned(),
                range: Some(if layer.reverse {
                    [layer.range[1], layer.range[0]]
                } else {
                    layer.range
                }),
            })
            .collect();
    }

    fn open_ground(&mut self, scene: &Scene, url: &str, notices: &mut Notices) {
        let mut terrain = scene.terrain.clone();
        if let Some(terrain) = terrain.as_mut().filter(|terrain| !terrain.url.is_empty()) {
            let Some(address) = self.address(&terrain.url, url, notices) else {
                return;
            };
            terrain.url = address;
        }
        let mut imagery = scene.imagery.clone();
        imagery.retain_mut(|layer| match self.address(&layer.url, url, notices) {
            Some(address) => {
                layer.url = address;
                true
            }
            None => false,
        });
        self.grounds.write(OpenGround {
            scene: url.to_owned(),
            terrain,
            imagery,
        });
    }

    /// The address of what a scene names; `demo:` is the city that the hub or this machine made.
    fn address(&self, address: &str, scene: &str, notices: &mut Notices) -> Option<String> {
        let resolved = match resolve_location(address, scene, &crate::platform::environment) {
            Ok(resolved) => resolved,
            Err(error) => {
                notices.error(
                    format!("{scene}: {error}"),
                    "this part of the scene is left out",
                );
                return None;
            }
        };
        let Some(file) = resolved.strip_prefix(DEMO_PREFIX) else {
            return Some(resolved);
        };
        let file = if file.is_empty() {
            "tileset.json"
        } else {
            file
        };
        if let Some(folder) = &self.demo.0 {
            return Some(format!("{folder}/{file}"));
        }
        if let Some(hub) = &self.hub.0 {
            return Some(format!("{hub}/tiles/{file}"));
        }
        notices.error(
            "the demo city is not on this machine and no hub is named",
            "run `belvedere import demo`, or give --hub",
        );
        None
    }
}
/// What a tileset's server wants to see.
fn access(tileset: &city_scene::TilesetSource, scene: &str, notices: &mut Notices) -> Access {
    let mut filled = |list: &std::collections::BTreeMap<String, String>| {
        let mut pairs = Vec::new();
        for (name, value) in list {
            match city_scene::expand_variables(value, &crate::platform::environment) {
                Ok(value) => pairs.push((name.clone(), value)),
                Err(error) => notices.error(
                    format!("{scene}: tileset {}: {error}", tileset.name),
                    "its server may refuse to answer",
                ),
            }
        }
        pairs
    };
    Access {
        headers: filled(&tileset.access.headers),
        query: filled(&tileset.access.query),
        endpoint: None,
    }
}
