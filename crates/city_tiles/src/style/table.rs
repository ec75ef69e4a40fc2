//! A style applied to all features of a tile.

use super::outcome::{FeatureProperties, Inputs, NoProperties, Outcome, StyleProblem};
use super::value::StyleValue;
use super::{Style, color, number};
use crate::metadata::{Column, ColumnValues, FeatureTable, PropertyTable, PropertyValue, Shape};
use std::borrow::Cow;

/// Longest JSON text of a property that is read as an object, in bytes.
const MAX_OBJECT_BYTES: usize = 64 << 10;

/// What a style makes of a tile's features. The index is the dense feature index of [`FeatureTable`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StyledFeatures {
    /// Number of features.
    pub count: u32,
    /// RGBA, sRGB, straight alpha; white where a feature keeps its own colour (the standard multiplies). Empty where
    /// the style has no `color`.
    pub colors: Vec<[u8; 4]>,
    /// A bit for each feature, the lowest of a word first; set where it is hidden. Empty where none is.
    pub hidden: Vec<u64>,
    /// Number of hidden features.
    pub hidden_count: u32,
    /// Whether the alpha of a shown feature is less than 255.
    pub translucent: bool,
    /// Diameters in pixels, where the style has `pointSize`; NaN where a feature keeps its own.
    pub point_sizes_px: Option<Vec<f32>>,
    /// What went wrong, each thing once.
    pub problems: Vec<StyleProblem>,
    /// How often something went wrong that is not in the list.
    pub problems_left_out: u64,
}

impl StyledFeatures {
    /// Whether a feature is hidden.
    #[must_use]
    pub fn is_hidden(&self, feature: u32) -> bool {
        let word = self.hidden.get(feature as usize / 64);
        word.is_some_and(|word| word >> (feature % 64) & 1 == 1)
    }

    /// A feature's colour: RGBA, sRGB, straight alpha.
    #[must_use]
    pub fn color(&self, feature: u32) -> [u8; 4] {
        self.colors
            .get(feature as usize)
            .copied()
            .unwrap_or([255; 4])
    }

    fn push(&mut self, outcome: &Outcome, style: &Style) {
        let at = self.count;
        self.count += 1;
        if style.color.is_some() {
            let bytes = outcome.color.map_or([255; 4], color::to_bytes);
            self.translucent |= outcome.show && bytes[3] < 255;
            self.colors.push(bytes);
        }
        if let Some(sizes) = &mut self.point_sizes_px {
            sizes.push(outcome.point_size_px.unwrap_or(f32::NAN));
        }
        if !outcome.show {
            let word = at as usize / 64;
            if self.hidden.len() <= word {
                self.hidden.resize(word + 1, 0);
            }
            if let Some(word) = self.hidden.get_mut(word) {
                *word |= 1 << (at % 64);
            }
            self.hidden_count += 1;
        }
    }
}

pub(super) fn evaluate_table(
    style: &Style,
    features: &FeatureTable,
    inputs: &Inputs,
) -> StyledFeatures {
    let count = features.len() as usize;
    let mut styled = StyledFeatures {
        colors: Vec::with_capacity(if style.color.is_some() { count } else { 0 }),
        point_sizes_px: style
            .point_size
            .is_some()
            .then(|| Vec::with_capacity(count)),
        ..StyledFeatures::default()
    };
    let mut evaluator = style.evaluator(inputs);
    for block in &features.blocks {
        let table = block
            .table
            .and_then(|table| features.tables.get(table as usize));
        let rows = table.map_or(0, |table| table.count.min(block.count));
        if let Some(table) = table {
            let columns = bind(style, table);
            for row in 0..rows {
                let feature = Row {
                    table,
                    columns: &columns,
                    row: row as usize,
                };
                let outcome = evaluator.evaluate(styled.count, &feature);
                styled.push(&outcome, style);
            }
        }
        // Features without properties all look the same.
        if rows < block.count {
            let outcome = evaluator.evaluate(styled.count, &NoProperties);
            for _ in rows..block.count {
                styled.push(&outcome, style);
            }
        }
    }
    (styled.problems, styled.problems_left_out) = evaluator.into_problems();
    styled
}

/// The same for some of the features: the index of the result is the place in `which`.
pub(super) fn evaluate_some(
    style: &Style,
    features: &FeatureTable,
    which: &[u32],
    inputs: &Inputs,
) -> StyledFeatures {
    let mut styled = StyledFeatures {
        point_sizes_px: style.point_size.is_some().then(Vec::new),
        ..StyledFeatures::default()
    };
    let mut evaluator = style.evaluator(inputs);
    // Features come in runs of one table.
    let mut bound: Option<(*const PropertyTable, Vec<Option<Bound>>)> = None;
    for feature in which {
        let outcome = match features.row(*feature) {
            Some((table, row)) => {
                let columns = match bound.take() {
                    Some((of, columns)) if std::ptr::eq(of, table) => columns,
                    _ => bind(style, table),
                };
                let properties = Row {
                    table,
                    columns: &columns,
                    row,
                };
                let outcome = evaluator.evaluate(*feature, &properties);
                bound = Some((std::ptr::from_ref(table), columns));
                outcome
            }
            None => evaluator.evaluate(*feature, &NoProperties),
        };
        styled.push(&outcome, style);
    }
    (styled.problems, styled.problems_left_out) = evaluator.into_problems();
    styled
}

/// A slot's column.
struct Bound<'t> {
    column: &'t Column,
    /// Whether JSON texts are read as objects, because members are asked for.
    objects: bool,
}

