//! A style that shows one property, written for people to go on from.

use serde_json::{Value, json};

use super::Property;
use crate::ui::colormap;

/// How many classes numbers fall into.
const CLASSES: usize = 7;

/// The text of a style that colours by a property: numbers in classes of equal width in the colours of cividis, words in
/// the colours of Okabe and Ito. Both can be told apart by people who see colours differently.
#[must_use]
pub fn style_by(name: &str, property: &Property) -> String {
    let variable = if name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '-'))
    {
        format!("${{{name}}}")
    } else {
        format!("${{feature[{}]}}", quoted(name))
    };
    let mut conditions: Vec<[String; 2]> = Vec::new();
    match property.range {
        Some([low, high]) if property.words.is_empty() => {
            for class in (1..CLASSES).rev() {
                let from = low + (high - low) * class as f64 / CLASSES as f64;
                let share = class as f64 / (CLASSES - 1) as f64;
                conditions.push([
                    format!("{variable} >= {}", rounded(from, high - low)),
                    color(colormap::sample("cividis", share)),
                ]);
            }
            conditions.push([
                format!("isFinite(Number({variable}))"),
                color(colormap::sample("cividis", 0.0)),
            ]);
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
    conditions.push(["true".into(), "color('#b4b4b4')".into()]);
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
fn quoted(text: &str) -> String {
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
