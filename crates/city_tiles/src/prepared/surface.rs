//! What is known of single points of a tile's surfaces, beside what whole features have: feature ID textures
//! (EXT_mesh_features), property textures and property attributes (EXT_structural_metadata).
//!
//! A picked point is named by its primitive, by the indices of the vertices around it and by their weights
//! (barycentric coordinates; 1, 0, 0 for a vertex). Colours and pictures need nothing of this: they go by
//! [`Vertex::feature`](super::Vertex::feature).

use super::{NO_FEATURE, PreparedImage, PreparedTile, Wrap};
use crate::metadata::{Column, Property, PropertyTable, PropertyValue, ValueFormat};

/// Bytes of an image that a value is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct TextureLookup {
    /// Index into [`SurfaceTable::images`].
    pub image: u32,
    /// Which of red, green, blue and alpha (0 to 3), the least significant byte first.
    pub channels: Vec<u8>,
    /// Index into [`SurfaceData::uvs`].
    pub uv_set: u32,
    /// Outside 0..1 in u.
    pub wrap_u: Wrap,
    /// Outside 0..1 in v.
    pub wrap_v: Wrap,
}

/// A feature ID texture.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureTexture {
    /// The IDs.
    pub lookup: TextureLookup,
    /// The tile's feature that ID 0 is.
    pub first: u32,
    /// Number of features; a larger ID is none.
    pub count: u32,
    /// The ID that means "no feature".
    pub null: Option<u32>,
}

/// A property of a property texture.
#[derive(Debug, Clone, PartialEq)]
pub struct TextureProperty {
    /// The schema's id of the property.
    pub id: String,
    /// A name for people, where given.
    pub name: Option<String>,
    /// A description, where given.
    pub description: Option<String>,
    /// A unit, where given.
    pub unit: Option<String>,
    /// How a texel's bytes are read.
    pub format: ValueFormat,
    /// Where they are.
    pub lookup: TextureLookup,
}

/// A property texture.
#[derive(Debug, Clone, PartialEq)]
pub struct PropertyTexture {
    /// The schema's class.
    pub class: String,
    /// A name for people, where given.
    pub name: Option<String>,
    /// The properties.
    pub properties: Vec<TextureProperty>,
}

/// The data of one primitive of the content, which may stand in several places. A *row* is a vertex of the content.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SurfaceData {
    /// The row of each vertex: vertices are split where neighbouring triangles differ.
    pub rows: Vec<u32>,
    /// Texture coordinates by row, `KHR_texture_transform` applied, for each set that is looked up with.
    pub uvs: Vec<Vec<[f32; 2]>>,
    /// The feature ID texture.
    pub features: Option<FeatureTexture>,
    /// The property textures.
    pub textures: Vec<PropertyTexture>,
    /// The property attributes, by row.
    pub attributes: Vec<PropertyTable>,
}

/// Where a [`SurfaceData`] stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SurfacePart {
    /// Index into [`PreparedTile::primitives`].
    pub primitive: u32,
    /// The first of its vertices there; vertex `first_vertex + i` is vertex `i` of the data.
    pub first_vertex: u32,
    /// Index into [`SurfaceTable::data`].
    pub data: u32,
}

/// The properties of one class at a point.
#[derive(Debug, Clone, PartialEq)]
pub struct PointProperties {
    /// The schema's class.
    pub class: String,
    /// The texture's or attribute's name, where it has one.
    pub name: Option<String>,
    /// The properties.
    pub properties: Vec<Property>,
}

/// What is looked up at points of a tile's surfaces.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SurfaceTable {
    /// Images that hold data and no colours.
    pub images: Vec<PreparedImage>,
    /// The data.
    pub data: Vec<SurfaceData>,
    /// Where the data stand, ascending by primitive and first vertex.
    pub parts: Vec<SurfacePart>,
    /// Labels of feature ID sets that nothing is drawn by: a vertex belongs to one feature.
    pub other_sets: Vec<String>,
}

/// A point by the vertices around it, as rows of some data.
struct Point<'a> {
    data: &'a SurfaceData,
    rows: [usize; 3],
    weights: [f32; 3],
}

