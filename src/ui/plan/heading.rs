//! The open scenario's name, what it is about, whether it is saved; save, copy, close, open another.

use egui::{RichText, Ui};

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::model::OpenPlan;
use super::super::theme;
use super::super::widgets;
use super::sure::{self, Sure};
use super::{ask, fields, problem};

pub(super) fn show(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    let plan = &cx.model.plan;
    match plan.can_edit {
        true => ui.push_id(&open.id, |ui| names(ui, cx, open)).inner,
        false => {
            let name = RichText::new(&open.name).font(theme::strong_font(17.0));
            ui.add(egui::Label::new(name.color(cx.theme.text)).wrap());
            if !open.description.is_empty() {
                widgets::quiet(ui, &cx.theme, &open.description);
            }
        }
    }
    ui.horizontal(|ui| {
        match (plan.can_edit, open.dirty) {
            (false, _) => widgets::chip(ui, cx.t.get("plan-read-only"), cx.theme.quiet),
            (true, true) => widgets::chip(ui, cx.t.get("plan-unsaved"), cx.theme.warning),
            (true, false) => widgets::chip(ui, cx.t.get("plan-saved"), cx.theme.quiet),
        };
        if plan.busy {
            widgets::quiet(ui, &cx.theme, cx.t.get("plan-busy"));
        }
    });
    for text in &open.problems {
        problem(ui, cx, text);
    }
    buttons(ui, cx, open);
    switch(ui, cx, open);
}

fn names(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    let name = fields::text(ui, cx, "name", cx.t.get("plan-name"), &open.name, 1);
    let label = cx.t.get("plan-description");
    let description = fields::text(ui, cx, "description", label, &open.description, 2);
    // A scenario without a name would be lost in the list.
    let name = name.filter(|name| !name.trim().is_empty());
    if name.is_some() || description.is_some() {
        let rename = PlanCommand::Rename {
            name: name.map_or_else(|| open.name.clone(), |name| name.trim().to_owned()),
            description: description.unwrap_or_else(|| open.description.clone()),
        };
        ask(cx, rename);
    }
}

fn buttons(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    let plan = &cx.model.plan;
    let can_be: &[Sure] = match (open.dirty, open.on_hub) {
        (true, true) => &[Sure::Close, Sure::Delete],
        (true, false) => &[Sure::Close],
        (false, true) => &[Sure::Delete],
        (false, false) => &[],
    };
    sure::only(cx, can_be, &open.id);
    for what in [Sure::Close, Sure::Delete] {
        if sure::asked(cx, what) {
            return sure::ask_again(ui, cx, what);
        }
    }
    ui.horizontal_wrapped(|ui| {
        if plan.can_edit {
            let actions = [
                ("plan-save", open.dirty && !plan.busy, PlanCommand::Save),
                ("plan-duplicate", !plan.busy, PlanCommand::Duplicate),
            ];
            for (key, ready, command) in actions {
                let primary = ready && command == PlanCommand::Save;
                ui.add_enabled_ui(ready, |ui| {
                    if widgets::text_button(ui, &cx.theme, cx.t.get(key), primary).clicked() {
                        ask(cx, command);
                    }
                });
            }
        }
        if widgets::text_button(ui, &cx.theme, cx.t.get("plan-close"), false).clicked() {
            match open.dirty && plan.can_edit {
                true => sure::first(cx, Sure::Close, &open.id),
                false => ask(cx, PlanCommand::Close),
            }
        }
        if plan.can_edit && open.on_hub {
            ui.add_enabled_ui(!plan.busy, |ui| {
                let key = "plan-delete-scenario";
                if widgets::text_button(ui, &cx.theme, cx.t.get(key), false).clicked() {
                    sure::first(cx, Sure::Delete, &open.id);
                }
            });
        }
    });
}

/// Another scenario in one step, while nothing would be lost.
fn switch(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    let plan = &cx.model.plan;
    let others: Vec<(String, String)> = plan
        .list
        .iter()
        .filter(|(id, _)| *id != open.id)
        .cloned()
        .collect();
    if others.is_empty() {
        return;
    }
    let label = cx.t.get("plan-switch");
    let ready = !(plan.busy || open.dirty && plan.can_edit);
    let shown = ui.add_enabled_ui(ready, |ui| {
        fields::choice(ui, "switch", label, label, None, &others)
    });
    if let Some(id) = shown.inner {
        ask(cx, PlanCommand::Open(id));
    }
    if !ready && !plan.busy {
        shown.response.on_hover_text(cx.t.get("plan-switch-first"));
    }
}
