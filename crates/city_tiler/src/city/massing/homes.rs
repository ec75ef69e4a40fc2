//! Homes on the slopes: slim towers, villas and village houses.

use glam::DVec2;

use super::{
    Built, Cover, CoverKind, Draft, FOUNDATION_M, Land, ROOFS, Tower, block_name, tone, tree,
};
use crate::bins::Bins;
use crate::city::blocks::Block;
use crate::city::building::{Use, Volume, Wall};
use crate::city::districts::{self, DISTRICTS};
use crate::city::names::Name;
use crate::city::shapes::{Pose, scaled};
use crate::geom;
use crate::rng::Rng;

const PALE: &[[u8; 3]] = &[
    [200, 195, 186],
    [189, 186, 180],
    [182, 176, 167],
    [174, 178, 180],
    [195, 184, 171],
];
const TILES: &[[u8; 3]] = &[
    [150, 104, 84],
    [138, 96, 80],
    [120, 116, 112],
    [104, 122, 112],
    [160, 120, 96],
];

/// Slim towers on podiums, as on the slopes above the old streets.
#[must_use]
pub fn slim_towers(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    let density = DISTRICTS[block.district].density;
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Garden,
    });
    let (w, d) = geom::size(&block.quad);
    let (columns, rows) = ((w / 42.0).round().max(1.0), (d / 48.0).round().max(1.0));
    let mut number = 0;
    for row in 0..rows as u32 {
        for column in 0..columns as u32 {
            number += 1;
            let (s, t) = (f64::from(column) / columns, f64::from(row) / rows);
            let lot = geom::part(&block.quad, (s, s + 1.0 / columns), (t, t + 1.0 / rows));
            let Some(lot) = geom::inset(&lot, [2.5; 4]) else {
                continue;
            };
            let (w, d) = geom::size(&lot);
            let pose = Pose::of(&lot);
            let (tw, td) = ((w * 0.72).min(30.0), (d * 0.72).min(26.0));
            if tw.min(td) < 11.0 {
                continue;
            }
            let ring = match rng.weighted(&[2.0, 2.0, 1.5, 1.0]) {
                0 => pose.cross(tw, td, 0.5),
                1 => pose.chamfered(tw, td, 4.0),
                2 => pose.aitch(tw, td, 0.36),
                _ => pose.oval(tw, td, 12),
            };
            let height = (rng.bell(36.0, 8.0) * (0.6 + 0.5 * density))
                .clamp(14.0, 58.0)
                .round()
                * 3.05;
            let tower = Tower {
                lot: &lot,
                ring,
                podium_m: rng.range(6.0, 16.0),
                height_m: height.min(tw.min(td) * 9.5),
                setbacks: 0,
            };
            let Some((ground_m, volumes)) = tower.raise(land, rng) else {
                built.refused += 1;
                continue;
            };
            let name = block_name(land, block, ("Heights", "豪庭", "豪庭"));
            let draft = Draft {
                name: if columns * rows > 1.0 {
                    name.block(number)
                } else {
                    name
                },
                usage: Use::Residential,
                pose,
                ground_m,
                volumes,
                colors: (tone(PALE, rng), tone(ROOFS, rng)),
                year: rng.int(1980, 2025),
                landmark: false,
            };
            built
                .buildings
                .push(draft.build(block.district, Some(block.id), rng));
        }
    }
    built.plant(&block.quad, 420.0, rng);
    built
}

/// A house with a flat or hipped roof.
fn house(pose: Pose, w: f64, d: f64, storeys: f64, ground_m: f64, rng: &mut Rng) -> Vec<Volume> {
    let ring = pose.rectangle(w, d);
    let eaves = ground_m + storeys * 3.0;
    let mut volumes = vec![Volume::prism(
        ring.clone(),
        ground_m - FOUNDATION_M,
        eaves,
        2,
    )];
    if rng.chance(0.55) {
        // A hip: the ridge runs along the longer side.
        let (x, y) = if w >= d {
            ((w - d) / w + 0.02, 0.02)
        } else {
            (0.02, (d - w) / d + 0.02)
        };
        let upper: Vec<DVec2> = pose.rectangle(w * x, d * y);
        let hip = Volume::tapered(
            pose.rectangle(w + 0.8, d + 0.8),
            &upper,
            eaves,
            eaves + w.min(d) * 0.28,
            1,
        );
        volumes.push(hip.walled(Wall::Roof));
    } else {
        let stair = pose.moved(w * 0.22, d * 0.2).rectangle(3.2, 3.0);
        volumes.push(Volume::prism(stair, eaves - 0.5, eaves + 2.5, 0).walled(Wall::Plain));
    }
    volumes
}

