//! Images: PNG, JPEG, WebP and KTX 2.0, beside the file or inside it.

use super::Context;
use super::buffers::resource;
use crate::formats::error::{DecodeErrorKind, Fault, limit};
use crate::formats::ktx2;
use crate::prepared::{ImageUse, PreparedImage};
use image::ImageFormat;
use std::borrow::Cow;
use std::io::Cursor;

/// Decodes an image; `budget` is how many pixels the tile may still have. Where `blocks` has a format for it, it stays
/// compressed.
pub(super) fn read(
    context: &Context<'_>,
    index: usize,
    budget: &mut u64,
    blocks: ImageUse,
) -> Result<PreparedImage, Fault> {
    let place = format!("images[{index}]");
    let image = context
        .document
        .get(&context.document.images, "images", index)?;
    let bytes = match (&image.buffer_view, &image.uri) {
        (Some(view), _) => Cow::Borrowed(context.buffers.view(*view)?),
        (None, Some(uri)) => Cow::Owned(resource(uri, context.input, &place)?),
        (None, None) => return Err(Fault::invalid(place, "has no bytes")),
    };
    limit(
        &place,
        "bytes",
        bytes.len(),
        context.input.options.max_bytes,
    )?;
    let most = context.input.options.max_image_pixels;
    // What is wrong with the smaller levels of a file need not cost its picture: plain pixels need none of them.
    if ktx2::is_ktx2(&bytes)
        && let Ok(Some(image)) = ktx2::transcode(&bytes, &place, most.min(*budget), blocks)
    {
        *budget -= u64::from(image.width) * u64::from(image.height);
        return Ok(image);
    }
    decode(&bytes, &place, most, budget)
}

/// Decodes a PNG, JPEG, WebP or KTX 2.0 to plain pixels, of at most `most` pixels, and takes its pixels from `budget`.
pub(in crate::formats) fn decode(
    bytes: &[u8],
    place: &str,
    most: u64,
    budget: &mut u64,
) -> Result<PreparedImage, Fault> {
    if ktx2::is_ktx2(bytes) {
        let image = ktx2::decode(bytes, place, most.min(*budget))?;
        *budget -= u64::from(image.width) * u64::from(image.height);
        return Ok(image);
    }
    let unreadable = |what: String| Fault::new(place, DecodeErrorKind::Image(what));
    // By its first bytes: mimeType and file names lie.
    let format = image::guess_format(bytes).ok();
    let format = format.filter(|format| {
        matches!(
            format,
            ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP
        )
    });
    let format =
        format.ok_or_else(|| unreadable("it is neither PNG, JPEG, WebP nor KTX 2.0".to_owned()))?;
    let size = image::ImageReader::with_format(Cursor::new(bytes), format).into_dimensions();
    let (width, height) = size.map_err(|e| unreadable(e.to_string()))?;
    let pixels = u64::from(width) * u64::from(height);
    let allowed = most.min(*budget);
    if pixels > allowed {
        let kind = DecodeErrorKind::Limit {
            what: "pixels",
            found: pixels,
            limit: allowed,
        };
        return Err(Fault::new(place, kind));
    }
    if pixels == 0 {
        return Err(unreadable("it has no pixels".to_owned()));
    }
    let mut reader = image::ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = image::Limits::no_limits();
    // 16-bit RGBA and the decoder's own rows.
    limits.max_alloc = Some(pixels * 16 + (1 << 20));
    reader.limits(limits);
    let rgba8 = reader
        .decode()
        .map_err(|e| unreadable(e.to_string()))?
        .into_rgba8();
    *budget -= pixels;
    Ok(PreparedImage::new(width, height, rgba8.into_raw()))
}
