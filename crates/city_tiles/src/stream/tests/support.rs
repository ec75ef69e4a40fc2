use std::collections::{BTreeMap, BTreeSet};

use city_geo::{BoundingVolume, DMat3, DVec3, Frustum, Intersection, OrientedBox};

use crate::stream::*;

pub const ROOT: &str = "http://city/tileset.json";
pub const SIDE_M: f64 = 1024.0;

/// A camera at height, looking straight down.
pub fn above(x: f64, y: f64, height_m: f64) -> View {
    looking(DVec3::new(x, y, height_m), DVec3::NEG_Z, DVec3::Y)
}

pub fn looking(position: DVec3, forward: DVec3, up: DVec3) -> View {
    let fov_y_rad = 60f64.to_radians();
    View {
        position,
        forward,
        frustum: Frustum::from_camera(position, forward, up, fov_y_rad, 1.0, 0.1),
        viewport_height_px: 1000.0,
        fov_y_rad,
    }
}

/// The box of a cell of a quadtree over a square city of [`SIDE_M`], heights 0 to 20 m.
pub fn cell_box(level: u32, x: u32, y: u32) -> OrientedBox {
    let side = SIDE_M / f64::from(1 << level);
    let center = DVec3::new(
        (f64::from(x) + 0.5) * side,
        (f64::from(y) + 0.5) * side,
        10.0,
    );
    OrientedBox {
        center,
        half_axes: DMat3::from_diagonal(DVec3::new(side * 0.5, side * 0.5, 10.0)),
    }
}

pub fn cell_visible(views: &[View], level: u32, x: u32, y: u32) -> bool {
    let volume = BoundingVolume::Box(cell_box(level, x, y));
    views
        .iter()
        .any(|v| volume.intersects(&v.frustum) != Intersection::Outside)
}

pub fn cell_name(level: u32, x: u32, y: u32) -> String {
    format!("{level}_{x}_{y}.glb")
}

pub fn cell_of(url: &str) -> (u32, u32, u32) {
    let name = url
        .rsplit('/')
        .next()
        .unwrap()
        .strip_suffix(".glb")
        .unwrap();
    let mut numbers = name.split('_').map(|n| n.parse().unwrap());
    (
        numbers.next().unwrap(),
        numbers.next().unwrap(),
        numbers.next().unwrap(),
    )
}

fn volume_json(level: u32, x: u32, y: u32) -> String {
    let b = cell_box(level, x, y);
    let a = b.half_axes;
    format!(
        r#"{{"box":[{},{},{},{},0,0,0,{},0,0,0,{}]}}"#,
        b.center.x, b.center.y, b.center.z, a.x_axis.x, a.y_axis.y, a.z_axis.z
    )
}

