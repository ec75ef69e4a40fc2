//! Tiles that draw several buildings as one shape keep showing what a plan hides: they are refined, however far away,
//! until each hidden building is told apart.

use std::collections::{BTreeSet, HashMap, HashSet};

use bevy::ecs::prelude::*;
use city_geo::Geodetic;
use city_tiles::stream::TileId;
use glam::DVec3;

use super::desk::{Desk, OPEN, OTHER};
use crate::frame::SceneFrame;
use crate::picking::feature_ids;
use crate::render::{CityMesh, Placement, Shown};
use crate::tiles::{TileLayer, TileOf};

/// Tiles that are refined for this at most, of one tileset: each has a few children that stay in memory.
const MOST_TILES: usize = 64;
/// So far outside of what a coarse tile draws a building may stand that belongs to it, metres.
const BESIDE_M: f64 = 5.0;

/// What has been found out for a plan.
#[derive(Default)]
pub(super) struct Known {
    of: (u64, u32),
    /// What is hidden, and where it stands; local frame.
    hidden: Vec<(String, DVec3)>,
    /// Tiles that are too coarse, by layer.
    tiles: HashMap<Entity, BTreeSet<TileId>>,
}

pub(super) fn refine(
    desk: Res<Desk>,
    frame: Res<SceneFrame>,
    mut layers: Query<&mut TileLayer>,
    tiles: Query<(Entity, &CityMesh, &Placement, &Shown, &TileOf)>,
    changed: Query<Entity, (Changed<Shown>, With<TileOf>)>,
    mut known: Local<Known>,
) {
    let known = &mut *known;
    let now = (desk.stamp(), frame.generation);
    let is_new = std::mem::replace(&mut known.of, now) != now;
    if is_new {
        let hidden = hidden(&desk, &frame);
        if known.hidden == hidden && known.tiles.is_empty() {
            return;
        }
        known.hidden = hidden;
        for (layer, _) in known.tiles.drain() {
            if let Ok(mut layer) = layers.get_mut(layer) {
                layer.streamer.set_too_coarse(BTreeSet::new());
            }
        }
    }
    if known.hidden.is_empty() {
        return;
    }
    let mut news: HashSet<Entity> = HashSet::new();
    let mut look =
        |(_, mesh, placement, shown, of): (_, &CityMesh, &Placement, &Shown, &TileOf)| {
            if shown.0 && is_too_coarse(mesh, placement, &known.hidden) {
                let tiles = known.tiles.entry(of.layer).or_default();
                if tiles.len() < MOST_TILES && tiles.insert(of.tile) {
                    news.insert(of.layer);
                }
            }
        };
    if is_new {
        tiles.iter().for_each(&mut look);
    } else {
        let changed = changed.iter().filter_map(|entity| tiles.get(entity).ok());
        changed.for_each(&mut look);
    }
    for layer in news {
        if let (Ok(mut of), Some(tiles)) = (layers.get_mut(layer), known.tiles.get(&layer)) {
            of.streamer.set_too_coarse(tiles.clone());
        }
    }
}

/// What either plan takes away of the city, and where it stands.
fn hidden(desk: &Desk, frame: &SceneFrame) -> Vec<(String, DVec3)> {
    let mut ids: BTreeSet<&String> = BTreeSet::new();
    for variant in [OTHER, OPEN] {
        ids.extend(desk.plan(variant).hidden.keys());
    }
    let place = |id: &String| {
        let feature = desk.city().feature(id)?;
        // Its foot: how high it is differs from level to level.
        let foot_m = feature.centre.height - feature.height_m;
        let foot = Geodetic::from_degrees(feature.centre.lon, feature.centre.lat, foot_m + 2.0);
        Some((id.clone(), frame.local(foot)))
    };
    ids.into_iter().filter_map(place).collect()
}

/// Whether a tile stands for something that is hidden and cannot tell it from the rest. Tiles without identifiers
/// (the ground, trees) stand for no building.
fn is_too_coarse(mesh: &CityMesh, placement: &Placement, hidden: &[(String, DVec3)]) -> bool {
    let Some((low, high)) = mesh.1 else {
        return false;
    };
    let (low, high) = (low.as_dvec3() - BESIDE_M, high.as_dvec3() + BESIDE_M);
    let mesh_from_local = placement.local_from_mesh.inverse();
    let inside = |at: &DVec3| {
        let at = mesh_from_local.transform_point3(*at);
        at.cmpge(low).all() && at.cmple(high).all()
    };
    let mut here = hidden.iter().filter(|(_, at)| inside(at)).peekable();
    if here.peek().is_none() {
        return false;
    }
    let ids: HashSet<String> = feature_ids(&mesh.0).map(|(_, id)| id).collect();
    !ids.is_empty() && here.any(|(id, _)| !ids.contains(id))
}

#[cfg(test)]
mod tests {
    use city_tiles::metadata::{Column, ColumnValues, FeatureTable, PropertyTable};
    use city_tiles::prepared::{PreparedPrimitive, PreparedTile, Topology, Vertex};
    use glam::DMat4;

    use super::*;

    /// A tile of 100 m with features of these ids.
    fn tile(ids: &[&str]) -> CityMesh {
        let mut features = FeatureTable::default();
        if !ids.is_empty() {
            let mut end = 0;
            let ends = ids.iter().map(|id| {
                end += id.len() as u32;
                end
            });
            let values = ColumnValues::Text {
                ends: ends.collect(),
                text: ids.concat(),
            };
            features.tables.push(PropertyTable {
                count: ids.len() as u32,
                columns: vec![Column::new("id", values)],
                ..Default::default()
            });
            features.push_block(ids.len() as u32, Some(0), None);
        }
        let corner = |x: f32, y: f32, z: f32| Vertex {
            position: [x, y, z],
            normal: [0, 0, 127, 0],
            color: [255; 4],
            uv: [0.0; 2],
            feature: 0,
        };
        CityMesh::new(PreparedTile {
            primitives: vec![PreparedPrimitive {
                topology: Topology::Triangles,
                vertices: vec![
                    corner(-50.0, -50.0, 0.0),
                    corner(50.0, -50.0, 0.0),
                    corner(50.0, 50.0, 30.0),
                ],
                indices: vec![0, 1, 2],
                material: 0,
                has_normals: true,
            }],
            features,
            ..Default::default()
        })
    }

    #[test]
    fn a_tile_that_cannot_tell_the_hidden_building_apart_is_too_coarse() {
        let at = DVec3::new(1000.0, 500.0, 0.0);
        let placement = Placement {
            local_from_mesh: DMat4::from_translation(at),
        };
        let hidden = [("B1".to_owned(), at + DVec3::new(20.0, -10.0, 2.0))];
        let coarse = |ids: &[&str]| is_too_coarse(&tile(ids), &placement, &hidden);
        assert!(coarse(&["K00001", "B2"]), "a block that stands for it");
        assert!(!coarse(&["B1", "B2"]), "it is known by itself");
        assert!(!coarse(&[]), "the ground");
        let elsewhere = [("B1".to_owned(), at + DVec3::X * 80.0)];
        assert!(!is_too_coarse(&tile(&["K00001"]), &placement, &elsewhere));
    }
}
