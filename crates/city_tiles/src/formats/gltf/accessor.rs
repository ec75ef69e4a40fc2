//! Accessors: typed numbers out of buffer views, dense or sparse.
//!
//! Clauses: glTF 2.0, 3.6.2 "Accessors".

use super::Context;
use super::document::Accessor;
use crate::formats::bytes::slice;
use crate::formats::error::{Fault, limit};
use crate::metadata::ComponentType;

/// `componentType` of accessors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Component {
    I8,
    U8,
    I16,
    U16,
    U32,
    F32,
}

impl Component {
    fn from_code(code: u32) -> Option<Self> {
        Some(match code {
            5120 => Self::I8,
            5121 => Self::U8,
            5122 => Self::I16,
            5123 => Self::U16,
            5125 => Self::U32,
            5126 => Self::F32,
            _ => return None,
        })
    }

    /// The component of a `componentType`.
    pub(super) fn read(code: u32, place: &str) -> Result<Self, Fault> {
        Self::from_code(code)
            .ok_or_else(|| Fault::invalid(place, format!("componentType {code} is not known")))
    }

    /// Bytes of one number.
    pub(super) fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::U32 | Self::F32 => 4,
        }
    }

    /// The smallest and largest whole number.
    pub(super) fn range(self) -> (i64, i64) {
        match self {
            Self::I8 => (i8::MIN.into(), i8::MAX.into()),
            Self::U8 => (0, u8::MAX.into()),
            Self::I16 => (i16::MIN.into(), i16::MAX.into()),
            Self::U16 => (0, u16::MAX.into()),
            Self::U32 => (0, u32::MAX.into()),
            Self::F32 => (-(1 << 24), 1 << 24),
        }
    }
}

/// Numbers of one accessor, checked to be there.
pub(super) struct Numbers {
    /// Elements.
    pub count: usize,
    /// Numbers per element.
    pub width: usize,
    /// How they are stored.
    pub component: Component,
    /// Whether integers stand for 0..1 or -1..1.
    pub normalized: bool,
    /// Little-endian, without gaps: `count * width * size` bytes.
    packed: Vec<u8>,
}

impl Numbers {
    /// Reads an accessor of scalars or vectors.
    pub(super) fn read(context: &Context<'_>, index: usize) -> Result<Self, Fault> {
        let numbers = Self::read_any(context, index)?;
        if numbers.width > 4 {
            let what = "matrices cannot be drawn from";
            return Err(Fault::invalid(format!("accessors[{index}]"), what));
        }
        Ok(numbers)
    }

    /// Reads an accessor of any type; matrices by columns.
    pub(super) fn read_any(context: &Context<'_>, index: usize) -> Result<Self, Fault> {
        let place = format!("accessors[{index}]");
        let accessor = context
            .document
            .get(&context.document.accessors, "accessors", index)?;
        let component = Component::read(accessor.component_type, &place)?;
        let width: usize = match accessor.kind.as_str() {
            "SCALAR" => 1,
            "VEC2" => 2,
            "VEC3" => 3,
            "VEC4" | "MAT2" => 4,
            "MAT3" => 9,
            "MAT4" => 16,
            other => {
                return Err(Fault::invalid(
                    place,
                    format!("type {other:?} cannot be drawn from"),
                ));
            }
        };
        if let Some(numbers) = context.draco.numbers(index, accessor, width, &place) {
            return numbers;
        }
        let options = context.input.options;
        limit(
            &place,
            "elements",
            accessor.count.saturating_mul(width.div_ceil(4)),
            options.max_vertices.saturating_mul(3),
        )?;
        // Columns start at multiples of four bytes (glTF 2.0, 3.6.2.4).
        let rows = match accessor.kind.as_str() {
            "MAT2" => 2,
            "MAT3" => 3,
            _ => width,
        };
        let column = match accessor.kind.as_str() {
            "MAT2" | "MAT3" => (rows * component.size()).next_multiple_of(4),
            _ => width * component.size(),
        };
        let element = width / rows * column;
        let mut packed = match accessor.buffer_view {
            None => vec![0; accessor.count * element],
            Some(view) => dense(context, accessor, view, element, &place)?,
        };
        if accessor.sparse.is_some() {
            substitute(context, accessor, element, &mut packed, &place)?;
        }
        let used = rows * component.size();
        if column != used {
            packed = packed
                .chunks_exact(column)
                .flat_map(|c| &c[..used])
                .copied()
                .collect();
        }
        Ok(Self {
            count: accessor.count,
            width,
            component,
            normalized: accessor.normalized,
            packed,
        })
    }

    /// The numbers as they are stored: little-endian, without gaps.
    pub(super) fn packed(&self) -> &[u8] {
        &self.packed
    }

    /// How they are stored, in the terms of the 3D Metadata specification.
    pub(super) fn metadata_type(&self) -> ComponentType {
        match self.component {
            Component::I8 => ComponentType::Int8,
            Component::U8 => ComponentType::Uint8,
            Component::I16 => ComponentType::Int16,
            Component::U16 => ComponentType::Uint16,
            Component::U32 => ComponentType::Uint32,
            Component::F32 => ComponentType::Float32,
        }
    }

