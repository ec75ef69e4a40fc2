//! Colour maps: the tables that the panels and the renderer share.
//!
//! Continuous maps are perceptually even and safe for colour-blind eyes: cividis and batlow for
//! values, vik for differences (its middle is the neutral value). Categories use Okabe and Ito's eight
//! colours. The tables are `assets/colormaps/*.txt`, one `rrggbb` (sRGB) a line; sources and licences
//! stand in `assets/colormaps/README.md`.

use std::sync::OnceLock;

/// The continuous colour maps.
pub const NAMES: [&str; 3] = ["cividis", "batlow", "vik"];

/// A continuous colour map's 256 colours, sRGB.
pub type Table = [[u8; 3]; 256];

/// The colours of a continuous map; cividis for a name that is not one of [`NAMES`].
pub fn table(name: &str) -> &'static Table {
    static TABLES: OnceLock<[Table; 3]> = OnceLock::new();
    let tables = TABLES.get_or_init(|| {
        [
            read(include_str!("../../assets/colormaps/cividis.txt")),
            read(include_str!("../../assets/colormaps/batlow.txt")),
            read(include_str!("../../assets/colormaps/vik.txt")),
        ]
    });
    let index = NAMES.iter().position(|n| *n == name).unwrap_or(0);
    &tables[index]
}

/// The colour at `t` (0 to 1, clamped; NaN reads as 0), sRGB, between the two nearest entries.
pub fn sample(name: &str, t: f64) -> [u8; 3] {
    let table = table(name);
    let at = if t.is_nan() {
        0.0
    } else {
        t.clamp(0.0, 1.0) * 255.0
    };
    let (low, part) = (at.floor() as usize, at.fract());
    let (a, b) = (table[low.min(255)], table[(low + 1).min(255)]);
    std::array::from_fn(|c| {
        (f64::from(a[c]) + (f64::from(b[c]) - f64::from(a[c])) * part).round() as u8
    })
}

/// The colour of a category, sRGB; the eighth (grey) and its repeats mean "other".
pub fn category(index: usize) -> [u8; 3] {
    static COLORS: OnceLock<Vec<[u8; 3]>> = OnceLock::new();
    let colors = COLORS
        .get_or_init(|| colors(include_str!("../../assets/colormaps/okabe_ito.txt")).collect());
    colors
        .get(index)
        .or(colors.last())
        .copied()
        .unwrap_or([0x99; 3])
}

fn colors(text: &'static str) -> impl Iterator<Item = [u8; 3]> {
    text.lines()
        .filter_map(|line| u32::from_str_radix(line.trim(), 16).ok())
        .map(|v| {
            let [_, r, g, b] = v.to_be_bytes();
            [r, g, b]
        })
}

fn read(text: &'static str) -> Table {
    let mut table = [[0; 3]; 256];
    for (slot, color) in table.iter_mut().zip(colors(text)) {
        *slot = color;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(c: [u8; 3]) -> f64 {
        let lin = c.map(|v| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2]
    }

    #[test]
    fn the_tables_are_whole() {
        for text in [
            include_str!("../../assets/colormaps/cividis.txt"),
            include_str!("../../assets/colormaps/batlow.txt"),
            include_str!("../../assets/colormaps/vik.txt"),
        ] {
            assert_eq!(colors(text).count(), 256);
        }
        assert_eq!(
            colors(include_str!("../../assets/colormaps/okabe_ito.txt")).count(),
            8
        );
    }

    #[test]
    fn known_colours() {
        assert_eq!(sample("cividis", 0.0), [0x00, 0x22, 0x4e]);
        assert_eq!(sample("cividis", 1.0), [0xfe, 0xe8, 0x38]);
        assert_eq!(sample("batlow", 0.0), [0x01, 0x19, 0x59]);
        assert_eq!(sample("nothing of ours", 2.0), sample("cividis", 1.0));
        assert_eq!(sample("vik", f64::NAN), sample("vik", -1.0));
        assert_eq!(category(1), [0xe6, 0x9f, 0x00]);
        assert_eq!(category(99), category(7));
    }

    /// The maps are even in lightness: it never falls for values, and vik's middle is its lightest.
    #[test]
    fn lightness_follows_the_value() {
        for name in ["cividis", "batlow"] {
            let steps: Vec<f64> = table(name).iter().map(|c| luminance(*c)).collect();
            assert!(steps.windows(2).all(|w| w[1] >= w[0] - 0.004), "{name}");
        }
        let vik: Vec<f64> = table("vik").iter().map(|c| luminance(*c)).collect();
        let lightest = (0..256).max_by(|a, b| vik[*a].total_cmp(&vik[*b])).unwrap();
        assert!((118..=138).contains(&lightest), "{lightest}");
    }
}
