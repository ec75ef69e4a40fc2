//! Reading the store: always the block of an hour joined with what is still hot.

use super::{Db, HOUR_NS, Store, StoreError, hour_of, keys};
use city_sensors::{Columns, Observation, wire::Series};
use std::collections::{BTreeMap, BTreeSet};

/// Most readings in one answer.
pub const MAX_ANSWER: usize = 6_000_000;

impl Store {
    /// The readings of one datastream in `[from, to]`.
    ///
    /// # Errors
    /// Where the disk fails, or for more than [`MAX_ANSWER`] readings.
    pub fn range(&self, datastream: u32, from_ns: i64, to_ns: i64) -> Result<Columns, StoreError> {
        let db = self.db()?;
        let mut all = Columns::default();
        if to_ns < from_ns {
            return Ok(all);
        }
        let first = hour_of(from_ns).max(self.oldest_hour()?.unwrap_or(u32::MAX));
        for hour in first..=hour_of(to_ns).min(self.newest_hour(&db)?) {
            let columns = self.hour(&db, hour, datastream)?;
            let from = columns.lower_bound(from_ns);
            let to = columns.at_or_before(to_ns).map_or(0, |row| row + 1);
            if from < to {
                all.merge(&columns.slice(from, to));
            }
            too_many(all.len())?;
        }
        Ok(all)
    }

    /// The newest reading of one datastream.
    #[must_use]
    pub fn latest(&self, datastream: u32) -> Option<Observation> {
        self.hot().latest.get(&datastream).copied()
    }

