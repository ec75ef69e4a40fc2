//! What is wrong with one operation, for the person who made it.

use std::fmt;

use serde::Serialize;

/// An operation that is wrong, or right in part. The others hold all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where it stands in the list, from 0.
    pub operation: usize,
    /// Id of the operation.
    pub id: String,
    /// Line and column in the file, from 1; columns count characters.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub cause: String,
    /// What to do about it; may be empty.
    pub advice: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "operation {} (\"{}\"", self.operation + 1, self.id)?;
        if let Some((line, column)) = self.place {
            write!(f, ", line {line}, column {column}")?;
        }
        write!(f, "): {}", self.cause)?;
        if !self.advice.is_empty() {
            write!(f, ". {}", self.advice)?;
        }
        Ok(())
    }
}
