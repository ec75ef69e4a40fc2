//! glTF models that a scenario places in the city.

use std::collections::HashMap;
use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_geo::{Geodetic, LocalFrame};
use city_tiles::prepared::PreparedTile;
use glam::{DMat4, DVec3};

use super::desk::{Desk, OPEN, OTHER};
use crate::frame::SceneFrame;
use crate::notices::Notices;
use crate::platform::Fetcher;
use crate::render::{CityMesh, Placement, Shown, Style, Variants};
use crate::tiles::TileIo;

/// A placed model.
#[derive(Component, Clone, Debug, PartialEq)]
pub(super) struct Placed;

enum File {
    Fetching,
    Decoding(u64),
    Ready(Arc<PreparedTile>),
    Failed,
}

/// Files of models. Not `Send` in the browser.
pub struct ModelFiles {
    fetcher: Fetcher,
    files: HashMap<String, File>,
    asked: HashMap<u64, String>,
    next: u64,
    stamp: u64,
    generation: u32,
}

impl ModelFiles {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            fetcher: Fetcher::new(1),
            files: HashMap::new(),
            asked: HashMap::new(),
            next: 0,
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
    desk: Res<Desk>,
    frame: Res<SceneFrame>,
    standing: Query<Entity, With<Placed>>,
    mut notices: ResMut<Notices>,
) {
    let models = &mut *models;
    let mut news = arrived(models, &mut io, &mut notices);
    if models.stamp != desk.stamp() || models.generation != frame.generation {
        models.stamp = desk.stamp();
        models.generation = frame.generation;
        news = true;
        for variant in [OTHER, OPEN] {
            for model in desk.plan(variant).models.values() {
                ask(models, &desk.place_of(&model.url));
            }
        }
    }
    if !news {
        return;
    }
    for entity in &standing {
        commands.entity(entity).despawn();
    }
    for variant in [OTHER, OPEN] {
        for model in desk.plan(variant).models.values() {
            let Some(File::Ready(tile)) = models.files.get(&desk.place_of(&model.url)) else {
                continue;
            };
            let at = &model.position;
            let place = Geodetic::from_degrees(at.lon, at.lat, at.height);
            let local_from_mesh = frame.local_from_ecef
                * LocalFrame::enu(place).ecef_from_local()
                * enu_from_model(model.heading_deg, model.scale)
                * DMat4::from_translation(tile.origin);
            commands.spawn((
                CityMesh::new(PreparedTile::clone(tile)),
                Placement { local_from_mesh },
                Shown(true),
                Style::default(),
                Variants(1 << variant),
                Placed,
            ));
        }
    }
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
    models.next += 1;
    models.asked.insert(models.next, url.to_owned());
    models.files.insert(url.to_owned(), File::Fetching);
    models.fetcher.fetch(models.next, url);
}

/// Takes in what has come; true when something can be placed that could not be before.
fn arrived(models: &mut ModelFiles, io: &mut TileIo, notices: &mut Notices) -> bool {
    let mut news = false;
    let tell = |notices: &mut Notices, url: &str, why: &str| {
        notices.error(
            format!("the model {url} cannot be shown: {why}"),
            "the rest of the scenario is shown; correct its address or file",
        );
    };
    for fetched in models.fetcher.poll() {
        let Some(url) = models.asked.remove(&fetched.key) else {
            continue;
        };
        let file = match fetched.result {
            Ok(bytes) => File::Decoding(io.decode_other(&url, bytes)),
            Err(error) => {
                tell(notices, &url, &error.to_string());
                File::Failed
            }
        };
        models.files.insert(url, file);
    }
    for (url, file) in &mut models.files {
        let File::Decoding(key) = file else {
            continue;
        };
        match io.take_other(*key) {
            Some(Ok(tile)) => {
                *file = File::Ready(Arc::new(tile));
                news = true;
            }
            Some(Err(error)) => {
                tell(notices, url, &error);
                *file = File::Failed;
            }
            None => {}
        }
    }
    news
}

#[cfg(test)]
mod tests {
    use super::*;

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
