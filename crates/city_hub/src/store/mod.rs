//! The embedded store of readings.
//!
//! Readings are kept twice over, in two keyspaces of one fjall database:
//!
//! - **rows**, one per reading, written and synchronised to disk before a reading is acknowledged, and held in
//!   memory as well ("hot");
//! - **blocks**, one per datastream and hour, columnar, into which the rows of a finished hour are sealed.
//!
//! A key is (hour, datastream, phenomenon time, seq), so storing a reading twice is storing it once. What is read
//! is always block ∪ hot, and sealing writes the block before it deletes the rows, so a crash anywhere loses and
//! doubles nothing.

mod error;
mod hot;
mod keys;
mod maintain;
mod read;
mod tally;

pub use error::StoreError;
pub use keys::{HOUR_NS, hour_of};
pub use tally::{BIN_NS, BINS, Tally};

use city_sensors::{Columns, Observation, columns::Inserted, columns::MAX_ROWS};
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use hot::Hot;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::{Duration, Instant},
};

/// How the store behaves.
#[derive(Clone, Copy, Debug)]
pub struct StoreOptions {
    /// Readings older than this many hours are deleted.
    pub retention_h: u32,
    /// Above this many bytes on disk the oldest hours are deleted earlier.
    pub max_bytes: u64,
    /// Nothing is written while the disk has less room than this, in bytes.
    pub reserve_bytes: u64,
    /// Bytes of the database's own cache.
    pub cache_bytes: u64,
    /// Room left on the disk that holds a directory, in bytes; `None` where that is not known. Tests give another.
    pub free_bytes: fn(&Path) -> Option<u64>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            retention_h: 7 * 24,
            max_bytes: 4 << 30,
            reserve_bytes: 128 << 20,
            cache_bytes: 64 << 20,
            free_bytes,
        }
    }
}

/// What an append did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Readings that were not there.
    pub new: usize,
    /// Readings that were there, with the same value and flags.
    pub same: usize,
    /// Readings that were there; value or flags have been replaced.
    pub changed: usize,
}

/// The store. All methods may be called from any thread.
pub struct Store {
    path: PathBuf,
    options: StoreOptions,
    /// `None` while it is being opened again.
    db: RwLock<Option<Db>>,
    hot: RwLock<Hot>,
    /// Serialises writers, so that hot readings and rows cannot disagree.
    writer: Mutex<()>,
}

/// The open database; replaced as a whole when it has to be opened again.
#[derive(Clone)]
struct Db {
    database: Database,
    rows: Keyspace,
    blocks: Keyspace,
    meta: Keyspace,
}

/// How long a hub that is just stopping may keep the directory locked.
const OPEN_PATIENCE: Duration = Duration::from_secs(2);
const REOPEN_PATIENCE: Duration = Duration::from_secs(10);
const FORMAT: &[u8] = b"belvedere store 1";

impl Store {
    /// Opens or creates the store in a directory, and reads the rows that are not sealed yet.
    ///
    /// # Errors
    /// Where the directory cannot be made or written, belongs to another program or version, or is in use.
    pub fn open(path: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        std::fs::create_dir_all(path).map_err(|e| StoreError::directory(path, &e))?;
        let db = Db::open_patiently(path, options, OPEN_PATIENCE)?;
        match db.meta.get("format")? {
            None => db.put_meta("format", FORMAT)?,
            Some(found) if *found == *FORMAT => {}
            Some(found) => {
                return Err(StoreError::Format {
                    path: path.to_owned(),
                    found: String::from_utf8_lossy(&found).into_owned(),
                });
            }
        }
        let hot = Hot::load(&db)?;
        Ok(Self {
            path: path.to_owned(),
            options,
            db: RwLock::new(Some(db)),
            hot: RwLock::new(hot),
            writer: Mutex::new(()),
        })
    }

