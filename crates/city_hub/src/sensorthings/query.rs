//! Query options (clause 9.3): `$filter`, `$orderby`, `$top`, `$skip`, `$count`, `$expand`, `$select`.

use super::{
    error::QueryError,
    expression::{Expression, check_path},
    model::Kind,
};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// Entities in one page unless the client asks for fewer.
pub(super) const DEFAULT_TOP: usize = 100;
/// Most entities in one page.
pub(super) const MAX_TOP: usize = 1000;
const MAX_SKIP: usize = 50_000_000;
/// Deepest nesting of `$expand`.
const MAX_DEPTH: usize = 6;
const MAX_QUERY_BYTES: usize = 16_384;

/// Query options for entities of one kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) filter: Option<Expression>,
    pub(super) orderby: Vec<Order>,
    pub(super) top: Option<usize>,
    pub(super) skip: usize,
    pub(super) count: bool,
    pub(super) expand: Vec<Expand>,
    pub(super) select: Option<Vec<String>>,
    /// All options but `$top` and `$skip` as they came, for the link to the next page.
    rest: Vec<(String, String)>,
}

/// One key of `$orderby`.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) by: Expression,
    pub(super) descending: bool,
}

/// One item of `$expand`.
#[derive(Clone, Debug)]
pub(super) struct Expand {
    pub(super) name: String,
    pub(super) options: Options,
}

impl Options {
    /// Reads a query string, still percent-encoded.
    pub(super) fn parse(query: &str, kind: Kind) -> Result<Self, QueryError> {
        if query.len() > MAX_QUERY_BYTES {
            let detail = format!("the query has more than {MAX_QUERY_BYTES} bytes");
            return Err(QueryError::bad(detail));
        }
        let mut pairs = Vec::new();
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            pairs.push((decode(name)?, decode(value)?));
        }
        Self::from_pairs(pairs, kind, 0)
    }

    fn from_pairs(
        pairs: Vec<(String, String)>,
        kind: Kind,
        depth: usize,
    ) -> Result<Self, QueryError> {
        let mut options = Self::default();
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in pairs {
            // Names without a dollar are the client's own business (OData 11.2.1).
            if !name.starts_with('$') {
                continue;
            }
            if seen.contains(&name) {
                return Err(QueryError::bad(format!("{name} is given twice")));
            }
            let value = value.trim();
            match name.as_str() {
                "$filter" => options.filter = Some(Expression::parse(value, kind)?),
                "$orderby" => options.orderby = orderby(value, kind)?,
                "$top" => options.top = Some(number(&name, value, usize::MAX)?),
                "$skip" => options.skip = number(&name, value, MAX_SKIP)?,
                "$count" => options.count = truth(&name, value)?,
                "$select" => options.select = Some(select(value, kind)?),
                "$expand" => options.expand = expand(value, kind, depth)?,
                _ => {
                    let detail = format!("this service has no {name}");
                    return Err(QueryError::NotImplemented(detail));
                }
            }
            if !matches!(name.as_str(), "$top" | "$skip") {
                options.rest.push((name.clone(), value.to_owned()));
            }
            seen.push(name);
        }
        Ok(options)
    }

    /// The page size: what the client asks for, within the service's limit.
    pub(super) fn page(&self) -> usize {
        self.top.unwrap_or(DEFAULT_TOP).min(MAX_TOP)
    }

    /// The query of the next page, which begins after `taken` more entities.
    pub(super) fn next_query(&self, taken: usize) -> String {
        let mut pairs = Vec::new();
        if let Some(top) = self.top {
            pairs.push(format!("$top={top}"));
        }
        pairs.push(format!("$skip={}", self.skip + taken));
        for (name, value) in &self.rest {
            pairs.push(format!("{name}={}", utf8_percent_encode(value, ESCAPED)));
        }
        pairs.join("&")
    }

    /// Options of sets make no sense for one entity (clause 9.3.1).
    pub(super) fn only_for_one(&self) -> Result<(), QueryError> {
        let set_only = self.filter.is_some()
            || !self.orderby.is_empty()
            || self.top.is_some()
            || self.skip > 0
            || self.count;
        if set_only {
            return Err(QueryError::bad(
                "$filter, $orderby, $top, $skip and $count are for sets of entities, not for one",
            ));
        }
        Ok(())
    }
}

