//! Words of the filter language (OData 4.0, as SensorThings clause 9.3.3.5 takes it over).

use super::{error::QueryError, time};

/// One word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, an operator in letters, or a path with slashes.
    Word(String),
    /// A number.
    Number(f64),
    /// A text in quotes.
    Text(String),
    /// An instant.
    Time(i64),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `-` before something that is not a number.
    Minus,
}

/// Longest filter, in bytes.
const MAX_FILTER_BYTES: usize = 8192;

/// Splits a filter into words.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, QueryError> {
    if text.len() > MAX_FILTER_BYTES {
        let detail = format!("an expression may have {MAX_FILTER_BYTES} bytes");
        return Err(QueryError::bad(detail));
    }
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (token, used) = match c {
            ' ' | '\t' => {
                rest = &rest[1..];
                continue;
            }
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '\'' => quoted(rest)?,
            '-' if !rest[1..].starts_with(|c: char| c.is_ascii_digit()) => (Token::Minus, 1),
            '-' | '0'..='9' => number_or_time(rest)?,
            c if c.is_alphabetic() || matches!(c, '_' | '@' | '$') => word(rest),
            c => {
                let at = text.len() - rest.len();
                let detail = format!("unexpected \"{c}\" at {at} of \"{text}\"");
                return Err(QueryError::bad(detail));
            }
        };
        tokens.push(token);
        rest = &rest[used..];
    }
    Ok(tokens)
}

fn quoted(rest: &str) -> Result<(Token, usize), QueryError> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != '\'' {
            text.push(c);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\''); // doubled: a quote within the text
        } else {
            return Ok((Token::Text(text), at + 1));
        }
    }
    Err(QueryError::bad(format!("no closing quote after {rest}")))
}

fn word(rest: &str) -> (Token, usize) {
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '_' | '@' | '.' | '/' | '$');
    let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    (Token::Word(rest[..end].to_owned()), end)
}

fn number_or_time(rest: &str) -> Result<(Token, usize), QueryError> {
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '+');
    let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    let text = &rest[..end];
    if let Ok(number) = text.parse::<f64>()
        && number.is_finite()
    {
        return Ok((Token::Number(number), end));
    }
    // A date alone means its first instant, in UTC.
    let instant = if text.len() == 10 {
        time::parse(&format!("{text}T00:00:00Z"))
    } else {
        time::parse(text)
    };
    match instant {
        Some((time_ns, _)) => Ok((Token::Time(time_ns), end)),
        None => Err(QueryError::bad(format!(
            "\"{text}\" is neither a number nor a time such as 2025-06-15T23:00:00Z"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_times_and_texts() {
        let found =
            tokens("phenomenonTime ge 2023-03-28T10:30:00.000Z and result lt -4.5e1").unwrap();
        assert_eq!(found[2], Token::Time(1_679_999_400_000_000_000));
        assert_eq!(found[6], Token::Number(-45.0));
        let offset = tokens("2023-03-28T18:30:00+08:00").unwrap();
        assert_eq!(offset, [Token::Time(1_679_999_400_000_000_000)]);
        assert_eq!(
            tokens("name eq 'O''Brien/1'").unwrap()[2],
            Token::Text("O'Brien/1".into())
        );
        assert_eq!(tokens("Datastream/@iot.id").unwrap().len(), 1);
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        for (text, part) in [
            ("result gt 2023-13-99", "neither a number nor a time"),
            ("name eq 'open", "no closing quote"),
            ("result ! 4", "unexpected \"!\" at 7"),
        ] {
            let error = tokens(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
