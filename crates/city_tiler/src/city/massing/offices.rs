//! Office towers, malls and hotels.

use super::{Built, Cover, CoverKind, Draft, Land, ROOFS, Tower, block_name, tone};
use crate::city::blocks::Block;
use crate::city::building::{Use, Volume, Wall};
use crate::city::districts::DISTRICTS;
use crate::city::shapes::{Pose, scaled};
use crate::geom::{self, Quad};
use crate::rng::Rng;

const GLASS: &[[u8; 3]] = &[
    [120, 135, 148],
    [98, 114, 128],
    [140, 150, 156],
    [148, 154, 158],
    [88, 102, 114],
    [132, 124, 114],
    [139, 146, 148],
    [108, 124, 126],
    [161, 163, 161],
];
const STONE: &[[u8; 3]] = &[
    [172, 165, 156],
    [158, 154, 148],
    [139, 137, 135],
    [182, 176, 169],
    [148, 141, 132],
];

/// Splits a block into lots across its longer side.
fn lots(quad: &Quad, widest_m: f64, gap_m: f64) -> Vec<Quad> {
    let (w, d) = geom::size(quad);
    let along = w >= d;
    let long = if along { w } else { d };
    let count = (long / widest_m).round().max(1.0);
    let gap = gap_m / long / 2.0;
    (0..count as usize)
        .map(|i| {
            let (from, to) = (i as f64 / count + gap, (i + 1) as f64 / count - gap);
            if along {
                geom::part(quad, (from, to), (0.0, 1.0))
            } else {
                geom::part(quad, (0.0, 1.0), (from, to))
            }
        })
        .collect()
}

/// A tower's ring inside its lot, in one of several shapes.
fn tower_ring(lot: &Quad, share: f64, rng: &mut Rng) -> Vec<glam::DVec2> {
    let pose = Pose::of(lot);
    let (w, d) = geom::size(lot);
    let side = (w * d * share).sqrt();
    let wide = (side * rng.range(1.0, 1.25)).min(w * 0.92).min(64.0);
    let deep = (side * side / wide).min(d * 0.92).min(52.0);
    match rng.weighted(&[4.0, 3.0, 1.2, 1.0, 0.8]) {
        0 => pose.rectangle(wide, deep),
        1 => pose.chamfered(wide, deep, side * rng.range(0.08, 0.2)),
        2 => pose.oval(wide, deep, 14),
        3 => pose.cross(wide, deep, 0.72),
        _ => pose.aitch(wide, deep, 0.32),
    }
}

/// Something at the very top: a spire, a crown or nothing.
fn crown(
    ring: &[glam::DVec2],
    top_m: f64,
    height_m: f64,
    rng: &mut Rng,
    volumes: &mut Vec<Volume>,
) {
    match rng.weighted(&[5.0, 2.0, 1.5]) {
        1 if height_m > 130.0 => {
            let cap = scaled(ring, 0.72);
            let upper = scaled(ring, 0.3);
            volumes.push(Volume::tapered(
                cap,
                &upper,
                top_m - 0.5,
                top_m + height_m * 0.07,
                1,
            ));
        }
        2 if height_m > 150.0 => {
            let mast = scaled(ring, 0.05);
            let tip = scaled(ring, 0.01);
            let mast = Volume::tapered(
                mast,
                &tip,
                top_m,
                top_m + height_m * rng.range(0.1, 0.17),
                0,
            );
            volumes.push(mast.walled(Wall::Plain));
        }
        _ => {}
    }
}

