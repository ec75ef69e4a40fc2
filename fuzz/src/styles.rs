//! Seeds for styles, and what every style is held to.

use city_tiles::style::{ByName, Inputs, Style, StyleExpression, StyleValue, complete};

/// A whole style and single expressions that use every part of the language.
pub fn seeds() -> Vec<Vec<u8>> {
    let style = br##"{"defines":{"t":"clamp(${h} / 200, 0, 1)"},"show":"regExp('^a\\d+', 'i').test(${n}) || ${o.k[0]} !== null",
"color":{"conditions":[["${t} > 0.5 && !isNaN(${h})","mix(color('white'), color('#f008'), ${t})"],["true","hsla(0.1, 1, 0.5, 1)"]]},
"pointSize":3,"meta":{"m":"'Hello ${n}, ${feature['x y']}'"}}"##;
    let expressions = [
        "vec4(vec2(1), 2, 3).w * -2 % 3 === 1 ? [1, 'a', `b`][0] : ${a}['b'].length",
        "regExp('(a|b)+', 'gimuy').exec(${n}) =~ regExp(${p}) !~ \"x\"",
        "color() + rgb(1, 2, 3) / vec4(Math.PI).toString()",
        "${tiles3d_tileset_time} >= 1e3 || ${POSITION}.x < cross(vec3(1), vec3(2))[1]",
    ];
    let mut seeds = vec![style.to_vec()];
    seeds.extend(expressions.map(|text| text.as_bytes().to_vec()));
    seeds
}

fn value<'a>(name: &str) -> StyleValue<'a> {
    match name {
        "h" => StyleValue::Number(42.5),
        "n" => StyleValue::from("a1"),
        "p" => StyleValue::from("[a-c]"),
        _ => StyleValue::Undefined,
    }
}

/// Reads bytes as a style and as an expression, and evaluates what they say.
pub fn hold(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let inputs = Inputs::default();
    match Style::from_text(text) {
        Ok(style) => {
            let feature = ByName {
                names: style.properties(),
                get: |name: &str| value(name),
            };
            let mut evaluator = style.evaluator(&inputs);
            let outcome = evaluator.evaluate(0, &feature);
            assert!(
                outcome
                    .color
                    .is_none_or(|color| color.iter().all(|c| (0.0..=1.0).contains(c)))
            );
            assert!(
                outcome
                    .point_size_px
                    .is_none_or(|size| size.is_finite() && size >= 0.0)
            );
            for name in style.meta_names() {
                let _ = evaluator.meta(name, 0, &feature);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    match StyleExpression::parse(text) {
        Ok(expression) => {
            let printed = expression.to_string();
            let again = StyleExpression::parse(&printed);
            assert_eq!(
                again.as_ref().map(StyleExpression::ast),
                Ok(expression.ast()),
                "{printed}"
            );
            let feature = ByName {
                names: expression.properties(),
                get: |name: &str| value(name),
            };
            let _ = expression.evaluate(&feature, &inputs);
        }
        Err(error) => assert!(text.get(error.range()).is_some(), "{error}"),
    }
    for one in complete(text, text.len() / 2, &["h", "x y"]) {
        assert!(text.get(one.replace).is_some() && one.cursor <= one.insert.len());
    }
}
