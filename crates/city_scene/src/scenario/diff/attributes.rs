//! Attributes of features and streets.

use std::collections::BTreeMap;

use super::objects::place_of;
use super::{Change, Difference, DifferenceKind, change, named, union};
use crate::scenario::base::Base;
use crate::scenario::plan::{Plan, Sourced, StreetChange};
use crate::scenario::schema::Value;

type Attributes = BTreeMap<String, Sourced<Value>>;

/// What changed between two sets of attributes, and where the last change comes from.
fn attribute_changes(
    a: Option<&Attributes>,
    b: Option<&Attributes>,
    base: Option<&BTreeMap<String, Value>>,
) -> (Vec<Change>, String) {
    let empty = Attributes::new();
    let (a, b) = (a.unwrap_or(&empty), b.unwrap_or(&empty));
    let mut origin = String::new();
    let mut changes = Vec::new();
    for key in union(a, b) {
        let (old, new) = (a.get(&key), b.get(&key));
        // What is not overridden is as in the base.
        let value = |s: Option<&Sourced<Value>>| {
            s.map(|s| s.value.clone())
                .or_else(|| base.and_then(|base| base.get(&key).cloned()))
        };
        if let Some(change) = change(&key, value(old), value(new)) {
            changes.push(change);
            if let Some(either) = new.or(old) {
                origin.clone_from(&either.origin);
            }
        }
    }
    (changes, origin)
}

pub(super) fn attributes(a: &Plan, b: &Plan, id: &str, base: &dyn Base) -> Option<Difference> {
    let known = base.feature(id);
    let (changes, origin) = attribute_changes(
        a.attributes.get(id),
        b.attributes.get(id),
        known.as_ref().map(|f| &f.attributes),
    );
    if changes.is_empty() {
        return None;
    }
    let built = b.added.get(id).or_else(|| a.added.get(id));
    let name = built.map(|added| added.building.name.as_str());
    let place = built.and_then(|added| place_of(&added.building, None));
    Some(Difference {
        kind: DifferenceKind::AttributeChanged,
        id: id.to_owned(),
        name: named(name.or(known.as_ref().map(|f| f.name.as_str())), id),
        place: place.or(known.as_ref().map(|f| f.centre)),
        changes,
        origin,
    })
}

pub(super) fn street(
    a: Option<&StreetChange>,
    b: Option<&StreetChange>,
    id: &str,
    base: &dyn Base,
) -> Vec<Difference> {
    let known = base.street(id);
    let difference = |kind, changes, origin: &str| Difference {
        kind,
        id: id.to_owned(),
        name: named(known.as_ref().map(|s| s.name.as_str()), id),
        place: known.as_ref().map(|s| s.centre),
        changes,
        origin: origin.to_owned(),
    };
    let mut found = Vec::new();
    let closed = |change: Option<&StreetChange>| change.and_then(|c| c.closed.clone());
    match (closed(a), closed(b)) {
        (None, Some(origin)) => {
            found.push(difference(
                DifferenceKind::StreetClosed,
                Vec::new(),
                &origin,
            ));
        }
        (Some(origin), None) => {
            found.push(difference(
                DifferenceKind::StreetOpened,
                Vec::new(),
                &origin,
            ));
        }
        _ => {}
    }
    let (changes, origin) = attribute_changes(
        a.map(|c| &c.attributes),
        b.map(|c| &c.attributes),
        known.as_ref().map(|s| &s.attributes),
    );
    if !changes.is_empty() {
        found.push(difference(DifferenceKind::StreetChanged, changes, &origin));
    }
    found
}
