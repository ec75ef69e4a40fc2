//! 3DTILES_draco_point_compression: which semantics and properties are in the compressed part.
//!
//! The extension stands in the feature table (where the compressed bytes are, and the attributes of
//! semantics) and in the batch table (the attributes of properties). An attribute is named by its
//! unique id in the Draco bitstream.

use crate::formats::Input;
use crate::formats::bytes::slice;
use crate::formats::draco::{DracoLimits, DracoValues, decode_point_cloud};
use crate::formats::error::Fault;
use crate::formats::feature_table::{Semantics, Values};
use crate::metadata::{Column, ColumnValues, Shape};
use serde_json::Value;
use std::collections::BTreeMap;

const EXTENSION: &str = "3DTILES_draco_point_compression";

/// Decompressed attributes by unique id: numbers to a point, and all points' numbers one after the
/// other. Integers are as stored: 255 is not 1.
type Attributes = BTreeMap<u32, (usize, Vec<f64>)>;

/// What the compressed part holds; nothing where there is none.
#[derive(Default)]
pub(super) struct Compressed {
    attributes: Attributes,
    /// Semantic to unique id.
    semantics: BTreeMap<String, u32>,
    /// Batch table property to unique id.
    properties: BTreeMap<String, u32>,
}

impl Compressed {
    pub(super) fn read(
        table: &Semantics<'_>,
        batch_json: &Value,
        count: usize,
        input: &Input<'_>,
    ) -> Result<Self, Fault> {
        let Some(json) = table.extension(EXTENSION) else {
            return Ok(Self::default());
        };
        let place = format!("feature table {EXTENSION}");
        let number = |key: &str| {
            let number = json.get(key).and_then(Value::as_u64);
            number
                .and_then(|number| usize::try_from(number).ok())
                .ok_or_else(|| Fault::invalid(&place, format!("{key} must be a whole number")))
        };
        let (offset, length) = (number("byteOffset")?, number("byteLength")?);
        let bytes = slice(table.binary(), offset, length, &place)?;
        let of_batch = batch_json
            .get("extensions")
            .and_then(|extensions| extensions.get(EXTENSION));
        Ok(Self {
            attributes: draco_points(bytes, count, &place, input)?,
            semantics: ids(json, &place)?,
            properties: of_batch.map_or(Ok(BTreeMap::new()), |json| {
                ids(json, &format!("batch table {EXTENSION}"))
            })?,
        })
    }

    /// A semantic's values, where it is compressed.
    pub(super) fn semantic(
        &self,
        name: &str,
        count: usize,
        width: usize,
    ) -> Result<Option<Values<'_>>, Fault> {
        let Some(id) = self.semantics.get(name) else {
            return Ok(None);
        };
        let place = format!("feature table {EXTENSION}.{name}");
        let (found, values) = self.attribute(*id, &place)?;
        if *found != width || values.len() != count.saturating_mul(width) {
            let what = format!(
                "has {} numbers, {found} to a point, for {count} points of {width}",
                values.len()
            );
            return Err(Fault::invalid(place, what));
        }
        Ok(Some(Values::plain(values, width)))
    }

    /// The batch table's JSON without the compressed properties, and these as columns.
    pub(super) fn properties(
        &self,
        json: &Value,
        warnings: &mut Vec<String>,
    ) -> (Value, Vec<Column>) {
        let mut rest = json.clone();
        let mut columns = Vec::new();
        for (name, id) in &self.properties {
            let stored = rest.as_object_mut().and_then(|object| object.remove(name));
            let integers = stored
                .as_ref()
                .and_then(|stored| stored.get("componentType")?.as_str())
                .is_some_and(|kind| kind != "FLOAT" && kind != "DOUBLE");
            match self.attribute(*id, &format!("batch table {EXTENSION}.{name}")) {
                Ok((width, values)) => columns.push(column(name, *width, values, integers)),
                Err(fault) => warnings.push(fault.text()),
            }
        }
        (rest, columns)
    }

    fn attribute(&self, id: u32, place: &str) -> Result<&(usize, Vec<f64>), Fault> {
        self.attributes
            .get(&id)
            .ok_or_else(|| Fault::invalid(place, format!("there is no attribute {id}")))
    }
}

