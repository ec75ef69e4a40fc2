//! Two people who changed the same scenario.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::kept::model_label;
use super::schema::{Operation, OperationKind, Scenario};

/// What each did since they had the same, operation by operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergeReport {
    /// What "mine" did.
    pub mine: Vec<OperationChange>,
    /// What "theirs" did.
    pub theirs: Vec<OperationChange>,
    /// What "mine" changed of the scenario itself.
    pub my_head: Vec<HeadField>,
    /// What "theirs" changed of the scenario itself.
    pub their_head: Vec<HeadField>,
    /// Ids of operations that both changed, and not to the same.
    pub conflicts: Vec<String>,
    /// Whether the common ancestor was known. Without it, what only one has counts as added.
    pub ancestor_known: bool,
}

/// A change of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperationChange {
    /// Its id.
    pub id: String,
    /// What happened to it.
    pub what: WhatHappened,
    /// What is another, of one that changed.
    pub fields: Vec<OperationField>,
    /// What the operation is, in a few words.
    pub summary: String,
    /// Who made it.
    pub author: String,
}

/// What happened to an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WhatHappened {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
}

/// A part of an operation that can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationField {
    /// What it does, and to what.
    Content,
    /// When it holds.
    Window,
    /// Who proposed it.
    Author,
    /// Why.
    Reason,
    /// When it is meant to happen.
    Horizon,
}

impl OperationField {
    /// Its name in files and messages.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Window => "window",
            Self::Author => "author",
            Self::Reason => "reason",
            Self::Horizon => "horizon",
        }
    }
}

/// A part of a scenario beside its operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HeadField {
    /// What people call it.
    Name,
    /// What it is about.
    Description,
    /// The scene that it changes.
    Base,
}

impl HeadField {
    const ALL: [Self; 3] = [Self::Name, Self::Description, Self::Base];

    /// Its name in files and messages.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Description => "description",
            Self::Base => "base",
        }
    }

    /// What a scenario says there.
    pub fn of(self, scenario: &Scenario) -> &str {
        match self {
            Self::Name => &scenario.name,
            Self::Description => &scenario.description,
            Self::Base => &scenario.base,
        }
    }

    fn write(self, scenario: &mut Scenario, text: &str) {
        let there = match self {
            Self::Name => &mut scenario.name,
            Self::Description => &mut scenario.description,
            Self::Base => &mut scenario.base,
        };
        text.clone_into(there);
    }
}

type ById<'a> = BTreeMap<&'a str, &'a Operation>;

fn by_id(scenario: &Scenario) -> ById<'_> {
    scenario
        .operations
        .iter()
        .map(|operation| (operation.id.as_str(), operation))
        .collect()
}

/// What two people did to a scenario since `ancestor`, the last version that both had.
pub fn merge_report(
    ancestor: Option<&Scenario>,
    mine: &Scenario,
    theirs: &Scenario,
) -> MergeReport {
    let (my, their) = (by_id(mine), by_id(theirs));
    // Without an ancestor, what is equal is taken for it.
    let old = ancestor.map_or_else(
        || {
            let equal = my.iter().filter(|(id, o)| their.get(*id) == Some(*o));
            equal.map(|(id, o)| (*id, *o)).collect()
        },
        by_id,
    );
    let conflicts = old
        .keys()
        .chain(my.keys())
        .filter(|id| {
            let (o, m, t) = (old.get(*id), my.get(*id), their.get(*id));
            m != o && t != o && m != t
        })
        .map(|id| (*id).to_owned())
        .collect::<std::collections::BTreeSet<String>>();
    // Without an ancestor, who changed the head cannot be told: what differs is shown as done by both.
    let head = |new: &Scenario, other: &Scenario| {
        let old = ancestor.unwrap_or(other);
        let differs = |field: &HeadField| field.of(old) != field.of(new);
        HeadField::ALL.into_iter().filter(differs).collect()
    };
    MergeReport {
        mine: changes(&old, mine),
        theirs: changes(&old, theirs),
        my_head: head(mine, theirs),
        their_head: head(theirs, mine),
        conflicts: conflicts.into_iter().collect(),
        ancestor_known: ancestor.is_some(),
    }
}

