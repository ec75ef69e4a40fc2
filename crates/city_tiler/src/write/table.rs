//! EXT_structural_metadata: a schema and property tables in columns.

use serde::Serialize;

use super::{EncodeError, pad_to_8};

/// What a column holds. The names are the standard's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text.
    String,
    /// 16-bit unsigned number.
    U16,
    /// 32-bit unsigned number.
    U32,
    /// 32-bit float.
    F32,
    /// A value of the named enum, stored as u8.
    Enum(&'static str),
}

/// One property of a class.
#[derive(Debug, Clone)]
pub struct ColumnDef {
    /// The property's id: letters, digits and underscores.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// What it means, with its unit.
    pub description: &'static str,
    /// The symbol of its unit (m, m²), which the viewer shows after the value.
    pub unit: Option<&'static str>,
    /// What it holds.
    pub kind: ColumnType,
}

impl ColumnDef {
    /// The same column with a unit.
    #[must_use]
    pub const fn in_unit(mut self, symbol: &'static str) -> Self {
        self.unit = Some(symbol);
        self
    }
}

/// A class of features.
#[derive(Debug, Clone)]
pub struct ClassDef {
    /// The class id.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Its properties, in the order of every table's columns.
    pub columns: Vec<ColumnDef>,
}

/// An enumeration; a value's number is its place in the list.
#[derive(Debug, Clone)]
pub struct EnumDef {
    /// The enum's id.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// The names of the values 0, 1, 2 ...
    pub values: Vec<&'static str>,
}

/// Classes and enums under one id.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The schema's id.
    pub id: &'static str,
    /// The classes.
    pub classes: Vec<ClassDef>,
    /// The enums that the classes use.
    pub enums: Vec<EnumDef>,
}

/// A column's values.
#[derive(Debug, Clone)]
pub enum Values {
    /// For [`ColumnType::String`].
    String(Vec<String>),
    /// For [`ColumnType::U16`].
    U16(Vec<u16>),
    /// For [`ColumnType::U32`].
    U32(Vec<u32>),
    /// For [`ColumnType::F32`].
    F32(Vec<f32>),
    /// For [`ColumnType::Enum`].
    Enum(Vec<u8>),
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::String(v) => v.len(),
            Self::U16(v) => v.len(),
            Self::U32(v) => v.len(),
            Self::F32(v) => v.len(),
            Self::Enum(v) => v.len(),
        }
    }

    fn fits(&self, kind: ColumnType) -> bool {
        matches!(
            (self, kind),
            (Self::String(_), ColumnType::String)
                | (Self::U16(_), ColumnType::U16)
                | (Self::U32(_), ColumnType::U32)
                | (Self::F32(_), ColumnType::F32)
                | (Self::Enum(_), ColumnType::Enum(_))
        )
    }
}

/// A property table: one row per feature.
#[derive(Debug, Clone)]
pub struct Table {
    /// The class in the schema.
    pub class: &'static str,
    /// The table's name for people.
    pub name: &'static str,
    /// How many rows.
    pub count: usize,
    /// One entry per column of the class, in its order.
    pub columns: Vec<Values>,
}

/// A slice of the binary chunk that a column or an offsets array occupies.
pub(crate) struct Slice {
    pub offset: usize,
    pub length: usize,
}

/// Where one column's bytes went: its values, and a string's offsets.
pub(crate) struct ColumnSlices {
    pub id: &'static str,
    pub values: Slice,
    pub offsets: Option<Slice>,
}

fn put(bin: &mut Vec<u8>, bytes: &[u8]) -> Slice {
    pad_to_8(bin, 0, 0);
    let offset = bin.len();
    bin.extend_from_slice(bytes);
    // A buffer view may not be empty, so a table of empty strings still has a byte.
    if bytes.is_empty() {
        bin.push(0);
    }
    Slice {
        offset,
        length: bytes.len().max(1),
    }
}

