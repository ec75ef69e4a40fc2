//! Schemas of the 3D Metadata specification, as EXT_structural_metadata and 3D Tiles 1.1 embed them.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What is wrong with a schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct SchemaFault {
    /// Where in the schema.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

fn fault(place: impl Into<String>, what: impl Into<String>) -> SchemaFault {
    SchemaFault {
        place: place.into(),
        what: what.into(),
    }
}

/// `componentType` of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the specification's own names")]
pub enum ComponentType {
    Int8,
    Uint8,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Int64,
    Uint64,
    Float32,
    Float64,
}

impl ComponentType {
    /// From the specification's name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "INT8" => Self::Int8,
            "UINT8" => Self::Uint8,
            "INT16" => Self::Int16,
            "UINT16" => Self::Uint16,
            "INT32" => Self::Int32,
            "UINT32" => Self::Uint32,
            "INT64" => Self::Int64,
            "UINT64" => Self::Uint64,
            "FLOAT32" => Self::Float32,
            "FLOAT64" => Self::Float64,
            _ => return None,
        })
    }

    /// Bytes of one component.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::Int8 | Self::Uint8 => 1,
            Self::Int16 | Self::Uint16 => 2,
            Self::Int32 | Self::Uint32 | Self::Float32 => 4,
            Self::Int64 | Self::Uint64 | Self::Float64 => 8,
        }
    }
}

/// `type` of a property's elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ElementType {
    /// `SCALAR`.
    Scalar(ComponentType),
    /// `VEC2` to `VEC4`: number of components.
    Vector(ComponentType, usize),
    /// `MAT2` to `MAT4`: number of components (4, 9, 16), by columns.
    Matrix(ComponentType, usize),
    /// `STRING`.
    String,
    /// `BOOLEAN`.
    Boolean,
    /// `ENUM`: id of the enum.
    Enum(String),
}

/// An enum of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumType {
    /// Type of the stored numbers.
    pub value_type: ComponentType,
    /// Number and name, ascending by number.
    pub names: Vec<(i64, String)>,
}

/// A property of a class.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassProperty {
    /// A name for people.
    pub name: Option<String>,
    /// A description.
    pub description: Option<String>,
    /// A unit: not part of the specification, read from `unit` or `extras.unit(s)` where producers put it.
    pub unit: Option<String>,
    /// Type of the elements.
    pub element: ElementType,
    /// Whether a value is an array of elements.
    pub array: bool,
    /// Fixed length of the array, where it has one.
    pub count: Option<usize>,
    /// Integers stand for 0..1 or -1..1.
    pub normalized: bool,
    /// Added after scaling; numbers or (arrays of) lists of them.
    pub offset: Option<Value>,
    /// Factor.
    pub scale: Option<Value>,
    /// Every row must have a value.
    pub required: bool,
    /// The raw value that means "no data".
    pub no_data: Option<Value>,
    /// What a missing value reads as.
    pub default: Option<Value>,
}

/// Classes and enums.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    /// Class id -> properties in the schema's order, each with its id.
    pub classes: BTreeMap<String, Class>,
    /// Enum id -> enum.
    pub enums: BTreeMap<String, EnumType>,
}

/// A class of the schema.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Class {
    /// A name for people.
    pub name: Option<String>,
    /// Properties by id, in the order of their ids.
    pub properties: BTreeMap<String, ClassProperty>,
}

impl Schema {
    /// Reads a schema's JSON.
    ///
    /// # Errors
    /// Names the first place that is not as the 3D Metadata specification wants it.
    pub fn from_json(json: &Value) -> Result<Self, SchemaFault> {
        let mut schema = Self::default();
        for (id, json) in entries(json, "enums")? {
            schema.enums.insert(id.clone(), enum_type(id, json)?);
        }
        for (id, json) in entries(json, "classes")? {
            let mut class = Class {
                name: text(json, "name"),
                ..Class::default()
            };
            for (property_id, property) in entries(json, "properties")? {
                let place = format!("classes.{id}.properties.{property_id}");
                class
                    .properties
                    .insert(property_id.clone(), class_property(&place, property)?);
            }
            schema.classes.insert(id.clone(), class);
        }
        Ok(schema)
    }
}

