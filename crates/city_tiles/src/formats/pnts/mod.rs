//! Point clouds of 3D Tiles 1.0: positions, colours, normals and features of points.
//!
//! Clauses: 3D Tiles 1.0, 10.3 "Point Cloud"; 3DTILES_draco_point_compression.

mod color;
mod draco;
mod positions;

pub(super) use positions::Positions;

use super::Input;
use super::error::{Fault, limit};
use super::extent::Extent;
use super::feature_table::{self, Component, Sections, Semantics, Values};
use super::octahedron;
use crate::metadata::FeatureTable;
use crate::prepared::{
    NO_FEATURE, PreparedMaterial, PreparedPrimitive, PreparedTile, Topology, Vertex, snorm_normal,
};
use color::Colors;
use draco::Compressed;
use glam::DVec3;

/// Whether bytes are a pnts.
#[must_use]
pub fn is_pnts(bytes: &[u8]) -> bool {
    bytes.starts_with(b"pnts")
}

/// A pnts is complete in itself.
pub(super) fn external(_: &Input<'_>) -> Result<Vec<String>, Fault> {
    Ok(Vec::new())
}

pub(super) fn decode(input: &Input<'_>) -> Result<PreparedTile, Fault> {
    let bytes = feature_table::open(input.bytes, "pnts")?;
    let sections = feature_table::cut(bytes, 28, feature_table::lengths(bytes, "pnts")?)?;
    let table = Semantics::read(&sections)?;
    let place = "feature table POINTS_LENGTH";
    let count = table
        .count("POINTS_LENGTH")?
        .ok_or_else(|| Fault::invalid(place, "is missing"))?;
    limit(place, "points", count, input.options.max_vertices)?;
    let batch_json = feature_table::batch_json(&sections)?;
    let compressed = Compressed::read(&table, &batch_json, count, input)?;
    let mut warnings = Vec::new();

    let positions = Positions::read_with(&table, count, &compressed)?;
    let mut extent = Extent::new();
    for index in 0..count {
        extent.add(positions.get(index)?);
    }
    extent.check("feature table POSITION")?;
    let origin = extent.middle();
    let colors = Colors::read(&table, count, &compressed)?;
    let normals = Normals::read(&table, count, &compressed)?;
    let points = Points {
        table: &table,
        sections: &sections,
        batch_json: &batch_json,
        compressed: &compressed,
        count,
    };
    let (features, ids) = points.features(input, &mut warnings)?;
    let mut vertices = Vec::with_capacity(count);
    for index in 0..count {
        vertices.push(Vertex {
            position: (positions.get(index)? - origin).as_vec3().to_array(),
            normal: snorm_normal(normals.as_ref().map_or(DVec3::Z, |n| n.get(index))),
            color: colors.get(index),
            uv: [0.0; 2],
            feature: ids.get(index),
        });
    }
    let transparent = vertices.iter().any(|vertex| vertex.color[3] < 255);
    let material = PreparedMaterial {
        metallic: 0.0,
        // Without normals there is nothing to light.
        unlit: normals.is_none(),
        ..colors.material(transparent)
    };
    let primitive = PreparedPrimitive {
        topology: Topology::Points,
        indices: (0..u32::try_from(count).unwrap_or(u32::MAX)).collect(),
        vertices,
        material: 0,
        has_normals: normals.is_some(),
    };
    Ok(PreparedTile {
        origin,
        primitives: if count == 0 {
            Vec::new()
        } else {
            vec![primitive]
        },
        materials: vec![material],
        features,
        warnings,
        ..PreparedTile::default()
    })
}

/// A semantic: from the compressed part, or as it stands in the feature table.
fn values<'a>(
    table: &'a Semantics<'_>,
    compressed: &'a Compressed,
    name: &str,
    count: usize,
    width: usize,
    component: Component,
) -> Result<Option<Values<'a>>, Fault> {
    match compressed.semantic(name, count, width)? {
        Some(values) => Ok(Some(values)),
        None => table.values(name, count, width, component),
    }
}

