//! Making the demo city: plan, draw, encode, write.

use std::fmt;
use std::path::{Path, PathBuf};

use glam::DVec3;

use crate::city::City;
use crate::draw::{self, look};
use crate::land::Domain;
use crate::stamp::{self, STAMP_FILE};
use crate::write::subtree::{Bounds, Node, Quadtree, morton};
use crate::write::tileset::{Implicit, Single, TILE_CLASS, Tileset};
use crate::write::{Content, EncodeError, Schema, glb, meshopt};
use crate::{parallel, sensors, summary};

/// `asset.copyright` of every content.
pub const COPYRIGHT: &str = "Belvedere demo city (synthetic), CC0";

/// How far along the work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, in English.
    pub stage: &'static str,
    /// Steps done of this stage.
    pub done: usize,
    /// Steps of this stage; 0 where they are not counted.
    pub total: usize,
}

/// Why the city could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be written.
    #[error(
        "cannot write {path}: {source}; check that the folder exists, is writable and has 200 MB free"
    )]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A content could not be encoded: a fault of the generator.
    #[error("cannot encode {what}: {source}")]
    Encode {
        /// Which content.
        what: String,
        /// Why.
        source: EncodeError,
    },
}

/// What was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Buildings.
    pub buildings: usize,
    /// Streets between two junctions.
    pub streets: usize,
    /// Trees.
    pub trees: usize,
    /// Tile contents.
    pub contents: usize,
    /// Triangles in all contents.
    pub triangles: u64,
    /// Bytes written, all files together.
    pub bytes: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} buildings, {} streets, {} trees in {} tiles ({:.1} MB)",
            self.buildings,
            self.streets,
            self.trees,
            self.contents,
            self.bytes as f64 / 1e6
        )
    }
}

/// Makes the whole demo city in a folder: `tileset.json` and its tiles,
/// `city.json` (places), `streets.json` (the street graph) and `sensors.json`
/// (where simulated sensors stand) and `format.json` (see
/// [`crate::is_current`]). The same seed gives the same bytes. `tileset.json` is written last: where it is, all is.
pub fn generate(seed: u64, out: &Path, progress: &dyn Fn(Progress)) -> Result<Report, Error> {
    generate_domain(seed, Domain::FULL, out, progress)
}

/// Makes only the middle of the harbour, a sixteenth of the city, for tests.
pub fn generate_small(seed: u64, out: &Path, progress: &dyn Fn(Progress)) -> Result<Report, Error> {
    generate_domain(seed, Domain::SMALL, out, progress)
}

/// Geometric error of the finest level's parents is twice this, metres.
const GROUND_ERROR_M: f64 = 10.5;
/// The same for buildings.
const BUILDING_ERROR_M: f64 = 15.0;

/// The two quadtrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Ground,
    Buildings,
}

impl Layer {
    fn folder(self) -> &'static str {
        match self {
            Self::Ground => "ground",
            Self::Buildings => "buildings",
        }
    }
}

/// One content to be made.
#[derive(Debug, Clone, Copy)]
struct Task {
    layer: Layer,
    level: usize,
    x: u32,
    y: u32,
}

/// Where files go, and how many bytes went.
struct Output<'a> {
    folder: &'a Path,
}

impl Output<'_> {
    fn write(&self, name: &str, bytes: &[u8]) -> Result<u64, Error> {
        let path = self.folder.join(name);
        let write = |path: &Path| {
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, bytes)
        };
        write(&path).map_err(|source| Error::Io { path, source })?;
        Ok(bytes.len() as u64)
    }
}

/// What a task gave.
struct Made {
    bounds: Bounds,
    triangles: u64,
    bytes: u64,
}