    /// Stores readings. When this returns `Ok`, they survive the process being killed and the power failing.
    ///
    /// # Errors
    /// Where the disk is full or fails; then none of them is acknowledged, and all may be offered again.
    pub fn append(&self, readings: &[Observation]) -> Result<Appended, StoreError> {
        if readings.is_empty() {
            return Ok(Appended::default());
        }
        let _writing = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.check_room()?;
        let db = self.db()?;
        let mut batch = db.database.batch().durability(Some(PersistMode::SyncAll));
        let mut fresh = Vec::with_capacity(readings.len());
        let mut appended = Appended::default();
        // All of a batch has one sequence number in the database, so that of two rows with one key either might
        // stay there: only the last is given to it.
        let keys = readings
            .iter()
            .map(|reading| (reading.datastream, reading.key()));
        let last: HashMap<(u32, (i64, u32)), usize> = keys.zip(0..).collect();
        for (index, reading) in readings.iter().enumerate() {
            let repeated = last.get(&(reading.datastream, reading.key())) != Some(&index);
            // Before the epoch there is no key; the hub refuses such times before they come here.
            if repeated || reading.phenomenon_time_ns < 0 {
                continue;
            }
            if self.has(&db, reading)? {
                appended.same += 1;
                continue;
            }
            batch.insert(&db.rows, keys::row(reading), keys::row_value(reading));
            fresh.push(*reading);
        }
        batch.commit()?;
        let mut hot = self.hot_mut();
        for reading in &fresh {
            match hot.insert(reading) {
                Inserted::New => appended.new += 1,
                Inserted::Same => appended.same += 1,
                Inserted::Changed => appended.changed += 1,
            }
        }
        Ok(appended)
    }

    /// Stores whole hours of one datastream as blocks, for filling in history. They are on disk after
    /// [`Store::sync`].
    ///
    /// # Errors
    /// Where the disk is full or fails.
    pub fn put_hours(&self, datastream: u32, hours: &[(u32, Columns)]) -> Result<(), StoreError> {
        let db = self.db()?;
        let mut batch = db.database.batch();
        let mut bytes = Vec::new();
        for (hour, columns) in hours {
            let mut block = self.block(&db, *hour, datastream)?;
            block.merge(columns);
            bytes.clear();
            block.encode(&mut bytes);
            batch.insert(&db.blocks, keys::block(*hour, datastream), bytes.as_slice());
        }
        batch.commit()?;
        let mut hot = self.hot_mut();
        for (_, columns) in hours {
            if let Some(last) = columns.len().checked_sub(1)
                && let Some(reading) = columns.get(datastream, last)
            {
                hot.note_latest(&reading);
            }
        }
        Ok(())
    }

    /// Synchronises everything written to disk.
    ///
    /// # Errors
    /// Where the disk is full or fails.
    pub fn sync(&self) -> Result<(), StoreError> {
        Ok(self.db()?.database.persist(PersistMode::SyncAll)?)
    }

    /// Refuses to write on a disk that is nearly full, before the database runs into it.
    ///
    /// # Errors
    /// [`StoreError::Full`].
    pub fn check_room(&self) -> Result<(), StoreError> {
        match (self.options.free_bytes)(&self.path) {
            Some(free_bytes) if free_bytes < self.options.reserve_bytes => Err(StoreError::Full {
                path: self.path.clone(),
                free_bytes,
                reserve_bytes: self.options.reserve_bytes,
            }),
            _ => Ok(()),
        }
    }

    /// Opens the database again after a failed write, which leaves it refusing all further ones.
    ///
    /// # Errors
    /// Where it cannot be opened; it may be tried again.
    pub fn reopen(&self) -> Result<(), StoreError> {
        let _writing = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.check_room()?;
        // The old one locks the directory until the last reader has let go of it.
        drop(self.db_slot().take());
        let db = Db::open_patiently(&self.path, self.options, REOPEN_PATIENCE)?;
        *self.hot_mut() = Hot::load(&db)?;
        *self.db_slot() = Some(db);
        Ok(())
    }

    /// Synchronises everything to disk and closes the database; nothing can be read or stored after that.
    ///
    /// # Errors
    /// Where the disk is full or fails.
    pub fn close(&self) -> Result<(), StoreError> {
        let _writing = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let synced = self.sync();
        drop(self.db_slot().take());
        synced
    }