fn column(name: &str, width: usize, values: &[f64], integers: bool) -> Column {
    let items = if integers {
        ColumnValues::I64(values.iter().map(|value| *value as i64).collect())
    } else {
        ColumnValues::F32(values.iter().map(|value| *value as f32).collect())
    };
    if width == 1 {
        return Column::new(name, items);
    }
    let rows = values.len() / width.max(1);
    let ends = (1..=rows)
        .map(|row| u32::try_from(row * width).unwrap_or(u32::MAX))
        .collect();
    let values = ColumnValues::List {
        shape: Shape::Vector,
        ends,
        items: Box::new(items),
    };
    Column::new(name, values)
}

/// The extension's map from names to unique ids.
fn ids(json: &Value, place: &str) -> Result<BTreeMap<String, u32>, Fault> {
    let map = json.get("properties").and_then(Value::as_object);
    let map = map.ok_or_else(|| Fault::invalid(place, "has no properties"))?;
    map.iter()
        .map(|(name, id)| {
            let id = id.as_u64().and_then(|id| u32::try_from(id).ok());
            let id = id.ok_or_else(|| {
                Fault::invalid(place, format!("properties.{name} must be a whole number"))
            })?;
            Ok((name.clone(), id))
        })
        .collect()
}

/// Decompresses the points: all attributes of the bitstream, in the order of its points.
fn draco_points(
    bytes: &[u8],
    count: usize,
    place: &str,
    input: &Input<'_>,
) -> Result<Attributes, Fault> {
    let limits = DracoLimits {
        max_points: input.options.max_vertices,
        max_bytes: input.options.max_decompressed_bytes,
    };
    let cloud = decode_point_cloud(bytes, place, limits)?;
    if cloud.points != count {
        let what = format!(
            "holds {} points, and POINTS_LENGTH is {count}",
            cloud.points
        );
        return Err(Fault::invalid(place, what));
    }
    let attributes = cloud.attributes.into_iter();
    Ok(attributes
        .map(|attribute| {
            let numbers = raw(&attribute.values);
            (attribute.unique_id, (attribute.components, numbers))
        })
        .collect())
}

/// The numbers as they are stored: 255 is not 1.
fn raw(values: &DracoValues) -> Vec<f64> {
    fn all<T: Copy + Into<f64>>(list: &[T]) -> Vec<f64> {
        list.iter().map(|value| (*value).into()).collect()
    }
    match values {
        DracoValues::I8(list) => all(list),
        DracoValues::U8(list) => all(list),
        DracoValues::I16(list) => all(list),
        DracoValues::U16(list) => all(list),
        DracoValues::I32(list) => all(list),
        DracoValues::U32(list) => all(list),
        DracoValues::F32(list) => all(list),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn attributes_become_semantics_and_columns() {
        let compressed = Compressed {
            attributes: BTreeMap::from([
                (7, (3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])),
                (8, (1, vec![9.0, 10.0])),
                (9, (2, vec![0.5, 1.5, 2.5, 3.5])),
            ]),
            semantics: ids(&json!({"properties": {"POSITION": 7, "RGB": 4}}), "x").unwrap(),
            properties: BTreeMap::from([("id".into(), 8), ("uv".into(), 9), ("gone".into(), 1)]),
        };
        let positions = compressed.semantic("POSITION", 2, 3).unwrap().unwrap();
        assert_eq!(positions.get(1, 2), 6.0);
        assert!(compressed.semantic("POSITION", 3, 3).is_err());
        assert!(compressed.semantic("RGB", 2, 3).is_err());
        assert!(compressed.semantic("NORMAL", 2, 3).unwrap().is_none());
        let json = json!({"id": {"componentType": "UNSIGNED_SHORT"}, "uv": {"componentType": "FLOAT"}, "name": ["a", "b"]});
        let mut warnings = Vec::new();
        let (rest, columns) = compressed.properties(&json, &mut warnings);
        assert_eq!(rest, json!({"name": ["a", "b"]}));
        assert_eq!(columns[0].value(1).to_string(), "10");
        assert_eq!(columns[1].value(1).to_string(), "[2.5, 3.5]");
        assert!(warnings[0].contains("no attribute 1"), "{warnings:?}");
    }
}
