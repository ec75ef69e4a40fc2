//! What can be written at a place of an expression.

use super::ast::Method;
use super::color;
use super::functions::Function;
use super::lexer::is_name_character;
use super::variable::is_plain_name;
use std::ops::Range;

/// Most completions that are given.
const MAX_COMPLETIONS: usize = 200;

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    /// A property of the feature.
    Property,
    /// A function of the language.
    Function,
    /// A keyword or a constant.
    Keyword,
    /// A member of a value.
    Member,
    /// The name of a colour.
    Color,
}

/// Something that can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What people see.
    pub label: String,
    /// What it is, in a few words.
    pub detail: String,
    /// Kind of thing.
    pub kind: CompletionKind,
    /// The bytes of the text that are replaced, on character boundaries.
    pub replace: Range<usize>,
    /// What stands there then.
    pub insert: String,
    /// Where the cursor goes: bytes from the start of what was inserted.
    pub cursor: usize,
}

const KEYWORDS: [(&str, &str); 9] = [
    ("true", "yes"),
    ("false", "no"),
    ("null", "a property without a value"),
    ("undefined", "a property that the feature does not have"),
    ("NaN", "not a number"),
    ("Infinity", "the infinite number"),
    ("Math.PI", "3.14159…"),
    ("Math.E", "2.71828…"),
    (
        "${tiles3d_tileset_time}",
        "seconds since the tileset was loaded",
    ),
];

/// What can be written at the cursor, a byte of the text: properties within `${…}`, colours within `color('…')`,
/// members after a dot, else functions, keywords and properties that begin with the word before the cursor. What begins
/// with it comes before what only holds it. A cursor within a character moves to its start.
#[must_use]
pub fn complete<S: AsRef<str>>(text: &str, cursor: usize, properties: &[S]) -> Vec<Completion> {
    let mut cursor = cursor.min(text.len());
    while !text.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let (before, after) = text.split_at(cursor);
    let place = Place::of(before);
    let mut found = Found::new(place.word(before), cursor);
    match place {
        Place::Variable(start) => {
            let close = if after.trim_start_matches(is_name_character).starts_with('}') {
                ""
            } else {
                "}"
            };
            for name in properties.iter().map(AsRef::as_ref) {
                in_braces(&mut found, name, start, close);
            }
        }
        Place::ColorName(quote) => {
            let close = if after.starts_with(quote) {
                String::new()
            } else {
                quote.to_string()
            };
            for name in color::names() {
                found.offer(name, "", CompletionKind::Color, format!("{name}{close}"), 0);
            }
        }
        Place::Text => {}
        Place::Member => {
            for method in Method::ALL {
                let insert = format!("{}()", method.name());
                let back = usize::from(method != Method::ToString);
                found.offer(
                    method.name(),
                    "a function of the value",
                    CompletionKind::Member,
                    insert,
                    back,
                );
            }
            for (name, detail) in [
                ("x", "first component"),
                ("y", "second component"),
                ("z", "third component"),
                ("w", "fourth component"),
                ("r", "red"),
                ("g", "green"),
                ("b", "blue"),
                ("a", "alpha"),
                ("length", "of a text or an array"),
            ] {
                found.offer(name, detail, CompletionKind::Member, name.to_owned(), 0);
            }
        }
        Place::Word => {
            for name in properties.iter().map(AsRef::as_ref) {
                found.offer(name, "property", CompletionKind::Property, written(name), 0);
            }
            for function in Function::ALL {
                let called = after.starts_with('(');
                let insert = if called {
                    function.name().to_owned()
                } else {
                    format!("{}()", function.name())
                };
                let back = usize::from(!called && function.arity().1 > 0);
                let detail = format!("{}: {}", function.signature(), function.description());
                found.offer(
                    function.name(),
                    &detail,
                    CompletionKind::Function,
                    insert,
                    back,
                );
            }
            for (word, detail) in KEYWORDS {
                found.offer(word, detail, CompletionKind::Keyword, word.to_owned(), 0);
            }
        }
    }
    found.into_list()
}

/// A property as it is written in an expression.
fn written(name: &str) -> String {
    if is_plain_name(name) {
        return format!("${{{name}}}");
    }
    let quote = if name.contains('\'') { '"' } else { '\'' };
    format!("${{feature[{quote}{name}{quote}]}}")
}

/// A property whose `${` is already there.
fn in_braces(found: &mut Found<'_>, name: &str, start: usize, close: &str) {
    let whole = written(name);
    let inside = whole.trim_start_matches("${").trim_end_matches('}');
    let insert = format!("{inside}{close}");
    // What stands between the brace and the cursor is replaced, `feature.` too.
    let from = start + 2;
    found.offer_from(from, name, "property", CompletionKind::Property, insert, 0);
}

/// Where the cursor is.
enum Place {
    /// In `${…`, which begins at this byte.
    Variable(usize),
    /// In the string of `color('…`.
    ColorName(char),
    /// In another string.
    Text,
    /// After a dot.
    Member,
    /// Anywhere else.
    Word,
}

