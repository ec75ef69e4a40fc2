//! Texts that nobody would write: nothing panics, and what is read prints as itself.

use city_tiles::style::{Inputs, NoProperties, Style, StyleExpression, complete};
use proptest::prelude::*;

const TOKENS: [&str; 64] = [
    "1",
    "0.5",
    "1e3",
    "'a'",
    "\"b\"",
    "`c`",
    "'${x}'",
    "`${y.z}!`",
    "'",
    "\"",
    "`",
    "${x}",
    "${a.b[0]}",
    "${feature['q r']}",
    "${",
    "}",
    "${feature}",
    "true",
    "false",
    "null",
    "undefined",
    "NaN",
    "Infinity",
    "Math.PI",
    "Math",
    ".",
    ".x",
    ".length",
    "[",
    "]",
    "(",
    ")",
    ",",
    "?",
    ":",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    "&&",
    "||",
    "===",
    "!==",
    "<",
    "<=",
    ">",
    ">=",
    "=~",
    "!~",
    "==",
    "abs(",
    "vec2(",
    "color('red')",
    "rgb(1, 2, 3)",
    "regExp('a+')",
    ".test(",
    ".exec(",
    ".toString()",
    "mix(",
    "[0]",
    " ",
    "ü",
];

/// Expressions that are right by their grammar, if not by their types.
fn grammatical() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "2.5",
        "'a'",
        "true",
        "${x}",
        "${a.b}",
        "${feature['q r']}",
        "'${x} m'",
        "NaN",
        "vec3(1, 2, 3)",
        "null",
        "color('red')",
        "regExp('a')",
        "Math.E",
        "${feature}",
    ])
    .prop_map(ToOwned::to_owned);
    leaf.prop_recursive(6, 48, 3, |inner| {
        let operators = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "===", "!==", "<", ">=", "=~", "!~", "&&", "||",
        ]);
        prop_oneof![
            (inner.clone(), operators, inner.clone())
                .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("{a} ? {b} : {c}")),
            (prop::sample::select(vec!["-", "!", "+"]), inner.clone())
                .prop_map(|(op, a)| format!("{op}{a}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("({a}).x")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[{b}]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, {b}]")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("min({a}, {b})")),
        ]
    })
}

fn hold(text: &str) {
    match StyleExpression::parse(text) {
        Ok(expression) => {
            let printed = expression.to_string();
            let again = StyleExpression::parse(&printed);
            let again = again.unwrap_or_else(|e| panic!("{text:?} printed as {printed:?}: {e}"));
            assert_eq!(
                expression.ast(),
                again.ast(),
                "{text:?} printed as {printed:?}"
            );
            assert_eq!(printed, again.to_string());
            let inputs = Inputs::default();
            let (a, b) = (
                expression.evaluate(&NoProperties, &inputs),
                again.evaluate(&NoProperties, &inputs),
            );
            match (a, b) {
                (Ok(a), Ok(b)) => assert_eq!(a.to_string(), b.to_string()),
                (Err(a), Err(b)) => assert_eq!(a.kind, b.kind),
                (a, b) => panic!("{text:?}: {a:?} and {b:?}"),
            }
        }
        Err(error) => {
            let range = error.range();
            assert!(
                text.get(range.clone()).is_some(),
                "{text:?}: {range:?} {error}"
            );
            assert!(!error.to_string().is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn tokens_in_any_order(tokens in prop::collection::vec(prop::sample::select(TOKENS.to_vec()), 0..24), space: bool) {
        hold(&tokens.join(if space { " " } else { "" }));
    }

    #[test]
    fn right_by_the_grammar(text in grammatical()) {
        hold(&text);
    }

    #[test]
    fn any_characters(text in "\\PC{0,40}") {
        hold(&text);
        for cursor in 0..=text.len() {
            for one in complete(&text, cursor, &["x", "q r"]) {
                prop_assert!(text.get(one.replace).is_some());
                prop_assert!(one.cursor <= one.insert.len());
            }
        }
    }

    #[test]
    fn patterns_of_any_characters(pattern in "[\\[\\]\\\\(){}^$.*+?|a-d0-9&~:<=!-]{0,16}", text in "[a-d0-9]{0,16}") {
        let style = serde_json::json!({ "show": format!("regExp('{pattern}', 'i').test('{text}')") });
        let _ = Style::parse(&style);
    }
}

#[test]
fn deep_and_long_texts_are_refused() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("-", ""),
        ("!", ""),
        ("abs(", ")"),
        ("true ? (", ") : 1"),
    ] {
        let deep = format!("{}1{}", open.repeat(5_000), close.repeat(5_000));
        let error = StyleExpression::parse(&deep).unwrap_err().to_string();
        assert!(error.contains("deep"), "{open}: {error}");
    }
    assert!(StyleExpression::parse(&format!("1{}", " + 1".repeat(5_000))).is_err());
    assert!(
        StyleExpression::parse(&"1".repeat(1 << 17))
            .unwrap_err()
            .to_string()
            .contains("limit")
    );
    // Lists of ids are long, not deep.
    let ids: Vec<String> = (0..2_000).map(|id| format!("${{id}} === '{id}'")).collect();
    let list = StyleExpression::parse(&ids.join(" || ")).unwrap();
    hold(&list.to_string());
    let bands: Vec<String> = (0..2_000)
        .map(|n| format!("${{h}} < {n} ? {n} : "))
        .collect();
    hold(&format!("{}0", bands.concat()));
}

#[test]
fn texts_do_not_grow_without_end() {
    let style = serde_json::json!({
        "defines": { "a": format!("'{}'", "x".repeat(20_000)) },
        "meta": { "m": format!("'{}'", "${a}".repeat(10_000)), "n": format!("String([{}1])", "${a},".repeat(10_000)) },
    });
    let style = Style::parse(&style).unwrap();
    let mut evaluator = style.evaluator(&Inputs::default());
    assert!(evaluator.meta("m", 0, &NoProperties).is_none());
    assert!(evaluator.meta("n", 0, &NoProperties).is_none());
    assert!(
        evaluator
            .problems()
            .iter()
            .all(|problem| problem.to_string().contains("longer than"))
    );
    assert_eq!(evaluator.problems().len(), 2);
}
