//! What ties the grids together: links, hill roads, bridges and tunnels.

use glam::{DVec2, DVec3};

use super::network::{Edge, Kind, Network, RoadClass};
use super::route::Router;
use crate::geom::{self, Quad};
use crate::land::Terrain;

/// A road over the hills: the places it passes. `true` where it ends at the
/// nearest street of a grid.
struct HillRoad {
    name: u32,
    start_at_street: bool,
    end_at_street: bool,
    via: &'static [(f64, f64)],
}

/// Names of the special roads follow the grids' names in this order.
pub const SPECIAL_NAMES: [(&str, &str, &str); 13] = [
    ("Belvedere Peak Road", "望峰道", "望峰道"),
    ("South Coast Road", "南岸道", "南岸道"),
    ("Cape Road", "石岬道", "石岬道"),
    ("Eastgate Hill Road", "東門山道", "东门山道"),
    ("Ridge Foot Road", "嶺腳道", "岭脚道"),
    ("Narrows Road", "東峽道", "东峡道"),
    ("Tide Hill Road", "潮山道", "潮山道"),
    ("Link Road", "連接道", "连接道"),
    ("Central Harbour Tunnel", "中央海底隧道", "中央海底隧道"),
    ("Western Harbour Tunnel", "西區海底隧道", "西区海底隧道"),
    ("Eastern Harbour Tunnel", "東區海底隧道", "东区海底隧道"),
    ("Haven Tunnel", "漁人灣隧道", "渔人湾隧道"),
    ("West Harbour Bridge", "西港大橋", "西港大桥"),
];

/// The name of links between grids, among [`SPECIAL_NAMES`].
pub const LINK_NAME: u32 = 7;

const HILL_ROADS: &[HillRoad] = &[
    HillRoad {
        name: 0,
        start_at_street: true,
        end_at_street: false,
        via: &[(-1750.0, -1500.0), (-2350.0, -2000.0), (-2750.0, -2150.0)],
    },
    HillRoad {
        name: 0,
        start_at_street: false,
        end_at_street: true,
        via: &[(-2750.0, -2150.0), (-3300.0, -2400.0), (-4300.0, -1500.0)],
    },
    HillRoad {
        name: 1,
        start_at_street: true,
        end_at_street: false,
        via: &[(-5500.0, -1400.0), (-5500.0, -2350.0), (-4400.0, -3050.0)],
    },
    HillRoad {
        name: 1,
        start_at_street: false,
        end_at_street: false,
        via: &[(-4400.0, -3050.0), (-3300.0, -3350.0), (-2200.0, -3600.0)],
    },
    HillRoad {
        name: 1,
        start_at_street: false,
        end_at_street: true,
        via: &[(-2200.0, -3600.0), (-1200.0, -3500.0), (-500.0, -3350.0)],
    },
    HillRoad {
        name: 1,
        start_at_street: true,
        end_at_street: false,
        via: &[(700.0, -3350.0), (1500.0, -3550.0), (2700.0, -3250.0)],
    },
    HillRoad {
        name: 1,
        start_at_street: false,
        end_at_street: true,
        via: &[(2700.0, -3250.0), (3500.0, -3100.0), (4300.0, -3000.0)],
    },
    HillRoad {
        name: 2,
        start_at_street: true,
        end_at_street: false,
        via: &[(4800.0, -3000.0), (5250.0, -3300.0), (5500.0, -3900.0)],
    },
    HillRoad {
        name: 3,
        start_at_street: true,
        end_at_street: true,
        via: &[
            (5500.0, -1250.0),
            (5700.0, -2100.0),
            (5150.0, -2650.0),
            (4700.0, -2950.0),
        ],
    },
    HillRoad {
        name: 0,
        start_at_street: true,
        end_at_street: true,
        via: &[(1000.0, -1900.0), (1150.0, -2600.0), (600.0, -3000.0)],
    },
    HillRoad {
        name: 4,
        start_at_street: true,
        end_at_street: true,
        via: &[(-3300.0, 3700.0), (-2300.0, 3850.0), (-1500.0, 3800.0)],
    },
    HillRoad {
        name: 4,
        start_at_street: true,
        end_at_street: true,
        via: &[(1500.0, 3600.0), (2500.0, 3350.0), (3400.0, 3200.0)],
    },
    HillRoad {
        name: 5,
        start_at_street: true,
        end_at_street: false,
        via: &[(5500.0, 1100.0), (6150.0, 400.0), (6650.0, 500.0)],
    },
    HillRoad {
        name: 6,
        start_at_street: true,
        end_at_street: false,
        via: &[(-5900.0, 3100.0), (-6400.0, 3200.0), (-6700.0, 3500.0)],
    },
];

