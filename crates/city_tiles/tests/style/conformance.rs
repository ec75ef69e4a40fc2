//! Expression by expression against what CesiumJS makes of them.

use city_tiles::style::{
    ByName, FeatureProperties, Inputs, PointSemantic, StyleExpression, StyleValue,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CESIUM: &str = include_str!("cesium.tsv");
const DIFFERENCES: &str = include_str!("differences.tsv");

/// The feature that the values were recorded with.
fn properties() -> Value {
    json!({
        "a": 1, "b": "x", "Height": 30, "temperature": 70.5, "n": null, "arr": [1, 2, 3],
        "obj": {"k": "v", "l": [4, 5]}, "feature": "f", "a.b": "dotted", "s": "A \"q\"", "t": true, "f": false,
        "zero": 0, "empty": "", "County": "Chester", "YearBuilt": 1975, "ZipCode": "19341", "id": "1",
        "Name": "Building 1", "red": 255, "green": 128, "blue": 0, "volume": 150,
        "address": {"street": "Oak Street"}, "address.street": "Maple Street",
        "temperatures": {"scale": "fahrenheit", "values": [70, 80, 90]}, "name": "Feature name", "order": 1,
        "1st": "first", "_u": "under", "名": "zh",
    })
}

struct Feature<'n> {
    names: &'n [std::sync::Arc<str>],
    properties: Value,
}

impl<'a> FeatureProperties<'a> for Feature<'_> {
    fn property(&self, slot: usize) -> StyleValue<'a> {
        let by_name = ByName {
            names: self.names,
            get: |name: &str| match (name, self.properties.get(name)) {
                ("v2", _) => StyleValue::Vec2([1.0, 2.0]),
                ("v3", _) => StyleValue::Vec3([1.0, 2.0, 3.0]),
                ("v4", _) => StyleValue::Vec4([1.0, 2.0, 3.0, 4.0]),
                (_, Some(value)) => StyleValue::from_json(value),
                (_, None) => StyleValue::Undefined,
            },
        };
        by_name.property(slot)
    }

    fn class_name(&self) -> Option<&'a str> {
        Some("building")
    }
}

fn evaluate(text: &str) -> Result<StyleValue<'static>, String> {
    let expression = StyleExpression::parse(text).map_err(|e| e.to_string())?;
    let feature = Feature {
        names: expression.properties(),
        properties: properties(),
    };
    let inputs = Inputs {
        tileset_time_s: 12.5,
    };
    let value = expression.evaluate(&feature, &inputs);
    value.map(StyleValue::into_owned).map_err(|e| e.to_string())
}

/// The value in the file's words.
fn words(value: &StyleValue<'_>) -> String {
    match value {
        StyleValue::Undefined | StyleValue::Null | StyleValue::Boolean(_) => value.to_string(),
        StyleValue::Number(_) => format!("number {value}"),
        StyleValue::String(text) => format!("string {}", json!(text)),
        StyleValue::Vec2(_) => format!("vec2 {value}"),
        StyleValue::Vec3(_) => format!("vec3 {value}"),
        StyleValue::Vec4(_) => format!("vec4 {value}"),
        StyleValue::RegExp(_) => format!("regexp {value}"),
        StyleValue::Array(items) => {
            let items: Vec<String> = items.iter().map(words).collect();
            format!("array [{}]", items.join(", "))
        }
        StyleValue::Object(_) => format!("object {value}"),
    }
}

/// Equal words, but for the last bits of numbers: engines' sines differ there.
fn same(a: &str, b: &str) -> bool {
    let parts = |text: &str| -> Vec<String> {
        text.split(['(', ')', ',', ' ', '[', ']'])
            .map(ToOwned::to_owned)
            .collect()
    };
    let (left, right) = (parts(a), parts(b));
    a == b
        || !a.starts_with("string")
            && left.len() == right.len()
            && left.iter().zip(&right).all(|(a, b)| {
                let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * a.abs().max(1e-3);
                a == b || matches!((a.parse(), b.parse()), (Ok(a), Ok(b)) if close(a, b))
            })
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.starts_with("# ") && !line.is_empty())
        .map(|line| line.split('\t').collect())
}