fn generate_domain(
    seed: u64,
    domain: Domain,
    folder: &Path,
    progress: &dyn Fn(Progress),
) -> Result<Report, Error> {
    let stage = |stage: &'static str| {
        progress(Progress {
            stage,
            done: 0,
            total: 0,
        });
    };
    let out = Output { folder };
    let root = folder.join("tileset.json");
    if root.exists() {
        // What follows makes it untrue until the end.
        std::fs::remove_file(&root).map_err(|source| Error::Io { path: root, source })?;
    }
    let city = City::plan(seed, domain, &stage);
    let ground = draw::ground::Content::new(&city);
    let houses = draw::buildings::by_tile(&city);
    let tasks = tasks(&city, &houses);
    let schema = draw::buildings::schema();
    let make = |task: &Task| make(&city, &ground, &houses, &schema, *task, &out);
    let made = parallel::map_told(&tasks, make, &mut |done| {
        progress(Progress {
            stage: "tiles",
            done,
            total: tasks.len(),
        });
    });
    let mut report = Report {
        buildings: city.buildings.len(),
        streets: city.network.edges.len(),
        trees: city.trees.len(),
        ..Report::default()
    };
    let mut trees = [Layer::Ground, Layer::Buildings].map(|_| Quadtree {
        levels: (0..domain.levels)
            .map(|l| vec![None; 1 << (2 * l)])
            .collect(),
    });
    for (task, made) in tasks.iter().zip(made) {
        let Some(made) = made? else { continue };
        report.contents += 1;
        report.triangles += made.triangles;
        report.bytes += made.bytes;
        trees[task.layer as usize].levels[task.level][morton(task.x, task.y)] = Some(Node {
            bounds: made.bounds,
            content: true,
        });
    }
    stage("index");
    let mut implicit = Vec::new();
    for (layer, tree) in [Layer::Ground, Layer::Buildings]
        .into_iter()
        .zip(&mut trees)
    {
        widen(tree);
        let bytes = tree
            .subtree(0, 0, 0, domain.levels, TILE_CLASS)
            .map_err(|source| Error::Encode {
                what: format!("the subtree of {}", layer.folder()),
                source,
            })?;
        report.bytes += out.write(
            &format!("{}/subtrees/0.0.0.subtree", layer.folder()),
            &bytes,
        )?;
        if let Some(root) = tree.levels[0][0] {
            implicit.push(quadtree(layer, domain, root.bounds));
        }
    }
    report.bytes += surroundings(&city, &schema, &out)?;
    report.bytes += files(&city, &out)?;
    let tileset = Tileset {
        copyright: COPYRIGHT,
        transform: city.frame.ecef_from_enu().to_cols_array(),
        implicit,
        singles: Vec::new(),
    };
    let bytes = tileset.to_json().map_err(|source| Error::Encode {
        what: "tileset.json".to_owned(),
        source,
    })?;
    report.bytes += out.write("tileset.json", &bytes)?;
    Ok(report)
}

/// All contents, coarsest first. Open sea is not divided further, and where no
/// building stands there is no tile of buildings.
fn tasks(city: &City, houses: &[Vec<u32>]) -> Vec<Task> {
    let domain = city.terrain.domain;
    let mut tasks = Vec::new();
    for level in 0..domain.levels {
        let side = 1_u32 << level;
        for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
            let parent = level.checked_sub(1).map(|l| (l, x / 2, y / 2));
            if parent.is_none_or(|(l, x, y)| !open_sea(city, l, x, y)) {
                tasks.push(Task {
                    layer: Layer::Ground,
                    level,
                    x,
                    y,
                });
            }
            if !members(houses, domain, level, x, y).is_empty() {
                tasks.push(Task {
                    layer: Layer::Buildings,
                    level,
                    x,
                    y,
                });
            }
        }
    }
    tasks
}

/// Whether a tile is water and nothing else.
fn open_sea(city: &City, level: usize, x: u32, y: u32) -> bool {
    let terrain = &city.terrain;
    let (corner, size) = terrain.domain.tile(level, x, y);
    let centre = corner + size * 0.5;
    let reach = size.length() * 0.5;
    let near = |p: glam::DVec2| (p - centre).abs().cmple(size * 0.5 + 200.0).all();
    terrain.shore(centre) < -reach && !city.props.iter().any(|p| near(p.centre()))
}

fn members(houses: &[Vec<u32>], domain: Domain, level: usize, x: u32, y: u32) -> Vec<u32> {
    let lod = domain.levels - 1 - level;
    let (n, side) = (1_u32 << lod, 1_u32 << (domain.levels - 1));
    let mut found = Vec::new();
    for row in y * n..(y + 1) * n {
        for column in x * n..(x + 1) * n {
            found.extend(&houses[(row * side + column) as usize]);
        }
    }
    found.sort_unstable();
    found
}

