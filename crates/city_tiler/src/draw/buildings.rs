//! One tile of buildings, from districts of slabs to roofs with plant rooms.

use glam::{DVec2, DVec3};

use super::look::{self, FACADE, PLAIN};
use super::mesh::{Look, Mesh};
use super::solid;
use crate::city::City;
use crate::city::building::{Building, ENERGY_CLASSES, Use, Volume, Wall};
use crate::city::districts::DISTRICTS;
use crate::city::massing::FOUNDATION_M;
use crate::city::shapes::scaled;
use crate::geom;
use crate::write::{ClassDef, ColumnDef, ColumnType, EnumDef, Primitive, Schema, Table, Values};

/// From this level of detail on, lower buildings are drawn as their block's slab.
pub const SLABS_FROM: usize = 3;

/// Buildings at least this high stay separate at a level of detail, metres.
fn separate_m(lod: usize) -> f64 {
    match lod {
        0..SLABS_FROM => 0.0,
        3 => 48.0,
        4 => 105.0,
        _ => 165.0,
    }
}

/// The schema of the building contents.
#[must_use]
pub fn schema() -> Schema {
    let column = |id, name, description, kind| ColumnDef {
        id,
        name,
        description,
        unit: None,
        kind,
    };
    Schema {
        id: "belvedere_demo_city",
        classes: vec![
            ClassDef {
                id: "building",
                name: "Building",
                columns: vec![
                    column("id", "Id", "Identifier of the building", ColumnType::String),
                    column("name", "Name", "Name or address", ColumnType::String),
                    column(
                        "name_zh",
                        "Name (Chinese)",
                        "Name or address in traditional Chinese",
                        ColumnType::String,
                    ),
                    column(
                        "district",
                        "District",
                        "District that the building stands in",
                        ColumnType::String,
                    ),
                    column("use", "Use", "Main use", ColumnType::Enum("use")),
                    column(
                        "storeys",
                        "Storeys",
                        "Storeys above the ground",
                        ColumnType::U16,
                    ),
                    column(
                        "height_m",
                        "Height",
                        "From the lowest ground at the walls to the highest roof, metres",
                        ColumnType::F32,
                    )
                    .in_unit("m"),
                    column(
                        "floor_area_m2",
                        "Floor area",
                        "Floor area of all storeys, square metres",
                        ColumnType::U32,
                    )
                    .in_unit("m²"),
                    column(
                        "year_built",
                        "Year built",
                        "Year of completion",
                        ColumnType::U16,
                    ),
                    column(
                        "energy_class",
                        "Energy class",
                        "Energy class, A best to G",
                        ColumnType::Enum("energy_class"),
                    ),
                ],
            },
            ClassDef {
                id: "block",
                name: "Block",
                columns: vec![
                    column("id", "Id", "Identifier of the block", ColumnType::String),
                    column(
                        "district",
                        "District",
                        "District that the block lies in",
                        ColumnType::String,
                    ),
                    column(
                        "buildings",
                        "Buildings",
                        "Buildings that the block stands for",
                        ColumnType::U32,
                    ),
                    column(
                        "mean_height_m",
                        "Mean height",
                        "Mean height of those buildings, metres",
                        ColumnType::F32,
                    )
                    .in_unit("m"),
                ],
            },
        ],
        enums: vec![
            EnumDef {
                id: "use",
                name: "Use",
                values: Use::NAMES.to_vec(),
            },
            EnumDef {
                id: "energy_class",
                name: "Energy class",
                values: ENERGY_CLASSES.to_vec(),
            },
        ],
    }
}

