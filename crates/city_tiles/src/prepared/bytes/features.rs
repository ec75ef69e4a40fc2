//! The feature table's part of the flat buffer.

use super::PreparedError;
use super::stream::{Reader, Writer};
use crate::metadata::{
    Column, ColumnValues, FeatureBlock, FeatureTable, PropertyTable, PropertyValue, Shape,
};

/// Values and columns nest no deeper than this.
const MAX_DEPTH: usize = 8;

pub(super) fn write(out: &mut Writer, features: &FeatureTable) {
    out.list(&features.blocks, |out, block| {
        out.u32(block.first);
        out.u32(block.count);
        out.option(block.table.as_ref(), |out, table| out.u32(*table));
        out.option(block.label.as_deref(), Writer::text);
    });
    out.list(&features.tables, write_table);
}

pub(super) fn write_table(out: &mut Writer, table: &PropertyTable) {
    out.text(&table.class);
    out.option(table.name.as_deref(), Writer::text);
    out.u32(table.count);
    out.list(&table.columns, |out, column| {
        out.text(&column.id);
        out.option(column.name.as_deref(), Writer::text);
        out.option(column.description.as_deref(), Writer::text);
        out.option(column.unit.as_deref(), Writer::text);
        write_values(out, &column.values);
        out.pods(&column.no_data);
        out.option(column.default.as_ref(), write_value);
    });
}

pub(super) fn read(input: &mut Reader<'_>) -> Result<FeatureTable, PreparedError> {
    let mut next = 0_u32;
    let mut blocks = Vec::new();
    for block in input.list(10, |input| {
        Ok(FeatureBlock {
            first: input.u32()?,
            count: input.u32()?,
            table: input.option(Reader::u32)?,
            label: input.option(Reader::text)?,
        })
    })? {
        if block.first != next {
            return Err(input.fault("runs of features have gaps"));
        }
        next = next
            .checked_add(block.count)
            .filter(|next| *next < u32::MAX)
            .ok_or_else(|| input.fault("too many features"))?;
        blocks.push(block);
    }
    let tables = input.list(13, read_table)?;
    if blocks.iter().any(|block| {
        block
            .table
            .is_some_and(|table| table as usize >= tables.len())
    }) {
        return Err(input.fault("a property table does not exist"));
    }
    Ok(FeatureTable { blocks, tables })
}

pub(super) fn read_table(input: &mut Reader<'_>) -> Result<PropertyTable, PreparedError> {
    Ok(PropertyTable {
        class: input.text()?,
        name: input.option(Reader::text)?,
        count: input.u32()?,
        columns: input.list(16, read_column)?,
    })
}

fn read_column(input: &mut Reader<'_>) -> Result<Column, PreparedError> {
    let id = input.text()?;
    let name = input.option(Reader::text)?;
    let description = input.option(Reader::text)?;
    let unit = input.option(Reader::text)?;
    let values = read_values(input, 0)?;
    let no_data: Vec<u32> = input.pods()?;
    if !no_data.is_sorted() {
        return Err(input.fault("rows without data are not in order"));
    }
    let default = input.option(|input| read_value(input, 0))?;
    Ok(Column {
        id,
        name,
        description,
        unit,
        values,
        no_data,
        default,
    })
}

fn write_values(out: &mut Writer, values: &ColumnValues) {
    match values {
        ColumnValues::Bool(rows) => {
            out.u8(0);
            out.list(rows, |out, row| out.bool(*row));
        }
        ColumnValues::I64(rows) => {
            out.u8(1);
            out.pods(rows);
        }
        ColumnValues::U64(rows) => {
            out.u8(2);
            out.pods(rows);
        }
        ColumnValues::F32(rows) => {
            out.u8(3);
            out.pods(rows);
        }
        ColumnValues::F64(rows) => {
            out.u8(4);
            out.pods(rows);
        }
        ColumnValues::Text { ends, text } => {
            out.u8(5);
            out.pods(ends);
            out.text(text);
        }
        ColumnValues::Enum { codes, names } => {
            out.u8(6);
            out.pods(codes);
            write_names(out, names);
        }
        ColumnValues::List { shape, ends, items } => {
            out.u8(7);
            out.u8(match shape {
                Shape::Vector => 0,
                Shape::Matrix => 1,
                Shape::Array => 2,
            });
            out.pods(ends);
            write_values(out, items);
        }
        ColumnValues::Any(rows) => {
            out.u8(8);
            out.list(rows, write_value);
        }
    }
}

