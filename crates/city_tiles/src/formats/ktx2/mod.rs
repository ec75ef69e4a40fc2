//! KTX 2.0 images, as `KHR_texture_basisu` carries them: Basis Universal ETC1S and UASTC, and plain
//! 8-bit pixels. A single two-dimensional image is read: its largest level as RGBA ([`decode`]), or all its levels in
//! blocks that a GPU reads ([`transcode`]).
//!
//! Clauses: KTX File Format Specification 2.0, 3 "File Structure". docs/adr/0002 says why the Basis
//! decoders are our own.

mod astc;
mod bc7;
mod bits;
mod etc1s;
mod etc2;
mod s3tc;
mod transcode;
mod uastc;
mod zstandard;

use super::bytes::u32_at;
use super::error::{DecodeErrorKind, Fault};
use crate::prepared::{ImageUse, PreparedImage};
use etc1s::Etc1s;
use std::borrow::Cow;

/// The first bytes of every KTX 2.0 file.
const IDENTIFIER: [u8; 12] = *b"\xABKTX 20\xBB\r\n\x1A\n";

/// Bytes before the level index.
const HEADER: usize = 80;

/// Bytes of a level in the index.
const INDEXED: usize = 24;

/// What is wrong; the caller knows where.
type Wrong = &'static str;

/// Whether bytes are a KTX 2.0 file.
#[must_use]
pub fn is_ktx2(bytes: &[u8]) -> bool {
    bytes.starts_with(&IDENTIFIER)
}

/// Decodes the largest level as RGBA; `max_pixels` bounds time and memory.
///
/// # Errors
/// Damaged bytes, more pixels than allowed, and what `KHR_texture_basisu` has no use for: volumes,
/// arrays, cubes, video, GPU block formats, and supercompression by other schemes.
pub fn decode(bytes: &[u8], place: &str, max_pixels: u64) -> Result<PreparedImage, Fault> {
    let file = File::of_image(bytes, place, max_pixels)?;
    let rgba8 = file.rgba8().map_err(|what| wrong(place, what))?;
    Ok(PreparedImage::new(file.width, file.height, rgba8))
}

/// Puts all levels of a file into blocks of one of `blocks`: ETC1S becomes ETC2, or BC1 and BC3; UASTC becomes ASTC, or
/// BC7. `max_pixels` is of the largest level.
///
/// None where RGBA is drawn better: a GPU without these formats, plain pixels, sides that are no multiple of 4 (which
/// WebGPU refuses), and files without smaller levels, which would shimmer from afar.
///
/// # Errors
/// As [`decode`], for any level.
pub fn transcode(
    bytes: &[u8],
    place: &str,
    max_pixels: u64,
    blocks: ImageUse,
) -> Result<Option<PreparedImage>, Fault> {
    let file = File::of_image(bytes, place, max_pixels)?;
    transcode::image(&file, blocks).map_err(|what| wrong(place, what))
}

fn wrong(place: &str, what: Wrong) -> Fault {
    Fault::new(place, DecodeErrorKind::Image(what.to_owned()))
}

/// Which of its four colours an ETC1S block uses, a bit each.
fn used(selectors: u32) -> u8 {
    (0..16).fold(0, |used, pixel| used | 1 << (selectors >> (pixel * 2) & 3))
}

/// How a level's bytes are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Model {
    Etc1s {
        alpha: bool,
    },
    Uastc,
    /// Interleaved bytes: so many channels.
    Plain(usize),
}

struct File<'a> {
    bytes: &'a [u8],
    place: &'a str,
    width: u32,
    height: u32,
    depth: u32,
    layers: u32,
    faces: u32,
    levels: u32,
    scheme: u32,
    model: Result<Model, Wrong>,
    /// Supercompression global data.
    global: &'a [u8],
}

impl<'a> File<'a> {
    /// A file of one two-dimensional image with at most so many pixels.
    fn of_image(bytes: &'a [u8], place: &'a str, max_pixels: u64) -> Result<Self, Fault> {
        if !is_ktx2(bytes) {
            return Err(wrong(place, "it is not KTX 2.0"));
        }
        let file = File::read(bytes, place)?;
        let pixels = u64::from(file.width) * u64::from(file.height);
        if pixels > max_pixels {
            let kind = DecodeErrorKind::Limit {
                what: "pixels",
                found: pixels,
                limit: max_pixels,
            };
            return Err(Fault::new(place, kind));
        }
        if pixels == 0 || file.depth != 0 || file.layers > 1 || file.faces != 1 {
            let what = "only single two-dimensional images are drawn";
            return Err(wrong(place, what));
        }
        Ok(file)
    }

