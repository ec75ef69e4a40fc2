//! Materials and colours.
//!
//! Colours are chosen as sRGB, near neutral, and written linear as glTF asks:
//! the city is quiet, so that data can have the colour.

use glam::DVec2;

use crate::city::green;
use crate::city::massing::CoverKind;
use crate::land::Terrain;
use crate::land::relief::urban_shore;
use crate::noise::{fbm, smoothstep};
use crate::write::Material;

/// Index of the facade material in [`BUILDING_MATERIALS`].
pub const FACADE: usize = 0;
/// Index of the plain material in [`BUILDING_MATERIALS`].
pub const PLAIN: usize = 1;

const fn material(
    name: &'static str,
    surface: &'static str,
    base: [f32; 4],
    rough: f32,
) -> Material {
    Material {
        name,
        base_color: base,
        metallic: 0.0,
        roughness: rough,
        surface,
    }
}

const WHITE: [f32; 4] = [1.0, 1.0, 1.0, 1.0];

/// Materials of building contents.
pub const BUILDING_MATERIALS: [Material; 2] = [
    material("Facade", "facade", WHITE, 0.8),
    material("Roof", "plain", WHITE, 0.9),
];

/// Index of the terrain material in [`GROUND_MATERIALS`].
pub const TERRAIN: usize = 0;
/// Index of the water material in [`GROUND_MATERIALS`].
pub const WATER: usize = 1;
/// Index of the road material in [`GROUND_MATERIALS`].
pub const ROAD: usize = 2;
/// Index of the material of trees and lawns in [`GROUND_MATERIALS`].
pub const GREEN: usize = 3;
/// Index of the material of other things in [`GROUND_MATERIALS`].
pub const THING: usize = 4;

/// Materials of ground contents.
pub const GROUND_MATERIALS: [Material; 5] = [
    material("Ground", "terrain", WHITE, 1.0),
    material("Water", "water", [0.010, 0.030, 0.045, 1.0], 0.1),
    material("Street", "road", WHITE, 0.95),
    material("Green", "vegetation", WHITE, 1.0),
    material("Thing", "plain", WHITE, 0.8),
];

/// A linear component from an sRGB one.
#[must_use]
pub fn linear(c: f64) -> f64 {
    let c = (c / 255.0).clamp(0.0, 1.0);
    if c <= 0.040_45 {
        c / 12.92
    } else {
        libm::pow((c + 0.055) / 1.055, 2.4)
    }
}

/// Linear RGBA of an sRGB colour.
#[must_use]
pub fn rgba(rgb: [f64; 3], alpha: u8) -> [u8; 4] {
    let [r, g, b] = rgb.map(|c| (linear(c) * 255.0).round() as u8);
    [r, g, b, alpha]
}

/// Linear RGBA of an sRGB colour in bytes.
#[must_use]
pub fn bytes(rgb: [u8; 3], alpha: u8) -> [u8; 4] {
    rgba(rgb.map(f64::from), alpha)
}

fn blend(a: [f64; 3], b: [f64; 3], t: f64) -> [f64; 3] {
    [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * t)
}

/// A place on the ground, as far as its colour depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Where.
    pub p: DVec2,
    /// Height above the ellipsoid, metres.
    pub height_m: f64,
    /// Distance to the shore, metres.
    pub shore_m: f64,
    /// Rise per metre.
    pub slope: f64,
    /// How much of a lawn it is, 0 to 1.
    pub lawn: f64,
}

/// The ground's colour at a place, sRGB.
#[must_use]
pub fn ground(terrain: &Terrain, at: &Place) -> [f64; 3] {
    let p = at.p;
    let patch = 0.5 + 0.5 * fbm(terrain.seed() ^ 0xC010, p / 130.0, 3);
    let speckle = 0.5 + 0.5 * fbm(terrain.seed() ^ 0xC011, p / 31.0, 2);
    let grass = blend([104.0, 112.0, 74.0], [126.0, 124.0, 86.0], patch);
    let forest = blend(
        [50.0, 66.0, 44.0],
        [74.0, 86.0, 56.0],
        0.5 * patch + 0.5 * speckle,
    );
    let paved = blend([120.0, 118.0, 114.0], [134.0, 131.0, 125.0], patch);
    let green = blend([92.0, 112.0, 70.0], [110.0, 124.0, 80.0], speckle);
    let rock = [126.0, 118.0, 106.0];
    let sand = [202.0, 188.0, 156.0];
    let wood = green::woodland(terrain, p);
    let wild = smoothstep(12.0, 34.0, at.height_m).max(smoothstep(0.08, 0.2, at.slope));
    let town = urban_shore(p) * (1.0 - wild);
    let mut color = blend(grass, forest, smoothstep(0.05, 0.45, wood));
    color = blend(color, rock, smoothstep(0.75, 1.15, at.slope) * 0.7);
    color = blend(color, paved, town);
    color = blend(color, green, at.lawn);
    let beach = (1.0 - urban_shore(p))
        * smoothstep(34.0, 14.0, at.shore_m)
        * smoothstep(4.5, 2.0, at.height_m);
    blend(color, sand, beach)
}

/// The colour of a cover, sRGB.
#[must_use]
pub fn cover(kind: CoverKind) -> [f64; 3] {
    match kind {
        CoverKind::Park => [92.0, 112.0, 70.0],
        CoverKind::Garden => [108.0, 118.0, 88.0],
        CoverKind::Pitch => [94.0, 134.0, 78.0],
        CoverKind::Track => [150.0, 106.0, 90.0],
        CoverKind::Plaza => [150.0, 146.0, 139.0],
        CoverKind::Yard => [126.0, 124.0, 121.0],
    }
}

/// Asphalt, sRGB.
pub const ASPHALT: [f64; 3] = [74.0, 76.0, 80.0];
/// Concrete of sea walls, sRGB.
pub const QUAY: [f64; 3] = [148.0, 144.0, 136.0];
/// Rock at natural shores, sRGB.
pub const SHORE_ROCK: [f64; 3] = [122.0, 112.0, 100.0];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_is_the_srgb_standard_s_curve() {
        assert_eq!(linear(0.0), 0.0);
        assert_eq!(linear(255.0), 1.0);
        assert!((linear(188.0) - 0.5029).abs() < 1e-3);
        assert_eq!(bytes([255, 0, 188], 7), [255, 0, 128, 7]);
    }
}
