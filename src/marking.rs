//! What a person hides and colours by hand: features of tilesets by their identifiers, so that it holds in every level
//! of detail.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;

use crate::hiding::HiddenByHand;
use crate::picking::feature_ids;
use crate::platform::monotonic_ms;
use crate::render::CityMesh;
use crate::schedule::FrameSet;
use crate::tiles::{TileLayer, TileOf};

/// Gives tiles what is marked of them.
pub struct MarkingPlugin;

impl Plugin for MarkingPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Marks>()
            .init_resource::<Waiting>()
            .add_systems(
                Update,
                (forget, queue, apply)
                    .chain()
                    .after(FrameSet::Tiles)
                    .before(FrameSet::Overlays),
            );
    }
}

/// What is done to a feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// It is not drawn.
    pub hidden: bool,
    /// Its colour, sRGB.
    pub color: Option<[u8; 3]>,
}

/// What was done to a feature: a step of undo is a list of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkChange {
    /// The tileset.
    pub layer: Entity,
    /// The feature's identifier.
    pub id: String,
    /// What was done to it before.
    pub was: Mark,
    /// What is done to it now.
    pub now: Mark,
}

/// Everything that is marked, by tileset and identifier.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct Marks(HashMap<Entity, HashMap<String, Mark>>);

impl Marks {
    /// Changes what is done to features: tilesets with identifiers. Gives what that changed.
    pub fn change(
        &mut self,
        features: impl IntoIterator<Item = (Entity, String)>,
        change: impl Fn(&mut Mark),
    ) -> Vec<MarkChange> {
        let changes = features.into_iter().filter_map(|(layer, id)| {
            let mark = self.0.entry(layer).or_default().entry(id.clone());
            let mark = mark.or_default();
            let was = *mark;
            change(mark);
            let now = *mark;
            (was != now).then_some(MarkChange {
                layer,
                id,
                was,
                now,
            })
        });
        let changes = changes.collect();
        self.tidy();
        changes
    }

    /// Changes what is done to everything that is marked. Gives what that changed.
    pub fn change_all(&mut self, change: impl Fn(&mut Mark)) -> Vec<MarkChange> {
        let marked = self.0.iter().flat_map(|(layer, marks)| {
            let ids = marks.keys();
            ids.map(|id| (*layer, id.clone()))
        });
        let marked: Vec<_> = marked.collect();
        self.change(marked, change)
    }

    /// Does what a list of changes says, as far as their tilesets are still open.
    pub fn repeat(&mut self, changes: &[MarkChange], is_open: impl Fn(Entity) -> bool) {
        for change in changes.iter().filter(|change| is_open(change.layer)) {
            let marks = self.0.entry(change.layer).or_default();
            marks.insert(change.id.clone(), change.now);
        }
        self.tidy();
    }

    /// What nothing is done to needs no mark.
    fn tidy(&mut self) {
        for marks in self.0.values_mut() {
            marks.retain(|_, mark| *mark != Mark::default());
        }
        self.0.retain(|_, marks| !marks.is_empty());
    }

    /// How many features are hidden, and how many coloured.
    #[must_use]
    pub fn counts(&self) -> [usize; 2] {
        let marks = || self.0.values().flat_map(HashMap::values);
        [
            marks().filter(|mark| mark.hidden).count(),
            marks().filter(|mark| mark.color.is_some()).count(),
        ]
    }
}

/// Features of a mesh that have a colour by hand: ascending indices, sRGB.
#[derive(Component, Clone, Debug, PartialEq, Eq)]
pub struct Marked(pub Arc<[(u32, [u8; 3])]>);

/// Meshes that are to be looked at.
#[derive(Resource, Default)]
struct Waiting(VecDeque<Entity>);

/// Looking may take so long in a frame, milliseconds. One mesh always goes.
const BUDGET_MS: f64 = 3.0;

/// What is marked of a tileset ends with it.
fn forget(mut marks: ResMut<Marks>, mut closed: RemovedComponents<TileLayer>) {
    for layer in closed.read() {
        if marks.0.contains_key(&layer) {
            marks.0.remove(&layer);
        }
    }
}

fn queue(
    mut waiting: ResMut<Waiting>,
    marks: Res<Marks>,
    new: Query<Entity, (Added<CityMesh>, With<TileOf>)>,
    meshes: Query<Entity, (With<CityMesh>, With<TileOf>)>,
) {
    if marks.is_changed() && !marks.is_added() {
        waiting.0.clear();
        waiting.0.extend(&meshes);
    } else if !marks.0.is_empty() {
        waiting.0.extend(&new);
    }
}

