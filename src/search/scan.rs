//! Looking through attributes: the city's list and every tile that is loaded, a few milliseconds a frame.

use std::collections::{HashSet, VecDeque};

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_geo::Geodetic;
use city_tiles::metadata::{FeatureTable, Property, PropertyValue};
use city_tiles::prepared::PreparedTile;
use city_tiles::style::Inputs;
use glam::{DVec3, Vec3};

use super::query::{Named, Question, read};
use super::{Entry, Searcher};
use crate::frame::SceneFrame;
use crate::joining::{Joined, features_of};
use crate::panels::State;
use crate::platform::monotonic_ms;
use crate::render::{CityMesh, Placement, Shown};
use crate::styling::Known;
use crate::tiles::TileOf;
use crate::ui::model::{SearchKind, SearchNote};

/// It may take so long in a frame, milliseconds.
const BUDGET_MS: f64 = 4.0;
/// Features that are looked at between two looks at the clock.
const AT_ONCE: u32 = 128;
/// Answers that are listed; more are counted.
pub(super) const MAX_LISTED: usize = 50;
/// Answers that are counted; who asks for more asks for everything.
const MAX_COUNTED: usize = 1_000_000;
/// Shorter texts are in everything.
const MIN_TEXT: usize = 2;

/// A search that goes on.
pub(super) struct Scan {
    question: Question,
    /// Where in the city's list it is; none where that is done or there is none.
    row: Option<u32>,
    meshes: VecDeque<Entity>,
    /// Where in the first of them it is.
    feature: u32,
    /// Identifiers that were found: a building is in several tiles, and in the list.
    seen: HashSet<String>,
    found: usize,
    listed: usize,
}

/// The features of the tiles that are loaded.
#[derive(SystemParam)]
pub(crate) struct Loaded<'w, 's> {
    frame: Res<'w, SceneFrame>,
    meshes: Query<
        'w,
        's,
        (
            Entity,
            &'static CityMesh,
            Option<&'static Joined>,
            &'static Placement,
            &'static Shown,
        ),
        With<TileOf>,
    >,
    known: Query<'w, 's, &'static Known>,
    state: Res<'w, State>,
}

/// Begins what was asked for, and goes on with it.
pub(crate) fn scan(mut searcher: ResMut<Searcher>, loaded: Loaded) {
    if searcher.wanted.is_none() && searcher.scan.is_none() {
        return;
    }
    let began_ms = monotonic_ms();
    let searcher = &mut *searcher;
    if let Some(text) = searcher.wanted.take() {
        begin(searcher, &text, &loaded);
    }
    let Some(mut scan) = searcher.scan.take() else {
        return;
    };
    let mut is_done = false;
    while !is_done && monotonic_ms() - began_ms < BUDGET_MS {
        is_done = scan.step(searcher, &loaded);
    }
    searcher.model.note.found = match scan.question {
        Question::Rule(_) => scan.found,
        // What was found by its name is in the list already, and in no count.
        _ => scan.found.max(searcher.results.len()),
    };
    searcher.model.searching = !is_done;
    if !is_done {
        searcher.scan = Some(scan);
    }
}

fn begin(searcher: &mut Searcher, text: &str, loaded: &Loaded) {
    let question = read(text, &names(searcher, loaded));
    searcher.scan = None;
    searcher.model.note = SearchNote::default();
    searcher.model.searching = false;
    match &question {
        Question::Text(text) if text.chars().count() < MIN_TEXT => return,
        Question::Text(_) => {}
        // Names that happen to hold the text of a rule are no answers to it.
        Question::Rule(_) => searcher.clear_results(),
        Question::Unknown(name) => {
            searcher.model.note.unknown.clone_from(name);
            return;
        }
        Question::Wrong(why) => {
            searcher.clear_results();
            searcher.model.note.error.clone_from(why);
            return;
        }
    }
    let mut meshes: Vec<_> = loaded.meshes.iter().collect();
    // What is drawn first: there the answers have places that can be seen.
    meshes.sort_by_key(|(entity, .., shown)| (!shown.0, *entity));
    searcher.model.note.loaded_only = searcher.buildings.is_none() && !meshes.is_empty();
    searcher.model.note.is_rule = matches!(question, Question::Rule(_));
    searcher.model.searching = true;
    searcher.scan = Some(Scan {
        row: searcher.buildings.is_some().then_some(0),
        meshes: meshes.into_iter().map(|(entity, ..)| entity).collect(),
        feature: 0,
        seen: (searcher.results.iter())
            .filter_map(|entry| entry.building.clone())
            .collect(),
        found: 0,
        listed: searcher.results.len(),
        question,
    });
}

