//! What two plans do differently, object by object.

mod attributes;
mod objects;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::base::Base;
use super::plan::{InputValue, Plan, Sourced};
use super::schema::Value;
use crate::schema::Place;
use attributes::{attributes, street};
use objects::{feature, model};

/// One object that is not the same in two plans.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What is different, in a word.
    pub kind: DifferenceKind,
    /// The feature, street, or model and input (`flood/sea_level_m`).
    pub id: String,
    /// Its name; of a building without one how high it is and what for; otherwise its id.
    pub name: String,
    /// Where to fly to: its middle, at its top. `None` for what is nowhere, or not known where.
    pub place: Option<Place>,
    /// What changed on it, one by one; may be empty where the kind says it all.
    pub changes: Vec<Change>,
    /// Id of the operation that makes the difference, in the second plan, or in the first where it is undone.
    pub origin: String,
}

/// What is different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// A feature of the base no longer stands.
    Hidden,
    /// A feature of the base stands again.
    Shown,
    /// A building or model is new.
    Added,
    /// A building or model is gone.
    Removed,
    /// Another building stands in the place of a feature of the base.
    Replaced,
    /// The same building or model stands elsewhere, or is turned.
    Moved,
    /// A building or model of the scenario has another form or use.
    Changed,
    /// A feature has other attributes.
    AttributeChanged,
    /// A street is closed.
    StreetClosed,
    /// A street is open again.
    StreetOpened,
    /// A street has other attributes.
    StreetChanged,
    /// A model has another input.
    InputChanged,
}

/// One thing that changed on an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What: the attribute's name, with its unit (`height_m`, `use`).
    pub what: String,
    /// Before; `None` for none.
    pub from: Option<Value>,
    /// After; `None` for none.
    pub to: Option<Value>,
    /// Unit where the name does not say it; may be empty.
    pub unit: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Option<Value>| value.as_ref().map_or("–".to_owned(), Value::to_string);
        write!(
            f,
            "{}: {} → {}",
            self.what,
            text(&self.from),
            text(&self.to)
        )?;
        if !self.unit.is_empty() {
            write!(f, " {}", self.unit)?;
        }
        Ok(())
    }
}

/// What `b` does differently from `a`, sorted by kind and id. Against an empty plan it is all that `b` does.
pub fn differences(a: &Plan, b: &Plan, base: &dyn Base) -> Vec<Difference> {
    let mut found = Vec::new();
    let ids = |plan: &Plan| {
        let hidden = plan.hidden.keys().cloned();
        let added = plan.added.keys().cloned();
        hidden.chain(added).collect::<BTreeSet<String>>()
    };
    for id in ids(a).union(&ids(b)) {
        found.extend(feature(a, b, id, base));
    }
    for id in union(&a.models, &b.models) {
        found.extend(model(a.models.get(&id), b.models.get(&id), &id));
    }
    for id in union(&a.attributes, &b.attributes) {
        found.extend(attributes(a, b, &id, base));
    }
    for id in union(&a.streets, &b.streets) {
        found.extend(street(a.streets.get(&id), b.streets.get(&id), &id, base));
    }
    for id in union(&a.inputs, &b.inputs) {
        let (from, to) = (a.inputs.get(&id), b.inputs.get(&id));
        if from.map(|s| &s.value) == to.map(|s| &s.value) {
            continue;
        }
        let number = |s: &Sourced<InputValue>| Value::Number(s.value.value);
        let either = to.or(from);
        found.push(Difference {
            kind: DifferenceKind::InputChanged,
            id: format!("{}/{}", id.0, id.1),
            name: id.1.clone(),
            place: None,
            changes: vec![Change {
                what: id.1.clone(),
                from: from.map(number),
                to: to.map(number),
                unit: either.map(|s| s.value.unit.clone()).unwrap_or_default(),
            }],
            origin: either.map(|s| s.origin.clone()).unwrap_or_default(),
        });
    }
    found.sort_by(|x, y| (x.kind, &x.id).cmp(&(y.kind, &y.id)));
    found
}

fn union<K: Ord + Clone, V>(a: &BTreeMap<K, V>, b: &BTreeMap<K, V>) -> BTreeSet<K> {
    a.keys().chain(b.keys()).cloned().collect()
}

fn named(name: Option<&str>, id: &str) -> String {
    name.filter(|name| !name.is_empty())
        .unwrap_or(id)
        .to_owned()
}

fn change(what: &str, from: Option<Value>, to: Option<Value>) -> Option<Change> {
    (from != to).then(|| Change {
        what: what.to_owned(),
        from,
        to,
        unit: String::new(),
    })
}
