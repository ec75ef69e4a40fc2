//! Composite tiles of 3D Tiles 1.0: several tiles in one file, composites among them.
//!
//! Clauses: 3D Tiles 1.0, 10.4 "Composite". An inner tile that cannot be read costs itself and a
//! warning; only a composite of which nothing can be read is a fault.

use super::bytes::u32_at;
use super::error::{DecodeErrorKind, Fault};
use super::{DecodeOptions, Input, format_of};
use crate::prepared::PreparedTile;
use std::collections::BTreeSet;

/// How deep composites may nest.
const MAX_DEPTH: usize = 8;
/// Most inner tiles of a file, at all depths together.
const MAX_INNER: usize = 1024;

/// Whether bytes are a cmpt.
#[must_use]
pub fn is_cmpt(bytes: &[u8]) -> bool {
    bytes.starts_with(b"cmpt")
}

/// The inner tiles that are no composites, in order.
#[derive(Default)]
struct Inner<'a> {
    /// Where in the file, and the bytes.
    tiles: Vec<(String, &'a [u8])>,
    seen: usize,
    warnings: BTreeSet<String>,
}

impl<'a> Inner<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut inner = Self::default();
        inner.gather(bytes, "", 1)?;
        Ok(inner)
    }

    fn gather(&mut self, bytes: &'a [u8], above: &str, depth: usize) -> Result<(), Fault> {
        let bytes = super::feature_table::open(bytes, "cmpt")?;
        let count = u32_at(bytes, 12, "cmpt header")?;
        let mut at = 16_usize;
        for index in 0..count {
            let place = format!("{above}tiles[{index}]");
            let rest = bytes.get(at..).unwrap_or_default();
            let Ok(length) = u32_at(rest, 8, &place) else {
                self.warnings.insert(format!(
                    "{place}: the composite ends before its {count} tiles"
                ));
                break;
            };
            let length = length as usize;
            if length < 12 {
                self.warnings.insert(format!(
                    "{place}: a byteLength of {length} is none; what follows cannot be found"
                ));
                break;
            }
            self.seen += 1;
            if self.seen > MAX_INNER {
                self.warnings
                    .insert(format!("only the first {MAX_INNER} inner tiles are read"));
                break;
            }
            // A length that counts too much leaves the rest of the file.
            let tile = rest.get(..length).unwrap_or(rest);
            if !is_cmpt(tile) {
                self.tiles.push((place, tile));
            } else if depth >= MAX_DEPTH {
                self.warnings.insert(format!(
                    "composites inside each other are read {MAX_DEPTH} deep and no deeper"
                ));
            } else if let Err(fault) = self.gather(tile, &format!("{place}."), depth + 1) {
                self.warnings.insert(fault.inside(&place).text());
            }
            at = at.saturating_add(length);
        }
        Ok(())
    }
}

/// The files beside all inner tiles.
pub(super) fn external(input: &Input<'_>) -> Result<Vec<String>, Fault> {
    let mut addresses = BTreeSet::new();
    for (_, bytes) in Inner::of(input.bytes)?.tiles {
        let tile = Input { bytes, ..*input };
        // What is wrong with an inner tile is said when it is decoded.
        let listed = format_of(bytes).and_then(|format| (format.external)(&tile));
        addresses.extend(listed.unwrap_or_default());
    }
    Ok(addresses.into_iter().collect())
}

pub(super) fn decode(input: &Input<'_>) -> Result<PreparedTile, Fault> {
    let mut inner = Inner::of(input.bytes)?;
    let mut decoded: Vec<PreparedTile> = Vec::new();
    let mut first_fault = None;
    for (place, bytes) in inner.tiles {
        let options = rest(input.options, &decoded);
        let tile = Input {
            bytes,
            options: &options,
            ..*input
        };
        match format_of(bytes)
            .map_err(|fault| unknown(bytes).unwrap_or(fault))
            .and_then(|format| (format.decode)(&tile))
        {
            Ok(tile) => decoded.push(tile),
            Err(fault) => {
                let fault = fault.inside(&place);
                inner.warnings.insert(fault.text());
                first_fault.get_or_insert(fault);
            }
        }
    }
    match first_fault {
        Some(fault) if decoded.is_empty() => return Err(fault),
        _ => {}
    }
    let mut tile = PreparedTile::merge(decoded);
    tile.warnings.extend(inner.warnings);
    Ok(tile)
}

/// An inner tile of a format that nobody knows, by its name.
fn unknown(bytes: &[u8]) -> Option<Fault> {
    let magic = bytes.get(..4)?;
    let is_name = magic.iter().all(u8::is_ascii_graphic);
    let known = super::UNREAD.iter().any(|(known, _)| *known == magic);
    (is_name && !known).then(|| {
        let name = format!("tiles of the kind {:?}", String::from_utf8_lossy(magic));
        Fault::new("header", DecodeErrorKind::UnsupportedFormat(name))
    })
}

/// The limits, less what is there already.
fn rest(options: &DecodeOptions, decoded: &[PreparedTile]) -> DecodeOptions {
    let sum = |count: &dyn Fn(&PreparedTile) -> u64| decoded.iter().map(count).sum::<u64>();
    let less =
        |all: usize, used: u64| all.saturating_sub(usize::try_from(used).unwrap_or(usize::MAX));
    let pixels = sum(&|tile| {
        let images = tile.images.iter();
        images
            .map(|i| u64::from(i.width) * u64::from(i.height))
            .sum()
    });
    DecodeOptions {
        max_vertices: less(options.max_vertices, sum(&PreparedTile::vertices)),
        max_features: less(
            options.max_features,
            sum(&|tile| u64::from(tile.features.len())),
        ),
        max_total_pixels: options.max_total_pixels.saturating_sub(pixels),
        ..options.clone()
    }
}
