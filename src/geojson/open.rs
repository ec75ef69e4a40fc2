//! Opening: from an address to a decoded, styled layer.

use std::collections::HashMap;

use bevy::ecs::message::Messages;
use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_geo::geodetic_from_ecef;
use city_tiles::metadata::FeatureTable;
use city_tiles::prepared::PreparedTile;
use city_tiles::vector::{Anchors, Palette, looks};
use glam::{DMat4, DVec3, Vec3};

use super::layer::{Content, VectorLayer, VectorTotals};
use super::source::VectorSource;
use crate::camera_control::{CameraRequest, FlyTarget};
use crate::frame::SceneFrame;
use crate::framing::{HomeView, view_from_pose, view_of_sphere};
use crate::names::numbered;
use crate::notices::Notices;
use crate::platform::Fetcher;
use crate::render::{CityMesh, CityView, LineSet, Placement, Shown, Style};
use crate::scene::{LinkWishes, SceneInfo};
use crate::search::{Entry, Searcher};
use crate::tiles::{Ground, OpenTileset, TileIo, TileLayer};
use crate::ui::colormap;
use crate::ui::model::SearchKind;

/// Opens a GeoJSON file or URL as a layer; every way of opening ends here.
#[derive(Message, Clone, Debug)]
pub struct OpenGeoJson {
    /// What and how.
    pub source: VectorSource,
    /// A scene asks for it; otherwise a person does, who wants to see it.
    pub of_scene: bool,
}

/// Requests and decode jobs under way. Not `Send` in the browser.
pub(super) struct VectorIo {
    fetcher: Fetcher,
    fetching: HashMap<u64, Entity>,
    decoding: HashMap<u64, Entity>,
    next_key: u64,
}

impl VectorIo {
    pub fn new() -> Self {
        Self {
            fetcher: Fetcher::new(1),
            fetching: HashMap::new(),
            decoding: HashMap::new(),
            next_key: 0,
        }
    }
}

/// Features of a layer that the search knows.
const MAX_SEARCHED: u32 = 5_000;
/// The local frame's flat directions are of no use further from its origin, metres.
const FAR_M: f64 = 300_000.0;
/// A single point is looked at from this distance, metres.
const MIN_RADIUS_M: f64 = 150.0;

pub(super) fn open(
    mut commands: Commands,
    mut io: NonSendMut<VectorIo>,
    mut requests: MessageReader<OpenGeoJson>,
    mut tilesets: MessageReader<OpenTileset>,
    mut searcher: ResMut<Searcher>,
    mut totals: ResMut<VectorTotals>,
    open: Query<(Entity, &VectorLayer)>,
) {
    let mut ids: Vec<String> = open.iter().map(|(_, l)| l.source.id.clone()).collect();
    if tilesets.read().any(|request| request.replace) {
        for (entity, layer) in open.iter().filter(|(_, layer)| layer.of_scene) {
            searcher.forget(&search_prefix(&layer.source.id));
            commands.entity(entity).despawn();
            ids.retain(|id| *id != layer.source.id);
        }
    }
    for request in requests.read() {
        let mut source = request.source.clone();
        if source.id.is_empty() {
            source.id = source.stem();
        }
        source.id = numbered(&source.id, &ids);
        if source.name.is_empty() {
            source.name = source.id.clone();
        }
        ids.push(source.id.clone());
        tracing::info!("opening GeoJSON {}", source.url);
        let entity = commands
            .spawn(VectorLayer {
                visible: source.visible,
                opacity: source.opacity,
                count: 0,
                meaning: Default::default(),
                credits: [&source.attribution]
                    .into_iter()
                    .filter(|credit| !credit.is_empty())
                    .cloned()
                    .collect(),
                problem: None,
                bytes: 0,
                strokes: Default::default(),
                of_scene: request.of_scene,
                to_be_seen: !request.of_scene,
                content: None,
                source: source.clone(),
            })
            .id();
        io.next_key += 1;
        let key = io.next_key;
        io.fetching.insert(key, entity);
        io.fetcher.fetch(key, &source.url);
        totals.busy = true;
    }
}

/// Identifiers of a layer's features in the search begin so.
pub fn search_prefix(id: &str) -> String {
    format!("geojson:{id}:")
}

