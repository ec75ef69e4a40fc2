//! Tilesets in packages (`.3tz`): a file inside one is a range of it, on disk or on a server.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use city_tiles::package::{PackageLimits, PackageReader};
use city_tiles::uri::InPackage;

use super::super::FetchFailure;
use super::fetch::unread;

/// A package, once its directory has been read.
type Slot = Arc<Mutex<Option<Arc<PackageReader>>>>;

/// Packages that are open, by their address.
static OPEN: OnceLock<Mutex<HashMap<String, Slot>>> = OnceLock::new();

/// More packages than so many are not kept open.
const MOST_OPEN: usize = 64;

/// Where a package's bytes come from.
pub(super) trait Source {
    /// How large the package is, bytes.
    fn size(&self) -> Result<u64, FetchFailure>;
    /// These bytes of it.
    fn range(&self, range: Range<u64>) -> Result<Vec<u8>, FetchFailure>;
}

/// A file of this machine.
pub(super) struct OnDisk(pub String);

impl Source for OnDisk {
    fn size(&self) -> Result<u64, FetchFailure> {
        std::fs::metadata(&self.0)
            .map(|about| about.len())
            .map_err(|error| unread(&self.0, &error))
    }

    fn range(&self, range: Range<u64>) -> Result<Vec<u8>, FetchFailure> {
        let read = || {
            let mut file = std::fs::File::open(&self.0)?;
            file.seek(SeekFrom::Start(range.start))?;
            let length = range.end.saturating_sub(range.start);
            let mut bytes = Vec::new();
            file.take(length).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|error: std::io::Error| unread(&self.0, &error))
    }
}

/// Reads a file inside a package.
pub(super) fn read(place: &InPackage, source: &dyn Source) -> Result<Vec<u8>, FetchFailure> {
    let reader = open(place, source)?;
    if reader.locate(&place.path).is_none() {
        return Err(FetchFailure::Status(404));
    }
    reader
        .read(&place.path, |range| source.range(range))
        .map_err(|error| FetchFailure::Network(error.to_string()))
}

fn open(place: &InPackage, source: &dyn Source) -> Result<Arc<PackageReader>, FetchFailure> {
    // A thread that died here left the list, and the package, whole.
    let slot = {
        let mut open = OPEN
            .get_or_init(Mutex::default)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MOST_OPEN && !open.contains_key(&place.package) {
            open.clear();
        }
        open.entry(place.package.clone()).or_default().clone()
    };
    // Held while the directory is read, so that it is read once; other packages do not wait for it.
    let mut known = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(reader) = &*known {
        return Ok(reader.clone());
    }
    let bad = |error: &dyn std::fmt::Display| FetchFailure::Network(error.to_string());
    let size = source.size()?;
    let mut reader = PackageReader::new(&place.package, size, PackageLimits::default())
        .map_err(|error| bad(&error))?;
    reader
        .fill(|range| source.range(range))
        .map_err(|error| bad(&error))?;
    if let Some(note) = reader.note() {
        tracing::warn!("{}: {note}", city_tiles::uri::short(&place.package));
    }
    let reader = Arc::new(reader);
    *known = Some(reader.clone());
    Ok(reader)
}
