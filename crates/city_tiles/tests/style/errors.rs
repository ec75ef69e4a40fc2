//! What people read when an expression is wrong: the place in the text and what to write instead.

use city_tiles::style::{Style, StyleExpression};
use serde_json::json;

#[test]
fn expressions_say_where_and_what_to_write() {
    // The part between the marks is what an editor underlines.
    let cases = [
        ("${a} [==] 1", "write ==="),
        ("${a} [!=] 1", "write !=="),
        ("[colour]('red')", "did you mean \"color\"?"),
        ("[regexp]('a')", "did you mean \"regExp\"?"),
        ("[color('bleu')]", "did you mean \"blue\"?"),
        ("[height] > 3", "a property is written ${height}"),
        ("[True]", "did you mean true?"),
        ("[PI]", "write Math.PI"),
        ("[Math.cos](1)", "write cos(radians)"),
        ("[abs]", "called as abs(x)"),
        ("[mix(1, 2)]", "mix takes 3 arguments, 2 given"),
        ("${[gml:id]}", "write ${feature['gml:id']}"),
        ("${[it's mine]}", "write ${feature[\"it's mine\"]}"),
        ("${[foo[${bar]}]}", "cannot stand inside variables"),
        ("${[]}", "property's name"),
        ("[${a]", "no closing }"),
        ("['abc]", "no closing '"),
        ("[12px]", "not a number"),
        ("1 [2]", "operator is missing"),
        ("(1[]", "expected ')'"),
        ("1 +[]", "expected a value, found the end"),
        ("true ? 1[]", "expected ':'"),
        ("[regExp('(?=a)')]", "looking ahead"),
        ("${b}.[tset]('a')", "did you mean \"test\"?"),
        ("[${b}](1)", "only functions can be called"),
        ("${[tiles3d_time]}", "tiles3d_tileset_time"),
        ("1 [&] 2", "write &&"),
        ("'ü' [ü]", "operator is missing"),
        ("[]", "empty"),
    ];
    for (marked, words) in cases {
        let (start, end) = marks(marked);
        let text = format!(
            "{}{}{}",
            &marked[..start],
            &marked[start + 1..end],
            &marked[end + 1..]
        );
        let error = match StyleExpression::parse(&text) {
            Err(error) => error,
            Ok(read) => panic!("{text} is read as {read}"),
        };
        assert!(error.to_string().contains(words), "{text}: {error}");
        assert_eq!(error.range(), start..end - 1, "{text}: {error}");
    }
}

/// The first `[` and the `]` that closes it, or the last one where the text has brackets of its own.
fn marks(marked: &str) -> (usize, usize) {
    let start = marked.find('[').unwrap();
    let end = if marked.contains("foo[") {
        marked.find("]}").unwrap()
    } else {
        marked[start..].find(']').unwrap() + start
    };
    (start, end)
}

#[test]
fn styles_say_which_key_and_which_condition() {
    let cases = [
        (json!([]), "the style: expected an object, found an array"),
        (
            json!({"show": 3}),
            "show: expected an expression as text, true, false",
        ),
        (
            json!({"color": true}),
            "color: expected an expression as text",
        ),
        (json!({"pointSize": []}), "pointSize: expected"),
        (
            json!({"defines": "x"}),
            "defines: expected an object of expressions",
        ),
        (
            json!({"meta": {"a": {"conditions": 1}}}),
            "meta.a.conditions: expected an array",
        ),
        (
            json!({"color": {"conditions": [["true"]]}}),
            "color.conditions[0]: expected an array of two",
        ),
        (
            json!({"color": {"conditions": [["true", null]]}}),
            "color.conditions[0][1]: expected",
        ),
        (
            json!({"color": {"conditions": [["true", "color()"], ["${a} == 1", "color()"]]}}),
            "color.conditions[1][0], byte 5: operator == does not exist in styles; write ===, in \"${a} == 1\"",
        ),
        (
            json!({"defines": {"d": "1 +"}}),
            "defines.d, byte 3: expected a value",
        ),
    ];
    for (style, words) in cases {
        let error = Style::parse(&style).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let error = Style::from_text("{\n  \"show\": tru }")
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("line 2, column 14"), "{error}");
    let long = Style::from_text(&" ".repeat(3 << 20))
        .unwrap_err()
        .to_string();
    assert!(long.contains("limit"), "{long}");
}

#[test]
fn what_is_likely_not_meant_is_a_warning() {
    let style = Style::parse(&json!({
        "colour": "color('red')",
        "labelText": "'x'",
        "defines": { "A": "${x}", "B": "${A} + 1" },
        "show": "${x} > 1 || 'a' < 2",
        "color": { "condition": [] },
    }))
    .unwrap();
    let warnings: Vec<String> = style.warnings().iter().map(ToString::to_string).collect();
    let has = |words: &str| {
        assert!(
            warnings.iter().any(|one| one.contains(words)),
            "{words}: {warnings:?}"
        )
    };
    has("colour is not used; did you mean \"color\"?");
    has("labelText is not used");
    has("color.condition is not used; did you mean \"conditions\"?");
    has("show, byte 12: this fails for every feature");
    has("defines.B: ${A} is the feature's property");
    assert_eq!(warnings.len(), 5, "{warnings:?}");
}
