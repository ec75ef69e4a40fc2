//! A proposed building as something to draw: an upright prism with the city's own facades, and a table that the
//! inspector reads.

use city_geo::Geodetic;
use city_scene::scenario::{Added, Building, footprint};
use city_tiles::metadata::{Column, ColumnValues, FeatureTable, PropertyTable, PropertyValue};
use city_tiles::prepared::{
    PreparedMaterial, PreparedPrimitive, PreparedTile, SurfaceClass, Topology, Vertex, snorm_normal,
};
use glam::DVec3;

/// Walls and roof where the scenario names no colour, sRGB: lighter than the city, so that a proposal is seen.
const WALL: [u8; 3] = [226, 219, 204];
const ROOF: [u8; 3] = [168, 164, 156];

/// The codes by which windows are lit, in the order of the city's own uses.
const USES: [&str; 12] = [
    "None",
    "Residential",
    "Office",
    "Retail",
    "Industrial",
    "School",
    "Hospital",
    "Hotel",
    "Government",
    "Transport",
    "Village",
    "Leisure",
];

/// The anchor of a building's frame: the middle of its outline, at its foot.
pub fn anchor(building: &Building, base_m: f64) -> Option<Geodetic> {
    let middle = footprint::centroid(&building.footprint)?;
    Some(Geodetic::from_degrees(middle.x, middle.y, base_m))
}

/// The building in the east-north-up frame of its anchor.
///
/// # Errors
/// An outline that cannot be used; in words.
pub fn mesh(id: &str, added: &Added, anchor: Geodetic) -> Result<PreparedTile, String> {
    let building = &added.building;
    let mesh = footprint::extrude(
        &building.footprint,
        anchor,
        anchor.height_m,
        building.height_m,
    )
    .map_err(|fault| fault.to_string())?;
    let use_code = USES
        .iter()
        .position(|known| known.eq_ignore_ascii_case(&building.usage))
        .unwrap_or(0) as u8;
    let vertex = |index: usize, color: [u8; 4], uv: [f32; 2]| Vertex {
        position: mesh.positions[index].map(|metres| metres as f32),
        normal: snorm_normal(DVec3::from(mesh.normals[index].map(f64::from))),
        color,
        uv,
        feature: 0,
    };
    let part = |indices: &[u32], color: [u8; 4], material: u32, facade: bool| {
        // Each part has its own vertices: walls and roof do not share corners.
        let first = indices.iter().copied().min().unwrap_or(0);
        let last = indices.iter().copied().max().map_or(first, |last| last + 1);
        let vertices = (first..last).map(|index| {
            let index = index as usize;
            let uv = if facade {
                wall_uv(&mesh.positions, index)
            } else {
                [0.0; 2]
            };
            vertex(index, color, uv)
        });
        PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: vertices.collect(),
            indices: indices.iter().map(|index| index - first).collect(),
            material,
            has_normals: true,
        }
    };
    let (walls, roof) = mesh.indices.split_at(mesh.wall_indices);
    let [wr, wg, wb] = building.wall_rgb.unwrap_or(WALL).map(linear);
    let [rr, rg, rb] = building.roof_rgb.unwrap_or(ROOF).map(linear);
    let material = |class| PreparedMaterial {
        metallic: 0.0,
        class,
        ..PreparedMaterial::default()
    };
    Ok(PreparedTile {
        primitives: vec![
            part(walls, [wr, wg, wb, use_code], 0, true),
            part(roof, [rr, rg, rb, 255], 1, false),
        ],
        materials: vec![
            material(SurfaceClass::Facade),
            material(SurfaceClass::Plain),
        ],
        features: table(id, added),
        ..PreparedTile::default()
    })
}

/// Metres along the wall and above its foot. Walls are quads: foot, foot, top, top.
fn wall_uv(positions: &[[f64; 3]], index: usize) -> [f32; 2] {
    let quad = index - index % 4;
    let (Some(a), Some(b), Some(c)) = (
        positions.get(quad),
        positions.get(quad + 1),
        positions.get(quad + 2),
    ) else {
        return [0.0; 2];
    };
    let (a, b, c) = (DVec3::from(*a), DVec3::from(*b), DVec3::from(*c));
    let (length, height) = (a.distance(b) as f32, b.distance(c) as f32);
    match index % 4 {
        0 => [0.0, 0.0],
        1 => [length, 0.0],
        2 => [length, height],
        _ => [0.0, height],
    }
}

