//! Notes of scenarios that were deleted, so that their links say what became of them.

use super::{Scenarios, read, write_whole};
use city_scene::scenario::Scenario;
use serde::{Deserialize, Serialize};
use std::{fs, io, path::PathBuf, time::UNIX_EPOCH};

/// Notes that are kept; the oldest go first. Links older than these say that there is no such scenario.
const MAX_NOTES: usize = 2_000;

/// What is known of a scenario that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// What it was called.
    pub name: String,
    /// When it was deleted, RFC 3339.
    pub deleted: String,
}

impl Scenarios {
    fn notes(&self) -> PathBuf {
        self.folder.join("deleted")
    }

    fn note(&self, id: &str) -> PathBuf {
        self.notes().join(format!("{id}.json"))
    }

    /// What became of a scenario that is not there; `None` where nothing is known of it.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn deleted(&self, id: &str) -> io::Result<Option<Tombstone>> {
        if !Scenario::is_id(id) {
            return Ok(None);
        }
        // A note that somebody spoilt is none.
        Ok(read(&self.note(id))?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    pub(super) fn note_deleted(&self, id: &str, tombstone: &Tombstone) -> io::Result<()> {
        let text = serde_json::to_vec(tombstone)?;
        write_whole(&self.note(id), &text)?;
        let mut notes = Vec::new();
        for entry in fs::read_dir(self.notes())? {
            let entry = entry?;
            let written = entry.metadata().and_then(|file| file.modified());
            notes.push((written.unwrap_or(UNIX_EPOCH), entry.path()));
        }
        notes.sort();
        let surplus = notes.len().saturating_sub(MAX_NOTES);
        for (_, path) in notes.iter().take(surplus) {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    /// There is one of that id again.
    pub(super) fn forget_deleted(&self, id: &str) -> io::Result<()> {
        match fs::remove_file(self.note(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
