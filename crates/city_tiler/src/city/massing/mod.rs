//! What stands on a block: one file per kind of place.

pub mod civic;
pub mod estates;
pub mod homes;
pub mod landmarks;
pub mod offices;
pub mod old;
pub mod works;

use glam::{DVec2, DVec3};

use super::blocks::Block;
use super::building::{Building, Use, Volume, Wall};
use super::districts::Zone;
use super::names::{self, Name};
use super::shapes::{Pose, scaled};
use crate::geom;
use crate::land::Terrain;
use crate::rng::{Rng, hash};
use crate::streets::Network;

/// What a patch of ground is covered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoverKind {
    /// Lawn and beds.
    Park,
    /// A garden between houses.
    Garden,
    /// A playing field.
    Pitch,
    /// A running track or court.
    Track,
    /// Paved, for people.
    Plaza,
    /// Paved, for goods.
    Yard,
}

/// A convex piece of ground with a cover.
#[derive(Debug, Clone)]
pub struct Cover {
    /// Its corners, counter-clockwise, convex.
    pub ring: Vec<DVec2>,
    /// What it is.
    pub kind: CoverKind,
}

/// A tree.
#[derive(Debug, Clone, Copy)]
pub struct Tree {
    /// Where.
    pub p: DVec2,
    /// From the ground to its top, metres.
    pub height_m: f64,
    /// Half the width of its crown, metres.
    pub radius_m: f64,
    /// A shade of green, 0 to 1.
    pub tint: f64,
    /// Whether it stands in the woods, one of many.
    pub wild: bool,
}

/// A thing that is not a building: a crane, a container, a bridge's pylon.
#[derive(Debug, Clone)]
pub struct Prop {
    /// Its shape.
    pub shape: Shape,
    /// Its colour, sRGB.
    pub rgb: [u8; 3],
}

/// The shape of a thing.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A solid; its walls are plain.
    Solid(Volume),
    /// A straight bar with a square section.
    Beam {
        /// One end: the plane and a height above the ellipsoid.
        a: DVec3,
        /// The other end.
        b: DVec3,
        /// Half its thickness, metres.
        half_m: f64,
        /// The coarsest level of detail that shows it.
        detail: u8,
    },
}

impl Prop {
    /// A solid thing.
    #[must_use]
    pub fn solid(volume: Volume, rgb: [u8; 3]) -> Self {
        Self {
            shape: Shape::Solid(volume),
            rgb,
        }
    }

    /// A bar.
    #[must_use]
    pub fn beam(a: DVec3, b: DVec3, half_m: f64, detail: u8, rgb: [u8; 3]) -> Self {
        let shape = Shape::Beam {
            a,
            b,
            half_m,
            detail,
        };
        Self { shape, rgb }
    }

    /// Its middle on the plane.
    #[must_use]
    pub fn centre(&self) -> DVec2 {
        match &self.shape {
            Shape::Solid(volume) => geom::centre(&volume.ring),
            Shape::Beam { a, b, .. } => ((*a + *b) / 2.0).truncate(),
        }
    }
}

/// What was built somewhere.
#[derive(Debug, Clone, Default)]
pub struct Built {
    /// Buildings, not yet numbered.
    pub buildings: Vec<Building>,
    /// Covered ground.
    pub covers: Vec<Cover>,
    /// Trees.
    pub trees: Vec<Tree>,
    /// Other things.
    pub props: Vec<Prop>,
    /// Buildings that found no place: too steep, too near water or a street.
    pub refused: u32,
}

impl Built {
    /// Adds what was built elsewhere.
    pub fn extend(&mut self, other: Self) {
        self.buildings.extend(other.buildings);
        self.covers.extend(other.covers);
        self.trees.extend(other.trees);
        self.props.extend(other.props);
        self.refused += other.refused;
    }

    /// Scatters trees over a convex ring, one per `area_m2`.
    pub fn plant(&mut self, ring: &[DVec2], area_m2: f64, rng: &mut Rng) {
        let (low, high) = geom::extent(ring);
        let size = high - low;
        let count = (size.x * size.y / area_m2) as usize;
        for _ in 0..count.min(4000) {
            let p = low + DVec2::new(size.x * rng.unit(), size.y * rng.unit());
            if geom::contains(ring, p) {
                self.trees.push(tree(p, rng));
            }
        }
    }
}

/// A tree of a usual size.
#[must_use]
pub fn tree(p: DVec2, rng: &mut Rng) -> Tree {
    Tree {
        p,
        height_m: rng.range(5.5, 11.0),
        radius_m: rng.range(2.2, 4.2),
        tint: rng.unit(),
        wild: false,
    }
}

