//! Batch tables of 3D Tiles 1.0 (b3dm): JSON columns, binary columns and the batch table hierarchy.
//!
//! Clauses: 3D Tiles 1.0, 11 "Batch Table"; 3DTILES_batch_table_hierarchy.

mod hierarchy;

use super::{Column, ColumnValues, PropertyTable, PropertyValue, Shape};
use serde_json::Value;

/// Why a batch table cannot be used at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchTableFault {
    /// Its JSON is not an object.
    #[error("the batch table's JSON is not an object")]
    NotAnObject,
    /// More rows than the limit.
    #[error("{count} features are more than the limit of {limit}")]
    TooManyRows {
        /// Rows.
        count: usize,
        /// The limit.
        limit: usize,
    },
}

/// Reads a batch table. A column that cannot be read is left out and named in `warnings`.
///
/// # Errors
/// The table as a whole is unusable.
pub fn batch_table(
    json: &Value,
    binary: &[u8],
    count: usize,
    limit: usize,
    warnings: &mut Vec<String>,
) -> Result<PropertyTable, BatchTableFault> {
    let object = json.as_object().ok_or(BatchTableFault::NotAnObject)?;
    if count > limit {
        return Err(BatchTableFault::TooManyRows { count, limit });
    }
    let mut columns = Vec::with_capacity(object.len());
    for (id, json) in object {
        // `HIERARCHY` is what the extension was before it had a name.
        if id == "extensions" || id == "extras" || id == "HIERARCHY" {
            continue;
        }
        match column_values(json, binary, count) {
            Ok(values) => columns.push(Column::new(id, values)),
            Err(what) => warnings.push(format!("batch table property {id} cannot be read: {what}")),
        }
    }
    let hierarchy = object
        .get("extensions")
        .and_then(|extensions| extensions.get("3DTILES_batch_table_hierarchy"))
        .or_else(|| object.get("HIERARCHY"));
    if let Some(json) = hierarchy {
        match hierarchy::columns(json, binary, count, limit) {
            Ok(inherited) => {
                for column in inherited {
                    if columns.iter().all(|own| own.id != column.id) {
                        columns.push(column);
                    }
                }
            }
            Err(what) => warnings.push(format!("batch table hierarchy cannot be read: {what}")),
        }
    }
    Ok(PropertyTable {
        class: "batch".to_owned(),
        name: None,
        count: u32::try_from(count).unwrap_or(u32::MAX),
        columns,
    })
}

fn column_values(json: &Value, binary: &[u8], count: usize) -> Result<ColumnValues, String> {
    match json {
        Value::Array(rows) => {
            if rows.len() < count {
                return Err(format!("has {} values for {count} features", rows.len()));
            }
            Ok(from_json_rows(&rows[..count]))
        }
        Value::Object(_) => binary_values(json, binary, count),
        _ => Err("is neither a list nor a reference to the binary part".to_owned()),
    }
}

