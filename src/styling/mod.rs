//! Styles of tilesets: which features are drawn, and in which colours, by the 3D Tiles styling language.
//!
//! A style is worked out for each tile once, when the style or the tile is new, within a budget per frame; the colours lie
//! in a small texture beside the tile ([`FeatureLook`]), so that a frame costs what it cost before.

mod by_property;
mod known;
mod refresh;

pub(crate) use by_property::{quoted, variable};
pub use by_property::{style_by, style_by_reading};
pub(crate) use known::learn;
pub use known::{Known, Property};

use std::collections::VecDeque;
use std::sync::Arc;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use city_tiles::style::{Inputs, Style, StyledFeatures};

use crate::hiding::HiddenByStyle;
use crate::joining::{Joined, ReadingJoins, features_of};
use crate::marking::Marked;
use crate::platform::monotonic_ms;
use crate::render::{CityMesh, FeatureLook};
use crate::schedule::FrameSet;
use crate::tiles::{TileLayer, TileOf};

/// Styles tilesets.
pub struct StylingPlugin;

impl Plugin for StylingPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Waiting>()
            .init_resource::<ReadingJoins>();
        app.add_systems(
            Update,
            (first, drop_unread, learn, queue, refresh::refresh, apply)
                .chain()
                .in_set(FrameSet::Overlays),
        );
    }
}

/// How a tileset's features look; on the tileset's entity.
#[derive(Component, Clone, Debug, Default)]
#[require(Known)]
pub struct TilesetStyle {
    /// The style as it was written, JSON; empty for none.
    pub text: String,
    /// The same, compiled; none while the text is empty or wrong.
    pub style: Option<Arc<Style>>,
    /// What is wrong with the text.
    pub error: Option<String>,
    /// What is likely not meant, and what went wrong with some features.
    pub warnings: Vec<String>,
    /// 0: colours multiply the content's own, 1: they replace them.
    pub strength: f32,
}

/// Colours that are chosen in the panel are to be read, not to tint.
pub const PANEL_STRENGTH: f32 = 0.85;

impl TilesetStyle {
    /// Reads a style's text. A text that is wrong leaves the picture as it was, and says why.
    pub fn set(&mut self, text: String, strength: f32) {
        self.strength = strength.clamp(0.0, 1.0);
        self.warnings.clear();
        self.error = None;
        if text.trim().is_empty() {
            self.style = None;
        } else {
            match Style::from_text(&text) {
                Ok(style) => {
                    self.warnings = style.warnings().iter().map(ToString::to_string).collect();
                    self.style = Some(Arc::new(style));
                }
                Err(error) => self.error = Some(error.to_string()),
            }
        }
        self.text = text;
    }
}

/// A tileset that came with a style in its scene.
fn first(mut commands: Commands, opened: Query<(Entity, &TileLayer), Without<TilesetStyle>>) {
    for (entity, layer) in &opened {
        let mut style = TilesetStyle::default();
        if let Some(text) = &layer.source.style {
            style.set(text.clone(), layer.source.style_strength);
        }
        commands.entity(entity).insert(style);
    }
}

/// Meshes whose look is to be worked out.
#[derive(Resource, Default)]
pub struct Waiting(VecDeque<Entity>);

impl Waiting {
    /// Whether a style has still to reach some of the tiles that are there.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.0.is_empty()
    }
}

/// What a person joined is wanted as long as a style reads it.
fn drop_unread(
    mut joins: ResMut<ReadingJoins>,
    changed: Query<(), Changed<TilesetStyle>>,
    styles: Query<&TilesetStyle>,
) {
    if !changed.is_empty() {
        let read = styles.iter().filter_map(|style| style.style.as_deref());
        joins.bypass_change_detection().drop_unread(read);
    }
}

