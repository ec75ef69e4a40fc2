//! One tile of the ground: land, sea walls, water, streets, covers, trees and
//! the things that stand about.

use glam::{DVec2, DVec3};

use super::drape::TileGrid;
use super::look::{self, GREEN, ROAD, TERRAIN, THING, WATER};
use super::mesh::{Look, Mesh};
use super::{roads, solid, trees, water};
use crate::city::City;
use crate::city::massing::{CoverKind, Shape};
use crate::geom;
use crate::write::Primitive;

/// Which covers, trees and things belong to each tile, at every level.
#[derive(Debug)]
pub struct Content {
    /// Tiles of the finest level, row by row: indices of covers and trees.
    covers: Vec<Vec<u32>>,
    trees: Vec<Vec<u32>>,
    props: Vec<Vec<u32>>,
    side: u32,
}

impl Content {
    /// Sorts a city's ground things into the tiles of the finest level.
    #[must_use]
    pub fn new(city: &City) -> Self {
        let domain = city.terrain.domain;
        let level = domain.levels - 1;
        let side = 1_u32 << level;
        let empty = || vec![Vec::new(); (side as usize).pow(2)];
        let mut content = Self {
            covers: empty(),
            trees: empty(),
            props: empty(),
            side,
        };
        let tile = |p: DVec2| {
            let clamped = p.clamp(-domain.half_m * 0.999_999, domain.half_m * 0.999_999);
            domain
                .tile_at(level, clamped)
                .map(|(x, y)| (y * side + x) as usize)
        };
        for (i, cover) in city.covers.iter().enumerate() {
            // A cover is cut along tiles, so it goes to every tile it touches.
            let (low, high) = geom::extent(&cover.ring);
            let (a, b) = (domain.tile_at(level, low), domain.tile_at(level, high));
            let ((ax, ay), (bx, by)) = (a.unwrap_or((0, 0)), b.unwrap_or((side - 1, side - 1)));
            for y in ay..=by {
                for x in ax..=bx {
                    content.covers[(y * side + x) as usize].push(i as u32);
                }
            }
        }
        for (i, tree) in city.trees.iter().enumerate() {
            if let Some(t) = tile(tree.p) {
                content.trees[t].push(i as u32);
            }
        }
        for (i, prop) in city.props.iter().enumerate() {
            if let Some(t) = tile(prop.centre()) {
                content.props[t].push(i as u32);
            }
        }
        content
    }

