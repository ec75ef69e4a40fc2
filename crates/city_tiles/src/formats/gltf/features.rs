//! EXT_mesh_features, EXT_structural_metadata and `_BATCHID`: which feature a vertex belongs to.

use super::accessor::Numbers;
use super::buffers::resource;
use super::document::{Document, Primitive, whole};
use super::surface::Surface;
use super::{Batch, Context, Instance};
use crate::formats::bytes::json;
use crate::formats::error::Fault;
use crate::metadata::{FeatureTable, Schema, TableLimits, property_table};
use crate::prepared::{FeatureTexture, NO_FEATURE, SurfacePart, SurfaceTable};
use serde_json::Value;
use std::collections::BTreeMap;

/// The name of `_BATCHID` before 3D Tiles 1.0 was a standard.
pub(super) const BATCH_ATTRIBUTES: [&str; 2] = ["_BATCHID", "BATCHID"];

/// The tile's features, gathered primitive by primitive.
pub(super) struct Features {
    table: FeatureTable,
    /// Property table of the file -> index in `table.tables`, or none where it cannot be read.
    tables: Vec<Option<u32>>,
    /// First feature and number of features of each property table in use.
    blocks: BTreeMap<u32, (u32, u32)>,
    /// First feature and number of features by `_BATCHID`.
    batch: Option<(u32, u32)>,
    /// Whether `batch` counts instances of an i3dm, and not what vertices name.
    batch_is_of_instances: bool,
    /// Blocks of owners' own features, for meshes that several nodes use.
    own: BTreeMap<Owner, (u32, u32)>,
    /// The file's schema.
    schema: Option<Schema>,
    /// What is looked up at points.
    surface: Surface,
}

/// Whose feature IDs they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// Mesh and primitive.
    Primitive(usize, usize),
    /// A node's instances.
    Node(usize),
}

impl Features {
    /// Reads the property tables. What cannot be read is a warning: the picture is more than its labels.
    pub(super) fn read(context: &mut Context<'_>, batch: Batch) -> Self {
        let mut features = Self {
            table: FeatureTable::default(),
            tables: Vec::new(),
            blocks: BTreeMap::new(),
            batch: None,
            batch_is_of_instances: false,
            own: BTreeMap::new(),
            schema: None,
            surface: Surface::new(context),
        };
        if batch.count > 0 {
            let table = batch.table.map(|table| {
                features.table.tables.push(table);
                0
            });
            let first = features
                .table
                .push_block(batch.count, table, Some("batch".to_owned()));
            features.batch = first.map(|first| (first, batch.count));
        }
        if let Err(fault) = features.read_tables(context) {
            context.warnings.insert(fault.text());
        }
        features
    }

    /// The instances of an i3dm, with features in place of rows of its batch table.
    pub(super) fn of_copies(&mut self, mut copies: Vec<Instance>) -> Vec<Instance> {
        self.batch_is_of_instances = true;
        for copy in &mut copies {
            copy.feature = match self.batch {
                Some((first, count)) if copy.feature < count => first + copy.feature,
                _ => NO_FEATURE,
            };
        }
        copies
    }

    /// The features, and what is looked up at points of these parts.
    pub(super) fn finish(self, parts: Vec<SurfacePart>) -> (FeatureTable, SurfaceTable) {
        (self.table, self.surface.finish(parts))
    }

    /// What is looked up at points.
    pub(super) fn points(&mut self) -> &mut Surface {
        &mut self.surface
    }

    /// Reads what is looked up at points of a primitive; the index of its data, where it has any.
    pub(super) fn surface(
        &mut self,
        context: &mut Context<'_>,
        key: (usize, usize),
        primitive: &Primitive,
        vertices: usize,
    ) -> Option<u32> {
        let schema = self.schema.as_ref();
        self.surface.read(context, key, primitive, vertices, schema)
    }

