//! Where a computed value comes from.

use std::fmt;

/// Which model made a value, and what the value may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provenance {
    /// Name of the model.
    pub model: &'static str,
    /// Version of the implementation.
    pub version: &'static str,
    /// Stated accuracy and limits, for people to read.
    pub validity: &'static str,
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.model, self.version, self.validity)
    }
}

/// A value with where it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Computed<T> {
    /// The value.
    pub value: T,
    /// Its origin.
    pub by: Provenance,
}
