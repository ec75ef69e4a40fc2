//! Buildings as data: what they are, and the volumes they are made of.

use glam::{DVec2, DVec3};

use super::names::Name;
use crate::geom::{self, Quad};

/// What a building is used for. The numbers are the facade shader's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Use {
    /// Nothing in particular.
    None = 0,
    /// Flats.
    Residential = 1,
    /// Offices.
    Office = 2,
    /// Shops.
    Retail = 3,
    /// Factories and stores.
    Industrial = 4,
    /// Schools.
    School = 5,
    /// Hospitals.
    Hospital = 6,
    /// Hotels.
    Hotel = 7,
    /// Government.
    Government = 8,
    /// Stations, piers, terminals.
    Transport = 9,
    /// Village houses.
    Village = 10,
    /// Stadiums, museums, theatres.
    Leisure = 11,
}

impl Use {
    /// The names of the codes 0 to 11, as the metadata enum has them.
    pub const NAMES: [&'static str; 12] = [
        "None",
        "Residential",
        "Office",
        "Retail",
        "Industrial",
        "School",
        "Hospital",
        "Hotel",
        "Government",
        "Transport",
        "Village",
        "Leisure",
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Height of a usual storey, metres.
    #[must_use]
    pub fn storey_m(self) -> f64 {
        match self {
            Self::Residential | Self::Village | Self::None => 3.0,
            Self::Hotel => 3.3,
            Self::School => 3.6,
            Self::Office | Self::Government => 4.1,
            Self::Hospital => 4.2,
            Self::Retail | Self::Industrial => 4.6,
            Self::Transport | Self::Leisure => 5.5,
        }
    }
}

/// The letters of the energy classes, best first.
pub const ENERGY_CLASSES: [&str; 7] = ["A", "B", "C", "D", "E", "F", "G"];

/// How the sides of a volume look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wall {
    /// Windows, drawn by the facade shader.
    Facade,
    /// Plain, in the wall's colour.
    Plain,
    /// Plain, in the roof's colour.
    Roof,
}

/// A solid between a ring on one level and a ring above it, corner by corner.
#[derive(Debug, Clone)]
pub struct Volume {
    /// The lower corners, counter-clockwise.
    pub ring: Vec<DVec2>,
    /// Height of the lower ring, metres above the ellipsoid.
    pub base_m: f64,
    /// The upper corners, one above each lower one.
    pub top: Vec<DVec3>,
    /// How its sides look.
    pub wall: Wall,
    /// Whether a parapet stands round the roof at the finest level.
    pub parapet: bool,
    /// The coarsest level of detail that shows it: 0 is the finest only.
    pub detail: u8,
}

impl Volume {
    /// An upright prism.
    #[must_use]
    pub fn prism(ring: Vec<DVec2>, base_m: f64, top_m: f64, detail: u8) -> Self {
        Self {
            top: ring.iter().map(|p| p.extend(top_m)).collect(),
            ring,
            base_m,
            wall: Wall::Facade,
            parapet: false,
            detail,
        }
    }

    /// A prism whose upper ring is another one with as many corners.
    #[must_use]
    pub fn tapered(ring: Vec<DVec2>, upper: &[DVec2], base_m: f64, top_m: f64, detail: u8) -> Self {
        let top = upper.iter().map(|p| p.extend(top_m)).collect();
        Self {
            top,
            ..Self::prism(ring, base_m, top_m, detail)
        }
    }

    /// With other sides.
    #[must_use]
    pub fn walled(self, wall: Wall) -> Self {
        Self { wall, ..self }
    }

    /// With a parapet.
    #[must_use]
    pub fn with_parapet(self) -> Self {
        Self {
            parapet: true,
            ..self
        }
    }

    /// Height of its highest corner, metres above the ellipsoid.
    #[must_use]
    pub fn top_m(&self) -> f64 {
        self.top
            .iter()
            .map(|p| p.z)
            .fold(f64::NEG_INFINITY, f64::max)
    }
}

/// A building.
#[derive(Debug, Clone)]
pub struct Building {
    /// Its number; its id is made from it.
    pub number: u32,
    /// Its name.
    pub name: Name,
    /// Index of its district.
    pub district: usize,
    /// The block it stands on, if it stands on one.
    pub block: Option<u32>,
    /// What it is used for.
    pub usage: Use,
    /// Storeys above the ground.
    pub storeys: u16,
    /// From the ground to its highest roof, metres.
    pub height_m: f64,
    /// Floor area of all storeys together, square metres.
    pub floor_area_m2: f64,
    /// When it was finished.
    pub year_built: u16,
    /// Index into [`ENERGY_CLASSES`].
    pub energy_class: u8,
    /// The lowest ground at its walls, metres above the ellipsoid.
    pub ground_m: f64,
    /// Its middle.
    pub centre: DVec2,
    /// The direction it is aligned to.
    pub axis: DVec2,
    /// What it is made of.
    pub volumes: Vec<Volume>,
    /// Colour of its walls, sRGB.
    pub wall_rgb: [u8; 3],
    /// Colour of its roofs, sRGB.
    pub roof_rgb: [u8; 3],
    /// Whether it is worth a label and a place in the search by itself.
    pub landmark: bool,
}

impl Building {
    /// The id in files: "B" and six digits.
    #[must_use]
    pub fn id(&self) -> String {
        format!("B{:06}", self.number)
    }

    /// The volumes that stand for it at a coarse level, widest first.
    pub fn masses(&self) -> impl Iterator<Item = &Volume> {
        self.volumes.iter().filter(|v| v.detail >= 2)
    }

    /// The box round a ring in the building's direction, shrunk to its area.
    #[must_use]
    pub fn plain_box(&self, ring: &[DVec2]) -> Quad {
        let (u, v) = (self.axis, self.axis.perp());
        let (mut low, mut high) = (DVec2::splat(f64::INFINITY), DVec2::splat(f64::NEG_INFINITY));
        for p in ring {
            let q = DVec2::new(p.dot(u), p.dot(v));
            low = low.min(q);
            high = high.max(q);
        }
        let size = high - low;
        let fill = (geom::signed_area(ring) / (size.x * size.y).max(1e-6))
            .clamp(0.2, 1.0)
            .sqrt();
        let middle = (low + high) / 2.0;
        geom::rectangle(u * middle.x + v * middle.y, u, size.x * fill, size.y * fill)
    }
}