fn queue(
    mut waiting: ResMut<Waiting>,
    changed: Query<Entity, Changed<TilesetStyle>>,
    styles: Query<&TilesetStyle>,
    new: Query<(Entity, &TileOf), Or<(Added<CityMesh>, Changed<Joined>)>>,
    mut parted: RemovedComponents<Joined>,
    marked: Query<Entity, Changed<Marked>>,
    mut unmarked: RemovedComponents<Marked>,
    meshes: Query<(Entity, &TileOf), With<CityMesh>>,
) {
    let marked: Vec<Entity> = marked.iter().chain(unmarked.read()).collect();
    if !changed.is_empty() {
        let of_changed = |of: &TileOf| changed.contains(of.layer);
        // A slider changes a style with every frame: what waits is worked out once, with the last one.
        waiting
            .0
            .retain(|mesh| meshes.get(*mesh).is_ok_and(|(_, of)| !of_changed(of)));
        let again = meshes.iter().filter(|(_, of)| of_changed(of));
        waiting.0.extend(again.map(|(entity, _)| entity));
    }
    let styled = |of: &TileOf| {
        !changed.contains(of.layer)
            && styles
                .get(of.layer)
                .is_ok_and(|style| style.style.is_some())
    };
    let parted = parted.read().filter_map(|mesh| meshes.get(mesh).ok());
    let come = new.iter().chain(parted).filter(|(_, of)| styled(of));
    waiting.0.extend(come.map(|(entity, _)| entity));
    for mesh in marked {
        if !waiting.0.contains(&mesh) {
            waiting.0.push_back(mesh);
        }
    }
}

/// Working out looks may take so long in a frame, milliseconds. One mesh always goes.
const BUDGET_MS: f64 = 4.0;

/// More kinds of problems than so many tell nobody more.
const MOST_WARNINGS: usize = 8;

fn apply(
    mut commands: Commands,
    mut waiting: ResMut<Waiting>,
    joins: Res<ReadingJoins>,
    meshes: Query<(
        &CityMesh,
        Option<&Joined>,
        &TileOf,
        Option<&Marked>,
        Has<FeatureLook>,
        Has<HiddenByStyle>,
    )>,
    mut styles: Query<&mut TilesetStyle>,
) {
    let began_ms = monotonic_ms();
    let mut first = true;
    while (first || monotonic_ms() - began_ms < BUDGET_MS)
        && let Some(entity) = waiting.0.pop_front()
    {
        let Ok((mesh, joined, of, marked, has_look, has_hidden)) = meshes.get(entity) else {
            continue;
        };
        let Ok(mut tileset) = styles.get_mut(of.layer) else {
            continue;
        };
        first = false;
        let mut drawn = commands.entity(entity);
        let Some(style) = tileset.style.clone() else {
            match marked.and_then(|marked| with_marks(None, marked)) {
                Some(look) => {
                    drawn.insert(look);
                }
                None if has_look => {
                    drawn.remove::<FeatureLook>();
                }
                None => {}
            }
            if has_hidden {
                drawn.remove::<HiddenByStyle>();
            }
            continue;
        };
        let features = features_of(mesh, joined);
        if features.tables.is_empty() && features.blocks.iter().all(|block| block.label.is_some()) {
            // A style speaks of properties: of what only has a name for its kind, as trees, nothing is meant.
            continue;
        }
        let styled = style.evaluate_table(features, &Inputs::default());
        let hidden = hidden(&styled);
        if has_hidden || !hidden.is_empty() {
            drawn.insert(HiddenByStyle(hidden));
        }
        let look = look(&styled, tileset.strength).map(|look| FeatureLook {
            patterns: joins.patterns(entity, &style).into(),
            ..look
        });
        let look = match marked {
            Some(marked) => with_marks(look, marked),
            None => look,
        };
        match look {
            Some(look) => drawn.insert(look),
            None => drawn.remove::<FeatureLook>(),
        };
        let tileset = tileset.bypass_change_detection();
        for problem in styled.problems {
            let problem = problem.to_string();
            if tileset.warnings.len() < MOST_WARNINGS && !tileset.warnings.contains(&problem) {
                tileset.warnings.push(problem);
            }
        }
    }
}

