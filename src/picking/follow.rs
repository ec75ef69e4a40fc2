//! What is selected stays selected while tiles come and go: the same building under the same identifier in
//! whatever level of detail is drawn, with its outline. Of thousands of things as of one: each mesh has one set of
//! lines for all that is selected of it.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_tiles::prepared::PreparedTile;
use glam::{DMat4, DVec3, Vec3};

use super::{AlsoSelected, SelectById, Selection, outline};
use crate::frame::SceneFrame;
use crate::geojson::{VectorLayer, highlight};
use crate::platform::monotonic_ms;
use crate::render::{CityMesh, LineSet, Placement, Shown, Style};
use crate::tiles::TileOf;

/// The outlines of what is selected of a mesh.
#[derive(Component)]
pub(super) struct SelectionOutline;

/// A feature of a mesh.
type Place = (Entity, u32);

/// What can have selected features.
type Selectable = (
    &'static CityMesh,
    &'static Placement,
    &'static mut Style,
    Option<&'static VectorLayer>,
);

/// A mesh that is a tile.
type Tile = (
    Entity,
    &'static CityMesh,
    &'static Placement,
    &'static Shown,
);

/// A mesh got another shape or place.
type Moved = (
    Or<(Changed<CityMesh>, Changed<Placement>)>,
    Without<SelectionOutline>,
);

/// What is known of the selected features from frame to frame.
#[derive(Default)]
pub(super) struct Known {
    /// Identifiers of what is selected.
    keys: HashMap<Place, String>,
    /// Identifiers of the tiles that were looked through.
    ids: HashMap<Entity, HashMap<String, u32>>,
    /// What is selected of each mesh, ascending, and its lines.
    drawn: BTreeMap<Entity, (Vec<u32>, Option<Entity>)>,
    /// Meshes whose lines are to be made anew.
    waiting: VecDeque<Entity>,
    /// What the inspector shows, which is filled too.
    first: Option<Place>,
}

/// Making outlines may take so long in a frame, milliseconds. One mesh always goes.
const BUDGET_MS: f64 = 4.0;

/// Keeps highlight and outlines on the selected features.
pub(super) fn follow(
    mut commands: Commands,
    mut selection: ResMut<Selection>,
    mut also: ResMut<AlsoSelected>,
    mut meshes: Query<Selectable>,
    tiles: Query<Tile, With<TileOf>>,
    shown_changed: Query<(), (Changed<Shown>, With<TileOf>)>,
    moved: Query<Entity, Moved>,
    mut gone: RemovedComponents<CityMesh>,
    mut known: Local<Known>,
) {
    let known = &mut *known;
    let gone: Vec<Entity> = gone.read().collect();
    for mesh in &gone {
        known.ids.remove(mesh);
    }
    let asked = selection.is_changed() || also.is_changed();
    let tiles_changed = !shown_changed.is_empty() || !gone.is_empty();
    if asked || tiles_changed {
        resolve(&mut selection, &mut also, &meshes, &tiles, known, asked);
        gather(&mut commands, &selection, &also, &mut meshes, known);
    }
    // A layer that is laid anew keeps its entity but not its shape, what a planner moves not its place.
    let moved = moved.iter().filter(|mesh| known.drawn.contains_key(mesh));
    for mesh in moved.collect::<Vec<_>>() {
        if !known.waiting.contains(&mesh) {
            known.waiting.push_back(mesh);
        }
    }
    let began_ms = monotonic_ms();
    while let Some(mesh) = known.waiting.pop_front() {
        redraw(&mut commands, mesh, &meshes, known);
        if monotonic_ms() - began_ms > BUDGET_MS {
            break;
        }
    }
}

/// What is selected of each mesh; what changed waits for its lines.
fn gather(
    commands: &mut Commands,
    selection: &Selection,
    also: &AlsoSelected,
    meshes: &mut Query<Selectable>,
    known: &mut Known,
) {
    let mut wanted: BTreeMap<Entity, Vec<u32>> = BTreeMap::new();
    for (mesh, feature) in std::iter::once(selection)
        .chain(&also.0)
        .filter_map(place_of)
    {
        if meshes.contains(mesh) {
            wanted.entry(mesh).or_default().push(feature);
        }
    }
    known.drawn.retain(|mesh, (_, lines)| {
        let stays = wanted.contains_key(mesh);
        if !stays && let Some(lines) = lines {
            commands.entity(*lines).despawn();
        }
        stays
    });
    for (mesh, mut features) in wanted {
        features.sort_unstable();
        features.dedup();
        let (before, _) = known.drawn.entry(mesh).or_default();
        if *before != features {
            *before = features;
            known.waiting.push_back(mesh);
        }
    }
    let first = place_of(selection).filter(|(mesh, _)| meshes.contains(*mesh));
    if known.first != first {
        let fills = [(known.first, false), (first, true)];
        for ((mesh, feature), on) in fills.into_iter().filter_map(|(p, on)| Some((p?, on))) {
            if let Ok((_, _, mut style, _)) = meshes.get_mut(mesh) {
                style.selected_feature = if on { feature } else { u32::MAX };
            }
        }
        known.first = first;
    }
}

