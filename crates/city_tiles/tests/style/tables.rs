//! Styles over the feature tables of tiles.

use city_tiles::metadata::{
    Column, ColumnValues, FeatureTable, PropertyTable, PropertyValue, Shape, batch_table,
};
use city_tiles::style::{Inputs, Style};
use serde_json::json;

fn text(rows: &[&str]) -> ColumnValues {
    let mut ends = Vec::new();
    let mut text = String::new();
    for row in rows {
        text.push_str(row);
        ends.push(text.len() as u32);
    }
    ColumnValues::Text { ends, text }
}

/// Four features of which the last has no row, two without a table, and one of another table.
fn features() -> FeatureTable {
    let mut height = Column::new("height_m", ColumnValues::F32(vec![49.3, 120.0, -1.0]));
    height.name = Some("Height".into());
    height.no_data = vec![2];
    let mut year = Column::new("year_built", ColumnValues::U64(vec![1950, 2000, 0]));
    year.no_data = vec![2];
    year.default = Some(PropertyValue::U64(1900));
    let usage = ColumnValues::Enum {
        codes: vec![1, 2, 9],
        names: vec![(1, "Residential".into()), (2, "Office".into())],
    };
    let size = ColumnValues::List {
        shape: Shape::Vector,
        ends: vec![2, 4, 6],
        items: Box::new(ColumnValues::F64(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])),
    };
    let tags = ColumnValues::List {
        shape: Shape::Array,
        ends: vec![1, 1, 3],
        items: Box::new(text(&["a", "b", "c"])),
    };
    let any = ColumnValues::Any(vec![
        PropertyValue::NoData,
        PropertyValue::String(r#"{"street":"Oak","no":[7]}"#.into()),
        PropertyValue::Bool(true),
    ]);
    let columns = vec![
        height,
        year,
        Column::new("use", usage),
        Column::new("name", text(&["A", "", "Ж"])),
        Column::new("size", size),
        Column::new("tags", tags),
        Column::new("any", any),
    ];
    let table = |class: &str, count, columns| PropertyTable {
        class: class.into(),
        name: None,
        count,
        columns,
    };
    let mut features = FeatureTable {
        blocks: Vec::new(),
        tables: vec![
            table("building", 3, columns),
            table("tree", 1, vec![Column::new("use", text(&["Park"]))]),
        ],
    };
    features.push_block(4, Some(0), None).unwrap();
    features.push_block(2, None, None).unwrap();
    features.push_block(1, Some(1), None).unwrap();
    features
}

/// The features that are shown by an expression.
fn shown(expression: &str) -> Vec<u32> {
    let features = features();
    let style = Style::parse(&json!({ "show": expression })).unwrap();
    let styled = style.evaluate_table(&features, &Inputs::default());
    assert!(
        styled.problems.is_empty(),
        "{expression}: {:?}",
        styled.problems
    );
    assert_eq!(styled.count, features.len());
    assert_eq!(
        styled.hidden_count as usize,
        (0..7).filter(|f| styled.is_hidden(*f)).count()
    );
    (0..7)
        .filter(|feature| !styled.is_hidden(*feature))
        .collect()
}

#[test]
fn every_kind_of_column_is_read() {
    let cases: [(&str, &[u32]); 15] = [
        ("${height_m} === 49.3", &[0]),
        ("${Height} === 120", &[1]),
        ("${height_m} === undefined", &[2, 3, 4, 5, 6]),
        ("${height_m} !== undefined && ${height_m} > 50", &[1]),
        ("${year_built} === 1900", &[2]),
        ("${use} === 'Office'", &[1]),
        ("${use} === '9'", &[2]),
        ("${name} === 'Ж'", &[2]),
        ("${size} === vec2(3, 4)", &[1]),
        ("${size}.y === 6", &[2]),
        ("${tags[1]} === 'c'", &[2]),
        ("${any} === null", &[0]),
        ("${any.street} === 'Oak' && ${any.no[0]} === 7", &[1]),
        ("isClass('tree')", &[6]),
        ("getExactClassName() === undefined", &[3, 4, 5]),
    ];
    for (expression, expected) in cases {
        assert_eq!(shown(expression), expected, "{expression}");
    }
}

