//! The flat buffer between worker and page: what goes in comes out, and nothing else does.

use city_tiles::metadata::{
    Column, ColumnValues, FeatureBlock, FeatureTable, PropertyTable, PropertyValue, Shape,
};
use city_tiles::prepared::{
    AlphaMode, NO_FEATURE, PreparedImage, PreparedMaterial, PreparedPrimitive, PreparedTile,
    SurfaceClass, Topology, Vertex, Wrap,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn vertex() -> impl Strategy<Value = Vertex> {
    (
        prop::array::uniform3(-1e6_f32..1e6),
        any::<[i8; 4]>(),
        any::<[u8; 4]>(),
        prop::array::uniform2(-9_f32..9.0),
        any::<u32>(),
    )
        .prop_map(|(position, normal, color, uv, feature)| Vertex {
            position,
            normal,
            color,
            uv,
            feature,
        })
}

fn primitive() -> impl Strategy<Value = PreparedPrimitive> {
    let topology = prop_oneof![
        Just((Topology::Triangles, 3)),
        Just((Topology::Lines, 2)),
        Just((Topology::Points, 1))
    ];
    (
        topology,
        vec(vertex(), 1..20),
        any::<bool>(),
        vec(any::<u32>(), 0..30),
    )
        .prop_map(|((topology, per), vertices, has_normals, mut indices)| {
            let count = vertices.len() as u32;
            indices.truncate(indices.len() / per * per);
            indices.iter_mut().for_each(|index| *index %= count);
            PreparedPrimitive {
                topology,
                vertices,
                indices,
                material: 0,
                has_normals,
            }
        })
}

fn value() -> impl Strategy<Value = PropertyValue> {
    let leaf = prop_oneof![
        Just(PropertyValue::NoData),
        any::<bool>().prop_map(PropertyValue::Bool),
        any::<i64>().prop_map(PropertyValue::I64),
        any::<u64>().prop_map(PropertyValue::U64),
        (-1e300_f64..1e300).prop_map(PropertyValue::F64),
        ".*".prop_map(PropertyValue::String),
        ".*".prop_map(PropertyValue::Enum),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        vec(inner, 0..4).prop_map(PropertyValue::List)
    })
}

fn values() -> impl Strategy<Value = ColumnValues> {
    let texts = vec(".{0,5}", 0..6).prop_map(|rows| {
        let text = rows.concat();
        let ends = rows.iter().scan(0, |end, row| {
            *end += row.len() as u32;
            Some(*end)
        });
        ColumnValues::Text {
            ends: ends.collect(),
            text,
        }
    });
    let enums = (
        vec(any::<i64>(), 0..6),
        prop::collection::btree_map(any::<i64>(), ".{0,5}", 0..4),
    )
        .prop_map(|(codes, names)| ColumnValues::Enum {
            codes,
            names: names.into_iter().collect(),
        });
    let leaf = prop_oneof![
        vec(any::<bool>(), 0..9).prop_map(ColumnValues::Bool),
        vec(any::<i64>(), 0..9).prop_map(ColumnValues::I64),
        vec(any::<u64>(), 0..9).prop_map(ColumnValues::U64),
        vec(-1e9_f32..1e9, 0..9).prop_map(ColumnValues::F32),
        vec(-1e9_f64..1e9, 0..9).prop_map(ColumnValues::F64),
        vec(value(), 0..5).prop_map(ColumnValues::Any),
        texts,
        enums,
    ];
    leaf.prop_recursive(2, 8, 2, |inner| {
        (
            inner,
            prop_oneof![Just(Shape::Vector), Just(Shape::Matrix), Just(Shape::Array)],
            vec(any::<u32>(), 0..5),
        )
            .prop_map(|(items, shape, mut ends)| {
                let limit = items.len() as u32 + 1;
                ends.iter_mut().for_each(|end| *end %= limit);
                ends.sort_unstable();
                ColumnValues::List {
                    shape,
                    ends,
                    items: Box::new(items),
                }
            })
    })
}

prop_compose! {
    fn column()(id in ".{0,8}", texts in prop::array::uniform3(prop::option::of(".{0,8}")), values in values(),
                mut no_data in vec(any::<u32>(), 0..4), default in prop::option::of(value())) -> Column {
        no_data.sort_unstable();
        let [name, description, unit] = texts;
        Column { id, name, description, unit, values, no_data, default }
    }
}

