//! Images of a tile, with the smaller levels that a GPU draws them by from afar.

use super::TexelFormat;
use std::sync::LazyLock;

/// An image, rows from the top, with straight alpha; as plain pixels or in blocks as a GPU reads them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PreparedImage {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// How the pixels of all levels are stored.
    pub format: TexelFormat,
    /// Whether values are linear (roughness, normals), and not the sRGB colours that they are otherwise.
    pub is_linear: bool,
    /// The largest level: as many bytes as [`TexelFormat::bytes`] says of its size.
    pub texels: Vec<u8>,
    /// The smaller levels, one after another: each half of the one before, at least a pixel, down to 1 x 1. Empty where
    /// nobody has [made](Self::make_levels) them; of a file that has them in blocks they may end earlier.
    pub smaller: Vec<u8>,
}

impl PreparedImage {
    /// An image of one level, in plain pixels of four bytes: sRGB colours.
    #[must_use]
    pub fn new(width: u32, height: u32, rgba8: Vec<u8>) -> Self {
        Self {
            width,
            height,
            format: TexelFormat::Rgba8,
            is_linear: false,
            texels: rgba8,
            smaller: Vec::new(),
        }
    }

    /// Bytes of all levels.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        (self.texels.len() + self.smaller.len()) as u64
    }

    /// The levels that are there, from the largest: pixels across and down, and their bytes.
    pub fn levels(&self) -> impl Iterator<Item = (u32, u32, &[u8])> {
        let mut rest = self.smaller.as_slice();
        let smaller = sizes_below(self.width, self.height).map_while(move |(width, height)| {
            let (level, after) = rest.split_at_checked(self.format.bytes(width, height))?;
            rest = after;
            Some((width, height, level))
        });
        std::iter::once((self.width, self.height, self.texels.as_slice())).chain(smaller)
    }

    /// Whether every level that is there has all its bytes.
    #[must_use]
    pub fn has_whole_levels(&self) -> bool {
        let levels: usize = self.levels().map(|(.., bytes)| bytes.len()).sum();
        self.texels.len() == self.format.bytes(self.width, self.height)
            && levels == self.texels.len() + self.smaller.len()
    }

    /// Makes the smaller levels, so that distant textures neither shimmer nor cost bandwidth. A pixel is the mean light
    /// of the four that it stands for, by how much of each is seen; of linear values it is their mean. Blocks stay as they are.
    pub fn make_levels(&mut self) {
        let is_plain = self.format == TexelFormat::Rgba8
            && self.texels.len() == bytes_of(self.width, self.height);
        if !is_plain || !self.smaller.is_empty() {
            return;
        }
        let mut smaller: Vec<u8> = Vec::with_capacity(bytes_below(self.width, self.height));
        let mean = if self.is_linear {
            plain_mean
        } else {
            mean_light
        };
        let mut above = (self.width as usize, self.height as usize);
        let mut start = None;
        for (width, height) in sizes_below(self.width, self.height) {
            let end = smaller.len();
            let level = {
                let source = match start {
                    None => self.texels.as_slice(),
                    Some(start) => smaller.get(start..).unwrap_or_default(),
                };
                halved(source, above, (width as usize, height as usize), mean)
            };
            smaller.extend(level);
            start = Some(end);
            above = (width as usize, height as usize);
        }
        self.smaller = smaller;
    }
}

fn bytes_of(width: u32, height: u32) -> usize {
    TexelFormat::Rgba8.bytes(width, height)
}

fn bytes_below(width: u32, height: u32) -> usize {
    let sizes = sizes_below(width, height).map(|(width, height)| bytes_of(width, height));
    sizes.fold(0, usize::saturating_add)
}

fn sizes_below(width: u32, height: u32) -> impl Iterator<Item = (u32, u32)> {
    let half = |(width, height): (u32, u32)| ((width / 2).max(1), (height / 2).max(1));
    std::iter::successors(Some((width, height)), move |size| {
        (size.0 > 1 || size.1 > 1).then(|| half(*size))
    })
    .skip(1)
}

/// Steps of light between black and white: finer than sRGB's finest.
const LIGHT_STEPS: usize = 8192;

/// Light of each sRGB value (IEC 61966-2-1), 0..LIGHT_STEPS - 1.
static LIGHT: LazyLock<[u32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|value| {
        let encoded = value as f64 / 255.0;
        let light = if encoded <= 0.040_45 {
            encoded / 12.92
        } else {
            ((encoded + 0.055) / 1.055).powf(2.4)
        };
        (light * (LIGHT_STEPS - 1) as f64).round() as u32
    })
});

/// The sRGB value of each step of light.
static SRGB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    (0..LIGHT_STEPS)
        .map(|step| {
            let light = step as f64 / (LIGHT_STEPS - 1) as f64;
            let encoded = if light <= 0.003_130_8 {
                light * 12.92
            } else {
                1.055 * light.powf(1.0 / 2.4) - 0.055
            };
            (encoded * 255.0).round() as u8
        })
        .collect()
});