/// JSON rows in the tightest column that holds them all.
fn from_json_rows(rows: &[Value]) -> ColumnValues {
    if rows.iter().all(Value::is_string) {
        let mut text = String::new();
        let mut ends = Vec::with_capacity(rows.len());
        for row in rows {
            text.push_str(row.as_str().unwrap_or_default());
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        ColumnValues::Text { ends, text }
    } else if !rows.is_empty() && rows.iter().all(Value::is_i64) {
        ColumnValues::I64(rows.iter().filter_map(Value::as_i64).collect())
    } else if !rows.is_empty() && rows.iter().all(Value::is_number) {
        let whole = |row: &Value| row.is_i64() || row.is_u64();
        if rows.iter().any(whole) {
            ColumnValues::Any(rows.iter().map(PropertyValue::from_json).collect())
        } else {
            ColumnValues::F64(rows.iter().filter_map(Value::as_f64).collect())
        }
    } else {
        ColumnValues::Any(rows.iter().map(PropertyValue::from_json).collect())
    }
}

/// `{byteOffset, componentType, type}`; misaligned offsets are read as they stand.
fn binary_values(json: &Value, binary: &[u8], count: usize) -> Result<ColumnValues, String> {
    let offset = match json.get("byteOffset") {
        None => return Err("has no byteOffset".to_owned()),
        Some(offset) => offset
            .as_u64()
            .and_then(|offset| usize::try_from(offset).ok())
            .ok_or("byteOffset must be a whole number")?,
    };
    let component = json
        .get("componentType")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let size = match component {
        "BYTE" | "UNSIGNED_BYTE" => 1,
        "SHORT" | "UNSIGNED_SHORT" => 2,
        "INT" | "UNSIGNED_INT" | "FLOAT" => 4,
        "DOUBLE" => 8,
        other => return Err(format!("componentType {other:?} is not known")),
    };
    let width = match json.get("type").and_then(Value::as_str).unwrap_or("SCALAR") {
        "SCALAR" => 1,
        "VEC2" => 2,
        "VEC3" => 3,
        "VEC4" => 4,
        other => return Err(format!("type {other:?} is not known")),
    };
    let need = count
        .checked_mul(width * size)
        .and_then(|bytes| bytes.checked_add(offset))
        .ok_or("is too large")?;
    let bytes = binary.get(offset..need).ok_or_else(|| {
        format!(
            "needs bytes {offset} to {need} of a binary part of {} bytes",
            binary.len()
        )
    })?;
    let each = bytes.chunks_exact(size).map(|bytes| {
        bytes
            .iter()
            .rev()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    });
    let items = match component {
        "BYTE" => ColumnValues::I64(each.map(|v| i64::from(v as u8 as i8)).collect()),
        "SHORT" => ColumnValues::I64(each.map(|v| i64::from(v as u16 as i16)).collect()),
        "INT" => ColumnValues::I64(each.map(|v| i64::from(v as u32 as i32)).collect()),
        "FLOAT" => ColumnValues::F32(each.map(|v| f32::from_bits(v as u32)).collect()),
        "DOUBLE" => ColumnValues::F64(each.map(f64::from_bits).collect()),
        _ => ColumnValues::U64(each.collect()),
    };
    if width == 1 {
        return Ok(items);
    }
    let ends = (1..=count)
        .map(|row| u32::try_from(row * width).unwrap_or(u32::MAX))
        .collect();
    Ok(ColumnValues::List {
        shape: Shape::Vector,
        ends,
        items: Box::new(items),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_and_binary_columns_are_typed() {
        let mut binary = vec![0xAA]; // misaligned on purpose
        for value in [1.5_f64, -2.25] {
            binary.extend_from_slice(&value.to_le_bytes());
        }
        binary.extend_from_slice(&[1, 2, 3, 4]);
        let json = json!({
            "name": ["a", "ü"],
            "storeys": [3, 4],
            "mixed": [null, {"k": 1}],
            "height": {"byteOffset": 1, "componentType": "DOUBLE", "type": "SCALAR"},
            "pair": {"byteOffset": 17, "componentType": "UNSIGNED_BYTE", "type": "VEC2"},
            "beyond": {"byteOffset": 18, "componentType": "UNSIGNED_BYTE", "type": "VEC2"},
        });
        let mut warnings = Vec::new();
        let table = batch_table(&json, &binary, 2, 100, &mut warnings).unwrap();
        let value = |id: &str, row| {
            let column = table.columns.iter().find(|column| column.id == id).unwrap();
            column.value(row).to_string()
        };
        assert_eq!(value("name", 1), "ü");
        assert_eq!(value("storeys", 0), "3");
        assert_eq!(value("mixed", 0), "–");
        assert_eq!(value("mixed", 1), r#"{"k":1}"#);
        assert_eq!(value("height", 1), "-2.25");
        assert_eq!(value("pair", 1), "[3, 4]");
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("beyond"), "{warnings:?}");
    }
}
