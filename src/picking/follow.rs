//! What is selected stays selected while tiles come and go: the same building under the same identifier in
//! whatever level of detail is drawn, with its outline.

use std::collections::HashMap;

use bevy::ecs::prelude::*;
use city_tiles::prepared::PreparedTile;
use glam::{DMat4, DVec3, Vec3};

use super::{AlsoSelected, SelectById, Selection, outline};
use crate::frame::SceneFrame;
use crate::geojson::{VectorLayer, highlight};
use crate::render::{CityMesh, LineSet, Placement, Shown, Style};
use crate::tiles::TileOf;

/// The outline of a selected feature.
#[derive(Component)]
pub(super) struct SelectionOutline;

/// A feature of a mesh.
type Place = (Entity, u32);

/// What can have a selected feature.
type Selectable = (
    Ref<'static, CityMesh>,
    Ref<'static, Placement>,
    &'static mut Style,
);

/// What is known of the selected features from frame to frame.
#[derive(Default)]
pub(super) struct Known {
    keys: HashMap<Place, FeatureKey>,
    /// What has an outline now; the first is the one that the inspector shows.
    drawn: Vec<Place>,
}

/// Keeps highlight and outline on the selected features.
pub(super) fn follow(
    mut commands: Commands,
    mut selection: ResMut<Selection>,
    mut also: ResMut<AlsoSelected>,
    mut meshes: Query<Selectable>,
    layers: Query<&VectorLayer>,
    outlines: Query<Entity, With<SelectionOutline>>,
    tiles: Query<(Entity, &CityMesh, &Placement, &Shown), With<TileOf>>,
    changes: Query<(), (Changed<Shown>, With<TileOf>)>,
    mut known: Local<Known>,
) {
    // Looking for a feature costs; nothing can have turned up when nothing was shown or hidden.
    let tiles_changed = !changes.is_empty();
    let asked = selection.is_changed() || also.is_changed();
    let mut wanted = Vec::new();
    if let Some(moved) = resolve(&selection, &meshes, &tiles, tiles_changed, &mut known.keys) {
        // The same thing under another mesh is no new selection.
        *selection.bypass_change_detection() = moved;
    }
    wanted.extend(place_of(&selection));
    for index in 0..also.0.len() {
        let one = &also.0[index];
        if let Some(moved) = resolve(one, &meshes, &tiles, tiles_changed, &mut known.keys) {
            also.bypass_change_detection().0[index] = moved;
        }
        wanted.extend(place_of(&also.0[index]));
    }
    if asked {
        let keep: Vec<Place> = wanted.clone();
        known.keys.retain(|place, _| keep.contains(place));
    }
    wanted.retain(|(mesh, _)| meshes.contains(*mesh));
    // A layer that is laid anew keeps its entity but not its shape, what a planner moves not its place.
    let changed = wanted.iter().any(|(mesh, _)| {
        meshes
            .get(*mesh)
            .is_ok_and(|(mesh, placement, _)| mesh.is_changed() || placement.is_changed())
    });
    if known.drawn == wanted && !changed {
        return;
    }
    for (mesh, _) in std::mem::take(&mut known.drawn) {
        if let Ok((_, _, mut style)) = meshes.get_mut(mesh) {
            style.selected_feature = u32::MAX;
        }
    }
    for entity in &outlines {
        commands.entity(entity).despawn();
    }
    // The first comes last: where two are in one mesh, the fill is the first one's.
    for (mesh, feature) in wanted.iter().rev() {
        if let Ok((city_mesh, placement, mut style)) = meshes.get_mut(*mesh) {
            style.selected_feature = *feature;
            let mut set: LineSet = outline::of_feature(&city_mesh.0, &placement, *feature);
            if let Ok(layer) = layers.get(*mesh) {
                let mut segments = highlight(&layer.strokes, *feature, outline::RIM);
                segments.extend_from_slice(&set.segments);
                set.segments = std::sync::Arc::new(segments);
                set.pull = outline::LAYER_PULL;
            }
            commands.spawn((SelectionOutline, set));
        }
    }
    known.drawn = wanted;
}

