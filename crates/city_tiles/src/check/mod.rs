//! Checking a whole tileset: tilesets, external tilesets, subtrees, metadata and contents, against the clauses of
//! 3D Tiles 1.0 and 1.1.
//!
//! The names of the issue types are those of CesiumGS's 3d-tiles-validator, so that people and tools that know one
//! can read the other; the checks are written from the standard. Nothing is opened here: files come through a
//! [`ContentSource`].

mod basic;
mod buffers;
mod content;
mod entity;
mod extensions;
mod gltf;
mod property;
mod property_table;
mod report;
mod schema;
mod semantics;
mod statistics;
mod subtree;
mod tile;
mod tileset;
mod tiling;
mod value;
mod volume;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;

use report::Report;
pub use report::{Issue, Severity};

use crate::Limits;
use crate::formats::DecodeOptions;
use crate::package::{PackageLimits, PackageReader};
use crate::stream::FetchError;
use crate::uri::InPackage;

/// Where files come from.
pub trait ContentSource {
    /// The bytes at a URL or path (never a `data:` URI).
    ///
    /// # Errors
    /// Why it cannot be had.
    fn read(&mut self, location: &str) -> Result<Vec<u8>, FetchError>;
}

/// How thoroughly to check.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// Read and decode tile contents, not only the tree.
    pub contents: bool,
    /// Limits on the tree.
    pub limits: Limits,
    /// Limits on contents.
    pub decode: DecodeOptions,
    /// Tiles, subtree bits and files looked at before the check gives up: a small file may describe more tiles than
    /// anybody can count.
    pub max_steps: u64,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self {
            contents: true,
            limits: Limits::default(),
            decode: DecodeOptions::default(),
            max_steps: 100_000_000,
        }
    }
}

/// What a check found and how much it looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckResult {
    /// In the order of the files.
    pub issues: Vec<Issue>,
    /// Tileset JSON files read.
    pub tilesets: u64,
    /// Tiles, explicit and implicit.
    pub tiles: u64,
    /// Subtree files read.
    pub subtrees: u64,
    /// Contents read.
    pub contents: u64,
}

impl CheckResult {
    /// Whether anything is wrong, as against odd.
    pub fn has_errors(&self) -> bool {
        self.issues.iter().any(|i| i.severity == Severity::Error)
    }
}

/// Checks the tileset at a URL or path, with all that it refers to.
pub fn check(source: &mut dyn ContentSource, root: &str, options: &CheckOptions) -> CheckResult {
    let mut checker = Checker::new(source, options);
    let mut report = Report::default();
    match checker.read(root) {
        Ok(bytes) if is_package(&bytes) => {
            let what = "it is a packed tileset, a ZIP file that is not called .3tz or a database that is not called .3dtiles: rename it, or unpack it and check its tileset.json";
            report.add(
                "IO_ERROR",
                "",
                format!("{}: {what}", crate::uri::short(root)),
            );
        }
        Ok(bytes) if tileset::is_json_object(&bytes) || !is_binary_content(&bytes) => {
            checker.tileset_bytes(&mut report, root, &bytes);
        }
        Ok(bytes) => checker.content_bytes(&mut report, "", root, bytes),
        Err(cause) => {
            report.add(
                "IO_ERROR",
                "",
                format!("{}: {cause}", crate::uri::short(root)),
            );
        }
    }
    CheckResult {
        issues: report.into_issues(),
        tilesets: checker.tilesets,
        tiles: checker.tiles,
        subtrees: checker.subtrees,
        contents: checker.contents,
    }
}

/// A whole tileset in one archive or database file.
fn is_package(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"SQLite format 3\0")
}

fn slice(bytes: &[u8], range: Range<u64>) -> Result<Vec<u8>, &'static str> {
    let range = range.start as usize..range.end as usize;
    bytes
        .get(range)
        .map(<[u8]>::to_vec)
        .ok_or("beyond the package")
}

fn is_binary_content(bytes: &[u8]) -> bool {
    [&b"glTF"[..], b"b3dm", b"i3dm", b"pnts", b"cmpt"]
        .iter()
        .any(|magic| bytes.starts_with(magic))
}

/// Checks a metadata schema (3D Metadata, "Schemas") by itself.
pub fn check_schema(schema: &Value) -> Vec<Issue> {
    let mut report = Report::default();
    schema::check(&mut report, "", schema);
    report.into_issues()
}

/// Checks the structure of `buffers` and `bufferViews`, as subtrees have them.
pub fn check_buffers(json: &Value) -> Vec<Issue> {
    let mut report = Report::default();
    buffers::check(&mut report, "", json, true);
    report.into_issues()
}

/// Checks a property table's definition against its schema.
pub fn check_property_table(table: &Value, buffer_views: usize, schema: &Value) -> Vec<Issue> {
    let mut report = Report::default();
    property_table::check(&mut report, "", table, buffer_views, schema);
    report.into_issues()
}

