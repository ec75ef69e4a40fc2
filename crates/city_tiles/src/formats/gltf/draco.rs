//! KHR_draco_mesh_compression: a primitive's indices and attributes out of a compressed stream.
//!
//! The primitive's accessors stay in the file and say what the numbers mean; the stream has the
//! numbers. While a primitive is read, its stream's numbers stand in for those accessors, so that
//! nothing else needs to know of Draco.

use super::Context;
use super::accessor::{Component, Numbers};
use super::document::{Accessor, Primitive, whole};
use crate::formats::draco::{DracoAttribute, DracoGeometry, DracoLimits, DracoValues, decode_mesh};
use crate::formats::error::{Fault, limit};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The extension's name.
pub(super) const NAME: &str = "KHR_draco_mesh_compression";

/// Decoded streams of a file, and what the primitive that is being read takes from them.
#[derive(Default)]
pub(super) struct Draco {
    /// By buffer view: a mesh may stand at many nodes.
    streams: BTreeMap<usize, Result<Rc<DracoGeometry>, Fault>>,
    /// Bytes taken from the file's budget.
    used: usize,
    current: Option<Current>,
}

struct Current {
    stream: Rc<DracoGeometry>,
    /// Accessor -> index of the attribute in the stream.
    attributes: BTreeMap<usize, usize>,
}

impl Draco {
    /// The triangles of the current primitive, where it is compressed.
    pub(super) fn indices(&self) -> Option<Vec<u32>> {
        Some(self.current.as_ref()?.stream.indices.clone())
    }

    /// The numbers that stand in for an accessor.
    pub(super) fn numbers(
        &self,
        index: usize,
        accessor: &Accessor,
        width: usize,
        place: &str,
    ) -> Option<Result<Numbers, Fault>> {
        let current = self.current.as_ref()?;
        let attribute = *current.attributes.get(&index)?;
        let attribute = current.stream.attributes.get(attribute)?;
        Some(stand_in(
            attribute,
            current.stream.points,
            accessor,
            width,
            place,
        ))
    }
}

/// Makes a primitive's stream stand in for its accessors, or nothing where it is not compressed.
pub(super) fn enter(
    context: &mut Context<'_>,
    primitive: &Primitive,
    place: &str,
) -> Result<(), Fault> {
    context.draco.current = None;
    let Some(json) = primitive.extensions.get(NAME) else {
        return Ok(());
    };
    let place = format!("{place}.{NAME}");
    let view = whole(json, "bufferView")
        .ok_or_else(|| Fault::invalid(&place, "bufferView is missing or not a whole number"))?;
    let stream = match context.draco.streams.get(&view) {
        Some(known) => known.clone(),
        None => {
            let stream = open(context, view, &place).map(Rc::new);
            context.draco.streams.insert(view, stream.clone());
            stream
        }
    }?;
    let names = json
        .get("attributes")
        .and_then(serde_json::Value::as_object);
    let names = names.ok_or_else(|| Fault::invalid(&place, "attributes are missing"))?;
    let mut attributes = BTreeMap::new();
    for (name, id) in names {
        let Some(accessor) = primitive.attributes.get(name) else {
            continue;
        };
        let id = id.as_u64();
        let found = stream
            .attributes
            .iter()
            .position(|attribute| Some(u64::from(attribute.unique_id)) == id);
        let found = found.ok_or_else(|| {
            Fault::invalid(
                &place,
                format!("{name} is attribute {id:?}, which is not in the stream"),
            )
        })?;
        if attributes
            .insert(*accessor, found)
            .is_some_and(|other| other != found)
        {
            let what = format!("accessors[{accessor}] stands for two attributes");
            return Err(Fault::invalid(&place, what));
        }
    }
    if !names.contains_key("POSITION") {
        return Err(Fault::invalid(&place, "the stream has no POSITION"));
    }
    context.draco.current = Some(Current { stream, attributes });
    Ok(())
}

/// Ends what [`enter`] began.
pub(super) fn leave(context: &mut Context<'_>) {
    context.draco.current = None;
}

/// Takes the stream's bytes and what comes of them out of the file's budget, so that many views of
/// the same bytes cost no more than the file is allowed.
fn open(context: &mut Context<'_>, view: usize, place: &str) -> Result<DracoGeometry, Fault> {
    let options = context.input.options;
    let bytes = context.buffers.view(view)?;
    let used = &mut context.draco.used;
    *used = used.saturating_add(bytes.len());
    let budget = options.max_decompressed_bytes;
    limit(place, "bytes of compressed geometry", *used, budget)?;
    let limits = DracoLimits {
        max_points: options.max_vertices,
        max_bytes: budget - *used,
    };
    let stream = decode_mesh(bytes, place, limits)?;
    *used = used.saturating_add(size(&stream));
    Ok(stream)
}

fn size(stream: &DracoGeometry) -> usize {
    let numbers: usize = stream.attributes.iter().map(|a| a.components).sum();
    (stream.points * numbers + stream.indices.len()).saturating_mul(4)
}

fn stand_in(
    attribute: &DracoAttribute,
    points: usize,
    accessor: &Accessor,
    width: usize,
    place: &str,
) -> Result<Numbers, Fault> {
    if attribute.components != width {
        let what = format!(
            "{} has {} numbers in the Draco stream",
            accessor.kind, attribute.components
        );
        return Err(Fault::invalid(place, what));
    }
    let declared = Component::read(accessor.component_type, place)?;
    let numbers = |component, normalized, packed| {
        Ok(Numbers::from_packed(
            points, width, component, normalized, packed,
        ))
    };
    let integers: Vec<i64> = match &attribute.values {
        DracoValues::F32(list) => {
            let packed = list.iter().flat_map(|v| v.to_le_bytes()).collect();
            return numbers(Component::F32, false, packed);
        }
        DracoValues::I8(list) => list.iter().map(|v| i64::from(*v)).collect(),
        DracoValues::U8(list) => list.iter().map(|v| i64::from(*v)).collect(),
        DracoValues::I16(list) => list.iter().map(|v| i64::from(*v)).collect(),
        DracoValues::U16(list) => list.iter().map(|v| i64::from(*v)).collect(),
        DracoValues::I32(list) => list.iter().map(|v| i64::from(*v)).collect(),
        DracoValues::U32(list) => list.iter().map(|v| i64::from(*v)).collect(),
    };
    if declared == Component::F32 {
        // Integers by the stream, floats by the accessor: the stream says whether they are scaled.
        let packed = attribute
            .floats()
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        return numbers(Component::F32, false, packed);
    }
    // The accessor's type says what a normalized number is a part of.
    let size = declared.size();
    let (low, high) = declared.range();
    let mut packed = Vec::with_capacity(integers.len() * size);
    for value in integers {
        if value < low || value > high {
            let what = format!("{value} in the Draco stream does not fit the accessor's type");
            return Err(Fault::invalid(place, what));
        }
        packed.extend_from_slice(&value.to_le_bytes()[..size]);
    }
    numbers(declared, accessor.normalized, packed)
}