fn features() -> impl Strategy<Value = FeatureTable> {
    let tables = vec((".{0,8}", any::<u16>(), vec(column(), 0..3)), 0..3);
    let blocks = vec(
        (
            any::<u16>(),
            any::<Option<u8>>(),
            prop::option::of(".{0,5}"),
        ),
        0..4,
    );
    (tables, blocks).prop_map(|(tables, blocks)| {
        let tables: Vec<_> = tables
            .into_iter()
            .map(|(class, count, columns)| PropertyTable {
                class,
                name: None,
                count: count.into(),
                columns,
            })
            .collect();
        let mut table = FeatureTable {
            blocks: Vec::new(),
            tables,
        };
        for (count, index, label) in blocks {
            let index = index
                .map(u32::from)
                .filter(|index| (*index as usize) < table.tables.len());
            table.push_block(count.into(), index, label).unwrap();
        }
        table
    })
}

fn material() -> impl Strategy<Value = PreparedMaterial> {
    let alpha = prop_oneof![
        Just(AlphaMode::Opaque),
        (0_f32..1.0).prop_map(AlphaMode::Mask),
        Just(AlphaMode::Blend)
    ];
    let wrap = || prop_oneof![Just(Wrap::Repeat), Just(Wrap::Clamp), Just(Wrap::Mirror)];
    (
        prop::array::uniform4(0_f32..1.0),
        alpha,
        any::<[bool; 2]>(),
        0_usize..6,
        wrap(),
        wrap(),
    )
        .prop_map(
            |(base_color, alpha_mode, [double_sided, unlit], class, wrap_u, wrap_v)| {
                PreparedMaterial {
                    base_color,
                    alpha_mode,
                    double_sided,
                    unlit,
                    class: SurfaceClass::NAMES[class].0,
                    wrap_u,
                    wrap_v,
                    base_color_image: Some(0),
                    ..PreparedMaterial::default()
                }
            },
        )
}

prop_compose! {
    fn tile()(origin in prop::array::uniform3(-7e6_f64..7e6), primitives in vec(primitive(), 0..4), materials in vec(material(), 1..4),
              (width, height) in (1_u32..5, 1_u32..5), features in features(), copyright in vec(".{0,9}", 0..3),
              warnings in vec(".{0,9}", 0..3)) -> PreparedTile {
        let image = PreparedImage { width, height, rgba8: vec![9; (width * height * 4) as usize] };
        PreparedTile { origin: origin.into(), primitives, materials, images: vec![image], features, copyright, warnings }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_in_comes_out(tile in tile()) {
        let bytes = tile.to_bytes();
        prop_assert_eq!(PreparedTile::from_bytes(&bytes).unwrap(), tile);
    }

    #[test]
    fn cut_short_anywhere_is_an_error(tile in tile(), cut in any::<prop::sample::Index>()) {
        let bytes = tile.to_bytes();
        prop_assert!(PreparedTile::from_bytes(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn a_changed_byte_never_panics(tile in tile(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = tile.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(tile) = PreparedTile::from_bytes(&bytes) {
            for feature in 0..tile.features.len().min(64) {
                let _ = tile.features.properties(feature);
            }
            let _ = (tile.byte_cost(), tile.bounds());
            // One tile, one form: a cutoff that no alpha mode read once came out as another.
            prop_assert_eq!(tile.to_bytes(), bytes);
        }
    }
}

#[test]
fn costs_count_both_sides() {
    let mut tile = PreparedTile::default();
    let empty = tile.byte_cost();
    let vertex = Vertex {
        position: [0.; 3],
        normal: [0; 4],
        color: [0; 4],
        uv: [0.; 2],
        feature: NO_FEATURE,
    };
    assert_eq!(size_of::<Vertex>(), 32);
    tile.primitives.push(PreparedPrimitive {
        topology: Topology::Triangles,
        vertices: vec![vertex; 300],
        indices: vec![0; 900],
        material: 0,
        has_normals: true,
    });
    tile.images.push(PreparedImage {
        width: 30,
        height: 10,
        rgba8: vec![0; 1200],
    });
    assert_eq!(tile.gpu_bytes(), 300 * 32 + 900 * 4 + 1200 + 400);
    assert_eq!(
        tile.byte_cost() - empty,
        2 * (300 * 32 + 900 * 4) + 1200 + 1600
    );
}

#[test]
fn features_beyond_the_table_have_no_properties() {
    let mut table = FeatureTable::default();
    assert_eq!(table.push_block(3, None, None), Some(0));
    assert_eq!(table.push_block(0, None, None), Some(3));
    assert_eq!(
        table.push_block(2, None, Some("second".to_owned())),
        Some(3)
    );
    assert_eq!(
        table
            .block(4)
            .map(|(block, row)| (block.label.clone(), row)),
        Some((Some("second".to_owned()), 1))
    );
    assert_eq!(
        table.block(2),
        Some((
            &FeatureBlock {
                first: 0,
                count: 3,
                table: None,
                label: None
            },
            2
        ))
    );
    assert_eq!(table.block(5), None);
    assert_eq!(
        table.push_block(u32::MAX - 5, None, None),
        None,
        "the last index means no feature"
    );
}
