//! Readings that are not sealed into blocks yet, and the latest reading of every datastream.

use super::{Db, StoreError, hour_of, keys};
use city_sensors::{Columns, Observation, columns::Inserted};
use std::collections::{BTreeMap, HashMap};

#[derive(Default)]
pub(super) struct Hot {
    pub(super) hours: BTreeMap<u32, HashMap<u32, Columns>>,
    pub(super) latest: HashMap<u32, Observation>,
}

impl Hot {
    pub(super) fn load(db: &Db) -> Result<Self, StoreError> {
        let mut hot = Self::default();
        for entry in db.rows.iter() {
            let (key, value) = entry.into_inner()?;
            if let Some(reading) = keys::parse_row(&key, &value) {
                hot.insert(&reading);
            }
        }
        Ok(hot)
    }

    pub(super) fn insert(&mut self, reading: &Observation) -> Inserted {
        self.note_latest(reading);
        let hour = self.hours.entry(hour_of(reading.phenomenon_time_ns));
        let columns = hour.or_default().entry(reading.datastream).or_default();
        columns.insert(reading)
    }

    pub(super) fn note_latest(&mut self, reading: &Observation) {
        let latest = self.latest.entry(reading.datastream).or_insert(*reading);
        if latest.key() <= reading.key() {
            *latest = *reading;
        }
    }

    pub(super) fn columns(&self, hour: u32, datastream: u32) -> Option<&Columns> {
        self.hours.get(&hour)?.get(&datastream)
    }

    pub(super) fn rows(&self) -> usize {
        let hours = self.hours.values();
        hours.flat_map(HashMap::values).map(Columns::len).sum()
    }
}

/// The reading with this (phenomenon time, seq).
pub(super) fn find_in(columns: &Columns, datastream: u32, key: (i64, u32)) -> Option<Observation> {
    (columns.lower_bound(key.0)..columns.len())
        .map_while(|row| columns.get(datastream, row))
        .take_while(|found| found.phenomenon_time_ns == key.0)
        .find(|found| found.seq == key.1)
}

/// Same key, value and flags; the result time may differ, since the same reading may be delivered twice.
pub(super) fn same(a: &Observation, b: &Observation) -> bool {
    a.key() == b.key() && a.flags == b.flags && a.value.to_bits() == b.value.to_bits()
}
