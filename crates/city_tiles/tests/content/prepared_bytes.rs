//! The flat buffer between worker and page: what goes in comes out, and nothing else does.

use city_tiles::metadata::{
    Column, ColumnValues, ComponentType, ElementType, EnumType, FeatureBlock, FeatureTable,
    PropertyTable, PropertyValue, Shape, ValueFormat,
};
use city_tiles::prepared::{
    AlphaMode, FeatureTexture, NO_FEATURE, PreparedImage, PreparedMap, PreparedMaterial,
    PreparedPrimitive, PreparedTile, PropertyTexture, SurfaceClass, SurfaceData, SurfacePart,
    SurfaceTable, TextureLookup, TextureProperty, Topology, TriangleBoxes, Vertex, Wrap,
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
                    normal_map: unlit.then_some(PreparedMap {
                        image: 0,
                        wrap_u: wrap_v,
                        wrap_v: wrap_u,
                    }),
                    ..PreparedMaterial::default()
                }
            },
        )
}

fn surface() -> impl Strategy<Value = SurfaceTable> {
    let element = prop_oneof![
        Just(ElementType::Scalar(ComponentType::Float64)),
        (2_usize..5).prop_map(|n| ElementType::Vector(ComponentType::Uint8, n)),
        Just(ElementType::Matrix(ComponentType::Int16, 9)),
        Just(ElementType::Boolean),
        ".{0,3}".prop_map(ElementType::Enum),
    ];
    let format = (
        element,
        prop::option::of(0_usize..9),
        any::<bool>(),
        vec(-9_f64..9.0, 0..3),
        prop::option::of(value()),
    );
    let lookup = |channels: Vec<u8>| TextureLookup {
        image: 0,
        channels,
        uv_set: 0,
        wrap_u: Wrap::Mirror,
        wrap_v: Wrap::Clamp,
    };
    let property = (".{0,5}", format, vec(0_u8..4, 0..5)).prop_map(
        move |(id, (element, array, normalized, scale, no_data), channels)| TextureProperty {
            id,
            name: None,
            description: None,
            unit: Some("m".to_owned()),
            format: ValueFormat {
                enumeration: matches!(element, ElementType::Enum(_)).then(|| EnumType {
                    value_type: ComponentType::Int64,
                    names: vec![(-1, "a".to_owned()), (4, "b".to_owned())],
                }),
                element,
                array,
                normalized,
                offset: scale.clone(),
                scale,
                default: no_data.clone(),
                no_data,
            },
            lookup: lookup(channels),
        },
    );
    let data = (
        vec(property, 0..3),
        vec(column(), 0..2),
        vec(any::<u32>(), 0..4),
    )
        .prop_map(move |(properties, columns, rows)| SurfaceData {
            rows,
            uvs: vec![vec![[0.5, f32::MAX]; 3], Vec::new()],
            features: Some(FeatureTexture {
                lookup: lookup(vec![3, 1]),
                first: 0,
                count: 0,
                null: Some(7),
            }),
            textures: vec![PropertyTexture {
                class: "c".to_owned(),
                name: None,
                properties,
            }],
            attributes: vec![PropertyTable {
                class: "d".to_owned(),
                name: Some("n".to_owned()),
                count: 3,
                columns,
            }],
        });
    (vec(data, 0..3), vec(".{0,4}", 0..3)).prop_map(|(data, other_sets)| SurfaceTable {
        images: vec![PreparedImage::new(1, 2, vec![3; 8])],
        data,
        parts: Vec::new(),
        other_sets,
    })
}

prop_compose! {
    fn tile()(origin in prop::array::uniform3(-7e6_f64..7e6), primitives in vec(primitive(), 0..4), materials in vec(material(), 1..4),
              (width, height) in (1_u32..5, 1_u32..5), features in features(), mut surface in surface(), copyright in vec(".{0,9}", 0..3),
              warnings in vec(".{0,9}", 0..3)) -> PreparedTile {
        let mut image = PreparedImage::new(width, height, vec![9; (width * height * 4) as usize]);
        if width > 2 {
            image.make_levels();
        }
        for (index, data) in surface.data.iter().enumerate() {
            // Only the first primitive, so that they are in order.
            let fits = primitives.first().is_some_and(|p: &PreparedPrimitive| p.vertices.len() > data.rows.len());
            if fits && index == 0 {
                surface.parts.push(SurfacePart { primitive: 0, first_vertex: 1, data: 0 });
            }
        }
        let boxes = if width > 1 { TriangleBoxes::around(&primitives) } else { TriangleBoxes::default() };
        PreparedTile { origin: origin.into(), primitives, materials, images: vec![image], features, surface, boxes, copyright, warnings }
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
            for corner in 0..16 {
                let _ = tile.feature_at(0, [corner, 0, 1], [0.2, 0.3, 0.5]);
                let _ = tile.surface.properties(0, [corner, 1, 2], [f32::NAN, 1e38, 0.5]);
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
    let mut image = PreparedImage::new(30, 10, vec![0; 1200]);
    image.make_levels();
    // 15 x 5, 7 x 2, 3 x 1, 1 x 1
    assert_eq!(image.bytes(), 1200 + 4 * (75 + 14 + 3 + 1));
    tile.images.push(image);
    assert_eq!(tile.gpu_bytes(), 300 * 32 + 900 * 4 + 1200 + 372);
    assert_eq!(
        tile.byte_cost() - empty,
        2 * (300 * 32 + 900 * 4 + 1200 + 372)
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