    /// The last reading of one datastream at or before an instant.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn last_at(
        &self,
        datastream: u32,
        time_ns: i64,
    ) -> Result<Option<Observation>, StoreError> {
        let db = self.db()?;
        let Some(oldest) = self.oldest_hour()? else {
            return Ok(None);
        };
        for hour in (oldest..=hour_of(time_ns).min(self.newest_hour(&db)?)).rev() {
            let columns = self.hour(&db, hour, datastream)?;
            if let Some(row) = columns.at_or_before(time_ns) {
                return Ok(columns.get(datastream, row));
            }
        }
        Ok(None)
    }

    /// The readings of one datastream in one hour.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn one_hour(&self, datastream: u32, hour: u32) -> Result<Columns, StoreError> {
        self.hour(&self.db()?, hour, datastream)
    }

    /// Hours of which anything may be there, oldest and newest; `None` for an empty store.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn hours(&self) -> Result<Option<(u32, u32)>, StoreError> {
        let newest = self.newest_hour(&self.db()?)?;
        Ok(self.oldest_hour()?.map(|oldest| (oldest, newest)))
    }

    /// Number of readings of several datastreams in `[from, to]`. Whole hours are not decoded.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn count(
        &self,
        datastreams: &BTreeSet<u32>,
        from_ns: i64,
        to_ns: i64,
    ) -> Result<u64, StoreError> {
        let db = self.db()?;
        let Some(oldest) = self.oldest_hour()? else {
            return Ok(0);
        };
        let mut count = 0;
        for hour in hour_of(from_ns).max(oldest)..=hour_of(to_ns).min(self.newest_hour(&db)?) {
            let start_ns = i64::from(hour) * HOUR_NS;
            let whole = from_ns <= start_ns && start_ns + (HOUR_NS - 1) <= to_ns;
            let sealed = !self.hot().hours.contains_key(&hour);
            if whole && sealed {
                self.blocks_of_many(&db, hour, datastreams, |_, bytes| {
                    // What cannot be read counts as nothing here; reading it says what is wrong.
                    count += Columns::count_encoded(bytes).unwrap_or(0) as u64;
                    Ok(())
                })?;
                continue;
            }
            self.hour_of_many(&db, hour, datastreams, |_, columns| {
                let to = columns.at_or_before(to_ns).map_or(0, |row| row + 1);
                count += to.saturating_sub(columns.lower_bound(from_ns)) as u64;
                Ok(())
            })?;
        }
        Ok(count)
    }

    /// The readings of several datastreams over a stretch of time, for drawing: each with the last reading before
    /// it, which holds at its beginning, and the first after it, to which a line may run.
    /// Datastreams without any are left out.
    ///
    /// # Errors
    /// Where the disk fails, or for more than [`MAX_ANSWER`] readings.
    pub fn window(
        &self,
        datastreams: &BTreeSet<u32>,
        from_ns: i64,
        to_ns: i64,
    ) -> Result<Vec<Series>, StoreError> {
        let db = self.db()?;
        let Some(oldest) = self.oldest_hour()? else {
            return Ok(Vec::new());
        };
        let newest = self.newest_hour(&db)?;
        let mut found: BTreeMap<u32, Columns> = BTreeMap::new();
        let mut rows = 0;
        // One hour before and one after hold the neighbours of nearly all.
        let first = hour_of(from_ns).saturating_sub(1).max(oldest);
        let last = hour_of(to_ns).saturating_add(1).min(newest);
        for hour in first..=last {
            self.hour_of_many(&db, hour, datastreams, |datastream, columns| {
                let kept = within(columns, from_ns, to_ns);
                rows += kept.len();
                found.entry(datastream).or_default().merge(&kept);
                too_many(rows)
            })?;
        }
        for datastream in datastreams {
            let columns = found.entry(*datastream).or_default();
            let has_before = columns.times_ns().first().is_some_and(|t| *t <= from_ns);
            if !has_before
                && first > oldest
                && let Some(before) = self.last_at(*datastream, from_ns)?
            {
                columns.insert(&before);
            }
        }
        let series = found.into_iter().filter(|(_, columns)| !columns.is_empty());
        Ok(series
            .map(|(datastream, columns)| Series {
                datastream,
                readings: within(&columns, from_ns, to_ns),
                forecast: Columns::default(),
            })
            .collect())
    }

    /// Calls `each` with the readings of one hour of every datastream asked for that has any, in ascending order.
    pub(super) fn hour_of_many(
        &self,
        db: &Db,
        hour: u32,
        datastreams: &BTreeSet<u32>,
        mut each: impl FnMut(u32, &Columns) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        // Hot first: what is sealed in between is then seen twice, never not at all.
        let mut hot: BTreeMap<u32, Columns> = {
            let hot = self.hot();
            let hour = hot.hours.get(&hour);
            let wanted = hour.into_iter().flatten();
            wanted
                .filter(|(datastream, _)| datastreams.contains(datastream))
                .map(|(datastream, columns)| (*datastream, columns.clone()))
                .collect()
        };
        self.blocks_of_many(db, hour, datastreams, |datastream, bytes| {
            let mut columns = self.decode(hour, datastream, bytes)?;
            if let Some(hot) = hot.remove(&datastream) {
                columns.merge(&hot);
            }
            each(datastream, &columns)
        })?;
        for (datastream, columns) in &hot {
            each(*datastream, columns)?;
        }
        Ok(())
    }

    fn blocks_of_many(
        &self,
        db: &Db,
        hour: u32,
        datastreams: &BTreeSet<u32>,
        mut each: impl FnMut(u32, &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (datastreams.first(), datastreams.last()) else {
            return Ok(());
        };
        let range = keys::block(hour, *first)..=keys::block(hour, *last);
        for entry in db.blocks.range(range) {
            let (key, bytes) = entry.into_inner()?;
            if let Some((_, datastream)) = keys::parse_block(&key)
                && datastreams.contains(&datastream)
            {
                each(datastream, &bytes)?;
            }
        }
        Ok(())
    }

    fn hour(&self, db: &Db, hour: u32, datastream: u32) -> Result<Columns, StoreError> {
        let hot = self.hot().columns(hour, datastream).cloned();
        let mut columns = self.block(db, hour, datastream)?;
        if let Some(hot) = hot {
            columns.merge(&hot);
        }
        Ok(columns)
    }

    fn newest_hour(&self, db: &Db) -> Result<u32, StoreError> {
        let hot = self.hot().hours.keys().next_back().copied().unwrap_or(0);
        let block = match db.blocks.last_key_value() {
            Some(entry) => keys::parse_block(&entry.key()?).map_or(0, |(hour, _)| hour),
            None => 0,
        };
        Ok(hot.max(block))
    }
}

/// The readings in `[from, to]`, with the last one before and the first one after.
fn within(columns: &Columns, from_ns: i64, to_ns: i64) -> Columns {
    let from = columns.at_or_before(from_ns).unwrap_or(0);
    let to = columns.at_or_before(to_ns).map_or(0, |row| row + 1) + 1;
    columns.slice(from, to)
}

const fn too_many(rows: usize) -> Result<(), StoreError> {
    if rows > MAX_ANSWER {
        return Err(StoreError::TooMany { limit: MAX_ANSWER });
    }
    Ok(())
}
