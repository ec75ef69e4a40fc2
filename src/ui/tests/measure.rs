//! The measuring tools: one key, one card, results with units.

use egui::Key;
use egui_kittest::kittest::Queryable;

use super::{Rig, desk, harness, sample};
use crate::ui::model::*;
use crate::ui::{Language, UiCommand};

fn measuring(tool: MeasureTool) -> MeasureModel {
    MeasureModel {
        tool,
        points: 2,
        is_done: true,
        results: vec![Measured::Distance(1234.567), Measured::OnMap(1200.0)],
        labels: vec![MapLabel {
            at_px: [640.0, 300.0],
            length_m: 1234.567,
        }],
    }
}

#[test]
fn a_key_takes_the_tool_and_escape_puts_it_away() {
    let mut h = desk();
    assert!(h.query_by_label("Line of sight").is_none());
    h.key_press(Key::M);
    h.run_steps(2);
    assert_eq!(
        h.state_mut().take(),
        [UiCommand::Measure(MeasureTool::Distance)]
    );
    h.state_mut().model.measure = measuring(MeasureTool::Distance);
    h.run_steps(3);
    h.get_by_label("Line of sight").click();
    h.run_steps(2);
    assert_eq!(
        h.state_mut().take(),
        [UiCommand::Measure(MeasureTool::Sight)]
    );
    for (key, command) in [
        (Key::Backspace, UiCommand::MeasureBack),
        (Key::Enter, UiCommand::MeasureFinish),
        (Key::Escape, UiCommand::Measure(MeasureTool::None)),
    ] {
        h.ctx.memory_mut(|memory| memory.stop_text_input());
        if let Some(id) = h.ctx.memory(|memory| memory.focused()) {
            h.ctx.memory_mut(|memory| memory.surrender_focus(id));
        }
        h.key_press(key);
        h.run_steps(2);
        assert_eq!(h.state_mut().take(), [command]);
    }
}

#[test]
fn results_are_read_and_copied_with_their_units() {
    let mut h = desk();
    h.state_mut().model.measure = measuring(MeasureTool::Distance);
    h.run_steps(3);
    assert!(h.query_by_label("1,234.57 m").is_some());
    assert!(h.query_by_label("1,200.00 m").is_some());
    h.get_by_label("Copy").click();
    h.run_steps(2);
    let copied = UiCommand::CopyText("Straight\t1,234.57 m\nOn the map\t1,200.00 m".into());
    assert_eq!(h.state_mut().take(), [copied]);
    // The city under the card is not measured by a click on it.
    let output = h.state().output.clone().unwrap();
    assert!(output.covers(640.0, 90.0), "{:?}", output.covered);
}

#[test]
fn the_card_speaks_the_language() {
    let mut model = sample::model();
    model.measure = measuring(MeasureTool::Sight);
    let rig = Rig::new(model).in_language(Language::ZhHant);
    let h = harness(egui::Vec2::new(1280.0, 720.0), 1.0, rig);
    assert!(h.query_by_label("視線").is_some());
}
