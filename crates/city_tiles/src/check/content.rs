//! Contents: external tilesets, and the formats that this crate decodes.

use super::report::{Report, Summary};
use super::{Checker, Known, tileset};
use crate::formats::{self, DecodeErrorKind};
use crate::uri;

/// How deep composites may nest.
const MAX_NESTING: u32 = 8;

/// Whether a location is in a package that the file which names it is not in.
fn enters_package(container: &str, location: &str) -> bool {
    let package = |location: &str| uri::package_of(location).map(|place| place.package);
    let packed = package(location);
    packed.is_some() && packed != package(container)
}

impl Checker<'_> {
    /// Checks what a content's URI points to.
    pub(super) fn content(&mut self, r: &mut Report, path: &str, base: &str, uri: &str) {
        let name = uri::short(uri).to_ascii_lowercase();
        let is_tileset = name.ends_with(".json") || name.ends_with(".3tz");
        if !self.options.contents && !is_tileset {
            return;
        }
        if !self.step(r, path, 1) {
            return;
        }
        let location = match uri::resolve(base, uri) {
            Ok(location) => location,
            Err(cause) => {
                let what = format!("{}: {cause}", uri::short(uri));
                r.add("CONTENT_VALIDATION_ERROR", path, what);
                return;
            }
        };
        if enters_package(base, &location) {
            r.found.insert("MAXAR_content_3tz".to_owned());
        }
        if let Some(known) = self.known.get(&location).cloned() {
            self.contents += 1;
            r.found.extend(known.extension.map(str::to_owned));
            r.add_summary(Summary::Content, path, &location, known.causes);
            return;
        }
        match self.read(&location) {
            Ok(bytes) => self.content_bytes(r, path, &location, bytes),
            Err(cause) => {
                let what = format!("{}: {cause}", uri::short(uri));
                r.add("CONTENT_VALIDATION_ERROR", path, what);
            }
        }
    }

    pub(super) fn content_bytes(
        &mut self,
        r: &mut Report,
        path: &str,
        location: &str,
        bytes: Vec<u8>,
    ) {
        let is_gltf_name = uri::short(location).ends_with(".gltf");
        if tileset::is_json_object(&bytes) && !is_gltf_name {
            let json = serde_json::from_slice::<serde_json::Value>(&bytes);
            if json.is_err() || json.is_ok_and(|j| crate::tileset::is_tileset(&j)) {
                return self.external_tileset(r, path, location, &bytes);
            }
        }
        self.contents += 1;
        let mut inner = Report::default();
        let is_gltf = bytes.starts_with(b"glTF") || is_gltf_name || tileset::is_json_object(&bytes);
        let is_archive = bytes.starts_with(b"PK\x03\x04");
        let extension = if is_gltf {
            Some("3DTILES_content_gltf")
        } else if is_archive {
            Some("MAXAR_content_3tz")
        } else {
            None
        };
        self.binary(&mut inner, location, &bytes, 0);
        let known = Known {
            extension,
            causes: inner.into_issues(),
        };
        r.found.extend(extension.map(str::to_owned));
        r.add_summary(Summary::Content, path, location, known.causes.clone());
        self.known.insert(location.to_owned(), known);
    }

    fn external_tileset(&mut self, r: &mut Report, path: &str, location: &str, bytes: &[u8]) {
        if self.active.iter().any(|a| a == location) {
            let what = format!("{}: it contains itself", uri::short(location));
            r.add("CONTENT_VALIDATION_ERROR", path, what);
            return;
        }
        if self.active.len() > self.options.limits.max_external_depth as usize {
            let what = format!(
                "{}: too many external tilesets inside each other",
                uri::short(location)
            );
            r.add("CONTENT_VALIDATION_ERROR", path, what);
            return;
        }
        let mut inner = Report::default();
        self.tileset_bytes(&mut inner, location, bytes);
        // What an external tileset uses, its container uses.
        r.found.extend(inner.found.iter().cloned());
        let container = self.active.last().map_or("", String::as_str);
        // The reference takes a package for a content, whatever is in it.
        let summary = if enters_package(container, location) {
            Summary::Content
        } else {
            Summary::Tileset
        };
        r.add_summary(summary, path, location, inner.into_issues());
    }

    /// Checks a content that is not a tileset.
    pub(super) fn binary(&self, r: &mut Report, location: &str, bytes: &[u8], depth: u32) {
        let magic = bytes.get(..4).unwrap_or_default();
        match magic {
            b"b3dm" | b"i3dm" | b"pnts" => {
                if check_batch_header(r, location, bytes) {
                    self.decode(r, location, bytes);
                    check_uri_padding(r, location, bytes);
                }
            }
            b"cmpt" => self.composite(r, location, bytes, depth),
            b"vctr" | b"geom" => not_read(r, location, "this kind of content has not been checked"),
            _ if bytes.starts_with(b"PK\x03\x04") => {
                not_read(r, location, "this archive has not been checked")
            }
            _ => self.decode(r, location, bytes),
        }
    }

    fn composite(&self, r: &mut Report, location: &str, bytes: &[u8], depth: u32) {
        if !check_length(r, location, bytes, 16) {
            return;
        }
        let count = word(bytes, 12).unwrap_or(0);
        let mut at = 16usize;
        for _ in 0..count {
            let length = bytes.get(at..).and_then(|b| word(b, 8)).unwrap_or(0) as usize;
            let Some(inner) = at
                .checked_add(length)
                .and_then(|end| bytes.get(at..end))
                .filter(|b| b.len() >= 12)
            else {
                r.add(
                    "BINARY_INVALID_LENGTH",
                    location,
                    format!("inner tile at byte {at} goes beyond the file"),
                );
                return;
            };
            if depth < MAX_NESTING {
                self.binary(r, location, inner, depth + 1);
            }
            at += length;
        }
    }

    fn decode(&self, r: &mut Report, location: &str, bytes: &[u8]) {
        let model = glb_inside(bytes);
        if !model.is_empty() {
            super::gltf::check(r, location, model, &|at| self.read(at));
        }
        if !r.is_empty() {
            return;
        }
        let external = |at: &str| self.read(at).ok();
        match formats::decode(bytes, location, &external, &self.options.decode) {
            Ok(tile) => {
                for warning in tile.warnings {
                    r.add("CONTENT_VALIDATION_INFO", location, warning);
                }
            }
            Err(error) => {
                let kind = match &error.kind {
                    DecodeErrorKind::UnsupportedFormat(_)
                    | DecodeErrorKind::UnsupportedExtension(_) => {
                        return not_read(r, location, &error.to_string());
                    }
                    DecodeErrorKind::NotTileContent(_) => "CONTENT_VALIDATION_WARNING",
                    DecodeErrorKind::MissingResource(_) => "IO_ERROR",
                    DecodeErrorKind::Truncated { .. } => "BINARY_INVALID_LENGTH",
                    DecodeErrorKind::Json(_) => "JSON_PARSE_ERROR",
                    _ => "GLTF_INVALID",
                };
                r.add(kind, location, error.to_string());
            }
        }
    }
}