/// An sRGB byte as a linear one, as vertex colours are.
fn linear(byte: u8) -> u8 {
    let c = f64::from(byte) / 255.0;
    let value = if c <= 0.040_45 {
        c / 12.92
    } else {
        ((c + 0.055) / 1.055).powf(2.4)
    };
    (value * 255.0).round() as u8
}

fn table(id: &str, added: &Added) -> FeatureTable {
    let building = &added.building;
    let mut columns = Vec::new();
    let mut text = |id: &str, value: &str| {
        columns.push(Column::new(
            id,
            ColumnValues::Text {
                ends: vec![value.len() as u32],
                text: value.to_owned(),
            },
        ));
    };
    text("id", id);
    if !building.name.is_empty() {
        text("name", &building.name);
    }
    text("use", &building.usage);
    if let Some(class) = building.energy_class {
        text("energy_class", class.letter());
    }
    text("operation", &added.origin);
    let mut number = |id: &str, value: f64, unit: &str| {
        let mut column = Column::new(id, ColumnValues::Any(vec![PropertyValue::F64(value)]));
        column.unit = (!unit.is_empty()).then(|| unit.to_owned());
        columns.push(column);
    };
    number("storeys", f64::from(building.storeys), "");
    number("height_m", building.height_m, "m");
    let area_m2 = footprint::area_m2(&building.footprint);
    number("footprint_m2", area_m2.round(), "m²");
    let floor_m2 = building
        .floor_area_m2
        .unwrap_or(area_m2 * f64::from(building.storeys));
    number("floor_area_m2", floor_m2.round(), "m²");
    let mut features = FeatureTable::default();
    features.tables.push(PropertyTable {
        class: "building".to_owned(),
        name: None,
        count: 1,
        columns,
    });
    features.push_block(1, Some(0), Some("proposed".to_owned()));
    features
}

#[cfg(test)]
mod tests {
    use geo_types::polygon;

    use super::*;

    fn added() -> Added {
        Added {
            building: Building {
                name: "North tower".into(),
                footprint: polygon![
                    (x: 114.17, y: 22.29), (x: 114.1703, y: 22.29),
                    (x: 114.1703, y: 22.2902), (x: 114.17, y: 22.2902),
                ],
                base_height_m: Some(6.0),
                height_m: 42.0,
                storeys: 12,
                usage: "Office".into(),
                floor_area_m2: None,
                energy_class: None,
                wall_rgb: None,
                roof_rgb: Some([255, 0, 0]),
            },
            replaces_base: false,
            origin: "op-1".into(),
        }
    }

    #[test]
    fn a_building_has_lit_facades_a_roof_and_a_row_for_the_inspector() {
        let added = added();
        let anchor = anchor(&added.building, 6.0).unwrap();
        let tile = mesh("op-1", &added, anchor).unwrap();
        assert_eq!(tile.triangles(), 4 * 2 + 2);
        let (low, high) = tile.bounds().unwrap();
        assert!((high[2] - low[2] - 42.0).abs() < 0.01);
        let walls = &tile.primitives[0];
        assert!(
            walls.vertices.iter().all(|v| v.color[3] == 2),
            "the office's code"
        );
        let highest = walls.vertices.iter().map(|v| v.uv[1]).fold(0.0, f32::max);
        assert!((highest - 42.0).abs() < 0.01);
        assert_eq!(&tile.primitives[1].vertices[0].color[..3], &[255, 0, 0]);
        let properties = tile.features.properties(0);
        let value = |id: &str| properties.iter().find(|p| p.id == id).unwrap();
        assert_eq!(value("name").value.to_string(), "North tower");
        assert_eq!(value("height_m").unit.as_deref(), Some("m"));
    }
}
