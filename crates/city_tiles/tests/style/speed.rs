//! How long a style takes for a large tile. Prints; run with `--ignored --nocapture`.

use city_tiles::metadata::{Column, ColumnValues, FeatureTable, PropertyTable};
use city_tiles::style::{Inputs, Style};
use serde_json::json;
use std::time::Instant;

const FEATURES: u32 = 1_000_000;

fn features() -> FeatureTable {
    let uses = ["Residential", "Office", "Retail", "School", "Hotel"];
    let height = (0..FEATURES).map(|i| (i % 2000) as f32 / 10.0).collect();
    let codes = (0..FEATURES).map(|i| i64::from(i % 5)).collect();
    let names = (0..5)
        .zip(uses)
        .map(|(code, name)| (code, name.to_owned()))
        .collect();
    let (mut ends, mut text) = (Vec::new(), String::new());
    for i in 0..FEATURES {
        text.push_str(&format!("b{i:07}"));
        ends.push(text.len() as u32);
    }
    let table = PropertyTable {
        class: "building".into(),
        name: None,
        count: FEATURES,
        columns: vec![
            Column::new("id", ColumnValues::Text { ends, text }),
            Column::new("height_m", ColumnValues::F32(height)),
            Column::new("use", ColumnValues::Enum { codes, names }),
        ],
    };
    let mut features = FeatureTable {
        blocks: Vec::new(),
        tables: vec![table],
    };
    features.push_block(FEATURES, Some(0), None).unwrap();
    features
}

#[test]
#[ignore = "prints times of a million features"]
fn a_million_features() {
    let features = features();
    let ids: Vec<String> = (0..500)
        .map(|i| format!("${{id}} !== 'b{:07}'", i * 1999))
        .collect();
    let styles = [
        ("one colour", json!({"color": "color('red')"})),
        (
            "colours by height",
            json!({"color": {"conditions": [
                ["${height_m} >= 160", "color('#0000FF')"], ["${height_m} >= 120", "color('#00FFFF')"],
                ["${height_m} >= 80", "color('#00FF00')"], ["${height_m} >= 40", "color('#FFFF00')"],
                ["true", "color('#FF0000')"],
            ]}}),
        ),
        (
            "colours by use, shown by height",
            json!({"show": "${height_m} > 20", "color": {"conditions": [
                ["${use} === 'Office'", "color('blue')"], ["${use} === 'Retail'", "color('red')"],
                ["${use} === 'School'", "color('lime')"], ["${use} === 'Hotel'", "color('gold')"],
            ]}}),
        ),
        (
            "a ramp",
            json!({"defines": {"t": "clamp(${height_m} / 200, 0, 1)"},
            "color": "mix(color('white'), color('navy'), ${t})"}),
        ),
        (
            "a regular expression",
            json!({"show": "regExp('7$').test(${id})"}),
        ),
        ("500 ids", json!({"show": ids.join(" && ")})),
        (
            "a fault in each",
            json!({"color": {"conditions": [["${missing} > 1", "color('red')"]]}}),
        ),
    ];
    for (name, style) in styles {
        let style = Style::parse(&style).unwrap();
        let start = Instant::now();
        let styled = style.evaluate_table(&features, &Inputs::default());
        let ms = start.elapsed().as_secs_f64() * 1e3;
        println!(
            "{ms:7.0} ms for {FEATURES}: {name} ({} hidden, {} problems)",
            styled.hidden_count,
            styled.problems.len()
        );
        assert_eq!(styled.count, FEATURES);
    }
}
