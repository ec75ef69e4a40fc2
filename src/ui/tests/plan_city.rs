//! The plan panel: streets, attributes of what is selected, and inputs of models.

use egui::Key;
use egui_kittest::kittest::Queryable;

use super::plan::{asked, click, planning, write};
use super::plan_sample::opened;
use super::sample;
use crate::ui::PlanCommand;
use crate::ui::model::*;

fn street() -> StreetModel {
    StreetModel {
        id: "R00012".into(),
        name: "Lantern Street".into(),
        speed_kmh: Some(50.0),
        lanes: Some(2.0),
        closed_by: String::new(),
    }
}

/// A plan in whose city streets are known.
fn with_streets(street: Option<StreetModel>) -> PlanModel {
    let mut plan = opened();
    let open = plan.open.as_mut().unwrap();
    open.knows_streets = true;
    open.street = street;
    plan
}

#[test]
fn a_street_is_chosen_by_click_or_found_by_its_name() {
    let mut h = planning(opened());
    assert!(
        h.query_by_label_contains("no list of its streets")
            .is_some()
    );
    h.state_mut().model.plan = with_streets(None);
    h.run_steps(2);
    let pick = PlanCommand::Tool(PlanTool::Street);
    assert_eq!(click(&mut h, "Choose street by click"), [pick]);
    write(&mut h, "Name or number of a street", "lant");
    let find = PlanCommand::FindStreets("lant".into());
    assert_eq!(asked(&mut h).last(), Some(&find));
    assert!(
        h.query_by_label_contains("No street is called so")
            .is_some()
    );
    let open = h.state_mut().model.plan.open.as_mut().unwrap();
    open.found_streets = vec![("R00012".into(), "Lantern Street".into())];
    h.run_steps(2);
    let choose = PlanCommand::ChooseStreet(Some("R00012".into()));
    assert_eq!(click(&mut h, "Lantern Street, R00012"), [choose]);
}

#[test]
fn a_street_is_changed_closed_and_opened_again() {
    let mut h = planning(with_streets(Some(street())));
    write(&mut h, "Speed", "30");
    h.key_press(Key::Enter);
    h.run_steps(2);
    let slower = PlanCommand::ChangeStreet {
        attribute: "speed_kmh",
        value: 30.0,
    };
    assert_eq!(asked(&mut h).first(), Some(&slower));
    write(&mut h, "Lanes", "1");
    h.key_press(Key::Enter);
    h.run_steps(2);
    let narrower = PlanCommand::ChangeStreet {
        attribute: "lanes",
        value: 1.0,
    };
    assert_eq!(asked(&mut h).first(), Some(&narrower));
    assert_eq!(click(&mut h, "Close street"), [PlanCommand::CloseStreet]);
    let closed = StreetModel {
        closed_by: "op-9".into(),
        ..street()
    };
    h.state_mut().model.plan = with_streets(Some(closed));
    h.run_steps(2);
    let open = PlanCommand::RemoveOperation("op-9".into());
    assert_eq!(click(&mut h, "Open again"), [open]);
    assert_eq!(click(&mut h, "Done"), [PlanCommand::ChooseStreet(None)]);
}

/// A building whose properties have kinds.
fn selected() -> InspectorModel {
    let InspectorModel::Building(mut feature) = sample::building() else {
        panic!("the sample is a building");
    };
    for property in &mut feature.properties {
        if property.id == "storeys" {
            property.kind = ValueKind::Number;
        }
    }
    // Near the top, where the list need not be scrolled.
    let listed = Property {
        id: "listed".into(),
        value: "false".into(),
        kind: ValueKind::Flag,
        ..Property::default()
    };
    feature.properties.insert(1, listed);
    feature.properties.push(Property {
        id: "corners".into(),
        kind: ValueKind::List,
        ..Property::default()
    });
    InspectorModel::Building(feature)
}

#[test]
fn an_attribute_of_what_is_selected_keeps_its_kind() {
    let mut h = planning(opened());
    h.state_mut().model.inspector = selected();
    h.run_steps(3);
    h.state_mut().take();
    let choose = |h: &mut egui_kittest::Harness<'_, super::Rig>, name: &str| {
        h.get_all_by_label("Attribute").last().unwrap().click();
        h.run_steps(3);
        assert!(
            h.query_by_label("corners").is_none(),
            "lists are not offered"
        );
        h.get_all_by_label(name).last().unwrap().click();
        h.run_steps(3);
        assert_eq!(asked(h), []);
    };
    choose(&mut h, "Storeys");
    write(&mut h, "New value", "forty");
    assert!(h.query_by_label_contains("This is no number").is_some());
    h.key_press(Key::Enter);
    h.run_steps(2);
    assert_eq!(asked(&mut h), []);
    write(&mut h, "New value", "42");
    h.key_press(Key::Enter);
    h.run_steps(2);
    let set = |attribute: &str, value| PlanCommand::OverrideAttribute {
        attribute: attribute.into(),
        value,
    };
    let storeys = set("storeys", AttributeValue::Number(42.0));
    assert_eq!(asked(&mut h), [storeys]);
    choose(&mut h, "District");
    write(&mut h, "New value", "West Quay");
    h.key_press(Key::Enter);
    h.run_steps(2);
    let district = set("district", AttributeValue::Text("West Quay".into()));
    assert_eq!(asked(&mut h), [district]);
    choose(&mut h, "listed");
    h.get_all_by_label("New value").last().unwrap().click();
    h.run_steps(3);
    let listed = set("listed", AttributeValue::Flag(true));
    assert_eq!(click(&mut h, "yes"), [listed]);
}

#[test]
fn an_input_is_written_whole_or_not_at_all() {
    let mut h = planning(opened());
    assert_eq!(click(&mut h, "Set input"), []);
    write(&mut h, "Value", "high");
    assert!(h.query_by_label_contains("This is no number").is_some());
    assert_eq!(click(&mut h, "Set input"), []);
    write(&mut h, "Value", "0.6");
    assert!(
        h.query_by_label_contains("which model and which input")
            .is_some()
    );
    assert_eq!(click(&mut h, "Set input"), []);
    click(&mut h, "Sea level (m)");
    let set = |input: &str, value, unit: &str| PlanCommand::SetInput {
        model: "flood".into(),
        input: input.into(),
        value,
        unit: unit.into(),
    };
    assert_eq!(click(&mut h, "Set input"), [set("sea_level", 0.6, "m")]);
    click(&mut h, "Rain (mm/h)");
    write(&mut h, "Value", "80");
    h.key_press(Key::Enter);
    h.run_steps(2);
    assert_eq!(asked(&mut h), [set("rain", 80.0, "mm/h")]);
}