impl SurfaceTable {
    /// Whether there is nothing to look up.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The feature at a point, by a feature ID texture; none where the point has no such texture, and the vertices'
    /// own feature holds.
    #[must_use]
    pub fn feature(&self, primitive: u32, corners: [u32; 3], weights: [f32; 3]) -> Option<u32> {
        let point = self.point(primitive, corners, weights)?;
        let features = point.data.features.as_ref()?;
        Some(self.texture_feature(features, point.uv(features.lookup.uv_set)?))
    }

    /// The feature of an ID texture at these coordinates.
    pub(crate) fn texture_feature(&self, features: &FeatureTexture, uv: [f32; 2]) -> u32 {
        let Some((bytes, length)) = self.texel(&features.lookup, uv) else {
            return NO_FEATURE;
        };
        let id = id_of(bytes.get(..length).unwrap_or_default());
        if Some(id) == features.null || id >= features.count {
            return NO_FEATURE;
        }
        features.first.checked_add(id).unwrap_or(NO_FEATURE)
    }

    /// The properties at a point: of property textures at its coordinates, of property attributes at the nearest
    /// vertex.
    #[must_use]
    pub fn properties(
        &self,
        primitive: u32,
        corners: [u32; 3],
        weights: [f32; 3],
    ) -> Vec<PointProperties> {
        let Some(point) = self.point(primitive, corners, weights) else {
            return Vec::new();
        };
        let textures = point.data.textures.iter().map(|texture| PointProperties {
            class: texture.class.clone(),
            name: texture.name.clone(),
            properties: texture
                .properties
                .iter()
                .map(|p| self.at_texel(p, &point))
                .collect(),
        });
        let row = point.nearest();
        let attributes = point.data.attributes.iter().map(|table| PointProperties {
            class: table.class.clone(),
            name: table.name.clone(),
            properties: table
                .columns
                .iter()
                .map(|column| at_row(column, row))
                .collect(),
        });
        textures.chain(attributes).collect()
    }

    fn at_texel(&self, property: &TextureProperty, point: &Point<'_>) -> Property {
        let texel = point
            .uv(property.lookup.uv_set)
            .and_then(|uv| self.texel(&property.lookup, uv));
        let value = match &texel {
            Some((bytes, length)) => property
                .format
                .value(bytes.get(..*length).unwrap_or_default()),
            None => PropertyValue::NoData,
        };
        Property {
            id: property.id.clone(),
            name: property.name.clone().unwrap_or_else(|| property.id.clone()),
            value,
            unit: property.unit.clone(),
            description: property.description.clone(),
        }
    }

    fn point(&self, primitive: u32, corners: [u32; 3], weights: [f32; 3]) -> Option<Point<'_>> {
        let first = *corners.iter().min()?;
        let after = self
            .parts
            .partition_point(|part| (part.primitive, part.first_vertex) <= (primitive, first));
        let part = self.parts.get(after.checked_sub(1)?)?;
        let data = self.data.get(part.data as usize)?;
        let row = |corner: u32| {
            let vertex = corner.checked_sub(part.first_vertex)?;
            data.rows.get(vertex as usize).map(|row| *row as usize)
        };
        (part.primitive == primitive).then_some(())?;
        let rows = [row(corners[0])?, row(corners[1])?, row(corners[2])?];
        Some(Point {
            data,
            rows,
            weights,
        })
    }

    /// The bytes at these coordinates: the nearest texel, as both extensions ask for.
    fn texel(&self, lookup: &TextureLookup, uv: [f32; 2]) -> Option<([u8; 4], usize)> {
        let image = self.images.get(lookup.image as usize)?;
        let x = place(uv[0], lookup.wrap_u, image.width);
        let y = place(uv[1], lookup.wrap_v, image.height);
        let at = (y as usize * image.width as usize + x as usize).checked_mul(4)?;
        let pixel = image.texels.get(at..at + 4)?;
        let mut bytes = [0; 4];
        for (byte, channel) in bytes.iter_mut().zip(&lookup.channels) {
            *byte = *pixel.get(usize::from(*channel))?;
        }
        Some((bytes, lookup.channels.len().min(4)))
    }

    /// Bytes held in main memory.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let images: u64 = self.images.iter().map(PreparedImage::bytes).sum();
        let data: usize = self.data.iter().map(SurfaceData::bytes).sum();
        images + (data + size_of_val(self.parts.as_slice())) as u64
    }
}

