//! JavaScript's regular expressions on an engine without backtracking: the time is linear in the text.

use regex::{Regex, RegexBuilder};
use std::fmt;

/// Longest pattern in bytes.
const MAX_PATTERN_BYTES: usize = 4096;
/// Largest compiled form in bytes.
const MAX_COMPILED_BYTES: usize = 1 << 20;
/// How deep groups may be.
const MAX_NESTING: u32 = 64;

/// A regular expression.
#[derive(Debug, Clone)]
pub struct StyleRegExp {
    pattern: String,
    flags: String,
    regex: Regex,
}

impl PartialEq for StyleRegExp {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern && self.flags == other.flags
    }
}

impl fmt::Display for StyleRegExp {
    /// `/pattern/flags`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pattern = if self.pattern.is_empty() {
            "(?:)"
        } else {
            &self.pattern
        };
        write!(f, "/{pattern}/{}", self.flags)
    }
}

impl StyleRegExp {
    /// Makes one of JavaScript's syntax.
    ///
    /// # Errors
    /// What is wrong with the pattern or the flags, and what of JavaScript's syntax needs backtracking.
    pub fn new(pattern: &str, flags: &str) -> Result<Self, String> {
        if pattern.len() > MAX_PATTERN_BYTES {
            return Err(format!(
                "the pattern has {} bytes, more than the limit of {MAX_PATTERN_BYTES}",
                pattern.len()
            ));
        }
        for (index, flag) in flags.char_indices() {
            if !"gimsuy".contains(flag) {
                return Err(format!(
                    "there is no flag {flag:?}; flags are g, i, m, s, u and y"
                ));
            }
            if flags[..index].contains(flag) {
                return Err(format!("flag {flag:?} is given twice"));
            }
        }
        let has = |flag| flags.contains(flag);
        let mut translated = translate(pattern, has('s'))?;
        if has('y') {
            // Sticky: a match must begin where the search does.
            translated = format!(r"\A(?:{translated})");
        }
        let regex = RegexBuilder::new(&translated)
            .case_insensitive(has('i'))
            .multi_line(has('m'))
            .size_limit(MAX_COMPILED_BYTES)
            .dfa_size_limit(MAX_COMPILED_BYTES)
            .nest_limit(MAX_NESTING)
            .build()
            .map_err(|error| reason(&error))?;
        Ok(Self {
            pattern: pattern.to_owned(),
            flags: flags.to_owned(),
            regex,
        })
    }

    /// Whether it is found in a text. Flag `g` keeps no place between calls.
    #[must_use]
    pub fn test(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// What its first group captured, where it is found; `Some(None)` where the group took no part.
    #[must_use]
    pub fn exec<'t>(&self, text: &'t str) -> Option<Option<&'t str>> {
        let captures = self.regex.captures(text)?;
        Some(captures.get(1).map(|group| group.as_str()))
    }
}

/// The engine's reason in one line.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(limit) => {
            format!("it needs more than the limit of {limit} bytes; count repetitions lower")
        }
        other => {
            let text = other.to_string();
            let last = text.lines().rev().find(|line| !line.trim().is_empty());
            let last = last.unwrap_or("the syntax is wrong").trim();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    }
}

const DIGIT: &str = "0-9";
const WORD: &str = "0-9A-Za-z_";
/// White space and ends of lines of ECMAScript.
const SPACE: &str = r"\t\n\x0b\x0c\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}";
const LINE_ENDS: &str = r"\n\r\x{2028}\x{2029}";

/// JavaScript's syntax in the engine's.
fn translate(pattern: &str, dot_all: bool) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 16);
    let chars: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        at += 1;
        match c {
            '\\' => at = escape(&mut out, &chars, at, false)?,
            '[' => at = class(&mut out, &chars, at)?,
            '(' if chars.get(at) == Some(&'?') => {
                out.push('(');
                let after: String = chars.iter().skip(at + 1).take(2).collect();
                if after.starts_with('=') || after.starts_with('!') {
                    return Err(unsupported("looking ahead, (?= and (?!,"));
                } else if after == "<=" || after == "<!" {
                    return Err(unsupported("looking behind, (?<= and (?<!,"));
                } else if !after.starts_with(':') && !after.starts_with('<') {
                    return Err("after (? comes ':' or '<name>'".to_owned());
                }
            }
            '{' if !is_count(&chars, at) => out.push_str(r"\{"),
            '{' => {
                let end = chars.iter().skip(at).position(|c| *c == '}');
                let end = at + end.unwrap_or(0) + 1;
                out.push('{');
                out.extend(chars.iter().take(end).skip(at));
                at = end;
            }
            '}' | ']' => {
                out.push('\\');
                out.push(c);
            }
            '.' if dot_all => out.push_str("(?s:.)"),
            '.' => {
                out.push_str("[^");
                out.push_str(LINE_ENDS);
                out.push(']');
            }
            _ => out.push(c),
        }
    }
    Ok(out)
}

