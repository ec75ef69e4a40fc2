//! Batched 3D models of 3D Tiles 1.0: a GLB with a feature table and a batch table before it.
//!
//! Clauses: 3D Tiles 1.0, 10.1 "Batched 3D Model". The two headers of before 1.0 (20 and 24 bytes)
//! are read too.

use super::Input;
use super::bytes::u32_at;
use super::error::{DecodeErrorKind, Fault};
use super::feature_table::{self, Sections, Semantics};
use super::gltf::{self, Batch};
use crate::prepared::PreparedTile;
use glam::DVec3;

/// What four bytes read as where a legacy header has JSON or a GLB, and a real one a length.
const NO_LENGTH: u32 = 570_425_344; // "\0\0\0\"" as a number, the reference implementation's mark

/// Whether bytes are a b3dm.
#[must_use]
pub fn is_b3dm(bytes: &[u8]) -> bool {
    bytes.starts_with(b"b3dm")
}

/// The sections, and the number of features where a legacy header tells it.
fn sections(bytes: &[u8]) -> Result<(Sections<'_>, Option<u32>), Fault> {
    let bytes = feature_table::open(bytes, "b3dm")?;
    let word = |index: usize| u32_at(bytes, 12 + index * 4, "b3dm header");
    let words = [word(0)?, word(1)?, word(2)?];
    if words[2] >= NO_LENGTH {
        // 20 bytes: batchLength, batchTableByteLength; then JSON or the GLB.
        let sections = feature_table::cut(bytes, 20, [0, 0, words[1], 0])?;
        return Ok((sections, Some(words[0])));
    }
    if word(3).is_ok_and(|word| word >= NO_LENGTH) {
        // 24 bytes: batchTableJsonByteLength, batchTableBinaryByteLength, batchLength.
        let sections = feature_table::cut(bytes, 24, [0, 0, words[0], words[1]])?;
        return Ok((sections, Some(words[2])));
    }
    let lengths = feature_table::lengths(bytes, "b3dm")?;
    Ok((feature_table::cut(bytes, 28, lengths)?, None))
}

/// The input of the glTF reader: a model inside a tile.
pub(super) fn model_input<'a>(input: &Input<'a>, model: &'a [u8]) -> Result<Input<'a>, Fault> {
    if model.is_empty() {
        return Err(Fault::new(
            "model",
            DecodeErrorKind::Truncated {
                need: input.bytes.len() as u64 + 12,
                have: input.bytes.len() as u64,
            },
        ));
    }
    if !gltf::is_glb(model) {
        let start = String::from_utf8_lossy(model.get(..4).unwrap_or(model)).into_owned();
        let kind = DecodeErrorKind::NotTileContent(format!("the model starts with {start:?}"));
        return Err(Fault::new("model", kind));
    }
    Ok(Input {
        bytes: model,
        ..*input
    })
}

pub(super) fn external(input: &Input<'_>) -> Result<Vec<String>, Fault> {
    gltf::external(&model_input(input, sections(input.bytes)?.0.body)?)
}

pub(super) fn decode(input: &Input<'_>) -> Result<PreparedTile, Fault> {
    let (sections, batch_length) = sections(input.bytes)?;
    let model = model_input(input, sections.body)?;
    let features = Semantics::read(&sections)?;
    let mut warnings = Vec::new();
    let told = features.count("BATCH_LENGTH")?;
    let count = told.or(batch_length.map(|length| length as usize));
    let count = count.unwrap_or_else(|| {
        warnings.push("the b3dm has no BATCH_LENGTH: its features cannot be told apart".to_owned());
        0
    });
    let batch = Batch {
        rtc_center: features.vector("RTC_CENTER")?.unwrap_or(DVec3::ZERO),
        count: feature_table::check_features("BATCH_LENGTH", count, input)?,
        table: feature_table::properties(
            &feature_table::batch_json(&sections)?,
            sections.batch_binary,
            count,
            input,
            &mut warnings,
        ),
        instances: None,
    };
    let mut tile = gltf::decode_batched(&model, batch)?;
    warnings.append(&mut tile.warnings);
    tile.warnings = warnings;
    Ok(tile)
}
