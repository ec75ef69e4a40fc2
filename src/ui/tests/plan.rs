//! The plan panel: making, opening and changing scenarios.

use egui::{Key, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use super::plan_sample::{building, listed, opened};
use super::{Rig, harness, sample};
use crate::ui::model::*;
use crate::ui::{PlanCommand, Tab, UiCommand};

/// The panels with the plan panel open, in a window high enough to show all of it.
pub(super) fn planning(plan: PlanModel) -> Harness<'static, Rig> {
    let mut model = sample::model();
    model.inspector = InspectorModel::None;
    model.plan = plan;
    let mut rig = Rig::new(model);
    rig.state.settings.right = Some(Tab::Plan);
    rig.state.settings.folded.clear();
    let mut h = harness(vec2(1280.0, 1600.0), 1.0, rig);
    h.state_mut().take();
    h
}

/// What has been asked of scenarios since the last call.
pub(super) fn asked(h: &mut Harness<'_, Rig>) -> Vec<PlanCommand> {
    let commands = h.state_mut().take();
    commands
        .into_iter()
        .filter_map(|command| match command {
            UiCommand::Plan(command) => Some(command),
            _ => None,
        })
        .collect()
}

pub(super) fn click(h: &mut Harness<'_, Rig>, label: &str) -> Vec<PlanCommand> {
    h.get_by_label(label).click();
    h.run_steps(3);
    asked(h)
}

pub(super) fn write(h: &mut Harness<'_, Rig>, label: &str, text: &str) {
    // A field has the name of the label before it.
    h.get_all_by_label(label).last().unwrap().click();
    h.run_steps(2);
    h.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    h.run_steps(1);
    h.event(egui::Event::Text(text.into()));
    h.run_steps(2);
}

fn edit(plan: &mut PlanModel, change: impl FnOnce(&mut OpenPlan)) {
    change(plan.open.as_mut().unwrap());
}

#[test]
fn without_scenarios_it_is_said_what_they_are_for_and_one_is_made() {
    let mut h = planning(PlanModel {
        can_edit: true,
        ..PlanModel::default()
    });
    assert!(h.query_by_label_contains("No scenarios yet.").is_some());
    assert_eq!(click(&mut h, "New scenario"), [], "it needs a name");
    write(&mut h, "Name of a new scenario", " Pier quarter ");
    let new = PlanCommand::New {
        name: "Pier quarter".into(),
    };
    assert_eq!(click(&mut h, "New scenario"), std::slice::from_ref(&new));
    write(&mut h, "Name of a new scenario", "Pier quarter");
    h.key_press(Key::Enter);
    h.run_steps(2);
    assert_eq!(asked(&mut h), [new], "Enter does too");
}

#[test]
fn the_hubs_scenarios_are_listed_and_opened() {
    let mut h = planning(listed());
    let open = PlanCommand::Open("low".into());
    assert_eq!(click(&mut h, "Open Pier quarter, low"), [open]);
    assert_eq!(click(&mut h, "Refresh"), [PlanCommand::Refresh]);
    h.state_mut().model.plan.busy = true;
    h.run_steps(2);
    assert_eq!(click(&mut h, "Open Pier quarter"), [], "one at a time");
}

#[test]
fn what_is_not_changed_is_not_saved_and_what_is_not_saved_is_not_closed_at_once() {
    let mut h = planning(opened());
    assert!(h.query_by_label("saved").is_some());
    assert_eq!(click(&mut h, "Save"), []);
    assert_eq!(click(&mut h, "Duplicate"), [PlanCommand::Duplicate]);
    edit(&mut h.state_mut().model.plan, |open| open.dirty = true);
    h.run_steps(2);
    assert!(h.query_by_label("unsaved changes").is_some());
    assert_eq!(click(&mut h, "Save"), [PlanCommand::Save]);
    let close = |h: &mut Harness<'_, Rig>| {
        h.get_all_by_label("Close").last().unwrap().click();
        h.run_steps(3);
        asked(h)
    };
    assert_eq!(close(&mut h), []);
    assert_eq!(click(&mut h, "Keep editing"), []);
    assert_eq!(close(&mut h), []);
    assert_eq!(click(&mut h, "Close without saving"), [PlanCommand::Close]);
    edit(&mut h.state_mut().model.plan, |open| open.dirty = false);
    h.run_steps(2);
    assert_eq!(close(&mut h), [PlanCommand::Close]);
}