fn differences() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    rows(DIFFERENCES)
        .map(|row| match row.as_slice() {
            [expression, ours, why] => (*expression, (*ours, *why)),
            other => panic!("three fields are expected: {other:?}"),
        })
        .collect()
}

#[test]
fn expressions_have_the_values_of_cesiumjs() {
    let differences = differences();
    let (mut compared, mut differing, mut wrong) = (0, 0, Vec::new());
    for row in rows(CESIUM) {
        let [expression, expected] = row.as_slice() else {
            panic!("two fields are expected: {row:?}");
        };
        let result = evaluate(expression);
        let ours = result.as_ref().map_or("error".to_owned(), words);
        match differences.get(expression) {
            None => {
                compared += 1;
                if !same(&ours, expected) {
                    wrong.push(format!(
                        "{expression}\t{ours}\tnot {expected} {:?}",
                        result.err()
                    ));
                }
            }
            Some((other, _)) => {
                differing += 1;
                assert!(!same(&ours, expected), "no difference: {expression}");
                assert!(same(&ours, other), "{expression}: {ours}, not {other}");
            }
        }
    }
    assert_eq!(
        differing,
        differences.len(),
        "differences that are not in cesium.tsv"
    );
    println!("{compared} expressions as in CesiumJS, {differing} otherwise");
    assert!(
        wrong.is_empty(),
        "{} of {compared}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(compared > 500);
}

#[test]
fn what_the_standard_has_and_cesiumjs_has_not() {
    let cases = [
        (
            "`Name is ${name}, order is ${order}`",
            r#"string "Name is Feature name, order is 1""#,
        ),
        ("${address.street} === `Oak Street`", "true"),
        ("`it's \"so\"`", r#"string "it's \"so\"""#),
        ("clamp(vec2(0, 5), 1, 3)", "vec2 (1, 3)"),
        ("clamp(vec4(-1, 0, 1, 2), 0, 1)", "vec4 (0, 0, 1, 1)"),
        ("String([0, 1, 2])", r#"string "[0, 1, 2]""#),
        ("'abc' =~ regExp('a') && true", "true"),
        ("true && regExp('a') =~ 'abc'", "true"),
        ("'${obj.k}'", r#"string "v""#),
        ("${ a }", "number 1"),
    ];
    for (expression, expected) in cases {
        let ours = evaluate(expression).map(|value| words(&value));
        assert_eq!(ours.as_deref(), Ok(expected), "{expression}");
    }
}

/// A point of a point cloud, which has no property of its own.
struct Point;

impl<'a> FeatureProperties<'a> for Point {
    fn property(&self, _: usize) -> StyleValue<'a> {
        StyleValue::Undefined
    }

    fn point(&self, semantic: PointSemantic) -> Option<StyleValue<'a>> {
        match semantic {
            PointSemantic::Position => Some(StyleValue::Vec3([0.75, 1.0, 2.0])),
            PointSemantic::Color => Some(StyleValue::Vec4([0.5, 0.5, 0.5, 1.0])),
            PointSemantic::PositionAbsolute | PointSemantic::Normal => None,
        }
    }
}

#[test]
fn points_have_positions_and_colours() {
    let cases = [
        ("${POSITION}.x > 0.5", "true"),
        ("${COLOR} * color('red')", "vec4 (0.5, 0, 0, 1)"),
        ("${NORMAL} === undefined", "true"),
        ("${POSITION_ABSOLUTE}", "undefined"),
        ("${feature.POSITION}", "undefined"),
    ];
    for (text, expected) in cases {
        let expression = StyleExpression::parse(text).unwrap();
        let value = expression.evaluate(&Point, &Inputs::default()).unwrap();
        assert_eq!(words(&value), expected, "{text}");
    }
}

#[test]
fn every_expression_that_is_read_prints_as_itself() {
    let mut printed = 0;
    for row in rows(CESIUM) {
        let Some(Ok(expression)) = row.first().map(|text| StyleExpression::parse(text)) else {
            continue;
        };
        let text = expression.to_string();
        let again = StyleExpression::parse(&text)
            .unwrap_or_else(|e| panic!("{row:?} printed as {text}: {e}"));
        assert_eq!(expression.ast(), again.ast(), "{row:?} printed as {text}");
        printed += 1;
    }
    println!("{printed} printed");
    assert!(printed > 500);
}
