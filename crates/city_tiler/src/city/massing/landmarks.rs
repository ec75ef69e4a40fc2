//! The towers that make the skyline, each drawn by hand.

use glam::DVec2;

use super::{Built, Cover, CoverKind, Draft, FOUNDATION_M, Land, ROOFS, tone};
use crate::city::blocks::Block;
use crate::city::building::{Use, Volume, Wall};
use crate::city::names::Name;
use crate::city::shapes::{Pose, scaled, turned};
use crate::geom;
use crate::rng::Rng;

/// The forms of the landmark towers.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// A square that narrows in tiers to a crown of fins.
    Tiered,
    /// Four triangular shafts of different heights.
    Shards,
    /// A three-sided tower under a long spire.
    Spire,
    /// Chamfered and tapering, twisted a little on every tier.
    Twisted,
    /// Two shafts joined by bridges.
    Twins,
    /// A blade that slopes at the top.
    Blade,
    /// Round, in three drums.
    Drums,
}

/// A landmark tower.
#[derive(Debug, Clone, Copy)]
pub struct Landmark {
    name: (&'static str, &'static str, &'static str),
    /// Near where it stands.
    pub near: (f64, f64),
    height_m: f64,
    form: Form,
    usage: Use,
    year: i64,
    wall: [u8; 3],
}

/// All landmark towers.
pub const LANDMARKS: [Landmark; 12] = [
    Landmark {
        name: ("Two Beacon Tower", "燈塔二期", "灯塔二期"),
        near: (-1330.0, -520.0),
        height_m: 412.0,
        form: Form::Tiered,
        usage: Use::Office,
        year: 2003,
        wall: [150, 160, 168],
    },
    Landmark {
        name: ("New Reach Tower", "新涯塔", "新涯塔"),
        near: (-2100.0, 900.0),
        height_m: 438.0,
        form: Form::Twisted,
        usage: Use::Office,
        year: 2010,
        wall: [128, 148, 162],
    },
    Landmark {
        name: ("Signal House", "信號大樓", "信号大楼"),
        near: (-250.0, -560.0),
        height_m: 336.0,
        form: Form::Shards,
        usage: Use::Office,
        year: 1990,
        wall: [104, 122, 138],
    },
    Landmark {
        name: ("Harbour Spire", "海港尖塔", "海港尖塔"),
        near: (720.0, -520.0),
        height_m: 374.0,
        form: Form::Spire,
        usage: Use::Office,
        year: 1992,
        wall: [170, 160, 142],
    },
    Landmark {
        name: ("One Beacon Tower", "燈塔一期", "灯塔一期"),
        near: (-1600.0, -560.0),
        height_m: 262.0,
        form: Form::Tiered,
        usage: Use::Office,
        year: 1998,
        wall: [158, 164, 168],
    },
    Landmark {
        name: ("The Moorings", "錨泊雙塔", "锚泊双塔"),
        near: (-1750.0, 1300.0),
        height_m: 286.0,
        form: Form::Twins,
        usage: Use::Residential,
        year: 2008,
        wall: [176, 178, 178],
    },
    Landmark {
        name: ("Ferrymen's Building", "渡夫大廈", "渡夫大厦"),
        near: (-900.0, -480.0),
        height_m: 228.0,
        form: Form::Drums,
        usage: Use::Office,
        year: 1973,
        wall: [196, 192, 184],
    },
    Landmark {
        name: ("Clock Point Hotel", "鐘角酒店", "钟角酒店"),
        near: (100.0, 470.0),
        height_m: 261.0,
        form: Form::Blade,
        usage: Use::Hotel,
        year: 2009,
        wall: [140, 146, 150],
    },
    Landmark {
        name: ("Sugar Quay One", "糖廠碼頭一號", "糖厂码头一号"),
        near: (3600.0, -480.0),
        height_m: 308.0,
        form: Form::Tiered,
        usage: Use::Office,
        year: 2008,
        wall: [142, 156, 160],
    },
    Landmark {
        name: ("Airfield Gate", "機場門", "机场门"),
        near: (2900.0, 1150.0),
        height_m: 282.0,
        form: Form::Blade,
        usage: Use::Office,
        year: 2022,
        wall: [150, 164, 172],
    },
    Landmark {
        name: ("Typhoon Bay Centre", "避風灣中心", "避风湾中心"),
        near: (1350.0, -760.0),
        height_m: 248.0,
        form: Form::Twisted,
        usage: Use::Retail,
        year: 2012,
        wall: [134, 140, 150],
    },
    Landmark {
        name: ("Granite Exchange", "石廠交易所", "石厂交易所"),
        near: (3500.0, 1900.0),
        height_m: 236.0,
        form: Form::Shards,
        usage: Use::Office,
        year: 2018,
        wall: [120, 130, 136],
    },
];

fn tiers(form: Form, pose: Pose, side: f64, ground: f64, height: f64) -> Vec<Volume> {
    let top = ground + height;
    let low = ground - FOUNDATION_M;
    let at = |share: f64| ground + height * share;
    match form {
        Form::Tiered => {
            let square = |s: f64| pose.chamfered(side * s, side * s, side * 0.1 * s);
            let mut v = vec![
                Volume::tapered(square(1.0), &square(0.97), low, at(0.42), 2),
                Volume::tapered(square(0.93), &square(0.9), at(0.42) - 1.0, at(0.68), 2),
                Volume::tapered(square(0.84), &square(0.8), at(0.68) - 1.0, at(0.86), 2),
                Volume::tapered(square(0.72), &square(0.62), at(0.86) - 1.0, at(0.955), 2),
            ];
            for k in 0..12 {
                let angle = f64::from(k) / 12.0 * std::f64::consts::TAU;
                let p = pose.moved(
                    libm::cos(angle) * side * 0.29,
                    libm::sin(angle) * side * 0.29,
                );
                let fin = p.rectangle(side * 0.06, side * 0.06);
                v.push(
                    Volume::tapered(fin.clone(), &scaled(&fin, 0.3), at(0.94), top, 1)
                        .walled(Wall::Plain),
                );
            }
            v
        }
        Form::Shards => {
            let h = side / 2.0;
            let corners = [(-h, -h), (h, -h), (h, h), (-h, h)];
            let tops = [0.46, 0.66, 1.0 / 1.14, 0.8];
            (0..4)
                .map(|i| {
                    let ((ax, ay), (bx, by)) = (corners[i], corners[(i + 1) % 4]);
                    let ring = vec![pose.at(ax, ay), pose.at(bx, by), pose.centre];
                    let rise = height * tops[i];
                    let peak = [
                        ring[0].extend(ground + rise * 0.93),
                        ring[1].extend(ground + rise * 0.93),
                        ring[2].extend(ground + rise),
                    ];
                    Volume {
                        ring,
                        base_m: low,
                        top: peak.to_vec(),
                        wall: Wall::Facade,
                        parapet: false,
                        detail: 2,
                    }
                })
                .chain([-0.09, 0.09].map(|x| {
                    let mast = pose.moved(side * x, side * 0.2).rectangle(2.4, 2.4);
                    Volume::tapered(mast.clone(), &scaled(&mast, 0.2), at(0.78), top, 1)
                        .walled(Wall::Plain)
                }))
                .collect()
        }
        Form::Spire => {
            let ring = |s: f64| -> Vec<DVec2> {
                let t = pose.trident(side * 0.62 * s, side * 0.3 * s);
                // The hull of the wings: a triangle with cut corners.
                t.chunks(3).flat_map(|c| [c[0], c[1]]).collect()
            };
            vec![
                Volume::prism(ring(1.0), low, at(0.72), 2),
                Volume::tapered(
                    ring(0.96),
                    &scaled(&ring(1.0), 0.5),
                    at(0.72) - 1.0,
                    at(0.79),
                    2,
                ),
                Volume::tapered(
                    scaled(&ring(1.0), 0.32),
                    &scaled(&ring(1.0), 0.12),
                    at(0.79) - 1.0,
                    at(0.86),
                    1,
                ),
                Volume::tapered(
                    scaled(&ring(1.0), 0.07),
                    &scaled(&ring(1.0), 0.012),
                    at(0.86) - 1.0,
                    top,
                    1,
                )
                .walled(Wall::Plain),
            ]
        }
        Form::Twisted => (0..7)
            .map(|k| {
                let (a, b) = (f64::from(k) / 7.0, f64::from(k + 1) / 7.0);
                let ring = |t: f64| {
                    turned(
                        &pose.chamfered(
                            side * (1.0 - 0.26 * t),
                            side * (1.0 - 0.26 * t),
                            side * 0.16,
                        ),
                        0.32 * t,
                    )
                };
                let from = if k == 0 { low } else { at(a) };
                Volume::tapered(ring(a), &ring(b), from, at(b), 2)
            })
            .collect(),
        Form::Twins => {
            let mut v = Vec::new();
            for (x, share) in [(-0.42, 1.0), (0.42, 0.94)] {
                let shaft = pose
                    .moved(side * x, 0.0)
                    .chamfered(side * 0.5, side * 0.66, 4.0);
                v.push(Volume::prism(shaft.clone(), low, at(share * 0.96), 2).with_parapet());
                v.push(Volume::tapered(
                    scaled(&shaft, 0.8),
                    &scaled(&shaft, 0.66),
                    at(share * 0.96) - 1.0,
                    at(share),
                    1,
                ));
            }
            for share in [0.3, 0.62] {
                let deck = pose.rectangle(side * 0.5, side * 0.26);
                v.push(Volume::prism(deck, at(share), at(share) + 14.0, 1));
            }
            v
        }
        Form::Blade => {
            let (w, d) = (side * 1.15, side * 0.62);
            let ring = pose.chamfered(w, d, d * 0.3);
            let peak = ring.iter().map(|p| {
                let x = (*p - pose.centre).dot(pose.axis) / w + 0.5;
                p.extend(at(0.82 + 0.18 * x))
            });
            vec![Volume {
                top: peak.collect(),
                ring,
                base_m: low,
                wall: Wall::Facade,
                parapet: false,
                detail: 2,
            }]
        }
        Form::Drums => [(1.0, 0.0, 0.55), (0.86, 0.55, 0.84), (0.6, 0.84, 1.0)]
            .into_iter()
            .map(|(s, a, b)| {
                let from = if a == 0.0 { low } else { at(a) - 1.0 };
                Volume::prism(pose.oval(side * s, side * s, 18), from, at(b), 2).with_parapet()
            })
            .collect(),
    }
}

/// A landmark on its own block: the tower, a low base and a square. `None`
/// where the block cannot carry it.
#[must_use]
pub fn raise(land: &Land<'_>, block: &Block, landmark: &Landmark, rng: &mut Rng) -> Option<Built> {
    let mut built = Built::default();
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Plaza,
    });
    let (w, d) = geom::size(&block.quad);
    let pose = Pose::of(&block.quad);
    let side = (w.min(d) * 0.72).clamp(26.0, 58.0);
    let base = geom::inset(&block.quad, [3.0; 4])?;
    let ground_m = land.ground(&base)?;
    let mut volumes = vec![
        Volume::prism(base.to_vec(), ground_m - FOUNDATION_M, ground_m + 17.0, 2).with_parapet(),
    ];
    volumes.extend(tiers(
        landmark.form,
        pose,
        side,
        ground_m,
        landmark.height_m,
    ));
    let (en, hant, hans) = landmark.name;
    let draft = Draft {
        name: Name::new(en, hant, hans),
        usage: landmark.usage,
        pose,
        ground_m,
        volumes,
        colors: (landmark.wall, tone(ROOFS, rng)),
        year: landmark.year,
        landmark: true,
    };
    built
        .buildings
        .push(draft.build(block.district, Some(block.id), rng));
    Some(built)
}
