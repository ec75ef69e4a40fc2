//! Packages: the samples' archives against an independent reader, hostile ones, and what is made here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod hostile;
mod made;
mod samples;
mod streamed;
