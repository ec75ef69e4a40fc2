//! Terrain tiles: a [`Descriptor`] and the files that it names, to a mesh with its picture.
//!
//! Heights are quantized-mesh 1.0 ([`quantized`]) or colours of a raster ([`raster`]); both become vertices in ECEF
//! around an f64 origin, with skirts. Imagery is put together to one picture here, in the decoder, row by row from
//! one tiling into the other ([`picture`]), so that the renderer sees a textured mesh like any other.

mod clip;
mod colour;
mod lattice;
mod mesh;
mod picture;
mod quantized;
mod raster;

use super::error::{DecodeErrorKind, Fault, limit};
use super::{DecodeOptions, Input};
use crate::prepared::{
    PreparedMaterial, PreparedPrimitive, PreparedTile, SurfaceClass, Topology, Wrap,
};
use crate::terrain::{
    Descriptor, HeightFile, HeightKind, ImageFile, MAGIC, MAX_IMAGES_OF_ALL, MAX_LAYERS, VERSION,
    is_address,
};
use crate::uri;
use clip::place_in;
use std::collections::BTreeSet;

pub use quantized::metadata;

/// Most bytes of a descriptor.
const MAX_DESCRIPTOR_BYTES: usize = 1 << 20;
/// Most bytes of a file of heights, decompressed.
const MAX_HEIGHT_BYTES: usize = 32 << 20;
/// Most vertices along an edge of a grid, and most pixels along one of a picture.
const MAX_GRID: u32 = 257;
const MAX_PICTURE: u32 = 2048;

