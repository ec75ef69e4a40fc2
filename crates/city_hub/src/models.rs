//! Models that scenarios place: one file each, named by what is in it, so that a file once kept never changes.

use crate::scenarios::write_whole;
use city_scene::scenario::{KeptModel, glb_fault, hash_of_file};
use std::{
    fs, io,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// All models of a hub: `<SHA-256>.glb` in its folder.
#[derive(Debug)]
pub struct Models {
    folder: PathBuf,
    /// Most bytes of all together.
    most_bytes: u64,
    /// One writes at a time, so that two do not fill the same room.
    writing: Mutex<()>,
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
        "the hub keeps {most_bytes} bytes of models at most and has {used_bytes}; remove some from its data directory"
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
            writing: Mutex::new(()),
        }
    }

    /// Where a model's file is, whether it is there or not; `None` for what is no name of a model.
    #[must_use]
    pub fn path(&self, file: &str) -> Option<PathBuf> {
        hash_of_file(file).map(|_| self.folder.join(file))
    }

    /// Keeps a model; whether it was not there before. Keeping it again changes nothing.
    ///
    /// # Errors
    /// Where the bytes are not what the name says, or there is no room.
    pub fn put(&self, file: &str, bytes: &[u8]) -> Result<bool, ModelError> {
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
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        match fs::metadata(&path) {
            Ok(there) if there.len() == length => return Ok(false),
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
        Ok(true)
    }

    /// Bytes of all models but one.
    fn used_bytes(&self, except: &str) -> io::Result<u64> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        let mut bytes = 0;
        for entry in entries {
            let entry = entry?;
            if entry.file_name() != except {
                bytes += entry.metadata()?.len();
            }
        }
        Ok(bytes)
    }
}