fn entries<'a>(json: &'a Value, key: &str) -> Result<Vec<(&'a String, &'a Value)>, SchemaFault> {
    match json.get(key) {
        None => Ok(Vec::new()),
        Some(value) => {
            let object: &Map<String, Value> = value
                .as_object()
                .ok_or_else(|| fault(key, "must be an object"))?;
            Ok(object.iter().collect())
        }
    }
}

fn text(json: &Value, key: &str) -> Option<String> {
    json.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn enum_type(id: &str, json: &Value) -> Result<EnumType, SchemaFault> {
    let place = format!("enums.{id}");
    let value_type = match json.get("valueType").and_then(Value::as_str) {
        None => ComponentType::Uint16,
        Some(name) => ComponentType::from_name(name)
            .filter(|t| !matches!(t, ComponentType::Float32 | ComponentType::Float64))
            .ok_or_else(|| fault(&place, format!("valueType {name:?} is not an integer type")))?,
    };
    let values = json
        .get("values")
        .and_then(Value::as_array)
        .ok_or_else(|| fault(&place, "has no values"))?;
    let mut names = Vec::with_capacity(values.len());
    for value in values {
        let number = value.get("value").and_then(Value::as_i64);
        match (number, text(value, "name")) {
            (Some(number), Some(name)) => names.push((number, name)),
            _ => return Err(fault(&place, "a value needs a whole number and a name")),
        }
    }
    names.sort();
    Ok(EnumType { value_type, names })
}

fn class_property(place: &str, json: &Value) -> Result<ClassProperty, SchemaFault> {
    let kind = text(json, "type").ok_or_else(|| fault(place, "has no type"))?;
    let component = || {
        let name = text(json, "componentType").unwrap_or_default();
        ComponentType::from_name(&name)
            .ok_or_else(|| fault(place, format!("componentType {name:?} is not known")))
    };
    let element = match kind.as_str() {
        "SCALAR" => ElementType::Scalar(component()?),
        "VEC2" => ElementType::Vector(component()?, 2),
        "VEC3" => ElementType::Vector(component()?, 3),
        "VEC4" => ElementType::Vector(component()?, 4),
        "MAT2" => ElementType::Matrix(component()?, 4),
        "MAT3" => ElementType::Matrix(component()?, 9),
        "MAT4" => ElementType::Matrix(component()?, 16),
        "STRING" => ElementType::String,
        "BOOLEAN" => ElementType::Boolean,
        "ENUM" => ElementType::Enum(
            text(json, "enumType").ok_or_else(|| fault(place, "has no enumType"))?,
        ),
        other => return Err(fault(place, format!("type {other:?} is not known"))),
    };
    let flag = |key: &str| json.get(key).and_then(Value::as_bool).unwrap_or(false);
    let count = match json.get("count") {
        None => None,
        Some(count) => Some(
            count
                .as_u64()
                .and_then(|count| usize::try_from(count).ok())
                .ok_or_else(|| fault(place, "count must be a whole number"))?,
        ),
    };
    let extras = json.get("extras");
    let unit = text(json, "unit")
        .or_else(|| extras.and_then(|extras| text(extras, "unit")))
        .or_else(|| extras.and_then(|extras| text(extras, "units")));
    Ok(ClassProperty {
        name: text(json, "name"),
        description: text(json, "description"),
        unit,
        element,
        array: flag("array"),
        count,
        normalized: flag("normalized"),
        offset: json.get("offset").cloned(),
        scale: json.get("scale").cloned(),
        required: flag("required"),
        no_data: json.get("noData").cloned(),
        default: json.get("default").cloned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_schema_names_the_place_of_its_fault() {
        let schema = json!({"classes": {"wall": {"properties": {"height": {"type": "SCALAR"}}}}});
        let fault = Schema::from_json(&schema).unwrap_err();
        assert_eq!(fault.place, "classes.wall.properties.height");
        assert!(fault.what.contains("componentType"), "{fault}");
    }

    #[test]
    fn units_are_read_where_producers_put_them() {
        for property in [
            json!({"type": "SCALAR", "componentType": "FLOAT32", "unit": "m"}),
            json!({"type": "SCALAR", "componentType": "FLOAT32", "extras": {"unit": "m"}}),
            json!({"type": "SCALAR", "componentType": "FLOAT32", "extras": {"units": "m"}}),
        ] {
            assert_eq!(
                class_property("p", &property).unwrap().unit.as_deref(),
                Some("m")
            );
        }
    }
}
