//! A tile's picture: layers of imagery, each in its own tiling, put together in the tile's.

use super::super::error::{DecodeErrorKind, Fault};
use super::super::{Input, gltf};
use super::{colour, located};
use crate::prepared::PreparedImage;
use crate::terrain::{Descriptor, LayerImages, Window};
use crate::uri;
use std::collections::{BTreeSet, HashMap};

/// Most pixels along an edge of an image.
const MAX_SIDE: u64 = 4096;

/// What was made, and whose it is.
pub(super) struct Picture {
    /// None where there was no image at all.
    pub image: Option<PreparedImage>,
    pub credits: Vec<String>,
}

/// An image that is there: what it is used for, and what it covers.
struct Placed<'a> {
    window: Window,
    covers: Window,
    image: &'a PreparedImage,
}

pub(super) fn compose(
    descriptor: &Descriptor,
    mean_height_m: f64,
    input: &Input<'_>,
    budget: &mut u64,
    warnings: &mut BTreeSet<String>,
) -> Result<Picture, Fault> {
    let mut picture = Picture {
        image: None,
        credits: Vec::new(),
    };
    let side = descriptor.pixels as usize;
    if side == 0 {
        return Ok(picture);
    }
    let pixels = (side * side) as u64;
    if pixels > (*budget).min(input.options.max_image_pixels) {
        return Err(Fault::new(
            "the picture",
            DecodeErrorKind::Limit {
                what: "pixels",
                found: pixels,
                limit: (*budget).min(input.options.max_image_pixels),
            },
        ));
    }
    *budget -= pixels;
    let images = decode_all(descriptor, input, budget, warnings);
    let [r, g, b] = colour::srgb(mean_height_m, false);
    let mut canvas: Vec<u8> = [r, g, b, 255].repeat(side * side);
    let mut any = false;
    for layer in &descriptor.imagery {
        let placed: Vec<Placed<'_>> = layer
            .images
            .iter()
            .filter_map(|file| {
                let at = |url: &str| images.get(url).and_then(Option::as_ref);
                let instead = || {
                    let instead = file.instead.as_ref()?;
                    Some((instead.window, at(&instead.url)?))
                };
                let own = at(&file.url).map(|image| (file.window, image));
                let (covers, image) = own.or_else(instead)?;
                Some(Placed {
                    window: file.window,
                    covers,
                    image,
                })
            })
            .collect();
        if placed.is_empty() {
            continue;
        }
        any = true;
        draw(descriptor, layer, &placed, &mut canvas);
        if !layer.attribution.is_empty() {
            picture.credits.push(layer.attribution.clone());
        }
    }
    // Without any image the mesh's own colours are the better picture.
    picture.image = any.then(|| PreparedImage::new(descriptor.pixels, descriptor.pixels, canvas));
    Ok(picture)
}

/// Each image once, though several tiles may fall back on the same one.
fn decode_all(
    descriptor: &Descriptor,
    input: &Input<'_>,
    budget: &mut u64,
    warnings: &mut BTreeSet<String>,
) -> HashMap<String, Option<PreparedImage>> {
    let mut images: HashMap<String, Option<PreparedImage>> = HashMap::new();
    let most = input.options.max_image_pixels.min(MAX_SIDE * MAX_SIDE);
    let mut get = |url: &str| {
        if let Some(known) = images.get(url) {
            return known.is_some();
        }
        let bytes = located(input.base_url, url)
            .ok()
            .and_then(|address| (input.external)(&address));
        let image = bytes.and_then(|bytes| {
            let place = format!("imagery {}", uri::short(url));
            let read = gltf::decode_image(&bytes, &place, most, budget);
            read.map_err(|fault| warnings.insert(fault.text())).ok()
        });
        let is_there = image.is_some();
        images.insert(url.to_owned(), image);
        is_there
    };
    for file in descriptor.imagery.iter().flat_map(|layer| &layer.images) {
        if !get(&file.url)
            && let Some(instead) = &file.instead
        {
            get(&instead.url);
        }
    }
    images
}

