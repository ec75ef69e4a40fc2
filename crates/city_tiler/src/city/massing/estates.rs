//! Estates: towers or slabs among greens, on land that was laid out at once.

use glam::DVec2;

use super::{
    Built, Cover, CoverKind, Draft, FOUNDATION_M, Land, ROOFS, block_name, roof_top, tone,
};
use crate::city::blocks::Block;
use crate::city::building::{Use, Volume, Wall};
use crate::city::districts::DISTRICTS;
use crate::city::shapes::Pose;
use crate::geom;
use crate::rng::Rng;

const ESTATE: &[[u8; 3]] = &[
    [191, 186, 176],
    [182, 189, 184],
    [195, 180, 172],
    [176, 184, 193],
    [199, 193, 176],
    [172, 169, 165],
    [189, 182, 189],
];

#[derive(Clone, Copy)]
enum Kind {
    Cross,
    Trident,
    Slab,
    Point,
}

/// One estate.
#[must_use]
pub fn block(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    let density = DISTRICTS[block.district].density;
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Garden,
    });
    let (w, d) = geom::size(&block.quad);
    let kind =
        [Kind::Cross, Kind::Trident, Kind::Slab, Kind::Point][rng.weighted(&[4.0, 2.0, 3.0, 2.0])];
    let (reach_x, reach_y, storeys, year) = match kind {
        Kind::Cross => (40.0, 40.0, rng.range(30.0, 44.0), rng.int(1988, 2024)),
        Kind::Trident => (52.0, 50.0, rng.range(24.0, 36.0), rng.int(1984, 1998)),
        Kind::Slab => (
            (w * 0.8).clamp(44.0, 96.0),
            15.0,
            rng.range(8.0, 20.0),
            rng.int(1958, 1985),
        ),
        Kind::Point => (27.0, 27.0, rng.range(22.0, 38.0), rng.int(1976, 2020)),
    };
    let storeys = storeys * (0.72 + 0.36 * density);
    let gap = match kind {
        Kind::Slab => 24.0,
        Kind::Point => 15.0,
        _ => 13.0,
    };
    let columns = ((w + gap) / (reach_x + gap)).floor().max(1.0);
    let rows = ((d + gap) / (reach_y + gap)).floor().max(1.0);
    let (wall, roof) = (tone(ESTATE, rng), tone(ROOFS, rng));
    let name = match kind {
        Kind::Slab | Kind::Trident => block_name(land, block, ("Estate", "邨", "邨")),
        _ => block_name(land, block, ("Court", "閣", "阁")),
    };
    let podium =
        matches!(kind, Kind::Cross | Kind::Point) && rng.chance(0.45) && block.slope < 0.06;
    let mut raised_m = 0.0;
    if podium
        && let Some(quad) = geom::inset(&block.quad, [3.0; 4])
        && let Some(ground_m) = land.ground(&quad)
    {
        raised_m = rng.range(7.0, 13.0);
        let deck = Volume::prism(
            quad.to_vec(),
            ground_m - FOUNDATION_M,
            ground_m + raised_m,
            2,
        );
        let draft = Draft {
            name: block_name(land, block, ("Mall", "商場", "商场")),
            usage: Use::Retail,
            pose: Pose::of(&quad),
            ground_m,
            volumes: vec![deck.with_parapet()],
            colors: (
                tone(&[[182, 178, 172], [167, 169, 171]], rng),
                [112, 128, 100],
            ),
            year,
            landmark: false,
        };
        built
            .buildings
            .push(draft.build(block.district, Some(block.id), rng));
    }
    let mut number = 0;
    for row in 0..rows as u32 {
        for column in 0..columns as u32 {
            let (s, t) = (
                (f64::from(column) + 0.5) / columns,
                (f64::from(row) + 0.5) / rows,
            );
            let centre = geom::bilinear(&block.quad, s, t);
            let pose = Pose {
                centre,
                axis: geom::axis(&block.quad),
            };
            number += 1;
            let height = (storeys + rng.range(-1.5, 1.5)).round() * 2.95 + raised_m;
            let Some((ground_m, volumes)) =
                tower(land, kind, pose, (reach_x, reach_y), height, rng)
            else {
                built.refused += 1;
                continue;
            };
            let draft = Draft {
                name: name.block(number),
                usage: Use::Residential,
                pose,
                ground_m,
                volumes,
                colors: (wall, roof),
                year,
                landmark: false,
            };
            built
                .buildings
                .push(draft.build(block.district, Some(block.id), rng));
        }
    }
    if raised_m == 0.0 {
        between(&mut built, block, rng);
    }
    built
}

fn tower(
    land: &Land<'_>,
    kind: Kind,
    pose: Pose,
    (reach_x, reach_y): (f64, f64),
    height_m: f64,
    rng: &mut Rng,
) -> Option<(f64, Vec<Volume>)> {
    let ring: Vec<DVec2> = match kind {
        Kind::Cross => pose.cross(reach_x * 0.92, reach_y * 0.92, 0.36),
        Kind::Trident => pose.trident(reach_x * 0.46, 14.5),
        Kind::Slab => pose.rectangle(reach_x, reach_y),
        Kind::Point => pose.aitch(reach_x * 0.92, reach_y * 0.92, 0.34),
    };
    let ground_m = land.ground(&ring)?;
    let top = ground_m + height_m;
    let mut volumes =
        vec![Volume::prism(ring.clone(), ground_m - FOUNDATION_M, top, 2).with_parapet()];
    match kind {
        Kind::Slab => {
            // Lift towers at both ends stand over the roof.
            for x in [-0.36, 0.36] {
                let core = pose.moved(reach_x * x, 0.0).rectangle(6.5, reach_y * 0.7);
                volumes.push(Volume::prism(core, top - 1.0, top + 4.5, 0).walled(Wall::Plain));
            }
        }
        _ => {
            let core = pose.rectangle(reach_x * 0.26, reach_y * 0.26);
            volumes.push(Volume::prism(core, top - 1.0, top + 7.0, 1).walled(Wall::Plain));
            roof_top(&ring, top, pose, rng, &mut volumes);
        }
    }
    Some((ground_m, volumes))
}

/// Trees and a court between the towers.
fn between(built: &mut Built, block: &Block, rng: &mut Rng) {
    let keep: Vec<(DVec2, f64)> = built
        .buildings
        .iter()
        .map(|b| {
            let reach = b.volumes.first().map_or(0.0, |v| {
                v.ring
                    .iter()
                    .map(|p| (*p - b.centre).length())
                    .fold(0.0, f64::max)
            });
            (b.centre, reach)
        })
        .collect();
    let before = built.trees.len();
    built.plant(&block.quad, 170.0, rng);
    let mut index = 0;
    built.trees.retain(|t| {
        index += 1;
        index <= before
            || keep
                .iter()
                .all(|(c, r)| (*c - t.p).length() > r * 0.8 + 2.0)
    });
}
