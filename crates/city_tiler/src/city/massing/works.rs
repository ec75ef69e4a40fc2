//! Flatted factories, and the container port.

use super::{
    Built, Cover, CoverKind, Draft, FOUNDATION_M, Land, Prop, ROOFS, block_name, roof_top, tone,
};
use crate::city::blocks::Block;
use crate::city::building::{Use, Volume, Wall};
use crate::city::shapes::Pose;
use crate::geom;
use crate::rng::Rng;

const CONCRETE: &[[u8; 3]] = &[
    [163, 161, 156],
    [148, 150, 148],
    [139, 139, 135],
    [172, 167, 156],
    [154, 159, 163],
];
const BOXES: &[[u8; 3]] = &[
    [146, 74, 58],
    [66, 92, 120],
    [92, 108, 88],
    [156, 148, 137],
    [176, 132, 70],
    [84, 84, 90],
    [120, 60, 64],
];

/// Factories of many storeys that fill their lots.
#[must_use]
pub fn factories(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Yard,
    });
    let (w, d) = geom::size(&block.quad);
    let (columns, rows) = ((w / 46.0).round().max(1.0), (d / 62.0).round().max(1.0));
    let mut number = 0;
    for row in 0..rows as u32 {
        for column in 0..columns as u32 {
            number += 1;
            let (s, t) = (f64::from(column) / columns, f64::from(row) / rows);
            let lot = geom::part(&block.quad, (s, s + 1.0 / columns), (t, t + 1.0 / rows));
            let Some(lot) = geom::inset(&lot, [1.6; 4]) else {
                continue;
            };
            let (lw, ld) = geom::size(&lot);
            if lw.min(ld) < 10.0 {
                continue;
            }
            let Some(ground_m) = land.ground(&lot) else {
                built.refused += 1;
                continue;
            };
            let converted = rng.chance(0.2);
            let height =
                rng.bell(42.0, 13.0).clamp(16.0, 80.0) + if converted { 25.0 } else { 0.0 };
            let pose = Pose::of(&lot);
            let top = ground_m + height;
            let mut volumes =
                vec![Volume::prism(lot.to_vec(), ground_m - FOUNDATION_M, top, 2).with_parapet()];
            roof_top(&lot, top, pose, rng, &mut volumes);
            for x in [-0.3, 0.05, 0.3] {
                let unit = pose.moved(lw * x, -ld * 0.3).rectangle(4.0, 3.0);
                volumes.push(Volume::prism(unit, top - 1.0, top + 2.0, 0).walled(Wall::Roof));
            }
            let name = if converted {
                block_name(land, block, ("Works Loft", "工坊", "工坊"))
            } else {
                block_name(land, block, ("Industrial Building", "工業大廈", "工业大厦"))
            };
            let draft = Draft {
                name: name.block(number),
                usage: if converted {
                    Use::Office
                } else {
                    Use::Industrial
                },
                pose,
                ground_m,
                volumes,
                colors: (tone(CONCRETE, rng), tone(ROOFS, rng)),
                year: if converted {
                    rng.int(2006, 2024)
                } else {
                    rng.int(1961, 1994)
                },
                landmark: false,
            };
            built
                .buildings
                .push(draft.build(block.district, Some(block.id), rng));
        }
    }
    built
}

/// Rows of containers, a shed, and a gantry over the rows.
#[must_use]
pub fn port(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Yard,
    });
    let (w, d) = geom::size(&block.quad);
    let pose = Pose::of(&block.quad);
    let shed = pose.moved(-w * 0.5 + 17.0, 0.0);
    let ring = shed.rectangle(24.0, (d * 0.8).min(90.0));
    if let Some(ground_m) = land.ground(&ring) {
        let top = ground_m + rng.range(9.0, 16.0);
        let mut volumes = vec![Volume::prism(ring.clone(), ground_m - FOUNDATION_M, top, 2)];
        let ridge: Vec<_> = shed.rectangle(0.5, (d * 0.8).min(90.0));
        volumes.push(Volume::tapered(ring, &ridge, top, top + 3.5, 1).walled(Wall::Roof));
        let draft = Draft {
            name: block_name(land, block, ("Freight Shed", "貨倉", "货仓")),
            usage: Use::Industrial,
            pose: shed,
            ground_m,
            volumes,
            colors: (tone(CONCRETE, rng), tone(ROOFS, rng)),
            year: rng.int(1976, 2016),
            landmark: false,
        };
        built
            .buildings
            .push(draft.build(block.district, Some(block.id), rng));
    }
    let left = -w * 0.5 + 36.0;
    let rows = ((w * 0.5 - 6.0 - left) / 16.0).max(0.0) as u32;
    let stacks = ((d - 16.0) / 13.5).max(0.0) as u32;
    for row in 0..rows {
        for stack in 0..stacks {
            if rng.chance(0.2) {
                continue;
            }
            let place = pose.moved(
                left + f64::from(row) * 16.0 + 7.0,
                -d * 0.5 + 14.0 + f64::from(stack) * 13.5,
            );
            if !geom::contains(&block.quad, place.centre) || land.terrain.shore(place.centre) < 20.0
            {
                continue;
            }
            let ground = land.terrain.height(place.centre);
            let high = rng.range(1.0, 5.9).floor();
            let stack = Volume::prism(
                place.rectangle(11.0, 12.2),
                ground - 0.5,
                ground + high * 2.6,
                0,
            );
            built
                .props
                .push(Prop::solid(stack.walled(Wall::Plain), tone(BOXES, rng)));
        }
    }
    built
}

/// A quay crane at a place, its boom over the water in the direction of `axis`.
#[must_use]
pub fn crane(pose: Pose, ground_m: f64) -> Vec<Prop> {
    let rgb = [156, 96, 62];
    let leg = |x: f64, y: f64| pose.moved(x, y).rectangle(1.6, 1.6);
    let mut props: Vec<Prop> = [(-11.0, -9.0), (-11.0, 9.0), (11.0, -9.0), (11.0, 9.0)]
        .into_iter()
        .map(|(x, y)| {
            let leg = Volume::prism(leg(x, y), ground_m, ground_m + 46.0, 1);
            Prop::solid(leg.walled(Wall::Plain), rgb)
        })
        .collect();
    let bar = |ring: Vec<glam::DVec2>, low: f64, high: f64| {
        let bar = Volume::prism(ring, ground_m + low, ground_m + high, 1);
        Prop::solid(bar.walled(Wall::Plain), rgb)
    };
    props.push(bar(pose.rectangle(24.0, 20.0), 12.0, 14.0));
    props.push(bar(pose.moved(16.0, 0.0).rectangle(92.0, 4.0), 44.0, 47.0));
    props.push(bar(pose.moved(-2.0, 0.0).rectangle(3.0, 3.0), 47.0, 68.0));
    props.push(bar(pose.moved(-20.0, 0.0).rectangle(10.0, 7.0), 47.0, 53.0));
    props
}
