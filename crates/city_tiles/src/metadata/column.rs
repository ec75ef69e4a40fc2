//! One property of every feature of a table, kept compactly.

use super::PropertyValue;

/// How a list of values belongs together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A vector of 2 to 4 numbers.
    Vector,
    /// A square matrix of 4, 9 or 16 numbers, by columns.
    Matrix,
    /// An array.
    Array,
}

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnValues {
    /// Booleans.
    Bool(Vec<bool>),
    /// Signed integers.
    I64(Vec<i64>),
    /// Unsigned integers.
    U64(Vec<u64>),
    /// Real numbers of single precision, so that 49.3 does not read 49.29999923706055.
    F32(Vec<f32>),
    /// Real numbers.
    F64(Vec<f64>),
    /// Text: row `i` is `text[ends[i-1]..ends[i]]`.
    Text {
        /// Where each row ends.
        ends: Vec<u32>,
        /// All rows, one after the other.
        text: String,
    },
    /// Enums: numbers, and what they are called.
    Enum {
        /// The rows.
        codes: Vec<i64>,
        /// Number and name, ascending by number.
        names: Vec<(i64, String)>,
    },
    /// Lists: row `i` is `items[ends[i-1]..ends[i]]`.
    List {
        /// What the lists are.
        shape: Shape,
        /// Where each row ends.
        ends: Vec<u32>,
        /// All rows' items, one after the other.
        items: Box<ColumnValues>,
    },
    /// Values of any type, as JSON batch tables have them.
    Any(Vec<PropertyValue>),
}

impl ColumnValues {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bool(rows) => rows.len(),
            Self::I64(rows) => rows.len(),
            Self::U64(rows) => rows.len(),
            Self::F32(rows) => rows.len(),
            Self::F64(rows) => rows.len(),
            Self::Text { ends, .. } | Self::List { ends, .. } => ends.len(),
            Self::Enum { codes, .. } => codes.len(),
            Self::Any(rows) => rows.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row; `NoData` beyond the last.
    #[must_use]
    pub fn get(&self, row: usize) -> PropertyValue {
        let value = match self {
            Self::Bool(rows) => rows.get(row).copied().map(PropertyValue::Bool),
            Self::I64(rows) => rows.get(row).copied().map(PropertyValue::I64),
            Self::U64(rows) => rows.get(row).copied().map(PropertyValue::U64),
            Self::F32(rows) => rows.get(row).map(|v| PropertyValue::F64(shortest(*v))),
            Self::F64(rows) => rows.get(row).copied().map(PropertyValue::F64),
            Self::Text { ends, text } => row_range(ends, row)
                .and_then(|range| text.get(range))
                .map(|text| PropertyValue::String(text.to_owned())),
            Self::Enum { codes, names } => codes.get(row).map(|code| {
                let name = names.binary_search_by_key(code, |(known, _)| *known);
                PropertyValue::Enum(match name.ok().and_then(|index| names.get(index)) {
                    Some((_, name)) => name.clone(),
                    None => code.to_string(),
                })
            }),
            Self::List { ends, items, .. } => row_range(ends, row)
                .map(|range| PropertyValue::List(range.map(|item| items.get(item)).collect())),
            Self::Any(rows) => rows.get(row).cloned(),
        };
        value.unwrap_or(PropertyValue::NoData)
    }

    /// Bytes held in main memory.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let inside = match self {
            Self::Bool(rows) => rows.len(),
            Self::I64(rows) => size_of_val(rows.as_slice()),
            Self::U64(rows) => size_of_val(rows.as_slice()),
            Self::F32(rows) => size_of_val(rows.as_slice()),
            Self::F64(rows) => size_of_val(rows.as_slice()),
            Self::Text { ends, text } => size_of_val(ends.as_slice()) + text.len(),
            Self::Enum { codes, names } => {
                let names: usize = names.iter().map(|(_, name)| name.len() + 32).sum();
                size_of_val(codes.as_slice()) + names
            }
            Self::List { ends, items, .. } => {
                return items.bytes() + (size_of_val(ends.as_slice()) + size_of::<Self>()) as u64;
            }
            Self::Any(rows) => return rows.iter().map(PropertyValue::bytes).sum(),
        };
        (inside + size_of::<Self>()) as u64
    }
}

/// The f64 that reads like the f32 does: 49.3f32 as 49.3, not as 49.29999923706055.
fn shortest(value: f32) -> f64 {
    value
        .to_string()
        .parse()
        .unwrap_or_else(|_| f64::from(value))
}

fn row_range(ends: &[u32], row: usize) -> Option<std::ops::Range<usize>> {
    let end = *ends.get(row)? as usize;
    let start = match row.checked_sub(1) {
        Some(before) => *ends.get(before)? as usize,
        None => 0,
    };
    (start <= end).then_some(start..end)
}

/// One property of every feature of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The schema's id of the property.
    pub id: String,
    /// A name for people, where given.
    pub name: Option<String>,
    /// A description, where given.
    pub description: Option<String>,
    /// A unit, where given.
    pub unit: Option<String>,
    /// The values.
    pub values: ColumnValues,
    /// Rows without a value, ascending.
    pub no_data: Vec<u32>,
    /// What rows without a value read as, where the schema says so.
    pub default: Option<PropertyValue>,
}

impl Column {
    /// A column with nothing but an id and values.
    #[must_use]
    pub fn new(id: impl Into<String>, values: ColumnValues) -> Self {
        Self {
            id: id.into(),
            name: None,
            description: None,
            unit: None,
            values,
            no_data: Vec::new(),
            default: None,
        }
    }

    /// The value of a row; the default, or `NoData`, where the data has none.
    #[must_use]
    pub fn value(&self, row: usize) -> PropertyValue {
        let missing = u32::try_from(row).is_ok_and(|row| self.no_data.binary_search(&row).is_ok());
        if missing || row >= self.values.len() {
            return self.default.clone().unwrap_or(PropertyValue::NoData);
        }
        self.values.get(row)
    }

    /// Bytes held in main memory.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let texts = [&self.name, &self.description, &self.unit];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        let default = self.default.as_ref().map_or(0, PropertyValue::bytes);
        let rest = self.id.len() + texts + size_of_val(self.no_data.as_slice()) + size_of::<Self>();
        self.values.bytes() + default + rest as u64
    }
}
