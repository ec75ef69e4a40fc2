//! Vertices, triangles and skirts.

use super::super::error::Fault;
use super::clip::place_in;
use super::colour;
use super::lattice::Lattice;
use super::quantized::{FULL, Quantized};
use crate::prepared::{NO_FEATURE, Vertex, snorm_normal};
use crate::terrain::{Cell, Descriptor, lon_of};
use city_geo::{Geodetic, ecef_from_geodetic, surface_normal};
use glam::DVec3;
use std::f64::consts::FRAC_PI_2;

/// A tile's geometry.
pub(super) struct Mesh {
    /// ECEF, metres.
    pub origin: DVec3,
    pub vertices: Vec<Vertex>,
    pub indices: Vec<u32>,
}

impl Mesh {
    fn new(descriptor: &Descriptor, height_m: f64) -> Self {
        let rect = descriptor.scheme.rect(descriptor.tile);
        Self {
            origin: ecef_from_geodetic(Geodetic::new(
                (rect.west + rect.east) * 0.5,
                (rect.south + rect.north) * 0.5,
                height_m + descriptor.height_offset_m,
            )),
            vertices: Vec::new(),
            indices: Vec::new(),
        }
    }

    fn push(&mut self, at: DVec3, normal: DVec3, uv: [f64; 2], color: [u8; 4]) {
        self.vertices.push(Vertex {
            position: (at - self.origin).as_vec3().to_array(),
            normal: snorm_normal(normal),
            color,
            uv: uv.map(|c| c as f32),
            feature: NO_FEATURE,
        });
    }

    /// Hangs a skirt below an edge, whose vertices go round the tile counter-clockwise as seen from above: so its
    /// triangles look outwards.
    fn skirt(&mut self, edge: &[u32], skirt_m: f64) {
        if skirt_m <= 0.0 || edge.len() < 2 {
            return;
        }
        let first = self.vertices.len() as u32;
        for index in edge {
            let Some(mut vertex) = self.vertices.get(*index as usize).copied() else {
                return;
            };
            let at = self.origin + DVec3::from_array(vertex.position.map(f64::from));
            let low = at - surface_normal(at) * skirt_m - self.origin;
            vertex.position = low.as_vec3().to_array();
            self.vertices.push(vertex);
        }
        for (low, pair) in (first..).zip(edge.windows(2)) {
            let &[a, b] = pair else { continue };
            self.indices.extend([a, low, low + 1, a, low + 1, b]);
        }
    }
}

/// Whether a water mask has water at a place of its own tile, 0 to 1 from the north-west.
fn is_water(mask: &[u8], u: f64, v: f64) -> bool {
    let side = if mask.len() == 1 { 1 } else { 256 };
    let at = |c: f64| ((c * side as f64) as usize).min(side - 1);
    mask.get(at(v) * side + at(u)).is_some_and(|m| *m > 127)
}

/// A water mask and the tile that it covers.
pub(super) type Water<'a> = (&'a [u8], Cell);

/// A grid over the tile.
pub(super) fn from_lattice(
    descriptor: &Descriptor,
    lattice: &Lattice,
    water: Option<Water<'_>>,
) -> Mesh {
    let n = lattice.n;
    let (scheme, cell) = (descriptor.scheme, descriptor.tile);
    let window = scheme.window(cell);
    let last = (n - 1) as f64;
    let lon = |i: isize| lon_of(window.u0 + (window.u1 - window.u0) * i as f64 / last);
    let lat = |j: isize| scheme.lat_of(window.v0 + (window.v1 - window.v0) * j as f64 / last);
    let place = |i: isize, j: isize| {
        let height_m = lattice.at(i, j) + descriptor.height_offset_m;
        ecef_from_geodetic(Geodetic::new(lon(i), lat(j), height_m))
    };
    let rows = scheme.rows(cell.z);
    let water = water.map(|(mask, tile)| (mask, place_in(scheme, tile, cell)));
    let mut mesh = Mesh::new(descriptor, lattice.mean_m());
    mesh.vertices.reserve(n * n + n * 4);
    let side = n as isize;
    for j in 0..side {
        for i in 0..side {
            let mut at = place(i, j);
            let up = surface_normal(at);
            let east = place(i + 1, j) - place(i - 1, j);
            let north = place(i, j - 1) - place(i, j + 1);
            let normal = east.cross(north).try_normalize().unwrap_or(up);
            // The last rows of web mercator reach on to the poles.
            let pole = match (j, cell.y) {
                (0, 0) => Some(FRAC_PI_2),
                (_, y) if j + 1 == side && y + 1 == rows => Some(-FRAC_PI_2),
                _ => None,
            };
            let height_m = lattice.at(i, j);
            if let Some(lat) = pole {
                let height_m = height_m + descriptor.height_offset_m;
                at = ecef_from_geodetic(Geodetic::new(lon(i), lat, height_m));
            }
            let uv = [i as f64 / last, j as f64 / last];
            let wet = water
                .as_ref()
                .is_some_and(|(mask, part)| is_water(mask, part.u(uv[0]), part.v(uv[1])));
            mesh.push(at, normal, uv, colour::linear(height_m, wet));
        }
    }
    let index = |i: usize, j: usize| (j * n + i) as u32;
    mesh.indices.reserve(n * n * 6 + n * 24);
    for j in 0..n - 1 {
        for i in 0..n - 1 {
            let (a, b) = (index(i, j), index(i + 1, j));
            let (c, d) = (index(i, j + 1), index(i + 1, j + 1));
            mesh.indices.extend([a, c, b, b, c, d]);
        }
    }
    let edges: [Vec<u32>; 4] = [
        (0..n).map(|i| index(i, n - 1)).collect(),
        (0..n).rev().map(|j| index(n - 1, j)).collect(),
        (0..n).rev().map(|i| index(i, 0)).collect(),
        (0..n).map(|j| index(0, j)).collect(),
    ];
    for edge in &edges {
        mesh.skirt(edge, descriptor.skirt_m);
    }
    mesh
}