fn make(
    city: &City,
    ground: &draw::ground::Content,
    houses: &[Vec<u32>],
    schema: &Schema,
    task: Task,
    out: &Output<'_>,
) -> Result<Option<Made>, Error> {
    let domain = city.terrain.domain;
    let (corner, size) = domain.tile(task.level, task.x, task.y);
    let origin = city.frame.enu((corner + size * 0.5).extend(0.0));
    let lod = domain.levels - 1 - task.level;
    let (primitives, tables, materials) = match task.layer {
        Layer::Ground => {
            let primitives = draw::ground(city, ground, task.level, task.x, task.y, origin);
            (primitives, Vec::new(), &look::GROUND_MATERIALS[..])
        }
        Layer::Buildings => {
            let members = members(houses, domain, task.level, task.x, task.y);
            let (primitives, tables) = draw::buildings(city, &members, lod, origin);
            (primitives, tables, &look::BUILDING_MATERIALS[..])
        }
    };
    if primitives.iter().all(|p| p.indices.is_empty()) {
        return Ok(None);
    }
    let name = format!(
        "{}/{}/{}/{}.glb",
        task.layer.folder(),
        task.level,
        task.x,
        task.y
    );
    let content = Content {
        origin,
        primitives,
        materials,
        schema,
        tables,
        copyright: COPYRIGHT,
    };
    encode(&content, &name, out).map(Some)
}

fn encode(content: &Content<'_>, name: &str, out: &Output<'_>) -> Result<Made, Error> {
    let encoded =
        glb::encode(content, &mut meshopt::Encoder::default()).map_err(|source| Error::Encode {
            what: name.to_owned(),
            source,
        })?;
    Ok(Made {
        bounds: Bounds {
            min: encoded.min.to_array(),
            max: encoded.max.to_array(),
        },
        triangles: encoded.triangles,
        bytes: out.write(name, &encoded.bytes)?,
    })
}

/// Gives every tile above a content a place and the box of what is below it.
fn widen(tree: &mut Quadtree) {
    for level in (0..tree.levels.len().saturating_sub(1)).rev() {
        for index in 0..tree.levels[level].len() {
            let below = (0..4).filter_map(|k| tree.levels[level + 1][index * 4 + k]);
            let own = tree.levels[level][index];
            let all = below.map(|n| n.bounds).chain(own.map(|n| n.bounds));
            if let Some(bounds) = all.reduce(Bounds::union) {
                tree.levels[level][index] = Some(Node {
                    bounds,
                    content: own.is_some_and(|n| n.content),
                });
            }
        }
    }
}

fn quadtree(layer: Layer, domain: Domain, content: Bounds) -> Implicit {
    let half = domain.half_m;
    // The root's box is divided in the middle, so it is even about the origin,
    // and a little wider than the plane, whose edges are not quite straight here.
    let side = |a: usize, half: f64| (content.min[a].abs().max(content.max[a].abs())).max(half);
    let (x, y) = (side(0, half.x), side(1, half.y));
    let error = match layer {
        Layer::Ground => GROUND_ERROR_M,
        Layer::Buildings => BUILDING_ERROR_M,
    };
    Implicit {
        folder: layer.folder(),
        bounds: Bounds {
            min: [-x, -y, content.min[2]],
            max: [x, y, content.max[2]],
        },
        geometric_error_m: error * f64::from(1_u32 << (domain.levels - 1)),
        subtree_levels: domain.levels,
        available_levels: domain.levels,
    }
}

/// The sea and hills around the city are a tileset of their own, so that framing
/// the city frames the city.
fn surroundings(city: &City, schema: &Schema, out: &Output<'_>) -> Result<u64, Error> {
    let content = Content {
        origin: DVec3::ZERO,
        primitives: draw::surroundings::surroundings(city, DVec3::ZERO),
        materials: &look::GROUND_MATERIALS,
        schema,
        tables: Vec::new(),
        copyright: COPYRIGHT,
    };
    let made = encode(&content, "surroundings/all.glb", out)?;
    let tileset = Tileset {
        copyright: COPYRIGHT,
        transform: city.frame.ecef_from_enu().to_cols_array(),
        implicit: Vec::new(),
        singles: vec![Single {
            uri: "all.glb",
            bounds: made.bounds,
        }],
    };
    let bytes = tileset.to_json().map_err(|source| Error::Encode {
        what: "surroundings/tileset.json".to_owned(),
        source,
    })?;
    Ok(made.bytes + out.write("surroundings/tileset.json", &bytes)?)
}

fn files(city: &City, out: &Output<'_>) -> Result<u64, Error> {
    let json = |what: &str, json: Result<Vec<u8>, serde_json::Error>| {
        json.map_err(|source| Error::Encode {
            what: what.to_owned(),
            source: EncodeError::Json(source),
        })
    };
    let places = json("city.json", summary::city(city))?;
    let streets = json("streets.json", summary::streets(city))?;
    let sensors = json("sensors.json", serde_json::to_vec(&sensors::of_city(city)))?;
    let stamp = json(STAMP_FILE, stamp::stamp())?;
    Ok(out.write("city.json", &places)?
        + out.write(STAMP_FILE, &stamp)?
        + out.write("streets.json", &streets)?
        + out.write("sensors.json", &sensors)?)
}
