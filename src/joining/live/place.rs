//! Where the readings lie in the tables of tiles.

use bevy::ecs::prelude::*;
use city_tiles::metadata::{Column, ColumnValues, FeatureTable, PropertyTable};

use super::{Held, ReadingJoin, ReadingJoins, ReadingState};
use crate::joining::Joined;
use crate::platform::monotonic_ms;

/// A feature of a mesh that a sensor belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// The sensor.
    pub slot: u32,
    /// The feature, and where its properties lie.
    pub feature: u32,
    table: u32,
    row: u32,
}

/// Writing cells may take so long in a frame, milliseconds. One mesh always goes.
const BUDGET_MS: f64 = 2.0;

/// Brings what changed into the tables.
pub(in crate::joining) fn write(mut joins: ResMut<ReadingJoins>, mut meshes: Query<&mut Joined>) {
    let joins = joins.bypass_change_detection();
    let began_ms = monotonic_ms();
    let mut first = true;
    while (first || monotonic_ms() - began_ms < BUDGET_MS)
        && let Some(mesh) = joins.unwritten.pop_front()
    {
        let Ok(mut joined) = meshes.get_mut(mesh) else {
            continue;
        };
        first = false;
        // The table as such is the same: only what reads these cells is worked out again.
        let features = std::sync::Arc::make_mut(&mut joined.bypass_change_detection().0);
        let mut written: Vec<u32> = Vec::new();
        for join in &joins.joins {
            for at in join.placed.get(&mesh).into_iter().flatten() {
                if join.write(features, at) {
                    written.push(at.feature);
                }
            }
        }
        if !written.is_empty() {
            joins.writes += 1;
            let all = joins.written.entry(mesh).or_default();
            all.extend(written);
            all.sort_unstable();
            all.dedup();
        }
    }
}

impl ReadingJoins {
    /// Gives a mesh the columns of all joins that have a sensor for one of its features.
    pub(in crate::joining) fn place(
        &mut self,
        mesh: Entity,
        own: &FeatureTable,
        joined: &mut Option<FeatureTable>,
    ) {
        self.written.remove(&mesh);
        for join in &mut self.joins {
            join.looked_at += 1;
            join.placed.remove(&mesh);
            let (placed, taken) = join.find(joined.as_ref().unwrap_or(own));
            join.taken |= taken;
            if placed.is_empty() {
                continue;
            }
            let features = joined.get_or_insert_with(|| own.clone());
            for (index, table) in features.tables.iter_mut().enumerate() {
                if placed.iter().any(|at| at.table as usize == index) {
                    let columns = join.columns(table.count);
                    table.columns.extend(columns);
                }
            }
            for at in &placed {
                join.write(features, at);
            }
            join.placed.insert(mesh, placed);
        }
    }

    pub(in crate::joining) fn look_anew(&mut self) {
        self.unwritten.clear();
        self.written.clear();
        for join in &mut self.joins {
            join.placed.clear();
            join.looked_at = 0;
            join.taken = false;
        }
    }
}

impl ReadingJoin {
    /// The features that have a sensor, and whether a table has a property of this name already.
    fn find(&self, features: &FeatureTable) -> (Vec<Placed>, bool) {
        let mut placed = Vec::new();
        let mut taken = false;
        if self.slots.is_empty() {
            return (placed, taken);
        }
        let quality = self.quality_property();
        for (index, table) in features.tables.iter().enumerate() {
            let Some(key) = self.key_of(table) else {
                continue;
            };
            let rows: Vec<(u32, u32)> = (0..table.count)
                .filter_map(|row| {
                    let slot = self.by_feature.get(&key.value(row as usize).to_string())?;
                    Some((row, *slot))
                })
                .collect();
            if rows.is_empty() {
                continue;
            }
            let is_taken = |column: &Column| column.id == self.property || column.id == quality;
            if table.columns.iter().any(is_taken) {
                taken = true;
                continue;
            }
            let blocks = features.blocks.iter();
            for block in blocks.filter(|block| block.table == Some(index as u32)) {
                let here = rows.iter().filter(|(row, _)| *row < block.count);
                placed.extend(here.map(|(row, slot)| Placed {
                    slot: *slot,
                    feature: block.first + row,
                    table: index as u32,
                    row: *row,
                }));
            }
        }
        (placed, taken)
    }

    fn key_of<'t>(&self, table: &'t PropertyTable) -> Option<&'t Column> {
        match &self.feature_key {
            Some(id) => table.columns.iter().find(|column| column.id == *id),
            None => table.key_column(),
        }
    }

    /// The columns of a table in which no feature has a sensor yet.
    fn columns(&self, count: u32) -> [Column; 2] {
        let rows = count as usize;
        let all: Vec<u32> = (0..count).collect();
        let names = ReadingState::ALL.map(|(_, code, name)| (i64::from(code), name.to_owned()));
        let states = ColumnValues::Enum {
            codes: vec![i64::from(ReadingState::Missing.code()); rows],
            names: names.to_vec(),
        };
        let value = Column {
            unit: (!self.unit.is_empty()).then(|| self.unit.clone()),
            no_data: all.clone(),
            ..Column::new(
                self.property.as_str(),
                ColumnValues::F64(vec![f64::NAN; rows]),
            )
        };
        let state = Column {
            no_data: all,
            ..Column::new(self.quality_property(), states)
        };
        [value, state]
    }

    /// Writes what holds into a feature's cells; whether that changed any.
    fn write(&self, features: &mut FeatureTable, at: &Placed) -> bool {
        let Some(Held { value, state }) = self.slots.get(at.slot as usize).map(|slot| slot.held)
        else {
            return false;
        };
        let Some(table) = features.tables.get_mut(at.table as usize) else {
            return false;
        };
        let quality = self.quality_property();
        let mut changed = false;
        for column in &mut table.columns {
            let row = at.row as usize;
            let no_value = match &mut column.values {
                ColumnValues::F64(cells) if column.id == self.property => {
                    let Some(cell) = cells.get_mut(row) else {
                        continue;
                    };
                    changed |= cell.to_bits() != value.to_bits();
                    *cell = value;
                    value.is_nan()
                }
                ColumnValues::Enum { codes, .. } if column.id == quality => {
                    let Some(cell) = codes.get_mut(row) else {
                        continue;
                    };
                    changed |= *cell != i64::from(state.code());
                    *cell = i64::from(state.code());
                    false
                }
                _ => continue,
            };
            match (column.no_data.binary_search(&at.row), no_value) {
                (Ok(place), false) => {
                    column.no_data.remove(place);
                    changed = true;
                }
                (Err(place), true) => column.no_data.insert(place, at.row),
                _ => {}
            }
        }
        changed
    }
}
