//! Railway lines and their stations.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use glam::DVec2;

use super::building::{Use, Volume, Wall};
use super::massing::{Built, Cover, CoverKind, Draft, FOUNDATION_M, Land, Prop, tone};
use super::names::Name;
use super::shapes::{Pose, scaled};
use crate::city::blocks::Block;
use crate::geom;
use crate::land::Terrain;
use crate::rng::Rng;
use crate::streets::{Kind, Network, RoadClass};

/// A line: id, name, colour, stations by name and place, and from which station
/// on it runs on a viaduct.
struct LineSite {
    id: &'static str,
    name: (&'static str, &'static str, &'static str),
    color: &'static str,
    stops: &'static [Stop],
    elevated_from: usize,
}

type Stop = ((&'static str, &'static str, &'static str), (f64, f64));

const LINES: &[LineSite] = &[
    LineSite {
        id: "island",
        name: ("Island Line", "港島綫", "港岛线"),
        color: "#0072B2",
        elevated_from: usize::MAX,
        stops: &[
            (("West Quay", "西碼頭", "西码头"), (-5350.0, -1050.0)),
            (("Lantern Hill", "燈籠山", "灯笼山"), (-4050.0, -900.0)),
            (("Old Harbour", "舊港", "旧港"), (-2700.0, -680.0)),
            (("Beacon", "燈塔", "灯塔"), (-1250.0, -560.0)),
            (("Signal Point", "信號角", "信号角"), (50.0, -560.0)),
            (("Typhoon Bay", "避風灣", "避风湾"), (1300.0, -820.0)),
            (("Ropewalk", "纜廠", "缆厂"), (2450.0, -650.0)),
            (("Sugar Quay", "糖廠碼頭", "糖厂码头"), (3700.0, -560.0)),
            (("Eastgate", "東門", "东门"), (4900.0, -800.0)),
        ],
    },
    LineSite {
        id: "market",
        name: ("Market Line", "市集綫", "市集线"),
        color: "#D55E00",
        elevated_from: 4,
        stops: &[
            (("Beacon", "燈塔", "灯塔"), (-1250.0, -560.0)),
            (("Clock Point", "鐘角", "钟角"), (-350.0, 650.0)),
            (("Jade Market", "玉市", "玉市"), (-850.0, 1500.0)),
            (("Weaver's Row", "織坊", "织坊"), (-1100.0, 2450.0)),
            (("Saltpans", "鹽田", "盐田"), (-1950.0, 3100.0)),
            (("Millfield", "磨坊", "磨坊"), (-3450.0, 2750.0)),
            (("Tide Town", "潮鎮", "潮镇"), (-5300.0, 2750.0)),
        ],
    },
    LineSite {
        id: "east",
        name: ("East Line", "東綫", "东线"),
        color: "#009E73",
        elevated_from: 2,
        stops: &[
            (("New Reach", "新涯", "新涯"), (-1850.0, 950.0)),
            (("Clock Point", "鐘角", "钟角"), (-350.0, 650.0)),
            (("Nine Wells", "九井", "九井"), (1350.0, 1500.0)),
            (("Old Airfield", "舊機場", "旧机场"), (2750.0, 1500.0)),
            (("Granite Works", "石廠", "石厂"), (3450.0, 2000.0)),
            (("Tea Ridge", "茶嶺", "茶岭"), (4400.0, 1750.0)),
        ],
    },
    LineSite {
        id: "haven",
        name: ("Haven Line", "漁灣綫", "渔湾线"),
        color: "#CC79A7",
        elevated_from: usize::MAX,
        stops: &[
            (("Signal Point", "信號角", "信号角"), (50.0, -560.0)),
            (("Willow Valley", "柳谷", "柳谷"), (850.0, -1400.0)),
            (("Fisher's Haven", "漁人灣", "渔人湾"), (50.0, -3300.0)),
        ],
    },
    LineSite {
        id: "camphor",
        name: ("Camphor Line", "樟林綫", "樟林线"),
        color: "#E69F00",
        elevated_from: 0,
        stops: &[
            (("Nine Wells", "九井", "九井"), (1350.0, 1500.0)),
            (("Camphor", "樟林", "樟林"), (500.0, 2150.0)),
            (("Lion Foot", "獅麓", "狮麓"), (900.0, 3100.0)),
        ],
    },
];

/// A station.
#[derive(Debug, Clone)]
pub struct Station {
    /// Its name.
    pub name: Name,
    /// The street crossing that it stands at.
    pub p: DVec2,
    /// The lines that call.
    pub lines: Vec<&'static str>,
}

/// A railway line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub name: Name,
    /// Its colour on maps.
    pub color: &'static str,
    /// Its stations, by their numbers.
    pub stations: Vec<usize>,
    /// The way between each two stations, and whether it is a viaduct.
    pub ways: Vec<(Vec<DVec2>, bool)>,
}

/// The cheapest way along the streets; wide ones are preferred.
fn along_streets(network: &Network, from: u32, to: u32) -> Option<Vec<DVec2>> {
    let mut exits: Vec<Vec<(u32, u32)>> = vec![Vec::new(); network.nodes.len()];
    for (i, e) in network.edges.iter().enumerate() {
        if e.kind == Kind::Surface && e.class != RoadClass::Hill {
            exits[e.a as usize].push((e.b, i as u32));
            exits[e.b as usize].push((e.a, i as u32));
        }
    }
    let mut best = vec![(u64::MAX, u32::MAX, u32::MAX); network.nodes.len()];
    best[from as usize].0 = 0;
    let mut heap = BinaryHeap::from([Reverse((0_u64, from))]);
    while let Some(Reverse((cost, at))) = heap.pop() {
        if at == to {
            break;
        }
        if cost > best[at as usize].0 {
            continue;
        }
        for (next, id) in &exits[at as usize] {
            let edge = &network.edges[*id as usize];
            let dear = match edge.class {
                RoadClass::Motorway | RoadClass::Arterial => 1.0,
                RoadClass::Collector => 1.7,
                _ => 6.0,
            };
            let total = cost + (edge.length_m() * dear * 1000.0) as u64;
            if total < best[*next as usize].0 {
                best[*next as usize] = (total, at, *id);
                heap.push(Reverse((total, *next)));
            }
        }
    }
    let mut way = vec![network.nodes.get(to as usize)?.p];
    let mut at = to;
    while at != from {
        let (_, before, id) = best[at as usize];
        let edge = network.edges.get(id as usize)?;
        let inner = edge.line.len().saturating_sub(1);
        let steps = &edge.line;
        if edge.b == at {
            way.extend(steps.iter().take(inner).rev());
        } else {
            way.extend(steps.iter().skip(1));
        }
        at = before;
    }
    way.reverse();
    Some(way)
}

/// Lines and stations: each station at the street crossing nearest to its place.
#[must_use]
pub fn plan(network: &Network, terrain: &Terrain) -> (Vec<Station>, Vec<Line>) {
    let mut stations: Vec<Station> = Vec::new();
    let mut nodes: Vec<u32> = Vec::new();
    let mut lines = Vec::new();
    for site in LINES {
        let mut calls: Vec<(usize, usize)> = Vec::new();
        for (order, ((en, hant, hans), (x, y))) in site.stops.iter().enumerate() {
            let place = DVec2::new(*x, *y);
            let known = stations.iter().position(|s| s.name.en == *en);
            let id = known.or_else(|| {
                let near = network
                    .nodes
                    .iter()
                    .enumerate()
                    .map(|(i, n)| ((n.p - place).length(), i));
                let (d, node) = near.min_by(|a, b| a.0.total_cmp(&b.0))?;
                if d > 300.0 || !terrain.domain.contains(place, 0.0) {
                    return None;
                }
                nodes.push(node as u32);
                stations.push(Station {
                    name: Name::new(en, hant, hans),
                    p: network.nodes[node].p,
                    lines: Vec::new(),
                });
                Some(stations.len() - 1)
            });
            if let Some(id) = id {
                stations[id].lines.push(site.id);
                calls.push((order, id));
            }
        }
        let mut ways = Vec::new();
        for pair in calls.windows(2) {
            let ((order, a), (_, b)) = (pair[0], pair[1]);
            let elevated = order >= site.elevated_from;
            let direct = vec![stations[a].p, stations[b].p];
            let way = along_streets(network, nodes[a], nodes[b]);
            match way.filter(|_| elevated) {
                Some(way) => ways.push((way, true)),
                None => ways.push((direct, false)),
            }
        }
        if calls.len() > 1 {
            let (en, hant, hans) = site.name;
            lines.push(Line {
                id: site.id,
                name: Name::new(en, hant, hans),
                color: site.color,
                stations: calls.iter().map(|(_, id)| *id).collect(),
                ways,
            });
        }
    }
    (stations, lines)
}

/// A station hall on the block next to its crossing; `None` if it cannot stand.
#[must_use]
pub fn station(land: &Land<'_>, block: &Block, station: &Station, rng: &mut Rng) -> Option<Built> {
    let mut built = Built::default();
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Plaza,
    });
    let (w, d) = geom::size(&block.quad);
    let pose = Pose::of(&block.quad);
    let ring = pose.rectangle((w * 0.7).min(70.0), (d * 0.6).min(34.0));
    let ground_m = land.ground(&ring)?;
    let top = ground_m + 12.0;
    let ridge = scaled(&ring, 0.55);
    let volumes = vec![
        Volume::prism(ring.clone(), ground_m - FOUNDATION_M, top, 2),
        Volume::tapered(scaled(&ring, 1.08), &ridge, top - 0.2, top + 4.5, 1).walled(Wall::Roof),
    ];
    let draft = Draft {
        name: station.name.with(("Station", "站", "站")),
        usage: Use::Transport,
        pose,
        ground_m,
        volumes,
        colors: (tone(&[[200, 204, 206]], rng), [120, 126, 130]),
        year: rng.int(1979, 2021),
        landmark: true,
    };
    built
        .buildings
        .push(draft.build(block.district, Some(block.id), rng));
    for k in 0..8 {
        let x = (f64::from(k) / 7.0 - 0.5) * w * 0.8;
        for y in [-d * 0.4, d * 0.4] {
            built.trees.push(super::massing::tree(pose.at(x, y), rng));
        }
    }
    Some(built)
}

