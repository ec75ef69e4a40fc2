//! Scenarios on disk: one file each, the revisions before, and a note for each that was deleted.

mod deleted;
mod held;

pub use deleted::Tombstone;
pub use held::{Held, models_of};

use city_scene::scenario::{MAX_SCENARIO_BYTES, Scenario};
use serde::Serialize;
use std::{
    fs, io,
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

/// Revisions kept of each scenario, the present one included.
pub const KEPT_REVISIONS: usize = 20;
/// Most scenarios of a hub.
const MAX_SCENARIOS: usize = 500;

/// All scenarios of a hub: `<id>.toml` in its folder, earlier revisions below `revisions/<id>/`, notes of those that
/// were deleted below `deleted/`.
#[derive(Debug)]
pub struct Scenarios {
    folder: PathBuf,
    /// One writes at a time, so that nobody's condition is overtaken.
    writing: Mutex<()>,
}

/// A scenario as a list shows it.
#[derive(Debug, Serialize)]
pub struct Listed {
    id: String,
    name: String,
    revision: String,
    /// RFC 3339.
    modified: String,
    /// Why the file cannot be read, if it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The text of a scenario and the hash of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The file's text.
    pub text: String,
    /// Its revision.
    pub revision: String,
}

/// What must hold for a scenario to be saved or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// There is none of that id yet.
    New,
    /// There is one.
    Exists,
    /// The present revision is one of these.
    Revision(Vec<String>),
}

/// What came of saving.
#[derive(Debug)]
pub enum Saved {
    /// It is on disk.
    Done {
        /// Its revision.
        revision: String,
        /// There was none of that id before.
        created: bool,
    },
    /// The condition does not hold.
    Refused {
        /// What there is, if anything.
        current: Option<Stored>,
        /// The revision that the writer had, where it is kept.
        ancestor: Option<String>,
    },
    /// There are as many as a hub keeps.
    Full,
}

impl Condition {
    fn holds(&self, current: Option<&Stored>) -> bool {
        match (self, current) {
            (Self::New, None) | (Self::Exists, Some(_)) => true,
            (Self::Revision(wanted), Some(there)) => wanted.contains(&there.revision),
            _ => false,
        }
    }
}

/// What came of deleting.
#[derive(Debug)]
pub enum Removed {
    /// It is gone; this is what was there.
    Done(Stored),
    /// The condition does not hold.
    Refused {
        /// What there is.
        current: Stored,
        /// The revision that was to be deleted, where it is kept.
        ancestor: Option<String>,
    },
    /// There is none of that id.
    NotThere,
}

impl Scenarios {
    /// Those in a folder, which is made when something is saved.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            writing: Mutex::new(()),
        }
    }

    fn file(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.toml"))
    }

    fn ids(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(".toml"));
            ids.extend(id.filter(|id| Scenario::is_id(id)).map(str::to_owned));
        }
        ids.sort();
        Ok(ids)
    }

    /// All, by id.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn list(&self) -> io::Result<Vec<Listed>> {
        let mut all = Vec::new();
        for id in self.ids()? {
            let Some(Stored { text, revision }) = self.get(&id)? else {
                continue; // gone meanwhile
            };
            let modified = fs::metadata(self.file(&id)).and_then(|file| file.modified());
            let read = Scenario::parse(&text, &format!("{id}.toml"));
            let (name, error) = match read {
                Ok((scenario, _)) => (scenario.name, None),
                Err(error) => (id.clone(), Some(error.to_string())),
            };
            all.push(Listed {
                id,
                name,
                revision,
                modified: rfc3339(modified.unwrap_or(UNIX_EPOCH)),
                error,
            });
        }
        Ok(all)
    }

    /// One; `None` where there is none of that id.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn get(&self, id: &str) -> io::Result<Option<Stored>> {
        if !Scenario::is_id(id) {
            return Ok(None);
        }
        let text = read(&self.file(id))?;
        Ok(text.map(|text| Stored {
            revision: revision_of(&text),
            text,
        }))
    }

    /// Holds all of them still: nobody else saves or deletes until the answer is dropped.
    pub fn hold(&self) -> Held<'_> {
        Held::new(
            self,
            self.writing.lock().unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn revisions(&self, id: &str) -> PathBuf {
        self.folder.join("revisions").join(id)
    }

    /// Names of the kept revisions, oldest first: a number and the hash.
    fn kept(&self, id: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.revisions(id)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            names.extend(
                name.to_str()
                    .filter(|name| name.ends_with(".toml"))
                    .map(str::to_owned),
            );
        }
        names.sort();
        Ok(names)
    }

    fn keep(&self, id: &str, text: &str, revision: &str) -> io::Result<()> {
        let folder = self.revisions(id);
        fs::create_dir_all(&folder)?;
        let kept = self.kept(id)?;
        let number = kept
            .last()
            .and_then(|name| name.split('-').next()?.parse::<u64>().ok())
            .map_or(0, |number| number + 1);
        let file = folder.join(format!("{number:012}-{revision}.toml"));
        write_whole(&file, text.as_bytes())?;
        let surplus = (kept.len() + 1).saturating_sub(KEPT_REVISIONS);
        for name in kept.iter().take(surplus) {
            fs::remove_file(folder.join(name))?;
        }
        Ok(())
    }

    /// The newest kept text of one of these revisions.
    fn revision(&self, id: &str, wanted: &[String]) -> io::Result<Option<String>> {
        for name in self.kept(id)?.iter().rev() {
            let hash = name.trim_end_matches(".toml").split('-').nth(1);
            if hash.is_some_and(|hash| wanted.iter().any(|w| w == hash)) {
                return read(&self.revisions(id).join(name));
            }
        }
        Ok(None)
    }
}

/// The text of a file; `None` where there is none. Files longer than a scenario may be are not read.
fn read(path: &Path) -> io::Result<Option<String>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = String::new();
    file.take(MAX_SCENARIO_BYTES as u64 + 1)
        .read_to_string(&mut text)?;
    Ok(Some(text))
}

/// Writes a file beside its place and moves it there, so that it is whole at every moment.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let unfinished = path.with_extension("unfinished");
    let mut file = fs::File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

/// FNV-1a in 128 bits: tells texts apart, keeps no secret.
fn revision_of(text: &str) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = text.bytes().fold(OFFSET, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    });
    format!("{hash:032x}")
}

fn rfc3339(t: SystemTime) -> String {
    let since = t.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    city_time::SimInstant::from_unix_s(seconds).to_rfc3339()
}
