//! What can go wrong with the store, and what to do about it.

use city_sensors::columns::DecodeError;
use std::{
    io,
    path::{Path, PathBuf},
};

/// Why the store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory cannot be made or used.
    #[error("the data directory {path} cannot be used: {cause}; choose another with --data", path = path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        cause: String,
    },
    /// Another process has it open.
    #[error("the data directory {path} is in use by another hub; stop that one or choose another with --data", path = path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// It was written by another version of this program.
    #[error("the data directory {path} holds \"{found}\", which this version does not read; choose another with --data", path = path.display())]
    Format {
        /// The directory.
        path: PathBuf,
        /// What it calls itself.
        found: String,
    },
    /// The disk has (nearly) no room left.
    #[error("the disk of {path} is full ({free_bytes} bytes free, {reserve_bytes} kept in reserve): readings wait until there is room", path = path.display())]
    Full {
        /// The directory.
        path: PathBuf,
        /// Bytes free.
        free_bytes: u64,
        /// Bytes kept in reserve.
        reserve_bytes: u64,
    },
    /// A block does not decode.
    #[error("the store in {path} is damaged at hour {hour} of datastream {datastream}: the block {cause}", path = path.display())]
    Damaged {
        /// The directory.
        path: PathBuf,
        /// Hours since the epoch.
        hour: u32,
        /// The datastream's number.
        datastream: u32,
        /// What is wrong with the bytes.
        cause: DecodeError,
    },
    /// It is being opened again after a failure.
    #[error("the store in {path} is being opened again after a failure; ask again in a moment", path = path.display())]
    Closed {
        /// The directory.
        path: PathBuf,
    },
    /// The database failed.
    #[error("the store failed: {0}")]
    Database(#[from] fjall::Error),
    /// More readings were asked for than are given in one answer.
    #[error(
        "the answer would have more than {limit} readings; ask for a shorter time or fewer datastreams"
    )]
    TooMany {
        /// The limit.
        limit: usize,
    },
}

impl StoreError {
    pub(super) fn directory(path: &Path, cause: &io::Error) -> Self {
        Self::Directory {
            path: path.to_owned(),
            cause: cause.to_string(),
        }
    }

    pub(super) fn open(path: &Path, error: fjall::Error) -> Self {
        match error {
            fjall::Error::Locked => Self::InUse {
                path: path.to_owned(),
            },
            fjall::Error::Io(cause) => Self::directory(path, &cause),
            other => Self::Database(other),
        }
    }
}