fn building_table(city: &City, buildings: &[&Building]) -> Table {
    let text =
        |f: &dyn Fn(&Building) -> String| Values::String(buildings.iter().map(|b| f(b)).collect());
    let _ = city;
    Table {
        class: "building",
        name: "Buildings",
        count: buildings.len(),
        columns: vec![
            text(&Building::id),
            text(&|b| b.name.en.clone()),
            text(&|b| b.name.hant.clone()),
            text(&|b| DISTRICTS[b.district].name().en),
            Values::Enum(buildings.iter().map(|b| b.usage as u8).collect()),
            Values::U16(buildings.iter().map(|b| b.storeys).collect()),
            Values::F32(buildings.iter().map(|b| b.height_m as f32).collect()),
            Values::U32(buildings.iter().map(|b| b.floor_area_m2 as u32).collect()),
            Values::U16(buildings.iter().map(|b| b.year_built).collect()),
            Values::Enum(buildings.iter().map(|b| b.energy_class).collect()),
        ],
    }
}

/// A block's slab: what its lower buildings look like from far away.
struct Slab {
    block: u32,
    district: usize,
    buildings: u32,
    mean_height_m: f64,
    volume: Volume,
    ground_m: f64,
    rgb: [f64; 3],
}

/// The slabs of a tile's lower buildings, by block.
fn slabs(city: &City, buildings: &[&Building], lod: usize) -> Vec<Slab> {
    let least = separate_m(lod);
    let mut by_block: std::collections::BTreeMap<u32, Vec<&Building>> =
        std::collections::BTreeMap::new();
    for building in buildings {
        if building.height_m < least
            && let Some(block) = building.block
        {
            by_block.entry(block).or_default().push(building);
        }
    }
    let slab = |(id, members): (u32, Vec<&Building>)| {
        let quad = city.blocks.get(id as usize)?.quad;
        let footprint = |b: &Building| {
            b.volumes
                .first()
                .map_or(0.0, |v| geom::signed_area(&v.ring))
        };
        let area: f64 = members.iter().map(|b| footprint(b)).sum();
        let weighted = |f: &dyn Fn(&Building) -> f64| {
            members.iter().map(|b| f(b) * footprint(b)).sum::<f64>() / area.max(1.0)
        };
        let height = weighted(&|b| b.height_m);
        let ground = members
            .iter()
            .map(|b| b.ground_m)
            .fold(f64::INFINITY, f64::min);
        let share = (area / geom::signed_area(&quad).max(1.0))
            .clamp(0.15, 1.0)
            .sqrt();
        if height < 3.0 {
            return None;
        }
        Some(Slab {
            block: id,
            district: members.first()?.district,
            buildings: members.len() as u32,
            mean_height_m: height,
            volume: Volume::prism(
                scaled(&quad, share),
                ground - FOUNDATION_M,
                ground + height,
                5,
            ),
            ground_m: ground,
            rgb: [0, 1, 2].map(|c| weighted(&|b| f64::from(b.wall_rgb[c]))),
        })
    };
    by_block.into_iter().filter_map(slab).collect()
}

fn block_table(slabs: &[Slab]) -> Table {
    Table {
        class: "block",
        name: "Blocks",
        count: slabs.len(),
        columns: vec![
            Values::String(slabs.iter().map(|s| format!("K{:05}", s.block)).collect()),
            Values::String(
                slabs
                    .iter()
                    .map(|s| DISTRICTS[s.district].name().en)
                    .collect(),
            ),
            Values::U32(slabs.iter().map(|s| s.buildings).collect()),
            Values::F32(slabs.iter().map(|s| s.mean_height_m as f32).collect()),
        ],
    }
}

