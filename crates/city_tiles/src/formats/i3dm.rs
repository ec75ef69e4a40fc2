//! Instanced 3D models of 3D Tiles 1.0: one glTF, and where it stands again and again.
//!
//! Clauses: 3D Tiles 1.0, 10.2 "Instanced 3D Model". The glTF is inside (GLB), or at a URI whose own
//! buffers and images are relative to it.

use super::Input;
use super::b3dm::model_input;
use super::bytes::u32_at;
use super::error::{DecodeErrorKind, Fault, limit};
use super::feature_table::{self, Component, Sections, Semantics, Values};
use super::gltf::{self, Batch, Instance};
use super::octahedron;
use crate::prepared::PreparedTile;
use city_geo::{LocalFrame, SEMI_MINOR_M, geodetic_from_ecef};
use glam::{DMat3, DMat4, DVec3};

/// Whether bytes are an i3dm.
#[must_use]
pub fn is_i3dm(bytes: &[u8]) -> bool {
    bytes.starts_with(b"i3dm")
}

/// Where the model is.
enum Model<'a> {
    /// In the tile.
    Inside(&'a [u8]),
    /// At this address.
    At(String),
}

fn open<'a>(input: &Input<'a>) -> Result<(Sections<'a>, Model<'a>), Fault> {
    let bytes = feature_table::open(input.bytes, "i3dm")?;
    let lengths = feature_table::lengths(bytes, "i3dm")?;
    let format = u32_at(bytes, 28, "i3dm header")?;
    let sections = feature_table::cut(bytes, 32, lengths)?;
    let model = match format {
        0 => Model::At(address(sections.body, input)?),
        1 => Model::Inside(sections.body),
        other => {
            let what = format!("gltfFormat is {other}, neither 0 (URI) nor 1 (GLB)");
            return Err(Fault::invalid("i3dm header", what));
        }
    };
    Ok((sections, model))
}

/// The URI, which is padded by spaces (as the standard says) or zeros (as exporters do).
fn address(body: &[u8], input: &Input<'_>) -> Result<String, Fault> {
    let place = "model URI";
    let text = std::str::from_utf8(body)
        .map_err(|e| Fault::invalid(place, format!("is not UTF-8: {e}")))?;
    let uri = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    if uri.is_empty() {
        return Err(Fault::invalid(place, "is empty"));
    }
    if crate::uri::decode_data(uri).is_some() {
        return Ok(uri.to_owned());
    }
    crate::uri::resolve(input.base_url, uri).map_err(|e| Fault::invalid(place, e.to_string()))
}

/// The bytes of a model beside the tile, where they have come.
fn fetched(address: &str, input: &Input<'_>) -> Result<Option<Vec<u8>>, Fault> {
    match crate::uri::decode_data(address) {
        Some(data) => data
            .map(Some)
            .map_err(|e| Fault::invalid("model URI", e.to_string())),
        None => Ok((input.external)(address)),
    }
}

/// What the glTF reader is given of a model beside the tile.
fn beside<'a>(input: &Input<'a>, address: &'a str, model: &'a [u8]) -> Result<Input<'a>, Fault> {
    let place = "model";
    limit(place, "bytes", model.len(), input.options.max_bytes)?;
    if !gltf::is_glb(model) && !gltf::is_gltf_json(model) {
        let what = format!("{} is no glTF", crate::uri::short(address));
        return Err(Fault::new(place, DecodeErrorKind::NotTileContent(what)));
    }
    // Against a data: URI nothing is relative; the tile's own address serves.
    let base_url = match crate::uri::decode_data(address) {
        Some(_) => input.base_url,
        None => address,
    };
    Ok(Input {
        bytes: model,
        base_url,
        ..*input
    })
}

/// The model, and once it has come the files beside it.
pub(super) fn external(input: &Input<'_>) -> Result<Vec<String>, Fault> {
    let address = match open(input)?.1 {
        Model::Inside(model) => return gltf::external(&model_input(input, model)?),
        Model::At(address) => address,
    };
    let mut addresses = match fetched(&address, input)? {
        // What is wrong with the model is said when it is decoded.
        Some(model) => beside(input, &address, &model)
            .and_then(|model| gltf::external(&model))
            .unwrap_or_default(),
        None => Vec::new(),
    };
    if crate::uri::decode_data(&address).is_none() {
        addresses.push(address);
    }
    Ok(addresses)
}

pub(super) fn decode(input: &Input<'_>) -> Result<PreparedTile, Fault> {
    let (sections, model) = open(input)?;
    let mut warnings = Vec::new();
    let batch = batch(&sections, input, &mut warnings)?;
    let mut tile = match model {
        Model::Inside(model) => gltf::decode_batched(&model_input(input, model)?, batch)?,
        Model::At(address) => {
            let bytes = fetched(&address, input)?.ok_or_else(|| {
                let missing = DecodeErrorKind::MissingResource(crate::uri::short(&address));
                Fault::new("model", missing)
            })?;
            let model = beside(input, &address, &bytes)?;
            gltf::decode_batched(&model, batch).map_err(|fault| fault.inside("model"))?
        }
    };
    warnings.append(&mut tile.warnings);
    tile.warnings = warnings;
    Ok(tile)
}

