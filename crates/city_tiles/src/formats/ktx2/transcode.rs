//! Basis Universal to the blocks of a GPU, level by level.

use super::etc1s::Etc1s;
use super::etc2::Alphas;
use super::s3tc::Colors;
use super::{File, Model, Wrong, astc, bc7, etc2, s3tc, uastc};
use crate::prepared::{ImageUse, PreparedImage, TexelFormat};

/// Where the smallest level of a file is larger than this along a side, pixels, levels are made instead.
const SMALLEST: u32 = 16;

/// The largest side that any GPU takes: more levels than it has bits there cannot be.
const MOST_LEVELS: u32 = 32;

/// The format in which an image loses least, of those that a GPU has.
fn target(model: Model, blocks: ImageUse) -> Option<TexelFormat> {
    match model {
        Model::Etc1s { alpha } if blocks.etc2 => Some(match alpha {
            true => TexelFormat::Etc2Rgba8,
            false => TexelFormat::Etc2Rgb8,
        }),
        Model::Etc1s { alpha } if blocks.bc => Some(match alpha {
            true => TexelFormat::Bc3,
            false => TexelFormat::Bc1,
        }),
        Model::Uastc if blocks.astc => Some(TexelFormat::Astc4x4),
        Model::Uastc if blocks.bc => Some(TexelFormat::Bc7),
        _ => None,
    }
}

/// The size of a level.
fn size_of(file: &File<'_>, level: u32) -> (u32, u32) {
    let half = |side: u32| (side >> level).max(1);
    (half(file.width), half(file.height))
}

/// The image in blocks with the file's own levels; none where plain pixels are the better choice.
pub(super) fn image(file: &File<'_>, blocks: ImageUse) -> Result<Option<PreparedImage>, Wrong> {
    let Some(format) = target(file.model?, blocks) else {
        return Ok(None);
    };
    // WebGPU demands whole blocks of the largest level; WebGL of BC too.
    let is_whole = file.width.is_multiple_of(4) && file.height.is_multiple_of(4);
    let longest = file.width.max(file.height);
    let levels = file.levels.min(MOST_LEVELS - longest.leading_zeros());
    let (width, height) = size_of(file, levels.saturating_sub(1));
    if !is_whole || width.max(height) > SMALLEST {
        return Ok(None);
    }
    let etc1s = match file.model? {
        Model::Etc1s { alpha } => Some(file.etc1s(alpha)?),
        _ => None,
    };
    let mut found = Found::default();
    let (mut texels, mut smaller) = (Vec::new(), Vec::new());
    for level in 0..levels {
        let (width, height) = size_of(file, level);
        let out = if level == 0 {
            &mut texels
        } else {
            &mut smaller
        };
        let start = out.len();
        out.resize(start + format.bytes(width, height), 0);
        let out = out.get_mut(start..).unwrap_or_default();
        let size = (width as usize, height as usize);
        match &etc1s {
            Some(etc1s) => of_etc1s(file, etc1s, level, size, format, &mut found, out)?,
            None => of_uastc(file, level, format, out)?,
        }
    }
    Ok(Some(PreparedImage {
        width: file.width,
        height: file.height,
        format,
        is_linear: false,
        texels,
        smaller,
    }))
}

/// Blocks that were found for end points.
#[derive(Default)]
struct Found {
    colors: Colors,
    alphas: Alphas,
}

fn of_etc1s(
    file: &File<'_>,
    etc1s: &Etc1s<'_>,
    level: u32,
    size: (usize, usize),
    format: TexelFormat,
    found: &mut Found,
    out: &mut [u8],
) -> Result<(), Wrong> {
    // Of blocks with alpha, alpha is the first half.
    let stride = format.block_bytes();
    let is_etc2 = matches!(format, TexelFormat::Etc2Rgb8 | TexelFormat::Etc2Rgba8);
    let image = (level as usize, file.level(level)?);
    etc1s.blocks(image, size, |place, is_alpha, ends, selectors| {
        let block = match (is_alpha, is_etc2) {
            (false, true) => etc2::color(ends, selectors),
            (false, false) => found.colors.block(ends, selectors),
            (true, true) => found.alphas.block(ends, selectors),
            (true, false) => s3tc::alpha(ends, selectors),
        };
        let start = place * stride + if is_alpha { 0 } else { stride - 8 };
        if let Some(target) = out.get_mut(start..start + 8) {
            target.copy_from_slice(&block);
        }
    })
}

fn of_uastc(file: &File<'_>, level: u32, format: TexelFormat, out: &mut [u8]) -> Result<(), Wrong> {
    let bytes = file.plain(level, out.len())?;
    let blocks = bytes.as_chunks::<16>().0.iter();
    for (block, target) in blocks.zip(out.as_chunks_mut::<16>().0) {
        let shape = uastc::read(u128::from_le_bytes(*block))?;
        *target = match format {
            TexelFormat::Astc4x4 => astc::pack(&shape),
            _ => bc7::pack(&shape),
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests;