/// Draws one building with the volumes of a level of detail.
fn draw(
    building: &Building,
    feature: u32,
    lod: usize,
    facade: &mut Mesh<'_>,
    plain: &mut Mesh<'_>,
) {
    let wall = Look {
        color: look::bytes(building.wall_rgb, building.usage as u8),
        feature,
        ..Look::default()
    };
    let roof = Look {
        color: look::bytes(building.roof_rgb, 255),
        ..wall
    };
    let bare = Look {
        color: look::bytes(building.wall_rgb, 255),
        ..wall
    };
    for volume in &building.volumes {
        let shows = if lod >= 2 {
            volume.detail >= 2
        } else {
            usize::from(volume.detail) >= lod
        };
        if !shows {
            continue;
        }
        let simple;
        let volume = if lod >= 2 && !building.landmark && volume.ring.len() > 4 {
            let ring = building.plain_box(&volume.ring).to_vec();
            simple = Volume {
                wall: volume.wall,
                ..Volume::prism(ring, volume.base_m, volume.top_m(), volume.detail)
            };
            &simple
        } else {
            volume
        };
        match volume.wall {
            Wall::Facade => solid::walls(volume, building.ground_m, wall, facade),
            Wall::Plain => solid::walls(volume, building.ground_m, bare, plain),
            Wall::Roof => solid::walls(volume, building.ground_m, roof, plain),
        }
        let parapet = volume.parapet && lod == 0 && geom::signed_area(&volume.ring) > 60.0;
        if parapet {
            solid::parapet(volume, bare, plain);
        }
        solid::roof(
            volume,
            if parapet { solid::PARAPET_M } else { 0.0 },
            roof,
            plain,
        );
    }
}

/// The primitives and property tables of one tile of buildings; `members` are
/// those whose middle lies in it.
#[must_use]
pub fn buildings(
    city: &City,
    members: &[u32],
    lod: usize,
    origin: DVec3,
) -> (Vec<Primitive>, Vec<Table>) {
    let all: Vec<&Building> = members
        .iter()
        .filter_map(|i| city.buildings.get(*i as usize))
        .collect();
    let least = separate_m(lod);
    // Houses that stand on no block are left out where slabs stand for blocks,
    // but for the landmarks among them.
    let separate: Vec<&Building> = all
        .iter()
        .copied()
        .filter(|b| b.height_m >= least || (lod == 3 && b.block.is_none()))
        .collect();
    let slabs = slabs(city, &all, lod);
    let (mut tables, mut primitives) = (Vec::new(), Vec::new());
    let mesh = |material, table, label| {
        Mesh::new(&city.frame, origin, material).with_features(table, label)
    };
    if !separate.is_empty() {
        let table = tables.len();
        tables.push(building_table(city, &separate));
        let mut facade = mesh(FACADE, table, "building").with_uvs();
        let mut plain = mesh(PLAIN, table, "building");
        for (feature, building) in separate.iter().enumerate() {
            draw(building, feature as u32, lod, &mut facade, &mut plain);
        }
        primitives.extend([facade.finish(), plain.finish()]);
    }
    if !slabs.is_empty() {
        let table = tables.len();
        tables.push(block_table(&slabs));
        let mut facade = mesh(FACADE, table, "block").with_uvs();
        let mut plain = mesh(PLAIN, table, "block");
        for (feature, slab) in slabs.iter().enumerate() {
            let look = Look {
                color: look::rgba(slab.rgb, Use::Residential as u8),
                feature: feature as u32,
                ..Look::default()
            };
            solid::walls(&slab.volume, slab.ground_m, look, &mut facade);
            let roof = Look {
                color: look::rgba([126.0, 123.0, 118.0], 255),
                ..look
            };
            solid::roof(&slab.volume, 0.0, roof, &mut plain);
        }
        primitives.extend([facade.finish(), plain.finish()]);
    }
    (primitives, tables)
}

/// The buildings of each tile of the finest level, row by row.
#[must_use]
pub fn by_tile(city: &City) -> Vec<Vec<u32>> {
    let domain = city.terrain.domain;
    let level = domain.levels - 1;
    let side = 1_u32 << level;
    let mut tiles = vec![Vec::new(); (side as usize).pow(2)];
    for (i, building) in city.buildings.iter().enumerate() {
        let p: DVec2 = building.centre;
        if let Some((x, y)) = domain.tile_at(level, p) {
            tiles[(y * side + x) as usize].push(i as u32);
        }
    }
    tiles
}