fn halved(
    source: &[u8],
    (from_width, from_height): (usize, usize),
    (width, height): (usize, usize),
    mean: fn([[u8; 4]; 4]) -> [u8; 4],
) -> Vec<u8> {
    let (pixels, _) = source.as_chunks::<4>();
    let row = |y: usize| {
        let start = y.min(from_height.saturating_sub(1)) * from_width;
        pixels.get(start..start + from_width).unwrap_or_default()
    };
    let mut level = Vec::with_capacity(width * height * 4);
    for y in 0..height {
        let (upper, lower) = (row(2 * y), row(2 * y + 1));
        for x in 0..width {
            let (left, right) = (2 * x, (2 * x + 1).min(from_width.saturating_sub(1)));
            let at = |row: &[[u8; 4]], x: usize| row.get(x).copied().unwrap_or_default();
            let four = [
                at(upper, left),
                at(upper, right),
                at(lower, left),
                at(lower, right),
            ];
            level.extend(mean(four));
        }
    }
    level
}

fn plain_mean(four: [[u8; 4]; 4]) -> [u8; 4] {
    std::array::from_fn(|c| {
        let sum: u32 = four.iter().map(|pixel| u32::from(pixel[c])).sum();
        ((sum + 2) / 4) as u8
    })
}

fn mean_light(four: [[u8; 4]; 4]) -> [u8; 4] {
    mean(four, &LIGHT, &SRGB)
}

fn mean(four: [[u8; 4]; 4], light: &[u32; 256], srgb: &[u8]) -> [u8; 4] {
    let alpha: u32 = four.iter().map(|pixel| u32::from(pixel[3])).sum();
    // What is not seen has no colour of its own; where nothing is seen, all count alike.
    let weight = |pixel: &[u8; 4]| match alpha {
        0 => 1,
        _ => u32::from(pixel[3]),
    };
    let whole = if alpha == 0 { 4 } else { alpha };
    let channel = |c: usize| {
        let sum: u32 = four
            .iter()
            .map(|pixel| weight(pixel) * light[usize::from(pixel[c])])
            .sum();
        let step = (sum + whole / 2) / whole;
        srgb.get(step as usize).copied().unwrap_or(u8::MAX)
    };
    [channel(0), channel(1), channel(2), ((alpha + 2) / 4) as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(width: u32, height: u32) -> Vec<(u32, u32)> {
        let pixels = vec![200; bytes_of(width, height)];
        let mut image = PreparedImage::new(width, height, pixels);
        image.make_levels();
        assert!(image.has_whole_levels());
        image
            .levels()
            .map(|(width, height, bytes)| {
                assert_eq!(bytes.len(), bytes_of(width, height));
                assert!(bytes.iter().all(|value| *value == 200), "{bytes:?}");
                (width, height)
            })
            .collect()
    }

    #[test]
    fn levels_go_down_to_a_pixel_and_keep_an_even_colour() {
        assert_eq!(sizes(8, 2), [(8, 2), (4, 1), (2, 1), (1, 1)]);
        assert_eq!(sizes(5, 3), [(5, 3), (2, 1), (1, 1)]);
        assert_eq!(sizes(1, 1), [(1, 1)]);
    }

    #[test]
    fn every_value_is_its_own_mean() {
        for value in 0..=255 {
            let pixel = [value, value, value, 255];
            assert_eq!(mean([pixel; 4], &LIGHT, &SRGB), pixel);
        }
    }

    #[test]
    fn light_is_averaged_and_not_its_encoding() {
        let (black, white) = ([0, 0, 0, 255], [255; 4]);
        let [red, .., alpha] = mean([black, white, black, white], &LIGHT, &SRGB);
        assert_eq!((red, alpha), (188, 255), "half of the light is sRGB 188");
    }

    #[test]
    fn linear_values_are_averaged_as_they_are() {
        let mut image = PreparedImage::new(2, 1, vec![0, 0, 0, 0, 255, 100, 3, 1]);
        image.is_linear = true;
        image.make_levels();
        assert_eq!(image.smaller, [128, 50, 2, 1]);
    }

    #[test]
    fn what_is_not_seen_does_not_darken_its_neighbours() {
        let (leaf, nothing) = ([40, 180, 60, 255], [0; 4]);
        let [red, green, blue, alpha] = mean([leaf, nothing, nothing, leaf], &LIGHT, &SRGB);
        assert_eq!([red, green, blue], [40, 180, 60]);
        assert_eq!(alpha, 128);
    }

    #[test]
    fn an_image_that_lies_about_its_size_gets_no_levels() {
        let mut image = PreparedImage::new(4, 4, vec![0; 8]);
        image.make_levels();
        assert!(image.smaller.is_empty());
        assert_eq!(image.levels().count(), 1);
    }
}