/// Whether bytes are a terrain's descriptor.
#[must_use]
pub fn is_terrain(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

fn read(bytes: &[u8]) -> Result<Descriptor, Fault> {
    let place = "the descriptor";
    limit(place, "bytes", bytes.len(), MAX_DESCRIPTOR_BYTES)?;
    let read: Descriptor = serde_json::from_slice(bytes)
        .map_err(|e| Fault::new(place, DecodeErrorKind::Json(e.to_string())))?;
    if read.belvedere_terrain != VERSION {
        return Err(Fault::new(
            place,
            DecodeErrorKind::UnsupportedVersion(format!("terrain {}", read.belvedere_terrain)),
        ));
    }
    let invalid = |what: &str| Err(Fault::invalid(place, what));
    if !read.scheme.has(read.tile) {
        return invalid("its tile is none of the tiling");
    }
    let files = read.heights.files.iter().chain(&read.heights.around);
    for file in files {
        if !read.scheme.has(file.tile) {
            return invalid("a file of heights is of no tile of the tiling");
        }
    }
    if read
        .heights
        .files
        .iter()
        .any(|file| read.tile.at_level(file.tile.z) != file.tile)
    {
        return invalid("a file of heights does not cover the tile");
    }
    if read.heights.files.len() > 4 || read.heights.around.len() > 8 {
        return invalid("too many files of heights");
    }
    if !(2..=MAX_GRID).contains(&read.grid) || read.pixels > MAX_PICTURE {
        return invalid("grid must be 2 to 257 vertices and pixels at most 2048");
    }
    let [low, high] = read.heights.possible_m;
    let metres = [read.height_offset_m, read.skirt_m, low, high];
    if !metres.iter().all(|m| m.is_finite() && m.abs() <= 1e7) || read.skirt_m < 0.0 {
        return invalid("height_offset_m and skirt_m must be metres");
    }
    limit(place, "imagery layers", read.imagery.len(), MAX_LAYERS)?;
    let images = read.imagery.iter().map(|layer| layer.images.len()).sum();
    limit(place, "images", images, MAX_IMAGES_OF_ALL)?;
    for layer in &read.imagery {
        let fits = |image: &ImageFile| {
            image.window.is_valid() && image.instead.as_ref().is_none_or(|i| i.window.is_valid())
        };
        if !(0.0..=1.0).contains(&layer.opacity) || !layer.images.iter().all(fits) {
            return invalid("an image's window or opacity is out of range");
        }
    }
    Ok(read)
}

/// Where a file of a descriptor is. The program's own descriptors have whole addresses, of local files too; one that
/// came from elsewhere may name no more than any other content may.
fn located(base_url: &str, url: &str) -> Result<String, Fault> {
    if is_address(base_url) {
        return Ok(url.to_owned());
    }
    uri::resolve(base_url, url).map_err(|e| Fault::invalid("an external file", e.to_string()))
}

/// The files that are asked for first.
pub(super) fn external(input: &Input<'_>) -> Result<Vec<String>, Fault> {
    let descriptor = read(input.bytes)?;
    let heights = descriptor.heights.files.first();
    let heights = heights.into_iter().chain(&descriptor.heights.around);
    let images = descriptor.imagery.iter().flat_map(|layer| &layer.images);
    let urls: BTreeSet<&str> = heights
        .map(|file| file.url.as_str())
        .chain(images.map(|image| image.url.as_str()))
        .collect();
    urls.into_iter()
        .map(|url| located(input.base_url, url))
        .collect()
}

/// The files that stand in for those that are missing.
pub(super) fn instead(
    bytes: &[u8],
    base_url: &str,
    is_missing: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    if !is_terrain(bytes) {
        return Vec::new();
    }
    let Ok(descriptor) = read(bytes) else {
        return Vec::new();
    };
    let missing = |url: &str| located(base_url, url).is_ok_and(|url| is_missing(&url));
    let mut urls = BTreeSet::new();
    if let [first, second, ..] = descriptor.heights.files.as_slice()
        && missing(&first.url)
    {
        urls.insert(second.url.as_str());
    }
    for image in descriptor.imagery.iter().flat_map(|layer| &layer.images) {
        if let Some(instead) = &image.instead
            && missing(&image.url)
        {
            urls.insert(instead.url.as_str());
        }
    }
    urls.into_iter()
        .filter_map(|url| located(base_url, url).ok())
        .collect()
}

/// Whether an address is one of the descriptor's images.
pub(super) fn is_imagery(bytes: &[u8], base_url: &str, address: &str) -> bool {
    if !is_terrain(bytes) {
        return false;
    }
    let is = |image: &ImageFile| located(base_url, &image.url).is_ok_and(|url| url == address);
    read(bytes).is_ok_and(|descriptor| {
        descriptor.imagery.iter().any(|layer| {
            layer
                .images
                .iter()
                .any(|image| is(image) || image.instead.as_ref().is_some_and(|instead| is(instead)))
        })
    })
}

/// Reads the files and makes the tile.
pub(super) fn decode(input: &Input<'_>) -> Result<PreparedTile, Fault> {
    let descriptor = read(input.bytes)?;
    let mut budget = input.options.max_total_pixels;
    let mut warnings = BTreeSet::new();
    let surface = surface(&descriptor, input, &mut budget, &mut warnings)?;
    let images = picture::compose(
        &descriptor,
        surface.mean_height_m,
        input,
        &mut budget,
        &mut warnings,
    )?;
    let mut mesh = surface.mesh;
    if images.image.is_some() {
        mesh.vertices.iter_mut().for_each(|v| v.color = [255; 4]);
    }
    let mut copyright: Vec<String> = Vec::new();
    let credits = std::iter::once(descriptor.attribution.as_str())
        .chain(images.credits.iter().map(String::as_str));
    for credit in credits.map(str::trim).filter(|credit| !credit.is_empty()) {
        if !copyright.iter().any(|known| known == credit) {
            copyright.push(credit.chars().take(200).collect());
        }
    }
    Ok(PreparedTile {
        origin: mesh.origin,
        primitives: vec![PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: mesh.vertices,
            indices: mesh.indices,
            material: 0,
            has_normals: true,
        }],
        materials: vec![PreparedMaterial {
            base_color_image: images.image.as_ref().map(|_| 0),
            metallic: 0.0,
            roughness: 1.0,
            class: SurfaceClass::Terrain,
            wrap_u: Wrap::Clamp,
            wrap_v: Wrap::Clamp,
            ..PreparedMaterial::default()
        }],
        images: images.image.into_iter().collect(),
        features: crate::metadata::FeatureTable::default(),
        copyright,
        warnings: warnings.into_iter().collect(),
        ..PreparedTile::default()
    })
}

/// A tile's surface.
struct Surface {
    mesh: mesh::Mesh,
    /// Before the offset.
    mean_height_m: f64,
}

