//! Old streets: rows of shop-houses, and the newer flats between them.

use super::{
    Built, Cover, CoverKind, Draft, FOUNDATION_M, Land, ROOFS, Tower, block_name, roof_top, tone,
};
use crate::city::blocks::Block;
use crate::city::building::{Use, Volume, Wall};
use crate::city::districts::DISTRICTS;
use crate::city::shapes::Pose;
use crate::geom::{self, Quad};
use crate::rng::Rng;

const PLASTER: &[[u8; 3]] = &[
    [182, 172, 158],
    [165, 158, 148],
    [190, 178, 165],
    [156, 152, 146],
    [176, 167, 145],
    [148, 156, 154],
    [172, 158, 146],
    [186, 182, 172],
    [159, 163, 165],
];
const FLATS: &[[u8; 3]] = &[
    [190, 184, 174],
    [176, 171, 165],
    [199, 190, 178],
    [169, 172, 176],
    [186, 174, 165],
    [184, 176, 158],
];

/// The strips of lots of a block: along its longer sides, back to back with an
/// alley between where it is deep enough. Each with the side that it faces.
fn rows(quad: &Quad, alley_m: f64) -> Vec<(Quad, usize)> {
    let (w, d) = geom::size(quad);
    // Turn the block so that lots line up along its width.
    let (q, turn) = if w >= d {
        (*quad, 0)
    } else {
        ([quad[1], quad[2], quad[3], quad[0]], 1)
    };
    let deep = w.min(d);
    if deep < 27.0 {
        return vec![(q, turn)];
    }
    let half = 0.5 - alley_m / deep / 2.0;
    let front = geom::part(&q, (0.0, 1.0), (0.0, half));
    let back = geom::part(&q, (0.0, 1.0), (1.0 - half, 1.0));
    // The back row faces the other way.
    let back = [back[2], back[3], back[0], back[1]];
    vec![(front, turn), (back, (turn + 2) % 4)]
}

/// Cuts a row into lots of varying width.
fn cut(row: &Quad, narrow_m: f64, wide_m: f64, rng: &mut Rng) -> Vec<Quad> {
    let (w, _) = geom::size(row);
    let mut cuts = vec![0.0];
    let mut at = 0.0;
    while w - at > narrow_m * 1.4 {
        at += rng.range(narrow_m, wide_m);
        if w - at < narrow_m * 0.8 {
            break;
        }
        cuts.push(at / w);
    }
    cuts.push(1.0);
    cuts.windows(2)
        .filter(|c| c[1] > c[0])
        .map(|c| geom::part(row, (c[0], c[1]), (0.0, 1.0)))
        .collect()
}

