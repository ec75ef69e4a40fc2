//! Several contents of one tile frame as one.

use super::{NO_FEATURE, PreparedTile, SurfacePart, SurfaceTable};
use crate::metadata::{FeatureBlock, FeatureTable};
use glam::DVec3;

/// Contents that reach further than this, metres, lose millimetres in f32.
const FAR_M: f64 = 100_000.0;

impl PreparedTile {
    /// One tile of several whose frames are the same. Positions move to a common origin in f64;
    /// indices of materials, images and features are shifted; credits and warnings are told once.
    ///
    /// Features that no index is left for are lost, with a warning.
    #[must_use]
    pub fn merge(tiles: Vec<Self>) -> Self {
        if tiles.len() < 2 {
            return tiles.into_iter().next().unwrap_or_default();
        }
        let mut merged = Self {
            origin: common_origin(&tiles),
            ..Self::default()
        };
        let (low, high) = box_of(&tiles);
        let size_m = (high - low).max_element();
        for tile in tiles {
            merged.append(tile);
        }
        if size_m > FAR_M {
            let warning = format!(
                "the inner tiles are {:.0} km apart: their positions are only good to {:.3} m",
                size_m / 1000.0,
                size_m / 2.0 * f64::from(f32::EPSILON)
            );
            merged.warnings.push(warning);
        }
        merged
    }

    /// Takes in a content of the same frame; the origin stays.
    fn append(&mut self, other: Self) {
        let shift = other.origin - self.origin;
        let first_material = self.materials.len();
        let first_image = self.images.len();
        let first_primitive = self.primitives.len();
        let first_feature = append_features(&mut self.features, other.features);
        if first_feature.is_none() {
            tell(
                &mut self.warnings,
                "some features are lost: there are too many".to_owned(),
            );
        }
        for mut primitive in other.primitives {
            primitive.material = shifted(primitive.material, first_material);
            for vertex in &mut primitive.vertices {
                let position = glam::Vec3::from_array(vertex.position).as_dvec3() + shift;
                vertex.position = position.as_vec3().to_array();
                if vertex.feature != NO_FEATURE {
                    vertex.feature =
                        first_feature.map_or(NO_FEATURE, |first| first + vertex.feature);
                }
            }
            self.primitives.push(primitive);
        }
        for mut material in other.materials {
            material.base_color_image = material
                .base_color_image
                .map(|image| shifted(image, first_image));
            for map in material.maps_mut().into_iter().flatten() {
                map.image = shifted(map.image, first_image);
            }
            self.materials.push(material);
        }
        self.images.extend(other.images);
        append_surface(
            &mut self.surface,
            other.surface,
            first_primitive,
            first_feature,
        );
        for credit in other.copyright {
            tell(&mut self.copyright, credit);
        }
        for warning in other.warnings {
            tell(&mut self.warnings, warning);
        }
    }
}

/// What is looked up at points, with its images, primitives and features shifted.
fn append_surface(
    to: &mut SurfaceTable,
    from: SurfaceTable,
    first_primitive: usize,
    first_feature: Option<u32>,
) {
    let (first_image, first_data) = (to.images.len(), to.data.len());
    to.images.extend(from.images);
    for mut data in from.data {
        // Without an index of their own its features are lost.
        data.features = data.features.take().and_then(|mut features| {
            features.first = features.first.checked_add(first_feature?)?;
            Some(features)
        });
        let lookups = data
            .features
            .iter_mut()
            .map(|features| &mut features.lookup);
        let properties = data.textures.iter_mut().flat_map(|t| &mut t.properties);
        for lookup in lookups.chain(properties.map(|property| &mut property.lookup)) {
            lookup.image = shifted(lookup.image, first_image);
        }
        to.data.push(data);
    }
    to.parts
        .extend(from.parts.into_iter().map(|part| SurfacePart {
            primitive: shifted(part.primitive, first_primitive),
            data: shifted(part.data, first_data),
            ..part
        }));
    for label in from.other_sets {
        if !to.other_sets.contains(&label) {
            to.other_sets.push(label);
        }
    }
}

fn tell(texts: &mut Vec<String>, text: String) {
    if !texts.contains(&text) {
        texts.push(text);
    }
}

fn shifted(index: u32, by: usize) -> u32 {
    index.saturating_add(u32::try_from(by).unwrap_or(u32::MAX))
}

/// The first feature of the added ones, or none where indices run out; nothing is added then.
fn append_features(to: &mut FeatureTable, from: FeatureTable) -> Option<u32> {
    let first = to.len();
    first
        .checked_add(from.len())
        .filter(|end| *end < NO_FEATURE)?;
    let first_table = to.tables.len();
    to.blocks
        .extend(from.blocks.into_iter().map(|block| FeatureBlock {
            first: block.first + first,
            table: block.table.map(|table| shifted(table, first_table)),
            ..block
        }));
    to.tables.extend(from.tables);
    Some(first)
}