/// Height of rails above the street, metres.
pub const VIADUCT_M: f64 = 11.0;

/// Viaducts: a deck on single columns over the middle of the street.
#[must_use]
pub fn viaducts(lines: &[Line], terrain: &Terrain) -> Vec<Prop> {
    let mut props = Vec::new();
    let elevated = lines.iter().flat_map(|l| &l.ways).filter(|(_, up)| *up);
    for (way, _) in elevated {
        let way = &geom::smooth(&geom::densified(way, 18.0), 2);
        let total = geom::length(way);
        let steps = (total / 28.0).ceil().max(1.0) as u32;
        let at = |i: u32| {
            let (p, _) = geom::along(way, total * f64::from(i) / f64::from(steps));
            // The rails do not follow every dip of the street.
            let around = [-60.0, 0.0, 60.0].map(|d| {
                let there = (total * f64::from(i) / f64::from(steps) + d).clamp(0.0, total);
                terrain.height(geom::along(way, there).0)
            });
            p.extend(around.into_iter().fold(f64::NEG_INFINITY, f64::max) + VIADUCT_M)
        };
        for i in 0..steps {
            let (a, b) = (at(i), at(i + 1));
            let side = (b - a).truncate().normalize_or(DVec2::X).perp() * 4.6;
            let ring = vec![
                a.truncate() - side,
                b.truncate() - side,
                b.truncate() + side,
                a.truncate() + side,
            ];
            let top = vec![
                (a.truncate() - side).extend(a.z),
                (b.truncate() - side).extend(b.z),
                (b.truncate() + side).extend(b.z),
                (a.truncate() + side).extend(a.z),
            ];
            let deck = Volume {
                ring,
                base_m: a.z.min(b.z) - 1.8,
                top,
                wall: Wall::Plain,
                parapet: false,
                detail: 2,
            };
            props.push(Prop::solid(deck, [164, 162, 156]));
            let axis = side.perp().normalize_or(DVec2::X);
            let column = Pose {
                centre: a.truncate(),
                axis,
            }
            .rectangle(1.8, 1.8);
            let foot = terrain.height(a.truncate()) - 1.0;
            props.push(Prop::solid(
                Volume::prism(column, foot, a.z - 1.0, 1).walled(Wall::Plain),
                [150, 148, 144],
            ));
        }
    }
    props
}