fn not_read(r: &mut Report, location: &str, what: &str) {
    r.add("CONTENT_VALIDATION_INFO", location, what);
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..at + 4)
        .and_then(|b| b.try_into().ok())
        .map(u32::from_le_bytes)
}

/// Magic, version 1 and the length, as all 1.0 formats begin.
fn check_length(r: &mut Report, location: &str, bytes: &[u8], header: usize) -> bool {
    let (Some(version), Some(length)) = (word(bytes, 4), word(bytes, 8)) else {
        return r.add("IO_ERROR", location, "it ends inside its header");
    };
    if bytes.len() < header {
        return r.add("IO_ERROR", location, "it ends inside its header");
    }
    if version != 1 {
        return r.add(
            "BINARY_INVALID_VALUE",
            location,
            format!("its version is {version}, not 1"),
        );
    }
    if length as usize != bytes.len() {
        let what = format!(
            "its header announces {length} bytes, it has {}",
            bytes.len()
        );
        return r.add("BINARY_INVALID_LENGTH", location, what);
    }
    length % 8 == 0 || {
        let what = format!("its length of {length} bytes is not a multiple of 8");
        r.add("BINARY_INVALID_ALIGNMENT", location, what)
    }
}

/// The header of b3dm, i3dm and pnts: four section lengths that should end at multiples of 8; whether they fit the
/// file.
fn check_batch_header(r: &mut Report, location: &str, bytes: &[u8]) -> bool {
    let header = if bytes.starts_with(b"i3dm") { 32 } else { 28 };
    if !check_length(r, location, bytes, header) {
        return false;
    }
    let mut end = header as u64;
    for (at, what) in [
        (12, "feature table JSON"),
        (16, "feature table"),
        (20, "batch table JSON"),
        (24, "batch table"),
    ] {
        end += u64::from(word(bytes, at).unwrap_or(0));
        if end > bytes.len() as u64 {
            return r.add(
                "BINARY_INVALID_LENGTH",
                location,
                format!("its {what} goes beyond the file"),
            );
        }
        // Told once; the sections can be read all the same.
        if !end.is_multiple_of(8) && r.is_empty() {
            r.add(
                "BINARY_INVALID_ALIGNMENT",
                location,
                format!("its {what} ends at byte {end}, not a multiple of 8"),
            );
        }
    }
    true
}

/// The URI in an i3dm is padded with spaces (3D Tiles 1.0, 10.2.2); zeros are read and told.
fn check_uri_padding(r: &mut Report, location: &str, bytes: &[u8]) {
    let has_uri = bytes.starts_with(b"i3dm") && word(bytes, 28) == Some(0);
    let uri = bytes.get(body_at(bytes, 32)..).unwrap_or_default();
    if has_uri && uri.contains(&0) {
        let what = "the URI of its model is padded with zeros, not with spaces";
        r.add("CONTENT_VALIDATION_WARNING", location, what);
    }
}

/// Where the sections after a header of so many bytes end.
fn body_at(bytes: &[u8], header: usize) -> usize {
    let sections = [12, 16, 20, 24]
        .into_iter()
        .filter_map(|at| word(bytes, at));
    sections.fold(header, |sum, length| sum.saturating_add(length as usize))
}

/// The glTF in a b3dm or i3dm whose header is in order; nothing of a tile that has none inside; other bytes as
/// they are.
fn glb_inside(bytes: &[u8]) -> &[u8] {
    let header = match bytes.get(..4).unwrap_or_default() {
        b"b3dm" => 28usize,
        b"i3dm" if word(bytes, 28) == Some(1) => 32,
        b"i3dm" | b"pnts" => return &[],
        _ => return bytes,
    };
    bytes.get(body_at(bytes, header)..).unwrap_or_default()
}
