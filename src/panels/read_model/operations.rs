//! A scenario's operations in words, and what two people did to them.

use city_scene::scenario::{
    Editor, HeadField, Horizon, OperationChange, OperationField, OperationKind, Scenario,
    WhatHappened, Window, footprint, merge, merge_report, model_label,
};
use city_time::Zone;

use crate::scenario::{Desk, OPEN};
use crate::ui::model as ui;

pub(super) fn operations(desk: &Desk, editor: &Editor, zone: &Zone) -> Vec<ui::OperationModel> {
    let plan = desk.plan(OPEN);
    let operations = editor.scenario().operations.iter().enumerate();
    let ends = |window: Option<Window>| window.map(|w| w.written(zone)).unwrap_or_default();
    operations
        .map(|(index, operation)| (index, operation, ends(operation.window)))
        .map(|(index, operation, [from, to])| ui::OperationModel {
            id: operation.id.clone(),
            kind: operation.kind.id().to_owned(),
            subject: subject(desk, &operation.kind),
            author: operation.author.clone(),
            reason: operation.reason.clone(),
            horizon: match operation.horizon {
                Horizon::Short => ui::Horizon::Short,
                Horizon::Medium => ui::Horizon::Medium,
                Horizon::Long => ui::Horizon::Long,
            },
            from,
            to,
            problem: plan
                .problems
                .iter()
                .find(|problem| problem.operation == index)
                .map(|problem| format!("{}. {}", problem.cause, problem.advice))
                .or_else(|| unreadable(desk, &operation.kind))
                .unwrap_or_default(),
        })
        .collect()
}

/// Why a model is placed and not seen.
fn unreadable(desk: &Desk, kind: &OperationKind) -> Option<String> {
    let OperationKind::PlaceModel { url, .. } = kind else {
        return None;
    };
    let why = desk.model_faults.get(&desk.place_of(url))?;
    Some(format!("the file cannot be shown: {why}"))
}

/// What an operation is done to, in a few words.
fn subject(desk: &Desk, kind: &OperationKind) -> String {
    let name = |id: &String| {
        desk.city()
            .feature(id)
            .map(|feature| feature.name)
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| id.clone())
    };
    // Many parts of a street have the same name.
    let street_name = |id: &String| match desk.city().street(id) {
        Some(street) if !street.name.is_empty() => format!("{} ({id})", street.name),
        _ => id.clone(),
    };
    match kind {
        OperationKind::HideFeatures { ids } => ids.iter().map(name).collect::<Vec<_>>().join(", "),
        OperationKind::HidePolygon { polygon } => {
            format!("{:.0} m²", footprint::area_m2(polygon))
        }
        OperationKind::ReplaceBuilding { feature, building } => {
            format!("{} → {}", name(feature), building.label())
        }
        OperationKind::AddBuilding { building } => building.label(),
        OperationKind::PlaceModel { url, .. } => model_label(url).to_owned(),
        OperationKind::CloseStreet { street } => street_name(street),
        OperationKind::ChangeStreet { street, attributes } => {
            let changes = attributes
                .iter()
                .map(|(key, value)| format!("{key} = {value}"));
            let changes = changes.collect::<Vec<_>>().join(", ");
            format!("{}: {changes}", street_name(street))
        }
        OperationKind::OverrideAttribute {
            feature,
            attribute,
            value,
        } => format!("{}: {attribute} = {value}", name(feature)),
        OperationKind::SetInput {
            model,
            input,
            value,
            unit,
        } => format!("{model}/{input} = {value} {unit}"),
    }
}

pub(super) fn conflict(desk: &Desk) -> Option<ui::ConflictModel> {
    let conflict = desk.conflict.as_ref()?;
    let mine = desk.editor.as_ref()?.scenario();
    let report = merge_report(desk.ancestor.as_ref(), mine, &conflict.theirs);
    let can_merge = desk
        .ancestor
        .as_ref()
        .is_some_and(|ancestor| merge(ancestor, mine, &conflict.theirs).is_some());
    let mut authors: Vec<&str> = report
        .theirs
        .iter()
        .map(|change| change.author.as_str())
        .filter(|author| !author.is_empty())
        .collect();
    authors.sort_unstable();
    authors.dedup();
    let old = desk.ancestor.as_ref();
    Some(ui::ConflictModel {
        who: authors.join(", "),
        theirs: changes(
            desk,
            &report.theirs,
            &report.their_head,
            &conflict.theirs,
            old,
        ),
        mine: changes(desk, &report.mine, &report.my_head, mine, old),
        can_merge,
    })
}

/// What one of them did: `new` is their version, `old` the one that both had.
fn changes(
    desk: &Desk,
    operations: &[OperationChange],
    head: &[HeadField],
    new: &Scenario,
    old: Option<&Scenario>,
) -> Vec<ui::ChangeModel> {
    let head = head.iter().map(|field| ui::ChangeModel {
        what: "changed".to_owned(),
        kind: String::new(),
        subject: field.of(new).to_owned(),
        fields: vec![field.id().to_owned()],
    });
    let operations = operations.iter().map(|change| {
        // One that was removed is known from before.
        let mut known = new
            .operations
            .iter()
            .chain(old.iter().flat_map(|s| &s.operations));
        let operation = known.find(|operation| operation.id == change.id);
        ui::ChangeModel {
            what: match change.what {
                WhatHappened::Added => "added",
                WhatHappened::Removed => "removed",
                WhatHappened::Changed => "changed",
            }
            .to_owned(),
            kind: operation.map_or("", |o| o.kind.id()).to_owned(),
            subject: operation.map_or_else(|| change.summary.clone(), |o| subject(desk, &o.kind)),
            fields: (change.fields.iter().map(|f| OperationField::id(*f)))
                .map(str::to_owned)
                .collect(),
        }
    });
    head.chain(operations).collect()
}
