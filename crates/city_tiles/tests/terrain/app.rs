//! What the app does between a streamer, a terrain source and a network.

use std::collections::BTreeMap;

use city_geo::{Camera, DVec3, Geodetic, geodetic_from_ecef};
use city_tiles::formats::{DecodeOptions, decode};
use city_tiles::prepared::{PreparedTile, Vertex};
use city_tiles::stream::*;
use city_tiles::terrain::{Cell, Scheme, TerrainConfig, TerrainSource, is_address};

pub type Network = Box<dyn Fn(&str) -> Result<Vec<u8>, FetchError>>;

pub struct App {
    pub source: TerrainSource,
    pub streamer: Streamer,
    pub network: Network,
    pub held: BTreeMap<TileId, (String, PreparedTile)>,
    /// What the network was asked for.
    pub fetched: Vec<String>,
    pub shown: Vec<TileId>,
    in_flight: Vec<FetchRequest>,
    now_ms: u64,
}

impl App {
    pub fn new(config: TerrainConfig, network: Network) -> Self {
        let source = TerrainSource::new("test", config).unwrap();
        Self {
            streamer: Streamer::new(&source.root_address(), StreamOptions::default()),
            source,
            network,
            held: BTreeMap::new(),
            fetched: Vec::new(),
            shown: Vec::new(),
            in_flight: Vec::new(),
            now_ms: 0,
        }
    }

    /// One frame: a few answers, then what they lead to.
    pub fn frame(&mut self, views: &[View], answers: usize) {
        self.now_ms += 16;
        let selection = self.streamer.update(views, self.now_ms).clone();
        self.in_flight
            .retain(|request| !selection.cancel.contains(&request.id));
        for id in &selection.evict {
            self.held.remove(id);
        }
        self.shown.clone_from(&selection.show);
        self.in_flight.extend(selection.fetch);
        for _ in 0..answers.min(self.in_flight.len()) {
            let request = self.in_flight.remove(0);
            let answer = if is_address(&request.url) {
                self.source
                    .document(&request.url)
                    .ok_or(FetchError::NotFound)
            } else {
                self.fetched.push(request.url.clone());
                (self.network)(&request.url)
            };
            let Some(job) = self.streamer.fetched(request.id, answer, self.now_ms) else {
                continue;
            };
            self.source.learn_job(&job);
            let external = |address: &str| job.external(address);
            let decoded = decode(&job.bytes, &job.url, &external, &DecodeOptions::default());
            let cost = decoded
                .as_ref()
                .map(PreparedTile::byte_cost)
                .map_err(ToString::to_string);
            self.streamer.decoded(job.tile, job.content, cost);
            if let Ok(tile) = decoded {
                self.source.learn(&job.url, &tile);
                self.held.insert(job.tile, (job.url, tile));
                self.streamer.uploaded(job.tile);
            }
        }
    }

    pub fn settle(&mut self, views: &[View]) {
        for _ in 0..3000 {
            self.frame(views, usize::MAX);
            if self.streamer.is_complete() && self.in_flight.is_empty() {
                self.frame(views, 0);
                return;
            }
        }
        panic!("never complete: {:?}", self.streamer.stats());
    }

    pub fn shown_tiles(&self) -> Vec<(Cell, &PreparedTile)> {
        let tile = |id: &TileId| {
            let (url, tile) = &self.held[id];
            (cell_of(url), tile)
        };
        self.shown.iter().map(tile).collect()
    }
}

pub fn cell_of(address: &str) -> Cell {
    let mut parts = address
        .strip_suffix(".terrain")
        .unwrap()
        .rsplit('/')
        .map(|n| n.parse::<u32>().unwrap());
    let (y, x, z) = (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap(),
    );
    Cell::new(z, x, y)
}

pub fn looking(lon: f64, lat: f64, height_m: f64, heading: f64, pitch: f64) -> View {
    let camera = Camera::from_degrees(lon, lat, height_m, heading, pitch);
    View {
        position: camera.position_ecef(),
        forward: camera.forward(),
        frustum: camera.frustum(1.5, 1.0),
        viewport_height_px: 1000.0,
        fov_y_rad: camera.fov_y_rad,
    }
}

pub fn geodetic(tile: &PreparedTile, vertex: &Vertex) -> Geodetic {
    geodetic_from_ecef(tile.origin + DVec3::from_array(vertex.position.map(f64::from)))
}

/// Whether the shown tiles cover each of these cells exactly once, alone or by an ancestor or descendants.
pub fn assert_covered_once(shown: &[Cell], cells: &[Cell]) {
    for cell in cells {
        let area: f64 = shown
            .iter()
            .map(|s| {
                let up = s.z.min(cell.z);
                if s.at_level(up) == cell.at_level(up) {
                    1.0 / f64::from(1 << (2 * (s.z.max(cell.z) - cell.z)))
                } else {
                    0.0
                }
            })
            .sum();
        assert!(
            (area - 1.0).abs() < 1e-9,
            "{cell:?} is covered {area} times"
        );
    }
}

pub fn window_middle(scheme: Scheme, cell: Cell) -> (f64, f64) {
    let rect = scheme.rect(cell);
    (
        ((rect.west + rect.east) * 0.5).to_degrees(),
        ((rect.south + rect.north) * 0.5).to_degrees(),
    )
}
