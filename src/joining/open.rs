//! Opening: from an address to a table.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_tiles::metadata::join::JoinTable;
use city_tiles::uri::short;

use super::{ReadingJoins, TableLayer, Waiting};
use crate::names::{numbered, stem};
use crate::notices::Notices;
use crate::platform::Fetcher;
use crate::tiles::OpenTileset;

/// Joins a CSV file or URL to the tilesets; every way of opening ends here.
#[derive(Message, Clone, Debug, Default)]
pub struct OpenTable {
    /// Path or URL.
    pub url: String,
    /// The column that names features; found by its name where none is given.
    pub key: Option<String>,
    /// The property that it names them by; found by its name where none is given.
    pub feature_key: Option<String>,
    /// A scene asks for it.
    pub of_scene: bool,
}

/// Requests under way. Not `Send` in the browser.
pub(super) struct TableIo {
    fetcher: Fetcher,
    fetching: HashMap<u64, (Entity, Option<String>)>,
    next_key: u64,
}

impl TableIo {
    pub fn new() -> Self {
        Self {
            fetcher: Fetcher::new(1),
            fetching: HashMap::new(),
            next_key: 0,
        }
    }
}

pub(super) fn open(
    mut commands: Commands,
    mut io: NonSendMut<TableIo>,
    mut requests: MessageReader<OpenTable>,
    mut tilesets: MessageReader<OpenTileset>,
    mut joins: ResMut<ReadingJoins>,
    open: Query<(Entity, &TableLayer)>,
) {
    let mut names: Vec<String> = open.iter().map(|(_, table)| table.id.clone()).collect();
    if tilesets.read().any(|request| request.replace) {
        joins.replace([]);
        for (entity, table) in open.iter().filter(|(_, table)| table.of_scene) {
            names.retain(|name| *name != table.id);
            commands.entity(entity).despawn();
        }
    }
    for request in requests.read() {
        // The same file again is a newer one.
        for (entity, table) in open.iter().filter(|(_, table)| table.url == request.url) {
            names.retain(|name| *name != table.id);
            commands.entity(entity).despawn();
        }
        let id = numbered(&stem(&request.url, "table"), &names);
        names.push(id.clone());
        let entity = commands
            .spawn(TableLayer {
                id,
                url: request.url.clone(),
                feature_key: request.feature_key.clone(),
                visible: true,
                of_scene: request.of_scene,
                table: None,
                problem: None,
                found_in: HashSet::new(),
                looked_at: 0,
            })
            .id();
        io.next_key += 1;
        let key = io.next_key;
        io.fetching.insert(key, (entity, request.key.clone()));
        io.fetcher.fetch(key, &request.url);
    }
}

pub(super) fn receive(
    mut io: NonSendMut<TableIo>,
    mut waiting: ResMut<Waiting>,
    mut tables: Query<&mut TableLayer>,
    mut notices: ResMut<Notices>,
) {
    let io = &mut *io;
    for fetched in io.fetcher.poll() {
        let Some((entity, key)) = io.fetching.remove(&fetched.key) else {
            continue;
        };
        let Ok(mut layer) = tables.get_mut(entity) else {
            continue;
        };
        let shown = short(&layer.url);
        let read = fetched
            .result
            .map_err(|error| (error.to_string(), "check the path or address"))
            .and_then(|bytes| {
                JoinTable::read_csv(&bytes, key.as_deref()).map_err(|error| {
                    let advice =
                        "it is to be a CSV file with a first line of names (docs/styling.md)";
                    (error.to_string(), advice)
                })
            });
        match read {
            Ok(table) => {
                for warning in &table.warnings {
                    notices.warn(format!("{shown}: {warning}"), "the other lines are joined");
                }
                let columns = table.columns.iter().map(|column| column.id.as_str());
                let columns: Vec<&str> = columns.collect();
                notices.info(
                    format!("{shown}: {} rows by `{}`", table.len(), table.key),
                    format!("colour by: {}", columns.join(", ")),
                );
                layer.table = Some(Arc::new(table));
            }
            Err((problem, advice)) => {
                notices.error(format!("{shown}: {problem}"), advice);
                layer.problem = Some(problem);
            }
        }
    }
    waiting.fetching = !io.fetching.is_empty();
}