/// The box around all positions, in the tile's frame.
fn box_of(tiles: &[PreparedTile]) -> (DVec3, DVec3) {
    let boxes = tiles.iter().filter_map(|tile| {
        let (low, high) = tile.bounds()?;
        let corner = |corner: [f32; 3]| tile.origin + glam::Vec3::from_array(corner).as_dvec3();
        Some((corner(low), corner(high)))
    });
    boxes.fold(
        (DVec3::INFINITY, DVec3::NEG_INFINITY),
        |(low, high), (a, b)| (low.min(a), high.max(b)),
    )
}

fn common_origin(tiles: &[PreparedTile]) -> DVec3 {
    let (low, high) = box_of(tiles);
    let middle = (low + high) / 2.0;
    if middle.is_finite() {
        middle
    } else {
        DVec3::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::{Column, ColumnValues, PropertyTable, PropertyValue};
    use crate::prepared::{PreparedImage, PreparedMaterial, PreparedPrimitive, Topology, Vertex};

    /// Two points, 2 m apart around `origin`, of two features named `name`, with an image.
    fn tile(origin: DVec3, name: &str) -> PreparedTile {
        let vertex = |x: f32, feature: u32| Vertex {
            position: [x, 0.0, 0.0],
            normal: [0, 0, 127, 0],
            color: [255; 4],
            uv: [0.0; 2],
            feature,
        };
        let mut features = FeatureTable::default();
        let names = vec![format!("{name}0"), format!("{name}1")];
        let names = names.into_iter().map(PropertyValue::String).collect();
        features.tables.push(PropertyTable {
            count: 2,
            columns: vec![Column::new("name", ColumnValues::Any(names))],
            ..PropertyTable::default()
        });
        features.push_block(2, Some(0), None).unwrap();
        PreparedTile {
            origin,
            primitives: vec![PreparedPrimitive {
                topology: Topology::Points,
                vertices: vec![vertex(-1.0, 0), vertex(1.0, 1), vertex(0.0, NO_FEATURE)],
                indices: vec![0, 1, 2],
                material: 0,
                has_normals: false,
            }],
            materials: vec![PreparedMaterial {
                base_color_image: Some(0),
                ..PreparedMaterial::default()
            }],
            images: vec![PreparedImage::new(1, 1, vec![name.len() as u8; 4])],
            features,
            copyright: vec!["the city".to_owned()],
            warnings: vec!["odd".to_owned()],
            ..PreparedTile::default()
        }
    }

    #[test]
    fn everything_finds_its_place() {
        // Where f32 would be half a metre off.
        let here = DVec3::new(4_000_000.062_5, -2_000_000.0, 3_000_000.0);
        let there = here + DVec3::new(1000.0, 0.0, 0.0);
        let merged = PreparedTile::merge(vec![tile(here, "a"), tile(there, "bb")]);
        assert_eq!(merged.origin, here + DVec3::new(500.0, 0.0, 0.0));
        let x = |primitive: usize, vertex: usize| {
            let p = merged.primitives[primitive].vertices[vertex].position;
            merged.origin.x + f64::from(p[0]) - here.x
        };
        assert_eq!(
            [x(0, 0), x(0, 1), x(1, 0), x(1, 1)],
            [-1.0, 1.0, 999.0, 1001.0]
        );
        let second = &merged.primitives[1];
        assert_eq!(second.material, 1);
        assert_eq!(merged.materials[1].base_color_image, Some(1));
        assert_eq!(merged.images[1].texels[0], 2);
        assert_eq!(second.vertices[2].feature, NO_FEATURE);
        let name = merged.features.lookup(second.vertices[1].feature, "name");
        assert_eq!(name, Some(PropertyValue::String("bb1".to_owned())));
        assert_eq!(merged.copyright, ["the city"]);
        assert_eq!(merged.warnings, ["odd"]);
        let again = PreparedTile::from_bytes(&merged.to_bytes()).unwrap();
        assert_eq!(again, merged);
    }

    #[test]
    fn what_is_far_apart_is_told() {
        let there = DVec3::new(150_000.0, 0.0, 0.0);
        let merged = PreparedTile::merge(vec![tile(DVec3::ZERO, "a"), tile(there, "b")]);
        assert!(
            merged.warnings[1].contains("150 km apart"),
            "{:?}",
            merged.warnings
        );
        assert_eq!(PreparedTile::merge(Vec::new()), PreparedTile::default());
        let one = tile(there, "a");
        assert_eq!(PreparedTile::merge(vec![one.clone()]), one);
    }

    #[test]
    fn features_beyond_all_indices_are_lost_and_told() {
        let mut full = tile(DVec3::ZERO, "a");
        full.features.blocks[0].count = u32::MAX - 2;
        let merged = PreparedTile::merge(vec![full, tile(DVec3::ZERO, "b")]);
        assert_eq!(merged.primitives[1].vertices[1].feature, NO_FEATURE);
        assert!(merged.warnings.iter().any(|w| w.contains("too many")));
    }
}