    fn read_tables(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        let document = context.document;
        let Some(metadata) = document.extension("EXT_structural_metadata") else {
            return Ok(());
        };
        let lists = ["propertyTables", "propertyTextures", "propertyAttributes"];
        if lists.iter().all(|list| metadata.get(list).is_none()) {
            return Ok(());
        }
        let tables = metadata.get("propertyTables").and_then(Value::as_array);
        let tables = tables.map(Vec::as_slice).unwrap_or_default();
        let place = "extensions.EXT_structural_metadata";
        let fetched;
        let schema = match (metadata.get("schema"), schema_uri(document)) {
            (Some(schema), _) => schema,
            (None, Some(uri)) => {
                fetched = json(&resource(uri, context.input, place)?, "schema")?;
                &fetched
            }
            (None, None) => return Err(Fault::invalid(place, "has properties and no schema")),
        };
        let schema = Schema::from_json(schema)
            .map_err(|e| Fault::invalid(format!("{place}.schema"), e.to_string()))?;
        let options = context.input.options;
        let limits = TableLimits {
            rows: options.max_features,
            values: options.max_column_values,
        };
        for (index, table) in tables.iter().enumerate() {
            let mut warnings = Vec::new();
            let read = property_table(table, &schema, context.buffers, limits, &mut warnings);
            context.warnings.extend(warnings);
            self.tables.push(match read {
                Ok(table) => {
                    self.table.tables.push(table);
                    u32::try_from(self.table.tables.len() - 1).ok()
                }
                Err(fault) => {
                    context
                        .warnings
                        .insert(format!("{place}.propertyTables[{index}]: {fault}"));
                    None
                }
            });
        }
        self.schema = Some(schema);
        Ok(())
    }

    /// The feature of each of a primitive's vertices; none where it has no features.
    pub(super) fn of_primitive(
        &mut self,
        context: &mut Context<'_>,
        key: (usize, usize),
        primitive: &Primitive,
        vertices: usize,
    ) -> Option<Vec<u32>> {
        match self.by_extension(context, key, primitive, vertices) {
            Ok(Some(features)) => return Some(features),
            Ok(None) => {}
            Err(fault) => {
                context.warnings.insert(fault.text());
            }
        }
        if self.batch_is_of_instances {
            return None;
        }
        let (first, count) = self.batch?;
        let accessor = BATCH_ATTRIBUTES
            .iter()
            .find_map(|name| primitive.attributes.get(*name))?;
        match read_ids(context, *accessor, vertices) {
            Ok(ids) => Some(dense(context, &ids, first, count, None)),
            Err(fault) => {
                context.warnings.insert(fault.text());
                None
            }
        }
    }

    fn by_extension(
        &mut self,
        context: &mut Context<'_>,
        key: (usize, usize),
        primitive: &Primitive,
        vertices: usize,
    ) -> Result<Option<Vec<u32>>, Fault> {
        let Some(extension) = primitive.extensions.get("EXT_mesh_features") else {
            return Ok(None);
        };
        let sets = extension.get("featureIds").and_then(Value::as_array);
        let sets = sets.map(Vec::as_slice).unwrap_or_default();
        // One feature per vertex: the first set with properties, otherwise the first.
        let chosen = sets
            .iter()
            .position(|set| set.get("propertyTable").is_some())
            .unwrap_or(0);
        let Some(set) = sets.get(chosen) else {
            return Ok(None);
        };
        for (index, other) in sets.iter().enumerate() {
            let label = other.get("label").and_then(Value::as_str);
            if let Some(label) = label.filter(|_| index != chosen) {
                self.surface.other_set(label);
            }
        }
        let place = format!("meshes[{}].primitives[{}].EXT_mesh_features", key.0, key.1);
        if let Some(texture) = set.get("texture") {
            if !self.surface.is_done(key) {
                self.by_texture(context, key, primitive, vertices, set, texture, &place)?;
            }
            // The vertices' features follow from the triangles'.
            return Ok(Some(Vec::new()));
        }
        let ids = match set.get("attribute") {
            None => (0..u32::try_from(vertices).unwrap_or(u32::MAX)).collect(),
            Some(number) => {
                let number = number
                    .as_u64()
                    .ok_or_else(|| Fault::invalid(&place, "attribute must be a whole number"))?;
                let name = format!("_FEATURE_ID_{number}");
                let accessor = primitive.attributes.get(&name);
                let accessor = *accessor
                    .ok_or_else(|| Fault::invalid(&place, format!("{name} does not exist")))?;
                read_ids(context, accessor, vertices)?
            }
        };
        let owner = Owner::Primitive(key.0, key.1);
        self.of_set(context, &place, owner, set, &ids).map(Some)
    }

    /// The features that the IDs of a set (`featureIds[i]`) stand for.
    pub(super) fn of_set(
        &mut self,
        context: &mut Context<'_>,
        place: &str,
        owner: Owner,
        set: &Value,
        ids: &[u32],
    ) -> Result<Vec<u32>, Fault> {
        let null = null_id(set);
        let largest = ids.iter().filter(|id| Some(**id) != null).max();
        let own = largest.map_or(0, |largest| largest.saturating_add(1));
        let (first, count) = self.block(context, owner, set, own, place)?;
        Ok(dense(context, ids, first, count, null))
    }

