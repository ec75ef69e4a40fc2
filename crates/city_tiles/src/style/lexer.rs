//! An expression's text as tokens.

use super::error::{ExpressionError, ExpressionErrorKind as Kind};
use super::span::Span;
use std::ops::Range;

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Number(f64),
    /// A string: its quote, and the bytes between the quotes.
    Text(char, Range<usize>),
    /// `${…}`: the bytes between the braces.
    Variable(Range<usize>),
    Identifier,
    /// An operator or a bracket.
    Symbol(&'static str),
}

/// Operators and brackets, the longest first where one begins another.
const SYMBOLS: &[&str] = &[
    "===", "!==", "=~", "!~", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "!", "(",
    ")", "[", "]", ",", ".", "?", ":",
];

/// What JavaScript has and styles do not, and what to write instead. Looked at before [`SYMBOLS`].
const FOREIGN: &[(&str, Option<&str>)] = &[
    (">>>", None),
    ("==", Some("===")),
    ("!=", Some("!==")),
    ("<<", None),
    (">>", None),
    ("**", Some("pow(base, exponent)")),
    ("??", Some("a condition with === undefined")),
    ("?.", Some(".")),
    ("=>", Some(">=")),
    ("&", Some("&&")),
    ("|", Some("||")),
    ("^", Some("pow(base, exponent)")),
    ("~", None),
    ("=", Some("===")),
];

/// Whether a character can be part of a name.
pub(super) fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

fn is_name_start(c: char) -> bool {
    is_name_character(c) && !c.is_ascii_digit()
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// All tokens of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = rest(text, at).chars().next() {
        if is_space(c) {
            at += c.len_utf8();
            continue;
        }
        let (kind, end) = token(text, at, c)?;
        tokens.push(Token {
            kind,
            span: Span::new(at, end),
        });
        at = end;
    }
    Ok(tokens)
}

fn rest(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

fn token(text: &str, at: usize, c: char) -> Result<(TokenKind, usize), ExpressionError> {
    let here = rest(text, at);
    if here.starts_with("${") {
        let end = variable_end(text, at + 2).ok_or_else(|| {
            ExpressionError::new(Span::new(at, text.len()), Kind::UnterminatedVariable)
        })?;
        let inside = text.get(at + 2..end).unwrap_or_default();
        if inside.contains("${") {
            // Said here, before the braces that are left over are.
            super::variable::path(inside, at + 2)?;
        }
        return Ok((TokenKind::Variable(at + 2..end), end + 1));
    }
    if matches!(c, '\'' | '"' | '`') {
        let from = at + 1;
        let Some(length) = rest(text, from).find(c) else {
            let span = Span::new(at, text.len());
            return Err(ExpressionError::new(span, Kind::UnterminatedString(c)));
        };
        return Ok((TokenKind::Text(c, from..from + length), from + length + 1));
    }
    let digit_follows = |text: &str| text.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
    if c.is_ascii_digit() || (c == '.' && digit_follows(here)) {
        return number(text, at);
    }
    if is_name_start(c) {
        let length = here.find(|c| !is_name_character(c)).unwrap_or(here.len());
        return Ok((TokenKind::Identifier, at + length));
    }
    // What styles know and what they do not: the longer wins, as in JavaScript.
    let known = SYMBOLS.iter().find(|symbol| here.starts_with(**symbol));
    // `a ?.5 : 1` is a condition.
    let foreign = FOREIGN
        .iter()
        .find(|(symbol, _)| here.starts_with(*symbol))
        .filter(|(symbol, _)| *symbol != "?." || !digit_follows(&here[1..]));
    match (known, foreign) {
        (Some(known), Some((foreign, _))) if known.len() >= foreign.len() => {
            Ok((TokenKind::Symbol(known), at + known.len()))
        }
        (_, Some((found, instead))) => {
            let (found, instead) = (*found, *instead);
            let span = Span::new(at, at + found.len());
            Err(ExpressionError::new(
                span,
                Kind::UnknownOperator { found, instead },
            ))
        }
        (Some(known), None) => Ok((TokenKind::Symbol(known), at + known.len())),
        (None, None) => {
            let span = Span::new(at, at + c.len_utf8());
            Err(ExpressionError::new(span, Kind::UnexpectedCharacter(c)))
        }
    }
}

/// Where the brace that closes a variable is. Braces within `['…']` do not count.
pub(super) fn variable_end(text: &str, from: usize) -> Option<usize> {
    let (mut quote, mut last) = (None, ' ');
    for (at, c) in rest(text, from).char_indices() {
        match (quote, c) {
            (None, '}') => return Some(from + at),
            (None, '\'' | '"') if last == '[' => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        if !is_space(c) {
            last = c;
        }
    }
    None
}

fn number(text: &str, at: usize) -> Result<(TokenKind, usize), ExpressionError> {
    let digits = |from: usize| {
        let rest = rest(text, from);
        from + rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len())
    };
    let starts = |at: usize, with: &[char]| rest(text, at).starts_with(with);
    let mut end = digits(at);
    if starts(end, &['.']) {
        end = digits(end + 1);
    }
    let mut good = true;
    if starts(end, &['e', 'E']) {
        let sign = usize::from(starts(end + 1, &['+', '-']));
        let exponent = end + 1 + sign;
        end = digits(exponent);
        good = end > exponent;
    }
    // 12px and 1.2.3 are no numbers.
    let tail = rest(text, end);
    let more = tail
        .find(|c| !is_name_character(c) && c != '.')
        .unwrap_or(tail.len());
    let span = Span::new(at, end + more);
    let written = text.get(span.range()).unwrap_or_default();
    match written.parse::<f64>() {
        Ok(value) if good && more == 0 => Ok((TokenKind::Number(value), end)),
        _ => Err(ExpressionError::new(
            span,
            Kind::BadNumber(written.to_owned()),
        )),
    }
}
