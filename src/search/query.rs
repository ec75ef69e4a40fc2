//! What a search asks of attributes: `height > 60`, `use = office and storeys >= 20`, or an expression of the 3D Tiles
//! styling language. It becomes a style, which decides what fits; knows no engine.

use city_tiles::style::Style;
use serde_json::json;

use crate::styling::{quoted, variable};

/// Longest question, bytes; people type less.
const MAX_BYTES: usize = 1000;

/// A property that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Its identifier.
    pub id: String,
    /// What it is called in the language; empty where it has no name there.
    pub label: String,
}

/// What a text asks.
#[derive(Clone, Debug)]
pub enum Question {
    /// Values that contain it, lower case.
    Text(String),
    /// Features for which it holds.
    Rule(Box<Rule>),
    /// It compares a property that nothing has.
    Unknown(String),
    /// It is an expression that cannot be read, and why.
    Wrong(String),
}

/// A condition on attributes.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Shows the features that fit and hides the rest.
    pub style: Style,
    /// The properties that it reads, to be told with each answer.
    pub reads: Vec<String>,
}

/// Comparisons, those first that begin with another.
const OPERATORS: [(&str, Operator); 11] = [
    (">=", Operator::Number(">=")),
    ("<=", Operator::Number("<=")),
    ("!=", Operator::Not),
    ("==", Operator::Is),
    ("≥", Operator::Number(">=")),
    ("≤", Operator::Number("<=")),
    ("≠", Operator::Not),
    (">", Operator::Number(">")),
    ("<", Operator::Number("<")),
    ("=", Operator::Is),
    ("~", Operator::Contains),
];

