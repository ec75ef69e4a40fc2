//! Binary property tables (EXT_structural_metadata, 3D Tiles 1.1 property tables).
//!
//! Clauses: 3D Metadata specification, "Binary Table Format".

pub(super) mod raw;

use super::format::ValueFormat;
use super::schema::{Class, ClassProperty, ComponentType, ElementType, Schema, SchemaFault};
use super::{Column, ColumnValues, PropertyTable, PropertyValue, Shape};
use raw::{little_endian, short};
use serde_json::Value;
use std::borrow::Cow;

/// Where a table's buffer views come from.
pub trait TableSource {
    /// The bytes of a buffer view, or what is wrong with it.
    ///
    /// # Errors
    /// A text naming the buffer view and the cause.
    fn buffer_view(&self, index: usize) -> Result<Cow<'_, [u8]>, String>;
}

/// How large a table may be.
#[derive(Debug, Clone, Copy)]
pub struct TableLimits {
    /// Most rows.
    pub rows: usize,
    /// Most values of one column, over all rows.
    pub values: usize,
}

fn fault(place: &str, what: impl Into<String>) -> SchemaFault {
    SchemaFault {
        place: place.to_owned(),
        what: what.into(),
    }
}

/// Reads one property table. A column that cannot be read is left out and named in `warnings`, so
/// that one bad column does not cost a tile its other attributes.
///
/// # Errors
/// The table itself (class, count) is unusable.
pub fn property_table(
    json: &Value,
    schema: &Schema,
    source: &dyn TableSource,
    limits: TableLimits,
    warnings: &mut Vec<String>,
) -> Result<PropertyTable, SchemaFault> {
    let (class_id, class) = find_class(json, schema)?;
    let count = json
        .get("count")
        .and_then(Value::as_u64)
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| fault("count", "missing or not a whole number"))?;
    if count > limits.rows {
        return Err(fault(
            "count",
            format!("{count} rows are more than the limit of {}", limits.rows),
        ));
    }
    let mut columns = Vec::new();
    for (id, property) in &class.properties {
        let stored = json
            .get("properties")
            .and_then(|properties| properties.get(id));
        let reader = Reader {
            schema,
            source,
            limits,
            property,
            stored: stored.unwrap_or(&Value::Null),
            count,
        };
        let column = match stored {
            Some(_) => reader.column(id),
            None => match &property.default {
                Some(_) => Ok(empty_column(id, property)),
                None if property.required => Err(fault("", "required, but not in the table")),
                None => continue,
            },
        };
        match column {
            Ok(column) => columns.push(column),
            Err(problem) => warnings.push(format!(
                "property {class_id}.{id} cannot be read: {}{}{}",
                problem.place,
                if problem.place.is_empty() { "" } else { ": " },
                problem.what
            )),
        }
    }
    Ok(PropertyTable {
        class: class_id.clone(),
        name: json
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .or_else(|| class.name.clone()),
        count: u32::try_from(count).unwrap_or(u32::MAX),
        columns,
    })
}

/// The class that a property table, texture or attribute is of.
pub(crate) fn find_class<'a>(
    json: &Value,
    schema: &'a Schema,
) -> Result<(String, &'a Class), SchemaFault> {
    let id = json
        .get("class")
        .and_then(Value::as_str)
        .ok_or_else(|| fault("class", "missing"))?;
    let class = schema.classes.get(id);
    let class = class.ok_or_else(|| fault("class", format!("{id:?} is not in the schema")))?;
    Ok((id.to_owned(), class))
}

/// A column out of a vertex attribute's numbers, little-endian and without gaps.
pub(crate) fn attribute_column(
    id: &str,
    property: &ClassProperty,
    format: &ValueFormat,
    bytes: &[u8],
    stored: ComponentType,
) -> Result<Column, SchemaFault> {
    let element = format.width() * stored.size();
    let raw = format.elements(bytes, stored, bytes.len() / element.max(1))?;
    let (values, no_data) = format.finish(raw, Some(stored));
    Ok(Column {
        values,
        no_data,
        ..empty_column(id, property)
    })
}

fn empty_column(id: &str, property: &ClassProperty) -> Column {
    Column {
        id: id.to_owned(),
        name: property.name.clone(),
        description: property.description.clone(),
        unit: property.unit.clone(),
        values: ColumnValues::Any(Vec::new()),
        no_data: Vec::new(),
        default: property.default.as_ref().map(PropertyValue::from_json),
    }
}

struct Reader<'a> {
    schema: &'a Schema,
    source: &'a dyn TableSource,
    limits: TableLimits,
    property: &'a ClassProperty,
    /// The property's entry in the table.
    stored: &'a Value,
    count: usize,
}