pub(super) fn receive(
    mut commands: Commands,
    mut io: NonSendMut<VectorIo>,
    mut decoder: NonSendMut<TileIo>,
    mut layers: Query<&mut VectorLayer>,
    frame: Res<SceneFrame>,
    mut notices: ResMut<Notices>,
    mut searcher: ResMut<Searcher>,
) {
    let io = &mut *io;
    for fetched in io.fetcher.poll() {
        let Some(entity) = io.fetching.remove(&fetched.key) else {
            continue;
        };
        let Ok(mut layer) = layers.get_mut(entity) else {
            continue;
        };
        match fetched.result {
            Ok(bytes) => {
                let key = decoder.decode_other(&layer.source.url, bytes, Vec::new());
                io.decoding.insert(key, entity);
            }
            Err(error) => {
                let problem = format!("{}: {error}", layer.source.url);
                fail(&mut layer, problem, &mut notices);
            }
        }
    }
    let keys: Vec<u64> = io.decoding.keys().copied().collect();
    for key in keys {
        let Some(result) = decoder.take_other(key) else {
            continue;
        };
        let Some(entity) = io.decoding.remove(&key) else {
            continue;
        };
        let Ok(mut layer) = layers.get_mut(entity) else {
            continue;
        };
        let tile = match result {
            Ok(tile) => tile,
            Err(problem) => {
                fail(&mut layer, problem, &mut notices);
                continue;
            }
        };
        for warning in &tile.warnings {
            notices.warn(
                format!("{}: {warning}", layer.source.url),
                "the other features are drawn",
            );
        }
        let (mesh, anchors) = take(&mut layer, tile, &frame, &mut notices);
        searcher.add(entries(&layer, &mesh));
        let placement = Placement {
            local_from_mesh: DMat4::from_translation(anchors.origin),
        };
        commands.entity(entity).insert((
            CityMesh::new(mesh),
            placement,
            Shown(layer.visible),
            Style {
                opacity: layer.opacity,
                pull: super::drape::PULL,
                ..Style::default()
            },
            LineSet {
                origin: anchors.origin,
                segments: Default::default(),
                opacity: layer.opacity,
                pull: super::drape::PULL * 1.5,
                through: false,
            },
        ));
    }
}

fn fail(layer: &mut VectorLayer, problem: String, notices: &mut Notices) {
    notices.error(
        problem.clone(),
        "check the file or address and open it again",
    );
    layer.problem = Some(problem);
}

/// Styles a decoded file. Gives the mesh that carries its table of features, still without triangles.
fn take(
    layer: &mut VectorLayer,
    mut tile: PreparedTile,
    frame: &SceneFrame,
    notices: &mut Notices,
) -> (PreparedTile, Anchors) {
    let palette = Palette {
        map: &|name, t| colormap::sample(name, t),
        category: &colormap::category,
    };
    let features: FeatureTable = std::mem::take(&mut tile.features);
    let looks = looks(&features, &layer.source.style, palette);
    for warning in &looks.warnings {
        notices.warn(
            format!("{}: {warning}", layer.source.name),
            "correct the layer's keys in the scene file",
        );
    }
    layer.count = looks.features.len();
    layer.meaning = looks.meaning;
    layer.credits.extend(tile.copyright.iter().cloned());
    if !layer.of_scene
        && let Some(name) = features.tables.first().and_then(|t| t.name.clone())
    {
        layer.source.name = name;
    }
    if layer.count == 0 {
        let problem = format!(
            "{}: there is no feature that can be drawn",
            layer.source.url
        );
        fail(layer, problem, notices);
    }
    let anchors = Anchors::new(&tile, frame.local_from_ecef);
    layer.content = Some(Content {
        tile,
        looks: looks.features,
        anchors: anchors.clone(),
        frame_generation: frame.generation,
        job: None,
        draped: None,
        draped_ms: f64::NEG_INFINITY,
    });
    let mesh = PreparedTile {
        features,
        ..PreparedTile::default()
    };
    (mesh, anchors)
}

/// Names of features for the search, each at its first vertex.
fn entries(layer: &VectorLayer, mesh: &PreparedTile) -> Vec<Entry> {
    let Some(content) = &layer.content else {
        return Vec::new();
    };
    let mut places: HashMap<u32, DVec3> = HashMap::new();
    for primitive in &content.tile.primitives {
        for vertex in &primitive.vertices {
            if vertex.feature < MAX_SEARCHED {
                places.entry(vertex.feature).or_insert_with(|| {
                    content.tile.origin + Vec3::from(vertex.position).as_dvec3()
                });
            }
        }
    }
    let mut entries: Vec<Entry> = places
        .into_iter()
        .filter_map(|(feature, ecef)| {
            Some(Entry {
                id: format!("{}{feature}", search_prefix(&layer.source.id)),
                title: layer.title(&mesh.features, feature)?,
                detail: layer.source.name.clone(),
                kind: SearchKind::Place,
                place: geodetic_from_ecef(ecef),
                sensor: None,
                building: None,
                values: Vec::new(),
            })
        })
        .collect();
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    entries
}