fn unsupported(what: &str) -> String {
    format!(
        "{what} needs backtracking, which is not supported; write the condition with && and ! instead"
    )
}

/// Whether `{` begins a count: `{2}`, `{2,}` or `{2,3}`.
fn is_count(chars: &[char], from: usize) -> bool {
    let inside: String = chars.iter().skip(from).take_while(|c| **c != '}').collect();
    let closed = chars.get(from + inside.chars().count()) == Some(&'}');
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    closed
        && match inside.split_once(',') {
            None => digits(&inside),
            Some((least, most)) => digits(least) && (most.is_empty() || digits(most)),
        }
}

/// `[…]`, whose bracket has been read. Returns where it ends.
fn class(out: &mut String, chars: &[char], from: usize) -> Result<usize, String> {
    let mut at = from;
    let negated = chars.get(at) == Some(&'^');
    at += usize::from(negated);
    if chars.get(at) == Some(&']') {
        // `[^]` is any character, `[]` none.
        out.push_str(if negated { "(?s:.)" } else { r"[^\s\S]" });
        return Ok(at + 1);
    }
    out.push_str(if negated { "[^" } else { "[" });
    while let Some(&c) = chars.get(at) {
        at += 1;
        match c {
            ']' => {
                out.push(']');
                return Ok(at);
            }
            '\\' => at = escape(out, chars, at, true)?,
            // A range's dash stays, one that would be an operator of the engine does not.
            '-' if chars.get(at) != Some(&'-') && chars.get(at.wrapping_sub(2)) != Some(&'-') => {
                out.push('-')
            }
            '[' | '&' | '~' | '-' | '^' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    Err("a [ has no ]".to_owned())
}

/// What follows a backslash. Returns where it ends.
fn escape(out: &mut String, chars: &[char], at: usize, in_class: bool) -> Result<usize, String> {
    let Some(&c) = chars.get(at) else {
        return Err("a backslash stands at the end".to_owned());
    };
    let mut set = |not: &str, members: &str| {
        if in_class && not.is_empty() {
            out.push_str(members);
        } else {
            out.push('[');
            out.push_str(not);
            out.push_str(members);
            out.push(']');
        }
    };
    match c {
        'd' => set("", DIGIT),
        'D' => set("^", DIGIT),
        'w' => set("", WORD),
        'W' => set("^", WORD),
        's' => set("", SPACE),
        'S' => set("^", SPACE),
        'b' if in_class => out.push_str(r"\x08"),
        'b' => out.push_str(r"(?-u:\b)"),
        'B' if !in_class => out.push_str(r"\B"),
        't' | 'n' | 'r' => {
            out.push('\\');
            out.push(c);
        }
        'v' => out.push_str(r"\x0b"),
        'f' => out.push_str(r"\x0c"),
        '0' if !chars.get(at + 1).is_some_and(char::is_ascii_digit) => out.push_str(r"\x00"),
        'c' if chars.get(at + 1).is_some_and(char::is_ascii_alphabetic) => {
            let letter = chars.get(at + 1).map_or(0, |c| u32::from(*c) % 32);
            push_code(out, letter)?;
            return Ok(at + 2);
        }
        'x' | 'u' => return hex(out, chars, at, c),
        'p' | 'P' if chars.get(at + 1) == Some(&'{') => {
            let length = chars.iter().skip(at).take_while(|c| **c != '}').count();
            if chars.get(at + length) != Some(&'}') {
                return Err("a \\p{ has no }".to_owned());
            }
            out.push('\\');
            out.extend(chars.iter().skip(at).take(length + 1));
            return Ok(at + length + 1);
        }
        '1'..='9' | 'k' if !in_class => {
            return Err(unsupported("a back reference, \\1 and \\k<name>,"));
        }
        _ => push_literal(out, c),
    }
    Ok(at + 1)
}

/// `\x41`, `\u0041` or `\u{41}`; anything else is the letter itself.
fn hex(out: &mut String, chars: &[char], at: usize, letter: char) -> Result<usize, String> {
    let braced = letter == 'u' && chars.get(at + 1) == Some(&'{');
    let from = at + 1 + usize::from(braced);
    let digits: String = chars
        .iter()
        .skip(from)
        .take(6)
        .take_while(|c| c.is_ascii_hexdigit())
        .collect();
    let length = match (braced, letter) {
        (true, _) => digits.len(),
        (false, 'x') => 2,
        (false, _) => 4,
    };
    let closed = !braced || chars.get(from + length) == Some(&'}');
    match digits.get(..length).filter(|_| length > 0 && closed) {
        Some(digits) => {
            let code = u32::from_str_radix(digits, 16).map_err(|e| e.to_string())?;
            push_code(out, code)?;
            Ok(from + length + usize::from(braced))
        }
        None => {
            push_literal(out, letter);
            Ok(at + 1)
        }
    }
}

fn push_code(out: &mut String, code: u32) -> Result<(), String> {
    if char::from_u32(code).is_none() {
        return Err(format!(
            "U+{code:04X} is half a character; write the whole one"
        ));
    }
    out.push_str(&format!("\\x{{{code:x}}}"));
    Ok(())
}

fn push_literal(out: &mut String, c: char) {
    let mut buffer = [0; 4];
    out.push_str(&regex::escape(c.encode_utf8(&mut buffer)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_match(pattern: &str, flags: &str, text: &str) -> bool {
        StyleRegExp::new(pattern, flags)
            .unwrap_or_else(|e| panic!("{pattern}: {e}"))
            .test(text)
    }

    #[test]
    fn javascript_syntax_means_what_javascript_means() {
        let cases = [
            (r"^\d+$", "", "12", true),
            (r"^\d+$", "", "١٢", false),
            (r"\bwest\b", "", "Pier west 3", true),
            (r"^[\w-]+$", "", "a-b_1", true),
            (r"^[\w-]+$", "", "ü", false),
            (r"^[[]$", "", "[", true),
            (r"^[a&&b]+$", "", "&ab", true),
            (r"^[a--b]+$", "i", "A", true),
            (r"^[~~]$", "", "~", true),
            (r"^[^]$", "", "\n", true),
            (r"[]", "", "a", false),
            (r"a{", "", "a{", true),
            (r"a{2}", "", "aa", true),
            (r"^a{1,2}$", "", "aaa", false),
            (r"x}", "", "x}", true),
            (r"]", "", "]", true),
            (r"a.b", "", "a\nb", false),
            (r"a.b", "s", "a\nb", true),
            (r"^b", "m", "a\nb", true),
            (r"b", "y", "ab", false),
            (r"a", "y", "ab", true),
            (r"A", "i", "a", true),
            (r"\/", "", "/", true),
            (r"\x41\u0042\u{43}\cJ\0", "", "ABC\n\0", true),
            (r"(?:a|b)(?<n>c)", "", "bc", true),
            (r"\p{L}", "u", "Ж", true),
            (r"^\s$", "", "\u{feff}", true),
            (r"^[^\s]$", "", "\u{feff}", false),
            (r"^[\S]$", "", "x", true),
            (r"\Bb", "", "ab", true),
            (r"[\b]", "", "\u{8}", true),
            (r"\-\.\@", "", "-.@", true),
        ];
        for (pattern, flags, text, expected) in cases {
            assert_eq!(
                is_match(pattern, flags, text),
                expected,
                "/{pattern}/{flags} in {text:?}"
            );
        }
    }

    #[test]
    fn what_needs_backtracking_is_refused_with_words() {
        for (pattern, word) in [
            ("(?=a)", "looking ahead"),
            ("(?!a)", "looking ahead"),
            ("(?<=a)", "looking behind"),
            ("(?<!a)", "looking behind"),
            (r"(a)\1", "back reference"),
            (r"(?<n>a)\k<n>", "back reference"),
            ("(?i)a", "(?"),
            ("[", "no ]"),
            ("(", "unclosed group"),
            ("*a", "repetition"),
            (r"\", "backslash"),
            (r"\ud800", "half a character"),
            ("(a{1000}){1000}", "limit"),
        ] {
            let error = StyleRegExp::new(pattern, "").unwrap_err();
            assert!(error.contains(word), "{pattern}: {error}");
        }
        assert!(StyleRegExp::new("a", "x").unwrap_err().contains('x'));
        assert!(StyleRegExp::new("a", "gg").unwrap_err().contains("twice"));
        assert!(StyleRegExp::new(&"a".repeat(5000), "").is_err());
    }

    #[test]
    fn hostile_patterns_take_linear_time() {
        let text = "a".repeat(1 << 16);
        assert!(!is_match(r"^(a+)+$", "", &format!("{text}b")));
        assert!(!is_match(r"(a|a)*c", "", &text));
    }

    #[test]
    fn exec_gives_the_first_group() {
        let regexp = StyleRegExp::new(r"Building\s(\d)", "").unwrap();
        assert_eq!(regexp.exec("Building 1"), Some(Some("1")));
        assert_eq!(regexp.exec("House"), None);
        assert_eq!(StyleRegExp::new("a", "").unwrap().exec("a"), Some(None));
        assert_eq!(regexp.to_string(), r"/Building\s(\d)/");
    }
}
