//! The whole plan, step by step: land, streets, blocks, buildings, trees.

use glam::DVec2;

use super::blocks::{self, Block};
use super::building::Building;
use super::districts::Zone;
use super::green;
use super::harbour::{self, Ferry, Pier};
use super::lawn::Lawn;
use super::massing::landmarks::{self, LANDMARKS};
use super::massing::{self, Built, Cover, Land, Prop, Tree, homes};
use super::names::{self, Name};
use super::transit::{self, Line, Station};
use super::waterfront;
use crate::bins::Bins;
use crate::frame::Frame;
use crate::geom;
use crate::land::{Domain, Terrain};
use crate::rng::{Rng, hash};
use crate::streets::connect;
use crate::streets::grid::Grid;
use crate::streets::network::Network;
use crate::streets::patch::PATCHES;

/// Longitude and latitude of the plane's origin, degrees.
pub const ORIGIN_LON_LAT: (f64, f64) = (114.17, 22.29);

/// The demo city.
#[derive(Debug, Clone)]
pub struct City {
    /// The seed it follows from.
    pub seed: u64,
    /// Its place on the earth.
    pub frame: Frame,
    /// Its ground.
    pub terrain: Terrain,
    /// Its streets.
    pub network: Network,
    /// The streets' names, by number.
    pub street_names: Vec<Name>,
    /// Its blocks.
    pub blocks: Vec<Block>,
    /// Its buildings, numbered in order.
    pub buildings: Vec<Building>,
    /// Covered ground.
    pub covers: Vec<Cover>,
    /// Trees.
    pub trees: Vec<Tree>,
    /// Bridges, cranes, ships and the like.
    pub props: Vec<Prop>,
    /// Open green in town.
    pub lawn: Lawn,
    /// Stations.
    pub stations: Vec<Station>,
    /// Railway lines.
    pub lines: Vec<Line>,
    /// Piers.
    pub piers: Vec<Pier>,
    /// Ferry lines.
    pub ferries: Vec<Ferry>,
    /// Villages: name and place.
    pub villages: Vec<(Name, DVec2)>,
    /// Buildings that were planned but found no place.
    pub refused: u32,
}

/// What a block was set aside for.
#[derive(Clone, Copy)]
enum Reserved {
    Landmark(usize),
    Station(usize),
}

