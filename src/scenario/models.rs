//! glTF models that a scenario places in the city.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_geo::LocalFrame;
use city_scene::scenario::{PlacedModel, model_label};
use city_tiles::metadata::{Column, ColumnValues, FeatureTable, PropertyTable};
use city_tiles::prepared::{PreparedTile, SurfaceTable};
use glam::{DMat4, DVec3};

use super::desk::{Desk, OPEN, OTHER};
use super::fetching::{ModelFetcher, Whole};
use super::files::without_hub;
use super::stands::Stands;
use crate::frame::SceneFrame;
use crate::notices::Notices;
use crate::render::{CityMesh, Placement, Shown, Style, Variants};
use crate::tiles::TileIo;

/// A placed model.
#[derive(Component, Clone, Debug, PartialEq)]
pub(super) struct Placed {
    /// Whole address of its file.
    url: String,
    /// The middle of its mesh, in the file's own frame.
    origin: DVec3,
}

enum File {
    Fetching,
    /// By what key, and what was missing beside it.
    Decoding(u64, Vec<String>),
    Ready(Arc<PreparedTile>),
    Failed,
}

/// Files of models. Not `Send` in the browser.
pub struct ModelFiles {
    fetcher: ModelFetcher,
    files: HashMap<String, File>,
    stamp: u64,
    generation: u32,
}

impl ModelFiles {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            fetcher: ModelFetcher::new(),
            files: HashMap::new(),
            stamp: 0,
            generation: 0,
        }
    }
}

/// Fetches, decodes and places what the plans name.
pub(super) fn place(
    mut commands: Commands,
    mut models: NonSendMut<ModelFiles>,
    mut io: NonSendMut<TileIo>,
    mut desk: ResMut<Desk>,
    frame: Res<SceneFrame>,
    mut standing: Query<(Entity, &mut Placed, &mut Stands, &mut Variants)>,
    mut notices: ResMut<Notices>,
) {
    let models = &mut *models;
    // What becomes of files changes no plan.
    let desk = desk.bypass_change_detection();
    let mut news = arrived(models, &mut io, &mut notices, &mut desk.model_faults);
    if models.stamp != desk.stamp() || models.generation != frame.generation {
        models.stamp = desk.stamp();
        models.generation = frame.generation;
        news = true;
        for (old, new) in std::mem::take(&mut desk.moved_models) {
            // The file is what it was: it is not fetched again, and what stands goes on standing.
            if let Some(File::Ready(tile)) = models.files.get(&old) {
                let tile = tile.clone();
                models.files.insert(new.clone(), File::Ready(tile));
            }
            for (_, mut placed, ..) in &mut standing {
                if placed.url == old {
                    placed.url.clone_from(&new);
                }
            }
        }
        let named: BTreeSet<String> = [OTHER, OPEN]
            .into_iter()
            .flat_map(|variant| desk.plan(variant).models.values())
            .map(|model| desk.place_of(&model.url))
            .collect();
        // A file that failed is tried again when it is named again.
        models
            .files
            .retain(|url, file| !matches!(file, File::Failed) || named.contains(url));
        desk.model_faults.retain(|url, _| named.contains(url));
        for url in &named {
            match without_hub(url) {
                // Not told at the corner: the hub may be on its way.
                Some(why) => {
                    desk.model_faults.insert(url.clone(), why);
                }
                None => ask(models, url),
            }
        }
    }
    let under_way = |file: &&File| matches!(file, File::Fetching | File::Decoding(..));
    desk.models_under_way = models.files.values().filter(under_way).count();
    if !news {
        return;
    }
    let mut wanted = wanted(desk);
    // What stands already is moved: it goes to the GPU once.
    for (entity, placed, mut stands, mut variants) in &mut standing {
        let same = |(id, model, _): &(String, PlacedModel, u8)| {
            *id == stands.feature && desk.place_of(&model.url) == placed.url
        };
        match wanted.iter().position(same) {
            Some(place) => {
                let (id, model, bits) = wanted.swap_remove(place);
                let now = stand(id, &model, placed.origin, &frame);
                if *stands != now {
                    *stands = now;
                }
                if variants.0 != bits {
                    variants.0 = bits;
                }
            }
            None => commands.entity(entity).despawn(),
        }
    }
    for (id, model, bits) in wanted {
        let url = desk.place_of(&model.url);
        let Some(File::Ready(tile)) = models.files.get(&url) else {
            continue;
        };
        let origin = tile.origin;
        let stands = stand(id, &model, origin, &frame);
        commands.spawn((
            CityMesh::new(as_one_feature(tile, &stands.feature, &model.url)),
            Placement {
                local_from_mesh: stands.local_from_mesh,
            },
            Shown(true),
            Style::default(),
            Variants(bits),
            stands,
            Placed { url, origin },
        ));
    }
}

/// The models of both plans, each with the variants that have it there.
fn wanted(desk: &Desk) -> Vec<(String, PlacedModel, u8)> {
    let mut wanted: Vec<(String, PlacedModel, u8)> = Vec::new();
    for variant in [OTHER, OPEN] {
        for (id, model) in &desk.plan(variant).models {
            let same =
                |(known, there, _): &&mut (String, PlacedModel, u8)| known == id && there == model;
            match wanted.iter_mut().find(same) {
                Some((_, _, bits)) => *bits |= 1 << variant,
                None => wanted.push((id.clone(), model.clone(), 1 << variant)),
            }
        }
    }
    wanted
}