/// Selects a building that was asked for by its identifier, once it is drawn.
pub(super) fn select_by_id(
    mut wanted: ResMut<SelectById>,
    mut selection: ResMut<Selection>,
    frame: Res<SceneFrame>,
    tiles: Query<(Entity, &CityMesh, &Placement, &Shown), With<TileOf>>,
    changes: Query<(), (Changed<Shown>, With<TileOf>)>,
) {
    if !wanted.is_changed() && changes.is_empty() {
        return;
    }
    let Some((id, place)) = wanted.bypass_change_detection().0.clone() else {
        return;
    };
    let at = frame.local(place);
    let found = tiles
        .iter()
        .filter(|(_, mesh, placement, shown)| {
            shown.0 && near(mesh.1, &placement.local_from_mesh, at)
        })
        .find_map(|(entity, mesh, _, _)| {
            let table = &mesh.0.features;
            let key = FeatureKey::of(mesh, 0)?;
            (0..table.len())
                .find(|feature| {
                    table
                        .lookup(*feature, &key.property)
                        .is_some_and(|value| value.to_string() == id)
                })
                .map(|feature| (entity, feature))
        });
    if let Some((mesh, feature)) = found {
        wanted.0 = None;
        *selection = Selection::Feature { mesh, feature, at };
    }
}

fn place_of(selection: &Selection) -> Option<Place> {
    match selection {
        Selection::Feature { mesh, feature, .. } => Some((*mesh, *feature)),
        _ => None,
    }
}

/// Where a selected feature is drawn now, when that is another mesh than the selection names.
fn resolve(
    selection: &Selection,
    meshes: &Query<Selectable>,
    tiles: &Query<(Entity, &CityMesh, &Placement, &Shown), With<TileOf>>,
    tiles_changed: bool,
    keys: &mut HashMap<Place, FeatureKey>,
) -> Option<Selection> {
    let Selection::Feature { mesh, feature, at } = *selection else {
        return None;
    };
    let shown = tiles
        .get(mesh)
        .map_or(meshes.contains(mesh), |(_, _, _, shown)| shown.0);
    if shown {
        if !keys.contains_key(&(mesh, feature))
            && let Ok((mesh_data, _, _)) = meshes.get(mesh)
            && let Some(key) = FeatureKey::of(&mesh_data, feature)
        {
            keys.insert((mesh, feature), key);
        }
        return None;
    }
    if !tiles_changed {
        return None;
    }
    let key = keys.get(&(mesh, feature))?;
    let (entity, found) = tiles
        .iter()
        .filter(|(_, mesh, placement, shown)| {
            shown.0 && near(mesh.1, &placement.local_from_mesh, at)
        })
        .find_map(|(entity, mesh, _, _)| Some((entity, key.find(mesh)?)))?;
    let key = keys.remove(&(mesh, feature))?;
    keys.insert((entity, found), key);
    Some(Selection::Feature {
        mesh: entity,
        feature: found,
        at,
    })
}

/// Buildings differ in shape from level to level: so far from a tile's bounds a point may be, metres.
const LEVELS_DIFFER_BY_M: f64 = 60.0;

fn near(bounds: Option<(Vec3, Vec3)>, local_from_mesh: &DMat4, at: DVec3) -> bool {
    let Some((low, high)) = bounds else {
        return false;
    };
    let at = local_from_mesh.inverse().transform_point3(at);
    let (low, high) = (
        low.as_dvec3() - LEVELS_DIFFER_BY_M,
        high.as_dvec3() + LEVELS_DIFFER_BY_M,
    );
    at.cmpge(low).all() && at.cmple(high).all()
}