/// A crossing: its name, class, kind and ends.
const CROSSINGS: &[(u32, Kind, (f64, f64), (f64, f64))] = &[
    (8, Kind::Tunnel, (1250.0, -800.0), (800.0, 650.0)),
    (9, Kind::Tunnel, (-2650.0, -640.0), (-2150.0, 850.0)),
    (10, Kind::Tunnel, (4150.0, -560.0), (4650.0, 1150.0)),
    (11, Kind::Tunnel, (950.0, -1500.0), (200.0, -3150.0)),
    (12, Kind::Bridge, (-4480.0, -860.0), (-4780.0, 1640.0)),
];

/// Where villages grow: the free ends and waypoints of hill roads.
pub const VILLAGES: [(f64, f64); 19] = [
    (-2750.0, -2150.0),
    (-4400.0, -3050.0),
    (-3300.0, -3350.0),
    (-2200.0, -3600.0),
    (1500.0, -3550.0),
    (2700.0, -3250.0),
    (5500.0, -3900.0),
    (6650.0, 500.0),
    (-6700.0, 3500.0),
    (-5500.0, -2350.0),
    (-1200.0, -3500.0),
    (3500.0, -3100.0),
    (5250.0, -3300.0),
    (5150.0, -2650.0),
    (-2300.0, 3850.0),
    (2500.0, 3350.0),
    (-6400.0, 3200.0),
    (6150.0, 400.0),
    (1150.0, -2600.0),
];