fn apply(
    mut commands: Commands,
    mut waiting: ResMut<Waiting>,
    marks: Res<Marks>,
    meshes: Query<(&CityMesh, &TileOf, Option<&HiddenByHand>, Option<&Marked>)>,
) {
    let began_ms = monotonic_ms();
    let mut first = true;
    while (first || monotonic_ms() - began_ms < BUDGET_MS)
        && let Some(entity) = waiting.0.pop_front()
    {
        let Ok((mesh, of, was_hidden, was_marked)) = meshes.get(entity) else {
            continue;
        };
        let own = marks.0.get(&of.layer);
        if own.is_none() && was_hidden.is_none() && was_marked.is_none() {
            continue;
        }
        first = false;
        let mut found: BTreeMap<u32, Mark> = BTreeMap::new();
        if let Some(own) = own {
            let ids = feature_ids(&mesh.0);
            found.extend(ids.filter_map(|(feature, id)| Some((feature, *own.get(&id)?))));
        }
        let hidden = found.iter().filter(|(_, mark)| mark.hidden);
        let hidden = HiddenByHand(hidden.map(|(feature, _)| *feature).collect());
        let colored = found.iter();
        let colored: Arc<[_]> = colored
            .filter_map(|(feature, mark)| Some((*feature, mark.color?)))
            .collect();
        let mut drawn = commands.entity(entity);
        if was_hidden.unwrap_or(&HiddenByHand::default()) != &hidden {
            drawn.insert(hidden);
        }
        match (was_marked, colored.is_empty()) {
            (Some(_), true) => {
                drawn.remove::<Marked>();
            }
            (None, true) => {}
            (Some(was), false) if was.0 == colored => {}
            (_, false) => {
                drawn.insert(Marked(colored));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use city_tiles::metadata::{Column, ColumnValues, PropertyTable};
    use city_tiles::prepared::PreparedTile;
    use city_tiles::stream::TileId;

    fn tile(ids: &[&str]) -> CityMesh {
        let mut tile = PreparedTile::default();
        let mut ends = Vec::new();
        for id in ids {
            ends.push(ends.last().unwrap_or(&0) + id.len() as u32);
        }
        let values = ColumnValues::Text {
            ends,
            text: ids.concat(),
        };
        tile.features.tables.push(PropertyTable {
            count: ids.len() as u32,
            columns: vec![Column::new("id", values)],
            ..Default::default()
        });
        tile.features.push_block(ids.len() as u32, Some(0), None);
        CityMesh::new(tile)
    }

    #[test]
    fn marks_hold_in_every_tile_that_has_the_feature_and_let_go() {
        let mut app = App::new();
        app.add_plugins(MarkingPlugin);
        crate::schedule::configure(&mut app);
        let layer = app.world_mut().spawn_empty().id();
        let other = app.world_mut().spawn_empty().id();
        let spawn = |app: &mut App, layer, ids: &[&str]| {
            let of = TileOf {
                layer,
                tile: TileId::from_bits(0),
                content: 0,
            };
            app.world_mut().spawn((tile(ids), of)).id()
        };
        let coarse = spawn(&mut app, layer, &["a", "b", "c"]);
        let elsewhere = spawn(&mut app, other, &["a", "b"]);
        app.update();
        let mut marks = app.world_mut().resource_mut::<Marks>();
        let hidden = marks.change([(layer, "b".into())], |mark| mark.hidden = true);
        let again = marks.change([(layer, "b".into())], |mark| mark.hidden = true);
        assert_eq!((hidden.len(), again.len()), (1, 0));
        marks.change([(layer, "c".into())], |mark| mark.color = Some([1, 2, 3]));
        assert_eq!(marks.counts(), [1, 1]);
        for _ in 0..4 {
            app.update();
        }
        let fine = spawn(&mut app, layer, &["c", "b"]);
        for _ in 0..4 {
            app.update();
        }
        let seen = |app: &App, mesh| {
            let hidden = app.world().get::<HiddenByHand>(mesh).map(|h| h.0.to_vec());
            let marked = app.world().get::<Marked>(mesh).map(|m| m.0.to_vec());
            (hidden.unwrap_or_default(), marked.unwrap_or_default())
        };
        assert_eq!(seen(&app, coarse), (vec![1], vec![(2, [1, 2, 3])]));
        assert_eq!(seen(&app, fine), (vec![1], vec![(0, [1, 2, 3])]));
        assert_eq!(seen(&app, elsewhere), (vec![], vec![]), "another tileset");
        let mut marks = app.world_mut().resource_mut::<Marks>();
        let given_up = marks.change_all(|mark| *mark = Mark::default());
        assert_eq!((given_up.len(), marks.counts()), (2, [0, 0]));
        let back = |change: &MarkChange| MarkChange {
            was: change.now,
            now: change.was,
            ..change.clone()
        };
        let back: Vec<_> = given_up.iter().map(back).collect();
        marks.repeat(&back, |_| false);
        assert_eq!(marks.counts(), [0, 0], "its tileset is closed");
        marks.repeat(&back, |open| open == layer);
        assert_eq!(marks.counts(), [1, 1]);
        marks.repeat(&given_up, |_| true);
        assert_eq!(marks.counts(), [0, 0]);
        for _ in 0..4 {
            app.update();
        }
        assert_eq!(seen(&app, coarse), (vec![], vec![]));
        assert_eq!(seen(&app, fine), (vec![], vec![]));
    }
}