#[test]
fn lists_of_ids_are_looked_up_at_once() {
    let names = ["Park", "Office", "a", "b", "c", "d", "e", "f"];
    let list = |op: &str, join: &str| {
        names
            .map(|name| format!("${{use}} {op} '{name}'"))
            .join(join)
    };
    assert_eq!(shown(&list("===", " || ")), [1, 6]);
    assert_eq!(shown(&list("!==", " && ")), [0, 2, 3, 4, 5]);
    let years = [1950, 2000, 1, 2, 3, 4, 5]
        .map(|year| format!("${{year_built}} === {year}"))
        .join(" || ");
    assert_eq!(shown(&years), [0, 1]);
}

#[test]
fn looks_are_dense() {
    let style = Style::parse(&json!({
        "show": "${use} !== 'Residential'",
        "color": { "conditions": [["${use} === 'Office'", "color('red', 0.5)"], ["${use} === 'Park'", "rgb(0, 128, 1)"]] },
        "pointSize": "${height_m} === undefined ? undefined : 3",
    }))
    .unwrap();
    let styled = style.evaluate_table(&features(), &Inputs::default());
    assert_eq!(styled.colors.len(), 7);
    assert_eq!(styled.color(1), [255, 0, 0, 128]);
    assert_eq!(styled.color(6), [0, 128, 1, 255]);
    assert_eq!(styled.color(3), [255; 4]);
    assert!(styled.translucent);
    assert_eq!(
        (
            styled.hidden_count,
            styled.is_hidden(0),
            styled.is_hidden(99)
        ),
        (1, true, false)
    );
    let sizes = styled.point_sizes_px.unwrap();
    assert_eq!(sizes[1], 3.0);
    assert!(sizes[4].is_nan());
}

#[test]
fn some_features_look_as_they_do_among_all() {
    let style = Style::parse(&json!({
        "show": "${use} !== 'Residential'",
        "color": { "conditions": [["${use} === 'Office'", "color('red', 0.5)"]] },
        "pointSize": "${height_m} === undefined ? undefined : 3",
    }))
    .unwrap();
    let features = features();
    let all = style.evaluate_table(&features, &Inputs::default());
    let which = [6, 1, 0, 4, 1, 99];
    let some = style.evaluate_some(&features, &which, &Inputs::default());
    assert_eq!(some.count, 6);
    for (at, feature) in (0..).zip(which).take(5) {
        assert_eq!(some.color(at), all.color(feature), "feature {feature}");
        assert_eq!(some.is_hidden(at), all.is_hidden(feature));
    }
    let sizes = some.point_sizes_px.unwrap();
    assert!(sizes[0].is_nan() == all.point_sizes_px.unwrap()[6].is_nan() && sizes[1] == 3.0);
}

#[test]
fn batch_tables_are_read_as_they_are() {
    let json = json!({
        "id": [7, 8],
        "address": [{"street": "Oak"}, {"street": "Elm"}],
        "address.street": ["Maple", "Pine"],
        "mixed": [null, "x"],
    });
    let mut warnings = Vec::new();
    let table = batch_table(&json, &[], 2, 100, &mut warnings).unwrap();
    let mut features = FeatureTable {
        blocks: Vec::new(),
        tables: vec![table],
    };
    features.push_block(2, Some(0), None).unwrap();
    for (expression, hidden) in [
        ("${address.street} === 'Oak'", [false, true]),
        ("${feature['address.street']} === 'Maple'", [false, true]),
        ("${mixed} === null", [false, true]),
        ("${id} > 7", [true, false]),
    ] {
        let style = Style::parse(&json!({ "show": expression })).unwrap();
        let styled = style.evaluate_table(&features, &Inputs::default());
        assert_eq!(
            [styled.is_hidden(0), styled.is_hidden(1)],
            hidden,
            "{expression}"
        );
    }
}