#[test]
fn a_field_is_one_change_when_it_is_left_and_none_after_escape() {
    let mut h = planning(opened());
    write(&mut h, "Name of the scenario", "Pier quarter, high");
    assert_eq!(asked(&mut h), [], "not at every key");
    h.key_press(Key::Escape);
    h.run_steps(3);
    assert_eq!(asked(&mut h), []);
    write(&mut h, "Name of the scenario", "Pier quarter, high");
    h.key_press(Key::Enter);
    h.run_steps(3);
    let rename = PlanCommand::Rename {
        name: "Pier quarter, high".into(),
        description: "Homes instead of the depot".into(),
    };
    assert_eq!(asked(&mut h), [rename]);
}

#[test]
fn a_tool_says_what_to_do_and_enter_and_escape_end_it() {
    let mut h = planning(opened());
    let draw = PlanCommand::Tool(PlanTool::Footprint);
    assert_eq!(click(&mut h, "Draw building"), [draw]);
    h.key_press(Key::Enter);
    h.key_press(Key::Escape);
    h.run_steps(2);
    assert_eq!(asked(&mut h), [], "no tool is on");
    h.state_mut().model.plan.tool = PlanTool::Footprint;
    h.state_mut().model.plan.tool_points = 4;
    h.run_steps(2);
    assert!(h.query_by_label_contains("Click the corners").is_some());
    assert!(h.query_by_label("Corners: 4").is_some());
    h.key_press(Key::Enter);
    h.run_steps(2);
    assert_eq!(asked(&mut h), [PlanCommand::FinishTool]);
    h.key_press(Key::Escape);
    h.run_steps(2);
    assert_eq!(asked(&mut h), [PlanCommand::CancelTool]);
    let cancel = click(&mut h, "Draw building");
    assert_eq!(cancel, [PlanCommand::CancelTool], "its button puts it away");

    write(&mut h, "Name of the scenario", "x");
    h.key_press(Key::Escape);
    h.run_steps(2);
    assert_eq!(asked(&mut h), [], "Esc leaves the field first");
    assert!(h.query_by_label("Corners: 4").is_some());
}

#[test]
fn the_selected_feature_is_hidden_and_the_panel_stays() {
    let mut h = planning(opened());
    assert_eq!(click(&mut h, "Hide selected"), [], "nothing is selected");
    h.state_mut().model.inspector = sample::building();
    h.run_steps(2);
    assert_eq!(h.state().state.settings.right, Some(Tab::Plan));
    assert_eq!(click(&mut h, "Hide selected"), [PlanCommand::HideSelected]);
}

#[test]
fn the_form_of_the_building_changes_it() {
    let mut plan = opened();
    edit(&mut plan, |open| open.building = Some(building()));
    let mut h = planning(plan);
    assert!(h.query_by_label("1,240 m²").is_some());
    write(&mut h, "Height", "60.5");
    h.key_press(Key::Enter);
    h.run_steps(1);
    let taller = BuildingModel {
        height_m: 60.5,
        // As high as before: 48 m have 14.
        storeys: 18,
        ..building()
    };
    let commands = asked(&mut h);
    assert_eq!(commands.first(), Some(&PlanCommand::SetBuilding(taller)));
    h.run_steps(3);
    asked(&mut h);

    h.get_all_by_label("Use").last().unwrap().click();
    h.run_steps(3);
    let office = BuildingModel {
        usage: "Office".into(),
        ..building()
    };
    let commands = click(&mut h, "office");
    assert_eq!(commands, [PlanCommand::SetBuilding(office)]);

    let moved = |east_m, north_m| PlanCommand::MoveChosen { east_m, north_m };
    assert_eq!(click(&mut h, "Move 1 m north"), [moved(0.0, 1.0)]);
    click(&mut h, "10 m");
    assert_eq!(click(&mut h, "Move 10 m west"), [moved(-10.0, 0.0)]);
    let clockwise_deg = 5.0;
    let turn = PlanCommand::TurnChosen { clockwise_deg };
    assert_eq!(click(&mut h, "Turn 5° to the right"), [turn]);
    let place = PlanCommand::Tool(PlanTool::Place);
    assert_eq!(click(&mut h, "Place by click"), [place]);
    assert_eq!(click(&mut h, "Copy"), [PlanCommand::CopyChosen]);
    assert_eq!(click(&mut h, "Delete"), [PlanCommand::DeleteChosen]);
}

