use crate::*;

#[test]
fn the_list_is_the_history() {
    let mut editor = Editor::create(empty());
    editor.author = "Ada".into();
    assert!(editor.is_dirty() && !editor.can_undo());
    let tower = editor.apply(add("Tower", 0.01)).unwrap();
    editor.mark_saved();
    assert!(!editor.is_dirty());
    let plan = fold(editor.scenario(), NOW, &NoBase);
    let moved = editor.move_building(&plan, &tower, 100.0, 0.0).unwrap();
    assert!(editor.is_dirty() && moved != tower);
    let plan = fold(editor.scenario(), NOW, &NoBase);
    assert_eq!(plan.added[&tower].origin, moved);
    let turned = editor.turn_building(&plan, &tower, 30.0).unwrap();
    let copy = editor.copy_building(&plan, &tower, 0.0, 60.0).unwrap();
    let gone = editor.delete(&tower).unwrap();
    let ids: std::collections::BTreeSet<_> = [&tower, &moved, &turned, &copy, &gone]
        .into_iter()
        .collect();
    assert_eq!(ids.len(), 5);
    assert!(
        editor
            .scenario()
            .operations
            .iter()
            .all(|o| o.author == "Ada")
    );
    let plan = fold(editor.scenario(), NOW, &NoBase);
    assert_eq!(plan.added.keys().collect::<Vec<_>>(), [&copy]);
    let whole = editor.scenario().clone();
    let mut undone = 0;
    while editor.undo() {
        undone += 1;
        if editor.scenario().operations.len() == 1 {
            assert!(!editor.is_dirty(), "undone to what was saved");
        }
    }
    assert_eq!((undone, editor.scenario().operations.len()), (5, 0));
    while editor.redo() {}
    assert_eq!(*editor.scenario(), whole);
    editor.undo();
    editor.apply(hide(&["B1"]));
    assert!(!editor.can_redo(), "another way was taken");
}

#[test]
fn operations_of_an_opened_file_are_undone_too() {
    let mut editor = Editor::open(parse(ALL_KINDS));
    assert!(!editor.is_dirty());
    for left in (0..9).rev() {
        assert!(editor.undo() && editor.is_dirty());
        assert_eq!(editor.scenario().operations.len(), left);
    }
    assert!(!editor.undo());
    for _ in 0..9 {
        assert!(editor.redo());
    }
    assert!(!editor.redo() && !editor.is_dirty());
    assert_eq!(editor.scenario().to_toml(), ALL_KINDS);
}

#[test]
fn operations_in_the_middle_can_be_changed_and_removed() {
    let mut editor = Editor::open(parse(ALL_KINDS));
    assert!(editor.edit("op-4", |operation| {
        operation.reason = "Flats".into();
        operation.id = "other".into();
    }));
    let (at, operation) = editor.operation("op-4").unwrap();
    assert_eq!(
        (at, operation.reason.as_str()),
        (3, "Flats"),
        "the id stays"
    );
    assert!(editor.remove("op-2") && !editor.remove("op-2") && !editor.edit("nothing", |_| {}));
    assert_eq!(editor.scenario().operations.len(), 8);
    assert!(editor.undo() && editor.undo() && !editor.is_dirty());
    assert_eq!(editor.scenario().to_toml(), ALL_KINDS);
    editor.redo();
    editor.rename("New name", "");
    assert_eq!(editor.scenario().operations[3].reason, "Flats");
}

#[test]
fn a_copy_says_what_it_was_copied_from() {
    let editor = Editor::open(parse(ALL_KINDS));
    let copy = editor.duplicate(&slug("Harbour East, 2nd!"), "Harbour East, 2nd!");
    assert_eq!(copy.scenario().id, "harbour-east-2nd");
    assert_eq!(copy.scenario().parent.as_deref(), Some("harbour-east"));
    assert_eq!(copy.scenario().operations, editor.scenario().operations);
    assert!(copy.is_dirty());
    assert_eq!(
        [slug("海港"), slug(&"ä".repeat(99)), slug(&"A".repeat(99))],
        ["scenario".into(), "scenario".into(), "a".repeat(64)]
    );
    assert!(Scenario::is_id(&slug("-- x --")) && !Scenario::is_id("../x") && !Scenario::is_id(""));
}