/// The features of a tile that have an identifier, with it.
pub fn feature_ids(tile: &PreparedTile) -> impl Iterator<Item = (u32, String)> + '_ {
    let table = &tile.features;
    (0..table.len()).filter_map(move |feature| {
        let property = FeatureKey::property_of(tile, feature)?;
        let value = table.lookup(feature, &property)?;
        Some((feature, value.to_string()))
    })
}

/// The identifier of a feature, where it has one.
#[must_use]
pub fn feature_id(mesh: &CityMesh, feature: u32) -> Option<String> {
    FeatureKey::of(mesh, feature).map(|key| key.value)
}

/// What identifies a feature across levels of detail.
struct FeatureKey {
    property: String,
    value: String,
}

impl FeatureKey {
    fn of(mesh: &CityMesh, feature: u32) -> Option<Self> {
        let property = Self::property_of(&mesh.0, feature)?;
        let value = mesh.0.features.lookup(feature, &property)?.to_string();
        Some(Self { property, value })
    }

    /// The id of the property that identifies a feature, by what producers call it.
    fn property_of(tile: &PreparedTile, feature: u32) -> Option<String> {
        let (block, _) = tile.features.block(feature)?;
        let table = tile.features.tables.get(block.table? as usize)?;
        table.key_column().map(|column| column.id.clone())
    }