    /// Numbers that do not lie in a buffer view: little-endian, without gaps.
    pub(super) fn from_packed(
        count: usize,
        width: usize,
        component: Component,
        normalized: bool,
        packed: Vec<u8>,
    ) -> Self {
        Self {
            count,
            width,
            component,
            normalized,
            packed,
        }
    }

    /// All numbers as f32, normalised where the accessor says so.
    pub(super) fn floats(&self) -> Vec<f32> {
        self.scaled(self.normalized)
    }

    /// All numbers as f32, integers always taken as normalised: for colours, normals and the like,
    /// whose integers have no other meaning.
    pub(super) fn unit_floats(&self) -> Vec<f32> {
        self.scaled(true)
    }

    fn scaled(&self, normalized: bool) -> Vec<f32> {
        let factor = |limit: f32| if normalized { 1.0 / limit } else { 1.0 };
        let bytes = self.packed.as_slice();
        match self.component {
            Component::F32 => self.words().map(f32::from_bits).collect(),
            Component::U32 => self.words().map(|v| v as f32).collect(),
            Component::U8 => {
                let factor = factor(255.0);
                bytes.iter().map(|v| f32::from(*v) * factor).collect()
            }
            Component::I8 => {
                let factor = factor(127.0);
                let low = if normalized { -1.0 } else { f32::MIN };
                bytes
                    .iter()
                    .map(|v| (f32::from(*v as i8) * factor).max(low))
                    .collect()
            }
            Component::U16 => {
                let factor = factor(65535.0);
                self.halves().map(|v| f32::from(v) * factor).collect()
            }
            Component::I16 => {
                let factor = factor(32767.0);
                let low = if normalized { -1.0 } else { f32::MIN };
                self.halves()
                    .map(|v| (f32::from(v as i16) * factor).max(low))
                    .collect()
            }
        }
    }

    /// All numbers as whole numbers; none where one is negative or not whole.
    pub(super) fn indices(&self) -> Option<Vec<u32>> {
        match self.component {
            Component::U8 => Some(self.packed.iter().map(|v| u32::from(*v)).collect()),
            Component::U16 => Some(self.halves().map(u32::from).collect()),
            Component::U32 => Some(self.words().collect()),
            _ => self
                .scaled(false)
                .into_iter()
                .map(|v| (v >= 0.0 && v.fract() == 0.0 && v < 4_294_967_296.0).then_some(v as u32))
                .collect(),
        }
    }

    fn words(&self) -> impl Iterator<Item = u32> {
        self.packed
            .as_chunks::<4>()
            .0
            .iter()
            .map(|raw| u32::from_le_bytes(*raw))
    }

    fn halves(&self) -> impl Iterator<Item = u16> {
        self.packed
            .as_chunks::<2>()
            .0
            .iter()
            .map(|raw| u16::from_le_bytes(*raw))
    }
}

fn dense(
    context: &Context<'_>,
    accessor: &Accessor,
    view: usize,
    element: usize,
    place: &str,
) -> Result<Vec<u8>, Fault> {
    let bytes = context.buffers.view(view)?;
    let stride = context
        .buffers
        .description(view)?
        .byte_stride
        .unwrap_or(element);
    if stride < element {
        return Err(Fault::invalid(
            place,
            format!("elements of {element} bytes overlap at a stride of {stride}"),
        ));
    }
    let Some(last) = accessor.count.checked_sub(1) else {
        return Ok(Vec::new());
    };
    let length = last
        .checked_mul(stride)
        .and_then(|start| start.checked_add(element));
    let length = length.ok_or_else(|| Fault::invalid(place, "is too long"))?;
    let bytes = slice(bytes, accessor.byte_offset, length, place)?;
    if stride == element {
        return Ok(bytes.to_vec());
    }
    let mut packed = Vec::with_capacity(accessor.count * element);
    for chunk in bytes.chunks(stride) {
        packed.extend_from_slice(&chunk[..element]);
    }
    Ok(packed)
}

fn substitute(
    context: &Context<'_>,
    accessor: &Accessor,
    element: usize,
    packed: &mut [u8],
    place: &str,
) -> Result<(), Fault> {
    let Some(sparse) = &accessor.sparse else {
        return Ok(());
    };
    let place = format!("{place}.sparse");
    let size = match Component::read(sparse.indices.component_type, &place)? {
        kind @ (Component::U8 | Component::U16 | Component::U32) => kind.size(),
        _ => {
            return Err(Fault::invalid(
                place,
                "indices must be unsigned whole numbers",
            ));
        }
    };
    limit(&place, "substituted elements", sparse.count, accessor.count)?;
    let indices = context.buffers.view(sparse.indices.buffer_view)?;
    let indices = slice(
        indices,
        sparse.indices.byte_offset,
        sparse.count * size,
        &place,
    )?;
    let values = context.buffers.view(sparse.values.buffer_view)?;
    let values = slice(
        values,
        sparse.values.byte_offset,
        sparse.count * element,
        &place,
    )?;
    for (raw, value) in indices.chunks_exact(size).zip(values.chunks_exact(element)) {
        let index = raw
            .iter()
            .rev()
            .fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        let target = index
            .checked_mul(element)
            .and_then(|at| packed.get_mut(at..at + element));
        let target = target.ok_or_else(|| {
            Fault::invalid(
                &place,
                format!("index {index} is beyond {} elements", accessor.count),
            )
        })?;
        target.copy_from_slice(value);
    }
    Ok(())
}
