//! Issues, and the list they are collected in.

use std::collections::BTreeSet;
use std::fmt;

/// How bad an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Against the standard.
    Error,
    /// Allowed, but most likely not meant.
    Warning,
    /// Worth knowing.
    Info,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
            Self::Info => "INFO",
        })
    }
}

/// One thing that is wrong or odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// Its type, named as 3d-tiles-validator names it.
    pub kind: &'static str,
    /// JSON pointer into the tileset, or the content's address.
    pub path: String,
    /// What is wrong, in words.
    pub message: String,
    /// For an external tileset or a content: what is wrong inside it.
    pub causes: Vec<Issue>,
}

impl Issue {
    /// This issue and its causes, outermost first.
    pub fn flattened(&self) -> Vec<&Issue> {
        let mut out = vec![self];
        for cause in &self.causes {
            out.extend(cause.flattened());
        }
        out
    }
}

const WARNINGS: &[&str] = &[
    "ARRAY_LENGTH_UNEXPECTED",
    "ASSET_VERSION_UNKNOWN",
    "BUFFERS_WITHOUT_BUFFER_VIEWS",
    "CONTENT_VALIDATION_WARNING",
    "EXTENSION_NOT_SUPPORTED",
    "EXTENSION_USED_BUT_NOT_FOUND",
    "EXTERNAL_TILESET_VALIDATION_WARNING",
    "IO_WARNING",
    "TEMPLATE_URI_MISSING_VARIABLE_NAME",
    "TEXTURE_CHANNELS_SIZE_MISMATCH",
    "TILE_GEOMETRIC_ERRORS_INCONSISTENT",
    "TILE_REFINE_WRONG_CASE",
    "TYPE_UNEXPECTED",
];
const INFOS: &[&str] = &[
    "CONTENT_VALIDATION_INFO",
    "EXTERNAL_TILESET_VALIDATION_INFO",
    "METADATA_SEMANTIC_UNKNOWN",
];

/// Issues kept for one file; a broken file may have millions.
const MAX_ISSUES: usize = 2000;

/// Issues of one file, and the extensions that it turned out to use.
#[derive(Debug, Default)]
pub(super) struct Report {
    issues: Vec<Issue>,
    left_out: u64,
    pub found: BTreeSet<String>,
}

impl Report {
    /// Adds an issue; `false`, so that checks can end with it.
    pub fn add(&mut self, kind: &'static str, path: &str, message: impl Into<String>) -> bool {
        self.add_with_causes(kind, path, message, Vec::new())
    }

    pub fn add_with_causes(
        &mut self,
        kind: &'static str,
        path: &str,
        message: impl Into<String>,
        causes: Vec<Issue>,
    ) -> bool {
        let severity = match kind {
            kind if WARNINGS.contains(&kind) => Severity::Warning,
            kind if INFOS.contains(&kind) => Severity::Info,
            _ => Severity::Error,
        };
        // That the check itself ended early is never left out.
        if self.issues.len() < MAX_ISSUES || kind == "INTERNAL_ERROR" {
            self.issues.push(Issue {
                severity,
                kind,
                path: path.to_owned(),
                message: message.into(),
                causes,
            });
        } else {
            self.left_out += 1;
        }
        false
    }

    pub fn is_empty(&self) -> bool {
        self.issues.is_empty()
    }

    pub fn into_issues(mut self) -> Vec<Issue> {
        if self.left_out > 0 {
            self.issues.push(Issue {
                severity: Severity::Info,
                kind: "INTERNAL_ERROR",
                path: String::new(),
                message: format!("{} more issues are left out", self.left_out),
                causes: Vec::new(),
            });
        }
        self.issues
    }

    /// Adds what a content's own check found, as one issue of the kind that fits the worst of it.
    pub fn add_summary(&mut self, prefix: Summary, path: &str, location: &str, causes: Vec<Issue>) {
        let Some(worst) = causes.iter().map(|i| i.severity).min() else {
            return;
        };
        let (kind, words) = match (prefix, worst) {
            (Summary::Content, Severity::Error) => {
                ("CONTENT_VALIDATION_ERROR", "the content has errors")
            }
            (Summary::Content, Severity::Warning) => {
                ("CONTENT_VALIDATION_WARNING", "the content has oddities")
            }
            (Summary::Content, Severity::Info) => ("CONTENT_VALIDATION_INFO", "about the content"),
            (Summary::Tileset, Severity::Error) => (
                "EXTERNAL_TILESET_VALIDATION_ERROR",
                "the tileset has errors",
            ),
            (Summary::Tileset, Severity::Warning) => (
                "EXTERNAL_TILESET_VALIDATION_WARNING",
                "the tileset has oddities",
            ),
            (Summary::Tileset, Severity::Info) => {
                ("EXTERNAL_TILESET_VALIDATION_INFO", "about the tileset")
            }
        };
        let first = causes
            .first()
            .map(|c| format!(": {}", c.message))
            .unwrap_or_default();
        let message = format!("{}: {words}{first}", crate::uri::short(location));
        self.add_with_causes(kind, path, message, causes);
    }
}

/// What an [`Issue`] with causes is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Summary {
    Content,
    Tileset,
}