    fn find(&self, mesh: &CityMesh) -> Option<u32> {
        let table = &mesh.0.features;
        (0..table.len()).find(|feature| {
            table
                .lookup(*feature, &self.property)
                .is_some_and(|value| value.to_string() == self.value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::app::{App, Update};
    use city_tiles::metadata::{Column, ColumnValues, FeatureTable, PropertyTable};
    use city_tiles::prepared::{PreparedPrimitive, Topology, Vertex};
    use city_tiles::stream::TileId;

    /// A tile with one square of `size_m` for each building.
    fn tile(ids: &[&str], size_m: f32) -> PreparedTile {
        let mut features = FeatureTable::default();
        let mut ends = Vec::new();
        let text: String = ids.concat();
        for id in ids {
            ends.push(ends.last().unwrap_or(&0) + id.len() as u32);
        }
        features.tables.push(PropertyTable {
            count: ids.len() as u32,
            columns: vec![Column::new("id", ColumnValues::Text { ends, text })],
            ..Default::default()
        });
        features.push_block(ids.len() as u32, Some(0), None);
        let corner = |feature: u32, x: f32, y: f32| Vertex {
            position: [x + feature as f32 * 100.0, y, 0.0],
            normal: [0, 0, 127, 0],
            color: [255; 4],
            uv: [0.0; 2],
            feature,
        };
        let square = |feature: u32| PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: vec![
                corner(feature, 0.0, 0.0),
                corner(feature, size_m, 0.0),
                corner(feature, size_m, size_m),
                corner(feature, 0.0, size_m),
            ],
            indices: vec![0, 1, 2, 0, 2, 3],
            material: 0,
            has_normals: true,
        };
        PreparedTile {
            primitives: (0..ids.len() as u32).map(square).collect(),
            features,
            ..Default::default()
        }
    }

    fn spawn(app: &mut App, tile: PreparedTile, shown: bool) -> Entity {
        let layer = Entity::PLACEHOLDER;
        let of = TileOf {
            layer,
            tile: TileId::from_bits(0),
            content: 0,
        };
        let place = Placement {
            local_from_mesh: DMat4::IDENTITY,
        };
        let mesh = CityMesh::new(tile);
        app.world_mut()
            .spawn((mesh, place, Shown(shown), Style::default(), of))
            .id()
    }

    fn app() -> App {
        let mut app = App::new();
        app.init_resource::<Selection>()
            .init_resource::<AlsoSelected>()
            .add_systems(Update, follow);
        app
    }

    fn show(app: &mut App, entity: Entity, shown: bool) {
        *app.world_mut().get_mut::<Shown>(entity).unwrap() = Shown(shown);
    }

    fn highlighted(app: &App, entity: Entity) -> u32 {
        app.world().get::<Style>(entity).unwrap().selected_feature
    }

    fn outline_segments(app: &mut App) -> Vec<usize> {
        let mut query = app
            .world_mut()
            .query_filtered::<&LineSet, With<SelectionOutline>>();
        query.iter(app.world()).map(|s| s.segments.len()).collect()
    }

    fn outline_width(app: &mut App) -> f32 {
        let mut query = app
            .world_mut()
            .query_filtered::<&LineSet, With<SelectionOutline>>();
        let set = query.single(app.world()).unwrap();
        let ends = set.segments.iter().flat_map(|s| [s.a[0], s.b[0]]);
        let (low, high) = ends.fold((f32::MAX, f32::MIN), |(l, h), x| (l.min(x), h.max(x)));
        high - low
    }

    fn select(app: &mut App, mesh: Entity, feature: u32) {
        let at = DVec3::new(f64::from(feature) * 100.0, 1.0, 0.0);
        *app.world_mut().resource_mut::<Selection>() = Selection::Feature { mesh, feature, at };
    }

    #[test]
    fn the_outline_goes_from_one_level_of_detail_to_the_next_and_back() {
        let mut app = app();
        let coarse = spawn(&mut app, tile(&["a", "b", "c"], 8.0), true);
        let fine = spawn(&mut app, tile(&["c", "b"], 10.0), false);
        select(&mut app, coarse, 1);
        app.update();
        assert_eq!(highlighted(&app, coarse), 1);
        assert_eq!(outline_segments(&mut app), [4]);
        assert!((outline_width(&mut app) - 8.0).abs() < 1e-3);

        show(&mut app, coarse, false);
        show(&mut app, fine, true);
        app.update();
        assert_eq!(
            highlighted(&app, fine),
            1,
            "the building named b, by its row there"
        );
        assert_eq!(highlighted(&app, coarse), u32::MAX);
        assert!(
            (outline_width(&mut app) - 10.0).abs() < 1e-3,
            "the outline is the finer shape's"
        );
        let there = app.world().resource::<Selection>().clone();
        assert!(
            matches!(there, Selection::Feature { mesh, feature: 1, .. } if mesh == fine),
            "{there:?}"
        );

        // Out of view altogether, its tile dropped, and back in a third mesh.
        show(&mut app, fine, false);
        app.update();
        app.world_mut().despawn(fine);
        app.update();
        assert!(outline_segments(&mut app).is_empty());
        let again = spawn(&mut app, tile(&["x", "y", "b"], 10.0), true);
        // Its bounds must hold the place of the click.
        app.update();
        assert_eq!(highlighted(&app, again), 2);
        show(&mut app, again, false);
        show(&mut app, coarse, true);
        app.update();
        assert_eq!(highlighted(&app, coarse), 1);
    }

    #[test]
    fn several_have_outlines_and_lose_them_one_by_one() {
        let mut app = app();
        let mesh = spawn(&mut app, tile(&["a", "b", "c"], 8.0), true);
        select(&mut app, mesh, 2);
        let at = DVec3::ZERO;
        app.world_mut().resource_mut::<AlsoSelected>().0 = vec![Selection::Feature {
            mesh,
            feature: 0,
            at,
        }];
        app.update();
        assert_eq!(outline_segments(&mut app), [4, 4]);
        assert_eq!(
            highlighted(&app, mesh),
            2,
            "the fill is the inspector's one"
        );
        app.world_mut().resource_mut::<AlsoSelected>().0.clear();
        app.update();
        assert_eq!(outline_segments(&mut app), [4]);
        *app.world_mut().resource_mut::<Selection>() = Selection::None;
        app.update();
        assert!(outline_segments(&mut app).is_empty());
        assert_eq!(highlighted(&app, mesh), u32::MAX);
    }
}
