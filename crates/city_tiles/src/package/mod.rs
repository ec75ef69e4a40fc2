//! Tilesets in one file: 3D Tiles archives (`.3tz`), read without unpacking.
//!
//! A package is a ZIP file whose last entry, `@3dtilesIndex1@`, says where every other entry lies, so that a tile is
//! one read of a known range: a seek on a disk, a range request over HTTP. Nothing here reads anything.
//! A [`PackageReader`] says which bytes it needs and is handed them; once it is ready, [`PackageReader::locate`] gives
//! the range of an entry and [`PackageReader::extract`] makes the entry's file out of those bytes. Without a sound
//! index the ZIP file's own directory is read, which takes longer.
//!
//! Clauses: 3D Tiles Archive Format 1.3; APPNOTE 6.3.9 (ISO/IEC 21320-1). How a file inside a package is addressed
//! stands at [`crate::uri::package_of`] (MAXAR_content_3tz).

mod directory;
mod error;
mod extract;
mod md5;
mod zip;

pub use error::{PackageError, PackageErrorKind};
pub use zip::Stored;

use directory::Directory;
use error::{Fault, limit};
use std::ops::Range;
use zip::{End, Tail};

/// The name of the index file.
pub const INDEX_NAME: &str = "@3dtilesIndex1@";

/// How much of the file's end is asked for first: the end record with the longest comment, the records of ZIP64, and
/// of most packages the last record of the directory, which names the index.
const TAIL_BYTES: u64 = 0xFFFF + 1024;

/// How much of the directory's end is looked at for the index's record.
const LAST_RECORD_BYTES: u64 = 512;

/// What a local header may take beside its data: name and extra field at their longest.
const HEADER_BYTES: u64 = zip::LOCAL_BYTES + 2 * 0xFFFF;

/// How large a package's parts may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageLimits {
    /// Most entries.
    pub max_entries: u64,
    /// Most bytes of the index file or of the central directory.
    pub max_directory_bytes: u64,
    /// Most bytes of a name in the central directory.
    pub max_name_bytes: u64,
    /// Most bytes of an entry, decompressed.
    pub max_entry_bytes: u64,
    /// Most bytes out of one compressed byte; files up to 1 MiB may be of any ratio.
    pub max_ratio: u64,
}

impl Default for PackageLimits {
    fn default() -> Self {
        Self {
            max_entries: 8 << 20,
            max_directory_bytes: 512 << 20,
            max_name_bytes: 4096,
            max_entry_bytes: 256 << 20,
            max_ratio: 2048,
        }
    }
}

/// What a [`PackageReader`] waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// These bytes of the package, all of them.
    Need(Range<u64>),
    /// Nothing: entries can be located.
    Ready,
}

/// Where an entry lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its normalised path.
    pub path: String,
    /// Bytes of the package to hand to [`PackageReader::extract`]: local header and data.
    pub range: Range<u64>,
    /// How it is stored, where the central directory was read; by the index, only its local header says so.
    pub stored: Option<Stored>,
}

enum State {
    Tail,
    End64(Range<u64>),
    /// The end of the central directory.
    LastRecord(End, Range<u64>),
    /// The index file; how it is stored, by the central directory.
    Index(End, Range<u64>, Stored),
    Central(End),
    Ready(Directory),
}

/// Reads a package's directory step by step, then locates and extracts entries.
pub struct PackageReader {
    location: String,
    total_bytes: u64,
    limits: PackageLimits,
    state: State,
    /// The file's last bytes, until the reader is ready.
    tail: Vec<u8>,
    note: Option<String>,
}

impl PackageReader {
    /// A reader for a package of this length. `location` is for messages.
    ///
    /// # Errors
    /// The file is too short to be a package.
    pub fn new(
        location: &str,
        total_bytes: u64,
        limits: PackageLimits,
    ) -> Result<Self, PackageError> {
        if total_bytes < zip::END_BYTES as u64 {
            let kind = PackageErrorKind::NotZip("it is too short");
            return Err(Fault::new("the file", kind).in_package(location));
        }
        Ok(Self {
            location: location.to_owned(),
            total_bytes,
            limits,
            state: State::Tail,
            tail: Vec::new(),
            note: None,
        })
    }