/// In the order of the new list; what is gone comes last.
fn changes(old: &ById<'_>, new: &Scenario) -> Vec<OperationChange> {
    let there = by_id(new);
    let change = |operation: &Operation, what, fields| OperationChange {
        id: operation.id.clone(),
        what,
        fields,
        summary: summary(operation),
        author: operation.author.clone(),
    };
    let kept = new
        .operations
        .iter()
        .filter_map(|operation| match old.get(operation.id.as_str()) {
            None => Some(change(operation, WhatHappened::Added, Vec::new())),
            Some(before) if *before != operation => {
                let fields = changed_fields(before, operation);
                Some(change(operation, WhatHappened::Changed, fields))
            }
            Some(_) => None,
        });
    let gone = old
        .iter()
        .filter(|(id, _)| !there.contains_key(*id))
        .map(|(_, operation)| change(operation, WhatHappened::Removed, Vec::new()));
    kept.chain(gone).collect()
}

fn changed_fields(old: &Operation, new: &Operation) -> Vec<OperationField> {
    // Named one by one, so that a field added to operations has to be thought of here.
    let Operation {
        id: _,
        kind,
        window,
        author,
        reason,
        horizon,
    } = old;
    let all = [
        (OperationField::Content, *kind != new.kind),
        (OperationField::Window, *window != new.window),
        (OperationField::Author, *author != new.author),
        (OperationField::Reason, *reason != new.reason),
        (OperationField::Horizon, *horizon != new.horizon),
    ];
    let changed = all.into_iter().filter(|(_, changed)| *changed);
    changed.map(|(field, _)| field).collect()
}

/// Both people's changes in one scenario: theirs, then mine on top. `None` where they conflict, or where both
/// changed the order in ways that cannot both hold.
pub fn merge(ancestor: &Scenario, mine: &Scenario, theirs: &Scenario) -> Option<Scenario> {
    let report = merge_report(Some(ancestor), mine, theirs);
    if !report.conflicts.is_empty() {
        return None;
    }
    let (old, my) = (by_id(ancestor), by_id(mine));
    let mut merged = theirs.clone();
    // What I removed goes; what I changed, they did not.
    merged.operations.retain(|operation| {
        my.contains_key(operation.id.as_str()) || !old.contains_key(operation.id.as_str())
    });
    for change in &report.mine {
        let Some(operation) = my.get(change.id.as_str()) else {
            continue;
        };
        match merged.operations.iter_mut().find(|o| o.id == change.id) {
            Some(there) => *there = (*operation).clone(),
            None => merged.operations.push((*operation).clone()),
        }
    }
    for field in &report.my_head {
        let mine = field.of(mine);
        if report.their_head.contains(field) && field.of(theirs) != mine {
            return None;
        }
        field.write(&mut merged, mine);
    }
    Some(merged)
}

/// What an operation is, in a few words of English, for lists and messages.
fn summary(operation: &Operation) -> String {
    let kind = operation.kind.id();
    let subject = match &operation.kind {
        OperationKind::HideFeatures { ids } => match ids.as_slice() {
            [only] => only.clone(),
            all => format!("{} features", all.len()),
        },
        OperationKind::HidePolygon { .. } => String::new(),
        OperationKind::ReplaceBuilding { feature, building } => {
            format!("{feature}, {} ({} m)", building.name, building.height_m)
        }
        OperationKind::AddBuilding { building } => {
            format!("{} ({} m)", building.name, building.height_m)
        }
        OperationKind::PlaceModel { url, .. } => model_label(url).to_owned(),
        OperationKind::CloseStreet { street } | OperationKind::ChangeStreet { street, .. } => {
            street.clone()
        }
        OperationKind::OverrideAttribute {
            feature,
            attribute,
            value,
        } => format!("{feature}, {attribute} = {value}"),
        OperationKind::SetInput {
            model,
            input,
            value,
            unit,
        } => format!("{model}, {input} = {value} {unit}"),
    };
    let text = format!("{kind} {subject}");
    crate::read::shorten(text.trim_end())
}

impl fmt::Display for MergeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = |who: &str, changes: &[OperationChange], head: &[HeadField]| {
            for change in changes {
                let sign = match change.what {
                    WhatHappened::Added => '+',
                    WhatHappened::Removed => '-',
                    WhatHappened::Changed => '~',
                };
                writeln!(f, "{who} {sign} {}: {}", change.id, change.summary)?;
            }
            for field in head {
                writeln!(f, "{who} ~ {}", field.id())?;
            }
            Ok(())
        };
        list("mine  ", &self.mine, &self.my_head)?;
        list("theirs", &self.theirs, &self.their_head)?;
        if self.conflicts.is_empty() {
            return writeln!(f, "both can hold");
        }
        writeln!(f, "both changed: {}", self.conflicts.join(", "))
    }
}