impl SurfaceData {
    fn bytes(&self) -> usize {
        let uvs: usize = self.uvs.iter().map(|set| size_of_val(set.as_slice())).sum();
        let textures: usize = self
            .textures
            .iter()
            .map(|texture| texture.properties.len() * (size_of::<TextureProperty>() + 64))
            .sum();
        let columns = self.attributes.iter().flat_map(|table| &table.columns);
        let columns: u64 = columns.map(Column::bytes).sum();
        size_of_val(self.rows.as_slice()) + uvs + textures + columns as usize + size_of::<Self>()
    }
}

impl Point<'_> {
    fn uv(&self, set: u32) -> Option<[f32; 2]> {
        let set = self.data.uvs.get(set as usize)?;
        let mut at = [0.0; 2];
        for (row, weight) in self.rows.iter().zip(self.weights) {
            let uv = set.get(*row)?;
            at = [at[0] + uv[0] * weight, at[1] + uv[1] * weight];
        }
        Some(at)
    }

    fn nearest(&self) -> usize {
        let (mut row, mut most) = (self.rows[0], self.weights[0]);
        for (other, weight) in self.rows.iter().zip(self.weights) {
            if weight > most {
                (row, most) = (*other, weight);
            }
        }
        row
    }
}

/// The number that bytes are, the least significant first.
pub(crate) fn id_of(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |id, byte| id << 8 | u32::from(*byte))
}

/// The pixel that a coordinate falls into.
fn place(coordinate: f32, wrap: Wrap, pixels: u32) -> u32 {
    let inside = match wrap {
        Wrap::Clamp => coordinate.clamp(0.0, 1.0),
        Wrap::Repeat => coordinate - coordinate.floor(),
        Wrap::Mirror => {
            let twice = coordinate.rem_euclid(2.0);
            if twice > 1.0 { 2.0 - twice } else { twice }
        }
    };
    // NaN becomes 0; the last pixel also has 1.
    ((f64::from(inside) * f64::from(pixels)) as u32).min(pixels.saturating_sub(1))
}

fn at_row(column: &Column, row: usize) -> Property {
    Property {
        id: column.id.clone(),
        name: column.name.clone().unwrap_or_else(|| column.id.clone()),
        value: column.value(row),
        unit: column.unit.clone(),
        description: column.description.clone(),
    }
}

impl PreparedTile {
    /// The feature at a point of a primitive, or [`NO_FEATURE`]: by a feature ID texture where there is one,
    /// otherwise the feature of the vertex with the most weight.
    #[must_use]
    pub fn feature_at(&self, primitive: u32, corners: [u32; 3], weights: [f32; 3]) -> u32 {
        if let Some(feature) = self.surface.feature(primitive, corners, weights) {
            return feature;
        }
        let nearest = (0..3)
            .max_by(|a, b| weights[*a].total_cmp(&weights[*b]))
            .unwrap_or(0);
        let vertices = self.primitives.get(primitive as usize).map(|p| &p.vertices);
        let vertex = vertices.and_then(|vertices| vertices.get(corners[nearest] as usize));
        vertex.map_or(NO_FEATURE, |vertex| vertex.feature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_wrap_as_the_sampler_says() {
        for (coordinate, wrap, pixel) in [
            (0.0, Wrap::Clamp, 0),
            (1.0, Wrap::Clamp, 3),
            (-5.0, Wrap::Clamp, 0),
            (1.0, Wrap::Repeat, 0),
            (1.3, Wrap::Repeat, 1),
            (-0.1, Wrap::Repeat, 3),
            (1.1, Wrap::Mirror, 3),
            (-0.1, Wrap::Mirror, 0),
            (f32::NAN, Wrap::Repeat, 0),
            (f32::INFINITY, Wrap::Mirror, 0),
            (-1e-9, Wrap::Repeat, 3),
        ] {
            assert_eq!(place(coordinate, wrap, 4), pixel, "{coordinate} {wrap:?}");
        }
    }
}
