//! Binary property tables (EXT_structural_metadata, 3D Tiles 1.1 property tables).
//!
//! Clauses: 3D Metadata specification, "Binary Table Format".

mod raw;

use super::schema::{ClassProperty, ComponentType, ElementType, Schema, SchemaFault};
use super::{Column, ColumnValues, PropertyTable, PropertyValue, Shape};
use raw::{flat_numbers, little_endian, map_numbers, numbers, same, short};
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
    let class_id = json
        .get("class")
        .and_then(Value::as_str)
        .ok_or_else(|| fault("class", "missing"))?;
    let class = schema
        .classes
        .get(class_id)
        .ok_or_else(|| fault("class", format!("{class_id:?} is not in the schema")))?;
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
                Some(_) => Ok(reader.empty_column(id)),
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
        class: class_id.to_owned(),
        name: json
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .or_else(|| class.name.clone()),
        count: u32::try_from(count).unwrap_or(u32::MAX),
        columns,
    })
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
    fn empty_column(&self, id: &str) -> Column {
        let property = self.property;
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

    fn column(&self, id: &str) -> Result<Column, SchemaFault> {
        let (element_count, array_ends) = self.array_ends()?;
        let flat = self.elements(element_count)?;
        let shape = |values| match &array_ends {
            None => values,
            Some(ends) => ColumnValues::List {
                shape: Shape::Array,
                ends: ends.clone(),
                items: Box::new(values),
            },
        };
        // `noData` is compared with what is stored, before scaling.
        let mut no_data = Vec::new();
        let raw = shape(flat);
        if let Some(sentinel) = &self.property.no_data {
            let sentinel = PropertyValue::from_json(sentinel);
            for row in 0..self.count {
                if same(&raw.get(row), &sentinel) {
                    no_data.push(row as u32);
                }
            }
        }
        let values = self.scaled(raw)?;
        Ok(Column {
            values,
            no_data,
            ..self.empty_column(id)
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

    fn elements(&self, count: usize) -> Result<ColumnValues, SchemaFault> {
        let bytes = self
            .view("values")?
            .ok_or_else(|| fault("values", "missing"))?;
        match &self.property.element {
            ElementType::Scalar(component) => numbers(&bytes, *component, count),
            ElementType::Vector(component, size) => {
                self.components(&bytes, *component, count, *size, Shape::Vector)
            }
            ElementType::Matrix(component, size) => {
                self.components(&bytes, *component, count, *size, Shape::Matrix)
            }
            ElementType::Boolean => {
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
            ElementType::String => {
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
            ElementType::Enum(id) => {
                let enumeration = self
                    .schema
                    .enums
                    .get(id)
                    .ok_or_else(|| fault("enumType", format!("{id:?} is not in the schema")))?;
                let codes = match numbers(&bytes, enumeration.value_type, count)? {
                    ColumnValues::I64(codes) => codes,
                    ColumnValues::U64(codes) => codes.into_iter().map(|code| code as i64).collect(),
                    _ => return Err(fault("enumType", "must be whole numbers")),
                };
                Ok(ColumnValues::Enum {
                    codes,
                    names: enumeration.names.clone(),
                })
            }
        }
    }

    fn components(
        &self,
        bytes: &[u8],
        component: ComponentType,
        count: usize,
        size: usize,
        shape: Shape,
    ) -> Result<ColumnValues, SchemaFault> {
        let total = count
            .checked_mul(size)
            .filter(|total| {
                *total <= self.limits.values.saturating_mul(16) && *total <= u32::MAX as usize
            })
            .ok_or_else(|| fault("values", "too many values"))?;
        let items = Box::new(numbers(bytes, component, total)?);
        let ends = (1..=count).map(|row| (row * size) as u32).collect();
        Ok(ColumnValues::List { shape, ends, items })
    }

    /// `normalized`, then `scale`, then `offset` (the table's own before the class's).
    fn scaled(&self, raw: ColumnValues) -> Result<ColumnValues, SchemaFault> {
        let factor = |key: &str| {
            let json = self.stored.get(key).or(match key {
                "scale" => self.property.scale.as_ref(),
                _ => self.property.offset.as_ref(),
            });
            json.map(|json| flat_numbers(json, key)).transpose()
        };
        let (scale, offset) = (factor("scale")?, factor("offset")?);
        let limit = self.normalization_limit();
        if limit.is_none() && scale.is_none() && offset.is_none() {
            return Ok(raw);
        }
        // The pattern of factors repeats: per vector, per matrix, or per fixed-length array.
        let pick = |factors: &Option<Vec<f64>>, index: usize, otherwise: f64| {
            let factors = factors.as_deref().unwrap_or(&[]);
            match factors.len() {
                0 => otherwise,
                length => factors.get(index % length).copied().unwrap_or(otherwise),
            }
        };
        Ok(map_numbers(raw, &|index, value| {
            let value = match limit {
                Some(limit) => (value / limit).max(-1.0),
                None => value,
            };
            value * pick(&scale, index, 1.0) + pick(&offset, index, 0.0)
        }))
    }

    fn normalization_limit(&self) -> Option<f64> {
        let (ElementType::Scalar(component)
        | ElementType::Vector(component, _)
        | ElementType::Matrix(component, _)) = &self.property.element
        else {
            return None;
        };
        let limit = match component {
            ComponentType::Int8 => 127.0,
            ComponentType::Uint8 => 255.0,
            ComponentType::Int16 => 32767.0,
            ComponentType::Uint16 => 65535.0,
            ComponentType::Int32 => f64::from(i32::MAX),
            ComponentType::Uint32 => f64::from(u32::MAX),
            ComponentType::Int64 => i64::MAX as f64,
            ComponentType::Uint64 => u64::MAX as f64,
            ComponentType::Float32 | ComponentType::Float64 => return None,
        };
        self.property.normalized.then_some(limit)
    }
}
