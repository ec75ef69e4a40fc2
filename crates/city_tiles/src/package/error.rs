//! What can be wrong with a package.

/// The cause of a [`PackageError`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageErrorKind {
    /// The bytes are no ZIP file.
    #[error("not a ZIP file: {0}")]
    NotZip(&'static str),
    /// Something that APPNOTE or the 3tz format forbids.
    #[error("damaged: {0}; write the package again")]
    Damaged(String),
    /// Allowed by ZIP, and not read.
    #[error("{0} is not supported; store the entry, or deflate it")]
    Unsupported(String),
    /// More of something than the limit allows.
    #[error("{found} {what} are more than the limit of {limit}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much there may be.
        limit: u64,
    },
    /// The bytes that were handed in are not those that were asked for.
    #[error("{have} bytes came where {need} were asked for")]
    WrongRange {
        /// Bytes asked for.
        need: u64,
        /// Bytes handed in.
        have: u64,
    },
    /// There is no such entry.
    #[error("the package has no such file")]
    NotFound,
    /// The package's bytes could not be had.
    #[error("{0}")]
    Source(String),
}

/// Why a package, or an entry of it, cannot be read: package, place and cause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{package}: {place}: {kind}")]
pub struct PackageError {
    /// The package's address (without its query).
    pub package: String,
    /// Where in it: a record, or an entry's path.
    pub place: String,
    /// What is wrong there.
    pub kind: PackageErrorKind,
}

/// A [`PackageError`] before the package is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub place: String,
    pub kind: PackageErrorKind,
}

impl Fault {
    pub(super) fn new(place: impl Into<String>, kind: PackageErrorKind) -> Self {
        Self {
            place: place.into(),
            kind,
        }
    }

    pub(super) fn damaged(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(place, PackageErrorKind::Damaged(what.into()))
    }

    pub(super) fn in_package(self, location: &str) -> PackageError {
        PackageError {
            package: crate::uri::short(location),
            place: self.place,
            kind: self.kind,
        }
    }
}

/// A fault where `found` is more than `limit`.
pub(super) fn limit(place: &str, what: &'static str, found: u64, limit: u64) -> Result<(), Fault> {
    if found <= limit {
        return Ok(());
    }
    Err(Fault::new(
        place,
        PackageErrorKind::Limit { what, found, limit },
    ))
}