/// Villas and low flats in gardens.
#[must_use]
pub fn villas(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Garden,
    });
    let (w, d) = geom::size(&block.quad);
    let (columns, rows) = ((w / 19.5).round().max(1.0), (d / 21.0).round().max(1.0));
    let street = land.street(block.sides[0].1);
    for row in 0..rows as u32 {
        for column in 0..columns as u32 {
            let (s, t) = (
                (f64::from(column) + 0.5) / columns,
                (f64::from(row) + 0.5) / rows,
            );
            let pose = Pose {
                centre: geom::bilinear(&block.quad, s, t),
                axis: geom::axis(&block.quad),
            };
            let pose = pose.moved(rng.range(-2.0, 2.0), rng.range(-2.0, 2.0));
            let (hw, hd) = (rng.range(10.0, 15.0), rng.range(9.0, 13.0));
            let Some(ground_m) = land.ground(&pose.rectangle(hw, hd)) else {
                built.refused += 1;
                continue;
            };
            let storeys = if rng.chance(0.3) {
                rng.range(4.0, 7.0).round()
            } else {
                rng.range(2.0, 3.6).round()
            };
            let volumes = house(pose, hw, hd, storeys, ground_m, rng);
            let draft = Draft {
                name: street
                    .numbered((block.id % 43) * 12 + 2 * (row * columns as u32 + column) + 1),
                usage: Use::Residential,
                pose,
                ground_m,
                volumes,
                colors: (tone(PALE, rng), tone(TILES, rng)),
                year: rng.int(1925, 2015),
                landmark: false,
            };
            built
                .buildings
                .push(draft.build(block.district, Some(block.id), rng));
        }
    }
    built.plant(&block.quad, 260.0, rng);
    built
}

/// A village of three-storey houses around a place.
#[must_use]
pub fn village(land: &Land<'_>, middle: DVec2, name: &Name, houses: u32, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    let district = districts::at(middle);
    let lean = rng.range(0.0, std::f64::consts::PI);
    let mut number = 0;
    let mut rings: Vec<Vec<DVec2>> = Vec::new();
    let mut taken = Bins::new(40.0);
    for attempt in 0..houses * 5 {
        if number >= houses {
            break;
        }
        // A sunflower's spiral fills the place from the middle.
        let angle = f64::from(attempt) * 2.399_963_229_728_653;
        let radius = 12.0 * f64::from(attempt).sqrt() + 8.0;
        let jitter = DVec2::new(rng.range(-2.0, 2.0), rng.range(-2.0, 2.0));
        let centre = middle + DVec2::new(libm::cos(angle), libm::sin(angle)) * radius + jitter;
        let turn = lean
            + rng.bell(0.0, 0.12)
            + if rng.chance(0.5) {
                std::f64::consts::FRAC_PI_2
            } else {
                0.0
            };
        let pose = Pose {
            centre,
            axis: DVec2::new(libm::cos(turn), libm::sin(turn)),
        };
        let ring = pose.rectangle(rng.range(8.0, 11.0), rng.range(7.5, 9.5));
        let near = scaled(&ring, 1.25);
        let crowded = taken.within(geom::extent(&near)).iter().any(|i| {
            rings
                .get(*i as usize)
                .is_some_and(|other| geom::convex_overlap(&near, other))
        });
        if crowded {
            continue;
        }
        let Some(ground_m) = land.ground(&ring) else {
            built.refused += 1;
            continue;
        };
        taken.insert(geom::extent(&ring), rings.len() as u32);
        number += 1;
        let (w, d) = ((ring[1] - ring[0]).length(), (ring[2] - ring[1]).length());
        rings.push(ring);
        let storeys = if rng.chance(0.75) { 3.0 } else { 2.0 };
        let volumes = house(pose, w, d, storeys, ground_m, rng);
        let draft = Draft {
            name: name.numbered(number),
            usage: Use::Village,
            pose,
            ground_m,
            volumes,
            colors: (tone(PALE, rng), tone(TILES, rng)),
            year: rng.int(1960, 2018),
            landmark: false,
        };
        built.buildings.push(draft.build(district, None, rng));
        if rng.chance(0.6) {
            built
                .trees
                .push(tree(centre + DVec2::new(rng.range(-9.0, 9.0), 8.0), rng));
        }
    }
    built
}