fn hidden(styled: &StyledFeatures) -> Arc<[u32]> {
    if styled.hidden_count == 0 {
        return Arc::from([]);
    }
    (0..styled.count)
        .filter(|feature| styled.is_hidden(*feature))
        .collect()
}

/// The look of a mesh; none where the style changes nothing but what is hidden in triangles.
fn look(styled: &StyledFeatures, strength: f32) -> Option<FeatureLook> {
    let sized = styled.point_sizes_px.is_some();
    if styled.colors.is_empty() && !sized && styled.hidden_count == 0 {
        return None;
    }
    // What is hidden is left out of the triangles, and clear for points.
    let colors = (0..styled.count).map(|feature| texel(styled, feature));
    Some(FeatureLook {
        colors: colors.collect(),
        point_sizes_px: styled.point_sizes_px.as_deref().map(Arc::from),
        // Without colours of its own there is nothing to replace with.
        replaces: if styled.colors.is_empty() {
            0.0
        } else {
            strength
        },
        replaced: Arc::from([]),
        patterns: Arc::from([]),
    })
}

/// The colour of a feature, clear where it is hidden and only there.
fn texel(styled: &StyledFeatures, feature: u32) -> [u8; 4] {
    let [r, g, b, a] = styled.color(feature);
    let hidden = styled.is_hidden(feature);
    [r, g, b, if hidden { 0 } else { a.max(1) }]
}