/// Unit normals, as vectors or oct-encoded.
struct Normals<'a> {
    values: Values<'a>,
    octahedral: bool,
}

impl<'a> Normals<'a> {
    fn read(
        table: &'a Semantics<'_>,
        count: usize,
        compressed: &'a Compressed,
    ) -> Result<Option<Self>, Fault> {
        let forms = [
            ("NORMAL", 3, Component::F32),
            ("NORMAL_OCT16P", 2, Component::U8),
        ];
        for (name, width, component) in forms {
            if let Some(values) = values(table, compressed, name, count, width, component)? {
                return Ok(Some(Self {
                    values,
                    octahedral: width == 2,
                }));
            }
        }
        Ok(None)
    }

    fn get(&self, point: usize) -> DVec3 {
        if self.octahedral {
            octahedron::decode(self.values.get(point, 0), self.values.get(point, 1), 255.0)
        } else {
            self.values.vector(point)
        }
    }
}

/// The parts that features are read from.
struct Points<'a> {
    table: &'a Semantics<'a>,
    sections: &'a Sections<'a>,
    batch_json: &'a serde_json::Value,
    compressed: &'a Compressed,
    count: usize,
}

/// The feature of each point.
enum Ids<'a> {
    /// Too many for the limit.
    None,
    /// Each point is its own.
    Own,
    /// BATCH_ID, of so many batches.
    Batches(Values<'a>, u32),
}

impl Ids<'_> {
    fn get(&self, point: usize) -> u32 {
        match self {
            Self::None => NO_FEATURE,
            Self::Own => u32::try_from(point).unwrap_or(NO_FEATURE),
            Self::Batches(ids, count) => {
                let id = ids.get(point, 0);
                if id >= 0.0 && id < f64::from(*count) {
                    id as u32
                } else {
                    NO_FEATURE
                }
            }
        }
    }
}

impl<'a> Points<'a> {
    /// Points are grouped by BATCH_ID; without it each is a feature, and a row of the batch table.
    fn features(
        &self,
        input: &Input<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<(FeatureTable, Ids<'a>), Fault> {
        let ids = match self.compressed.semantic("BATCH_ID", self.count, 1)? {
            Some(ids) => Some(ids),
            None => self.table.batch_ids(self.count)?,
        };
        let (rows, ids) = match ids {
            Some(ids) => {
                let rows = self.table.count("BATCH_LENGTH")?.ok_or_else(|| {
                    Fault::invalid("feature table BATCH_LENGTH", "is missing beside BATCH_ID")
                })?;
                let rows = feature_table::check_features("BATCH_LENGTH", rows, input)?;
                let ids = Ids::Batches(ids, rows);
                if (0..self.count).any(|point| ids.get(point) == NO_FEATURE) {
                    warnings.push(format!(
                        "a BATCH_ID is beyond the {rows} features of its table"
                    ));
                }
                (rows, ids)
            }
            None if self.count > input.options.max_features => {
                warnings.push("the points are too many to have features".to_owned());
                return Ok((FeatureTable::default(), Ids::None));
            }
            None => (u32::try_from(self.count).unwrap_or(0), Ids::Own),
        };
        let mut features = FeatureTable::default();
        let (json, columns) = self.compressed.properties(self.batch_json, warnings);
        let table = feature_table::properties(
            &json,
            self.sections.batch_binary,
            rows as usize,
            input,
            warnings,
        );
        let table = table.map(|mut table| {
            table.columns.extend(columns);
            features.tables.push(table);
            0
        });
        let label = match ids {
            Ids::Batches(..) => "batch",
            _ => "point",
        };
        if rows > 0
            && features
                .push_block(rows, table, Some(label.to_owned()))
                .is_none()
        {
            return Ok((FeatureTable::default(), Ids::None));
        }
        Ok((features, ids))
    }
}