impl City {
    /// Plans the city. `stage` is told what is being done.
    #[must_use]
    pub fn plan(seed: u64, domain: Domain, stage: &dyn Fn(&'static str)) -> Self {
        stage("land");
        let mut terrain = Terrain::new(seed, domain);
        stage("streets");
        let (mut network, mut blocks, street_names) = streets(&mut terrain);
        network.index();
        keep_off_roads(&mut blocks, &network);
        let (stations, lines) = transit::plan(&network, &terrain);
        let reserved = reserve(&blocks, &stations);
        stage("buildings");
        let land = Land {
            terrain: &terrain,
            network: &network,
            names: &street_names,
            seed,
        };
        let built = crate::parallel::map(&blocks, |block| {
            let mut rng = block.rng(seed ^ 0x1A17);
            let special = match reserved[block.id as usize] {
                Some(Reserved::Landmark(i)) => {
                    landmarks::raise(&land, block, &LANDMARKS[i], &mut rng)
                }
                Some(Reserved::Station(i)) => {
                    transit::station(&land, block, &stations[i], &mut rng)
                }
                None => None,
            };
            special.unwrap_or_else(|| massing::block(&land, block))
        });
        let mut all = Built::default();
        for part in built {
            all.extend(part);
        }
        let villages = villages(&land, &mut all);
        let mut rng = Rng::new(&[seed, 0x5EA]);
        let (piers, pier_halls) = harbour::piers(&terrain, &mut rng);
        all.extend(pier_halls);
        all.extend(waterfront::build(&land, &mut rng));
        let ferries = harbour::ferries(&piers);
        all.props
            .extend(harbour::ships(&terrain, &ferries, &mut rng));
        all.props.extend(harbour::cranes(&terrain));
        all.props.extend(harbour::bridges(&network, &terrain));
        all.props.extend(harbour::wheel(&terrain));
        all.props.extend(transit::viaducts(&lines, &terrain));
        stage("trees");
        all.trees.extend(green::street_trees(&network, seed));
        all.trees.extend(green::woods(&terrain, &network, &blocks));
        let lawn = Lawn::new(&terrain, &network, &blocks);
        all.trees.extend(lawn.trees(&terrain, &network));
        settle(&mut all, &terrain);
        Self {
            seed,
            frame: Frame::new(ORIGIN_LON_LAT.0, ORIGIN_LON_LAT.1),
            terrain,
            network,
            street_names,
            blocks,
            buildings: all.buildings,
            covers: all.covers,
            trees: all.trees,
            props: all.props,
            lawn,
            stations,
            lines,
            piers,
            ferries,
            villages,
            refused: all.refused,
        }
    }
}

/// Lays out the grids and everything that ties them together.
fn streets(terrain: &mut Terrain) -> (Network, Vec<Block>, Vec<Name>) {
    let mut network = Network::default();
    let mut blocks: Vec<Block> = Vec::new();
    let mut node_patches: Vec<usize> = Vec::new();
    let mut first_name = 0;
    let mut names = Vec::new();
    for index in 0..PATCHES.len() {
        let mut grid = Grid::new(index, terrain, first_name);
        let (new, joined) = blocks::of_grid(&grid, terrain, blocks.len() as u32);
        blocks.extend(new);
        grid.build(&mut network, &joined);
        node_patches.resize(network.nodes.len(), index);
        for line in 0..grid.names() {
            names.push(names::street(first_name + line, grid.is_wide(line)));
        }
        first_name += grid.names();
    }
    names.extend(connect::SPECIAL_NAMES.map(|(en, hant, hans)| Name::new(en, hant, hans)));
    let quads: Vec<geom::Quad> = blocks.iter().map(|b| b.quad).collect();
    connect::link_grids(
        &mut network,
        &node_patches,
        &quads,
        first_name + connect::LINK_NAME,
    );
    connect::hill_roads(&mut network, terrain, &quads, first_name);
    connect::crossings(&mut network, terrain, first_name);
    network.keep_largest_part();
    (network, blocks, names)
}

/// Blocks that a hill road or a link runs over stay green, and those that no
/// street leads to stay wild.
fn keep_off_roads(blocks: &mut [Block], network: &Network) {
    for block in blocks {
        let clearance_m = network.clearance_m(&block.quad);
        if clearance_m > 14.0 {
            block.zone = Zone::Wild;
        } else if clearance_m < -1.0 {
            block.zone = Zone::Park;
        }
    }
}

/// Sets blocks aside for landmark towers and stations: the nearest that fits.
fn reserve(blocks: &[Block], stations: &[Station]) -> Vec<Option<Reserved>> {
    let mut reserved: Vec<Option<Reserved>> = vec![None; blocks.len()];
    let mut take = |place: DVec2, reach_m: f64, least_m: f64, as_what: Reserved| {
        let fits = blocks.iter().filter(|b| {
            let (w, d) = geom::size(&b.quad);
            let free = reserved[b.id as usize].is_none() && b.zone != Zone::Wild;
            free && w.min(d) > least_m
                && b.slope < 0.08
                && !matches!(b.zone, Zone::Stadium | Zone::Hospital)
        });
        let nearest = fits
            .map(|b| ((b.centre() - place).length(), b.id))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((d, id)) = nearest
            && d < reach_m
        {
            reserved[id as usize] = Some(as_what);
        }
    };
    for (i, landmark) in LANDMARKS.iter().enumerate() {
        take(
            DVec2::new(landmark.near.0, landmark.near.1),
            320.0,
            40.0,
            Reserved::Landmark(i),
        );
    }
    for (i, station) in stations.iter().enumerate() {
        take(station.p, 160.0, 24.0, Reserved::Station(i));
    }
    reserved
}

fn villages(land: &Land<'_>, all: &mut Built) -> Vec<(Name, DVec2)> {
    let mut villages = Vec::new();
    let domain = land.terrain.domain;
    for (i, (x, y)) in connect::VILLAGES.into_iter().enumerate() {
        let middle = DVec2::new(x, y);
        if domain.contains(middle, 120.0) {
            let mut rng = Rng::new(&[land.seed, 0x7111A, i as u64]);
            let root = names::root(hash(&[land.seed, 0x7111B]) as usize % 90 + i * 5);
            let name = root.with(("Village", "村", "村"));
            let houses = rng.int(90, 210) as u32;
            all.extend(homes::village(land, middle, &name, houses, &mut rng));
            villages.push((name, middle));
        }
    }
    villages
}

/// Numbers the buildings, drops those that stand in another, and trees that
/// stand in a building or in the water.
fn settle(all: &mut Built, terrain: &Terrain) {
    let mut placed = Bins::new(80.0);
    let mut rings: Vec<Vec<DVec2>> = Vec::new();
    let mut dropped = 0;
    all.buildings.retain_mut(|building| {
        let Some(ring) = building.volumes.first().map(|v| v.ring.clone()) else {
            return false;
        };
        // Blocks keep their own buildings apart; villages and piers are checked.
        if building.block.is_none() {
            let near = placed.within(geom::extent(&ring));
            if near
                .iter()
                .any(|i| geom::convex_overlap(&ring, &rings[*i as usize]))
            {
                dropped += 1;
                return false;
            }
        }
        building.number = rings.len() as u32 + 1;
        placed.insert(geom::extent(&ring), rings.len() as u32);
        rings.push(ring);
        true
    });
    all.refused += dropped;
    all.trees.retain(|tree| {
        let inside = placed
            .at(tree.p)
            .any(|i| geom::contains(&rings[*i as usize], tree.p));
        !inside && terrain.shore(tree.p) > 4.0 && terrain.domain.contains(tree.p, 6.0)
    });
}