    /// A value kept beside the readings.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.db()?.meta.get(key)?.map(|value| value.to_vec()))
    }

    /// All values kept under keys that begin so, in the order of their keys.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn meta_prefix(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let mut found = Vec::new();
        for entry in self.db()?.meta.prefix(prefix) {
            let (key, value) = entry.into_inner()?;
            found.push((String::from_utf8_lossy(&key).into_owned(), value.to_vec()));
        }
        Ok(found)
    }

    /// Keeps values beside the readings, on disk when this returns.
    ///
    /// # Errors
    /// Where the disk is full or fails.
    pub fn put_meta(&self, entries: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        self.check_room()?;
        let db = self.db()?;
        let mut batch = db.database.batch().durability(Some(PersistMode::SyncAll));
        for (key, value) in entries {
            batch.insert(&db.meta, key.as_str(), value.as_slice());
        }
        Ok(batch.commit()?)
    }

    /// Is the very same reading stored already?
    fn has(&self, db: &Db, reading: &Observation) -> Result<bool, StoreError> {
        let found = self.find_in(db, reading.datastream, reading.key())?;
        Ok(found.is_some_and(|found| hot::same(&found, reading)))
    }

    /// The reading of a datastream with this (phenomenon time, seq).
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn find(
        &self,
        datastream: u32,
        key: (i64, u32),
    ) -> Result<Option<Observation>, StoreError> {
        self.find_in(&self.db()?, datastream, key)
    }

    fn find_in(
        &self,
        db: &Db,
        datastream: u32,
        key: (i64, u32),
    ) -> Result<Option<Observation>, StoreError> {
        let hour = hour_of(key.0);
        if let Some(columns) = self.hot().columns(hour, datastream)
            && let Some(found) = hot::find_in(columns, datastream, key)
        {
            return Ok(Some(found));
        }
        let block = self.block(db, hour, datastream)?;
        Ok(hot::find_in(&block, datastream, key))
    }

    fn block(&self, db: &Db, hour: u32, datastream: u32) -> Result<Columns, StoreError> {
        match db.blocks.get(keys::block(hour, datastream))? {
            None => Ok(Columns::default()),
            Some(bytes) => self.decode(hour, datastream, &bytes),
        }
    }

    fn decode(&self, hour: u32, datastream: u32, bytes: &[u8]) -> Result<Columns, StoreError> {
        Columns::decode(bytes, MAX_ROWS).map_err(|cause| StoreError::Damaged {
            path: self.path.clone(),
            hour,
            datastream,
            cause,
        })
    }

    fn db(&self) -> Result<Db, StoreError> {
        let db = self.db.read().unwrap_or_else(PoisonError::into_inner);
        db.clone().ok_or_else(|| StoreError::Closed {
            path: self.path.clone(),
        })
    }

    fn db_slot(&self) -> RwLockWriteGuard<'_, Option<Db>> {
        self.db.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn hot(&self) -> RwLockReadGuard<'_, Hot> {
        self.hot.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn hot_mut(&self) -> RwLockWriteGuard<'_, Hot> {
        self.hot.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Db {
    fn open(path: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let database = Database::builder(path)
            .cache_size(options.cache_bytes)
            .max_journaling_size(128 << 20)
            .open()
            .map_err(|e| StoreError::open(path, e))?;
        let keyspace = |name: &str| {
            let make = || KeyspaceCreateOptions::default().max_memtable_size(16 << 20);
            database.keyspace(name, make)
        };
        let (rows, blocks, meta) = (keyspace("rows")?, keyspace("blocks")?, keyspace("meta")?);
        Ok(Self {
            database,
            rows,
            blocks,
            meta,
        })
    }

    /// Opens a database that another one, which is just being closed, may still have locked.
    fn open_patiently(
        path: &Path,
        options: StoreOptions,
        patience: Duration,
    ) -> Result<Self, StoreError> {
        let start = Instant::now();
        loop {
            match Self::open(path, options) {
                Err(StoreError::InUse { .. }) if start.elapsed() < patience => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                other => return other,
            }
        }
    }

    fn put_meta(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.meta.insert(key, value)?;
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }
}

/// Room left on the disk that holds a directory, in bytes; `None` where the system does not say.
fn free_bytes(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(test)]
mod tests;
