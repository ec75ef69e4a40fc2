//! glTF 2.0 as 3D Tiles uses it: GLB or JSON, nodes flattened in f64, metadata by extensions.
//!
//! The JSON is read with plain structures of our own instead of the `gltf` crate's: that crate
//! refuses required extensions that it does not know, and keeps node matrices in f32, which moves a
//! tile with ECEF translations by up to half a metre.

mod accessor;
mod buffers;
mod build;
mod container;
mod document;
mod draco;
mod features;
mod image;
mod instancing;
mod material;
mod meshopt;
mod outline;
mod pack;
mod primitive;
mod scene;
mod shape;
mod surface;
mod techniques;

use super::error::{DecodeErrorKind, Fault};
use super::{Input, UpAxis};
use crate::metadata::PropertyTable;
use crate::prepared::PreparedTile;
use buffers::Buffers;
use document::Document;
use glam::{DMat4, DVec3};
pub(super) use instancing::Instance;
use std::collections::BTreeSet;

pub use container::{is_glb, is_gltf_json};
pub(super) use image::decode as decode_image;
pub use pack::pack;

/// Extensions that are read. A file may require these and no others.
const READ: [&str; 15] = [
    "CESIUM_RTC",
    outline::NAME,
    "EXT_instance_features",
    "EXT_mesh_features",
    "EXT_mesh_gpu_instancing",
    "EXT_meshopt_compression",
    "EXT_structural_metadata",
    "EXT_texture_webp",
    draco::NAME,
    "KHR_materials_emissive_strength",
    "KHR_materials_unlit",
    "KHR_mesh_quantization",
    "KHR_meshopt_compression",
    "KHR_texture_basisu",
    "KHR_texture_transform",
];

/// Read too, and never worth a warning.
const READ_QUIETLY: [&str; 3] = [
    "KHR_materials_pbrSpecularGlossiness",
    "KHR_node_visibility",
    // Has a warning of its own where it is used.
    "KHR_techniques_webgl",
];

/// Extensions that a tile looks nearly the same without. A texture whose only image is AVIF is told
/// where it is found.
const HARMLESS: [&str; 16] = [
    "EXT_texture_avif",
    "KHR_animation_pointer",
    "KHR_lights_punctual",
    "KHR_materials_anisotropy",
    "KHR_materials_clearcoat",
    "KHR_materials_dispersion",
    "KHR_materials_ior",
    "KHR_materials_iridescence",
    "KHR_materials_sheen",
    "KHR_materials_specular",
    "KHR_materials_transmission",
    "KHR_materials_variants",
    "KHR_materials_volume",
    "KHR_xmp",
    "KHR_xmp_json_ld",
    "NGA_gpm_local",
];

/// What a b3dm or an i3dm says about the model inside it.
#[derive(Default)]
pub(super) struct Batch {
    /// Added to all positions, in the tile's z-up frame.
    pub rtc_center: DVec3,
    /// Number of features that `_BATCHID` counts.
    pub count: u32,
    /// Their properties.
    pub table: Option<PropertyTable>,
    /// Where an i3dm puts the model, in the tile's z-up frame; an instance's feature is its row of the
    /// table. None for other tiles, whose model stands once.
    pub instances: Option<Vec<Instance>>,
}

/// Everything that a reader of one part of the file needs.
pub(super) struct Context<'a> {
    document: &'a Document,
    buffers: &'a Buffers<'a>,
    input: &'a Input<'a>,
    /// Compressed geometry.
    draco: draco::Draco,
    /// Things not drawn; a set, so that a thousand primitives complain once.
    warnings: BTreeSet<String>,
}

pub(super) fn decode(input: &Input<'_>) -> Result<PreparedTile, Fault> {
    decode_batched(input, Batch::default())
}