fn batch(
    sections: &Sections<'_>,
    input: &Input<'_>,
    warnings: &mut Vec<String>,
) -> Result<Batch, Fault> {
    let table = Semantics::read(sections)?;
    let count = table
        .count("INSTANCES_LENGTH")?
        .ok_or_else(|| Fault::invalid("feature table INSTANCES_LENGTH", "is missing"))?;
    limit(
        "feature table INSTANCES_LENGTH",
        "instances",
        count,
        input.options.max_vertices,
    )?;
    let ids = table.batch_ids(count)?;
    let row = |index: usize| match &ids {
        Some(ids) => ids.get(index, 0) as usize,
        None => index,
    };
    let rows = (0..count).map(|index| row(index).saturating_add(1));
    let rows = rows.max().unwrap_or(0);
    let features = feature_table::check_features("BATCH_ID", rows, input)?;
    let mut instances = places(&table, count, warnings)?;
    for (index, instance) in instances.iter_mut().enumerate() {
        instance.feature = u32::try_from(row(index)).unwrap_or(u32::MAX);
    }
    Ok(Batch {
        // Of each instance already.
        rtc_center: DVec3::ZERO,
        count: features,
        table: feature_table::properties(
            &feature_table::batch_json(sections)?,
            sections.batch_binary,
            rows,
            input,
            warnings,
        ),
        instances: Some(instances),
    })
}

/// Where the instances stand in the tile's frame: `translate(position) * rotation * scale`, to which the
/// model comes with z up.
fn places(
    table: &Semantics<'_>,
    count: usize,
    warnings: &mut Vec<String>,
) -> Result<Vec<Instance>, Fault> {
    let positions = super::pnts::Positions::read(table, count)?;
    let turns = Turns::read(table, count)?;
    let scale = table.values("SCALE", count, 1, Component::F32)?;
    let scales = table.values("SCALE_NON_UNIFORM", count, 3, Component::F32)?;
    let mut local = false;
    let mut instances = Vec::with_capacity(count);
    for index in 0..count {
        let position = positions.get(index)?;
        let along = scales
            .as_ref()
            .map_or(DVec3::ONE, |scales| scales.vector(index));
        let all = scale.as_ref().map_or(1.0, |scale| scale.get(index, 0));
        let rotation = turns.get(index, position, &mut local);
        let linear = rotation * DMat3::from_diagonal(along * all);
        if !linear.is_finite() {
            let what = format!("of instance {index} is not finite");
            return Err(Fault::invalid("feature table SCALE", what));
        }
        instances.push(Instance {
            parent_from_instance: DMat4::from_mat3_translation(linear, position),
            feature: crate::prepared::NO_FEATURE,
        });
    }
    if local {
        warnings.push(
            "EAST_NORTH_UP needs positions in ECEF; here the tile's own z is taken for up"
                .to_owned(),
        );
    }
    Ok(instances)
}

/// How the instances are turned.
enum Turns<'a> {
    /// Not at all.
    None,
    /// By the vectors that x (right) and y (up) go to; `octahedral` where they are two numbers each.
    Vectors {
        up: Values<'a>,
        right: Values<'a>,
        octahedral: bool,
    },
    /// To the local frame of each position.
    EastNorthUp,
}

impl<'a> Turns<'a> {
    fn read(table: &'a Semantics<'_>, count: usize) -> Result<Self, Fault> {
        let forms = [
            ("NORMAL_UP", "NORMAL_RIGHT", 3, Component::F32),
            ("NORMAL_UP_OCT32P", "NORMAL_RIGHT_OCT32P", 2, Component::U16),
        ];
        for (up, right, width, component) in forms {
            if !table.has(up) && !table.has(right) {
                continue;
            }
            let (Some(up), Some(right)) = (
                table.values(up, count, width, component)?,
                table.values(right, count, width, component)?,
            ) else {
                let what = format!("{up} and {right} only mean something together");
                return Err(Fault::invalid("feature table", what));
            };
            return Ok(Self::Vectors {
                up,
                right,
                octahedral: width == 2,
            });
        }
        Ok(if table.flag("EAST_NORTH_UP") {
            Self::EastNorthUp
        } else {
            Self::None
        })
    }

    /// The rotation of an instance. EAST_NORTH_UP is that of "its cartographic position" (10.2.3.4.3.3),
    /// so positions are ECEF there, and the tile has no transform, or one that leaves them so. A
    /// position deep in the Earth is in some local frame instead: `local` tells, nothing is turned.
    fn get(&self, index: usize, position: DVec3, local: &mut bool) -> DMat3 {
        match self {
            Self::None => DMat3::IDENTITY,
            Self::Vectors {
                up,
                right,
                octahedral,
            } => {
                let vector = |values: &Values<'_>| {
                    if *octahedral {
                        octahedron::decode(values.get(index, 0), values.get(index, 1), 65535.0)
                    } else {
                        values.vector(index)
                    }
                };
                orthonormal(vector(right), vector(up)).unwrap_or(DMat3::IDENTITY)
            }
            Self::EastNorthUp if position.length() < SEMI_MINOR_M / 2.0 => {
                *local = true;
                DMat3::IDENTITY
            }
            Self::EastNorthUp => {
                let frame = LocalFrame::enu(geodetic_from_ecef(position));
                DMat3::from_mat4(frame.ecef_from_local())
            }
        }
    }
}

/// The rotation that takes x to `right` and y to `up`, which need not be quite at right angles.
fn orthonormal(right: DVec3, up: DVec3) -> Option<DMat3> {
    let right = right.try_normalize()?;
    let forward = right.cross(up).try_normalize()?;
    Some(DMat3::from_cols(right, forward.cross(right), forward))
}
