//! Properties of features as columns.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{MAX_PROPERTIES, MAX_VALUES};
use crate::metadata::{Column, ColumnValues, PropertyTable, PropertyValue};

/// A table with one row per feature; what goes beyond the limits is left out, and said.
pub(super) fn table(
    name: Option<String>,
    rows: Vec<(Option<String>, Map<String, Value>)>,
    warnings: &mut Vec<String>,
) -> PropertyTable {
    let count = rows.len();
    let most = MAX_PROPERTIES.min(MAX_VALUES / count.max(1));
    let mut names: Vec<String> = Vec::new();
    let mut columns: HashMap<String, Vec<Option<PropertyValue>>> = HashMap::new();
    let mut left_out = 0usize;
    for (row, (id, properties)) in rows.into_iter().enumerate() {
        let id = id
            .filter(|_| !properties.contains_key("id"))
            .map(|id| ("id".to_owned(), Value::String(id)));
        for (key, value) in id.into_iter().chain(properties) {
            if !columns.contains_key(&key) {
                if names.len() >= most {
                    left_out += 1;
                    continue;
                }
                names.push(key.clone());
                columns.insert(key.clone(), Vec::new());
            }
            if let Some(column) = columns.get_mut(&key) {
                column.resize(row, None);
                column.push(match PropertyValue::from_json(&value) {
                    PropertyValue::NoData => None,
                    value => Some(value),
                });
            }
        }
    }
    if left_out > 0 {
        warnings.push(format!(
            "{left_out} values of properties beyond the first {most} are left out"
        ));
    }
    PropertyTable {
        class: "GeoJSON".into(),
        name,
        count: count as u32,
        columns: names
            .into_iter()
            .filter_map(|name| {
                let mut values = columns.remove(&name)?;
                values.resize(count, None);
                Some(column(name, values))
            })
            .collect(),
    }
}

/// One column, as compact as its values allow.
fn column(name: String, values: Vec<Option<PropertyValue>>) -> Column {
    let no_data = values
        .iter()
        .enumerate()
        .filter(|(_, value)| value.is_none())
        .map(|(row, _)| row as u32)
        .collect();
    let all = |is: fn(&PropertyValue) -> bool| values.iter().flatten().all(is);
    let compact = if all(|v| matches!(v, PropertyValue::String(_))) {
        text(&values)
    } else if all(|v| matches!(v, PropertyValue::I64(_))) {
        ColumnValues::I64(
            values
                .iter()
                .map(|v| match v {
                    Some(PropertyValue::I64(number)) => *number,
                    _ => 0,
                })
                .collect(),
        )
    } else if all(|v| matches!(v, PropertyValue::F64(_))) {
        ColumnValues::F64(
            values
                .iter()
                .map(|v| v.as_ref().and_then(PropertyValue::as_f64).unwrap_or(0.0))
                .collect(),
        )
    } else {
        ColumnValues::Any(
            values
                .into_iter()
                .map(|value| value.unwrap_or(PropertyValue::NoData))
                .collect(),
        )
    };
    Column {
        no_data,
        ..Column::new(name, compact)
    }
}

fn text(values: &[Option<PropertyValue>]) -> ColumnValues {
    let mut all = String::new();
    let ends = values
        .iter()
        .map(|value| {
            if let Some(PropertyValue::String(text)) = value {
                all.push_str(text);
            }
            all.len() as u32
        })
        .collect();
    ColumnValues::Text { ends, text: all }
}