    fn tail_range(&self) -> Range<u64> {
        self.total_bytes.saturating_sub(TAIL_BYTES)..self.total_bytes
    }

    /// What is needed next.
    #[must_use]
    pub fn step(&self) -> Step {
        match &self.state {
            State::Tail => Step::Need(self.tail_range()),
            State::End64(range) | State::LastRecord(_, range) | State::Index(_, range, _) => {
                Step::Need(range.clone())
            }
            State::Central(end) => Step::Need(end.start..end.start + end.size),
            State::Ready(_) => Step::Ready,
        }
    }

    /// Takes the bytes that [`Self::step`] asked for.
    ///
    /// # Errors
    /// Too few or too many bytes, or bytes that are no package's. An error is final.
    pub fn supply(&mut self, bytes: Vec<u8>) -> Result<(), PackageError> {
        self.take(bytes)
            .map_err(|fault| fault.in_package(&self.location))
    }

    fn take(&mut self, bytes: Vec<u8>) -> Result<(), Fault> {
        let Step::Need(range) = self.step() else {
            return Ok(());
        };
        let need = range.end - range.start;
        if need != bytes.len() as u64 {
            let kind = PackageErrorKind::WrongRange {
                need,
                have: bytes.len() as u64,
            };
            return Err(Fault::new(
                format!("bytes {} to {}", range.start, range.end),
                kind,
            ));
        }
        self.advance(bytes)?;
        // What lies in the file's last bytes is there already.
        while let Step::Need(range) = self.step() {
            let start = self.tail_range().start;
            let known = range
                .start
                .checked_sub(start)
                .and_then(|from| self.tail.get(from as usize..(range.end - start) as usize));
            let Some(known) = known else { break };
            let known = known.to_vec();
            self.advance(known)?;
        }
        if matches!(self.state, State::Ready(_)) {
            self.tail = Vec::new();
        }
        Ok(())
    }

    fn advance(&mut self, bytes: Vec<u8>) -> Result<(), Fault> {
        self.state = match &self.state {
            State::Tail => {
                let found = zip::find_end(&bytes).ok_or_else(|| {
                    Fault::new("the file", PackageErrorKind::NotZip("it has no end record"))
                })?;
                self.tail = bytes;
                match found {
                    Tail::End(end) => self.with_end(end)?,
                    Tail::End64At(at) => {
                        let end = at.checked_add(zip::END64_BYTES);
                        let end = end.filter(|end| *end <= self.total_bytes).ok_or_else(|| {
                            Fault::damaged("ZIP64 end record", "it lies beyond the file")
                        })?;
                        State::End64(at..end)
                    }
                }
            }
            State::End64(_) => {
                let end = zip::end64(&bytes);
                self.with_end(end.ok_or_else(|| {
                    Fault::damaged("ZIP64 end record", "it is not where the file says")
                })?)?
            }
            State::LastRecord(end, _) => {
                let end = *end;
                let record = zip::last_record(&bytes, INDEX_NAME);
                match record.map(|record| self.index_range(end, record.offset, record.stored)) {
                    Some(Ok((range, stored))) => State::Index(end, range, stored),
                    Some(Err(fault)) => self.without_index(end, Some(fault))?,
                    None => self.without_index(end, None)?,
                }
            }
            State::Index(end, range, stored) => {
                let (end, start) = (*end, range.start);
                let entry = Entry {
                    path: INDEX_NAME.to_owned(),
                    range: range.clone(),
                    stored: Some(*stored),
                };
                let limits = PackageLimits {
                    max_entry_bytes: self.limits.max_directory_bytes,
                    ..self.limits
                };
                let read = extract::extract(&entry, &bytes, &limits);
                match read.and_then(|bytes| Directory::from_index(&bytes, start, end, &limits)) {
                    Ok(directory) => State::Ready(directory),
                    Err(fault) => self.without_index(end, Some(fault))?,
                }
            }
            State::Central(end) => {
                State::Ready(Directory::from_central(&bytes, *end, &self.limits)?)
            }
            State::Ready(_) => return Ok(()),
        };
        Ok(())
    }