    fn read(bytes: &'a [u8], place: &'a str) -> Result<Self, Fault> {
        let number = |at: usize| u32_at(bytes, at, place);
        let format = number(12)?;
        let descriptor = usize::try_from(number(48)?).unwrap_or(usize::MAX);
        let descriptor = bytes.get(descriptor..).unwrap_or_default();
        Ok(Self {
            bytes,
            place,
            width: number(20)?,
            height: number(24)?,
            depth: number(28)?,
            layers: number(32)?,
            faces: number(36)?,
            levels: number(40)?.max(1),
            scheme: number(44)?,
            model: model(format, descriptor),
            global: range(bytes, 64, place)?,
        })
    }

    /// The bytes of a level, as they are compressed.
    fn level(&self, level: u32) -> Result<&'a [u8], Wrong> {
        let at = usize::try_from(level)
            .ok()
            .and_then(|level| level.checked_mul(INDEXED));
        let at = at.and_then(|at| at.checked_add(HEADER));
        range(self.bytes, at.unwrap_or(usize::MAX), self.place)
            .map_err(|_| "a level ends too early")
    }

    fn rgba8(&self) -> Result<Vec<u8>, Wrong> {
        let size = (self.width as usize, self.height as usize);
        let blocks = size.0.div_ceil(4) * size.1.div_ceil(4);
        match self.model? {
            Model::Etc1s { alpha } => self.etc1s(alpha)?.rgba8((0, self.level(0)?), size),
            Model::Uastc => uastc::decode(&self.plain(0, blocks * 16)?, size),
            Model::Plain(channels) => plain(&self.plain(0, size.0 * size.1 * channels)?, channels),
        }
    }

    /// What the levels of an ETC1S file share.
    fn etc1s(&self, alpha: bool) -> Result<Etc1s<'a>, Wrong> {
        if self.scheme != 1 {
            return Err("ETC1S without BasisLZ");
        }
        let levels = usize::try_from(self.levels).unwrap_or(usize::MAX);
        Etc1s::read(self.global, levels, alpha)
    }

    /// A level without its supercompression: `length` bytes.
    fn plain(&self, level: u32, length: usize) -> Result<Cow<'a, [u8]>, Wrong> {
        let bytes = self.level(level)?;
        match self.scheme {
            0 => bytes
                .get(..length)
                .map(Cow::Borrowed)
                .ok_or("its level is too short"),
            2 => zstandard::decode(bytes, length).map(Cow::Owned),
            3 => zlib(bytes, length).map(Cow::Owned),
            _ => Err("its supercompression is not known"),
        }
    }
}

/// The bytes that an offset and a length of 64 bits at `at` name.
fn range<'a>(bytes: &'a [u8], at: usize, place: &str) -> Result<&'a [u8], Fault> {
    let long = |at: usize| -> Result<u64, Fault> {
        let high = u32_at(bytes, at.saturating_add(4), place)?;
        Ok(u64::from(u32_at(bytes, at, place)?) | u64::from(high) << 32)
    };
    let (start, length) = (long(at)?, long(at.saturating_add(8))?);
    let found = usize::try_from(start)
        .ok()
        .zip(usize::try_from(length).ok())
        .and_then(|(start, length)| bytes.get(start..start.checked_add(length)?));
    found.ok_or_else(|| {
        let kind = DecodeErrorKind::Truncated {
            need: start.saturating_add(length),
            have: bytes.len() as u64,
        };
        Fault::new(place, kind)
    })
}