#[test]
fn what_is_saved_can_always_be_read_again() {
    let mut editor = Editor::create(empty());
    let mut long = scenario([hide(&["B1"])]).operations.remove(0);
    long.reason = "\u{7}".repeat(2000);
    let mut count = 0;
    while editor.append(long.clone()).is_some() {
        count += 1;
    }
    assert!((50..MAX_OPERATIONS).contains(&count), "{count}");
    let text = editor.scenario().to_toml();
    assert!(text.len() <= MAX_SCENARIO_BYTES);
    assert_eq!(
        &Scenario::parse(&text, "s.toml").unwrap().0,
        editor.scenario()
    );
    let first = editor.scenario().operations[0].id.clone();
    let longer = |operation: &mut Operation| operation.author = "\u{7}".repeat(2000);
    assert!(!editor.edit(&first, longer), "no room for it");
    assert!(editor.remove(&first) && editor.append(long).is_some());
}

#[test]
fn a_placed_model_is_changed_where_it_was_placed_and_copied_beside_it() {
    let mut editor = Editor::create(empty());
    let kiosk = editor
        .apply(OperationKind::PlaceModel {
            url: "kiosk.glb".into(),
            position: Place {
                lon: 114.17,
                lat: 22.29,
                height: 5.0,
            },
            heading_deg: 0.0,
            scale: 1.0,
        })
        .unwrap();
    let plan = fold(editor.scenario(), NOW, &NoBase);
    let turned = PlacedModel {
        heading_deg: 90.0,
        ..plan.models[&kiosk].clone()
    };
    assert!(editor.set_model(&turned));
    assert_eq!(editor.scenario().operations.len(), 1, "no new operation");
    let plan = fold(editor.scenario(), NOW, &NoBase);
    assert_eq!(plan.models[&kiosk], turned);
    let copy = editor.copy_model(&plan, &kiosk, 30.0, 0.0).unwrap();
    let plan = fold(editor.scenario(), NOW, &NoBase);
    let position = plan.models[&copy].position;
    assert!(((position.lon - 114.17) * 103_000.0 - 30.0).abs() < 0.2);
    assert_eq!(position.height, 5.0);
    assert_eq!(plan.models[&copy].heading_deg, 90.0);
    assert!(editor.copy_model(&plan, "op-404", 1.0, 1.0).is_none());
    editor.delete(&kiosk);
    let plan = fold(editor.scenario(), NOW, &NoBase);
    assert_eq!(plan.models.keys().collect::<Vec<_>>(), [&copy]);
}

#[test]
fn a_model_s_file_that_is_elsewhere_now_is_no_step_of_the_history() {
    let mut editor = Editor::create(empty());
    let place = |url: &str| OperationKind::PlaceModel {
        url: url.into(),
        position: Place {
            lon: 114.17,
            lat: 22.29,
            height: 5.0,
        },
        heading_deg: 0.0,
        scale: 1.0,
    };
    let kiosk = editor.apply(place("file:///kiosk.glb")).unwrap();
    let plan = fold(editor.scenario(), NOW, &NoBase);
    editor.set_model(&PlacedModel {
        scale: 2.0,
        ..plan.models[&kiosk].clone()
    });
    editor.apply(place("https://x.org/tree.glb")).unwrap();
    editor.undo();
    editor.mark_saved();
    let moved = [(
        "file:///kiosk.glb".to_owned(),
        "hub:models/k.glb".to_owned(),
    )];
    editor.readdress_models(&moved.into());
    assert!(editor.is_dirty());
    let first = |editor: &Editor| match &editor.scenario().operations[0].kind {
        OperationKind::PlaceModel { url, scale, .. } => (url.clone(), *scale),
        other => panic!("{other:?}"),
    };
    assert_eq!(first(&editor), ("hub:models/k.glb".to_owned(), 2.0));
    assert!(editor.undo(), "the step is the one that was made by hand");
    assert_eq!(first(&editor), ("hub:models/k.glb".to_owned(), 1.0));
    assert!(
        editor.redo() && editor.redo(),
        "nothing that was undone is lost"
    );
    assert_eq!(first(&editor), ("hub:models/k.glb".to_owned(), 2.0));
    let text = editor.scenario().to_toml();
    assert!(text.contains("https://x.org/tree.glb"), "{text}");
}