fn stand(feature: String, model: &PlacedModel, origin: DVec3, frame: &SceneFrame) -> Stands {
    let place = model.position.geodetic();
    Stands {
        feature,
        local_from_mesh: frame.local_from_ecef
            * LocalFrame::enu(place).ecef_from_local()
            * enu_from_model(model.heading_deg, model.scale)
            * DMat4::from_translation(origin),
        foot: frame.local(place),
    }
}

/// A model is one thing, whatever it is made of: a click anywhere on it chooses it.
fn as_one_feature(tile: &PreparedTile, id: &str, url: &str) -> PreparedTile {
    let mut tile = tile.clone();
    for vertex in tile.primitives.iter_mut().flat_map(|p| &mut p.vertices) {
        vertex.feature = 0;
    }
    tile.surface = SurfaceTable::default();
    let label = model_label(url);
    let name = label.rsplit(['/', '\\']).next().unwrap_or(label);
    let columns = [("id", id), ("name", name)].map(|(column, value)| {
        Column::new(
            column,
            ColumnValues::Text {
                ends: vec![value.len() as u32],
                text: value.to_owned(),
            },
        )
    });
    tile.features = FeatureTable::default();
    tile.features.tables.push(PropertyTable {
        class: "model".to_owned(),
        name: None,
        count: 1,
        columns: columns.to_vec(),
    });
    tile.features
        .push_block(1, Some(0), Some("proposed".to_owned()));
    tile
}

/// East-north-up from a decoded model (z up, its front to the south): heading 0 has its front to the north.
fn enu_from_model(heading_deg: f64, scale: f64) -> DMat4 {
    let turn = std::f64::consts::PI - heading_deg.to_radians();
    DMat4::from_rotation_z(turn) * DMat4::from_scale(DVec3::splat(scale))
}

fn ask(models: &mut ModelFiles, url: &str) {
    if models.files.contains_key(url) {
        return;
    }
    models.files.insert(url.to_owned(), File::Fetching);
    models.fetcher.ask(url);
}

/// Takes in what has come; true when something can be placed that could not be before.
fn arrived(
    models: &mut ModelFiles,
    io: &mut TileIo,
    notices: &mut Notices,
    faults: &mut BTreeMap<String, String>,
) -> bool {
    let mut news = false;
    let mut tell = |notices: &mut Notices, url: &str, why: &str| {
        faults.insert(url.to_owned(), why.to_owned());
        notices.error(
            format!("a model cannot be shown: {url}: {why}"),
            "the rest of the scenario is shown; correct its address or file",
        );
    };
    for (url, result) in models.fetcher.poll() {
        let file = match result {
            Ok(whole) => {
                let key = io.decode_other(&url, whole.bytes, whole.external);
                File::Decoding(key, whole.missing)
            }
            Err(error) => {
                tell(notices, &url, &error);
                File::Failed
            }
        };
        models.files.insert(url, file);
    }
    for (url, file) in &mut models.files {
        let File::Decoding(key, missing) = file else {
            continue;
        };
        match io.take_other(*key) {
            Some(Ok(tile)) => {
                *file = File::Ready(Arc::new(tile));
                news = true;
            }
            Some(Err(error)) => {
                tell(notices, url, &Whole::fault(missing, &error));
                *file = File::Failed;
            }
            None => {}
        }
    }
    news
}

#[cfg(test)]
mod tests {
    use city_tiles::prepared::{NO_FEATURE, PreparedPrimitive, Topology, Vertex};

    use super::*;

    #[test]
    fn a_model_is_one_feature_that_is_told_by_its_file() {
        let vertex = |feature: u32| Vertex {
            position: [feature as f32, 0.0, 0.0],
            normal: [0, 0, 127, 0],
            color: [255; 4],
            uv: [0.0; 2],
            feature,
        };
        let tile = PreparedTile {
            primitives: vec![PreparedPrimitive {
                topology: Topology::Triangles,
                vertices: vec![vertex(NO_FEATURE), vertex(3), vertex(4)],
                indices: vec![0, 1, 2],
                material: 0,
                has_normals: true,
            }],
            ..Default::default()
        };
        let one = as_one_feature(&tile, "op-1", "https://x.org/models/kiosk.glb");
        assert!(one.primitives[0].vertices.iter().all(|v| v.feature == 0));
        let properties = one.features.properties(0);
        let value = |id: &str| {
            let found = properties.iter().find(|p| p.id == id);
            found.unwrap().value.to_string()
        };
        assert_eq!(value("id"), "op-1");
        assert_eq!(value("name"), "kiosk.glb");
    }

    #[test]
    fn the_front_looks_where_the_heading_says() {
        // glTF's front is +z, which decoding turns to the south.
        let front = DVec3::NEG_Y;
        let at = |heading_deg: f64| enu_from_model(heading_deg, 2.0).transform_vector3(front);
        assert!(
            at(0.0).abs_diff_eq(DVec3::new(0.0, 2.0, 0.0), 1e-9),
            "north"
        );
        assert!(
            at(90.0).abs_diff_eq(DVec3::new(2.0, 0.0, 0.0), 1e-9),
            "east"
        );
    }
}
