use crate::*;
use DifferenceKind::*;

fn found(a: &[OperationKind], b: &[OperationKind]) -> Vec<Difference> {
    let plan = |kinds: &[OperationKind]| fold(&scenario(kinds.to_vec()), NOW, &city());
    differences(&plan(a), &plan(b), &city())
}

fn kinds(differences: &[Difference]) -> Vec<(DifferenceKind, &str)> {
    differences
        .iter()
        .map(|d| (d.kind, d.id.as_str()))
        .collect()
}

#[test]
fn against_the_base_it_is_all_that_a_scenario_does() {
    let all = [
        hide(&["B1"]),
        replace(
            "B2",
            building("New", rectangle(0.0012, 0.0003, 0.0004, 0.0004)),
        ),
        add("Tower", 0.01),
        set("B3", "energy_class", Value::Text("A".into())),
        OperationKind::CloseStreet {
            street: "R1".into(),
        },
        speed("R2", 20.0),
        sea_level(1.5),
        model(0.02),
    ];
    let forward = found(&[], &all);
    assert_eq!(
        kinds(&forward),
        [
            (Hidden, "B1"),
            (Added, "c"),
            (Added, "h"),
            (Replaced, "B2"),
            (AttributeChanged, "B3"),
            (StreetClosed, "R1"),
            (StreetChanged, "R2"),
            (InputChanged, "flood/sea_level")
        ]
    );
    let by = |id: &str| forward.iter().find(|d| d.id == id).unwrap();
    assert_eq!(
        (by("B1").name.as_str(), by("B1").place.unwrap().height),
        ("One", 45.0)
    );
    assert_eq!(
        (by("c").name.as_str(), by("c").place.unwrap().height),
        ("Tower", 45.0)
    );
    assert_eq!(by("B2").changes[0].to_string(), "height_m: 30 → 40");
    assert_eq!(by("B3").changes[0].to_string(), "energy_class: G → A");
    assert_eq!(by("R1").name, "Harbour Road");
    assert_eq!(by("R2").changes[0].to_string(), "speed_kmh: 30 → 20");
    assert_eq!(
        by("flood/sea_level").changes[0].to_string(),
        "sea_level: – → 1.5 m"
    );
    assert_eq!(by("flood/sea_level").origin, "g");
    let back = found(&all, &[]);
    assert_eq!(
        kinds(&back),
        [
            (Shown, "B1"),
            (Shown, "B2"),
            (Removed, "c"),
            (Removed, "h"),
            (AttributeChanged, "B3"),
            (StreetOpened, "R1"),
            (StreetChanged, "R2"),
            (InputChanged, "flood/sea_level")
        ]
    );
    assert_eq!(found(&all, &all), []);
}

#[test]
fn what_both_have_is_moved_or_changed() {
    let east = |m: f64| footprint::moved(&rectangle(0.01, 0.0, 0.0005, 0.0004), m, 0.0);
    let tower = |outline: Polygon<f64>, height_m: f64| {
        [OperationKind::AddBuilding {
            building: Building {
                height_m,
                ..building("Tower", outline)
            },
        }]
    };
    let moved = found(&tower(east(0.0), 40.0), &tower(east(25.0), 40.0));
    assert_eq!(kinds(&moved), [(Moved, "a")]);
    assert_eq!(moved[0].changes[0].to_string(), "moved_m: – → 25");
    let turned = found(
        &tower(east(0.0), 40.0),
        &tower(footprint::turned(&east(0.0), 10.0), 40.0),
    );
    assert_eq!(kinds(&turned), [(Moved, "a")]);
    let higher = found(&tower(east(0.0), 40.0), &tower(east(25.0), 50.0));
    assert_eq!(kinds(&higher), [(Changed, "a")]);
    assert_eq!(higher[0].changes[1].to_string(), "height_m: 40 → 50");
    assert_eq!(kinds(&found(&[model(0.0)], &[model(0.1)])), [(Moved, "a")]);
}

#[test]
fn two_people_who_did_different_things_can_both_be_right() {
    let old = parse(ALL_KINDS);
    let (mut mine, mut theirs) = (Editor::open(old.clone()), Editor::open(old.clone()));
    let my_id = mine.apply(add("Mine", 0.01)).unwrap();
    mine.remove("op-6");
    let their_id = theirs.apply(add("Theirs", 0.02)).unwrap();
    theirs.edit("op-1", |operation| operation.reason = "Other".into());
    assert_ne!(
        my_id, their_id,
        "new operations of two people have different ids"
    );
    let report = merge_report(Some(&old), mine.scenario(), theirs.scenario());
    let all = |changes: &[OperationChange]| -> Vec<(String, WhatHappened)> {
        changes.iter().map(|c| (c.id.clone(), c.what)).collect()
    };
    assert_eq!(
        all(&report.mine),
        [
            (my_id.clone(), WhatHappened::Added),
            ("op-6".into(), WhatHappened::Removed)
        ]
    );
    assert_eq!(
        all(&report.theirs),
        [
            ("op-1".into(), WhatHappened::Changed),
            (their_id.clone(), WhatHappened::Added)
        ]
    );
    assert_eq!(report.theirs[0].fields, [OperationField::Reason]);
    assert!(report.theirs[1].fields.is_empty(), "all of it is new");
    assert!(report.conflicts.is_empty() && report.to_string().contains("both can hold"));
    let merged = merge(&old, mine.scenario(), theirs.scenario()).unwrap();
    let ids: Vec<&str> = merged.operations.iter().map(|o| o.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "op-1", "op-2", "op-3", "op-4", "op-5", "op-7", "op-8", "op-9", &their_id, &my_id
        ]
    );
    assert_eq!(merged.operations[0].reason, "Other");
}

#[test]
fn what_both_changed_is_a_conflict() {
    let old = parse(ALL_KINDS);
    let (mut mine, mut theirs) = (Editor::open(old.clone()), Editor::open(old.clone()));
    mine.edit("op-1", |operation| operation.reason = "Mine".into());
    theirs.remove("op-1");
    let report = merge_report(Some(&old), mine.scenario(), theirs.scenario());
    assert_eq!(report.conflicts, ["op-1"]);
    assert!(
        report.to_string().contains("both changed: op-1"),
        "{report}"
    );
    assert_eq!(merge(&old, mine.scenario(), theirs.scenario()), None);
    // The same change is none.
    assert!(
        merge_report(Some(&old), mine.scenario(), mine.scenario())
            .conflicts
            .is_empty()
    );
    // Without the version that both had, what differs is shown as done by both.
    let blind = merge_report(None, mine.scenario(), theirs.scenario());
    assert!(!blind.ancestor_known && blind.conflicts.is_empty());
    assert_eq!((blind.mine.len(), blind.theirs.len()), (1, 0));
    theirs.undo();
    theirs.rename("Other", "");
    mine.rename("Another", "");
    assert_eq!(
        merge(&old, mine.scenario(), theirs.scenario()),
        None,
        "two names"
    );
    let report = merge_report(Some(&old), mine.scenario(), theirs.scenario());
    let renamed = [HeadField::Name, HeadField::Description];
    assert_eq!(
        (&report.my_head[..], &report.their_head[..]),
        (&renamed[..], &renamed[..])
    );
}