/// The properties that features have, with what they are called in the language.
fn names(searcher: &Searcher, loaded: &Loaded) -> Vec<Named> {
    let t = loaded.state.0.messages();
    let known = loaded.known.iter().flat_map(|known| known.0.keys());
    let listed = searcher
        .buildings
        .iter()
        .flat_map(|list| &list.features.tables);
    let listed = listed
        .flat_map(|table| &table.columns)
        .map(|column| &column.id);
    let mut names: Vec<Named> = known
        .chain(listed)
        .map(|id| Named {
            label: t.named("property", id, "").to_owned(),
            id: id.clone(),
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

impl Scan {
    /// Looks at some more features; whether that were the last.
    fn step(&mut self, searcher: &mut Searcher, loaded: &Loaded) -> bool {
        if self.found >= MAX_COUNTED {
            return true;
        }
        if let Some(row) = self.row {
            let Some(list) = searcher.buildings.clone() else {
                self.row = None;
                return false;
            };
            let end = (row + AT_ONCE).min(list.features.len());
            let place = |feature: u32| list.places.get(feature as usize).copied();
            self.take(searcher, &list.features, row..end, true, place);
            self.row = (end < list.features.len()).then_some(end);
            return false;
        }
        let Some(entity) = self.meshes.front() else {
            return true;
        };
        let Ok((_, mesh, joined, placement, shown)) = loaded.meshes.get(*entity) else {
            self.meshes.pop_front();
            self.feature = 0;
            return false;
        };
        let features = features_of(mesh, joined);
        let end = (self.feature + AT_ONCE).min(features.len());
        let place = |feature: u32| {
            let at = placement
                .local_from_mesh
                .transform_point3(middle(&mesh.0, feature)?);
            loaded.frame.geodetic(at)
        };
        self.take(searcher, features, self.feature..end, shown.0, place);
        self.feature = end;
        if end >= features.len() {
            self.meshes.pop_front();
            self.feature = 0;
        }
        false
    }

    /// Takes those of some features that fit. What has no identifier counts where it is drawn: nobody could tell it
    /// from itself in another level of detail.
    fn take(
        &mut self,
        searcher: &mut Searcher,
        features: &FeatureTable,
        some: std::ops::Range<u32>,
        is_drawn: bool,
        place: impl Fn(u32) -> Option<Geodetic>,
    ) {
        for feature in fitting(&self.question, features, some) {
            let properties = features.properties(feature);
            let id = identifier(features, feature);
            match &id {
                Some(id) if !self.seen.insert(id.clone()) => continue,
                None if !is_drawn => continue,
                _ => {}
            }
            self.found += 1;
            if self.listed >= MAX_LISTED {
                continue;
            }
            let Some(place) = place(feature) else {
                continue;
            };
            self.listed += 1;
            searcher.found(Entry {
                id: match &id {
                    Some(id) => format!("feature:{id}"),
                    None => format!("feature:#{}", self.found),
                },
                title: title(&properties)
                    .or_else(|| id.clone())
                    .unwrap_or_default(),
                detail: String::new(),
                kind: SearchKind::Building,
                place,
                sensor: None,
                building: id,
                values: told(&self.question, properties),
            });
        }
    }
}

/// Those of some features that fit.
fn fitting(question: &Question, features: &FeatureTable, some: std::ops::Range<u32>) -> Vec<u32> {
    match question {
        Question::Rule(rule) => {
            let some: Vec<u32> = some.filter(|at| features.row(*at).is_some()).collect();
            let styled = rule
                .style
                .evaluate_some(features, &some, &Inputs::default());
            let fits = (0..).zip(&some).filter(|(at, _)| !styled.is_hidden(*at));
            fits.map(|(_, feature)| *feature).collect()
        }
        Question::Text(text) => some
            .filter(|feature| {
                features.row(*feature).is_some_and(|(table, row)| {
                    let mut columns = table.columns.iter();
                    columns.any(|column| contains(&column.value(row), text))
                })
            })
            .collect(),
        Question::Unknown(_) | Question::Wrong(_) => Vec::new(),
    }
}

/// Whether a word holds a text in lower case, or a number is it.
fn contains(value: &PropertyValue, text: &str) -> bool {
    match value {
        PropertyValue::String(word) | PropertyValue::Enum(word) => {
            word.to_lowercase().contains(text)
        }
        PropertyValue::I64(_) | PropertyValue::U64(_) | PropertyValue::F64(_) => {
            value.to_string() == text
        }
        PropertyValue::NoData | PropertyValue::Bool(_) | PropertyValue::List(_) => false,
    }
}

/// The values for which a feature is an answer: those that a rule reads, or the first that holds the text.
fn told(question: &Question, properties: Vec<Property>) -> Vec<Property> {
    let fits = |property: &Property| match question {
        Question::Rule(rule) => rule.reads.contains(&property.id),
        Question::Text(text) => {
            contains(&property.value, text) && !NAMES.contains(&property.id.as_str())
        }
        Question::Unknown(_) | Question::Wrong(_) => false,
    };
    let most = match question {
        Question::Rule(_) => 3,
        _ => 1,
    };
    let there = properties.into_iter();
    there
        .filter(|property| property.value != PropertyValue::NoData && fits(property))
        .take(most)
        .collect()
}

/// Properties by which people call a feature, the best first.
const NAMES: [&str; 4] = ["name", "Name", "id", "identificatie"];

fn title(properties: &[Property]) -> Option<String> {
    let named = |name: &&str| {
        let found = properties.iter().find(|property| property.id == *name)?;
        let text = match &found.value {
            PropertyValue::NoData => return None,
            value => value.to_string(),
        };
        (!text.is_empty()).then_some(text)
    };
    NAMES.iter().find_map(named)
}

fn identifier(features: &FeatureTable, feature: u32) -> Option<String> {
    let (table, row) = features.row(feature)?;
    match table.key_column()?.value(row) {
        PropertyValue::NoData => None,
        value => Some(value.to_string()),
    }
}

/// The middle of a feature's vertices, in the tile's own frame.
fn middle(tile: &PreparedTile, feature: u32) -> Option<DVec3> {
    let mut vertices = tile
        .primitives
        .iter()
        .flat_map(|primitive| &primitive.vertices)
        .filter(|vertex| vertex.feature == feature)
        .map(|vertex| Vec3::from(vertex.position));
    let first = vertices.next()?;
    let (low, high) = vertices.fold((first, first), |(low, high), at| {
        (low.min(at), high.max(at))
    });
    Some(((low + high) * 0.5).as_dvec3())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::app::{App, Update};
    use city_tiles::metadata::{Column, ColumnValues, PropertyTable};
    use city_tiles::prepared::{PreparedPrimitive, Topology, Vertex};
    use city_tiles::stream::TileId;
    use glam::DMat4;

    use crate::search::city::Buildings;

    fn text(id: &str, rows: &[String]) -> Column {
        let mut text = String::new();
        let ends = rows.iter().map(|row| {
            text.push_str(row);
            text.len() as u32
        });
        let ends = ends.collect();
        Column::new(id, ColumnValues::Text { ends, text })
    }

    /// Buildings with the identifiers, names "Tower n" and heights of their numbers.
    fn table(numbers: &[u32]) -> FeatureTable {
        let mut features = FeatureTable::default();
        let named = |prefix: &str| -> Vec<String> {
            numbers.iter().map(|n| format!("{prefix}{n}")).collect()
        };
        features.tables.push(PropertyTable {
            count: numbers.len() as u32,
            columns: vec![
                text("id", &named("B")),
                text("name", &named("Tower ")),
                text("architect", &named("Studio ")),
                Column {
                    unit: Some("m".into()),
                    ..Column::new(
                        "height_m",
                        ColumnValues::F64(numbers.iter().map(|n| f64::from(*n)).collect()),
                    )
                },
            ],
            ..PropertyTable::default()
        });
        features.push_block(numbers.len() as u32, Some(0), None);
        features
    }

    fn mesh(numbers: &[u32]) -> CityMesh {
        let vertices = (0..numbers.len() as u32).map(|feature| Vertex {
            position: [feature as f32, 0.0, 5.0],
            normal: [0, 0, 127, 0],
            color: [255; 4],
            uv: [0.0; 2],
            feature,
        });
        CityMesh::new(PreparedTile {
            primitives: vec![PreparedPrimitive {
                topology: Topology::Points,
                vertices: vertices.collect(),
                indices: Vec::new(),
                material: 0,
                has_normals: true,
            }],
            features: table(numbers),
            ..PreparedTile::default()
        })
    }

    fn start(tiles: &[(&[u32], bool)]) -> App {
        let mut app = App::new();
        app.init_resource::<Searcher>()
            .init_resource::<State>()
            .insert_resource(SceneFrame::at(Geodetic::from_degrees(114.17, 22.29, 0.0)))
            .add_systems(Update, scan);
        let mut known = Known::default();
        known.add(&table(&[1]));
        let layer = app.world_mut().spawn(known).id();
        for (numbers, shown) in tiles {
            let of = TileOf {
                layer,
                tile: TileId::from_bits(1),
                content: 0,
            };
            let placement = Placement {
                local_from_mesh: DMat4::IDENTITY,
            };
            app.world_mut()
                .spawn((mesh(numbers), of, placement, Shown(*shown)));
        }
        app
    }

    fn ask(app: &mut App, text: &str) -> (Vec<String>, SearchNote) {
        app.world_mut().resource_mut::<Searcher>().ask(text.into());
        for _ in 0..200 {
            app.update();
            if !app.world().resource::<Searcher>().model().searching {
                break;
            }
        }
        let model = app.world().resource::<Searcher>().model();
        assert!(!model.searching);
        let titles = model.results.into_iter().map(|result| result.title);
        (titles.collect(), model.note)
    }

    #[test]
    fn attributes_of_loaded_tiles_are_found_once_with_their_values() {
        let all: Vec<u32> = (1..=300).collect();
        let mut app = start(&[(&[7, 8, 9], true), (&all, false)]);
        let (titles, note) = ask(&mut app, "height > 298 or height_m = 8");
        assert_eq!(titles, ["Tower 8", "Tower 299", "Tower 300"]);
        assert_eq!(
            (note.found, note.loaded_only, note.is_rule),
            (3, true, true)
        );
        let searcher = app.world().resource::<Searcher>();
        let first = searcher.model().results[0].clone();
        let told: Vec<_> = first
            .values
            .iter()
            .map(|v| (&*v.id, &*v.value, &*v.unit))
            .collect();
        assert_eq!(told, [("height_m", "8", "m")]);
        assert_eq!(searcher.building(&first.id).as_deref(), Some("B8"));
        assert!(searcher.place(&first.id).is_some());
        // Many are counted and some are listed.
        let (titles, note) = ask(&mut app, "height_m > 100");
        assert_eq!((titles.len(), note.found), (MAX_LISTED, 200));
        // A text in any attribute; the value says where it is.
        let (titles, note) = ask(&mut app, "studio 29");
        assert_eq!(titles.len(), 11, "29 and 290 to 299: {titles:?}");
        assert_eq!(note.found, 11);
        let model = app.world().resource::<Searcher>().model();
        assert_eq!(model.results[0].values[0].id, "architect");
        let (titles, note) = ask(&mut app, "colour = red");
        assert_eq!((titles.len(), &*note.unknown), (0, "colour"));
        let (_, note) = ask(&mut app, "${height_m} >");
        assert!(!note.error.is_empty());
        let (_, note) = ask(&mut app, "tower 12");
        assert_eq!(note.unknown, "", "what was wrong before is forgotten");
    }

    #[test]
    fn the_citys_list_is_searched_where_it_is_there() {
        let mut app = start(&[(&[7, 400], true)]);
        let numbers: Vec<u32> = (1..=300).collect();
        let places = numbers
            .iter()
            .map(|n| Geodetic::from_degrees(114.0, 22.0, f64::from(*n)));
        let buildings = Buildings {
            places: places.collect(),
            features: table(&numbers),
        };
        app.world_mut()
            .resource_mut::<Searcher>()
            .set_buildings(Some(buildings));
        let (titles, note) = ask(&mut app, "height >= 300");
        assert_eq!(
            titles,
            ["Tower 300", "Tower 400"],
            "and tiles that it does not know"
        );
        assert!(!note.loaded_only);
        let (titles, _) = ask(&mut app, "height = 7");
        assert_eq!(titles, ["Tower 7"], "once");
    }
}
