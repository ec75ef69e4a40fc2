//! Selecting many: tools, what they come to, what can be done with them.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

use super::{Rig, desk, harness, sample};
use crate::ui::model::*;
use crate::ui::{Language, ManyCommand, UiCommand};

fn several() -> SeveralModel {
    SeveralModel {
        count: 1234,
        totals: vec![
            TotalModel {
                id: "floor_area_m2".into(),
                name: "Floor area".into(),
                unit: "m²".into(),
                count: 1200,
                sum: Some(1_500_000.0),
                mean: 1250.0,
                range: [40.0, 90_000.0],
                is_year: false,
            },
            TotalModel {
                id: "x_height".into(),
                name: "Height above ground".into(),
                unit: "m".into(),
                count: 1234,
                sum: None,
                mean: 31.5,
                range: [3.0, 240.0],
                is_year: false,
            },
            TotalModel {
                id: "x_built".into(),
                name: "Built".into(),
                unit: String::new(),
                count: 1234,
                sum: None,
                mean: 1971.4,
                range: [1890.0, 2024.0],
                is_year: true,
            },
        ],
        is_counting: false,
        hidden: 12,
        colored: 3,
    }
}

fn selected() -> egui_kittest::Harness<'static, Rig> {
    let mut rig = Rig::new(sample::model());
    rig.model.inspector = sample::building();
    rig.model.selected = vec!["Harbour Tower 12".into(), "Old Market".into()];
    rig.model.several = several();
    let mut h = harness(egui::vec2(1280.0, 900.0), 1.0, rig);
    h.state_mut().take();
    h
}

#[test]
fn a_mean_of_years_is_a_year() {
    let h = selected();
    for text in ["1971", "1,250 m²"] {
        assert!(h.query_by_label(text).is_some(), "{text} is not on screen");
    }
}

#[test]
fn keys_take_the_tools_and_select_everything() {
    let mut h = desk();
    h.state_mut().model.abilities.hide_features = true;
    let tool = |tool| UiCommand::Many(ManyCommand::Tool(tool));
    for (modifiers, key, command) in [
        (Modifiers::NONE, Key::O, tool(ShapeTool::Box)),
        (Modifiers::SHIFT, Key::O, tool(ShapeTool::Lasso)),
        (
            Modifiers::COMMAND,
            Key::A,
            UiCommand::Many(ManyCommand::All),
        ),
        (
            Modifiers::COMMAND,
            Key::E,
            UiCommand::Many(ManyCommand::Export),
        ),
        (
            Modifiers::SHIFT,
            Key::Delete,
            UiCommand::Many(ManyCommand::ShowHidden),
        ),
        (Modifiers::NONE, Key::Delete, UiCommand::HideSelected),
    ] {
        h.state_mut().take();
        h.key_press_modifiers(modifiers, key);
        h.run_steps(2);
        assert_eq!(h.state_mut().take(), [command], "{modifiers:?} {key:?}");
    }
    h.state_mut().model.shape.tool = ShapeTool::Box;
    h.run_steps(3);
    h.state_mut().take();
    h.get_by_label("Lasso").click();
    h.run_steps(2);
    assert_eq!(h.state_mut().take(), [tool(ShapeTool::Lasso)]);
    h.ctx.memory_mut(|memory| memory.stop_text_input());
    h.key_press(Key::Escape);
    h.run_steps(2);
    assert_eq!(h.state_mut().take(), [tool(ShapeTool::None)]);
}

#[test]
fn all_of_it_is_added_up_with_units_and_can_be_hidden_coloured_and_saved() {
    let mut h = selected();
    assert!(h.query_by_label("Selected: 1,234").is_some());
    assert!(h.query_by_label("and 1,232 more").is_some());
    for text in ["1,500,000 m²", "1,250 m²", "31.5 m", "Hidden by hand: 12"] {
        assert!(h.query_by_label(text).is_some(), "{text}");
    }
    for (label, command) in [
        ("Hide", UiCommand::HideSelected),
        ("Save as CSV", UiCommand::Many(ManyCommand::Export)),
        ("Colour 3", UiCommand::Many(ManyCommand::Color(Some(2)))),
        (
            "Own colours again",
            UiCommand::Many(ManyCommand::Color(None)),
        ),
        ("Select nothing", UiCommand::ClearSelection),
        ("Show again", UiCommand::Many(ManyCommand::ShowHidden)),
        ("Own colours", UiCommand::Many(ManyCommand::Uncolor)),
    ] {
        h.state_mut().take();
        h.get_by_label(label).click();
        h.run_steps(2);
        assert_eq!(h.state_mut().take(), [command], "{label}");
    }
}

#[test]
fn the_card_speaks_the_language_and_covers_the_city() {
    let mut model = sample::model();
    model.shape = ShapeModel {
        tool: ShapeTool::Lasso,
        outline: vec![[500.0, 300.0], [700.0, 320.0], [600.0, 500.0]],
        is_busy: true,
    };
    let rig = Rig::new(model).in_language(Language::ZhHant);
    let h = harness(egui::vec2(1280.0, 720.0), 1.0, rig);
    assert!(h.query_by_label("套索").is_some());
    assert!(h.query_by_label("查找中…").is_some());
    let output = h.state().output.clone().unwrap();
    assert!(output.covers(640.0, 75.0), "{:?}", output.covered);
}