    fn by_texture(
        &mut self,
        context: &mut Context<'_>,
        key: (usize, usize),
        primitive: &Primitive,
        vertices: usize,
        set: &Value,
        texture: &Value,
        place: &str,
    ) -> Result<(), Fault> {
        let null = null_id(set);
        let (lookup, own) = self
            .surface
            .feature_ids(context, key, primitive, vertices, texture, null, place)?;
        let (first, count) =
            self.block(context, Owner::Primitive(key.0, key.1), set, own, place)?;
        let features = FeatureTexture {
            lookup,
            first,
            count,
            null,
        };
        self.surface.set_features(key, features);
        Ok(())
    }

    /// First feature and number of features of a set: its property table's, or `own` ones without properties.
    fn block(
        &mut self,
        context: &Context<'_>,
        owner: Owner,
        set: &Value,
        own: u32,
        place: &str,
    ) -> Result<(u32, u32), Fault> {
        let label = set.get("label").and_then(Value::as_str).map(str::to_owned);
        let table = whole(set, "propertyTable").and_then(|index| *self.tables.get(index)?);
        let block = match table {
            Some(table) => self.table_block(table, label),
            None => self.own_block(context, owner, own, label),
        };
        block.ok_or_else(|| Fault::invalid(place, "has more features than the limit"))
    }

    /// The features that `_BATCHID` of a node's instances stands for.
    pub(super) fn of_batch_ids(
        &mut self,
        context: &mut Context<'_>,
        place: &str,
        node: usize,
        ids: &[u32],
    ) -> Result<Vec<u32>, Fault> {
        match self.batch {
            Some((first, count)) if !self.batch_is_of_instances => {
                Ok(dense(context, ids, first, count, None))
            }
            _ => self.of_set(context, place, Owner::Node(node), &Value::Null, ids),
        }
    }

    fn table_block(&mut self, table: u32, label: Option<String>) -> Option<(u32, u32)> {
        if let Some(block) = self.blocks.get(&table) {
            return Some(*block);
        }
        let count = self.table.tables.get(table as usize)?.count;
        let block = (self.table.push_block(count, Some(table), label)?, count);
        self.blocks.insert(table, block);
        Some(block)
    }

    fn own_block(
        &mut self,
        context: &Context<'_>,
        owner: Owner,
        count: u32,
        label: Option<String>,
    ) -> Option<(u32, u32)> {
        if let Some(block) = self.own.get(&owner) {
            return Some(*block);
        }
        let total = u64::from(self.table.len()) + u64::from(count);
        if total > context.input.options.max_features as u64 {
            return None;
        }
        let block = (self.table.push_block(count, None, label)?, count);
        self.own.insert(owner, block);
        Some(block)
    }
}

fn null_id(set: &Value) -> Option<u32> {
    whole(set, "nullFeatureId").and_then(|id| u32::try_from(id).ok())
}

/// Where the schema lies, where it lies in another file.
pub(super) fn schema_uri(document: &Document) -> Option<&str> {
    document
        .extension("EXT_structural_metadata")?
        .get("schemaUri")?
        .as_str()
}

/// A whole number for each of so many vertices or instances.
pub(super) fn read_ids(
    context: &Context<'_>,
    accessor: usize,
    vertices: usize,
) -> Result<Vec<u32>, Fault> {
    let place = format!("accessors[{accessor}]");
    let numbers = Numbers::read(context, accessor)?;
    if numbers.count != vertices || numbers.width != 1 {
        let what = format!(
            "{} feature IDs for {vertices} vertices or instances",
            numbers.count * numbers.width
        );
        return Err(Fault::invalid(place, what));
    }
    numbers
        .indices()
        .ok_or_else(|| Fault::invalid(place, "a feature ID is negative or not a whole number"))
}

fn dense(
    context: &mut Context<'_>,
    ids: &[u32],
    first: u32,
    count: u32,
    null: Option<u32>,
) -> Vec<u32> {
    let mut beyond = false;
    let features = ids
        .iter()
        .map(|id| {
            if Some(*id) == null {
                NO_FEATURE
            } else if *id < count {
                first + id
            } else {
                beyond = true;
                NO_FEATURE
            }
        })
        .collect();
    if beyond {
        context.warnings.insert(format!(
            "a feature ID is beyond the {count} features of its table"
        ));
    }
    features
}