impl Reader<'_> {
    fn column(&self, id: &str) -> Result<Column, SchemaFault> {
        let format = ValueFormat::new(self.property, self.stored, self.schema)?;
        let (element_count, array_ends) = self.array_ends()?;
        let flat = self.elements(&format, element_count)?;
        let raw = match array_ends {
            None => flat,
            Some(ends) => ColumnValues::List {
                shape: Shape::Array,
                ends,
                items: Box::new(flat),
            },
        };
        let (values, no_data) = format.finish(raw, format.component());
        Ok(Column {
            values,
            no_data,
            ..empty_column(id, self.property)
        })
    }

    fn view(&self, key: &str) -> Result<Option<Cow<'_, [u8]>>, SchemaFault> {
        let Some(index) = self.stored.get(key) else {
            return Ok(None);
        };
        let index = index
            .as_u64()
            .and_then(|index| usize::try_from(index).ok())
            .ok_or_else(|| fault(key, "must be a buffer view's index"))?;
        self.source
            .buffer_view(index)
            .map(Some)
            .map_err(|what| fault(key, what))
    }

    /// `count + 1` ascending offsets as the ends of `count` rows, the first start being 0.
    fn offsets(
        &self,
        key: &str,
        type_key: &str,
        count: usize,
        limit: usize,
    ) -> Result<Vec<u32>, SchemaFault> {
        let bytes = self.view(key)?.ok_or_else(|| fault(key, "missing"))?;
        let size = match self.stored.get(type_key).and_then(Value::as_str) {
            None | Some("UINT32") => 4,
            Some("UINT8") => 1,
            Some("UINT16") => 2,
            Some("UINT64") => 8,
            Some(other) => return Err(fault(type_key, format!("{other:?} is not known"))),
        };
        let mut ends = Vec::with_capacity(count.min(bytes.len()));
        let mut before = 0_u64;
        for index in 0..=count {
            let at = index * size;
            let raw = bytes.get(at..at + size).ok_or_else(|| {
                fault(
                    key,
                    format!("ends after {} of {} offsets", bytes.len() / size, count + 1),
                )
            })?;
            let offset = little_endian(raw);
            if offset < before || (index == 0 && offset != 0) {
                return Err(fault(
                    key,
                    format!("offset {index} is {offset}, out of order"),
                ));
            }
            if offset > limit as u64 {
                return Err(fault(
                    key,
                    format!("offset {index} is {offset}, beyond the limit of {limit}"),
                ));
            }
            before = offset;
            if index > 0 {
                ends.push(u32::try_from(offset).map_err(|_| fault(key, "offset too large"))?);
            }
        }
        Ok(ends)
    }

    /// Number of elements, and the ends of each row's array where the property is an array.
    fn array_ends(&self) -> Result<(usize, Option<Vec<u32>>), SchemaFault> {
        if !self.property.array {
            return Ok((self.count, None));
        }
        if let Some(length) = self.property.count {
            let total = self
                .count
                .checked_mul(length)
                .filter(|total| *total <= self.limits.values)
                .ok_or_else(|| fault("count", "too many values"))?;
            let ends = (1..=self.count).map(|row| (row * length) as u32).collect();
            return Ok((total, Some(ends)));
        }
        let ends = self.offsets(
            "arrayOffsets",
            "arrayOffsetType",
            self.count,
            self.limits.values,
        )?;
        let total = ends.last().copied().unwrap_or(0) as usize;
        Ok((total, Some(ends)))
    }

    fn elements(&self, format: &ValueFormat, count: usize) -> Result<ColumnValues, SchemaFault> {
        let bytes = self
            .view("values")?
            .ok_or_else(|| fault("values", "missing"))?;
        match (&self.property.element, format.component()) {
            (ElementType::Boolean, _) => {
                if bytes.len() < count.div_ceil(8) {
                    return Err(short(bytes.len(), count.div_ceil(8)));
                }
                // Bit i is bit i%8 of byte i/8, counted from the lowest.
                let bit = |i: usize| {
                    bytes
                        .get(i / 8)
                        .is_some_and(|byte| byte >> (i % 8) & 1 == 1)
                };
                Ok(ColumnValues::Bool((0..count).map(bit).collect()))
            }
            (_, Some(component)) => {
                let total = count.checked_mul(format.width());
                if total.is_none_or(|total| total > self.limits.values.saturating_mul(16)) {
                    return Err(fault("values", "too many values"));
                }
                format.elements(&bytes, component, count)
            }
            (_, None) => {
                let ends = self.offsets("stringOffsets", "stringOffsetType", count, bytes.len())?;
                let used = ends.last().copied().unwrap_or(0) as usize;
                let text = std::str::from_utf8(&bytes[..used])
                    .map_err(|e| fault("values", format!("is not UTF-8: {e}")))?;
                if let Some(end) = ends
                    .iter()
                    .find(|end| !text.is_char_boundary(**end as usize))
                {
                    return Err(fault("stringOffsets", format!("{end} splits a character")));
                }
                Ok(ColumnValues::Text {
                    ends,
                    text: text.to_owned(),
                })
            }
        }
    }
}
