//! Models that scenarios place: one file each, named by what is in it, so that a file once kept never changes.

use crate::scenarios::write_whole;
use city_scene::scenario::{KeptModel, glb_fault, hash_of_file};
use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A model is brought before the scenario that names it is saved. For so long it is not taken for one that nobody
/// names.
const AWAITED_NS: i64 = 3600 * 1_000_000_000;

/// All models of a hub: `<SHA-256>.glb` in its folder.
#[derive(Debug)]
pub struct Models {
    folder: PathBuf,
    /// Most bytes of all together.
    most_bytes: u64,
    /// One writes or removes at a time, so that two do not fill the same room. When models were brought that no
    /// scenario has named since, by the hub's clock, nanoseconds.
    awaited: Mutex<HashMap<String, i64>>,
}

/// What came of removing a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is gone; so many bytes are free.
    Done(u64),
    /// Somebody has brought it for a scenario that is not saved yet.
    Awaited,
    /// There is none of that name.
    NotThere,
}

/// Why a model is not kept.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// What a model must be named.
    #[error(
        "`{0}` is no name of a model: it is named by its SHA-256, 64 hexadecimal digits in small letters, and `.glb`"
    )]
    Name(String),
    /// Another kind of file.
    #[error("the model cannot be kept: {0}")]
    NoGlb(String),
    /// The bytes changed on the way, or are of another file.
    #[error("the file is not the one that it is named by: its SHA-256 is that of {0}")]
    OtherBytes(String),
    /// There is no room.
    #[error(
        "the hub keeps {most_bytes} bytes of models at most and has {used_bytes}; delete those that no scenario names (in the plan panel, or DELETE /api/models), or scenarios with models"
    )]
    Full {
        /// What is kept.
        used_bytes: u64,
        /// What may be.
        most_bytes: u64,
    },
    /// The disk's fault.
    #[error("the hub cannot keep models: {0}")]
    Disk(#[from] io::Error),
}

impl Models {
    /// Those in a folder, which is made when something is kept.
    #[must_use]
    pub fn new(folder: PathBuf, most_bytes: u64) -> Self {
        Self {
            folder,
            most_bytes,
            awaited: Mutex::default(),
        }
    }

    /// Where a model's file is, whether it is there or not; `None` for what is no name of a model.
    #[must_use]
    pub fn path(&self, file: &str) -> Option<PathBuf> {
        hash_of_file(file).map(|_| self.folder.join(file))
    }

    fn awaited(&self) -> MutexGuard<'_, HashMap<String, i64>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a model; whether it was not there before. Keeping it again changes nothing, but it is awaited anew.
    ///
    /// # Errors
    /// Where the bytes are not what the name says, or there is no room.
    pub fn put(&self, file: &str, bytes: &[u8], now_ns: i64) -> Result<bool, ModelError> {
        let path = self
            .path(file)
            .ok_or_else(|| ModelError::Name(file.to_owned()))?;
        if let Some(fault) = glb_fault(bytes) {
            return Err(ModelError::NoGlb(fault));
        }
        let is = KeptModel::of(bytes).file();
        if is != file {
            return Err(ModelError::OtherBytes(is));
        }
        let length = bytes.len() as u64;
        let mut awaited = self.awaited();
        match fs::metadata(&path) {
            Ok(there) if there.len() == length => {
                awaited.insert(file.to_owned(), now_ns);
                return Ok(false);
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            // One that was cut short by somebody else is written anew.
            _ => {}
        }
        let used_bytes = self.used_bytes(file)?;
        if used_bytes.saturating_add(length) > self.most_bytes {
            return Err(ModelError::Full {
                used_bytes,
                most_bytes: self.most_bytes,
            });
        }
        write_whole(&path, bytes)?;
        awaited.retain(|_, brought_ns| is_awaited(*brought_ns, now_ns));
        awaited.insert(file.to_owned(), now_ns);
        Ok(true)
    }

    /// Those that are kept, and their bytes.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn list(&self) -> io::Result<BTreeMap<String, u64>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(error),
        };
        let mut all = BTreeMap::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            if let Some(file) = name.to_str().filter(|name| hash_of_file(name).is_some()) {
                match entry.metadata() {
                    Ok(metadata) => {
                        all.insert(file.to_owned(), metadata.len());
                    }
                    // Removed meanwhile.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(all)
    }

    /// A saved scenario names these now: they are not awaited any more.
    pub fn are_named<'f>(&self, files: impl IntoIterator<Item = &'f String>) {
        let mut awaited = self.awaited();
        for file in files {
            awaited.remove(file);
        }
    }

    /// Removes a model that no saved scenario names, unless it is awaited. Whether one names it, the caller knows, who
    /// holds all scenarios meanwhile.
    ///
    /// # Errors
    /// Where it cannot be removed.
    pub fn remove(&self, file: &str, now_ns: i64) -> io::Result<Removal> {
        let Some(path) = self.path(file) else {
            return Ok(Removal::NotThere);
        };
        let mut awaited = self.awaited();
        let bytes = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Removal::NotThere),
            Err(error) => return Err(error),
        };
        let brought_ns = awaited.get(file).copied();
        if brought_ns.is_some_and(|brought_ns| is_awaited(brought_ns, now_ns)) {
            return Ok(Removal::Awaited);
        }
        fs::remove_file(&path)?;
        awaited.remove(file);
        Ok(Removal::Done(bytes))
    }

    /// Bytes of all models but one.
    fn used_bytes(&self, except: &str) -> io::Result<u64> {
        let all = self.list()?;
        let others = all.iter().filter(|(file, _)| *file != except);
        Ok(others.map(|(_, bytes)| bytes).sum())
    }
}

/// A clock that was set back makes nothing awaited for long.
fn is_awaited(brought_ns: i64, now_ns: i64) -> bool {
    now_ns.saturating_sub(brought_ns).unsigned_abs() < AWAITED_NS.unsigned_abs()
}
