//! 3DTILES_batch_table_hierarchy: features are instances of classes and have parents, whose
//! properties they inherit.

use super::column_values;
use crate::metadata::{Column, ColumnValues, PropertyValue};
use serde_json::Value;
use std::collections::BTreeMap;

struct Hierarchy {
    class_ids: Vec<usize>,
    /// Instance -> place within its class.
    places: Vec<usize>,
    /// Instance -> its parents (itself where it has none).
    parents: Vec<Vec<usize>>,
    classes: Vec<(String, BTreeMap<String, ColumnValues>)>,
}

/// One column per property that a feature or any of its ancestors has; the nearest wins. The
/// feature's own class is the column `class`.
pub(super) fn columns(
    json: &Value,
    binary: &[u8],
    count: usize,
    limit: usize,
) -> Result<Vec<Column>, String> {
    let hierarchy = read(json, binary, limit)?;
    if hierarchy.class_ids.len() < count {
        return Err(format!(
            "{} instances for {count} features",
            hierarchy.class_ids.len()
        ));
    }
    let mut columns: BTreeMap<&str, Vec<PropertyValue>> = BTreeMap::new();
    for (_, properties) in &hierarchy.classes {
        for id in properties.keys() {
            columns.insert(id, vec![PropertyValue::NoData; count]);
        }
    }
    if columns.len().saturating_mul(count) > limit.saturating_mul(4) {
        return Err("too many properties".to_owned());
    }
    let mut steps = 0_usize;
    for feature in 0..count {
        let mut seen = vec![feature];
        let mut next = 0;
        while let Some(&instance) = seen.get(next) {
            next += 1;
            steps += 1;
            if steps > limit.saturating_mul(4) {
                return Err("too many parents".to_owned());
            }
            let class = hierarchy
                .class_ids
                .get(instance)
                .and_then(|id| hierarchy.classes.get(*id));
            let place = hierarchy
                .places
                .get(instance)
                .copied()
                .unwrap_or(usize::MAX);
            for (id, values) in class.iter().flat_map(|(_, properties)| properties) {
                let slot = columns
                    .get_mut(id.as_str())
                    .and_then(|rows| rows.get_mut(feature))
                    .filter(|slot| **slot == PropertyValue::NoData);
                if let Some(slot) = slot {
                    *slot = values.get(place);
                }
            }
            for parent in hierarchy.parents.get(instance).into_iter().flatten() {
                // Cycles end here: an ancestor is visited once. Long chains are hostile.
                if !seen.contains(parent) {
                    seen.push(*parent);
                }
                if seen.len() > 256 {
                    return Err("a feature has more than 255 ancestors".to_owned());
                }
            }
        }
    }
    let class_of = |feature: usize| {
        let class = hierarchy
            .class_ids
            .get(feature)
            .and_then(|id| hierarchy.classes.get(*id));
        class.map_or(PropertyValue::NoData, |(name, _)| {
            PropertyValue::String(name.clone())
        })
    };
    let mut result = vec![Column::new(
        "class",
        ColumnValues::Any((0..count).map(class_of).collect()),
    )];
    for (id, rows) in columns {
        result.push(Column::new(id, ColumnValues::Any(rows)));
    }
    Ok(result)
}

fn read(json: &Value, binary: &[u8], limit: usize) -> Result<Hierarchy, String> {
    let size = json
        .get("instancesLength")
        .and_then(Value::as_u64)
        .and_then(|size| usize::try_from(size).ok())
        .filter(|size| *size <= limit)
        .ok_or("instancesLength is missing or too large")?;
    let whole = |key: &str, length: usize| -> Result<Option<Vec<usize>>, String> {
        let Some(json) = json.get(key) else {
            return Ok(None);
        };
        let values = column_values(json, binary, length).map_err(|what| format!("{key} {what}"))?;
        let numbers = (0..length).map(|row| values.get(row).as_f64().map(|v| v as usize));
        let numbers: Option<Vec<_>> = numbers.collect();
        numbers
            .map(Some)
            .ok_or_else(|| format!("{key} must be numbers"))
    };
    let class_ids = whole("classIds", size)?.ok_or("classIds are missing")?;
    let mut classes = Vec::new();
    for class in json
        .get("classes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let name = class
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let length = class.get("length").and_then(Value::as_u64).unwrap_or(0);
        let length = usize::try_from(length)
            .ok()
            .filter(|l| *l <= size)
            .ok_or("a class is too long")?;
        let mut properties = BTreeMap::new();
        for (id, json) in class
            .get("instances")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let values =
                column_values(json, binary, length).map_err(|what| format!("{id} {what}"))?;
            properties.insert(id.clone(), values);
        }
        classes.push((name.to_owned(), properties));
    }
    let mut used = vec![0_usize; classes.len()];
    let mut places = Vec::with_capacity(size);
    for class in &class_ids {
        let place = used
            .get_mut(*class)
            .ok_or_else(|| format!("class {class} does not exist"))?;
        places.push(*place);
        *place += 1;
    }
    let parent_counts = whole("parentCounts", size)?;
    let total = match &parent_counts {
        Some(counts) => counts
            .iter()
            .try_fold(0_usize, |sum, count| sum.checked_add(*count)),
        None => Some(size),
    };
    let total = total
        .filter(|total| *total <= limit.saturating_mul(4))
        .ok_or("too many parents")?;
    let parents = match whole("parentIds", total)? {
        None => vec![Vec::new(); size],
        Some(ids) => {
            let mut rest = ids.as_slice();
            let mut parents = Vec::with_capacity(size);
            for instance in 0..size {
                let count = parent_counts
                    .as_ref()
                    .and_then(|counts| counts.get(instance))
                    .copied()
                    .unwrap_or(1);
                let (own, after) = rest
                    .split_at_checked(count)
                    .ok_or("parentIds are too few")?;
                if own.iter().any(|id| *id >= size) {
                    return Err("a parent does not exist".to_owned());
                }
                parents.push(own.iter().copied().filter(|id| *id != instance).collect());
                rest = after;
            }
            parents
        }
    };
    Ok(Hierarchy {
        class_ids,
        places,
        parents,
        classes,
    })
}
