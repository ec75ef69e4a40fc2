//! Feature ID textures, property textures and property attributes of primitives: what is looked up at points.

use super::accessor::Numbers;
use super::document::{Primitive, TextureInfo};
use super::primitive::{Part, texture_coordinates};
use super::{Context, image, material};
use crate::formats::error::{Fault, limit};
use crate::metadata::{Class, ClassProperty, Column, PropertyTable, Schema, ValueFormat};
use crate::metadata::{attribute_column, find_class};
use crate::prepared::{
    FeatureTexture, ImageUse, PropertyTexture, SurfaceData, SurfacePart, SurfaceTable,
    TextureLookup, TextureProperty, Topology, id_of,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What one property costs of the budget of values, whatever its length.
const PROPERTY_VALUES: usize = 64;
/// Most labels kept of sets that nothing is drawn by.
const MAX_LABELS: usize = 64;

/// A mesh, and a primitive of it.
type Key = (usize, usize);

/// Gathers the tile's [`SurfaceTable`].
pub(super) struct Surface {
    table: SurfaceTable,
    /// Source image -> index in `table.images`, or none where it cannot be read.
    images: BTreeMap<usize, Option<u32>>,
    /// The two largest IDs of an image's channels: one of them may mean "no feature".
    largest: BTreeMap<(u32, Vec<u8>), [Option<u32>; 2]>,
    by_primitive: BTreeMap<Key, u32>,
    /// Data, texture coordinate set and transform -> index in the data's `uvs`.
    uv_sets: BTreeMap<(u32, u32, String), u32>,
    done: BTreeSet<Key>,
    /// Pixels that may still be decoded, and looked through.
    pixels: u64,
    scans: u64,
    /// Values that may still be kept.
    values: usize,
}

impl Surface {
    pub(super) fn new(context: &Context<'_>) -> Self {
        let options = context.input.options;
        Self {
            table: SurfaceTable::default(),
            images: BTreeMap::new(),
            largest: BTreeMap::new(),
            by_primitive: BTreeMap::new(),
            uv_sets: BTreeMap::new(),
            done: BTreeSet::new(),
            pixels: options.max_total_pixels,
            scans: options.max_total_pixels.saturating_mul(4),
            values: options.max_column_values,
        }
    }

    pub(super) fn finish(self, parts: Vec<SurfacePart>) -> SurfaceTable {
        SurfaceTable {
            parts,
            ..self.table
        }
    }

    pub(super) fn is_done(&self, key: Key) -> bool {
        self.done.contains(&key)
    }

    /// Keeps the label of a feature ID set that nothing is drawn by.
    pub(super) fn other_set(&mut self, label: &str) {
        let label: String = label.chars().take(200).collect();
        let known = &mut self.table.other_sets;
        if known.len() < MAX_LABELS && !known.contains(&label) {
            known.push(label);
        }
    }

    fn charge(&mut self, values: usize, place: &str) -> Result<(), Fault> {
        limit(place, "values at points", values, self.values)?;
        self.values -= values;
        Ok(())
    }

    fn data(&mut self, key: Key, vertices: usize) -> Result<u32, Fault> {
        if let Some(known) = self.by_primitive.get(&key) {
            return Ok(*known);
        }
        self.charge(vertices, "a primitive")?;
        let index = u32::try_from(self.table.data.len()).unwrap_or(u32::MAX);
        self.table.data.push(SurfaceData::default());
        self.by_primitive.insert(key, index);
        Ok(index)
    }

    /// The image, channels and coordinates of a texture reference.
    fn lookup(
        &mut self,
        context: &mut Context<'_>,
        data: u32,
        primitive: &Primitive,
        vertices: usize,
        json: &Value,
        place: &str,
    ) -> Result<TextureLookup, Fault> {
        let info: TextureInfo = serde_json::from_value(json.clone())
            .map_err(|e| Fault::invalid(place, format!("is no texture: {e}")))?;
        let channels = channels(json)
            .ok_or_else(|| Fault::invalid(place, "channels must be one to four of 0 to 3"))?;
        let document = context.document;
        let texture = document.get(&document.textures, "textures", info.index)?;
        let source = texture
            .source
            .ok_or_else(|| Fault::invalid(place, "its texture has no PNG or JPEG image"))?;
        let sampler = texture
            .sampler
            .and_then(|sampler| document.samplers.get(sampler));
        let image = self
            .image(context, source)
            .ok_or_else(|| Fault::invalid(place, "its image cannot be read"))?;
        Ok(TextureLookup {
            image,
            channels,
            uv_set: self.uv_set(context, data, primitive, vertices, &info, place)?,
            wrap_u: material::wrap(sampler.and_then(|s| s.wrap_s)),
            wrap_v: material::wrap(sampler.and_then(|s| s.wrap_t)),
        })
    }

    fn image(&mut self, context: &mut Context<'_>, source: usize) -> Option<u32> {
        if let Some(known) = self.images.get(&source) {
            return *known;
        }
        let index = match image::read(context, source, &mut self.pixels, ImageUse::default()) {
            Ok(image) => {
                self.table.images.push(image);
                u32::try_from(self.table.images.len() - 1).ok()
            }
            Err(fault) => {
                context.warnings.insert(fault.text());
                None
            }
        };
        self.images.insert(source, index);
        index
    }

    fn uv_set(
        &mut self,
        context: &Context<'_>,
        data: u32,
        primitive: &Primitive,
        vertices: usize,
        info: &TextureInfo,
        place: &str,
    ) -> Result<u32, Fault> {
        let transform = info.extensions.get("KHR_texture_transform");
        let transform = transform.map_or_else(String::new, Value::to_string);
        let key = (data, info.tex_coord, transform);
        if let Some(known) = self.uv_sets.get(&key) {
            return Ok(*known);
        }
        self.charge(vertices, place)?;
        let uvs = texture_coordinates(context, primitive, Some(info), vertices, place)?;
        if uvs.len() != vertices {
            return Err(Fault::invalid(
                place,
                "its texture coordinates do not exist",
            ));
        }
        let sets = self
            .table
            .data
            .get_mut(data as usize)
            .map(|data| &mut data.uvs);
        let sets = sets.ok_or_else(|| Fault::invalid(place, "has no data"))?;
        sets.push(uvs);
        let index = sets.len() as u32 - 1;
        self.uv_sets.insert(key, index);
        Ok(index)
    }

    /// Reads a feature ID texture; answers its lookup and one more than its largest ID.
    pub(super) fn feature_ids(
        &mut self,
        context: &mut Context<'_>,
        key: Key,
        primitive: &Primitive,
        vertices: usize,
        json: &Value,
        null: Option<u32>,
        place: &str,
    ) -> Result<(TextureLookup, u32), Fault> {
        let data = self.data(key, vertices)?;
        let lookup = self.lookup(context, data, primitive, vertices, json, place)?;
        let [first, second] = self.largest_ids(&lookup, place)?;
        let largest = if first == null { second } else { first };
        Ok((lookup, largest.map_or(0, |id| id.saturating_add(1))))
    }

    fn largest_ids(
        &mut self,
        lookup: &TextureLookup,
        place: &str,
    ) -> Result<[Option<u32>; 2], Fault> {
        let key = (lookup.image, lookup.channels.clone());
        if let Some(known) = self.largest.get(&key) {
            return Ok(*known);
        }
        let image = self.table.images.get(lookup.image as usize);
        let pixels = image
            .map(|image| image.texels.as_chunks::<4>().0)
            .unwrap_or_default();
        let left = usize::try_from(self.scans).unwrap_or(usize::MAX);
        limit(place, "pixels of feature IDs", pixels.len(), left)?;
        self.scans -= pixels.len() as u64;
        let mut largest = [None, None];
        for pixel in pixels {
            let mut bytes = [0; 4];
            for (byte, channel) in bytes.iter_mut().zip(&lookup.channels) {
                *byte = pixel.get(usize::from(*channel)).copied().unwrap_or(0);
            }
            let id = Some(id_of(&bytes));
            if id > largest[0] {
                largest = [id, largest[0]];
            } else if id < largest[0] && id > largest[1] {
                largest[1] = id;
            }
        }
        self.largest.insert(key, largest);
        Ok(largest)
    }

    /// Keeps a feature ID texture for the primitive.
    pub(super) fn set_features(&mut self, key: Key, features: FeatureTexture) {
        let data = self.by_primitive.get(&key);
        if let Some(data) = data.and_then(|data| self.table.data.get_mut(*data as usize)) {
            data.features = Some(features);
        }
    }

    /// Reads the primitive's property textures and attributes; the index of its data, where it has any.
    pub(super) fn read(
        &mut self,
        context: &mut Context<'_>,
        key: Key,
        primitive: &Primitive,
        vertices: usize,
        schema: Option<&Schema>,
    ) -> Option<u32> {
        if self.done.insert(key) {
            for (name, attributes) in [("propertyTextures", false), ("propertyAttributes", true)] {
                let used = used(context, primitive, name);
                for (index, definition) in used {
                    let place = format!("{name}[{index}]");
                    let one = One {
                        key,
                        primitive,
                        vertices,
                        definition,
                        place: &place,
                    };
                    if let Err(fault) = self.one(context, &one, schema, attributes) {
                        context.warnings.insert(fault.text());
                    }
                }
            }
        }
        self.by_primitive.get(&key).copied()
    }

    fn one(
        &mut self,
        context: &mut Context<'_>,
        one: &One<'_>,
        schema: Option<&Schema>,
        attributes: bool,
    ) -> Result<(), Fault> {
        let schema = schema.ok_or_else(|| Fault::invalid(one.place, "has no schema"))?;
        let (class_id, class) = find_class(one.definition, schema)
            .map_err(|fault| Fault::invalid(one.place, fault.to_string()))?;
        let data = self.data(one.key, one.vertices)?;
        let name = one
            .definition
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if attributes {
            let columns = self.columns(context, one, class, schema);
            let count = u32::try_from(one.vertices).unwrap_or(u32::MAX);
            let table = PropertyTable {
                class: class_id,
                name,
                count,
                columns,
            };
            self.table.data[data as usize].attributes.push(table);
        } else {
            let properties = self.texture_properties(context, one, data, class, schema);
            let texture = PropertyTexture {
                class: class_id,
                name,
                properties,
            };
            self.table.data[data as usize].textures.push(texture);
        }
        Ok(())
    }

    fn texture_properties(
        &mut self,
        context: &mut Context<'_>,
        one: &One<'_>,
        data: u32,
        class: &Class,
        schema: &Schema,
    ) -> Vec<TextureProperty> {
        let mut properties = Vec::new();
        for (id, property, stored) in one.stored(class) {
            let place = format!("{}.{id}", one.place);
            let read = self.charge(PROPERTY_VALUES, &place).and_then(|()| {
                let format = ValueFormat::new(property, stored, schema)
                    .map_err(|fault| Fault::invalid(&place, fault.to_string()))?;
                let lookup =
                    self.lookup(context, data, one.primitive, one.vertices, stored, &place)?;
                if format.value_bytes() != Some(lookup.channels.len()) {
                    let what = format!("its type does not fit {} channels", lookup.channels.len());
                    return Err(Fault::invalid(&place, what));
                }
                Ok((format, lookup))
            });
            match read {
                Ok((format, lookup)) => properties.push(TextureProperty {
                    id: id.to_owned(),
                    name: property.name.clone(),
                    description: property.description.clone(),
                    unit: property.unit.clone(),
                    format,
                    lookup,
                }),
                Err(fault) => {
                    context.warnings.insert(fault.text());
                }
            }
        }
        properties
    }

    fn columns(
        &mut self,
        context: &mut Context<'_>,
        one: &One<'_>,
        class: &Class,
        schema: &Schema,
    ) -> Vec<Column> {
        let mut columns = Vec::new();
        for (id, property, stored) in one.stored(class) {
            let place = format!("{}.{id}", one.place);
            match self.column(context, one, id, property, stored, schema, &place) {
                Ok(column) => columns.push(column),
                Err(fault) => {
                    context.warnings.insert(fault.text());
                }
            }
        }
        columns
    }

    fn column(
        &mut self,
        context: &Context<'_>,
        one: &One<'_>,
        id: &str,
        property: &ClassProperty,
        stored: &Value,
        schema: &Schema,
        place: &str,
    ) -> Result<Column, Fault> {
        let name = stored
            .get("attribute")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let accessor = one.primitive.attributes.get(name);
        let accessor = *accessor
            .ok_or_else(|| Fault::invalid(place, format!("attribute {name:?} does not exist")))?;
        let numbers = Numbers::read_any(context, accessor)?;
        if numbers.count != one.vertices {
            let what = format!("{} elements for {} vertices", numbers.count, one.vertices);
            return Err(Fault::invalid(place, what));
        }
        self.charge(PROPERTY_VALUES + numbers.count * numbers.width, place)?;
        let mut format = ValueFormat::new(property, stored, schema)
            .map_err(|fault| Fault::invalid(place, fault.to_string()))?;
        if format.width() != numbers.width || property.array {
            let what = format!("its type does not fit {} numbers a vertex", numbers.width);
            return Err(Fault::invalid(place, what));
        }
        format.normalized |= numbers.normalized;
        attribute_column(
            id,
            property,
            &format,
            numbers.packed(),
            numbers.metadata_type(),
        )
        .map_err(|fault| Fault::invalid(place, fault.to_string()))
    }

    /// The feature of each triangle, line or point by the ID texture in its middle; none where there is none.
    pub(super) fn by_texture(&self, part: &Part) -> Option<Vec<u32>> {
        let data = self.table.data.get(part.surface? as usize)?;
        let features = data.features.as_ref()?;
        let uvs = data.uvs.get(features.lookup.uv_set as usize)?;
        let feature = |corners: &[u32]| {
            let mut middle = [0.0; 2];
            for corner in corners {
                let uv = uvs.get(*corner as usize).copied().unwrap_or_default();
                let share = 1.0 / corners.len() as f32;
                middle = [middle[0] + uv[0] * share, middle[1] + uv[1] * share];
            }
            self.table.texture_feature(features, middle)
        };
        Some(
            part.indices
                .chunks_exact(corners(part.topology))
                .map(feature)
                .collect(),
        )
    }

    /// Keeps which vertex of the content each of the part's vertices is.
    pub(super) fn keep_rows(&mut self, part: &Part) {
        let data = part
            .surface
            .and_then(|data| self.table.data.get_mut(data as usize));
        if let Some(data) = data {
            data.rows.clone_from(&part.rows);
        }
    }
}

/// Indices of one triangle, line or point.
pub(super) fn corners(topology: Topology) -> usize {
    match topology {
        Topology::Triangles => 3,
        Topology::Lines => 2,
        Topology::Points => 1,
    }
}

/// A property texture or attribute, and the primitive that uses it.
struct One<'a> {
    key: Key,
    primitive: &'a Primitive,
    vertices: usize,
    definition: &'a Value,
    place: &'a str,
}