fn read_values(input: &mut Reader<'_>, depth: usize) -> Result<ColumnValues, PreparedError> {
    if depth > MAX_DEPTH {
        return Err(input.fault("values nest too deeply"));
    }
    Ok(match input.u8()? {
        0 => ColumnValues::Bool(input.list(1, Reader::bool)?),
        1 => ColumnValues::I64(input.pods()?),
        2 => ColumnValues::U64(input.pods()?),
        3 => ColumnValues::F32(input.pods()?),
        4 => ColumnValues::F64(input.pods()?),
        5 => {
            let ends: Vec<u32> = input.pods()?;
            let text = input.text()?;
            let whole = |end: &u32| text.is_char_boundary(*end as usize);
            if !ends.is_sorted() || !ends.iter().all(whole) {
                return Err(input.fault("a text's end is not in the text"));
            }
            ColumnValues::Text { ends, text }
        }
        6 => {
            let codes = input.pods()?;
            ColumnValues::Enum {
                codes,
                names: read_names(input)?,
            }
        }
        7 => {
            let shape = match input.u8()? {
                0 => Shape::Vector,
                1 => Shape::Matrix,
                2 => Shape::Array,
                _ => return Err(input.fault("unknown shape")),
            };
            let ends: Vec<u32> = input.pods()?;
            let items = read_values(input, depth + 1)?;
            let beyond = ends.last().is_some_and(|end| *end as usize > items.len());
            if beyond || !ends.is_sorted() {
                return Err(input.fault("a list's end is not in its items"));
            }
            ColumnValues::List {
                shape,
                ends,
                items: Box::new(items),
            }
        }
        8 => ColumnValues::Any(input.list(1, |input| read_value(input, 0))?),
        _ => return Err(input.fault("unknown kind of column")),
    })
}

/// An enum's numbers and names.
pub(super) fn write_names(out: &mut Writer, names: &[(i64, String)]) {
    out.list(names, |out, (code, name)| {
        out.u64(*code as u64);
        out.text(name);
    });
}

pub(super) fn read_names(input: &mut Reader<'_>) -> Result<Vec<(i64, String)>, PreparedError> {
    let names = input.list(12, |input| Ok((input.u64()? as i64, input.text()?)))?;
    if !names.is_sorted_by_key(|(code, _)| *code) {
        return Err(input.fault("an enum's names are not in order"));
    }
    Ok(names)
}

pub(super) fn write_value(out: &mut Writer, value: &PropertyValue) {
    match value {
        PropertyValue::NoData => out.u8(0),
        PropertyValue::Bool(value) => {
            out.u8(1);
            out.bool(*value);
        }
        PropertyValue::I64(value) => {
            out.u8(2);
            out.u64(*value as u64);
        }
        PropertyValue::U64(value) => {
            out.u8(3);
            out.u64(*value);
        }
        PropertyValue::F64(value) => {
            out.u8(4);
            out.f64(*value);
        }
        PropertyValue::String(text) => {
            out.u8(5);
            out.text(text);
        }
        PropertyValue::Enum(text) => {
            out.u8(6);
            out.text(text);
        }
        PropertyValue::List(items) => {
            out.u8(7);
            out.list(items, write_value);
        }
    }
}

pub(super) fn read_value(
    input: &mut Reader<'_>,
    depth: usize,
) -> Result<PropertyValue, PreparedError> {
    // JSON itself nests to 128 at most.
    if depth > 128 {
        return Err(input.fault("values nest too deeply"));
    }
    Ok(match input.u8()? {
        0 => PropertyValue::NoData,
        1 => PropertyValue::Bool(input.bool()?),
        2 => PropertyValue::I64(input.u64()? as i64),
        3 => PropertyValue::U64(input.u64()?),
        4 => PropertyValue::F64(input.f64()?),
        5 => PropertyValue::String(input.text()?),
        6 => PropertyValue::Enum(input.text()?),
        7 => PropertyValue::List(input.list(1, |input| read_value(input, depth + 1))?),
        _ => return Err(input.fault("unknown kind of value")),
    })
}
