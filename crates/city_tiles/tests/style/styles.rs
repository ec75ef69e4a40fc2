//! Whole styles: the standard's examples.

use city_tiles::style::{ByName, Inputs, NoProperties, Outcome, Style, StyleValue};
use serde_json::{Value, json};

fn outcome(style: &Value, feature: &Value) -> (Outcome, usize) {
    let style = Style::parse(style).unwrap();
    let feature = feature.clone();
    let feature = ByName {
        names: style.properties(),
        get: |name: &str| {
            feature
                .get(name)
                .map_or(StyleValue::Undefined, StyleValue::from_json)
        },
    };
    let mut evaluator = style.evaluator(&Inputs::default());
    let outcome = evaluator.evaluate(0, &feature);
    (outcome, evaluator.problems().len())
}

fn color(style: &Value, feature: Value) -> Option<[u8; 4]> {
    let (outcome, _) = outcome(style, &feature);
    outcome
        .color
        .map(|color| color.map(|c| (c * 255.0).round() as u8))
}

#[test]
fn conditions_are_taken_in_order() {
    let style = json!({
        "show": "${Area} > 0",
        "color": { "conditions": [
            ["${Height} < 60", "color('#13293D')"],
            ["${Height} < 120", "color('#1B98E0')"],
            ["true", "color('#E8F1F2', 0.5)"],
        ] },
    });
    assert_eq!(
        color(&style, json!({"Area": 1, "Height": 10})),
        Some([0x13, 0x29, 0x3D, 255])
    );
    assert_eq!(
        color(&style, json!({"Area": 1, "Height": 60})),
        Some([0x1B, 0x98, 0xE0, 255])
    );
    assert_eq!(
        color(&style, json!({"Area": 1, "Height": 500})),
        Some([0xE8, 0xF1, 0xF2, 128])
    );
    assert!(!outcome(&style, &json!({"Area": 0, "Height": 1})).0.show);
}

#[test]
fn without_a_condition_that_is_met_nothing_changes() {
    let style = json!({"color": {"conditions": [["${id} === '1'", "color('red')"]]}});
    assert_eq!(
        outcome(&style, &json!({"id": "2"})),
        (Outcome::default(), 0)
    );
    for empty in [
        json!({}),
        json!({"conditions": []}),
        json!({"conditions": null}),
        json!({"conditions": {}}),
    ] {
        assert_eq!(
            outcome(&json!({"color": empty, "show": null}), &json!({})),
            (Outcome::default(), 0)
        );
    }
}

#[test]
fn defines_are_evaluated_where_they_are_named() {
    let style = json!({
        "defines": {
            "NewHeight": "clamp((${Height} - 0.5) / 2.0, 1.0, 255.0)",
            "HeightColor": "rgb(${Height}, ${Height}, ${Height})",
        },
        "color": { "conditions": [
            ["(${NewHeight} >= 100.0)", "color('#0000FF') * ${HeightColor}"],
            ["(${NewHeight} >= 50.0)", "color('#00FF00') * ${HeightColor}"],
            ["(${NewHeight} >= 1.0)", "color('#FF0000') * ${HeightColor}"],
        ] },
        "show": "${NewHeight} < 200.0",
    });
    assert_eq!(
        color(&style, json!({"Height": 201})),
        Some([0, 0, 201, 255])
    );
    assert_eq!(
        color(&style, json!({"Height": 102})),
        Some([0, 102, 0, 255])
    );
    assert!(!outcome(&style, &json!({"Height": 500})).0.show);
    // The standard's second example, without its stray brace: the property of the same name is halved.
    let style = json!({
        "defines": { "Height": "${Height}/2.0" },
        "color": { "conditions": [
            ["(${Height} >= 100.0)", "color('#0000FF')"],
            ["(${Height} >= 1.0)", "color('#FF0000')"],
        ] },
        "meta": { "both": "${Height} + ${feature.Height}", "text": "'${Height} m'" },
    });
    assert_eq!(
        color(&style, json!({"Height": 150})),
        Some([255, 0, 0, 255])
    );
    let style = Style::parse(&style).unwrap();
    let feature = ByName {
        names: style.properties(),
        get: |_: &str| StyleValue::Number(150.0),
    };
    let mut evaluator = style.evaluator(&Inputs::default());
    assert_eq!(
        evaluator.meta("both", 0, &feature),
        Some(StyleValue::Number(225.0))
    );
    assert_eq!(
        evaluator.meta("text", 0, &feature),
        Some(StyleValue::from("75 m"))
    );
    assert_eq!(style.meta_names().collect::<Vec<_>>(), ["both", "text"]);
}

#[test]
fn a_fault_leaves_the_feature_as_it_is_and_is_told_once() {
    let style = Style::parse(&json!({
        "defines": { "Tall": "${height} > 50" },
        "show": "${height} > 50",
        "color": { "conditions": [
            ["${height} > 50", "color('red')"],
            ["${Tall}", "color('lime')"],
            ["${use} === 'Office'", "'red'"],
            ["true", "color('blue')"],
        ] },
        "pointSize": "-1",
    }))
    .unwrap();
    let mut evaluator = style.evaluator(&Inputs::default());
    for index in 0..1000 {
        // Without a height the first two conditions are not met, the last is.
        let outcome = evaluator.evaluate(index, &NoProperties);
        assert!(outcome.show);
        assert_eq!(outcome.color, Some([0.0, 0.0, 1.0, 1.0]));
        assert_eq!(outcome.point_size_px, None);
    }
    let office = ByName {
        names: style.properties(),
        get: |name: &str| {
            if name == "use" {
                StyleValue::from("Office")
            } else {
                StyleValue::Undefined
            }
        },
    };
    assert_eq!(evaluator.evaluate(1000, &office).color, None);
    let problems: Vec<String> = evaluator
        .problems()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(problems.len(), 5, "{problems:#?}");
    assert!(problems[0].starts_with(
        "show, byte 0: operator > does not work on undefined and a number (1001 times"
    ));
    assert!(problems[1].starts_with("color.conditions[0][0]"));
    assert!(problems[2].starts_with("defines.Tall"), "{problems:#?}");
    assert!(problems[3].starts_with("pointSize"));
    assert!(
        problems[4].starts_with("color.conditions[2][1]")
            && problems[4].ends_with("first for feature 1000)")
    );
}

#[test]
fn values_of_json_are_expressions_where_the_schema_has_them() {
    let (hidden, _) = outcome(&json!({"show": false}), &json!({}));
    assert!(!hidden.show);
    let (sized, _) = outcome(
        &json!({"pointSize": 4.5, "color": {"conditions": [[true, "color('red')"]]}}),
        &json!({}),
    );
    assert_eq!(sized.point_size_px, Some(4.5));
    assert_eq!(sized.color, Some([1.0, 0.0, 0.0, 1.0]));
    let style = Style::parse(&json!({"show": "${tiles3d_tileset_time} > 3"})).unwrap();
    assert!(style.uses_time() && style.properties().is_empty());
    assert!(
        !style
            .evaluate_without_features(&Inputs {
                tileset_time_s: 2.0
            })
            .show
    );
    assert!(
        style
            .evaluate_without_features(&Inputs {
                tileset_time_s: 4.0
            })
            .show
    );
}