impl<'a> One<'a> {
    /// The class's properties that are stored here.
    fn stored<'b>(
        &'b self,
        class: &'b Class,
    ) -> impl Iterator<Item = (&'b str, &'b ClassProperty, &'a Value)> {
        let stored = self.definition.get("properties");
        class
            .properties
            .iter()
            .filter_map(move |(id, property)| Some((id.as_str(), property, stored?.get(id)?)))
    }
}

/// The definitions that a primitive names, each once.
fn used<'a>(
    context: &mut Context<'a>,
    primitive: &Primitive,
    name: &str,
) -> Vec<(usize, &'a Value)> {
    let extension = primitive.extensions.get("EXT_structural_metadata");
    let list = extension
        .and_then(|json| json.get(name))
        .and_then(Value::as_array);
    let all = context.document.extension("EXT_structural_metadata");
    let all = all
        .and_then(|json| json.get(name))
        .and_then(Value::as_array);
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for index in list.into_iter().flatten() {
        let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
        let definition = index.and_then(|index| all?.get(index));
        match (index, definition) {
            (Some(index), Some(definition)) if seen.insert(index) => {
                found.push((index, definition));
            }
            (Some(_), Some(_)) => {}
            _ => {
                context
                    .warnings
                    .insert(format!("a primitive names {name} that do not exist"));
            }
        }
    }
    found
}

fn channels(json: &Value) -> Option<Vec<u8>> {
    let Some(list) = json.get("channels") else {
        return Some(vec![0]);
    };
    let channel = |json: &Value| json.as_u64().filter(|c| *c < 4).map(|c| c as u8);
    let channels: Vec<u8> = list
        .as_array()?
        .iter()
        .map(channel)
        .collect::<Option<_>>()?;
    (1..=4).contains(&channels.len()).then_some(channels)
}