/// The land and the streets that buildings have to respect.
#[derive(Debug, Clone, Copy)]
pub struct Land<'a> {
    /// The ground.
    pub terrain: &'a Terrain,
    /// The streets.
    pub network: &'a Network,
    /// Names of the streets, by their number.
    pub names: &'a [Name],
    /// The city's seed.
    pub seed: u64,
}

/// Steepest ground under a building, rise per metre across its footprint.
pub const STEEPEST: f64 = 0.42;
/// Buildings keep this far from the water, metres.
pub const SHORE_M: f64 = 7.0;

impl Land<'_> {
    /// The lowest ground under a footprint; `None` where nothing may stand.
    #[must_use]
    pub fn ground(&self, ring: &[DVec2]) -> Option<f64> {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        let next = ring.iter().cycle().skip(1);
        for (a, b) in ring.iter().zip(next) {
            for p in [*a, (*a + *b) / 2.0] {
                if self.terrain.shore(p) < SHORE_M || !self.terrain.domain.contains(p, 5.0) {
                    return None;
                }
                let h = self.terrain.height(p);
                low = low.min(h);
                high = high.max(h);
            }
        }
        let (a, b) = geom::extent(ring);
        let steep = high - low > STEEPEST * (b - a).length() * 0.7 + 0.5;
        (!steep && self.network.clearance_m(ring) > -0.2).then_some(low)
    }

    /// The street name along a side.
    #[must_use]
    pub fn street(&self, name: u32) -> Name {
        self.names
            .get(name as usize)
            .cloned()
            .unwrap_or_else(|| names::street(name, false))
    }
}

/// A building in the making.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its name.
    pub name: Name,
    /// What it is used for.
    pub usage: Use,
    /// Its pose.
    pub pose: Pose,
    /// The lowest ground under it.
    pub ground_m: f64,
    /// Its volumes.
    pub volumes: Vec<Volume>,
    /// Colours of walls and roofs.
    pub colors: ([u8; 3], [u8; 3]),
    /// When it was finished.
    pub year: i64,
    /// Whether it is a landmark.
    pub landmark: bool,
}

impl Draft {
    /// Works out what follows from the volumes and makes it a building.
    #[must_use]
    pub fn build(self, district: usize, block: Option<u32>, rng: &mut Rng) -> Building {
        let roofs = self.volumes.iter().filter(|v| v.detail >= 1);
        let top = roofs.map(Volume::top_m).fold(self.ground_m + 3.0, f64::max);
        let floors = |v: &Volume| {
            let storeys = ((v.top_m() - v.base_m) / self.usage.storey_m())
                .round()
                .max(1.0);
            storeys * geom::signed_area(&v.ring).abs() * 0.88
        };
        let area: f64 = self
            .volumes
            .iter()
            .filter(|v| v.detail >= 2)
            .map(floors)
            .sum();
        let masses = self
            .volumes
            .iter()
            .filter(|v| v.detail >= 2)
            .map(Volume::top_m);
        let storeys = (masses.fold(0.0, f64::max) - self.ground_m) / self.usage.storey_m();
        let age = (2026 - self.year) as f64;
        let energy = rng.bell(age / 11.5, 1.1).clamp(0.0, 6.0);
        Building {
            number: 0,
            name: self.name,
            district,
            block,
            usage: self.usage,
            storeys: storeys.round().clamp(1.0, 150.0) as u16,
            height_m: ((top - self.ground_m) * 10.0).round() / 10.0,
            floor_area_m2: (area / 10.0).round() * 10.0,
            year_built: self.year.clamp(1880, 2026) as u16,
            energy_class: energy.round() as u8,
            ground_m: self.ground_m,
            centre: self.pose.centre,
            axis: self.pose.axis,
            volumes: self.volumes,
            wall_rgb: self.colors.0,
            roof_rgb: self.colors.1,
            landmark: self.landmark,
        }
    }
}

/// Foundations reach this far below the lowest ground, so that coarse ground
/// meshes leave no gap.
pub const FOUNDATION_M: f64 = 3.0;

/// The usual things on a flat roof, at the finest level: a plant room, a stair
/// and now and then a tank.
pub fn roof_top(ring: &[DVec2], roof_m: f64, pose: Pose, rng: &mut Rng, volumes: &mut Vec<Volume>) {
    let area = geom::signed_area(ring).abs();
    let side = area.sqrt();
    if side < 7.0 {
        return;
    }
    let pose = Pose {
        centre: geom::centre(ring),
        ..pose
    };
    let w = side * rng.range(0.28, 0.42);
    let d = side * rng.range(0.2, 0.34);
    let (x, y) = (side * rng.range(-0.12, 0.12), side * rng.range(-0.1, 0.1));
    let height = if area > 400.0 {
        rng.range(4.0, 7.0)
    } else {
        rng.range(2.6, 3.4)
    };
    let room = pose.moved(x, y).rectangle(w, d);
    volumes.push(Volume::prism(room, roof_m - 1.0, roof_m + height, 0).walled(Wall::Plain));
    if rng.chance(0.5) {
        let tank = pose
            .moved(-x - side * 0.22, -y)
            .rectangle(side * 0.13, side * 0.13);
        volumes.push(Volume::prism(tank, roof_m - 1.0, roof_m + 2.4, 0).walled(Wall::Roof));
    }
}