    /// The entries of all finest tiles below a tile; each once, in order.
    fn below(&self, list: &[Vec<u32>], lod: usize, x: u32, y: u32) -> Vec<u32> {
        let n = 1_u32 << lod;
        let mut found = Vec::new();
        for row in y * n..(y + 1) * n {
            for column in x * n..(x + 1) * n {
                found.extend(&list[(row * self.side + column) as usize]);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// How far skirts hang below the edges of a tile, metres, at the finest level.
const SKIRT_M: f64 = 6.0;

/// The primitives of one tile of the ground. `origin` is its content's origin.
#[must_use]
pub fn ground(
    city: &City,
    content: &Content,
    level: usize,
    x: u32,
    y: u32,
    origin: DVec3,
) -> Vec<Primitive> {
    let lod = city.terrain.domain.levels - 1 - level;
    let grid = TileGrid::new(&city.terrain, level, x, y);
    let mesh = |material| Mesh::new(&city.frame, origin, material);
    let mut land = mesh(TERRAIN);
    lay_land(city, &grid, lod, &mut land);
    let mut sea = mesh(WATER).plain();
    water::lay(&grid, &mut sea);
    let mut streets = mesh(ROAD);
    roads::lay(city, &grid, lod, &mut streets);
    // A tree can be told apart, from the lawn around it too. It has no properties, which would cost more than itself.
    let mut green = mesh(GREEN).with_bare_features("tree");
    lay_covers(city, content, &grid, (lod, x, y), &mut land, &mut green);
    let below = content.below(&content.trees, lod, x, y);
    let mut next = 1;
    for (nth, i) in below.into_iter().enumerate() {
        let tree = &city.trees[i as usize];
        if trees::draw(tree, nth, next, lod, &city.terrain, &mut green) {
            next += 1;
        }
    }
    let mut things = mesh(THING);
    for i in content.below(&content.props, lod, x, y) {
        let prop = &city.props[i as usize];
        let look = Look {
            color: look::bytes(prop.rgb, 255),
            ..Look::default()
        };
        match &prop.shape {
            Shape::Solid(volume) if usize::from(volume.detail) >= lod => {
                solid::walls(volume, volume.base_m, look, &mut things);
                solid::roof(volume, 0.0, look, &mut things);
            }
            Shape::Beam {
                a,
                b,
                half_m,
                detail,
            } if usize::from(*detail) >= lod => {
                solid::beam(*a, *b, *half_m, look, &mut things);
            }
            _ => {}
        }
    }
    [land, sea, streets, green, things]
        .into_iter()
        .map(Mesh::finish)
        .collect()
}

fn land_look(city: &City, grid: &TileGrid<'_>, i: usize, j: usize) -> (DVec3, Look) {
    let slope = grid.gradient(i, j);
    let normal = DVec3::new(-slope.x, -slope.y, 1.0);
    let (column, row) = grid.raster(i, j);
    let place = look::Place {
        p: grid.at(i, j),
        height_m: grid.height(i, j),
        shore_m: grid.shore(i, j),
        slope: slope.length(),
        lawn: city.lawn.at(column, row),
    };
    let look = Look {
        color: look::rgba(look::ground(&city.terrain, &place), 255),
        ..Look::default()
    };
    (normal, look)
}

fn lay_land(city: &City, grid: &TileGrid<'_>, lod: usize, mesh: &mut Mesh<'_>) {
    let n = grid.cells;
    let mut ids: Vec<Option<u32>> = vec![None; (n + 1) * (n + 1)];
    for j in 0..n {
        for i in 0..n {
            for corners in TileGrid::triangles(i, j) {
                let shores = corners.map(|(i, j)| grid.shore(i, j));
                if shores.iter().all(|s| *s >= 0.0) {
                    let t = corners.map(|(i, j)| {
                        *ids[j * (n + 1) + i].get_or_insert_with(|| {
                            let (normal, look) = land_look(city, grid, i, j);
                            mesh.vertex(grid.at(i, j).extend(grid.height(i, j)), normal, look)
                        })
                    });
                    mesh.triangle(t[0], t[1], t[2]);
                } else if shores.iter().any(|s| *s > 0.0) {
                    shore_triangle(city, grid, corners, mesh);
                }
            }
        }
    }
    skirts(city, grid, lod, mesh);
}

/// The land part of a triangle that the coast crosses, and the wall or rock
/// along the water.
fn shore_triangle(
    city: &City,
    grid: &TileGrid<'_>,
    corners: [(usize, usize); 3],
    mesh: &mut Mesh<'_>,
) {
    let shores = corners.map(|(i, j)| grid.shore(i, j));
    let points = corners.map(|(i, j)| grid.at(i, j).extend(grid.height(i, j)));
    let mut ring = Vec::with_capacity(4);
    let mut crossing = Vec::with_capacity(2);
    for k in 0..3 {
        let l = (k + 1) % 3;
        if shores[k] >= 0.0 {
            ring.push(points[k]);
        }
        if (shores[k] >= 0.0) != (shores[l] >= 0.0) {
            let p = points[k].lerp(points[l], shores[k] / (shores[k] - shores[l]));
            ring.push(p);
            // Out of the land first, back into it second.
            crossing.push((p, shores[k] >= 0.0));
        }
    }
    let Some(dry) = corners.iter().find(|(i, j)| grid.shore(*i, *j) >= 0.0) else {
        return;
    };
    let (normal, look) = land_look(city, grid, dry.0, dry.1);
    mesh.polygon(&ring, normal, look);
    let out = crossing.iter().find(|(_, out)| *out);
    let back = crossing.iter().find(|(_, out)| !*out);
    if let (Some((a, _)), Some((b, _))) = (out, back) {
        let quay = grid.quay(dry.0, dry.1);
        let rgb = if quay { look::QUAY } else { look::SHORE_ROCK };
        let look = Look {
            color: look::rgba(rgb, 255),
            ..Look::default()
        };
        let foot = |p: &DVec3| p.truncate().extend(-2.5);
        // Seen from the water the wall runs from where the shore comes back.
        let wall = [foot(b), foot(a), *a, *b];
        let wall = if super::mesh::normal_of(&wall).dot(outward(corners, shores, grid)) > 0.0 {
            wall
        } else {
            [wall[1], wall[0], wall[3], wall[2]]
        };
        mesh.polygon(&wall, super::mesh::normal_of(&wall), look);
    }
}

/// Roughly towards the water from inside a triangle.
fn outward(corners: [(usize, usize); 3], shores: [f64; 3], grid: &TileGrid<'_>) -> DVec3 {
    let at = corners.map(|(i, j)| grid.at(i, j));
    let (u, v) = (at[1] - at[0], at[2] - at[0]);
    let (du, dv) = (shores[1] - shores[0], shores[2] - shores[0]);
    let rise = DVec2::new(du * v.y - dv * u.y, dv * u.x - du * v.x) / u.perp_dot(v);
    (-rise).extend(0.0)
}

/// Curtains that hang from the edges of a tile, so that neighbours of another
/// level leave no crack.
fn skirts(city: &City, grid: &TileGrid<'_>, lod: usize, mesh: &mut Mesh<'_>) {
    let n = grid.cells;
    let drop = DVec3::Z * SKIRT_M * f64::from(1_u32 << lod);
    for k in 0..n {
        // Each edge runs so that the outside is on its right.
        let edges = [
            ((k, 0), (k + 1, 0)),
            ((n, k), (n, k + 1)),
            ((n - k, n), (n - k - 1, n)),
            ((0, n - k), (0, n - k - 1)),
        ];
        for (a, b) in edges {
            if grid.shore(a.0, a.1) < 0.0 || grid.shore(b.0, b.1) < 0.0 {
                continue;
            }
            let [(p, normal, look), (q, _, _)] = [a, b].map(|(i, j)| {
                let (normal, look) = land_look(city, grid, i, j);
                (grid.at(i, j).extend(grid.height(i, j)), normal, look)
            });
            // The slope's own normal keeps a curtain from showing as a line.
            mesh.polygon(&[p - drop, q - drop, q, p], normal, look);
        }
    }
}

fn lay_covers<'a>(
    city: &City,
    content: &Content,
    grid: &TileGrid<'_>,
    (lod, x, y): (usize, u32, u32),
    land: &mut Mesh<'a>,
    green: &mut Mesh<'a>,
) {
    if lod > 3 {
        return;
    }
    let coarse = f64::from(1_u32 << lod);
    for i in content.below(&content.covers, lod, x, y) {
        let cover = &city.covers[i as usize];
        let planted = matches!(
            cover.kind,
            CoverKind::Park | CoverKind::Garden | CoverKind::Pitch
        );
        if lod >= 2 && !planted {
            continue;
        }
        let layer = match cover.kind {
            CoverKind::Park | CoverKind::Garden | CoverKind::Yard => 0.14,
            CoverKind::Plaza => 0.17,
            CoverKind::Track => 0.2,
            CoverKind::Pitch => 0.23,
        };
        let shade = 0.96 + 0.08 * crate::rng::lattice(city.seed, i64::from(i), 0xC0);
        let look = Look {
            color: look::rgba(look::cover(cover.kind).map(|c| c * shade), 255),
            ..Look::default()
        };
        let mesh = if planted { &mut *green } else { &mut *land };
        grid.drape(
            &cover.ring,
            layer * (0.5 + 0.5 * coarse),
            &mut |piece, normal| {
                mesh.polygon(piece, normal, look);
            },
        );
    }
}