/// Everything that means something in a query, and what never may stand in one.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'=')
    .add(b'>');

/// Removes percent encoding; `+` means a space unless it stands in a time's offset, where many clients forget
/// to encode it.
fn decode(text: &str) -> Result<String, QueryError> {
    let bytes = text.as_bytes();
    let mut spaced = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let offset = c == '+'
            && at > 0
            && bytes[at - 1].is_ascii_digit()
            && matches!(bytes.get(at + 1..at + 6), Some([a, b, b':', c, d])
                if [a, b, c, d].iter().all(|d| d.is_ascii_digit()));
        spaced.push(if c == '+' && !offset { ' ' } else { c });
    }
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| QueryError::bad("the query is not UTF-8"))
}

fn number(name: &str, value: &str, most: usize) -> Result<usize, QueryError> {
    match value.parse::<usize>() {
        Ok(number) if number <= most => Ok(number),
        Ok(_) => Err(QueryError::bad(format!("{name} may be at most {most}"))),
        Err(_) => {
            let detail = format!("{name}={value} is not a whole number of 0 or more");
            Err(QueryError::bad(detail))
        }
    }
}

fn truth(name: &str, value: &str) -> Result<bool, QueryError> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(QueryError::bad(format!("{name} must be true or false"))),
    }
}

fn orderby(value: &str, kind: Kind) -> Result<Vec<Order>, QueryError> {
    let keys = split(value, ',')?;
    keys.into_iter()
        .map(|key| {
            let key = key.trim();
            let (by, descending) = match key.rsplit_once(' ') {
                Some((by, "desc")) => (by, true),
                Some((by, "asc")) => (by, false),
                _ => (key, false),
            };
            Ok(Order {
                by: Expression::parse(by, kind)?,
                descending,
            })
        })
        .collect()
}

fn select(value: &str, kind: Kind) -> Result<Vec<String>, QueryError> {
    value
        .split(',')
        .map(|name| {
            let name = name.trim();
            if name == "*" || kind.navigation(name).is_some() {
                return Ok(name.to_owned());
            }
            check_path(kind, &[name.to_owned()])?;
            Ok(if name == "id" { "@iot.id" } else { name }.to_owned())
        })
        .collect()
}

fn expand(value: &str, kind: Kind, depth: usize) -> Result<Vec<Expand>, QueryError> {
    if depth >= MAX_DEPTH {
        let detail = format!("$expand may be nested {MAX_DEPTH} deep");
        return Err(QueryError::bad(detail));
    }
    let mut items: Vec<Expand> = Vec::new();
    for item in split(value, ',')? {
        let item = expand_item(item.trim(), kind, depth)?;
        match items.iter_mut().find(|other| other.name == item.name) {
            // `A/B,A/C` means both below one A.
            Some(there) => there.options.expand.extend(item.options.expand),
            None => items.push(item),
        }
    }
    Ok(items)
}

fn expand_item(item: &str, kind: Kind, depth: usize) -> Result<Expand, QueryError> {
    let end = item.find(['(', '/']).unwrap_or(item.len());
    let (name, mut rest) = item.split_at(end);
    let Some(navigation) = kind.navigation(name) else {
        let known: Vec<&str> = kind.navigations().iter().map(|n| n.name).collect();
        let detail = format!(
            "{} cannot be expanded by \"{name}\"; they have {}",
            kind.set(),
            known.join(", ")
        );
        return Err(QueryError::bad(detail));
    };
    let mut options = Options::default();
    if let Some(inner) = rest.strip_prefix('(') {
        let close = closing(inner)
            .ok_or_else(|| QueryError::bad(format!("no closing parenthesis after {name}(")))?;
        let mut pairs = Vec::new();
        for part in split(&inner[..close], ';')? {
            if let Some((name, value)) = part.trim().split_once('=') {
                pairs.push((name.to_owned(), value.to_owned()));
            } else if !part.trim().is_empty() {
                return Err(QueryError::bad(format!("{part} is no option for {name}")));
            }
        }
        options = Options::from_pairs(pairs, navigation.kind, depth + 1)?;
        rest = &inner[close + 1..];
    }
    match rest.strip_prefix('/') {
        Some(below) => {
            let below = expand(below, navigation.kind, depth + 1)?;
            options.expand.extend(below);
        }
        None if rest.is_empty() => {}
        None => return Err(QueryError::bad(format!("unexpected {rest} after {name}"))),
    }
    Ok(Expand {
        name: name.to_owned(),
        options,
    })
}