/// A colour of a list.
#[must_use]
pub fn tone(palette: &[[u8; 3]], rng: &mut Rng) -> [u8; 3] {
    let base = rng.pick(palette).copied().unwrap_or([180, 178, 174]);
    let shade = rng.range(0.93, 1.05);
    base.map(|c| (f64::from(c) * shade).round().clamp(0.0, 255.0) as u8)
}

/// Greys of flat roofs.
pub const ROOFS: &[[u8; 3]] = &[
    [128, 126, 122],
    [112, 112, 110],
    [140, 136, 130],
    [120, 116, 112],
    [132, 132, 134],
    [104, 118, 100],
];

/// Builds a block.
#[must_use]
pub fn block(land: &Land<'_>, block: &Block) -> Built {
    let mut rng = block.rng(land.seed);
    match block.zone {
        Zone::Office => offices::block(land, block, &mut rng),
        Zone::Retail => offices::shops(land, block, &mut rng),
        Zone::Tenement => old::tenements(land, block, &mut rng),
        Zone::Flats => old::flats(land, block, &mut rng),
        Zone::Estate => estates::block(land, block, &mut rng),
        Zone::Luxury => homes::slim_towers(land, block, &mut rng),
        Zone::Industrial => works::factories(land, block, &mut rng),
        Zone::Port => works::port(land, block, &mut rng),
        Zone::Garden => homes::villas(land, block, &mut rng),
        Zone::Park => civic::park(block, &mut rng),
        Zone::School => civic::school(land, block, &mut rng),
        Zone::Hospital => civic::hospital(land, block, &mut rng),
        Zone::Civic => civic::public(land, block, &mut rng),
        Zone::Stadium => civic::stadium(land, block, &mut rng),
        Zone::Wild => Built::default(),
    }
}

/// A name for something on a block that other blocks seldom share.
#[must_use]
pub fn block_name(land: &Land<'_>, block: &Block, kind: (&str, &str, &str)) -> Name {
    names::root(hash(&[land.seed, 0x4E41, u64::from(block.id)]) as usize % 100_000).with(kind)
}

/// A tower on a podium that fills its lot: the shared part of many zones.
pub struct Tower<'a> {
    /// The lot, inside which the podium stands.
    pub lot: &'a geom::Quad,
    /// The tower's ring.
    pub ring: Vec<DVec2>,
    /// Height of the podium, metres; 0 for none.
    pub podium_m: f64,
    /// Height of the whole, metres.
    pub height_m: f64,
    /// How many setbacks.
    pub setbacks: u32,
}

impl Tower<'_> {
    /// The volumes, and the lowest ground; `None` where it may not stand.
    #[must_use]
    pub fn raise(&self, land: &Land<'_>, rng: &mut Rng) -> Option<(f64, Vec<Volume>)> {
        let podium = self.podium_m > 0.0;
        let footprint = if podium {
            self.lot.to_vec()
        } else {
            self.ring.clone()
        };
        let ground = land.ground(&footprint)?;
        let mut volumes = Vec::new();
        let mut base = ground - FOUNDATION_M;
        if podium {
            volumes.push(Volume::prism(footprint, base, ground + self.podium_m, 2).with_parapet());
            base = ground + self.podium_m - 0.5;
        }
        let top = ground + self.height_m;
        let shaft = top - base;
        let pose = Pose {
            centre: geom::centre(&self.ring),
            axis: geom::axis(self.lot),
        };
        let mut ring = self.ring.clone();
        let tiers = self.setbacks + 1;
        for tier in 0..tiers {
            let share = |t: u32| f64::from(t) / f64::from(tiers);
            // Lower tiers are the longer ones.
            let (from, to) = (
                base + shaft * share(tier).sqrt(),
                base + shaft * share(tier + 1).sqrt(),
            );
            let from = if tier == 0 { base } else { from - 0.5 };
            let volume = Volume::prism(ring.clone(), from, to, 2);
            volumes.push(volume.with_parapet());
            if tier + 1 < tiers {
                ring = scaled(&ring, rng.range(0.8, 0.9));
            }
        }
        roof_top(&ring, top, pose, rng, &mut volumes);
        Some((ground, volumes))
    }
}