    fn with_end(&self, end: End) -> Result<State, Fault> {
        let place = "end record";
        let after = end.start.checked_add(end.size);
        let after = after
            .filter(|after| *after <= self.total_bytes)
            .ok_or_else(|| Fault::damaged(place, "the central directory lies beyond the file"))?;
        limit(place, "entries", end.entries, self.limits.max_entries)?;
        let from = after - end.size.min(LAST_RECORD_BYTES);
        Ok(State::LastRecord(end, from..after))
    }

    fn index_range(
        &self,
        end: End,
        start: u64,
        stored: Stored,
    ) -> Result<(Range<u64>, Stored), Fault> {
        let most = self.limits.max_directory_bytes;
        limit(INDEX_NAME, "bytes", stored.compressed, most)?;
        // As the last entry it ends where the directory starts; what is in between may only be its header's rest.
        let last = start
            .checked_add(HEADER_BYTES)
            .and_then(|header| header.checked_add(stored.compressed));
        match last {
            Some(last) if start < end.start => Ok((start..last.min(end.start), stored)),
            _ => Err(Fault::damaged(INDEX_NAME, "it lies beyond the entries")),
        }
    }

    /// Goes on with the central directory.
    fn without_index(&mut self, end: End, why: Option<Fault>) -> Result<State, Fault> {
        self.note = Some(match why {
            None => format!("it has no {INDEX_NAME}; the ZIP directory is read instead"),
            Some(fault) => format!(
                "{}: {}; the ZIP directory is read instead",
                fault.place, fault.kind
            ),
        });
        let most = self.limits.max_directory_bytes;
        limit("central directory", "bytes", end.size, most)?;
        Ok(State::Central(end))
    }

    /// What was odd, for people: a package without an index, or with a damaged one.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Number of entries; none until the reader is ready.
    #[must_use]
    pub fn entries(&self) -> Option<usize> {
        match &self.state {
            State::Ready(directory) => Some(directory.len()),
            _ => None,
        }
    }

    /// The entries' paths in order, where the ZIP directory was read; the index has hashes alone.
    pub fn paths(&self) -> Option<impl Iterator<Item = &str>> {
        match &self.state {
            State::Ready(directory) => directory.paths(),
            _ => None,
        }
    }

    /// Where the file at a path lies; none where the package has no such file, or the reader is not ready.
    #[must_use]
    pub fn locate(&self, path: &str) -> Option<Entry> {
        let State::Ready(directory) = &self.state else {
            return None;
        };
        let path = directory::normalize(path)?;
        let (range, stored) = directory.find(&path)?;
        let most = range
            .start
            .saturating_add(HEADER_BYTES)
            .saturating_add(self.limits.max_entry_bytes);
        Some(Entry {
            path,
            range: range.start..range.end.min(most),
            stored,
        })
    }

    /// The file of an entry, out of the bytes of its range.
    ///
    /// # Errors
    /// Damage, a limit, encryption, or a compression other than deflate and Zstandard.
    pub fn extract(&self, entry: &Entry, bytes: &[u8]) -> Result<Vec<u8>, PackageError> {
        extract::extract(entry, bytes, &self.limits)
            .map_err(|fault| fault.in_package(&self.location))
    }

    /// Gets ready with a function that reads ranges at once, as from a disk.
    ///
    /// # Errors
    /// As [`Self::supply`], and the function's own.
    pub fn fill<E: std::fmt::Display>(
        &mut self,
        mut read: impl FnMut(Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<(), PackageError> {
        while let Step::Need(range) = self.step() {
            let bytes = read(range).map_err(|e| self.source("the directory", &e))?;
            self.supply(bytes)?;
        }
        Ok(())
    }

    /// Reads the file at a path with a function that reads ranges at once.
    ///
    /// # Errors
    /// No such file, or as [`Self::extract`], and the function's own.
    pub fn read<E: std::fmt::Display>(
        &self,
        path: &str,
        read: impl FnOnce(Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, PackageError> {
        let entry = self.locate(path).ok_or_else(|| {
            Fault::new(path, PackageErrorKind::NotFound).in_package(&self.location)
        })?;
        let bytes = read(entry.range.clone()).map_err(|e| self.source(path, &e))?;
        self.extract(&entry, &bytes)
    }

    fn source(&self, place: &str, cause: &dyn std::fmt::Display) -> PackageError {
        Fault::new(place, PackageErrorKind::Source(cause.to_string())).in_package(&self.location)
    }
}
