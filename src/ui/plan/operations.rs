//! The operations of a scenario in their order: what, to what, by whom, why, for when.

use egui::{Layout, RichText, Sense, Ui};

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::format;
use super::super::icons::Icon;
use super::super::model::{Horizon, OpenPlan, OperationModel};
use super::super::theme;
use super::super::widgets;
use super::{ask, fields, problem, section, window};

/// Kinds that put something somewhere, which can then be chosen, with what is said about that.
const CHOSEN: [(&str, &str); 3] = [
    ("add-building", "plan-choose-building"),
    ("replace-building", "plan-choose-building"),
    ("place-model", "plan-choose-model"),
];

pub(super) fn show(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    let badge = open.operations.len().to_string();
    if !section(ui, cx, "plan-operations", &badge) {
        return;
    }
    let can_edit = cx.model.plan.can_edit;
    if can_edit {
        undo(ui, cx, open);
        author(ui, cx);
    }
    if open.operations.is_empty() {
        let key = if can_edit {
            "plan-no-operations"
        } else {
            "plan-no-operations-page"
        };
        widgets::quiet(ui, &cx.theme, cx.t.get(key));
    }
    for (index, operation) in open.operations.iter().enumerate() {
        ui.push_id(fields::id_of("operation", &operation.id), |ui| {
            one(ui, cx, index + 1, operation);
        });
    }
}

fn undo(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    ui.horizontal(|ui| {
        for (key, ready, command) in [
            ("action-undo", open.can_undo, PlanCommand::Undo),
            ("action-redo", open.can_redo, PlanCommand::Redo),
        ] {
            ui.add_enabled_ui(ready, |ui| {
                if widgets::text_button(ui, &cx.theme, cx.t.get(key), false).clicked() {
                    ask(cx, command);
                }
            });
        }
    });
}

fn author(ui: &mut Ui, cx: &mut Cx) {
    let label = cx.t.get("plan-author");
    let author = cx.state.settings.author.clone();
    let theme = cx.theme;
    let changed = fields::row(ui, &theme, label, |ui| {
        fields::text(ui, cx, "author", label, &author, 1)
    });
    if let Some(author) = changed {
        author.trim().clone_into(&mut cx.state.settings.author);
        super::tell_author(cx);
    }
}

/// What an operation does, in words, and to what.
fn title(cx: &Cx, operation: &OperationModel) -> String {
    let kind = cx.t.named("plan-op", &operation.kind, &operation.kind);
    match operation.subject.as_str() {
        "" => kind.to_owned(),
        subject => format!("{kind} · {}", format::building_label(cx.t, subject)),
    }
}

fn one(ui: &mut Ui, cx: &mut Cx, number: usize, operation: &OperationModel) {
    let can_edit = cx.model.plan.can_edit;
    let title = title(cx, operation);
    let theme = cx.theme;
    ui.horizontal_top(|ui| {
        let width = (ui.available_width() - if can_edit { 36.0 } else { 0.0 }).max(80.0);
        ui.allocate_ui(egui::vec2(width, 22.0), |ui| {
            ui.set_width(width);
            let text = RichText::new(format!("{number}. {title}"));
            let text = text.font(theme::strong_font(14.0)).color(theme.text);
            let label = egui::Label::new(text).wrap();
            // What an operation put there is chosen by it.
            let chosen = CHOSEN.iter().find(|(kind, _)| *kind == operation.kind);
            if let Some((_, hover)) = chosen.filter(|_| can_edit) {
                let hover = cx.t.get(hover);
                let response = ui.add(label.sense(Sense::click())).on_hover_text(hover);
                if response.clicked() {
                    ask(cx, PlanCommand::Choose(operation.id.clone()));
                }
            } else {
                ui.add(label);
            }
        });
        if can_edit {
            ui.with_layout(Layout::right_to_left(egui::Align::Min), |ui| {
                let label = cx.t.fmt("plan-remove", &[("name", &title)]);
                if widgets::icon_button_sized(ui, &theme, Icon::Close, &label, false, 24.0)
                    .clicked()
                {
                    ask(cx, PlanCommand::RemoveOperation(operation.id.clone()));
                }
            });
        }
    });
    if !operation.problem.is_empty() {
        problem(ui, cx, &operation.problem);
    }
    if can_edit {
        edit(ui, cx, operation, &title);
    } else {
        let window = window::words(operation);
        let words = [
            operation.author.as_str(),
            cx.t.get(operation.horizon.key()),
            window.as_str(),
            operation.reason.as_str(),
        ];
        let words: Vec<&str> = words.into_iter().filter(|w| !w.is_empty()).collect();
        widgets::quiet(ui, &theme, words.join(" · "));
    }
    ui.add_space(theme::GRID);
}

fn edit(ui: &mut Ui, cx: &mut Cx, operation: &OperationModel, title: &str) {
    let (t, theme) = (cx.t, cx.theme);
    let author = match operation.author.as_str() {
        "" => t.get("plan-no-author"),
        author => author,
    };
    let label = t.fmt("plan-horizon", &[("name", &title)]);
    let options = Horizon::ALL.map(|horizon| (horizon, t.get(horizon.key()).to_owned()));
    let shown = t.get(operation.horizon.key());
    let horizon = fields::row(ui, &theme, author, |ui| {
        fields::choice(
            ui,
            "horizon",
            &label,
            shown,
            Some(&operation.horizon),
            &options,
        )
    });
    if let Some(horizon) = horizon {
        let operation = operation.id.clone();
        ask(cx, PlanCommand::SetHorizon { operation, horizon });
    }
    window::show(ui, cx, operation, title);
    let label = t.get("plan-reason");
    if let Some(reason) = fields::text(ui, cx, "reason", label, &operation.reason, 1) {
        let operation = operation.id.clone();
        ask(cx, PlanCommand::SetReason { operation, reason });
    }
}