/// Makes the lines of a mesh anew.
fn redraw(commands: &mut Commands, mesh: Entity, meshes: &Query<Selectable>, known: &mut Known) {
    let Some((features, lines)) = known.drawn.get_mut(&mesh) else {
        return;
    };
    if let Some(lines) = lines.take() {
        commands.entity(lines).despawn();
    }
    let Ok((city_mesh, placement, _, layer)) = meshes.get(mesh) else {
        return;
    };
    let mut set: LineSet = outline::of_features(&city_mesh.0, placement, features);
    if let Some(layer) = layer {
        let mut segments = highlight(&layer.strokes, features, outline::RIM);
        segments.extend_from_slice(&set.segments);
        set.segments = Arc::new(segments);
        set.pull = outline::LAYER_PULL;
    }
    *lines = Some(commands.spawn((SelectionOutline, set)).id());
}

/// Selects a building that was asked for by its identifier, once it is drawn.
pub(super) fn select_by_id(
    mut wanted: ResMut<SelectById>,
    mut selection: ResMut<Selection>,
    frame: Res<SceneFrame>,
    tiles: Query<Tile, With<TileOf>>,
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
            shown.0 && near(mesh.1, &placement.local_from_mesh.inverse(), at)
        })
        .find_map(|(entity, mesh, _, _)| {
            let (feature, _) = feature_ids(&mesh.0).find(|(_, known)| *known == id)?;
            Some((entity, feature))
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

/// Puts what is selected onto the meshes that are drawn now.
fn resolve(
    selection: &mut ResMut<Selection>,
    also: &mut ResMut<AlsoSelected>,
    meshes: &Query<Selectable>,
    tiles: &Query<Tile, With<TileOf>>,
    known: &mut Known,
    asked: bool,
) {
    if asked {
        let selected = std::iter::once(&**selection).chain(&also.0);
        let places: HashSet<Place> = selected.filter_map(place_of).collect();
        known.keys.retain(|place, _| places.contains(place));
    }
    let mut lost: Vec<(usize, Place, DVec3)> = Vec::new();
    let selected = std::iter::once(&**selection).chain(&also.0).enumerate();
    for (index, one) in selected {
        let Selection::Feature { mesh, feature, at } = *one else {
            continue;
        };
        let shown = tiles
            .get(mesh)
            .map_or(meshes.contains(mesh), |(_, _, _, shown)| shown.0);
        if !shown {
            lost.push((index, (mesh, feature), at));
        } else if !known.keys.contains_key(&(mesh, feature))
            && let Ok((mesh_data, ..)) = meshes.get(mesh)
            && let Some(id) = feature_id(mesh_data, feature)
        {
            known.keys.insert((mesh, feature), id);
        }
    }
    if lost.is_empty() {
        return;
    }
    let shown: Vec<_> = tiles
        .iter()
        .filter(|(_, mesh, _, shown)| shown.0 && mesh.1.is_some())
        .map(|(entity, mesh, placement, _)| (entity, mesh, placement.local_from_mesh.inverse()))
        .collect();
    for (index, place, at) in lost {
        let Some(id) = known.keys.get(&place) else {
            continue;
        };
        let ids = &mut known.ids;
        let found = shown
            .iter()
            .filter(|(_, mesh, mesh_from_local)| near(mesh.1, mesh_from_local, at))
            .find_map(|(entity, mesh, _)| {
                let of_tile = ids
                    .entry(*entity)
                    .or_insert_with(|| feature_ids(&mesh.0).map(|(f, id)| (id, f)).collect());
                Some((*entity, *of_tile.get(id)?))
            });
        let Some((mesh, feature)) = found else {
            continue;
        };
        if let Some(id) = known.keys.remove(&place) {
            known.keys.insert((mesh, feature), id);
        }
        let moved = Selection::Feature { mesh, feature, at };
        // The same thing under another mesh is no new selection.
        if index == 0 {
            *selection.bypass_change_detection() = moved;
        } else if let Some(one) = also.bypass_change_detection().0.get_mut(index - 1) {
            *one = moved;
        }
    }
}

/// Buildings differ in shape from level to level: so far from a tile's bounds a point may be, metres.
const LEVELS_DIFFER_BY_M: f64 = 60.0;

fn near(bounds: Option<(Vec3, Vec3)>, mesh_from_local: &DMat4, at: DVec3) -> bool {
    let Some((low, high)) = bounds else {
        return false;
    };
    let at = mesh_from_local.transform_point3(at);
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
        let value = table.lookup(feature, key_property(tile, feature)?)?;
        Some((feature, value.to_string()))
    })
}

/// The identifier of a feature, where it has one.
#[must_use]
pub fn feature_id(mesh: &CityMesh, feature: u32) -> Option<String> {
    let property = key_property(&mesh.0, feature)?;
    Some(mesh.0.features.lookup(feature, property)?.to_string())
}

/// The id of the property that identifies a feature, by what producers call it.
fn key_property(tile: &PreparedTile, feature: u32) -> Option<&str> {
    let (block, _) = tile.features.block(feature)?;
    let table = tile.features.tables.get(block.table? as usize)?;
    table.key_column().map(|column| column.id.as_str())
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
        assert_eq!(outline_segments(&mut app), [8], "one set for a mesh");
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
