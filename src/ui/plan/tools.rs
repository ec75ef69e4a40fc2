//! The tools, and what to do with the one in hand.

use egui::{Context, Key, Modifiers, Ui};

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::model::{Hand, InspectorModel, PlanTool};
use super::super::widgets;
use super::{ask, placed, section};

/// Enter completes what the tool in hand has drawn; true when there is one.
pub(crate) fn finish(ctx: &Context, cx: &mut Cx) -> bool {
    let on = cx.model.plan.tool != PlanTool::None;
    let pressed = on && ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
    if pressed {
        ask(cx, PlanCommand::FinishTool);
    }
    pressed
}

/// Puts the tool in hand away, or lets go of what is dragged; true when there was one.
pub(crate) fn cancel(cx: &mut Cx) -> bool {
    let plan = &cx.model.plan;
    let on = plan.tool != PlanTool::None || plan.hand == Hand::Holds;
    if on {
        ask(cx, PlanCommand::CancelTool);
    }
    on
}

/// A button that takes a tool, or puts it away.
pub(super) fn button(ui: &mut Ui, cx: &mut Cx, tool: PlanTool, key: &str) {
    let on = cx.model.plan.tool == tool;
    if widgets::toggle(ui, &cx.theme, cx.t.get(key), on).clicked() {
        let command = if on {
            PlanCommand::CancelTool
        } else {
            PlanCommand::Tool(tool)
        };
        ask(cx, command);
    }
}

pub(super) fn show(ui: &mut Ui, cx: &mut Cx) {
    if !section(ui, cx, "plan-tools", "") {
        return;
    }
    let can_edit = cx.model.plan.can_edit;
    let selected = match &cx.model.inspector {
        InspectorModel::Building(feature) | InspectorModel::Feature(feature) => {
            Some(feature.title.as_str())
        }
        _ => None,
    };
    ui.horizontal_wrapped(|ui| {
        if can_edit {
            button(ui, cx, PlanTool::Footprint, "plan-tool-footprint");
            button(ui, cx, PlanTool::Model, "plan-tool-model");
            button(ui, cx, PlanTool::HideArea, "plan-tool-hide-area");
            let text = egui::RichText::new(cx.t.get("plan-tool-hide-selected"));
            let button = egui::Button::new(text.color(cx.theme.text));
            let response = ui.add_enabled(selected.is_some(), button);
            let hover = match selected {
                Some(title) => cx.t.fmt("plan-selected", &[("name", &title)]),
                None => cx.t.get("plan-select-first").to_owned(),
            };
            let response = response.on_hover_text(&hover).on_disabled_hover_text(hover);
            if response.clicked() {
                ask(cx, PlanCommand::HideSelected);
            }
        }
        button(ui, cx, PlanTool::Sun, "plan-tool-sun");
    });
    let drawn = [
        PlanTool::Footprint,
        PlanTool::Model,
        PlanTool::HideArea,
        PlanTool::Sun,
    ];
    help(ui, cx, &drawn);
}

/// What to do now with the tool in hand, and how far one is: where the buttons of these tools are.
pub(super) fn help(ui: &mut Ui, cx: &mut Cx, here: &[PlanTool]) {
    let plan = &cx.model.plan;
    if !here.contains(&plan.tool) {
        return;
    }
    let (key, corners) = match plan.tool {
        PlanTool::None => return,
        PlanTool::Footprint => ("plan-help-footprint", true),
        PlanTool::HideArea => ("plan-help-hide-area", true),
        PlanTool::Place if plan.open.as_ref().is_some_and(|open| open.placed.is_some()) => {
            ("plan-help-place-model", false)
        }
        PlanTool::Place => ("plan-help-place", false),
        PlanTool::Model => ("", false),
        PlanTool::Street => ("plan-help-street", false),
        PlanTool::Sun => ("plan-help-sun", false),
    };
    match key {
        "" => placed::name(ui, cx),
        key => {
            widgets::quiet(ui, &cx.theme, cx.t.get(key));
        }
    }
    ui.horizontal_wrapped(|ui| {
        if corners {
            let text = cx.t.fmt("plan-corners", &[("n", &plan.tool_points)]);
            ui.label(egui::RichText::new(text).color(cx.theme.text));
            // An area has three corners at least.
            ui.add_enabled_ui(plan.tool_points >= 3, |ui| {
                if widgets::text_button(ui, &cx.theme, cx.t.get("plan-finish"), false).clicked() {
                    ask(cx, PlanCommand::FinishTool);
                }
            });
        }
        if widgets::text_button(ui, &cx.theme, cx.t.get("plan-cancel"), false).clicked() {
            ask(cx, PlanCommand::CancelTool);
        }
    });
}