/// Ties neighbouring grids together: each grid's wider streets to the nearest
/// crossing of the next grid, without crossing anything. `patches[node]` is the
/// grid of each node.
pub fn link_grids(network: &mut Network, patches: &[usize], blocks: &[Quad], name: u32) {
    const REACH_M: f64 = 260.0;
    let mut wide = vec![false; network.nodes.len()];
    for edge in network
        .edges
        .iter()
        .filter(|e| e.class <= RoadClass::Collector)
    {
        wide[edge.a as usize] = true;
        wide[edge.b as usize] = true;
    }
    let mut links = Vec::new();
    for a in 0..patches.len() {
        for b in a + 1..patches.len() {
            let d = (network.nodes[a].p - network.nodes[b].p).length();
            if patches[a] != patches[b] && d < REACH_M && (wide[a] || wide[b]) {
                links.push((d, a, b));
            }
        }
    }
    links.sort_by(|x, y| x.0.total_cmp(&y.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let mut used = vec![false; patches.len()];
    for (_, a, b) in links {
        let (p, q) = (network.nodes[a].p, network.nodes[b].p);
        let crosses = network.edges.iter().any(|e| {
            let apart = (e.line[0] - p).length() > 900.0;
            !apart
                && e.line
                    .windows(2)
                    .any(|w| geom::segments_cross(p, q, w[0], w[1]))
        });
        let hits = blocks.iter().any(|block| {
            (block[0] - p).length() < 900.0
                && geom::segment_ring(p, q, block) < RoadClass::Collector.half_width_m() - 2.0
        });
        if used[a] || used[b] || crosses || hits {
            continue;
        }
        used[a] = true;
        used[b] = true;
        network.straight(
            a as u32,
            b as u32,
            RoadClass::Collector,
            Kind::Surface,
            name,
        );
    }
}

/// Lays the roads over the hills and cuts their benches into the slopes.
pub fn hill_roads(network: &mut Network, terrain: &mut Terrain, blocks: &[Quad], first_name: u32) {
    let mut built = crate::bins::Bins::new(200.0);
    for (i, block) in blocks.iter().enumerate() {
        built.insert(geom::extent(block), i as u32);
    }
    let is_built = |p: DVec2| built.at(p).any(|i| geom::contains(&blocks[*i as usize], p));
    let router = Router::new(terrain, is_built);
    let streets: Vec<(u32, DVec2)> = network
        .nodes
        .iter()
        .enumerate()
        .map(|(i, n)| (i as u32, n.p))
        .collect();
    let mut ends: Vec<(DVec2, u32)> = Vec::new();
    let mut lines = Vec::new();
    for road in HILL_ROADS {
        let via: Vec<DVec2> = road.via.iter().map(|(x, y)| DVec2::new(*x, *y)).collect();
        if via.iter().any(|p| !terrain.domain.contains(*p, 60.0)) {
            continue;
        }
        let Some((line, start, end)) = lay(&router, &via, &streets, road) else {
            continue;
        };
        let line = geom::smooth(&line, 2);
        let mut node = |given: Option<u32>, p: DVec2, network: &mut Network| {
            given.unwrap_or_else(
                || match ends.iter().find(|(q, _)| (*q - p).length() < 1.0) {
                    Some((_, id)) => *id,
                    None => {
                        let id = network.node(p);
                        ends.push((p, id));
                        id
                    }
                },
            )
        };
        let (first, last) = (line[0], line[line.len() - 1]);
        let (a, b) = (node(start, first, network), node(end, last, network));
        lines.push(line.clone());
        network.edges.push(Edge {
            a,
            b,
            class: RoadClass::Hill,
            kind: Kind::Surface,
            name: first_name + road.name,
            line,
        });
    }
    for line in lines {
        let profile = profile(terrain, &line);
        terrain.bench(&profile, RoadClass::Hill.half_width_m() + 1.0, 18.0);
    }
}

/// One road's line from its first to its last place, and the streets it joins.
fn lay(
    router: &Router<'_>,
    via: &[DVec2],
    streets: &[(u32, DVec2)],
    road: &HillRoad,
) -> Option<(Vec<DVec2>, Option<u32>, Option<u32>)> {
    let (first, last) = (*via.first()?, *via.last()?);
    let mut line = vec![first];
    for pair in via.windows(2) {
        let (_, way) = router.way(pair[0], &[(0, pair[1])])?;
        let inner = way.get(1..way.len().saturating_sub(1)).unwrap_or_default();
        line.extend_from_slice(inner);
        line.push(pair[1]);
    }
    let (mut start, mut end) = (None, None);
    if road.start_at_street {
        let (id, mut way) = router.way(first, streets)?;
        way.reverse();
        way.pop();
        if let Some(p) = way.first_mut() {
            *p = streets.get(id as usize)?.1;
        }
        way.extend_from_slice(&line);
        line = way;
        start = Some(id);
    }
    if road.end_at_street {
        let (id, way) = router.way(last, streets)?;
        line.extend_from_slice(way.get(1..).unwrap_or_default());
        let p = streets.get(id as usize)?.1;
        if let Some(tail) = line.last_mut() {
            *tail = p;
        }
        end = Some(id);
    }
    Some((line, start, end))
}

/// The road's height along its line: the ground's, smoothed over some 120 m.
fn profile(terrain: &Terrain, line: &[DVec2]) -> Vec<DVec3> {
    let total = geom::length(line);
    let count = (total / 8.0).ceil().max(2.0) as usize;
    let at = |i: usize| geom::along(line, total * i as f64 / count as f64).0;
    let points: Vec<DVec3> = (0..=count).map(|i| terrain.on_ground(at(i))).collect();
    (0..points.len())
        .map(|i| {
            let (low, high) = (i.saturating_sub(8), (i + 8).min(points.len() - 1));
            let window = &points[low..=high];
            let mean = window.iter().map(|p| p.z).sum::<f64>() / window.len() as f64;
            points[i].truncate().extend(mean)
        })
        .collect()
}

/// Adds bridges and tunnels between the nearest wide streets.
pub fn crossings(network: &mut Network, terrain: &Terrain, first_name: u32) {
    for (name, kind, from, to) in CROSSINGS {
        let end = |(x, y): (f64, f64)| {
            let p = DVec2::new(x, y);
            let nodes = network.nodes.iter().enumerate();
            nodes
                .map(|(i, n)| ((n.p - p).length(), i as u32))
                .filter(|(d, _)| *d < 260.0 && terrain.domain.contains(p, 0.0))
                .min_by(|a, b| a.0.total_cmp(&b.0))
        };
        if let (Some((_, a)), Some((_, b))) = (end(*from), end(*to)) {
            network.straight(a, b, RoadClass::Motorway, *kind, first_name + name);
        }
    }
}
