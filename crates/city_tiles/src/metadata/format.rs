//! From stored numbers to a property's values: shape, normalisation, scale, offset, and what means "no data".
//!
//! Clauses: 3D Metadata specification, "Property" and "Binary Table Format". Property tables, property textures and
//! property attributes store values in different places and read them alike.

use super::schema::{ClassProperty, ComponentType, ElementType, EnumType, Schema, SchemaFault};
use super::structural::raw::{flat_numbers, map_numbers, numbers, same};
use super::{ColumnValues, PropertyValue, Shape};
use serde_json::Value;

/// How a property's stored numbers are read. Text has no stored numbers; only its table can read it.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueFormat {
    /// Type of the elements.
    pub element: ElementType,
    /// Elements of one value, where values are arrays of fixed length.
    pub array: Option<usize>,
    /// Integers stand for 0..1 or -1..1.
    pub normalized: bool,
    /// Factors, one for all or a repeating pattern; none for 1.
    pub scale: Vec<f64>,
    /// Added after scaling; none for 0.
    pub offset: Vec<f64>,
    /// The stored value that means "no data".
    pub no_data: Option<PropertyValue>,
    /// What a missing value reads as.
    pub default: Option<PropertyValue>,
    /// The names of an enum's numbers.
    pub enumeration: Option<EnumType>,
}

fn fault(place: &str, what: impl Into<String>) -> SchemaFault {
    SchemaFault {
        place: place.to_owned(),
        what: what.into(),
    }
}

impl ValueFormat {
    /// The format of a class's property; `stored` is where its values are said to lie, which may have a scale and an
    /// offset of its own.
    ///
    /// # Errors
    /// A scale or offset that is no number, an enum that the schema does not have.
    pub fn new(
        property: &ClassProperty,
        stored: &Value,
        schema: &Schema,
    ) -> Result<Self, SchemaFault> {
        let factors = |key: &str, of_class: Option<&Value>| {
            let json = stored.get(key).or(of_class);
            json.map_or(Ok(Vec::new()), |json| flat_numbers(json, key))
        };
        let enumeration = match &property.element {
            ElementType::Enum(id) => {
                let known = schema.enums.get(id);
                Some(
                    known
                        .cloned()
                        .ok_or_else(|| fault("enumType", format!("{id:?} is not in the schema")))?,
                )
            }
            _ => None,
        };
        Ok(Self {
            element: property.element.clone(),
            array: property.count.filter(|_| property.array),
            normalized: property.normalized,
            scale: factors("scale", property.scale.as_ref())?,
            offset: factors("offset", property.offset.as_ref())?,
            no_data: property.no_data.as_ref().map(PropertyValue::from_json),
            default: property.default.as_ref().map(PropertyValue::from_json),
            enumeration,
        })
    }

    /// Type of the stored numbers; none for text and booleans.
    #[must_use]
    pub fn component(&self) -> Option<ComponentType> {
        match &self.element {
            ElementType::Scalar(component)
            | ElementType::Vector(component, _)
            | ElementType::Matrix(component, _) => Some(*component),
            ElementType::Enum(_) => self.enumeration.as_ref().map(|e| e.value_type),
            ElementType::String | ElementType::Boolean => None,
        }
    }

    /// Numbers of one element.
    #[must_use]
    pub fn width(&self) -> usize {
        match &self.element {
            ElementType::Vector(_, size) | ElementType::Matrix(_, size) => *size,
            _ => 1,
        }
    }

    /// Bytes of one value where it is stored byte by byte (a boolean in a byte of its own); none for text, for
    /// arrays of variable length and for what is too long to be counted.
    #[must_use]
    pub fn value_bytes(&self) -> Option<usize> {
        let component = match self.element {
            ElementType::String => return None,
            ElementType::Boolean => 1,
            _ => self.component()?.size(),
        };
        component
            .checked_mul(self.width())?
            .checked_mul(self.array.unwrap_or(1))
    }

    /// `count` elements out of little-endian numbers of this type, before scaling.
    pub(super) fn elements(
        &self,
        bytes: &[u8],
        stored: ComponentType,
        count: usize,
    ) -> Result<ColumnValues, SchemaFault> {
        let list = |size: usize, shape: Shape| {
            let total = count
                .checked_mul(size)
                .filter(|total| *total <= u32::MAX as usize);
            let total = total.ok_or_else(|| fault("values", "too many values"))?;
            let items = Box::new(numbers(bytes, stored, total)?);
            let ends = (1..=count).map(|row| (row * size) as u32).collect();
            Ok(ColumnValues::List { shape, ends, items })
        };
        match &self.element {
            ElementType::Scalar(_) => numbers(bytes, stored, count),
            ElementType::Vector(_, size) => list(*size, Shape::Vector),
            ElementType::Matrix(_, size) => list(*size, Shape::Matrix),
            ElementType::Enum(_) => {
                let codes = match numbers(bytes, stored, count)? {
                    ColumnValues::I64(codes) => codes,
                    ColumnValues::U64(codes) => codes.into_iter().map(|code| code as i64).collect(),
                    // Vertex attributes may have whole numbers as floats.
                    ColumnValues::F32(codes) => codes.into_iter().map(|code| code as i64).collect(),
                    _ => return Err(fault("enumType", "must be whole numbers")),
                };
                let names = self.enumeration.as_ref().map(|e| e.names.clone());
                Ok(ColumnValues::Enum {
                    codes,
                    names: names.unwrap_or_default(),
                })
            }
            ElementType::Boolean | ElementType::String => {
                Err(fault("type", "has no stored numbers"))
            }
        }
    }

