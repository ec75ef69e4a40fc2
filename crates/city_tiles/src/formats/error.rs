//! What can be wrong with tile content.

/// The cause of a [`DecodeError`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeErrorKind {
    /// The bytes are no tile content at all.
    #[error("not tile content: {0}; expected glTF, GLB, b3dm, i3dm, pnts, cmpt or GeoJSON")]
    NotTileContent(String),
    /// A known format that is not read yet.
    #[error("{0} cannot be drawn yet; convert the tileset to 3D Tiles 1.1 (glTF)")]
    UnsupportedFormat(String),
    /// A version of a known format that is not read.
    #[error(
        "version {0} is not supported; convert the tileset to glTF 2.0 (3d-tiles-tools upgrade)"
    )]
    UnsupportedVersion(String),
    /// Extensions that the file requires and that are not implemented.
    #[error("requires {0}, which is not supported; write the tiles without it")]
    UnsupportedExtension(String),
    /// The file ends too early.
    #[error("cut short: {need} bytes are needed, {have} are there; fetch or write the file again")]
    Truncated {
        /// Bytes needed.
        need: u64,
        /// Bytes there.
        have: u64,
    },
    /// JSON that does not parse, or not as it should.
    #[error("bad JSON: {0}")]
    Json(String),
    /// Something that the standard forbids.
    #[error("{0}")]
    Invalid(String),
    /// A file beside this one that is not there.
    #[error("the file {0} that belongs to it could not be read")]
    MissingResource(String),
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
    /// Compressed geometry that does not decompress.
    #[error("compressed geometry is damaged: {0}")]
    Compression(String),
    /// An image that does not decode.
    #[error("image cannot be read: {0}")]
    Image(String),
    /// NaN or infinity among the positions.
    #[error("position {0} is not a finite number")]
    NotFinite(u64),
}

/// Why content cannot be drawn: file, place, cause and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url}: {place}: {kind}")]
pub struct DecodeError {
    /// The content's address (shortened where it is a long `data:` URI).
    pub url: String,
    /// Where in the file.
    pub place: String,
    /// What is wrong there.
    pub kind: DecodeErrorKind,
}

/// A [`DecodeError`] before the file is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    place: String,
    kind: DecodeErrorKind,
}

impl Fault {
    /// A fault at a place.
    pub(crate) fn new(place: impl Into<String>, kind: DecodeErrorKind) -> Self {
        Self {
            place: place.into(),
            kind,
        }
    }

    /// Something that the standard forbids, at a place.
    pub(crate) fn invalid(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(place, DecodeErrorKind::Invalid(what.into()))
    }

    /// The same fault, with its place inside another.
    pub(crate) fn inside(mut self, place: &str) -> Self {
        self.place = format!("{place}.{}", self.place);
        self
    }

    pub(crate) fn in_file(self, url: &str) -> DecodeError {
        DecodeError {
            url: crate::uri::short(url),
            place: self.place,
            kind: self.kind,
        }
    }

    /// Place and cause, without the file: for warnings.
    pub(crate) fn text(&self) -> String {
        format!("{}: {}", self.place, self.kind)
    }
}

/// A fault where `found` is more than `limit`.
pub(crate) fn limit(
    place: &str,
    what: &'static str,
    found: usize,
    limit: usize,
) -> Result<(), Fault> {
    if found <= limit {
        return Ok(());
    }
    Err(Fault::new(
        place,
        DecodeErrorKind::Limit {
            what,
            found: found as u64,
            limit: limit as u64,
        },
    ))
}