impl Place {
    /// Reads the text before the cursor from the start: quotes decide.
    fn of(before: &str) -> Self {
        let mut quote: Option<(usize, char)> = None;
        let mut variable: Option<usize> = None;
        let mut last = ' ';
        for (at, c) in before.char_indices() {
            match (variable, quote) {
                (Some(_), _) if c == '}' => variable = None,
                (Some(_), Some((_, open))) if c == open => (variable, quote) = (None, None),
                (Some(_), _) => {}
                (None, _) if c == '{' && last == '$' => variable = Some(at - 1),
                (None, Some((_, open))) if c == open => quote = None,
                (None, None) if matches!(c, '\'' | '"' | '`') => quote = Some((at, c)),
                _ => {}
            }
            last = c;
        }
        match (variable, quote) {
            (Some(start), _) => Self::Variable(start),
            (None, Some((at, open))) => {
                let call = before.get(..at).unwrap_or_default().trim_end();
                let call = call.strip_suffix('(').map(str::trim_end);
                if call.is_some_and(|call| call.ends_with("color")) {
                    Self::ColorName(open)
                } else {
                    Self::Text
                }
            }
            (None, None) => {
                let head = before.trim_end_matches(is_name_character);
                let object = head.strip_suffix('.').map(str::trim_end);
                let value = |object: &str| object.ends_with([')', ']', '}', '\'', '"']);
                if object.is_some_and(value) {
                    Self::Member
                } else {
                    Self::Word
                }
            }
        }
    }

    /// What has been written of the word.
    fn word<'t>(&self, before: &'t str) -> &'t str {
        match self {
            Self::Variable(start) => {
                let inside = before.get(start + 2..).unwrap_or_default();
                let name = inside.strip_prefix("feature").map_or(inside, |rest| {
                    rest.trim_start_matches(['.', '[', '\'', '"'])
                });
                // `${feat` is the start of a name, not of nothing.
                if name.is_empty() && !inside.ends_with(['.', '[', '\'', '"']) {
                    inside
                } else {
                    name
                }
            }
            Self::ColorName(quote) => before.rsplit(*quote).next().unwrap_or_default(),
            _ => {
                let head = before.trim_end_matches(|c| is_name_character(c) || c == '.');
                let word = before.get(head.len()..).unwrap_or_default();
                match self {
                    Self::Member => word.trim_start_matches('.'),
                    _ => word,
                }
            }
        }
    }
}

struct Found<'t> {
    word: &'t str,
    lower: String,
    cursor: usize,
    starts: Vec<Completion>,
    holds: Vec<Completion>,
}

impl<'t> Found<'t> {
    fn new(word: &'t str, cursor: usize) -> Self {
        Self {
            word,
            lower: word.to_lowercase(),
            cursor,
            starts: Vec::new(),
            holds: Vec::new(),
        }
    }

    /// Offers something in the place of the word. `back` is how far before the end of it the cursor goes.
    fn offer(
        &mut self,
        label: &str,
        detail: &str,
        kind: CompletionKind,
        insert: String,
        back: usize,
    ) {
        self.offer_from(
            self.cursor - self.word.len(),
            label,
            detail,
            kind,
            insert,
            back,
        );
    }

    fn offer_from(
        &mut self,
        from: usize,
        label: &str,
        detail: &str,
        kind: CompletionKind,
        insert: String,
        back: usize,
    ) {
        let name = label.to_lowercase();
        let list = if name.starts_with(&self.lower) {
            &mut self.starts
        } else if name.contains(&self.lower) {
            &mut self.holds
        } else {
            return;
        };
        if list.len() < MAX_COMPLETIONS {
            list.push(Completion {
                label: label.to_owned(),
                detail: detail.to_owned(),
                kind,
                replace: from..self.cursor,
                cursor: insert.len() - back.min(insert.len()),
                insert,
            });
        }
    }

    fn into_list(mut self) -> Vec<Completion> {
        self.starts.append(&mut self.holds);
        self.starts.truncate(MAX_COMPLETIONS);
        self.starts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["height_m", "use", "gml:id", "name"];

    /// The texts after taking each completion at `|`.
    fn taken(marked: &str) -> Vec<String> {
        let cursor = marked.find('|').unwrap();
        let text = marked.replace('|', "");
        complete(&text, cursor, &NAMES)
            .into_iter()
            .map(|one| {
                let mut text = text.clone();
                let at = one.replace.start + one.cursor;
                text.replace_range(one.replace, &one.insert);
                text.insert(at, '|');
                text
            })
            .collect()
    }

    #[test]
    fn what_fits_the_place_comes_first() {
        let cases = [
            ("${he|", "${height_m}|"),
            ("${he|} > 3", "${height_m|} > 3"),
            ("${feature.us|", "${use}|"),
            ("${gml|", "${feature['gml:id']}|"),
            ("'Hello ${na|", "'Hello ${name}|"),
            ("color('ali|", "color('aliceblue'|"),
            ("color('ali|')", "color('aliceblue|')"),
            ("heig|", "${height_m}|"),
            ("1 + cl|", "1 + clamp(|)"),
            ("fl|(3)", "floor|(3)"),
            ("getE|", "getExactClassName()|"),
            ("Math.|", "Math.PI|"),
            ("regExp('a').te|", "regExp('a').test(|)"),
            ("${use}.le|", "${use}.length|"),
            ("und|", "undefined|"),
        ];
        for (marked, expected) in cases {
            assert_eq!(
                taken(marked).first().map(String::as_str),
                Some(expected),
                "{marked}"
            );
        }
        assert!(taken("'some te|").is_empty());
        assert!(taken("|").len() > 50);
    }
}