    /// The rows without data, and the values after normalisation, scale and offset. `stored` is the type of the
    /// stored numbers.
    pub(super) fn finish(
        &self,
        raw: ColumnValues,
        stored: Option<ComponentType>,
    ) -> (ColumnValues, Vec<u32>) {
        // `noData` is compared with what is stored, before scaling.
        let mut no_data = Vec::new();
        if let Some(sentinel) = &self.no_data {
            let rows = 0..raw.len();
            no_data.extend(
                rows.filter(|row| same(&raw.get(*row), sentinel))
                    .map(|row| row as u32),
            );
        }
        (self.scaled(raw, stored), no_data)
    }

    fn scaled(&self, raw: ColumnValues, stored: Option<ComponentType>) -> ColumnValues {
        let limit = stored.filter(|_| self.normalized).and_then(largest);
        let is_number = !matches!(self.element, ElementType::Enum(_));
        let plain = limit.is_none() && self.scale.is_empty() && self.offset.is_empty();
        if plain || !is_number {
            return raw;
        }
        // The pattern of factors repeats: per vector, per matrix, or per fixed-length array.
        let pick = |factors: &[f64], index: usize, otherwise: f64| match factors.len() {
            0 => otherwise,
            length => factors.get(index % length).copied().unwrap_or(otherwise),
        };
        map_numbers(raw, &|index, value| {
            let value = match limit {
                Some(limit) => (value / limit).max(-1.0),
                None => value,
            };
            value * pick(&self.scale, index, 1.0) + pick(&self.offset, index, 0.0)
        })
    }

    /// One value out of its bytes, as a texel has them; the default, or `NoData`, where there is none.
    #[must_use]
    pub fn value(&self, bytes: &[u8]) -> PropertyValue {
        let missing = || self.default.clone().unwrap_or(PropertyValue::NoData);
        if self.value_bytes() != Some(bytes.len()) {
            return missing();
        }
        let count = self.array.unwrap_or(1);
        let raw = match self.component() {
            Some(component) => self.elements(bytes, component, count).ok(),
            None => Some(ColumnValues::Bool(
                bytes.iter().map(|byte| *byte != 0).collect(),
            )),
        };
        let Some(raw) = raw else { return missing() };
        let raw = match (self.array, u32::try_from(count)) {
            (None, _) => raw,
            (Some(_), Ok(end)) => ColumnValues::List {
                shape: Shape::Array,
                ends: vec![end],
                items: Box::new(raw),
            },
            (Some(_), Err(_)) => return missing(),
        };
        let (values, no_data) = self.finish(raw, self.component());
        if no_data.is_empty() {
            values.get(0)
        } else {
            missing()
        }
    }
}

/// The stored number that stands for 1.
fn largest(component: ComponentType) -> Option<f64> {
    Some(match component {
        ComponentType::Int8 => 127.0,
        ComponentType::Uint8 => 255.0,
        ComponentType::Int16 => 32767.0,
        ComponentType::Uint16 => 65535.0,
        ComponentType::Int32 => f64::from(i32::MAX),
        ComponentType::Uint32 => f64::from(u32::MAX),
        ComponentType::Int64 => i64::MAX as f64,
        ComponentType::Uint64 => u64::MAX as f64,
        ComponentType::Float32 | ComponentType::Float64 => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn format(property: Value, stored: Value) -> ValueFormat {
        let schema = Schema::from_json(&json!({
            "classes": {"c": {"properties": {"p": property}}},
            "enums": {"e": {"valueType": "INT8", "values": [{"name": "low", "value": -1}, {"name": "high", "value": 7}]}},
        }))
        .unwrap();
        ValueFormat::new(&schema.classes["c"].properties["p"], &stored, &schema).unwrap()
    }

    #[test]
    fn values_of_single_bytes() {
        let text =
            |property: Value, bytes: &[u8]| format(property, json!({})).value(bytes).to_string();
        let scalar = |component: &str| json!({"type": "SCALAR", "componentType": component});
        assert_eq!(text(scalar("UINT8"), &[200]), "200");
        assert_eq!(text(scalar("INT16"), &[0xFE, 0xFF]), "-2");
        assert_eq!(text(scalar("FLOAT32"), &1.5_f32.to_le_bytes()), "1.5");
        assert_eq!(text(scalar("UINT16"), &[1]), "–", "too few bytes");
        assert_eq!(
            text(
                json!({"type": "VEC2", "componentType": "UINT16"}),
                &[1, 0, 2, 0]
            ),
            "[1, 2]"
        );
        assert_eq!(
            text(json!({"type": "ENUM", "enumType": "e"}), &[0xFF]),
            "low"
        );
        assert_eq!(
            text(
                json!({"type": "BOOLEAN", "array": true, "count": 2}),
                &[0, 255]
            ),
            "[false, true]"
        );
        assert_eq!(text(json!({"type": "STRING"}), b"a"), "–");
        let ints = json!({"type": "SCALAR", "componentType": "INT8", "array": true, "count": 3, "normalized": true, "scale": [1.0, 2.0, 4.0], "offset": [0.0, 0.0, 1.0]});
        assert_eq!(text(ints, &[127, 0x81, 0]), "[1, -2, 1]");
    }

    #[test]
    fn no_data_is_what_is_stored() {
        let property = json!({"type": "SCALAR", "componentType": "UINT8", "noData": 255, "scale": 2.0, "default": 9});
        let format = format(property, json!({"scale": 3.0}));
        assert_eq!(format.value(&[255]), PropertyValue::I64(9));
        assert_eq!(
            format.value(&[2]),
            PropertyValue::F64(6.0),
            "the storage's scale comes first"
        );
    }
}