fn surface(
    descriptor: &Descriptor,
    input: &Input<'_>,
    budget: &mut u64,
    warnings: &mut BTreeSet<String>,
) -> Result<Surface, Fault> {
    let files = &descriptor.heights.files;
    if descriptor.heights.kind == HeightKind::Ellipsoid {
        let flat = lattice::Lattice::sample(descriptor.grid, |_, _| Some(0.0));
        return Ok(from_lattice(descriptor, &flat, None));
    }
    let found = files.iter().find_map(|file| {
        let url = located(input.base_url, &file.url).ok()?;
        (input.external)(&url).map(|bytes| (file, bytes))
    });
    let Some((file, bytes)) = found else {
        let missing = files.first().map_or("", |file| file.url.as_str());
        return Err(Fault::new(
            "heights",
            DecodeErrorKind::MissingResource(uri::short(missing)),
        ));
    };
    let place = format!("heights {}", uri::short(&file.url));
    match descriptor.heights.kind {
        HeightKind::QuantizedMesh => {
            let tile = quantized::read(&bytes, &place, input.options)?;
            warnings.extend(tile.warning.clone());
            if file.tile == descriptor.tile {
                return mesh::from_quantized(descriptor, &tile).map(|mesh| Surface {
                    mean_height_m: (tile.min_height_m + tile.max_height_m) * 0.5,
                    mesh,
                });
            }
            let lattice = clip::sample(descriptor, file.tile, &tile);
            let water = (!tile.water.is_empty()).then_some((tile.water.as_slice(), file.tile));
            Ok(from_lattice(descriptor, &lattice, water))
        }
        _ => {
            let around = if files.first() == Some(file) {
                descriptor.heights.around.as_slice()
            } else {
                &[]
            };
            let field = field(descriptor, file, &bytes, around, input, budget)?;
            let part = place_in(descriptor.scheme, file.tile, descriptor.tile);
            let lattice = lattice::Lattice::sample(descriptor.grid, |u, v| {
                field.height_m(part.u(u), part.v(v))
            });
            Ok(from_lattice(descriptor, &lattice, None))
        }
    }
}

fn from_lattice(
    descriptor: &Descriptor,
    lattice: &lattice::Lattice,
    water: Option<mesh::Water<'_>>,
) -> Surface {
    Surface {
        mean_height_m: lattice.mean_m(),
        mesh: mesh::from_lattice(descriptor, lattice, water),
    }
}

fn field(
    descriptor: &Descriptor,
    file: &HeightFile,
    bytes: &[u8],
    around: &[HeightFile],
    input: &Input<'_>,
    budget: &mut u64,
) -> Result<raster::Field, Fault> {
    let mut decode = |bytes: &[u8], url: &str| {
        let place = format!("heights {}", uri::short(url));
        let mut raster = raster::decode(
            bytes,
            descriptor.heights.kind,
            descriptor.heights.possible_m,
            &place,
            input.options,
            budget,
        )?;
        let rect = descriptor.scheme.rect(file.tile);
        let width_m = (rect.east - rect.west)
            * city_geo::SEMI_MAJOR_M
            * ((rect.north + rect.south) * 0.5).cos();
        raster.despike(width_m / raster.side() as f64);
        Ok::<_, Fault>(raster)
    };
    let middle = decode(bytes, &file.url)?;
    let mut field = raster::Field::new(middle);
    for (nth, cell) in raster::neighbours(descriptor.scheme, file.tile) {
        let Some(neighbour) = around.iter().find(|file| file.tile == cell) else {
            continue;
        };
        let bytes = located(input.base_url, &neighbour.url)
            .ok()
            .and_then(|url| (input.external)(&url));
        // A neighbour that is missing or damaged costs an exact edge, not the tile.
        if let Some(Ok(raster)) = bytes.map(|bytes| decode(&bytes, &neighbour.url)) {
            field.set(nth, raster);
        }
    }
    Ok(field)
}

/// The options' limit on vertices, before any is made.
fn check_vertices(count: usize, place: &str, options: &DecodeOptions) -> Result<(), Fault> {
    limit(place, "vertices", count, options.max_vertices)
}