#[derive(Clone, Copy)]
enum Operator {
    Number(&'static str),
    Is,
    Not,
    Contains,
}

/// Reads a question; `known` are the properties that features have.
#[must_use]
pub fn read(text: &str, known: &[Named]) -> Question {
    let text = text.trim();
    let plain = || Question::Text(text.to_lowercase());
    if text.len() > MAX_BYTES {
        return plain();
    }
    if text.contains("${") {
        return rule(text.to_owned());
    }
    let mut any = Vec::new();
    for alternative in split(text, &["||", " or "]) {
        let mut all = Vec::new();
        for term in split(alternative, &["&&", " and "]) {
            match comparison(term, known) {
                Some(Ok(expression)) => all.push(expression),
                Some(Err(name)) => return Question::Unknown(name),
                None => return plain(),
            }
        }
        any.push(format!("({})", all.join(" && ")));
    }
    rule(any.join(" || "))
}

fn rule(expression: String) -> Question {
    // A condition that fails for a feature is not met; `show` alone would leave it shown.
    let conditions = [
        [expression, "true".to_owned()],
        ["true", "false"].map(str::to_owned),
    ];
    match Style::parse(&json!({ "show": { "conditions": conditions } })) {
        Ok(style) => Question::Rule(Box::new(Rule {
            reads: style.properties().iter().map(|id| id.to_string()).collect(),
            style,
        })),
        Err(error) => Question::Wrong(error.to_string()),
    }
}

/// The parts of a text between words, outside of quotes.
fn split<'t>(text: &'t str, between: &[&str]) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let mut quote = None;
    let mut start = 0;
    let mut skip_to = 0;
    for (at, c) in text.char_indices() {
        if at < skip_to {
            continue;
        }
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None => {
                let rest = text.get(at..).unwrap_or_default();
                let found = between.iter().find(|word| {
                    rest.get(..word.len())
                        .is_some_and(|head| head.eq_ignore_ascii_case(word))
                });
                if let Some(word) = found {
                    parts.push(text.get(start..at).unwrap_or_default());
                    start = at + word.len();
                    skip_to = start;
                }
            }
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// One comparison as an expression; an error with the name where nothing is called so, none where it is no comparison.
fn comparison(term: &str, known: &[Named]) -> Option<Result<String, String>> {
    let (at, sign, operator) = OPERATORS
        .iter()
        .filter_map(|(sign, operator)| Some((term.find(sign)?, *sign, *operator)))
        .min_by_key(|(at, sign, _)| (*at, std::cmp::Reverse(sign.len())))?;
    let name = term.get(..at)?.trim();
    let value = unquoted(term.get(at + sign.len()..)?.trim_start_matches('=').trim());
    if name.is_empty() || value.is_empty() {
        return None;
    }
    let Some(id) = resolve(name, known) else {
        return Some(Err(name.to_owned()));
    };
    let number: Option<f64> = value.parse().ok().filter(|number: &f64| number.is_finite());
    let it = variable(id);
    let there = format!("{it} !== undefined && {it} !== null");
    let test = |pattern: String| format!("regExp({}, 'i').test(String({it}))", quoted(&pattern));
    let is_value = || match number {
        Some(number) => format!("Number({it}) === {number}"),
        None => test(format!("^{}$", escaped(value))),
    };
    let holds = match operator {
        Operator::Number(sign) => format!("Number({it}) {sign} {}", number?),
        Operator::Is => is_value(),
        Operator::Not => format!("!({})", is_value()),
        Operator::Contains => test(escaped(value)),
    };
    Some(Ok(format!("({there} && {holds})")))
}

fn unquoted(text: &str) -> &str {
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inside('\'').or_else(|| inside('"')).unwrap_or(text)
}

/// A text that a regular expression takes for itself.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The property that a name means: its identifier or what it is called, else one that begins with the word (`height` is
/// `height_m`), else one that has it (`area` is `floor_area_m2`); of several the shortest.
fn resolve<'k>(name: &str, known: &'k [Named]) -> Option<&'k str> {
    let folded = |text: &str| text.to_lowercase().replace(' ', "_");
    let name = folded(name);
    let rank = |known: &Named| {
        let (id, label) = (folded(&known.id), folded(&known.label));
        if id == name {
            return Some(0);
        }
        if label == name {
            return Some(1);
        }
        let mut words = id.split(|c: char| !c.is_alphanumeric());
        if words.next() == Some(&*name) {
            Some(2)
        } else if words.any(|word| word == name) {
            Some(3)
        } else {
            None
        }
    };
    known
        .iter()
        .filter_map(|known| Some((rank(known)?, known.id.len(), known)))
        .min()
        .map(|(_, _, known)| known.id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use city_tiles::metadata::{Column, ColumnValues, FeatureTable, PropertyTable};
    use city_tiles::style::Inputs;

    fn known() -> Vec<Named> {
        [
            ("use", "Use"),
            ("height_m", "Height"),
            ("floor_area_m2", ""),
            ("a b", ""),
        ]
        .map(|(id, label)| Named {
            id: id.into(),
            label: label.into(),
        })
        .into()
    }

    fn column(id: &str, rows: &[&str]) -> Column {
        let mut text = String::new();
        let ends = rows.iter().map(|row| {
            text.push_str(row);
            text.len() as u32
        });
        let ends = ends.collect();
        Column::new(id, ColumnValues::Text { ends, text })
    }

    fn fitting(question: &str) -> Vec<u32> {
        let mut features = FeatureTable::default();
        features.tables.push(PropertyTable {
            count: 4,
            columns: vec![
                column("use", &["Office", "Office (old)", "Retail", "office"]),
                Column {
                    no_data: vec![3],
                    ..Column::new("height_m", ColumnValues::F64(vec![62.0, 20.5, 80.0, 0.0]))
                },
                Column::new("floor_area_m2", ColumnValues::I64(vec![10, 20, 30, 40])),
                column("a b", &["it's", "a+b", "x or y", "x"]),
            ],
            ..PropertyTable::default()
        });
        features.push_block(4, Some(0), None);
        // Trees have nothing, and fit nothing.
        features.push_block(2, None, None);
        let Question::Rule(rule) = read(question, &known()) else {
            panic!("{question}: {:?}", read(question, &known()));
        };
        let styled = rule.style.evaluate_table(&features, &Inputs::default());
        (0..styled.count)
            .filter(|at| !styled.is_hidden(*at))
            .collect()
    }

    #[test]
    fn comparisons_find_features_by_numbers_and_words() {
        for (question, expected) in [
            ("height > 60", vec![0, 2]),
            ("Height>=62", vec![0, 2]),
            ("height_m ≤ 62", vec![0, 1]),
            ("use = office", vec![0, 3]),
            ("use == 'Office (old)'", vec![1]),
            ("use != office", vec![1, 2]),
            ("use ~ off", vec![0, 1, 3]),
            ("area = 30", vec![2]),
            ("a b = it's", vec![0]),
            ("a b = a+b", vec![1]),
            ("a b = 'x or y'", vec![2]),
            ("use = office and height > 60", vec![0]),
            ("use = retail OR area = 40", vec![2, 3]),
            ("use = retail or use = office and area < 15", vec![0, 2]),
            ("${height_m} > 60 && ${use} === 'Retail'", vec![2]),
            ("${height_m} < 'x'", vec![]),
        ] {
            assert_eq!(fitting(question), expected, "{question}");
        }
    }

    #[test]
    fn what_compares_nothing_is_a_text_and_mistakes_are_told() {
        let read = |text: &str| read(text, &known());
        for text in ["Tower 12", "22.29, 114.17", "height >", "= 5", "use > high"] {
            assert!(matches!(read(text), Question::Text(_)), "{text}");
        }
        assert!(matches!(read("colour = red"), Question::Unknown(name) if name == "colour"));
        let Question::Wrong(why) = read("${height_m} >") else {
            panic!("{:?}", read("${height_m} >"));
        };
        assert!(why.contains("expression") || why.contains("byte"), "{why}");
        assert!(matches!(read(&"a=b ".repeat(1000)), Question::Text(_)));
        let Question::Rule(rule) = read("use=x and height<5") else {
            panic!("no rule");
        };
        assert_eq!(rule.reads, ["use", "height_m"]);
    }
}