fn draw(descriptor: &Descriptor, layer: &LayerImages, placed: &[Placed<'_>], canvas: &mut [u8]) {
    let side = descriptor.pixels as usize;
    let target = descriptor.scheme.window(descriptor.tile);
    let (du, dv) = (
        (target.u1 - target.u0) / side as f64,
        (target.v1 - target.v0) / side as f64,
    );
    for (j, row) in canvas.chunks_exact_mut(side * 4).enumerate() {
        let mut v = target.v0 + (j as f64 + 0.5) * dv;
        if layer.scheme != descriptor.scheme {
            // The same latitude in the layer's tiling; longitudes are columns in both.
            v = layer.scheme.v_of(descriptor.scheme.lat_of(v));
        }
        // Beyond the end of web mercator its last row goes on.
        let v = v.clamp(0.0, 1.0 - 1e-12);
        for image in placed {
            let w = &image.window;
            if !(w.v0..w.v1).contains(&v) {
                continue;
            }
            let column =
                |u: f64| ((u - target.u0) / du - 0.5).ceil().clamp(0.0, side as f64) as usize;
            let (from, to) = (column(w.u0), column(w.u1));
            let sampler = Row::new(image, v);
            for i in from..to {
                let u = target.u0 + (i as f64 + 0.5) * du;
                let source = sampler.at(u);
                if let Some(pixel) = row.get_mut(i * 4..i * 4 + 4) {
                    over(pixel, source, layer.opacity as f32);
                }
            }
        }
    }
}

/// Lays a colour (premultiplied, 0 to 255) over an opaque one.
fn over(pixel: &mut [u8], source: [f32; 4], opacity: f32) {
    let keep = 1.0 - source[3] / 255.0 * opacity;
    for (c, s) in pixel.iter_mut().zip(source).take(3) {
        *c = (f32::from(*c) * keep + s * opacity)
            .round()
            .clamp(0.0, 255.0) as u8;
    }
}

/// Two rows of an image between which a row of the picture lies.
struct Row<'a> {
    top: &'a [u8],
    bottom: &'a [u8],
    share: f32,
    u0: f64,
    per_u: f64,
    last: usize,
}

impl<'a> Row<'a> {
    fn new(placed: &Placed<'a>, v: f64) -> Self {
        let (image, w) = (placed.image, &placed.covers);
        let (width, height) = (image.width as usize, image.height as usize);
        let y = (v - w.v0) / (w.v1 - w.v0) * height as f64 - 0.5;
        let (y0, y1, share) = taps(y, height);
        let row = |y: usize| {
            let start = y * width * 4;
            image
                .texels
                .get(start..start + width * 4)
                .unwrap_or_default()
        };
        Self {
            top: row(y0),
            bottom: row(y1),
            share,
            u0: w.u0,
            per_u: width as f64 / (w.u1 - w.u0),
            last: width,
        }
    }

    /// The colour at a column, bilinear, premultiplied.
    fn at(&self, u: f64) -> [f32; 4] {
        let (x0, x1, share) = taps((u - self.u0) * self.per_u - 0.5, self.last);
        let mut sum = [0.0; 4];
        for (row, x, weight) in [
            (self.top, x0, (1.0 - self.share) * (1.0 - share)),
            (self.top, x1, (1.0 - self.share) * share),
            (self.bottom, x0, self.share * (1.0 - share)),
            (self.bottom, x1, self.share * share),
        ] {
            if weight > 0.0
                && let Some(&[r, g, b, a]) = row.get(x * 4..x * 4 + 4)
            {
                let alpha = f32::from(a) / 255.0 * weight;
                sum[0] += f32::from(r) * alpha;
                sum[1] += f32::from(g) * alpha;
                sum[2] += f32::from(b) * alpha;
                sum[3] += 255.0 * alpha;
            }
        }
        sum
    }
}

/// The pixels on both sides of a place and the second one's share; at the image's edge both are its last.
fn taps(at: f64, count: usize) -> (usize, usize, f32) {
    let last = count.saturating_sub(1) as f64;
    let at = if at.is_finite() {
        at.clamp(0.0, last)
    } else {
        0.0
    };
    let low = at.floor();
    let next = (low + 1.0).min(last);
    (low as usize, next as usize, (at - low) as f32)
}
