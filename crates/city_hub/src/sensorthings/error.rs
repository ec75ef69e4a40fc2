//! What is wrong with a request.

use crate::store::StoreError;

/// What is wrong with a request, and the HTTP status that says so.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// 400: the request cannot be understood or asks for too much.
    #[error("{0}")]
    Bad(String),
    /// 404: there is no such entity or property.
    #[error("{0}")]
    NotFound(String),
    /// 501: part of the standard that this service does not have.
    #[error("{0}")]
    NotImplemented(String),
    /// 500: the store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl QueryError {
    pub(super) fn bad(what: impl Into<String>) -> Self {
        Self::Bad(what.into())
    }

    pub(super) fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound(what.into())
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Bad(_) | Self::Store(StoreError::TooMany { .. }) => 400,
            Self::NotFound(_) => 404,
            Self::NotImplemented(_) => 501,
            Self::Store(_) => 500,
        }
    }
}
