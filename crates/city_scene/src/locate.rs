//! From the path of a value to its place in the text.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::place_of;

/// A step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// Line and column of the value at a path, or of the nearest thing around it that is in the text.
pub(crate) fn locate(text: &str, path: &[Step<'_>]) -> Option<(usize, usize)> {
    let table = DeTable::parse(text).ok()?;
    Some(locate_in(&table, text, path))
}

/// The same in a text that has been parsed.
pub(crate) fn locate_in(
    table: &Spanned<DeTable<'_>>,
    text: &str,
    path: &[Step<'_>],
) -> (usize, usize) {
    let mut offset = table.span().start;
    let mut value: Option<&Spanned<DeValue<'_>>> = None;
    for step in path {
        let next = match (step, value.map(Spanned::get_ref)) {
            (Step::Key(key), None) => find(table.get_ref(), key),
            (Step::Key(key), Some(DeValue::Table(inner))) => find(inner, key),
            (Step::Index(i), Some(DeValue::Array(items))) => items.get(*i),
            _ => None,
        };
        let Some(next) = next else { break };
        offset = next.span().start;
        value = Some(next);
    }
    place_of(text, offset)
}

fn find<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
    table
        .iter()
        .find(|(name, _)| name.get_ref() == key)
        .map(|(_, value)| value)
}
