//! No scenario is open: those of the hub, and a new one.

use egui::{Layout, RichText, Ui};

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::format;
use super::super::icons::Icon;
use super::super::search;
use super::super::theme;
use super::super::widgets;
use super::ask;
use super::sure::{self, Sure};

pub(super) fn show(ui: &mut Ui, cx: &mut Cx) {
    let plan = &cx.model.plan;
    sure::only(cx, &[Sure::Tidy], "");
    ui.horizontal(|ui| {
        let title = RichText::new(cx.t.get("plan-scenarios")).font(theme::strong_font(14.0));
        ui.label(title.color(cx.theme.text));
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add_enabled_ui(!plan.busy, |ui| {
                if widgets::text_button(ui, &cx.theme, cx.t.get("plan-refresh"), false).clicked() {
                    ask(cx, PlanCommand::Refresh);
                }
            });
            if plan.busy {
                widgets::quiet(ui, &cx.theme, cx.t.get("plan-busy"));
            }
        });
    });
    ui.add_space(theme::GRID);
    if plan.list.is_empty() && !plan.busy {
        widgets::quiet(ui, &cx.theme, cx.t.get("plan-empty"));
    }
    ui.add_enabled_ui(!plan.busy, |ui| {
        for (id, name) in &plan.list {
            let response = ui
                .push_id(id, |ui| search::row(ui, cx, Icon::Plan, name, "", false))
                .inner;
            response.widget_info(|| {
                let label = cx.t.fmt("plan-open", &[("name", name)]);
                egui::WidgetInfo::labeled(egui::WidgetType::Button, !plan.busy, label)
            });
            if response.clicked() {
                ask(cx, PlanCommand::Open(id.clone()));
            }
        }
    });
    ui.add_space(theme::GRID * 2.0);
    if plan.can_edit {
        new(ui, cx);
        idle_models(ui, cx);
    } else {
        widgets::chip(ui, cx.t.get("plan-read-only"), cx.theme.quiet);
    }
}

/// A new scenario needs a name, and nothing else.
fn new(ui: &mut Ui, cx: &mut Cx) {
    let label = cx.t.get("plan-new-name");
    let field = widgets::text_field(&cx.theme, &mut cx.state.plan.new_name, label)
        .char_limit(200)
        .desired_width(f32::INFINITY);
    let response = ui.add(field);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, label));
    let entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
    let name = cx.state.plan.new_name.trim().to_owned();
    let ready = !name.is_empty() && !cx.model.plan.busy;
    let pressed = ui
        .add_enabled_ui(ready, |ui| {
            widgets::text_button(ui, &cx.theme, cx.t.get("plan-new"), ready).clicked()
        })
        .inner;
    if ready && (entered || pressed) {
        cx.state.plan.new_name.clear();
        ask(cx, PlanCommand::New { name });
    }
}

/// Models that no scenario names any more can be deleted together.
fn idle_models(ui: &mut Ui, cx: &mut Cx) {
    let (count, bytes) = cx.model.plan.idle_models;
    if count == 0 {
        return;
    }
    ui.add_space(theme::GRID * 2.0);
    let size = format::bytes(bytes);
    let text =
        cx.t.fmt("plan-idle-models", &[("n", &count), ("size", &size)]);
    widgets::quiet(ui, &cx.theme, text);
    if sure::asked(cx, Sure::Tidy) {
        sure::ask_again(ui, cx, Sure::Tidy);
        return;
    }
    ui.add_enabled_ui(!cx.model.plan.busy, |ui| {
        let key = "plan-idle-models-delete";
        if widgets::text_button(ui, &cx.theme, cx.t.get(key), false).clicked() {
            sure::first(cx, Sure::Tidy, "");
        }
    });
}