/// The column of each slot: by its id, else by its name for people, as [`FeatureTable::lookup`] finds it.
fn bind<'t>(style: &Style, table: &'t PropertyTable) -> Vec<Option<Bound<'t>>> {
    let slots = style.slots.names.iter().zip(&style.slots.members);
    slots
        .map(|(name, objects)| {
            let id = table.columns.iter().find(|column| *column.id == **name);
            let column = id.or_else(|| {
                let mut columns = table.columns.iter();
                columns.find(|column| column.name.as_deref() == Some(&**name))
            })?;
            Some(Bound {
                column,
                objects: *objects,
            })
        })
        .collect()
}

struct Row<'t, 'r> {
    table: &'t PropertyTable,
    columns: &'r [Option<Bound<'t>>],
    row: usize,
}

impl<'t> FeatureProperties<'t> for Row<'t, '_> {
    fn property(&self, slot: usize) -> StyleValue<'t> {
        match self.columns.get(slot) {
            Some(Some(bound)) => column_value(bound.column, self.row, bound.objects),
            _ => StyleValue::Undefined,
        }
    }

    fn class_name(&self) -> Option<&'t str> {
        Some(self.table.class.as_str()).filter(|name| !name.is_empty())
    }
}

/// The value of a row: `undefined` where the schema says that there is none, `null` where JSON says null.
fn column_value(column: &Column, row: usize, objects: bool) -> StyleValue<'_> {
    let missing = !column.no_data.is_empty()
        && u32::try_from(row).is_ok_and(|row| column.no_data.binary_search(&row).is_ok());
    if missing || row >= column.values.len() {
        let default = column.default.as_ref();
        return default.map_or(StyleValue::Undefined, |value| from_property(value, objects));
    }
    match &column.values {
        ColumnValues::Text { ends, text } => {
            let text = range(ends, row).and_then(|range| text.get(range));
            text.map_or(StyleValue::Undefined, |text| from_text(text, objects))
        }
        ColumnValues::List { shape, ends, items } => {
            let range = range(ends, row).unwrap_or(0..0);
            list(*shape, items, range, objects)
        }
        values => scalar(values, row, objects),
    }
}

/// A single value of a column.
fn scalar(values: &ColumnValues, row: usize, objects: bool) -> StyleValue<'_> {
    let value = match values {
        ColumnValues::Bool(rows) => rows.get(row).copied().map(StyleValue::Boolean),
        ColumnValues::I64(rows) => rows.get(row).map(|v| StyleValue::Number(*v as f64)),
        ColumnValues::U64(rows) => rows.get(row).map(|v| StyleValue::Number(*v as f64)),
        ColumnValues::F32(rows) => rows
            .get(row)
            .map(|v| StyleValue::Number(number::shortest(*v))),
        ColumnValues::F64(rows) => rows.get(row).copied().map(StyleValue::Number),
        ColumnValues::Enum { codes, names } => codes.get(row).map(|code| {
            let found = names.binary_search_by_key(code, |(known, _)| *known);
            StyleValue::String(match found.ok().and_then(|at| names.get(at)) {
                Some((_, name)) => Cow::Borrowed(name.as_str()),
                None => Cow::Owned(code.to_string()),
            })
        }),
        ColumnValues::Any(rows) => rows.get(row).map(|value| from_property(value, objects)),
        ColumnValues::Text { ends, text } => range(ends, row)
            .and_then(|range| text.get(range))
            .map(|text| from_text(text, objects)),
        // Lists of lists do not occur: PropertyValue has them, columns do not.
        ColumnValues::List { .. } => {
            Some(values.get(row)).map(|value| from_property(&value, objects).into_owned())
        }
    };
    value.unwrap_or(StyleValue::Undefined)
}

fn list(
    shape: Shape,
    items: &ColumnValues,
    range: std::ops::Range<usize>,
    objects: bool,
) -> StyleValue<'_> {
    let number = |at: usize| match scalar(items, at, false) {
        StyleValue::Number(value) => value,
        _ => f64::NAN,
    };
    let start = range.start;
    match (shape, range.len()) {
        (Shape::Vector, 2) => StyleValue::Vec2(std::array::from_fn(|i| number(start + i))),
        (Shape::Vector, 3) => StyleValue::Vec3(std::array::from_fn(|i| number(start + i))),
        (Shape::Vector, 4) => StyleValue::Vec4(std::array::from_fn(|i| number(start + i))),
        _ => StyleValue::Array(range.map(|at| scalar(items, at, objects)).collect()),
    }
}

fn from_property(value: &PropertyValue, objects: bool) -> StyleValue<'_> {
    match value {
        PropertyValue::NoData => StyleValue::Null,
        PropertyValue::Bool(value) => StyleValue::Boolean(*value),
        PropertyValue::I64(value) => StyleValue::Number(*value as f64),
        PropertyValue::U64(value) => StyleValue::Number(*value as f64),
        PropertyValue::F64(value) => StyleValue::Number(*value),
        PropertyValue::String(text) => from_text(text, objects),
        PropertyValue::Enum(name) => StyleValue::from(name.as_str()),
        PropertyValue::List(items) => StyleValue::Array(
            items
                .iter()
                .map(|item| from_property(item, objects))
                .collect(),
        ),
    }
}

/// Text; an object where it is one in JSON and members are asked for. Batch tables keep objects as their JSON text.
fn from_text(text: &str, objects: bool) -> StyleValue<'_> {
    if objects
        && text.starts_with('{')
        && text.len() <= MAX_OBJECT_BYTES
        && let Ok(json @ serde_json::Value::Object(_)) = serde_json::from_str(text)
    {
        return StyleValue::from_json(&json);
    }
    StyleValue::from(text)
}

fn range(ends: &[u32], row: usize) -> Option<std::ops::Range<usize>> {
    let end = *ends.get(row)? as usize;
    let start = match row.checked_sub(1) {
        Some(before) => *ends.get(before)? as usize,
        None => 0,
    };
    (start <= end).then_some(start..end)
}