/// A block of office towers.
#[must_use]
pub fn block(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    let density = DISTRICTS[block.district].density;
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Plaza,
    });
    let lots = lots(&block.quad, rng.range(42.0, 68.0), 7.0);
    let many = lots.len();
    let name = block_name(
        land,
        block,
        *rng.pick(&[
            ("Centre", "中心", "中心"),
            ("Plaza", "廣場", "广场"),
            ("House", "大廈", "大厦"),
            ("Tower", "大廈", "大厦"),
        ])
        .unwrap_or(&("Centre", "中心", "中心")),
    );
    for (i, lot) in lots.iter().enumerate() {
        let Some(lot) = geom::inset(lot, [rng.range(1.0, 4.0); 4]) else {
            continue;
        };
        let (w, d) = geom::size(&lot);
        if w.min(d) < 14.0 {
            continue;
        }
        // Nearer the water and in the middle of town they are taller.
        let pull = 1.0 + 0.25 * (1.0 - (block.shore_m / 700.0).min(1.0));
        let height = (rng.bell(118.0, 46.0) * density * pull).clamp(38.0, 275.0);
        let slender = height.min(w.min(d) * 9.0);
        let podium = if rng.chance(0.75) {
            rng.range(12.0, 32.0).min(slender * 0.4)
        } else {
            0.0
        };
        let share = if podium > 0.0 {
            rng.range(0.36, 0.62)
        } else {
            rng.range(0.5, 0.75)
        };
        let ring = tower_ring(&lot, share, rng);
        let setbacks = rng.weighted(&[5.0, 3.0, 2.0, 0.8]) as u32;
        let tower = Tower {
            lot: &lot,
            ring: ring.clone(),
            podium_m: podium,
            height_m: slender,
            setbacks,
        };
        let Some((ground_m, mut volumes)) = tower.raise(land, rng) else {
            built.refused += 1;
            continue;
        };
        let top_ring = volumes
            .iter()
            .rfind(|v| v.detail >= 2)
            .map_or(ring, |v| v.ring.clone());
        crown(&top_ring, ground_m + slender, slender, rng, &mut volumes);
        let usage = if rng.chance(0.88) {
            Use::Office
        } else {
            Use::Hotel
        };
        let wall = if rng.chance(0.75) {
            tone(GLASS, rng)
        } else {
            tone(STONE, rng)
        };
        let named = if many > 1 {
            name.block(i as u32 + 1)
        } else {
            name.clone()
        };
        let draft = Draft {
            name: named,
            usage,
            pose: Pose::of(&lot),
            ground_m,
            volumes,
            colors: (wall, tone(ROOFS, rng)),
            year: rng.int(1972, 2025),
            landmark: slender > 240.0,
        };
        built
            .buildings
            .push(draft.build(block.district, Some(block.id), rng));
    }
    built
}

/// A block of malls with hotels or offices above them.
#[must_use]
pub fn shops(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    let density = DISTRICTS[block.district].density;
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Plaza,
    });
    let lots = lots(&block.quad, rng.range(30.0, 58.0), 3.0);
    for (i, lot) in lots.iter().enumerate() {
        let Some(lot) = geom::inset(lot, [rng.range(0.6, 2.0); 4]) else {
            continue;
        };
        let (w, d) = geom::size(&lot);
        if w.min(d) < 12.0 {
            continue;
        }
        let usage = [Use::Retail, Use::Hotel, Use::Office, Use::Residential]
            [rng.weighted(&[4.0, 2.5, 2.0, 1.5])];
        let low = usage == Use::Retail && rng.chance(0.5);
        let height = if low {
            rng.range(20.0, 42.0)
        } else {
            (rng.bell(84.0, 30.0) * density)
                .clamp(30.0, 180.0)
                .min(w.min(d) * 7.0)
        };
        let podium = if low {
            0.0
        } else {
            rng.range(14.0, 28.0).min(height * 0.5)
        };
        let ring = if low {
            lot.to_vec()
        } else {
            tower_ring(&lot, rng.range(0.4, 0.62), rng)
        };
        let tower = Tower {
            lot: &lot,
            ring,
            podium_m: podium,
            height_m: height,
            setbacks: u32::from(!low && rng.chance(0.3)),
        };
        let Some((ground_m, volumes)) = tower.raise(land, rng) else {
            built.refused += 1;
            continue;
        };
        let kind = match usage {
            Use::Hotel => ("Hotel", "酒店", "酒店"),
            Use::Office => ("Commercial Building", "商業大廈", "商业大厦"),
            Use::Residential => ("Mansion", "樓", "楼"),
            _ => ("Arcade", "商場", "商场"),
        };
        let name = block_name(land, block, kind);
        let wall = if usage == Use::Residential || rng.chance(0.45) {
            tone(STONE, rng)
        } else {
            tone(GLASS, rng)
        };
        let draft = Draft {
            name: if lots.len() > 1 {
                name.block(i as u32 + 1)
            } else {
                name
            },
            usage,
            pose: Pose::of(&lot),
            ground_m,
            volumes,
            colors: (wall, tone(ROOFS, rng)),
            year: rng.int(1965, 2024),
            landmark: false,
        };
        built
            .buildings
            .push(draft.build(block.district, Some(block.id), rng));
    }
    built
}
