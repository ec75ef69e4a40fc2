//! Sealing finished hours into blocks, and deleting what is too old or too much.

use super::{Db, HOUR_NS, Store, StoreError, hour_of, keys};
use city_sensors::{Columns, NS_PER_S};
use std::sync::PoisonError;

/// An hour is sealed this long after its end, when most late readings are there.
const SEAL_AFTER_NS: i64 = 600 * NS_PER_S;
/// Datastreams sealed in one step, between which readings can be stored.
const SEALED_AT_ONCE: usize = 256;

/// What the store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreSize {
    /// Bytes on disk.
    pub disk_bytes: u64,
    /// Readings not sealed yet, which are held in memory too.
    pub hot_readings: u64,
    /// Oldest hour of which anything is kept, in hours since the epoch; 0 where there is nothing.
    pub oldest_hour: u32,
}

impl Store {
    /// Seals the hours that have ended, and gives the number of blocks written.
    ///
    /// # Errors
    /// Where the disk is full or fails; nothing is lost then.
    pub fn seal(&self, now_ns: i64) -> Result<usize, StoreError> {
        let open_hour = hour_of(now_ns - SEAL_AFTER_NS);
        let due: Vec<u32> = self
            .hot()
            .hours
            .range(..open_hour)
            .map(|(h, _)| *h)
            .collect();
        let mut blocks = 0;
        for hour in due {
            while let Some(some) = self.some_hot(hour) {
                blocks += some.len();
                self.seal_some(hour, &some)?;
            }
            let mut hot = self.hot_mut();
            if hot.hours.get(&hour).is_some_and(|hour| hour.is_empty()) {
                hot.hours.remove(&hour);
            }
        }
        Ok(blocks)
    }

    fn some_hot(&self, hour: u32) -> Option<Vec<u32>> {
        let hot = self.hot();
        let some: Vec<u32> = hot
            .hours
            .get(&hour)?
            .keys()
            .copied()
            .take(SEALED_AT_ONCE)
            .collect();
        (!some.is_empty()).then_some(some)
    }

    fn seal_some(&self, hour: u32, datastreams: &[u32]) -> Result<(), StoreError> {
        let _writing = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.check_room()?;
        let db = self.db()?;
        let mut batch = db.database.batch();
        let mut bytes = Vec::new();
        for datastream in datastreams {
            let hot = self.hot().columns(hour, *datastream).cloned();
            let hot: Columns = hot.unwrap_or_default();
            let mut block = self.block(&db, hour, *datastream)?;
            block.merge(&hot);
            bytes.clear();
            block.encode(&mut bytes);
            batch.insert(&db.blocks, keys::block(hour, *datastream), bytes.as_slice());
            for reading in hot.iter(*datastream) {
                batch.remove(&db.rows, keys::row(&reading));
            }
        }
        batch.commit()?;
        let mut hot = self.hot_mut();
        if let Some(kept) = hot.hours.get_mut(&hour) {
            for datastream in datastreams {
                kept.remove(datastream);
            }
        }
        Ok(())
    }

    /// Deletes hours beyond the retention, and the oldest ones where the disk use is above its limit.
    /// Gives the number of blocks deleted.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn expire(&self, now_ns: i64) -> Result<usize, StoreError> {
        let db = self.db()?;
        let mut keep_from = hour_of(now_ns).saturating_sub(self.options.retention_h);
        let disk_bytes = db.disk_bytes();
        if disk_bytes > self.options.max_bytes
            && let Some(oldest) = self.oldest_hour()?
        {
            let hours = u64::from(hour_of(now_ns).saturating_sub(oldest).max(1));
            let per_hour = (disk_bytes / hours).max(1);
            let excess = (disk_bytes - self.options.max_bytes).div_ceil(per_hour);
            keep_from = keep_from.max(oldest.saturating_add(excess as u32));
        }
        let deleted = db.delete_before(keep_from)?;
        if deleted > 0 {
            let mut hot = self.hot_mut();
            hot.hours = hot.hours.split_off(&keep_from);
            drop(hot);
            db.blocks.major_compact()?;
        }
        Ok(deleted)
    }

    /// The oldest instant that is kept.
    #[must_use]
    pub fn keeps_from_ns(&self, now_ns: i64) -> i64 {
        now_ns - i64::from(self.options.retention_h) * HOUR_NS
    }

    /// The oldest hour of which anything is there.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn oldest_hour(&self) -> Result<Option<u32>, StoreError> {
        let hot = self.hot().hours.keys().next().copied();
        let block = match self.db()?.blocks.first_key_value() {
            Some(entry) => keys::parse_block(&entry.key()?).map(|(hour, _)| hour),
            None => None,
        };
        Ok(match (hot, block) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        })
    }

    /// What the store holds.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn size(&self) -> Result<StoreSize, StoreError> {
        Ok(StoreSize {
            disk_bytes: self.db()?.disk_bytes(),
            hot_readings: self.hot().rows() as u64,
            oldest_hour: self.oldest_hour()?.unwrap_or(0),
        })
    }
}

impl Db {
    fn disk_bytes(&self) -> u64 {
        let tables = self.rows.disk_space() + self.blocks.disk_space() + self.meta.disk_space();
        tables + self.database.journal_disk_space().unwrap_or(0)
    }

    fn delete_before(&self, hour: u32) -> Result<usize, StoreError> {
        let end = keys::block(hour, 0);
        let mut deleted = 0;
        for keyspace in [&self.blocks, &self.rows] {
            let mut batch = self.database.batch();
            for entry in keyspace.range(..end.as_slice()) {
                batch.remove(keyspace, entry.key()?);
                deleted += 1;
            }
            batch.commit()?;
        }
        Ok(deleted)
    }
}
