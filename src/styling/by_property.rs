//! A style that shows one property, written for people to go on from.

use serde_json::{Value, json};

use super::Property;
use crate::ui::colormap;

/// What nothing is known of.
const GREY: &str = "color('#b4b4b4')";

/// How many classes numbers fall into.
const CLASSES: usize = 7;

/// The text of a style that colours by a property: numbers in classes of equal width in the colours of cividis, words in
/// the colours of Okabe and Ito. Both can be told apart by people who see colours differently.
#[must_use]
pub fn style_by(name: &str, property: &Property) -> String {
    let variable = variable(name);
    let mut conditions: Vec<[String; 2]> = Vec::new();
    match property.range {
        Some(range) if property.words.is_empty() => {
            conditions = classes(&variable, range, "cividis", CLASSES);
        }
        _ => {
            for (index, word) in property.words.iter().enumerate() {
                conditions.push([
                    format!("{variable} === {}", quoted(word)),
                    color(colormap::category(index)),
                ]);
            }
        }
    }
    written(conditions)
}

/// How many classes readings fall into: so many that they are hardly told from the legend's.
const READING_CLASSES: usize = 16;

/// The text of a style that colours by a reading, in the colours of its layer: `range` has the values at the two ends of
/// the colour map, the higher one first where the colours are turned around. What has no reading is grey.
#[must_use]
pub fn style_by_reading(name: &str, range: [f64; 2], map: &str) -> String {
    let variable = variable(name);
    // First, for most features have none and no number can be compared with nothing.
    let mut conditions = vec![[format!("{variable} === undefined"), GREY.to_owned()]];
    conditions.extend(classes(&variable, range, map, READING_CLASSES));
    written(conditions)
}

/// A property in an expression.
pub(crate) fn variable(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '-');
    if name.chars().all(is_plain) {
        format!("${{{name}}}")
    } else {
        format!("${{feature[{}]}}", quoted(name))
    }
}

/// Classes of equal width, the highest first.
fn classes(variable: &str, [start, end]: [f64; 2], map: &str, count: usize) -> Vec<[String; 2]> {
    let (low, high) = (start.min(end), start.max(end));
    let share = |class: usize| {
        let share = class as f64 / (count - 1) as f64;
        color(colormap::sample(
            map,
            if start > end { 1.0 - share } else { share },
        ))
    };
    let upper = (1..count).rev().map(|class| {
        let from = low + (high - low) * class as f64 / count as f64;
        let condition = format!("{variable} >= {}", rounded(from, high - low));
        [condition, share(class)]
    });
    let lowest = [format!("isFinite(Number({variable}))"), share(0)];
    upper.chain([lowest]).collect()
}

fn written(mut conditions: Vec<[String; 2]>) -> String {
    conditions.push(["true".into(), GREY.into()]);
    let conditions: Vec<Value> = conditions.iter().map(|pair| json!(pair)).collect();
    // One condition a line: it is there to be changed.
    let lines: Vec<String> = conditions
        .iter()
        .map(|pair| format!("    {pair}"))
        .collect();
    format!(
        "{{\n  \"color\": {{ \"conditions\": [\n{}\n  ] }}\n}}",
        lines.join(",\n")
    )
}

/// A text of the language, which knows no escapes: in those quotes that it does not hold. What holds both is cut there.
pub(crate) fn quoted(text: &str) -> String {
    match text.split_once('\'') {
        None => format!("'{text}'"),
        Some(_) if !text.contains('"') => format!("\"{text}\""),
        Some((start, _)) => format!("'{start}'"),
    }
}

fn color([r, g, b]: [u8; 3]) -> String {
    format!("color('#{r:02x}{g:02x}{b:02x}')")
}

/// A boundary with as many figures as tell it from the next.
fn rounded(value: f64, range: f64) -> String {
    let decimals = (2.0 - range.abs().max(1e-9).log10()).ceil().clamp(0.0, 9.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use city_tiles::style::Style;

    #[test]
    fn readings_have_the_colours_of_their_layer_turned_around_where_those_are() {
        use city_tiles::metadata::{Column, ColumnValues, FeatureTable, PropertyTable};
        let colors = |range: [f64; 2]| {
            let style = Style::from_text(&style_by_reading("speed", range, "cividis")).unwrap();
            let mut features = FeatureTable::default();
            features.tables.push(PropertyTable {
                count: 3,
                columns: vec![Column {
                    no_data: vec![2],
                    ..Column::new("speed", ColumnValues::F64(vec![1.0, 69.0, f64::NAN]))
                }],
                ..PropertyTable::default()
            });
            features.push_block(3, Some(0), None);
            let styled = style.evaluate_table(&features, &Default::default());
            assert_eq!(styled.problems, []);
            [0, 1, 2].map(|feature| styled.color(feature))
        };
        let [slow, fast, none] = colors([0.0, 70.0]);
        let opaque = |share| {
            let [r, g, b] = colormap::sample("cividis", share);
            [r, g, b, 255]
        };
        assert_eq!([slow, fast], [opaque(0.0), opaque(1.0)]);
        assert_eq!(none, [0xb4, 0xb4, 0xb4, 255]);
        assert_eq!(colors([70.0, 0.0]), [fast, slow, none]);
    }

    #[test]
    fn styles_that_are_written_can_be_read() {
        let numbers = Property {
            range: Some([3.2, 240.7]),
            ..Property::default()
        };
        let text = style_by("height", &numbers);
        Style::from_text(&text).unwrap();
        assert_eq!(text.matches("${height} >=").count(), CLASSES - 1, "{text}");
        let words = Property {
            words: ["it's", "b\\c", "公園"].map(str::to_owned).into(),
            ..Property::default()
        };
        let text = style_by("land use", &words);
        let style = Style::from_text(&text).unwrap();
        assert_eq!(style.properties().len(), 1, "{text}");
        // A property without anything known is grey.
        Style::from_text(&style_by("x", &Property::default())).unwrap();
        // All the same number: classes without width, and yet a style.
        let same = Property {
            range: Some([7.0, 7.0]),
            ..Property::default()
        };
        Style::from_text(&style_by("x", &same)).unwrap();
    }
}