impl Table {
    /// Appends the columns to the binary chunk, each at a multiple of 8.
    pub(crate) fn pack(
        &self,
        schema: &Schema,
        bin: &mut Vec<u8>,
    ) -> Result<Vec<ColumnSlices>, EncodeError> {
        let refuse = |what: String| EncodeError::Table {
            class: self.class.to_owned(),
            what,
        };
        let class = schema
            .classes
            .iter()
            .find(|c| c.id == self.class)
            .ok_or_else(|| refuse("is not in the schema".to_owned()))?;
        if class.columns.len() != self.columns.len() {
            return Err(refuse(format!(
                "has {} columns, the class {}",
                self.columns.len(),
                class.columns.len()
            )));
        }
        let mut slices = Vec::with_capacity(self.columns.len());
        for (column, values) in class.columns.iter().zip(&self.columns) {
            if values.len() != self.count || !values.fits(column.kind) {
                return Err(refuse(format!(
                    "column {} has {} values of another type or number than {} of {:?}",
                    column.id,
                    values.len(),
                    self.count,
                    column.kind
                )));
            }
            let (bytes, offsets) = match values {
                Values::U16(v) => (v.iter().flat_map(|x| x.to_le_bytes()).collect(), None),
                Values::U32(v) => (v.iter().flat_map(|x| x.to_le_bytes()).collect(), None),
                Values::F32(v) => (v.iter().flat_map(|x| x.to_le_bytes()).collect(), None),
                Values::Enum(v) => (v.clone(), None),
                Values::String(v) => {
                    let mut text = Vec::new();
                    let mut offsets = vec![0_u32];
                    for s in v {
                        text.extend_from_slice(s.as_bytes());
                        offsets.push(text.len() as u32);
                    }
                    let offsets: Vec<u8> = offsets.iter().flat_map(|x| x.to_le_bytes()).collect();
                    (text, Some(offsets))
                }
            };
            slices.push(ColumnSlices {
                id: column.id,
                values: put(bin, &bytes),
                offsets: offsets.map(|o| put(bin, &o)),
            });
        }
        Ok(slices)
    }
}

/// A JSON object whose members keep the order they were given in, whatever
/// features `serde_json` is built with.
pub(crate) struct Ordered<T>(pub Vec<(&'static str, T)>);

impl<T> Ordered<T> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Serialize> Serialize for Ordered<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PropertyJson {
    name: &'static str,
    description: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    component_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enum_type: Option<&'static str>,
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    extras: Option<ExtrasJson>,
}

/// The specification has no place for units; `extras.unit` is where producers put them.
#[derive(Serialize)]
struct ExtrasJson {
    unit: &'static str,
}

#[derive(Serialize)]
pub(crate) struct ClassJson {
    name: &'static str,
    properties: Ordered<PropertyJson>,
}

#[derive(Serialize)]
pub(crate) struct EnumValueJson {
    name: &'static str,
    value: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnumJson {
    name: &'static str,
    value_type: &'static str,
    values: Vec<EnumValueJson>,
}

#[derive(Serialize)]
pub(crate) struct SchemaJson {
    id: &'static str,
    classes: Ordered<ClassJson>,
    #[serde(skip_serializing_if = "Ordered::is_empty")]
    enums: Ordered<EnumJson>,
}

fn property_json(column: &ColumnDef) -> PropertyJson {
    let (kind, component_type, enum_type) = match column.kind {
        ColumnType::String => ("STRING", None, None),
        ColumnType::U16 => ("SCALAR", Some("UINT16"), None),
        ColumnType::U32 => ("SCALAR", Some("UINT32"), None),
        ColumnType::F32 => ("SCALAR", Some("FLOAT32"), None),
        ColumnType::Enum(id) => ("ENUM", None, Some(id)),
    };
    PropertyJson {
        name: column.name,
        description: column.description,
        kind,
        component_type,
        enum_type,
        required: true,
        extras: column.unit.map(|unit| ExtrasJson { unit }),
    }
}

impl Schema {
    /// The schema as it is embedded in contents and tilesets.
    pub(crate) fn json(&self) -> SchemaJson {
        let classes = self.classes.iter().map(|class| {
            let properties = class.columns.iter().map(|c| (c.id, property_json(c)));
            let json = ClassJson {
                name: class.name,
                properties: Ordered(properties.collect()),
            };
            (class.id, json)
        });
        let enums = self.enums.iter().map(|e| {
            let values = e.values.iter().enumerate();
            let json = EnumJson {
                name: e.name,
                value_type: "UINT8",
                values: values
                    .map(|(value, name)| EnumValueJson { name, value })
                    .collect(),
            };
            (e.id, json)
        });
        SchemaJson {
            id: self.id,
            classes: Ordered(classes.collect()),
            enums: Ordered(enums.collect()),
        }
    }
}