/// Splits where neither quotes nor parentheses are open.
fn split(text: &str, at: char) -> Result<Vec<&str>, QueryError> {
    let mut parts = Vec::new();
    let (mut depth, mut quoted, mut from) = (0usize, false, 0);
    for (index, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| QueryError::bad(format!("a ) too many in {text}")))?;
            }
            c if c == at && !quoted && depth == 0 => {
                parts.push(&text[from..index]);
                from = index + c.len_utf8();
            }
            _ => {}
        }
    }
    if depth > 0 || quoted {
        let detail = format!("a quote or parenthesis is not closed in {text}");
        return Err(QueryError::bad(detail));
    }
    parts.push(&text[from..]);
    Ok(parts)
}

/// Where the parenthesis that was open before the text is closed.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quoted) = (0usize, false);
    for (index, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => return Some(index),
            ')' if !quoted => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_options_are_read_with_semicolons() {
        let query =
            "$expand=Observations($orderby=phenomenonTime%20desc;$top=1),Thing/Locations&$top=5";
        let options = Options::parse(query, Kind::Datastream).unwrap();
        assert_eq!(options.page(), 5);
        assert_eq!(options.expand.len(), 2);
        let observations = &options.expand[0].options;
        assert_eq!(observations.page(), 1);
        assert!(observations.orderby[0].descending);
        assert_eq!(options.expand[1].options.expand[0].name, "Locations");
    }

    #[test]
    fn the_next_query_leads_to_the_next_page_and_reads_back() {
        let query = "$filter=phenomenonTime+ge+2025-06-15T23:00:00%2B08:00&$top=10&$count=true";
        let first = Options::parse(query, Kind::Observation).unwrap();
        let next = first.next_query(10);
        let second = Options::parse(&next, Kind::Observation).unwrap();
        assert_eq!(
            (second.top, second.skip, second.count),
            (Some(10), 10, true)
        );
        assert_eq!(second.filter, first.filter);
    }

    #[test]
    fn a_forgotten_plus_in_an_offset_is_understood() {
        let query = "$filter=phenomenonTime%20ge%202025-06-15T23:00:00+08:00";
        assert!(Options::parse(query, Kind::Observation).is_ok());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (query, part) in [
            ("$top=-1", "whole number"),
            ("$top=1&$top=2", "twice"),
            ("$count=yes", "true or false"),
            ("$filter=colour eq 'red'", "have no colour"),
            ("$filter=result gt", "ends too early"),
            ("$filter=result gt 5)", "unexpected Close"),
            ("$expand=Things", "they have Datastream, FeatureOfInterest"),
            ("$expand=Datastream($top=1", "not closed"),
            ("$select=nothing", "have no nothing"),
            ("$resultFormat=dataArray", "no $resultFormat"),
            (
                "$filter=geo.distance(a,b) lt 1",
                "no function geo.distance()",
            ),
        ] {
            let error = Options::parse(query, Kind::Observation)
                .unwrap_err()
                .to_string();
            assert!(error.contains(part), "{query}: {error}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        let deep = format!(
            "$filter={}result gt 1{}",
            "(".repeat(2000),
            ")".repeat(2000)
        );
        assert!(Options::parse(&deep, Kind::Observation).is_err());
        let mut nested = "$expand=".to_owned();
        nested.push_str(&"Datastreams/Thing/".repeat(20));
        nested.push_str("Datastreams");
        assert!(Options::parse(&nested, Kind::Thing).is_err());
    }
}