/// Shop-houses shoulder to shoulder.
#[must_use]
pub fn tenements(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    let density = DISTRICTS[block.district].density;
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Yard,
    });
    let fresh = rng.chance(0.25);
    for (row, side) in rows(&block.quad, rng.range(2.5, 4.5)) {
        let street = land.street(block.sides[side].1);
        let first = (block.id % 37) * 18 + 1 + side as u32 / 2;
        for (i, lot) in cut(&row, 5.6, if fresh { 14.0 } else { 10.4 }, rng)
            .into_iter()
            .enumerate()
        {
            let pencil = rng.chance(0.05 + 0.1 * density);
            let office = !pencil && rng.chance(0.06);
            let (w, d) = geom::size(&lot);
            let storeys = if pencil {
                rng.range(17.0, 24.0 + 12.0 * density)
            } else if office {
                rng.range(10.0, 20.0)
            } else {
                rng.bell(6.2, 1.1)
                    + if rng.chance(0.18) {
                        rng.range(2.0, 6.0)
                    } else {
                        0.0
                    }
            };
            let height = storeys.round() * 3.25;
            let back = if pencil { 0.72 } else { rng.range(0.8, 1.0) };
            let foot = geom::part(&lot, (0.0, 1.0), (0.0, back));
            let Some(ground_m) = land.ground(&foot) else {
                built.refused += 1;
                continue;
            };
            let pose = Pose::of(&foot);
            let top = ground_m + height;
            let mut volumes = Vec::new();
            if pencil && w > 9.0 {
                volumes.push(
                    Volume::prism(lot.to_vec(), ground_m - FOUNDATION_M, ground_m + 9.5, 1)
                        .with_parapet(),
                );
                let shaft = geom::part(&foot, (0.05, 0.95), (0.06, 0.97));
                volumes.push(
                    Volume::prism(shaft.to_vec(), ground_m - FOUNDATION_M, top, 2).with_parapet(),
                );
                roof_top(&shaft, top, pose, rng, &mut volumes);
            } else {
                volumes.push(
                    Volume::prism(foot.to_vec(), ground_m - FOUNDATION_M, top, 2).with_parapet(),
                );
                // A stair to the roof and a hut or two on it.
                let at = (rng.range(-0.3, 0.3) * w, rng.range(0.0, 0.3) * d);
                let stair = pose
                    .moved(at.0, at.1)
                    .rectangle((w * 0.35).min(4.0), (d * 0.25).min(4.5));
                volumes.push(Volume::prism(stair, top - 1.0, top + 2.7, 0).walled(Wall::Plain));
                if rng.chance(0.4) {
                    let hut = pose.moved(-at.0, -at.1 * 0.7).rectangle(w * 0.3, d * 0.3);
                    volumes.push(Volume::prism(hut, top - 1.0, top + 2.2, 0).walled(Wall::Roof));
                }
            }
            let usage = if office {
                Use::Office
            } else {
                Use::Residential
            };
            let year = if pencil || office {
                rng.int(1978, 2022)
            } else {
                rng.int(1931, 1979)
            };
            let draft = Draft {
                name: street.numbered(first + 2 * i as u32),
                usage,
                pose,
                ground_m,
                volumes,
                colors: (tone(PLASTER, rng), tone(ROOFS, rng)),
                year,
                landmark: false,
            };
            built
                .buildings
                .push(draft.build(block.district, Some(block.id), rng));
        }
    }
    built
}

/// Flats of ten to twenty-five storeys on podiums with shops.
#[must_use]
pub fn flats(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    let density = DISTRICTS[block.district].density;
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Yard,
    });
    let mut number = 0;
    for (row, side) in rows(&block.quad, rng.range(4.0, 7.0)) {
        let street = land.street(block.sides[side].1);
        for lot in cut(&row, 16.0, 28.0, rng) {
            number += 1;
            let Some(lot) = geom::inset(&lot, [0.3; 4]) else {
                continue;
            };
            let (w, d) = geom::size(&lot);
            let height = (rng.bell(17.0, 4.5) * (0.65 + 0.5 * density))
                .round()
                .clamp(6.0, 34.0)
                * 3.05;
            let pose = Pose::of(&lot);
            let (tw, td) = (w * rng.range(0.74, 0.9), d * rng.range(0.74, 0.9));
            let ring = match rng.weighted(&[3.0, 2.0, 1.5]) {
                0 => pose.rectangle(tw, td),
                1 => pose.aitch(tw, td, 0.36),
                _ => pose.chamfered(tw, td, 2.6),
            };
            let tower = Tower {
                lot: &lot,
                ring,
                podium_m: rng.range(6.0, 13.0).min(height * 0.4),
                height_m: height,
                setbacks: 0,
            };
            let Some((ground_m, volumes)) = tower.raise(land, rng) else {
                built.refused += 1;
                continue;
            };
            let name = if rng.chance(0.5) {
                block_name(land, block, ("Mansion", "大樓", "大楼")).block(number)
            } else {
                street.numbered((block.id % 41) * 14 + 2 * number)
            };
            let draft = Draft {
                name,
                usage: Use::Residential,
                pose,
                ground_m,
                volumes,
                colors: (tone(FLATS, rng), tone(ROOFS, rng)),
                year: rng.int(1974, 2023),
                landmark: false,
            };
            built
                .buildings
                .push(draft.build(block.district, Some(block.id), rng));
        }
    }
    built
}