pub(super) fn decode_batched(input: &Input<'_>, mut batch: Batch) -> Result<PreparedTile, Fault> {
    let (document, binary) = container::open(input.bytes)?;
    let mut warnings = BTreeSet::new();
    check_extensions(&document, &mut warnings)?;
    let buffers = Buffers::load(&document, binary, input)?;
    let mut context = Context {
        document: &document,
        buffers: &buffers,
        input,
        draco: draco::Draco::default(),
        warnings,
    };
    let tile_from_root = tile_from_root(&document, input.options.up_axis, batch.rtc_center)?;
    let copies = batch.instances.take();
    let mut features = features::Features::read(&mut context, batch);
    let copies = match copies {
        Some(copies) => features.of_copies(copies),
        None => vec![Instance::ONCE],
    };
    let placed = scene::flatten(&mut context, tile_from_root)?;
    let mut builder = build::Builder::new(copies);
    for place in placed {
        builder.add_mesh(&mut context, &mut features, &place)?;
    }
    let (mut materials, images) = material::read(&mut context)?;
    if builder.outlined() {
        materials.push(outline::material());
    }
    let mut tile = builder.finish(&mut context, materials, images)?;
    (tile.features, tile.surface) = features.finish(std::mem::take(&mut tile.surface.parts));
    tile.copyright = copyright(&document);
    tile.warnings = context.warnings.into_iter().collect();
    Ok(tile)
}

/// The resolved addresses of buffers, images and schemas beside the file.
pub(super) fn external(input: &Input<'_>) -> Result<Vec<String>, Fault> {
    let (document, _) = container::open(input.bytes)?;
    check_extensions(&document, &mut BTreeSet::new())?;
    let mut addresses = BTreeSet::new();
    let buffers = document
        .buffers
        .iter()
        .filter(|buffer| !buffer.is_fallback());
    let buffers = buffers.filter_map(|buffer| buffer.uri.as_deref());
    let images = document
        .images
        .iter()
        .filter_map(|image| image.uri.as_deref());
    for uri in buffers.chain(images).chain(features::schema_uri(&document)) {
        if uri
            .get(..5)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
        {
            continue;
        }
        let resolved = crate::uri::resolve(input.base_url, uri)
            .map_err(|e| Fault::invalid("an external file", e.to_string()))?;
        addresses.insert(resolved);
    }
    Ok(addresses.into_iter().collect())
}

fn check_extensions(document: &Document, warnings: &mut BTreeSet<String>) -> Result<(), Fault> {
    let unknown: BTreeSet<&str> = document
        .extensions_required
        .iter()
        .map(String::as_str)
        .filter(|name| !READ.contains(name) && !READ_QUIETLY.contains(name))
        .collect();
    if !unknown.is_empty() {
        let names = unknown.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Fault::new(
            "extensionsRequired",
            DecodeErrorKind::UnsupportedExtension(names),
        ));
    }
    for name in &document.extensions_used {
        let name = name.as_str();
        if [&READ[..], &READ_QUIETLY, &HARMLESS]
            .iter()
            .any(|known| known.contains(&name))
        {
            continue;
        }
        warnings.insert(format!("{name} is not drawn yet"));
    }
    Ok(())
}

/// glTF nodes -> z up -> RTC_CENTER or CESIUM_RTC: the order of 3D Tiles 1.1, 6.7.1.6.
fn tile_from_root(document: &Document, up_axis: UpAxis, rtc_center: DVec3) -> Result<DMat4, Fault> {
    let columns = match up_axis {
        UpAxis::Y => [DVec3::X, DVec3::Z, DVec3::NEG_Y],
        UpAxis::Z => [DVec3::X, DVec3::Y, DVec3::Z],
        UpAxis::X => [DVec3::Z, DVec3::Y, DVec3::NEG_X],
    };
    let turn = DMat4::from_cols(
        columns[0].extend(0.0),
        columns[1].extend(0.0),
        columns[2].extend(0.0),
        glam::DVec4::W,
    );
    let center = match document.extension("CESIUM_RTC") {
        None => DVec3::ZERO,
        Some(json) => {
            let place = "extensions.CESIUM_RTC.center";
            let center = json.get("center").and_then(document::numbers::<3>);
            let center = center
                .map(DVec3::from_array)
                .filter(|center| center.is_finite());
            center.ok_or_else(|| Fault::invalid(place, "must be three numbers"))?
        }
    };
    Ok(DMat4::from_translation(rtc_center + center) * turn)
}

fn copyright(document: &Document) -> Vec<String> {
    let text = document.asset.copyright.as_deref().unwrap_or_default();
    let mut credits: Vec<String> = Vec::new();
    for credit in text
        .split(';')
        .map(str::trim)
        .filter(|credit| !credit.is_empty())
    {
        if credits.iter().all(|known| known != credit) {
            credits.push(credit.chars().take(200).collect());
        }
    }
    credits
}
