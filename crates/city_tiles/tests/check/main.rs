//! The checker against the expectations of a reference validator's own test files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod agreement;
mod hostile;
mod samples;
