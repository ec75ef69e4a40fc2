//! `belvedere check`.

use std::io::Write as _;

use anyhow::bail;
use belvedere::platform::read_now;
use city_tiles::check::{CheckOptions, CheckResult, ContentSource, Issue, Severity, check};
use city_tiles::stream::FetchError;
use clap::Args;
use serde::Serialize;

/// Options of `belvedere check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// A tileset.json, or a single content (.glb, .gltf, .b3dm), by path or URL.
    #[arg(value_name = "PATH_OR_URL")]
    tileset: String,
    /// Write `{"issues": [...]}` instead of lines.
    #[arg(long)]
    json: bool,
    /// Leave tile contents out: only tilesets and subtrees.
    #[arg(long)]
    no_contents: bool,
}

/// Files and addresses, as the viewer reads them.
struct Platform;

impl ContentSource for Platform {
    fn read(&mut self, location: &str) -> Result<Vec<u8>, FetchError> {
        read_now(location).map_err(FetchError::from)
    }
}

/// One issue as `--json` writes it.
#[derive(Serialize)]
struct Line<'a> {
    severity: String,
    #[serde(rename = "type")]
    kind: &'a str,
    path: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<Line<'a>>,
}

impl<'a> Line<'a> {
    fn of(issue: &'a Issue) -> Self {
        Self {
            severity: issue.severity.to_string(),
            kind: issue.kind,
            path: &issue.path,
            message: &issue.message,
            causes: issue.causes.iter().map(Self::of).collect(),
        }
    }
}

pub fn run(args: &CheckArgs) -> anyhow::Result<()> {
    let options = CheckOptions {
        contents: !args.no_contents,
        ..CheckOptions::default()
    };
    let result = check(&mut Platform, &args.tileset, &options);
    let mut out = std::io::stdout().lock();
    if args.json {
        #[derive(Serialize)]
        struct All<'a> {
            issues: Vec<Line<'a>>,
        }
        let issues = result.issues.iter().map(Line::of).collect();
        serde_json::to_writer_pretty(&mut out, &All { issues })?;
        writeln!(out)?;
    } else {
        for issue in &result.issues {
            write_issue(&mut out, issue, 0)?;
        }
        writeln!(out, "{}", summary(&result))?;
    }
    if result.has_errors() {
        let errors = count(&result, Severity::Error);
        bail!("{}: {errors} errors", args.tileset);
    }
    Ok(())
}

fn write_issue(out: &mut impl std::io::Write, issue: &Issue, depth: usize) -> std::io::Result<()> {
    let indent = "  ".repeat(depth);
    let Issue {
        severity,
        kind,
        path,
        message,
        causes,
    } = issue;
    // The whole file has no path inside itself.
    let place = if path.is_empty() {
        String::new()
    } else {
        format!(" at {path}")
    };
    writeln!(out, "{indent}{severity} {kind}{place}: {message}")?;
    causes
        .iter()
        .try_for_each(|cause| write_issue(out, cause, depth + 1))
}

fn count(result: &CheckResult, severity: Severity) -> usize {
    result
        .issues
        .iter()
        .filter(|issue| issue.severity == severity)
        .count()
}

fn summary(result: &CheckResult) -> String {
    format!(
        "{} errors, {} warnings, {} remarks in {} tilesets, {} tiles, {} subtrees and {} contents",
        count(result, Severity::Error),
        count(result, Severity::Warning),
        count(result, Severity::Info),
        result.tilesets,
        result.tiles,
        result.subtrees,
        result.contents
    )
}