/// `vkFormat`, and for Basis the colour model of the data format descriptor.
fn model(format: u32, descriptor: &[u8]) -> Result<Model, Wrong> {
    match format {
        // VK_FORMAT_R8_UNORM and R8_SRGB, R8G8, R8G8B8, R8G8B8A8.
        9 | 15 => return Ok(Model::Plain(1)),
        16 | 22 => return Ok(Model::Plain(2)),
        23 | 29 => return Ok(Model::Plain(3)),
        37 | 43 => return Ok(Model::Plain(4)),
        0 => {}
        _ => return Err("its pixels are in a GPU format; write it as ETC1S or UASTC"),
    }
    // Total size; vendor and type; version and size of the block; colour model.
    let block = descriptor
        .get(10..12)
        .map(|raw| usize::from(raw[0]) | usize::from(raw[1]) << 8);
    let samples = block.map(|size| size.saturating_sub(24) / 16);
    match (descriptor.get(12), samples) {
        // KHR_DF_MODEL_ETC1S: a second slice is the alpha.
        (Some(163), Some(samples @ 1..=2)) => Ok(Model::Etc1s {
            alpha: samples == 2,
        }),
        (Some(166), _) => Ok(Model::Uastc),
        _ => Err("its data format descriptor names neither ETC1S nor UASTC"),
    }
}

fn plain(bytes: &[u8], channels: usize) -> Result<Vec<u8>, Wrong> {
    let pixels = bytes.chunks_exact(channels);
    Ok(pixels
        .flat_map(|p| match *p {
            [r] => [r, 0, 0, 255],
            [r, g] => [r, g, 0, 255],
            [r, g, b] => [r, g, b, 255],
            [r, g, b, a] => [r, g, b, a],
            _ => [0; 4],
        })
        .collect())
}

fn zlib(bytes: &[u8], length: usize) -> Result<Vec<u8>, Wrong> {
    use std::io::Read;
    let mut plain = Vec::new();
    flate2::read::ZlibDecoder::new(bytes)
        .take(length as u64)
        .read_to_end(&mut plain)
        .map_err(|_| "its level does not decompress")?;
    if plain.len() == length {
        Ok(plain)
    } else {
        Err("its level is too short")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A KTX 2.0 file of two by one pixels.
    fn file(format: u32, scheme: u32, level: &[u8]) -> Vec<u8> {
        let mut file = IDENTIFIER.to_vec();
        for number in [
            format, 1, 2, 1, 0, 0, 1, 1, scheme, 104, 44, 0, 0, 0, 0, 0, 0,
        ] {
            file.extend(number.to_le_bytes());
        }
        for number in [148, level.len() as u64, level.len() as u64] {
            file.extend(number.to_le_bytes());
        }
        // A descriptor of one block with one sample.
        file.extend([44, 0, 0, 0, 0, 0, 0, 0, 2, 0, 40, 0, 166, 1, 2, 0]);
        file.resize(148, 0);
        file.extend_from_slice(level);
        file
    }

    #[test]
    fn plain_pixels() {
        let bytes = file(43, 0, &[1, 2, 3, 4, 5, 6, 7, 8]);
        let image = decode(&bytes, "here", 2).unwrap();
        assert_eq!((image.width, image.height), (2, 1));
        assert_eq!(image.texels, [1, 2, 3, 4, 5, 6, 7, 8]);
        let bytes = file(29, 0, &[1, 2, 3, 5, 6, 7]);
        let image = decode(&bytes, "here", 2).unwrap();
        assert_eq!(image.texels, [1, 2, 3, 255, 5, 6, 7, 255]);
    }

    #[test]
    fn a_uastc_block_of_one_colour() {
        // Mode 8: five bits 10111 (low first), then red, green, blue, alpha.
        let value = 0x17_u128 | 10 << 5 | 20 << 13 | 30 << 21 | 40 << 29;
        let image = decode(&file(0, 0, &value.to_le_bytes()), "here", 2).unwrap();
        assert_eq!(image.texels, [10, 20, 30, 40, 10, 20, 30, 40]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let text = |bytes: &[u8], most| decode(bytes, "here", most).unwrap_err().text();
        let good = file(43, 0, &[0; 8]);
        assert!(text(&good, 1).contains("2 pixels are more than the limit of 1"));
        assert!(text(&file(43, 0, &[0; 7]), 2).contains("too short"));
        assert!(text(&file(43, 9, &[0; 8]), 2).contains("supercompression"));
        assert!(text(&file(145, 0, &[0; 16]), 2).contains("GPU format"));
        assert!(text(&file(43, 2, &[0; 16]), 2).contains("Zstandard"));
        for end in 0..good.len() {
            assert!(decode(&good[..end], "here", 2).is_err(), "{end}");
        }
    }
}
