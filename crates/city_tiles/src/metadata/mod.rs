//! What the features of a tile are: dense feature indices, and property tables behind them.
//!
//! Every vertex names its feature by a dense index of its tile. [`FeatureTable`] turns the index
//! into a row of a property table (EXT_structural_metadata, or a b3dm batch table), and the row
//! into named, typed values with units.

mod batch_table;
mod column;
mod format;
mod gathered;
pub mod join;
mod schema;
mod structural;
mod value;

pub use batch_table::{BatchTableFault, batch_table};
pub use column::{Column, ColumnValues, Shape};
pub use format::ValueFormat;
pub use gathered::{Gathered, GatheredColumn, Total};
pub use schema::{Class, ClassProperty, ComponentType, ElementType, EnumType, Schema, SchemaFault};
pub use structural::{TableLimits, TableSource, property_table};
pub(crate) use structural::{attribute_column, find_class};
pub use value::PropertyValue;

/// A run of dense feature indices that share one property table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FeatureBlock {
    /// First feature index of the run.
    pub first: u32,
    /// Number of features in the run; feature `first + i` is row `i` of the table.
    pub count: u32,
    /// Index into [`FeatureTable::tables`], where the features have properties.
    pub table: Option<u32>,
    /// The feature ID set's label, where it has one.
    pub label: Option<String>,
}

/// Columns of properties, one row per feature.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PropertyTable {
    /// The schema's class.
    pub class: String,
    /// A name for people, where given.
    pub name: Option<String>,
    /// Number of rows.
    pub count: u32,
    /// The columns.
    pub columns: Vec<Column>,
}

/// One property of one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// The schema's id of the property.
    pub id: String,
    /// A name for people; the id where the schema gives none.
    pub name: String,
    /// The value.
    pub value: PropertyValue,
    /// The unit, where the schema names one.
    pub unit: Option<String>,
    /// A description, where the schema gives one.
    pub description: Option<String>,
}

/// The features of a tile and their properties.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FeatureTable {
    /// Runs of features, in ascending order of `first`, without gaps.
    pub blocks: Vec<FeatureBlock>,
    /// Property tables.
    pub tables: Vec<PropertyTable>,
}

impl FeatureTable {
    /// Number of features of the tile.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.blocks
            .last()
            .map_or(0, |block| block.first.saturating_add(block.count))
    }

    /// Whether the tile has no features.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a run of features at the end and returns its first index, or none where indices run out.
    pub fn push_block(
        &mut self,
        count: u32,
        table: Option<u32>,
        label: Option<String>,
    ) -> Option<u32> {
        let first = self.len();
        // The last index is NO_FEATURE.
        if first.checked_add(count)? == u32::MAX {
            return None;
        }
        self.blocks.push(FeatureBlock {
            first,
            count,
            table,
            label,
        });
        Some(first)
    }

    /// The run that a feature belongs to, and its place (row) in it.
    #[must_use]
    pub fn block(&self, feature: u32) -> Option<(&FeatureBlock, u32)> {
        let after = self.blocks.partition_point(|block| block.first <= feature);
        // Empty runs share their `first` with the run that follows, so walk back over them.
        self.blocks[..after]
            .iter()
            .rev()
            .map(|block| (block, feature - block.first))
            .find(|(block, row)| *row < block.count)
    }

    /// The table and the row with a feature's properties; none where it has none.
    #[must_use]
    pub fn row(&self, feature: u32) -> Option<(&PropertyTable, usize)> {
        let (block, row) = self.block(feature)?;
        let table = self.tables.get(block.table? as usize)?;
        (row < table.count).then_some((table, row as usize))
    }

    /// All properties of a feature, in the schema's order; empty where it has none.
    #[must_use]
    pub fn properties(&self, feature: u32) -> Vec<Property> {
        let Some((table, row)) = self.row(feature) else {
            return Vec::new();
        };
        table
            .columns
            .iter()
            .map(|column| Property {
                id: column.id.clone(),
                name: column.name.clone().unwrap_or_else(|| column.id.clone()),
                value: column.value(row),
                unit: column.unit.clone(),
                description: column.description.clone(),
            })
            .collect()
    }

    /// One property of a feature, by its id or its name.
    #[must_use]
    pub fn lookup(&self, feature: u32, name: &str) -> Option<PropertyValue> {
        let (table, row) = self.row(feature)?;
        table
            .columns
            .iter()
            .find(|column| column.id == name)
            .or_else(|| {
                table
                    .columns
                    .iter()
                    .find(|column| column.name.as_deref() == Some(name))
            })
            .map(|column| column.value(row))
    }

    /// Bytes held in main memory.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let blocks = self.blocks.len() * size_of::<FeatureBlock>();
        let columns: u64 = self
            .tables
            .iter()
            .flat_map(|table| &table.columns)
            .map(Column::bytes)
            .sum();
        columns + (blocks + self.tables.len() * size_of::<PropertyTable>()) as u64
    }
}
