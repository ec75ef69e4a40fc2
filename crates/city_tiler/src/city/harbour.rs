//! Piers, ferries, ships, cranes, the bridge and the wheel: life on the water.

use glam::{DVec2, DVec3};
use serde::Serialize;

use super::building::{Building, Use, Volume, Wall};
use super::districts;
use super::massing::{Built, Draft, Prop, tone, works};
use super::names::Name;
use super::shapes::{Pose, scaled};
use crate::geom;
use crate::land::Terrain;
use crate::rng::Rng;
use crate::streets::{Kind, Network};

/// A pier: name, where it leaves the quay, its direction, length and width.
struct PierSite(
    &'static str,
    (&'static str, &'static str, &'static str),
    (f64, f64),
    (f64, f64),
    f64,
    f64,
);

const PIERS: &[PierSite] = &[
    PierSite(
        "beacon-1",
        ("Beacon Pier 1", "燈塔一號碼頭", "灯塔一号码头"),
        (-1480.0, -306.0),
        (0.0, 1.0),
        120.0,
        26.0,
    ),
    PierSite(
        "beacon-2",
        ("Beacon Pier 2", "燈塔二號碼頭", "灯塔二号码头"),
        (-1370.0, -306.0),
        (0.0, 1.0),
        120.0,
        26.0,
    ),
    PierSite(
        "beacon-3",
        ("Beacon Pier 3", "燈塔三號碼頭", "灯塔三号码头"),
        (-1260.0, -306.0),
        (0.0, 1.0),
        120.0,
        26.0,
    ),
    PierSite(
        "beacon-4",
        ("Beacon Pier 4", "燈塔四號碼頭", "灯塔四号码头"),
        (-1150.0, -306.0),
        (0.0, 1.0),
        120.0,
        26.0,
    ),
    PierSite(
        "signal",
        ("Signal Point Pier", "信號角碼頭", "信号角码头"),
        (180.0, -236.0),
        (0.0, 1.0),
        90.0,
        24.0,
    ),
    PierSite(
        "ropewalk",
        ("Ropewalk Pier", "纜廠碼頭", "缆厂码头"),
        (2700.0, -374.0),
        (0.1, 1.0),
        100.0,
        22.0,
    ),
    PierSite(
        "sugar",
        ("Sugar Quay Pier", "糖廠碼頭", "糖厂码头"),
        (3700.0, -308.0),
        (0.0, 1.0),
        90.0,
        22.0,
    ),
    PierSite(
        "westquay",
        ("West Quay Pier", "西碼頭渡輪", "西码头渡轮"),
        (-4200.0, -696.0),
        (0.0, 1.0),
        110.0,
        24.0,
    ),
    PierSite(
        "clock",
        ("Clock Point Pier", "鐘角碼頭", "钟角码头"),
        (-480.0, 256.0),
        (0.15, -1.0),
        100.0,
        24.0,
    ),
    PierSite(
        "clock-2",
        ("Clock Point East Pier", "鐘角東碼頭", "钟角东码头"),
        (120.0, 206.0),
        (0.0, -1.0),
        80.0,
        22.0,
    ),
    PierSite(
        "reach",
        ("New Reach Pier", "新涯碼頭", "新涯码头"),
        (-1700.0, 356.0),
        (-0.1, -1.0),
        90.0,
        22.0,
    ),
    PierSite(
        "wells",
        ("Nine Wells Pier", "九井碼頭", "九井码头"),
        (1640.0, 1000.0),
        (0.78, -0.62),
        80.0,
        20.0,
    ),
    PierSite(
        "airfield",
        ("Old Airfield Pier", "舊機場碼頭", "旧机场码头"),
        (3000.0, 990.0),
        (-0.5, -0.86),
        80.0,
        22.0,
    ),
    PierSite(
        "haven",
        ("Fisher's Haven Pier", "漁人灣碼頭", "渔人湾码头"),
        (50.0, -3632.0),
        (0.35, -1.0),
        90.0,
        16.0,
    ),
];

/// A ferry line: name, piers by id, and the way between them.
struct FerrySite(
    (&'static str, &'static str, &'static str),
    &'static str,
    &'static str,
    &'static [(f64, f64)],
);

const FERRIES: &[FerrySite] = &[
    FerrySite(
        ("Harbour Ferry", "海港渡輪", "海港渡轮"),
        "beacon-3",
        "clock",
        &[(-1255.0, -100.0), (-560.0, 60.0)],
    ),
    FerrySite(
        ("Signal Ferry", "信號渡輪", "信号渡轮"),
        "signal",
        "clock-2",
        &[(180.0, -60.0), (120.0, 60.0)],
    ),
    FerrySite(
        ("Wells Ferry", "九井渡輪", "九井渡轮"),
        "ropewalk",
        "wells",
        &[(2650.0, -100.0), (2200.0, 500.0)],
    ),
    FerrySite(
        ("Airfield Ferry", "機場渡輪", "机场渡轮"),
        "sugar",
        "airfield",
        &[(3500.0, -50.0), (2750.0, 500.0)],
    ),
    FerrySite(
        ("Reach Ferry", "新涯渡輪", "新涯渡轮"),
        "beacon-1",
        "reach",
        &[(-1500.0, -50.0), (-1760.0, 150.0)],
    ),
    FerrySite(
        ("West Ferry", "西線渡輪", "西线渡轮"),
        "beacon-2",
        "westquay",
        &[(-1500.0, -40.0), (-3000.0, -180.0), (-4150.0, -380.0)],
    ),
];

/// A pier where ferries call.
#[derive(Debug, Clone, Serialize)]
pub struct Pier {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub name: Name,
    /// Its head, where ships lie.
    #[serde(skip)]
    pub head: DVec2,
}

/// A ferry line.
#[derive(Debug, Clone)]
pub struct Ferry {
    /// Its name.
    pub name: Name,
    /// The ids of its two piers.
    pub piers: [&'static str; 2],
    /// Its way over the water.
    pub line: Vec<DVec2>,
}

fn named((en, hant, hans): (&str, &str, &str)) -> Name {
    Name::new(en, hant, hans)
}

/// Height of pier decks, metres above the water.
const DECK_M: f64 = 3.8;

/// Piers with their halls: the deck is a thing, the hall a building.
#[must_use]
pub fn piers(terrain: &Terrain, rng: &mut Rng) -> (Vec<Pier>, Built) {
    let mut built = Built::default();
    let mut piers = Vec::new();
    for PierSite(id, name, (x, y), (dx, dy), length, width) in PIERS {
        let (root, axis) = (
            DVec2::new(*x, *y),
            DVec2::new(*dx, *dy).normalize_or(DVec2::Y),
        );
        if !terrain.domain.contains(root, 160.0) {
            continue;
        }
        let pose = Pose {
            centre: root + axis * (*length / 2.0),
            axis,
        };
        let deck =
            Volume::prism(pose.rectangle(*length, *width), -2.0, DECK_M, 3).walled(Wall::Plain);
        built.props.push(Prop::solid(deck, [168, 164, 156]));
        let hall = pose.moved(length * 0.06, 0.0);
        let ring = hall.rectangle(length * 0.74, width * 0.72);
        let ridge = hall.rectangle(length * 0.7, width * 0.1);
        let volumes = vec![
            Volume::prism(ring.clone(), DECK_M - 0.5, DECK_M + 8.5, 2),
            Volume::tapered(scaled(&ring, 1.06), &ridge, DECK_M + 8.4, DECK_M + 12.5, 1)
                .walled(Wall::Roof),
        ];
        let draft = Draft {
            name: named(*name),
            usage: Use::Transport,
            pose: hall,
            ground_m: DECK_M,
            volumes,
            colors: (tone(&[[214, 208, 196]], rng), [96, 112, 106]),
            year: rng.int(1957, 2008),
            landmark: true,
        };
        built
            .buildings
            .push(draft.build(districts::at(root), None, rng));
        piers.push(Pier {
            id,
            name: named(*name),
            head: root + axis * *length,
        });
    }
    (piers, built)
}

/// The ferry lines whose two piers exist.
#[must_use]
pub fn ferries(piers: &[Pier]) -> Vec<Ferry> {
    let head = |id: &str| piers.iter().find(|p| p.id == id).map(|p| p.head);
    let line = |site: &FerrySite| {
        let (a, b) = (head(site.1)?, head(site.2)?);
        let mut way = vec![a];
        way.extend(site.3.iter().map(|(x, y)| DVec2::new(*x, *y)));
        way.push(b);
        Some(Ferry {
            name: named(site.0),
            piers: [site.1, site.2],
            line: geom::smooth(&way, 2),
        })
    };
    FERRIES.iter().filter_map(line).collect()
}

fn ship(centre: DVec2, axis: DVec2, length: f64, rng: &mut Rng) -> Vec<Prop> {
    let pose = Pose { centre, axis };
    let (l, w) = (length / 2.0, length * 0.11);
    let hull: Vec<DVec2> = [(-l, -w), (l * 0.6, -w), (l, 0.0), (l * 0.6, w), (-l, w)]
        .into_iter()
        .map(|(x, y)| pose.at(x, y))
        .collect();
    let deck = length * 0.06 + 1.0;
    let paint = tone(
        &[[70, 76, 84], [146, 66, 56], [60, 84, 78], [180, 178, 172]],
        rng,
    );
    let cabin = pose.moved(-l * 0.45, 0.0).rectangle(length * 0.26, w * 1.5);
    let waterline = scaled(&hull, 0.9);
    vec![
        Prop::solid(
            Volume::tapered(waterline, &hull, -1.0, deck, 1).walled(Wall::Plain),
            paint,
        ),
        Prop::solid(
            Volume::prism(cabin, deck - 0.3, deck + length * 0.09 + 1.5, 0).walled(Wall::Plain),
            [216, 214, 208],
        ),
    ]
}

/// Ships at anchor and ferries on their way.
#[must_use]
pub fn ships(terrain: &Terrain, ferries: &[Ferry], rng: &mut Rng) -> Vec<Prop> {
    let mut props = Vec::new();
    for ferry in ferries {
        let total = geom::length(&ferry.line);
        for share in [0.3, 0.72] {
            let (p, axis) = geom::along(&ferry.line, total * share);
            props.extend(ship(p, axis, 44.0, rng));
        }
    }
    let half = terrain.domain.half_m;
    for _ in 0..260 {
        let p = DVec2::new(rng.range(-half.x, half.x), rng.range(-half.y, half.y));
        let harbour = p.y > -900.0 && p.y < 1800.0;
        let clear = -terrain.shore(p);
        if clear > 70.0
            && rng.chance(if harbour { 0.8 } else { 0.25 })
            && terrain.domain.contains(p, 80.0)
        {
            let turn = rng.bell(0.2, 0.5);
            let length = if clear > 260.0 && rng.chance(0.3) {
                rng.range(80.0, 170.0)
            } else {
                rng.range(14.0, 46.0)
            };
            props.extend(ship(
                p,
                DVec2::new(libm::cos(turn), libm::sin(turn)),
                length,
                rng,
            ));
        }
    }
    props
}

/// Quay cranes along the container port's berths.
#[must_use]
pub fn cranes(terrain: &Terrain) -> Vec<Prop> {
    let mut props = Vec::new();
    let berths = [
        ((-5800.0, 1790.0), (-4200.0, 1510.0)),
        ((-3900.0, 1800.0), (-3860.0, 1990.0)),
    ];
    for ((ax, ay), (bx, by)) in berths {
        let (a, b) = (DVec2::new(ax, ay), DVec2::new(bx, by));
        let along = (b - a).normalize_or_zero();
        // The water is on the right hand of the berth.
        let water = -along.perp();
        let count = ((b - a).length() / 130.0) as u32;
        for i in 0..count {
            let p = a + along * (f64::from(i) + 0.5) * 130.0;
            let p = (0..60)
                .map(|k| p - water * f64::from(k) * 3.0)
                .find(|q| terrain.shore(*q) > 17.0);
            if let Some(p) = p.filter(|p| terrain.domain.contains(*p, 50.0)) {
                props.extend(works::crane(
                    Pose {
                        centre: p,
                        axis: water,
                    },
                    terrain.height(p),
                ));
            }
        }
    }
    props
}

/// Height of a bridge's deck at a share of its length, metres.
#[must_use]
pub fn deck_m(start_m: f64, end_m: f64, share: f64) -> f64 {
    start_m + (end_m - start_m) * share + 62.0 * 4.0 * share * (1.0 - share) + 0.4
}

/// The cable-stayed bridges of the network.
#[must_use]
pub fn bridges(network: &Network, terrain: &Terrain) -> Vec<Prop> {
    let mut props = Vec::new();
    for edge in network.edges.iter().filter(|e| e.kind == Kind::Bridge) {
        let (Some(a), Some(b)) = (edge.line.first().copied(), edge.line.last().copied()) else {
            continue;
        };
        let axis = (b - a).normalize_or(DVec2::X);
        let (from, to) = (terrain.height(a), terrain.height(b));
        let at = |share: f64, side: f64, above: f64| -> DVec3 {
            let p = a.lerp(b, share) + axis.perp() * side;
            p.extend(deck_m(from, to, share) + above)
        };
        let half = edge.class.carriageway_half_m();
        let steel = [176, 178, 176];
        for i in 0..48 {
            let (s, t) = (f64::from(i) / 48.0, f64::from(i + 1) / 48.0);
            let (low, high) = (
                at(s, 0.0, 0.0).z.min(at(t, 0.0, 0.0).z) - 2.6,
                [
                    at(s, -half, 0.0),
                    at(s, half, 0.0),
                    at(t, half, 0.0),
                    at(t, -half, 0.0),
                ],
            );
            let ring: Vec<DVec2> = [high[0], high[3], high[2], high[1]]
                .iter()
                .map(|p| p.truncate())
                .collect();
            let top = vec![high[0], high[3], high[2], high[1]];
            let deck = Volume {
                ring,
                base_m: low,
                top,
                wall: Wall::Plain,
                parapet: false,
                detail: 3,
            };
            props.push(Prop::solid(deck, [120, 122, 124]));
            // Piers under the approaches.
            let over_water = terrain.shore(a.lerp(b, s)) < 0.0;
            let far = (0.22..0.78).contains(&s);
            if !far && i % 2 == 0 && low > 12.0 {
                let foot = Pose {
                    centre: a.lerp(b, s),
                    axis,
                }
                .rectangle(3.0, half * 1.2);
                let bottom = if over_water {
                    -3.0
                } else {
                    terrain.height(a.lerp(b, s)) - 1.0
                };
                props.push(Prop::solid(
                    Volume::prism(foot, bottom, low + 1.0, 1).walled(Wall::Plain),
                    steel,
                ));
            }
        }
        for pylon in [0.3, 0.7] {
            let top = 128.0;
            let foot = |side: f64| at(pylon, side, 0.0).truncate().extend(-4.0);
            for side in [-1.0, 1.0] {
                let knee = at(pylon, side * (half + 4.0), 0.0);
                let head = at(pylon, side * 2.5, top);
                props.push(Prop::beam(foot(side * (half + 1.0)), knee, 3.2, 3, steel));
                props.push(Prop::beam(knee, head, 2.6, 3, steel));
                for k in 1..=13 {
                    for way in [-1.0, 1.0] {
                        let share = pylon + way * f64::from(k) * 0.0142;
                        let hang = at(pylon, side * 2.5, top - 4.0 - f64::from(13 - k) * 2.6);
                        props.push(Prop::beam(
                            hang,
                            at(share, side * half, 0.0),
                            0.35,
                            1,
                            [206, 206, 204],
                        ));
                    }
                }
            }
            props.push(Prop::beam(
                at(pylon, -3.5, top - 3.0),
                at(pylon, 3.5, top - 3.0),
                3.0,
                2,
                steel,
            ));
        }
    }
    props
}

/// The wheel on the Beacon waterfront.
#[must_use]
pub fn wheel(terrain: &Terrain) -> Vec<Prop> {
    let foot = DVec2::new(-860.0, -392.0);
    if !terrain.domain.contains(foot, 100.0) {
        return Vec::new();
    }
    let (radius, hub) = (29.0, terrain.height(foot) + 33.0);
    let white = [214, 214, 214];
    let rim = |k: u32, y: f64| {
        let angle = f64::from(k) / 28.0 * std::f64::consts::TAU;
        DVec3::new(
            foot.x + libm::cos(angle) * radius,
            foot.y + y,
            hub + libm::sin(angle) * radius,
        )
    };
    let axle = foot.extend(hub);
    let mut props = Vec::new();
    for k in 0..28 {
        for y in [-1.5, 1.5] {
            props.push(Prop::beam(rim(k, y), rim(k + 1, y), 0.45, 1, white));
        }
        props.push(Prop::beam(axle, rim(k, 0.0), 0.18, 0, white));
        let cabin = rim(k, 0.0) - DVec3::Z * 2.2;
        props.push(Prop::beam(
            cabin,
            cabin + DVec3::Z * 2.4,
            1.2,
            0,
            [108, 128, 150],
        ));
    }
    for (x, y) in [(-13.0, -5.0), (13.0, -5.0), (-13.0, 5.0), (13.0, 5.0)] {
        let p = foot + DVec2::new(x, y);
        props.push(Prop::beam(
            p.extend(terrain.height(p)),
            axle + DVec3::Y * y * 0.6,
            0.9,
            1,
            white,
        ));
    }
    props
}

/// Whether a building may stand over water: piers do.
#[must_use]
pub fn is_pier(building: &Building) -> bool {
    building.usage == Use::Transport && (building.ground_m - DECK_M).abs() < 1e-9
}
