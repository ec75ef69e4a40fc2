//! Which entry lies where: by the index file, or by the central directory.

use super::error::{Fault, limit};
use super::md5::md5;
use super::zip::{self, End, Stored};
use super::{INDEX_NAME, PackageLimits};
use std::ops::Range;

/// The parts of a path with `/` between them: no leading slash, no empty part, no `.`; `..` takes a part back. None
/// where it leads out of the package.
pub(super) fn normalize(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// 3tz 1.3, "Reading and writing the index file": 24 bytes each.
#[derive(Clone, Copy)]
struct Indexed {
    hash: [u64; 2],
    offset: u64,
}

enum Entries {
    /// Ascending by hash.
    Index(Vec<Indexed>),
    /// Ascending by path.
    Central(Vec<(Box<str>, u64, Stored)>),
}

/// Where every entry lies.
pub(super) struct Directory {
    entries: Entries,
    /// Where local headers and the central directory start, ascending: an entry ends where the next thing starts, so
    /// that no two entries share bytes.
    starts: Vec<u64>,
}

fn halves(hash: &[u8; 16]) -> [u64; 2] {
    let (halves, _) = hash.as_chunks::<8>();
    [0, 1].map(|i| halves.get(i).map_or(0, |half| u64::from_le_bytes(*half)))
}

impl Directory {
    /// From the bytes of the index file, whose own local header starts at `own`.
    pub(super) fn from_index(
        bytes: &[u8],
        own: u64,
        end: End,
        limits: &PackageLimits,
    ) -> Result<Self, Fault> {
        if !bytes.len().is_multiple_of(24) {
            return Err(Fault::damaged(
                INDEX_NAME,
                "its length is not a multiple of 24",
            ));
        }
        limit(
            INDEX_NAME,
            "entries",
            bytes.len() as u64 / 24,
            limits.max_entries,
        )?;
        let mut index: Vec<Indexed> = bytes
            .as_chunks::<24>()
            .0
            .iter()
            .map(|raw| {
                let words = raw.as_chunks::<8>().0;
                let word = |i: usize| words.get(i).map_or(0, |word| u64::from_le_bytes(*word));
                Indexed {
                    hash: [word(0), word(1)],
                    offset: word(2),
                }
            })
            .collect();
        if let Some(beyond) = index.iter().find(|entry| entry.offset >= end.start) {
            let what = format!("an entry at byte {} lies beyond the entries", beyond.offset);
            return Err(Fault::damaged(INDEX_NAME, what));
        }
        // Some writers sort by the bytes of the hash.
        index.sort_unstable_by_key(|entry| entry.hash);
        if index.windows(2).any(|pair| pair[0].hash == pair[1].hash) {
            return Err(Fault::damaged(INDEX_NAME, "two entries share a hash"));
        }
        let starts = index
            .iter()
            .map(|entry| entry.offset)
            .chain([own, end.start]);
        Ok(Self {
            starts: ascending(starts.collect()),
            entries: Entries::Index(index),
        })
    }

    /// From the central directory.
    pub(super) fn from_central(
        bytes: &[u8],
        end: End,
        limits: &PackageLimits,
    ) -> Result<Self, Fault> {
        let (mut entries, mut starts) = (Vec::new(), vec![end.start]);
        zip::records(bytes, end, |record| {
            let place = "central directory";
            limit(
                place,
                "bytes of a name",
                record.name.len() as u64,
                limits.max_name_bytes,
            )?;
            if record.offset >= end.start {
                return Err(Fault::damaged(place, "an entry lies beyond the entries"));
            }
            starts.push(record.offset);
            let name = String::from_utf8_lossy(record.name);
            // Folders have entries of their own; nobody asks for them. A name that leads out of the package is no
            // file of it.
            let is_file = !name.ends_with('/') && !name.split(['/', '\\']).any(|part| part == "..");
            if let Some(name) = normalize(&name).filter(|_| is_file) {
                entries.push((name.into_boxed_str(), record.offset, record.stored));
            }
            Ok(())
        })?;
        entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(Self {
            entries: Entries::Central(entries),
            starts: ascending(starts),
        })
    }

    pub(super) fn len(&self) -> usize {
        match &self.entries {
            Entries::Index(index) => index.len(),
            Entries::Central(entries) => entries.len(),
        }
    }

    /// The bytes from an entry's local header to what follows it, and how it is stored where that is known already.
    /// The path is normalised.
    pub(super) fn find(&self, path: &str) -> Option<(Range<u64>, Option<Stored>)> {
        let (start, stored) = match &self.entries {
            Entries::Index(index) => {
                let hash = halves(&md5(path.as_bytes()));
                let at = index.binary_search_by_key(&hash, |entry| entry.hash).ok()?;
                (index.get(at)?.offset, None)
            }
            Entries::Central(entries) => {
                let at = entries
                    .binary_search_by(|entry| (*entry.0).cmp(path))
                    .ok()?;
                let (_, offset, stored) = entries.get(at)?;
                (*offset, Some(*stored))
            }
        };
        let next = self.starts.partition_point(|known| *known <= start);
        Some((start..*self.starts.get(next)?, stored))
    }

    /// The paths, where the central directory was read.
    pub(super) fn paths(&self) -> Option<impl Iterator<Item = &str>> {
        match &self.entries {
            Entries::Index(_) => None,
            Entries::Central(entries) => Some(entries.iter().map(|entry| &*entry.0)),
        }
    }
}

fn ascending(mut starts: Vec<u64>) -> Vec<u64> {
    starts.sort_unstable();
    starts.dedup();
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        assert_eq!(normalize("/a\\b/./c//d").as_deref(), Some("a/b/c/d"));
        assert_eq!(normalize("a/../b").as_deref(), Some("b"));
        assert_eq!(normalize("a/../../b"), None);
        assert_eq!(normalize("/"), None);
    }
}