/// Checks one subtree file, for a tile with this `implicitTiling`, in a tileset with this schema.
pub fn check_subtree(
    source: &mut dyn ContentSource,
    location: &str,
    tiling: &Value,
    schema: Option<&Value>,
) -> Vec<Issue> {
    let options = CheckOptions::default();
    let mut checker = Checker::new(source, &options);
    let mut report = Report::default();
    if let Some(tiling) = tiling::check(&mut report, "", tiling)
        && tiling::check_size(&mut report, "", &tiling, &options.limits)
    {
        match checker.read(location) {
            Ok(bytes) => {
                checker.subtree_bytes(
                    &mut report,
                    "",
                    location,
                    bytes,
                    &tiling,
                    schema::State::of(schema),
                );
            }
            Err(cause) => {
                report.add(
                    "IO_ERROR",
                    "",
                    format!("{}: {cause}", crate::uri::short(location)),
                );
            }
        }
    }
    report.into_issues()
}

/// Checks one content by itself: what would be the causes of its issue in a tileset.
pub fn check_content(source: &mut dyn ContentSource, location: &str) -> Vec<Issue> {
    let options = CheckOptions::default();
    let checker = Checker::new(source, &options);
    let mut report = Report::default();
    match checker.read(location) {
        Ok(bytes) => checker.binary(&mut report, location, &bytes, 0),
        Err(cause) => {
            report.add(
                "IO_ERROR",
                "",
                format!("{}: {cause}", crate::uri::short(location)),
            );
        }
    }
    report.into_issues()
}

/// The state of a check that goes through files.
struct Checker<'a> {
    source: RefCell<&'a mut dyn ContentSource>,
    options: &'a CheckOptions,
    /// The tilesets being read, outermost first: one that comes again is a cycle.
    active: Vec<String>,
    tilesets: u64,
    tiles: u64,
    subtrees: u64,
    contents: u64,
    /// What contents turned out to be, by address: tiles may share them.
    known: HashMap<String, Known>,
    steps: u64,
    /// The package that was read last: most of a packed tileset is in one.
    package: RefCell<Option<(String, Vec<u8>, PackageReader)>>,
}

/// A content that has been looked at.
#[derive(Clone)]
struct Known {
    extension: Option<&'static str>,
    causes: Vec<Issue>,
}

impl<'a> Checker<'a> {
    fn new(source: &'a mut dyn ContentSource, options: &'a CheckOptions) -> Self {
        Self {
            source: RefCell::new(source),
            options,
            active: Vec::new(),
            tilesets: 0,
            tiles: 0,
            subtrees: 0,
            contents: 0,
            known: HashMap::new(),
            steps: 0,
            package: RefCell::new(None),
        }
    }

    /// Counts work; `false` when there has been too much of it, which is told once.
    fn step(&mut self, r: &mut Report, path: &str, count: u64) -> bool {
        let max = self.options.max_steps;
        let was_over = self.steps > max;
        self.steps = self.steps.saturating_add(count);
        if self.steps <= max {
            return true;
        }
        if !was_over {
            let what = format!(
                "the check stops here, after {max} tiles and files; the rest has not been looked at"
            );
            r.add("INTERNAL_ERROR", path, what);
        }
        false
    }

    /// The bytes at a location, without transfer compression.
    fn read(&self, location: &str) -> Result<Vec<u8>, String> {
        let bytes = match crate::uri::decode_data(location) {
            Some(bytes) => bytes.map_err(|e| e.to_string())?,
            None => match crate::uri::package_of(location) {
                Some(place) if !place.is_database() => self.read_packed(&place)?,
                // A database is read by row: the source knows how.
                _ => self.read_whole(location)?,
            },
        };
        crate::tileset::gunzip(bytes, self.options.limits.max_content_bytes)
    }

    fn read_whole(&self, location: &str) -> Result<Vec<u8>, String> {
        let mut source = self.source.borrow_mut();
        source.read(location).map_err(|e| e.to_string())
    }

    /// A file inside a package. The package is read whole, and kept while the next files are in it too.
    fn read_packed(&self, place: &InPackage) -> Result<Vec<u8>, String> {
        let mut held = self.package.borrow_mut();
        if held
            .as_ref()
            .is_none_or(|(location, ..)| *location != place.package)
        {
            *held = None;
            let bytes = self.read_whole(&place.package)?;
            let limits = PackageLimits::default();
            let reader = PackageReader::new(&place.package, bytes.len() as u64, limits);
            let mut reader = reader.map_err(|e| e.to_string())?;
            reader
                .fill(|range| slice(&bytes, range))
                .map_err(|e| e.to_string())?;
            *held = Some((place.package.clone(), bytes, reader));
        }
        let Some((_, bytes, reader)) = held.as_ref() else {
            return Err("the package is not there".to_owned());
        };
        let read = reader.read(&place.path, |range| slice(bytes, range));
        read.map_err(|e| e.to_string())
    }
}