/// An explicit quadtree of `levels`, with content in every tile for which `content` says so.
pub fn quadtree(levels: u32, refine: &str, content: &dyn Fn(u32, u32, u32) -> bool) -> String {
    fn tile(
        level: u32,
        x: u32,
        y: u32,
        levels: u32,
        content: &dyn Fn(u32, u32, u32) -> bool,
    ) -> String {
        let error = if level + 1 == levels {
            0.0
        } else {
            200.0 / f64::from(1 << level)
        };
        let mut json = format!(
            r#"{{"boundingVolume":{},"geometricError":{error}"#,
            volume_json(level, x, y)
        );
        if content(level, x, y) {
            json += &format!(r#","content":{{"uri":"{}"}}"#, cell_name(level, x, y));
        }
        if level + 1 < levels {
            let children: Vec<_> = (0..4)
                .map(|i| {
                    tile(
                        level + 1,
                        x * 2 + (i & 1),
                        y * 2 + (i >> 1),
                        levels,
                        content,
                    )
                })
                .collect();
            json += &format!(r#","children":[{}]"#, children.join(","));
        }
        json + "}"
    }
    let root =
        tile(0, 0, 0, levels, content).replacen('{', &format!(r#"{{"refine":"{refine}","#), 1);
    format!(r#"{{"asset":{{"version":"1.1"}},"geometricError":400,"root":{root}}}"#)
}

/// The app's side: requests under way, decodes and uploads under way, what is resident, and a scripted server.
pub struct World {
    pub streamer: Streamer,
    pub files: BTreeMap<String, Vec<u8>>,
    pub broken: BTreeMap<String, FetchError>,
    pub in_flight: Vec<FetchRequest>,
    pub decoding: Vec<DecodeJob>,
    pub uploading: Vec<TileId>,
    pub ready: BTreeMap<TileId, String>,
    pub held: BTreeMap<TileId, u64>,
    pub shown: BTreeSet<TileId>,
    pub fetched: Vec<String>,
    pub cost: fn(&str) -> u64,
    pub now_ms: u64,
}

impl World {
    pub fn new(tileset: &str, options: StreamOptions) -> Self {
        Self {
            streamer: Streamer::new(ROOT, options),
            files: [(ROOT.to_owned(), tileset.as_bytes().to_vec())].into(),
            broken: BTreeMap::new(),
            in_flight: Vec::new(),
            decoding: Vec::new(),
            uploading: Vec::new(),
            ready: BTreeMap::new(),
            held: BTreeMap::new(),
            shown: BTreeSet::new(),
            fetched: Vec::new(),
            cost: |_| 1000,
            now_ms: 0,
        }
    }

    pub fn file(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.files
            .insert(format!("http://city/{name}"), bytes.into());
    }

    /// One update; does what the selection says, and checks that it is sensible.
    pub fn update(&mut self, views: &[View]) -> Selection {
        self.now_ms += 16;
        let selection = self.streamer.update(views, self.now_ms).clone();
        for id in &selection.cancel {
            let before = self.in_flight.len();
            self.in_flight.retain(|r| r.id != *id);
            assert_eq!(
                before,
                self.in_flight.len() + 1,
                "only requests under way are cancelled"
            );
        }
        for id in &selection.evict {
            assert!(!selection.show.contains(id), "an evicted tile is not shown");
            self.held.remove(id);
            self.ready.remove(id);
            self.uploading.retain(|u| u != id);
        }
        self.in_flight.extend(selection.fetch.iter().cloned());
        assert!(self.in_flight.len() <= self.streamer.options().max_requests);
        for id in &selection.show {
            assert!(
                self.ready.contains_key(id),
                "{id} is shown but not uploaded"
            );
        }
        self.shown = selection.show.iter().copied().collect();
        assert_eq!(
            self.shown.len(),
            selection.show.len(),
            "no tile is shown twice"
        );
        selection
    }

    /// Answers the request at `index`: from the files, or as broken, or as the given error.
    pub fn answer(&mut self, index: usize, error: Option<FetchError>) {
        let request = self.in_flight.remove(index);
        let result = match error.or_else(|| self.broken.get(&request.url).cloned()) {
            Some(error) => Err(error),
            None if request.url.ends_with(".glb") => Ok(b"glTF".to_vec()),
            None => self
                .files
                .get(&request.url)
                .cloned()
                .ok_or(FetchError::NotFound),
        };
        self.fetched.push(request.url);
        if let Some(job) = self.streamer.fetched(request.id, result, self.now_ms) {
            self.decoding.push(job);
        }
    }

    pub fn decode(&mut self, index: usize, result: Result<(), String>) {
        let job = self.decoding.remove(index);
        let cost = (self.cost)(&job.url);
        let ok = result.is_ok();
        self.streamer
            .decoded(job.tile, job.content, result.map(|()| cost));
        if ok {
            *self.held.entry(job.tile).or_default() += cost;
            if self
                .streamer
                .tile(job.tile)
                .is_some_and(|t| t.state == TileState::Uploading)
            {
                self.uploading.push(job.tile);
            }
        }
    }

    pub fn upload(&mut self, index: usize) {
        let tile = self.uploading.remove(index);
        self.streamer.uploaded(tile);
        if let Some(view) = self.streamer.tile(tile)
            && view.state == TileState::Ready
        {
            self.ready.insert(tile, view.content_urls[0].clone());
        }
    }

    /// Answers, decodes and uploads everything under way.
    pub fn serve(&mut self) {
        while !self.in_flight.is_empty() {
            self.answer(0, None);
        }
        while !self.decoding.is_empty() {
            self.decode(0, Ok(()));
        }
        while !self.uploading.is_empty() {
            self.upload(0);
        }
    }

    /// Updates and serves until nothing more is wanted.
    pub fn settle(&mut self, views: &[View]) -> Selection {
        for _ in 0..5000 {
            let selection = self.update(views);
            if self.streamer.is_complete() && self.in_flight.is_empty() {
                return selection;
            }
            self.serve();
            self.now_ms += 100;
        }
        panic!("it does not settle: {:?}", self.streamer.stats());
    }

    pub fn shown_names(&self) -> Vec<String> {
        let name = |id: &TileId| self.ready[id].rsplit('/').next().unwrap().to_owned();
        let mut names: Vec<_> = self.shown.iter().map(name).collect();
        names.sort();
        names
    }

    pub fn fetched_count(&self, name: &str) -> usize {
        self.fetched.iter().filter(|u| u.ends_with(name)).count()
    }

    /// In a REPLACE quadtree: every visible leaf cell is covered by at most one tile of its path, and by exactly one
    /// if any of them is on the GPU.
    pub fn assert_no_hole(
        &self,
        views: &[View],
        levels: u32,
        ready_before: &BTreeMap<TileId, String>,
    ) {
        let ready: BTreeSet<_> = ready_before.values().map(|u| cell_of(u)).collect();
        let shown: BTreeSet<_> = self
            .shown
            .iter()
            .map(|id| cell_of(&ready_before[id]))
            .collect();
        let leaf = levels - 1;
        for x in 0..1u32 << leaf {
            for y in 0..1u32 << leaf {
                if !cell_visible(views, leaf, x, y) {
                    continue;
                }
                let path = |set: &BTreeSet<(u32, u32, u32)>| {
                    (0..levels)
                        .filter(|l| set.contains(&(*l, x >> (leaf - l), y >> (leaf - l))))
                        .count()
                };
                let (have, show) = (path(&ready), path(&shown));
                assert!(show <= 1, "cell {x},{y}: parent and child together");
                assert!(
                    have == 0 || show == 1,
                    "cell {x},{y}: a hole, though {have} tiles could fill it"
                );
            }
        }
    }
}