#[test]
fn operations_are_listed_with_reasons_and_taken_out() {
    let mut h = planning(opened());
    assert!(h.query_by_label("There is no feature b-404.").is_some());
    assert!(h.query_by_label("2. Hide · Old depot, Shed 4").is_some());
    let choose = click(&mut h, "1. Add building · Pier House");
    assert_eq!(choose, [PlanCommand::Choose("op-1".into())]);
    let remove = click(&mut h, "Remove: Hide · Old depot, Shed 4");
    assert_eq!(remove, [PlanCommand::RemoveOperation("op-2".into())]);
    assert_eq!(click(&mut h, "Undo"), [PlanCommand::Undo]);
    assert_eq!(click(&mut h, "Redo"), [], "nothing was undone");
    click(&mut h, "When: Add building · Pier House");
    let horizon = PlanCommand::SetHorizon {
        operation: "op-1".into(),
        horizon: Horizon::Medium,
    };
    assert_eq!(click(&mut h, "medium term"), [horizon]);
    h.get_all_by_label("Why?").next().unwrap().click();
    h.run_steps(2);
    h.event(egui::Event::Text("!".into()));
    h.run_steps(1);
    h.key_press(Key::Enter);
    h.run_steps(2);
    let commands = asked(&mut h);
    assert!(
        matches!(&commands[..], [PlanCommand::SetReason { operation, reason }]
            if operation == "op-1" && reason.contains('!') && reason.contains("More homes")),
        "{commands:?}"
    );
}

#[test]
fn the_author_is_kept_and_the_app_told_at_the_start() {
    let mut h = planning(opened());
    write(&mut h, "Your name", "Grace");
    h.key_press(Key::Enter);
    h.run_steps(2);
    assert_eq!(h.state().state.settings.author, "Grace");
    assert_eq!(asked(&mut h), [PlanCommand::SetAuthor("Grace".into())]);
    let mut rig = Rig::new(sample::model());
    rig.model.inspector = InspectorModel::None;
    rig.model.plan = opened();
    rig.state.settings.right = Some(Tab::Plan);
    rig.state.settings.author = "Grace".into();
    let mut h = harness(vec2(1280.0, 1600.0), 1.0, rig);
    assert_eq!(asked(&mut h), [PlanCommand::SetAuthor("Grace".into())]);
}

#[test]
fn on_the_page_nothing_can_be_changed() {
    let mut plan = opened();
    plan.can_edit = false;
    edit(&mut plan, |open| open.building = Some(building()));
    let mut h = planning(plan);
    assert!(h.query_by_label("read-only here").is_some());
    for text in [
        "Save",
        "Duplicate",
        "Draw building",
        "Hide selected",
        "Undo",
        "Height",
        "Your name",
        "Name of the scenario",
        "Remove: Hide · Old depot, Shed 4",
    ] {
        assert!(h.query_by_label(text).is_none(), "{text} is for editing");
    }
    let swipe = PlanCommand::Compare(Compare::Swipe);
    assert_eq!(click(&mut h, "Swipe"), [swipe]);
    assert_eq!(
        click(&mut h, "Added · Pier House, 48 m, 14 storeys"),
        [PlanCommand::FlyToDifference(0)]
    );
}

#[test]
fn deleting_is_asked_again_and_only_what_the_hub_has_is_deleted() {
    let mut h = planning(opened());
    assert_eq!(click(&mut h, "Delete…"), []);
    assert!(h.query_by_label_contains("This cannot be undone").is_some());
    assert!(h.query_by_label("Delete…").is_none());
    assert_eq!(click(&mut h, "Keep it"), []);
    assert_eq!(click(&mut h, "Delete…"), []);
    // Another scenario is not the one that was to be deleted.
    edit(&mut h.state_mut().model.plan, |open| open.id = "low".into());
    h.run_steps(2);
    assert!(h.query_by_label("Delete for everyone").is_none());
    assert_eq!(click(&mut h, "Delete…"), []);
    let deleted = click(&mut h, "Delete for everyone");
    assert_eq!(deleted, [PlanCommand::Delete]);
    edit(&mut h.state_mut().model.plan, |open| open.on_hub = false);
    h.run_steps(2);
    assert!(h.query_by_label("Delete…").is_none());
    // The page is for looking.
    let mut read_only = opened();
    read_only.can_edit = false;
    assert!(planning(read_only).query_by_label("Delete…").is_none());
}

#[test]
fn models_that_no_scenario_names_are_counted_and_deleted_after_asking_again() {
    let mut h = planning(listed());
    assert!(h.query_by_label("Delete these models…").is_none());
    h.state_mut().model.plan.idle_models = (3, 5 << 20);
    h.run_steps(2);
    assert!(h.query_by_label_contains(": 3 (5 MiB)").is_some());
    assert_eq!(click(&mut h, "Delete these models…"), []);
    assert_eq!(click(&mut h, "Keep it"), []);
    assert_eq!(click(&mut h, "Delete these models…"), []);
    assert_eq!(click(&mut h, "Delete models"), [PlanCommand::DeleteModels]);
}
