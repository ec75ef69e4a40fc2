//! The plan panel: placing models, the form of the one that is chosen, and what is dragged in the city.

use egui::Key;
use egui_kittest::kittest::Queryable;

use super::plan::{asked, click, planning, write};
use super::plan_sample::opened;
use crate::ui::PlanCommand;
use crate::ui::model::*;

fn model() -> PlacedModel {
    PlacedModel {
        feature: "op-4".into(),
        url: "models/kiosk.glb".into(),
        heading_deg: 30.0,
        scale: 1.0,
        height_m: 5.25,
    }
}

#[test]
fn a_model_is_named_and_then_placed_by_a_click() {
    let mut h = planning(opened());
    let tool = PlanCommand::Tool(PlanTool::Model);
    assert_eq!(click(&mut h, "Place model"), [tool]);
    h.state_mut().model.plan.tool = PlanTool::Model;
    h.run_steps(2);
    assert!(h.query_by_label_contains("Name a glTF file").is_some());
    write(&mut h, "File or address", "models/kiosk.glb");
    // At every key: a click in the city may come next.
    let named = PlanCommand::NameModel("models/kiosk.glb".into());
    assert_eq!(asked(&mut h).last(), Some(&named));
    assert!(h.query_by_label_contains("Click the ground").is_some());
    h.state_mut().model.plan.model_url = "models/kiosk.glb".into();
    h.run_steps(2);
    assert_eq!(asked(&mut h), [], "once");
}

#[test]
fn what_is_no_gltf_is_told_and_not_placed() {
    let mut plan = opened();
    plan.tool = PlanTool::Model;
    let mut h = planning(plan);
    write(&mut h, "File or address", "models/kiosk.obj");
    assert!(h.query_by_label_contains("This is no glTF").is_some());
    assert_eq!(asked(&mut h), []);
    h.key_press(Key::Enter);
    h.run_steps(2);
    assert!(
        h.query_by_label_contains("This is no glTF").is_some(),
        "it stays to be corrected"
    );
    assert_eq!(asked(&mut h), []);
    // A file that is dropped meanwhile is what counts.
    h.state_mut().model.plan.model_url = "file:///tmp/a.glb".into();
    h.run_steps(2);
    assert!(h.query_by_label_contains("This is no glTF").is_none());
}

#[test]
fn the_form_of_the_model_changes_it() {
    let mut plan = opened();
    plan.open.as_mut().unwrap().placed = Some(model());
    let mut h = planning(plan);
    for (label, text, wanted) in [
        (
            "Heading",
            "90",
            PlacedModel {
                heading_deg: 90.0,
                ..model()
            },
        ),
        (
            "Scale",
            "2.5",
            PlacedModel {
                scale: 2.5,
                ..model()
            },
        ),
        (
            "Height of its foot",
            "7.5",
            PlacedModel {
                height_m: 7.5,
                ..model()
            },
        ),
        (
            "File or address",
            "models/pier.gltf",
            PlacedModel {
                url: "models/pier.gltf".into(),
                ..model()
            },
        ),
    ] {
        write(&mut h, label, text);
        h.key_press(Key::Enter);
        h.run_steps(2);
        let commands = asked(&mut h);
        assert_eq!(
            commands.first(),
            Some(&PlanCommand::SetModel(wanted)),
            "{label}"
        );
    }
    let place = PlanCommand::Tool(PlanTool::Place);
    assert_eq!(click(&mut h, "Place by click"), [place]);
    assert_eq!(click(&mut h, "Copy"), [PlanCommand::CopyChosen]);
    assert_eq!(click(&mut h, "Delete"), [PlanCommand::DeleteChosen]);
}

#[test]
fn a_wrong_file_is_told_in_the_form_and_changes_nothing() {
    let mut plan = opened();
    plan.open.as_mut().unwrap().placed = Some(model());
    let mut h = planning(plan);
    write(&mut h, "File or address", "");
    h.key_press(Key::Delete);
    h.run_steps(2);
    assert!(h.query_by_label_contains("no file or address").is_some());
    h.key_press(Key::Enter);
    h.run_steps(2);
    assert_eq!(asked(&mut h), []);
}

#[test]
fn a_model_is_chosen_by_its_operation() {
    let mut plan = opened();
    plan.open.as_mut().unwrap().operations[0].kind = "place-model".into();
    let mut h = planning(plan);
    let choose = PlanCommand::Choose("op-1".into());
    assert_eq!(click(&mut h, "1. Place model · Pier House"), [choose]);
}

#[test]
fn escape_lets_go_of_what_is_dragged_and_it_is_said_how_far_it_came() {
    let mut plan = opened();
    plan.hand = Hand::Holds;
    plan.dragged = Some(DragModel {
        east_m: -12.5,
        north_m: 3.0,
        clockwise_deg: 0.0,
    });
    let mut h = planning(plan);
    assert!(h.query_by_label("12.50 m W · 3.00 m N").is_some());
    h.key_press(Key::Escape);
    h.run_steps(2);
    assert_eq!(asked(&mut h), [PlanCommand::CancelTool]);
}