/// The mesh of a quantized-mesh tile.
pub(super) fn from_quantized(descriptor: &Descriptor, tile: &Quantized) -> Result<Mesh, Fault> {
    let (scheme, cell): (_, Cell) = (descriptor.scheme, descriptor.tile);
    let (rect, window) = (scheme.rect(cell), scheme.window(cell));
    let full = f64::from(FULL);
    let mut mesh = Mesh::new(descriptor, (tile.min_height_m + tile.max_height_m) * 0.5);
    let mut places = Vec::with_capacity(tile.vertices.len());
    for (k, [x, y, _]) in tile.vertices.iter().enumerate() {
        let (u, north) = (f64::from(*x) / full, f64::from(*y) / full);
        let lat = rect.south + (rect.north - rect.south) * north;
        let v = (scheme.v_of(lat) - window.v0) / (window.v1 - window.v0);
        let height_m = tile.height_m(k);
        let lon = rect.west + (rect.east - rect.west) * u;
        let at = Geodetic::new(lon, lat, height_m + descriptor.height_offset_m);
        places.push((ecef_from_geodetic(at), [u, v.clamp(0.0, 1.0)], height_m));
    }
    let computed;
    let normals = if tile.normals.len() == places.len() {
        &tile.normals
    } else {
        computed = smooth_normals(&places, &tile.indices);
        &computed
    };
    for ((at, uv, height_m), normal) in places.iter().zip(normals) {
        let wet = !tile.water.is_empty() && is_water(&tile.water, uv[0], uv[1]);
        mesh.push(*at, *normal, *uv, colour::linear(*height_m, wet));
    }
    mesh.indices.clone_from(&tile.indices);
    // Round the tile: south eastwards, east northwards, north westwards, west southwards.
    let [west, south, east, north] = &tile.edges;
    for (edge, axis, turned) in [
        (south, 0, false),
        (east, 1, false),
        (north, 0, true),
        (west, 1, true),
    ] {
        let mut edge = edge.clone();
        edge.sort_by_key(|i| tile.vertices.get(*i as usize).map_or(0, |v| v[axis]));
        if turned {
            edge.reverse();
        }
        mesh.skirt(&edge, descriptor.skirt_m);
    }
    Ok(mesh)
}

/// Normals of the triangles, weighed by their areas.
fn smooth_normals(places: &[(DVec3, [f64; 2], f64)], indices: &[u32]) -> Vec<DVec3> {
    let mut normals = vec![DVec3::ZERO; places.len()];
    for corners in indices.chunks_exact(3) {
        let &[a, b, c] = corners else { continue };
        let at = |i: u32| places.get(i as usize).map(|p| p.0);
        let (Some(pa), Some(pb), Some(pc)) = (at(a), at(b), at(c)) else {
            continue;
        };
        let normal = (pb - pa).cross(pc - pa);
        for i in [a, b, c] {
            if let Some(sum) = normals.get_mut(i as usize) {
                *sum += normal;
            }
        }
    }
    for (normal, (at, ..)) in normals.iter_mut().zip(places) {
        *normal = normal
            .try_normalize()
            .unwrap_or_else(|| surface_normal(*at));
    }
    normals
}
