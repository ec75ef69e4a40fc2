//! Giving tiles the columns of tables.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_tiles::metadata::FeatureTable;

use super::{Joined, ReadingJoins, TableLayer};
use crate::platform::monotonic_ms;
use crate::render::CityMesh;
use crate::tiles::TileOf;

/// Meshes that are to be looked at.
#[derive(Resource, Default)]
pub struct Waiting {
    meshes: VecDeque<Entity>,
    /// Tables are on their way.
    pub(super) fetching: bool,
}

impl Waiting {
    /// Whether tiles have still to be given the columns of tables.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.fetching || !self.meshes.is_empty()
    }
}

/// Joining may take so long in a frame, milliseconds. One mesh always goes.
const BUDGET_MS: f64 = 3.0;

pub(super) fn queue(
    mut waiting: ResMut<Waiting>,
    mut joins: ResMut<ReadingJoins>,
    mut tables: Query<&mut TableLayer>,
    mut closed: RemovedComponents<TableLayer>,
    mut gone: RemovedComponents<CityMesh>,
    new: Query<Entity, (Added<CityMesh>, With<TileOf>)>,
    meshes: Query<Entity, (With<CityMesh>, With<TileOf>)>,
) {
    let joins = joins.bypass_change_detection();
    let gone: HashSet<Entity> = gone.read().collect();
    if !gone.is_empty() {
        joins.forget_meshes(&gone);
    }
    let changed = joins.take_anew() | tables.iter_mut().any(|table| table.is_changed());
    if changed || closed.read().next().is_some() {
        joins.look_anew();
        for mut table in &mut tables {
            let table = table.bypass_change_detection();
            table.found_in.clear();
            table.looked_at = 0;
        }
        waiting.meshes.clear();
        waiting.meshes.extend(&meshes);
    } else if !joins.is_empty() || tables.iter().any(|table| table.table.is_some()) {
        waiting.meshes.extend(&new);
    }
}

pub(super) fn apply(
    mut commands: Commands,
    mut waiting: ResMut<Waiting>,
    mut joins: ResMut<ReadingJoins>,
    mut tables: Query<&mut TableLayer>,
    meshes: Query<(&CityMesh, Has<Joined>)>,
) {
    let joins = joins.bypass_change_detection();
    if waiting.meshes.is_empty() {
        return;
    }
    // In the order of their names, so that equal columns are called the same every time.
    let mut ordered: Vec<_> = tables.iter_mut().collect();
    ordered.sort_by(|a, b| a.id.cmp(&b.id));
    let began_ms = monotonic_ms();
    let mut first = true;
    while (first || monotonic_ms() - began_ms < BUDGET_MS)
        && let Some(entity) = waiting.meshes.pop_front()
    {
        let Ok((mesh, was_joined)) = meshes.get(entity) else {
            continue;
        };
        first = false;
        let mut joined: Option<FeatureTable> = None;
        for layer in &mut ordered {
            let layer = layer.bypass_change_detection();
            let Some(table) = layer.table.clone().filter(|_| layer.visible) else {
                continue;
            };
            layer.looked_at += 1;
            let features = joined.as_ref().unwrap_or(&mesh.0.features);
            if let Some((more, _)) = table.join(features, layer.feature_key.as_deref(), &layer.id) {
                layer.found_in.insert(entity);
                joined = Some(more);
            }
        }
        joins.place(entity, &mesh.0.features, &mut joined);
        match joined {
            Some(joined) => {
                commands.entity(entity).insert(Joined(Arc::new(joined)));
            }
            None if was_joined => {
                commands.entity(entity).remove::<Joined>();
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use bevy::app::App;
    use city_tiles::metadata::join::JoinTable;
    use city_tiles::metadata::{Column, ColumnValues, PropertyTable};
    use city_tiles::prepared::PreparedTile;
    use city_tiles::stream::TileId;

    use super::*;

    fn tile(id: &str) -> CityMesh {
        let mut tile = PreparedTile::default();
        let values = ColumnValues::Text {
            ends: vec![id.len() as u32],
            text: id.to_owned(),
        };
        tile.features.tables.push(PropertyTable {
            count: 1,
            columns: vec![Column::new("id", values)],
            ..Default::default()
        });
        tile.features.push_block(1, Some(0), None);
        CityMesh::new(tile)
    }

    fn table(id: &str, csv: &str) -> TableLayer {
        TableLayer {
            id: id.to_owned(),
            url: String::new(),
            feature_key: None,
            visible: true,
            of_scene: false,
            table: Some(Arc::new(JoinTable::read_csv(csv.as_bytes(), None).unwrap())),
            problem: None,
            found_in: Default::default(),
            looked_at: 0,
        }
    }

    #[test]
    fn tiles_have_the_columns_of_the_tables_that_are_shown() {
        let mut app = App::new();
        app.init_resource::<Waiting>()
            .init_resource::<ReadingJoins>()
            .add_systems(bevy::app::Update, (queue, apply).chain());
        let of = || TileOf {
            layer: Entity::PLACEHOLDER,
            tile: TileId::from_bits(0),
            content: 0,
        };
        let known = app.world_mut().spawn((tile("B1"), of())).id();
        let unknown = app.world_mut().spawn((tile("B2"), of())).id();
        let energy = app
            .world_mut()
            .spawn(table("energy", "id,kwh\nB1,5\n"))
            .id();
        app.world_mut().spawn(table("noise", "id,db\nB1,60\n"));
        let settle = |app: &mut App| {
            for _ in 0..5 {
                app.update();
            }
        };
        settle(&mut app);
        let value = |app: &App, mesh: Entity, name: &str| {
            let joined = app.world().get::<Joined>(mesh)?;
            joined.0.lookup(0, name)?.as_f64()
        };
        assert_eq!(value(&app, known, "kwh"), Some(5.0));
        assert_eq!(value(&app, known, "db"), Some(60.0));
        assert!(app.world().get::<Joined>(unknown).is_none());
        assert!(
            !app.world()
                .get::<TableLayer>(energy)
                .unwrap()
                .finds_nothing()
        );
        // One that comes later.
        let late = app.world_mut().spawn((tile("B1"), of())).id();
        settle(&mut app);
        assert_eq!(value(&app, late, "kwh"), Some(5.0));
        // Hidden, its columns go; closed too.
        app.world_mut()
            .get_mut::<TableLayer>(energy)
            .unwrap()
            .visible = false;
        settle(&mut app);
        assert_eq!(value(&app, known, "kwh"), None);
        assert_eq!(value(&app, known, "db"), Some(60.0));
        app.world_mut()
            .get_mut::<TableLayer>(energy)
            .unwrap()
            .visible = true;
        settle(&mut app);
        assert_eq!(value(&app, known, "kwh"), Some(5.0));
        app.world_mut().despawn(energy);
        settle(&mut app);
        assert_eq!(value(&app, known, "kwh"), None);
        // One that names nothing that is there says so.
        let other = app.world_mut().spawn(table("other", "id,x\nC1,1\n")).id();
        settle(&mut app);
        assert!(
            app.world()
                .get::<TableLayer>(other)
                .unwrap()
                .finds_nothing()
        );
    }
}
