//! Little-endian numbers to columns, and what is done to them.

use super::fault;
use crate::metadata::schema::{ComponentType, SchemaFault};
use crate::metadata::{ColumnValues, PropertyValue};
use serde_json::Value;

/// Equal, taking 3 and 3.0 for the same, and an enum for its name.
pub(in crate::metadata) fn same(value: &PropertyValue, sentinel: &PropertyValue) -> bool {
    match (value, sentinel) {
        (PropertyValue::List(left), PropertyValue::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same(l, r))
        }
        (PropertyValue::Enum(left), PropertyValue::String(right)) => left == right,
        _ => match (value, sentinel) {
            (PropertyValue::F64(_), _) | (_, PropertyValue::F64(_)) => {
                value.as_f64().is_some() && value.as_f64() == sentinel.as_f64()
            }
            (PropertyValue::I64(left), PropertyValue::U64(right))
            | (PropertyValue::U64(right), PropertyValue::I64(left)) => {
                u64::try_from(*left).is_ok_and(|left| left == *right)
            }
            _ => value == sentinel,
        },
    }
}

pub(in crate::metadata) fn flat_numbers(json: &Value, key: &str) -> Result<Vec<f64>, SchemaFault> {
    match json {
        Value::Array(items) => {
            let lists: Result<Vec<_>, _> =
                items.iter().map(|item| flat_numbers(item, key)).collect();
            Ok(lists?.concat())
        }
        _ => json
            .as_f64()
            .map(|number| vec![number])
            .ok_or_else(|| fault(key, "must be a number or a list of numbers")),
    }
}

pub(in crate::metadata) fn map_numbers(
    values: ColumnValues,
    map: &dyn Fn(usize, f64) -> f64,
) -> ColumnValues {
    let mapped = |numbers: &mut dyn Iterator<Item = f64>| {
        ColumnValues::F64(
            numbers
                .enumerate()
                .map(|(index, value)| map(index, value))
                .collect(),
        )
    };
    match values {
        ColumnValues::I64(rows) => mapped(&mut rows.into_iter().map(|v| v as f64)),
        ColumnValues::U64(rows) => mapped(&mut rows.into_iter().map(|v| v as f64)),
        ColumnValues::F32(rows) => mapped(&mut rows.into_iter().map(f64::from)),
        ColumnValues::F64(rows) => mapped(&mut rows.into_iter()),
        ColumnValues::List { shape, ends, items } => ColumnValues::List {
            shape,
            ends,
            items: Box::new(map_numbers(*items, map)),
        },
        other => other,
    }
}

pub(in crate::metadata) fn short(have: usize, need: usize) -> SchemaFault {
    fault(
        "values",
        format!("has {have} bytes where {need} are needed"),
    )
}

pub(in crate::metadata) fn little_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub(in crate::metadata) fn numbers(
    bytes: &[u8],
    component: ComponentType,
    count: usize,
) -> Result<ColumnValues, SchemaFault> {
    let size = component.size();
    let need = count
        .checked_mul(size)
        .ok_or_else(|| short(bytes.len(), usize::MAX))?;
    let bytes = bytes.get(..need).ok_or_else(|| short(bytes.len(), need))?;
    let each = bytes.chunks_exact(size).map(little_endian);
    Ok(match component {
        ComponentType::Int8 => ColumnValues::I64(each.map(|v| i64::from(v as u8 as i8)).collect()),
        ComponentType::Int16 => {
            ColumnValues::I64(each.map(|v| i64::from(v as u16 as i16)).collect())
        }
        ComponentType::Int32 => {
            ColumnValues::I64(each.map(|v| i64::from(v as u32 as i32)).collect())
        }
        ComponentType::Int64 => ColumnValues::I64(each.map(|v| v as i64).collect()),
        ComponentType::Uint8
        | ComponentType::Uint16
        | ComponentType::Uint32
        | ComponentType::Uint64 => ColumnValues::U64(each.collect()),
        ComponentType::Float32 => {
            ColumnValues::F32(each.map(|v| f32::from_bits(v as u32)).collect())
        }
        ComponentType::Float64 => ColumnValues::F64(each.map(f64::from_bits).collect()),
    })
}