impl VectorLayer {
    /// What a feature is called, where its properties say so.
    #[must_use]
    pub fn title(&self, features: &FeatureTable, feature: u32) -> Option<String> {
        let named = self.source.label_by.iter().map(String::as_str);
        named
            .chain(["name", "Name", "NAME", "title"])
            .filter_map(|key| features.lookup(feature, key))
            .map(|value| value.to_string())
            .find(|text| !text.is_empty() && text != "–")
    }
}

/// What opening may do to the camera.
#[derive(SystemParam)]
pub(super) struct Stage<'w, 's> {
    frame: ResMut<'w, SceneFrame>,
    home: ResMut<'w, HomeView>,
    ground: ResMut<'w, Ground>,
    scene: ResMut<'w, SceneInfo>,
    wishes: ResMut<'w, LinkWishes>,
    tiles: Query<'w, 's, &'static TileLayer>,
    cameras: Query<'w, 's, &'static mut CityView>,
    /// Only windows have hands that steer.
    requests: Option<ResMut<'w, Messages<CameraRequest>>>,
}

/// A file opened alone is the scene: the frame moves to it and the camera looks at all of it. One
/// opened over a scene is flown to where it is out of sight.
pub(super) fn frame_alone(
    mut layers: Query<&mut VectorLayer>,
    mut stage: Stage,
    mut notices: ResMut<Notices>,
) {
    let over_nothing = !stage.scene.loading && stage.tiles.is_empty();
    if over_nothing && !stage.ground.alone && layers.iter().any(|layer| layer.count > 0) {
        stage.ground.alone = true;
    }
    for mut layer in &mut layers {
        let layer = &mut *layer;
        let Some(content) = &mut layer.content else {
            continue;
        };
        // What it is opened over must be there first.
        let coming = stage.scene.loading || stage.tiles.iter().any(|tiles| tiles.frame_it);
        if !layer.to_be_seen || layer.count == 0 || coming {
            continue;
        }
        layer.to_be_seen = false;
        if stage.scene.url.is_some() || !stage.tiles.is_empty() || stage.home.0.is_some() {
            look_for(layer, &mut stage, &mut notices);
            continue;
        }
        let generation = stage.frame.generation + 1;
        *stage.frame = SceneFrame {
            generation,
            ..SceneFrame::around_ecef(content.tile.origin)
        };
        content.anchors = Anchors::new(&content.tile, stage.frame.local_from_ecef);
        content.frame_generation = generation;
        let (center, radius_m) = content.anchors.sphere();
        let fov = stage
            .cameras
            .iter()
            .next()
            .map_or(CityView::default().fov_y_rad, |view| view.fov_y_rad);
        let view = view_of_sphere(center, (radius_m * 1.1).max(MIN_RADIUS_M), fov);
        stage.home.0 = Some(view);
        stage.scene.name = layer.source.name.clone();
        let asked = stage.wishes.camera.take();
        let view = asked.map_or(view, |pose| {
            let mut view = view_from_pose(&pose, &stage.frame);
            view.above_ground_m = pose.position.height_m;
            view
        });
        for mut camera in &mut stage.cameras {
            *camera = view;
        }
    }
}

fn look_for(layer: &VectorLayer, stage: &mut Stage, notices: &mut Notices) {
    let (Some(content), Some(view)) = (&layer.content, stage.cameras.iter().next()) else {
        return;
    };
    let (center, radius_m) = content.anchors.sphere();
    if center.length() > FAR_M + radius_m {
        notices.warn(
            format!(
                "{} is {:.0} km from this scene",
                layer.source.name,
                center.length() * 1e-3
            ),
            "to see it, open it alone or with a scene of its place",
        );
        return;
    }
    let to = center - view.position;
    let in_sight = to.normalize_or_zero().dot(view.forward) > (view.fov_y_rad * 0.5).cos()
        || to.length() < radius_m;
    if in_sight || stage.frame.origin.is_none() {
        return;
    }
    let place = geodetic_from_ecef(stage.frame.ecef_from_local.transform_point3(center));
    if let Some(requests) = &mut stage.requests {
        requests.write(CameraRequest::FlyTo(FlyTarget::Place(place)));
    }
}