/// A look with the colours that a person gave over those of a style. What the style hides stays hidden.
fn with_marks(look: Option<FeatureLook>, Marked(marked): &Marked) -> Option<FeatureLook> {
    let (last, _) = marked.last()?;
    let look = look.unwrap_or_else(|| FeatureLook {
        colors: Arc::from([]),
        point_sizes_px: None,
        replaces: 0.0,
        replaced: Arc::from([]),
        patterns: Arc::from([]),
    });
    let mut colors = look.colors.to_vec();
    // Ascending: the last is the largest.
    colors.resize(colors.len().max(*last as usize + 1), [255; 4]);
    for (feature, [r, g, b]) in marked.iter() {
        if let Some(color) = colors.get_mut(*feature as usize) {
            *color = [*r, *g, *b, color[3]];
        }
    }
    Some(FeatureLook {
        colors: colors.into(),
        replaced: marked.iter().map(|(feature, _)| *feature).collect(),
        ..look
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use city_tiles::metadata::{Column, ColumnValues, FeatureTable, PropertyTable};
    use city_tiles::prepared::PreparedTile;
    use city_tiles::stream::TileId;

    fn tile(heights_m: &[f64]) -> PreparedTile {
        let mut features = FeatureTable::default();
        features.tables.push(PropertyTable {
            count: heights_m.len() as u32,
            columns: vec![Column::new("height", ColumnValues::F64(heights_m.to_vec()))],
            ..PropertyTable::default()
        });
        features.push_block(heights_m.len() as u32, Some(0), None);
        PreparedTile {
            features,
            ..PreparedTile::default()
        }
    }

    #[test]
    fn a_style_that_keeps_changing_leaves_each_mesh_waiting_once() {
        let mut app = App::new();
        app.init_resource::<Waiting>().add_systems(Update, queue);
        let spawn_layer = |app: &mut App| app.world_mut().spawn(TilesetStyle::default()).id();
        let layers = [spawn_layer(&mut app), spawn_layer(&mut app)];
        let spawn_mesh = |app: &mut App, layer| {
            let tile = TileId::from_bits(1);
            let of = TileOf {
                layer,
                tile,
                content: 0,
            };
            let mesh = CityMesh::new(PreparedTile::default());
            app.world_mut().spawn((mesh, of)).id()
        };
        let mut all = vec![
            spawn_mesh(&mut app, layers[0]),
            spawn_mesh(&mut app, layers[1]),
        ];
        for step in 0..3 {
            let mut style = app.world_mut().get_mut::<TilesetStyle>(layers[0]).unwrap();
            style.set(r#"{"color": "color('red')"}"#.into(), step as f32);
            // One that comes in the frame of a change.
            all.push(spawn_mesh(&mut app, layers[0]));
            app.update();
        }
        let mut waiting: Vec<Entity> = app.world().resource::<Waiting>().0.clone().into();
        waiting.sort();
        all.sort();
        assert_eq!(waiting, all);
    }

    #[test]
    fn properties_of_all_tiles_of_one_frame_are_known() {
        let mut app = App::new();
        app.add_plugins(StylingPlugin);
        let layer = app.world_mut().spawn(TilesetStyle::default()).id();
        for heights_m in [[5.0, 50.0], [150.0, 60.0]] {
            let of = TileOf {
                layer,
                tile: TileId::from_bits(1),
                content: 0,
            };
            app.world_mut().spawn((CityMesh::new(tile(&heights_m)), of));
        }
        app.update();
        let known = app.world().get::<Known>(layer).unwrap();
        assert_eq!(known.0["height"].range, Some([5.0, 150.0]));
    }

    #[test]
    fn tiles_take_the_style_when_they_come_and_when_it_changes() {
        let mut app = App::new();
        app.add_plugins(StylingPlugin);
        let layer = app.world_mut().spawn(TilesetStyle::default()).id();
        let of = TileOf {
            layer,
            tile: TileId::from_bits(1),
            content: 0,
        };
        let early = app
            .world_mut()
            .spawn((CityMesh::new(tile(&[5.0, 50.0])), of))
            .id();
        app.update();
        assert!(app.world().get::<FeatureLook>(early).is_none());
        let set = |app: &mut App, text: &str| {
            let mut style = app.world_mut().get_mut::<TilesetStyle>(layer).unwrap();
            style.set(text.into(), 0.5);
        };
        set(
            &mut app,
            r#"{"color": "${height} > 20 ? color('red') : color('blue')", "show": "${height} < 100"}"#,
        );
        app.update();
        let colors = |app: &App, mesh| {
            app.world()
                .get::<FeatureLook>(mesh)
                .unwrap()
                .colors
                .to_vec()
        };
        assert_eq!(colors(&app, early), [[0, 0, 255, 255], [255, 0, 0, 255]]);
        let late = app
            .world_mut()
            .spawn((CityMesh::new(tile(&[150.0])), of))
            .id();
        app.update();
        assert_eq!(colors(&app, late), [[255, 255, 255, 0]]);
        assert_eq!(app.world().get::<HiddenByStyle>(late).unwrap().0[..], [0]);

        // A mistake on the way to the next style leaves the picture alone and says what it is.
        set(&mut app, r#"{"color": "colour('red')"}"#);
        app.update();
        let style = app.world().get::<TilesetStyle>(layer).unwrap();
        assert!(
            style.error.as_ref().unwrap().contains("color"),
            "{:?}",
            style.error
        );
        assert_eq!(colors(&app, early)[1], [255, 0, 0, 255]);

        // A colour by hand goes over the style's, and stays when that goes.
        app.world_mut()
            .entity_mut(early)
            .insert(Marked(Arc::from([(1, [7, 8, 9])])));
        app.update();
        assert_eq!(colors(&app, early), [[0, 0, 255, 255], [7, 8, 9, 255]]);
        set(&mut app, " ");
        app.update();
        assert_eq!(colors(&app, early), [[255; 4], [7, 8, 9, 255]]);
        let look = app.world().get::<FeatureLook>(early).unwrap();
        assert_eq!((look.replaces, &look.replaced[..]), (0.0, &[1][..]));
        app.world_mut().entity_mut(early).remove::<Marked>();
        app.update();
        assert!(app.world().get::<FeatureLook>(early).is_none());
        assert!(app.world().get::<HiddenByStyle>(late).is_none());
    }
}
